"""WordPress exports (WXR 1.0 to 1.2): the published posts of a site.

Drafts, pages, attachments and the like are named as skipped. Authors are shown by the name that the
export gives to their login; categories and tags are told apart; the comments of the block editor
and shortcodes are no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_date
from corpus.readers.protocol import NO, SURE, Skip, each
from corpus.records.xml_elements import Element, child_text, elements, every, first, line, local
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs, plain
from corpus.text.text import clean

NAME = "wordpress"

_MARK = re.compile(rb"wordpress\.org/export/1\.\d|<wp:wxr_version>")
_CAPTION = re.compile(r"\[caption\b[^\]]{0,400}\](.{0,4000}?)\[/caption\]", re.DOTALL)
_SHORTCODE = re.compile(
    r"\[/?(?:gallery|embed|audio|video|playlist|caption|contact-form-\d|more|nggallery|youtube)\b"
    r"[^\]]{0,2000}\]|\[[a-z][\w-]{1,40}(?:\s[^\]=]{0,200}=[^\]]{0,2000})\]|\[/[a-z][\w-]{1,40}\]",
    re.IGNORECASE,
)
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.{0,4000}?-->|<!--more.{0,100}?-->", re.DOTALL)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_PARAGRAPH = re.compile(r"<(?:p|div)\b", re.IGNORECASE)


def sniff(head: bytes, path: str) -> float:
    """Tell an export by its namespace."""
    return SURE if _MARK.search(head) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield each published post."""
    names: dict[str, str] = {}
    site: dict[str, str] = {}

    def posts() -> Iterator[Element]:
        for element in elements(stream, "author", "item"):
            if not site and not isinstance(element, UnreadableError):  # which is gone later
                channel = element.getparent()
                site.update({name: line(first(channel, name)) for name in ("title", "language")})
            if isinstance(element, UnreadableError) or local(element) == "item":
                yield element
            else:
                login = clean(child_text(element, "author_login"))
                names[login] = clean(child_text(element, "author_display_name")) or login

    yield from each(posts(), lambda item, here: _post(item, names, site, here), origin)


def _post(item: Element, names: dict[str, str], site: dict[str, str], origin: Origin) -> Article:
    kind = clean(child_text(item, "post_type")) or "post"
    status = clean(child_text(item, "status")) or "publish"
    if kind != "post":
        raise UnreadableError(f"it is no post but of type {kind[:40]}")
    if status != "publish" or child_text(item, "post_password").strip():
        raise UnreadableError(f"it is not published ({status[:40]})")
    found = FieldCollector()
    found("title", plain(child_text(item, "title")), "title")
    content = excerpt = ""
    for part in every(item, "encoded"):
        if "excerpt" in part.tag:
            excerpt = part.text or ""
        else:
            content = part.text or ""
    captions = tuple(plain(text) for text in _CAPTION.findall(content))
    text = _SHORTCODE.sub("", _CAPTION.sub("", _BLOCK_COMMENT.sub("", content)))
    if not _PARAGRAPH.search(text):  # the classic editor: blank lines part paragraphs
        text = "".join(f"<p>{part}</p>" for part in _BLANK_LINE.split(text))
    found("body", fragment_paragraphs(text), "content:encoded")
    found("lead", " ".join(fragment_paragraphs(_BLOCK_COMMENT.sub("", excerpt))), "excerpt")
    found("captions", tuple(filter(None, captions)), "caption")
    for field, key in (("published", "post_date_gmt"), ("updated", "post_modified_gmt")):
        stated = clean(child_text(item, key))
        found(field, parse_date(f"{stated}+00:00") if stated.strip("0-: ") else None, key)
    found("published", parse_date(clean(child_text(item, "pubDate", "post_date"))), "pubDate")
    terms: dict[str, list[str]] = {}
    for term in every(item, "category"):
        terms.setdefault(term.get("domain") or "category", []).append(line(term))
    categories = [name for name in terms.get("category", ()) if name.lower() != "uncategorized"]
    found("section", categories[0] if categories else "", "category")
    found("tags", distinct((*terms.get("post_tag", ()), *categories[1:])), "post_tag")
    login = clean(child_text(item, "creator"))
    byline = split_byline(terms.get("author") or [names.get(login, login)])
    found("authors", byline.authors, "dc:creator")
    found("source", site.get("title", ""), "channel")
    found("url", web_address(clean(child_text(item, "link"))), "link")
    own = clean(child_text(item, "post_id"))
    return found.article(origin, own=own, language=site.get("language", ""))
