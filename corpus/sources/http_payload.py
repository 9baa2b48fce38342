"""The body of an HTTP response as a crawler stored it, with its codings undone.

Codings are those of RFC 9110 and 9112 (chunked, gzip, deflate), RFC 7932 (br) and RFC 8878 (zstd),
alone or one over another, their names in any case. Crawlers store bodies that they have undone
already under headers that say otherwise, and servers name what is no coding: a body that is text
is taken as it is. What cannot be undone is refused by name. What comes out is bounded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard

from corpus.core.errors import UnreadableError
from corpus.html.decoding import is_text
from corpus.readers.protocol import MAX_ARTICLE_BYTES

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"\AHTTP/\d(?:\.\d)?[ \t]+(\d{3})\b[^\r\n]*\r?\n?", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_WINDOW = 16 << 20
"""Bytes of window that a zstd body may want; RFC 9659 allows 8 MiB."""

_MOST = MAX_ARTICLE_BYTES + 1
_DAMAGE = (zlib.error, brotli.error, zstandard.ZstdError, EOFError)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response: its status, 0 when it has no head; its headers in lower case; its body
    as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def response_of(content: bytes) -> Response:
    """Take the head of a response from its body."""
    status = _STATUS.match(content)
    if status is None:
        return Response(0, {}, content)
    # A response without headers has its blank line right behind the status.
    end = _HEAD_END.search(content, max(0, status.end() - 2))
    head, body = (content[: end.start()], content[end.end() :]) if end else (content, b"")
    headers: dict[str, str] = {}
    for line in head[status.end() :].decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Response(int(status[1]), headers, body)


def body_of(response: Response) -> bytes:
    """Return the body with its codings undone. Raises UnreadableError for one that cannot be."""
    body = response.body
    for coding in reversed(_names(response.headers.get("transfer-encoding", ""))):
        body = _dechunked(body) if coding == "chunked" else _undone(body, coding)
    for coding in reversed(_names(response.headers.get("content-encoding", ""))):
        body = _undone(body, coding)
    for magic, coding in ((_GZIP, "gzip"), (_ZSTD, "zstd")):
        if body.startswith(magic):  # whoever stored it kept its coding and lost its header
            body = _undone(body, coding)
    return body


def _names(header: str) -> list[str]:
    names = (name.split(";")[0].strip().strip("\"'").lower() for name in header.split(","))
    return [name for name in names if name and name not in ("identity", "none")]


def _dechunked(body: bytes) -> bytes:
    """Return what the chunks hold; a body without chunks has been undone before."""
    pieces: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        length = int(size[1], 16)
        if not length:
            return b"".join(pieces)
        pieces.append(body[size.end() : size.end() + length])
        at = size.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    if at < len(body) and pieces:
        raise UnreadableError("its transfer coding 'chunked' is damaged")
    return b"".join(pieces) if pieces else body


def _undone(body: bytes, coding: str) -> bytes:
    """Return a body without one coding."""
    if body.startswith(_GZIP):
        coding = "gzip"
    elif body.startswith(_ZSTD):
        coding = "zstd"
    undo = _UNDO.get(coding)
    if undo is not None and not (coding in _MARKED and is_text(body)):
        try:
            plain = undo(body)
            if len(plain) > MAX_ARTICLE_BYTES:
                raise UnreadableError(f"it unpacks to more than {MAX_ARTICLE_BYTES >> 20} MiB")
            return plain
        except _DAMAGE as error:
            if not is_text(body):
                raise UnreadableError(f"its content coding {coding[:20]!r} is damaged") from error
    if is_text(body):
        return body
    raise UnreadableError(f"its content coding {coding[:20]!r} cannot be undone")


def _deflated(body: bytes) -> bytes:
    """Undo deflate, which is zlib's format by the standard and bare by many a server."""
    try:
        return _inflated(body, 15)
    except zlib.error:
        return _inflated(body, -15)


def _inflated(body: bytes, window: int = 31) -> bytes:
    plain = bytearray()
    while body and len(plain) < _MOST:
        member = zlib.decompressobj(window)
        plain += member.decompress(body, _MOST - len(plain))
        if not member.eof and len(plain) < _MOST:
            raise EOFError("it ends in the middle")
        body = member.unused_data if member.unused_data.startswith(_GZIP) else b""
    return bytes(plain)


def _unbrotlied(body: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    plain: bytes = decompressor.process(body, output_buffer_limit=_MOST)
    while not decompressor.is_finished() and len(plain) < _MOST:
        piece = decompressor.process(b"", output_buffer_limit=_MOST)
        if not piece:
            raise EOFError("it ends in the middle")
        plain += piece
    return plain


def _unzstandarded(body: bytes) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with decompressor.stream_reader(body, read_across_frames=True) as stream:
        plain: bytes = stream.read(_MOST)
    return plain


_UNDO: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _inflated,
    "x-gzip": _inflated,
    "deflate": _deflated,
    "br": _unbrotlied,
    "zstd": _unzstandarded,
}
"""Each returns more than MAX_ARTICLE_BYTES where there is more."""

_MARKED = frozenset(("gzip", "x-gzip", "zstd"))
"""Codings whose bodies start with a mark, which no text does."""
