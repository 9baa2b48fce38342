"""The dates of pages, feeds, tables and letters: by their region, and by the dates beside them."""

from __future__ import annotations

import io
import json
from datetime import UTC

import pytest

from corpus.core.article import Article, Origin
from corpus.readers import csv, feed, jsonlines, mail
from corpus.readers import json as json_reader
from corpus.readers.html import parse_page

TEXT = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "The lamps along the quay were lit again on Monday evening after years in the dark.",
        "A grant of the county paid for the wiring, and the pilots paid for the glass.",
        "The harbour master had carried a torch since, and said that she would keep it.",
    )
)


def articles(reader: object, raw: str, name: str) -> list[Article]:
    found = list(reader.read(io.BytesIO(raw.encode()), Origin(name)))  # type: ignore[attr-defined]
    assert all(isinstance(one, Article) for one in found), found
    return found


def dates(reader: object, raw: str, name: str) -> list[str | None]:
    return [one.published for one in articles(reader, raw, name)]


def page(above: str, *, lang: str = "en", head: str = "", url: str = "") -> Article:
    markup = (
        f'<html lang="{lang}"><head><title>Lamps lit again</title>{head}</head><body><article>'
        f"<h1>Lamps lit again</h1>{above}{TEXT}</article></body></html>"
    )
    return parse_page(markup, url=url)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["02/03/2020", "04/05/2020"], ["2020-02-03", "2020-04-05"]),
        (["02/03/2020", "25/05/2020"], ["2020-03-02", "2020-05-25"]),
        (["02/03/2020", "05/25/2020"], ["2020-02-03", "2020-05-25"]),
        (["25/05/2020 07:15", "02/03/2020 18:40"], ["2020-05-25T07:15:00", "2020-03-02T18:40:00"]),
        (["2/3/20", "31/3/20"], ["2020-03-02", "2020-03-31"]),
        (["25/05/2020", "05/25/2020", "02/03/2020"], ["2020-05-25", "2020-05-25", "2020-02-03"]),
        (["2020-03-02", "02/03/2020"], ["2020-03-02", "2020-02-03"]),
    ],
)
def test_a_column_proves_which_number_is_the_day(rows: list[str], expected: list[str]) -> None:
    table = "title,text,date\n" + "".join(f"Quay {n},A text.,{d}\n" for n, d in enumerate(rows))
    assert dates(csv, table, "a.csv") == expected
    records = [{"title": f"Quay {n}", "text": "A text.", "date": d} for n, d in enumerate(rows)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    assert dates(jsonlines, lines, "a.jsonl") == expected
    assert dates(json_reader, json.dumps(records), "a.json") == expected
    assert dates(json_reader, json.dumps({"articles": records}), "a.json") == expected
    items = "".join(
        f"<item><title>Quay {n}</title><description>A text.</description><pubDate>{d}</pubDate>"
        "</item>" for n, d in enumerate(rows)
    )  # fmt: skip
    channel = f"<rss><channel><title>Q</title>{items}</channel></rss>"
    assert dates(feed, channel, "a.rss") == expected


def test_a_date_far_down_does_not_change_what_was_passed_on() -> None:
    many = 600
    table = "title,text,date\n" + "".join(f"Quay {n},A,02/03/2020\n" for n in range(many))
    found = dates(csv, table + "Last,A,25/03/2020\n", "a.csv")
    assert found[0] == "2020-02-03", "it was too far away"
    assert found[-2:] == ["2020-03-02", "2020-03-25"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"lang": "en-GB"}, "2020-03-02"),
        ({"language": "fr"}, "2020-03-02"),
        ({"url": "https://gazette.example.co.uk/a"}, "2020-03-02"),
        ({"url": "https://gazette.example.com/a"}, "2020-02-03"),
        ({"lang": "en-US", "url": "https://gazette.example.co.uk/a"}, "2020-02-03"),
    ],
)
def test_a_record_is_read_by_its_region(more: dict[str, str], expected: str) -> None:
    record = {"title": "Quay", "text": "A text.", "date": "02/03/2020", **more}
    assert dates(jsonlines, json.dumps(record) + "\n", "a.jsonl") == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der letzte Zug fährt früher, weil zwei Fahrer in Rente gegangen sind.", "2020-09-07"),
        ("Le dernier train part plus tôt, parce que deux conducteurs sont partis.", "2020-09-07"),
        ("The last train leaves early, because two of its drivers have retired.", "2020-07-09"),
    ],
)
def test_a_record_without_a_region_is_read_by_the_language_of_its_text(
    text: str, expected: str
) -> None:
    row = f"title,text,date\n,{json.dumps(text)},07/09/2020\n"
    assert dates(csv, row, "rows.csv") == [expected]


def test_a_feed_is_read_by_its_language() -> None:
    item = "<item><title>Q</title><description>A.</description><pubDate>{}</pubDate></item>"
    for language, expected in (("en-au", "2020-03-02"), ("en-us", "2020-02-03")):
        head = f"<rss><channel><title>Q</title><language>{language}</language>"
        raw = head + item.format("02/03/2020") + "</channel></rss>"
        assert dates(feed, raw, "a.rss") == [expected]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Mon, 2 Mar 2020 21:05:00 -0800 (PST)", "2020-03-02T21:05:00-08:00"),
        ("Mon, 2 Mar 20 21:05 +0100", "2020-03-02T21:05:00+01:00"),
        ("2 Mar 2020 21:05:00 +0300 (Moscow Standard Time)", "2020-03-02T21:05:00+03:00"),
        ("Mon, 2 Mar 2020 21:05:00 EST", "2020-03-02T21:05:00-05:00"),
    ],
)
def test_the_date_of_a_letter_keeps_its_zone(stated: str, expected: str) -> None:
    letter = f"From: a@gazette.example\nSubject: Quay\nDate: {stated}\n\nThe lamps are lit again.\n"
    assert dates(mail, letter, "a.eml") == [expected]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"lang": "en-GB"}, "2020-03-02"),
        ({"lang": "en-US"}, "2020-02-03"),
        ({"lang": "en"}, "2020-02-03"),
        ({"head": '<meta property="og:locale" content="en_IE">'}, "2020-03-02"),
        ({"url": "https://www.gazette.com.au/quay"}, "2020-03-02"),
        ({"lang": "en-US", "url": "https://www.gazette.com.au/quay"}, "2020-02-03"),
        ({"head": '<meta http-equiv="content-language" content="en-NZ">'}, "2020-03-02"),
    ],
)
def test_a_page_is_read_by_its_region(how: dict[str, str], expected: str) -> None:
    assert page('<p class="post-date">02/03/2020</p>', **how).published == expected


@pytest.mark.parametrize(
    ("other", "expected"), [("28/07/2020", "2020-08-07"), ("07/28/2020", "2020-07-08")]
)
def test_another_date_of_a_page_proves_which_number_is_the_day(other: str, expected: str) -> None:
    more = "".join(
        f'<li><a href="/{number}">The pilots went home</a> <span>{date}</span></li>'
        for number, date in enumerate((other, "05/06/2020"))
    )
    markup = (
        "<html lang=en><head><title>Lamps lit again</title></head><body><article><h1>Lamps lit"
        f" again</h1><p class=date>07/08/2020</p>{TEXT}</article><aside><h2>More of it</h2>"
        f"<ul>{more}</ul></aside></body></html>"
    )
    assert parse_page(markup).published == expected


@pytest.mark.parametrize(
    ("above", "published", "updated"),
    [
        ('<p class="date">Published 02/03/2020</p><p class="date">Updated 25/03/2020</p>',
         "2020-03-02", "2020-03-25"),
        ('<p class="pub">Published 2 March 2020 at 7.15am, updated 3 March 2020 at 8pm</p>',
         "2020-03-02T07:15:00", "2020-03-03T20:00:00"),
        ('<p class="byline">By Ada Quill, 2 March 2020 7:15 am PST</p>'
         '<div class="comments"><p class="date">4 March 2020 at 10:09 am</p></div>',
         "2020-03-02T07:15:00-08:00", None),
        ('<p class="timestamp">2 March 2020</p>', "2020-03-02", None),
    ],
)  # fmt: skip
def test_what_a_page_says_above_its_text(above: str, published: str, updated: str | None) -> None:
    found = page(above)
    assert (found.published, found.updated) == (published, updated)


@pytest.mark.parametrize(
    ("head", "above", "published", "source"),
    [
        ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2020-03-02"}'
         '</script><meta property="article:published_time" content="2020-03-02T21:05:00-05:00">',
         "", "2020-03-02T21:05:00-05:00", "meta"),
        ('<meta name="date" content="2020-03-03">',
         '<time datetime="2020-03-02T21:05:00-05:00">2 March</time>',  # the third, in Greenwich
         "2020-03-02T21:05:00-05:00", "time"),
        ('<meta name="date" content="2020-03">', '<p class="date">2 March 2020</p>', "2020-03-02",
         "text"),
        ('<meta name="date" content="2020-03-02T07:15:00Z">',
         '<p class="date">2 March 2020, 9:40</p>', "2020-03-02T07:15:00+00:00", "meta"),
        ('<meta name="date" content="2020-03-02">',
         '<p class="date">9 March 2020, 9:40</p>', "2020-03-02", "meta"),
    ],
)  # fmt: skip
def test_a_time_beats_a_bare_day_of_the_same_date(
    head: str, above: str, published: str, source: str
) -> None:
    found = page(above, head=head)
    assert (found.published, found.date_source) == (published, source)


@pytest.mark.parametrize(
    ("lang", "line", "instant"),
    [
        ("en-IE", "2 July 2020, 21:40 IST", "2020-07-02T20:40:00+00:00"),
        ("en-IN", "2 July 2020, 21:40 IST", "2020-07-02T16:10:00+00:00"),
        ("vi", "Thứ năm, 2/7/2020, 21:40 (GMT+7)", "2020-07-02T14:40:00+00:00"),
        ("ru", "2 июля 2020, 21:40 МСК", "2020-07-02T18:40:00+00:00"),
        ("id", "Kamis, 2 Juli 2020 21:40 WIB", "2020-07-02T14:40:00+00:00"),
    ],
)
def test_a_zone_that_a_page_states_is_never_lost(lang: str, line: str, instant: str) -> None:
    published = page(f'<p class="post-date">{line}</p>', lang=lang).published
    assert published is not None and published.has_zone
    assert published.start(UTC).isoformat() == instant


def test_dates_of_other_articles_below_a_short_text_are_not_its_own() -> None:
    more = "".join(
        f'<li><a href="/{number}">The pilots went home</a> <time>{number} May 2022</time></li>'
        for number in range(1, 4)
    )
    markup = (
        "<html lang=en><head><title>Lamps lit again</title></head><body><article><h1>Lamps lit"
        f" again</h1>{TEXT}</article><aside><h2>Most read</h2><ol>{more}</ol></aside></body></html>"
    )
    assert parse_page(markup).published is None
