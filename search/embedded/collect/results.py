"""Whoosh's `Results` of a plan that ran on arrays: the best, how many there are, and hits.

What costs time is done when it is asked for: the best of a single word are taken from the maxima of
its blocks, documents are listed only where an order or a group needs them, and stored articles are
read ten at a time, since neighbours in a result are mostly read together.

Groups are by the values of a facet, as Whoosh's `FacetMap` shows them: a document is in the group
of its last value, or with ``allow_overlap`` in those of all; without a value in the group None.
What a group holds follows from the map type: its documents in the order of the results, in any
order, or how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from whoosh.searching import Hit, Results
from whoosh.sorting import Count, FacetMap, FacetType, FieldFacet, OrderedList, UnorderedList

from corpus.core.fields import DATE, VALUES
from indexer.segment.arrays import F32, I64
from indexer.segment.segment import NO_DATE
from search.embedded.collect.ranking import NUMBER, Order, top_k
from search.embedded.execute.matches import NO_ROW
from search.embedded.execute.operands import Matches, Term
from search.embedded.plan.plan import Plan

if TYPE_CHECKING:
    from search.embedded.searcher import ArchiveSearcher


Ordering = Literal["score", "date", "number"]

_BY_SCORE = Order(NUMBER)
_TOGETHER = 10


class MatchedDocs:
    """The documents that a plan matches, by number; what `Results` asks as its collector."""

    def __init__(self, searcher: ArchiveSearcher, plan: Plan, order: Ordering = "score") -> None:
        self.searcher = searcher
        self._plan = plan
        self._order = order
        word = isinstance(plan, Term) and plan.has_main_list and plan.weight >= 0
        self._word: Term | None = plan if word else None

    @cached_property
    def matches(self) -> list[Matches]:
        """The matches in each segment."""
        return self.searcher.matches(self._plan, self._order == "score")

    @cached_property
    def docs(self) -> I64:
        """The numbers of all documents, int64[n], ascending."""
        numbered = zip(self.matches, self.searcher.arrays.firsts, strict=True)
        return _joined([found.docs.astype(np.int64) + first for found, first in numbered], np.int64)

    @cached_property
    def keys(self) -> npt.NDArray[Any] | None:
        """What documents are ordered by, the least first, then by number; None for that alone.

        Scores are negated; dates are unsigned, undated last, as Whoosh's column has them.
        """
        leaves = zip(self.searcher.arrays.leaves, self.matches, strict=True)
        if self._order == "score":
            return -_joined([_scores(found) for found in self.matches], np.float32)
        if self._order == "number":
            return None
        dates = _joined([leaf.segment.dates[found.docs] for leaf, found in leaves], np.int64)
        keys = dates.view(np.uint64) ^ np.uint64(1 << 63)
        keys[dates == NO_DATE] = np.iinfo(np.uint64).max
        return keys

    def best(self, limit: int | None, reverse: bool) -> list[tuple[float | None, int]]:
        """Return (score, number) of the first in order; `reverse` turns the whole order round."""
        if limit is not None and self._order == "score" and not reverse:
            rows = self._best_rows(limit)
            if rows is not None:
                scores = rows[:, 0].astype(np.int32).view(np.float32).tolist()
                firsts, places = self.searcher.arrays.firsts, rows[:, 3].tolist()
                numbers = [firsts[place >> 32] + (place & 0xFFFFFFFF) for place in places]
                return list(zip(scores, numbers, strict=True))
        if self.keys is None:
            return [(None, number) for number in self.docs[:limit].tolist()]
        order = np.argsort(self.keys, kind="stable")
        first = (order[::-1] if reverse else order)[:limit]
        numbers = self.docs[first].tolist()
        if self._order == "date":
            return [(None, number) for number in numbers]
        return list(zip((-self.keys[first]).tolist(), numbers, strict=True))

    def _best_rows(self, limit: int) -> I64 | None:
        """Return the rows of the best by score, int64[n, 4]; None where a score is below 0."""
        if self._word is not None:
            return self.searcher.best_of_word(self._word, _BY_SCORE, limit)[0]
        if any(_scores(found).min(initial=0) < 0 for found in self.matches):
            return None
        rows: I64 = top_k(self.searcher.arrays.leaves, self.matches, _BY_SCORE, limit, NO_ROW)
        return rows

    def computes_count(self) -> bool:
        """The count is exact."""
        return True

    def count(self) -> int:
        """Return how many documents matched."""
        if self._word is not None:
            return self.searcher.best_of_word(self._word, _BY_SCORE, 0)[1]
        return sum([found.docs.size for found in self.matches])

    def all_ids(self) -> list[int]:
        """Return their numbers."""
        found: list[int] = self.docs.tolist()
        return found


class ArchiveResults(Results):  # type: ignore[misc]
    """Results whose hits read their stored articles together."""

    _stored: Mapping[int, dict[str, Any]] = MappingProxyType({})

    def __getitem__(self, n: int | slice) -> Hit | list[Hit]:
        if isinstance(n, slice):
            return [self[at] for at in range(*n.indices(len(self.top_n)))]
        score, docnum = self.top_n[n]
        return _Hit(self, docnum, n, score)

    def __iter__(self) -> Iterator[Hit]:
        for rank, (score, docnum) in enumerate(self.top_n):
            yield _Hit(self, docnum, rank, score)

    def stored(self, docnum: int, rank: int) -> dict[str, Any]:
        """Return the stored fields of the hit of a rank."""
        if docnum not in self._stored:
            first = rank - rank % _TOGETHER
            near = {number for _, number in self.top_n[first : first + _TOGETHER]} | {docnum}
            self._stored = dict(zip(near, self.searcher.stored(list(near)), strict=True))
        return dict(self._stored[docnum])


class _Hit(Hit):  # type: ignore[misc]
    """A hit that reads its article with those of its neighbours, title and date from columns."""

    _fields: dict[str, Any] | None

    def fields(self) -> dict[str, Any]:
        found = self._fields
        if found is None:
            found = self._fields = self.results.stored(self.docnum, self.rank)
        return found

    def __getitem__(self, fieldname: str) -> Any:
        if self._fields is None:  # what columns have is no reason to read the article
            if fieldname == "title":
                return self.results.searcher.title(self.docnum)
            if fieldname == DATE:
                return self.reader.column_reader(DATE)[self.docnum]
        return super().__getitem__(fieldname)


def _scores(found: Matches) -> F32:
    """Return the scores of matches, 0 where nothing scores."""
    return np.zeros(found.docs.size, np.float32) if found.scores is None else found.scores


def _joined(parts: list[npt.NDArray[Any]], dtype: Any) -> npt.NDArray[Any]:
    """Return arrays one after the other; the only one as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])


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
