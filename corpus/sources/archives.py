"""The members of zip and tar archives, one after another, within bounds and without unpacking.

Nothing is ever written to disk under a member's name; a name that would lead outside the folder
it was unpacked to is refused all the same, since such an archive was made to harm. Links and
devices are not followed. A Web archive collection (WACZ, a zip) gives its WARC files only.
"""

from __future__ import annotations

import io
import posixpath
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, BinaryIO, Self, cast

from corpus.core.errors import UnreadableError
from corpus.readers import claimed
from corpus.readers.protocol import bounded_read
from corpus.sources.decompress import Allowance, Bounded, is_refusal
from corpus.sources.streams import Wrapped

MAX_SPOOLED_BYTES = 4 * 1024**3
"""The most that a zip inside another archive, or from standard input, may measure."""

MAX_HEADER_BYTES = 1024**2
"""The most that the headers before one member of a tar archive may carry, its name above all."""

_CARRYING = frozenset((
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
))  # fmt: skip
_NO_ZIP = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError)
_MAX_GLOBAL = 1_000
_READS_AT_END = 16
_DRIVE = re.compile(r"^[A-Za-z]:")
_PACKAGES = ("[Content_Types].xml", "META-INF/container.xml", "META-INF/manifest.xml")
_WACZ_ARCHIVES = re.compile(r"^archive/[^/]+\.warc(?:\.gz|\.zst)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name there, and how to open it until the next one is asked for.

    `problem` says why it cannot be read; `open` is not to be called then. A `name` of "" stands for
    the archive itself, which is one document (Word, EPUB) and not several. `beside` reads another
    member by its path from the folder of this one, where the archive can be read in any order.
    """

    name: str
    open: Callable[[], BinaryIO]
    problem: str = ""
    beside: Callable[[str], bytes] | None = None


def container(head: bytes) -> str:
    """Return "zip" or "tar" for a stream that starts so, "" for any other."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "tar" if len(head) >= 512 and head[257:262] == b"ustar" else ""


def is_hidden(name: str) -> bool:
    """Tell the files that operating systems leave about from those that people put there."""
    return any(
        (part.startswith(".") and part not in (".", "..")) or part in ("__MACOSX", "Thumbs.db")
        for part in name.replace("\\", "/").split("/")
    )


def members(stream: BinaryIO, kind: str, went_in: Callable[[], int]) -> Iterator[Member]:
    """Yield the files of an archive of that `kind` (see `container`) in the order they lie there.

    `went_in` returns the archive's size in bytes, as far as it is known. Raises `UnreadableError`
    when the archive itself is damaged.
    """
    if kind == "tar":
        yield from _tar_members(stream)
    elif stream.seekable():
        yield from _zip_members(stream, Allowance(went_in))
    else:
        with _spooled(stream) as spool:
            yield from _zip_members(spool, Allowance(went_in))


def _zip_members(stream: IO[bytes], allowance: Allowance) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(stream)
        listed = archive.infolist()
    except _NO_ZIP as error:
        if is_refusal(error):
            raise
        raise UnreadableError("it starts like a zip archive but is damaged or cut off") from error
    names = {entry.filename for entry in listed}
    if names.intersection(_PACKAGES):
        archive.close()
        stream.seek(0)
        yield Member("", lambda: cast(BinaryIO, stream))
        return
    wacz = "datapackage.json" in names and any(map(_WACZ_ARCHIVES.match, names))
    with archive:
        openers = {entry.filename: _zip_opener(archive, entry, allowance) for entry in listed}
        of_others = {
            posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            for name in names
            for path in claimed(name, openers[name])
        }
        for entry in listed:
            name = entry.filename
            if entry.is_dir() or name in of_others or (wacz and not _WACZ_ARCHIVES.match(name)):
                continue
            problem = _problem_of_name(name)
            if not problem and is_hidden(name):
                continue
            if not problem and entry.flag_bits & 1:
                problem = "it is encrypted; unpack the archive with its password first"
            beside = partial(_beside, openers, posixpath.dirname(name))
            yield Member(name, openers[name], problem, beside)


def _beside(openers: dict[str, Callable[[], BinaryIO]], folder: str, name: str) -> bytes:
    """Return a member by its path from the folder of another; raises `UnreadableError`."""
    opener = openers.get(posixpath.normpath(posixpath.join(folder, name)))
    if opener is None:
        raise UnreadableError("it is not in the archive")
    with opener() as stream:
        return bounded_read(stream)


def _zip_opener(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowance: Allowance
) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        try:
            stream = archive.open(entry)
        except (*_NO_ZIP, RuntimeError) as error:
            if is_refusal(error):
                raise
            raise UnreadableError("its entry in the zip archive is damaged") from error
        return _buffered(stream, "zip", Allowance(lambda: entry.compress_size), allowance)

    return opener


_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError)


class _Unpacking(Wrapped):
    """A member whose damage is reported in the words of this project; `kind` is the archive's."""

    def __init__(self, stream: IO[bytes], kind: str) -> None:
        super().__init__(stream)
        self._kind = kind

    def piece(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except _DAMAGE as error:
            raise UnreadableError(f"it is damaged inside the {self._kind} archive") from error


def _buffered(stream: IO[bytes], kind: str, *allowances: Allowance) -> BinaryIO:
    bounded = Bounded(cast(BinaryIO, _Unpacking(stream, kind)), *allowances)
    return cast(BinaryIO, io.BufferedReader(bounded, 1 << 18))


class _Ending(Wrapped):
    """A stream that is not asked for more for ever: tarfile skips a member by reading, and goes on
    reading at the end for as long as the header says."""

    _at_end = 0

    def piece(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._at_end = 0 if piece else self._at_end + 1
        if self._at_end > _READS_AT_END:
            raise EOFError("it ends before its members do")
        return piece


class _Entry(tarfile.TarInfo):
    """A header of a tar archive; `payload` counts what headers before a member carry, such as
    names of any length, all of which is read into memory."""

    payload = 0

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header. Raises UnreadableError where it claims what nothing honest would."""
        entry = super().frombuf(buf, encoding, errors)
        cls.payload = cls.payload + entry.size if entry.type in _CARRYING else 0
        if entry.size < 0 or cls.payload > MAX_HEADER_BYTES:
            raise UnreadableError("a header of the tar archive claims a size that it cannot have")
        return entry


def _tar_members(stream: BinaryIO) -> Iterator[Member]:
    kind = type("_EntryOfOne", (_Entry,), {})  # which has a count of its own
    try:
        with tarfile.open(fileobj=_Ending(stream), mode="r|", tarinfo=kind) as archive:
            for entry in archive:
                # A size may also come from an extended header, and be anything: a member that is
                # longer than the archive ends it (`_Ending`), and one of less than nothing too.
                if len(archive.pax_headers) > _MAX_GLOBAL:
                    raise UnreadableError("it has too many global headers")
                problem = _problem_of_name(entry.name)
                if entry.isdir() or (not problem and is_hidden(entry.name)):
                    continue
                if not problem and (not entry.isreg() or entry.issparse()):
                    problem = "it is a link or a device, not a file"
                yield Member(entry.name, _tar_opener(archive, entry), problem)
                # tarfile keeps every header that it has seen: memory that grows with the archive.
                archive.members = []  # type: ignore[attr-defined]
    except (tarfile.TarError, ValueError, EOFError, OverflowError, RecursionError) as error:
        raise UnreadableError("it starts like a tar archive but is damaged or cut off") from error


def _tar_opener(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        stream = archive.extractfile(entry)
        if stream is None:
            raise UnreadableError("it is a link or a device, not a file")
        return _buffered(stream, "tar")

    return opener


def _spooled(stream: BinaryIO) -> IO[bytes]:
    """Copy a stream to where it can be read in any order: memory when small, else a file."""
    spool = tempfile.SpooledTemporaryFile(max_size=1 << 26)  # noqa: SIM115 - lives with the archive
    size = 0
    while piece := stream.read(1 << 20):
        size += len(piece)
        if size > MAX_SPOOLED_BYTES:
            spool.close()
            raise UnreadableError("a zip archive inside another may not be larger than 4 GiB")
        spool.write(piece)
    spool.seek(0)
    return spool


def _problem_of_name(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts or "\0" in name:
        return "its name leads outside the archive"
    return ""
