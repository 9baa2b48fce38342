"""Feeds and exports: everything can be taken away, whole."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree
from flask.testing import FlaskClient

from corpus.core.article import Article
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig

_ATOM = "{http://www.w3.org/2005/Atom}"


def test_atom_has_the_newest_articles_and_what_the_format_requires(
    client: FlaskClient, engine: Engine
) -> None:
    answer = client.get("/feed.atom?q=ferry&sort=oldest")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(_ATOM + name) is not None, name
    entries = feed.findall(_ATOM + "entry")
    newest = engine.search(Request(text="ferry", sort="newest", size=30)).hits
    assert [entry.findtext(_ATOM + "title") for entry in entries] == [h.title for h in newest]
    for entry, hit in zip(entries, newest, strict=True):
        assert entry.findtext(_ATOM + "id") == f"http://localhost/article/{hit.id}"
        assert entry.findtext(_ATOM + "updated")
        assert entry.find(_ATOM + "link").get("href") == f"http://localhost/article/{hit.id}"


def test_json_feed_has_the_same(client: FlaskClient, engine: Engine) -> None:
    answer = client.get("/feed.json?q=ferry")
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://localhost/feed.json?q=ferry"
    newest = engine.search(Request(text="ferry", sort="newest", size=30)).hits
    assert [each["title"] for each in feed["items"]] == [hit.title for hit in newest]
    assert all(each["id"] and each["content_text"] for each in feed["items"])


def test_a_feed_of_everything_is_well_formed_whatever_articles_say(client: FlaskClient) -> None:
    feed = ElementTree.fromstring(client.get("/feed.atom?q=xyzzy").data)
    entry = feed.find(_ATOM + "entry")
    assert entry.findtext(_ATOM + "title") == "<script>alert('title')</script> xyzzy & \"quotes\""
    assert not [link for link in entry.iter(_ATOM + "link") if "javascript" in link.get("href")]


def test_exports_hold_the_whole_result_in_its_order(client: FlaskClient, engine: Engine) -> None:
    ids = [article.id for article in engine.scan(Request(sort="oldest"))]
    assert len(ids) > 100
    rows = list(csv.DictReader(io.StringIO(client.get("/export.csv?sort=oldest").text)))
    assert [row["id"] for row in rows] == ids
    lines = client.get("/export.jsonl?sort=oldest").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    ris = client.get("/export.ris?sort=oldest").text
    assert [line[6:] for line in ris.split("\r\n") if line.startswith("ID  - ")] == ids
    assert ris.count("ER  - ") == len(ids)


def test_an_export_can_be_read_in_again(
    client: FlaskClient, engine: Engine, tmp_path: Path
) -> None:
    exported = tmp_path / "all.jsonl"
    exported.write_bytes(client.get("/export.jsonl").data)
    update(FolderStore(tmp_path / "index"), [str(exported)], processes=1)
    again = open_engine(tmp_path / "index")
    try:
        assert again.status().articles == engine.status().articles
        before = {article.title: article for article in engine.scan(Request(text="ferry"))}
        after = {article.title: article for article in again.scan(Request(text="ferry"))}
        assert before.keys() == after.keys()
        for title, article in before.items():
            assert after[title].body == article.body
            assert after[title].tags == article.tags
            assert after[title].published == article.published
    finally:
        again.close()


def test_no_cell_of_a_table_is_a_formula(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/export.csv").text)))
    assert not [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))
    ]


def test_exports_are_written_while_they_are_read(engine: Engine) -> None:
    taken = 0

    class Counting:
        """The engine, counting how many articles are asked of it."""

        def __getattr__(self, name: str) -> object:
            return getattr(engine, name)

        def scan(self, request: Request) -> Iterator[Article]:
            nonlocal taken
            for _ in range(40):
                for article in engine.scan(request):
                    taken += 1
                    yield article

    app = create_app(Counting(), WebConfig(rate_limit="", export_limit=""))  # type: ignore[arg-type]
    answer = app.test_client().get("/export.jsonl", buffered=False)
    chunks = iter(answer.response)
    next(chunks)
    assert 0 < taken < 200
    assert sum(1 for _ in chunks) > 10
    assert taken > 4000


def test_slow_exports_leave_threads_to_the_others(engine: Engine) -> None:
    config = WebConfig(rate_limit="", export_limit="", max_exports=2, proxies=1)
    client = create_app(engine, config).test_client()
    one, other = ({"X-Forwarded-For": f"198.51.100.{n}"} for n in (1, 2))
    slow = [client.get("/export.csv", buffered=False, headers=one)]
    assert client.get("/export.csv", headers=one).status_code == 503, "the last turn is for others"
    slow.append(client.get("/export.csv", buffered=False, headers=other))
    refused = client.get("/export.csv")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "60"
    assert client.get("/search?q=ferry").status_code == 200
    for answer in slow:
        assert answer.status_code == 200
        answer.close()
    for _ in range(5):
        assert "Vell" in client.get("/export.csv").text
        assert client.get("/export.csv?page=x").status_code == 400


@pytest.mark.parametrize("name", ["csv", "jsonl", "ris"])
def test_an_export_is_a_file_with_a_name(client: FlaskClient, name: str) -> None:
    with client.get(f"/export.{name}?q=ferry") as answer:
        named = answer.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="ferry-\d{{4}}-\d\d-\d\d\.{name}"', named)


def test_a_search_that_cannot_be_answered_is_no_half_file(client: FlaskClient) -> None:
    answer = client.get("/export.csv?page=x")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_browsers_can_add_the_archive_as_a_search_engine(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    root = ElementTree.fromstring(answer.data)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    urls = {each.get("type"): each.get("template") for each in root.findall(space + "Url")}
    assert urls["text/html"] == "http://localhost/search?q={searchTerms}"
    page = urls["text/html"].replace("{searchTerms}", "ferry").removeprefix("http://localhost")
    assert client.get(page).status_code == 200
    text, completions = json.loads(client.get("/suggest?q=ferr").data)
    assert text == "ferr"
    assert completions
