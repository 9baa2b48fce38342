"""How much text two articles share, told from their sketches, and when that makes them versions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.duplicates import sketches
from corpus.duplicates.signatures import EXACT

MIN_CONTAINMENT: float = sketches.MIN_CONTAINMENT
"""The share of the shorter text's shingles that must be in the longer one.

Versions with a word in thirty changed keep 0.85 of them. Short texts must share more: of reports
that follow one pattern they are the ones that differ in two or three words.
"""

MIN_NUMBERS: float = sketches.MIN_NUMBERS
"""The share of the numbers in the text with fewer that must be in the other one as well, where both
have three or more. Notices of the central bank's purchases are alike but for the amount and rate,
and 0.8 of their shingles are the same; of their numbers, a third."""

MIN_RESEMBLANCE: float = sketches.MIN_RESEMBLANCE
"""The share of all shingles of both that must be in both, by which a version keeps at least a
third of the text: a note of two sentences is no version of the round-up that quotes it, and the
estimate of containment is too rough when sizes differ more."""


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
    return float(sketches.estimate(words_of(one), words_of(other))[1])


def resembles(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> bool:
    """Tell whether two sketches (uint8[SKETCH_BYTES]) are those of versions of one text."""
    return bool(sketches.is_version(words_of(one), words_of(other)))
