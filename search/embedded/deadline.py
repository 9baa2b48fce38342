"""The time that a request may take. Compiling kernels, once a machine, is not counted."""

from __future__ import annotations

import time

from corpus.errors import BadRequestError
from corpus.kernels import compile_seconds

__all__ = ["TIME_LIMIT", "Deadline"]

TIME_LIMIT = 2.0
"""Seconds that a request may take; it is looked at between kernels, each of which is short."""


class Deadline:
    """The instant by which a request must be answered."""

    __slots__ = ("_compiled", "_end")

    def __init__(self, seconds: float = TIME_LIMIT) -> None:
        self._compiled = compile_seconds()
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise BadRequestError when it is past."""
        now = time.monotonic()
        if now > self._end and now > self._end + compile_seconds() - self._compiled:
            raise BadRequestError(
                "This query takes too long: use fewer or longer words, and fewer wildcards."
            )
