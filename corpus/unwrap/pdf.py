"""PDF with a text layer to text: lines that a page's width broke are joined, paragraphs apart.

Needs pypdf, the extra `pdf`. Lines that stand at the top or foot of most pages (running heads, page
numbers) are left out. What is set larger than the rest above the text is the heading.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from corpus.core.errors import UnreadableError
from corpus.print.ocr_lines import joined_lines
from corpus.unwrap import Inside

_FAULTS = (
    *(ValueError, LookupError, TypeError, AttributeError, RuntimeError),
    *(OSError, AssertionError, ArithmeticError),
)
"""What the library trips over in files that were made to harm it, or are damaged."""

_MOST_PAGES = 5000
_MOST_CHARACTERS = 64 * 1024 * 1024
_LARGER = 1.15
_FULL_WIDTH = 0.75

Line = tuple[str, float]
"""A line and the size of its letters, in points."""


def unwrapped(raw: bytes) -> Iterator[Inside]:
    """Yield the text of a PDF file; raises `UnreadableError` when it has none, or cannot be read
    here."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise UnreadableError(
            "it is a PDF file, and reading these needs one more package: pip install "
            "'broadsheet[pdf]'"
        ) from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError("it is a PDF file with a password: save it without")
        pages = [_lines(page) for page in reader.pages[:_MOST_PAGES]]
    except UnreadableError:
        raise
    except (PyPdfError, *_FAULTS) as error:
        raise UnreadableError("it is a PDF file, but damaged or locked") from error
    text = "\n\n".join(_paragraphs(_without_running_heads(pages)))
    if not text.strip():
        raise UnreadableError(
            "it is a PDF file of pictures, without a text layer: add one with an OCR program"
        )
    yield Inside(text[:_MOST_CHARACTERS].encode("utf-8", "replace"), ".txt")


def _lines(page: Any) -> list[Line]:
    lines: list[Line] = [("", 0.0)]

    def visit(text: str, cm: Any, tm: Any, font: Any, font_size: float) -> None:
        scale = abs(float(tm[3]) * float(cm[3])) or 1.0
        for at, piece in enumerate(text.split("\n")):
            if at:
                lines.append(("", 0.0))
            before, size = lines[-1]
            own = float(font_size or 0) * scale if piece.strip() else 0.0
            lines[-1] = before + piece, max(size, own)

    page.extract_text(visitor_text=visit)
    return [(text.strip(), size) for text, size in lines]


def _without_running_heads(pages: list[list[Line]]) -> list[Line]:
    """Return the lines of all pages but those that most pages begin or end with."""
    filled = [[line for line in page if line[0]] for page in pages]
    edges = Counter(
        mark for page in filled for mark in {_mark(text) for text, _ in (*page[:2], *page[-2:])}
    )
    running = {mark for mark, count in edges.items() if count > 2 and count * 2 > len(pages)}
    return [line for page in pages for line in page if _mark(line[0]) not in running]


def _mark(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _paragraphs(lines: list[Line]) -> Iterator[str]:
    """Yield the paragraphs: one ends at an empty line, where letters change their size, and after
    a line that does not reach the right edge."""
    lengths = sorted(len(text) for text, _ in lines if text)
    width = lengths[int(len(lengths) * 0.9)] if lengths else 0
    piece: list[str] = []
    before = 0.0
    for text, size in lines:
        changed = max(size, before) > min(size, before) * _LARGER > 0
        if piece and (not text or changed):
            yield joined_lines(piece)
            piece = []
        if not text:
            continue
        piece.append(text)
        before = size
        if len(text) < width * _FULL_WIDTH:
            yield joined_lines(piece)
            piece = []
    if piece:
        yield joined_lines(piece)
