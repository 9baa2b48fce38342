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
from corpus.dates.parsing import is_plausible, parse_moment
from corpus.readers.protocol import NO, SURE, Skip
from corpus.records.xml_elements import Element, child, elements, has_root, inner_markup, line
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


def parse_nitf(nitf: Element, origin: Origin) -> Article:
    """Return the article of a `<nitf>` element; raises `UnreadableError`."""
    found = FieldCollector()
    status = (_attribute(nitf, "docdata", "management-status") or "").lower()
    if status in _BARRED:
        raise UnreadableError(f"it was {_BARRED[status]} by its publisher")
    parse_body(nitf, found)
    found("title", line(_first(nitf, "head/title")), "head title")
    for path, where in (
        (".//{*}pubdata", "date.publication"),
        (".//{*}date.issue", "date.issue"),
        (".//{*}date.release", "date.release"),
        (".//{*}story.date", "story.date"),
    ):
        element = nitf.find(path)
        if element is None or "published" in found.fields:
            continue
        moment = parse_moment(element.get("date.publication") or element.get("norm") or "")
        if moment and is_plausible(moment):
            found("published", moment, where)
    pubdata = nitf.find(".//{*}pubdata")
    if pubdata is not None:
        found("section", clean(pubdata.get("position.section") or ""), "pubdata")
        found("source", clean(pubdata.get("name") or ""), "pubdata")
        found("url", web_address(pubdata.get("ex-ref") or ""), "pubdata")
    found("source", line(nitf.find(".//{*}distributor")), "distributor")
    holder = nitf.find(".//{*}doc.copyright")
    found("source", clean(holder.get("holder") or "") if holder is not None else "", "copyright")
    keywords = (key.get("key") or "" for key in nitf.iterfind(".//{*}key-list/{*}keyword"))
    found("tags", distinct(keywords), "key-list")
    found("kind", kind_named(_attribute(nitf, "tobject", "tobject.type") or ""), "tobject.type")
    subject = nitf.find(".//{*}tobject.subject")
    if subject is not None:
        found("section", clean(subject.get("tobject.subject.type") or ""), "tobject.subject")
    for field, name in (("places", "location"), ("people", "person"), ("orgs", "org")):
        named = (line(one) for one in nitf.iterfind(f".//{{*}}identified-content/{{*}}{name}"))
        found(field, distinct(named), "identified-content")
    doc_id = nitf.find(".//{*}doc-id")
    own = clean(doc_id.get("id-string") or "") if doc_id is not None else ""
    language = nitf.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return found.article(origin, own=own, language=language)


def parse_body(nitf: Element, found: FieldCollector) -> None:
    """Give headline, byline, dateline, abstract, text, captions and credits to `found`."""
    headline, standfirst = nitf.find(".//{*}hedline"), ""
    if headline is not None:
        found("title", line(child(headline, "hl1")), "hl1")
        standfirst = line(child(headline, "hl2"))
    byline = split_byline([_bylined(one) for one in nitf.iterfind(".//{*}body.head/{*}byline")])
    found("authors", byline.authors, "byline")
    found("agency", byline.agency, "byline")
    dateline = nitf.find(".//{*}body.head/{*}dateline")
    if dateline is not None:
        found("place", line(child(dateline, "location")).strip(" ,"), "dateline")
    abstract = nitf.find(".//{*}abstract")
    if abstract is not None:
        found("lead", " ".join(fragment_paragraphs(inner_markup(abstract))), "abstract")
    found("lead", standfirst, "hl2")
    content = nitf.find(".//{*}body.content")
    if content is not None:
        # Of the blocks of the New York Times corpus one is whole, the other repeats its beginning.
        whole = content.find("{*}block[@class='full_text']")
        content = content if whole is None else whole
        found("body", fragment_paragraphs(inner_markup(content)), "body.content")
    for field, name in (("captions", "media-caption"), ("credits", "media-producer")):
        found(field, distinct(line(one) for one in nitf.iter(f"{{*}}{name}")), name)


def _bylined(byline: Element) -> str:
    """Return the names in a byline, without the title that stands beside them."""
    names = [line(person) for person in byline.iterfind("{*}person")]
    return "; ".join(names) if names else clean(byline.text or line(byline))


def _first(element: Element, path: str) -> Element | None:
    return element.find("/".join(f"{{*}}{name}" for name in path.split("/")))


def _attribute(element: Element, name: str, attribute: str) -> str | None:
    found = element.find(f".//{{*}}{name}")
    return None if found is None else found.get(attribute)
