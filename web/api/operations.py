"""For those who run a site: health, metrics, and one line of JSON a request in the log.

A line says when, how long, what kind of page and with which status, under an id that the answer
carries too (``X-Request-ID``); what was searched for is in it only when `WebConfig.log_queries`
says so. ``/healthz`` says that the process lives, ``/readyz`` that it can answer searches,
``/metrics`` is for Prometheus.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from datetime import UTC, datetime

import orjson
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from web.site import Site, site

blueprint = Blueprint("operations", __name__)

_log = logging.getLogger("broadsheet.web.requests")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STATES = ("ready", "building", "empty", "degraded", "away", "broken")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and what a record's `fields` hold."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback is one field, so that a line stays one event."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "broadsheet_request_seconds", "Time to answer a request, by kind of page and status.",
            ("endpoint", "status"), buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.articles = Gauge(
            "broadsheet_articles", "Articles in the index.", registry=self.registry
        )
        self.generation = Gauge(
            "broadsheet_index_generation", "Generation that is served.", registry=self.registry
        )
        self.size = Gauge("broadsheet_index_bytes", "Size of the index.", registry=self.registry)
        self.state = Gauge(
            "broadsheet_state", "1 for the state that the index is in.", ("state",),
            registry=self.registry,
        )  # fmt: skip

    def read(self, shared: Site) -> bytes:
        """Return the figures in Prometheus' text format."""
        status = shared.status()
        self.articles.set(status.articles)
        self.generation.set(status.generation)
        self.size.set(status.bytes)
        for state in _STATES:
            self.state.labels(state).set(state == status.state)
        return generate_latest(self.registry)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether searches can be answered."""
    status = site().status()
    ready = status.state in ("ready", "degraded")
    body = orjson.dumps({"ready": ready, "state": status.state, "articles": status.articles})
    return Response(body, 200 if ready else 503, mimetype="application/json")


def install(app: Flask, shared: Site) -> None:
    """Give each request an id, and measure and log it."""
    metrics = _Metrics()

    @app.get("/metrics", endpoint="operations.metrics")
    def figures() -> Response:
        return Response(metrics.read(shared), content_type=CONTENT_TYPE_LATEST)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        passed_on = request.headers.get("X-Request-ID", "") if shared.config.proxies else ""
        g.request_id = passed_on if _ID.fullmatch(passed_on) else os.urandom(8).hex()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers["X-Request-ID"] = g.get("request_id", "")
        endpoint = request.endpoint or "none"
        metrics.seconds.labels(endpoint, response.status_code).observe(seconds)
        if _log.isEnabledFor(logging.INFO):
            _log.info("request", extra={"fields": _fields(response, endpoint, seconds, shared)})
        return response


def _fields(response: Response, endpoint: str, seconds: float, shared: Site) -> dict[str, object]:
    """Return what the log keeps of a request."""
    kept: dict[str, object] = {
        "id": g.get("request_id", ""),
        "method": request.method,
        "endpoint": endpoint,
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "bytes": response.content_length,
    }
    if shared.config.log_queries:
        kept["path"] = request.path
        kept["query"] = request.query_string.decode("utf-8", "replace")
    return kept
