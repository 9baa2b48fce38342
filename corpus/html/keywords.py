"""The article's tags: those shown on the page before those meant for search engines.

`article:tag`, links with `rel=tag` and lists of tags are chosen by editors; `<meta keywords>` is
often the whole site's. The first source that has any is taken.
"""

from __future__ import annotations

import re

from corpus.html.declared import Declared, element_text
from corpus.html.structured import strings
from corpus.html.surroundings import is_elsewhere
from corpus.tags import distinct, split_tags

__all__ = ["keywords"]

_TAG_LIST = re.compile(
    r"(?:^|[\s_-])(?:tags?|keywords?|topics?|hashtags?|schlagwort\w*|etiquetas?|themen)"
    r"(?:[_-]*(?:list|links?|box|cloud|container|wrap|wrapper|items?|area|section))?(?:$|\s)",
    re.IGNORECASE,
)
_NOT_TAGS = re.compile(r"cat-links|categor|nav|menu|footer|widget|sidebar|trending|popular", re.I)
_LABEL = re.compile(r"^(?:tags?|topics?|keywords?|schlagw\w+|themen|etiquetas)\s*:?\s*$", re.I)
_MAX_TAGS = 60


def keywords(page: Declared, *, title: str = "", outlet: str = "") -> tuple[tuple[str, ...], str]:
    """Return the tags and where they came from; ((), "") when there are none."""
    unwanted = {text.casefold() for text in (title, outlet) if text}
    for tags, where in (
        (split_tags(page.metas.get("article:tag", ())), "article:tag"),
        (_rel_tags(page), "rel=tag"),
        (_listed(page), "tag list"),
        (_said(page), "schema.org"),
        (_metas(page, "news_keywords"), "meta"),
        (_metas(page, "parsely-tags", "sailthru.tags", "article.tags"), "meta"),
        (_metas(page, "keywords", "dc.subject", "citation_keywords"), "meta"),
    ):
        tags = tuple(
            tag for tag in tags if tag.casefold() not in unwanted and not _LABEL.match(tag)
        )
        if tags:
            return tags[:_MAX_TAGS], where
    return (), ""


def _said(page: Declared) -> tuple[str, ...]:
    value = page.value("keywords")
    if isinstance(value, list):
        texts = [t for t in strings(value) if ":" not in t or " " in t]
        return split_tags(texts)
    return split_tags(page.said("keywords"))


def _metas(page: Declared, *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in page.metas.get(name, ())]
    return distinct(tag for value in values[:100] for tag in split_tags(value))


def _rel_tags(page: Declared) -> tuple[str, ...]:
    found = []
    for element in page.root.iter("a"):
        rel = (element.get("rel") or "").lower().split()
        if "tag" in rel and "category" not in rel and not is_elsewhere(element, footers=True):
            found.append(element_text(element))
    return distinct(found)


def _listed(page: Declared) -> tuple[str, ...]:
    """Return the links of the first list of tags on the page."""
    for element in page.root.iter("ul", "div", "p", "section", "span", "footer"):
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if names == " " or not _TAG_LIST.search(names) or _NOT_TAGS.search(names):
            continue
        if is_elsewhere(element, footers=True):
            continue
        links = [element_text(link) for link in element.iter("a")]
        links = [text for text in links if 1 < len(text) <= 60]
        if 0 < len(links) <= 30:
            return distinct(links)
    return ()
