"""One request on one reader, from text to `Answer`.

parse -> compile -> gather -> count -> rank -> look at the best again -> hits. A query that is one
word, with nothing to count but its articles, takes a shorter way: the best k come straight from
the block maxima.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import BadRequestError
from corpus.fields import FACETS, PERIODS
from indexer.analysis import fold_value
from indexer.stored import article_from
from search.answer import Answer, Explanation, Facet, Hit, Note, Timeline
from search.embedded import plan as plans
from search.embedded.closeness import closer
from search.embedded.cursor import Cursor, encoded
from search.embedded.deadline import Deadline
from search.embedded.filters import Choice, chosen, restricted
from search.embedded.gathering import Gathered, Order, facet_of
from search.embedded.hits import PARTIAL, WHOLE, HitColumns, Shown
from search.embedded.matches import matches_at
from search.embedded.parts import stored, stored_parts
from search.embedded.plan import Compiled
from search.embedded.ranking import NEWEST, OLDEST, RECENT, RELEVANCE, sort
from search.embedded.scoring import WINDOW
from search.embedded.searcher import ArchiveSearcher
from search.embedded.typing import I64
from search.feedback import ARTICLES, expanded, wanted
from search.language import Parsed, parse
from search.matching import mode_of
from search.nodes import Node
from search.request import Request
from search.restrictions import notes_on

if TYPE_CHECKING:
    from search.snippets import Snippet
    from search.suggest import Suggestion

__all__ = [
    "DEEPEST", "LARGEST", "Asked", "answer", "ask", "marks", "ranked",
]  # fmt: skip

DEEPEST = 10_000
"""How far pages reach; further on, `Request.after` goes as far as there are articles."""

LARGEST = 1_000
"""Articles a page."""

MOST_FACET_VALUES = 10_000

_MODES = {"relevance": RELEVANCE, "newest": NEWEST, "oldest": OLDEST, "recent": RECENT}
_ORDERS = {mode: Order(mode) for mode in (RELEVANCE, NEWEST, OLDEST)}
_NO_ROW: I64 = np.empty(0, np.int64)
_NO_ROW.setflags(write=False)


class Asked:
    """A request that was read: what every method of the engine begins with."""

    __slots__ = (
        "_query", "cut", "deadline", "mode", "now", "parsed", "reader", "request", "searcher",
        "zone",
    )  # fmt: skip

    def __init__(self, request: Request, searcher: ArchiveSearcher) -> None:
        self.request = request
        self.searcher = searcher
        self.reader = reader = searcher.arrays
        self.now = datetime.now(UTC)
        self.deadline = Deadline()
        self.zone = reader.timezone
        self.parsed: Parsed = parse(request.text, now=self.now, timezone=self.zone)
        self.mode = _MODES[request.sort]
        self._query: Node | None = None
        self.cut: Sequence[str] = ()

    def order(self) -> Order:
        """Return the order of the request; ages count back from the archive's last article."""
        if self.mode != RECENT:
            return _ORDERS[self.mode]
        return Order(RECENT, self.reader.span[1], self.request.half_life_days * 86_400.0)

    def compile(self, match: str) -> Compiled:
        """Return the plan of the text, with what feedback adds to it."""
        if self._query is None:
            self._query = self.parsed.node
            if wanted(self.request, self._query):
                self._query = self._fed_back(self._query)
        compiled = self.searcher.compile(self._query, match)
        self.cut = compiled.cut
        return compiled

    def _fed_back(self, node: Node) -> Node:
        """Return the query with words of its own best answers, see `search.feedback`."""
        from search.vocabulary import SnapshotVocabulary

        gathered = self.gather(self.searcher.compile(node, "any"), scored=True)
        kept = np.empty((min(ARTICLES, gathered.total), 4), np.int64)
        size = gathered.best(kept, Order(RELEVANCE), collapse=True)
        sort(kept, size)
        places = [(place >> 32, place & 0xFFFFFFFF) for place in kept[:size, 3].tolist()]
        articles = [article_from(one) for one in stored(self.reader, places)]
        vocabulary = SnapshotVocabulary(self.reader.snapshot, self.reader.codes)
        return expanded(node, articles, vocabulary)

    def notes(self) -> tuple[Note, ...]:
        """Return what is to be said of how the request was read and carried out."""
        cut = [
            Note(
                "too-many-words",
                f"{label} stands for too many words: only those that most articles have were "
                "looked for.",
                label,
            )
            for label in self.cut
        ]  # fmt: skip
        return (*self.parsed.notes, *notes_on(self.request, self.now, self.zone), *cut)

    def cursor(self) -> Cursor | None:
        """Return the request's cursor; raises BadRequestError when it is none of this search."""
        request = self.request
        if not request.after:
            return None
        return Cursor.decode(request.after, self.mode, request.order_key())

    def snippets(self, places: Sequence[tuple[int, int]]) -> list[Snippet]:
        """Return the marked titles and best passages of documents."""
        from search.snippets import Highlighter

        highlighter = Highlighter(self.parsed.node, self.reader.codes)
        return highlighter.snippets(stored_parts(self.reader, places))

    def clusters(
        self, places: Sequence[tuple[int, int]], gathered: Gathered | None
    ) -> tuple[list[str], list[int]]:
        """Return each document's cluster, "" for none, and how many matches are in it."""
        clusters = self.reader.clusters
        if clusters is None or gathered is None or not self.request.collapse:
            return [""] * len(places), [1] * len(places)
        numbers = [int(clusters[1][leaf][doc]) for leaf, doc in places]
        wanted = sorted({number for number in numbers if number})
        counts = dict(zip(wanted, gathered.versions(wanted), strict=True))
        ids = self.reader.cluster_ids
        return (
            [f"{ids[number]:016x}" if number else "" for number in numbers],
            [max(counts.get(number, 1), 1) for number in numbers],
        )

    def gather(self, compiled: Compiled, *, scored: bool | None = None) -> Gathered:
        """Return the matches of the text and of all that the request restricts."""
        request, reader = self.request, self.reader
        if scored is None:
            scored = compiled.scored and self.mode in (RELEVANCE, RECENT)
        choices: list[Choice] = []
        plan = compiled.plan
        if request.filters or request.excluded or request.since or request.until:
            found = chosen(request, reader, self.now, self.zone)
            plan, choices = restricted(plan, request, found, self.now, self.zone)
        return self.searcher.gather(plan, choices, scored, self.deadline)


def ask(request: Request, searcher: ArchiveSearcher) -> Asked:
    """Read a request; raises BadRequestError where a part of it is out of bounds."""
    if request.sort not in _MODES:
        raise BadRequestError(f"There is no order '{request.sort}': use {', '.join(_MODES)}.")
    if request.match not in ("auto", "all", "any"):
        raise BadRequestError(f"There is no match '{request.match}': use auto, all or any.")
    if not 1 <= request.size <= LARGEST and request.size != 0:
        raise BadRequestError(f"A page has 0 to {LARGEST} articles, not {request.size}.")
    if request.page < 1 or (request.page * request.size > DEEPEST and not request.after):
        raise BadRequestError(
            f"Pages reach {DEEPEST} articles deep: narrow the search, or follow 'after'."
        )
    if not 0 <= request.facet_size <= MOST_FACET_VALUES:
        raise BadRequestError(f"A facet shows at most {MOST_FACET_VALUES} values.")
    if not 0 < request.half_life_days < 1e6:
        raise BadRequestError("The half-life is a number of days above 0.")
    for name in request.facets:
        if name not in FACETS:
            raise BadRequestError(
                f"There is no facet '{name[:80]}': use one of {', '.join(FACETS)}."
            )
    return Asked(request, searcher)


def answer(asked: Asked, columns: HitColumns) -> Answer:
    """Return the answer, without a suggestion."""
    started = time.perf_counter()
    request = asked.request
    compiled = asked.compile(mode_of(request))
    facets: tuple[Facet, ...] = ()
    timeline: Timeline | None = None
    partial: Page | None = None
    partial_total = 0
    if not (request.facets or request.timeline) and _is_short(asked, compiled):
        total, rows = asked.searcher.best_of_word(compiled, request.page * request.size + 1)
        stories = total
        page = Page(rows[(request.page - 1) * request.size :], 1)
        gathered = None
    else:
        gathered = asked.gather(compiled)
        total = gathered.total
        stories = gathered.stories() if request.collapse else total
        rest = None
        if request.match == "auto" and compiled.relaxed and total < max(request.size, 1):
            relaxed = asked.compile("most")
            rest = _rest(asked.gather(relaxed), gathered)
            partial_total = rest.total
        cursor = asked.cursor()
        page = ranked(asked, compiled, gathered, cursor)
        if rest is not None and rest.total and len(page.rows) <= request.size:
            before = stories if request.collapse else total
            partial = _partial_page(asked, rest, cursor, before, request.size - len(page.rows))
        facets, timeline = _counts(asked, rest if rest is not None and not total else gathered)
    better = _suggestion(asked, total)
    return _assembled(
        asked, columns, started, total, stories, partial_total, facets, timeline, page, partial,
        gathered, better,
    )  # fmt: skip


@dataclass(slots=True)
class Page:
    """Rows of the page, best first, and one more where there is a next page.

    rows: (key, date, id, place) as in `search.embedded.ranking`. `stage`: see `Cursor`; where it
    is 0, the first `window` rows are.
    """

    rows: list[list[int]]
    stage: int
    window: int = 0


def _suggestion(asked: Asked, total: int) -> Suggestion | None:
    """Return the query that was meant, where the first page of this one found little."""
    request, reader = asked.request, asked.reader
    if not request.suggest or not request.text or request.page > 1 or request.after:
        return None
    from search.suggest import SUGGEST_BELOW, suggest
    from search.vocabulary import SnapshotVocabulary

    if total >= SUGGEST_BELOW:
        return None

    def count(node: Node) -> int:
        compiled = asked.searcher.compile(node, mode_of(request))
        return asked.gather(compiled, scored=False).total

    vocabulary = SnapshotVocabulary(reader.snapshot, reader.codes)
    return suggest(asked.parsed.node, vocabulary, count=count, total=total)


def _is_short(asked: Asked, compiled: Compiled) -> bool:
    """Whether the best k can be taken straight from the postings of one word."""
    request, plan = asked.request, compiled.plan
    return (
        isinstance(plan, plans.Term)
        and asked.mode == RELEVANCE
        and not (request.filters or request.excluded or request.since or request.until)
        and not request.after
        and len(plan.numbers) == 1
        and not (plan.exact or plan.within_body)
        and (asked.reader.clusters is None or not request.collapse)
    )


def _rest(partial: Gathered, whole: Gathered) -> Gathered:
    """Return the partial matches without those that match as a whole."""
    for number, (found, full) in enumerate(zip(partial.base, whole.base, strict=True)):
        kept = ~np.isin(found.docs, full.docs, assume_unique=True)
        partial.base[number] = matches_at(found, kept)
        if partial.passes[number].size:
            partial.passes[number] = partial.passes[number][kept]
            partial.passes[number].setflags(write=False)
            inside = ~np.isin(partial.final[number].docs, full.docs, assume_unique=True)
            partial.final[number] = matches_at(partial.final[number], inside)
        else:
            partial.final[number] = partial.base[number]
    partial.total = sum([found.docs.size for found in partial.final])
    return partial


def _best(asked: Asked, gathered: Gathered, k: int, below: I64 = _NO_ROW) -> I64:
    """Return the rows of the best k matches, int64[k, 4], best first."""
    kept = np.empty((min(k, gathered.total), 4), np.int64)
    size = gathered.best(kept, asked.order(), collapse=asked.request.collapse, below=below)
    sort(kept, size)
    return kept[:size]


def ranked(
    asked: Asked, compiled: Compiled, gathered: Gathered, cursor: Cursor | None
) -> Page:
    """Return the page of the matches that the request asks for."""
    request = asked.request
    size = request.size
    if not size or (cursor is not None and cursor.stage == 2):
        return Page([], 1)
    window = 0
    if (
        asked.mode == RELEVANCE and len(compiled.sequence) > 1
        and asked.reader.scoring.closeness > 0.0
    ):  # fmt: skip
        window = WINDOW
    if cursor is not None and (cursor.stage == 1 or not window):
        return Page(_best(asked, gathered, size + 1, cursor.row()).tolist(), 1)
    skip = 0 if cursor is not None else (request.page - 1) * size
    most = max(window, skip + size + 1) if cursor is None else window + size + 1
    rows = _best(asked, gathered, most)
    if window:
        closer(asked.reader, compiled.sequence, rows[:window])
        if cursor is not None:
            key = [cursor.key, cursor.date, cursor.id]
            skip = sum([1 for row in rows.tolist() if row[:3] >= key])
    page = rows[skip : skip + size + 1].tolist()
    return Page(page, 0 if window else 1, max(window - skip, 0))


def _partial_page(
    asked: Asked, rest: Gathered, cursor: Cursor | None, before: int, room: int
) -> Page | None:
    """Return the partial matches that fill the page; `before` whole ones come first."""
    if room < 0:
        return None
    skip = 0
    below = _NO_ROW
    if cursor is None:
        skip = max((asked.request.page - 1) * asked.request.size - before, 0)
    elif cursor.stage == 2:
        below = cursor.row()
    rows = _best(asked, rest, skip + room + 1, below)
    return Page(rows[skip:].tolist(), 2)


def _counts(asked: Asked, gathered: Gathered) -> tuple[tuple[Facet, ...], Timeline | None]:
    request = asked.request
    facets = []
    chosen = bool(request.filters or request.excluded)
    for name in request.facets:
        asked.deadline.check()
        facets.append(
            facet_of(
                gathered, name, request.facet_size, marks(request, name) if chosen else {}
            )
        )
    timeline = gathered.timeline() if request.timeline else None
    return tuple(facets), timeline


def marks(request: Request, name: str) -> dict[str, bool]:
    """Return the folded values that are chosen (False) or excluded (True) in a facet."""
    found: dict[str, bool] = {}
    form = str if name in PERIODS else fold_value
    for value in request.filters.get(name, ()):
        found[form(value)] = False
    for value in request.excluded.get(name, ()):
        found[form(value)] = True
    return found


def _scores_of(rows: Sequence[Sequence[int]]) -> list[float]:
    """Return the scores of rows that are ordered by score."""
    keys = np.array([row[0] for row in rows], np.int32)
    scores: list[float] = keys.view(np.float32).tolist()
    return scores


def _assembled(
    asked: Asked, columns: HitColumns, started: float, total: int, stories: int,
    partial_total: int, facets: tuple[Facet, ...], timeline: Timeline | None, page: Page,
    partial: Page | None, gathered: Gathered | None, better: Suggestion | None,
) -> Answer:  # fmt: skip
    request, reader, size = asked.request, asked.reader, asked.request.size
    rows = [*page.rows, *(partial.rows if partial is not None else ())]
    after = ""
    if len(rows) > size > 0:
        last = size - 1
        stage = 2 if last >= len(page.rows) else 0 if last < page.window else 1
        after = encoded(
            asked.mode, request.order_key(), reader.edition, stage, *rows[last][:3]
        )
        rows = rows[:size]
    hits = _hits(asked, columns, rows, page, gathered)
    shown = (stories if request.collapse else total) + partial_total
    return Answer(
        query=request.text,
        parsed=asked.parsed.parsed,
        total=total,
        stories=stories,
        partial_total=partial_total,
        took_ms=(time.perf_counter() - started) * 1e3,
        page=request.page,
        size=size,
        pages=-(-shown // size) if size else 0,
        hits=hits,
        facets=facets,
        timeline=timeline,
        notes=asked.notes(),
        chips=asked.parsed.chips,
        suggestion=better.text if better else "",
        suggestion_total=better.total if better else 0,
        after=after,
        generation=reader.generation,
    )


def _hits(
    asked: Asked, columns: HitColumns, rows: list[list[int]], page: Page, gathered: Gathered | None
) -> tuple[Hit, ...]:
    """Return the hits of rows; those that are not of the `page` proper are partial."""
    if not rows:
        return ()
    partial = len(rows) - len(page.rows)
    clusters = asked.reader.clusters
    folded = clusters is not None and asked.request.collapse
    if not (asked.request.snippets or asked.request.explain or folded):
        if partial <= 0:
            return columns.hits(rows, repeat(WHOLE))
        return columns.hits(rows, chain(repeat(WHOLE, len(page.rows)), repeat(PARTIAL)))
    places = [(row[3] >> 32, row[3] & 0xFFFFFFFF) for row in rows]
    texts = asked.snippets(places) if asked.request.snippets else [((), ())] * len(places)
    ids, versions = asked.clusters(places, gathered)
    reasons = _explained(asked, places, _scores_of(rows), page) if asked.request.explain else None
    return columns.hits(
        rows,
        [
            Shown(
                texts[at][0], tuple(texts[at][1]), ids[at], versions[at], at >= len(page.rows),
                reasons[at] if reasons else None,
            )
            for at in range(len(rows))
        ],
    )  # fmt: skip


def _explained(
    asked: Asked, places: Sequence[tuple[int, int]], scores: Sequence[float], page: Page
) -> list[Explanation]:
    """Return the explanation of each hit's score."""
    from search.embedded.explaining import Explainer

    request, reader = asked.request, asked.reader
    whole = Explainer(
        reader, asked.compile(mode_of(request)), asked.deadline
    )
    partial = Explainer(reader, asked.compile("most"), asked.deadline)
    return [
        (whole if at < len(page.rows) else partial).explain(
            leaf, doc, scores[at], close=at < page.window
        )
        for at, (leaf, doc) in enumerate(places)
    ]
