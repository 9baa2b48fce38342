"""A site: the engine, the settings, and what is remembered between two requests.

`create_app` makes one and keeps it at the application; views ask for it by `site`. The engine's
status is remembered for a moment, and what the front page shows for as long as a generation lasts:
both would otherwise be asked for on every request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from search.answer import Status
from search.engine import Engine
from web.config import WebConfig
from web.pagecache import PageCache

_STATUS_SECONDS = 0.25
_LONGEST_STATUS_SECONDS = 0.8
_KEPT = 64
_STALLED_SECONDS = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A turn that is taken: by whom, and the connection that the answer goes to."""

    address: str
    connection: Any

    def stalled(self) -> float:
        """Return for how many seconds the other side has read nothing of what waits for it."""
        return float(self.connection.stalled()) if self.connection is not None else 0.0


class Turns:
    """A few turns at a time, of which one address may take all but one.

    Where none is left, the connection that has stalled for longest is closed, and its turn goes on.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: list[_Turn] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self, address: str, connection: Any) -> Iterator[bool]:
        """Take a turn for an address and its connection (None where it is not known), or none."""
        turn = _Turn(address, connection)
        with self._lock:
            taken = self._is_room_for(address)
            if taken:
                self._taken.append(turn)
        try:
            yield taken
        finally:
            with self._lock:
                self._taken = [other for other in self._taken if other is not turn]

    def _is_room_for(self, address: str) -> bool:
        own = [turn for turn in self._taken if turn.address == address]
        too_many = len(own) >= max(self._most - 1, 1)
        if too_many or len(self._taken) >= self._most:
            longest = max(own if too_many else self._taken, key=_Turn.stalled)
            if longest.stalled() < _STALLED_SECONDS:
                return False
            longest.connection.drop()
            self._taken.remove(longest)
        return True


class Site:
    """What all views of one application share. Safe to use from several threads."""

    def __init__(self, engine: Engine, config: WebConfig) -> None:
        self.engine = engine
        self.config = config
        self.pages = PageCache(config.cache_bytes)
        self.turns = Turns(max(config.max_exports, 1))
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._stale = 0.0
        self._asking = threading.Lock()
        self._kept: dict[Hashable, tuple[tuple[str, date], Any]] = {}

    def status(self) -> Status:
        """Return the state of the engine, a moment old at most.

        A folder tells it in 0.1 ms, a cluster in several requests: what takes longer is asked for
        less often, and by one thread while the others go on with what is known.
        """
        status = self._status
        if status is not None and (
            time.monotonic() < self._stale or not self._asking.acquire(blocking=False)
        ):
            return status
        if status is None:
            self._asking.acquire()
        try:
            begun = time.monotonic()
            status = self._status = self.engine.status()
            ended = time.monotonic()
            self._stale = ended + min(
                max(_STATUS_SECONDS, 20 * (ended - begun)), _LONGEST_STATUS_SECONDS
            )
            return status
        finally:
            self._asking.release()

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which the archive's days begin."""
        try:
            return ZoneInfo(self.status().timezone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")

    def today(self) -> date:
        """Return the archive's date: relative dates in a query depend on it."""
        return datetime.now(self.zone).date()

    def edition(self) -> tuple[str, date]:
        """Return what an answer depends on besides the request: the generation and the day."""
        status = self.status()
        return status.identity or str(status.generation), self.today()

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return `make()`, remembered for as long as the edition lasts."""
        edition = self.edition()
        with self._lock:
            found = self._kept.get(key)
        if found is not None and found[0] == edition:
            kept: T = found[1]
            return kept
        made = make()
        with self._lock:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = (edition, made)
        return made


def site(app: Flask | None = None) -> Site:
    """Return the site of an application, by default the one that is answering."""
    found: Site = (app or current_app).extensions["broadsheet"]
    return found
