"""What was taken from a stream to see what it is, put back before the rest."""

from __future__ import annotations

import io
from collections import deque
from typing import Any, BinaryIO, cast

from corpus.core.errors import UnreadableError
from corpus.readers.protocol import HEAD_BYTES


def peeked(stream: BinaryIO, size: int = HEAD_BYTES) -> tuple[bytes, BinaryIO]:
    """Return the first `size` bytes of a stream, and the stream as if they had not been read."""
    if stream.seekable():
        head = stream.read(size)
        stream.seek(0)
        return head, stream
    taken: list[bytes | UnreadableError] = []
    head = b""
    read = getattr(stream, "read1", stream.read)
    while len(head) < size:
        try:
            piece = read(size - len(head))
        except UnreadableError as error:
            # What can be read behind a damage tells the format too; see
            # `corpus.sources.gzip_members`.
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


class _Rewound(io.RawIOBase):
    def __init__(self, taken: list[bytes | UnreadableError], stream: BinaryIO) -> None:
        super().__init__()
        self._taken = deque(taken)
        self._read = getattr(stream, "read1", stream.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._taken:
            first = self._taken.popleft()
            if isinstance(first, UnreadableError):
                raise first
            piece = first[: len(buffer)]
            if len(piece) < len(first):
                self._taken.appendleft(first[len(piece) :])
        else:
            piece = self._read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
