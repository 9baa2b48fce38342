"""Matches, what a plan gives for one segment, and the time that finding them may take."""

from __future__ import annotations

import time
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from corpus.core.errors import BadRequestError
from indexer.segment.arrays import F32, I64, U16, U32
from indexer.segment.parts import loading_seconds
from search.embedded.execute.operands import Matches

Array = TypeVar("Array", bound=npt.NDArray[Any])


def frozen(array: Array) -> Array:
    """Make an array read-only, since others hold it too."""
    array.setflags(write=False)
    return array


NO_SCORES: F32 = frozen(np.empty(0, np.float32))
EMPTY_DOCS: U32 = frozen(np.empty(0, np.uint32))
NO_PASSES: U16 = frozen(np.empty(0, np.uint16))
"""Where all matches count."""

NO_ROW: I64 = frozen(np.empty(0, np.int64))
"""Where there is no row to begin after."""


EMPTY = Matches(EMPTY_DOCS)


TIME_LIMIT = 2.0
"""Seconds of processor time that a request may take; it is looked at between compiled functions,
which are short."""


class Deadline:
    """The processor time by which a request must be answered, of the thread that makes it.

    Neither what is read and verified for the first time is counted, nor waiting for the disk or for
    a busy processor: a request is refused for its own doing only.
    """

    def __init__(self, seconds: float = TIME_LIMIT) -> None:
        self._earliest = time.monotonic() + seconds
        self._end = time.thread_time() - loading_seconds() + seconds

    def check(self) -> None:
        """Raise BadRequestError when it is past."""
        if time.monotonic() < self._earliest:  # a tenth of the cost of the other clock
            return
        if time.thread_time() - loading_seconds() > self._end:
            raise BadRequestError(
                "This query takes too long: use fewer or longer words, and fewer wildcards."
            )
