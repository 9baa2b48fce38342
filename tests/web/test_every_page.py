"""Every page in every language: what the site itself says is nowhere left in English.

A page is asked for twice. Whatever stands in both answers was not translated, unless it comes from
the archive (which is marked as that: `dir="auto"`, `bdi`, code) or is one of a few words that both
languages share.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask
from flask.testing import FlaskClient

from indexer.store.lock import LOCK_NAME
from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.i18n.wording import LANGUAGES
from web.waiting import WaitingEngine

TRANSLATED = sorted(set(LANGUAGES) - {"en"})

_ALIKE = {
    "both": {
        "Atom", "JSON Feed", "CSV", "JSON Lines", "RIS", "API", "BibTeX", "Markdown", "ms",
        "Broadsheet", "Deutsch", "English", "Español", "Enter",
    },
    "de": {"April", "August", "September", "November", "Person", "Organisation",
           "Name", "Tag"},  # a day
    "es": set(),
}  # fmt: skip
"""What the site says in the same words in English and in another language."""

_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-recent", "data-forget",
           "data-matches", "data-label")  # fmt: skip
_FOREIGN = ("script", "style", "pre", "code", "kbd", "bdi", "mark", "q", "var")
_WORD = re.compile(r"[^\W\d_]{2,}")


def _from_the_archive(node: Tag, language: str) -> bool:
    """Whether an element holds what an article says, or what somebody typed."""
    for each in (node, *node.parents):
        if each.name in _FOREIGN:
            return True
        if each.get("lang") == language and each.name != "html":
            return False
        if each.get("dir") == "auto" or each.get("lang") not in (None, language):
            return True
    return False


def _said(page: bytes, language: str, given: Set[str]) -> set[str]:
    """Return what a page says itself: its texts, and the attributes that are shown or read out.

    `given` are texts that it repeats: headlines, values, what was searched for.
    """
    soup = BeautifulSoup(page, "lxml")
    said = set()
    for text in soup.find_all(string=True):
        if type(text) is NavigableString and not _from_the_archive(text.parent, language):
            said.add(" ".join(text.split()))
    for name in _SPOKEN:
        for node in soup.select(f"[{name}]"):
            if node.name != "link" and not _from_the_archive(node, language):
                said.add(" ".join(str(node[name]).split()))
    named = {text.removesuffix(" · Broadsheet") for text in said}
    return {text for text in named - given if _WORD.search(text)}


def _paths(engine: Engine) -> dict[str, str]:
    """Return every kind of page, with an address."""
    articles = list(engine.scan(Request()))
    twin = next(each for each in articles if len(engine.versions(each.id)) > 1)
    rich = next(each for each in articles if each.captions and each.tags)
    undated = next((each for each in articles if not each.published), rich)
    return {
        "front": "/",
        "results": "/search?q=ferry",
        "explained": "/search?q=ferry&explain=1",
        "everything": "/search",
        "narrowed": "/search?q=ferry+strike&tag=ferries&tag=Vell&-section=Features&year=2023",
        "months": "/search?month=2023-06&size=25",
        "partial": "/search?q=ferry+xylophone+budget",
        "some further": "/search?q=ferry+council+tide",
        "nothing": "/search?q=ferry+zeppelinesque&match=all&tag=Vell",
        "nothing at all": "/search?q=zzzzqqqq+yyyyxxxx",
        "misspelt": "/search?q=ferrry",
        "typed": "/search?q=budegt+council&match=all",
        "unclosed": '/search?q="ferry+council',
        "dates": "/search?q=ferry&from=spring&to=2023",
        "reversed": "/search?q=ferry&from=2024&to=2023",
        "page two": "/search?page=2",
        "page beyond": "/search?q=ferry&page=9",
        "article": f"/article/{rich.id}",
        "undated": f"/article/{undated.id}",
        "article found": f"/article/{rich.id}?q=the&match=any",
        "versions": f"/article/{twin.id}/versions",
        "one version": f"/article/{rich.id}/versions",
        "related": f"/article/{twin.id}/related",
        "facet": "/facet/tag?q=ferry",
        "facet sifted": "/facet/tag?q=ferry&contains=zzzz",
        "browse": "/browse",
        "tags": "/browse/tag",
        "tags by name": "/browse/tag?by=value",
        "tags sifted": "/browse/tag?contains=zzzz",
        "sections": "/browse/section",
        "tag": "/browse/tag?value=ferries",
        "calendar": "/browse/calendar",
        "year": "/browse/calendar/2023",
        "help": "/help",
        "shelf": "/shelf",
        "keep a search": "/shelf/search?q=ferry",
        "count": "/count",
        "compare": "/compare?q=ferry&q=strike",
        "no page": "/nothing/here",
        "no article": "/article/nothing",
        "no facet": "/facet/nothing",
        "no shelf": "/browse/nothing",
        "no value": "/browse/tag?value=zzzz",
        "no year": "/browse/calendar/1066",
        "no export": "/export.docx?q=ferry",
        "no citation": f"/article/{rich.id}/cite/apa",
        "bad page": "/search?page=x",
        "deep page": "/search?page=9999&size=100",
        "bad order": "/search?sort=sideways",
        "bad switch": "/search?collapse=maybe",
        "long date": "/search?from=" + "9" * 99,
    }


def _untranslated(
    english: bytes, other: bytes, language: str, given: Set[str] = frozenset()
) -> set[str]:
    alike = set(_WORD.findall(" ".join(_ALIKE["both"] | _ALIKE[language])))
    return {
        text
        for text in _said(english, "en", given) & _said(other, language, given)
        if not set(_WORD.findall(text)) <= alike
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_page_is_in_the_readers_language(
    reader: Callable[..., FlaskClient], engine: Engine, tmp_path: Path, language: str
) -> None:
    client = reader(shelf=tmp_path)
    left = []
    titles = {article.title for article in engine.scan(Request())}
    for name, path in _paths(engine).items():
        english, other = (
            client.get(path, headers={"Accept-Language": each, "Accept": "text/html"})
            for each in ("en", language)
        )
        assert other.status_code == english.status_code, path
        if other.mimetype != "text/html":
            assert english.text != other.text, path
            continue
        assert f'<html lang="{language}"' in other.text, path
        typed = parse_qs(path.partition("?")[2])
        given = {*titles, *typed.get("q", ()), *typed.get("value", ()), "ferry"}
        found = _untranslated(english.data, other.data, language, given)
        left += [f"{name}: {each}" for each in found]
    assert not left, "\n".join(left)


@pytest.fixture(params=["empty", "building", "broken"])
def unready(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A site whose archive cannot answer."""
    index = tmp_path / "index"
    index.mkdir()
    if request.param == "broken":
        (index / "CURRENT").write_text("nonsense")
    with (index / LOCK_NAME).open("w") as lock:
        if request.param == "building":
            fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = WaitingEngine(lambda: open_engine(index), index, "embedded")
        yield create_app(waiting, WebConfig(rate_limit="", export_limit=""))
        waiting.close()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_site_that_cannot_answer_says_so_in_the_readers_language(
    unready: Flask, language: str
) -> None:
    client = unready.test_client()
    for path in ("/", "/search?q=ferry", "/help"):
        pages = [
            client.get(path, headers={"Accept-Language": each}).data for each in ("en", language)
        ]
        assert _untranslated(*pages, language) == set(), path
