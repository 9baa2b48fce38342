"""The article's tags: those shown on the page before those meant for search engines.

`article:tag`, links with `rel=tag` and lists of tags are chosen by editors; `<meta keywords>` is
often the whole site's. The first source that has any is taken.
"""

from __future__ import annotations

import re

from corpus.html.declarations import attribute, names_of, text_in
from corpus.html.declared import Declared
from corpus.html.phrases import SOCIAL
from corpus.html.structured import strings
from corpus.tags import distinct, split_tags

_TAG_LIST = re.compile(
    r"(?:^|[\s_-])(?:tags?|keywords?|topics?|hashtags?|schlagwort\w*|etiquetas?|themen)"
    r"(?:[_-]*(?:list|links?|box|cloud|container|wrap|wrapper|items?|area|section))?(?:$|\s)",
    re.IGNORECASE,
)
_NOT_TAGS = re.compile(r"cat-links|categor|nav|menu|footer|widget|sidebar|trending|popular", re.I)
_NOT_A_TAG = re.compile(
    r"^(?:tags?|topics?|keywords?|schlagw\w+|themen|etiquetas)\s*:?$|^\w+_\w|^\w+:\S|^\d+$", re.I
)
_TAG_ADDRESS = re.compile(
    r"/(?:tags?|hashtags?|keywords?|schlagw[\w-]{2,6}|stichwort|etiquetas?|mots?-cles?|tema)/[^/?#]"
    r"|[?&]tag=",
    re.IGNORECASE,
)
_MAX_TAGS = 60


def keywords(
    page: Declared, *, title: str = "", outlet: str = "", text: str = ""
) -> tuple[tuple[str, ...], str]:
    """Return the tags and where they came from; ((), "") when there are none.

    `text` is the article's: of `<meta keywords>`, which may be the whole site's, those that occur
    in it are taken, when they are the larger part.
    """
    unwanted = {text.casefold() for text in (title, outlet) if text}
    linked, listed = _linked(page), _listed(page)
    for tags, where in (
        (split_tags(page.metas.get("article:tag", ())), "article:tag"),
        (_rel_tags(page), "rel=tag"),
        (_several(linked), "tag list"),
        (_several(listed), "tag list"),
        (_said(page), "schema.org"),
        (_metas(page, "news_keywords"), "meta"),
        (_metas(page, "parsely-tags", "sailthru.tags", "article.tags"), "meta"),
        (_metas(page, "citation_keywords", "dc.subject"), "meta"),
        (_occurring(_metas(page, "keywords"), text), "meta"),
        (_unsocial(linked or listed), "tag list"),
    ):
        tags = tuple(
            tag for tag in tags if tag.casefold() not in unwanted and not _NOT_A_TAG.search(tag)
        )
        if tags:
            return tags[:_MAX_TAGS], where
    return (), ""


def _said(page: Declared) -> tuple[str, ...]:
    value = page.value("keywords")
    if isinstance(value, list):
        texts = strings(value)
        # Some content systems say of what kind each keyword is: 'Tag:Birds', 'Lite:true'.
        marked = [text[4:] for text in texts if text.lower().startswith("tag:")]
        return split_tags(marked or texts)
    return split_tags(page.said("keywords"))


def _metas(page: Declared, *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in page.metas.get(name, ())]
    return distinct(tag for value in values[:100] for tag in split_tags(value))


def _several(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags found by their looks when there are several: one may be a menu's."""
    return _unsocial(tags) if len(tags) > 1 else ()


def _unsocial(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags, but nothing for what is a row of buttons to share by."""
    return () if any(SOCIAL.search(tag) for tag in tags) else tags


def _occurring(tags: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return the tags all of whose words are in the text; none when most are not."""
    text = text.casefold()
    found = tuple(tag for tag in tags if all(word in text for word in tag.casefold().split()))
    return found if 2 * len(found) >= len(tags) else ()


def _rel_tags(page: Declared) -> tuple[str, ...]:
    found = []
    for element in page.tagged("a"):
        rel = attribute(element, "rel").lower().split()
        if "tag" in rel and "category" not in rel:
            found.append(text_in(element))
    return distinct(found)


def _linked(page: Declared) -> tuple[str, ...]:
    """Return the links that lead to pages of tags, by their address."""
    found: list[str] = []
    for element in page.tagged("a"):
        if _TAG_ADDRESS.search(attribute(element, "href")):
            text = text_in(element)
            if 1 < len(text) <= 60:
                found.append(text)
    return distinct(found) if len(found) <= 40 else ()


def _listed(page: Declared) -> tuple[str, ...]:
    """Return the links of the first list of tags on the page."""
    for element in page.tagged("ul", "div", "p", "section", "span", "footer"):
        names = names_of(element)
        if not _TAG_LIST.search(names) or _NOT_TAGS.search(names):
            continue
        links = [text_in(link) for link in element.find_all("a")]
        links = [text for text in links if 1 < len(text) <= 60]
        if 0 < len(links) <= 30:
            return distinct(links)
    return ()
