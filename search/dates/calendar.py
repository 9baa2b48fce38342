"""The calendar of an archive: the zone in which its days begin, and intervals of whole periods.

An interval is half-open, in seconds since 1970 UTC. A day begins at midnight of the archive's time
zone, or at the first instant after it where clocks are put forward at midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from corpus.core.errors import BadRequestError

_EPOCH = date(1970, 1, 1).toordinal()

Interval = tuple[int | None, int | None]
"""[start, end) in seconds since 1970 UTC; None is open."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The instant at which a query is asked, and the zone in which its days begin."""

    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """Today's date in the zone."""
        return self.now.date()

    def midnight(self, day: date) -> int:
        """Return the first instant of a day, in seconds since 1970."""
        if self.zone is UTC:
            return (day.toordinal() - _EPOCH) * 86_400
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp())

    def days(self, first: date, last: date) -> Interval:
        """Return the interval of whole days from `first` to `last`, both included."""
        return self.midnight(first), self.midnight(last + timedelta(1))


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise BadRequestError(
            f"There is no time zone '{name}': use a name such as UTC or Europe/Berlin."
        ) from None


def clock(now: datetime, timezone: str) -> Clock:
    """Return the clock of an instant (naive: UTC) and an IANA zone.

    Raises BadRequestError when there is no such zone.
    """
    zone = _zone(timezone)
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    return Clock(aware.astimezone(zone), zone)


def month_start(year: int, month: int) -> date:
    """Return the first day of a month; months outside 1..12 count on into other years."""
    years, rest = divmod(month - 1, 12)
    return date(year + years, rest + 1, 1)


def months(at: Clock, year: int, month: int, count: int = 1) -> Interval:
    """Return the interval of `count` whole months."""
    return at.midnight(month_start(year, month)), at.midnight(month_start(year, month + count))
