"""Scanned pages: ALTO, PAGE and hOCR, one article a page.

What belongs to which article is not in these files; METS says so (`corpus.readers.mets`). The text
is that of the blocks in reading order, words joined over line ends, with the mean confidence of
the words where the file has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from corpus.compose import FieldCollector, page_label
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import date_in_url
from corpus.print.clipping_labels import language_code
from corpus.print.ocr_pages import OcrBlock, OcrPage, alto_page, in_reading_order, page_xml
from corpus.readers.protocol import NO, SURE, Skip, bounded_read, each
from corpus.records.xml_elements import has_root, local, parse_document
from corpus.text.markup import html_root
from corpus.text.text import clean, decode

NAME = "ocr"

_HOCR = re.compile(r"""class\s*=\s*["'](?:ocr_page|ocr_carea|ocrx_block|ocr_par)["']|ocr-system""")
_LINES = ("ocr_line", "ocr_header", "ocr_textfloat", "ocr_caption", "ocrx_line")
_WORD_CONFIDENCE = re.compile(r"\bx_w?conf\s+(\d{1,3}(?:\.\d+)?)")
_BOX = re.compile(r"\bbbox\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)")
_PAGE_NUMBER = re.compile(r"\bppageno\s+(\d+)")


def sniff(head: bytes, path: str) -> float:
    """Tell ALTO and PAGE by their root elements, hOCR by its classes."""
    text = decode(head)
    if has_root(text, "alto", "pcgts"):
        return SURE
    return SURE if "<" in text[:200] and _HOCR.search(text) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the text of each page."""
    raw = bounded_read(stream)
    if has_root(decode(raw[:16384]), "alto", "pcgts"):
        root = parse_document(raw)
        pages = [alto_page(root) if local(root) == "alto" else page_xml(root)]
    else:
        pages = list(_hocr_pages(raw))
    yield from each(pages, _article, origin)


def confidence_of(blocks: list[OcrBlock]) -> float | None:
    """Return the mean confidence of the words of some blocks, None where none has any."""
    words = sum(block.words for block in blocks)
    return round(sum(block.confidence for block in blocks) / words, 3) if words else None


def _article(page: OcrPage, origin: Origin) -> Article:
    blocks = [block for block in page.blocks if block.text]
    found = FieldCollector()
    found.fields |= {"ocr_confidence": confidence_of(blocks)}
    if len(blocks) > 1 and blocks[0].is_heading:
        found("title", blocks.pop(0).text, "heading")
    found("body", tuple(block.text for block in blocks), "OCR")
    if "body" not in found.fields and "title" not in found.fields:
        raise UnreadableError("the page has no text: OCR found none, or it was not run")
    found("page", page_label(page.number), "page number")
    found.dated(date_in_url(origin.path), "file name", "file")
    said = language_code(page.language) or page.language[:8]
    return found.article(origin, language=said, has_dateline=False)


def _hocr_pages(raw: bytes) -> Iterator[OcrPage]:
    """Yield the pages of an hOCR document (version 1.2)."""
    root = html_root(decode(raw))
    for page in root.xpath("//*[@class='ocr_page']") or [root]:
        found = page.xpath(".//*[@class='ocr_par']") or page.xpath(
            ".//*[@class='ocr_carea' or @class='ocrx_block']"
        )
        blocks = [_hocr_block(element) for element in found or [page]]
        number = _PAGE_NUMBER.search(page.get("title") or "")
        language = next((element.get("lang") for element in found if element.get("lang")), "")
        label = str(int(number[1]) + 1) if number else ""
        yield OcrPage(in_reading_order(blocks), label, language)


def _hocr_block(element: Any) -> OcrBlock:
    block = OcrBlock(element.get("id") or "")
    if box := _BOX.search(element.get("title") or ""):
        block.box = (float(box[1]), float(box[2]), float(box[3]), float(box[4]))
    for part in element.iter():
        if part.get("class") in _LINES:
            block.lines.append(clean("".join(part.itertext())))
        elif part.get("class") in ("ocrx_word", "ocr_word") and (
            found := _WORD_CONFIDENCE.search(part.get("title") or "")
        ):
            block.confidence += min(float(found[1]), 100.0) / 100
            block.words += 1
    if not block.lines:
        block.lines = "".join(element.itertext()).split("\n")
    return block
