"""What saves time: entity tags, compression, pages kept in memory."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from flask.testing import FlaskClient

from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.pagecache import CachedPage, PageCache

Maker = Callable[..., FlaskClient]

TAGGED = ("/", "/search?q=ferry", "/browse", "/browse/tag", "/help", "/feed.atom?q=ferry",
          "/feed.json", "/export.csv?q=ferry", "/api/v1/search?q=ferry", "/facet/tag")  # fmt: skip


@pytest.mark.parametrize("url", TAGGED)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    assert first.status_code == 200
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(url, headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("url", TAGGED)
def test_head_is_get_without_the_body(client: FlaskClient, url: str) -> None:
    head, get = client.head(url), client.get(url)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers.get("ETag") == get.headers.get("ETag")
    assert head.headers.get("Content-Type") == get.headers.get("Content-Type")
    if "/api/" not in url:  # the time that a search took is part of its answer
        assert head.headers.get("Content-Length") == get.headers.get("Content-Length")


def test_a_tag_is_of_one_address_and_one_language(client: FlaskClient) -> None:
    tags = {
        client.get("/search?q=ferry").headers["ETag"],
        client.get("/search?q=strike").headers["ETag"],
        client.get("/search?q=ferry", headers={"Accept-Language": "de"}).headers["ETag"],
    }
    assert len(tags) == 3


def test_a_new_generation_changes_every_tag(tmp_path: Path) -> None:
    source = tmp_path / "one.txt"
    source.write_text("The first headline\n\nThe first paragraph of it.\n")
    store = FolderStore(tmp_path / "index")
    update(store, [str(source)], processes=1)
    engine = open_engine(tmp_path / "index")
    client = create_app(engine, WebConfig()).test_client()
    first = client.get("/search")
    assert "The first headline" in first.text
    (tmp_path / "two.txt").write_text("The second headline\n\nAnother paragraph.\n")
    update(store, [str(tmp_path)], processes=1)
    assert engine.refresh()
    threading.Event().wait(0.3)
    second = client.get("/search", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert "The second headline" in second.text
    engine.close()


@pytest.mark.parametrize(
    "url", ["/search?q=ferry", "/api/v1/facets/tags", "/feed.atom", "/export.csv",
            "/static/broadsheet.css", "/nothing"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["gzip", "zstd", "zstd, gzip", "br", "identity", "gzip;q=0"])
def test_answers_are_compressed_as_the_client_takes_it(
    client: FlaskClient, url: str, encoding: str
) -> None:
    plain = client.get(url)
    for _ in range(2):  # rendered, then from memory
        packed = client.get(url, headers={"Accept-Encoding": encoding})
        chosen = packed.headers.get("Content-Encoding", "")
        assert chosen in encoding.split(", ") or chosen == ""
        body = packed.data
        if chosen == "gzip":
            body = gzip.decompress(body)
        elif chosen == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        if "gzip" in encoding and "q=0" not in encoding:
            assert chosen, url
            assert len(packed.data) < len(plain.data) or len(plain.data) < 600
        if encoding in ("br", "identity", "gzip;q=0"):
            assert chosen == ""
        if url != "/nothing":
            assert body == client.get(url).data
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_page_asked_for_again_comes_from_memory(engine: Engine) -> None:
    asked: list[Request] = []

    class Counting:
        """The engine, noting what it is asked."""

        def __getattr__(self, name: str) -> object:
            return getattr(engine, name)

        def search(self, request: Request) -> object:
            asked.append(request)
            return engine.search(request)

    client = create_app(Counting(), WebConfig()).test_client()  # type: ignore[arg-type]
    first = client.get("/search?q=ferry")
    assert len(asked) == 1
    again = client.get("/search?q=ferry")
    assert len(asked) == 1
    assert again.data == first.data
    assert again.headers["Link"] == first.headers["Link"]
    client.get("/search?q=ferry", headers={"Accept-Language": "es"})
    assert len(asked) == 2


def test_errors_and_empty_states_are_never_kept(client: FlaskClient) -> None:
    assert client.get("/search?page=x").headers["Cache-Control"] == "no-store"
    assert "ETag" not in client.get("/nothing").headers


def test_own_files_are_kept_for_a_year_under_their_digest(client: FlaskClient) -> None:
    import re

    page = client.get("/").text
    for url in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        plain = client.get(url.split("?")[0])
        assert plain.headers["Cache-Control"] == "no-cache"
        tag = {"If-None-Match": plain.headers["ETag"]}
        assert client.get(url.split("?")[0], headers=tag).status_code == 304


def test_the_memory_for_pages_is_bounded_and_drops_the_oldest() -> None:
    cache = PageCache(40_000)
    for n in range(50):
        cache.put(n, CachedPage({"": b"x" * 1000}))
        cache.get(0)
    assert cache.get(0) is not None
    assert cache.get(49) is not None
    assert cache.get(1) is None
    held = sum(cache.get(n) is not None for n in range(50))
    assert held * 2512 <= 40_000
    cache.put("large", CachedPage({"": b"x" * 30_000}))
    assert cache.get("large") is None


def test_anything_matches_no_tag_of_an_article_that_is_not_there(client: FlaskClient) -> None:
    anything = {"If-None-Match": "*"}
    for address in ("/article/0000000000000000", "/api/v1/articles/0000000000000000"):
        assert client.get(address, headers=anything).status_code == 404
    assert client.get("/search?q=ferry", headers=anything).status_code in (200, 304)
