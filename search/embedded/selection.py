"""Kernels over the date column: which documents lie in an interval."""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

from corpus.kernels import njit
from search.embedded.typing import F32, I64, U32

__all__ = ["date_bounds", "keep_dated"]


@njit(cache=True, nogil=True)
def date_bounds(dates: I64, by_date: U32, start: int, end: int) -> tuple[int, int]:
    """Return [first, last) of `by_date` for dates in [start, end)."""
    low, high = 0, by_date.size
    while low < high:
        middle = (low + high) >> 1
        if dates[by_date[middle]] < start:
            low = middle + 1
        else:
            high = middle
    first = low
    high = by_date.size
    while low < high:
        middle = (low + high) >> 1
        if dates[by_date[middle]] < end:
            low = middle + 1
        else:
            high = middle
    return first, low


@njit(cache=True, nogil=True)
def keep_dated(
    docs: U32, scores: F32, dates: I64, start: int, end: int, out_docs: U32, out_scores: F32
) -> int:
    """Write the documents dated in [start, end), with their scores where there are any."""
    found = 0
    for i in range(docs.size):
        if start <= dates[docs[i]] < end:
            out_docs[found] = docs[i]
            if scores.size:
                out_scores[found] = scores[i]
            found += 1
    return found
