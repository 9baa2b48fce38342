"""The standfirst: the sentence or two that an editor puts between headline and text.

The description in the metadata is often only the beginning of the text, cut off, or a line for
search engines. It is a standfirst when the page shows it, in an element named so or right under
the headline; then it is kept apart from the body.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bs4 import Tag

from corpus.html.blocks import normal
from corpus.html.declarations import is_in_footer, names_of, text_in
from corpus.html.declared import Declared

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|subhead(?:line)?|sub-head(?:line)?|sub-?title|sub-?heading|"
    r"sub-?hed|strapline|lead|lede|teaser-?text|intro(?:duction)?|"
    r"summary|excerpt|abstract|bajada|entradilla|chapo|chapeau|vorspann|anrei[sß]er|subtitulo|"
    r"ingress|article-?(?:summary|intro|lead|description))(?:$|[\s_-])"
    r"|(?:sub(?:title|head(?:line)?)|standfirst|dek)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"standfirst|(?:^|[\s_-])de(?:k|ck)(?:$|[\s_-])|sub-?(?:head|title|hed)|entradilla|chap(?:o|eau)|"
    r"vorspann|bajada|ingress|subtitulo|article-?(?:summary|excerpt)|(?:^|[\s_-])alternativeHeadline",
    re.IGNORECASE,
)
"""Names that only a standfirst has; `lead`, `intro` and `summary` are first paragraphs as well."""
_TAGS = ("p", "div", "h2", "h3", "h4", "h5", "span", "section", "strong", "em")
_HEADINGS = ("h2", "h3", "h4", "h5")
_MIN, _MAX = 25, 700


def standfirst(page: Declared, *, title: str = "") -> tuple[str, str]:
    """Return the standfirst that a page shows, and where it came from; ("", "") without one."""
    described = [
        text
        for text in (
            page.said("description"),
            page.said("alternativeHeadline"),
            page.item("description"),
            page.meta("og:description"),
            page.meta("description", "twitter:description", "dc.description"),
        )
        if len(text) >= _MIN
    ]
    keys = [normal(text) for text in described]
    title_key = normal(title)
    looked = 0
    for element in page.tagged(*_TAGS):
        names = names_of(element)
        named = _is_named(names)
        if not named and element.name not in ("h2", "h3"):
            continue
        if len(element.find_all(True, recursive=False)) > 8:
            continue
        text = text_in(element)
        if not _MIN <= len(text) <= _MAX:
            continue
        looked += 1
        if looked > 30:
            break
        key = normal(text)
        if key == title_key or is_in_footer(element):
            continue
        for other, description in zip(keys, described, strict=True):
            if _same(key, other):
                # The element may go on with the byline and the date; the description does not.
                where = (
                    "standfirst" if _SURE.search(names) or element.name[0] == "h" else "description"
                )
                return (description if key.startswith(other) else text), where
        if (
            (_SURE.search(names) or (named and element.name in _HEADINGS))
            and looked <= 3
            and len(key.split()) >= 4
            and _is_under_heading(element)
        ):
            return text, "standfirst"
    return "", ""


@lru_cache(maxsize=4096)
def _is_named(names: str) -> bool:
    """Tell names of a standfirst; pages say the same ones many times."""
    return _NAMED.search(names) is not None


def _is_under_heading(element: Tag) -> bool:
    """Tell whether an element stands under the page's heading, in the same part of the page."""
    part: Tag | None = element
    for _ in range(2):
        if part is None or part.name in ("body", "html"):
            return False
        for sibling in part.find_previous_siblings():
            if sibling.name == "h1" or sibling.find("h1"):
                return True
        part = part.parent
    return False


def _same(shown: str, described: str) -> bool:
    if not shown or not described:
        return False
    short, long = sorted((shown, described), key=len)
    return long.startswith(short[: max(20, len(short) - 12)]) and len(short) * 2 >= len(long)
