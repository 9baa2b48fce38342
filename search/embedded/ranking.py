"""Kernels that keep the best k of the matches.

A row of those kept is int64[4]: (key, date, id, place), compared from left to right, greatest best.

- key: the bits of the score, a float32 not below 0, whose order as a number is that of its bits;
  0 where the order is by date only;
- date: seconds since 1970, negated for ``oldest``; undated articles come last in either order;
- id: such that smaller ids are greater;
- place: the leaf's number << 32 | the document's number.

Ties in score are therefore broken by date, newest first, and then by id, on every path. An array of
k rows, of which `size` are in use, is handed on from segment to segment and sorted at the end; that
of `best_of_term` is a heap with the worst row on top.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import BLOCK, NO_DATE, TF_BITS
from search.embedded.typing import F32, I64, U8, U32, U64

__all__ = [
    "FLOOR", "NEWEST", "OLDEST", "RECENT", "RELEVANCE", "best_of_term", "keep_best", "represent",
    "sort",
]  # fmt: skip

RELEVANCE, NEWEST, OLDEST, RECENT = range(4)

FLOOR = 0.25
"""The share of its score that the oldest article keeps under ``sort=recent``."""

_SIGN = np.uint64(1 << 63)
_FEW = 12
"""Rows that insertion sorts as fast as anything."""

_STRIDE = 16
"""Matches whose scores are compared at once, without a branch for each."""


@njit(cache=True, nogil=True)
def _below(a: int, b: int, c: int, key: int, date: int, id_: int) -> bool:
    """Whether the row (a, b, c) is worse than (key, date, id_); numbers, since rows cost calls."""
    if a != key:
        return a < key
    if b != date:
        return b < date
    return c < id_


@njit(cache=True, nogil=True)
def _worse(a: I64, b: I64) -> bool:
    return _below(a[0], a[1], a[2], b[0], b[1], b[2])


@njit(cache=True, nogil=True)
def _swap(rows: I64, i: int, j: int) -> None:
    for column in range(4):
        kept = rows[i, column]
        rows[i, column] = rows[j, column]
        rows[j, column] = kept


@njit(cache=True, nogil=True)
def _push(heap: I64, size: int, row: I64) -> int:
    """Add a row if it is among the best; return the new size."""
    key, date, id_ = row[0], row[1], row[2]
    if size < heap.shape[0]:
        at = size
        while at > 0:
            parent = (at - 1) >> 1
            if not _below(key, date, id_, heap[parent, 0], heap[parent, 1], heap[parent, 2]):
                break
            for column in range(4):
                heap[at, column] = heap[parent, column]
            at = parent
        for column in range(4):
            heap[at, column] = row[column]
        return size + 1
    if size == 0 or not _below(heap[0, 0], heap[0, 1], heap[0, 2], key, date, id_):
        return size
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _below(
            heap[child + 1, 0], heap[child + 1, 1], heap[child + 1, 2],
            heap[child, 0], heap[child, 1], heap[child, 2],
        ):  # fmt: skip
            child += 1
        if not _below(heap[child, 0], heap[child, 1], heap[child, 2], key, date, id_):
            break
        for column in range(4):
            heap[at, column] = heap[child, column]
        at = child
    for column in range(4):
        heap[at, column] = row[column]
    return size


@njit(cache=True, nogil=True)
def _parted(rows: I64, first: int, last: int) -> int:
    """Split rows[first:last], three or more, by the median of three; return where.

    Those before it are not worse than the row there, and those behind it not better.
    """
    middle = (first + last) >> 1
    end = last - 1
    if _worse(rows[first], rows[middle]):
        _swap(rows, first, middle)
    if _worse(rows[middle], rows[end]):
        _swap(rows, middle, end)
        if _worse(rows[first], rows[middle]):
            _swap(rows, first, middle)
    key, date, id_ = rows[middle, 0], rows[middle, 1], rows[middle, 2]
    _swap(rows, first + 1, middle)
    i, j = first + 1, end
    while True:
        i += 1
        while _below(key, date, id_, rows[i, 0], rows[i, 1], rows[i, 2]):
            i += 1
        j -= 1
        while _below(rows[j, 0], rows[j, 1], rows[j, 2], key, date, id_):
            j -= 1
        if i >= j:
            break
        _swap(rows, i, j)
    _swap(rows, first + 1, j)
    return j


@njit(cache=True, nogil=True)
def _select(rows: I64, size: int, k: int) -> None:
    """Bring the best k of rows[:size] to the front, in any order."""
    first, last = 0, size
    while last - first > 2:
        at = _parted(rows, first, last)
        if at == k or at == k - 1:
            return
        if at < k:
            first = at + 1
        else:
            last = at
    if last - first == 2 and _worse(rows[first], rows[first + 1]):
        _swap(rows, first, first + 1)


@njit(cache=True, nogil=True)
def sort(rows: I64, size: int) -> None:
    """Sort rows[:size] in place, best first: quicksort, and insertion where few are left."""
    firsts, lasts = np.empty(64, np.int64), np.empty(64, np.int64)
    firsts[0], lasts[0] = 0, size
    depth = 1
    while depth:
        depth -= 1
        first, last = firsts[depth], lasts[depth]
        while last - first > _FEW:
            at = _parted(rows, first, last)
            if at - first < last - at:  # the longer part waits: 64 are enough for any size
                firsts[depth], lasts[depth] = at + 1, last
                last = at
            else:
                firsts[depth], lasts[depth] = first, at
                first = at + 1
            depth += 1
        for i in range(first + 1, last):
            key, date, id_, place = rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]
            j = i
            while j > first and _below(
                rows[j - 1, 0], rows[j - 1, 1], rows[j - 1, 2], key, date, id_
            ):
                for column in range(4):
                    rows[j, column] = rows[j - 1, column]
                j -= 1
            rows[j, 0], rows[j, 1], rows[j, 2], rows[j, 3] = key, date, id_, place


@njit(cache=True, nogil=True)
def _share(date: int, now: int, half_life: float) -> float:
    """Return the share of its score that an article of this date keeps under RECENT."""
    if date == NO_DATE:
        return FLOOR
    return FLOOR + (1.0 - FLOOR) * 2.0 ** -(max(now - date, 0) / half_life)


@njit(cache=True, nogil=True)
def keep_best(
    docs: U32, scores: F32, mode: int, dates: I64, ids: U64, leaf: int, now: int,
    half_life: float, below: I64, clusters: U32, best: I64, kept: I64, size: int,
) -> int:  # fmt: skip
    """Put matches among the `kept`, int64[k, 4], of which `size` are in use; return how many are.

    `scores` may be empty, which stands for 0. `now` and `half_life`, in seconds, are those of
    RECENT: a score is multiplied by FLOOR + (1 - FLOOR) * 2 ** -(age / half_life), its age counted
    back from `now`; undated articles keep FLOOR. `below`: int64[4], only rows after it count, or
    empty: the page that follows a cursor. `best`: the rows that `represent` found, of which alone
    those of `clusters` count, or empty.

    Rows are gathered until there are twice as many as wanted, then the worse half goes, and what is
    worse than all that stayed is passed over from then on: a third of the time of a heap of 75.
    """
    k = kept.shape[0]
    n = docs.size
    if k == 0:
        return 0
    bits = scores.view(np.int32)
    one = np.zeros(1, np.float32)
    one_bits = one.view(np.int32)
    scored = bits.size > 0 and mode in (RELEVANCE, RECENT)
    all_fit = size + n <= k
    room = k if all_fit else min(2 * k + _FEW, size + n)
    rows = kept if all_fit else np.empty((room, 4), np.int64)
    if not all_fit:
        _copy(kept, size, rows)
    lowest, oldest, last = np.int64(-1), np.int64(0), np.int64(0)  # the worst row, once there are k
    if size == k:
        worst = _worst(rows, k)
        lowest, oldest, last = rows[worst, 0], rows[worst, 1], rows[worst, 2]
    chunks = (n + _STRIDE - 1) // _STRIDE
    for chunk in range(chunks):  # articles come as they are published, so the last are newest
        start = _STRIDE * (chunk if mode == OLDEST else chunks - 1 - chunk)
        end = start + _STRIDE
        if end > n:
            end = n
        elif lowest > 0 and bits.size:
            highest = bits[start]
            for i in range(_STRIDE):
                highest = max(highest, bits[start + i])
            if highest < lowest:
                continue
        for step in range(end - start):
            i = start + step if mode == OLDEST else end - 1 - step
            if bits.size and bits[i] < lowest:  # age only lowers a score
                continue
            doc = docs[i]
            date = dates[doc]
            key = np.int64(0)
            if scored:
                key = np.int64(bits[i])
                if mode == RECENT:
                    one[0] = scores[i] * _share(date, now, half_life)
                    key = np.int64(one_bits[0])
            if mode == OLDEST and date != NO_DATE:
                date = -date
            if key < lowest or (key == lowest and date < oldest):
                continue
            id_ = ~np.int64(ids[doc] ^ _SIGN)
            place = (np.int64(leaf) << 32) | np.int64(doc)
            if key == lowest and date == oldest and id_ < last:
                continue
            if below.size and not _below(key, date, id_, below[0], below[1], below[2]):
                continue
            if clusters.size and clusters[doc] and best[clusters[doc], 3] != place:
                continue
            if size == room:
                _select(rows, size, k)
                size = k
                worst = _worst(rows, k)
                lowest, oldest, last = rows[worst, 0], rows[worst, 1], rows[worst, 2]
                if _below(key, date, id_, lowest, oldest, last):
                    continue
            rows[size, 0], rows[size, 1], rows[size, 2], rows[size, 3] = key, date, id_, place
            size += 1
    if size > k:
        _select(rows, size, k)
        size = k
    if not all_fit:
        _copy(rows, size, kept)
    return size


@njit(cache=True, nogil=True)
def _copy(rows: I64, size: int, out: I64) -> None:
    for i in range(size):
        for column in range(4):
            out[i, column] = rows[i, column]


@njit(cache=True, nogil=True)
def _worst(rows: I64, size: int) -> int:
    """Return where the worst of rows[:size] is."""
    at = 0
    for i in range(1, size):
        if _below(rows[i, 0], rows[i, 1], rows[i, 2], rows[at, 0], rows[at, 1], rows[at, 2]):
            at = i
    return at


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
    one_bits = one.view(np.int32)
    scored = bits.size > 0 and mode in (RELEVANCE, RECENT)
    stories = 0
    for i in range(docs.size):
        doc = docs[i]
        cluster = clusters[doc]
        if cluster == 0:
            stories += 1
            continue
        date = dates[doc]
        row[0] = 0
        if scored:
            row[0] = bits[i]
            if mode == RECENT:
                one[0] = scores[i] * _share(date, now, half_life)
                row[0] = one_bits[0]
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
