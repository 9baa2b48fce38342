"""What the pages export is read back as it was: JSON Lines, CSV, RIS and BibTeX."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from corpus.reading import read
from corpus.text.text import clean
from search.exports.citations import bibtex, ris
from search.exports.exports import json_article, written

_UTC = ZoneInfo("UTC")
_LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn")),
    min_size=1, max_size=40,
).map(clean).filter(bool)  # fmt: skip
_TERMS = st.lists(
    st.from_regex(r"[A-Za-zÄöñЖ][A-Za-zÄöñЖ&%$#_{}\\~^' -]{0,15}[a-zé]", fullmatch=True).map(clean),
    unique_by=str.casefold, max_size=3,
).map(tuple)  # fmt: skip
_NAMES = st.lists(
    st.sampled_from(("Ada Quill", "Jan Korn", "Jean Grain", "María de la O", "Ольга Мельник")),
    unique=True, max_size=3,
).map(tuple)  # fmt: skip
_DATES = st.none() | st.dates().filter(lambda day: 1700 < day.year < 2026).map(StatedDate.of)


@st.composite
def _articles(draw: Any) -> Article:
    title = draw(_LINES)
    url = draw(st.sampled_from(("", "https://a.example/x?a=1&b=2", "http://a.example/%7Bx%7D")))
    return Article(
        id=make_id(url=url or f"https://b.example/{title}"), url=url, title=title,
        lead=draw(_LINES | st.just("")), body=tuple(draw(st.lists(_LINES, max_size=3))),
        published=draw(_DATES), tags=draw(_TERMS), authors=draw(_NAMES),
        source=draw(st.sampled_from(("", "Arle-Bote", "The Arle Post & Times"))),
        section=draw(st.sampled_from(("", "Land"))), page=draw(st.sampled_from(("", "A2"))),
        place=draw(st.sampled_from(("", "Arle"))), language=draw(st.sampled_from(("", "de"))),
        orgs=draw(_TERMS), ocr_confidence=draw(st.none() | st.just(0.75)),
    )  # fmt: skip


def _back(name: str, content: str) -> list[Article]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(content, encoding="utf-8", newline="")
        skips: list[Any] = []
        articles = list(read([file], skips.append))
        assert not skips
        return articles


@settings(max_examples=60, deadline=None)
@given(_articles())
def test_json_lines(article: Article) -> None:
    (again,) = _back("a.jsonl", orjson.dumps(json_article(article)).decode() + "\n")
    assert json_article(again) == json_article(article)


@settings(max_examples=60, deadline=None)
@given(_articles())
def test_csv(article: Article) -> None:
    (again,) = _back("a.csv", "".join(written("csv", [article], _UTC, "http://h.example")))
    kept = {"captions": [], "credits": [], "related": [], "ocr_confidence": None}
    assert {**json_article(again), **kept} == {**json_article(article), **kept}


def _cited(article: Article) -> dict[str, Any]:
    return {
        "id": article.id, "title": article.title, "authors": article.authors,
        "source": article.source, "published": article.published,
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_articles(), min_size=1, max_size=3, unique_by=lambda one: one.id))
def test_ris(articles: list[Article]) -> None:
    text = "\r\n".join(ris(one, _UTC, f"https://h.example/article/{one.id}") for one in articles)
    again = _back("a.ris", text)
    for before, after in zip(articles, again, strict=True):
        if not before.source:  # told from the address then
            after_source = {**_cited(after), "source": ""}
            assert after_source == _cited(before)
        else:
            assert _cited(after) == _cited(before)
        assert (after.lead, after.tags, after.place) == (before.lead, before.tags, before.place)


@settings(max_examples=60, deadline=None)
@given(st.lists(_articles(), min_size=1, max_size=3, unique_by=lambda one: one.id))
def test_bibtex(articles: list[Article]) -> None:
    text = "\n".join(bibtex(one, _UTC, f"https://h.example/article/{one.id}") for one in articles)
    again = _back("a.bib", text)
    for before, after in zip(articles, again, strict=True):
        assert {**_cited(after), "source": before.source} == _cited(before)
