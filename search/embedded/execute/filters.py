"""What a request restricts besides its text: chosen and excluded values, and dates.

Values chosen in one facet are alternatives, facets restrict each other, and a facet's counts ignore
its own choice. So the choice in a facet that is to be counted becomes a bit in the `passes` of each
match; a match counts for a facet when it has all bits but, perhaps, that facet's own. Every other
restriction goes into the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS, PERIODS
from indexer.analysis.analyser import fold_value
from indexer.segment.arrays import U16, U32
from search.dates.calendar import clock
from search.dates.parsing import bounds, read_period
from search.embedded.collect.counting import in_interval, mark
from search.embedded.plan import plan as plans
from search.embedded.plan.plan import Plan
from search.embedded.reader import IndexView, LeafReader
from search.request import Request

MAX_VALUES = 256
"""Values that may be chosen or excluded in one facet."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen and excluded in one facet: documents of values by leaf, or intervals.

    `intervals` are (start, end, whether it is chosen).
    """

    facet: str
    docs: tuple[list[U32], ...] = ()
    no_docs: tuple[list[U32], ...] = ()
    intervals: tuple[tuple[int, int, bool], ...] = ()
    any_chosen: bool = False

    def plan(self) -> Plan:
        """Return the choice as a plan."""
        if self.facet in PERIODS:
            dates = [(plans.Dates(start, end, self.facet), on) for start, end, on in self.intervals]
            kept: list[Plan] = [period for period, on in dates if on]
            found: Plan = plans.Most(kept, 1) if kept else plans.Every()
            for period, on in dates:
                found = found if on else plans.Without(found, period)
            return found
        found = plans.Docs(list(self.docs), self.facet) if self.any_chosen else plans.Every()
        if any(self.no_docs):
            found = plans.Without(found, plans.Docs(list(self.no_docs), self.facet))
        return found

    def mark(self, leaf: LeafReader, docs: U32, bit: int, passes: U16) -> None:
        """Set the bit of the matches in a leaf that the choice lets through."""
        if not self.any_chosen:
            passes |= np.uint16(bit)
        for start, end, on in self.intervals:
            cut = np.flatnonzero(np.isin(docs, leaf.straddling(end)))
            before = passes[cut]
            in_interval(docs, leaf.segment.dates, start, end, bit, on, passes)
            passes[cut] = before
        if self.docs:
            for others in self.docs[leaf.number]:
                mark(docs, others, bit, True, passes)
        if self.no_docs:
            for others in self.no_docs[leaf.number]:
                mark(docs, others, bit, False, passes)


def _intervals(
    name: str, values: tuple[str, ...], now: datetime, zone: str
) -> list[tuple[int, int]]:
    at = clock(now, zone)
    found: list[tuple[int, int]] = []
    for value in values:
        period = read_period(value, at) if value[:1].isdigit() else None
        if period is None or period[0] is None or period[1] is None:
            raise BadRequestError(
                f"'{value[:80]}' is not a {name}: write 2017, 2017-01 or 2017-01-30."
            )
        found.append((period[0], period[1]))
    return found


def chosen(request: Request, reader: IndexView, now: datetime, zone: str) -> list[Choice]:
    """Return the request's choices, one a facet; raises BadRequestError for unknown facets."""
    found = []
    for name in dict.fromkeys((*request.filters, *request.excluded)):
        if name not in FACETS:
            raise BadRequestError(
                f"There is no facet '{name[:80]}': use one of {', '.join(FACETS)}."
            )
        values, others = request.filters.get(name, ()), request.excluded.get(name, ())
        if len(values) + len(others) > MAX_VALUES:
            raise BadRequestError(f"More than {MAX_VALUES} values are chosen in '{name}'.")
        if not values and not others:
            continue
        if name in PERIODS:
            pairs = [(values, True), (others, False)]
            dates = [(*one, on) for own, on in pairs for one in _intervals(name, own, now, zone)]
            found.append(Choice(name, intervals=tuple(dates), any_chosen=bool(values)))
            continue
        found.append(
            Choice(
                name,
                docs=_documents(reader, name, values) if values else (),
                no_docs=_documents(reader, name, others) if others else (),
                any_chosen=bool(values),
            )
        )
    return found


def _documents(reader: IndexView, name: str, values: tuple[str, ...]) -> tuple[list[U32], ...]:
    facet = reader.facet(name)
    found: tuple[list[U32], ...] = tuple([[] for _ in reader.leaves])
    for key in dict.fromkeys([fold_value(value) for value in values]):
        for leaf, ordinal in enumerate(facet.find(key)):
            if ordinal >= 0:
                found[leaf].append(facet.docs(leaf, ordinal))
    return found


def restricted(
    plan: Plan, request: Request, choices: list[Choice], now: datetime, zone: str
) -> tuple[Plan, list[Choice]]:
    """Return the plan with all that is not counted put into it, and the choices left.

    Raises BadRequestError for dates that cannot be read.
    """
    counted = set(request.facets)
    within = [choice for choice in choices if choice.facet not in counted]
    parts = [plan, *[choice.plan() for choice in within]]
    if request.since or request.until:
        start, end = bounds(request.since, request.until, now=now, timezone=zone)
        parts.append(plans.Dates(start, end, "date"))
    left = [choice for choice in choices if choice.facet in counted]
    return (plan if len(parts) == 1 else plans.Both(parts)), left
