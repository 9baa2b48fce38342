"""The values of a facet across segments: numbered once, decoded when they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from indexer.segment.arrays import U32
from indexer.segment.segment import FacetColumn
from indexer.segment.terms import text_at
from search.embedded.collect.value_counts import Slots
from search.embedded.execute.matches import EMPTY_DOCS, frozen
from search.embedded.plan.terms import find_string

if TYPE_CHECKING:
    from search.embedded.reader import IndexView


class _Values(dict[int, str]):
    """The values of a facet by number, decoded when they are first met."""

    def __init__(self, facet: FacetIndex) -> None:
        self._facet = facet

    def __missing__(self, number: int) -> str:
        leaf, ordinal = self._facet.place(number)
        self[number] = value = text_at(self._facet.columns[leaf].values, ordinal)
        return value


class FacetIndex:
    """A facet of an archive.

    Values have one number across segments, in the order of their keys. `numbers`: for each leaf,
    uint32[values of the segment], those numbers; empty for the only segment of an archive.
    `values`: as publishers spell them, by number.
    """

    def __init__(self, name: str, columns: Sequence[FacetColumn]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.numbers, self.size = _number(self.columns)
        self.values: dict[int, str] = _Values(self)

    def key(self, number: int) -> str:
        """Return the folded key of a value."""
        leaf, ordinal = self.place(number)
        return text_at(self.columns[leaf].keys, ordinal)

    def place(self, number: int) -> tuple[int, int]:
        """Return a leaf that has the value, the newest one, and its ordinal there."""
        if len(self.columns) == 1:
            return 0, number
        for leaf in range(len(self.columns) - 1, -1, -1):
            numbers = self.numbers[leaf]
            at = int(np.searchsorted(numbers, number))
            if at < numbers.size and numbers[at] == number:
                return leaf, at
        raise IndexError(number)

    def find(self, key: str) -> list[int]:
        """Return the ordinal of a folded key in each leaf, -1 where it is unknown."""
        word = np.frombuffer(key.encode() or b"", np.uint8)
        return [find_string(c.keys, word) for c in self.columns]

    def number(self, key: str) -> int:
        """Return the number of a folded key, or -1."""
        for leaf, ordinal in enumerate(self.find(key)):
            if ordinal >= 0:
                return int(self.numbers[leaf][ordinal]) if self.numbers[leaf].size else ordinal
        return -1

    def docs(self, leaf: int, ordinal: int) -> U32:
        """Return the documents of a leaf with a value, uint32[], ascending; a view."""
        column = self.columns[leaf]
        if ordinal < 0:
            return EMPTY_DOCS
        starts = column.value_starts
        return column.value_docs[int(starts[ordinal]) : int(starts[ordinal + 1])]

    @cached_property
    def slots(self) -> Slots:
        """What matches are counted by."""
        columns = zip(self.columns, self.numbers, strict=True)
        return Slots(self.size, [(one.offsets, one.ordinals, numbers) for one, numbers in columns])

    def totals(self, reader: IndexView) -> list[int]:
        """Return how many live articles have each value."""
        counts = np.zeros(self.size, np.int64)
        for leaf, column, numbers in zip(reader.leaves, self.columns, self.numbers, strict=True):
            per_value = np.diff(column.value_starts)
            if leaf.live.size:
                values = np.repeat(np.arange(per_value.size), per_value)
                per_value = np.bincount(
                    values[leaf.live[column.value_docs] != 0], None, per_value.size
                )
            counts[numbers if len(self.columns) > 1 else ...] += per_value
        found: list[int] = counts.tolist()
        return found


def _number(columns: tuple[FacetColumn, ...]) -> tuple[tuple[U32, ...], int]:
    """Number the values of all segments as one sorted dictionary."""
    if not columns:
        return (), 0
    if len(columns) == 1:
        return (EMPTY_DOCS,), columns[0].keys.offsets.size - 1
    keys = [
        [bytes(column.keys.data[at:to]) for at, to in pairwise(column.keys.offsets.tolist())]
        for column in columns
    ]
    merged = sorted(set().union(*keys))
    places = {key: number for number, key in enumerate(merged)}
    found = []
    for own in keys:
        numbers = np.array([places[key] for key in own], np.uint32)
        found.append(frozen(numbers))
    return tuple(found), len(merged)
