"""Whether an element lies beside the article: in a side bar, the footer, a comment, a teaser."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

__all__ = ["is_elsewhere"]

_TAGS = frozenset(("aside", "nav", "footer"))
_NAMES = ("comment", "sidebar", "related", "teaser", "recommend", "widget", "footer", "latest",
          "popular", "trending", "menu", "cloud", "cookie")  # fmt: skip
_WHOLE = frozenset(("body", "html", "article", "main"))
_HOLDS_ARTICLE = etree.XPath(
    "boolean(.//h1 | .//*[@itemprop='articleBody'] | .//*[contains(@class, 'entry-title')])"
)
"""What holds the article itself is named after the side bar or the widget that it is not."""
_MAX_DEPTH = 300


def is_elsewhere(element: etree._Element, *, footers: bool = False) -> bool:
    """Tell whether an element lies in furniture; with `footers`, an article's footer is not."""
    for depth, above in enumerate(element.iterancestors()):
        tag = above.tag
        if depth > _MAX_DEPTH:
            return True
        if tag in _WHOLE:
            continue
        if tag in _TAGS and not (footers and tag == "footer"):
            return True
        names = f"{above.get('class', '')} {above.get('id', '')}"
        if names != " " and _is_beside(names, footers) and not _HOLDS_ARTICLE(above):
            return True
    return False


@lru_cache(maxsize=8192)
def _is_beside(names: str, footers: bool) -> bool:
    names = names.lower()
    if "elementor" in names or "has-sidebar" in names or "with-sidebar" in names:
        return False
    return any(word in names for word in _NAMES if not (footers and word == "footer"))
