"""Everything that is counted over the matches of one plan: totals, facets, timeline, the best.

`gather` runs the plan on every segment and keeps what matched; the functions after it are each one
pass over that, so a request pays for what it asks for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus.core.fields import PERIODS
from corpus.core.stated_date import Precision
from indexer.segment.arrays import I64, U16
from search.answer import Bar, Facet, FacetValue, Timeline
from search.embedded.collect import counting
from search.embedded.collect.calendar import Calendar
from search.embedded.collect.ranking import Order, Stories, top_k
from search.embedded.collect.value_counts import greatest
from search.embedded.execute.execute import matches_of
from search.embedded.execute.matches import NO_PASSES, NO_ROW, Deadline, frozen
from search.embedded.execute.operands import Matches
from search.embedded.execute.postings import matches_at
from search.embedded.plan.plan import Plan
from search.embedded.reader import IndexView
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

    def counted(self, facet: str) -> tuple[list[Matches], list[U16], int]:
        """Return the matches of which a facet counts those with certain bits, what bits they have,
        none where all count, and these: a facet counts what passes all choices but its own."""
        bits = [1 << at for at, choice in enumerate(self.choices) if choice.facet != facet]
        if len(bits) == len(self.choices):
            return self.final, [], 0
        return self.base, self.passes if bits else [], sum(bits)

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

    def best(
        self, k: int, order: Order, *, collapse: bool, below: I64 = NO_ROW, ordered: bool = True
    ) -> I64:
        """Return the rows of the best k matches, int64[n, 4], best first if `ordered`."""
        stories = None
        if collapse and self.reader.clusters is not None:
            n, columns = self.reader.clusters
            stories = Stories(columns, n)
        rows: I64 = top_k(self.reader.leaves, self.final, order, k, below, stories, ordered)
        return rows

    # -- facets --------------------------------------------------------------------------------

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
        found, passes, needed = self.counted(facet)
        for matches, own, column in zip(
            found, passes or [NO_PASSES] * len(found), days, strict=True
        ):
            undated += counting.count_days(matches.docs, own, needed, column, counts)
        return calendar, counts, undated

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
    reader = gathered.reader
    if name == "day":
        calendar, counts, _ = gathered.day_counts(name)
        return calendar.day_name, counts
    if name in PERIODS:
        names, slots = reader.periods(name)
        return names.__getitem__, slots.counts(*gathered.counted(name))
    facet = reader.facet(name)
    return facet.values.__getitem__, facet.slots.counts(*gathered.counted(name))


_facet_value: Callable[[tuple[str, int, bool, bool]], FacetValue] = partial(
    tuple.__new__,
    FacetValue,  # as its own constructor does, without a frame of Python each
)


def facet_of(gathered: Gathered, name: str, size: int, chosen: dict[str, bool]) -> Facet:
    """Return a facet with its `size` greatest values, after those in `chosen`.

    `chosen`: folded key to whether the value is excluded.
    """
    value, counts = facet_counts(gathered, name)
    most, distinct_values = greatest(counts, size + len(chosen))
    if not chosen:
        best = [(value(place), count, False, False) for place, count in most]
        return Facet(name, tuple(map(_facet_value, best)), distinct_values)
    if name in PERIODS:
        names = {value(place): place for place in np.flatnonzero(counts).tolist()}
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
    rest = [(place, count) for place, count in most if place not in shown]
    first += [FacetValue(value(place), count) for place, count in rest[:size]]
    return Facet(name, tuple(first), distinct_values)
