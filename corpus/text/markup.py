"""Small pieces of HTML, as feeds, wire formats and content APIs carry them, to clean paragraphs.

For whole pages see `corpus.readers.html`: here there is no navigation to get rid of, only the
text with its block elements.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from lxml import etree, html

from corpus.core.errors import UnreadableError
from corpus.text.text import clean, paragraphs

MAX_DEPTH = 250
"""How deep elements may lie in each other; what is deeper is dropped by the parser."""

_MARKUP = re.compile(
    r"</?(?:p|div|br|a|b|i|u|h[1-6]|strong|em|ul|ol|li|img|figure|span|blockquote|table|section|"
    r"article|iframe|script|style)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BLOCKS = frozenset(
    "p div br li ul ol blockquote section article header main h1 h2 h3 h4 h5 h6 tr dd dt hr pre "
    "body html td hl2 block lead caption".split()
)
_CELLS = frozenset(("td", "th"))
_IN_ROWS = _CELLS | {"p", "div", "br"}
_MAX_CELL = 200
_DROPPED = frozenset(
    "script style figure figcaption iframe noscript template svg form button nav aside footer "
    "object embed video audio media".split()
)


def has_markup(text: str) -> bool:
    """Tell HTML from plain text in which a '<' may stand."""
    return "<" in text and _MARKUP.search(text) is not None


def plain(text: str) -> str:
    """Return one line of text without tags and entities: a title, a name, a summary."""
    if "<" in text and _MARKUP.search(text):
        return " ".join(fragment_paragraphs(text))
    if "&" in text and _ENTITY.search(text):
        text = unescape(text)
    return clean(text)


def html_root(markup: str) -> Any:
    """Return the root element of HTML, without comments; raises `UnreadableError` for none."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    source = markup.replace("\0", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("there is no HTML in it") from error


def fragment_paragraphs(markup: str, *, tables: bool = False) -> tuple[str, ...]:
    """Return the paragraphs of a fragment, captions, scripts and forms left out.

    A table of data is a line a row, its cells parted by ' | '. With `tables` those that are there
    for the layout are opened, as newsletters need it; else they are left out.
    """
    if not has_markup(markup):
        return paragraphs(unescape(markup) if "&" in markup else markup)
    try:
        root = html_root(markup)
    except UnreadableError:
        return ()
    lines: list[str] = []
    pieces: list[str] = []

    def end_block() -> None:
        if pieces and (line := clean("".join(pieces))):
            lines.append(line)
        pieces.clear()

    # A walk by events instead of a recursion: the depth is the document's choice.
    skipping = 0
    in_data: list[bool] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        is_dropped = tag in _DROPPED
        if tag == "table":
            if event == "start":
                in_data.append(_is_of_data(element))
            is_dropped = not tables and not in_data[-1]
            if event == "end":
                in_data.pop()
        in_cell = bool(in_data) and in_data[-1] and tag in _IN_ROWS
        if event == "start":
            skipping += is_dropped
            if in_cell:
                if tag in _CELLS and any(map(str.strip, pieces)):
                    pieces.append(" | ")
                elif tag in _CELLS:
                    pieces.clear()
            elif tag in _BLOCKS or tag == "table":
                end_block()
            if not skipping and element.text:
                pieces.append(element.text)
        else:
            skipping -= is_dropped
            if not in_cell and (tag in _BLOCKS or tag == "table"):
                end_block()
            if not skipping and element.tail:
                pieces.append(element.tail)
    end_block()
    return tuple(lines)


def _is_of_data(table: etree._Element) -> bool:
    """Tell a table of data from one that lays out text: short cells in rows of equal length."""
    rows = list(table.iter("tr"))[:50]
    if not rows or table.find(".//table") is not None:
        return False
    lengths = [sum(cell.tag in _CELLS for cell in row) for row in rows]
    if max(lengths) < 2 or lengths.count(max(lengths)) * 2 < len(rows):
        return False
    cells = [cell for row in rows for cell in row if cell.tag in _CELLS]
    long = sum(len("".join(cell.itertext())) > _MAX_CELL for cell in cells)
    return long * 10 <= len(cells)
