"""Articles in XML of known layouts: Factiva, ProQuest, RCV1, Delpher, Trove, news sitemaps.

Each layout is a line of `LAYOUTS`: its root elements, the element that is an article, and where in
it each field stands, as paths of lxml (``{*}`` is any namespace; ``@name`` an attribute of the
element itself, ``path/@name`` of one inside). The first path that finds something decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import place_in
from corpus.compose import FieldCollector, page_label, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_date
from corpus.print.ocr_lines import ocr_fragment
from corpus.readers.protocol import NO, SURE, Skip, each
from corpus.records import xml_elements as xml
from corpus.sources.streams import peeked
from corpus.tags import distinct, split_tags
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode

NAME = "xml-records"


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout of articles in XML; `mark` is what its start has besides the root, `notice` what is
    said of every file of it."""

    roots: tuple[str, ...]
    element: str
    fields: dict[str, str]
    mark: str = ""
    notice: str = ""


LAYOUTS: dict[str, Layout] = {
    "Factiva": Layout(("ppsresponse", "ppsarticleresponse", "distdoc"), "article", {
        "title": "headline", "authors": "byline", "source": "sourceName",
        "published": "publicationDate/date publicationDate", "section": "sectionName columnName",
        "body": "leadParagraph/paragraph+tailParagraphs/paragraph", "language": "baseLanguage",
        "own": "accessionNo", "page": "pages", "credits": "credit", "captions": "artWork",
    }),
    "RCV1": Layout(("newsitem",), "newsitem", {
        "title": "headline title", "authors": "byline", "place": "dateline", "body": "text/p text",
        "published": "metadata/dc[@element='dc.date.published']/@value @date",
        "source": "metadata/dc[@element='dc.source']/@value", "language": "@lang", "own": "@itemid",
        "tags": "metadata/codes[@class='bip:topics:1.0']/code/@code",
    }, mark=r"<newsitem\b[^>]{0,400}\bitemid\s*="),
    "ProQuest": Layout(("record", "records", "proquest"), "Record", {
        "title": "RecordTitle .//TitleAtt/Title Title",
        "authors": ".//Contributor/OriginalForm .//Contributor",
        "source": "Publication/Title .//PubFrosting/Title .//Publication/Title PublicationTitle",
        "published": "NumericPubDate .//NumericDate AlphaPubDate .//PubDate",
        "body": "FullText .//FullText .//Text TextInfo/Text", "lead": "Abstract .//AbsText",
        "language": "LanguageCode .//LanguageCode .//RawLang", "page": "StartPage .//StartPage",
        "own": "RecordID GOID .//GOID", "url": "URLDocView .//URLDocView", "section": "Section",
        "tags": ".//GenSubjTerm .//Subject .//ClassTerm",
    }, mark=r"<(?:RecordID|GOID|RecordTitle|Obj|URLDocView|DateTimeStamp)\b"),
    "Delpher": Layout(("text",), "text", {"title": "title", "body": "p"}),
    "Trove": Layout(("response",), "article", {
        "title": "heading", "source": "title", "published": "date", "section": "category",
        "page": "page", "body": "articleText", "url": "troveUrl identifier", "own": "@id",
    }, mark=r"<zone\b|<category\b|<records\b"),
    "news sitemap": Layout(("urlset",), "url", {
        "title": "news/title", "url": "loc", "source": "news/publication/name",
        "language": "news/publication/language", "published": "news/publication_date",
        "tags": "news/keywords",
    }, notice="it is a sitemap, a list of addresses with headlines: index the pages themselves "
              "to have their texts"),
}  # fmt: skip
"""The layouts that are known, by the name of what writes them."""


def sniff(head: bytes, path: str) -> float:
    """Tell a layout by its root element, and by what stands near it."""
    return SURE if _layout_of(decode(head)) else NO


def _layout_of(text: str) -> tuple[str, Layout] | None:
    for name, layout in LAYOUTS.items():
        if xml.has_root(text, *layout.roots) and re.search(layout.mark, text, re.IGNORECASE):
            return name, layout
    return None


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each element."""
    head, stream = peeked(stream, 16 * 1024)
    named = _layout_of(decode(head))
    if named is None:
        raise UnreadableError("it is XML of no layout that is known")
    name, layout = named
    names = {layout.element, layout.element.lower(), layout.element.upper()}
    yield from each(
        xml.elements(stream, *names),
        lambda element, here: _article(element, layout, name, here),
        origin,
    )
    if layout.notice:
        yield Skip(origin.path, 0, layout.notice)


def _article(element: xml.Element, layout: Layout, name: str, origin: Origin) -> Article:
    given = {field: _values(element, ways) for field, ways in layout.fields.items()}
    found = FieldCollector()

    def lines(field: str) -> list[str]:
        return list(map(_line, given.get(field, ())))

    def one(field: str) -> str:
        return "".join(lines(field)[:1])

    for field in ("title", "lead", "source", "section"):
        found(field, one(field), name)
    body = (_paragraphs(value) for value in given.get("body", ()))
    found("body", tuple(chain.from_iterable(body)), name)
    found("published", parse_date(one("published")), name)
    found.byline(split_byline(lines("authors")), name)
    found("page", page_label(one("page")), name)
    found("place", place_in(one("place")), name)
    tags = lines("tags")
    found("tags", split_tags(tags) if len(tags) == 1 else distinct(tags), name)
    found("captions", tuple(lines("captions")), name)
    found("url", web_address(one("url")), name)
    return found.article(origin, own=one("own"), language=one("language"))


def _values(element: xml.Element, ways: str) -> list[xml.Element | str]:
    """Return what the first of some paths finds; paths joined by ``+`` are all followed."""
    for way in ways.split(" "):
        values: list[xml.Element | str] = []
        for path in way.split("+"):
            inner, _, name = f"./{path}".partition("/@")
            names = (name, xml.LANGUAGE) if name == "lang" else (name,)
            places = xml.every(element, inner)
            values += [xml.attribute(place, *names) if name else place for place in places]
        if values := [value for value in values if _line(value)]:
            return values
    return []


def _line(value: xml.Element | str) -> str:
    return clean(value) if isinstance(value, str) else xml.line(value)


def _paragraphs(value: xml.Element | str) -> tuple[str, ...]:
    if isinstance(value, str):
        return fragment_paragraphs(value)
    markup = xml.inner_markup(value) if len(value) else value.text or ""
    return ocr_fragment(markup) if "<span" in markup else fragment_paragraphs(markup)
