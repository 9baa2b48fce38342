"""Matches: what a plan gives for one segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from search.embedded.typing import F32, U32

Array = TypeVar("Array", bound=npt.NDArray[Any])

NO_SCORES: F32 = np.empty(0, np.float32)
NO_SCORES.setflags(write=False)
EMPTY_DOCS: U32 = np.empty(0, np.uint32)
EMPTY_DOCS.setflags(write=False)


@dataclass(slots=True)
class Matches:
    """Documents of a segment, uint32[n] ascending, and their scores, float32[n], or None for 0.

    Both are read-only: plans that share a part share its matches.
    """

    docs: U32
    scores: F32 | None = None


EMPTY = Matches(EMPTY_DOCS)


def matches_at(found: Matches, kept: npt.NDArray[np.bool_]) -> Matches:
    """Return the matches whose place is True in `kept`, bool[n]."""
    scores = None if found.scores is None else frozen(found.scores[kept])
    return Matches(frozen(found.docs[kept]), scores)


def frozen(array: Array) -> Array:
    """Make an array read-only, since others hold it too."""
    array.setflags(write=False)
    return array
