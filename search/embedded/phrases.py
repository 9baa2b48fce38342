"""Kernels over positions: phrases, and how close together words stand.

Positions of a posting are gaps (`segment.TextField.positions`), found through the checkpoint of its
block; from there postings are skipped by counting the bytes that end one, a vector of bytes at a
time, and going forward inside a block counts every byte once.

`lists`: int64[n, ROW], rows of `search.embedded.lookup`; `groups`: int64[words + 1], word w is the
rows [groups[w], groups[w + 1]), its synonyms. `bounds`: uint32[n_docs, 2], only positions between
these count, or empty: all do.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import BLOCK, LAST, MORE, TF_BITS
from search.embedded.postings import gallop
from search.embedded.typing import F32, I64, U8, U32

__all__ = [
    "closeness", "count_between", "distances", "near_phrases", "phrases", "positions_of",
]  # fmt: skip

MOST = 255
"""Positions of a posting, at most."""

_FLAGS = np.uint8(MORE | LAST)
_LAST = np.uint8(LAST)


@njit(cache=True, nogil=True)
def _state(lists: I64, n_candidates: int) -> tuple[I64, U32]:
    """Return where reading the positions of each row stands, before the first of the candidates.

    int64[n, 4]: the place in its postings; the last posting whose positions were read, and where
    the next one's begin; 1 + the first posting of the block in the table, 0 before, or -1 where
    there are too few candidates for one. uint32[n, BLOCK + 2]: where the positions of each posting
    of a block begin. A table takes 0.1 us a block and no branch, and pays with two candidates in
    it: a tenth to a quarter of a phrase's time.
    """
    state = np.empty((lists.shape[0], 4), np.int64)
    tables = False
    for which in range(lists.shape[0]):
        n_blocks = (lists[which, 2] - lists[which, 1] + BLOCK - 1) // BLOCK
        state[which, 0] = lists[which, 1]
        state[which, 1] = -1
        state[which, 2] = 0
        state[which, 3] = 0 if n_candidates > 2 * n_blocks else -1
        tables |= state[which, 3] == 0
    return state, np.empty((lists.shape[0] if tables else 0, BLOCK + 2), np.uint32)


@njit(cache=True, nogil=True, inline="always")
def _places(
    doc: int, begin: int, end: int, lists: I64, postings: U32, positions: U8,
    block_positions: I64, bounds: U32, state: I64, table: U32, out: U32, size: int,
) -> int:  # fmt: skip
    """Append to `out` the positions in a document of the word of rows [begin, end), ascending.

    Documents come in ascending order, through `state` and `table` of `_state`. Returns the new size
    of `out`. Inlined into each kernel: a call that takes arrays counts their references, which took
    15 times as long.
    """
    first_out = size
    for which in range(begin, end):
        here = gallop(postings, state[which, 0], lists[which, 2], doc << TF_BITS)
        state[which, 0] = here
        if here < lists[which, 2] and postings[here] >> TF_BITS == doc:
            block = (here - lists[which, 1]) // BLOCK
            posting = lists[which, 1] + block * BLOCK
            skip = np.int64(0)
            if state[which, 3] >= 0:  # many documents in each block: all postings are found at once
                if state[which, 3] != posting + 1:
                    state[which, 3] = posting + 1
                    byte = block_positions[lists[which, 6] + block]
                    table[which, 0] = byte
                    ended = np.int64(0)
                    for i in range(byte, block_positions[lists[which, 6] + block + 1]):
                        table[which, ended + 1] = i + 1
                        ended += (positions[i] & _FLAGS) == _LAST
                byte = np.int64(table[which, here - posting])
            elif posting <= state[which, 1] < here:
                skip = here - state[which, 1] - 1
                byte = state[which, 2]
            else:
                skip = here - posting
                byte = block_positions[lists[which, 6] + block]
            while skip > 0:  # a posting has a byte or more: as many are looked at as are left
                ended = np.int64(0)
                for i in range(byte, byte + skip):
                    ended += (positions[i] & _FLAGS) == _LAST
                byte += skip
                skip -= ended
            position = np.int64(-1)
            middle = size
            flags = np.uint8(0)
            while flags != _LAST:
                value = np.int64(positions[byte])
                flags = positions[byte] & _FLAGS
                byte += 1
                if flags >= MORE:
                    value &= 127
                    shift = 7
                    while flags >= MORE:
                        more = np.int64(positions[byte])
                        flags = positions[byte] & _FLAGS
                        byte += 1
                        value |= (more & (127 if flags >= MORE else LAST - 1)) << shift
                        shift += 7
                else:
                    value &= LAST - 1
                position += value
                if size < out.size and (
                    bounds.size == 0 or bounds[doc, 0] <= position < bounds[doc, 1]
                ):
                    out[size] = position
                    size += 1
            state[which, 1] = here
            state[which, 2] = byte
            if middle > first_out:  # synonyms that meet in one document are rare and short
                for i in range(middle, size):
                    value = np.int64(out[i])
                    j = i
                    while j > first_out and out[j - 1] > value:
                        out[j] = out[j - 1]
                        j -= 1
                    out[j] = value
    return size


@njit(cache=True, nogil=True)
def positions_of(
    candidates: U32, lists: I64, groups: I64, postings: U32, positions: U8, block_positions: I64,
    bounds: U32, starts: I64, out: U32,
) -> None:  # fmt: skip
    """Write the positions of every word in each candidate, ascending.

    `candidates`: uint32[n], ascending. `starts`: int64[words, n + 1]; those of word w in candidate
    i are ``out[starts[w, i]:starts[w, i + 1]]``. `out` takes MOST for each row and candidate.
    """
    state, table = _state(lists, candidates.size)
    size = 0
    for word in range(groups.size - 1):
        for index in range(candidates.size):
            starts[word, index] = size
            size = _places(
                np.int64(candidates[index]), groups[word], groups[word + 1], lists, postings,
                positions, block_positions, bounds, state, table, out, size,
            )  # fmt: skip
        starts[word, candidates.size] = size


@njit(cache=True, nogil=True)
def phrases(
    candidates: U32, scores: F32, lists: I64, groups: I64, offsets: I64, postings: U32,
    positions: U8, block_positions: I64, bounds: U32, out: U32, out_scores: F32,
) -> int:  # fmt: skip
    """Write the candidates that have the words at their `offsets` from one another.

    `candidates`: uint32[n], ascending, which have all words, with `scores`: float32[n] or empty.
    `offsets`: int64[words]. A candidate is left at the first word that does not fit. Returns how
    many there are.
    """
    state, table = _state(lists, candidates.size)
    most = np.int64(0)
    for word in range(groups.size - 1):
        most = max(most, MOST * (groups[word + 1] - groups[word]))
    kept = np.empty(most, np.uint32)
    places = np.empty(most, np.uint32)
    found = 0
    for index in range(candidates.size):
        doc = np.int64(candidates[index])
        size = _places(
            doc, groups[0], groups[1], lists, postings, positions, block_positions, bounds, state,
            table, kept, 0,
        )  # fmt: skip
        for word in range(1, groups.size - 1):
            if size == 0:
                break
            n = _places(
                doc, groups[word], groups[word + 1], lists, postings, positions, block_positions,
                bounds, state, table, places, 0,
            )  # fmt: skip
            offset = offsets[word] - offsets[0]
            left = 0
            other = 0
            for i in range(size):
                target = kept[i] + offset
                while other < n and places[other] < target:
                    other += 1
                if other == n:
                    break
                if places[other] == target:
                    kept[left] = kept[i]
                    left += 1
            size = left
        if size:
            out[found] = candidates[index]
            if scores.size:
                out_scores[found] = scores[index]
            found += 1
    return found


@njit(cache=True, nogil=True)
def distances(
    doc: int, lists: I64, groups: I64, postings: U32, positions: U8, block_positions: I64, out: I64
) -> None:  # fmt: skip
    """Write the least distance of each two neighbouring words in a document, int64[words - 1].

    1 stands for side by side in order, 2 for the other way round or one word between, and so on;
    MOST where one of them is missing.
    """
    state, table = _state(lists, 1)
    bounds = np.empty((0, 2), np.uint32)
    before = np.empty(MOST * lists.shape[0], np.uint32)
    places = np.empty(MOST * lists.shape[0], np.uint32)
    _distances(
        doc, lists, groups, postings, positions, block_positions, bounds, state, table, before,
        places, out,
    )  # fmt: skip


@njit(cache=True, nogil=True, inline="always")
def _distances(
    doc: int, lists: I64, groups: I64, postings: U32, positions: U8, block_positions: I64,
    bounds: U32, state: I64, table: U32, before: U32, places: U32, out: I64,
) -> None:  # fmt: skip
    """As `distances`; documents come in ascending order. `before` and `places`: uint32[], memory
    for MOST positions of each row."""
    n_before = 0
    for word in range(groups.size - 1):
        n = _places(
            doc, groups[word], groups[word + 1], lists, postings, positions, block_positions,
            bounds, state, table, places, 0,
        )  # fmt: skip
        if word:
            out[word - 1] = _least_distance(before, n_before, places, n)
        before, places = places, before
        n_before = n


@njit(cache=True, nogil=True, inline="always")
def _least_distance(before: U32, n_before: int, places: U32, n: int) -> int:
    best = np.int64(MOST)
    j = 0
    for i in range(n):
        position = np.int64(places[i])
        while j < n_before and before[j] < position:
            j += 1
        if j:
            best = min(best, position - before[j - 1])
        if j < n_before and before[j] > position:
            best = min(best, before[j] - position + 1)
    return best


@njit(cache=True, nogil=True)
def closeness(
    rows: I64, leaf: int, lists: I64, groups: I64, weights: F32, far: int, postings: U32,
    positions: U8, block_positions: I64,
) -> None:  # fmt: skip
    """Add to the scores of a leaf's `rows` what closeness earns, see `search.embedded.ranking`.

    `weights`: float32[words - 1], what each two neighbouring words earn at distance 1; divided by
    their distance, and nothing beyond `far`. Each word is read in ascending order of documents.
    """
    n = 0
    order = np.empty(rows.shape[0], np.int64)
    for i in range(rows.shape[0]):
        if rows[i, 3] >> 32 == leaf:
            j = n
            while j > 0 and rows[order[j - 1], 3] > rows[i, 3]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = i
            n += 1
    state, table = _state(lists, 1)
    bounds = np.empty((0, 2), np.uint32)
    before = np.empty(MOST * lists.shape[0], np.uint32)
    places = np.empty(MOST * lists.shape[0], np.uint32)
    apart = np.empty(weights.size, np.int64)
    score = np.zeros(1, np.float32)
    bits = score.view(np.int32)
    for index in range(n):
        row = order[index]
        _distances(
            rows[row, 3] & 0xFFFFFFFF, lists, groups, postings, positions, block_positions, bounds,
            state, table, before, places, apart,
        )  # fmt: skip
        more = np.float32(0.0)
        for pair in range(weights.size):
            if apart[pair] <= far:
                more += weights[pair] / np.float32(apart[pair])
        bits[0] = rows[row, 0]
        score[0] += more
        rows[row, 0] = bits[0]


@njit(cache=True, nogil=True)
def near_phrases(
    starts: I64, places: U32, reach: int, out: U8
) -> None:
    """Write which candidates have all words within `reach` positions, each at one of its own.

    `starts`: int64[words, candidates + 1], into `places` of all words together. Words may come in
    any order. A word said twice in the query has equal lists, and takes two places: the window is
    filled greedily from the left.
    """
    n = starts.shape[0]
    pointers = np.zeros(n, np.int64)
    ranks = np.zeros(n, np.int64)
    for index in range(starts.shape[1] - 1):
        out[index] = 0
        complete = True
        for word in range(n):
            pointers[word] = starts[word, index]
            ranks[word] = 0
            size = starts[word, index + 1] - starts[word, index]
            complete &= size > 0
            for other in range(word):  # how many equal words come before this one
                equal = starts[other, index + 1] - starts[other, index] == size
                for i in range(size if equal else 0):
                    equal &= places[starts[word, index] + i] == places[starts[other, index] + i]
                ranks[word] += equal
        last = np.int64(-1)
        while complete:
            begin = np.int64(1) << 60
            for word in range(n):
                while (
                    pointers[word] < starts[word, index + 1] and places[pointers[word]] <= last
                ):
                    pointers[word] += 1
                if pointers[word] < starts[word, index + 1]:
                    begin = min(begin, np.int64(places[pointers[word]]))
            if begin >> 60:
                break
            last = begin
            whole = True
            for word in range(n):
                place = pointers[word] + ranks[word]
                if place >= starts[word, index + 1] or places[place] >= begin + reach:
                    whole = False
                    break
            if whole:
                out[index] = 1
                break


@njit(cache=True, nogil=True)
def count_between(
    first: int, last: int, block_first: int, postings: U32, positions: U8, block_positions: I64,
    bounds: U32, out: U32, out_postings: I64,
) -> int:  # fmt: skip
    """Write the documents of one term with positions in `bounds`, packed with how many there are.

    How the field ``body`` is answered from ``text``. `out_postings`: which posting each is. Returns
    how many documents there are.
    """
    at = block_positions[block_first] if first < last else 0
    kept = 0
    for posting in range(first, last):
        doc = postings[posting] >> TF_BITS
        position = np.int64(-1)
        inside = 0
        flags = np.uint8(0)
        while flags != _LAST:
            gap = np.int64(0)
            shift = 0
            flags = _FLAGS
            while flags >= MORE:
                byte = np.int64(positions[at])
                flags = positions[at] & _FLAGS
                at += 1
                gap |= (byte & (127 if flags >= MORE else LAST - 1)) << shift
                shift += 7
            position += gap
            inside += 1 if bounds[doc, 0] <= position < bounds[doc, 1] else 0
        if inside:
            out[kept] = doc << TF_BITS | min(inside, 255)
            out_postings[kept] = posting
            kept += 1
    return kept
