"""Zip packages to what they hold: Word (DOCX), OpenDocument text (ODT) and EPUB.

Word and OpenDocument give their paragraphs as text, a heading first where one stands near the top;
rows of tables become lines with tabs. An EPUB gives each page of its spine with what the package
says of the whole: outlet, date, language.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import unquote

from corpus.compose import web_address
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_date
from corpus.records import xml_elements as xml
from corpus.text.languages import normal_code
from corpus.text.text import clean
from corpus.unwrap import MAX_CONTAINER_BYTES, Inside

_OTHERS = {
    "xl/workbook.xml": "a spreadsheet (XLSX): save it as CSV",
    "ppt/presentation.xml": "a presentation (PPTX): save it as PDF or text",
}
_FAULTS = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)
_HEADING = re.compile(r"(?:heading|überschrift|titre|titolo|título|kop)\s?-?1|title|titel", re.I)
_HEADING_WITHIN = 6
_DOWNLOADED = re.compile(
    rb"""<a\b[^>]{0,400}?(?:rel="calibre-downloaded-from"[^>]{0,400}?href="([^"]{1,2000})"|"""
    rb"""href="([^"]{1,2000})"[^>]{0,400}?rel="calibre-downloaded-from")""",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    rb"""<div\b[^>]{0,400}?class="[^"]{0,200}calibre_?navbar.{0,20000}?</div>""", re.I | re.S
)
_ISSUE = re.compile(r"\s*(?:\[[^\]]*\]|[,–-]\s[^,–-]*\d{4}.*)\s*\Z")


class _Package:
    """The members of a package, read within a bound for all of them together."""

    def __init__(self, raw: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except _FAULTS as error:
            raise UnreadableError("it starts like a zip archive but is damaged") from error
        self.names = set(self._zip.namelist())
        self._left = MAX_CONTAINER_BYTES

    def read(self, name: str) -> bytes:
        """Return a member's bytes; raises `UnreadableError`."""
        try:
            with self._zip.open(name) as member:
                content = member.read(self._left + 1)
        except (*_FAULTS, KeyError, zlib.error, EOFError, RuntimeError) as error:
            raise UnreadableError(f"its part {name[:80]} is missing or damaged") from error
        self._left -= len(content)
        if self._left < 0:
            raise UnreadableError(f"it unfolds to more than {MAX_CONTAINER_BYTES >> 20} MiB")
        return content

    def xml(self, name: str) -> xml.Element:
        """Return the root of a member in XML; raises `UnreadableError`."""
        content = self.read(name)
        try:
            return xml.parse_document(content)
        except UnreadableError as error:
            raise UnreadableError(f"its part {name[:80]}: {error}") from error


def unwrapped(raw: bytes) -> Iterator[Inside]:
    """Yield what a package holds; raises `UnreadableError`."""
    package = _Package(raw)
    if "word/document.xml" in package.names:
        root = package.xml("word/document.xml")
        body = xml.first(root, "body")
        yield _text(chain.from_iterable(map(_word_block, root if body is None else body)))
    elif "META-INF/container.xml" in package.names and "content.xml" not in package.names:
        yield from _pages(package)
    elif "content.xml" in package.names:
        yield _text(_open_document_blocks(package.xml("content.xml")))
    else:
        what = next((what for name, what in _OTHERS.items() if name in package.names), "")
        raise UnreadableError(f"it is {what or 'a package of an unknown kind'}")


def _text(blocks: Iterator[tuple[str, bool]]) -> Inside:
    """Return paragraphs as text, the first heading before what stands above it."""
    kept = [(text, heading) for text, heading in blocks if text.strip()]
    for at, (_, heading) in enumerate(kept[:_HEADING_WITHIN]):
        if heading:
            kept.insert(0, kept.pop(at))
            break
    return Inside("\n\n".join(text for text, _ in kept).encode("utf-8", "replace"), ".txt")


def _word_block(block: xml.Element) -> Iterator[tuple[str, bool]]:
    """Yield a paragraph of a Word document, or the rows of a table in it, each with whether it is
    the document's heading (ECMA-376, part 1, §17)."""
    match xml.local(block):
        case "p":
            yield _word_paragraph(block)
        case "tbl":
            for row in xml.every(block, ".//tr"):
                cells = (
                    "\n\n".join(_word_paragraph(paragraph)[0] for paragraph in cell.iter("{*}p"))
                    for cell in row.iterchildren("{*}tc")
                )
                yield "\t".join(cells), False
        case "sdt":
            for inner in xml.every(block, "sdtContent/*"):
                yield from _word_block(inner)


def _word_paragraph(paragraph: xml.Element) -> tuple[str, bool]:
    pieces = []
    style = ""
    for part in paragraph.iter():
        match xml.local(part):
            case "t":
                pieces.append(part.text or "")
            case "tab":
                # The stops of a paragraph's tabs are properties, and lie under one more `tabs`.
                pieces.append("" if xml.local(part.getparent()) == "tabs" else " ")
            case "br" | "cr":
                pieces.append("\n")
            case "nobreakhyphen":
                pieces.append("-")
            case "pstyle":
                style = next(iter(part.values()), "")
    return "".join(pieces), bool(_HEADING.match(style))


def _open_document_blocks(root: xml.Element) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph or heading of an OpenDocument text."""
    for part in xml.every(root, ".//text//*"):
        name = xml.local(part)
        if name in ("p", "h"):
            level = next((v for k, v in part.items() if k.endswith("outline-level")), "")
            style = next((v for k, v in part.items() if k.endswith("style-name")), "")
            yield xml.line(part), level == "1" or style == "Title"


def _pages(package: _Package) -> Iterator[Inside]:
    """Yield each page of an EPUB's spine (EPUB 3.3, §5)."""
    container = package.xml("META-INF/container.xml")
    path = xml.attribute(xml.first(container, ".//rootfile"), "full-path")
    book = package.xml(path)
    known = tuple(_stated(book))
    items = {item.get("id"): item for item in xml.every(book, "manifest/item")}
    empty = True
    for reference in xml.every(book, "spine/itemref"):
        item = items.get(reference.get("idref"))
        if "nav" in xml.attribute(item, "properties").split():
            continue
        if "html" not in xml.attribute(item, "media-type"):
            continue
        name = posixpath.join(posixpath.dirname(path), unquote(xml.attribute(item, "href")))
        page = package.read(posixpath.normpath(name))
        found = _DOWNLOADED.search(page)
        address = (found[1] or found[2]).decode("utf-8", "replace") if found else ""
        url = web_address(address.replace("&amp;", "&"))
        empty = False
        of_page = (("url", url, "downloaded from"),) if url else ()
        yield Inside(_NAVIGATION.sub(b"", page), ".xhtml", (*known, *of_page))
    if empty:
        raise UnreadableError("it is an EPUB without a page of text")


def _stated(book: xml.Element) -> Iterator[tuple[str, Any, str]]:
    """Yield the fields that an EPUB's package document states for all of its pages."""

    def one(name: str) -> str:
        return next(filter(None, map(xml.line, xml.every(book, f"metadata/{name}"))), "")

    outlet = one("publisher")
    if not outlet or outlet.lower() == "calibre":
        outlet = _ISSUE.sub("", one("title"))
    yield "source", clean(outlet), "package"
    yield "language", normal_code(one("language")), "package"
    for date in xml.every(book, "metadata/date"):
        event = next((value for key, value in date.items() if key.endswith("event")), "")
        if event in ("", "publication") and (moment := parse_date(xml.line(date))):
            yield "published", moment, "package"
            break
