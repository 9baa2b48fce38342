"""The time that a request may take. What is read and verified for the first time is not counted."""

from __future__ import annotations

import time

from corpus.core.errors import BadRequestError
from indexer.segment.parts import loading_seconds

__all__ = ["TIME_LIMIT", "Deadline"]

TIME_LIMIT = 2.0
"""Seconds that a request may take; it is looked at between compiled functions, which are short."""


class Deadline:
    """The instant by which a request must be answered, by the thread that makes it."""

    __slots__ = ("_end", "_loaded")

    def __init__(self, seconds: float = TIME_LIMIT) -> None:
        self._loaded = loading_seconds()
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise BadRequestError when it is past."""
        now = time.monotonic()
        if now > self._end and now > self._end + loading_seconds() - self._loaded:
            raise BadRequestError(
                "This query takes too long: use fewer or longer words, and fewer wildcards."
            )
