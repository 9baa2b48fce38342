"""The first line of a scraped page: time, zone and date glued together.

'13:19 GMT +330 January 2017' is 13:19 at GMT+3 on 30 January 2017: the digits after the sign are
an offset and a day, and only the calendar tells where one ends. Where it allows two readings, GMT+3
(the layout's home) is preferred, then the shorter offset. '(Updated 14:02 GMT +330 January 2017)'
may follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from corpus.core.stated_date import StatedDate
from corpus.dates.months import month_named
from corpus.dates.parsing import is_plausible, parse_moment
from corpus.dates.zones import OFFSETS, offset_zone


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a page was published and, when it says so, updated; `rest` is what follows on the
    line."""

    published: StatedDate | None
    updated: StatedDate | None = None
    rest: str = ""


_HOME = 3
_MOMENT = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::\d{2})?(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"\s*,?\s*\(?(?P<zone>[A-Z]{2,5})?\s*"
    r"(?:(?P<sign>[+−–-])\s*(?P<offset>[\d:]{1,8})\)?(?:,?\s+(?P<day>\d{1,2}))?|\)?\s*(?P<alone>\d{1,2}))"
    r"(?:st|nd|rd|th)?\s*(?:(?P<month>[^\W\d_]{3,12})\.?,?\s*|\.(?P<number>\d{1,2})\.)"
    r"(?P<year>\d{4})"
)
_FIRST = re.compile(rf"^\W{{0,3}}(?:(?:published|posted)\W{{1,3}})?{_MOMENT}", re.IGNORECASE)
_SECOND = re.compile(rf"^\s*\(?\s*(?:updated?|upd|modified)\W{{0,3}}(?:at\s+)?{_MOMENT}\s*\)?",
                     re.IGNORECASE)  # fmt: skip
_SECOND_TIME = re.compile(
    r"^\s*\(?\s*(?:updated?|upd)\W{0,3}(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})\s*\)?",
    re.IGNORECASE,
)
_LOOSE_SECOND = re.compile(
    r"\(\s*(?:updated?|upd)\W{0,3}(?:at\s+|on\s+)?([^()]{6,60})\)", re.IGNORECASE
)


def read_stamp(line: str) -> Stamp | None:
    """Return what a line states when it opens with a moment, None when it does not.

    A moment that cannot be (31 February, the year 9999) gives a stamp without one.
    """
    line = " ".join(line.split())
    first = _FIRST.match(line)
    if first is None:
        return _loosely(line)
    rest = line[first.end() :]
    published, updated = list(_readings(first)), []
    if second := _SECOND.match(rest):
        updated, rest = list(_readings(second)), rest[second.end() :]
    best = min(published, default=None, key=_unlikeliness)
    again = min(updated, default=None, key=_unlikeliness)
    if published and updated:
        # Both are in one zone, and a page is not updated before it is published.
        zoned = [(p, u) for p in published for u in updated if p[1] == u[1]]
        pairs = [(p, u) for p, u in zoned if not u[0].before(p[0])]
        best, again = min(pairs, default=(best, again), key=lambda pair: _unlikeliness(pair[0]))
    moment = best[0] if best else None
    later = again[0] if again else None
    if moment and not second and (time := _SECOND_TIME.match(rest)):
        later, rest = _at(moment, time), rest[time.end() :]
    return Stamp(moment, later, rest.strip(" ,;|()"))


def read_update(line: str, published: StatedDate) -> StatedDate | None:
    """Return the moment of a line that is nothing but '(Updated …)', None for any other."""
    line = " ".join(line.split())
    second = _SECOND.match(line)
    if second and not line[second.end() :].strip(" ()"):
        updated = [r for r in _readings(second) if not r[0].before(published)]
        return min(updated, key=_unlikeliness)[0] if updated else None
    if (time := _SECOND_TIME.match(line)) and not line[time.end() :].strip(" ()"):
        return _at(published, time)
    return None


def _at(stated: StatedDate, time: re.Match[str]) -> StatedDate | None:
    """Return another time of the same day, in the same zone; None where there is none such."""
    hour, minute = int(time["hour"]), int(time["minute"])
    if hour > 23 or minute > 59:
        return None
    return StatedDate(f"{stated[:10]}T{hour:02d}:{minute:02d}:00{stated[19:]}")


def _loosely(line: str) -> Stamp | None:
    """Return the stamp of a short line that is a date in any other usual form."""
    bare = line
    updated = None
    if found := _LOOSE_SECOND.search(line):
        updated = parse_moment(found[1])
        bare = line[: found.start()] + line[found.end() :]
    if not 8 <= len(bare) <= 60 or sum(map(str.isdigit, bare)) < 5:
        return None
    if not re.search(r"\d{1,2}:\d{2}", bare) and not bare[:1].isdigit():
        return None
    moment = parse_moment(bare)
    return Stamp(moment if is_plausible(moment) else None, updated) if moment else None


_Reading = tuple[StatedDate, int, int, bool]


def _readings(found: re.Match[str]) -> Iterator[_Reading]:
    """Yield each way to read a moment: itself, minutes east of Greenwich, digits, has minutes."""
    month = month_named(found["month"]) if found["month"] else int(found["number"])
    year, hour, minute = int(found["year"]), int(found["hour"]), int(found["minute"])
    if half := found["half"]:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    base = OFFSETS.get((found["zone"] or "GMT").upper(), 0)
    sign = found["sign"]
    alone = [(0, 0, int(found["alone"] or 0), False)]
    for hours, minutes, day, has_minutes in (
        _splits(found["offset"], found["day"]) if sign else alone
    ):
        east = hours * 60 + minutes
        total = base - east if sign and sign != "+" else base + east
        named = bool(sign or found["zone"])
        zone = offset_zone(total) if named else None
        if hours > 14 or (named and zone is None):
            continue
        with suppress(ValueError):
            moment = StatedDate.of(datetime(year, month, day, hour, minute, tzinfo=zone))
            if is_plausible(moment):
                yield moment, total, hours, has_minutes


def _splits(digits: str, day: str | None) -> Iterator[tuple[int, int, int, bool]]:
    """Yield the ways to read digits as hours, minutes and day."""
    if day is not None:
        hours, _, minutes = digits.partition(":")
        if not minutes and len(hours) > 2:
            hours, minutes = hours[:-2], hours[-2:]
        if hours.isdigit() and (not minutes or minutes.isdigit()):
            yield int(hours), int(minutes or 0), int(day), bool(minutes)
        return
    colon = digits.find(":")
    for width in (1, 2):
        hours = digits[:width]
        rest = digits[width:]
        if colon == width:
            if len(rest) > 3 and rest[1:3].isdigit() and rest[3:].isdigit():
                yield int(hours), int(rest[1:3]), int(rest[3:]), True
        elif colon < 0:
            if 1 <= len(rest) <= 2:
                yield int(hours), 0, int(rest), False
            if 3 <= len(rest) <= 4 and rest[:2] in ("00", "15", "30", "45"):
                yield int(hours), int(rest[:2]), int(rest[2:]), True


def _unlikeliness(reading: _Reading) -> tuple[bool, bool, int]:
    _, _, hours, has_minutes = reading
    return has_minutes, hours != _HOME, hours
