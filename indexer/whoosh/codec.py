"""The Whoosh codec over arrays, for indexes that Whoosh itself makes.

``index.writer(codec=ArrayCodec())`` writes segments as array files, which Whoosh's readers,
searchers and queries run on. Nothing in them is unpickled. The readers of an archive's own segments
are in `archive_reader`.

Whoosh gives documents first (stored fields, lengths, columns, vectors), then the postings of each
term in order. Both are collected and written as one array file each: ``.docs`` and ``.postings``.
The arrays of a field in the latter, under ``NAME/``:

terms/data, terms/offsets: the terms. starts: int64[n + 1]. docs: uint32[P]. weights: float32[P].
counts: uint32[P]. blocks: int64[n + 1]; block_weight: float32[B]; block_length, block_longest:
uint8[B], Whoosh's length bytes of the shortest and the longest field. values/: compressed blocks of
JSON, for each block of postings a list of the occurrences of each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BytesIO
from typing import Any

import numpy as np
import orjson
from whoosh import columns
from whoosh.codec import base
from whoosh.filedb.structfile import StructFile
from whoosh.formats import Format
from whoosh.util.numeric import length_to_byte

from indexer.segment.arrays import borders, write_json
from indexer.segment.columns import ArrayWriter
from indexer.segment.segment import BLOCK
from indexer.segment.stored import StoredWriter
from indexer.whoosh.codec_matcher import Occurrences, decode_value, plain
from indexer.whoosh.codec_read import ArrayTermsReader
from indexer.whoosh.codec_written import WrittenDocuments, check_column, open_arrays, written_terms

DOCUMENTS = ".docs"
POSTINGS = ".postings"


def kept(places: Occurrences) -> Any:
    """Return occurrences as JSON can hold them."""
    return plain(places) if isinstance(places, bytes) else places


def write_stored(writer: ArrayWriter, name: str, stored: StoredWriter) -> None:
    """Write compressed blocks as arrays, under a name."""
    stored.flush()
    writer.stream(f"{name}/blocks", np.uint8, stored.take())
    for part, array_ in stored.index().items():
        writer.write(f"{name}/{part}", array_)


class _Collector(ABC):
    """Collects what is written to an array file of a segment when it is closed."""

    extension = ""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage = storage
        self._segment = segment
        self.is_closed = False

    @abstractmethod
    def write(self, writer: ArrayWriter) -> None:
        """Write all that was collected."""

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            with (
                closing(self._segment.create_file(self._storage, self.extension)) as file,
                ArrayWriter(file) as writer,
            ):
                self.write(writer)


class ArrayPerDocWriter(_Collector, base.PerDocumentWriter):  # type: ignore[misc]
    """Collects what belongs to documents."""

    extension = DOCUMENTS

    def __init__(self, storage: Any, segment: Any) -> None:
        super().__init__(storage, segment)
        self._stored = StoredWriter()
        self._lengths: dict[str, bytearray] = {}
        self._totals: dict[str, int] = {}
        self._columns: dict[str, tuple[BytesIO, columns.ColumnWriter]] = {}
        self._n_docs = 0
        self._fields: dict[str, Any] = {}
        self._vectors: dict[str, Any] = {}

    def start_doc(self, docnum: int) -> None:
        if docnum != self._n_docs:
            raise ValueError(f"document {docnum} comes where {self._n_docs} is expected")
        self._n_docs += 1
        self._fields = {}
        self._vectors = {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        if value is not None:
            self._fields[fieldname] = plain(value)
        if length:
            lengths = self._lengths.setdefault(fieldname, bytearray())
            lengths.extend(bytes(self._n_docs - 1 - len(lengths)))
            lengths.append(length_to_byte(length))
            self._totals[fieldname] = self._totals.get(fieldname, 0) + length

    def add_column_value(self, fieldname: str, columnobj: columns.Column, value: Any) -> None:
        """Keep a value of a column; raises TypeError for columns that would be pickled."""
        if fieldname not in self._columns:
            check_column(columnobj)
            buffer = BytesIO()
            self._columns[fieldname] = buffer, columnobj.writer(StructFile(buffer))
        self._columns[fieldname][1].add(self._n_docs - 1, value)

    def add_vector_items(
        self, fieldname: str, fieldobj: Any, items: Iterable[tuple[Any, float, bytes]]
    ) -> None:
        self._vectors[fieldname] = [
            [plain(term), weight, count, kept(places)]
            for term, weight, value in items
            for count, places in (decode_value(fieldobj.vector, value),)
        ]

    def finish_doc(self) -> None:
        self._stored.add(orjson.dumps([self._fields, self._vectors]))

    def cancel_doc(self) -> None:
        """Forget the document; what it had of columns is overwritten by defaults or the next."""
        self._n_docs -= 1
        for lengths in self._lengths.values():
            del lengths[self._n_docs :]

    def write(self, writer: ArrayWriter) -> None:
        write_json(writer, "meta", {"n_docs": self._n_docs, "totals": self._totals})
        write_stored(writer, "stored", self._stored)
        for name, own in self._lengths.items():
            own.extend(bytes(self._n_docs - len(own)))
            writer.write(f"length/{name}", np.frombuffer(own, np.uint8))
        for name, (buffer, column) in self._columns.items():
            column.finish(self._n_docs)
            writer.write(f"column/{name}", np.frombuffer(buffer.getvalue(), np.uint8))


class _Postings:
    """The postings of one field as they come."""

    def __init__(self, format_: Format) -> None:
        self.format = format_
        self.terms: list[bytes] = []
        self.starts = array("q")
        self.docs = array("I")
        self.weights = array("f")
        self.counts = array("I")
        self.lengths = bytearray()
        self.values = StoredWriter()
        self.block: list[Any] = []

    def start_term(self, text: bytes) -> None:
        self.end_block()
        self.terms.append(text)
        self.starts.append(len(self.docs))

    def end_block(self) -> None:
        if self.block:
            self.values.add(orjson.dumps(self.block))
            self.block = []

    def add(self, doc: int, weight: float, value: bytes, length: int | None) -> None:
        if len(self.block) == BLOCK:
            self.end_block()
        count, places = decode_value(self.format, value)
        self.docs.append(doc)
        self.weights.append(weight)
        self.counts.append(count)
        self.lengths.append(length_to_byte(length))
        self.block.append(kept(places))

    def write(self, writer: ArrayWriter, name: str) -> None:
        starts = np.append(np.array(self.starts, np.int64), len(self.docs))
        sizes = np.diff(starts)
        weights = np.array(self.weights, np.float32)
        lengths = np.frombuffer(self.lengths, np.uint8)
        within = np.arange(len(weights)) - np.repeat(starts[:-1], sizes)
        heads = np.flatnonzero(within % BLOCK == 0)

        def of_blocks(choose: np.ufunc, values: Any) -> Any:
            return choose.reduceat(values, heads) if len(heads) else values

        for part, array_ in {
            "terms/data": np.frombuffer(b"".join(self.terms), np.uint8),
            "terms/offsets": borders(list(map(len, self.terms))),
            "starts": starts,
            "docs": np.array(self.docs, np.uint32),
            "weights": weights,
            "counts": np.array(self.counts, np.uint32),
            "blocks": borders(-(-sizes // BLOCK)),
            "block_weight": of_blocks(np.maximum, weights),
            "block_length": of_blocks(np.minimum, lengths),
            "block_longest": of_blocks(np.maximum, lengths),
        }.items():
            writer.write(f"{name}/{part}", array_)
        self.end_block()
        write_stored(writer, f"{name}/values", self.values)


class ArrayFieldWriter(_Collector, base.FieldWriter):  # type: ignore[misc]
    """Collects postings; fields and their terms come in order."""

    extension = POSTINGS

    def __init__(self, storage: Any, segment: Any) -> None:
        super().__init__(storage, segment)
        self._fields: dict[str, _Postings] = {}

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._field = self._fields.setdefault(fieldname, _Postings(fieldobj.format))

    def start_term(self, text: bytes) -> None:
        self._field.start_term(text)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int | None) -> None:
        self._field.add(docnum, weight, vbytes, length)

    def finish_term(self) -> None:
        """End the term; nothing has to be done."""

    def write(self, writer: ArrayWriter) -> None:
        write_json(writer, "fields", [*self._fields])
        for name, postings in self._fields.items():
            postings.write(writer, name)


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Writes and reads the segments of an index that Whoosh makes, as array files.

    Its name and that of `ArraySegment` are in Whoosh's table of contents, so they are part of the
    format. Values of Whoosh's own formats of postings are kept without pickles (`codec_matcher`);
    columns are those without pickles, and other kinds raise TypeError when they are written.
    """

    def per_document_writer(self, storage: Any, segment: Any) -> ArrayPerDocWriter:
        return ArrayPerDocWriter(storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> ArrayFieldWriter:
        return ArrayFieldWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> ArrayTermsReader:
        return written_terms(open_arrays(storage, segment, POSTINGS))

    def per_document_reader(self, storage: Any, segment: Any) -> WrittenDocuments:
        return WrittenDocuments(open_arrays(storage, segment, DOCUMENTS), segment, storage)

    def supports_columns(self) -> bool:
        """Whether columns are kept: they are."""
        return True

    def column_filename(self, segment: Any, fieldname: str) -> str:
        """Return the file of a column that is added to a segment later."""
        return str(segment.make_filename(f".{fieldname}.column"))

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(indexname)


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment of an index that Whoosh makes."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self._n_docs = 0
        self._deleted: set[int] = set()

    def codec(self) -> ArrayCodec:
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """Whether to pack the files into one; mapped files are better left alone."""
        return False

    def set_doc_count(self, doccount: int) -> None:
        self._n_docs = doccount

    def doc_count_all(self) -> int:
        return self._n_docs

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(sorted(self._deleted))

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        (self._deleted.add if delete else self._deleted.discard)(docnum)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted
