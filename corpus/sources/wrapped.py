"""Streams that change what they read from another stream."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any


class Wrapped(io.RawIOBase):
    """A stream of the pieces that `piece` returns, of at most so many bytes, "" at the end.

    It is closed together with the stream that it wraps.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def piece(self, size: int) -> bytes:
        """Return the next bytes."""
        return self._stream.read(size)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the next piece goes."""
        piece = self.piece(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the stream below as well."""
        if not self.closed:
            self._stream.close()
        super().close()


def first_read(stream: IO[bytes]) -> Callable[[int], bytes]:
    """Return what reads what is there already, where a stream can, instead of waiting for all."""
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    return read
