"""What is no article: front pages, lists, consent walls, robot checks, login and error pages.

`no_article` looks at what a page declares and at its headings, and weighs it: an article's date,
its type or a long run of sentences speak for it, headings that are links, an address such as
`/tag/…` and the phrases of walls against it. The phrases are data (`page_kinds.txt`): add one where
it is missing. Figures of how often it is right stand in `tests/corpus/test_page_kinds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from corpus.html.declared import Declared
from corpus.html.page_shape import page_shape
from corpus.html.patterns import read_patterns
from corpus.html.structured import ARTICLE_TYPES
from corpus.text.text import clean

_LIST_TYPES = frozenset(("collectionpage", "searchresultspage", "itemlist", "blog"))
_LIST, _MOST_BY_SHAPE = 5, 5
"""The score of a list, and how much of it the shape of a page can give."""
_SHORT = 2500
_BRIEF = 900
_NOTICE = 250
_LONG_RUN = 700


class _Shape(NamedTuple):
    """What `page_shape` returns."""

    teasers: int
    longest: int
    heads: list[str]
    passwords: int


def no_article(page: Declared, paragraphs: Sequence[str]) -> str:
    """Return what a page is instead of an article, in a few words; "" for an article.

    `paragraphs` are what was found as its text.
    """
    size = sum(map(len, paragraphs))
    is_declared = _is_declared(page)
    may_be_wall = size < _SHORT and not is_declared
    score = _said_score(page, is_declared)
    if score + _MOST_BY_SHAPE < _LIST and not may_be_wall:
        return ""
    shape = _Shape(*page_shape(page.root))
    if may_be_wall and (wall := _wall(page, shape, paragraphs, size)):
        return wall
    if shape.teasers >= 3 and score + _shape_score(shape) >= _LIST:
        return f"a list of articles: {shape.teasers} of its headings are links to others"
    return ""


def _is_declared(page: Declared) -> bool:
    """Tell a page that says of itself, in a way that lists do not, that it is an article."""
    kinds = page.article.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    is_article = any(
        ARTICLE_TYPES.get(str(kind).rstrip("/").rsplit("/", 1)[-1].lower(), 0) >= 3
        for kind in kinds
    )
    return (
        is_article and bool(page.article.get("headline") or page.article.get("articleBody"))
    ) or (bool(page.meta("article:published_time", "datepublished", "pubdate", "parsely-pub-date")))


def _wall(page: Declared, shape: _Shape, paragraphs: Sequence[str], size: int) -> str:
    """Return which kind of wall the page is, "" for none."""
    heads = [head for head in (page.title, " | ".join(map(clean, shape.heads))) if head]
    text = " ".join(paragraphs)[:_SHORT]
    for kind, patterns in _PATTERNS.items():
        titled = any(patterns.search(head) for head in heads)
        said = len({found[0].lower() for found in patterns.finditer(text)})
        if kind == "a login page":
            if shape.passwords and size < _BRIEF and titled:
                return kind
        elif kind in ("an error page", "a list of search results"):
            if titled and size < _BRIEF:
                return kind
        elif kind == "a robot check":
            if (titled and (said or size < _NOTICE)) or said >= 2:
                return kind
        elif (titled and _is_about_consent(text)) or (said and _is_about_consent(text, 4)):
            return kind
    return ""


def _is_about_consent(text: str, least: int = 2) -> bool:
    return len({found[0].lower() for found in _CONSENT.finditer(text)}) >= least


def _shape_score(shape: _Shape) -> int:
    """Return how much the shape of a page speaks for a list, `_MOST_BY_SHAPE` at most."""
    score = 0
    if shape.teasers >= 5:
        score += 3 if shape.teasers >= 10 else 2
    # A list may have a longer text at its foot; so many teasers are none of an article.
    if shape.longest < _LONG_RUN + 20 * min(shape.teasers, 20):
        return score + 2
    return score - (4 if shape.longest > 2 * _LONG_RUN else 1)


def _said_score(page: Declared, is_declared: bool) -> int:
    """Return how much of what a page says of itself speaks for a list of articles."""
    path = urlsplit(page.url).path
    score = 0
    if (
        page.url and path.strip("/").lower() in ("", "index.html", "index.php", "home")
    ) or _LIST_PATH.search(path):
        score += 3
    if _LIST_TITLE.search(page.title):
        score += 2
    kinds = {str(node.get("@type", "")).lower() for node in page.nodes}
    if kinds & _LIST_TYPES and not is_declared:
        score += 2
    graph = page.meta("og:type").lower()
    score += (graph in ("website", "blog", "object")) - (graph == "article")
    return score - (4 if is_declared else 0)


_PATTERNS = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in read_patterns("page_kinds").items()
}
_CONSENT, _LIST_PATH, _LIST_TITLE = map(_PATTERNS.pop, ("consent", "list path", "list title"))
