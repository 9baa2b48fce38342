"""A snapshot as queries see it: segments with their global statistics, made once and shared.

Everything here is read-only after it is made; what takes time (numbers of facet values across
segments, days, clusters) is made when it is first asked for, under one lock.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from datetime import tzinfo
from functools import cached_property
from itertools import accumulate

import numpy as np

from corpus.core.stated_date import Precision, floor
from indexer.analysis.analyser import LENGTHS
from indexer.analysis.languages import stemmed_in
from indexer.segment.arrays import F32, I32, I64, U8, U32, U64
from indexer.segment.segment import FIRST_DATE, NO_DATE, FacetColumn, Segment, TextField
from indexer.store.snapshot import Snapshot
from search.embedded.collect.calendar import Calendar
from search.embedded.collect.counting import date_bounds, days_of
from search.embedded.collect.facets import FacetIndex
from search.embedded.collect.value_counts import Slots
from search.embedded.execute.matches import EMPTY_DOCS, frozen
from search.embedded.execute.operands import FieldReader, Lookups, Term, weigh
from search.embedded.plan.terms import look_up
from search.embedded.rescore.scoring import Scoring, norms

_NONE = frozen(np.empty(0, np.uint8))
_NO_BOUNDS: U32 = frozen(np.empty((0, 2), np.uint32))
_FIRST_ARRIVAL = 1_577_836_800
"""The year 2020: no archive kept times of arrival before."""


class LeafReader:
    """A segment, its number in the snapshot, and which of its documents are deleted.

    `live`: uint8[n_docs], or empty when nothing is deleted. `zone` is the archive's.
    """

    def __init__(self, number: int, segment: Segment, live: U8, zone: tzinfo) -> None:
        self.number = number
        self.segment = segment
        self.n_docs = segment.n_docs
        self.live = live
        self.fields = {name: FieldReader(column, number) for name, column in segment.text.items()}
        self.zone = zone
        self._known: dict[Precision, I64] = {}

    def known(self, coarsest: Precision) -> I64:
        """Return the column of dates without those that are known less well than that."""
        if all(precision <= coarsest for precision in self.coarse):
            return self.segment.dates
        if (found := self._known.get(coarsest)) is None:
            found = np.where(self.segment.precisions > coarsest, NO_DATE, self.segment.dates)
            self._known[coarsest] = frozen(found)
        return found

    @cached_property
    def bodies(self) -> U32:
        """uint32[n_docs, 2], first and one past the last position of each body in ``text``."""
        return frozen(np.ascontiguousarray(self.segment.part_bounds[:, :2]))

    @cached_property
    def printed(self) -> U32:
        """uint32[n_docs, 2], the same of what is printed: all but labels."""
        bounds = np.zeros((self.n_docs, 2), np.uint32)
        bounds[:, 1] = self.segment.part_bounds[:, 2]
        return frozen(bounds)

    def bounds(self, within: str) -> U32:
        """Return the positions that count: within "body" or "printed"; none where all do."""
        return self.bodies if within == "body" else self.printed if within else _NO_BOUNDS

    @cached_property
    def coarse(self) -> tuple[Precision, ...]:
        """The precisions, other than that of a moment, that dates of the segment have."""
        counts = np.bincount(self.segment.precisions, minlength=len(Precision))
        return tuple([precision for precision in Precision if precision and counts[precision]])

    @cached_property
    def arrivals(self) -> I64:
        """What orders documents by when they came, and those that came together by date,
        int64[n_docs]: seconds since 2020 above 32 bits of the date in steps of 128 seconds."""
        came = (self.segment.added - _FIRST_ARRIVAL).clip(0) << 32
        came |= self.segment.dates.clip(FIRST_DATE - 128) - (FIRST_DATE - 128) >> 7
        return frozen(came)

    def straddling(self, end: int | None) -> U32:
        """Return the documents, ascending, whose day, month or year a range that ends there cuts
        through.

        A range finds what is certainly in it: an article of June is found by June and by its year,
        not by the first half of June. The column of dates has where each one's day, month or year
        begins, so those that begin before the range are out already.
        """
        if end is None:
            return EMPTY_DOCS
        found = [EMPTY_DOCS]
        for precision in self.coarse:
            try:
                begin = floor(end, precision, self.zone)
            except OverflowError:  # a range without an end
                continue
            if begin < end:
                dates, by_date = self.segment.dates, self.segment.by_date
                first, last = date_bounds(dates, by_date, begin, begin + 1)
                docs = by_date[first:last]
                found.append(docs[self.segment.precisions[docs] == precision])
        return np.sort(np.concatenate(found))


class IndexView:
    """One generation, open for queries."""

    def __init__(self, snapshot: Snapshot, scoring: Scoring) -> None:
        self.snapshot = snapshot
        self.generation = snapshot.generation
        self.edition = int(snapshot.identity[:16] or f"{snapshot.generation:x}", 16)
        self.scoring = scoring
        self.timezone = snapshot.settings.timezone
        zone = snapshot.settings.zone
        self.leaves = tuple(
            LeafReader(
                number,
                leaf.segment,
                _NONE if leaf.live is None else np.ascontiguousarray(leaf.live).view(np.uint8),
                zone,
            )
            for number, leaf in enumerate(snapshot.leaves)
        )
        for leaf in self.leaves:
            leaf.live.setflags(write=False)
        self.n_docs = sum(leaf.n_docs for leaf in self.leaves)
        self.n_live = snapshot.n_live
        self._lock = threading.RLock()
        self._norms: dict[str, F32] = {}
        self._facets: dict[str, FacetIndex] = {}
        self._days: dict[Precision, tuple[Calendar, tuple[I32, ...]]] = {}
        self._periods: dict[str, tuple[list[str], Slots]] = {}

    def norm(self, field: str) -> F32:
        """Return float32[256], the part of BM25 that a length byte of a field decides."""
        found = self._norms.get(field)
        if found is None:
            total = 0.0
            for leaf in self.leaves:
                column: TextField = leaf.segment.text[field]
                if leaf.live.size:
                    kept = column.lengths[leaf.live.view(np.bool_)]
                    total += float(LENGTHS[kept].sum(dtype=float))
                else:
                    total += float(column.total_length)
            found = self._norms[field] = norms(self.scoring, total / max(self.n_live, 1))
        return found

    def look_up(self, lookups: Lookups) -> None:
        """Look up the words that were asked for."""
        for leaf in self.leaves:
            look_up(lookups, leaf.fields[lookups.field], leaf.live)
        lookups.norm = self.norm(lookups.field)

    def word(self, field: str, term: str) -> Term:
        """Return a term as it stands in the index, looked up and weighed; all forms count alike."""
        lookups = Lookups(field)
        word = Term(lookups, [lookups.add(term, term)], term, plain=True)
        self.look_up(lookups)
        weigh([word], self.n_live, self.scoring.k1, self.scoring.inexact)
        return word

    def facet(self, name: str) -> FacetIndex:
        """Return a facet's values numbered across segments; they exist for columns only."""
        found = self._facets.get(name)
        if found is None:
            with self._lock:
                found = self._facets.get(name)
                if found is None:
                    columns: list[FacetColumn] = [leaf.segment.facets[name] for leaf in self.leaves]
                    found = self._facets[name] = FacetIndex(name, columns)
        return found

    def days(self, coarsest: Precision = Precision.DAY) -> tuple[Calendar, tuple[I32, ...]]:
        """Return the calendar of the archive's span, and each leaf's days, int32[n_docs].

        Articles without a date, and those whose date is known less well than to the `coarsest`
        precision, have -1 for a day.
        """
        found = self._days.get(coarsest)
        if found is None:
            with self._lock:
                found = self._days.get(coarsest)
                if found is None:
                    made = self._make_days if coarsest is Precision.YEAR else self._fewer_days
                    found = self._days[coarsest] = made(coarsest)
        return found

    def periods(self, name: str) -> tuple[list[str], Slots]:
        """Return the names of the archive's years or months, and what matches are counted by."""
        found = self._periods.get(name)
        if found is None:
            calendar, days = self.days(Precision.YEAR if name == "year" else Precision.MONTH)
            names, of_days = calendar.years if name == "year" else calendar.months
            of_days = np.append(of_days, np.int32(len(names)))  # where there is no day
            slots = Slots(len(names), [], [of_days[column] for column in days])
            found = self._periods[name] = names, slots
        return found

    def _fewer_days(self, coarsest: Precision) -> tuple[Calendar, tuple[I32, ...]]:
        calendar, every = self.days(Precision.YEAR)
        days = []
        for leaf, out in zip(self.leaves, every, strict=True):
            if any(precision > coarsest for precision in leaf.coarse):
                out = frozen(np.where(leaf.segment.precisions > coarsest, np.int32(-1), out))
            days.append(out)
        return calendar, tuple(days)

    def _make_days(self, coarsest: Precision) -> tuple[Calendar, tuple[I32, ...]]:
        first, last = self.span
        calendar = Calendar(first, last, self.timezone)
        days = []
        for leaf in self.leaves:
            out = np.empty(leaf.n_docs, np.int32)
            days_of(leaf.segment.dates, calendar.midnights, out)
            days.append(frozen(out))
        return calendar, tuple(days)

    @cached_property
    def firsts(self) -> list[int]:
        """The number of the first document of each leaf, as Whoosh counts through them."""
        return list(accumulate([leaf.n_docs for leaf in self.leaves], initial=0))[:-1]

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last date of any article, deleted ones included; (0, 0) for none."""
        edges = []
        for leaf in self.leaves:
            dates, order = leaf.segment.dates, leaf.segment.by_date
            undated = int(np.searchsorted(dates[order], np.iinfo(np.int64).min, side="right"))
            if undated < order.size:
                edges += [int(dates[order[undated]]), int(dates[order[-1]])]
        return (min(edges), max(edges)) if edges else (0, 0)

    def added(self, start: int | None, end: int | None) -> list[list[U32]]:
        """Return the documents of each leaf that came in [start, end), None being open."""
        least, most = 1 if start is None else max(start, 1), 1 << 62 if end is None else end
        found = []
        for leaf in self.leaves:
            column = leaf.segment.added
            docs = np.flatnonzero((column >= least) & (column < most)).astype(np.uint32)
            found.append([frozen(docs)])
        return found

    @cached_property
    def languages(self) -> tuple[tuple[str, float], ...]:
        """The languages of the archive with their shares of its articles, the commonest first.

        Articles whose language is unknown are those of the language "".
        """
        facet = self.facet("language")
        counts = {facet.values[number]: count for number, count in enumerate(facet.totals(self))}
        counts[""] = max(self.n_live - sum(counts.values()), 0)
        found = [(code, count / max(self.n_live, 1)) for code, count in counts.items() if count]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def languages_known(self) -> tuple[str, ...]:
        """The codes of `languages`."""
        return tuple([code for code, _ in self.languages]) or ("",)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The languages that words are stemmed in, "" for all without a stemmer."""
        return tuple(dict.fromkeys(map(stemmed_in, self.languages_known)))

    @cached_property
    def clusters(self) -> tuple[int, tuple[U32, ...]] | None:
        """The number of clusters and each leaf's, uint32[n_docs] (0: none); None without any.

        Clusters that were joined since they were written (`Snapshot.aliases`) have one number.
        """
        with self._lock:
            wanted = [leaf.segment.clusters for leaf in self.leaves]
            ids = _distinct(np.concatenate([column[column != 0] for column in wanted] or [_NONE]))
            if ids.size == 0:
                return None
            aliases = self.snapshot.aliases
            roots = [_root(int(cluster), aliases) for cluster in ids.tolist()]
            numbers = {root: number + 1 for number, root in enumerate(sorted(set(roots)))}
            table = np.array([0, *(numbers[root] for root in roots)], np.uint32)
            found = []
            for column in wanted:
                places = np.searchsorted(ids, column) + 1
                places[column == 0] = 0
                found.append(frozen(table[places]))
            return len(numbers), tuple(found)

    @cached_property
    def cluster_ids(self) -> tuple[int, ...]:
        """The id of the cluster of each number of `clusters`, from 1."""
        ids = set()
        for leaf in self.leaves:
            column = leaf.segment.clusters
            ids.update(_distinct(column[column != 0]).tolist())
        return (0, *sorted({_root(cluster, self.snapshot.aliases) for cluster in ids}))

    def stored(self, places: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the stored articles of (leaf, document) pairs as JSON, in their order."""
        if len(self.leaves) == 1:
            return self.leaves[0].segment.stored.get([doc for _, doc in places])
        found: list[bytes] = [b""] * len(places)
        for number in {leaf for leaf, _ in places}:
            at = [i for i, (leaf, _) in enumerate(places) if leaf == number]
            articles = self.leaves[number].segment.stored.get([places[i][1] for i in at])
            for i, article in zip(at, articles, strict=True):
                found[i] = article
        return found

    def find(self, article_id: str) -> tuple[int, int] | None:
        """Return (leaf, document) of a live article by its id, or None."""
        try:
            wanted = np.uint64(int(article_id, 16))
        except (ValueError, OverflowError):
            return None
        if len(article_id) != 16:
            return None
        for leaf in reversed(self.leaves):
            segment = leaf.segment
            place = bisect_left(segment.by_id, wanted, key=segment.ids.__getitem__)
            while place < segment.n_docs and segment.ids[segment.by_id[place]] == wanted:
                doc = int(segment.by_id[place])
                if not leaf.live.size or leaf.live[doc]:
                    return leaf.number, doc
                place += 1
        return None


def _distinct(numbers: U64) -> U64:
    """Return numbers sorted, each once; `np.unique` loads masked arrays first, for 15 ms."""
    found = np.sort(numbers)
    return found[np.flatnonzero(np.diff(found, prepend=~found[:1]))]


def _root(cluster: int, aliases: object) -> int:
    seen = set()
    while cluster not in seen and cluster in aliases:  # type: ignore[operator]
        seen.add(cluster)
        cluster = aliases[cluster]  # type: ignore[index]
    return cluster
