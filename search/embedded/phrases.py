"""Kernels over positions: phrases, and how close together words stand.

Positions of a posting are gaps in LEB128 (the first one from -1), found through the checkpoint of
its block; a `cursor` remembers where the last one was read, so that going forward inside a block
decodes every gap once.

`words`: int64[n, 4] rows (term, first, last, group): the term's postings [first, last), and which
word of the phrase it stands for; several terms of one group are synonyms. Rows are sorted by group.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np
from numba import njit

from indexer.segment import BLOCK
from search.embedded.postings import gallop
from search.embedded.typing import F32, I64, U8, U32

__all__ = ["add_closeness", "closest_pairs", "count_between", "find_phrases"]

_MOST = 256
"""Positions of a word in a document that are looked at; 255 are stored."""


@njit(cache=True, nogil=True)
def _seek(
    posting: int, first: int, block_first: int, occurrences: U8, positions: U8,
    block_positions: I64, cursor: I64,
) -> int:  # fmt: skip
    """Return where the positions of a posting begin.

    `cursor`: int64[2], the posting that was read last and where the next one's positions begin;
    (-1, 0) at first.
    """
    block = (posting - first) // BLOCK
    block_start = first + block * BLOCK
    if cursor[0] >= block_start and cursor[0] < posting:
        here = cursor[0] + 1
        at = cursor[1]
    else:
        here = block_start
        at = block_positions[block_first + block]
    skip = np.int64(0)
    for other in range(here, posting):
        skip += occurrences[other]
    while skip > 0:  # a gap has one byte or more: as many bytes are looked at as gaps are left
        ended = np.int64(0)
        for i in range(at, at + skip):
            ended += positions[i] < 0x80
        at += skip
        skip -= ended
    return at


@njit(cache=True, nogil=True)
def _read(at: int, count: int, positions: U8, out: I64, size: int) -> tuple[int, int]:
    """Append `count` positions to `out` from `size` on; return (new size, where they end)."""
    position = np.int64(-1)
    for _ in range(count):
        gap = np.int64(0)
        shift = 0
        while True:
            byte = np.int64(positions[at])
            at += 1
            gap |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
        position += gap
        if size < out.size:
            out[size] = position
            size += 1
    return size, at


@njit(cache=True, nogil=True)
def _group_rows(words: I64, n: int) -> I64:
    """Return int64[n + 1]: the rows of group g are [found[g], found[g + 1])."""
    found = np.zeros(n + 1, np.int64)
    for which in range(words.shape[0]):
        found[words[which, 3] + 1] = which + 1
    for group in range(n):
        found[group + 1] = max(found[group + 1], found[group])
    return found


@njit(cache=True, nogil=True)
def _gather(
    doc: int, words: I64, row: int, last_row: int, docs: U32, blocks: I64, occurrences: U8,
    positions: U8, block_positions: I64, at: I64, cursors: I64, out: I64,
) -> int:  # fmt: skip
    """Write the sorted positions in `doc` of the synonyms [row, last_row); return how many."""
    size = 0
    for which in range(row, last_row):
        here = gallop(docs, at[which], words[which, 2], doc)
        at[which] = here
        if here == words[which, 2] or docs[here] != doc:
            continue
        start = _seek(
            here, words[which, 1], blocks[words[which, 0]], occurrences, positions,
            block_positions, cursors[which],
        )  # fmt: skip
        before = size
        size, end = _read(start, occurrences[here], positions, out, size)
        cursors[which, 0] = here
        cursors[which, 1] = end
        if before:  # insertion: synonyms that meet in one document are rare and short
            for i in range(before, size):
                value = out[i]
                j = i
                while j > 0 and out[j - 1] > value:
                    out[j] = out[j - 1]
                    j -= 1
                out[j] = value
    return size


@njit(cache=True, nogil=True)
def _near(found: I64, sizes: I64, n: int, reach: int) -> int:
    """Count the positions that begin a window of `reach` positions with every word in it.

    Words may come in any order but each needs a position of its own: a word said twice needs two,
    which holds because a window is filled greedily from the left, and equal words have equal lists.
    """
    count = 0
    last_start = np.int64(-1)
    pointers = np.zeros(n, np.int64)
    while True:
        start = np.int64(1) << 60
        for word in range(n):
            while pointers[word] < sizes[word] and found[word, pointers[word]] <= last_start:
                pointers[word] += 1
            if pointers[word] < sizes[word]:
                start = min(start, found[word, pointers[word]])
        if start >> 60:
            return count
        last_start = start
        complete = True
        for word in range(n):
            # The occurrence of this word that is not taken by an equal word before it.
            rank = 0
            for other in range(word):
                if _equal(found, sizes, word, other):
                    rank += 1
            index = pointers[word] + rank
            if index >= sizes[word] or found[word, index] >= start + reach:
                complete = False
                break
        if complete:
            count += 1


@njit(cache=True, nogil=True)
def _equal(found: I64, sizes: I64, one: int, other: int) -> bool:
    if sizes[one] != sizes[other]:
        return False
    for i in range(sizes[one]):  # noqa: SIM110
        if found[one, i] != found[other, i]:
            return False
    return True


@njit(cache=True, nogil=True)
def _exact(found: I64, sizes: I64, n: int, offsets: I64) -> int:
    """Count the positions p with word i at p + offsets[i], for every i."""
    count = 0
    pointers = np.zeros(n, np.int64)
    for i in range(sizes[0]):
        start = found[0, i] - offsets[0]
        complete = True
        for word in range(1, n):
            target = start + offsets[word]
            here = pointers[word]
            while here < sizes[word] and found[word, here] < target:
                here += 1
            pointers[word] = here
            if here == sizes[word]:
                return count
            if found[word, here] != target:
                complete = False
                break
        if complete:
            count += 1
    return count


@njit(cache=True, nogil=True)
def find_phrases(
    candidates: U32, words: I64, offsets: I64, slop: int, docs: U32, blocks: I64, occurrences: U8,
    positions: U8, block_positions: I64, bounds: U32, out_docs: U32, out_tfs: U8,
) -> int:  # fmt: skip
    """Write the candidates that hold the phrase, and how often (255 at most); return how many.

    `offsets`: int64[n], the position of each word in the phrase. With `slop` the words stand in any
    order within their number plus `slop` positions. `bounds`: uint32[n_docs, 2], positions
    [first, last) that count, or empty.
    """
    n = offsets.size
    rows = _group_rows(words, n)
    at = words[:, 1].copy()
    cursors = np.zeros((words.shape[0], 2), np.int64)
    cursors[:, 0] = -1
    found = np.zeros((n, _MOST), np.int64)
    sizes = np.zeros(n, np.int64)
    kept = 0
    for candidate in candidates:
        doc = np.int64(candidate)
        complete = True
        for word in range(n):
            size = _gather(
                doc, words, rows[word], rows[word + 1], docs, blocks, occurrences, positions,
                block_positions, at, cursors, found[word],
            )  # fmt: skip
            if bounds.size:
                inside = 0
                for i in range(size):
                    if bounds[doc, 0] <= found[word, i] < bounds[doc, 1]:
                        found[word, inside] = found[word, i]
                        inside += 1
                size = inside
            sizes[word] = size
            if size == 0:
                complete = False
                break
        if not complete:
            continue
        near = slop > 0
        count = _near(found, sizes, n, n + slop) if near else _exact(found, sizes, n, offsets)
        if count:
            out_docs[kept] = doc
            out_tfs[kept] = min(count, 255)
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def closest_pairs(
    candidates: U32, words: I64, n: int, docs: U32, blocks: I64, occurrences: U8, positions: U8,
    block_positions: I64, out: U8,
) -> None:  # fmt: skip
    """Write the least distance of each two neighbouring words of a query in each candidate.

    `candidates`: in any order, so each is looked up afresh. `out`: uint8[candidates, n - 1],
    1 for words side by side in the order of the query, 2 when it is the other way round or one
    word lies between, and so on; 255 where there is no such pair.
    """
    rows = _group_rows(words, n)
    at = np.empty(words.shape[0], np.int64)
    cursors = np.empty((words.shape[0], 2), np.int64)
    found = np.zeros((2, _MOST), np.int64)
    for index in range(candidates.size):
        at[:] = words[:, 1]
        cursors[:, 0] = -1
        before = 0
        for word in range(n):
            now = word & 1
            size = _gather(
                np.int64(candidates[index]), words, rows[word], rows[word + 1], docs, blocks,
                occurrences, positions, block_positions, at, cursors, found[now],
            )  # fmt: skip
            if word:
                out[index, word - 1] = _least(found[1 - now], before, found[now], size)
            before = size


@njit(cache=True, nogil=True)
def add_closeness(
    rows: I64, leaf: int, words: I64, weights: F32, far: int, docs: U32, blocks: I64,
    occurrences: U8, positions: U8, block_positions: I64,
) -> None:  # fmt: skip
    """Add to the scores in `rows` what the closeness of neighbouring words earns in a leaf.

    `rows`: int64[k, 4] of `search.embedded.ranking`, changed in place. `weights`: float32[n - 1],
    what each pair earns at distance 1; at distance d it earns 1 / d of it, beyond `far` nothing.
    """
    n = weights.size + 1
    groups = _group_rows(words, n)
    at = words[:, 1].copy()
    cursors = np.empty((words.shape[0], 2), np.int64)
    cursors[:, 0] = -1
    found = np.empty((2, _MOST), np.int64)
    score = np.zeros(1, np.float32)
    bits = score.view(np.int32)
    for index in np.argsort(rows[:, 3]):
        if rows[index, 3] >> 32 != leaf:
            continue
        doc = rows[index, 3] & 0xFFFFFFFF
        more = np.float32(0.0)
        before = 0
        for word in range(n):
            now = word & 1
            size = _gather(
                doc, words, groups[word], groups[word + 1], docs, blocks, occurrences, positions,
                block_positions, at, cursors, found[now],
            )  # fmt: skip
            if size and before:
                best = _least(found[1 - now], before, found[now], size)
                if best <= far:
                    more += weights[word - 1] / np.float32(best)
            before = size
        bits[0] = rows[index, 0]
        score[0] += more
        rows[index, 0] = bits[0]


@njit(cache=True, nogil=True)
def _least(first: I64, n_first: int, second: I64, n_second: int) -> int:
    """Return the least distance of two words: 1 side by side in order, 2 the other way round."""
    best = np.int64(255)
    j = 0
    for i in range(n_second):
        position = second[i]
        while j < n_first and first[j] < position:
            j += 1
        if j > 0:
            best = min(best, position - first[j - 1])
        if j < n_first and first[j] > position:
            best = min(best, first[j] - position + 1)
    return best


@njit(cache=True, nogil=True)
def count_between(
    first: int, last: int, block_first: int, docs: U32, occurrences: U8, positions: U8,
    block_positions: I64, bounds: U32, out_docs: U32, out_tfs: U8, out_postings: I64,
) -> int:  # fmt: skip
    """Write the documents of one term with positions in `bounds`, and how many; return how many.

    How the field ``body`` is answered from ``text``. `out_postings`: which posting each is.
    """
    at = block_positions[block_first] if first < last else 0
    kept = 0
    for posting in range(first, last):
        doc = docs[posting]
        position = np.int64(-1)
        inside = 0
        for _ in range(occurrences[posting]):
            gap = np.int64(0)
            shift = 0
            while True:
                byte = np.int64(positions[at])
                at += 1
                gap |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
                shift += 7
            position += gap
            inside += 1 if bounds[doc, 0] <= position < bounds[doc, 1] else 0
        if inside:
            out_docs[kept] = doc
            out_tfs[kept] = min(inside, 255)
            out_postings[kept] = posting
            kept += 1
    return kept
