"""Kernels that count matches: facet values, days, stories; each is one pass over the matches."""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import NO_DATE
from search.embedded.bits import ones, trailing_zeros
from search.embedded.postings import gallop
from search.embedded.typing import F32, I32, I64, U8, U16, U32, U64

__all__ = [
    "choose_values", "count_days", "count_instants", "count_periods", "count_values", "days_of",
    "distinct", "from_bits", "in_interval", "mark", "members", "passing", "set_bits", "span",
]  # fmt: skip

_SPARSE = 24
"""Bits of a word of 64 from which going through all of them is faster than leaping to each."""


@njit(cache=True, nogil=True)
def count_values(
    docs: U32, passes: U16, needed: int, offsets: U32, ordinals: U32, numbers: U32, counts: I64
) -> None:
    """Add to `counts`, int64[values of the archive], one for each value of each match.

    `passes` and `needed`: a match counts when all bits of `needed` are set in its `passes`; empty
    when all count. `numbers`: uint32[values of the segment], their numbers in the archive, or
    empty when they are the same. Whether a match has a value at all is no branch, which takes a
    third of the time off: most have one or none, and no processor foresees which.
    """
    checked = passes.size > 0
    mapped = numbers.size > 0
    last = ordinals.size - 1
    if last < 0:
        return
    for i in range(docs.size):
        if checked and passes[i] & needed != needed:
            continue
        doc = docs[i]
        start, end = np.int64(offsets[doc]), np.int64(offsets[doc + 1])
        value = ordinals[start if start <= last else last]
        counts[numbers[value] if mapped else value] += np.int64(end > start)
        for at in range(start + 1, end):
            value = ordinals[at]
            counts[numbers[value] if mapped else value] += 1


@njit(cache=True, nogil=True)
def choose_values(counts: I64, out: I64) -> tuple[int, int]:
    """Write the values with the greatest counts, ties in order; return how many, and of how many.

    `out`: int64[size, 2], rows (value, count). Values with a count of 0 are left out.
    """
    size = 0
    total = 0
    for value in range(counts.size):
        count = counts[value]
        if count == 0:
            continue
        total += 1
        if size == out.shape[0]:
            if size == 0 or count <= out[size - 1, 1]:
                continue
            at = size - 1
        else:
            at = size
            size += 1
        while at > 0 and out[at - 1, 1] < count:
            out[at, 0] = out[at - 1, 0]
            out[at, 1] = out[at - 1, 1]
            at -= 1
        out[at, 0] = value
        out[at, 1] = count
    return size, total


@njit(cache=True, nogil=True)
def days_of(dates: I64, midnights: I64, out: I32) -> None:
    """Write the number of each date's day, -1 where there is no date.

    `midnights`: int64[days + 1], the first instants of the archive's days; a day is 23 to 25 hours
    long, so a division is off by few.
    """
    last = midnights.size - 2
    for i in range(dates.size):
        date = dates[i]
        if date == NO_DATE:
            out[i] = -1
            continue
        day = min(max((date - midnights[0]) // 86_400, 0), last)
        while day > 0 and midnights[day] > date:
            day -= 1
        while day < last and midnights[day + 1] <= date:
            day += 1
        out[i] = day


@njit(cache=True, nogil=True)
def count_days(docs: U32, passes: U16, needed: int, days: I32, counts: I64) -> int:
    """Add to `counts`, int64[days], one for each match; return how many have no date."""
    checked = passes.size > 0
    undated = 0
    for i in range(docs.size):
        if checked and passes[i] & needed != needed:
            continue
        day = days[docs[i]]
        if day < 0:
            undated += 1
        else:
            counts[day] += 1
    return undated


@njit(cache=True, nogil=True)
def count_periods(
    docs: U32, passes: U16, needed: int, days: I32, periods: I32, counts: I64
) -> None:
    """Add to `counts`, int64[periods], one for each match with a date.

    `periods`: int32[days], the period that each day belongs to.
    """
    checked = passes.size > 0
    lanes = np.zeros((4, counts.size), np.int64)  # a sum in one place waits for the one before it
    for i in range(docs.size):
        if checked and passes[i] & needed != needed:
            continue
        day = days[docs[i]]
        if day >= 0:
            lanes[i & 3, periods[day]] += 1
    for lane in range(4):
        for period in range(counts.size):
            counts[period] += lanes[lane, period]


@njit(cache=True, nogil=True)
def span(docs: U32, dates: I64) -> tuple[int, int]:
    """Return the first and the last date of the matches; the first is greater when none has any."""
    first, last = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for doc in docs:
        date = dates[doc]
        if date != NO_DATE:
            first = min(first, date)
            last = max(last, date)
    return first, last


@njit(cache=True, nogil=True)
def count_instants(docs: U32, dates: I64, edges: I64, counts: I64) -> None:
    """Add to `counts`, int64[bars], the matches between `edges`, int64[bars + 1], equally wide."""
    width = edges[1] - edges[0]
    for doc in docs:
        date = dates[doc]
        if edges[0] <= date < edges[-1]:
            counts[(date - edges[0]) // width] += 1


@njit(cache=True, nogil=True)
def distinct(docs: U32, clusters: U32, seen: U8) -> int:
    """Return how many matches there are when each cluster counts once over all segments.

    `clusters`: uint32[n_docs], the cluster's number, 0 for none. `seen`: uint8[clusters + 1], all 0
    before the first segment.
    """
    count = 0
    for doc in docs:
        cluster = clusters[doc]
        if cluster == 0:
            count += 1
        elif not seen[cluster]:
            seen[cluster] = 1
            count += 1
    return count


@njit(cache=True, nogil=True)
def members(docs: U32, clusters: U32, wanted: I64, counts: I64) -> None:
    """Add to `counts` how many matches are in each of the `wanted` clusters (int64, few)."""
    for doc in docs:
        cluster = clusters[doc]
        if cluster:
            for i in range(wanted.size):
                if wanted[i] == cluster:
                    counts[i] += 1


@njit(cache=True, nogil=True)
def set_bits(docs: U32, bits: U64) -> None:
    """Set the bit of each document, in any order. `bits`: uint64[n_docs / 64, rounded up]."""
    for doc in docs:
        bits[doc >> 6] |= np.uint64(1) << np.uint64(doc & 63)


@njit(cache=True, nogil=True)
def mark(docs: U32, others: U32, bit: int, on: bool, passes: U16) -> None:
    """Set (or clear) a bit in the `passes` of the matches that are among `others`, ascending.

    Few others are leapt to; of many a bitset is made, which each match looks itself up in.
    """
    if docs.size == 0 or others.size == 0:
        return
    if others.size > docs.size >> 4:
        last = max(docs[docs.size - 1], others[others.size - 1])
        bits = np.zeros((np.int64(last) >> 6) + 1, np.uint64)
        set_bits(others, bits)
        for i in range(docs.size):
            doc = docs[i]
            among = (bits[doc >> 6] >> np.uint64(doc & 63)) & np.uint64(1)
            changed = np.uint16(among) * np.uint16(bit)
            if on:
                passes[i] |= changed
            else:
                passes[i] &= ~changed
        return
    at = 0
    for doc in others:
        at = gallop(docs, at, docs.size, doc)
        if at >= docs.size:
            return
        if docs[at] == doc:
            if on:
                passes[at] |= bit
            else:
                passes[at] &= ~bit


@njit(cache=True, nogil=True)
def in_interval(
    docs: U32, dates: I64, start: int, end: int, bit: int, on: bool, passes: U16
) -> None:
    """Set (or clear) a bit in the `passes` of the matches whose date is in [start, end)."""
    for i in range(docs.size):
        date = dates[docs[i]]
        if date != NO_DATE and start <= date < end:
            if on:
                passes[i] |= bit
            else:
                passes[i] &= ~bit


@njit(cache=True, nogil=True)
def passing(
    docs: U32, scores: F32, passes: U16, needed: int, out_docs: U32, out_scores: F32
) -> int:
    """Write the matches with all bits of `needed`, and their scores where there are any."""
    found = 0
    for i in range(docs.size):
        if passes[i] & needed == needed:
            out_docs[found] = docs[i]
            if scores.size:
                out_scores[found] = scores[i]
            found += 1
    return found


@njit(cache=True, nogil=True)
def from_bits(bits: U64, inverted: bool, n_docs: int, out: U32) -> int:
    """Write the documents whose bits are set (or, `inverted`, are not), ascending."""
    found = 0
    for index in range(bits.size):
        word = ~bits[index] if inverted else bits[index]
        if word == 0:
            continue
        base = index * 64
        if base + 64 <= n_docs and ones(word) < _SPARSE:
            while word:
                out[found] = base + np.int64(trailing_zeros(word))
                found += 1
                word &= word - np.uint64(1)
            continue
        for bit in range(min(64, n_docs - base)):
            out[found] = base + bit
            found += (word >> np.uint64(bit)) & np.uint64(1)
    return found
