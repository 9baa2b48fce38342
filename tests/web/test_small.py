"""Timelines, comparisons and citations, as values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate
from search.answer import Bar, Sparkline, Timeline
from search.exports.citations import bibtex, markdown, plain, ris, safe_url
from search.request import Request
from web.addresses import Addresses
from web.views.differences import MOST_PARAGRAPHS, compare
from web.views.results import page_links
from web.views.timeline import HEIGHT, bounds, draw, spark

PARIS = ZoneInfo("Europe/Paris")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("start", "end", "interval", "expected"),
    [
        (local(2017, 1, 1), local(2018, 1, 1), "year", ("2017", "2017")),
        (local(2010, 1, 1), local(2020, 1, 1), "decade", ("2010", "2019")),
        (local(2017, 4, 1), local(2017, 7, 1), "quarter", ("2017-04", "2017-06")),
        (local(2017, 1, 1), local(2017, 2, 1), "month", ("2017-01", "2017-01")),
        (local(2016, 12, 26), local(2017, 1, 2), "week", ("2016-12-26", "2017-01-01")),
        (local(2017, 3, 26), local(2017, 3, 27), "day", ("2017-03-26", "2017-03-26")),
        (local(2017, 3, 26, 23), local(2017, 3, 27), "hour", ("2017-03-26", "2017-03-26")),
    ],
)
def test_a_bar_narrows_to_its_own_days(
    start: datetime, end: datetime, interval: str, expected: tuple[str, str]
) -> None:
    assert bounds(start, end, interval, PARIS) == expected
    assert bounds(start.astimezone(UTC), end.astimezone(UTC), interval, PARIS) == expected


def test_bars_are_drawn_to_scale_and_the_least_is_seen(site: Flask) -> None:
    start = datetime(2017, 1, 1, tzinfo=UTC)
    counts = (1000, 0, 1, 500)
    bars = tuple(
        Bar(start + timedelta(days=n), start + timedelta(days=n + 1), count)
        for n, count in enumerate(counts)
    )
    with site.test_request_context("/"):
        drawing = draw(Timeline("day", bars), Addresses(Request()), ZoneInfo("UTC"))
        assert draw(Timeline("day", ()), Addresses(Request()), ZoneInfo("UTC")) is None
    assert drawing is not None
    bars = BeautifulSoup(drawing.bars, "lxml").select("a, g")
    assert [bar.name for bar in bars] == ["a", "g", "a", "a"]
    drawn = [bar.rect for bar in bars if bar.rect]
    heights = [float(str(rect["height"])) for rect in drawn]
    assert heights[0] == HEIGHT
    assert heights[1] > 0
    assert heights[2] == HEIGHT / 2
    for rect, height in zip(drawn, heights, strict=True):
        assert float(str(rect["y"])) + height == pytest.approx(HEIGHT)


def test_a_sparkline_has_one_bar_a_count() -> None:
    first, last = datetime(2021, 3, 1, 23, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)
    drawn = spark(Sparkline(first, last, (1, 0, 4)), ZoneInfo("Europe/Paris"))
    assert drawn.path == "M0,20h3v-5h-3zM8,20h3v-20h-3z"
    assert drawn.label == "Tue 2 Mar 2021 – Sat 1 May 2021"


@pytest.mark.parametrize(
    ("page", "pages", "expected"),
    [
        (1, 1, [1]),
        (1, 9, [1, 2, 3, 0, 9]),
        (5, 9, [1, 0, 3, 4, 5, 6, 7, 0, 9]),
        (9, 9, [1, 0, 7, 8, 9]),
        (2, 4, [1, 2, 3, 4]),
    ],
)
def test_pages_around_this_one_are_linked_to(page: int, pages: int, expected: list[int]) -> None:
    assert page_links(page, pages) == expected


_paragraphs = st.lists(
    st.lists(st.sampled_from("the a ferry strike ended began Monday Sunday".split()), max_size=8)
    .map(" ".join)
    .filter(bool),
    max_size=8,
)


@given(_paragraphs, _paragraphs)
def test_a_comparison_holds_both_texts(older: list[str], newer: list[str]) -> None:
    def side(kind: str) -> list[str]:
        texts = [
            "".join(change.text for change in paragraph.changes if change.kind in ("same", kind))
            for paragraph in compare(older, newer)
            if paragraph.kind in ("same", "changed", kind)
        ]
        return [" ".join(text.split()) for text in texts]

    assert side("removed") == older
    assert side("added") == newer


def test_one_word_that_changed_is_one_change() -> None:
    (paragraph,) = compare(
        ["The ferry strike ended on Sunday night."], ["The ferry strike ended on Monday night."]
    )
    assert [(change.kind, change.text) for change in paragraph.changes] == [
        ("same", "The ferry strike ended on"),
        ("removed", " Sunday"),
        ("added", " Monday"),
        ("same", " night."),
    ]


def test_paragraphs_with_little_in_common_stand_one_after_the_other() -> None:
    kinds = [each.kind for each in compare(["All about the tram."], ["Whales were seen at noon"])]
    assert kinds == ["removed", "added"]


def test_a_comparison_of_huge_texts_is_bounded() -> None:
    older = ["word " * 500 + str(n) for n in range(MOST_PARAGRAPHS * 2)]
    newer = ["word " * 500 + str(-n) for n in range(MOST_PARAGRAPHS * 2)]
    assert len(compare(older, newer)) <= 2 * MOST_PARAGRAPHS


ARTICLE = Article(
    id="0123456789abcdef",
    url="https://news.example.org/a_b?x={1}",
    title="Profits up 5% & {more} to come_soon",
    lead="A lead\nover two lines.",
    published=StatedDate("2017-01-30T23:30:00+00:00"),
    authors=("Ada Byron", "Jörg Maß"),
    tags=("profits", "R&D"),
    source="The Courier",
    place="Paris",
    language="en",
)


def test_citations() -> None:
    assert plain(ARTICLE, PARIS) == (
        "Ada Byron and Jörg Maß, “Profits up 5% & {more} to come_soon”, The Courier, "
        "31 January 2017. https://news.example.org/a_b?x={1}"
    )
    entry = bibtex(ARTICLE, PARIS)
    assert entry.startswith("@article{0123456789abcdef,\n")
    assert r"title = {{Profits up 5\% \& \{more\} to come\_soon}}" in entry
    assert "author = {Byron, Ada and Maß, Jörg}" in entry
    assert "date = {2017-01-31}" in entry
    assert "url = {https://news.example.org/a_b?x=%7B1%7D}" in entry
    lines = ris(ARTICLE, PARIS).split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert lines[-2:] == ["ER  - ", ""]
    assert "AB  - A lead over two lines." in lines
    assert [line for line in lines if line.startswith("AU")] == [
        "AU  - Byron, Ada", "AU  - Maß, Jörg",
    ]  # fmt: skip
    assert "DA  - 2017/01/31" in lines
    assert markdown(ARTICLE, PARIS) == (
        "Ada Byron and Jörg Maß, "
        r"[Profits up 5% & {more} to come\_soon](<https://news.example.org/a_b?x=%7B1%7D>), "
        "*The Courier*, 31 January 2017"
    )


def test_nothing_is_made_up_in_a_citation() -> None:
    bare = Article(id="0" * 16, body=("Text.",))
    for cite in (plain, bibtex, ris, markdown):
        text = cite(bare, PARIS, "http://localhost/article/0")
        assert not re.search(r"None|unknown|untitled|19[0-9]{2}", text, re.I)
        assert "http://localhost/article/0" in text


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org/", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("/article/x", False),
        ("https://example.org/a b", False),
        ("ftp://example.org", False),
        ("", False),
    ],
)
def test_only_http_is_linked_to(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "")
