"""NewsML-G2, the IPTC's wire format: news items, alone or many in a message.

Text items only: pictures, packages and planning items hold no article of their own. The text is
NITF or XHTML in `inlineXML`, or plain in `inlineData`. An item that its publisher has cancelled or
withheld is skipped, as the standard demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_named
from corpus.dates.parsing import is_plausible, parse_moment
from corpus.readers.nitf import parse_body
from corpus.readers.protocol import NO, SURE, Skip, each
from corpus.records.xml_elements import (
    Element,
    child,
    child_text,
    elements,
    has_root,
    inner_markup,
    line,
)
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode, paragraphs

NAME = "newsml"

_ROOTS = ("newsitem", "newsmessage", "packageitem")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_BARRED = {"canceled": "cancelled", "cancelled": "cancelled", "withheld": "withheld"}
_GROUPS = {
    "person": "people",
    "organisation": "orgs",
    "organization": "orgs",
    "geoarea": "places",
    "poi": "places",
}
"""The field of each type of subject; all others are tags."""


def sniff(head: bytes, path: str) -> float:
    """Tell NewsML-G2 by its root element."""
    return SURE if has_root(decode(head), *_ROOTS) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each news item."""
    yield from each(elements(stream, "newsItem"), parse_item, origin)


def parse_item(item: Element, origin: Origin) -> Article:
    """Return the article of a `<newsItem>`; raises `UnreadableError` when it is none."""
    found = FieldCollector()
    fields = found.fields
    about = child(item, "itemMeta")
    meta = child(item, "contentMeta")
    if about is not None:
        _refuse_others(about)
        source = child(about, "provider")
        found("source", _named(source), "provider")
    if meta is not None:
        _read_meta(meta, found)
    _read_moments(item, about, meta, fields, found)
    _read_content(item, found)
    lead = fields.get("lead", "")
    body = fields.get("body", ())
    if lead and body and body[0] == lead and len(body) > 1:
        fields["body"] = body[1:]
    own = clean(item.get("guid") or "")
    found("url", web_address(own), "guid")
    if about is not None:
        for link in about.iterfind("{*}link"):
            found("url", web_address(link.get("href") or ""), "link")
    said = _attribute(meta, "language", "tag") or item.get(_LANGUAGE) or ""
    return found.article(origin, own=own, language=said)


def _refuse_others(about: Element) -> None:
    """Raise `UnreadableError` for an item that is no text, or not to be published."""
    kind = _attribute(about, "itemClass", "qcode")
    if kind and not kind.endswith(("text", "composite")):
        raise UnreadableError(f"it is no text but {kind.rsplit(':', 1)[-1][:20]}")
    status = _attribute(about, "pubStatus", "qcode").rsplit(":", 1)[-1].lower()
    if status in _BARRED:
        raise UnreadableError(f"it was {_BARRED[status]} by its publisher")


def _read_meta(meta: Element, found: FieldCollector) -> None:
    found("title", clean(child_text(meta, "headline")), "headline")
    for description in meta.iterfind("{*}description"):
        role = description.get("role") or ""
        if not role or role.rsplit(":", 1)[-1].lower() in ("summary", "abstract", "lead"):
            found("lead", line(description), "description")
    for caption in meta.iterfind("{*}description"):
        if (caption.get("role") or "").endswith("caption"):
            found("captions", (line(caption),), "description")
    byline = split_byline([line(by) for by in meta.iterfind("{*}by")])
    if not byline.authors:
        creators = split_byline([_named(one) for one in meta.iterfind("{*}creator")])
        byline = replace(creators, agency=byline.agency or creators.agency)
    found("authors", byline.authors, "by")
    found("agency", byline.agency, "by")
    found("agency", clean(child_text(meta, "creditline")), "creditline")
    found("place", clean(child_text(meta, "dateline")).split("(")[0].strip(" ,-–—"), "dateline")
    found("place", _named(child(meta, "located")), "located")
    found("section", _named(child(meta, "genre")), "genre")
    for genre in meta.iterfind("{*}genre"):
        found("kind", kind_named(_named(genre)) or kind_named(genre.get("qcode") or ""), "genre")
    groups: dict[str, list[str]] = {}
    for subject in meta.iterfind("{*}subject"):
        kind = (subject.get("type") or "").rsplit(":", 1)[-1].lower()
        groups.setdefault(_GROUPS.get(kind, "tags"), []).append(_named(subject))
    groups.setdefault("tags", []).extend(line(one) for one in meta.iterfind("{*}keyword"))
    for field, names in groups.items():
        found(field, distinct(names), "subject")


def _read_moments(
    item: Element,
    about: Element | None,
    meta: Element | None,
    fields: dict[str, Any],
    found: FieldCollector,
) -> None:
    """Published is when the content was made or the first version was; updated, this version."""
    places = ((meta, "contentCreated"), (about, "firstCreated"), (about, "versionCreated"))
    for parent, name in places:
        moment = _moment(parent, name)
        if moment and "published" not in fields:
            found("published", moment, name)
    for parent, name in ((meta, "contentModified"), (about, "versionCreated")):
        moment = _moment(parent, name)
        if moment and moment != fields.get("published"):
            found("updated", moment, name)


def _read_content(item: Element, found: FieldCollector) -> None:
    content = child(item, "contentSet")
    if content is None:
        return
    for inline in content.iterfind("{*}inlineXML"):
        nitf = inline.find(".//{*}nitf")
        if nitf is None and inline.find(".//{*}body.content") is not None:
            nitf = inline
        if nitf is not None:
            parse_body(nitf, found)
            continue
        html = inline.find(".//{*}body")
        found("body", fragment_paragraphs(inner_markup(inline if html is None else html)), "XHTML")
    for inline in content.iterfind("{*}inlineData"):
        if "html" in (inline.get("contenttype") or ""):
            found("body", fragment_paragraphs(inline.text or ""), "inlineData")
        else:
            found("body", paragraphs(inline.text or ""), "inlineData")


def _named(element: Element | None) -> str:
    """Return the name of a concept: its `<name>`, its literal, else its own text."""
    if element is None:
        return ""
    return (
        clean(child_text(element, "name"))
        or clean(element.get("literal") or "")
        or (line(element) if not len(element) else "")
    )


def _attribute(element: Element | None, name: str, attribute: str) -> str:
    found = None if element is None else child(element, name)
    return "" if found is None else str(found.get(attribute) or "")


def _moment(parent: Element | None, name: str) -> Any:
    moment = None if parent is None else parse_moment(clean(child_text(parent, name)))
    return moment if moment and is_plausible(moment) else None
