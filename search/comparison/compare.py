"""Searches compared over time, by a facet, and two periods by their words.

A comparison is of up to six texts under the same filters and dates. Articles with all words count
(any of them with ``match="any"``), so that each number is that of the search it links to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS
from search.answer import Note, Tally
from search.comparison.bursts import Burst, bursts
from search.comparison.keyness import KeyWord, overused
from search.engine import Engine
from search.query.matching import mode_of
from search.request import Request
from search.timeline import MAX_BARS, PERIODS, check_period, first_day, following

MOST_SEARCHES = 6
MOST_PERIODS = 400
"""Periods of a comparison; where there were more, they are longer ones."""

_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.2}
_VALUES = 12
_WORDS = 20


@dataclass(frozen=True, slots=True)
class Series:
    """One search over the periods of its comparison; `undated` articles are in none of them."""

    request: Request
    total: int
    counts: tuple[int, ...]
    undated: int
    bursts: tuple[Burst, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Searches over time: `periods` are the first days of consecutive ones without gaps.

    `every` counts all articles of each period under the same filters, of which shares are taken.
    `wanted` is the period that was asked for, where it was too short for the time, else "".
    """

    period: str
    periods: tuple[date, ...]
    every: tuple[int, ...]
    series: tuple[Series, ...]
    wanted: str = ""

    def last_day(self, at: int) -> date:
        """Return the last day of a period."""
        after = following(self.period, self.periods[at])
        return after - timedelta(days=1) if after else date.max

    def share(self, series: Series, at: int) -> float:
        """Return the share of all articles of a period, from 0 to 1."""
        return series.counts[at] / self.every[at] if self.every[at] else 0.0


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A value of a facet, and how many articles of each of two searches have it."""

    value: str
    counts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """Words over-used in each of two periods; `totals` were counted of the `found` articles."""

    first: tuple[KeyWord, ...]
    second: tuple[KeyWord, ...]
    totals: tuple[int, int]
    found: tuple[int, int]


def searches(base: Request, texts: Sequence[str]) -> tuple[Request, ...]:
    """Return the searches of a comparison; raises BadRequestError where there are too many."""
    wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(wanted) > MOST_SEARCHES:
        raise BadRequestError(f"At most {MOST_SEARCHES} searches are compared: drop some.")
    plain = replace(
        base, match=mode_of(base), sort="relevance", page=1, after="",
        size=10, expand=None, explain=False,
    )  # fmt: skip
    return tuple(replace(plain, text=text) for text in wanted)


def compare(engine: Engine, base: Request, texts: Sequence[str], period: str = "") -> Comparison:
    """Count searches over time, by the `period` or by one that suits the time they span."""
    check_period(period)
    asked = searches(base, texts)
    spans = _tallies(engine, asked, "")
    days = [end.day for tally in spans for end in (tally.first, tally.last) if end]
    chosen, every, periods = period or "year", dict[str, int](), tuple[date, ...]()
    tallies = spans
    if days:
        chosen = _chosen(period, (max(days) - min(days)).days + 1)
        *tallies, whole = _tallies(engine, (*asked, replace(asked[0], text="")), chosen)
        every = dict(whole.periods)
        known = [date.fromisoformat(day) for tally in tallies for day, _ in tally.periods]
        periods = _between(chosen, min(known), max(known)) if known else ()
    totals = tuple(every.get(day.isoformat(), 0) for day in periods)
    series = []
    for request, tally in zip(asked, tallies, strict=True):
        by_day = dict(tally.periods)
        counts = tuple(by_day.get(day.isoformat(), 0) for day in periods)
        found = bursts(counts, totals)
        series.append(Series(request, tally.total, counts, tally.undated, found, tally.notes))
    wanted = period if period != chosen else ""
    return Comparison(chosen, periods, totals, tuple(series), wanted)


def _tallies(engine: Engine, asked: Sequence[Request], period: str) -> list[Tally]:
    found = []
    for tally in engine.tallies(asked, period):
        if not isinstance(tally, Tally):
            raise tally
        found.append(tally)
    return found


def _chosen(period: str, days: int) -> str:
    """Return the period, or a longer one where there would be too many."""
    finest = PERIODS.index(period) if period else 0
    most = MOST_PERIODS - 2 if period else MAX_BARS
    return next((one for one in PERIODS[finest:] if days / _DAYS[one] <= most), PERIODS[-1])


def _between(period: str, first: date, last: date) -> tuple[date, ...]:
    """Return the first days of all periods from one to another, both of them first days."""
    found = [first_day(period, first)]
    while found[-1] < last and (after := following(period, found[-1])) is not None:
        found.append(after)
    return tuple(found)


def compare_facet(
    engine: Engine, first: Request, second: Request, facet: str
) -> tuple[FacetRow, ...]:
    """Return the greatest values of a facet in two searches, each with its count in both.

    A facet's counts ignore its own filter, as everywhere.
    """
    if facet not in FACETS:
        raise BadRequestError(f"There is no facet '{facet[:80]}': use one of {', '.join(FACETS)}.")
    counts: list[dict[str, int]] = []
    for request in (first, second):
        asked = replace(
            request, facets=(facet,), facet_size=_VALUES, timeline=False, size=0, suggest=False
        )
        (found,) = engine.search(asked).facets
        counts.append({each.value: each.count for each in found.values if each.count})
    values = list(dict.fromkeys([*counts[0], *counts[1]]))
    for request, own in zip((first, second), counts, strict=True):
        missing = [value for value in values if value not in own]
        narrowed = [
            replace(request, filters={**request.filters, facet: (value,)}) for value in missing
        ]
        tallies = _tallies(engine, narrowed, "")
        own |= {value: one.total for value, one in zip(missing, tallies, strict=True)}
    rows = [FacetRow(value, (counts[0][value], counts[1][value])) for value in values]
    return tuple(sorted(rows, key=lambda row: (-sum(row.counts), row.value)))


def read_span(text: str) -> tuple[str, str]:
    """Return the first and the last date of a period: "2017", "2017-03..2017-09"."""
    since, dots, until = text.partition("..")
    return (since.strip(), until.strip()) if dots else (text.strip(), text.strip())


def compare_words(engine: Engine, base: Request, first: str, second: str) -> Words:
    """Return the words over-used in the articles of one period against those of another.

    The filters and the text of `base` hold for both. Raises BadRequestError for what is no date.
    """
    spans = map(read_span, (first, second))
    asked = [replace(base, since=since, until=until, expand=False) for since, until in spans]
    counts = engine.word_counts(*asked)
    ahead, behind = overused(counts, _WORDS)
    return Words(ahead, behind, counts.totals, counts.found)
