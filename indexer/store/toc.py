"""The table of contents of a generation: which files it is made of, and what they must be.

A file ``generation-00000007.toc`` holds a head line and one JSON object::

    broadsheet-toc 1 <XXH3-128 of the rest>
    {"generation": 7, "segments": [...], ...}

and the pointer ``CURRENT``, in the same form with the head ``broadsheet-current``, names the one
that counts. Everything in them is checked before it is used, as if a stranger had written it: the
checksum, the version, the type of every value, and that every name is a plain file name, so that
no file outside the folder is ever opened or removed. Nothing is unpickled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from corpus.core.errors import IndexBrokenError, OtherVersionError
from corpus.core.fields import WEIGHTS
from indexer.store.durable import checksum
from indexer.store.snapshot import Settings

VERSION = 1
SCHEMA = 6
"""The version of analysis and columns; segments of different ones do not go together."""

MAX_TOC_BYTES = 64 << 20
"""More than this is no table of contents; one of ten thousand segments takes 10 MiB."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}(\.[a-z0-9_-]{1,20}){0,2}")
_CHECKSUM = re.compile(r"[0-9a-f]{32}")

T = TypeVar("T")


class FileEntry(NamedTuple):
    """A file of the folder as it was committed: `size` in bytes, `checksum` of the whole."""

    name: str
    size: int
    checksum: str


class SegmentEntry(NamedTuple):
    """A segment: its files, how many articles it has, and which of them are deleted.

    `deleted` is a bit for each article, set where it is deleted (`numpy.packbits`), or None.
    """

    name: str
    articles: int
    files: tuple[FileEntry, ...]
    deleted: FileEntry | None = None
    n_deleted: int = 0


class Toc(NamedTuple):
    """One generation. `next_number` has named no file yet, in this or an earlier generation.

    `schema` is the version of analysis and columns that the segments were made with. `sources`
    are numbered by their place: a segment's `roots` are these numbers. `aliases` is the file of
    `Snapshot.aliases`: uint64[n, 2], each a cluster and the one that it was joined to.
    """

    generation: int
    committed: datetime
    schema: int
    settings: Settings
    segments: tuple[SegmentEntry, ...] = ()
    sources: tuple[str, ...] = ()
    aliases: FileEntry | None = None
    next_number: int = 1

    @property
    def n_live(self) -> int:
        """How many articles are not deleted."""
        return sum(segment.articles - segment.n_deleted for segment in self.segments)

    def files(self) -> tuple[FileEntry, ...]:
        """Return every file of the generation, the table of contents itself left out."""
        found = [file for segment in self.segments for file in segment.files]
        found += [segment.deleted for segment in self.segments if segment.deleted]
        return tuple([*found, self.aliases] if self.aliases else found)


class Pointer(NamedTuple):
    """Which generation counts, and the checksum of its table of contents."""

    generation: int
    checksum: str


def toc_name(generation: int) -> str:
    """Return the name of a generation's table of contents."""
    return f"generation-{generation:08d}.toc"


def encode_toc(toc: Toc) -> bytes:
    """Return the table of contents as it is written."""
    return _sealed(
        "broadsheet-toc",
        {
            **toc._asdict(),  # in which files are lists
            "committed": toc.committed.astimezone(UTC).isoformat(),
            "settings": {
                "timezone": toc.settings.timezone,
                "language": toc.settings.language,
                "weights": dict(toc.settings.weights),
            },
            "segments": [segment._asdict() for segment in toc.segments],
        },
    )


def decode_toc(content: bytes, path: Path) -> Toc:
    """Return the table of contents; raises IndexBrokenError naming `path`, and what to do, and
    OtherVersionError where another version wrote it."""
    plain = _opened("broadsheet-toc", content, path)
    try:
        toc = Toc(
            generation=_number(plain["generation"]),
            committed=_moment(plain["committed"]),
            schema=_number(plain["schema"]),
            settings=_settings(plain["settings"]),
            segments=tuple(_segment(segment) for segment in _typed(plain["segments"], list)),
            sources=tuple(_typed(source, str) for source in _typed(plain["sources"], list)),
            aliases=_file(plain["aliases"]),
            next_number=_number(plain["next_number"]),
        )
        names = [file.name for file in toc.files()]
        if len(set(names)) != len(names):
            raise ValueError("a file is listed twice")
    except (KeyError, ValueError, TypeError, OverflowError, OSError) as error:
        raise _damaged(path, "does not list the files of an index") from error
    return toc


def encode_pointer(pointer: Pointer) -> bytes:
    """Return the pointer file's content."""
    return _sealed(
        "broadsheet-current", {"generation": pointer.generation, "toc": pointer.checksum}
    )


def decode_pointer(content: bytes, path: Path, *, any_version: bool = False) -> Pointer:
    """Return what the pointer file says; raises IndexBrokenError as `decode_toc` does."""
    plain = _opened("broadsheet-current", content, path, any_version)
    try:
        return Pointer(_number(plain["generation"]), _text(plain["toc"], _CHECKSUM))
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, "names no generation") from error


def _sealed(kind: str, plain: Mapping[str, object]) -> bytes:
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogateescape"
    )
    return f"{kind} {VERSION} {checksum(body)}\n".encode() + body


def _opened(kind: str, content: bytes, path: Path, any_version: bool = False) -> dict[str, object]:
    head, newline, body = content.partition(b"\n")
    words = head.split(b" ")
    if not newline or len(words) != 3 or words[0] != kind.encode():
        raise _damaged(path, "is not what its name says")
    if words[1] != str(VERSION).encode() and not any_version:
        raise OtherVersionError(
            f"{path} is of version {words[1][:20].decode('ascii', 'replace')!a}, and this program"
            f" reads version {VERSION}: use the broadsheet that wrote it, or restore a backup."
        )
    if checksum(body).encode() != words[2]:
        raise _damaged(path, "is damaged")
    try:
        return _typed(json.loads(body.decode("utf-8", "surrogateescape")), dict)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "is not what its name says") from error


def _damaged(path: Path, what: str) -> IndexBrokenError:
    return IndexBrokenError(
        f"{path} {what}: run `broadsheet repair`, or restore a backup, or reindex from the sources."
    )


def _typed(value: object, kind: type[T]) -> T:
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    return value


def _number(value: object) -> int:
    number = _typed(value, int)
    if not 0 <= number < 1 << 62:
        raise ValueError(f"{number} is out of range")
    return number


def _text(value: object, pattern: re.Pattern[str]) -> str:
    text = _typed(value, str)
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} is not of the form {pattern.pattern}")
    return text


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_typed(value, str))
    if moment.tzinfo is None:
        raise ValueError("the moment has no zone")
    return moment


def _file(value: object) -> FileEntry | None:
    if value is None:
        return None
    name, size, found = _typed(value, list)
    return FileEntry(_text(name, _NAME), _number(size), _text(found, _CHECKSUM))


def _segment(value: object) -> SegmentEntry:
    plain = _typed(value, dict)
    files = tuple(file for file in map(_file, _typed(plain["files"], list)) if file)
    segment = SegmentEntry(
        name=_text(plain["name"], _NAME),
        articles=_number(plain["articles"]),
        files=files,
        deleted=_file(plain["deleted"]),
        n_deleted=_number(plain["n_deleted"]),
    )
    if not files or segment.n_deleted > segment.articles or segment.articles >= 1 << 32:
        raise ValueError(f"{segment.name} is no segment")
    return segment


def _language(value: object) -> str:
    if code := _typed(value, str):
        from corpus.text.languages import LANGUAGES

        LANGUAGES.index(code)  # refuses others
    return code


def _settings(value: object) -> Settings:
    plain = _typed(value, dict)
    weights = _typed(plain["weights"], dict)
    if not weights or weights.keys() - WEIGHTS.keys():
        raise ValueError("the weights are not those of an article's parts")
    timezone = _typed(plain["timezone"], str)
    ZoneInfo(timezone)  # refuses paths and unknown names
    return Settings(
        timezone=timezone,
        language=_language(plain.get("language", "")),
        weights=MappingProxyType({part: _number(weights[part]) for part in weights}),
    )
