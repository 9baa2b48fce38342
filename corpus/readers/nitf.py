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
from corpus.records import xml_elements as xml
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode

NAME = "nitf"

_BARRED = frozenset("canceled cancelled embargoed withheld".split())


def sniff(head: bytes, path: str) -> float:
    """Tell NITF by its root element."""
    return SURE if xml.has_root(decode(head), "nitf") else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of the file."""
    for element in xml.elements(stream, "nitf"):
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
        told = status.replace("canceled", "cancelled")
        raise UnreadableError(f"it was {told} by its publisher")


def parse_nitf(nitf: xml.Element, origin: Origin) -> Article:
    """Return the article of a `<nitf>` element; raises `UnreadableError`."""
    refuse_barred(xml.attribute(xml.first(nitf, ".//docdata"), "management-status"))
    found = FieldCollector()
    parse_body(nitf, found)
    found("title", xml.line(xml.first(nitf, "head/title")), "head title")
    pubdata = xml.first(nitf, ".//pubdata")
    found("published", parse_date(xml.attribute(pubdata, "date.publication")), "date.publication")
    for name in ("date.issue", "date.release", "story.date"):
        found("published", parse_date(xml.attribute(xml.first(nitf, f".//{name}"), "norm")), name)
    found("section", clean(xml.attribute(pubdata, "position.section")), "pubdata")
    found("source", clean(xml.attribute(pubdata, "name")), "pubdata")
    found("url", web_address(xml.attribute(pubdata, "ex-ref")), "pubdata")
    found("source", xml.line(xml.first(nitf, ".//distributor")), "distributor")
    found(
        "source", clean(xml.attribute(xml.first(nitf, ".//doc.copyright"), "holder")), "copyright"
    )
    keywords = (xml.attribute(keyword, "key") for keyword in xml.every(nitf, ".//key-list/keyword"))
    found("tags", distinct(keywords), "key-list")
    kind = xml.attribute(xml.first(nitf, ".//tobject"), "tobject.type")
    found("kind", kind_named(kind), "tobject.type")
    subject = xml.attribute(xml.first(nitf, ".//tobject.subject"), "tobject.subject.type")
    found("section", clean(subject), "tobject.subject")
    for field, name in (("places", "location"), ("people", "person"), ("orgs", "org")):
        named = map(xml.line, xml.every(nitf, f".//identified-content/{name}"))
        found(field, distinct(named), "identified-content")
    own = clean(xml.attribute(xml.first(nitf, ".//doc-id"), "id-string"))
    return found.article(origin, own=own, language=xml.attribute(nitf, xml.LANGUAGE))


def parse_body(nitf: xml.Element, found: FieldCollector) -> None:
    """Give headline, byline, dateline, abstract, text, captions and credits to `found`."""
    headline = xml.first(nitf, ".//hedline")
    found("title", xml.line(xml.first(headline, "hl1")), "hl1")
    bylines = [_bylined(byline) for byline in xml.every(nitf, ".//body.head/byline")]
    found.byline(split_byline(bylines), "byline")
    place = xml.line(xml.first(nitf, ".//body.head/dateline/location"))
    found("place", place.strip(" ,"), "dateline")
    abstract = xml.first(nitf, ".//abstract")
    if abstract is not None:
        found("lead", " ".join(fragment_paragraphs(xml.inner_markup(abstract))), "abstract")
    found("lead", xml.line(xml.first(headline, "hl2")), "hl2")
    # Of the blocks of the New York Times corpus one is whole, the other repeats its beginning.
    content = xml.first(nitf, ".//body.content/block[@class='full_text']", ".//body.content")
    if content is not None:
        found("body", fragment_paragraphs(xml.inner_markup(content)), "body.content")
    for field, name in (("captions", "media-caption"), ("credits", "media-producer")):
        found(field, distinct(map(xml.line, xml.every(nitf, f".//{name}"))), name)


def _bylined(byline: xml.Element) -> str:
    """Return the names in a byline, without the title that stands beside them."""
    names = list(map(xml.line, xml.every(byline, "person")))
    return "; ".join(names) if names else clean(byline.text or xml.line(byline))
