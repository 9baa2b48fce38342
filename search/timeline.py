"""The timeline's intervals: chosen for the span of a result, with edges in the archive's time zone.

Both engines count articles between the same edges, so that their timelines agree bar by bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from corpus.core.errors import BadRequestError
from corpus.core.stated_date import Precision
from search.answer import Bar, Timeline

INTERVALS = ("hour", "day", "week", "month", "quarter", "year", "decade")
PERIODS = ("day", "week", "month", "year")
"""The intervals by which searches are counted and compared."""

MAX_BARS = 60  # the finest interval with at most this many bars is chosen; decades may give more
COARSEST = {
    "hour": Precision.MOMENT, "day": Precision.DAY, "week": Precision.DAY,
    "month": Precision.MONTH, "quarter": Precision.MONTH, "year": Precision.YEAR,
    "decade": Precision.YEAR,
}  # fmt: skip
"""How well a date must be known to be counted in a bar of each interval."""

_SECONDS = {
    "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_746, "quarter": 7_889_238,
    "year": 31_556_952, "decade": 315_569_520,
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}


def choose_interval(first: int, last: int, known: Precision = Precision.MOMENT) -> str:
    """Return the interval for instants from `first` to `last`, seconds since 1970 in UTC.

    Its bars are no finer than the dates are `known`.
    """
    for interval in [one for one in INTERVALS if COARSEST[one] >= known]:
        if (last - first) / _SECONDS[interval] <= MAX_BARS - 1:
            return interval
    return INTERVALS[-1]


def edges(interval: str, first: int, last: int, timezone: str) -> list[int]:
    """Return the instants between which bars are counted: n + 1 ascending for n bars.

    The first bar holds `first`, the last one `last`. Hours are fixed, longer intervals begin at
    local midnight, weeks on Monday. Years are clamped to 1..9999.
    """
    zone = ZoneInfo(timezone)
    if interval == "hour":
        begin = first // 3_600 * 3_600
        return list(range(begin, last // 3_600 * 3_600 + 3_601, 3_600))
    day = first_day(interval, datetime.fromtimestamp(first, zone).date())
    found = [_instant(day, zone)]
    while found[-1] <= last:
        after = following(interval, day)
        if after is None:
            found.append(last + 1)
            break
        day = after
        found.append(_instant(day, zone))
    return found


def timeline_of(
    interval: str, instants: Sequence[int], counts: Sequence[int], undated: int, timezone: str
) -> Timeline:
    """Return the timeline with these counts between `instants` (n + 1 for n counts)."""
    zone = ZoneInfo(timezone)
    moments = [datetime.fromtimestamp(instant, zone) for instant in instants]
    bars = tuple(
        Bar(start, end, int(count))
        for (start, end), count in zip(pairwise(moments), counts, strict=True)
    )
    return Timeline(interval, bars, undated)


def check_period(period: str) -> None:
    """Raise BadRequestError for a period that cannot be counted by."""
    if period and period not in PERIODS:
        raise BadRequestError(f"There is no period '{period[:40]}': use {', '.join(PERIODS)}.")


def first_day(interval: str, day: date) -> date:
    """Return the first day of the period that holds a day."""
    if interval == "week":
        return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
    if interval in _MONTHS:
        index = (day.year * 12 + day.month - 1) // _MONTHS[interval] * _MONTHS[interval]
        return date(max(index // 12, 1), index % 12 + 1, 1)
    return day


def following(interval: str, day: date) -> date | None:
    """Return the first day of the period after the one that begins with `day`, None at the end of
    the calendar."""
    try:
        if interval in _MONTHS:
            index = day.year * 12 + day.month - 1
            index = (index // _MONTHS[interval] + 1) * _MONTHS[interval]
            return date(index // 12, index % 12 + 1, 1)
        return day + timedelta(days=7 if interval == "week" else 1)
    except (ValueError, OverflowError):
        return None


def _instant(day: date, zone: ZoneInfo) -> int:
    try:
        return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    except (OverflowError, ValueError):
        return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
