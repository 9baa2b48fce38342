"""NITF, the IPTC's News Industry Text Format (3.x): one article a file.

`parse_body` is what NewsML-G2 calls for the NITF that it may carry. Embargoed and cancelled copy
is not for publication and is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_named
from corpus.dates.parsing import parse_date
from corpus.readers.protocol import NO, SURE, Skip
from corpus.records.xml_elements import (
    LANGUAGE,
    Element,
    attribute,
    elements,
    every,
    first,
    has_root,
    inner_markup,
    line,
)
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode

NAME = "nitf"

_BARRED = {"canceled": "cancelled", "cancelled": "cancelled", "embargoed": "embargoed",
           "withheld": "withheld"}  # fmt: skip


def sniff(head: bytes, path: str) -> float:
    """Tell NITF by its root element."""
    return SURE if has_root(decode(head), "nitf") else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of the file."""
    for element in elements(stream, "nitf"):
        if isinstance(element, UnreadableError):
            raise element
        yield parse_nitf(element, origin)


def refuse_barred(status: str, kind: str = "") -> None:
    """Raise `UnreadableError` for an item that its publisher holds back, or that is no text, by the
    names or codes of its status and its kind."""
    status, kind = (name.rpartition(":")[2] for name in (status.lower(), kind))
    if kind and not kind.endswith(("text", "composite")):
        raise UnreadableError(f"it is no text but {clean(kind)[:20]}")
    if status in _BARRED:
        raise UnreadableError(f"it was {_BARRED[status]} by its publisher")


def parse_nitf(nitf: Element, origin: Origin) -> Article:
    """Return the article of a `<nitf>` element; raises `UnreadableError`."""
    refuse_barred(attribute(first(nitf, ".//docdata"), "management-status"))
    found = FieldCollector()
    parse_body(nitf, found)
    found("title", line(first(nitf, "head/title")), "head title")
    pubdata = first(nitf, ".//pubdata")
    found("published", parse_date(attribute(pubdata, "date.publication")), "date.publication")
    for name in ("date.issue", "date.release", "story.date"):
        found("published", parse_date(attribute(first(nitf, f".//{name}"), "norm")), name)
    found("section", clean(attribute(pubdata, "position.section")), "pubdata")
    found("source", clean(attribute(pubdata, "name")), "pubdata")
    found("url", web_address(attribute(pubdata, "ex-ref")), "pubdata")
    found("source", line(first(nitf, ".//distributor")), "distributor")
    found("source", clean(attribute(first(nitf, ".//doc.copyright"), "holder")), "copyright")
    keywords = (attribute(keyword, "key") for keyword in every(nitf, ".//key-list/keyword"))
    found("tags", distinct(keywords), "key-list")
    kind = attribute(first(nitf, ".//tobject"), "tobject.type")
    found("kind", kind_named(kind), "tobject.type")
    subject = attribute(first(nitf, ".//tobject.subject"), "tobject.subject.type")
    found("section", clean(subject), "tobject.subject")
    for field, name in (("places", "location"), ("people", "person"), ("orgs", "org")):
        named = map(line, every(nitf, f".//identified-content/{name}"))
        found(field, distinct(named), "identified-content")
    own = clean(attribute(first(nitf, ".//doc-id"), "id-string"))
    return found.article(origin, own=own, language=attribute(nitf, LANGUAGE))


def parse_body(nitf: Element, found: FieldCollector) -> None:
    """Give headline, byline, dateline, abstract, text, captions and credits to `found`."""
    headline = first(nitf, ".//hedline")
    found("title", line(first(headline, "hl1")), "hl1")
    bylines = [_bylined(byline) for byline in every(nitf, ".//body.head/byline")]
    found.byline(split_byline(bylines), "byline")
    place = line(first(nitf, ".//body.head/dateline/location"))
    found("place", place.strip(" ,"), "dateline")
    abstract = first(nitf, ".//abstract")
    if abstract is not None:
        found("lead", " ".join(fragment_paragraphs(inner_markup(abstract))), "abstract")
    found("lead", line(first(headline, "hl2")), "hl2")
    # Of the blocks of the New York Times corpus one is whole, the other repeats its beginning.
    content = first(nitf, ".//body.content/block[@class='full_text']", ".//body.content")
    if content is not None:
        found("body", fragment_paragraphs(inner_markup(content)), "body.content")
    for field, name in (("captions", "media-caption"), ("credits", "media-producer")):
        found(field, distinct(map(line, every(nitf, f".//{name}"))), name)


def _bylined(byline: Element) -> str:
    """Return the names in a byline, without the title that stands beside them."""
    names = list(map(line, every(byline, "person")))
    return "; ".join(names) if names else clean(byline.text or line(byline))
