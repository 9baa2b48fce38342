"""How much text two articles share, told from their sketches, and when that makes them versions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.duplicates.signatures import EXACT, NUMBERS_AT, SIZES
from corpus.kernels import njit

__all__ = ["MIN_CONTAINMENT", "MIN_NUMBERS", "MIN_RESEMBLANCE", "containment", "resembles"]

MIN_CONTAINMENT = 0.67
"""The share of the shorter text's shingles that must be in the longer one.

Versions with a word in thirty changed keep 0.85 of them. Short texts must share more: of reports
that follow one pattern they are the ones that differ in two or three words.
"""

_OF_SHORT = ((36, 0.88), (64, 0.78))  # shingles of the shorter text, and what it must share

MIN_NUMBERS = 0.6
"""The share of the numbers in the text with fewer that must be in the other one as well, where both
have three or more. Notices of the central bank's purchases are alike but for the amount and rate,
and 0.8 of their shingles are the same; of their numbers, a third."""

MIN_RESEMBLANCE = 0.28
"""The share of all shingles of both that must be in both, by which a version keeps at least a
third of the text: a note of two sentences is no version of the round-up that quotes it, and the
estimate of containment is too rough when sizes differ more."""

_CHANCE = 1 / 15  # that two different minima have the same four bits


_NIBBLES = np.uint64(0x1111111111111111)
_BYTES = np.uint64(0x0101010101010101)
_NOT_SIZE = np.uint64(0xFFFFFFFFFFFFFFFF - 0xFF)
_NUMBERS_WORD = NUMBERS_AT // 8


@njit(cache=True, nogil=True, inline="always")
def _filled(word: Any) -> Any:
    """Return a word with the lowest bit set of each group of four that is not 0."""
    word |= word >> np.uint64(2)
    word |= word >> np.uint64(1)
    return word & _NIBBLES


@njit(cache=True, nogil=True, inline="always")
def _count(marks: Any) -> Any:
    """Return how many of the marks of `_filled` there are."""
    pairs = (marks & _BYTES) + ((marks >> np.uint64(4)) & _BYTES)
    return np.int64((pairs * _BYTES) >> np.uint64(56))


@njit(cache=True, nogil=True, inline="always")
def _ones(word: Any) -> Any:
    """Return how many bits of a word are set."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    fours = np.uint64(0x3333333333333333)
    word = (word & fours) + ((word >> np.uint64(2)) & fours)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * _BYTES) >> np.uint64(56))


@njit(cache=True, nogil=True)
def _estimate(one: Any, other: Any) -> tuple[float, float]:
    """Return the estimated resemblance (Jaccard) and containment of two sketches, 0 to 1."""
    used = both = same = 0
    for at in range(_NUMBERS_WORD):
        left, right = one[at], other[at]
        if at == 0:  # the size is none of the bins
            left &= _NOT_SIZE
            right &= _NOT_SIZE
        in_left, in_right = _filled(left), _filled(right)
        used += _count(in_left | in_right)
        both += _count(in_left & in_right)
        same += _count(in_left & in_right & ~_filled(left ^ right))
    if not used:
        return 0.0, 0.0
    true = max((same - _CHANCE * both) / (1 - _CHANCE), 0.0)
    resemblance = true / used
    left_size, right_size = SIZES[_size(one)], SIZES[_size(other)]
    shared = resemblance / (1 + resemblance) * (left_size + right_size)
    return resemblance, min(shared / min(left_size, right_size), 1.0)


@njit(cache=True, nogil=True, inline="always")
def _size(sketch: Any) -> Any:
    return np.int64(sketch[0] & np.uint64(0xFF))


@njit(cache=True, nogil=True)
def is_version(one: Any, other: Any) -> bool:
    """Tell whether two sketches, as `words_of` has them, are those of versions of one text."""
    if _size(one) == EXACT or _size(other) == EXACT:
        return bool(np.all(one == other))
    resemblance, contained = _estimate(one, other)
    if resemblance < MIN_RESEMBLANCE or contained < MIN_CONTAINMENT:
        return False
    size = min(SIZES[_size(one)], SIZES[_size(other)])
    for below, least in _OF_SHORT:
        if size < below and contained < least:
            return False
    left, right = one[_NUMBERS_WORD], other[_NUMBERS_WORD]
    fewer = min(_ones(left), _ones(right))
    return bool(fewer < 3 or _ones(left & right) >= MIN_NUMBERS * fewer)


def words_of(sketches: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return sketches, uint8[..., SKETCH_BYTES], as words of 64 bits, uint64[...]: bins are
    compared sixteen at a time."""
    return np.ascontiguousarray(sketches).view("<u8")


def containment(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Return the estimated share of the shorter text that is in the longer one, 0 to 1.

    `one` and `other` are sketches, uint8[SKETCH_BYTES].
    """
    if one[0] == EXACT or other[0] == EXACT:
        return float(np.array_equal(one, other))
    return float(_estimate(words_of(one), words_of(other))[1])


def resembles(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> bool:
    """Tell whether two sketches (uint8[SKETCH_BYTES]) are those of versions of one text."""
    return bool(is_version(words_of(one), words_of(other)))
