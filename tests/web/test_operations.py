"""Health, metrics and the log."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from web.api.operations import JsonLines

Maker = Callable[..., FlaskClient]


def samples(text: str) -> dict[str, float]:
    """Return what a page of metrics says, by name with labels."""
    return {
        name: float(value)
        for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+]+)$", text, re.M)
    }


def test_health_and_readiness(client: FlaskClient, engine: Engine) -> None:
    assert client.get("/healthz").text == "ok\n"
    ready = json.loads(client.get("/readyz").data)
    assert ready == {"ready": True, "state": "ready", "articles": engine.status().articles}


def test_metrics_tell_the_index_and_every_request(reader: Maker, engine: Engine) -> None:
    client = reader()
    for _ in range(3):
        client.get("/search?q=ferry")
    client.get("/search?page=x")
    client.get("/nothing")
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    found = samples(answer.text)
    assert found["broadsheet_articles"] == engine.status().articles
    assert found["broadsheet_index_generation"] == engine.status().generation
    assert found['broadsheet_state{state="ready"}'] == 1
    count = 'broadsheet_request_seconds_count{endpoint="pages.results",status="%s"}'
    assert found[count % 200] == 3
    assert found[count % 400] == 1
    assert found['broadsheet_request_seconds_count{endpoint="none",status="404"}'] == 1
    assert "ferry" not in answer.text


@pytest.mark.parametrize("log_queries", [False, True])
def test_the_log_has_no_query_unless_enabled(
    reader: Maker, caplog: pytest.LogCaptureFixture, log_queries: bool
) -> None:
    client = reader(log_queries=log_queries)
    logging.getLogger("broadsheet").propagate = True
    with caplog.at_level(logging.INFO, "broadsheet"):
        answer = client.get("/search?q=secretword&tag=secrettag")
    lines = [JsonLines().format(record) for record in caplog.records]
    entry = next(json.loads(line) for line in lines if '"request"' in line)
    assert entry["id"] == answer.headers["X-Request-ID"]
    assert entry["endpoint"] == "pages.results"
    assert entry["status"] == 200
    assert entry["ms"] > 0
    assert ("secretword" in "".join(lines)) is log_queries


def test_a_request_keeps_the_id_of_a_trusted_proxy_only(reader: Maker) -> None:
    given = {"X-Request-ID": "0123456789abcdef0123"}

    def kept(client: FlaskClient, headers: dict[str, str]) -> bool:
        return client.get("/", headers=headers).headers["X-Request-ID"] in headers.values()

    assert kept(reader(proxies=1), given)
    assert not kept(reader(), given)
    assert not kept(reader(proxies=1), {"X-Request-ID": "x" * 500})


def test_a_traceback_is_one_line_of_the_log() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        import sys

        record = logging.LogRecord("x", 40, "f", 1, "failed: %s", ("a\nb",), sys.exc_info())
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["traceback"]
