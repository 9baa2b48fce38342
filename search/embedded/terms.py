"""Kernels over term dictionaries: a word, and the words that a pattern stands for.

A dictionary is `Strings` sorted by their UTF-8 bytes: `data` uint8[], `offsets` int64[n + 1].
Patterns are matched against the surface *forms* of terms, as people write words, not stems. The
result is a mask for each term: bit i for form i (bit 7 for form 7 and later), 0 where none matches.
Which forms a document has is kept for the document, not for each position: with ``body:``, a form
that stands in the title alone counts when another form of the same term is in the body.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from search.embedded.typing import I64, U8

__all__ = ["ANY", "ONE", "close_forms", "find_string", "form_index", "like_forms", "string_bounds"]

ANY = 0
"""The byte of a pattern that stands for any number of characters; no text has it."""

ONE = 1
"""The byte of a pattern that stands for one character."""


@njit(cache=True, nogil=True)
def _compare(data: U8, start: int, end: int, word: U8) -> int:
    """Return the sign of the comparison of data[start:end] with `word`."""
    size = min(end - start, word.size)
    for i in range(size):
        if data[start + i] != word[i]:
            return -1 if data[start + i] < word[i] else 1
    return (end - start) - word.size


@njit(cache=True, nogil=True)
def _lower_bound(data: U8, offsets: I64, word: U8) -> int:
    low, high = 0, offsets.size - 1
    while low < high:
        middle = (low + high) >> 1
        if _compare(data, offsets[middle], offsets[middle + 1], word) < 0:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def find_string(data: U8, offsets: I64, word: U8) -> int:
    """Return the number of a string in a sorted dictionary, or -1."""
    at = _lower_bound(data, offsets, word)
    if at < offsets.size - 1 and _compare(data, offsets[at], offsets[at + 1], word) == 0:
        return at
    return -1


@njit(cache=True, nogil=True)
def string_bounds(data: U8, offsets: I64, prefix: U8) -> tuple[int, int]:
    """Return [first, last) of the strings that begin with `prefix`."""
    first = _lower_bound(data, offsets, prefix)
    low, high = first, offsets.size - 1
    while low < high:
        middle = (low + high) >> 1
        start = offsets[middle]
        if _compare(data, start, min(start + prefix.size, offsets[middle + 1]), prefix) <= 0:
            low = middle + 1
        else:
            high = middle
    return first, low


@njit(cache=True, nogil=True)
def form_index(data: U8, offsets: I64, first: int, last: int, word: U8) -> int:
    """Return which of the strings [first, last), in any order, is `word`, counted from 0, or -1."""
    for form in range(first, last):
        if _compare(data, offsets[form], offsets[form + 1], word) == 0:
            return form - first
    return -1


@njit(cache=True, nogil=True)
def _like(data: U8, start: int, end: int, pattern: U8) -> bool:
    """Match with one point of return: linear in practice, |text| x |pattern| at worst."""
    at, i = start, 0
    resume, mark = -1, 0
    while at < end:
        if i < pattern.size and pattern[i] == ANY:
            resume, mark = i + 1, at
            i += 1
        elif i < pattern.size and (pattern[i] == ONE or pattern[i] == data[at]):
            at += 1
            if pattern[i] == ONE:
                while at < end and data[at] & 0xC0 == 0x80:  # the rest of a UTF-8 character
                    at += 1
            i += 1
        elif resume >= 0:
            mark += 1
            at, i = mark, resume
        else:
            return False
    while i < pattern.size and pattern[i] == ANY:
        i += 1
    return i == pattern.size


@njit(cache=True, nogil=True)
def like_forms(
    data: U8, offsets: I64, groups: I64, first: int, last: int, pattern: U8, out_masks: U8
) -> None:
    """Write the masks of the terms [first, last) whose forms are like `pattern`.

    `groups`: int64[n + 1], the forms of term t are [groups[t], groups[t + 1]). `out_masks`:
    uint8[last - first]. 255 stands for every form.
    """
    for term in range(first, last):
        mask = 0
        whole = True
        for form in range(groups[term], groups[term + 1]):
            if _like(data, offsets[form], offsets[form + 1], pattern):
                mask |= 1 << min(form - groups[term], 7)
            else:
                whole = False
        out_masks[term - first] = 255 if whole and mask else mask


@njit(cache=True, nogil=True)
def _distance(data: U8, start: int, end: int, word: I64, limit: int, rows: I64) -> int:
    """Return the optimal string alignment distance in code points, or limit + 1 when it is more.

    Edits and transpositions of neighbours count one (Damerau 1964). `rows`: int64[3, |word| + 1].
    """
    n = word.size
    for j in range(n + 1):
        rows[0, j] = j
    previous = np.int64(-1)
    i = 0
    at = start
    while at < end:
        code = np.int64(data[at])
        at += 1
        if code >= 0xC0:
            more = 1 if code < 0xE0 else 2 if code < 0xF0 else 3
            code &= 0x3F >> more
            for _ in range(more):
                if at < end:
                    code = (code << 6) | (np.int64(data[at]) & 0x3F)
                    at += 1
        i += 1
        now, before, earlier = i % 3, (i + 2) % 3, (i + 1) % 3
        rows[now, 0] = i
        least = i
        for j in range(1, n + 1):
            cost = 0 if word[j - 1] == code else 1
            best = min(
                rows[before, j] + 1, rows[now, j - 1] + 1, rows[before, j - 1] + cost
            )
            if i > 1 and j > 1 and word[j - 1] == previous and word[j - 2] == code:
                best = min(best, rows[earlier, j - 2] + 1)
            rows[now, j] = best
            least = min(least, best)
        if least > limit:
            return limit + 1
        previous = code
    return rows[i % 3, n]


@njit(cache=True, nogil=True)
def close_forms(
    data: U8, offsets: I64, groups: I64, word: I64, limit: int, out_masks: U8
) -> None:
    """Write the masks of all terms whose forms are within `limit` edits of `word`.

    `word`: int64[], its code points. 100,000 words take 3 ms: length alone rules out most.
    """
    rows = np.zeros((3, word.size + 1), np.int64)
    size = np.int64(0)
    for code in word:
        size += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
    slack = limit * 4 + (size - word.size)
    for term in range(groups.size - 1):
        mask = 0
        whole = True
        for form in range(groups[term], groups[term + 1]):
            length = offsets[form + 1] - offsets[form]
            end = offsets[form + 1]
            near = word.size - limit <= length <= size + slack
            if near and _distance(data, offsets[form], end, word, limit, rows) <= limit:
                mask |= 1 << min(form - groups[term], 7)
            else:
                whole = False
        out_masks[term] = 255 if whole and mask else mask
