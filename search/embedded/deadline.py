"""The time that a request may take. Compiling kernels, once a machine, is not counted."""

from __future__ import annotations

import time
from typing import Any

from numba.core import event

from corpus.errors import BadRequestError

__all__ = ["TIME_LIMIT", "Deadline"]

TIME_LIMIT = 2.0
"""Seconds that a request may take; it is looked at between kernels, each of which is short."""


class _Compiling(event.Listener):
    """Adds up the time in which numba compiles, in any thread."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._since = 0.0

    def on_start(self, event: Any) -> None:
        """Note when the outermost compilation begins."""
        if self._depth == 0:
            self._since = time.monotonic()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """Add what it took."""
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.monotonic() - self._since


_compiling = _Compiling()
event.register("numba:compile", _compiling)  # type: ignore[no-untyped-call]


class Deadline:
    """The instant by which a request must be answered."""

    __slots__ = ("_compiled", "_end")

    def __init__(self, seconds: float = TIME_LIMIT) -> None:
        self._compiled = _compiling.seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise BadRequestError when it is past."""
        now = time.monotonic()
        if now > self._end and now > self._end + _compiling.seconds - self._compiled:
            raise BadRequestError(
                "This query takes too long: use fewer or longer words, and fewer wildcards."
            )
