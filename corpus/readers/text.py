"""Plain text: the first line is the title, what follows a blank line is the body.

The last resort for everything that can be decoded as text and is no markup or code; a lead of a
dateline is taken off the body, a date line of its own right below the title is the date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import compose, day_in_path
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import dates_in, parse_date
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
    fields: dict[str, Any] = {}
    provenance = [("body", "text")]
    if len(title) <= _MAX_TITLE:
        fields["title"] = title
        provenance.append(("title", "first line"))
    else:
        rest = text
    body = paragraphs(rest)
    # A date or a byline on a line of its own may stand between title and text, in either order.
    for _ in range(2):
        if not body:
            break
        if "published" not in fields and len(body[0]) < 80 and (day := parse_date(body[0])):
            fields |= {"published": day, "date_source": "text"}
            provenance.append(("published", "line below the title"))
        elif "authors" not in fields and len(body[0]) < 120 and _BYLINE.match(body[0]):
            byline = split_byline(body[0])
            if not byline.authors and not byline.agency:
                break
            fields["authors"] = byline.authors
            if byline.agency:
                fields["agency"] = byline.agency
            provenance.append(("authors", "line below the title"))
        else:
            break
        body = body[1:]
    fields["body"] = body
    if highlights:
        fields["lead"] = " ".join(map(clean, highlights))
        provenance.append(("lead", "@highlight"))
        if title and body and _is_sentence(title):  # these stories have no headline
            fields["body"] = (fields.pop("title"), *body)
            provenance = [pair for pair in provenance if pair[0] != "title"]
    folder = PurePath(origin.path.replace("!", "/")).parent.name
    if _NUMBERED.search(origin.path) and folder.lower() in _SECTIONS:
        fields["section"] = folder
        provenance.append(("section", "folder"))
    if "published" not in fields and head and (day := dates_in(head)[0]):
        fields |= {"published": day, "date_source": "text"}
        provenance.append(("published", "head of the page"))
    if "published" not in fields and (in_path := day_in_path(origin)):
        fields |= in_path
        provenance.append(("published", "file name"))
    return compose(fields, origin, tuple(provenance))


def _is_sentence(line: str) -> bool:
    return line.endswith((".", "!", "?", '"', "”"))


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
