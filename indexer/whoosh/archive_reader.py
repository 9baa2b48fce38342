"""An archive's segments as Whoosh reads them: its readers, matchers and searchers on our arrays.

`open_reader` shows a snapshot to Whoosh. What is compiled runs on the arrays themselves
(`search.embedded`); any other query runs in Whoosh's own matchers over the same arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.fields import Schema
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader

from indexer.analysis.analyser import LENGTHS
from indexer.segment.arrays import order_of
from indexer.segment.segment import NO_DATE, U32, Segment, Strings
from indexer.store.snapshot import Snapshot, main_language
from indexer.whoosh.array_terms import (
    ArrayTermsReader,
    FacetTerms,
    FieldTerms,
    OrderedTerms,
    TextTerms,
)
from indexer.whoosh.schema import make_schema

_SIGN = 1 << 63


class NumberReader(ColumnReader):  # type: ignore[misc]
    """A column of signed numbers, shown to Whoosh in the unsigned form that its fields expect.

    values: int64[n_docs].
    """

    def __init__(self, values: npt.NDArray[np.int64], missing: int) -> None:
        self._values = values
        self._missing = missing
        self._reverse = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, doc: int) -> int:
        value = int(self._values[doc])
        return self._missing if value == NO_DATE else value + _SIGN

    def sort_key(self, doc: int) -> int:
        return -self[doc] if self._reverse else self[doc]

    def set_reverse(self) -> None:
        self._reverse = True


class SegmentDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of an archive's segment; the only column is that of dates."""

    def __init__(self, segment: ArchiveSegment) -> None:
        self._segment = segment
        self.doc_count = segment.doc_count
        self.doc_count_all = segment.doc_count_all
        self.has_deletions = segment.has_deletions
        self.is_deleted = segment.is_deleted
        self.deleted_docs = segment.deleted_docs

    def _lengths(self, fieldname: str) -> npt.NDArray[Any]:
        """Return the length of a field in each document, float32[n_docs], or [] for a field that
        has none."""
        field = self._segment.arrays.text.get(fieldname)
        return LENGTHS[[] if field is None else field.lengths]

    def supports_columns(self) -> bool:
        return True

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        field = self._segment.arrays.text.get(fieldname)
        return default if field is None else int(LENGTHS[field.lengths[docnum]]) or default

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._lengths(fieldname)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        return int(self._lengths(fieldname).max(initial=0))

    def has_column(self, fieldname: str) -> bool:
        return fieldname == "date"

    def list_columns(self) -> list[str]:
        return ["date"]

    def column_reader(self, fieldname: str, column: Any) -> NumberReader:
        return NumberReader(self._segment.arrays.dates, column.default_value())

    def field_length(self, fieldname: str) -> int:
        field = self._segment.arrays.text.get(fieldname)
        return 0 if field is None else field.total_length

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return stored_fields(self._segment.arrays.stored.get([docnum])[0])


def stored_fields(article: bytes) -> dict[str, Any]:
    """Return the fields of an article's JSON, and ``text``."""
    stored: dict[str, Any] = orjson.loads(article)
    return {**stored, "text": "\n\n".join(stored["body"])}


class _EmptyReader(EmptyReader):  # type: ignore[misc]
    """A reader of an archive without an article, which has a generation, too."""

    def __init__(self, schema: Schema, generation: int) -> None:
        super().__init__(schema)
        self._generation = generation

    def generation(self) -> int:
        return self._generation


class _SegmentReader(SegmentReader):  # type: ignore[misc]
    """A reader of one segment, whose stored fields are those of the schema without a look at it."""

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        found: dict[str, Any] = self._perdoc.stored_fields(docnum)
        return found


def open_reader(snapshot: Snapshot, language: str | None = None) -> IndexReader:
    """Return a Whoosh reader of a snapshot; document numbers count through its leaves.

    `language` is that by which text in Whoosh queries is stemmed, the main one where it is None.
    """
    schema = make_schema(partial(main_language, snapshot) if language is None else language)
    number = snapshot.generation
    readers = [
        open_segment_reader(leaf.segment, leaf.live, schema, number) for leaf in snapshot.leaves
    ]
    if not readers:
        return _EmptyReader(schema, number)
    return readers[0] if len(readers) == 1 else MultiReader(readers, number)


def open_segment_reader(
    segment: Segment, live: npt.NDArray[np.bool_] | None = None, schema: Any = None,
    generation: int | None = None,
) -> SegmentReader:  # fmt: skip
    """Return a Whoosh reader of one segment. `live`: bool[n_docs], None when nothing is deleted."""
    opened = ArchiveSegment(segment, live)
    return _SegmentReader(None, schema or make_schema(), opened, generation)


def _date_strings(dates: npt.NDArray[np.int64]) -> Strings:
    """Return the terms of dates: a zero byte, then big-endian with the sign bit flipped."""
    flipped = dates.astype(np.int64).view(np.uint64) ^ np.uint64(1 << 63)
    rows = np.zeros((len(dates), 9), np.uint8)
    rows[:, 1:] = flipped.astype(">u8").view(np.uint8).reshape(-1, 8)
    return Strings(rows.reshape(-1), np.arange(len(dates) + 1, dtype=np.int64) * 9)


def _id_strings(ids: npt.NDArray[np.uint64]) -> Strings:
    """Return ids as 16 lower-case hexadecimal digits."""
    digits = np.frombuffer(ids.astype(">u8").tobytes().hex().encode(), np.uint8)
    return Strings(digits, np.arange(len(ids) + 1, dtype=np.int64) * 16)


def _seconds(column: npt.NDArray[np.int64], order: U32, unknown: int) -> FieldTerms:
    """Return the terms of a column in its order, without the first ones, which are unknown."""
    ordered = column[order]
    known = int(np.searchsorted(ordered, unknown, side="right"))
    return OrderedTerms(ordered[known:], order[known:], _date_strings)


class ArchiveSegment(base.Segment):  # type: ignore[misc]
    """A segment of an archive in the shape of one of Whoosh's: its arrays, and what is deleted."""

    def __init__(self, segment: Segment, live: npt.NDArray[np.bool_] | None) -> None:
        super().__init__(segment.name)
        self.segid = segment.name
        self.arrays = segment
        self._deleted = () if live is None else np.flatnonzero(~live)
        self._live = live

    def codec(self) -> _SegmentCodec:
        return _SegmentCodec()

    def doc_count_all(self) -> int:
        return self.arrays.n_docs

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        return map(int, self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        return self._live is not None and docnum < len(self._live) and not self._live[docnum]


class _SegmentCodec(base.Codec):  # type: ignore[misc]
    """Reads a segment of an archive; it is written by `indexer.write.invert` alone."""

    def terms_reader(self, storage: Any, segment: ArchiveSegment) -> ArrayTermsReader:
        arrays = segment.arrays
        fields: dict[str, Callable[[], FieldTerms]] = {
            "date": lambda: _seconds(arrays.dates, arrays.by_date, NO_DATE),
            "added": lambda: _seconds(arrays.added, order_of(arrays.added), 0),
            "id": lambda: OrderedTerms(arrays.ids[arrays.by_id], arrays.by_id, _id_strings),
        }
        fields |= {name: partial(TextTerms, field) for name, field in arrays.text.items()}
        fields |= {name: partial(FacetTerms, facet) for name, facet in arrays.facets.items()}
        return ArrayTermsReader(fields)

    def per_document_reader(self, storage: Any, segment: ArchiveSegment) -> SegmentDocuments:
        return SegmentDocuments(segment)
