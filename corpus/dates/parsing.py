"""Dates as news states them, to `StatedDate`.

`parse_date` reads a field or a line that is a date, `dates_in` the dates of a line that says more;
`corpus.dates.words` and `corpus.dates.lines` tell how. A text takes about 30 µs, and one that was
met before 0.1. What is not said stays unknown: a day has no hour, a clock without a zone has none,
'May 2017' is a month. What cannot be a date of publication (`is_plausible`) is refused: years 0 and
9999, the day after tomorrow. Relative dates ('yesterday') stay unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from corpus.core.stated_date import StatedDate
from corpus.dates.lines import (
    Locale,
    dates_of,
    day_of,
    full_year,
    numeric_orders,
    whole_line,
)
from corpus.dates.months import month_named
from corpus.dates.words import JOIN, PUBLISHED, UPDATED, signed

__all__ = [
    "ANYWHERE", "EARLIEST", "Locale", "date_in_url", "dates_in", "day_first", "is_plausible",
    "orders_of", "parse_date", "parse_moment",
]  # fmt: skip

EARLIEST = datetime(1600, 1, 1, tzinfo=UTC)
"""Nothing was a newspaper before: the first, Relation, is of 1605."""

_FIRST_YEAR = str(EARLIEST.year)
_LAST_YEAR = str(datetime.now(UTC).year)
_AHEAD = timedelta(days=2)
_MAX_TEXT = 200
_MAX_LINE = 500

ANYWHERE = Locale()
"""Of a source that nothing is known of."""

_LABELS = re.compile(rf"[{JOIN}{PUBLISHED}{UPDATED}:]+")
_MONTH_NUMBER = re.compile(
    r"^(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})|(?P<month_>\d{1,2})[/.](?P<year_>\d{4}))$"
)
_SCRIPT_DATE = re.compile(r"\s*/?Date\((-?\d{9,14})(?:[+-]\d{4})?\)/?\s*")
"""Milliseconds since 1970 as one of Microsoft's serialisers writes them."""

_SCRIPTS = re.compile(
    r"(?P<th>[ก-๛])|(?P<fa>[۰-۹پچژگکی])|(?P<ko>[가-힣])|(?P<ja>[ぁ-ヿ]|令和|平成|昭和)|(?P<zh>[一-鿿])"
    r"|(?P<he>[א-ת])"
)
_URL_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:1[89]|20)\d{2})(?P<mark>[-/_.]?)(?P<month>0?[1-9]|1[0-2])(?P=mark)"
    r"(?P<day>0[1-9]|[12]\d|3[01]|[1-9](?=[/._-]))(?!\d)"
)
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/(?!\d)")
_URL_MONTH_NAME = re.compile(
    r"/(?P<year>(?:1[89]|20)\d{2})/(?P<month>[a-z]{3,9})/(?P<day>\d{1,2})(?!\d)", re.IGNORECASE
)


def parse_date(
    text: object, locale: Locale = ANYWHERE, *, bound: datetime | None = None
) -> StatedDate | None:
    """Return the date that `text` states, None when it states none or an implausible one.

    `text` is a string or a number (seconds or milliseconds since 1970, or a date in digits), with
    at most a few words besides; `locale` tells what its digits and abbreviations mean; `bound` is
    a moment that it cannot be after.
    """
    stated = parse_moment(text, locale)
    return stated if stated and is_plausible(stated, bound=bound) else None


def dates_in(
    text: str, locale: Locale = ANYWHERE, *, bound: datetime | None = None
) -> tuple[StatedDate | None, StatedDate | None]:
    """Return when a line says that something was published, and when updated.

    The line may say anything else, so that a month without a day is no more than a mention. Of
    several dates that it does not tell apart the first is that of publication.
    """
    text = " ".join(text[:_MAX_LINE].split())
    locale = _of_script(text, locale)
    published = updated = None
    for found in dates_of(signed(text, locale.language), locale):
        if len(found.date) < 10 or not is_plausible(found.date, bound=bound):
            continue
        if found.updated:
            updated = updated or found.date
        else:
            published = published or found.date
    return published, updated


def orders_of(text: str, known: Collection[str] = ()) -> set[bool]:
    """Return whether dates in numbers of a text put the day first, as far as they prove it, or the
    `known` days (ISO 8601) that other dates of its source state do."""
    return set(numeric_orders(text[:_MAX_TEXT], known))


def day_first(texts: Iterable[str], known: Collection[str] = ()) -> bool | None:
    """Return whether dates in numbers of one source put the day first, None when none of them
    proves it, or some prove the one and some the other."""
    orders: set[bool] = set()
    for text in texts:
        if "/" in text or "-" in text:  # of those with points the day is known to come first
            orders |= orders_of(text, known)
    return orders.pop() if len(orders) == 1 else None


def is_surely_plausible(stated: str) -> bool:
    """Tell whether a date's text is of a year all of which is plausible."""
    return _FIRST_YEAR < stated[:4] < _LAST_YEAR


def is_plausible(stated: StatedDate, *, bound: datetime | None = None) -> bool:
    """Tell whether something can have been published then: since 1600, not after tomorrow.

    `bound` (when the page was fetched) stands in for now.
    """
    if bound is None and is_surely_plausible(stated):
        return True  # nearly always; asking the clock costs more than all the rest
    # Two days: the clocks of publishers run fast, and an embargo's day begins in Auckland.
    return EARLIEST <= stated.start(UTC) <= (bound or datetime.now(UTC)) + _AHEAD


def parse_moment(text: object, locale: Locale = ANYWHERE) -> StatedDate | None:
    """Return the date that `text` states, plausible or not; None when it states none."""
    match text:
        case str():
            if len(text) > _MAX_TEXT or not text:
                return None
            return _parse(text, locale)
        case bool():
            return None
        case int() | float():
            return _number(text)
        case datetime():
            return StatedDate.of(text if text.tzinfo else text.replace(tzinfo=locale.zone))
        case date():
            return StatedDate.of(text)
        case _:
            return None


def date_in_url(url: str) -> StatedDate | None:
    """Return the day in a path like /2017/01/30/, /2017/jan/30/ or a-20170130.html, or the month
    in one like /2017/01/."""
    path = url.split("?", 1)[0]
    found = _URL_MONTH_NAME.search(path)
    if found and (named := month_named(found["month"])) and named <= 12:
        month = named
    elif found := _URL_DAY.search(path):
        month = int(found["month"])
    elif found := _URL_MONTH.search(path):
        return _month(int(found[1]), int(found[2]))
    else:
        return None
    stated = _of_digits(found["year"], f"{month:02d}{int(found['day']):02d}")
    return stated if stated and is_plausible(stated) else None


# Dates repeat: an archive has hundreds of articles a day. A look-up takes 0.1 µs.
@lru_cache(maxsize=65536)
def _parse(text: str, locale: Locale) -> StatedDate | None:
    try:
        # Of what the standard library takes, a bare number is not ISO 8601 as news uses it, and a
        # week's day ('2017-W05') is nobody's date of publication.
        if "-" in text[4:5] and "W" not in text and text[:1] in "12":
            if len(text) == 10:
                return StatedDate.of(_day(text, locale))
            exact = datetime.fromisoformat(text)
            if exact.year >= EARLIEST.year:
                return StatedDate.of(exact if exact.tzinfo else exact.replace(tzinfo=locale.zone))
    except ValueError:
        pass
    if found := _SCRIPT_DATE.fullmatch(text):
        return _number(float(found[1]))
    text = " ".join(text.split()).strip(" ,;|•·")
    locale = _of_script(text, locale)
    line = signed(text, locale.language)
    if stated := whole_line(line, locale):
        return stated
    line = _LABELS.sub(" ", line).strip()
    if month := _MONTH_NUMBER.match(line):
        return _month(int(month["year"] or month["year_"]), int(month["month"] or month["month_"]))
    try:
        number = float(line) if line.isascii() and len(line) <= 24 else math.nan
    except ValueError:
        return None
    return _number(number)


def _day(text: str, locale: Locale) -> date:
    return day_of(int(text[:4]), int(text[5:7]), int(text[8:]), locale.language)


def _of_script(text: str, locale: Locale) -> Locale:
    """Return a locale with the language that a script is of, where none is known."""
    if text.isascii() or locale.language:
        return locale
    found = _SCRIPTS.search(text)
    return replace(locale, language=found.lastgroup or "") if found else locale


def _month(year: int, month: int) -> StatedDate | None:
    try:
        return StatedDate(f"{year:04d}-{month:02d}")
    except ValueError:
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
                return _of_digits(digits[:4], digits[4:])
            case 6:
                day = _of_digits(digits[:2], digits[2:])
                month = _month(int(digits[:4]), int(digits[4:]))
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


def _of_digits(year: str, rest: str) -> StatedDate | None:
    try:
        return StatedDate.of(date(full_year(year), int(rest[:2]), int(rest[2:])))
    except ValueError:
        return None
