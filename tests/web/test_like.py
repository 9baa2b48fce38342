"""Ask by example over HTTP: what is pasted, files that are uploaded, and those that mean harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.example.like import text_of
from search.request import Request

Maker = Callable[..., FlaskClient]


def passage(engine: Engine) -> tuple[str, str]:
    """Return the id of an article, and a sentence of its text."""
    hit = engine.search(Request(text="bridge", size=1)).hits[0]
    article = engine.article(hit.id)
    assert article is not None
    return article.id, " ".join(text_of(article).split()[40:80])


def test_a_passage_leads_to_its_article(client: FlaskClient, engine: Engine) -> None:
    article_id, text = passage(engine)
    page = client.post("/like", data={"text": f"They wrote: {text} So it was."}).text
    earlier = page.partition('id="earlier"')[2].partition('id="closest"')[0]
    assert f"/article/{article_id}" in earlier
    assert "<mark>" in earlier
    answer = client.post("/api/v1/like", json={"text": text, "size": 3}).json
    assert answer is not None
    assert article_id in [each["id"] for each in answer["earlier"]]
    assert 1 <= len(answer["closest"]) <= 3
    days = [each["published"] for each in answer["earlier"] if each["published"]]
    assert days == sorted(days)


def upload(client: FlaskClient, content: bytes, name: str) -> Any:
    return client.post("/like", data={"file": (io.BytesIO(content), name)})


def test_a_page_is_read_like_those_of_the_archive(client: FlaskClient, engine: Engine) -> None:
    article_id, text = passage(engine)
    page = (
        f"<html><head><title>Copy</title></head><body><nav>Home</nav><article><h1>Copy</h1>"
        f"<p>{text}.</p><p>{'More was said of it on that day in town. ' * 12}</p></article></body>"
    )
    assert f"/article/{article_id}" in upload(client, page.encode(), "copy.html").text
    assert f"/article/{article_id}" in upload(client, text.encode("utf-16"), "copy.txt").text


def test_what_cannot_be_read_is_refused(client: FlaskClient, reader: Maker) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:p/>" * 3_000_000)
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><r>&e;</r>'
    )
    for content, name in (
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "photo.png"), (b"", "empty.html"),
        (bomb.getvalue(), "bomb.docx"), (entity, "../../etc/entity.xml"),
        (b"%PDF-1.7\n%%", "a.pdf"),
    ):  # fmt: skip
        answer = upload(client, content, name)
        assert answer.status_code in (200, 400), name
        assert "<textarea" in answer.text
        assert "Traceback" not in answer.text
        assert "/etc/" not in answer.text
    small = reader(max_body=1_000)
    assert small.post("/like", data={"text": "a" * 2_000}).status_code == 413
    assert small.post("/api/v1/like", json={"text": "a" * 2_000}).status_code == 413


def test_what_was_pasted_is_shown_as_text(client: FlaskClient) -> None:
    hostile = "</textarea><script>alert(1)</script> xyzzy <img src=x onerror=alert(1)> xyzzy"
    page = client.post("/like", data={"text": hostile})
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "a", "size": 0}, []])
def test_the_api_says_what_it_takes(client: FlaskClient, body: Any) -> None:
    assert client.post("/api/v1/like", json=body).status_code == 400


def test_an_empty_form_says_what_to_do(client: FlaskClient) -> None:
    assert "paste some" in client.post("/like", data={"text": " "}).text
    assert "no words" in client.post("/like", data={"text": "…"}).text
    assert "<form" in client.get("/like?ui=es").text
