"""The reading side of what `codec` wrote: terms and documents of an index of Whoosh's own."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import orjson
from whoosh import columns
from whoosh.columns import Column, ColumnReader
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Format
from whoosh.matching import ListMatcher
from whoosh.util.numeric import byte_to_length

from corpus.core.errors import IndexBrokenError
from indexer.segment.columns import ArrayFile
from indexer.segment.compressed_blocks import CompressedBlocks
from indexer.segment.segment import U8, Strings
from indexer.whoosh.archive_reader import Documents
from indexer.whoosh.codec_matcher import Occurrences, PostingList, encode_value, restored
from indexer.whoosh.codec_read import ArrayTermsReader, FieldTerms

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.int64)


_COLUMNS = (
    columns.VarBytesColumn, columns.FixedBytesColumn, columns.RefBytesColumn,
    columns.NumericColumn, columns.BitColumn,
)  # fmt: skip


def check_column(column: columns.Column) -> None:
    """Raise TypeError for kinds of column that keep pickles in their files."""
    if type(column) not in _COLUMNS:
        raise TypeError(f"{type(column).__name__} is not kept: it could hold pickles")


def open_arrays(storage: Any, segment: Any, extension: str) -> ArrayFile:
    """Open an array file of a segment; a file of its own on disk is mapped, any other is read."""
    name = segment.make_filename(extension)
    with closing(storage.open_file(name)) as file:
        if file.is_real:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return ArrayFile(memoryview(mapped), name)
        return ArrayFile(memoryview(file.read(storage.file_length(name))), name)


def open_stored(file: ArrayFile, name: str) -> CompressedBlocks:
    """Return compressed blocks that `codec.write_stored` wrote."""
    return CompressedBlocks(**file.group(name, CompressedBlocks))


_OF_TERMS = "starts docs weights counts blocks block_weight block_length block_longest".split()


class WrittenTerms(FieldTerms):
    """The terms of one field."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._arrays = {part: file[f"{name}/{part}"] for part in _OF_TERMS}
        self._values = open_stored(file, f"{name}/values")
        self.terms = Strings(**file.group(f"{name}/terms", Strings))

    def postings(self, number: int) -> PostingList:
        arrays = self._arrays
        first, last = arrays["starts"][number : number + 2]
        block, end = arrays["blocks"][number : number + 2]

        def occurrences(which: int) -> list[Occurrences]:
            return restored_values(orjson.loads(self._values.read([int(block) + which])[0]))

        return PostingList(
            docs=arrays["docs"][first:last],
            weights=arrays["weights"][first:last],
            block_weight=arrays["block_weight"][block:end],
            block_length=_LENGTHS[arrays["block_length"][block:end]],
            counts=arrays["counts"][first:last],
            occurrences=occurrences,
        )

    def length_bounds(self, number: int, postings: PostingList) -> tuple[int, int]:
        block, end = self._arrays["blocks"][number : number + 2]
        shortest = self._arrays["block_length"][block:end].min()
        longest = self._arrays["block_longest"][block:end].max()
        return int(_LENGTHS[shortest]), int(_LENGTHS[longest])


def written_terms(file: ArrayFile) -> ArrayTermsReader:
    """Return the terms of all fields in a file of postings."""
    try:
        fields = file.json("fields")
        return ArrayTermsReader({name: partial(WrittenTerms, file, name) for name in fields})
    except (ValueError, TypeError) as error:
        raise IndexBrokenError(f"{file.name} has no list of fields: index again.") from error


def restored_values(values: Iterable[Any]) -> list[Occurrences]:
    """Return the occurrences of some postings, which are lists or `plain` bytes."""
    return [
        restored(places) if isinstance(places, dict) else list(map(tuple, places))
        for places in values
    ]


class WrittenDocuments(Documents):
    """The documents of a segment that `ArrayPerDocWriter` wrote."""

    lengths = _LENGTHS

    def __init__(self, file: ArrayFile, segment: Any, storage: Any) -> None:
        super().__init__(segment)
        self._file = file
        self._storage = storage
        try:
            meta = file.json("meta")
            self._n_docs: int = meta["n_docs"]
            self._totals: dict[str, int] = meta["totals"]
        except (ValueError, KeyError, TypeError) as error:
            raise IndexBrokenError(f"{file.name} describes no documents: index again.") from error
        self._stored = open_stored(file, "stored")

    def _added(self, fieldname: str) -> str:
        """Return the file of a column that was added later."""
        return str(self._segment.codec().column_filename(self._segment, fieldname))

    def has_column(self, fieldname: str) -> bool:
        added = self._added(fieldname)
        return f"column/{fieldname}" in self._file or self._storage.file_exists(added)

    def column_reader(self, fieldname: str, column: Column) -> ColumnReader:
        """Return a column; raises TypeError for kinds that would be unpickled."""
        check_column(column)
        name = f"column/{fieldname}"
        if name in self._file:
            content = self._file[name].tobytes()
        else:
            with self._storage.open_file(self._added(fieldname)) as file:
                content = file.read()
        return column.reader(BufferFile(content), 0, len(content), self._n_docs)

    def length_bytes(self, fieldname: str) -> U8 | None:
        name = f"length/{fieldname}"
        return self._file[name] if name in self._file else None  # noqa: SIM401

    def field_length(self, fieldname: str) -> int:
        return self._totals.get(fieldname, 0)

    def _parts(self, docnum: int) -> tuple[dict[str, Any], dict[str, Any]]:
        fields, vectors = orjson.loads(self._stored.read([docnum])[0])
        return fields, vectors

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {name: restored(value) for name, value in self._parts(docnum)[0].items()}

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        return fieldname in self._parts(docnum)[1]

    def vector(self, docnum: int, fieldname: str, format_: Format) -> ListMatcher:
        items = self._parts(docnum)[1][fieldname]
        found = zip(items, restored_values([item[3] for item in items]), strict=True)
        values = [encode_value(format_, item[2], occurrences) for item, occurrences in found]
        terms, weights = [restored(item[0]) for item in items], [item[1] for item in items]
        return ListMatcher(terms, weights, values, format_)
