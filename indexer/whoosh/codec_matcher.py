"""A Whoosh matcher over arrays: one term's postings, walked a block at a time.

Whoosh's own matcher unpickles and decompresses each block; here a block is a slice of the mapped
arrays, and skipping to a document is a binary search. Block maxima come with the arrays, so
Whoosh's block-quality optimisation works as it does with the stock codec.

Whoosh's formats keep what a posting says as pickles. `codec` keeps the same as JSON; a format that
is none of Whoosh's, or bytes that its format cannot read, are kept as they are given.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import formats
from whoosh.formats import Characters, Format
from whoosh.matching import LeafMatcher, ReadTooFar

from indexer.segment.segment import BLOCK, U32

Occurrences = list[tuple[Any, ...]] | bytes
"""Where a term is in a document: its position, then its first character and its last + 1, then its
weight, as far as the format keeps them. Bytes are a value that is kept as it was given."""

_PLACES = {
    formats.Positions: "positions", formats.Characters: "characters",
    formats.PositionBoosts: "position_boosts", formats.CharacterBoosts: "character_boosts",
}  # fmt: skip
_FREQUENCY_BYTES = 4

_TAGGED: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "$bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "$datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "$date": (date, date.isoformat, date.fromisoformat),
    "$decimal": (Decimal, str, Decimal),
}


def plain(value: Any) -> Any:
    """Return a stored value as JSON can hold it; raises TypeError for what has no such form."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    for tag, (kind, told, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {tag: told(value)}
    match value:
        case tuple():
            return {"$tuple": [plain(part) for part in value]}
        case list():
            return [plain(part) for part in value]
        case dict():
            return {"$dict": [[plain(key), plain(part)] for key, part in value.items()]}
    raise TypeError(f"a stored {type(value).__name__} is not kept")


def restored(value: Any) -> Any:
    """Return the stored value that `plain` made JSON of."""
    if isinstance(value, list):
        return [restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((tag, part),) = value.items()
    if tag == "$tuple":
        return tuple(restored(part))
    if tag == "$dict":
        return {restored(key): restored(item) for key, item in part}
    return _TAGGED[tag][2](part)


def decode_value(format_: Format, value: bytes) -> tuple[int, Occurrences]:
    """Return how often a posting's term occurs, and where, from the value Whoosh has just made."""
    kind = type(format_)
    try:
        if kind is formats.Existence and not value:
            return 1, []
        if kind is formats.Frequency:  # a field for spelling has the values of its parent's
            given = format_ if len(value) == _FREQUENCY_BYTES else formats.Positions()
            return given.decode_frequency(value), []
        places = format_.decode_as(_PLACES[kind], value)
        return len(places), [(place,) if isinstance(place, int) else place for place in places]
    except Exception:  # pickle raises what it likes
        return 1, value


def encode_value(format_: Format, count: int, occurrences: Occurrences) -> bytes:
    """Return a posting's value as its format encodes it."""
    kind = type(format_)
    if isinstance(occurrences, bytes):
        return occurrences
    if kind is formats.Existence:
        return b""
    if kind is formats.Frequency:
        return bytes(formats.pack_uint(count))
    if kind is formats.Positions:
        return bytes(format_.encode([place[0] for place in occurrences]))
    value = format_.encode(occurrences)
    return bytes(value[0] if kind is formats.CharacterBoosts else value)


class PostingList(NamedTuple):
    """The postings of one term.

    docs: uint32[n], ascending. weights: number[n], or None where all are 1. block_weight:
    number[n_blocks], the greatest weight of each block of BLOCK postings, or None likewise.
    block_length: number[n_blocks], the shortest field in each block, or None where fields have no
    length. occurrences: returns those of each posting of a block, or None where none are kept;
    counts: number[n], how often the term occurs, or None where its occurrences, or 1, say it.
    """

    docs: U32
    weights: npt.NDArray[Any] | None = None
    block_weight: npt.NDArray[Any] | None = None
    block_length: npt.NDArray[Any] | None = None
    counts: npt.NDArray[Any] | None = None
    occurrences: Callable[[int], list[Occurrences]] | None = None

    def __len__(self) -> int:
        return len(self.docs)


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Walks a posting list; `scorer` may be None where nothing is scored."""

    def __init__(
        self, postings: PostingList, format_: Format, term: tuple[str, bytes] | None = None,
        scorer: Any = None,
    ) -> None:  # fmt: skip
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._postings = postings
        self._size = len(postings)
        self.reset()

    def reset(self) -> None:
        self._at = 0
        self._block = -1
        self._ids: list[int] = []
        self._occurrences: list[Occurrences] | None = None
        if self._size:
            self._enter(0)

    def _enter(self, block: int) -> None:
        """Take up the block that the current posting is in."""
        if block != self._block:
            self._block = block
            first = block * BLOCK
            self._ids = self._postings.docs[first : first + BLOCK].tolist()
            self._occurrences = None

    def copy(self) -> ArrayMatcher:
        other = ArrayMatcher(self._postings, self.format, self._term, self.scorer)
        other._go_to(self._at)
        return other

    def _go_to(self, posting: int) -> None:
        self._at = posting
        if posting < self._size:
            self._enter(posting // BLOCK)

    def is_active(self) -> bool:
        return self._at < self._size

    def id(self) -> int:
        """Return the document number of the current posting.

        Behind the last one it is that of the last, as in Whoosh's own after a skip: its AndNot asks
        for it before it looks whether there is one.
        """
        if self._at >= self._size:
            return int(self._postings.docs[-1])
        return self._ids[self._at % BLOCK]

    def all_ids(self) -> Iterator[int]:
        while self._at < self._size:
            yield self.id()
            self.next()

    def weight(self) -> float:
        weights = self._postings.weights
        return 1.0 if weights is None else float(weights[self._at])

    def _places(self) -> Occurrences:
        read = self._postings.occurrences
        if read is None:
            return []
        if self._occurrences is None:
            self._occurrences = read(self._block)
        return self._occurrences[self._at % BLOCK]

    def value(self) -> bytes:
        places, counts = self._places(), self._postings.counts
        count = max(len(places), 1) if counts is None else int(counts[self._at])
        return encode_value(self.format, count, places)

    def value_as(self, astype: str) -> Any:
        places = self._places()
        if astype == "positions" and not isinstance(places, bytes):
            return [place[0] for place in places]
        if astype == "characters" and type(self.format) is Characters:
            return places
        return super().value_as(astype)

    def next(self) -> bool:
        if self._at >= self._size:
            raise ReadTooFar
        self._at += 1
        if self._at % BLOCK and self._at < self._size:
            return False
        self._go_to(self._at)
        return True

    def skip_to(self, id: int) -> None:
        if self._at >= self._size:
            raise ReadTooFar
        if id > self.id():
            rest = self._postings.docs[self._at :]
            self._go_to(self._at + int(np.searchsorted(rest, id)))

    def skip_to_quality(self, minquality: float) -> int:
        """Skip blocks whose best score is not above `minquality`; returns how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._go_to((self._block + 1) * BLOCK)
            skipped += 1
        self._at = min(self._at, self._size)
        return skipped

    def block_min_id(self) -> int:
        """Return the first document number of the block."""
        return self._ids[0]

    def block_max_id(self) -> int:
        """Return the last document number of the block."""
        return self._ids[-1]

    def block_max_weight(self) -> float:
        """Return the greatest weight in the block."""
        weights = self._postings.block_weight
        return 1.0 if weights is None else float(weights[self._block])

    def block_min_length(self) -> int:
        """Return the length of the shortest field in the block."""
        lengths = self._postings.block_length
        return 1 if lengths is None else int(lengths[self._block])
