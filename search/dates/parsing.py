"""Dates as people write them, read as half-open intervals in the archive's time zone.

A date names a *period*: ``2017`` a year, ``2017-01-30`` a day, ``"last week"`` Monday to Monday.
`read_period` reads one, `read_dates` what may stand behind ``date:`` (a period, ``A..B``,
``A to B``, ``>A``, ``[A TO B]``), `label` writes an interval back in the shortest form that reads
as the same one. What was read otherwise than it may have been meant is for a note to say:
`day_first` and `reversed_dates` tell it.
Numeric forms are read here, words (in nine languages) in `search.dates.words`. The parser of Whoosh
is not used: it takes ``[2024-01-01 to 2024-01-02]`` for the whole year.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from corpus.core.errors import BadRequestError
from search.dates.calendar import Clock, Interval, clock, months
from search.dates.words import read_words

REVERSED = "The first date is the later one, so the two were exchanged."
"""What is to be said where `reversed_dates`."""

FIRST_YEAR, LAST_YEAR = 1000, 9998
"""Years that can be written; their first and last instants fit a datetime in every zone."""

_FIRST_INSTANT = int(datetime(999, 12, 30, tzinfo=UTC).timestamp())
_LAST_INSTANT = int(datetime(9999, 1, 3, tzinfo=UTC).timestamp())
MAX_DATE = 80
"""Code points of the longest expression that is looked at."""

_ISO = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2})"
    r"(?:[T ](\d{1,2})(?::?(\d{2})(?::?(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?",
    re.IGNORECASE | re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE | re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- ]?(\d{4})", re.IGNORECASE | re.ASCII)
_DECADE = re.compile(r"(\d{3}0)['’]?s", re.IGNORECASE | re.ASCII)
_STARRED = re.compile(r"(\d{4})(?:[-/.]?(\d{2}))?[-/.]?\*|(\d{2,3})(?:\*|\?{1,2})", re.ASCII)
_FROM_TO = re.compile(
    r"(?:(?:from|between|von|zwischen|entre|du|de|del|dal|tra)\s+)?(\S.*?)\s+"
    r"(?:to|until|till|through|and|[-–—]|bis|und|a|à|au|al|e|et|y)\s+(\S.*)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(\d{4})[-–—/](\d{4})", re.ASCII)
_SOLIDUS = re.compile(r"(\d{4}-\d{2}(?:-\d{2})?)[/–—](\d{4}-\d{2}(?:-\d{2})?)", re.ASCII)
_YEAR = re.compile(r"\b\d{4}\b", re.ASCII)
_BRACKETS = re.compile(r"([\[{])\s*(.*?)\s+TO\s+(.*?)\s*([\]}])", re.IGNORECASE)
_COMPARISON = re.compile(r"(>=|<=|>|<|≥|≤)\s*(.+)")


def _day(at: Clock, year: int, month: int, day: int) -> Interval:
    when = date(year, month, day)
    return at.days(when, when)


def _instant(at: Clock, found: re.Match[str]) -> Interval | None:
    """Return the hour, minute or second that an ISO date with a time names."""
    year, _, month, day, hour, minute, second, offset = found.groups()
    local = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0))
    if offset:
        sign, digits = offset[0], offset[1:].replace(":", "")
        shift = timedelta()
        if sign in "+-":
            shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        start = int((local - (-shift if sign == "-" else shift)).replace(tzinfo=UTC).timestamp())
    else:
        start = int(local.replace(tzinfo=at.zone).timestamp())
    if not _FIRST_INSTANT <= start < _LAST_INSTANT:
        return None
    return start, start + (1 if second else 60 if minute else 3600)


def _numeric(text: str, at: Clock) -> Interval | None:
    """Read a date that is written in digits; raises ValueError for days that do not exist."""
    if found := _ISO.fullmatch(text):
        year = int(found[1])
        if found[5]:
            return _instant(at, found)
        if not FIRST_YEAR <= year <= LAST_YEAR and text != "9999-01-01":  # where 9998 ends
            return None
        if found[4]:
            return _day(at, year, int(found[3]), int(found[4]))
        if found[3]:
            return months(at, year, int(found[3])) if 1 <= int(found[3]) <= 12 else None
        return months(at, year, 1, 12)
    if found := _COMPACT.fullmatch(text):
        return _numeric("-".join(part for part in found.groups() if part), at)
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
        if month > 12 >= day:  # written the American way
            day, month = month, day
        return _day(at, year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    if found := _MONTH_FIRST.fullmatch(text):
        return _numeric(f"{found[2]}-{found[1]}", at)
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return at.days(monday, monday + timedelta(6)) if monday.year >= FIRST_YEAR else None
    if found := _QUARTER.fullmatch(text):
        year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
        return months(at, year, 3 * quarter - 2, 3) if year <= LAST_YEAR else None
    if found := _DECADE.fullmatch(text):
        year = int(found[1])
        return months(at, year, 1, 120) if FIRST_YEAR <= year <= LAST_YEAR - 10 else None
    if found := _STARRED.fullmatch(text):
        if found[1]:
            return _numeric(f"{found[1]}-{found[2]}" if found[2] else found[1], at)
        span = 10 ** (4 - len(found[3]))
        year = int(found[3]) * span
        return months(at, year, 1, 12 * span) if FIRST_YEAR <= year <= LAST_YEAR - span else None
    return None


def read_period(text: str, at: Clock) -> Interval | None:
    """Return the period that a date names, or None when it is not a date."""
    text = text.strip()
    if not text or len(text) > MAX_DATE:
        return None
    try:
        if text[0].isdigit() or text[0] in "qQ":
            found = _numeric(text, at)
            if found:
                return found
        return read_words(text, at)
    except (ValueError, OverflowError):  # the 31st of February, a hundred thousand years ago
        return None


def _open_period(text: str, at: Clock) -> Interval | None:
    return (None, None) if text in ("", "*") else read_period(text, at)


def _late(first: Interval, last: Interval) -> bool:
    """Whether the period that is named first begins after the other."""
    return first[0] is not None and last[0] is not None and first[0] > last[0]


def _between(first: Interval, last: Interval) -> Interval:
    """Return the interval from one period to another, both included, in either order."""
    return (last[0], first[1]) if _late(first, last) else (first[0], last[1])


def _ends(text: str) -> tuple[str, str] | None:
    """Return the two dates of ``A..B``, ``A to B``, ``2019-2021`` or ``[A TO B]`` as they stand.

    A first one without a year (``June 1 to June 5, 2021``) has that of the other.
    """
    if found := _BRACKETS.fullmatch(text):
        return found[2], found[3]
    one, dots, other = text.partition("..")
    if dots:
        one, other = one.strip(), other.strip(". ")
    elif found := _YEARS.fullmatch(text) or _SOLIDUS.fullmatch(text) or _FROM_TO.fullmatch(text):
        one, other = found[1], found[2]
    else:
        return None
    year = _YEAR.search(other)
    named = any(map(str.isalpha, one)) and (not dots or any(map(str.isalpha, other)))
    return (f"{one} {year[0]}" if year and named and not _YEAR.search(one) else one), other


def reversed_dates(text: str, at: Clock) -> bool:
    """Whether a text names two dates of which the first is the later one: they are exchanged."""
    ends = _ends(text.strip())
    if ends is None:
        return False
    first, last = _open_period(ends[0], at), _open_period(ends[1], at)
    return first is not None and last is not None and _late(first, last)


def day_first(text: str) -> str:
    """Return what is to be said of a date such as ``06/02/2021``, of which the day is read first.

    "" for every other text: dots stand between numbers where the day is first anyway.
    """
    found = _DAY_FIRST.search(text)
    if not found or found[2] == "." or int(found[1]) == int(found[3]):
        return ""
    day, month, year = int(found[1]), int(found[3]), found[4]
    if not 1 <= day <= 12 or not 1 <= month <= 12:
        return ""
    return (
        f"This was read as {year}-{month:02}-{day:02}, the day before the month; if the month "
        f"comes first, write {year}-{day:02}-{month:02}."
    )


def read_dates(text: str, at: Clock) -> Interval | None:
    """Return the interval that stands behind ``date:``, or None when it cannot be read.

    A period, ``A..B``, ``A to B`` and ``[A TO B]`` (both periods included, in either order; but for
    ``to``, either may be missing or ``*``), ``{A TO B}`` (from the end of A to the beginning of B;
    the brackets can be mixed), or a comparison: ``>2017`` begins where 2017 ends.
    """
    text = text.strip()
    if not text or len(text) > 2 * MAX_DATE:
        return None
    if text == "*":
        return None, None
    if found := _COMPARISON.fullmatch(text):
        period = read_period(found[2], at)
        if period is None:
            return None
        edge = period[1] if found[1] in (">", "<=", "≤") else period[0]
        return (edge, None) if found[1] in (">", ">=", "≥") else (None, edge)
    ends = _ends(text)
    if ends is None:
        return read_period(text, at)
    brackets = _BRACKETS.fullmatch(text)
    read = _open_period if brackets or ".." in text else read_period
    first, last = read(ends[0], at), read(ends[1], at)
    if first is None or last is None:
        return None if read is _open_period else read_period(text, at)
    if not brackets or brackets[1] + brackets[4] == "[]":
        return _between(first, last)
    start = first[0] if brackets[1] == "[" else first[1]
    end = last[1] if brackets[4] == "]" else last[0]
    return start, (end if start is None or end is None else max(start, end))


def bounds(since: str, until: str, *, now: datetime, timezone: str) -> Interval:
    """Return the interval of a request's `since` and `until`, both periods included.

    Like those of ``date:A..B`` they count in either order. Raises BadRequestError for what is not a
    date.
    """
    at = clock(now, timezone)
    found: list[Interval] = []
    for name, text in (("from", since), ("to", until)):
        period = _open_period(text.strip(), at)
        if period is None:
            raise BadRequestError(
                f"'{text[:MAX_DATE]}' in '{name}' is not a date: write 2017, 2017-01, 2017-01-30 "
                'or "last week".'
            )
        found.append(period)
    return _between(*found)


def _edge(second: int, at: Clock, *, closing: bool) -> str | None:
    """Return the day that begins (or, `closing`, ends) at this instant, if one does."""
    day = datetime.fromtimestamp(second, at.zone).date()
    if at.midnight(day) != second:
        return None
    return (day - timedelta(1) if closing else day).isoformat()


def _whole_months(opening: str | None, closing: str | None) -> tuple[str | None, str | None] | None:
    """Return the edges of an interval as years, or as months, if they are that."""
    following = (date.fromisoformat(closing) + timedelta(1)).isoformat() if closing else None
    begins = [edge for edge in (opening, following) if edge]
    if any(edge[8:] != "01" for edge in begins) or (opening or "") > f"{LAST_YEAR}-12-31":
        return None
    size = 4 if all(edge[5:7] == "01" for edge in begins) else 7
    return opening and opening[:size], closing and closing[:size]


def _stamp(second: int | None) -> str:
    if second is None:
        return "*"
    return f"{datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat()}Z"


def label(start: int | None, end: int | None, at: Clock) -> str:
    """Return the shortest expression that `read_dates` reads as this interval."""
    if start is None and end is None:
        return "*"
    opening = None if start is None else _edge(start, at, closing=False)
    closing = None if end is None else _edge(end, at, closing=True)
    whole = (start is None or opening is not None) and (end is None or closing is not None)
    if not whole or (start is not None and end is not None and start >= end):
        return f"[{_stamp(start)} TO {_stamp(end)}}}"
    months = _whole_months(opening, closing)
    if months:
        opening, closing = months
    return opening if opening and opening == closing else f"{opening or ''}..{closing or ''}"
