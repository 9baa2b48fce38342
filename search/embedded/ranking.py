"""Kernels that keep the best k of the matches in a heap.

A row of the heap is int64[4]: (key, date, id, place), compared from left to right, greatest best.

- key: the bits of the score, a float32 not below 0, whose order as a number is that of its bits;
  0 where the order is by date only;
- date: seconds since 1970, negated for ``oldest``; undated articles come last in either order;
- id: such that smaller ids are greater;
- place: the leaf's number << 32 | the document's number.

Ties in score are therefore broken by date, newest first, and then by id, on every path. The heap
is a binary one with the worst row on top; `heap` has k rows, of which `size` are in use, and it is
handed on from segment to segment.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np
from numba import njit

from indexer.segment import BLOCK, NO_DATE, TF_BITS
from search.embedded.typing import F32, I32, I64, U8, U32, U64

__all__ = [
    "FLOOR", "NEWEST", "OLDEST", "RECENT", "RELEVANCE", "best_of_term", "keep_best", "represent",
    "sort", "sort_again",
]  # fmt: skip

RELEVANCE, NEWEST, OLDEST, RECENT = range(4)

FLOOR = 0.25
"""The share of its score that the oldest article keeps under ``sort=recent``."""

_SIGN = np.uint64(1 << 63)


@njit(cache=True, nogil=True)
def _worse(a: I64, b: I64) -> bool:
    for column in range(3):
        if a[column] != b[column]:
            return a[column] < b[column]
    return False


@njit(cache=True, nogil=True)
def _sink(heap: I64, size: int) -> None:
    """Restore the heap below its changed top."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        if child + 1 < size and _worse(heap[child + 1], heap[child]):
            child += 1
        if not _worse(heap[child], heap[at]):
            return
        for column in range(4):
            kept = heap[at, column]
            heap[at, column] = heap[child, column]
            heap[child, column] = kept
        at = child


@njit(cache=True, nogil=True)
def _push(heap: I64, size: int, row: I64) -> int:
    """Add a row if it is among the best; return the new size."""
    if size == heap.shape[0]:
        if size and _worse(heap[0], row):
            heap[0] = row
            _sink(heap, size)
        return size
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if not _worse(row, heap[parent]):
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = row
    return size + 1


@njit(cache=True, nogil=True)
def _key(
    i: int, doc: int, bits: I32, scores: F32, mode: int, date: int, now: int, half_life: float,
    one: F32,
) -> int:  # fmt: skip
    """Return the first column of a match's row."""
    if scores.size == 0 or mode in (NEWEST, OLDEST):
        return np.int64(0)
    if mode == RELEVANCE:
        return np.int64(bits[i])
    share = 0.0
    if date != NO_DATE:
        share = 2.0 ** -(max(now - date, 0) / half_life)
    one[0] = np.float32(scores[i] * (FLOOR + (1.0 - FLOOR) * share))
    return np.int64(one.view(np.int32)[0])


@njit(cache=True, nogil=True)
def keep_best(
    docs: U32, scores: F32, mode: int, dates: I64, ids: U64, leaf: int, now: int,
    half_life: float, below: I64, clusters: U32, best: I64, heap: I64, size: int,
) -> int:  # fmt: skip
    """Put matches into the heap; return its new size.

    `scores` may be empty, which stands for 0. `now` and `half_life`, in seconds, are those of
    RECENT: a score is multiplied by FLOOR + (1 - FLOOR) * 2 ** -(age / half_life), its age counted
    back from `now`; undated articles keep FLOOR. `below`: int64[4], only rows after it count, or
    empty: the page that follows a cursor. `best`: the rows that `represent` found, of which alone
    those of `clusters` count, or empty.
    """
    bits = scores.view(np.int32)
    row = np.zeros(4, np.int64)
    one = np.zeros(1, np.float32)
    lowest = np.int64(-1)
    for i in range(docs.size):
        if mode == RELEVANCE and bits.size and bits[i] < lowest:
            continue
        doc = docs[i]
        date = dates[doc]
        row[0] = _key(i, doc, bits, scores, mode, date, now, half_life, one)
        row[1] = -date if mode == OLDEST and date != NO_DATE else date
        if size == heap.shape[0] and (
            size == 0
            or row[0] < heap[0, 0]
            or (row[0] == heap[0, 0] and row[1] < heap[0, 1])
        ):
            continue
        row[2] = ~np.int64(ids[doc] ^ _SIGN)
        row[3] = (np.int64(leaf) << 32) | np.int64(doc)
        if below.size and not _worse(row, below):
            continue
        if clusters.size and clusters[doc] and best[clusters[doc], 3] != row[3]:
            continue
        size = _push(heap, size, row)
        if size == heap.shape[0] and size:
            lowest = heap[0, 0]
    return size


@njit(cache=True, nogil=True)
def represent(
    docs: U32, scores: F32, mode: int, dates: I64, ids: U64, leaf: int, now: int,
    half_life: float, clusters: U32, best: I64,
) -> int:  # fmt: skip
    """Keep the best row of each cluster; return how many stories are new.

    `clusters`: uint32[n_docs], the cluster of each document, 0 for none. `best`: int64[clusters +
    1, 4], rows as above with a place of -1 where there is none yet. A document without a cluster
    is a story of its own.
    """
    bits = scores.view(np.int32)
    row = np.zeros(4, np.int64)
    one = np.zeros(1, np.float32)
    stories = 0
    for i in range(docs.size):
        doc = docs[i]
        cluster = clusters[doc]
        if cluster == 0:
            stories += 1
            continue
        date = dates[doc]
        row[0] = _key(i, doc, bits, scores, mode, date, now, half_life, one)
        row[1] = -date if mode == OLDEST and date != NO_DATE else date
        row[2] = ~np.int64(ids[doc] ^ _SIGN)
        row[3] = (np.int64(leaf) << 32) | np.int64(doc)
        if best[cluster, 3] < 0:
            stories += 1
            best[cluster] = row
        elif _worse(best[cluster], row):
            best[cluster] = row
    return stories


@njit(cache=True, nogil=True)
def best_of_term(
    postings: U32, forms: U8, first: int, last: int, form_at: int, form_bit: int, block_first: int,
     block_tf: U8, block_length: U8, lengths: U8, norm: F32, weight: float,
    other: float, live: U8, dates: I64, ids: U64, leaf: int, heap: I64, size: int,
) -> int:  # fmt: skip
    """Put one term's postings [first, last) into the heap, leaving out whole blocks.

    A block is passed over when the greatest tf and the smallest length in it, taken together, do
    not reach the worst score kept (the block maxima of Ding and Suel, "Faster top-k document
    retrieval using block-max indexes", SIGIR 2011, kept as pairs).
    """
    row = np.zeros(4, np.int64)
    one = np.zeros(1, np.float32)
    bits = one.view(np.int32)
    high = np.float32(max(weight, other))
    low = np.float32(other)
    top = np.float32(weight)
    floor = np.float32(-1.0)
    if size == heap.shape[0] and size:
        bits[0] = heap[0, 0]
        floor = one[0]
    block = block_first
    for start in range(first, last, BLOCK):
        tf = np.float32(block_tf[block])
        reach = high * (tf / (tf + norm[block_length[block]]))
        block += 1
        if reach < floor:
            continue
        for i in range(start, min(start + BLOCK, last)):
            packed = postings[i]
            doc = packed >> TF_BITS
            tf = np.float32(packed & 255)
            exact = form_at == -1 or (form_at >= 0 and forms[form_at + i - first] & form_bit)
            score = (top if exact else low) * (tf / (tf + norm[lengths[doc]]))
            if score < floor or (live.size and not live[doc]):
                continue
            one[0] = score
            row[0] = bits[0]
            row[1] = dates[doc]
            if size == heap.shape[0] and row[0] == heap[0, 0] and row[1] < heap[0, 1]:
                continue
            row[2] = ~np.int64(ids[doc] ^ _SIGN)
            row[3] = (np.int64(leaf) << 32) | np.int64(doc)
            size = _push(heap, size, row)
            if size == heap.shape[0] and size:
                bits[0] = heap[0, 0]
                floor = one[0]
    return size


@njit(cache=True, nogil=True)
def sort(heap: I64, size: int) -> None:
    """Sort the heap's rows in place, best first."""
    while size > 1:
        size -= 1
        for column in range(4):
            kept = heap[0, column]
            heap[0, column] = heap[size, column]
            heap[size, column] = kept
        _sink(heap, size)


@njit(cache=True, nogil=True)
def sort_again(rows: I64) -> None:
    """Sort rows that are nearly sorted in place, best first."""
    row = np.empty(4, np.int64)
    for i in range(1, rows.shape[0]):
        row[:] = rows[i]
        j = i
        while j > 0 and _worse(rows[j - 1], row):
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row
