"""Which articles a request finds, and in which order they come.

Those that match as a whole come first. With ``match=auto``, where fewer than `FEW` articles of the
archive have all the words, those that have any of them follow, ranked as ``match=any`` ranks them.
Hits, facets, timeline, export and feeds all show what is found here: `Matching.counted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from indexer.segment.arrays import I64
from search.embedded.collect.gathering import Gathered
from search.embedded.collect.ranking import RELEVANCE
from search.embedded.fetch.cursor import PagingCursor
from search.embedded.plan.plan import Compiled
from search.embedded.rescore.scoring import WINDOW
from search.embedded.rescore.steps import rescored, steps_of
from search.query.matching import FEW, mode_of

if TYPE_CHECKING:
    from search.embedded.answering import SearchContext


Row = list[int]
"""(key, date, id, place), see `search.embedded.collect.ranking`."""


class Matching(NamedTuple):
    """The full matches of a request, and, where they are few, the matches of any of its words.

    `wide` holds the full ones too, and `relaxed` is its plan.
    """

    compiled: Compiled
    whole: Gathered
    relaxed: Compiled | None = None
    wide: Gathered | None = None

    @property
    def counted(self) -> Gathered:
        """Everything that is shown, which facets and timeline count."""
        return self.whole if self.wide is None else self.wide

    @property
    def partial_total(self) -> int:
        """The number of articles that are shown with some of the words only."""
        return self.counted.total - self.whole.total


class ResultPage(NamedTuple):
    """Rows of a page, best first, one more where there is a next page; of each its stage.

    The stage is that of `PagingCursor`.
    """

    rows: list[Row]
    stages: list[int]


def find(asked: SearchContext, compiled: Compiled, *, scored: bool | None = None) -> Matching:
    """Return what a request finds; `compiled` is the plan of its full matches.

    How many full matches there are is asked of the text alone: a filter that leaves few of them
    narrows the result, and changes nothing else.
    """
    request = asked.request
    whole = asked.gather(compiled, scored=scored)
    if request.match != "auto" or not compiled.relaxed or whole.total >= FEW:
        return Matching(compiled, whole)
    if asked.restricted:
        everywhere = asked.searcher.gather(compiled.plan, [], False, asked.deadline)
        if everywhere.total >= FEW:
            return Matching(compiled, whole)
    relaxed = asked.compile("any")
    return Matching(compiled, whole, relaxed, asked.gather(relaxed, scored=scored))


def _ordered(
    asked: SearchContext,
    compiled: Compiled,
    gathered: Gathered,
    want: int,
    cursor: PagingCursor | None,
) -> tuple[list[Row], list[int]]:
    """Return the first rows of an order, or those behind a cursor, `want` where there are as many.

    With them, 0 for each of the `WINDOW` that were looked at again, else 1.
    """
    steps = steps_of(asked.reader, compiled) if asked.mode == RELEVANCE else []
    window = WINDOW if steps else 0
    order, collapse = asked.order(), asked.request.collapse
    if cursor is not None and (cursor.stage % 2 or not window):
        rows = gathered.best(want, order, collapse=collapse, below=cursor.row()).tolist()
        return rows, [1] * len(rows)
    k = max(window, want) if cursor is None else window + want
    best = gathered.best(k, order, collapse=collapse, ordered=k != window)
    if steps:
        rescored(steps, asked.reader, compiled, best[:window])
    if cursor is None:
        rows = best[:want].tolist()
        return rows, [0] * min(window, len(rows)) + [1] * (len(rows) - window)
    rows = best.tolist()
    stages = [int(at >= window) for at in range(len(rows))]
    key = [cursor.key, cursor.date, cursor.id]
    shown = sum([row[:3] >= key for row in rows])
    return rows[shown:], stages[shown:]


def page_of(asked: SearchContext, found: Matching, cursor: PagingCursor | None) -> ResultPage:
    """Return the page of a result that the request asks for."""
    size = asked.request.size
    if not size:
        return ResultPage([], [])
    start = 0 if cursor is not None else (asked.request.page - 1) * size
    end = start + size + 1
    rows: list[Row] = []
    stages: list[int] = []
    if cursor is None or cursor.stage < 2:
        rows, stages = _ordered(asked, found.compiled, found.whole, end, cursor)
    if found.wide is not None and found.relaxed is not None and len(rows) < end:
        behind = cursor if cursor is not None and cursor.stage >= 2 else None
        most = end - len(rows) + found.whole.total
        others, places = _ordered(asked, found.relaxed, found.wide, most, behind)
        kept = _without(asked, others, found.whole)
        rows += [others[at] for at in kept]
        stages += [2 + places[at] for at in kept]
    return ResultPage(rows[start:end], stages[start:end])


def _without(asked: SearchContext, rows: list[Row], whole: Gathered) -> list[int]:
    """Return which rows are none of the full matches, nor versions of one."""
    clusters = asked.reader.clusters if asked.request.collapse else None
    places: set[int] = set()
    stories: set[int] = set()
    for leaf, found in enumerate(whole.final):
        for doc in found.docs.tolist():
            places.add(leaf << 32 | doc)
            if clusters is not None:
                stories.add(int(clusters[1][leaf][doc]))
    kept = []
    for at, row in enumerate(rows):
        leaf, doc = row[3] >> 32, row[3] & 0xFFFFFFFF
        story = int(clusters[1][leaf][doc]) if clusters is not None else 0
        if row[3] not in places and not (story and story in stories):
            kept.append(at)
    return kept


def rows_of_all(asked: SearchContext) -> list[I64]:
    """Return the rows of everything that is found, every version of it: int64[n, 4] each.

    The full matches come first, then the others, both in the request's order.
    """
    found = find(asked, asked.compile(mode_of(asked.request)))
    order = asked.order()
    parts = [
        gathered.best(gathered.total, order, collapse=False)
        for gathered in (found.whole, found.wide)
        if gathered is not None
    ]
    if len(parts) == 2:
        parts[1] = parts[1][~np.isin(parts[1][:, 3], parts[0][:, 3])]
    return parts
