"""What a page declares, as a soup: the elements that say something about the article.

Titles, dates, authors, tags and the language are read with Beautiful Soup, by rules that anyone can
read and extend. A soup of a whole page takes ten times as long as the tree of lxml, which the text
is read from; so the soup is built from that tree, of those elements alone that declare something
(`straining`).
"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.builder import HTMLTreeBuilder
from lxml import etree

from corpus.html.straining import strain
from corpus.text.text import clean

_OF_PAGES = frozenset(("body", "html", "article", "main"))
MAX_TEXT = 20_000
"""Characters of an element that are read."""


class _Strained(HTMLTreeBuilder):
    """Builds a soup of an element of lxml, without parsing it anew."""

    def feed(self, markup: Any) -> None:
        """Give the soup what is in the tree below an element."""
        strain(markup, self.soup)


def strained(root: etree._Element) -> BeautifulSoup:
    """Return what a page declares; the tree below `root` stays as it is."""
    return BeautifulSoup(root, builder=_Strained(multi_valued_attributes={}))


def attribute(element: Tag, name: str) -> str:
    """Return an attribute of an element, "" when it has none."""
    return str(element.attrs.get(name, ""))


def names_of(element: Tag) -> str:
    """Return the class, id and microdata property of an element."""
    get = element.attrs.get
    return f"{get('class', '')} {get('id', '')} {get('itemprop', '')}"


def is_in_footer(element: Tag) -> bool:
    """Tell whether an element stands in a footer: of the article, or of the page."""
    return any(
        above.name == "footer"
        or (above.name not in _OF_PAGES and "footer" in names_of(above).lower())
        for above in element.parents
    )


def text_in(element: Tag) -> str:
    """Return the text of an element without that of scripts and styles in it."""
    return clean(element.get_text(" ")[:MAX_TEXT])
