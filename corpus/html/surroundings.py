"""Whether an element lies beside the article: in a side bar, the footer, a comment, a teaser."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from corpus.html.declared import Declared

__all__ = ["is_elsewhere"]

_TAGS = frozenset(("aside", "nav", "footer"))
_NAMES = ("comment", "discussion", "disqus", "sidebar", "related", "teaser", "recommend", "widget",
          "footer", "latest", "popular", "trending", "menu", "cloud", "cookie")  # fmt: skip
_WHOLE = frozenset(("body", "html", "article", "main"))
_HOLDS_ARTICLE = etree.XPath(
    "boolean(.//h1 | .//*[@itemprop='articleBody'] | .//*[contains(@class, 'entry-title')])"
)
"""What holds the article itself is named after the side bar or the widget that it is not."""
_MAX_DEPTH = 300


def is_elsewhere(page: Declared, element: etree._Element, *, footers: bool = False) -> bool:
    """Tell whether an element lies in furniture; with `footers`, an article's footer is not.

    Answers are kept for what lies around it: a side bar of 2,000 links is looked at once.
    """
    known = page.elsewhere
    passed: list[tuple[etree._Element, bool]] = []
    found = False
    for above in element.iterancestors():
        key = (above, footers)
        if (answer := known.get(key)) is not None:
            found = answer
            break
        passed.append(key)
        if len(passed) > _MAX_DEPTH:
            return True
        if _is_furniture(above, footers):
            found = True
            break
    known.update(dict.fromkeys(passed, found))
    return found


def _is_furniture(element: etree._Element, footers: bool) -> bool:
    tag = element.tag
    if tag in _WHOLE:
        return False
    if tag in _TAGS and not (footers and tag == "footer"):
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return names != " " and _is_beside(names, footers) and not _HOLDS_ARTICLE(element)


@lru_cache(maxsize=8192)
def _is_beside(names: str, footers: bool) -> bool:
    names = names.lower()
    if "elementor" in names or "has-sidebar" in names or "with-sidebar" in names:
        return False
    return any(word in names for word in _NAMES if not (footers and word == "footer"))
