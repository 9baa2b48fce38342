"""Text that was taken from printed pages (pdftotext and the like), as running text.

Such text has a head on every page, its number, a form feed, lines as long as a column is wide and
words divided at their ends. `unpaged` takes that away and leaves paragraphs, one a line with blank
lines between; text without any of it comes back as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from corpus.print.ocr_lines import joined_lines

_GAP = re.compile(r"\S[ \t]{3,}\S|^[ \t]{8,}\S")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(
    r"\s*(?:(?:page|seite|p\.|s\.)\s*)?[-–—]?\s*\d{1,4}\s*[-–—]?\s*", re.IGNORECASE
)
_DIVIDED = re.compile(r"[^\W\d_]{2}[-\u00ad\u2010¬]\n[ \t]*[^\W\d_]")
_SENTENCE_END = re.compile(r"[.!?:…。][\"'”’»)\]]*\s*$")
_MAX_HEAD = 160
_INDENT = 2
_MOST_LINES = 200_000


def unpaged(text: str) -> tuple[str, str]:
    """Return a text without what its pages add, and the head of its first page, "" for none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.replace("\f", "\n\f\n").split("\n")
    heads = _heads(lines) if len(lines) <= _MOST_LINES else {}
    if not heads and "\f" not in text and len(_DIVIDED.findall(text)) < 2:
        return text, ""
    first = next((line for line in lines if _key(line) in heads), "")
    return "\n\n".join(_paragraphs(lines, heads)), " ".join(first.split())


def _key(line: str) -> str:
    return _DIGITS.sub("0", " ".join(line.split()))


def _heads(lines: list[str]) -> dict[str, int]:
    """Return the lines, numbers aside, that stand on several pages as heads or feet do."""
    counts = Counter(_key(line) for line in lines if line.strip())
    return {
        key: counts[key]
        for line in lines
        if len(line) <= _MAX_HEAD
        and counts[key := _key(line)] > 1
        and len(key) > 3
        and (_GAP.search(line) or (counts[key] > 2 and "0" in key))
    }


def _paragraphs(lines: list[str], heads: dict[str, int]) -> Iterator[str]:
    """Yield the paragraphs, without what stands at the ends of pages."""
    piece: list[str] = []
    at_page_end = blank = False
    for line in lines:
        if line == "\f" or _key(line) in heads or _NUMBER.fullmatch(line):
            at_page_end = True
            continue
        if not line.strip():
            blank = True
            continue
        indented = len(line) - len(line.lstrip()) >= _INDENT
        goes_on = at_page_end and piece and not _SENTENCE_END.search(piece[-1])
        if piece and (indented or (blank and not goes_on)):
            yield joined_lines(piece)
            piece = []
        piece.append(line)
        at_page_end = blank = False
    if piece:
        yield joined_lines(piece)
