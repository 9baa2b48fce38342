"""Dates as news states them, to `StatedDate`.

`parse_date` tries the forms that nearly every document uses by patterns of its own (2 to 8 µs
each), and dateparser (milliseconds) only for text that holds a year and is none of them. What is
not said stays unknown: a day has no hour, a clock without a zone has none, 'May 2017' is a month.
What cannot be a date of publication (`is_plausible`) is refused: years 0 and 9999, the day after
tomorrow. Relative dates ('yesterday') stay unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from corpus.chatter import quietly
from corpus.months import MONTHS
from corpus.stated_date import StatedDate
from corpus.zones import ZONE, zone_named

__all__ = ["EARLIEST", "date_in_url", "is_plausible", "parse_date", "parse_moment"]

EARLIEST = datetime(1600, 1, 1, tzinfo=UTC)
"""Nothing was a newspaper before: the first, Relation, is of 1605."""

_FIRST_YEAR = str(EARLIEST.year)
_LAST_YEAR = str(datetime.now(UTC).year)
_AHEAD = timedelta(days=2)
_MAX_TEXT = 200

_TIME = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?(?:\s*(?:Uhr|hrs?|h|ч|год)\b\.?)?"
    rf"\s*\(?(?P<zone>{ZONE})?\)?"
)
_BETWEEN = r"(?:\s*[,|/•·–—@-]\s*|\s+)(?:(?:at|um|à|a las|alle|às|om|kl\.?|klo|o|в)\s+)?"
_THEN_TIME = rf"(?:{_BETWEEN}{_TIME})?"
_TIME_FIRST = rf"(?:{_TIME}{_BETWEEN}(?:on\s+)?)?"
_MONTH = r"(?P<month>[^\W\d_]{3,14})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º|ª|°|-?го)?"
_OF = r"\s*(?:de |del |of |d['’])?\s*"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+(?:den\s+|le\s+|d\.\s+)?)?"
_YEAR = r"(?P<year>\d{4})(?:\s?(?:г\.?|года|р\.?|року))?"

_ISO = re.compile(
    r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T\s_]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?)?\s*"
    rf"({ZONE})?$",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?)?\s?([+-]\d{2}:?\d{2}|Z)?$"
)
_MONTH_NUMBER = re.compile(
    r"^(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})|(?P<month_>\d{1,2})[/.](?P<year_>\d{4}))$"
)
_MONTH_NAME = re.compile(r"^(?P<month>[^\W\d_]{3,14})\.?,?(?:\s+(?:de|del|of))?\s+(?P<year>\d{4})$")
_CLOCK = re.compile(r"\d[:.h]\d\d")
_NUMERIC = re.compile(
    rf"^{_WEEKDAY}(?P<first>\d{{1,2}})(?P<mark>[./-])\s?(?P<second_>\d{{1,2}})(?P=mark)\s?"
    rf"(?P<year>\d{{4}}|\d{{2}})(?:\s?г\.?)?{_THEN_TIME}$",
    re.IGNORECASE,
)
_NUMERIC_LAST = re.compile(
    rf"^{_TIME}{_BETWEEN}(?P<first>\d{{1,2}})(?P<mark>[./-])(?P<second_>\d{{1,2}})(?P=mark)"
    r"(?P<year>\d{4})$",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"^{_WEEKDAY}{_DAY}(?:{_OF}|-){_MONTH}(?:{_OF}|,\s*|-){_YEAR}{_THEN_TIME}$", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"^{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+{_YEAR}{_THEN_TIME}$", re.IGNORECASE)
_TIME_DAY = re.compile(
    rf"^{_TIME}{_BETWEEN}(?:on\s+)?{_WEEKDAY}{_DAY}(?:{_OF}|-){_MONTH}(?:{_OF}|,\s*){_YEAR}$",
    re.IGNORECASE,
)
_TIME_MONTH = re.compile(
    rf"^{_TIME}{_BETWEEN}(?:on\s+)?{_WEEKDAY}{_MONTH}\s*{_DAY},?\s+{_YEAR}$", re.IGNORECASE
)
_UNIX = re.compile(
    rf"^[a-z]{{3}}\s+{_MONTH}\s+{_DAY}\s+(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}):(?P<second>\d{{2}})"
    rf"\s+(?:(?P<zone>{ZONE})\s+)?{_YEAR}(?P<half>)$",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(
    r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월](?:\s?(?P<day>\d{1,2})\s?[日일])?"
    r"(?:[^\d]{0,8}(?P<hour>\d{1,2})[:：時时시]\s?(?P<minute>\d{2})?)?"
)
_NUMBER = re.compile(r"\d+")
_LABEL = re.compile(
    r"^(?:(?:first |last |date )?(?:published|updated|posted|created|modified|veröffentlicht|"
    r"aktualisiert|stand|publié|mis à jour|publicado|actualizado|atualizado|pubblicato|"
    r"aggiornato|опубликовано|обновлено|date|datum|fecha|data)\b\s*(?:on|at|am|le|el|il|em|:)?"
    r"[\s:]*)+",
    re.IGNORECASE,
)
_MONTH_FIRST_LANGUAGES = frozenset(("", "en"))
_URL_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})(?P<mark>[-/_.]?)(?P<month>0?[1-9]|1[0-2])(?P=mark)"
    r"(?P<day>0[1-9]|[12]\d|3[01]|[1-9](?=[/._-]))(?!\d)"
)
_URL_MONTH_NAME = re.compile(
    r"/(?P<year>(?:1[89]|20)\d{2})/(?P<month>[a-z]{3,9})/(?P<day>\d{1,2})(?!\d)", re.IGNORECASE
)


def parse_date(
    text: object,
    *,
    zone: tzinfo | None = None,
    language: str = "",
    bound: datetime | None = None,
) -> StatedDate | None:
    """Return the date that `text` states, None when it states none or an implausible one.

    `text` is a string or a number (seconds or milliseconds since 1970, or a date in digits).
    `zone` is that of a clock that names none itself, where it is known; `language` (ISO 639-1, or
    '' for English) decides whether 3/4/2017 is in March or April; `bound` is a moment that it
    cannot be after.
    """
    stated = parse_moment(text, zone=zone, language=language)
    return stated if stated and is_plausible(stated, bound=bound) else None


def is_plausible(stated: StatedDate, *, bound: datetime | None = None) -> bool:
    """Tell whether something can have been published then: since 1600, not after tomorrow.

    `bound` (when the page was fetched) stands in for now.
    """
    if bound is None and _FIRST_YEAR < stated[:4] < _LAST_YEAR:
        return True  # nearly always; asking the clock costs more than all the rest
    # Two days: the clocks of publishers run fast, and an embargo's day begins in Auckland.
    return EARLIEST <= stated.start(UTC) <= (bound or datetime.now(UTC)) + _AHEAD


def parse_moment(
    text: object, *, zone: tzinfo | None = None, language: str = ""
) -> StatedDate | None:
    """Return the date that `text` states, plausible or not; None when it states none."""
    match text:
        case str():
            if len(text) > _MAX_TEXT or not text:
                return None
            return _parse(text, zone, language)
        case bool():
            return None
        case int() | float():
            return _number(text)
        case datetime():
            return StatedDate.of(text if text.tzinfo else text.replace(tzinfo=zone))
        case date():
            return StatedDate.of(text)
        case _:
            return None


def date_in_url(url: str) -> StatedDate | None:
    """Return the day in a path like /2017/01/30/, /2017/jan/30/ or a-20170130.html."""
    path = url.split("?", 1)[0]
    found = _URL_MONTH_NAME.search(path)
    if found and found["month"].lower() in MONTHS:
        month = MONTHS[found["month"].lower()]
    elif found := _URL_DAY.search(path):
        month = int(found["month"])
    else:
        return None
    stated = _stated(int(found["year"]), month, int(found["day"]))
    return stated if stated and is_plausible(stated) else None


# Dates repeat: an archive has hundreds of articles a day. A look-up takes 0.1 µs.
@lru_cache(maxsize=65536)
def _parse(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    try:
        # Of what the standard library takes, a bare number is not ISO 8601 as news uses it, and a
        # week's day ('2017-W05') is nobody's date of publication.
        if "-" in text[4:5] and "W" not in text:
            if len(text) == 10:
                return StatedDate.of(date.fromisoformat(text))
            exact = datetime.fromisoformat(text)
            return StatedDate.of(exact if exact.tzinfo else exact.replace(tzinfo=zone))
    except ValueError:
        pass
    text = " ".join(text.split()).strip(" ,;|•·")
    for form in _FORMS:
        if moment := form(text, zone, language):
            return moment
    if _ISO.match(text):
        return None  # a day that the calendar does not have
    bare = _LABEL.sub("", text)
    if bare != text:
        return _parse(bare, zone, language)
    return _dateparser(text, zone, language)


def _iso(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    found = _ISO.match(text) or _COMPACT.match(text)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if found[4] is None:
        return _stated(year, month, day)
    clock = int(found[4]), int(found[5]), int(found[6] or 0)
    return _stated(year, month, day, clock, _zone(found[7], zone))


def _numbers(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    if text.isascii() and text.replace(".", "", 1).removeprefix("-").isdigit():
        return _number(float(text))
    found = _NUMERIC.match(text) or _NUMERIC_LAST.match(text)
    if not found:
        return None
    first, second = int(found["first"]), int(found["second_"])
    year = _full_year(found["year"])
    # Only Americans, and only with slashes or hyphens, put the month first.
    month_first = found["mark"] != "." and language in _MONTH_FIRST_LANGUAGES
    if first > 12 or (not month_first and second <= 12):
        day, month = first, second
    else:
        day, month = second, first
    return _with_time(found, year, month, day, zone)


def _partial(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    """Return the month of '2017-05', '05/2017' or 'May 2017'."""
    if found := _MONTH_NUMBER.match(text):
        return _stated(int(found["year"] or found["year_"]), int(found["month"] or found["month_"]))
    found = _MONTH_NAME.match(text)
    if found and (month := MONTHS.get(found["month"].lower())):
        return _stated(int(found["year"]), month)
    return None


def _named(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    for pattern in (_MONTH_FIRST, _DAY_FIRST, _TIME_DAY, _TIME_MONTH, _UNIX):
        found = pattern.match(text)
        if found and (month := MONTHS.get(found["month"].lower())):
            return _with_time(found, int(found["year"]), month, int(found["day"]), zone)
    return None


def _east_asian(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    if text.isascii() or not (found := _EAST_ASIAN.search(text)):
        return None
    year, month = int(found["year"]), int(found["month"])
    if found["day"] is None:
        return _stated(year, month)
    day = int(found["day"])
    if found["hour"] is None:
        return _stated(year, month, day)
    hour = int(found["hour"])
    if hour < 12 and ("下午" in text or "오후" in text or "午後" in text):
        hour += 12
    return _stated(year, month, day, (hour, int(found["minute"] or 0), 0), zone)


_FORMS: tuple[Callable[[str, tzinfo | None, str], StatedDate | None], ...] = (
    _iso,
    _named,
    _numbers,
    _east_asian,
    _partial,
)


def _with_time(
    found: re.Match[str], year: int, month: int, day: int, zone: tzinfo | None
) -> StatedDate | None:
    if found["hour"] is None:
        return _stated(year, month, day)
    hour = int(found["hour"])
    half = (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    return _stated(year, month, day, (hour, minute, second), _zone(found["zone"], zone))


def _zone(named: str | None, zone: tzinfo | None) -> tzinfo | None:
    return (zone_named(named) or zone) if named else zone


def _stated(
    year: int,
    month: int,
    day: int = 0,
    clock: tuple[int, int, int] | None = None,
    zone: tzinfo | None = None,
) -> StatedDate | None:
    """Return the date; None when there is no such month, day or time. 24:00 ends a day."""
    try:
        if not day:
            return StatedDate(f"{year:04d}-{month:02d}")
        if clock is None:
            return StatedDate.of(date(year, month, day))
        hour, minute, second = clock
        midnight = datetime(year, month, day, tzinfo=zone)
        if clock == (24, 0, 0):
            return StatedDate.of(midnight + timedelta(days=1))
        return StatedDate.of(midnight.replace(hour=hour, minute=minute, second=min(second, 59)))
    except (ValueError, OverflowError):
        return None


def _number(number: float) -> StatedDate | None:
    """Return what a number alone stands for: a year, a day in six or eight digits, or seconds,
    milliseconds, microseconds or nanoseconds since 1970; None for any other.

    Six digits are the year, month and day of old wires, unless they may be a year and a month.
    """
    if not abs(number) < 1e20:  # nor is what is not a number
        return None
    if number == int(number) and 0 < number < 1e8:
        digits = str(int(number))
        match len(digits):
            case 4 if _FIRST_YEAR <= digits <= _LAST_YEAR:
                return StatedDate(digits)
            case 8:
                return _stated(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            case 6:
                day = _stated(_full_year(digits[:2]), int(digits[2:4]), int(digits[4:]) or 99)
                month = _stated(int(digits[:4]), int(digits[4:]))
                if month is None or not _FIRST_YEAR <= month <= f"{_LAST_YEAR}-99":
                    return day
                return None if day else month
        return None
    while abs(number) >= 1e11:
        number /= 1000
    try:
        return StatedDate.of(datetime.fromtimestamp(number, UTC)) if abs(number) >= 1e8 else None
    except (ValueError, OverflowError, OSError):
        return None


def _full_year(digits: str) -> int:
    """Return the year that two digits stand for."""
    return int(digits) + (1900 if digits >= "70" else 2000) if len(digits) == 2 else int(digits)


def _dateparser(text: str, zone: tzinfo | None, language: str) -> StatedDate | None:
    """Ask dateparser, for the languages and forms that no pattern above knows."""
    numbers = _NUMBER.findall(text)
    if not 2 <= len(numbers) <= 7 or not any(len(number) == 4 for number in numbers):
        return None  # without a year and a day there is no date to find
    if not 8 <= len(text) <= 80:
        return None
    try:
        with quietly():
            import dateparser

            moment = dateparser.parse(
                text,
                languages=[language] if language else None,
                settings={
                    "REQUIRE_PARTS": ["day", "month", "year"],
                    "PARSERS": ["absolute-time"],
                    "RETURN_AS_TIMEZONE_AWARE": False,
                },
            )
    except (ValueError, OverflowError, RecursionError, TypeError, AttributeError):
        return None
    if moment is None:
        return None
    if not _CLOCK.search(text):
        return StatedDate.of(moment.date())
    return StatedDate.of(moment if moment.tzinfo else moment.replace(tzinfo=zone))
