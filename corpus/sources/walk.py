"""From what a user names to documents: folders, archives and streams walked.

The order is always the same. What cannot be opened becomes a `Skip` and never stops the rest.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import BinaryIO

from corpus.core.errors import UnreadableError
from corpus.readers import claimed
from corpus.readers.protocol import HEAD_BYTES, Skip, bounded_read
from corpus.sources.archives import container, is_hidden, members
from corpus.sources.decompress import compression, opened
from corpus.sources.streams import peeked, rewound
from corpus.sources.time_limit import limited

MAX_DEPTH = 4
"""Compressions and archives around a document, at most: a .tar.gz in a .zip is three."""

_MAGIC_BYTES = 512
_KINDS = (
    "a style sheet:css xsl, a script:js mjs, a source map:map, a drawing:svg, a program:py sh, a "
    "document type:dtd, a schema:xsd, a font:woff woff2 ttf, a picture:png jpg jpeg gif webp ico "
    "avif, a recording:mp3, a film:mp4 webm, a log:log, part of an index:seg trm vps col, a "
    "mailbox or part of an index:pst"
)
_NOT_ARTICLES = {
    f".{ending}": kind.split(":")[0]
    for kind in _KINDS.split(", ")
    for ending in kind.split(":")[1].split()
}
OnSkip = Callable[[Skip], None]


@dataclass(frozen=True, slots=True)
class Unseen(Skip):
    """What the system does not let us read, now: what was there need not be gone, and it is to be
    tried again."""


@dataclass(frozen=True, slots=True)
class Document:
    """One stream of bytes of one format, with one article or many.

    `path` is where it lies, as the user named it, members of archives behind ``!``; `root` the
    source, as the user named it, that led to it; `file` the file on disk that holds it, "" for
    standard input; `stamp` that file's size in bytes and time of change in nanoseconds, which
    stay the same while it does. `open` may be called once, before `walk` goes on to the next;
    `is_file` tells a document that is all of `file`, which any process can open at any time;
    `beside` reads another file by its path from where this one lies, for readers that claim several
    files.
    """

    path: str
    root: str
    file: str
    stamp: tuple[int, int]
    open: Callable[[], BinaryIO]
    is_file: bool = False
    beside: Callable[[str], bytes] | None = None


def walk(sources: Sequence[str | Path], on_skip: OnSkip) -> Iterator[Document]:
    """Yield the documents of the sources: files, folders, archives, or "-" for standard input.

    Folders are walked in the order of their names, archives in their own.
    """
    for file in walk_files(sources, on_skip):
        yield from expand(file, on_skip)


def walk_files(
    sources: Sequence[str | Path], on_skip: OnSkip, *, follow_links: bool = False
) -> Iterator[Document]:
    """Yield the files of the sources as they lie on disk, archives unopened; see `walk`.

    The unit of work that processes share: `expand` gives the documents in one. A source may be a
    link itself; links in it that lead out of it are passed over, unless `follow_links`.
    """
    for source in sources:
        root = str(source)
        if root == "-":
            yield Document("-", root, "", (0, 0), lambda: rewound([], sys.stdin.buffer))
        elif not os.path.lexists(root):
            on_skip(Skip(root, 0, "there is no such file or folder"))
        else:
            yield from _Walk(root, on_skip, follow_links).at(root, ())


def file_document(path: str, root: str) -> Document:
    """Return the file that `walk_files` gave, in another process than the one that walked."""
    status = Path(path).stat()
    stamp = (status.st_size, status.st_mtime_ns)
    return _on_disk(path, root, stamp)


def _on_disk(path: str, root: str, stamp: tuple[int, int]) -> Document:
    def beside(name: str) -> bytes:
        folder = os.path.realpath(PurePath(path).parent)
        wanted = os.path.realpath(PurePath(folder) / name)
        if PurePath(folder) not in PurePath(wanted).parents:
            raise UnreadableError("it lies outside of the folder")
        try:
            with _open(wanted) as stream:
                return bounded_read(stream)
        except OSError as error:
            raise UnreadableError(f"it cannot be read: {system_reason(error)}") from error

    shown = _shown(path)
    return Document(shown, root, path, stamp, lambda: _open(path), is_file=True, beside=beside)


def expand(file: Document, on_skip: OnSkip) -> Iterator[Document]:
    """Yield the file itself, or the documents in it when it is compressed or an archive."""
    yield from limited(_expand(file, on_skip, 0))


class _Walk:
    """One source, walked. Each folder is entered once, however many links lead to it."""

    def __init__(self, root: str, on_skip: OnSkip, follow_links: bool) -> None:
        self._root = root
        self._on_skip = on_skip
        self._follow = follow_links
        self._real = os.path.realpath(root)
        self._entered: set[tuple[int, int]] = set()
        self._claimed: set[str] = set()

    def at(self, path: str, above: tuple[tuple[int, int], ...]) -> Iterator[Document]:
        """Yield the files at a path; `above` are the folders that it lies in, by inode."""
        place, shown = Path(path), _shown(path)
        try:
            status = place.stat()
        except OSError:
            if place.is_symlink():
                self._on_skip(Skip(shown, 0, "it is a link that leads nowhere"))
            else:
                self._on_skip(Unseen(shown, 0, "it cannot be seen"))
            return
        own = (status.st_dev, status.st_ino)
        if own in above:
            self._on_skip(Skip(shown, 0, "it is a link back to a folder that it lies in"))
        elif path != self._root and place.is_symlink() and not self._may_follow(path, shown):
            return
        elif stat.S_ISDIR(status.st_mode):
            if own not in self._entered:
                self._entered.add(own)
                yield from self._in_folder(place, shown, (*above, own))
        elif stat.S_ISREG(status.st_mode):
            stamp = (status.st_size, status.st_mtime_ns)
            if os.path.normpath(path) not in self._claimed:
                yield _on_disk(path, self._root, stamp)
        else:
            self._on_skip(Skip(shown, 0, "it is a pipe, a socket or a device, not a file"))

    def _in_folder(
        self, place: Path, shown: str, above: tuple[tuple[int, int], ...]
    ) -> Iterator[Document]:
        try:
            names = sorted(entry.name for entry in place.iterdir() if not is_hidden(entry.name))
        except OSError as error:
            reason = f"the folder cannot be listed: {system_reason(error)}"
            self._on_skip(Unseen(shown, 0, reason))
            return
        from corpus.readers.whoosh import behind_tables

        for name in names:
            paths = claimed(name, partial(_open, str(place / name)))
            self._claimed.update(os.path.normpath(place / path) for path in paths)
        behind = behind_tables(names)
        for name in names:
            if name not in behind:
                yield from self.at(str(place / name), above)

    def _may_follow(self, path: str, shown: str) -> bool:
        """Say whether a link leads to what would else not be read, and may be."""
        inside = PurePath(os.path.realpath(path)).parts[len(PurePath(self._real).parts) :]
        if os.path.realpath(path) != os.path.join(self._real, *inside):  # noqa: PTH118
            if not self._follow:
                reason = "it is a link that leads out of the source: follow it with --follow-links"
                self._on_skip(Skip(shown, 0, reason))
            return self._follow
        return is_hidden("/".join(inside))  # what is not is read where it lies


def _open(path: str) -> BinaryIO:
    return Path(path).open("rb")


def _expand(document: Document, on_skip: OnSkip, depth: int) -> Iterator[Document]:
    """Yield the document, or what is in it when it is compressed or an archive."""
    ending = PurePath(document.path).suffix.lower()
    if ending in _NOT_ARTICLES:
        on_skip(Skip(document.path, 0, f"it is {_NOT_ARTICLES[ending]}, not an article"))
        return
    try:
        stream = document.open()
    except UnreadableError as error:
        on_skip(Skip(document.path, 0, str(error)))
        return
    except OSError as error:
        reason = f"the file cannot be opened: {system_reason(error)}"
        on_skip(Unseen(document.path, 0, reason))
        return
    with closing(stream):
        try:
            head, stream = peeked(stream, _MAGIC_BYTES if document.is_file else HEAD_BYTES)
            compressed, packed = compression(head), container(head)
            if not compressed and not packed:
                if document.is_file:
                    stream.close()
                    yield document
                else:
                    yield replace(document, open=lambda: stream, is_file=False)
                return
            if depth >= MAX_DEPTH:
                raise UnreadableError(f"it is packed more than {MAX_DEPTH} times over")
            if compressed:
                inner = opened(stream, compressed)
                unpacked = replace(document, open=lambda: inner, is_file=False)
                yield from _expand(unpacked, on_skip, depth + 1)
                return
            yield from _unpacked(document, stream, packed, on_skip, depth)
        except UnreadableError as error:
            on_skip(Skip(document.path, 0, str(error)))
        except OSError as error:
            on_skip(Unseen(document.path, 0, f"it cannot be read: {system_reason(error)}"))


def _unpacked(
    document: Document, stream: BinaryIO, kind: str, on_skip: OnSkip, depth: int
) -> Iterator[Document]:
    size = document.stamp[0] if document.file else 1 << 30
    empty = True
    for member in members(stream, kind, lambda: size):
        empty = False
        if not member.name:
            yield document if document.is_file else replace(document, open=member.open)
            continue
        name = member.name.encode("utf-8", "replace").decode().replace("\0", "")
        inner = replace(
            document,
            path=f"{document.path}!{name}",
            open=member.open,
            is_file=False,
            beside=member.beside,
        )
        if member.problem:
            on_skip(Skip(inner.path, 0, member.problem))
        else:
            yield from _expand(inner, on_skip, depth + 1)
    if empty:
        on_skip(Skip(document.path, 0, "there is no file in this archive"))


def _shown(path: str) -> str:
    """Return a path as it can be printed: names on disk need not be valid text."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def system_reason(error: OSError) -> str:
    """Return what the system says of an error, for the reason of a skip."""
    return (error.strerror or type(error).__name__).lower()
