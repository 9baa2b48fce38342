"""Groups of what a search found, by the values of a facet, as Whoosh's `FacetMap` shows them.

Whoosh puts a document into the group of its last value, or with ``allow_overlap`` into those of
all; those without a value are in the group None. What a group holds follows from the map type: its
documents in the order of the results, in any order, or how many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.sorting import Count, FacetMap, FacetType, FieldFacet, OrderedList, UnorderedList

from corpus.core.fields import VALUES
from search.embedded.typing import I64

if TYPE_CHECKING:
    from search.embedded.collect.results import MatchedDocs


def can_group(facet: FacetType, maptype: Any) -> bool:
    """Whether a facet of Whoosh's is one that is grouped here."""
    return (
        type(facet) is FieldFacet
        and facet.fieldname in VALUES
        and not facet.reverse
        and (facet.maptype or maptype) in (None, OrderedList, UnorderedList, Count)
    )


class Groups(FacetMap):  # type: ignore[misc]
    """The groups of one facet, made when they are asked for."""

    def __init__(self, found: MatchedDocs, facet: FieldFacet, maptype: Any) -> None:
        self._facet = found.searcher.arrays.facet(facet.fieldname)
        self._overlap = facet.allow_overlap
        self._kind = facet.maptype or maptype or OrderedList
        self._found = found

    def as_dict(self) -> dict[Any, Any]:
        places, numbers = self._pairs()
        none = self._facet.size
        if self._kind is Count:
            counts = np.bincount(numbers, minlength=none + 1)
            used = np.flatnonzero(counts).tolist()
            return {self._name(number): int(counts[number]) for number in used}
        keys = self._found.keys if self._kind is OrderedList else None
        if keys is not None:
            order = np.argsort(keys[places], kind="stable")
            places, numbers = places[order], numbers[order]
        by_group = np.argsort(numbers, kind="stable")
        numbers, docs = numbers[by_group], self._found.docs[places[by_group]]
        firsts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]][: numbers.size])
        parts = np.split(docs, firsts[1:])
        return {
            self._name(int(numbers[first])): part.tolist()
            for first, part in zip(firsts.tolist(), parts, strict=bool(numbers.size))
        }

    def _name(self, number: int) -> str | None:
        return None if number == self._facet.size else self._facet.key(number)

    def _pairs(self) -> tuple[I64, I64]:
        """Return (place among what was found, number of the value), one for each membership."""
        places, numbers = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        first = 0
        for leaf, found in enumerate(self._found.matches):
            column = self._facet.columns[leaf]
            starts = column.offsets[found.docs].astype(np.int64)
            counts = column.offsets[found.docs + np.uint32(1)].astype(np.int64) - starts
            at = np.repeat(np.arange(counts.size), counts)
            within = np.arange(at.size) - np.repeat(np.cumsum(counts) - counts, counts)
            ordinals = column.ordinals[starts[at] + within].astype(np.int64)
            if self._facet.numbers[leaf].size:
                ordinals = self._facet.numbers[leaf][ordinals].astype(np.int64)
            lacking = np.flatnonzero(counts == 0)
            if not self._overlap and at.size:
                ordinals = np.maximum.reduceat(ordinals, np.flatnonzero(within == 0))
                at = np.flatnonzero(counts)
            places += [at + first, lacking + first]
            numbers += [ordinals, np.full(lacking.size, self._facet.size, np.int64)]
            first += counts.size
        return np.concatenate(places), np.concatenate(numbers)
