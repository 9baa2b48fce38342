"""What is asked of an engine: one frozen value, the same from browser, command line and API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from zlib import crc32

from corpus.core.fields import COUNTED
from search.answer import Note

Match = Literal["auto", "all", "any"]
Sort = Literal["relevance", "newest", "oldest", "recent", "added"]

_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


_IN_DIGITS = re.compile(r"(\d{4}(?:-\d\d){0,2})\.\.(\d{4}(?:-\d\d){0,2})", re.ASCII)

SUGGEST_BELOW = 5
"""Articles found from which on nothing is suggested: whoever finds some spelled it right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One search.

    `text` is what the user typed, in the grammar of `search.query.parse`. `filters` maps a facet to
    its chosen values (OR within a facet, AND across facets), `excluded` to values that must not
    occur. `since` and `until` bound the date, both inclusive, in the forms that the grammar's
    ``date:`` takes ("2017", "2017-01-30", "last week"). `page` counts from 1; `after` is the
    opaque cursor of an earlier answer and takes the place of `page`. `facets` are those to count
    and `facet_size` how many values of each. `collapse` shows each cluster of near duplicates
    once. `suggest` looks for a better spelling where little was found. `half_life_days` is that of
    ``sort="recent"``. `snippets`
    False leaves the snippets out, `explain` True breaks scores down. `expand` True adds
    pseudo-relevance feedback (`search.similarity.feedback`), False does not; None adds it to long
    queries with ``match="any"``, where it helped on all that was measured.
    """

    text: str = ""
    match: Match = "auto"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NONE)
    since: str = ""
    until: str = ""
    sort: Sort = "relevance"
    page: int = 1
    size: int = 10
    after: str = ""
    facets: tuple[str, ...] = COUNTED
    facet_size: int = 10
    timeline: bool = True
    collapse: bool = True
    snippets: bool = True
    explain: bool = False
    expand: bool | None = None
    suggest: bool = True
    half_life_days: float = 30.0

    def __post_init__(self) -> None:
        for name in ("filters", "excluded"):
            chosen = getattr(self, name)
            if "language" in chosen:  # by its code, whatever it is called
                from search.query.foreign import language_code

                codes = tuple(map(language_code, chosen["language"]))
                object.__setattr__(self, name, {**chosen, "language": codes})

    def order_key(self) -> int:
        """Return 32 bits that differ where another request finds or orders articles otherwise.

        Cursors hold it: the place after an article means nothing in another result.
        """
        chosen = [
            sorted([(facet, sorted(values)) for facet, values in mapping.items() if values])
            if mapping
            else []
            for mapping in (self.filters, self.excluded)
        ]
        asked = (
            self.text, self.match, chosen, self.since, self.until, self.sort, self.collapse,
            self.expand, self.half_life_days,
        )  # fmt: skip
        return crc32(repr(asked).encode("utf-8", "replace"))


def notes_on(request: Request, now: datetime, timezone: str) -> tuple[Note, ...]:
    """Return the notes on how the dates of a request were read; `timezone` is an IANA name."""
    if not (request.since or request.until):
        return ()
    from search.dates.calendar import clock
    from search.dates.parsing import REVERSED, day_first, reversed_dates

    notes = [
        Note("day-first", message, text)
        for text in (request.since, request.until)
        if (message := day_first(text))
    ]
    both = f"{request.since.strip()}..{request.until.strip()}"
    digits = _IN_DIGITS.fullmatch(both)
    if digits and digits[1] <= digits[2]:  # nearly always so
        return tuple(notes)
    if request.since and request.until and reversed_dates(both, clock(now, timezone)):
        notes.append(Note("reversed-dates", REVERSED, f"{request.since} – {request.until}"))
    return tuple(notes)
