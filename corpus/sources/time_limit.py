"""Time for one article: what is read for ever is given up, and the rest goes on.

Time is the process's processor time, so that a slow disk, a pipe that waits, or a busy machine
cuts nothing short. It is counted anew for each item that a reader yields, so that files of any
length are read. The system's timer, which goes on ticking, interrupts Python and its regular
expressions wherever they are; it is the main thread's, and in others nothing is limited.
"""

from __future__ import annotations

import atexit
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TypeVar

from corpus.core.errors import UnreadableError

MAX_SECONDS = 60.0
"""Processor seconds until the next article of a document is there; a large page takes one."""

_TICKS = 6
"""A timer that ticks so often within the limit costs nothing at each article."""

T = TypeVar("T")


class OutOfTimeError(UnreadableError):
    """A reader took too long; raised wherever it is."""


class _Watch:
    """Counts ticks while a reader works; all of it is the main thread's."""

    def __init__(self) -> None:
        self.working = False
        self.ticks = 0

    def tick(self, number: int, frame: FrameType | None) -> None:
        """Raise OutOfTimeError at the last tick, and at each after it: something on the way may
        have taken the first for a small matter."""
        self.ticks += self.working
        if self.working and self.ticks >= _TICKS:
            raise OutOfTimeError(
                f"it was given up: {MAX_SECONDS:.0f} seconds of work brought no article"
            )


_watch = _Watch()
# While the interpreter ends, a tick would find no handler any more and end the process instead.
atexit.register(signal.setitimer, signal.ITIMER_PROF, 0)


def progressed() -> None:
    """Count time anew: what is read goes on, though there is nothing to yield yet."""
    _watch.ticks = 0


def limited(items: Iterator[T]) -> Iterator[T]:
    """Yield the items; `OutOfTimeError` is raised in the iterator that takes too long for one."""
    if threading.current_thread() is not threading.main_thread():
        yield from items
        return
    every = MAX_SECONDS / _TICKS
    if signal.getitimer(signal.ITIMER_PROF)[1] != every:  # nor is it inherited by a fork
        signal.signal(signal.SIGPROF, _watch.tick)
        signal.setitimer(signal.ITIMER_PROF, every, every)
    while True:
        _watch.ticks = 0
        _watch.working = True
        try:
            item = next(items)
        except StopIteration:
            return
        finally:
            _watch.working = False
        yield item
