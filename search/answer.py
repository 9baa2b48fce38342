"""What an engine answers: plain frozen values; only `web` makes HTML or URLs of them.

Those of which an answer has dozens are named tuples, which are made in half the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from corpus.core.fields import VALUES
from corpus.core.stated_date import StatedDate

if TYPE_CHECKING:
    from search.query.parse import Parsed


class Piece(NamedTuple):
    """A run of text, and whether it matched the query."""

    text: str
    match: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score broken down: `value` is the sum of its `parts`, where it has any."""

    label: str
    value: float
    parts: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found.

    From `tags` to `language` it has the fields of `corpus.core.fields.VALUES`.
    `title_pieces` joins to `title`; `snippet` is the best passage, or, where title and text have
    none of the words, the value of the field `found_in` that has ("tags", "authors", ...).
    `cluster` is the id shared by versions of one wire story ("" when it stands alone) and
    `versions` how many of them the whole archive result holds, this one included. `partial` is
    True for those that ``match=auto`` appended with only most of the words.
    """

    id: str
    title: str
    url: str = ""
    published: StatedDate | None = None
    tags: tuple[str, ...] = ()
    topic: str = ""
    section: str = ""
    kind: str = ""
    source: str = ""
    authors: tuple[str, ...] = ()
    place: str = ""
    page: str = ""
    places: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    language: str = ""
    score: float = 0.0
    title_pieces: tuple[Piece, ...] = ()
    snippet: tuple[Piece, ...] = ()
    found_in: str = ""
    cluster: str = ""
    versions: int = 1
    partial: bool = False
    explanation: Explanation | None = None

    def values(self) -> dict[str, str | tuple[str, ...]]:
        """Return the fields of `corpus.core.fields.VALUES`, by name."""
        return {name: getattr(self, name) for name in VALUES}


class FacetValue(NamedTuple):
    """A value as the publisher spells it, its exact count, and whether the request chose it."""

    value: str
    count: int  # type: ignore[assignment]  # in place of what tuples call so
    selected: bool = False
    excluded: bool = False


class Facet(NamedTuple):
    """The values of one facet, selected first, then by count, then by value.

    `distinct` is the number of values with a count above zero, of which `values` may be a part.
    Counts ignore the facet's own selection.
    """

    name: str
    values: tuple[FacetValue, ...]
    distinct: int


class Bar(NamedTuple):
    """A bar of the timeline: its first instant, the next bar's first instant, and its count."""

    start: datetime
    end: datetime
    count: int  # type: ignore[assignment]


class Timeline(NamedTuple):
    """A histogram without gaps; `interval` is hour, day, week, month, quarter, year, decade.

    `undated` are in no bar: without a date, or with one that is known less well than a bar needs.
    """

    interval: str
    bars: tuple[Bar, ...]
    undated: int = 0


class Sparkline(NamedTuple):
    """How often a value occurs over its own time: `counts` of equal parts from `first` to `last`.

    Both are instants of articles: when the value's first and its last one were published.
    """

    first: datetime
    last: datetime
    counts: tuple[int, ...]


class Tally(NamedTuple):
    """How many articles a request finds, and when they appeared: nothing is ranked or shown.

    `total` is that of an `Answer`: articles with all words, or any with ``match="any"``. `first`
    and `last` are the earliest and the latest date. `periods` are the days, weeks, months or years
    that have articles, in order, each by its first day ("2017-01-30") and its count; `undated` are
    in none: they have no date, or it is known less well than a period needs.
    """

    total: int
    first: StatedDate | None = None
    last: StatedDate | None = None
    periods: tuple[tuple[str, int], ...] = ()
    undated: int = 0
    notes: tuple[Note, ...] = ()


class Note(NamedTuple):
    """Something the reader should know about how the query was read or answered.

    `code` is stable and translatable ("unbalanced-quote", "too-many-terms", ...), `message` is
    English, `text` the piece of the query that it is about, `start` and `end` its place there
    (code points; -1 when it has none).
    """

    code: str
    message: str
    text: str = ""
    start: int = -1
    end: int = -1


class Chip(NamedTuple):
    """A top-level part of the query as it was read: shown as a chip that can be removed.

    `label` is its canonical text; `without` the whole query text without it.
    """

    label: str
    without: str


class Completion(NamedTuple):
    """A completion: `text` for the box; `kind` is "title", "tags", "topic", "authors" or "word"."""

    text: str
    kind: str
    count: int = 0  # type: ignore[assignment]
    id: str = ""


class Answer(NamedTuple):
    """The answer to a Request.

    `total` counts matching articles exactly, all versions of a story included; `stories` counts
    clusters once (equal to `total` where the request does not collapse them). With ``match=auto``,
    `total` are those with all words and `partial_total` the further ones with some of them: `shown`
    is their sum, and what facets, timeline, exports and feeds are of. `after` is the cursor of the
    next page, "" on the last. `reading` is how the query was read. `suggestion_sure` says that
    nothing but the suggestion can be meant. `generation` is the index generation that answered.
    """

    query: str
    reading: Parsed
    total: int
    stories: int
    partial_total: int = 0
    took_ms: float = 0.0
    page: int = 1
    size: int = 10
    pages: int = 0
    hits: tuple[Hit, ...] = ()
    facets: tuple[Facet, ...] = ()
    timeline: Timeline | None = None
    notes: tuple[Note, ...] = ()
    suggestion: str = ""
    suggestion_total: int = 0
    suggestion_sure: bool = False
    after: str = ""
    generation: int = 0

    @property
    def shown(self) -> int:
        """The number of articles that are shown, whichever words they have."""
        return self.total + self.partial_total

    @property
    def parsed(self) -> str:
        """The canonical text of the query as it was read."""
        return self.reading.parsed

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The parts of the query that can be removed."""
        return self.reading.chips


class Status(NamedTuple):
    """The state of an engine: `state` is "ready", "building", "empty", "degraded", "away" (its
    folder is not there, for now) or "broken". `identity` tells a generation from every other, also
    from one of the same number; "" where the number does.
    """

    state: str
    engine: str
    articles: int = 0
    generation: int = 0
    identity: str = ""
    updated: datetime | None = None
    bytes: int = 0
    languages: tuple[tuple[str, int], ...] = ()
    sources: int = 0
    first: datetime | None = None
    last: datetime | None = None
    timezone: str = "UTC"
    progress: float = 0.0
    message: str = ""

    @property
    def arrived(self) -> int:
        """A time up to which all of the archive's articles came, in seconds since 1970: what it
        gets later comes after it. 0 without an archive."""
        return int(self.updated.timestamp()) if self.updated else 0
