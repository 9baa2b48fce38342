"""Dates as people write them, in the archive's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.errors import BadRequestError
from search.dates.calendar import Clock, clock
from search.dates.parsing import bounds, label, read_dates
from search.query.nodes import DateRange
from search.query.parse import parse

NOW = datetime(2017, 2, 1, 12, 30, 5, tzinfo=UTC)  # a Wednesday
ZONE = "Europe/Berlin"
AT = clock(NOW, ZONE)


def span(text: str, at: Clock = AT) -> str | None:
    """Return the interval as local times, so that tables can be read."""
    found = read_dates(text, at)
    if found is None:
        return None
    ends = [
        "" if second is None else f"{datetime.fromtimestamp(second, at.zone):%Y-%m-%d %H:%M:%S}"
        for second in found
    ]
    return " - ".join(end.removesuffix(" 00:00:00") for end in ends)


NUMERIC = [
    ("2017", "2017-01-01 - 2018-01-01"),
    ("2017-01", "2017-01-01 - 2017-02-01"),
    ("2017-12", "2017-12-01 - 2018-01-01"),
    ("2017-01-30", "2017-01-30 - 2017-01-31"),
    ("2017-1-3", "2017-01-03 - 2017-01-04"),
    ("2017/01/30", "2017-01-30 - 2017-01-31"),
    ("20170130", "2017-01-30 - 2017-01-31"),
    ("30.1.2017", "2017-01-30 - 2017-01-31"),
    ("3/4/2017", "2017-04-03 - 2017-04-04"),
    ("1/30/2017", "2017-01-30 - 2017-01-31"),
    ("2017-W05", "2017-01-30 - 2017-02-06"),
    ("2017-Q2", "2017-04-01 - 2017-07-01"),
    ("Q4 2016", "2016-10-01 - 2017-01-01"),
    ("1990s", "1990-01-01 - 2000-01-01"),
    ("2017-01-30T13", "2017-01-30 13:00:00 - 2017-01-30 14:00:00"),
    ("2017-01-30T13:19", "2017-01-30 13:19:00 - 2017-01-30 13:20:00"),
    ("2017-01-30 13:19:07", "2017-01-30 13:19:07 - 2017-01-30 13:19:08"),
    ("2017-01-30T13:19Z", "2017-01-30 14:19:00 - 2017-01-30 14:20:00"),
    ("2017-01-30T13:19+03:00", "2017-01-30 11:19:00 - 2017-01-30 11:20:00"),
    ("2017-01-30T13:19-0530", "2017-01-30 19:49:00 - 2017-01-30 19:50:00"),
]

RANGES = [
    ("2017-01..2017-03", "2017-01-01 - 2017-04-01"),
    ("2017-03..2017-01", "2017-01-01 - 2017-04-01"),
    ("2017-01-30..", "2017-01-30 - "),
    ("..2017", " - 2018-01-01"),
    ("[2017-01 TO 2017-03]", "2017-01-01 - 2017-04-01"),
    ("[2017-01-01 to 2017-01-02]", "2017-01-01 - 2017-01-03"),
    ("{2017-01 TO 2017-03}", "2017-02-01 - 2017-03-01"),
    ("[2017-01 TO 2017-03}", "2017-01-01 - 2017-03-01"),
    ("[* TO 2017]", " - 2018-01-01"),
    ("[2017 TO *]", "2017-01-01 - "),
    ("[last week TO today]", "2017-01-23 - 2017-02-02"),
    (">2016", "2017-01-01 - "),
    (">=2016", "2016-01-01 - "),
    ("<2016-05", " - 2016-05-01"),
    ("<=2016-05", " - 2016-06-01"),
    ("*", " - "),
]

WORDS = [
    ("today", "2017-02-01 - 2017-02-02"),
    ("heute", "2017-02-01 - 2017-02-02"),
    ("hoy", "2017-02-01 - 2017-02-02"),
    ("aujourd’hui", "2017-02-01 - 2017-02-02"),
    ("oggi", "2017-02-01 - 2017-02-02"),
    ("сегодня", "2017-02-01 - 2017-02-02"),
    ("yesterday", "2017-01-31 - 2017-02-01"),
    ("gestern", "2017-01-31 - 2017-02-01"),
    ("ayer", "2017-01-31 - 2017-02-01"),
    ("day before yesterday", "2017-01-30 - 2017-01-31"),
    ("vorgestern", "2017-01-30 - 2017-01-31"),
    ("anteayer", "2017-01-30 - 2017-01-31"),
    ("avant-hier", "2017-01-30 - 2017-01-31"),
    ("this week", "2017-01-30 - 2017-02-06"),
    ("last week", "2017-01-23 - 2017-01-30"),
    ("Letzte Woche", "2017-01-23 - 2017-01-30"),
    ("la semana pasada", "2017-01-23 - 2017-01-30"),
    ("la semaine dernière", "2017-01-23 - 2017-01-30"),
    ("vorige week", "2017-01-23 - 2017-01-30"),
    ("на прошлой неделе", "2017-01-23 - 2017-01-30"),
    ("last month", "2017-01-01 - 2017-02-01"),
    ("letzten Monat", "2017-01-01 - 2017-02-01"),
    ("el mes pasado", "2017-01-01 - 2017-02-01"),
    ("last year", "2016-01-01 - 2017-01-01"),
    ("letztes Jahr", "2016-01-01 - 2017-01-01"),
    ("el año pasado", "2016-01-01 - 2017-01-01"),
    ("this year", "2017-01-01 - 2018-01-01"),
    ("last quarter", "2016-10-01 - 2017-01-01"),
    ("last decade", "2000-01-01 - 2010-01-01"),
    ("last 7 days", "2017-01-26 - 2017-02-02"),
    ("letzte 7 Tage", "2017-01-26 - 2017-02-02"),
    ("últimos 7 días", "2017-01-26 - 2017-02-02"),
    ("past two weeks", "2017-01-19 - 2017-02-02"),
    ("last 3 months", "2016-11-02 - 2017-02-02"),
    ("last 24 hours", "2017-01-31 13:30:05 - 2017-02-01 13:30:05"),
    ("3 days ago", "2017-01-29 - 2017-01-30"),
    ("vor 3 Tagen", "2017-01-29 - 2017-01-30"),
    ("hace tres días", "2017-01-29 - 2017-01-30"),
    ("il y a 3 jours", "2017-01-29 - 2017-01-30"),
    ("a week ago", "2017-01-23 - 2017-01-30"),
    ("vor einem Monat", "2017-01-01 - 2017-02-01"),
    ("5 years ago", "2012-01-01 - 2013-01-01"),
    ("monday", "2017-01-30 - 2017-01-31"),
    ("Mittwoch", "2017-02-01 - 2017-02-02"),
    ("last wednesday", "2017-01-25 - 2017-01-26"),
    ("el viernes", "2017-01-27 - 2017-01-28"),
    ("january 2017", "2017-01-01 - 2017-02-01"),
    ("enero de 2017", "2017-01-01 - 2017-02-01"),
    ("30 January 2017", "2017-01-30 - 2017-01-31"),
    ("January 30th, 2017", "2017-01-30 - 2017-01-31"),
    ("30. Januar 2017", "2017-01-30 - 2017-01-31"),
    ("30 de enero de 2017", "2017-01-30 - 2017-01-31"),
    ("Monday, 30 Jan 2017", "2017-01-30 - 2017-01-31"),
    ("march", "2016-03-01 - 2016-04-01"),
    ("1 march", "2016-03-01 - 2016-03-02"),
]

NONE = [
    "", "rubbish", "2017-13", "2017-02-30", "31 february 2017", "0000", "99999", "last", "week",
    "monday tuesday", "next to the harbour", "2017-01..rubbish", "[2017 TO", "last 0 days",
    "99999 years ago", "2017-01-30T25:00", "30",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NUMERIC + RANGES + WORDS)
def test_dates_are_read(text: str, expected: str) -> None:
    assert span(text) == expected


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_dates(text, AT) is None


@pytest.mark.parametrize(("text", "expected"), [
    ("date:2017-01", (1483225200, 1485903600)),
    ("before:2017-01", (None, 1483225200)),
    ("after:2017-01", (1485903600, None)),
    ("since:2017-01", (1483225200, None)),
    ("until:2017-01", (None, 1485903600)),
    ("date:last week", (1485126000, 1485730800)),
    ('date:"last week"', (1485126000, 1485730800)),
    ("date:january 2017", (1483225200, 1485903600)),
])  # fmt: skip
def test_fields_of_dates(text: str, expected: tuple[int | None, int | None]) -> None:
    node = parse(text, now=NOW, timezone=ZONE).node
    assert isinstance(node, DateRange)
    assert (node.start, node.end) == expected


@pytest.mark.parametrize("period", ["2017", "2017-01", "2017-01-30", "last week", "yesterday"])
def test_before_date_and_after_part_all_time(period: str) -> None:
    def node(field: str) -> DateRange:
        found = parse(f'{field}:"{period}"', now=NOW, timezone=ZONE).node
        assert isinstance(found, DateRange)
        return found

    assert node("before").end == node("date").start == node("since").start
    assert node("date").end == node("after").start == node("until").end


@pytest.mark.parametrize(("text", "words"), [
    ("date:yesterday storm", "storm date:2017-01-31"),
    ("date:last week storm", "storm date:2017-01-23..2017-01-29"),
    ("date:30 january 2017 storm", "storm date:2017-01-30"),
    ("date:2017 may storm", "may storm date:2017"),
])  # fmt: skip
def test_a_date_without_quotes_ends_where_it_is_no_longer_one(text: str, words: str) -> None:
    assert parse(text, now=NOW, timezone=ZONE).parsed == words


def test_a_day_is_that_of_the_archive() -> None:
    late = datetime(2017, 1, 31, 23, 30, tzinfo=UTC)
    assert span("today", clock(late, "Asia/Tokyo")) == "2017-02-01 - 2017-02-02"
    assert span("today", clock(late, "America/New_York")) == "2017-01-31 - 2017-02-01"


def test_days_of_23_and_25_hours_are_whole() -> None:
    for day, hours in (("2017-03-26", 23), ("2017-10-29", 25), ("2017-10-30", 24)):
        start, end = read_dates(day, AT) or (None, None)
        assert start is not None
        assert end is not None
        assert end - start == hours * 3600


def test_a_day_that_begins_at_one_is_read_and_written() -> None:
    at = clock(NOW, "America/Sao_Paulo")  # clocks went from 23:59:59 to 01:00 on 15 October 2017
    found = read_dates("2017-10-15", at)
    assert found is not None
    assert label(*found, at) == "2017-10-15"


@pytest.mark.parametrize(("text", "written"), [
    ("2017", "2017"),
    ("2016..2017", "2016..2017"),
    ("2017-Q1", "2017-01..2017-03"),
    ("2017-01-30", "2017-01-30"),
    ("last week", "2017-01-23..2017-01-29"),
    ("since never", None),
    (">2016", "2017.."),
    ("..2016-05", "..2016-05"),
    ("last 24 hours", "[2017-01-31T12:30:05Z TO 2017-02-01T12:30:05Z}"),
    ("*", "*"),
])  # fmt: skip
def test_labels_are_short(text: str, written: str | None) -> None:
    found = read_dates(text, AT)
    assert (label(*found, AT) if found else None) == written


ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu"]


@given(st.dates(date(1000, 1, 2), date(9998, 12, 30)), st.integers(0, 4000), st.sampled_from(ZONES))
def test_whole_days_are_written_and_read_alike(first: date, days: int, zone: str) -> None:
    at = clock(NOW, zone)
    last = first + min(timedelta(days), date(9998, 12, 31) - first)
    start, end = at.days(first, last)
    assert read_dates(label(start, end, at), at) == (start, end)
    assert read_dates(label(start, None, at), at) == (start, None)
    assert read_dates(label(None, end, at), at) == (None, end)


@given(st.integers(-30_000_000_000, 250_000_000_000), st.integers(0, 10**9), st.sampled_from(ZONES))
def test_any_interval_is_written_and_read_alike(start: int, length: int, zone: str) -> None:
    at = clock(NOW, zone)
    assert read_dates(label(start, start + length, at), at) == (start, start + length)


@given(st.text(max_size=60) | st.text("0123456789-/.: TOQWtoZ[]{}*<>=", max_size=30))
def test_no_text_raises(text: str) -> None:
    found = read_dates(text, AT)
    if found is not None:
        assert read_dates(label(*found, AT), AT) == found


def test_the_bounds_of_a_request_include_both_periods() -> None:
    berlin = ZoneInfo(ZONE)
    assert bounds("2017-01", "2017-02", now=NOW, timezone=ZONE) == (
        int(datetime(2017, 1, 1, tzinfo=berlin).timestamp()),
        int(datetime(2017, 3, 1, tzinfo=berlin).timestamp()),
    )
    assert bounds("", "", now=NOW, timezone=ZONE) == (None, None)


def test_a_request_with_a_bad_date_or_zone_is_told_what_to_write() -> None:
    with pytest.raises(BadRequestError, match="'rubbish' in 'from' is not a date: write 2017"):
        bounds("rubbish", "", now=NOW, timezone=ZONE)
    with pytest.raises(BadRequestError, match="no time zone 'Mars/Olympus'"):
        bounds("2017", "", now=NOW, timezone="Mars/Olympus")
    for name in ("../etc/passwd", "/etc/passwd", "\0", "", "a" * 5000):
        with pytest.raises(BadRequestError):
            clock(NOW, name)
