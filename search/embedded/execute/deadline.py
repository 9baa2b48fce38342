"""The processor time that a request may take.

Neither what is read and verified for the first time is counted, nor waiting for the disk or for a
busy processor: a request is refused for its own doing only.
"""

from __future__ import annotations

import time

from corpus.core.errors import BadRequestError
from indexer.segment.parts import loading_seconds

TIME_LIMIT = 2.0
"""Seconds of processor time that a request may take; it is looked at between compiled functions,
which are short."""


class Deadline:
    """The processor time by which a request must be answered, of the thread that makes it."""

    __slots__ = ("_earliest", "_end")

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
