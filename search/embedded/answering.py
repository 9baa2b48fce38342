"""One request on one reader, from text to `Answer`.

parse -> compile -> gather -> count -> rank -> look at the best again -> hits. A query that is one
word, with nothing to count but its articles, takes a shorter way: the best k come straight from
the block maxima.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS, PERIODS
from indexer.analysis.analyser import fold_value
from indexer.segment.stored import article_from
from search.answer import Answer, Explanation, Facet, Hit, Note, Timeline
from search.embedded.collect.finding import Matching, ResultPage, find, page_of
from search.embedded.collect.gathering import Gathered, Order, facet_of
from search.embedded.collect.ranking import ADDED, NEWEST, OLDEST, RECENT, RELEVANCE
from search.embedded.execute.matches import Deadline
from search.embedded.execute.operands import Term
from search.embedded.fetch.cursor import PagingCursor
from search.embedded.fetch.hits import PARTIAL, WHOLE, HitExtras, score_of
from search.embedded.plan.plan import Compiled
from search.embedded.rescore.steps import steps_of
from search.embedded.searcher import ArchiveSearcher
from search.query.matching import is_quoted, loosened, mode_of, partial_note
from search.query.nodes import Address, Node
from search.query.parse import Parsed, parse
from search.request import SUGGEST_BELOW, Request, notes_on

if TYPE_CHECKING:
    from search.embedded.execute.filters import Choice
    from search.snippets.snippets import Snippet
    from search.suggestions.suggest import Suggestion

DEEPEST = 10_000
"""How far pages reach; further on, `Request.after` goes as far as there are articles."""

LARGEST = 1_000
"""Articles a page."""

MOST_FACET_VALUES = 10_000

_MODES = {
    "relevance": RELEVANCE, "newest": NEWEST, "oldest": OLDEST, "recent": RECENT, "added": ADDED,
}  # fmt: skip
_ORDERS = {mode: Order(mode) for mode in (RELEVANCE, NEWEST, OLDEST, ADDED)}


class SearchContext:
    """A request that was read: what every method of the engine begins with."""

    __slots__ = (
        "_fed_back", "cut", "deadline", "mode", "now", "parsed", "reader", "request", "searcher",
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
        self._fed_back: Node | None = None
        self.cut: Sequence[str] = ()

    def order(self) -> Order:
        """Return the order of the request; ages count back from the archive's last article."""
        if self.mode != RECENT:
            return _ORDERS[self.mode]
        return Order(RECENT, self.reader.span[1], self.request.half_life_days * 86_400.0)

    def compile(self, match: str) -> Compiled:
        """Return the plan of the text, with what feedback adds to it."""
        node, asked = self.parsed.node, self.request.expand
        if asked or (match == "any" and asked is None):
            from search.similarity.feedback import wanted

            if wanted(self.request, node):
                if self._fed_back is None:
                    self._fed_back = self._expanded(node)
                node = self._fed_back
        compiled = self.searcher.compile(node, match)
        self.cut = compiled.cut
        return compiled

    @property
    def restricted(self) -> bool:
        """Whether more than the text says what is found."""
        request = self.request
        return bool(request.filters or request.excluded or request.since or request.until)

    def _expanded(self, node: Node) -> Node:
        """Return the query with words of its own best answers, see `search.similarity.feedback`."""
        from search.similarity.feedback import ARTICLES, expanded
        from search.suggestions.vocabulary import SnapshotVocabulary

        gathered = self.gather(self.searcher.compile(node, "any"), scored=True)
        best = gathered.best(ARTICLES, _ORDERS[RELEVANCE], collapse=True)
        places = [(place >> 32, place & 0xFFFFFFFF) for place in best[:, 3].tolist()]
        articles = [article_from(one) for one in self.reader.stored(places)]
        vocabulary = SnapshotVocabulary(self.reader)
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

    def read_as(self, parsed: Parsed) -> SearchContext:
        """Return the same request, its text read otherwise."""
        again = copy(self)
        again.parsed, again._fed_back = parsed, None
        return again

    def total(self) -> int:
        """Return how many articles match as a whole."""
        compiled = self.searcher.compile(self.parsed.node, mode_of(self.request))
        return self.gather(compiled, scored=False).total

    def occurs(self, node: Node) -> bool:
        """Whether any article has what a part of a text finds that finds nothing as a whole."""
        if node is self.parsed.node and not self.restricted:
            return False
        plan = self.searcher.compile(node, "all").plan
        return self.searcher.gather(plan, [], False, self.deadline).total > 0

    def cursor(self) -> PagingCursor | None:
        """Return the request's cursor; raises BadRequestError when it is none of this search."""
        request = self.request
        if not request.after:
            return None
        return PagingCursor.decode(request.after, self.mode, request.order_key())

    def snippets(self, places: Sequence[tuple[int, int]]) -> list[Snippet]:
        """Return the marked titles and best passages of documents."""
        from search.snippets.snippets import Highlighter

        highlighter = Highlighter(self.parsed.node, self.reader.codes)
        return highlighter.snippets(list(map(orjson.loads, self.reader.stored(places))))

    def clusters(
        self, places: Sequence[tuple[int, int]], gathered: Gathered | None
    ) -> tuple[list[str], list[int]]:
        """Return each document's cluster, "" for none, and how many matches are in it."""
        clusters = self.reader.clusters if self.request.collapse else None
        if clusters is None or gathered is None:
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
        if self.restricted:
            from search.embedded.execute.filters import chosen, restricted

            found = chosen(request, reader, self.now, self.zone)
            plan, choices = restricted(plan, request, found, self.now, self.zone)
        return self.searcher.gather(plan, choices, scored, self.deadline)


def ask(request: Request, searcher: ArchiveSearcher) -> SearchContext:
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
    return SearchContext(request, searcher)


def answer(asked: SearchContext) -> Answer:
    """Return the answer; quoted words that no article has as written are taken in any form."""
    found = _answer(asked)
    if found.total or (loose := loosened(asked.parsed, asked.occurs)) is None:
        return found
    again = asked.read_as(loose)
    loosely = _answer(again)
    return loosely if loosely.total else found


def settled(asked: SearchContext) -> SearchContext:
    """Return the request as `answer` answers it, for all that belongs to an answer."""
    if not is_quoted(asked.parsed) or asked.total():
        return asked
    if (loose := loosened(asked.parsed, asked.occurs)) is None:
        return asked
    again = asked.read_as(loose)
    return again if again.total() else asked


def _answer(asked: SearchContext) -> Answer:
    started = time.perf_counter()
    request = asked.request
    compiled = asked.compile(mode_of(request))
    if not (request.facets or request.timeline) and _is_short(asked, compiled):
        word = compiled.plan
        assert isinstance(word, Term)
        k = request.page * request.size + 1
        best, total = asked.searcher.best_of_word(word, asked.order(), k)
        rows = best[(request.page - 1) * request.size :].tolist()
        page = ResultPage(rows, [1] * len(rows))
        return _assembled(asked, started, total, page, None)
    found = find(asked, compiled)
    page = page_of(asked, found, asked.cursor())
    return _assembled(asked, started, found.whole.total, page, found)


def _suggestion(asked: SearchContext, total: int) -> Suggestion | None:
    """Return the query that was meant, where the first page of this one found little."""
    request, reader = asked.request, asked.reader
    first = request.page == 1 and not request.after
    if total >= SUGGEST_BELOW or not (request.suggest and request.text and first):
        return None
    from search.suggestions.suggest import suggest
    from search.suggestions.vocabulary import SnapshotVocabulary

    def count(node: Node) -> int:
        compiled = asked.searcher.compile(node, mode_of(request))
        return asked.gather(compiled, scored=False).total

    vocabulary = SnapshotVocabulary(reader)
    some = request.match == "auto"
    return suggest(asked.parsed.node, vocabulary, count=count, total=total, some=some)


def _absent(asked: SearchContext, total: int) -> tuple[Note, ...]:
    """Return notes on values that no article has."""
    request, node = asked.request, asked.parsed.node
    typed = ":" in request.text or isinstance(node, Address)
    if not (request.excluded or (request.filters and not total) or typed):
        return ()
    from search.suggestions.suggest import absent_values
    from search.suggestions.vocabulary import SnapshotVocabulary

    return absent_values(request, node, SnapshotVocabulary(asked.reader), total)


def _is_short(asked: SearchContext, compiled: Compiled) -> bool:
    """Whether the best k can be taken straight from the postings of one word."""
    request, plan = asked.request, compiled.plan
    return (
        isinstance(plan, Term)
        and asked.mode == RELEVANCE
        and not (request.filters or request.excluded or request.since or request.until)
        and not request.after
        and plan.has_main_list
        and (not request.collapse or asked.reader.clusters is None)
        and not steps_of(asked.reader, compiled)
    )


def _counts(asked: SearchContext, gathered: Gathered) -> tuple[tuple[Facet, ...], Timeline | None]:
    request = asked.request
    facets = []
    chosen = bool(request.filters or request.excluded)
    for name in request.facets:
        asked.deadline.check()
        facets.append(
            facet_of(gathered, name, request.facet_size, marks(request, name) if chosen else {})
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


def _assembled(
    asked: SearchContext, started: float, total: int, page: ResultPage, found: Matching | None
) -> Answer:
    """Return the answer; `found` is None where the best of one word are all that is asked for."""
    request, reader, size = asked.request, asked.reader, asked.request.size
    stories = shown = total
    facets: tuple[Facet, ...] = ()
    timeline: Timeline | None = None
    if found is not None:
        if request.collapse:
            stories = shown = found.whole.stories()
        if found.wide is not None:
            shown = found.wide.stories() if request.collapse else found.wide.total
        facets, timeline = _counts(asked, found.counted)
    partial_total = found.partial_total if found is not None else 0
    better = _suggestion(asked, total)
    rows = page.rows
    after = ""
    if len(rows) > size > 0:
        last = PagingCursor(asked.mode, reader.edition, page.stages[size - 1], *rows[size - 1][:3])
        after = last.encoded(request.order_key())
    hits = _hits(asked, ResultPage(rows[:size], page.stages[:size]), found)
    return Answer(
        query=request.text,
        reading=asked.parsed,
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
        notes=(*asked.notes(), *partial_note(total, partial_total), *_absent(asked, total)),
        suggestion=better.text if better else "",
        suggestion_total=better.total if better else 0,
        suggestion_sure=better.sure if better else False,
        after=after,
        generation=reader.generation,
    )


def _hits(asked: SearchContext, page: ResultPage, found: Matching | None) -> tuple[Hit, ...]:
    """Return the hits of a page's rows; those of the stages from 2 on are partial."""
    rows = page.rows
    if not rows:
        return ()
    folded = asked.request.collapse and asked.reader.clusters is not None
    if not (asked.request.snippets or asked.request.explain or folded):
        return asked.searcher.columns.hits(
            rows, [PARTIAL if stage >= 2 else WHOLE for stage in page.stages]
        )
    places = [(row[3] >> 32, row[3] & 0xFFFFFFFF) for row in rows]
    texts = asked.snippets(places) if asked.request.snippets else [((), (), "")] * len(places)
    ids, versions = asked.clusters(places, found.counted if found is not None else None)
    reasons = _explained(asked, places, page, found) if asked.request.explain else None
    return asked.searcher.columns.hits(
        rows,
        [
            HitExtras(
                texts[at][0], tuple(texts[at][1]), texts[at][2], ids[at], versions[at], stage >= 2,
                reasons[at] if reasons else None,
            )
            for at, stage in enumerate(page.stages)
        ],
    )  # fmt: skip


def _explained(
    asked: SearchContext,
    places: Sequence[tuple[int, int]],
    page: ResultPage,
    found: Matching | None,
) -> list[Explanation]:
    """Return the explanation of each hit's score."""
    from search.embedded.rescore.explaining import Explainer

    reader, scores = asked.reader, [score_of(row[0]) for row in page.rows]
    compiled = found.compiled if found is not None else asked.compile(mode_of(asked.request))
    whole = partial = Explainer(reader, compiled, asked.deadline)
    if found is not None and found.relaxed is not None:
        partial = Explainer(reader, found.relaxed, asked.deadline)
    close = asked.mode == RELEVANCE
    return [
        (partial if stage >= 2 else whole).explain(
            leaf, doc, scores[at], close=close and not stage % 2
        )
        for at, ((leaf, doc), stage) in enumerate(zip(places, page.stages, strict=True))
    ]
