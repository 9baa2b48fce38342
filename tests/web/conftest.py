"""A real archive: the sample newspaper, and articles that mean harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from corpus.core.article import Article, Origin, make_id
from corpus.core.stated_date import StatedDate
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from web.app import create_app
from web.config import WebConfig

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"

HOSTILE = (
    Article(
        id=make_id(own="hostile"),
        title="<script>alert('title')</script> xyzzy & \"quotes\"",
        lead="<img src=x onerror=alert(1)> xyzzy",
        body=("xyzzy </p><script>alert('body')</script>", "'; DROP TABLE articles; -- xyzzy"),
        published=StatedDate("2024-05-01T10:00:00+00:00"),
        section="<b>Section</b>",
        topic="</title><script>alert('topic')</script>",
        tags=("\"><script>alert('tag')</script>", "a&b=c#d", '=HYPERLINK("x")'),
        authors=("Mallory <mallory@example.org>",),
        source="Evil & Sons",
        place="<i>NOWHERE</i>",
        captions=("<svg onload=alert(2)>",),
        credits=("<style>*{display:none}</style>",),
        related=("<a href=javascript:alert(3)>",),
        url="javascript:alert(1)",
        language="en",
        origin=Origin("/srv/secret/place/hostile<script>.txt", 1, "text"),
        provenance=(("title", "<script>alert('provenance')</script>"),),
    ),
    Article(
        id=make_id(own="plugh"),
        title="Plugh is linked to from elsewhere",
        body=("plugh " * 40,),
        published=StatedDate("2024-05-02T10:00:00+00:00"),
        url="https://news.example.org/plugh?a=1&b=<2>",
        source="Evil & Sons",
        tags=("a&b=c#d",),
        language="en",
        origin=Origin("/srv/secret/place/plugh.txt", 1, "text"),
    ),
)
"""Articles as no reader of ours would pass them on: a page must bear them all the same."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample newspaper and of the articles that mean harm."""
    index = tmp_path_factory.mktemp("web") / "index"
    update(FolderStore(index), [str(SAMPLE)], processes=1)
    writer = FolderStore(index).writer()
    try:
        writer.put(HOSTILE, [1, 2], "hostile")
        writer.commit()
    finally:
        writer.close()
    return index


@pytest.fixture(scope="session")
def engine(folder: Path) -> Iterator[Engine]:
    """The engine over it."""
    opened = open_engine(folder)
    yield opened
    opened.close()


Maker = Callable[..., FlaskClient]


@pytest.fixture(scope="session")
def site(engine: Engine) -> Flask:
    """A site with the default settings, but for the rate limit."""
    return create_app(engine, WebConfig(rate_limit="", export_limit=""))


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    """A reader of that site."""
    return site.test_client()


@pytest.fixture
def reader(engine: Engine) -> Maker:
    """Make a reader of a site with other settings."""

    def make(**settings: object) -> FlaskClient:
        defaults: dict[str, object] = {"rate_limit": "", "export_limit": ""}
        return create_app(engine, WebConfig(**(defaults | settings))).test_client()  # type: ignore[arg-type]

    return make
