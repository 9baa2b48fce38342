"""How much text two articles share, told from their sketches, and when that makes them versions."""

from __future__ import annotations

from typing import Any

import numpy as np

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


@njit(cache=True, nogil=True)
def _estimate(one: Any, other: Any) -> tuple[float, float]:
    """Return the estimated resemblance (Jaccard) and containment of two sketches, 0 to 1."""
    used = both = same = 0
    for at in range(1, NUMBERS_AT):
        for shift in (0, 4):
            left = (one[at] >> shift) & 15
            right = (other[at] >> shift) & 15
            if left or right:
                used += 1
                if left and right:
                    both += 1
                    if left == right:
                        same += 1
    if not used:
        return 0.0, 0.0
    true = max((same - _CHANCE * both) / (1 - _CHANCE), 0.0)
    resemblance = true / used
    left_size, right_size = SIZES[one[0]], SIZES[other[0]]
    shared = resemblance / (1 + resemblance) * (left_size + right_size)
    return resemblance, min(shared / min(left_size, right_size), 1.0)


@njit(cache=True, nogil=True)
def is_version(one: Any, other: Any) -> bool:
    """Tell whether two sketches (uint8[SKETCH_BYTES]) are those of versions of one text."""
    if one[0] == EXACT or other[0] == EXACT:
        return bool(np.all(one == other))
    resemblance, contained = _estimate(one, other)
    if resemblance < MIN_RESEMBLANCE or contained < MIN_CONTAINMENT:
        return False
    size = min(SIZES[one[0]], SIZES[other[0]])
    for below, least in _OF_SHORT:
        if size < below and contained < least:
            return False
    return _numbers_agree(one, other)


@njit(cache=True, nogil=True)
def _numbers_agree(one: Any, other: Any) -> bool:
    left = right = both = 0
    for at in range(NUMBERS_AT, len(one)):
        for bit in range(8):
            in_left = (one[at] >> bit) & 1
            in_right = (other[at] >> bit) & 1
            left += in_left
            right += in_right
            both += in_left & in_right
    fewer = min(left, right)
    return fewer < 3 or both >= MIN_NUMBERS * fewer


def containment(one: Any, other: Any) -> float:
    """Return the estimated share of the shorter text that is in the longer one, 0 to 1.

    `one` and `other` are sketches, uint8[SKETCH_BYTES].
    """
    if one[0] == EXACT or other[0] == EXACT:
        return float(np.array_equal(one, other))
    return float(_estimate(one, other)[1])


def resembles(one: Any, other: Any) -> bool:
    """Tell whether two sketches (uint8[SKETCH_BYTES]) are those of versions of one text."""
    return bool(is_version(one, other))
