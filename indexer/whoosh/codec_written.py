"""The reading side of what `codec_write` wrote: terms and documents of an index of Whoosh's own."""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from whoosh.codec import base
from whoosh.columns import Column, ColumnReader
from whoosh.filedb.structfile import BufferFile
from whoosh.formats import Format
from whoosh.matching import ListMatcher
from whoosh.util.numeric import byte_to_length

from corpus.core.errors import IndexBrokenError
from indexer.segment.columns import ArrayFile
from indexer.segment.compressed_blocks import CompressedBlocks
from indexer.segment.segment import Strings
from indexer.whoosh.codec_matcher import PostingList
from indexer.whoosh.codec_read import ArrayTermsReader, FieldTerms
from indexer.whoosh.codec_values import Occurrences, encode_value
from indexer.whoosh.codec_write import check_column

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.int64)


def open_arrays(storage: Any, segment: Any, extension: str) -> ArrayFile:
    """Open an array file of a segment; a file of its own on disk is mapped, any other is read."""
    name = segment.make_filename(extension)
    file = storage.open_file(name)
    try:
        if file.is_real:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return ArrayFile(memoryview(mapped), name)
        return ArrayFile(memoryview(file.read(storage.file_length(name))), name)
    finally:
        file.close()


def open_stored(file: ArrayFile, name: str) -> CompressedBlocks:
    """Return compressed blocks that `codec_write.write_stored` wrote."""
    return CompressedBlocks(**file.group(name, CompressedBlocks))


class WrittenTerms(FieldTerms):
    """The terms of one field."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._arrays = {
            part: file[f"{name}/{part}"]
            for part in (
                "starts", "docs", "weights", "counts", "blocks", "block_weight", "block_length",
                "block_longest",
            )
        }  # fmt: skip
        self._values = open_stored(file, f"{name}/values")
        self.terms = Strings(**file.group(f"{name}/terms", Strings))

    def postings(self, number: int) -> PostingList:
        """Return the postings of a term by its number."""
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
        """Return the shortest and the longest length of the documents of a term."""
        block, end = self._arrays["blocks"][number : number + 2]
        shortest = self._arrays["block_length"][block:end].min()
        longest = self._arrays["block_longest"][block:end].max()
        return int(_LENGTHS[shortest]), int(_LENGTHS[longest])


def written_terms(file: ArrayFile) -> ArrayTermsReader:
    """Return the terms of all fields in a file of postings."""
    try:
        fields = orjson.loads(file["fields"].tobytes())
        return ArrayTermsReader({name: partial(WrittenTerms, file, name) for name in fields})
    except (ValueError, TypeError) as error:
        raise IndexBrokenError(f"{file.name} has no list of fields: index again.") from error


def restored(value: Any) -> Any:
    """Return the stored value that `codec_write.plain` made JSON of."""
    if isinstance(value, list):
        return [restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, part),) = value.items()
    match kind:
        case "$bytes":
            return base64.b64decode(part)
        case "$datetime":
            return datetime.fromisoformat(part)
        case "$date":
            return date.fromisoformat(part)
        case "$decimal":
            return Decimal(part)
        case "$tuple":
            return tuple(restored(item) for item in part)
        case "$dict":
            return {restored(key): restored(item) for key, item in part}
    raise ValueError(kind)


def restored_values(values: list[Any]) -> list[Occurrences]:
    """Return the occurrences of some postings, which are lists or `plain` bytes."""
    return [
        restored(places) if isinstance(places, dict) else list(map(tuple, places))
        for places in values
    ]


class WrittenDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment that `ArrayPerDocWriter` wrote."""

    def __init__(self, file: ArrayFile, segment: Any, storage: Any) -> None:
        self._file = file
        self._segment = segment
        self._storage = storage
        try:
            meta = orjson.loads(file["meta"].tobytes())
            self._n_docs: int = meta["n_docs"]
            self._totals: dict[str, int] = meta["totals"]
        except (ValueError, KeyError, TypeError) as error:
            raise IndexBrokenError(f"{file.name} describes no documents: index again.") from error
        self._stored = open_stored(file, "stored")

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self._n_docs - int(self._segment.deleted_count())

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self._n_docs

    def has_deletions(self) -> bool:
        """Whether a document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether this document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterator[int]:
        """Yield the deleted documents."""
        return iter(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        """Whether there are columns: there may be."""
        return True

    def _added(self, fieldname: str) -> str:
        """Return the file of a column that was added later."""
        return str(self._segment.codec().column_filename(self._segment, fieldname))

    def has_column(self, fieldname: str) -> bool:
        """Whether this field has a column."""
        return f"column/{fieldname}" in self._file or self._storage.file_exists(
            self._added(fieldname)
        )

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

    def _lengths(self, fieldname: str) -> npt.NDArray[np.int64] | None:
        name = f"length/{fieldname}"
        return _LENGTHS[self._file[name]] if name in self._file else None

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a field in a document, as exact as Whoosh's length byte is."""
        name = f"length/{fieldname}"
        return int(_LENGTHS[self._file[name][docnum]]) if name in self._file else default

    def field_length(self, fieldname: str) -> int:
        """Return the length of a field over all documents."""
        return self._totals.get(fieldname, 0)

    def min_field_length(self, fieldname: str) -> int:
        """Return the length of a field where it is shortest."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None else int(lengths.min(initial=1 << 31))

    def max_field_length(self, fieldname: str) -> int:
        """Return the length of a field where it is longest."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None else int(lengths.max(initial=0))

    def _parts(self, docnum: int) -> tuple[dict[str, Any], dict[str, Any]]:
        fields, vectors = orjson.loads(self._stored.read([docnum])[0])
        return fields, vectors

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a document."""
        return {name: restored(value) for name, value in self._parts(docnum)[0].items()}

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Whether a document's own terms of this field are kept."""
        return fieldname in self._parts(docnum)[1]

    def vector(self, docnum: int, fieldname: str, format_: Format) -> ListMatcher:
        """Return a document's own terms as a matcher."""
        items = self._parts(docnum)[1][fieldname]
        return ListMatcher(
            [restored(term) for term, *_ in items],
            [weight for _, weight, *_ in items],
            [encode_value(format_, count, places)
             for (_, _, count, _), places in zip(items, restored_values(
                 [places for *_, places in items]), strict=True)],
            format_,
        )  # fmt: skip
