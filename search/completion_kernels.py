"""Kernels of completion: which values, forms and titles begin as typed."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpus.kernels import njit
from indexer.analysis_characters import (
    BREAK,
    DIGIT,
    LETTER,
    OTHER,
    TABLE_SIZE,
    UNIGRAM,
    character_tables,
)
from indexer.analysis_kernel import class_at, decode

__all__ = ["common_forms", "keys_with", "titles_with"]

_SPACE = 0x20
_BEFORE_WORDS = (0x20, 0x27, 0x2D, 0x2F)
"""Blank, apostrophe, hyphen and slash: the bytes before a word inside a value."""


@njit(cache=True, nogil=True)
def keys_with(data: Any, offsets: Any, typed: Any, marks: Any) -> None:
    """Mark folded keys: 2 where one begins with `typed`, 1 where a word of it does, else 0.

    data, offsets: the keys as `Strings`; typed: uint8[]; marks: uint8[n].
    """
    for number in range(offsets.size - 1):
        start, end = offsets[number], offsets[number + 1]
        marks[number] = 0
        for at in range(start, end - typed.size + 1):
            if at > start and data[at - 1] not in _BEFORE_WORDS:
                continue
            same = True
            for i in range(typed.size):
                if data[at + i] != typed[i]:
                    same = False
                    break
            if same:
                marks[number] = 2 if at == start else 1
                break


@njit(cache=True, nogil=True)
def common_forms(
    data: Any, offsets: Any, groups: Any, starts: Any, first: int, last: int, typed: Any, out: Any
) -> int:
    """Write (form, frequency) of the terms [first, last) with most postings; return how many.

    The first form of a term that begins with `typed` stands for it. `out`: int64[k, 2], in no
    order.
    """
    count = 0
    least = 0
    for term in range(first, last):
        frequency = starts[term + 1] - starts[term]
        if count == out.shape[0] and frequency <= out[least, 1]:
            continue
        for form in range(groups[term], groups[term + 1]):
            start = offsets[form]
            if offsets[form + 1] - start < typed.size:
                continue
            same = True
            for i in range(typed.size):
                if data[start + i] != typed[i]:
                    same = False
                    break
            if same:
                if count < out.shape[0]:
                    out[count, 0], out[count, 1] = form, frequency
                    count += 1
                else:
                    out[least, 0], out[least, 1] = form, frequency
                if count == out.shape[0]:
                    least = 0
                    for i in range(1, count):
                        if out[i, 1] < out[least, 1]:
                            least = i
                break
    return count


@njit(cache=True, nogil=True)
def _begins(
    text: Any, at: int, end: int, typed: Any, classes: Any, folds: Any, folded: Any
) -> bool:
    """Whether the folded words from `at` on begin with `typed`, one space between words."""
    matched = 0
    gap = False
    while at < end:
        kind, size = class_at(text, at, end, classes)
        if kind in (LETTER, DIGIT, UNIGRAM):
            if gap:
                if typed[matched] != _SPACE:
                    return False
                matched += 1
                gap = False
            code = decode(text, at)[0]
            row = int(folds[code])
            start = row >> 5
            for byte in range(start, start + (row & 31)):
                if typed[matched] != folded[byte]:
                    return False
                matched += 1
                if matched == typed.size:
                    return True
        elif kind in (OTHER, BREAK):  # signs inside words are passed over: U.S. is US
            gap = matched > 0
        at += size
    return False


@njit(cache=True, nogil=True)
def _titles(
    docs: Any, data: Any, offsets: Any, typed: Any, classes: Any, folds: Any, folded: Any, out: Any
) -> int:
    count = 0
    for i in range(docs.size):
        start, end = offsets[docs[i]], offsets[docs[i] + 1]
        at = start
        inside = False
        while at < end and count < out.shape[0]:
            kind, size = class_at(data, at, end, classes)
            word = kind in (LETTER, DIGIT, UNIGRAM)
            if word and not inside and _begins(data, at, end, typed, classes, folds, folded):
                out[count, 0], out[count, 1] = i, at - start
                count += 1
                break
            inside = word and kind != UNIGRAM
            at += size
        if count == out.shape[0]:
            break
    return count


def titles_with(docs: Any, data: Any, offsets: Any, typed: Any, out: Any) -> int:
    """Write (index in `docs`, byte of the title) where titles have the typed words; how many.

    docs: uint32[], in the order in which they are wanted; data, offsets: titles as `Strings`;
    typed: uint8[], folded words with one space between them, the last one begun; out: int64[k, 2].
    """
    tables = character_tables(TABLE_SIZE)
    count: int = _titles(docs, np.asarray(data), offsets, typed, *tables, out)
    return count
