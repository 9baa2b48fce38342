"""Plain text: the first line is the title, what follows a blank line is the body.

The last resort for everything that can be decoded as text and is no markup or code; a lead of a
dateline is taken off the body, a date line of its own right below the title is the date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import date_in_url, dates_in, parse_date
from corpus.print.printed_pages import unpaged
from corpus.readers.foreign import foreign_format
from corpus.readers.protocol import ENDING, NO, Skip, bounded_read
from corpus.text.text import clean, decode, paragraphs

NAME = "text"

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FALLBACK = 0.01
_FEW_CONTROLS = 2
_MAX_TITLE = 300
_HIGHLIGHT = re.compile(r"^@highlight\s*$", re.MULTILINE)
"""What stands before each summary sentence in the stories of the CNN and Daily Mail corpus."""
_SECTIONS = frozenset(
    "business politics sport sports tech technology entertainment world local opinion culture "
    "science health economy finance education travel wirtschaft politik kultur wissen panorama "
    "feuilleton lokales meinung économie politique société monde culture sports deportes economía "
    "política mundo cultura economia esporte esportes politica cronaca sport spettacoli "
    "economie binnenland buitenland".split()
)
"""Names of folders that can be nothing but sections, as corpora sorted by section have them."""
_NUMBERED = re.compile(r"\d{1,6}\.(?:txt|text)\Z", re.IGNORECASE)
_BYLINE = re.compile(r"^(?:by|von|par|por|di|da|door|av|af|przez)\s+\S.*[^.!?]$", re.IGNORECASE)


def sniff(head: bytes, path: str) -> float:
    """Return a little for anything that is text, more when its ending says so."""
    if not _is_text(head):
        return NO
    return ENDING if path.lower().endswith((".txt", ".text")) else _FALLBACK


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the one article that a text file is."""
    yield parse_text(decode(bounded_read(stream)), origin)


def parse_text(text: str, origin: Origin) -> Article:
    """Return the article that a text is; raises `UnreadableError` when there is none in it."""
    if reason := foreign_format(text):
        raise UnreadableError(reason)
    text, head = unpaged(text)
    text, *highlights = _HIGHLIGHT.split(text)
    title, _, rest = text.lstrip("\ufeff \t\r\n").partition("\n")
    title = clean(title)
    if len(title) > _MAX_TITLE:
        title, rest = "", text
    found = FieldCollector()
    body = paragraphs(rest)
    # A date or a byline on a line of its own may stand between title and text, in either order.
    for _ in range(2):
        line, before = body[0] if body else "", len(found.provenance)
        if "published" not in found.fields and len(line) < 80:
            found.dated(parse_date(line), "line below the title", "text")
        if len(found.provenance) == before and len(line) < 120 and _BYLINE.match(line):
            found.byline(split_byline(line), "line below the title")
        if len(found.provenance) == before:
            break
        body = body[1:]
    if highlights and title and body and title.endswith((".", "!", "?", '"', "”")):
        title, body = "", (title, *body)  # these stories have no headline
    found("title", title, "first line")
    found("body", body, "text")
    found("lead", " ".join(map(clean, highlights)), "@highlight")
    folder = PurePath(origin.path.replace("!", "/")).parent.name
    if _NUMBERED.search(origin.path) and folder.lower() in _SECTIONS:
        found("section", folder, "folder")
    found.dated(dates_in(head)[0], "head of the page", "text")
    found.dated(date_in_url(origin.path), "file name", "file")
    return found.article(origin)


def _is_text(head: bytes) -> bool:
    """Tell text in any character set from pictures, programs and the like."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if head.startswith((b"%PDF", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        return False
    controls = len(_CONTROLS.findall(head))
    if not controls:
        return True
    # UTF-16 without a mark: every other byte of Western text is zero.
    evens, odds = head[0:400:2], head[1:400:2]
    if max(odds.count(0), evens.count(0)) * 4 > len(head[:400]):
        return True
    return controls <= max(_FEW_CONTROLS, len(head) // 200)
