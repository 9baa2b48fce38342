"""Moments as news states them are read with their zones, and nothing else is taken for one."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.stated_date import StatedDate
from corpus.dates.calendars import jalali
from corpus.dates.lines import full_year
from corpus.dates.parsing import (
    Locale,
    date_in_url,
    dates_in,
    day_first,
    is_plausible,
    parse_date,
    parse_moment,
)
from corpus.dates.regions import language_and_region
from corpus.dates.zones import zone_named
from corpus.scraped.stamp import read_stamp

SAME = "2017-01-30T13:19:00+03:00"


@pytest.mark.parametrize(
    "text",
    [
        "2017-01-30T13:19:00+03:00",
        "2017-01-30T13:19:00+0300",
        "2017-01-30T10:19:00Z",
        "2017-01-30T10:19:00.000Z",
        "2017-01-30 13:19 GMT+3",
        "2017-01-30 13:19:00 MSK",
        "20170130T131900+0300",
        "20170130T101900Z",
        "Mon, 30 Jan 2017 13:19:00 +0300",
        "Mon, 30 Jan 2017 10:19:00 GMT",
        "30 January 2017, 13:19 GMT+3",
        "13:19 GMT+3 30 January 2017",
        "13:19 GMT +3, January 30, 2017",
        "January 30, 2017 1:19 p.m. MSK",
        "Jan. 30, 2017 at 5:19 AM EST",
        "Monday, January 30th, 2017 at 13:19 (MSK)",
        "Published: January 30, 2017 | 10:19 UTC",
        "30.01.2017 13:19 MSK",
        "30. Januar 2017, 11:19 Uhr MEZ",
        "30 janvier 2017 à 11h19 CET",
        "30 de enero de 2017, 11:19 CET",
        "30 января 2017, 13:19 MSK",
        "30 января 2017 г., 13:19 МСК",
        "1485771540",
        "1485771540000",
        1485771540,
        1485771540000,
        "Mon Jan 30 13:19:00 +0300 2017",
        "2017-01-30T13:19:00 Europe/Moscow",
    ],
)
def test_the_same_moment_in_many_forms(text: object) -> None:
    stated = parse_date(text)
    assert stated is not None and stated.has_zone
    assert stated.start(UTC).replace(second=0) == datetime.fromisoformat(SAME)


@pytest.mark.parametrize(
    "text",
    [
        "2017-01-30",
        "2017/1/30",
        "20170130",
        "January 30, 2017",
        "30-JAN-2017",
        "30 Jan 2017",
        "1/30/2017",
        "30/1/2017",
        "30.1.2017",
        "30.01.17",
        "Montag, 30. Januar 2017",
        "le 30 janvier 2017",
        "30 gennaio 2017",
        "30 de janeiro de 2017",
        "30 stycznia 2017",
        "30 ledna 2017",
        "30 Ocak 2017",
        "2017. január 30.",
        "30 Ιανουαρίου 2017",
        "2017年1月30日",
        "2017년 1월 30일",
        "Updated on January 30, 2017",
        date(2017, 1, 30),
    ],
)
def test_a_day_without_a_clock_is_a_day(text: object) -> None:
    assert parse_date(text) == "2017-01-30"


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2017-01-30 13:19", "2017-01-30T13:19:00"),
        ("30 January 2017, 1:19 pm", "2017-01-30T13:19:00"),
        ("2017-01-30T24:00", "2017-01-31T00:00:00"),
        (datetime(2017, 1, 30, 13, 19), "2017-01-30T13:19:00"),
        ("May 2017", "2017-05"), ("mai 2017", "2017-05"), ("2017-05", "2017-05"),
        ("05/2017", "2017-05"), ("2017年5月", "2017-05"), ("mayo de 2017", "2017-05"),
        ("2017", "2017"), (2017, "2017"), (20170130, "2017-01-30"), ("910514", "1991-05-14"),
        ("201705", "2017-05"), (910514, "1991-05-14"), ("200103", None),
    ],
)  # fmt: skip
def test_what_is_not_said_is_not_made_up(text: object, stated: str | None) -> None:
    assert parse_date(text) == stated


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "yesterday", "2 hours ago", "12", "1066", 12345678, "no date", "30 Foo 2017",
        "2017-02-30", "2017-13-01", "25:00 30 January 2017x", "0000-00-00", "0000-01-01",
        "9999-12-31", "1.2.3", "-1", "1e400", "nan", "2017-01-30T99:99", None, True, [], {},
        float("nan"), float("inf"), 10**30, "1" * 500, "30 January 0000", "30 January 9999",
    ],
)  # fmt: skip
def test_what_is_no_day_of_publication_stays_unknown(text: object) -> None:
    assert parse_date(text) is None


def test_a_zone_is_assumed_only_where_none_is_named() -> None:
    moscow = timezone(timedelta(hours=3))
    assert parse_date("2017-01-30 13:19", Locale(zone=moscow)) == SAME
    assert parse_date("2017-01-30 10:19 UTC", Locale(zone=moscow)) == "2017-01-30T10:19:00+00:00"


def test_who_puts_the_month_first() -> None:
    assert parse_date("3/4/2017") == "2017-03-04"
    assert parse_date("3/4/2017", Locale("fr")) == "2017-04-03"
    assert parse_date("3.4.2017") == "2017-04-03"


def test_nothing_is_published_after_it_was_captured() -> None:
    bound = datetime(2017, 2, 1, tzinfo=UTC)
    assert parse_date("2017-01-30", bound=bound)
    assert parse_date("2017-02-20", bound=bound) is None
    assert not is_plausible(StatedDate.of(datetime.now(UTC) + timedelta(days=9)))
    assert not is_plausible(StatedDate("1500-01-01"))


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://p.example/2017/01/30/a.html", "2017-01-30"),
        ("https://p.example/2017/1/3/a", "2017-01-03"),
        ("https://p.example/world/2017/jan/30/a", "2017-01-30"),
        ("https://p.example/a-20170130.html", "2017-01-30"),
        ("https://p.example/2017-01-30-a", "2017-01-30"),
        ("https://p.example/201701301051234567-a", None),
        ("https://p.example/a/1234567890", None),
        ("https://p.example/2017/13/01/", None),
        ("https://p.example/?d=2017/01/30", None),
    ],
)
def test_a_day_in_an_address(url: str, day: str | None) -> None:
    assert date_in_url(url) == day


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("13:19 GMT +330 January 2017", SAME, None),
        ("13:19 GMT +31 February 2017", "2017-02-01T13:19:00+03:00", None),
        ("13:19 GMT +331 January 2017", "2017-01-31T13:19:00+03:00", None),
        ("13:19 GMT +311 February 2017", "2017-02-11T13:19:00+03:00", None),
        ("13:19 GMT +301 February 2017", "2017-02-01T13:19:00+03:00", None),
        ("13:19 GMT +3 30 January 2017", SAME, None),
        ("13:19 GMT+330 January 2017", SAME, None),
        ("13:19 GMT +229 January 2017", "2017-01-29T13:19:00+02:00", None),
        ("13:19 GMT +1011 May 2017", "2017-05-11T13:19:00+10:00", None),
        ("13:19 GMT -530 January 2017", "2017-01-30T13:19:00-05:00", None),
        ("13:19 GMT +05:3030 January 2017", "2017-01-30T13:19:00+05:30", None),
        ("13:19 GMT +53030 January 2017", "2017-01-30T13:19:00+05:30", None),
        ("13:19 GMT30 January 2017", "2017-01-30T13:19:00+00:00", None),
        ("13:19 GMT 30 January 2017", "2017-01-30T13:19:00+00:00", None),
        ("13:1930 January 2017", "2017-01-30T13:19:00", None),
        ("13:19 MSK 30 January 2017", SAME, None),
        ("1:19 PM GMT +330 January 2017", SAME, None),
        ("13:19 GMT +330.01.2017", SAME, None),
        ("13:19 GMT +330 Jan 2017", SAME, None),
        ("13:19 GMT +329 February 2016", "2016-02-29T13:19:00+03:00", None),
        ("13:19 GMT +330 January 2017(Updated 14:01 GMT +330 January 2017)", SAME,
         "2017-01-30T14:01:00+03:00"),
        ("23:19 GMT +330 January 2017 (Updated: 00:01 GMT +331 January 2017)",
         "2017-01-30T23:19:00+03:00", "2017-01-31T00:01:00+03:00"),
        ("13:19 GMT +111 May 2017 (Updated 13:20 GMT +112 May 2017)", "2017-05-11T13:19:00+01:00",
         "2017-05-12T13:20:00+01:00"),
        ("13:19 GMT +330 January 2017 (Updated 13:45)", SAME, "2017-01-30T13:45:00+03:00"),
        ("13:19 30.01.2017 (updated 13:25 30.01.2017)", "2017-01-30T13:19:00",
         "2017-01-30T13:25:00"),
        ("13:19 GMT +332 January 2017", None, None),
        ("13:19 GMT +330 January 9999", None, None),
        ("13:19 GMT +330 January 0000", None, None),
        ("99:99 GMT +330 January 2017", None, None),
    ],
)  # fmt: skip
def test_the_stamp_of_a_scraped_page(line: str, published: str | None, updated: str | None) -> None:
    stamp = read_stamp(line)
    assert stamp is not None
    assert stamp.published == (published or None)
    assert stamp.updated == (updated or None)


@pytest.mark.parametrize(
    "line", ["Su-34", "At 13:19 it began", "2017", "30 of them", "10:1 for the home team", ""]
)
def test_what_is_no_stamp(line: str) -> None:
    assert read_stamp(line) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("Z", 0), ("GMT", 0), ("GMT+3", 180), ("UTC-05:30", -330), ("+0530", 330), ("EST", -300),
     ("CEST", 120), ("MSK+2", 300), ("−3", -180)],
)  # fmt: skip
def test_zones(text: str, minutes: int) -> None:
    zone = zone_named(text)
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "XYZ", "+99", "GMT+25", "Nowhere/City", "/", "../etc/passwd"])
def test_no_zones(text: str) -> None:
    assert zone_named(text) is None


@given(st.datetimes(datetime(1700, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)))
def test_iso_and_mail_forms_go_round(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_moment(moment.isoformat()) == moment.isoformat()
    english = moment.strftime("%d ") + moment.strftime("%B ") + f"{moment.year:04} "
    assert parse_moment(english + moment.strftime("%H:%M:%S GMT")) == moment.isoformat()


@given(st.text(max_size=120))
def test_any_text_is_a_plausible_moment_or_none(text: str) -> None:
    stated = parse_date(text)
    assert stated is None or is_plausible(StatedDate(str(stated)))


@pytest.mark.parametrize(
    "text", ["9" * 200, "1:" * 100, "Jan " * 50, "30 January " * 18, "(" * 200]
)
def test_hostile_dates_take_no_time(text: str) -> None:
    started = time.perf_counter()
    parse_date(text)
    read_stamp(text)
    assert time.perf_counter() - started < 1


WORLD = [
    line.split("\t")
    for line in Path(__file__).with_name("dates_of_the_world.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("tag", "text", "expected"), WORLD)
def test_dates_of_the_world(tag: str, text: str, expected: str) -> None:
    language, _, region = tag.partition("-")
    assert (parse_date(text, Locale(language, region)) or "-") == expected


def test_the_table_is_of_many_languages() -> None:
    assert len(WORLD) >= 300
    assert len({tag.partition("-")[0] for tag, _, _ in WORLD}) >= 20


@pytest.mark.parametrize(
    ("tag", "line", "published", "updated"),
    [
        ("fr", "Publié le 4 juin 2018 à 07h05 - Mis à jour le 5 juin 2018 à 19h30",
         "2018-06-04T07:05:00", "2018-06-05T19:30:00"),
        ("en", "Published 4 June 2018, updated 5 June 2018", "2018-06-04", "2018-06-05"),
        ("en", "Updated 5 June 2018; first published 4 June 2018", "2018-06-04", "2018-06-05"),
        ("en", "By Ada Quill | June 4, 2018 7:05 AM PDT | 3 min read", "2018-06-04T07:05:00-07:00",
         None),
        ("en-GB", "Ada Quill Published: 04/06/2018 Updated: 07/06/2018 12:10", "2018-06-04",
         "2018-06-07T12:10:00"),
        ("de", "Von Ada Quill, 04.06.2018, aktualisiert: 05.06.2018, 19:30 Uhr", "2018-06-04",
         "2018-06-05T19:30:00"),
        ("de", "Stand: 05.06.2018 19:30 Uhr", None, "2018-06-05T19:30:00"),
        ("es", "4 de junio de 2018 - Actualizado a las 19:30 del 5 de junio de 2018", "2018-06-04",
         "2018-06-05T19:30:00"),
        ("ja", "公開日：2018年6月4日 更新日：2018年6月5日", "2018-06-04", "2018-06-05"),
        ("ko", "입력 2018.06.04. 오전 7:05 수정 2018.06.05. 오후 7:30", "2018-06-04T07:05:00",
         "2018-06-05T19:30:00"),
        ("ru", "Опубликовано: 4 июня 2018, 07:05. Обновлено: 5 июня 2018, 19:30",
         "2018-06-04T07:05:00", "2018-06-05T19:30:00"),
        ("en", "It opened in May 1999 and closed on 3 June 2004", "2004-06-03", None),
        ("en", "No date stands here, only 12 of 34 things", None, None),
    ],
)  # fmt: skip
def test_a_line_with_two_dates_gives_both(
    tag: str, line: str, published: str | None, updated: str | None
) -> None:
    language, _, region = tag.partition("-")
    assert dates_in(line, Locale(language, region)) == (published, updated)


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["3/4/2021", "25/4/2021"], True),
        (["3/4/2021", "4/25/2021", "5/6/2021"], False),
        (["3/4/2021", "5/6/2021"], None),
        (["25/4/2021", "4/25/2021"], None),
        (["25.4.2021"], None),  # says nothing of what stands between slashes
        ([], None),
    ],
)
def test_dates_prove_the_order_of_those_beside_them(texts: list[str], first: bool | None) -> None:
    assert day_first(texts) is first


def test_a_year_of_two_digits_is_not_in_the_future() -> None:
    today = date(2030, 6, 1)
    assert [full_year(two, today) for two in ("30", "31", "32", "99")] == [2030, 2031, 1932, 1999]


@pytest.mark.parametrize(
    ("persian", "day"),
    [
        # First days of years by the calendar of Iran, before and after leap years.
        ((1354, 1, 1), "1975-03-21"), ((1358, 1, 1), "1979-03-21"), ((1375, 1, 1), "1996-03-20"),
        ((1376, 1, 1), "1997-03-21"), ((1379, 1, 1), "2000-03-20"), ((1387, 1, 1), "2008-03-20"),
        ((1388, 1, 1), "2009-03-21"), ((1399, 1, 1), "2020-03-20"), ((1403, 1, 1), "2024-03-20"),
        ((1404, 1, 1), "2025-03-21"), ((1375, 12, 30), "1997-03-20"), ((1402, 7, 1), "2023-09-23"),
    ],
)  # fmt: skip
def test_days_of_the_persian_calendar(persian: tuple[int, int, int], day: str) -> None:
    assert jalali(*persian).isoformat() == day


@pytest.mark.parametrize("persian", [(1402, 12, 30), (1402, 13, 1), (1402, 7, 31), (1402, 1, 0)])
def test_days_that_the_persian_calendar_does_not_have(persian: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Jalali"):
        jalali(*persian)


@settings(deadline=None, max_examples=30)
@given(st.integers(1250, 1500))
def test_persian_days_follow_one_another(year: int) -> None:
    days = [
        jalali(year, month, number)
        for month in range(1, 13)
        for number in range(1, (31 if month <= 6 else 30 if month <= 11 else 29) + 1)
    ]
    assert all(two - one == timedelta(days=1) for one, two in pairwise(days))
    assert (jalali(year + 1, 1, 1) - days[0]).days in (365, 366)


@pytest.mark.parametrize(
    ("tags", "url", "expected"),
    [
        (("en-GB",), "", ("en", "GB")),
        (("en", "en_AU"), "https://paper.example/a", ("en", "AU")),
        (("en",), "https://www.paper.co.uk/a", ("en", "GB")),
        (("en",), "https://paper.com.au:8080/a", ("en", "AU")),
        (("en",), "https://paper.io/a", ("en", "")),
        (("zh-Hant-TW",), "", ("zh", "TW")),
        (("",), "", ("", "")),
        (("English",), "https://paper.ie", ("", "IE")),
    ],
)
def test_region_of_a_source(tags: tuple[str, ...], url: str, expected: tuple[str, str]) -> None:
    assert language_and_region(*tags, url=url) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It happened on 3 May 2020.", "On 3 May 2020 the mayor resigned",
        "3 May 2020 was a good day", "page 3, May 2020", "192.168.1.20", "10.12.2020.5",
        "ISBN 2020-12-34", "1:2:2020",
        "Wave 2 2020", "2020 Olympics", "13 of 20 in May 2020",
    ],
)  # fmt: skip
def test_a_sentence_is_no_date(text: str) -> None:
    assert parse_date(text) is None
