"""NewsML-G2, the IPTC's wire format: news items, alone or many in a message.

Text items only: pictures, packages and planning items hold no article of their own. The text is
NITF or XHTML in `inlineXML`, or plain in `inlineData`. An item that its publisher has cancelled or
withheld is skipped, as the standard demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.kinds import kind_named
from corpus.dates.parsing import parse_date
from corpus.readers.nitf import parse_body, refuse_barred
from corpus.readers.protocol import NO, SURE, Skip, each
from corpus.records import xml_elements as xml
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode, paragraphs

NAME = "newsml"

_ROOTS = ("newsitem", "newsmessage", "packageitem")
_GROUPS = dict(
    pair.split(":")
    for pair in "person:people organisation:orgs organization:orgs geoarea:places "
    "poi:places".split()
)
"""The field of each type of subject; all others are tags."""


def sniff(head: bytes, path: str) -> float:
    """Tell NewsML-G2 by its root element."""
    return SURE if xml.has_root(decode(head), *_ROOTS) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each news item."""
    yield from each(xml.elements(stream, "newsItem"), parse_item, origin)


def parse_item(item: xml.Element, origin: Origin) -> Article:
    """Return the article of a `<newsItem>`; raises `UnreadableError` when it is none."""
    about, meta = xml.first(item, "itemMeta"), xml.first(item, "contentMeta")
    status = xml.attribute(xml.first(about, "pubStatus"), "qcode")
    refuse_barred(status, xml.attribute(xml.first(about, "itemClass"), "qcode"))
    found = FieldCollector()
    fields = found.fields
    found("source", _named(xml.first(about, "provider")), "provider")
    _read_meta(meta, found)
    # Published is when the content was made or the first version was; updated, this version.
    places = ((meta, "contentCreated"), (about, "firstCreated"), (about, "versionCreated"))
    for parent, name in places:
        found("published", parse_date(clean(xml.child_text(parent, name))), name)
    for parent, name in ((meta, "contentModified"), (about, "versionCreated")):
        moment = parse_date(clean(xml.child_text(parent, name)))
        found("updated", moment if moment != fields.get("published") else None, name)
    _read_content(xml.first(item, "contentSet"), found)
    body = fields.get("body", ())
    if len(body) > 1 and body[0] == fields.get("lead"):
        fields["body"] = body[1:]
    own = clean(xml.attribute(item, "guid"))
    found("url", web_address(own), "guid")
    for link in xml.every(about, "link"):
        found("url", web_address(xml.attribute(link, "href")), "link")
    said = xml.attribute(xml.first(meta, "language"), "tag") or xml.attribute(item, xml.LANGUAGE)
    return found.article(origin, own=own, language=said)


def _read_meta(meta: xml.Element | None, found: FieldCollector) -> None:
    found("title", clean(xml.child_text(meta, "headline")), "headline")
    for description in xml.every(meta, "description"):
        role = xml.attribute(description, "role")
        if not role or role.rpartition(":")[2].lower() in ("summary", "abstract", "lead"):
            found("lead", xml.line(description), "description")
        elif role.endswith("caption"):
            found("captions", (xml.line(description),), "description")
    byline = split_byline(list(map(xml.line, xml.every(meta, "by"))))
    if not byline.authors:
        creators = split_byline(list(map(_named, xml.every(meta, "creator"))))
        byline = replace(creators, agency=byline.agency or creators.agency)
    found.byline(byline, "by")
    found("agency", clean(xml.child_text(meta, "creditline")), "creditline")
    found("place", clean(xml.child_text(meta, "dateline")).split("(")[0].strip(" ,-–—"), "dateline")
    found("place", _named(xml.first(meta, "located")), "located")
    found("section", _named(xml.first(meta, "genre")), "genre")
    for genre in xml.every(meta, "genre"):
        kind = kind_named(_named(genre)) or kind_named(xml.attribute(genre, "qcode"))
        found("kind", kind, "genre")
    groups: dict[str, list[str]] = {"tags": []}
    for subject in xml.every(meta, "subject"):
        kind = xml.attribute(subject, "type").rpartition(":")[2].lower()
        groups.setdefault(_GROUPS.get(kind, "tags"), []).append(_named(subject))
    groups["tags"] += map(xml.line, xml.every(meta, "keyword"))
    for field, names in groups.items():
        found(field, distinct(names), "subject")


def _read_content(content: xml.Element | None, found: FieldCollector) -> None:
    for inline in xml.every(content, "inlineXML"):
        nitf = xml.first(inline, ".//nitf")
        if nitf is None and xml.first(inline, ".//body.content") is not None:
            nitf = inline
        if nitf is not None:
            parse_body(nitf, found)
            continue
        html = xml.first(inline, ".//body")
        found(
            "body", fragment_paragraphs(xml.inner_markup(inline if html is None else html)), "XHTML"
        )
    for inline in xml.every(content, "inlineData"):
        divide = (
            fragment_paragraphs if "html" in xml.attribute(inline, "contenttype") else paragraphs
        )
        found("body", divide(inline.text or ""), "inlineData")


def _named(element: xml.Element | None) -> str:
    """Return the name of a concept: its `<name>`, its literal, else its own text."""
    name = clean(xml.child_text(element, "name")) or clean(xml.attribute(element, "literal"))
    return name or ("" if element is None or len(element) else xml.line(element))
