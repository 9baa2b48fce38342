"""The array file: named arrays in one file, read by mapping it into memory.

::

    magic "BROADSHT"  uint32 version  uint32 0
    array, padded to 64 bytes
    ...
    table: JSON, [[name, dtype, [shape], form, exceptions, offset, xxh3_64], ...]
    trailer: uint64 offset of the table, uint64 its length, uint64 xxh3_64 of the table,
             uint64 size of the file, uint32 version, 4 zero bytes, magic "BROADEND"

All numbers are little-endian. Opening reads the trailer and the table only, so it takes the same
time whatever the size; every array carries its own checksum, verified by `ArrayFile.verify`. The
table is at the end because arrays are written as streams whose size is not known before. An array
has one of these forms: "" is mapped as it is; of "zeros" (a facet that no article has) only the
length is kept; integers of one of `narrow.FORMS` are so many exceptions and then the codes, and
are widened whenever the array is asked for.
"""

from __future__ import annotations

import errno
import math
import mmap
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import orjson
import xxhash

from corpus.core.errors import IndexBrokenError, OtherVersionError
from indexer.segment.arrays import rows
from indexer.segment.integer_packing import FORMS, MAX_NARROW, SERIES, Narrow, narrowed, widened
from indexer.store.durable import broken, inaccessible

VERSION = 2
_END = b"BROADEND"
_MAGIC = b"BROADSHT"
_HEAD = struct.Struct("<8sII")
_TRAILER = struct.Struct("<QQQQI4x8s")
_ALIGNMENT = 64
_CHUNK = 1 << 22
_POPULATE_READ = 22
"""Linux's MADV_POPULATE_READ, which `mmap` does not name."""
_MAX_TABLE = 1 << 24
_MAX_TAIL = 1 << 18
_LINE = re.compile(rb'\["[^"]*","[^"]*",\[[^]]*\],"[^"]*",\d+,\d+,\d+\]')
_PLAIN = ""
_ZEROS = "zeros"
_MAX_ZEROS = 1 << 32
_DTYPES = frozenset(("|b1", "|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8"))


class Row(NamedTuple):
    """A line of the table: an array's type, shape, form, where it begins, and its xxh3_64."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    form: str
    exceptions: int
    offset: int
    checksum: int

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def codes(self) -> np.dtype[Any]:
        """The type of the codes of a narrow form."""
        return np.dtype(self.form.partition(" ")[2])

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in the file."""
        if self.form == _ZEROS:
            return 0
        if self.form == _PLAIN:
            return self.dtype.itemsize * self.size
        codes = 0 if self.form == SERIES else self.codes.itemsize * self.size
        return self.dtype.itemsize * self.exceptions + codes

    @property
    def place(self) -> slice:
        """Where the array lies in the file."""
        return slice(self.offset, self.offset + self.nbytes)


def _checked_row(line: list[Any], limit: int) -> Row:
    """Return a line of the table, without its name, after checking that the array lies before
    `limit`. Raises ValueError and TypeError."""
    kind, shape, form, exceptions, offset, checksum = line
    numbers = (*shape, exceptions, offset)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ValueError(numbers)
    if kind not in _DTYPES or not 1 <= len(shape) <= 2:
        raise ValueError(kind)
    row = Row(np.dtype(kind), tuple(shape), form, exceptions, offset, checksum)
    if form in FORMS:
        most = MAX_NARROW
        counts = exceptions == 2 if form == SERIES else exceptions <= row.size
        fits = row.dtype.kind in "iu" and counts
    else:
        most = _MAX_ZEROS if form == _ZEROS else limit
        fits = form in (_PLAIN, _ZEROS) and exceptions == 0
    if not fits or any(number > most for number in (*shape, row.size)):
        raise ValueError(form)
    if offset % _ALIGNMENT or offset + row.nbytes > limit:
        raise ValueError(offset)
    return row


def readable_lines(source: memoryview) -> dict[str, Row]:
    """Return the lines that can be read of the table of a file, where it or the end is damaged.

    Its checksum is of no use then, so no more is known of a line than that the array is what its
    own checksum says.
    """
    found = {}
    for line in _LINE.findall(bytes(source[-_MAX_TAIL:])):
        with suppress(ValueError, TypeError):
            name, *row = orjson.loads(line)
            found[name] = _checked_row(row, len(source))
    return dict(sorted(found.items(), key=lambda item: item[1].offset))


class ArrayWriter:
    """Writes an array file front to back; a context manager that finishes it on success.

    `file` is positioned where the array file begins and only appended to, so it can be any
    binary file, a compound one of Whoosh's included.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rows: list[tuple[str, str, list[int], str, int, int, int]] = []
        self._at = 0
        self._put(_HEAD.pack(_MAGIC, VERSION, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None:
            self.finish()

    def _put(self, block: bytes | memoryview) -> None:
        self._file.write(block)
        self._at += len(block)

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Append an array of any shape under a name that is not taken yet."""
        array = np.ascontiguousarray(array)
        kind = self._kind(name, array.dtype)
        if array.size and not array.any():
            self._append(name, kind, array.shape, _ZEROS, 0, ())
        elif (narrow := narrowed(array)) is not None:
            pieces = (narrow.exceptions.astype(kind, copy=False), narrow.codes)
            self._append(name, kind, array.shape, narrow.form, len(pieces[0]), pieces)
        else:
            self._append(name, kind, array.shape, _PLAIN, 0, (array.astype(kind, copy=False),))

    def stream(
        self, name: str, dtype: npt.DTypeLike, chunks: Iterable[npt.NDArray[Any]],
        *, columns: tuple[int, ...] = (),
    ) -> int:  # fmt: skip
        """Append an array that comes in pieces along its first axis; returns its length.

        Pieces of a short array are held until it is whole, so that it is written as by `write`.
        """
        kind = self._kind(name, dtype)
        pieces = (np.ascontiguousarray(chunk, dtype=kind) for chunk in chunks)
        held = [np.empty((0, *columns), kind)]
        size = 0
        while kind.itemsize > 1 and size <= MAX_NARROW:
            piece = next(pieces, None)
            if piece is None:
                self.write(name, np.concatenate(held))
                return sum(map(len, held))
            held.append(piece)
            size += piece.size
        length = 0

        def counted() -> Iterator[npt.NDArray[Any]]:
            nonlocal length
            for piece in chain(held, pieces):
                length += len(piece)
                yield piece

        self._append(name, kind, (), _PLAIN, 0, counted())
        self._rows[-1][2].extend((length, *columns))
        return length

    def _kind(self, name: str, dtype: npt.DTypeLike) -> np.dtype[Any]:
        """Return how a type is written, under a name that must not be taken."""
        kind = np.dtype(dtype).newbyteorder("<")
        if kind.str not in _DTYPES:
            raise ValueError(f"arrays of {kind} are not written")
        if any(row[0] == name for row in self._rows):
            raise ValueError(f"there is an array {name} already")
        return kind

    def _append(
        self, name: str, kind: np.dtype[Any], shape: tuple[int, ...], form: str, exceptions: int,
        pieces: Iterable[npt.NDArray[Any]],
    ) -> None:  # fmt: skip
        self._put(b"\0" * (-self._at % _ALIGNMENT))
        start = self._at
        checksum = xxhash.xxh3_64()
        for piece in pieces:
            flat = piece.reshape(-1).view(np.uint8).data
            for at in range(0, len(flat), _CHUNK):
                block = flat[at : at + _CHUNK]
                checksum.update(block)
                self._put(block)
        digest = checksum.intdigest()
        self._rows.append((name, kind.str, list(shape), form, exceptions, start, digest))

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

    Raises IndexBrokenError where the file cannot be what `ArrayWriter` wrote, OtherVersionError
    where that of another version wrote it, InaccessibleError where it cannot be read now.
    """

    def __init__(self, source: memoryview, name: str, table: dict[str, Row] | None = None) -> None:
        self.name = name
        self._source = source
        self._rows = self._read_table() if table is None else table
        ends = [_HEAD.size, *(row.place.stop for row in self._rows.values())]
        self._ends = {  # with what is before, which is less than would align another array
            name: (min(max(at, row.offset - _ALIGNMENT + 1), row.offset), end)
            for (name, row), (at, end) in zip(self._rows.items(), pairwise(ends), strict=True)
        }

    @classmethod
    def open(cls, path: Path) -> ArrayFile:
        """Map a file into memory; it stays mapped as long as an array of it is alive."""
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise broken(path, "is damaged (it is missing)") from error
        except ValueError as error:
            raise broken(path, "is damaged (it is empty)") from error
        except OSError as error:
            raise inaccessible(path, error) from error
        return cls(memoryview(mapped), str(path))

    def _fail(self, what: str) -> IndexBrokenError:
        return broken(self.name, f"is damaged ({what})")

    def _read_table(self) -> dict[str, Row]:
        source = self._source
        size = len(source)
        if size < _HEAD.size + _TRAILER.size:
            raise self._fail("it is too short")
        self._fetch(0, _HEAD.size)
        self._fetch(size - _TRAILER.size, size)
        magic, version, zero = _HEAD.unpack(source[: _HEAD.size])
        start, length, digest, whole, closing, end = _TRAILER.unpack(source[-_TRAILER.size :])
        ours = end == _END and closing == VERSION
        if magic == _MAGIC and version != VERSION and not ours:
            # One flipped bit would leave the end as this version writes it.
            raise OtherVersionError(
                f"{self.name} is of format version {version}, and this program reads version "
                f"{VERSION}: use the broadsheet that wrote it, or run `broadsheet reindex`."
            )
        if magic != _MAGIC or version != VERSION or not ours or zero:
            raise self._fail("it is not an array file, or was cut short")
        if whole != size or length > _MAX_TABLE or start + length + _TRAILER.size != size:
            raise self._fail("its size is not the one it was written with")
        self._fetch(start, start + length)
        table = bytes(source[start : start + length])
        if xxhash.xxh3_64_intdigest(table) != digest:
            raise self._fail("the checksum of its table of contents is wrong")
        try:
            return {name: _checked_row(line, start) for name, *line in orjson.loads(table)}
        except (ValueError, TypeError, AttributeError) as error:
            raise self._fail("its table of contents cannot be read") from error

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def nbytes(self, prefix: str) -> int:
        """Return the bytes in the file of an array, or of those whose names begin so."""
        return sum(end - at for at, end in map(self._ends.__getitem__, self._named(prefix)))

    def row(self, name: str) -> Row:
        """Return what the table has of an array, which is not touched."""
        row = self._rows.get(name)
        if row is None:
            raise self._fail(f"the array {name} is missing")
        return row

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return an array, read-only, without reading it, unless it is narrow: it is widened."""
        row = self.row(name)
        if row.form == _ZEROS:
            try:
                flat = np.zeros(row.size, row.dtype)  # whose pages are made when they are read
            except MemoryError as error:
                raise self._fail("it claims an array that no memory holds") from error
        elif row.form == _PLAIN:
            flat = self._mapped(row.dtype, row.size, row.offset)
            if not flat.flags.aligned:  # in a compound file, where nothing is aligned: one copy
                flat = flat.copy()
        else:
            flat = self._widened(name, row)
        array = flat.reshape(row.shape)
        array.setflags(write=False)
        return array

    def json(self, name: str) -> Any:
        """Return what `write_json` wrote under a name. Raises ValueError."""
        return orjson.loads(self[name].tobytes())

    def group(self, name: str, kind: type) -> dict[str, Any]:
        """Return the arrays of an object whose class has `rows`, by attribute."""
        return {part: self[f"{name}/{part}"] for part in rows(kind)}

    def _mapped(self, dtype: np.dtype[Any], count: int, offset: int) -> npt.NDArray[Any]:
        if not count:
            return np.empty(0, dtype)
        return np.frombuffer(self._source, dtype, count, offset)

    def _widened(self, name: str, row: Row) -> npt.NDArray[Any]:
        exceptions = self._mapped(row.dtype, row.exceptions, row.offset)
        codes = np.empty(0, np.uint8)
        if row.form != SERIES:
            codes = self._mapped(row.codes, row.size, row.offset + exceptions.nbytes)
        try:
            return widened(Narrow(row.form, codes, exceptions), row.dtype, row.size)
        except ValueError as error:
            raise self._fail(f"the array {name} contradicts itself") from error

    def release(self) -> None:
        """Let the system take back the memory of the file, see `release_pages`."""
        _release(self._source.obj)

    def _fetch(self, at: int, end: int) -> None:
        if isinstance(self._source.obj, mmap.mmap):
            _populate(self._source.obj, at, end, self.name)

    def _named(self, prefix: str) -> list[str]:
        """Return the array of this name, or else those whose names begin so."""
        if prefix in self._rows:
            return [prefix]
        return [name for name in self._rows if name.startswith(prefix)]

    def fetch(self, prefix: str) -> None:
        """Have the system read an array, or those whose names begin so, and the padding before.

        Raises InaccessibleError where it cannot: to touch what cannot be read ends the process.
        """
        for name in self._named(prefix):
            self._fetch(*self._ends[name])

    def verify(self, prefix: str = "") -> None:
        """Read an array, or those whose names begin so, by default all, and the padding before.

        Raises IndexBrokenError naming the first array that is damaged, InaccessibleError where one
        cannot be read now.
        """
        self.fetch(prefix)
        for name in self._named(prefix):
            row = self._rows[name]
            if any(self._source[self._ends[name][0] : row.offset]):
                raise self._fail(f"there are stray bytes before the array {name}")
            if xxhash.xxh3_64_intdigest(self._source[row.place]) != row.checksum:
                raise self._fail(f"the checksum of the array {name} is wrong")


def page_fetcher(array: npt.NDArray[np.uint8], name: str) -> Callable[[int, int], None]:
    """Return what has the system read bytes [start, end) of an array that is mapped from the file
    `name`, see `ArrayFile.fetch`; for one that is not mapped it does nothing."""
    mapped = _mapping(array)
    if not isinstance(mapped, mmap.mmap) or not array.nbytes:
        return lambda start, end: None
    at = _address(array) - _address(np.frombuffer(mapped, np.uint8, 1))
    return lambda start, end: _populate(mapped, at + start, at + end, name)


def _address(array: npt.NDArray[Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _populate(mapped: mmap.mmap, at: int, end: int, name: str) -> None:
    at -= at % mmap.PAGESIZE
    try:
        mapped.madvise(_POPULATE_READ, at, end - at)
    except OSError as error:
        if error.errno != errno.EINVAL:  # which a system says that does not know this
            raise inaccessible(name, OSError(errno.EIO, os.strerror(errno.EIO))) from error


def release_pages(array: npt.NDArray[Any]) -> None:
    """Let the system take back the memory of the file that an array is mapped from.

    The array stays valid: what is used again is read again. A pass over files larger than the
    memory budget calls this as it goes.
    """
    _release(_mapping(array))


def _mapping(array: npt.NDArray[Any]) -> object:
    """Return what the memory of an array belongs to."""
    source: Any = array
    while isinstance(source, np.ndarray):
        source = source.base
    return source.obj if isinstance(source, memoryview) else source


def _release(mapped: object) -> None:
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
