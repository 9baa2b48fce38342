"""Counting alone: how many articles requests find, and when, for thousands of requests at once.

Nothing is ranked and no facet is counted that was not asked for: parse, compile, gather, and one
pass over the dates of what matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from corpus.core.errors import BadRequestError
from corpus.core.stated_date import Precision, StatedDate
from search.answer import Tally
from search.embedded.answering import SearchContext, ask
from search.embedded.collect.counting import span
from search.embedded.collect.gathering import Gathered
from search.embedded.searcher import ArchiveSearcher
from search.query.matching import loosened, mode_of
from search.request import Request
from search.timeline import COARSEST, check_period


def tallies(
    searcher: ArchiveSearcher, requests: Iterable[Request], period: str
) -> Iterator[Tally | BadRequestError]:
    """Yield the tally of each request, or what is wrong with it; each has its own deadline."""
    check_period(period)
    return (_one(searcher, request, period) for request in requests)


def _one(searcher: ArchiveSearcher, request: Request, period: str) -> Tally | BadRequestError:
    try:
        # Feedback changes no match, and the order is nobody's concern.
        asked = ask(replace(request, expand=False, page=1, after=""), searcher)
        gathered = _gathered(asked)
        if not gathered.total and (loose := loosened(asked.parsed, asked.occurs)) is not None:
            again = asked.read_as(loose)
            loosely = _gathered(again)
            if loosely.total:
                asked, gathered = again, loosely
        first, last = _ends(gathered)
        periods, undated = _periods(gathered, period)
        return Tally(gathered.total, first, last, periods, undated, asked.notes())
    except BadRequestError as error:
        return error


def _gathered(asked: SearchContext) -> Gathered:
    return asked.gather(asked.compile(mode_of(asked.request)), scored=False)


def _ends(gathered: Gathered) -> tuple[StatedDate | None, StatedDate | None]:
    """Return the earliest and the latest date, each as well as it is known."""
    found: dict[int, int] = {}  # instant to the best precision that a date there has
    for leaf, matches in zip(gathered.reader.leaves, gathered.final, strict=True):
        docs, dates = matches.docs, leaf.segment.dates
        first, last = span(docs, dates)
        for instant in (first, last) if first <= last else ():
            precision = int(Precision.MOMENT)
            if leaf.coarse:
                precision = int(leaf.segment.precisions[docs[dates[docs] == instant]].min())
            found[instant] = min(found.get(instant, precision), precision)
    if not found:
        return None, None
    zone = gathered.reader.days(Precision.YEAR)[0].zone
    first, last = min(found), max(found)
    return StatedDate.at(first, found[first], zone), StatedDate.at(last, found[last], zone)


def _periods(gathered: Gathered, period: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the periods that have matches, by their first day, and how many are in none."""
    if not period:
        return (), 0
    calendar, counts, undated = gathered.day_counts("", COARSEST[period])
    scale = calendar.scale(period)
    sums = np.add.reduceat(counts, scale.firsts)
    found = [
        (scale.moments[at].date().isoformat(), int(sums[at]))
        for at in np.flatnonzero(sums).tolist()
    ]
    return tuple(found), undated
