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
from indexer.segment.segment import NO_DATE, U8

_SIGN = 1 << 63


class Documents(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment of any kind, which knows those that are deleted.

    lengths: number[256], what a length byte stands for.
    """

    lengths: npt.NDArray[Any]

    def __init__(self, segment: base.Segment) -> None:
        self._segment = segment
        self.doc_count = segment.doc_count
        self.doc_count_all = segment.doc_count_all
        self.has_deletions = segment.has_deletions
        self.is_deleted = segment.is_deleted

    def length_bytes(self, fieldname: str) -> U8 | None:
        """Return the length of a field in each document, uint8[n_docs], None where it has none."""
        raise NotImplementedError

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        return True

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        found = self.length_bytes(fieldname)
        return default if found is None else int(self.lengths[found[docnum]]) or default

    def min_field_length(self, fieldname: str) -> int:
        found = self.length_bytes(fieldname)
        return 0 if found is None or not len(found) else int(self.lengths[found.min()])

    def max_field_length(self, fieldname: str) -> int:
        found = self.length_bytes(fieldname)
        return 0 if found is None or not len(found) else int(self.lengths[found.max()])


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


class SegmentDocuments(Documents):
    """The documents of an archive's segment; the only column is that of dates."""

    lengths = LENGTHS

    def length_bytes(self, fieldname: str) -> U8 | None:
        field = self._segment.arrays.text.get(fieldname)
        return None if field is None else field.lengths

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
