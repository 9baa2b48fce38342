"""Kernels over positions: phrases, and how close together words stand.

Positions of a posting are gaps in LEB128 (the first one from -1), found through the checkpoint of
its block; going forward inside a block decodes every gap once. `positions_of` reads one word's
positions in all candidates into one flat array, which the other kernels walk through.

`words`: int64[n, 3] rows (term, first, last), a term with its postings [first, last); several
terms of a word are synonyms.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np
from numba import njit

from indexer.segment import BLOCK
from search.embedded.typing import I64, U8, U32

__all__ = [
    "count_between", "keep_followed", "least_distances", "near_phrases", "positions_of",
]  # fmt: skip

@njit(cache=True, nogil=True)
def positions_of(
    candidates: U32, words: I64, docs: U32, blocks: I64, occurrences: U8, positions: U8,
    block_positions: I64, bounds: U32, starts: I64, out: U32,
) -> None:  # fmt: skip
    """Write the positions of one word in each candidate, ascending.

    `words`: the rows of the word's terms. `starts`: int64[candidates + 1]; those of candidate i are
    ``out[starts[i]:starts[i + 1]]``. `out` takes as many as the terms have bytes of positions. All
    is in one function, since calls that take arrays count references: 15 times the time.
    """
    n = words.shape[0]
    at = words[:, 1].copy()
    read_posting = np.full(n, -1, np.int64)
    read_byte = np.zeros(n, np.int64)
    size = 0
    for index in range(candidates.size):
        doc = candidates[index]
        begin = size
        starts[index] = size
        for which in range(n):
            here, high = at[which], words[which, 2]
            if here < high and docs[here] < doc:
                step = 1
                while here + step < high and docs[here + step] < doc:
                    here += step
                    step <<= 1
                high = min(high, here + step)
                here += 1
                while here < high:
                    middle = (here + high) >> 1
                    if docs[middle] < doc:
                        here = middle + 1
                    else:
                        high = middle
            at[which] = here
            if here == words[which, 2] or docs[here] != doc:
                continue
            block = (here - words[which, 1]) // BLOCK
            posting = words[which, 1] + block * BLOCK
            if posting <= read_posting[which] < here:
                posting = read_posting[which] + 1
                byte = read_byte[which]
            else:
                byte = block_positions[blocks[words[which, 0]] + block]
            skip = np.int64(0)
            while posting < here:
                skip += occurrences[posting]
                posting += 1
            while skip > 0:  # a gap has a byte or more: as many bytes are looked at as gaps left
                ended = np.int64(0)
                for i in range(byte, byte + skip):
                    ended += positions[i] < 0x80
                byte += skip
                skip -= ended
            position = np.int64(-1)
            middle = size
            for _ in range(occurrences[here]):
                value = np.int64(positions[byte])
                byte += 1
                if value >= 0x80:
                    value &= 0x7F
                    shift = 7
                    while True:
                        more = np.int64(positions[byte])
                        byte += 1
                        value |= (more & 0x7F) << shift
                        if more < 0x80:
                            break
                        shift += 7
                position += value
                if bounds.size == 0 or bounds[doc, 0] <= position < bounds[doc, 1]:
                    out[size] = position
                    size += 1
            read_posting[which] = here
            read_byte[which] = byte
            if middle > begin:  # synonyms that meet in one document are rare and short
                for i in range(middle, size):
                    value = np.int64(out[i])
                    j = i
                    while j > begin and out[j - 1] > value:
                        out[j] = out[j - 1]
                        j -= 1
                    out[j] = value
    starts[candidates.size] = size


@njit(cache=True, nogil=True)
def keep_followed(
    starts: I64, places: U32, next_starts: I64, next_places: U32, offset: int
) -> None:
    """Keep, in place, the positions p of each candidate for which the next word is at p + offset.

    `starts` and `places` as `positions_of` writes them.
    """
    size = 0
    begin = starts[0]
    for index in range(starts.size - 1):
        end = starts[index + 1]
        starts[index] = size
        other, last = next_starts[index], next_starts[index + 1]
        for i in range(begin, end):
            target = places[i] + offset
            while other < last and next_places[other] < target:
                other += 1
            if other == last:
                break
            if next_places[other] == target:
                places[size] = places[i]
                size += 1
        begin = end
    starts[starts.size - 1] = size


@njit(cache=True, nogil=True)
def least_distances(
    starts: I64, places: U32, next_starts: I64, next_places: U32, out: U8
) -> None:
    """Write the least distance of two words in each candidate: uint8[candidates], 255 for none.

    1 stands for side by side in order, 2 for the other way round or one word between, and so on.
    """
    for index in range(starts.size - 1):
        best = np.int64(255)
        j, last = starts[index], starts[index + 1]
        for i in range(next_starts[index], next_starts[index + 1]):
            position = np.int64(next_places[i])
            while j < last and places[j] < position:
                j += 1
            if j > starts[index]:
                best = min(best, position - places[j - 1])
            if j < last and places[j] > position:
                best = min(best, places[j] - position + 1)
        out[index] = best


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
