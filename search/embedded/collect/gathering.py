"""Everything that is counted over the matches of one plan: totals, facets, timeline, the best.

`gather` runs the plan on every segment and keeps what matched; the functions after it are each one
pass over that, so a request pays for what it asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus.core.fields import PERIODS
from corpus.core.stated_date import Precision
from search.answer import Bar, Facet, FacetValue, Timeline
from search.embedded.collect import counting
from search.embedded.collect.calendar import Calendar
from search.embedded.collect.ranking import Order, Stories, top_k
from search.embedded.execute.execute import matches_of
from search.embedded.execute.matches import NO_PASSES, NO_ROW, Deadline, frozen, matches_at
from search.embedded.execute.operands import Matches
from search.embedded.plan.plan import Plan
from search.embedded.reader import IndexView, LeafReader
from search.embedded.typing import I64, U16, U32
from search.timeline import COARSEST, choose_interval, edges

if TYPE_CHECKING:
    from search.embedded.execute.filters import Choice

__all__ = ["Gathered", "Order", "facet_counts", "facet_of", "gather"]


@dataclass(slots=True)
class Gathered:
    """The matches of a plan in each leaf.

    `base` are those before the choices in counted facets, `passes` which choices each passes,
    uint16[n] a leaf or empty arrays, `final` those that pass all.
    """

    reader: IndexView
    choices: list[Choice]
    base: list[Matches]
    passes: list[U16]
    final: list[Matches]
    total: int = 0

    def counted(self, facet: str) -> Iterator[tuple[LeafReader, U32, U16, int]]:
        """Yield for each leaf the documents of which a facet counts those with certain bits, their
        bits, and these: a facet counts what passes all choices but its own."""
        found, passes, needed = self.base, [NO_PASSES] * len(self.base), 0
        if not self.choices or all(choice.facet != facet for choice in self.choices):
            found = self.final
        elif bits := [1 << i for i, choice in enumerate(self.choices) if choice.facet != facet]:
            passes, needed = self.passes, sum(bits)
        for leaf, matches, own in zip(self.reader.leaves, found, passes, strict=True):
            yield leaf, matches.docs, own, needed

    def stories(self) -> int:
        """Return how many stories there are: matches, each cluster counting once."""
        clusters = self.reader.clusters
        if clusters is None:
            return self.total
        seen = np.zeros(clusters[0] + 1, np.uint8)
        return sum(
            [
                counting.distinct(found.docs, column, seen)
                for found, column in zip(self.final, clusters[1], strict=True)
            ]
        )

    def versions(self, wanted: list[int]) -> list[int]:
        """Return how many matches are in each of these clusters, given by their numbers."""
        clusters = self.reader.clusters
        counts = np.zeros(len(wanted), np.int64)
        if clusters is not None:
            numbers = np.array(wanted, np.int64)
            for found, column in zip(self.final, clusters[1], strict=True):
                counting.members(found.docs, column, numbers, counts)
        return [int(count) for count in counts]

    def best(self, k: int, order: Order, *, collapse: bool, below: I64 = NO_ROW) -> I64:
        """Return the rows of the best k matches, int64[n, 4], best first."""
        stories = None
        if collapse and self.reader.clusters is not None:
            n, columns = self.reader.clusters
            stories = Stories(columns, n)
        rows: I64 = top_k(self.reader.leaves, self.final, order, k, below, stories)
        return rows

    # -- facets --------------------------------------------------------------------------------

    def value_counts(self, name: str) -> I64:
        """Return the counts of a facet's values, int64[values of the archive]."""
        facet = self.reader.facet(name)
        counts = np.zeros(facet.size, np.int64)
        for leaf, docs, passes, needed in self.counted(name):
            if docs.size:
                facet.count(leaf.number, docs, passes, needed, counts)
        return counts

    def day_counts(
        self, facet: str, coarsest: Precision = Precision.DAY
    ) -> tuple[Calendar, I64, int]:
        """Return the calendar, the counts of its days, and how many matches have no day.

        Matches whose date is known to its month or year, where that is within the `coarsest`
        precision, count for the first day of it.
        """
        calendar, days = self.reader.days(coarsest)
        counts = np.zeros(calendar.n_days, np.int64)
        undated = 0
        for leaf, docs, passes, needed in self.counted(facet):
            undated += counting.count_days(docs, passes, needed, days[leaf.number], counts)
        return calendar, counts, undated

    def period_counts(self, name: str) -> tuple[list[str], I64]:
        """Return the names of the archive's years or months, and how many matches each has."""
        coarsest = Precision.YEAR if name == "year" else Precision.MONTH
        calendar, days = self.reader.days(coarsest)
        names, periods = calendar.years if name == "year" else calendar.months
        counts = np.zeros(len(names), np.int64)
        for leaf, docs, passes, needed in self.counted(name):
            counting.count_periods(docs, passes, needed, days[leaf.number], periods, counts)
        return names, counts

    def timeline(self) -> Timeline:
        """Return the histogram of the matches."""
        # Bars are as fine as the dates that are known best allow.
        for known in (Precision.DAY, Precision.MONTH, Precision.YEAR):
            first, last = self._span(known)
            if first <= last:
                break
        else:
            return Timeline("day", (), self.total)
        if known is Precision.DAY and not self._has_days():
            known = Precision.MOMENT
        interval = choose_interval(first, last, known)
        first, last = self._span(COARSEST[interval])
        calendar, counts, undated = self.day_counts("", COARSEST[interval])
        if interval == "hour":
            instants = edges(interval, first, last, self.reader.timezone)
            edge = np.array(instants, np.int64)
            bars = np.zeros(edge.size - 1, np.int64)
            for leaf, found in zip(self.reader.leaves, self.final, strict=True):
                counting.count_instants(found.docs, leaf.segment.dates, edge, bars)
            moments = [calendar.moment(instant) for instant in instants]
        else:
            scale = calendar.scale(interval)
            low = bisect_right(scale.edges, first) - 1
            high = bisect_right(scale.edges, last)
            bars = np.add.reduceat(counts, scale.firsts[low:high])
            moments = scale.moments[low : high + 1]
        found_bars = map(Bar, moments, moments[1:], bars.tolist())
        return Timeline(interval, tuple(found_bars), undated)

    def _span(self, coarsest: Precision) -> tuple[int, int]:
        """Return the first and last date of matches that are known so well; none: first > last."""
        first, last = 1 << 62, -(1 << 62)
        for leaf, found in zip(self.reader.leaves, self.final, strict=True):
            if found.docs.size:
                low, high = counting.span(found.docs, leaf.known(coarsest))
                first, last = min(first, low), max(last, high)
        return first, last

    def _has_days(self) -> bool:
        """Tell whether a match is dated without a time of day."""
        return any(
            leaf.coarse and (leaf.segment.precisions[found.docs] == Precision.DAY).any()
            for leaf, found in zip(self.reader.leaves, self.final, strict=True)
        )


def gather(
    reader: IndexView, plan: Plan, choices: list[Choice], scored: bool, deadline: Deadline
) -> Gathered:
    """Run a plan on every segment."""
    base = [matches_of(plan, leaf, scored, deadline) for leaf in reader.leaves]
    if not choices:
        nothing = [NO_PASSES] * len(base)
        total = sum([found.docs.size for found in base])
        return Gathered(reader, choices, base, nothing, base, total)
    everything = (1 << len(choices)) - 1
    passes, final = [], []
    for leaf, found in zip(reader.leaves, base, strict=True):
        marks = np.zeros(found.docs.size, np.uint16)
        for number, choice in enumerate(choices):
            choice.mark(leaf, found.docs, 1 << number, marks)
        passes.append(frozen(marks))
        final.append(matches_at(found, marks == everything))
    total = sum([found.docs.size for found in final])
    return Gathered(reader, choices, base, passes, final, total)


def facet_counts(gathered: Gathered, name: str) -> tuple[Callable[[int], str], I64]:
    """Return what gives a facet's value by its number, and the counts, int64[values]."""
    if name in PERIODS:
        names, counts = _date_values(gathered, name)
        return names.__getitem__, counts
    return gathered.reader.facet(name).values.__getitem__, gathered.value_counts(name)


_facet_value: Callable[[tuple[str, int, bool, bool]], FacetValue] = partial(
    tuple.__new__,
    FacetValue,  # as its own constructor does, without a frame of Python each
)


def facet_of(gathered: Gathered, name: str, size: int, chosen: dict[str, bool]) -> Facet:
    """Return a facet with its `size` greatest values, after those in `chosen`.

    `chosen`: folded key to whether the value is excluded.
    """
    value, counts = facet_counts(gathered, name)
    out = np.empty((size + len(chosen), 2), np.int64)
    n, distinct_values = counting.choose_values(counts, out)
    if not chosen:
        best = [(value(place), count, False, False) for place, count in out[:n].tolist()]
        return Facet(name, tuple(map(_facet_value, best)), distinct_values)
    if name in PERIODS:
        names = {value(place): place for place in range(counts.size)}
        marked = [(names.get(key, -1), key, excluded) for key, excluded in chosen.items()]
    else:
        number = gathered.reader.facet(name).number
        marked = [(number(key), key, excluded) for key, excluded in chosen.items()]
    first = [
        FacetValue(value(place), int(counts[place]), not excluded, excluded)
        if place >= 0
        else FacetValue(key, 0, not excluded, excluded)
        for place, key, excluded in marked
    ]
    first.sort(key=lambda one: (-one.count, one.value))
    shown = {place for place, _, _ in marked}
    rest = [(place, count) for place, count in out[:n].tolist() if place not in shown]
    first += [FacetValue(value(place), count) for place, count in rest[:size]]
    return Facet(name, tuple(first), distinct_values)


def _date_values(gathered: Gathered, name: str) -> tuple[list[str], I64]:
    if name != "day":
        return gathered.period_counts(name)
    calendar, counts, _ = gathered.day_counts(name)
    days = np.flatnonzero(counts)
    return [calendar.day_name(day) for day in days.tolist()], counts[days]
