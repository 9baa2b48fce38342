"""Lines as a printer broke them, and as OCR reads them, to paragraphs as a reader reads them.

Words that were divided at a line's end are joined, lines that only ended because a column did
become one paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from statistics import median

from corpus.text.text import clean

_HYPHENS = ("-", "\u00ad", "\u2010", "¬", "⸗")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LONG_LINE = 100
_PARAGRAPH_END = re.compile(r"</p\s*>|\n\s*\n", re.IGNORECASE)
_LINE_END = re.compile(r"</span\s*>|<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def joined_lines(lines: Iterable[str], *, divided: bool = True) -> str:
    """Return the lines of one paragraph as one line, words that a hyphen divides joined.

    Lines that are not `divided` break at hyphens that are there anyhow, which stay. Else a hyphen
    before a small letter divides a word; before a capital or a digit ('Anglo-|Saxon') it belongs to
    it. A mark that only divides words (``¬``, a soft hyphen) always goes.
    """
    text = ""
    for line in lines:
        line = line.strip()
        if not line:
            continue
        if text.endswith(_HYPHENS) and len(text) > 1 and text[-2].isalpha():
            divides = divided and (line[0].islower() or text[-1] in "\u00ad¬")
            text = text[:-1] + line if divides else text + line
        else:
            text = f"{text} {line}" if text else line
    return clean(text)


def ocr_fragment(markup: str) -> tuple[str, ...]:
    """Return the paragraphs of HTML in which each line is an element of its own, as Trove has it:
    ``<p><span>One line of a</span><span> para-</span><span>graph</span></p>``."""
    paragraphs = (
        joined_lines(unescape(_TAG.sub(" ", line)) for line in _LINE_END.split(part))
        for part in _PARAGRAPH_END.split(markup)
    )
    return tuple(filter(None, paragraphs))


def ocr_paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of plain OCR text.

    Blank lines part them. Without any, each line is one where lines are long; where they have a
    column's width, they are joined, and a paragraph ends where a line is short and a sentence ends.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").strip()
    done = []
    for block in _BLANK_LINE.split(text):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        width = median(map(len, lines))
        if width >= _LONG_LINE:
            done += lines
            continue
        piece: list[str] = []
        for line in lines:
            piece.append(line)
            if len(line) < width * 0.7 and line.rstrip().endswith((".", "!", "?", '"', "”")):
                done.append(joined_lines(piece))
                piece = []
        done.append(joined_lines(piece))
    return tuple(line for paragraph in done if (line := clean(paragraph)))
