"""An article as other programs describe it in the head of its page.

``citation_*`` for reference managers and scholarly crawlers (the tags that Google Scholar's
inclusion guidelines name), Open Graph (ogp.me) for links that are shared, and schema.org's
NewsArticle as JSON-LD for search engines. What is unknown is left out.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import orjson
from markupsafe import Markup

from corpus.core.article import Article
from search.exports.citations import day_of, safe_url

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
"""What could end a script element or begin markup in it, as JSON's own escapes."""


def meta_tags(
    article: Article, zone: ZoneInfo, permalink: str, name: str, description: str
) -> list[tuple[str, str, str]]:
    """Return (attribute, key, content) of each tag; `name` is the archive's."""
    day = day_of(article, zone)
    published = article.published.start(zone).isoformat() if article.published else ""
    found = [
        ("name", "citation_title", article.title),
        *(("name", "citation_author", author) for author in article.authors),
        ("name", "citation_publication_date", day.replace("-", "/")),
        ("name", "citation_journal_title", article.source),
        ("name", "citation_language", article.language),
        ("name", "citation_public_url", safe_url(article.url) or permalink),
        *(("name", "citation_keywords", tag) for tag in article.tags),
        ("property", "og:type", "article"),
        ("property", "og:title", article.title),
        ("property", "og:description", description),
        ("property", "og:url", permalink),
        ("property", "og:site_name", name),
        ("property", "article:published_time", published),
        ("property", "article:section", article.section),
        *(("property", "article:tag", tag) for tag in article.tags),
    ]
    return [each for each in found if each[2]]


def json_ld(article: Article, permalink: str, description: str) -> Markup:
    """Return a NewsArticle as JSON that may stand in a script element."""
    found = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "description": description,
        "datePublished": article.published or "",
        "dateModified": article.updated or "",
        "inLanguage": article.language,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "author": [{"@type": "Person", "name": author} for author in article.authors],
        "publisher": {"@type": "Organization", "name": article.source} if article.source else "",
        "mainEntityOfPage": permalink,
        "sameAs": safe_url(article.url),
    }
    text = orjson.dumps({key: value for key, value in found.items() if value}).decode()
    for char, escape in _UNSAFE.items():
        text = text.replace(char, escape)
    return Markup(text)  # nosec B704 - nothing in it can end the element
