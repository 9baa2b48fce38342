"""The plain bytes of a gzip stream, member by member, going on behind a damaged one.

Crawlers write each record of a web archive as a gzip member of its own, so that one can be lost
without the others. `GzipMembers` gives every byte before the damage, raises once, and gives the
next sound member's bytes when it is read again. Readers of formats without such members let the
error end the file, as any other stream's. The format is RFC 1952.
"""

from __future__ import annotations

import zlib
from gzip import BadGzipFile
from typing import Any, BinaryIO

from corpus.sources.streams import Wrapped

_MAGIC = b"\x1f\x8b\x08"
_WINDOW = 31
"""zlib's number for: a gzip header, and the largest window."""

_CHUNK = 1 << 16
_KEPT = 1 << 20
"""Compressed bytes of the current member that are kept: the next one's start may be in them."""

_STEP = 64
_TRIAL = 1 << 12


class GzipMembers(Wrapped):
    """Decompresses the members of `stream`; after an error the next read goes on at the next one.

    Raises `zlib.error` when a member is damaged of which bytes have been given, EOFError for a cut
    end, and `gzip.BadGzipFile` for what cannot be read from its start.
    """

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._pending = b""
        self._member: Any = None
        self._kept = b""
        self._is_begun = False
        self._problem: Exception | None = None

    def piece(self, size: int) -> bytes:
        """Return the next bytes, at least one unless the stream is at its end."""
        while True:
            if self._problem is not None:
                problem, self._problem = self._problem, None
                self._find_next()
                raise problem
            if self._member is None and not self._begin():
                return b""
            if not self._pending and not self._fill():
                self._problem = EOFError("it ends in the middle")
                continue
            if piece := self._decompressed(size):
                self._is_begun = True
                return piece

    def _begin(self) -> bool:
        """Start the next member; False at the end of the stream."""
        self._pending = self._pending.lstrip(b"\0")  # padding, as tapes have it
        while len(self._pending) < len(_MAGIC) and self._fill():
            self._pending = self._pending.lstrip(b"\0")
        if not self._pending:
            return False
        if not self._pending.startswith(_MAGIC):
            self._kept, self._pending = self._pending, b""
            self._problem = BadGzipFile("what follows a member is no other")
        self._is_begun = False
        self._member = zlib.decompressobj(_WINDOW)
        return True

    def _decompressed(self, size: int) -> bytes:
        """Return at most `size` more bytes of the member; note a problem behind them."""
        before, given = self._member.copy(), self._pending
        try:
            piece: bytes = self._member.decompress(given, size)
        except zlib.error as error:
            piece = _until_damage(before, given, size)
            self._problem = error if piece or self._is_begun else BadGzipFile(str(error))
            return piece
        self._pending = self._member.unused_data or self._member.unconsumed_tail
        taken = given[: len(given) - len(self._pending)]
        self._kept = (self._kept + taken)[-_KEPT:]
        if self._member.eof:
            self._member, self._kept = None, b""
        return piece

    def _find_next(self) -> None:
        """Go to the start of the next member that can be read; the one begun is given up."""
        searched = self._kept + self._pending
        self._member, self._kept = None, b""
        start = 1
        while True:
            start = searched.find(_MAGIC, start)
            if start < 0:
                self._pending = b""
                if not self._fill():
                    return
                searched, start = searched[-2:] + self._pending, 0
                continue
            if len(searched) - start < _TRIAL:
                self._pending = b""
                self._fill()
                searched += self._pending
            if _starts_member(searched[start : start + _TRIAL]):
                self._pending = searched[start:]
                return
            start += 1

    def _fill(self) -> bool:
        more = self._stream.read(_CHUNK)
        self._pending += more
        return bool(more)


def _until_damage(member: Any, given: bytes, size: int) -> bytes:
    """Return what can be decompressed of `given` before its damage, at most `size` bytes."""
    pieces: list[bytes] = []
    step, start = _STEP, 0
    while start < len(given):
        before = member.copy()
        try:
            pieces.append(member.decompress(given[start : start + step]))
            start += step
        except zlib.error:
            if step == 1:
                break
            member, step = before, 1
    return b"".join(pieces)[:size]


def _starts_member(sample: bytes) -> bool:
    """Tell the start of a member from the same three bytes inside compressed data."""
    try:
        return bool(zlib.decompressobj(_WINDOW).decompress(sample, 1))
    except zlib.error:
        return False
