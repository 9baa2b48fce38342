"""Every word of the pages, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from web.i18n.catalogues import FOLDER, catalogue, compiled, messages, missing
from web.i18n.wording import LANGUAGES, bytes_label, decimal, number

TRANSLATED = sorted(set(LANGUAGES) - {"en"})
_TAGS = re.compile(r"\{% block kind %\}\w+|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
_PLACE = re.compile(r"%\(\w+\)[sd]")


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete(language: str) -> None:
    assert missing(catalogue(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_compiled_as_it_is_written(language: str) -> None:
    """The compiled file is kept; `python -m web.i18n.catalogues` writes it."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == compiled(catalogue(language))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {place for text in ids for place in _PLACE.findall(text)}
        for text in strings:
            assert set(_PLACE.findall(text)) == wanted, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_kept_that_no_page_says(language: str) -> None:
    said = {text if isinstance(text, str) else text[0] for _, _, text in messages()}
    kept = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue(language) if m.id}
    assert kept - said == set()


def test_no_text_of_a_template_is_outside_the_catalogues() -> None:
    """What is left of a template without its tags and expressions holds no English words."""
    templates = Path(FOLDER).parent / "templates"
    known = {"Atom", "BibTeX", "JSON", "Feed", "CSV", "Lines", "RIS", "API", "Broadsheet", "Enter"}
    known |= {"ms"}
    known |= {"dir", "auto"}  # attributes of a heading whose level is an expression
    for path in sorted(templates.rglob("*.html")):
        if path.name == "api.html":  # a reference for programmers, in English as the API is
            continue
        text = _TAGS.sub(" ", path.read_text())
        soup = BeautifulSoup(text, "html.parser")
        for pre in soup.select("pre, kbd, code"):
            pre.extract()
        words = set(re.findall(r"[A-Za-z]{2,}", soup.get_text(" "))) - known
        assert words <= {"doctype", "html"}, path.name
        for name in ("aria-label", "title", "placeholder", "alt"):
            for element in soup.select(f"[{name}]"):
                if not (element.name == "link" and name == "title"):
                    assert not re.search(r"[A-Za-z]{2,}", str(element[name])), (path.name, element)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("de", "de"), ("es-MX,es;q=0.9", "es"), ("fr, de;q=0.5", "de"), ("fr", "en"), ("", "en")],
)
def test_the_page_is_in_the_language_that_the_browser_asks_for(
    client: FlaskClient, accepted: str, expected: str
) -> None:
    answer = client.get("/search?q=ferry", headers={"Accept-Language": accepted})
    soup = BeautifulSoup(answer.data, "lxml")
    assert soup.html["lang"] == expected
    told = {"en": "13 articles for", "de": "13 Artikel zu", "es": "13 artículos para"}
    assert soup.h1.get_text().split(" ", 1)[1].startswith(told[expected].split(" ", 1)[1])
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_reader_can_choose_another_language_and_keeps_it(client: FlaskClient) -> None:
    soup = BeautifulSoup(client.get("/search?q=ferry&tag=Vell").data, "lxml")
    link = soup.select_one(".tongues a[lang=de]")
    assert link["href"] == "?q=ferry&tag=Vell&ui=de"
    answer = client.get("/search" + str(link["href"]))
    assert BeautifulSoup(answer.data, "lxml").html["lang"] == "de"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert BeautifulSoup(client.get("/").data, "lxml").html["lang"] == "de"
    assert BeautifulSoup(client.get("/?ui=en").data, "lxml").html["lang"] == "en"


def test_no_cookie_is_set_that_nobody_asked_for(client: FlaskClient) -> None:
    for url in ("/", "/search?q=ferry", "/browse", "/feed.atom", "/?ui=xx"):
        assert "Set-Cookie" not in client.get(url).headers


@pytest.mark.parametrize("language", TRANSLATED)
def test_dates_and_notes_are_in_the_language_too(client: FlaskClient, language: str) -> None:
    headers = {"Accept-Language": language}
    soup = BeautifulSoup(client.get('/search?q="ferry', headers=headers).data, "lxml")
    assert "not closed" not in soup.select_one(".notes").get_text()
    days = [each.get_text() for each in soup.select(".hit time")]
    english = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
    assert days
    assert not [day for day in days if day.split()[0].strip(",.") in english]


@pytest.mark.parametrize(
    ("language", "numbers"),
    [
        ("en", ["999", "1,234", "12,345", "1.5", "1.4 kB"]),
        ("de", ["999", "1.234", "12.345", "1,5", "1,4 kB"]),
        ("es", ["999", "1234", "12.345", "1,5", "1,4 kB"]),
    ],
)
def test_numbers_are_written_as_in_the_language(
    site: Flask, language: str, numbers: list[str]
) -> None:
    with site.test_request_context(f"/?ui={language}"):
        shown = [number(999), number(1_234), number(12_345), decimal(1.5, 1), bytes_label(1_400)]
    assert shown == numbers
