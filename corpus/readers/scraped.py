"""Articles scraped to plain text: a stamp, a header, paragraphs with embedded blocks, labels.

The layout has no marks but line ends and indentation, and indentation is not relied on; see
`corpus.scraped` for how each part is told. Body means the article's own sentences only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from corpus.bylines.datelines import take_dateline
from corpus.compose import FieldCollector
from corpus.core.article import Article, Origin
from corpus.dates.parsing import date_in_url
from corpus.readers.protocol import LIKELY, NO, SURE, Skip, bounded_read
from corpus.scraped.body import read_body
from corpus.scraped.header import Header, Line, read_header
from corpus.scraped.lines import is_counters, is_credit, label_of, split_label
from corpus.scraped.stamp import Stamp, read_stamp, read_update
from corpus.text.text import clean, decode

NAME = "scraped"

_MOJIBAKE = re.compile("â€|Â[\xa0-\xbf©]|Ã[\x80-\xbf©¼¶¤]")
_NEWLINE = re.compile(r"\r\n|\r|\n|\x85|\u2028|\u2029")
_STAMP_WITHIN = 3


def sniff(head: bytes, path: str) -> float:
    """Tell the layout by its stamp, else by two of its marks: topic, tags, credit, counters."""
    text = decode(head)
    if "<html" in text[:2000].lower() or text.lstrip("\ufeff \r\n\t")[:1] in ("<", "{", "["):
        return NO
    lines = _lines(text)
    if len(lines) < 2:
        return NO
    marks = {label[0] for line in lines if (label := label_of(line.text)) and not label[1]}
    marks |= {"credit" for line in lines if line.text.startswith("©") and is_credit(line.text)}
    marks |= {"counters" for line in lines[:16] if is_counters(line.text) and " " in line.text}
    stamp = next((s for line in lines[:_STAMP_WITHIN] if (s := read_stamp(line.text))), None)
    if stamp and ":" in lines[0].text:
        return SURE if marks else LIKELY
    return LIKELY if len(marks) >= 2 else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the one article that a scraped page is."""
    yield parse_page_text(decode(bounded_read(stream)), origin)


def parse_page_text(text: str, origin: Origin) -> Article:
    """Return the article on a scraped page; raises `UnreadableError` when there is none."""
    lines = _lines(_mended(text))
    stamp, block, lines = _take_stamp(lines)
    header = read_header(lines, block)
    body = read_body(lines[header.length :])
    lead, paragraphs = _take_lead(body.paragraphs, header)
    found = FieldCollector()
    found("title", header.title, "headline line")
    found("lead", lead, "first paragraph")
    found("body", paragraphs, "paragraphs")
    found.dated(stamp.published, "first line", "text")
    found.dated(date_in_url(origin.path), "file name", "file")
    found("updated", stamp.updated, "first line")
    found("section", header.section, "section line")
    found("topic", header.topic or body.topic, "Topic: line")
    found("tags", body.tags, "Tags: line")
    found("authors", header.authors, "byline")
    found("captions", _distinct(*header.captions, *body.captions), "caption lines")
    found("credits", _distinct(*header.credits, *body.credits), "credit lines")
    found("related", _distinct(*body.related), "embedded headlines")
    return found.article(origin)


def _distinct(*lines: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _lines(text: str) -> list[Line]:
    """Return the lines that are not empty, each with the number of its block."""
    lines: list[Line] = []
    block = 0
    for raw in _NEWLINE.split(text):
        line = clean(raw)
        if line and (pair := split_label(line)):
            lines.extend(Line(part, block) for part in pair)
        elif line:
            lines.append(Line(line, block))
        else:
            block += 1
    return lines


def _mended(text: str) -> str:
    """Undo UTF-8 that was once read as Windows-1252 and saved again ('â€”' for a dash)."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _take_stamp(lines: list[Line]) -> tuple[Stamp, int, list[Line]]:
    """Take the stamp off the first lines; return it, the number of its block, and the others."""
    for at, line in enumerate(lines[:_STAMP_WITHIN]):
        stamp = read_stamp(line.text)
        if stamp is None:
            continue
        below = lines[at + 1 :]
        if stamp.published and below and (again := read_update(below[0].text, stamp.published)):
            stamp = replace(stamp, updated=again)
            below = below[1:]
        rest = [Line(stamp.rest, line.block)] if len(stamp.rest) > 2 else []
        return stamp, line.block, [*lines[:at], *rest, *below]
    return Stamp(None), -1, lines


def _take_lead(paragraphs: list[str], header: Header) -> tuple[str, tuple[str, ...]]:
    """Take the lead off the text: what stands above the dateline, or opens a full page."""
    if (
        len(paragraphs) > 1
        and not take_dateline(paragraphs[0])
        and (header.is_full or any(map(take_dateline, paragraphs[1:3])))
    ):
        return paragraphs[0], tuple(paragraphs[1:])
    return "", tuple(paragraphs)
