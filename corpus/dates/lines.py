"""The dates that a line states, each with its time, its zone, and what it is the date of.

The line comes with signs for words (`corpus.dates.words`). Every form of a date is a pattern; of
matches that overlap the one that begins first stands, of those the longest. The time is looked for
behind the date, else before it, and the zone behind the time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from corpus.core.stated_date import StatedDate
from corpus.dates.calendars import BUDDHIST, jalali
from corpus.dates.words import AM, JOIN, JOINS, MONTH_SIGNS, PM, PUBLISHED, UPDATED, month_of
from corpus.dates.zones import ZONE, zone_named


@dataclass(frozen=True, slots=True)
class Locale:
    """Who wrote a date: what its digits and abbreviations stand for.

    `language` is ISO 639-1 and `region` ISO 3166-1, or ''. `day_first` tells what 3/4/2017 is where
    other dates of the same place prove it, else None. `zone` is that of a clock that names none,
    where it is known.
    """

    language: str = ""
    region: str = ""
    day_first: bool | None = None
    zone: tzinfo | None = None

    @property
    def puts_day_first(self) -> bool:
        """Whether 3/4/2017 is in April: everywhere but in American English."""
        if self.day_first is not None:
            return self.day_first
        if self.language not in ("", "en"):
            return True
        return self.region not in _MONTH_FIRST

    @property
    def puts_year_first(self) -> bool:
        """Whether 23.11.15 is in 2023."""
        return self.language in ("ja", "zh", "ko", "hu")


@dataclass(frozen=True, slots=True)
class LineDate:
    """A date of a line, and whether the line says that something was updated then."""

    date: StatedDate
    updated: bool
    start: int
    end: int


_MONTH_FIRST = frozenset(("", "US", "PR", "GU", "VI", "AS", "MP", "UM"))

_GAP = rf"{JOINS}[\s.,/–—-]{{0,4}}{JOINS}[\s.,'’]{{0,2}}"
_OF = rf"{JOINS}[\s./–—-]{{0,4}}{JOINS}[\s.'’]{{0,2}}"
_SUFFIX = r"(?:\s?(?:st|nd|rd|th|er|ste|[oa°ºª:]e?|-?(?:го|ое|я|е)|ος|η))?"
_DAY = rf"(?<![\d:])(?P<day>\d{{1,2}}){_SUFFIX}(?![\d:])"
_MONTH = rf"(?P<month>[{MONTH_SIGNS}])"
_YEAR = r"(?:['’](?=\d\d(?!\d)))?(?P<year>\d{4}|\d{2}(?!\s?[:.hH]\s?\d|,?\s\d{4}))(?!\d)"
_FORMS = (
    # 2023-11-15, 2023/11/15, 2023. 11. 15., 2023年11月15日
    re.compile(
        r"(?<![\d.])(?P<year>\d{4})(?:\s?(?P<mark>[-/._])\s?(?P<number>\d{1,2})\s?(?P=mark)\s?"
        r"|\s?[年년]\s?(?P<number_>\d{1,2})\s?[月월]\s?)(?P<day>\d{1,2})(?!\d)\s?[日일号號.]?"
    ),
    # 20231115, 20231115T0940
    re.compile(
        r"(?<!\d)(?P<year>(?:1[6-9]|20)\d\d)(?P<number>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
        r"(?:T?(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?)?(?!\d)"
    ),
    # 15/11/2023, 15.11.23, 15. 11. 2023
    re.compile(
        r"(?<![\d.,:/-])(?P<first>\d{1,2})\s?(?P<mark>[-/.])\s?(?P<second_>\d{1,2})\s?(?P=mark)\s?"
        r"['’]?(?P<year>\d{4}|\d{2})(?!\d|[.:]\d)"
    ),
    # 15 November 2023, 15-Nov-23, 15 de noviembre de 2023
    re.compile(rf"{_DAY}{_OF}{_MONTH}{_GAP}{_YEAR}"),
    # November 15, 2023; Nov 15 21:40:00 -0500 2023
    re.compile(rf"{_MONTH}{_GAP}{_DAY}(?:{_GAP}|\s*\([^()\d]*\)\s*){_YEAR}"),
    re.compile(
        rf"{_MONTH}\s+{_DAY}\s+(?P<hour>\d{{1,2}}):(?P<minute>\d\d):(?P<second>\d\d)\s+"
        rf"(?:(?P<zone>{ZONE})\s+)?(?P<year>\d{{4}})(?!\d)"
    ),
    # 2023. november 15., 2023-Nov-15
    re.compile(
        rf"(?<!\d)(?P<year>\d{{4}})(?:ko)?{JOINS}[\s.,/–—-]{{0,4}}{JOINS}\s?{_MONTH}"
        r"[\s.,/–—-]{1,4}(?P<day>\d{1,2})(?![\d:])a?\.?"
    ),
    # 2023. gada 15. novembris
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})\.?\s*{JOIN}\s*{_DAY}{_GAP}{_MONTH}"),
    # November 2023, 2023年11月
    re.compile(rf"{_MONTH}{_GAP}(?P<year>\d{{4}})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})\s?[年년]\s?(?P<number>\d{1,2})\s?[月월](?!\s?\d)"),
)
_HALF = rf"(?P<half>[{AM}{PM}])"
_UNIT = r"(?:Uhr|uhr|[hH]rs?|[hHuU]|ч(?:ас\w*)?|год|น)(?![^\W\d_])"
_TIME = re.compile(
    rf"(?:{_HALF}\s?)?(?<![\d.,:/])(?:"
    r"(?P<hour>\d{1,2})\s?(?::|[hHuU]|时|時|시|点|點)\s?(?P<minute>[0-5]\d|\d(?=\s?[分분]))\s?[分분]?"
    r"(?::\s?(?P<second>[0-5]\d|60)(?:[.,]\d+)?|(?<=[分분])\s?(?P<second_>[0-5]?\d)\s?[秒초])?"
    r"|(?P<hour_>\d{1,2})\.(?P<minute_>[0-5]\d)(?![\d.]|\s?%)"
    rf"|(?P<hour__>\d{{1,2}})(?=\s?(?:Uhr|uhr|[hHuU]|ч|น)(?![^\W_])|\s?[时時시点點]|\s?[{AM}{PM}])[时時시点點]?"
    r"|(?P<clock>[0-2]\d[0-5]\d)(?=\s?(?:[hH]rs?|GMT|UTC|Z|[A-Z]{2,4}T)(?![^\W\d_]))"
    rf")(?:\s?(?P<half_>[{AM}{PM}])\.?)?(?:\s?{_UNIT}\.?)?"
)
_ZONE = re.compile(
    rf"[\s,]{{0,3}}[(\[]?(?P<zone>{ZONE})[)\]]?(?:\s?\((?:[^()]|\([^()]*\)){{0,60}}\))?"
)
_END = re.compile(r"[-−](\d{1,2}):?\d\d")
_COMMENT = re.compile(r"\((?:[^()]|\([^()]*\)){0,60}\)")
_SIGNS = rf"(?:[\s,;،؛、|/·•~–—@()\[\].-]|{JOIN}|\([^()\d]{{1,12}}\)){{0,12}}"
_BETWEEN = re.compile(rf"T|{_SIGNS}(?:(?<!\w)[^\W\d_]{{1,14}}(?=[\s.,)]){_SIGNS})?")


def full_year(digits: str, today: date | None = None) -> int:
    """Return the year that two digits stand for: the last one that is not after the next year."""
    year = int(digits)
    if len(digits) > 2:
        return year
    this = (today or date.today()).year
    return year + 2000 if year + 2000 <= this + 1 else year + 1900


def day_of(year: int, month: int, day: int, language: str) -> date:
    """Return the day of numbers as a line of that language has them; raises ValueError for none.

    Years of the Buddhist era are known by their size, those of the Solar Hijri calendar in Persian
    and by the names of months, which are 13 to 24.
    """
    if month > 12:
        return jalali(year if year > 99 else year + (1300 if year > 50 else 1400), month - 12, day)
    if 2400 <= year <= 2700:
        year -= BUDDHIST
    elif 1200 <= year < 1500 and language in ("fa", "ps"):
        return jalali(year, month, day)
    return date(year, month, day)


def stated(
    day: date, clock: tuple[int, int, int] | None = None, zone: tzinfo | None = None
) -> StatedDate:
    """Return a day, or a time of it; 24:00 ends the day. Raises ValueError for no time of a day."""
    if clock is None:
        return StatedDate.of(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if clock == (24, 0, 0):
        return StatedDate.of(midnight + timedelta(days=1))
    hour, minute, second = clock
    return StatedDate.of(midnight.replace(hour=hour, minute=minute, second=min(second, 59)))


@dataclass(slots=True)
class _Found:
    """A date, and what of the line it takes up."""

    match: re.Match[str]
    start: int
    end: int
    time: re.Match[str] | None = None
    zone: tzinfo | None = None


def dates_of(line: str, locale: Locale) -> list[LineDate]:
    """Return the dates of a line with signs, in its order."""
    found = _matches(line)
    made = []
    last = 0
    for at, one in enumerate(found):
        limit = found[at + 1].start if at + 1 < len(found) else len(line)
        _add_time(line, one, last, limit, locale)
        date_ = _date(one, locale)
        if date_ is not None:
            made.append(LineDate(date_, _is_update(line[last : one.start]), one.start, one.end))
        last = one.end
    return made


def whole_line(line: str, locale: Locale) -> StatedDate | None:
    """Return the only date of a line that says little else: a weekday, a label, a comment."""
    for text in (line, _COMMENT.sub(" ", line)):
        found = dates_of(text, locale)
        if len(found) != 1:
            continue
        before, after = text[: found[0].start], _COMMENT.sub(" ", text[found[0].end :])
        most = 3 if PUBLISHED in before or UPDATED in before else 1
        if _words(before) <= most and _words(after) <= 1:
            return found[0].date
    return None


def _words(text: str) -> int:
    """Return how many words there are beside signs; a number is more than any line may have."""
    if any(map(str.isdigit, text)):
        return len(text) + 9
    return sum(any(map(str.isalpha, word)) for word in text.split())


def _matches(line: str) -> list[_Found]:
    """Return the dates of a line that do not overlap."""
    every = [(m.start(), -m.end(), m) for form in _FORMS for m in form.finditer(line)]
    every.sort(key=lambda one: one[:2])
    found: list[_Found] = []
    for start, _, match in every:
        if not found or start >= found[-1].end:
            found.append(_Found(match, start, match.end()))
    return found


def _add_time(line: str, one: _Found, last: int, limit: int, locale: Locale) -> None:
    """Find the time of a date, and its zone."""
    groups = one.match.groupdict()
    if groups.get("hour"):
        one.time = one.match
        if named := groups.get("zone"):
            one.zone = zone_named(named, locale.region)
        else:
            _add_zone(line, one, limit, locale)
        return
    gap = _BETWEEN.match(line, one.end, limit)
    for at in (gap.end(), one.end) if gap else ():
        if time := _TIME.match(line, at, limit):
            one.time, one.end = time, time.end()
            _add_zone(line, one, limit, locale)
            return
    before = None
    for time in _TIME.finditer(line, last, one.start):
        before = time
    if before is None:
        return
    zone = _ZONE.match(line, before.end(), one.start)
    named = zone_named(zone["zone"], locale.region) if zone else None
    rest = zone.end() if zone and named else before.end()
    gap = _BETWEEN.match(line, rest, one.start)
    if gap and gap.end() == one.start:
        one.time, one.start = before, before.start()
        one.zone = named
        if named is None:
            _add_zone(line, one, limit, locale)


def _add_zone(line: str, one: _Found, limit: int, locale: Locale) -> None:
    zone = _ZONE.match(line, one.end, limit)
    if zone and not _is_range(one.time, zone):
        one.zone = zone_named(zone["zone"], locale.region)
        if one.zone is not None:
            one.end = zone.end()


def _is_range(time: re.Match[str] | None, zone: re.Match[str]) -> bool:
    """Tell an hour at which something ends, '10:00-12:00', from an offset, '10:00-05:00'."""
    if time is None or not (found := _END.fullmatch(zone[0])) or time.groupdict().get("second"):
        return False
    return int(found[1]) > _clock(time)[0]


def _date(one: _Found, locale: Locale) -> StatedDate | None:
    groups = one.match.groupdict()
    year = full_year(groups["year"])
    if len(groups["year"]) == 2 and locale.language in ("th", "lo"):
        year = 2500 + int(groups["year"])
    try:
        if "first" in groups:
            day = _numeric(one.match, year, locale)
        else:
            sign = groups.get("month")
            number = groups.get("number") or groups.get("number_")
            month = month_of(sign) if sign else int(number or 0)
            if not groups.get("day"):
                day = day_of(year, month, 1, locale.language)
                return StatedDate.of(day) if month > 12 else StatedDate(day.isoformat()[:7])
            day = day_of(year, month, int(groups["day"]), locale.language)
        clock = _clock(one.time) if one.time else None
        zone = (one.zone or locale.zone) if clock else None
        return stated(day, clock, zone)
    except (ValueError, OverflowError):
        return None


def _numeric(found: re.Match[str], year: int, locale: Locale) -> date:
    first, second = int(found["first"]), int(found["second_"])
    if len(found["year"]) == 2 and locale.puts_year_first:
        return date(full_year(found["first"]), second, int(found["year"]))
    day_first = found["mark"] == "." or locale.puts_day_first
    if first > 12 or (day_first and second <= 12):
        return day_of(year, second, first, locale.language)
    return day_of(year, first, second, locale.language)


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    groups = found.groupdict()
    if clock := groups.get("clock"):
        return int(clock[:2]), int(clock[2:]), 0
    hour = int(groups.get("hour") or groups.get("hour_") or groups.get("hour__") or 0)
    half = groups.get("half") or groups.get("half_")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == PM else 0)
    minute = int(groups.get("minute") or groups.get("minute_") or 0)
    return hour, minute, int(groups.get("second") or groups.get("second_") or 0)


def _is_update(before: str) -> bool:
    """Tell whether the last label before a date is one of a change."""
    return before.rfind(UPDATED) > before.rfind(PUBLISHED)


def numeric_orders(line: str, known: Collection[str] = ()) -> Iterator[bool]:
    """Yield, for each date of a line in numbers that can be read in one way only, whether its day
    comes first; of what can be read in two ways, only one may be among the `known` days."""
    for found in _FORMS[2].finditer(line):
        first, second, year = int(found["first"]), int(found["second_"]), found["year"]
        if found["mark"] == ".":
            continue
        if (first > 12) != (second > 12):
            yield first > 12
        elif known:
            days = [
                f"{full_year(year)}-{m:02}-{d:02}" in known
                for m, d in ((second, first), (first, second))
            ]
            if days[0] != days[1]:
                yield days[0]
