"""Matches: what a plan gives for one segment, and how kernels take some of them away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from search.embedded.plan import EMPTY_DOCS
from search.embedded.typing import F32, U32

__all__ = ["EMPTY", "NO_SCORES", "Matches", "filtered", "frozen", "matches_at"]

Array = TypeVar("Array", bound=npt.NDArray[Any])

NO_SCORES: F32 = np.empty(0, np.float32)
NO_SCORES.setflags(write=False)


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


Kernel = Callable[[U32, F32, U32, F32], int]


def filtered(found: Matches, kernel: Kernel) -> Matches:
    """Return the matches that a kernel lets through."""
    out = np.empty(found.docs.size, np.uint32)
    if found.scores is None:
        n = kernel(found.docs, NO_SCORES, out, _NO_WRITE)
        return Matches(frozen(out[:n]))
    out_scores = np.empty(found.docs.size, np.float32)
    n = kernel(found.docs, found.scores, out, out_scores)
    return Matches(frozen(out[:n]), frozen(out_scores[:n]))


_NO_WRITE = np.empty(0, np.float32)


def frozen(array: Array) -> Array:
    """Make an array read-only, since others hold it too."""
    array.setflags(write=False)
    return array
