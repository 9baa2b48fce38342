"""The headline: what stands above the article, not the window's title with the outlet's name.

The structured data, Open Graph, the page's `<h1>` and its `<title>` usually agree but for a suffix
(' | The Daily'). The one on the page wins when it agrees with the metadata; the suffix is taken
off when it is the outlet's name, or when no other source has it.
"""

from __future__ import annotations

import re

from bs4 import Tag

from corpus.html.blocks import normal
from corpus.html.declarations import attribute, is_in_footer, text_in
from corpus.html.declared import Declared
from corpus.text.text import clean

_SEPARATOR = re.compile(r"\s+[|–—\-·•»«:›~/]+\s+|\s*[|»›]\s*|\s+::\s+")
_NO_TITLE = frozenset(
    ("", "untitled", "no title", "home", "homepage", "index", "article", "news", "blog", "page",
     "untitled document", "new page", "404", "not found", "page not found", "error",
     "access denied",
     "just a moment", "document", "null", "undefined", "none", "startseite", "story", "post")
)  # fmt: skip
_KICKER = re.compile(
    r"kicker|overline|roofline|eyebrow|dachzeile|spitzmarke|supertitle|pretitle|topline|label|"
    r"categor|section|rubri|hidden|sr-only|screen-reader|badge|flag",
    re.IGNORECASE,
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_ARCHIVE = re.compile(r"^.{1,80}»\s*(?:blog )?[ -]?archiv\w*(?: du blog)?\s*»\s*", re.IGNORECASE)
"""How an old theme of WordPress begins the titles of its windows: 'Blog » Blog Archive » Title'."""

_MAX_TITLE = 400


def headline(page: Declared, *, outlet: str = "") -> tuple[str, str]:
    """Return the article's headline and where it came from; ("", "") when the page has none."""
    said = _usable(page.said("headline")) or _usable(page.item("headline"))
    name = _usable(page.said("name"))
    graph = _usable(
        without_outlet(page.meta("og:title", "twitter:title"), outlet, known=page.title)
    )
    other = _usable(page.meta("parsely-title", "sailthru.title", "dc.title", "citation_title",
                              "dcterms.title", "headline", "hdl", "title"))  # fmt: skip
    window = _usable(without_outlet(page.title, outlet))
    declared = [(text, where) for text, where in (
        (said, "schema.org"), (graph, "og:title"), (other, "meta"), (name, "schema.org"),
        (window, "title")) if text]  # fmt: skip
    heading = _heading(page, [text for text, _ in declared], outlet)
    if heading:
        return heading, "h1"
    return declared[0] if declared else ("", "")


def without_outlet(title: str, outlet: str, *, known: str = "") -> str:
    """Return a window's title without the outlet's name and section at its end or start.

    `known` is another title of the same page; nothing is taken off what both have.
    """
    title = _ARCHIVE.sub("", clean(title))
    key = normal(outlet)
    before, colon, after = title.partition(":")
    if colon and _same_outlet(normal(before), key) and after.strip():
        return after.strip()
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    if outlet:
        for count in range(1, len(parts)):
            tail, head = parts[-count], parts[count - 1]
            if _same_outlet(normal(tail), key):
                return _cut(title, parts, 0, len(parts) - count)
            if count == 1 and _same_outlet(normal(head), key):
                return _cut(title, parts, 1, len(parts))
    if known and normal(title) == normal(known):
        known = ""
    if known:
        return title
    # No name to look for: the last part is the outlet when it is short beside the rest.
    last = parts[-1]
    rest = _cut(title, parts, 0, len(parts) - 1)
    separator = title[len(rest) : len(title) - len(last)].strip()
    if len(last.split()) <= 4 and len(rest) >= 2 * len(last) and separator not in (":", "/"):
        return rest
    return title


def _cut(title: str, parts: list[str], first: int, last: int) -> str:
    """Return the stretch of `title` from part `first` to before part `last`, as written."""
    position = 0
    start, end = 0, len(title)
    for number, part in enumerate(parts):
        found = title.find(part, position)
        if number == first:
            start = found
        if number == last - 1:
            end = found + len(part)
        position = found + len(part)
    return title[start:end].strip()


def _same_outlet(part: str, outlet: str) -> bool:
    if not part or not outlet:
        return False
    short, long = sorted((part.removeprefix("the "), outlet.removeprefix("the ")), key=len)
    squeezed = short.replace(" ", ""), long.replace(" ", "")
    if not squeezed[0]:
        return False
    return squeezed[0] == squeezed[1] or (len(squeezed[0]) >= 4 and (
        squeezed[1].startswith(squeezed[0]) or squeezed[1].endswith(squeezed[0])
    ) and len(squeezed[0]) * 3 >= len(squeezed[1]))  # fmt: skip


def _heading(page: Declared, declared: list[str], outlet: str) -> str:
    """Return the heading on the page that is the article's, when one is surely that."""
    keys = [normal(text) for text in declared]
    first: list[str] = []
    second: list[str] = []
    for number, element in enumerate(page.tagged("h1", "h2")):
        if number > 200:
            break
        text = _usable(_heading_text(element))
        key = normal(text)
        if not text or _same_outlet(key, normal(outlet)):
            continue
        if key in keys:
            return text
        if element.name == "h1" and not is_in_footer(element):
            first.append(text)
        elif element.name == "h2":
            second.append(text)
    # The window's title holds the outlet's name too, which may be a heading: it is asked last.
    for title, key in list(zip(declared, keys, strict=True))[: max(1, len(keys) - 1)]:
        for text in first:
            if _agrees(normal(text), key):
                # A heading with a kicker set before it: 'Local news Dog found' for 'Dog found'.
                return title if normal(text).endswith(key) else text
    window = f" {normal(page.title)} "
    for text in (*first, *second):
        if f" {normal(text)} " in window and _shares_word(text, declared[:1]):
            return text
    alone = tuple(dict.fromkeys(first))
    if len(alone) == 1 and (
        _shares_word(alone[0], declared[:-1] or declared)
        or (_words(normal(alone[0])) >= 4 and f" {normal(alone[0])} " not in window)
    ):
        return alone[0]
    return first[0] if first and not declared else ""


def _words(text: str) -> int:
    """Return about how many words a text has, where no spaces part them too."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


def _shares_word(heading: str, declared: list[str]) -> bool:
    """Tell whether a heading has one of the longer words of what the metadata say."""
    words = {word for text in declared for word in normal(text).split() if len(word) > 3}
    return not words.isdisjoint(normal(heading).split())


def _heading_text(element: Tag) -> str:
    """Return a heading's text without the kicker or section that some put inside it."""
    parts = element.find_all(True)
    text = text_in(element)
    for kicker in [part for part in parts if _KICKER.search(attribute(part, "class"))][:3]:
        text = clean(text.removeprefix(text_in(kicker)).lstrip(" :|–-"))
    return text


def _agrees(heading: str, declared: str) -> bool:
    """Tell whether a heading says what the metadata do, give or take a few words."""
    if not heading or not declared:
        return False
    if heading in declared or declared in heading:
        return min(len(heading), len(declared)) * 2 >= max(len(heading), len(declared))
    a, b = set(heading.split()), set(declared.split())
    return len(a & b) >= 0.7 * max(len(a), len(b))


def _usable(text: str) -> str:
    text = clean(text)
    return "" if normal(text) in _NO_TITLE or len(text) > _MAX_TITLE else text
