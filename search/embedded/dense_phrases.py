"""The kernel for phrases of words that are about as common as one another.

Looking up the positions of each candidate costs several branches that no processor foresees, 40 ns
a word. Here the words' postings are decoded front to back, window by window, without a branch a
position; a position of each word, counted back by its place in the phrase, is a *key*, and keys
that all words have are phrases. Keys of a word are first tested against a small bitmap of hashes
of those found so far (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970,
with one function), so that only few are compared exactly. 215,780 articles of Reuters: 0.7 ms for
"interest rates" (33,000 and 41,000 postings, 9,179 phrases), where candidates took 1.8 ms.

Arguments are those of `search.embedded.postings.dense_conjunction` and `phrases.phrases`.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, assignment"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import BLOCK, LAST, MORE, TF_BITS
from search.embedded.postings import NARROW, gallop, score_window
from search.embedded.typing import F32, I64, U8, U32, U64

__all__ = ["dense_phrases"]

_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 / the golden ratio: Knuth's multiplicative hashing
_HASH_BITS = 16
_SHIFT = np.uint64(64 - _HASH_BITS)
_FLAGS = np.uint8(MORE | LAST)
_LAST = np.uint8(LAST)
_LONGEST = 1024
"""Added to positions, so that what is counted back stays above 0: queries have fewer words."""


@njit(cache=True, nogil=True)
def _seek(
    lists: I64, which: int, posting: int, positions: U8, block_positions: I64
) -> int:  # fmt: skip
    """Return where the positions of a posting begin."""
    block = (posting - lists[which, 1]) // BLOCK
    byte = block_positions[lists[which, 6] + block]
    skip = posting - lists[which, 1] - block * BLOCK
    while skip > 0:
        skip -= (positions[byte] & _FLAGS) == _LAST
        byte += 1
    return byte


@njit(cache=True, nogil=True)
def _room(lists: I64, groups: I64, postings: U32, block_positions: I64) -> int:
    """Return how many keys a word has at most in NARROW documents: bytes of whole blocks."""
    most = np.int64(0)
    for group in range(groups.size - 1):
        total = np.int64(0)
        for which in range(groups[group], groups[group + 1]):
            here = lists[which, 1]
            widest = np.int64(0)
            while here < lists[which, 2]:
                beyond = ((postings[here] >> TF_BITS) + NARROW) << TF_BITS
                end = gallop(postings, here, lists[which, 2], beyond)
                first = lists[which, 6] + (here - lists[which, 1]) // BLOCK
                last = lists[which, 6] + (end - 1 - lists[which, 1]) // BLOCK + 1
                widest = max(widest, block_positions[last] - block_positions[first])
                here = end
            total += 2 * widest  # windows begin elsewhere: two of these cover each
        most = max(most, total)
    return most


@njit(cache=True, nogil=True)
def _keep_marked(keys: U64, size: int, marks: U64, out: U64) -> int:
    """Write the keys whose hash is marked; return how many."""
    kept = 0
    for i in range(size):
        place = (keys[i] * _HASH) >> _SHIFT
        out[kept] = keys[i]
        kept += np.int64((marks[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1))
    return kept


@njit(cache=True, nogil=True)
def _mark(keys: U64, size: int, marks: U64) -> None:
    marks[:] = 0
    for i in range(size):
        place = (keys[i] * _HASH) >> _SHIFT
        marks[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))


@njit(cache=True, nogil=True)
def _decode(
    first: int, end: int, byte: int, base: int, shift_by: int, postings: U32, positions: U8,
    keys: U64, size: int,
) -> tuple[int, int]:  # fmt: skip
    """Append the keys of the postings [first, end), whose positions begin at `byte`.

    A key is (document - base) << 32 | position + shift_by. Returns the new size, and the byte that
    follows. Gaps of one or two bytes are decoded without a branch.
    """
    posting = first
    final = postings.size - 1
    final_byte = positions.size - 1
    position = np.int64(-1)
    while posting < end:
        low = np.int64(positions[byte])
        high = np.int64(positions[min(byte + 1, final_byte)])
        more = low >> 7
        if low & high & MORE:  # a gap of 8,192 or more
            value = low & 127
            shift = 7
            byte += 1
            while positions[byte] >= MORE:
                value |= (np.int64(positions[byte]) & 127) << shift
                shift += 7
                byte += 1
            closing = np.int64(positions[byte])
            value |= (closing & 63) << shift
            byte += 1
        else:
            closing = high if more else low
            value = (low & (63 | more << 6)) | ((high & 63 & -more) << 7)
            byte += 1 + more
        position += value
        document = np.int64(postings[min(posting, final)] >> TF_BITS) - base
        keys[size] = np.uint64((document << 32) + position + shift_by)
        size += 1
        ended = (closing >> 6) & 1
        posting += ended
        position |= -ended  # -1 again where the posting ends
    return size, byte


@njit(cache=True, nogil=True)
def _common(keys: U64, n: int, others: U64, m: int) -> int:
    """Keep, in place, the keys that are among others too, both ascending; return how many."""
    kept = 0
    j = 0
    for i in range(n):
        while j < m and others[j] < keys[i]:
            j += 1
        if j == m:
            break
        if others[j] == keys[i]:
            keys[kept] = keys[i]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def dense_phrases(
    postings: U32, forms: U8, lengths: U8, norm: F32, lists: I64, groups: I64, offsets: I64,
    weights: F32, scored: bool, positions: U8, block_positions: I64, out_docs: U32,
    out_scores: F32,
) -> int:  # fmt: skip
    """Write the documents that have the phrase, with the scores of its words; return how many.

    `out_docs` and, when `scored`, `out_scores` take as many as the shortest word has documents.
    """
    n = groups.size - 1
    n_lists = lists.shape[0]
    at = lists[:, 1].copy()
    ends = lists[:, 1].copy()
    byte_of = np.full(n_lists, -1, np.int64)  # of the posting at which decoding stopped, if known
    marks = np.empty(1 << (_HASH_BITS - 6), np.uint64)
    room = _room(lists, groups, postings, block_positions) + 1
    keys = np.empty(room, np.uint64)
    fresh = np.empty(room, np.uint64)
    passed = np.empty(room, np.uint64)
    numbers = np.full(NARROW + 1, NARROW, np.uint16)
    places = np.empty((n_lists, NARROW + 1), np.uint32)
    found = 0
    base = np.int64(0)
    while True:
        for group in range(n):  # no document before the first one of each word
            nearest = np.int64(1) << 40
            for which in range(groups[group], groups[group + 1]):
                here = gallop(postings, at[which], lists[which, 2], base << TF_BITS)
                if here != ends[which]:  # not where decoding stopped
                    byte_of[which] = -1
                at[which] = here
                if here < lists[which, 2]:
                    nearest = min(nearest, np.int64(postings[here] >> TF_BITS))
            if nearest >> 40:
                return found
            base = max(base, nearest)
        limit = (base + NARROW) << TF_BITS
        size = np.int64(0)
        for group in range(n):
            n_fresh = np.int64(0)
            for which in range(groups[group], groups[group + 1]):
                here = gallop(postings, at[which], lists[which, 2], base << TF_BITS)
                if here != at[which] or byte_of[which] < 0:
                    at[which] = here
                    if here < lists[which, 2]:
                        byte_of[which] = _seek(lists, which, here, positions, block_positions)
                ends[which] = gallop(postings, here, lists[which, 2], limit)
                if group == 0 or size:
                    n_fresh, byte_of[which] = _decode(
                        here, ends[which], byte_of[which], base, _LONGEST - offsets[group],
                        postings, positions, fresh, n_fresh,
                    )  # fmt: skip
                else:
                    byte_of[which] = -1
            if group == 0:
                keys, fresh = fresh, keys
                size = n_fresh
                several = groups[1] - groups[0] > 1
            elif size:
                _mark(keys, size, marks)
                n_passed = _keep_marked(fresh, n_fresh, marks, passed)
                if groups[group + 1] - groups[group] > 1:
                    passed[:n_passed].sort()
                _mark(passed, n_passed, marks)
                size = _keep_marked(keys, size, marks, fresh)
                if several:
                    fresh[:size].sort()
                    several = False
                size = _common(fresh, size, passed, n_passed)
                keys, fresh = fresh, keys
        documents = 0
        slot = np.int64(-1)
        for i in range(size):
            if np.int64(keys[i] >> np.uint64(32)) != slot:
                slot = np.int64(keys[i] >> np.uint64(32))
                numbers[slot] = documents
                out_docs[found + documents] = base + slot
                documents += 1
        if scored and documents:
            score_window(
                postings, forms, lengths, norm, lists, groups, at, ends, weights, base, documents,
                numbers, places, out_docs, out_scores, found,
            )  # fmt: skip
        for i in range(documents):
            numbers[out_docs[found + i] - base] = NARROW
        found += documents
        base += NARROW
