"""Feeds, tables and JSON as others export them: nothing of a text is lost, nothing invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.core.article import Article
from corpus.reading import read

TEXT = (
    "The ferry to the islands sails again since Monday, after eleven weeks in the dock.",
    "The first passengers stood at the ramp with their bicycles at five in the morning.",
)
ReadFile = Callable[[str, str | bytes], list[Article]]


@pytest.fixture
def read_file(tmp_path: Path) -> ReadFile:
    def read_it(name: str, content: str | bytes) -> list[Article]:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        skips: list[object] = []
        articles = list(read([path], skips.append))
        assert skips == []
        return articles

    return read_it


def rss(item: str, channel: str = "", root: str = "") -> str:
    return (
        f"<rss version='2.0'{root}><channel><title>Harrow &amp;amp; Bay Post</title>"
        f"<link>https://harrow.example/news/</link>{channel}<item><title>Ferry sails</title>"
        f"{item}</item></channel></rss>"
    )


WHOLE = "".join(f"<p>{line}</p>" for line in TEXT)


@pytest.mark.parametrize(
    "item",
    [
        f"<content:encoded><![CDATA[{WHOLE}]]></content:encoded><dc:creator>Ada Quill</dc:creator>",
        f"<yandex:full-text>{TEXT[0]}\n{TEXT[1]}</yandex:full-text><author>Ada Quill</author>",
        f"<media:content url='x'/><content><![CDATA[{WHOLE}]]></content><author>Ada Quill</author>",
    ],
)
def test_a_feed_gives_its_text_under_any_prefix(read_file: ReadFile, item: str) -> None:
    (article,) = read_file("a.rss", rss(item + "<link>/2024/ferry</link>"))
    assert (article.body, article.authors) == (TEXT, ("Ada Quill",))
    assert article.source == "Harrow & Bay Post"
    assert article.url == "https://harrow.example/2024/ferry"


def test_an_atom_feed_speaks_for_its_entries(read_file: ReadFile) -> None:
    entries = (
        '<entry><title>One</title><link href="one.html"/><content>A first text.</content></entry>'
        '<entry xml:base="sport/"><title>Two</title><link href="two.html"/>'
        "<author><name>Ben Moss</name></author><content>A second text.</content></entry>"
    )
    first, second = read_file(
        "a.atom",
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://harrow.example/news/">'
        f"<title>Harrow Post</title><author><name>Ada Quill</name></author>{entries}</feed>",
    )
    assert (first.url, first.authors) == ("https://harrow.example/news/one.html", ("Ada Quill",))
    assert second.url == "https://harrow.example/news/sport/two.html"
    assert second.authors == ("Ben Moss",)


ITEM = {
    "id": "7", "url": "https://harrow.example/ferry", "title": "Ferry sails",
    "content_html": WHOLE, "summary": "After eleven weeks.", "tags": ["harbour"],
    "date_published": "2024-05-07T09:00:00Z",
}  # fmt: skip
FEED = {
    "version": "https://jsonfeed.org/version/1.1", "title": "Harrow Post", "language": "en",
    "authors": [{"name": "Ada Quill"}], "items": [ITEM, {**ITEM, "id": "8",
    "url": "https://harrow.example/weir", "title": "Weir", "authors": [{"name": "Ben Moss"}]}],
}  # fmt: skip


@pytest.mark.parametrize("name", ["feed.json", "feed.jsonl", "feed"])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_json_feed_is_its_items(read_file: ReadFile, name: str, indent: int | None) -> None:
    if indent and name != "feed.json":
        pytest.skip("lines of JSON are one line each")
    first, second = read_file(name, json.dumps(FEED, indent=indent))
    assert (first.title, first.authors, first.source) == (
        "Ferry sails", ("Ada Quill",), "Harrow Post",
    )  # fmt: skip
    assert (first.body, first.lead, first.tags) == (TEXT, "After eleven weeks.", ("harbour",))
    assert second.authors == ("Ben Moss",)


BODY = "\n\n".join(TEXT)
RECORDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "id": "p1", "article_url": "https://post.example/ferry", "title": "Ferry sails",
            "author": "Ada Quill", "published_date": 1715072400000, "type": "article",
            "source": "The Bay Post",
            "contents": [
                {"content": "Islands", "type": "kicker"},
                {"content": "By Ada Quill", "type": "byline"},
                {"content": f"<b>{TEXT[0]}</b>", "type": "sanitized_html", "subtype": "paragraph"},
                {"content": [TEXT[1]], "type": "list"},
                {"type": "image", "fullcaption": "The ramp", "imageURL": "x"},
            ],
        },
        {"section": "Islands", "published": "2024-05-07T09:00:00+00:00", "captions": ("The ramp",),
         "url": "https://post.example/ferry", "source": "The Bay Post"},
    ),
    (
        {
            "uuid": "w1", "url": "https://harrow.example/ferry", "title": "Ferry sails",
            "author": "Ada Quill", "text": BODY, "language": "english", "crawled": "2024-06-01",
            "published": "2024-05-07T09:00:00.000+03:00",
            "thread": {"site": "harrow.example", "section_title": "Islands", "country": "GB"},
        },
        {"section": "Islands", "published": "2024-05-07T09:00:00+03:00",
         "source": "harrow.example", "language": "en"},
    ),
    (
        {
            "web_url": "https://times.example/ferry", "headline": {"main": "Ferry sails"},
            "lead_paragraph": BODY, "source": "The Bay Times", "section_name": "Islands",
            "pub_date": "2024-05-07T09:00:00+0000", "_id": "n1",
            "byline": {"original": "By Ada Quill", "person": [
                {"firstname": "Ada", "middlename": None, "lastname": "Quill"}]},
        },
        {"section": "Islands", "source": "The Bay Times",
         "published": "2024-05-07T09:00:00+00:00"},
    ),
    (
        {
            "@type": "NewsArticle", "headline": "Ferry sails", "articleBody": BODY,
            "author": [{"@type": "Person", "name": "Ada Quill"}],
            "mainEntityOfPage": {"@id": "https://harrow.example/ferry"},
            "publisher": {"name": "Harrow Post"}, "datePublished": "2024-05-07",
        },
        {"url": "https://harrow.example/ferry", "source": "Harrow Post",
         "published": "2024-05-07"},
    ),
    (
        {
            "_id": {"$oid": "66aa"}, "title": "Ferry sails", "text": BODY, "author": "Ada Quill",
            "date": {"$date": {"$numberLong": "1715072400000"}}, "section": "nan",
        },
        {"published": "2024-05-07T09:00:00+00:00", "section": ""},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), RECORDS)
def test_records_of_known_shape(
    read_file: ReadFile, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    (article,) = read_file("a.jsonl", json.dumps(record) + "\n")
    assert (article.title, article.body, article.authors) == ("Ferry sails", TEXT, ("Ada Quill",))
    assert {name: getattr(article, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("table", "titles"),
    [
        ("title,text\nA,one text\nB,\"a \"\"quoted\"\" text\"\n", ["A", "B"]),
        ("sep=;\ntitle;text\nA;one text\nB;other text\n", ["A", "B"]),
        ("\ufeffsep=\t\r\ntitle\ttext\r\nA\tone text\r\nB\tother\r\n", ["A", "B"]),
        ('title,text\n"A \\"a\\"","one, \\"two\\" text"\n"B",\\N\n', ['A "a"', "B"]),
        ('title,text\n"C:\\dir\\","a text with a path"\n', ["C:\\dir\\"]),
        ("title,text,author\nnan,a text of some words,nan\nB,other text,None\n", ["", "B"]),
        ("title,text,date\nNone of them came,a text,NaT\n", ["None of them came"]),
    ],
)  # fmt: skip
def test_tables_as_programs_write_them(read_file: ReadFile, table: str, titles: list[str]) -> None:
    articles = read_file("a.csv", table)
    assert [article.title for article in articles] == titles
    assert not any(article.authors or article.published for article in articles)


def test_a_table_in_a_text_stays_readable(read_file: ReadFile) -> None:
    rows = "".join(f"<tr><td>{n}</td><td>{v}</td></tr>" for n, v in (("Oake", 12), ("Tarn", 9)))
    table = f"<p>{TEXT[0]}</p><table><tr><th>Name</th><th>Votes</th></tr>{rows}</table>"
    nitf = (
        "<nitf><body><body.head><hedline><hl1>Vote</hl1><hl2>A close one.</hl2></hedline>"
        f"</body.head><body.content>{table}</body.content></body></nitf>"
    )
    (article,) = read_file("a.xml", nitf)
    assert article.body == (TEXT[0], "Name | Votes", "Oake | 12", "Tarn | 9")
    assert article.lead == "A close one."
    (article,) = read_file("a.rss", rss(f"<description><![CDATA[{table}]]></description>"))
    assert article.body[1:] == ("Name | Votes", "Oake | 12", "Tarn | 9")
