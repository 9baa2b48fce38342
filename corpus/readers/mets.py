"""METS with ALTO: the issue of a newspaper, its articles told apart, in several files.

The METS file names the pages (ALTO) and says which of their blocks are which article's headline,
byline and text; the issue's title and date stand in its descriptive metadata (MODS or Dublin Core).
`claims` tells `corpus.sources.walk` which files belong to it, and `read_beside` is given them. An
issue that divides nothing gives its pages.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO
from urllib.parse import unquote

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, page_label
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_of
from corpus.dates.parsing import parse_date
from corpus.print.ocr_pages import OcrBlock, OcrPage, alto_page
from corpus.readers.ocr import confidence_of
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip, bounded_read
from corpus.records import xml_elements as xml
from corpus.text.text import clean, decode

NAME = "mets"

_MAX_FILE_BYTES = 2 * MAX_ARTICLE_BYTES
_HREF = re.compile(rb"""\bhref\s*=\s*["']([^"'<>]{1,1000}\.xml)["']""", re.IGNORECASE)
_HREF_NAME = "{http://www.w3.org/1999/xlink}href"
_SCHEME = re.compile(r"^file:(?://)?(?=[^/]|/(?=\.))", re.IGNORECASE)
_ARTICLES = frozenset(
    "article advertisement ad letter obituary death_notice deathnotice weather birth marriage "
    "classified_advertisement feuilleton serial review editorial interview chronicle poem news "
    "illustration".split()
)
_ISSUES = frozenset(("issue", "newspaper", "volume", "newspaper_issue", "number", "periodical"))
_SECTIONS = frozenset(("section", "rubric", "supplement", "column"))
_ROLES = {
    "title": "title", "headline": "title", "heading": "title", "subheadline": "lead",
    "subtitle": "lead", "author": "authors", "byline": "authors", "caption": "captions",
}  # fmt: skip


def may_claim(name: str) -> bool:
    """Tell a file that may be the METS file of an issue, by its name."""
    base = posixpath.basename(name.replace("\\", "/")).lower()
    return base.endswith(".xml") and "mets" in base


def claims(markup: bytes) -> list[str]:
    """Return the files that a METS document names, as paths from the folder that it lies in."""
    return [found for href in _HREF.findall(markup) if (found := _relative(decode(href)))]


def _relative(href: str) -> str:
    """Return a reference as a path from the METS file's folder, '' when it leads elsewhere."""
    path = posixpath.normpath(unquote(_SCHEME.sub("", href)).replace("\\", "/"))
    return "" if path.startswith(("/", "..", "http:", "https:")) or path == "." else path


def sniff(head: bytes, path: str) -> float:
    """Tell METS by its root element."""
    return SURE if xml.has_root(decode(head), "mets") else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield a `Skip` only: what the articles say is in other files."""
    reason = "it is the METS file of an issue, whose pages are other files: give the folder, or a"
    yield Skip(origin.path, 0, f"{reason} zip archive of it")


@dataclass(slots=True)
class _Item:
    """One article of an issue: the division, and what it lies in."""

    division: xml.Element
    section: str = ""
    blocks: dict[str, list[OcrBlock]] = field(default_factory=dict)
    page: str = ""


def read_beside(
    stream: BinaryIO, origin: Origin, beside: Callable[[str], bytes]
) -> Iterator[Article | Skip]:
    """Yield the articles of an issue, in their order; `beside` opens a file by its path from here.

    Raises `UnreadableError`. A page that is missing is a `Skip`, and so is what lay on it.
    """
    root = xml.parse_document(bounded_read(stream, _MAX_FILE_BYTES))
    described = {section.get("ID"): section for section in root.iter("{*}dmdSec")}
    pages: dict[str, OcrPage] = {}
    skips: list[Skip] = []
    for file in xml.every(root, "fileSec//file"):
        path = _relative(xml.attribute(xml.first(file, "FLocat"), _HREF_NAME))
        if not path.lower().endswith(".xml"):
            continue
        try:
            alto = xml.parse_document(beside(path))
            if xml.local(alto) == "alto":
                pages[xml.attribute(file, "ID") or path] = alto_page(alto)
        except UnreadableError as error:
            skips.append(Skip(origin.path, 0, f"its page {path[:120]}: {error}"))
    _number_pages(root, pages)
    issue = _issue(root, described)
    items = list(_items(root))
    if not items:
        items = [_Item(root, blocks={"body": page.blocks}, page=page.number)
                 for page in pages.values()]  # fmt: skip
    for position, item in enumerate(items, start=1):
        try:
            if not item.blocks:
                _gather(item, pages)
            yield _article(item, issue, described, replace(origin, position=position), pages)
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))
    yield from skips


def _number_pages(root: xml.Element, pages: dict[str, OcrPage]) -> None:
    """Give pages the number that the physical structure prints, else the one they come in."""
    for at, page in enumerate(pages.values(), start=1):
        page.number = page.number or str(at)
    for division in xml.every(root, ".//structMap//div"):
        label = xml.attribute(division, "ORDERLABEL")
        if _type_of(division) == "page" and page_label(label):
            for pointer in division.iter("{*}fptr", "{*}area"):
                if found := pages.get(xml.attribute(pointer, "FILEID")):
                    found.number = label


def _type_of(division: xml.Element) -> str:
    return xml.attribute(division, "TYPE").lower()


def _descriptions(division: xml.Element) -> list[str]:
    """Return the names of the descriptions of a division."""
    return xml.attribute(division, "DMDID").split()


def _issue(root: xml.Element, described: dict[str, xml.Element]) -> dict[str, Any]:
    """Return title, date and language of the issue: from the descriptions that its outer divisions
    name, else from the first ones that have any."""
    outer = [
        described[name]
        for division in root.iter("{*}div")
        if _type_of(division) in _ISSUES
        for name in _descriptions(division)
        if name in described
    ]
    inner = {name for item in _items(root) for name in _descriptions(item.division)}
    rest = [section for name, section in described.items() if name not in inner]
    issue: dict[str, Any] = {"source": "", "published": None, "language": ""}
    for section in (*outer, *rest):
        issue["source"] = issue["source"] or _described(section, "titleInfo/title", "title")
        date = _described(
            section, "originInfo/dateIssued", "dateIssued", "part/date", "date", "issued"
        )
        issue["published"] = issue["published"] or parse_date(date)
        issue["language"] = issue["language"] or _described(section, "languageTerm", "language")
    issue["source"] = issue["source"] or clean(xml.attribute(root, "LABEL"))
    return issue


def _described(section: xml.Element | None, *paths: str) -> str:
    found = (xml.line(xml.first(section, f".//{path}")) for path in paths)
    return next(filter(None, found), "")


def _items(root: xml.Element) -> Iterator[_Item]:
    """Yield the articles of the logical structure, with the section that each lies in."""
    for structure in xml.every(root, "structMap"):
        if _type_of(structure) == "physical":
            continue
        for division in structure.iter("{*}div"):
            above = list(division.iterancestors("{*}div"))
            # A picture or a letter inside an article is part of it.
            if _type_of(division) in _ARTICLES and _ARTICLES.isdisjoint(map(_type_of, above)):
                sections = (
                    xml.attribute(one, "LABEL") for one in above if _type_of(one) in _SECTIONS
                )
                yield _Item(division, next(sections, ""))


def _gather(item: _Item, pages: dict[str, OcrPage]) -> None:
    """Find the blocks of an article by their part in it: title, byline, text."""
    for area in item.division.iter("{*}area"):
        page = pages.get(xml.attribute(area, "FILEID"))
        blocks = page.groups.get(xml.attribute(area, "BEGIN"), ()) if page else ()
        if not page or not blocks:
            continue
        item.page = item.page or page.number
        role = "body"
        for outer in area.iterancestors("{*}div"):
            if outer is item.division:
                break
            role = _ROLES.get(_type_of(outer), role)
        item.blocks.setdefault(role, []).extend(blocks)


def _article(
    item: _Item, issue: dict[str, Any], described: dict[str, xml.Element], origin: Origin,
    pages: dict[str, OcrPage],
) -> Article:  # fmt: skip
    """Return the article; raises `UnreadableError` when there is no text of it."""
    names = _descriptions(item.division)
    about = next((described[name] for name in names if name in described), None)
    found = FieldCollector()
    texts = {
        role: tuple(text for block in blocks if (text := block.text))
        for role, blocks in item.blocks.items()
    }
    if not texts:
        raise UnreadableError("its page is missing, or has no text where the METS file says")
    found("title", _described(about, "titleInfo/title", "title"), "METS")
    found("title", " ".join(texts.get("title", ())), "OCR of the headline")
    label = xml.attribute(item.division, "LABEL") if xml.attribute(item.division, "ID") else ""
    found("title", clean(label), "METS label")
    found("lead", " ".join(texts.get("lead", ())), "OCR")
    found("body", texts.get("body", ()), "OCR")
    found("captions", texts.get("captions", ()), "OCR")
    authors = list(map(xml.line, xml.every(about, ".//namePart"))) or list(texts.get("authors", ()))
    found("authors", split_byline(authors).authors, "METS")
    found("published", issue["published"], "METS")
    found("source", issue["source"], "METS")
    found("section", item.section, "METS")
    found("page", page_label(item.page), "METS")
    found("kind", *kind_of((_type_of(item.division),)))
    found.fields["ocr_confidence"] = confidence_of(
        [block for blocks in item.blocks.values() for block in blocks]
    )
    said = _described(about, "languageTerm", "language") or issue["language"]
    own = xml.attribute(item.division, "ID") or f"page {item.page}"
    day = str(issue["published"] or "")
    return found.article(origin, own=f"{day} {own}".strip(), language=said, has_dateline=False)
