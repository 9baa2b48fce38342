"""How much one client may ask: requests counted by client in windows of time.

A window begins with the first request after the last one ended, for all clients at once. Counts
are kept in memory while it lasts, so they are bounded by what a server answers in that time.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from flask import Flask, request
from limits import RateLimitItem, parse_many
from werkzeug.exceptions import TooManyRequests

from corpus.core.errors import BroadsheetError
from web.config import WebConfig

_FREE = frozenset({"static", "operations.healthz", "operations.readyz", "operations.metrics"})
"""Endpoints that count for nobody: a page's own files, and what watches the server."""
_EXPORT = "feeds.export"


class Rate:
    """A limit for each client, in the notation of the package `limits`: "60 per minute".

    Raises BroadsheetError where the notation is none.
    """

    def __init__(self, notation: str) -> None:
        try:
            limits = parse_many(notation) if notation else []
        except ValueError:
            raise BroadsheetError(
                f"'{notation}' is no limit: write it like '1200 per minute', or '' for none."
            ) from None
        self._windows = [_Window(limit) for limit in limits]
        self._lock = threading.Lock()

    def count(self, client: str) -> None:
        """Count a request; raises TooManyRequests where it is one too many."""
        with self._lock:
            within = [window.takes(client) for window in self._windows]
        if not all(within):
            raise TooManyRequests


class _Window:
    """The requests of the window that lasts, by client."""

    def __init__(self, limit: RateLimitItem) -> None:
        self._limit = limit
        self._ends = 0.0
        self._counts: Counter[str] = Counter()

    def takes(self, client: str) -> bool:
        """Count a request, and return whether it is within the limit."""
        now = time.monotonic()
        if now >= self._ends:
            self._ends, self._counts = now + self._limit.get_expiry(), Counter()
        self._counts[client] += 1
        return self._counts[client] <= self._limit.amount


def install(app: Flask, config: WebConfig, client: Callable[[], str]) -> None:
    """Count every request with its client, and exports once more before they are answered."""
    every, exports = Rate(config.rate_limit), Rate(config.export_limit)

    @app.before_request
    def count() -> None:
        if request.endpoint not in _FREE:
            every.count(client())

    def count_export() -> None:
        if request.endpoint == _EXPORT:
            exports.count(client())

    app.before_request_funcs.setdefault("feeds", []).append(count_export)
