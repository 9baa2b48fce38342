"""The records of a web archive, each with its header and content, whatever is damaged around them.

WARC (ISO 28500, https://iipc.github.io/warc-specifications/) and ARC, its predecessor, put records
one after another: a header, a length, so many bytes. Where a length does not lead to another record
the next one is looked for by its first line, so that a damaged record costs itself only. What was
lost on the way is told as a `Damage`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from corpus.core.errors import UnreadableError
from corpus.readers.protocol import MAX_ARTICLE_BYTES
from corpus.sources.streams import first_read

STARTS = (b"WARC/1.", b"WARC/0.", b"filedesc://")
"""How the formats' files begin."""

_CHUNK = 1 << 18
_MAX_HEAD = 1 << 18
_BLANK = re.compile(rb"[\r\n\t ]*")
_HEAD_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
_ARC_LINE = re.compile(rb"([a-z][a-z0-9+.-]*:\S*) (\S+) (\d{8,17}) ([^\r\n]*?) ?(\d+)\r?\n", re.I)
_NEXT_WARC = re.compile(rb"(?:\r?\n)*(?=WARC/\d+\.\d+[ \t]*\r?\n(?:WARC|Content)-\w[\w-]*[ \t]*:)")
_NEXT_ARC = re.compile(
    rb"\r?\n(?=(?:https?|ftp|dns)://?\S+ \d+\.\d+\.\d+\.\d+ \d{14} \S+ \d+\r?\n)"
)
_NEXT_LENGTH = 8192
"""The most that the first line of the next record, and what is before it, can measure."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of the file that is no record, or a record that cannot be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record. `kind` is its WARC-Type, `headers` its named fields in lower case.

    An ARC record is a `response` with the fields that a WARC record would have.
    """

    kind: str
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def address(self) -> str:
        """Where it was fetched from, "" when it does not say."""
        return self.headers.get("warc-target-uri", "").strip("<> \t")


@dataclass(frozen=True, slots=True)
class _Head:
    """A record's header: where its content starts in the buffer, and its length if it tells."""

    headers: dict[str, str]
    start: int
    length: int | None
    next: re.Pattern[bytes]


def records_of(stream: BinaryIO) -> Iterator[Record | Damage]:
    """Yield the records in order, and a `Damage` in the place of each that is lost."""
    source = _WarcFile(stream)
    while True:
        source.drop(source.match(_BLANK).end())
        if not source.fill(1):
            if not source.problem:
                return
            yield Damage(source.go_on())
            continue
        head = _head(source)
        if head is None:
            yield from _no_record(source)
        else:
            yield from _record(source, head)


class _WarcFile:
    """A window on a stream: bytes at its front are looked at and dropped.

    `problem` says why nothing more comes, when that is for damage: `go_on` then drops what is left
    of the window and goes on behind the damage. `is_checksum` tells that what came last cannot be
    trusted.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._read = first_read(stream)
        self.window = bytearray()
        self.problem = ""
        self.is_checksum = False
        self._ended = False

    def fill(self, size: int) -> bool:
        """Have at least `size` bytes in the window, if there are so many before an end."""
        while len(self.window) < size and not self._ended and not self.problem:
            try:
                piece = self._read(_CHUNK)
            except UnreadableError as error:
                self.problem = str(error)
                self.is_checksum = isinstance(error.__cause__, zlib.error)
                break
            self._ended = not piece
            self.window += piece
        return len(self.window) >= size

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Return the match of what may be empty at the front, however far it goes."""
        size = _CHUNK
        while True:
            self.fill(size)
            found = pattern.match(self.window)
            assert found is not None
            if found.end() < len(self.window) or len(self.window) < size:
                return found
            self.drop(found.end())

    def find(self, pattern: re.Pattern[bytes], start: int, limit: int) -> re.Match[bytes] | None:
        """Search the window from `start` for a next record, filling it up to `limit` bytes."""
        searched = start
        while True:
            more = self.fill(min(limit, searched + _CHUNK + _NEXT_LENGTH))
            if found := pattern.search(self.window, max(start, searched - _NEXT_LENGTH)):
                return found
            if not more or len(self.window) >= limit:
                return None
            searched = len(self.window)

    def drop(self, size: int) -> None:
        """Drop bytes at the front."""
        del self.window[:size]

    def go_on(self) -> str:
        """Go on behind the damage; return what it was."""
        problem, self.problem = self.problem, ""
        self.window.clear()
        return problem


def _head(source: _WarcFile) -> _Head | None:
    """Return the header at the front; None when no record starts here."""
    source.fill(_NEXT_LENGTH)
    window = source.window
    if version := _VERSION.match(window):
        end = _HEAD_END.search(window, version.end() - 2)
        if end is None:
            source.fill(_MAX_HEAD)
            end = _HEAD_END.search(window, version.end() - 2)
        if end is None or end.end() > _MAX_HEAD:
            return None
        headers = _fields(bytes(window[version.end() : end.start()]))
        length = re.fullmatch(r"[0-9]{1,19}", headers.get("content-length", ""))
        return _Head(headers, end.end(), int(length[0]) if length else None, _NEXT_WARC)
    if line := _ARC_LINE.match(window):
        address, _, moment, kind, length_of = line.groups()
        kind_of_record = "response" if address.lower().startswith(b"http") else "warcinfo"
        headers = {
            "warc-type": kind_of_record,
            "warc-target-uri": address.decode("utf-8", "replace"),
            "warc-date": _moment(moment.decode()),
            "content-type": kind.split(b" ")[0].decode("latin-1"),
        }
        return _Head(headers, line.end(), int(length_of[:20]), _NEXT_ARC)
    return None


def _fields(head: bytes) -> dict[str, str]:
    """Return the named fields of a header; a line that starts with a space continues one."""
    fields: dict[str, str] = {}
    last = ""
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and last:
            fields[last] += " " + line.strip()
        elif colon:
            last = name.strip().lower()
            fields.setdefault(last, value.strip())
    return fields


def _moment(digits: str) -> str:
    """Return ARC's '20040102030405' as WARC writes it."""
    parts = digits.ljust(14, "0")
    return f"{parts[:4]}-{parts[4:6]}-{parts[6:8]}T{parts[8:10]}:{parts[10:12]}:{parts[12:14]}Z"


def _record(source: _WarcFile, head: _Head) -> Iterator[Record | Damage]:
    """Yield the record whose header is at the front, and drop it."""
    kind = head.headers.get("warc-type", "").lower()
    end = _end(source, head)
    if end is None:
        most = f"{MAX_ARTICLE_BYTES >> 20} MiB"
        yield from _lost(source, head, f"a {kind or 'record'} of more than {most}")
        return
    if end < 0:
        is_gap = source.problem and -end == len(source.window)
        source.drop(-end)
        yield Damage(source.go_on() if is_gap else "it is cut off")
        return
    if source.problem and source.is_checksum and not source.window[end:].strip():
        yield Damage(source.go_on())
    else:
        content = bytes(source.window[head.start : end])
        source.drop(end)
        yield Record(kind, head.headers, content)


def _end(source: _WarcFile, head: _Head) -> int | None:
    """Return where the content ends; less than 0 when it is cut off, by how much there is of it;
    None when it is too large to keep.

    The length is believed when it leads to a record's end, to another record or the file's end.
    """
    limit = head.start + MAX_ARTICLE_BYTES
    end = head.start + (head.length or 0)
    if head.length is not None and head.length <= MAX_ARTICLE_BYTES:
        whole = source.fill(end)
        source.fill(end + _NEXT_LENGTH)
        if whole and _ends_well(bytes(source.window[end : end + _NEXT_LENGTH])):
            return end
    found = source.find(head.next, head.start, limit)
    if found is None:
        if len(source.window) >= limit:
            return None
        size = len(source.window)
        if head.length is None:
            return size
        return end if end <= size else -size
    # A record that was written to its end has line ends behind it.
    line_ends = 1 if head.next is _NEXT_ARC else 2
    return found.start() if found[0].count(b"\n") >= line_ends else -found.start()


def _ends_well(rest: bytes) -> bool:
    """Tell whether a record's end follows, or another record, or nothing."""
    if rest.startswith(b"\r\n\r\n"):
        return True
    rest = rest.lstrip(b"\r\n\t ")
    return not rest or _VERSION.match(rest) is not None or _ARC_LINE.match(rest) is not None


def _lost(source: _WarcFile, head: _Head, reason: str) -> Iterator[Damage]:
    """Drop a record that is too large to keep, in pieces; the next one may start anywhere in it."""
    yield Damage(reason)
    left, start = head.start + (head.length or 0), head.start
    while source.fill(1):
        found = source.find(head.next, start, 2 * _CHUNK)
        size = found.start() if found else max(1, len(source.window) - _NEXT_LENGTH)
        if head.length is not None and 0 <= left <= size:
            source.drop(left)
            return
        source.drop(size)
        left, start = left - size, 0
        if found:
            return
        if not source.fill(_NEXT_LENGTH + 1):
            source.window.clear()


def _no_record(source: _WarcFile) -> Iterator[Damage]:
    """Drop what stands where a record should, up to the next one."""
    yield Damage("what stands here is no record of a web archive")
    while source.fill(1):
        found = source.find(_NEXT_WARC, 1, 2 * _CHUNK) or _NEXT_ARC.search(source.window, 1)
        if found:
            source.drop(found.end())
            return
        source.drop(max(1, len(source.window) - _NEXT_LENGTH))
        if not source.fill(_NEXT_LENGTH + 1):
            source.window.clear()
