"""Years and days of other calendars, as newspapers print them, in the Gregorian calendar."""

from __future__ import annotations

import re
from datetime import date, timedelta

BUDDHIST = 543
"""Years that the Buddhist era of Thailand, Laos and Cambodia is ahead."""

_BREAKS = (
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324,
    2394, 2456, 3178,
)  # fmt: skip
"""Years of the Jalali calendar at which its cycles of leap years begin."""


def jalali(year: int, month: int, day: int) -> date:
    """Return the day of a date of the Solar Hijri calendar of Iran and Afghanistan.

    The leap years are those of K. M. Borkowski, "The Persian calendar for 3000 years", Earth, Moon
    and Planets 74 (1996), which are the calendar's own from 1178 to 1633. Raises ValueError for
    what it does not have.
    """
    if not (1 <= month <= 12 and _BREAKS[0] <= year < _BREAKS[-1]):
        raise ValueError(f"no date of the Jalali calendar: {year}-{month}-{day}")
    new_year, leap = _new_year(year)
    length = 31 if month <= 6 else 30 if month <= 11 or leap else 29
    if not 1 <= day <= length:
        raise ValueError(f"no date of the Jalali calendar: {year}-{month}-{day}")
    before = 31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6
    return new_year + timedelta(days=before + day - 1)


def _new_year(year: int) -> tuple[date, bool]:
    """Return the day on which a Jalali year begins, and whether it is a leap year."""
    gregorian = year + 621
    leaps, since, jump = -14, _BREAKS[0], 0
    for start in _BREAKS[1:]:
        jump = start - since
        if year < start:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        since = start
    number = year - since
    leaps += number // 33 * 8 + (number % 33 + 3) // 4
    if jump % 33 == 4 and jump - number == 4:
        leaps += 1
    leaps_there = gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150
    march = 20 + leaps - leaps_there
    if jump - number < 6:
        number = number - jump + (jump + 4) // 33 * 33
    rest = ((number + 1) % 33 - 1) % 4
    return date(gregorian, 3, 1) + timedelta(days=march - 1), rest == 0


_ERAS = {
    "令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911,
    "民国": 1911, "中華民國": 1911,
}  # fmt: skip
"""What to add to a year of an era: of Japan's emperors, and of the Republic of China."""

_LETTERS = {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}
_NAMES = "|".join(sorted(_ERAS, key=len, reverse=True))
_ERA_YEAR = re.compile(rf"({_NAMES})\s?(\d{{1,3}}|元)(?=\s?年)")
_LETTER_YEAR = re.compile(r"(?<![^\W\d_])([RHSTM])(\d{1,2})([./-])(?=\d{1,2}\3\d{1,2}(?!\d))")
_BUDDHIST_YEAR = re.compile(r"(?:พ\s?\.\s?ศ\s?\.|พุทธศักราช)\s?(\d{4})")
_KANJI = str.maketrans("〇零一二三四五六七八九", "00123456789")
_KANJI_NUMBER = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=\s?[年月日号號])")


def gregorian_years(text: str) -> str:
    """Return a text with years of eras, and numbers in Chinese characters, as Gregorian years in
    digits: '令和五年十一月' is '2023年11月'."""
    text = _KANJI_NUMBER.sub(lambda found: _number(found[0]), text)
    text = _ERA_YEAR.sub(
        lambda found: str(_ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text
    )
    text = _LETTER_YEAR.sub(lambda found: f"{_LETTERS[found[1]] + int(found[2])}{found[3]}", text)
    return _BUDDHIST_YEAR.sub(lambda found: f" {int(found[1]) - BUDDHIST} ", text)


def _number(kanji: str) -> str:
    """Return '23' for '二十三', '2023' for '二〇二三'."""
    tens, ten, ones = kanji.partition("十")
    if not ten:
        return kanji.translate(_KANJI)
    return str(int(tens.translate(_KANJI) or 1) * 10 + int(ones.translate(_KANJI) or 0))
