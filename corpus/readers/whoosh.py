"""Folders that are an index of Whoosh's own format (2.7 and 3): their stored fields as articles.

The document is the table of contents (``_MAIN_7.toc``); the segments that it names lie beside it.
Of each segment only the column of stored fields is read, without what is deleted. Table, directory
and stored fields are pickled: `corpus.sources.pickles` reads them, and nothing that they name is
run. A field that is indexed without being stored is not there to be read.

The formats are those of `whoosh.index.TOC`, `whoosh.filedb.compound`, `whoosh.columns`
(`CompressedBytesColumn`) and `whoosh.codec.whoosh3`.
"""

from __future__ import annotations

import io
import os
import re
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip, bounded_read
from corpus.records.records import article_of
from corpus.sources.pickles import PickledObject, read_pickled

NAME = "whoosh"

_HEAD = bytes((4, 8, 4)) + struct.pack(">i", -12345)
"""Sizes of integers and floats, and a number that shows the order of bytes."""

_VERSION = -111
_SEGMENT = "whoosh.codec.whoosh3.W3Segment"
_SPACES = r"[^ \t\r\n]+"
"""The tokens of a KEYWORD field that is not split at commas."""

_TABLE = re.compile(r"_(?P<name>.+)_(?P<generation>[0-9]{1,18})\.toc")
_PART = re.compile(r"[0-9a-z]+\.(?:.+\.)?(?:seg|trm|pst|vps|col)|WRITELOCK")
_PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)

_MAX_STEPS = 1 << 18
"""Instructions in the stored fields of a document: a field takes three, an item of a list one."""


def behind_tables(names: Iterable[str]) -> set[str]:
    """Return those of the names in a folder that are read through a table of contents, or were
    superseded by a later one."""
    names = list(names)
    newest: dict[str, tuple[int, str]] = {}
    tables = [found for name in names if name.startswith("_") and (found := _TABLE.fullmatch(name))]
    for table in tables:
        current = (int(table["generation"]), table[0])
        newest[table["name"]] = max(current, newest.get(table["name"], (-1, "")))
    if not newest:
        return set()
    behind = {table[0] for table in tables} - {name for _, name in newest.values()}
    for index in newest:
        first = len(index) + 1
        own = (name for name in names if name.startswith(f"{index}_"))
        behind |= {name for name in own if _PART.fullmatch(name, first)}
    return behind


def sniff(head: bytes, path: str) -> float:
    """Tell a table of contents by its first bytes."""
    return SURE if head.startswith(_HEAD) and path.lower().endswith(".toc") else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the articles of the index; their origin is its folder, since tables come and go."""
    table = _Table(bounded_read(stream))
    folder = _folder_of(stream)
    origin = replace(origin, path=os.path.dirname(origin.path) or ".")  # noqa: PTH120 (as shown)
    position = 0
    for segment in table.segments:
        first = position + 1
        if isinstance(segment, str):
            yield Skip(origin.path, first, segment)
            continue
        try:
            for record in _records(folder, segment):
                position += 1
                yield _article(record, table, replace(origin, position=position))
        except (OSError, UnreadableError) as error:
            reason = str(error) if isinstance(error, UnreadableError) else "it cannot be read"
            yield Skip(origin.path, first, f"segment {segment.name}: {reason}")
            position = first + segment.n_docs - 1


def _article(record: object, table: _Table, origin: Origin) -> Article | Skip:
    try:
        if isinstance(record, UnreadableError):
            raise record
        if not isinstance(record, dict):
            raise UnreadableError("it has no stored fields")
        return article_of(table.completed(record), origin)
    except UnreadableError as error:
        return Skip(origin.path, origin.position, str(error))


def _folder_of(stream: BinaryIO) -> Path:
    """Return the folder that the stream's file lies in on disk."""
    raw = stream.raw if isinstance(stream, io.BufferedReader) else None
    if not isinstance(raw, io.FileIO) or not isinstance(raw.name, (str, bytes)):
        raise UnreadableError("an index of Whoosh is read from a folder: unpack it first")
    return Path(os.fsdecode(raw.name)).parent


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment as the table of contents describes it."""

    name: str
    n_docs: int
    deleted: frozenset[int]
    compound: bool


class _Table:
    """A table of contents: the segments, and what the schema says of fields.

    `unique` are the names of fields by which documents are told apart, `spaced` those of keyword
    fields that hold words with spaces between them.
    """

    def __init__(self, content: bytes) -> None:
        self.unique: list[str] = []
        self.spaced: list[str] = []
        stream = io.BytesIO(content)
        if stream.read(len(_HEAD)) != _HEAD:
            raise UnreadableError("it is no table of contents of Whoosh")
        version = int.from_bytes(stream.read(4), "big", signed=True)
        if version != _VERSION:
            raise UnreadableError(f"an index of Whoosh in format {version}, not {_VERSION}")
        for _ in range(3):  # the release
            _varint(stream)
        schema = stream.read(_varint(stream))
        stream.read(8)  # the generation, and a number that is not used
        segments = read_pickled(stream.read())
        if not isinstance(segments, list):
            raise UnreadableError("its list of segments is damaged")
        self.segments = [_segment(segment) for segment in segments]
        self._take_schema(read_pickled(schema))

    def _take_schema(self, schema: object) -> None:
        state = schema.state if isinstance(schema, PickledObject) else None
        fields = state.get("_fields") if isinstance(state, dict) else None
        for name, made in fields.items() if isinstance(fields, dict) else ():
            own = made.state if isinstance(made, PickledObject) else None
            if not isinstance(name, str) or not isinstance(own, dict):
                continue
            if own.get("unique") is True:
                self.unique.append(name)
            if made.name == "whoosh.fields.KEYWORD" and _SPACES in _patterns(own.get("analyzer")):
                self.spaced.append(name)

    def completed(self, record: dict[Any, Any]) -> dict[str, Any]:
        """Return stored fields as a record: words apart, and the field that tells it as its id."""
        record = {name: value for name, value in record.items() if isinstance(name, str)}
        for name in self.spaced:
            if isinstance(value := record.get(name), str):
                record[name] = value.split()
        for name in self.unique:
            if isinstance(value := record.get(name), (str, int)):
                record.setdefault("id", value)
        return record


def _varint(stream: BinaryIO) -> int:
    """Return a number of 7 bits a byte, the lowest first."""
    value = shift = 0
    while shift < 64:
        byte = stream.read(1)
        if not byte:
            break
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
        shift += 7
    raise UnreadableError("the table of contents is cut off")


def _patterns(analyzer: object) -> Iterator[str]:
    """Yield the patterns of the tokenisers in a pickled analyser."""
    match analyzer:
        case PickledObject(
            state={"expression": PickledObject(name="re._compile", given=[str(pattern), *_])}
        ):
            yield pattern
        case PickledObject(state={"items": list(parts)}):
            for part in parts:
                yield from _patterns(part)


def _segment(made: object) -> _Segment | str:
    """Return a segment of the table, or why one of another codec is not read."""
    if not isinstance(made, PickledObject) or not isinstance(made.state, dict):
        raise UnreadableError("its list of segments is damaged")
    if made.name != _SEGMENT:
        return f"a segment is of the kind {made.name[:80]}, not {_SEGMENT}"
    match made.state:
        case {"indexname": str(index), "segid": str(own), "_doccount": int(n_docs)}:
            deleted = made.state.get("_deleted") or []
            name = f"{index}_{own}"
            if _PLAIN_NAME.fullmatch(name) and n_docs >= 0 and isinstance(deleted, list):
                numbers = frozenset(doc for doc in deleted if isinstance(doc, int))
                return _Segment(name, n_docs, numbers, bool(made.state.get("compound")))
    raise UnreadableError("its list of segments is damaged")


def _records(folder: Path, segment: _Segment) -> Iterator[object]:
    """Yield the stored fields of each live document, or an UnreadableError in their place."""
    column = f"{segment.name}._stored.col"
    path = folder / (f"{segment.name}.seg" if segment.compound else column)
    if not path.is_file():
        raise UnreadableError(f"{path.name} is missing")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start, length = _place_in(file, column, size) if segment.compound else (0, size)
        at = start
        for doc, stored in enumerate(_lengths(file, start, length, segment.n_docs)):
            if doc not in segment.deleted:
                file.seek(at)
                yield _stored(file, stored)
            at += stored


def _place_in(file: BinaryIO, name: str, size: int) -> tuple[int, int]:
    """Return where a file lies in a compound file, and its length."""
    head = file.read(8)
    if len(head) < 8:
        raise UnreadableError("it is cut off")
    file.seek(min(int.from_bytes(head, "big"), size))
    directory = read_pickled(bounded_read(file))
    match directory.get(name) if isinstance(directory, dict) else None:
        case {"offset": int(offset), "length": int(length)} if (
            offset >= 0 <= length and offset + length <= size
        ):
            return offset, length
    raise UnreadableError("its directory is damaged")


def _lengths(file: BinaryIO, start: int, length: int, n_docs: int) -> array[int]:
    """Return the length of each document's stored fields, which lie one after the other.

    Behind them: the lengths, where there are many also offsets, then a letter for the type of the
    lengths, or letters for both and an X. Big-endian.
    """
    end = start + length
    file.seek(max(end - 3, start))
    found = re.search(r"([BHiIqQ])(?:([BHiIqQ])X)?\Z", file.read(3).decode("latin-1"))
    if not found:
        raise UnreadableError("its stored fields are damaged")
    code, offset_code = found.groups()
    end -= 3 + array(offset_code).itemsize * n_docs if offset_code else 1
    lengths = array(code)
    first = end - lengths.itemsize * n_docs
    if first < start:
        raise UnreadableError("its stored fields are cut off")
    file.seek(first)
    lengths.frombytes(file.read(end - first))
    if sys.byteorder == "little":
        lengths.byteswap()
    if min(lengths, default=0) < 0 or sum(lengths) > first - start:
        raise UnreadableError("its stored fields are damaged")
    return lengths


def _stored(file: BinaryIO, length: int) -> object:
    if length > MAX_ARTICLE_BYTES:
        return UnreadableError(f"larger than {MAX_ARTICLE_BYTES >> 20} MiB")
    packed = zlib.decompressobj()
    try:
        content = packed.decompress(file.read(length), MAX_ARTICLE_BYTES)
        if not packed.eof:
            return UnreadableError(f"damaged, or larger than {MAX_ARTICLE_BYTES >> 20} MiB")
        return read_pickled(content, MAX_ARTICLE_BYTES, _MAX_STEPS)
    except zlib.error:
        return UnreadableError("its stored fields are damaged")
    except UnreadableError as error:
        return error
