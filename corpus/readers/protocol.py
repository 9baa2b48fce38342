"""What a reader is: the one contract that every format's module follows.

A reader is a module of `corpus.readers` with `NAME`, `sniff` and `read`. `corpus.reading`
opens each document, asks every reader's `sniff` about its first bytes, and hands the whole stream
to the one that is surest. `read` yields an `Article` for each article that was read completely and
a `Skip` for each that was not; it may raise `UnreadableError` when the document as a whole cannot
be read, which `corpus.reading` turns into a `Skip` too. Nothing is ever yielded half-read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol, TypeVar

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.wire import WrittenArticle
from corpus.text.text import clean

T = TypeVar("T")
Read = TypeVar("Read")

_CHUNK_BYTES = 1 << 20
_KIND = re.compile(r"(.*?)( of | without |$)(.*)", re.DOTALL)

HEAD_BYTES = 16 * 1024
"""How much of a document `sniff` is shown, at most."""

MAX_ARTICLE_BYTES = 32 * 1024 * 1024
"""The most that one article may measure, markup included; what is larger is skipped."""

MAX_LINE_BYTES = 16 * 1024 * 1024
"""The most that one line of a line-based format may measure; a longer one is skipped."""

NO, ENDING, POSSIBLE, LIKELY, SURE = 0.0, 0.25, 0.5, 0.75, 1.0
"""Scores for `sniff`: nothing points to the format, its file ending alone does, its content might
be it, its content very likely is, its content can be nothing else."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was not read: which file, which article in it (0: all of it), and why."""

    path: str
    position: int
    reason: str

    def __post_init__(self) -> None:
        """Make the reason one printable line: it may tell what a file says of itself."""
        if not self.reason.isprintable():
            object.__setattr__(self, "reason", clean(self.reason))


@dataclass(frozen=True, slots=True)
class Passed(Skip):
    """Parts of a file that hold no article, and need not: how many of which kind."""

    counts: tuple[tuple[str, int], ...] = ()


def counted(counts: Iterable[tuple[str, int]]) -> str:
    """Return '1 request record, 2 responses of status 404'."""
    told = []
    for what, number in counts:
        name, joint, rest = _KIND.findall(what)[0]
        if number != 1:
            name = "copies" if name == "copy" else f"{name}s"
        told.append(f"{number:,} {name}{joint}{rest}")
    return ", ".join(told)


class Reader(Protocol):
    """A module of `corpus.readers` that reads one format."""

    NAME: str
    """The format's name in a few letters, such as "html"; it becomes `Origin.reader`."""

    @staticmethod
    def sniff(head: bytes, path: str) -> float:
        """Return how surely a document is of this format, from 0 (not) to 1 (can be nothing else).

        `head` is the first `HEAD_BYTES` of it (all of it when shorter; possibly cut inside a
        character), `path` is where it lies, for the ending. Never raises.
        """

    @staticmethod
    def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | WrittenArticle | Skip]:
        """Yield the document's articles in order, and a `Skip` for each that cannot be read.

        What an archive wrote is yielded as it is to be stored, where `corpus.core.gate` knows it.

        `stream` is positioned at the first byte and may not be seekable; memory must not grow
        with its length, except for one article. `origin` carries the path and the reader's name;
        an article's own is `dataclasses.replace(origin, position=n)`, counted from 1. Raises
        `UnreadableError` with a reason that is safe to show.
        """


class ReaderOfSeveral(Reader, Protocol):
    """A reader of documents that lie in several files: one names the others, which it claims."""

    @staticmethod
    def may_claim(name: str) -> bool:
        """Tell by a file's name whether it may be such a document, and is to be asked."""

    @staticmethod
    def claims(markup: bytes) -> list[str]:
        """Return the files that belong to a document, as paths from the folder it lies in."""

    @staticmethod
    def read_beside(
        stream: BinaryIO, origin: Origin, beside: Callable[[str], bytes]
    ) -> Iterator[Article | Skip]:
        """Yield as `read` does; `beside` returns a file by its path, or raises
        `UnreadableError`."""


CUT_OFF = "its end is missing: the file is cut off"
TOO_LARGE = f"an article of more than {MAX_ARTICLE_BYTES >> 20} MiB"
LINE_TOO_LONG = f"a line of more than {MAX_LINE_BYTES >> 20} MiB"


def each(
    items: Iterable[T | UnreadableError], parse: Callable[[T, Origin], Read], origin: Origin
) -> Iterator[Read | Skip]:
    """Yield what each item of a document is read as, such as its article, or why it is none."""
    for position, item in enumerate(items, start=1):
        try:
            if isinstance(item, UnreadableError):
                raise item
            yield parse(item, replace(origin, position=position))
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))


def marked_elements(
    stream: BinaryIO, start: re.Pattern[bytes], end: re.Pattern[bytes]
) -> Iterator[bytes | UnreadableError]:
    """Yield each element from its start tag to before its end tag, or what is wrong with it."""
    rest = b""
    too_large = False
    while chunk := stream.read(_CHUNK_BYTES):
        rest += chunk
        at = 0
        for tag in end.finditer(rest):
            begin = start.search(rest, at, tag.start())
            if too_large or (begin and tag.start() - begin.end() > MAX_ARTICLE_BYTES):
                yield UnreadableError(TOO_LARGE)
            elif begin:
                yield rest[begin.start() : tag.start()]
            too_large = False
            at = tag.end()
        rest = rest[at:]
        if len(rest) > MAX_ARTICLE_BYTES:
            too_large = True
            rest = rest[-64:]
    if too_large:
        yield UnreadableError(TOO_LARGE)
    elif start.search(rest):
        yield UnreadableError(CUT_OFF)


def bounded_read(stream: BinaryIO, limit: int = MAX_ARTICLE_BYTES) -> bytes:
    """Return all of the stream; raise `UnreadableError` when it is longer than `limit` bytes."""
    pieces = []
    left = limit + 1
    while left and (piece := stream.read(min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise UnreadableError(f"larger than {limit >> 20} MiB, the most that one article may be")
    return b"".join(pieces)


def bounded_lines(stream: BinaryIO, limit: int = MAX_LINE_BYTES) -> Iterator[bytes | None]:
    """Yield the stream's lines with their ends; None in the place of one longer than `limit`."""
    while line := stream.readline(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(limit)
        yield None
