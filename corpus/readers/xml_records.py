"""Articles in XML of known layouts: Factiva, ProQuest, RCV1, Delpher, Trove, news sitemaps.

Each layout is a line of `LAYOUTS`: its root elements, the element that is an article, and where in
it each field stands, as paths of lxml (``{*}`` is any namespace; ``@name`` an attribute of the
element itself, ``path/@name`` of one inside). The first path that finds something decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import place_in
from corpus.compose import FieldCollector, page_label, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_date
from corpus.print.ocr_lines import ocr_fragment
from corpus.readers.protocol import NO, SURE, Skip, each
from corpus.records.xml_elements import Element, elements, has_root, inner_markup, line
from corpus.sources.rewind import peeked
from corpus.tags import distinct, split_tags
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode

NAME = "xml-records"

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


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
        if has_root(text, *layout.roots) and re.search(layout.mark, text, re.IGNORECASE):
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
        elements(stream, *names),
        lambda element, here: _article(element, layout, name, here),
        origin,
    )
    if layout.notice:
        yield Skip(origin.path, 0, layout.notice)


def _article(element: Element, layout: Layout, name: str, origin: Origin) -> Article:
    given = {field: _values(element, ways) for field, ways in layout.fields.items()}
    found = FieldCollector()

    def first(field: str) -> str:
        return clean(" ".join(_line(value) for value in given.get(field, ())[:1]))

    found("title", first("title"), name)
    found("lead", first("lead"), name)
    body = given.get("body", ())
    texts = (_paragraphs(value) for value in body)
    found("body", tuple(paragraph for text in texts for paragraph in text), name)
    found("published", parse_date(first("published")), name)
    byline = split_byline([_line(value) for value in given.get("authors", ())])
    found("authors", byline.authors, name)
    found("agency", byline.agency, name)
    found("source", first("source"), name)
    found("section", first("section"), name)
    found("page", page_label(first("page")), name)
    found("place", place_in(first("place")), name)
    tags = [_line(value) for value in given.get("tags", ())]
    found("tags", split_tags(tags) if len(tags) == 1 else distinct(tags), name)
    found("captions", tuple(filter(None, map(_line, given.get("captions", ())))), name)
    found("url", web_address(first("url")), name)
    return found.article(origin, own=first("own"), language=first("language"))


def _values(element: Element, ways: str) -> list[Element | str]:
    """Return what the first of some paths finds; paths joined by ``+`` are all followed."""
    for way in ways.split(" "):
        values: list[Element | str] = []
        for path in way.split("+"):
            inner, _, attribute = path.partition("@") if path.startswith("@") else _parted(path)
            places = element.iterfind(_anywhere(inner)) if inner else (element,)
            for place in places:
                if not attribute:
                    values.append(place)
                elif value := place.get(attribute) or (attribute == "lang" and place.get(_LANG)):
                    values.append(str(value))
        if values := [value for value in values if _line(value)]:
            return values
    return []


def _parted(path: str) -> tuple[str, str, str]:
    """Part a path from the attribute at its end; one in brackets belongs to the path."""
    inner, mark, attribute = path.rpartition("/@")
    return (inner, mark, attribute) if mark else (path, "", "")


def _anywhere(path: str) -> str:
    """Return a path whose elements may be of any namespace."""
    return re.sub(r"(?<![\w.@{}\[\]*'=:-])([A-Za-z_][\w-]*)", r"{*}\1", path)


def _line(value: Element | str) -> str:
    return clean(value) if isinstance(value, str) else line(value)


def _paragraphs(value: Element | str) -> tuple[str, ...]:
    if isinstance(value, str):
        return fragment_paragraphs(value)
    markup = inner_markup(value) if len(value) else value.text or ""
    return ocr_fragment(markup) if "<span" in markup else fragment_paragraphs(markup)
