"""The Whoosh codec over arrays, for indexes that Whoosh itself makes.

``index.writer(codec=ArrayCodec())`` writes segments as array files, which Whoosh's readers,
searchers and queries run on. Nothing in them is unpickled. The readers of an archive's own segments
are in `archive_reader`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh.codec import base

from indexer.whoosh.codec_read import ArrayTermsReader
from indexer.whoosh.codec_write import DOCUMENTS, POSTINGS, ArrayFieldWriter, ArrayPerDocWriter
from indexer.whoosh.codec_written import WrittenDocuments, open_arrays, written_terms


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
