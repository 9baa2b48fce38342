"""The array file: named arrays in one file, read by mapping it into memory.

::

    magic "BROADSHT"  uint32 version  uint32 0
    array, padded to 64 bytes
    ...
    table: JSON, [[name, dtype, [shape], offset, xxh3_64], ...]
    trailer: uint64 offset of the table, uint64 its length, uint64 xxh3_64 of the table,
             uint64 size of the file, uint32 version, 4 zero bytes, magic "BROADEND"

All numbers are little-endian. Opening reads the trailer and the table only, so it takes the same
time whatever the size; every array carries its own checksum, verified by `ArrayFile.verify`. The
table is at the end because arrays are written as streams whose size is not known before.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt
import orjson
import xxhash

from corpus.errors import IndexBrokenError

__all__ = ["VERSION", "ArrayFile", "ArrayWriter"]

VERSION = 1
_MAGIC = b"BROADSHT"
_END = b"BROADEND"
_HEAD = struct.Struct("<8sII")
_TRAILER = struct.Struct("<QQQQI4x8s")
_ALIGNMENT = 64
_CHUNK = 1 << 22
_MAX_TABLE = 1 << 24
_DTYPES = frozenset(
    ("|b1", "|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8"),
)


class ArrayWriter:
    """Writes an array file front to back; a context manager that finishes it on success.

    `file` is positioned where the array file begins and only appended to, so it can be any
    binary file, a compound one of Whoosh's included.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rows: list[tuple[str, str, list[int], int, int]] = []
        self._at = 0
        self._put(_HEAD.pack(_MAGIC, VERSION, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if kind is None:
            self.finish()

    def _put(self, block: bytes | memoryview) -> None:
        self._file.write(block)
        self._at += len(block)

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Append an array of any shape under a name that is not taken yet."""
        array = np.ascontiguousarray(array)
        self.stream(name, array.dtype, (array,), columns=array.shape[1:])

    def stream(
        self, name: str, dtype: npt.DTypeLike, chunks: Iterable[npt.NDArray[Any]],
        *, columns: tuple[int, ...] = (),
    ) -> int:  # fmt: skip
        """Append an array that comes in pieces along its first axis; returns its length."""
        kind = np.dtype(dtype).newbyteorder("<")
        if kind.str not in _DTYPES:
            raise ValueError(f"arrays of {kind} are not written")
        if any(row[0] == name for row in self._rows):
            raise ValueError(f"there is an array {name} already")
        self._put(b"\0" * (-self._at % _ALIGNMENT))
        start = self._at
        checksum = xxhash.xxh3_64()
        length = 0
        for chunk in chunks:
            length += len(chunk)
            flat = memoryview(np.ascontiguousarray(chunk, dtype=kind).reshape(-1).view(np.uint8))
            for at in range(0, len(flat), _CHUNK):
                block = flat[at : at + _CHUNK]
                checksum.update(block)
                self._put(block)
        self._rows.append((name, kind.str, [length, *columns], start, checksum.intdigest()))
        return length

    def finish(self) -> int:
        """Write the table and the trailer; returns the size of the array file in bytes."""
        table = orjson.dumps(self._rows)
        start = self._at
        self._put(table)
        size = self._at + _TRAILER.size
        digest = xxhash.xxh3_64_intdigest(table)
        self._put(_TRAILER.pack(start, len(table), digest, size, VERSION, _END))
        return size


class ArrayFile:
    """An array file that is open; its arrays are views of the mapped file, read-only.

    Raises IndexBrokenError where the file cannot be what `ArrayWriter` wrote.
    """

    def __init__(self, source: memoryview, name: str) -> None:
        self.name = name
        self._source = source
        self._rows = self._read_table()

    @classmethod
    def open(cls, path: Path) -> ArrayFile:
        """Map a file into memory; it stays mapped as long as an array of it is alive."""
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size < _HEAD.size + _TRAILER.size:
                    raise IndexBrokenError(_broken(str(path), "it is too short"))
                mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        except OSError as error:
            raise IndexBrokenError(_broken(str(path), error.strerror or str(error))) from error
        return cls(memoryview(mapped), str(path))

    def _fail(self, what: str) -> IndexBrokenError:
        return IndexBrokenError(_broken(self.name, what))

    def _read_table(self) -> dict[str, tuple[np.dtype[Any], tuple[int, ...], int, int]]:
        source = self._source
        size = len(source)
        if size < _HEAD.size + _TRAILER.size:
            raise self._fail("it is too short")
        magic, version, zero = _HEAD.unpack(source[: _HEAD.size])
        start, length, digest, whole, closing, end = _TRAILER.unpack(source[-_TRAILER.size :])
        if magic != _MAGIC or end != _END or zero:
            raise self._fail("it is not an array file, or was cut short")
        if version != VERSION or closing != VERSION:
            raise IndexBrokenError(
                f"{self.name} is of format version {version}, and this program reads version "
                f"{VERSION}: run the broadsheet that wrote it, or broadsheet reindex."
            )
        if whole != size or length > _MAX_TABLE or start + length + _TRAILER.size != size:
            raise self._fail("its size is not the one it was written with")
        table = bytes(source[start : start + length])
        if xxhash.xxh3_64_intdigest(table) != digest:
            raise self._fail("the checksum of its table of contents is wrong")
        rows = {}
        try:
            for name, kind, shape, offset, checksum in orjson.loads(table):
                rows[name] = self._checked(kind, shape, offset, start), checksum
        except (ValueError, TypeError, KeyError) as error:
            raise self._fail("its table of contents cannot be read") from error
        return {
            name: (dtype, shape, offset, checksum)
            for name, ((dtype, shape, offset), checksum) in rows.items()
        }

    def _checked(
        self, kind: str, shape: list[int], offset: int, limit: int
    ) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        """Return dtype, shape and offset after checking that the array lies inside the file."""
        if kind not in _DTYPES or not 1 <= len(shape) <= 2:
            raise ValueError(kind)
        numbers = [offset, *shape]
        if not all(isinstance(n, int) and 0 <= n <= limit for n in numbers):
            raise ValueError(numbers)
        dtype = np.dtype(kind)
        size = dtype.itemsize
        for extent in shape:
            size *= extent
        if offset % _ALIGNMENT or offset + size > limit:
            raise ValueError(offset)
        return dtype, tuple(shape), offset

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return an array, read-only, without reading it."""
        try:
            dtype, shape, offset, _ = self._rows[name]
        except KeyError:
            raise self._fail(f"the array {name} is missing") from None
        return _view(self._source, dtype, shape, offset)

    def sizes(self) -> Mapping[str, int]:
        """Return the size in bytes of each array."""
        return {
            name: dtype.itemsize * math.prod(shape)
            for name, (dtype, shape, _, _) in self._rows.items()
        }

    def verify(self, prefix: str = "") -> None:
        """Read the arrays whose names begin so, by default all, and the padding before them.

        Raises IndexBrokenError naming the first array that is damaged.
        """
        at = _HEAD.size
        for name, (dtype, shape, offset, checksum) in self._rows.items():
            size = dtype.itemsize * math.prod(shape)
            if name.startswith(prefix):
                if any(self._source[at:offset]):
                    raise self._fail(f"there are stray bytes before the array {name}")
                if xxhash.xxh3_64_intdigest(self._source[offset : offset + size]) != checksum:
                    raise self._fail(f"the checksum of the array {name} is wrong")
            at = offset + size


def _view(
    source: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int
) -> npt.NDArray[Any]:
    count = math.prod(shape)
    flat = np.frombuffer(source, dtype, count, offset) if count else np.empty(0, dtype)
    if not flat.flags.aligned:  # inside a compound file nothing is aligned: one copy, when used
        flat = flat.copy()
    array = flat.reshape(shape)
    array.setflags(write=False)
    return array


def _broken(name: str, what: str) -> str:
    return (
        f"{name} is damaged: {what}. Run broadsheet check to see what else is, "
        "and broadsheet repair or restore a backup."
    )
