"""The terms of a segment as Whoosh reads them, whatever arrays they lie in.

Each field is a `FieldTerms`: sorted terms and, for each, a posting list. There is one kind for each
way in which a segment keeps postings: analysed text (`TextTerms`), the values of a facet
(`FacetTerms`), and columns with an order of their own, dates and ids (`OrderedTerms`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec import base
from whoosh.reading import TermInfo, TermNotFound

from indexer.analysis.analyser import LENGTHS
from indexer.segment.segment import LAST, MORE, U32, FacetColumn, Strings, TextField
from indexer.segment.terms import first_at_least, string_at, term_number
from indexer.whoosh.array_matcher import ArrayMatcher, PostingList


def decode_positions(source: bytes) -> list[list[int]]:
    """Return the positions of some postings from the bytes of `segment.TextField.positions`."""
    postings: list[list[int]] = []
    places: list[int] = []
    position, value, shift = -1, 0, 0
    for byte in source:
        if byte & MORE:
            value |= (byte & 127) << shift
            shift += 7
            continue
        position += value | (byte & (LAST - 1)) << shift
        places.append(position)
        value = shift = 0
        if byte & LAST:
            postings.append(places)
            places, position = [], -1
    return postings


class FieldTerms(ABC):
    """The terms of one field, in the order of their bytes, and their postings."""

    terms: Strings

    @abstractmethod
    def postings(self, number: int) -> PostingList:
        """Return the postings of a term by its number."""

    def info(self, number: int) -> TermInfo:
        """Return the statistics of a term."""
        postings = self.postings(number)
        weights, lengths = postings.weights, postings.block_length
        shortest, longest = (None, 0) if lengths is None else self.length_bounds(number, postings)
        return TermInfo(
            weight=float(len(postings) if weights is None else weights.sum(dtype=np.float64)),
            df=len(postings),
            minlength=shortest,
            maxlength=longest,
            maxweight=1.0 if weights is None else float(weights.max()),
            minid=int(postings.docs[0]),
            maxid=int(postings.docs[-1]),
        )

    def length_bounds(self, number: int, postings: PostingList) -> tuple[int, int]:
        """Return the shortest and the longest length of the documents of a term."""
        raise NotImplementedError


class TextTerms(FieldTerms):
    """The terms of an analysed field of a segment."""

    def __init__(self, field: TextField) -> None:
        self.terms = field.terms
        self._field = field

    def postings(self, number: int) -> PostingList:
        field = self._field
        first, last = field.starts[number], field.starts[number + 1]
        block, end = field.blocks[number], field.blocks[number + 1]

        def positions(which: int) -> list[list[int]]:
            begin, stop = field.block_positions[block + which : block + which + 2]
            return decode_positions(field.positions[begin:stop].tobytes())

        return PostingList(
            docs=field.docs(first, last),
            weights=field.tfs(first, last),
            block_weight=field.block_tf[block:end],
            block_length=LENGTHS[field.block_length[block:end]],
            positions=positions,
        )

    def length_bounds(self, number: int, postings: PostingList) -> tuple[int, int]:
        lengths = self._field.lengths[postings.docs]
        return int(LENGTHS[lengths.min()]), int(LENGTHS[lengths.max()])


class FacetTerms(FieldTerms):
    """The folded values of a facet; each occurs once in a document and carries no weight."""

    def __init__(self, facet: FacetColumn) -> None:
        self.terms = facet.keys
        self._facet = facet

    def postings(self, number: int) -> PostingList:
        starts = self._facet.value_starts
        return PostingList(self._facet.value_docs[starts[number] : starts[number + 1]])


class OrderedTerms(FieldTerms):
    """A column's distinct values as terms. `values`: number[n], ascending; `docs`: uint32[n], in
    the same order, ascending among equal values; `encode` gives the terms, in byte order.
    """

    def __init__(
        self, values: npt.NDArray[Any], docs: U32, encode: Callable[[npt.NDArray[Any]], Strings]
    ) -> None:
        self._docs = docs
        distinct, starts = np.unique(values, return_index=True)
        self._starts = np.append(starts, len(values))
        self.terms = encode(distinct)

    def postings(self, number: int) -> PostingList:
        return PostingList(self._docs[self._starts[number] : self._starts[number + 1]])


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """Walks the terms of a field."""

    def __init__(self, field: FieldTerms, fieldobj: Any) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._size = len(field.terms.offsets) - 1
        self._at = 0

    def first(self) -> Any:
        self._at = 0
        return self.text()

    def find(self, string: str | bytes) -> Any:
        text = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._at = first_at_least(self._field.terms, text)
        return self.text()

    def next(self) -> Any:
        self._at = min(self._at + 1, self._size)
        return self.text()

    def text(self) -> Any:
        """Return the current term as its field shows it, None after the last."""
        if self._at >= self._size:
            return None
        return self._fieldobj.from_bytes(string_at(self._field.terms, self._at))

    def term_info(self) -> TermInfo | None:
        """Return the statistics of the current term."""
        return self._field.info(self._at) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a current term."""
        return self._at < self._size


class ArrayTermsReader(base.TermsReader):  # type: ignore[misc]
    """The terms of all fields; terms of a field are in byte order, fields in that of their names.

    Fields are opened when they are first used.
    """

    def __init__(self, fields: Mapping[str, Callable[[], FieldTerms]]) -> None:
        self._openers = dict(sorted(fields.items()))
        self._opened: dict[str, FieldTerms] = {}

    def _field(self, name: str) -> FieldTerms | None:
        field = self._opened.get(name)
        if field is None and name in self._openers:
            field = self._opened[name] = self._openers[name]()
        return field

    def _number(self, name: str, text: bytes) -> tuple[FieldTerms, int]:
        field = self._field(name)
        number = -1 if field is None else term_number(field.terms, text)
        if field is None or number < 0:
            raise TermNotFound(f"No term {name}:{text!r}")
        return field, number

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        field = self._field(term[0])
        return field is not None and term_number(field.terms, term[1]) >= 0

    def cursor(self, fieldname: str, fieldobj: Any) -> base.FieldCursor:
        field = self._field(fieldname)
        return base.EmptyCursor() if field is None else ArrayCursor(field, fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for name in self._openers:
            yield from self._from(name, b"")

    def _from(self, name: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        field = self._field(name)
        if field is not None:
            for number in range(first_at_least(field.terms, prefix), len(field.terms.offsets) - 1):
                yield name, string_at(field.terms, number)

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        yield from self._from(fieldname, prefix)
        for name in self._openers:
            if name > fieldname:
                yield from self._from(name, b"")

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return the statistics of a term; raises TermNotFound."""
        field, number = self._number(fieldname, text)
        return field.info(number)

    def frequency(self, fieldname: str, text: bytes) -> float:
        return self.term_info(fieldname, text).weight() if (fieldname, text) in self else 0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        field = self._field(fieldname)
        number = -1 if field is None else term_number(field.terms, text)
        return 0 if field is None or number < 0 else len(field.postings(number))

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> ArrayMatcher:
        """Return a matcher over the postings of a term; raises TermNotFound."""
        field, number = self._number(fieldname, text)
        return ArrayMatcher(field.postings(number), format_, (fieldname, text), scorer)

    def indexed_field_names(self) -> list[str]:
        return list(self._openers)
