"""Newsletters and mailed copy: one message (EML) or a mailbox of many (mbox).

The subject is the title, the sender the outlet. The text is taken from the HTML part as from a
page, else from the plain part; a mailbox is read message by message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from itertools import chain
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_date
from corpus.readers.html import parse_page
from corpus.readers.protocol import (
    LIKELY,
    MAX_ARTICLE_BYTES,
    NO,
    POSSIBLE,
    SURE,
    Skip,
    bounded_lines,
    each,
)
from corpus.tags import split_tags
from corpus.text.encodings import codec_name
from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean, decode, paragraphs

NAME = "mail"

_FROM_LINE = re.compile(rb"^From \S*.{0,40}\d{4}")
_HEADER = re.compile(rb"^[!-9;-~]{1,76}:[ \t]?", re.MULTILINE)
_NAMED = re.compile(
    rb"^(?:From|Date|Subject|Message-ID|MIME-Version|Received|Return-Path):", re.M | re.I
)
_ADDRESS = re.compile(r"<(https?://[^<>\s]+)>")
_PREFIX = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr)\s*:|\s*\[[^\[\]]{1,40}\])+\s*", re.IGNORECASE)
_OF_NEWSGROUPS = ("Newsgroups", "NNTP-Posting-Host", "Xref", "Lines")
"""Headers of articles in newsgroups, whose sender is who wrote them and no outlet."""
_IN_BRACKETS = re.compile(r"\S+@\S+|[()]")
_SIGNATURE = re.compile(r"^-- ?\r?$", re.MULTILINE)
_FAULTS = (MessageError, ValueError, LookupError, TypeError)
_MAX_HEADER = 2000
_MAX_PARTS = 200
_FEWEST_WORDS = 30


def sniff(head: bytes, path: str) -> float:
    """Tell a mailbox by its first line, a message by the headers that every one has."""
    start = head.lstrip(b"\xef\xbb\xbf\r\n")
    named = path.lower().endswith((".eml", ".mbox", ".mbx"))
    if _FROM_LINE.match(start) and len(_NAMED.findall(start[:8192])) >= 2:
        return SURE
    top = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    if not _HEADER.match(top) or b"<" in start[:1]:
        return NO
    headers = len({name.lower() for name in _NAMED.findall(top)})
    if headers >= 3:
        return SURE
    return LIKELY if headers >= 2 and named else POSSIBLE if headers >= 2 else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each message."""
    yield from each(_messages(stream), parse_message, origin)


def parse_message(raw: bytes, origin: Origin) -> Article:
    """Return the article that a message carries; raises `UnreadableError` when it has no text."""
    try:
        return _article(message_from_bytes(raw), origin)
    except (*_FAULTS, AttributeError, RecursionError, AssertionError) as error:
        # The library trips over headers that only spam has.
        raise UnreadableError("its headers or parts are malformed") from error


def _article(message: Message, origin: Origin) -> Article:
    found = FieldCollector()
    found("title", clean(_PREFIX.sub("", _header(message, "Subject"))), "Subject")
    found("published", parse_date(_header(message, "Date")), "Date")
    # Taken apart before it is decoded: an encoded name may hold a comma.
    name, address = parseaddr(str(message.get("From") or "")[:_MAX_HEADER])
    name = _decoded(name)
    if any(message.get(header) for header in _OF_NEWSGROUPS):
        name = name or _decoded(_IN_BRACKETS.sub("", address))
        found("authors", split_byline(name).authors, "From")
        found("source", clean(_header(message, "Newsgroups").split(",")[0]), "Newsgroups")
    found("source", clean(name) or clean(address.rpartition("@")[2]), "From")
    # Not List-Archive, which is the same for every message of a list.
    for header in ("Archived-At", "X-Original-URL", "Content-Location"):
        link = _ADDRESS.search(_header(message, header))
        found("url", web_address(link[1] if link else _header(message, header)), header)
    found("tags", split_tags(_header(message, "Keywords") or None), "Keywords")
    found("authors", split_byline(_header(message, "X-Author")).authors, "X-Author")
    html, text = _parts(message)
    body, where = _body(html, text, found.fields.get("title", ""))
    found("body", body, where)
    if not body:
        raise UnreadableError("it has no text, only attachments or nothing")
    own = clean(_header(message, "Message-ID")).strip("<>")
    return found.article(origin, own=own, language=_header(message, "Content-Language"))


def _body(html: str, text: str, title: str) -> tuple[tuple[str, ...], str]:
    """Return the paragraphs of the better part: plain text when it is whole, else the HTML."""
    plain = paragraphs(_SIGNATURE.split(text, maxsplit=1)[0])
    marked = tuple(line for line in _marked(html) if line != title) if html else ()
    if _words(plain) >= max(_FEWEST_WORDS, _words(marked) // 2) or not marked:
        return tuple(line for line in plain if line != title), "text/plain"
    return marked, "text/html"


def _marked(html: str) -> tuple[str, ...]:
    """Return the paragraphs of an HTML part: as of a page, unless that finds too little in it."""
    everything = fragment_paragraphs(html, tables=True)
    try:
        body = parse_page(html).body
    except UnreadableError:
        return everything
    return body if _words(body) * 2 >= _words(everything) else everything


def _words(lines: tuple[str, ...]) -> int:
    return sum(line.count(" ") + 1 for line in lines)


def _parts(message: Message) -> tuple[str, str]:
    """Return the first HTML part and the first plain part, '' for one that is absent."""
    html = text = ""
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            break
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or part.is_multipart():
            continue
        if kind == "text/html" and not html:
            html = _content(part)
        elif kind == "text/plain" and not text:
            text = _content(part)
    return html, text


def _content(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return decode(raw, part.get_content_charset() or "") if isinstance(raw, bytes) else ""


def _header(message: Message, name: str) -> str:
    """Return a header as text, '' when the message has none or it cannot be decoded."""
    # The library's newer interface parses headers by recursion, which hostile ones exhaust.
    value = message.get(name)
    return "" if value is None else _decoded(str(value)[:_MAX_HEADER])


def _decoded(text: str) -> str:
    try:
        pieces = [(part, (name and codec_name(name)) or name) for part, name in decode_header(text)]
        return str(make_header(pieces))
    except _FAULTS:
        return text


def _messages(stream: BinaryIO) -> Iterator[bytes | UnreadableError]:
    """Yield each message's bytes, or that it is too large.

    In a mailbox a message begins with a 'From ' line after an empty one; in the text such lines
    are quoted by '>', which is undone.
    """
    lines = bounded_lines(stream)
    first = next(lines, b"")
    is_box = bool(first and _FROM_LINE.match(first.lstrip(b"\xef\xbb\xbf\r\n")))
    if not is_box:
        lines = chain((first,), lines)
    message: list[bytes] = []
    size, after_blank = 0, False
    for line in lines:
        if is_box and line is not None and after_blank and _FROM_LINE.match(line):
            yield _joined(message, size)
            message, size, after_blank = [], 0, False
            continue
        size += MAX_ARTICLE_BYTES + 1 if line is None else len(line)
        if line is not None and size <= MAX_ARTICLE_BYTES:
            quoted = is_box and line.startswith((b">From ", b">>From "))
            message.append(line[1:] if quoted else line)
        after_blank = line is not None and not line.strip(b"\r\n")
    if message or size:
        yield _joined(message, size)


def _joined(lines: list[bytes], size: int) -> bytes | UnreadableError:
    if size > MAX_ARTICLE_BYTES:
        return UnreadableError(f"a message of more than {MAX_ARTICLE_BYTES >> 20} MiB")
    return b"".join(lines)
