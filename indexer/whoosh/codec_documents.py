"""What Whoosh reads of each document of a segment: stored fields, lengths, the column of dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from whoosh.codec import base
from whoosh.columns import ColumnReader

from indexer.analysis.analyser import LENGTHS
from indexer.segment.segment import NO_DATE, Segment

_SIGN = 1 << 63


class DeletedMask:
    """Which documents are deleted. `live`: bool[n_docs], or None where none is."""

    def __init__(self, n_docs: int, live: npt.NDArray[np.bool_] | None) -> None:
        self.n_docs = n_docs
        self.live = live
        self.count = 0 if live is None else n_docs - int(np.count_nonzero(live))

    def __contains__(self, doc: int) -> bool:
        return self.live is not None and doc < len(self.live) and not self.live[doc]

    def __iter__(self) -> Iterator[int]:
        if self.live is not None:
            yield from np.flatnonzero(~self.live).tolist()


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
        """Return what documents are sorted by."""
        return -self[doc] if self._reverse else self[doc]

    def set_reverse(self) -> None:
        """Sort the other way round."""
        self._reverse = True


class SegmentDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment."""

    def __init__(self, segment: Segment, deleted: DeletedMask) -> None:
        self._segment = segment
        self._deleted = deleted

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self._segment.n_docs - self._deleted.count

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self._segment.n_docs

    def has_deletions(self) -> bool:
        """Whether a document is deleted."""
        return self._deleted.count > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether this document is deleted."""
        return docnum in self._deleted

    def deleted_docs(self) -> Iterator[int]:
        """Yield the deleted documents."""
        return iter(self._deleted)

    def supports_columns(self) -> bool:
        """Whether there are columns: there are."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether this field has a column."""
        return fieldname == "date"

    def list_columns(self) -> list[str]:
        """Return the fields that have a column."""
        return ["date"]

    def column_reader(self, fieldname: str, column: Any) -> NumberReader:
        """Return the column of dates; undated articles have the column's default."""
        return NumberReader(self._segment.dates, column.default_value())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a text field in words, weighted where the field is."""
        field = self._segment.text.get(fieldname)
        return default if field is None else int(LENGTHS[field.lengths[docnum]]) or default

    def field_length(self, fieldname: str) -> int:
        """Return the length of a field over all documents."""
        field = self._segment.text.get(fieldname)
        return 0 if field is None else field.total_length

    def min_field_length(self, fieldname: str) -> int:
        """Return the length of a field where it is shortest."""
        field = self._segment.text.get(fieldname)
        return int(LENGTHS[field.lengths.min()]) if field is not None and len(field.lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        """Return the length of a field where it is longest."""
        field = self._segment.text.get(fieldname)
        return int(LENGTHS[field.lengths.max()]) if field is not None and len(field.lengths) else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the fields of the stored article; ``text`` is its body."""
        return stored_fields(self._segment.stored.get([docnum])[0])


def stored_fields(article: bytes) -> dict[str, Any]:
    """Return the fields of an article's JSON, and ``text``."""
    stored: dict[str, Any] = orjson.loads(article)
    return {**stored, "text": "\n\n".join(stored["body"])}
