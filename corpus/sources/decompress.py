"""Compressed streams, opened within bounds.

`opened` looks at the first bytes, undoes gzip, bzip2, xz or Zstandard, and counts what comes out
against what went in: a stream that grows more than `MAX_RATIO` times, or wants more memory than
`MAX_MEMORY` to undo, is refused with `UnreadableError` instead of filling the machine.
"""

from __future__ import annotations

import bz2
import errno
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any, BinaryIO, cast

import zstandard

from corpus.core.errors import UnreadableError
from corpus.sources.gzip_members import GzipMembers
from corpus.sources.streams import Wrapped

MAX_RATIO = 250
"""How many times its compressed size a stream may grow to. News in any format shrinks 3 to 20
times, a folder of near-identical pages 100 times under the best compressors; a bomb 1000 times."""

FREE_BYTES = 16 * 1024 * 1024
"""Bytes that may come out of any stream before the ratio is looked at."""

MAX_MEMORY = 256 * 1024 * 1024
"""Bytes of window that undoing a compression may take."""

_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_ERRORS = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


def is_refusal(error: BaseException) -> bool:
    """Say whether the system refused to read, which tells nothing of what there is to read.

    Libraries raise OSErrors of their own for damage; a damaged offset is an invalid argument.
    """
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


class Allowance:
    """How much may still come out, given how much went in; shared by an archive's members."""

    __slots__ = ("came_out", "went_in")

    def __init__(self, went_in: Callable[[], int]) -> None:
        self.went_in = went_in
        self.came_out = 0

    def take(self, size: int) -> None:
        """Count `size` bytes as come out; raise `UnreadableError` when that is too many."""
        self.came_out += size
        if self.came_out > FREE_BYTES and self.came_out > MAX_RATIO * max(1, self.went_in()):
            raise UnreadableError(
                f"it unpacks to more than {MAX_RATIO} times its size, as only a decompression "
                "bomb does; unpack it by hand if it is none"
            )


class Bounded(Wrapped):
    """A stream of decompressed bytes, each counted against allowances."""

    def __init__(self, stream: IO[bytes], *allowances: Allowance) -> None:
        super().__init__(stream)
        self._allowances = allowances

    def piece(self, size: int) -> bytes:
        """Return the next bytes; raise `UnreadableError` for damaged input or too much output."""
        try:
            piece = self._stream.read(size)
        except _ERRORS as error:
            if is_refusal(error):
                raise
            raise UnreadableError(f"its compression is damaged ({_short(error)})") from error
        for allowance in self._allowances:
            allowance.take(len(piece))
        return piece


def compression(head: bytes) -> str:
    """Return "gzip", "bzip2", "xz" or "zstd" for a stream that starts so, "" for any other."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "")


def opened(stream: BinaryIO, kind: str, *allowances: Allowance) -> BinaryIO:
    """Return the decompressed bytes of `stream`, whose `compression` is `kind`, within bounds."""
    counting = _Counting(stream)
    source = cast(BinaryIO, io.BufferedReader(counting, 1 << 16))
    plain: Any
    match kind:
        case "gzip":
            plain = GzipMembers(source)
        case "bzip2":
            plain = bz2.BZ2File(source)
        case "xz":
            plain = io.BufferedReader(_Xz(source), 1 << 16)
        case _:
            plain = zstandard.ZstdDecompressor(max_window_size=MAX_MEMORY).stream_reader(
                source, read_across_frames=True
            )
    bounded = Bounded(plain, Allowance(lambda: counting.count), *allowances)
    return cast(BinaryIO, io.BufferedReader(bounded, 1 << 18))


class _Counting(Wrapped):
    """Counts the compressed bytes as they are read."""

    count = 0

    def piece(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.count += len(piece)
        return piece


class _Xz(Wrapped):
    """Undoes xz within `MAX_MEMORY`, which `lzma.LZMAFile` cannot be told."""

    _decompressor: lzma.LZMADecompressor | None = None
    _left = b""

    def piece(self, size: int) -> bytes:
        while True:
            if self._decompressor is None:
                # Between streams there may be padding of zeros.
                self._left = self._left.lstrip(b"\0") or self._stream.read(1 << 16).lstrip(b"\0")
                if not self._left:
                    return b""
                self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
            if self._decompressor.needs_input and not self._left:
                self._left = self._stream.read(1 << 16)
                if not self._left:
                    raise EOFError("it ends in the middle")
            piece = self._decompressor.decompress(self._left, size)
            self._left = b""
            if self._decompressor.eof:
                self._left = self._decompressor.unused_data
                self._decompressor = None
            if piece:
                return piece


def _short(error: BaseException) -> str:
    """Return an error of a library in a few words that hold no path."""
    text = " ".join(str(error).split())
    return text[:80] if text and "/" not in text else type(error).__name__
