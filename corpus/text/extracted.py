"""The text of a page as Common Crawl's WET files have it: every line of the page, menus included.

The first line is the page's title. Lines of menus and lists before the first sentence and behind
the last are dropped; what stands between is kept, since nothing tells a heading from an
advertisement there. The format: https://commoncrawl.org/get-started (WET).
"""

from __future__ import annotations

import re

from corpus.compose import FieldCollector
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.text.text import clean, decode

_WIDE = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u2e80-\u9fff\uac00-\ud7af]")
_SENTENCE_END = re.compile(r"[.!?…。！？।۔؟][\"'”’»)\]]*$")
_LEGAL = re.compile(r"©|\(c\) ?\d{4}|all rights reserved|alle rechte|tous droits|cookie", re.I)
_SHORTEST = 60


def parse_extracted(raw: bytes, *, url: str = "", language: str = "") -> Article:
    """Return the article; raises `UnreadableError` when no line of it is a sentence."""
    lines = [line for text in decode(raw).splitlines() if (line := clean(text))]
    title, rest = (lines[0], lines[1:]) if lines else ("", [])
    prose = [place for place, line in enumerate(rest) if _is_prose(line)]
    if not prose:
        raise UnreadableError("no article was found in this text: none of its lines is a sentence")
    found = FieldCollector()
    found("title", title, "first line")
    found("body", tuple(rest[prose[0] : prose[-1] + 1]), "text of the page")
    found("url", url, "given")
    return found.article(Origin(), language=language)


def _is_prose(line: str) -> bool:
    size = len(line) + 2 * len(_WIDE.findall(line))
    return size >= _SHORTEST and bool(_SENTENCE_END.search(line)) and not _LEGAL.search(line)
