"""Which documents a range of dates cuts through: known to a day, month or year that it ends within.

A range finds what is certainly in it: an article of June is found by June and by its year, not by
the first half of June. The column of dates has where each one's day, month or year begins, so those
that begin before the range are out already; those that end after it are looked up here.
"""

from __future__ import annotations

from datetime import tzinfo

import numpy as np

from corpus.core.stated_date import Precision, floor
from indexer.segment.segment import Segment
from search.embedded.collect.counting import date_bounds
from search.embedded.typing import U32

NONE: U32 = np.empty(0, np.uint32)
NONE.setflags(write=False)


def coarse(segment: Segment) -> tuple[Precision, ...]:
    """Return the precisions, other than that of a moment, that dates of a segment have."""
    counts = np.bincount(segment.precisions, minlength=len(Precision))
    return tuple([precision for precision in Precision if precision and counts[precision]])


def straddling(
    segment: Segment, precisions: tuple[Precision, ...], end: int | None, zone: tzinfo
) -> U32:
    """Return the documents, ascending, whose period begins before `end` and goes on after it.

    `precisions` are those that the segment has, `zone` is the archive's.
    """
    if end is None:
        return NONE
    found = []
    for precision in precisions:
        try:
            begin = floor(end, precision, zone)
        except OverflowError:  # a range without an end
            continue
        if begin < end:
            first, last = date_bounds(segment.dates, segment.by_date, begin, begin + 1)
            docs = segment.by_date[first:last]
            found.append(docs[segment.precisions[docs] == precision])
    return np.sort(np.concatenate(found)) if found else NONE
