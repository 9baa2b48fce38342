"""A request is refused for its own work, not for a slow disk or a busy processor."""

from __future__ import annotations

import time

import pytest

from corpus.core.errors import BadRequestError
from indexer.segment.parts import kept
from search.embedded.execute.matches import Deadline

LIMIT = 0.05


def work(seconds: float) -> None:
    """Use a processor for so long, however many others want it."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


class Part:
    """Something whose column is loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: set[str] = set()


def test_work_is_counted() -> None:
    deadline = Deadline(LIMIT)
    deadline.check()
    work(2 * LIMIT)
    with pytest.raises(BadRequestError, match="fewer or longer words"):
        deadline.check()


def test_waiting_is_not_counted() -> None:
    deadline = Deadline(LIMIT)
    time.sleep(3 * LIMIT)
    deadline.check()


def test_what_is_loaded_for_the_first_time_is_not_counted() -> None:
    part, deadline = Part(), Deadline(LIMIT)
    kept(part, "column", lambda: work(3 * LIMIT))
    deadline.check()
    work(2 * LIMIT)
    with pytest.raises(BadRequestError):
        deadline.check()
