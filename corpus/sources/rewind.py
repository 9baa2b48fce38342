"""What was taken from a stream to see what it is, put back before the rest."""

from __future__ import annotations

import io
from collections import deque
from typing import BinaryIO, cast

from corpus.core.errors import UnreadableError
from corpus.readers.protocol import HEAD_BYTES
from corpus.sources.wrapped import Wrapped, first_read


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
