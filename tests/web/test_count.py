"""Lists of queries over HTTP: the page, the files, the API, and lists that mean harm."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.request import Request
from web.views.batch import LATE

Maker = Callable[..., FlaskClient]

LIST = "bridge\nferry strike\nnosuchword\n<script>alert(1)</script>\n(\n"


def rows_of(client: FlaskClient, **body: Any) -> list[dict[str, Any]]:
    answer = client.post("/api/v1/count", json=body)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = orjson.loads(answer.data)["rows"]
    return rows


def test_counts_are_those_of_the_linked_search(client: FlaskClient, engine: Engine) -> None:
    queries = ["bridge", "ferry strike", "nosuchword", '"ember bridge"', "tag:inquiry", "=1+1"]
    rows = rows_of(client, queries=queries, by_year=1)
    for query, row in zip(queries, rows, strict=True):
        linked = client.get(row["link"].replace("/search", "/api/v1/search", 1)).json
        assert linked is not None
        assert row["query"] == query
        assert row["count"] == linked["total"] == linked["shown"]
        dates = sorted(
            article.published.start(UTC).date().isoformat()
            for article in engine.scan(Request(text=query, match="all")) if article.published
        )  # fmt: skip
        assert (row["first"], row["last"]) == ((dates[0], dates[-1]) if dates else (None, None))
        assert sum(row["years"].values()) == len(dates)


def test_filters_and_dates_hold_for_every_line(client: FlaskClient) -> None:
    narrowed = {"source": ["The Tarnwick Observer"], "from": "2024"}
    (row,) = rows_of(client, queries=["bridge"], **narrowed)
    found = client.get("/api/v1/search?q=bridge&match=all&source=The+Tarnwick+Observer&from=2024")
    assert found.json is not None
    assert row["count"] == found.json["total"]
    assert "source=" in row["link"]


def test_names_are_phrases_when_asked(client: FlaskClient) -> None:
    apart, together = (rows_of(client, queries=["bridge the"], phrases=n)[0] for n in (0, 1))
    assert together["count"] < apart["count"]


def test_a_bad_line_stops_no_other(client: FlaskClient) -> None:
    rows = rows_of(client, queries=["bridge", "", "date:nonsense", "(" * 500, "a*" * 90, "ferry"])
    assert rows[0]["count"] and rows[5]["count"]
    assert rows[1]["error"] and rows[1]["count"] is None
    assert rows[2]["note"]


@pytest.mark.parametrize(
    "body",
    [
        {"queries": "bridge"}, {"queries": [1]}, {"query": ["bridge"]}, [],
        {"queries": ["a"], "by": 1}, {"queries": ["a"], "phrases": 2},
        {"queries": ["a"], "from": "nonsense"},
    ],
)  # fmt: skip
def test_the_api_says_what_it_takes(client: FlaskClient, body: Any) -> None:
    answer = client.post("/api/v1/count", json=body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_a_list_is_bounded(reader: Maker) -> None:
    client = reader(max_queries=3, max_body=4_000)
    assert client.post("/api/v1/count", json={"queries": ["a"] * 4}).status_code == 400
    refused = client.post("/count", data={"list": "a\nb\nc\nstorm\n"})
    assert refused.status_code == 400
    assert "4 queries; 3 are counted at once" in refused.text
    assert "storm\n</textarea>" in refused.text
    assert client.post("/count", data={"list": "a" * 5_000}).status_code == 413
    assert client.get("/api/v1/count").status_code == 405


def test_the_page_counts_what_is_pasted(client: FlaskClient) -> None:
    assert "<textarea" in client.get("/count").text
    page = client.post("/count", data={"list": LIST, "by_year": "1"}).text
    assert "/search?q=ferry+strike&amp;match=all" in page
    assert "<script>alert" not in page
    assert ">2024</th>" in page


def test_an_upload_is_counted_and_what_is_no_text_is_refused(client: FlaskClient) -> None:
    def send(content: bytes, name: str) -> Any:
        return client.post("/count", data={"file": (io.BytesIO(content), name)})

    page = send(b"id,name\n1,Ember Bridge\n2,\n", "names.csv")
    assert "/search?q=Ember+Bridge&amp;match=all" in page.text
    assert "There is no query on this line." in page.text
    assert send(bytes(range(256)) * 20, "photo.jpg").status_code == 400
    assert send(b"\x89PNG\r\n\x1a\n" + b"\0" * 900, "names.csv").status_code == 400
    assert send("Müller\n".encode("utf-16"), "names.txt").status_code == 200


def test_the_files_hold_no_formula(client: FlaskClient) -> None:
    data = {"list": "=1+1\n@x\n-ferry\nbridge", "as": "csv", "by_year": "1"}
    answer = client.post("/count", data=data)
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["query"] for row in rows] == ["'=1+1", "'@x", "'-ferry", "bridge"]
    assert rows[3]["link"].startswith("http://localhost/search?q=bridge")
    assert int(rows[3]["count"]) == sum(int(rows[3][year]) for year in ("2023", "2024"))
    lines = client.post("/count", data={"list": "bridge", "as": "jsonl"}).text.splitlines()
    assert orjson.loads(lines[0])["count"] == int(rows[3]["count"])


def test_lines_for_which_there_is_no_time_say_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.views.batch._SECONDS", -1.0)
    rows = rows_of(client, queries=["bridge", "ferry"])
    assert [(row["count"], row["error"]) for row in rows] == [(None, LATE)] * 2


def test_the_page_speaks_the_readers_language(client: FlaskClient) -> None:
    page = client.post("/count?ui=de", data={"list": "(\n", "name": "a.csv"}).text
    assert "Anfragen zählen" in page
