"""Web archives (WARC, ARC; inside WACZ too): the HTML pages among the responses.

A page's address and the moment of its capture come from the record; the capture bounds its dates.
Revisits, redirects, errors and everything that is no page hold no article and are passed over, and
so is a page that the same file has already given with the same bytes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from corpus.article import Article, Origin
from corpus.dates import parse_moment
from corpus.errors import UnreadableError
from corpus.readers.html import parse_page
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip

NAME = "warc"

_PAGES = ("text/html", "application/xhtml+xml")
# warcio trusts what a record's headers say.
_DAMAGE = (
    ArchiveLoadFailed, EOFError, OSError, ValueError, TypeError, AttributeError, LookupError,
    zlib.error, AssertionError,
)  # fmt: skip
_REMEMBERED = 500_000


def sniff(head: bytes, path: str) -> float:
    """Tell an archive by its first record."""
    return SURE if head.startswith((b"WARC/1.", b"WARC/0.", b"filedesc://")) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each page; its position is the record's in the file."""
    seen: set[bytes] = set()
    for position, record in enumerate(_records(stream), start=1):
        if not _is_page(record):
            continue
        try:
            article = _article(record, replace(origin, position=position), seen)
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))
            continue
        if article is not None:
            yield article


class _Quiet(ArchiveIterator):  # type: ignore[misc]
    """Iterates without writing a warning to standard error for each record that runs on."""

    INC_RECORD = ""


def _records(stream: BinaryIO) -> Iterator[Any]:
    """Yield the records; raise `UnreadableError` where the file is damaged."""
    try:
        records = iter(_Quiet(stream, arc2warc=True))
        while (record := next(records, None)) is not None:
            yield record
    except _DAMAGE as error:
        raise UnreadableError("it is damaged or cut off after this record") from error


def _is_page(record: Any) -> bool:
    """Tell a response that is a page, whole and successful."""
    if record.rec_type != "response" or record.http_headers is None:
        return False
    if record.http_headers.get_statuscode() != "200":
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").split(";")[0].strip().lower()
    return kind in _PAGES


def _article(record: Any, origin: Origin, seen: set[bytes]) -> Article | None:
    """Return the article of a page, None for one that has been read before."""
    address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    markup = _markup(record)
    digest = hashlib.blake2b(
        address.encode("utf-8", "replace") + b"\0" + markup, digest_size=8
    ).digest()
    if digest in seen:
        return None
    if len(seen) >= _REMEMBERED:
        seen.clear()
    seen.add(digest)
    if record.rec_headers.get_header("WARC-Truncated"):
        raise UnreadableError("the crawler cut this page off")
    captured = parse_moment(record.rec_headers.get_header("WARC-Date") or "")
    content_type = record.http_headers.get_header("Content-Type") or ""
    article = parse_page(markup, url=address, captured=captured, content_type=content_type)
    return replace(article, origin=origin)


def _markup(record: Any) -> bytes:
    """Return the page's bytes, its transfer and content encodings undone, within bounds."""
    pieces = []
    left = MAX_ARTICLE_BYTES + 1
    try:
        stream = record.content_stream()
        while left > 0 and (piece := stream.read(min(left, 1 << 18))):
            pieces.append(piece)
            left -= len(piece)
    except _DAMAGE as error:
        raise UnreadableError("its encoding is damaged") from error
    if left <= 0:
        raise UnreadableError(f"a page of more than {MAX_ARTICLE_BYTES >> 20} MiB")
    return b"".join(pieces)
