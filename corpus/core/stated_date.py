"""A date as an article states it, with the precision that it was stated with.

The text is ISO 8601 at level 0 of the Extended Date/Time Format of the Library of Congress:
``2021``, ``2021-06``, ``2021-06-01``, ``2021-06-01T07:30:00`` (a clock without a zone) or
``2021-06-01T07:30:00-05:00``. Nothing is invented: a day has no hour, and a clock that names no
zone has none until the archive's own is given to it. Instants, which columns and indices sort by,
follow from the text and that zone: `StatedDate.start`, `second_of`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum
from functools import lru_cache
from typing import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class Precision(IntEnum):
    """How much of a date is known; greater is coarser."""

    MOMENT = 0
    DAY = 1
    MONTH = 2
    YEAR = 3


_BY_LENGTH = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}
_BY_LENGTH |= dict.fromkeys((19, 25), Precision.MOMENT)
_LENGTHS = (25, 10, 7, 4)
"""Characters of a date of each precision; a moment's with the offset of a zone."""

_FIRST = {4: "-01-01", 7: "-01", 10: ""}


class StatedDate(str):
    """A date in the form above; raises ValueError for any other text, and for what the calendar
    does not have.

    It is its own text: equal to it, sorted and written as it.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text."""
        if precision_of(text) is Precision.MOMENT:
            if text[10] != "T" or datetime.fromisoformat(text).isoformat() != text:
                raise ValueError(f"not a date of an article: {text!r}")
        elif date.fromisoformat(text + _FIRST[len(text)]).isoformat()[: len(text)] != text:
            raise ValueError(f"not a date of an article: {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def of(cls, moment: date) -> Self:
        """Return the day of a `date`, or the moment of a `datetime` (to the second; naive: without
        a zone). Offsets of odd seconds, which no clock shows today, become UTC."""
        if not isinstance(moment, datetime):
            return super().__new__(cls, moment.isoformat())
        offset = moment.utcoffset()
        if offset is not None and offset % timedelta(minutes=1):
            moment = moment.astimezone(UTC)
        return super().__new__(cls, moment.isoformat(timespec="seconds"))

    @classmethod
    def at(cls, second: int, precision: int, zone: tzinfo) -> Self:
        """Return the date that `second_of` made `second` (since 1970 UTC) of in the same zone;
        a moment has the zone's offset then.

        Raises OverflowError for instants outside the years 1 to 9999.
        """
        try:
            local = datetime.fromtimestamp(second, zone)
        except (ValueError, OSError) as error:
            raise OverflowError(f"{second} is in no year that a date has") from error
        text = local.isoformat()
        if precision:
            return str.__new__(cls, text[: _LENGTHS[precision]])
        return str.__new__(cls, text) if len(text) == _LENGTHS[0] else cls.of(local)

    @property
    def precision(self) -> Precision:
        """How much is known."""
        return _BY_LENGTH[len(self)]

    @property
    def has_time(self) -> bool:
        """Whether a time of the day is known."""
        return len(self) > 10

    @property
    def has_zone(self) -> bool:
        """Whether it names an instant by itself: a time with an offset."""
        return len(self) == 25

    @property
    def day(self) -> date:
        """The day as it was stated; the first one of a month or a year."""
        return date.fromisoformat(self[:10] + _FIRST[min(len(self), 10)])

    def start(self, zone: tzinfo) -> datetime:
        """Return the first instant, in `zone`, which is also that of what names none."""
        if len(self) == 25:
            moment = datetime.fromisoformat(self)
            try:
                return moment.astimezone(zone)
            except OverflowError:
                return moment
        if len(self) == 19:
            return datetime.fromisoformat(self).replace(tzinfo=zone)
        day = self.day
        return datetime(day.year, day.month, day.day, tzinfo=zone)

    def before(self, other: StatedDate) -> bool:
        """Tell whether it is certainly earlier than another date: what is coarser, or has no
        zone, is compared by what both have."""
        if self.has_zone and other.has_zone:
            return self.start(UTC) < other.start(UTC)
        known = min(len(self), len(other), 19)
        return self[:known] < other[:known]


def precision_of(text: str) -> Precision:
    """Return the precision of a date's text; raises ValueError when it is none by its length."""
    precision = _BY_LENGTH.get(len(text))
    if precision is None:
        raise ValueError(f"not a date of an article: {text!r}")
    return precision


def second_of(text: str, zone: tzinfo) -> int:
    """Return the first instant of a date's text, in seconds since 1970 UTC.

    `zone` is the archive's. Raises ValueError for what is no date.
    """
    size = len(text)
    if size == 25:
        return (datetime.fromisoformat(text) - _EPOCH) // _SECOND
    if size == 19:
        return (datetime.fromisoformat(text).replace(tzinfo=zone) - _EPOCH) // _SECOND
    return _midnight(text, zone)


@lru_cache(maxsize=65536)  # an archive has hundreds of articles a day
def _midnight(text: str, zone: tzinfo) -> int:
    precision_of(text)
    day = date.fromisoformat(text + _FIRST[len(text)])
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - _EPOCH) // _SECOND


def end_of(text: str, zone: tzinfo) -> int:
    """Return where a date's day, month or year ends, exclusive, as `second_of` returns its start;
    a moment is a second long."""
    precision = precision_of(text)
    if precision is Precision.MOMENT:
        return second_of(text, zone) + 1
    day = date.fromisoformat(text + _FIRST[len(text)])
    try:
        match precision:
            case Precision.DAY:
                following = day + timedelta(days=1)
            case Precision.MONTH:
                following = (day + timedelta(days=31)).replace(day=1)
            case _:
                following = day.replace(year=day.year + 1)
    except (OverflowError, ValueError):  # what comes after the year 9999
        return second_of("9999-12-31T23:59:59", zone) + 1
    return _midnight(following.isoformat(), zone)


def floor(second: int, precision: Precision, zone: tzinfo) -> int:
    """Return the first instant of the day, month or year that holds an instant, in `zone`.

    A moment is its own. Raises OverflowError outside the years 1 to 9999.
    """
    if precision is Precision.MOMENT:
        return second
    return second_of(StatedDate.at(second, precision, zone), zone)
