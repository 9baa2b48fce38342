"""The days of an archive in one time zone, from which years, months and bars are added up.

Matches are counted by day, in one pass, for the days of a facet and the bars of a timeline, which
are sums of neighbouring days; for a facet's years and months by the period that their day belongs
to. What that needs is made once a zone: where each day begins, and the first day of each period.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from indexer.segment.arrays import I32, I64
from search.embedded.execute.matches import frozen
from search.timeline import edges

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Scale(NamedTuple):
    """Consecutive periods of whole days that cover the archive's span.

    firsts: int64[n], the number of each one's first day. edges: n + 1 instants, where they begin
    and where the last one ends, in seconds since 1970; moments: the same as datetimes.
    """

    firsts: I64
    edges: list[int]
    moments: list[datetime]


class Calendar:
    """Days from the one that holds `first` to the one that holds `last`, seconds since 1970.

    midnights: int64[n_days + 1], the first instant of each day and the end of the last one.
    """

    def __init__(self, first: int, last: int, timezone: str) -> None:
        self.timezone = timezone
        self.zone: tzinfo = UTC if timezone == "UTC" else ZoneInfo(timezone)
        self._first, self._last = first, last
        self.first_day = self.moment(first).toordinal()
        self.n_days = self.moment(last).toordinal() - self.first_day + 1
        self.midnights = _midnights(self.first_day, self.n_days + 1, self.zone)
        self.midnights.setflags(write=False)
        self._scales: dict[str, Scale] = {}

    def moment(self, second: int) -> datetime:
        """Return an instant in the calendar's zone."""
        return (_START + timedelta(seconds=second)).astimezone(self.zone)

    def scale(self, interval: str) -> Scale:
        """Return the periods of an interval of `search.timeline`, a day or longer."""
        found = self._scales.get(interval)
        if found is None:
            instants = edges(interval, self._first, self._last, self.timezone)
            firsts = np.searchsorted(self.midnights, np.array(instants[:-1], np.int64))
            moments = [self.moment(instant) for instant in instants]
            found = self._scales[interval] = Scale(firsts.astype(np.int64), instants, moments)
        return found

    @cached_property
    def years(self) -> tuple[list[str], I32]:
        """The years' names, and int32[n_days], the year that each day belongs to."""
        scale = self.scale("year")
        return [f"{moment.year:04d}" for moment in scale.moments[:-1]], self._periods(scale)

    @cached_property
    def months(self) -> tuple[list[str], I32]:
        """The months' names, and int32[n_days], the month that each day belongs to."""
        scale = self.scale("month")
        names = [f"{moment.year:04d}-{moment.month:02d}" for moment in scale.moments[:-1]]
        return names, self._periods(scale)

    def _periods(self, scale: Scale) -> I32:
        days = np.arange(self.n_days)
        periods = (np.searchsorted(scale.firsts, days, side="right") - 1).astype(np.int32)
        return frozen(periods)

    def day_name(self, number: int) -> str:
        """Return the name of a day of the calendar."""
        return date.fromordinal(self.first_day + number).isoformat()


def _midnight(day: int, zone: tzinfo) -> int:
    """Return the first instant of a day, by its proleptic ordinal."""
    when = date.fromordinal(min(day, date.max.toordinal()))
    local = datetime(when.year, when.month, when.day, tzinfo=zone)
    return int((local - _START).total_seconds())


def _midnights(first: int, count: int, zone: tzinfo) -> I64:
    """Return the first instants of `count` days, int64[count].

    Only every 16th is asked of the zone; between two with the same offset all have it.
    """
    found = (np.arange(first, first + count, dtype=np.int64) - _EPOCH) * _DAY
    if zone is UTC:
        return found
    for start in range(0, count, 16):
        end = min(start + 16, count)
        shift = _midnight(first + start, zone) - int(found[start])
        after = _midnight(first + end, zone) - int(found[start]) - (end - start) * _DAY
        if shift == after:
            found[start:end] += shift
        else:
            found[start:end] = [_midnight(first + at, zone) for at in range(start, end)]
    return found
