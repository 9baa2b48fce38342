"""The outlet that published a page, its section, and the language it is in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from corpus.html.declarations import names_of, text_in
from corpus.html.declared import Declared, unescaped
from corpus.html.structured import strings, text_of
from corpus.text.languages import language_of
from corpus.text.text import clean

_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|edition|news|en|de|web)\.(?=[^.]+\.[^.]+)")
_DOMAIN_LIKE = re.compile(r"^(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}/?$", re.I)
_NOT_A_SECTION = frozenset(
    ("uncategorized", "uncategorised", "home", "homepage", "all", "article", "articles", "post",
     "posts", "default", "other", "none", "null", "startseite", "allgemein", "blog", "site", "top",
     "main", "story", "page")
)  # fmt: skip
_OTHER_NAMES = ("application-name", "apple-mobile-web-app-title", "cre", "dc.publisher",
                "publisher", "citation_journal_title", "citation_publisher")  # fmt: skip
_SLOGAN = re.compile(r"\s+[|–—·:-]\s+|\s*\|\s*")
_TITLE_PARTS = re.compile(r"\s+[|–—·-]\s+|\s*[|:]\s+")
_MAX_NAME = 80


def outlet(page: Declared) -> tuple[str, str]:
    """Return the outlet's name and where it came from: Open Graph, schema.org, or the domain."""
    graph = _named(page.meta("og:site_name"))
    publisher = _named(clean(text_of(page.value("publisher"))))
    if not publisher:
        publisher = next(
            (
                _named(clean(text_of(node.get("name"))))
                for node in page.nodes
                if node.get("@type") in ("NewsMediaOrganization", "WebSite")
            ),
            "",
        )
    for name, where in ((graph, "og:site_name"), (publisher, "schema.org")):
        if name and not _DOMAIN_LIKE.match(name):
            return name, where
    other = _named(page.meta(*_OTHER_NAMES))
    if other and not _DOMAIN_LIKE.match(other):
        return other, "meta"
    if graph or publisher:
        return (graph, "og:site_name") if graph else (publisher, "schema.org")
    for part in _TITLE_PARTS.split(page.title) if page.url else ():
        if _is_site(part, page.url):
            return part, "title"
    host = (urlsplit(page.url).hostname or "") if page.url else ""
    return (_HOST.sub("", host.removeprefix("www.")), "url") if host else ("", "")


def section(page: Declared, *, outlet: str = "", title: str = "") -> tuple[str, str]:
    """Return the section the article ran in, and where that came from."""
    unwanted = {"", outlet.lower(), title.lower(), *_NOT_A_SECTION}
    for text, where in (
        (_first(page.value("articleSection")), "schema.org"),
        (page.meta("article:section", "og:section", "og:article:section"), "article:section"),
        (page.item("articleSection"), "microdata"),
        (page.meta("parsely-section", "section", "sailthru.section", "dc.subject.section",
                   "cxenseparse:recs:category", "article.section"), "meta"),
    ):  # fmt: skip
        text = clean(unescaped(text)).strip(" ,;/>")
        if text.lower() not in unwanted and len(text) <= _MAX_NAME:
            return text, where
    crumbs = _breadcrumbs(page, unwanted)
    return (crumbs, "breadcrumbs") if crumbs else ("", "")


def language(page: Declared, *texts: str) -> tuple[str, str]:
    """Return the language of the texts; what the page declares is checked against them."""
    hint = (
        page.language
        or text_of(page.value("inLanguage"))
        or page.meta("content-language", "og:locale", "language", "dc.language")
    )
    code = language_of(*texts, hint=hint)
    if not code:
        return "", ""
    return code, "declared" if hint and language_of(hint=hint) == code else "text"


def _named(text: str) -> str:
    """Return a name without the slogan after it; "" for what is too long to be one."""
    if len(text) > 24:
        first = _SLOGAN.split(text)[0]
        text = first if len(first) >= 3 else text
    return text if len(text) <= _MAX_NAME else ""


def _first(value: object) -> str:
    found = strings(value)
    return found[0].split(",")[0] if found else ""


def _breadcrumbs(page: Declared, unwanted: set[str]) -> str:
    """Return the first step of the breadcrumbs below the front page."""
    for node in page.nodes:
        items = node.get("itemListElement") if node.get("@type") == "BreadcrumbList" else None
        if not isinstance(items, list):
            continue
        names = [
            clean(text_of(item.get("name")) or text_of(item.get("item")))
            for item in items[:10]
            if isinstance(item, dict)
        ]
        if step := _step(names[:-1] or names, unwanted):
            return "" if _is_site(step, page.url) else step
    for crumbs in page.tagged("ul", "ol", "div", "nav", "p", "span"):
        if "breadcrumb" in names_of(crumbs).lower():
            step = _step([text_in(link) for link in crumbs.find_all("a", limit=6)], unwanted)
            return "" if _is_site(step, page.url) else step
    return ""


def _is_site(name: str, url: str) -> bool:
    """Tell the site's own name, with which breadcrumbs begin: 'The Star' of star.com."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".") if url else []
    squeezed = re.sub(r"\W+", "", name.lower())
    return any(
        len(label) > 3 and label in squeezed and 0 < len(squeezed) - len(label) <= 12
        for label in labels[:-1]
    )


def _step(names: list[str], unwanted: set[str]) -> str:
    for name in names:
        if name and name.lower() not in unwanted and not _DOMAIN_LIKE.match(name):
            return name if len(name) <= 40 else ""
    return ""
