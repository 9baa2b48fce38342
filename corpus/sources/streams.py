"""Streams over streams: those that change what they read, and those that begin with what was taken
from them to see what they are."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from typing import IO, Any, BinaryIO, cast

from corpus.core.errors import UnreadableError
from corpus.readers.protocol import HEAD_BYTES


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


def peeked(stream: BinaryIO, size: int = HEAD_BYTES) -> tuple[bytes, BinaryIO]:
    """Return the first `size` bytes of a stream, and the stream as if they had not been read."""
    if stream.seekable():
        head = stream.read(size)
        stream.seek(0)
        return head, stream
    taken: list[bytes | UnreadableError] = []
    head = b""
    read = first_read(stream)
    while len(head) < size:
        try:
            piece = read(size - len(head))
        except UnreadableError as error:
            # What can be read behind a damage tells the format, too (`GzipMembers`).
            taken.append(error)
            if len(taken) > 1:
                break
            continue
        if not piece:
            break
        taken.append(piece)
        head += piece
    if not head and taken and isinstance(taken[0], UnreadableError):
        raise taken[0]
    return head, rewound(taken, stream)


def rewound(taken: list[bytes | UnreadableError], stream: BinaryIO) -> BinaryIO:
    """Return a stream, and before it what was taken from it: bytes, and the errors between them.

    It is a wrapper: closing it leaves the stream open.
    """
    return cast(BinaryIO, io.BufferedReader(_Rewound(taken, stream), 1 << 17))


class _Rewound(Wrapped):
    def __init__(self, taken: list[bytes | UnreadableError], stream: BinaryIO) -> None:
        super().__init__(stream)
        self._taken = deque(taken)
        self._read = first_read(stream)

    def piece(self, size: int) -> bytes:
        if not self._taken:
            return self._read(size)
        first = self._taken.popleft()
        if isinstance(first, UnreadableError):
            raise first
        if len(first) > size:
            self._taken.appendleft(first[size:])
        return first[:size]

    def close(self) -> None:
        io.RawIOBase.close(self)  # what it wraps stays open
