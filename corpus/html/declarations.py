"""What a page declares, as a soup: the elements that say something about the article.

Titles, dates, authors, tags and the language are read with Beautiful Soup, by rules that anyone can
read and extend. A soup of a whole page takes ten times as long as the tree of lxml, which the text
is read from; so that tree is strained first. What is left are the head, JSON-LD, microdata,
headings, times, links that say what they are for, elements named after a byline, a date, a
standfirst or a list of tags, and the elements around each of these. What lies beside the article
(side bars, menus, comments, teasers) is left out.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from itertools import islice

from bs4 import BeautifulSoup, Tag
from lxml import etree

from corpus.text.text import clean

MAX_ELEMENTS = 5000
"""The most elements that are kept for themselves; pages of news have some tens."""

MAX_INSIDE = 60
"""An element with more elements in it is no byline and no date: only what is in it may be."""

MAX_TEXT = 20_000
"""Characters of an element that are read."""

_WHOLE = frozenset(("meta", "title", "h1", "h2", "time", "address", "abbr"))
_SKIPPED = frozenset(("style", "svg", "iframe", "noscript", "template", "select", "object", "math"))
_SHELL = ("class", "id", "itemprop", "itemscope", "itemtype", "rel", "href", "lang", "xml:lang")
"""What is kept of the attributes of an element around those that declare something."""
_BESIDE_TAGS = frozenset(("aside", "nav"))
_BESIDE = ("comment", "discussion", "disqus", "sidebar", "related", "teaser", "recommend", "widget",
           "latest", "popular", "trending", "menu", "cloud", "cookie")  # fmt: skip
_NEVER_BESIDE = frozenset(("body", "html", "article", "main"))
_HOLDS_ARTICLE = etree.XPath(
    "boolean(.//h1 | .//*[@itemprop='articleBody'] | .//*[contains(@class, 'entry-title')])"
)
"""What holds the article itself is named after the side bar or the widget that it is not."""
_STEMS = (
    "author", "autor", "auteur", "byline", "writer", "journalist", "contributor",
    "date", "datum", "fecha", "time", "pub", "posted", "created", "submitted", "stand",
    "meta", "subhe", "sub-he", "subti", "sub-ti", "dek", "deck", "lead", "lede",
    "intro", "summary", "excerpt", "abstract", "strapline", "bajada", "entradilla", "chapo",
    "chapeau", "vorspann", "ingress", "tags", "tag-", "keyword", "topic", "schlagw", "etiquet",
    "themen", "breadcrumb",
)  # fmt: skip
_TAG_PATHS = ("/tag", "tag=", "keyword", "schlagw", "stichwort", "etiqueta", "/mot", "/tema/")


def strained(root: etree._Element) -> BeautifulSoup:
    """Return what a page declares; the tree below `root` stays as it is."""
    opened, markup, kept = [root], [_start_tag(root)], 0
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED or _is_beside(element, tag):
            walk.skip_subtree()
        elif kept < MAX_ELEMENTS and _declares(element, tag):
            walk.skip_subtree()
            kept += 1
            around = [*element.iterancestors()][::-1]
            while opened and opened[-1] not in around[len(opened) - 1 : len(opened)]:
                markup.append(_end_tag(opened.pop()))
            for above in around[len(opened) :]:
                markup.append(_start_tag(above))
                opened.append(above)
            markup.append(
                etree.tostring(element, encoding="unicode", method="html", with_tail=False)
            )
            if element.tail:
                markup.append(" ")
    markup += map(_end_tag, reversed(opened))
    return BeautifulSoup("".join(markup), "lxml", multi_valued_attributes=None)


def _start_tag(element: etree._Element) -> str:
    attributes = [
        f' {name}="{escape(value)}"' for name in _SHELL if (value := element.get(name)) is not None
    ]
    return f"<{element.tag}{''.join(attributes)}>"


def _end_tag(element: etree._Element) -> str:
    return f"</{element.tag}>{' ' if element.tail else ''}"


def attribute(element: Tag, name: str) -> str:
    """Return an attribute of an element, "" when it has none."""
    value = element.get(name)
    return value if isinstance(value, str) else ""


def names_of(element: Tag) -> str:
    """Return the class, id and microdata property of an element."""
    return " ".join(attribute(element, name) for name in ("class", "id", "itemprop"))


def is_in_footer(element: Tag) -> bool:
    """Tell whether an element stands in a footer: of the article, or of the page."""
    return any(
        above.name == "footer"
        or (above.name not in _NEVER_BESIDE and "footer" in names_of(above).lower())
        for above in element.parents
    )


def text_in(element: Tag) -> str:
    """Return the text of an element without that of scripts and styles in it."""
    return clean(element.get_text(" ")[:MAX_TEXT])


def _is_beside(element: etree._Element, tag: str) -> bool:
    """Tell a side bar, a menu, comments, a teaser."""
    if tag in _NEVER_BESIDE:
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if "readcrumb" in names:
        return False
    return (tag in _BESIDE_TAGS or _is_named_beside(names)) and not _HOLDS_ARTICLE(element)


@lru_cache(maxsize=16384)
def _is_named_beside(names: str) -> bool:
    names = names.lower()
    if "elementor" in names or "has-sidebar" in names or "with-sidebar" in names:
        return False
    return any(word in names for word in _BESIDE)


def _declares(element: etree._Element, tag: str) -> bool:
    """Tell whether an element says something about the article, and is no more than that."""
    if tag in _WHOLE:
        return True
    if tag == "link":
        return "canonical" in element.get("rel", "").lower()
    if tag == "script":
        return "json" in element.get("type", "").lower()
    named = (
        element.get("itemprop") is not None
        or _is_named(element.get("class", ""))
        or _is_named(element.get("id", ""))
        or (tag == "a" and (element.get("rel") or _is_tagged(element.get("href", ""))))
    )
    return named and next(islice(element.iter(), MAX_INSIDE, None), None) is None


@lru_cache(maxsize=16384)
def _is_named(names: str) -> bool:
    names = names.lower()
    return any(stem in names for stem in _STEMS)


def _is_tagged(address: str) -> bool:
    address = address.lower()
    return any(part in address for part in _TAG_PATHS)
