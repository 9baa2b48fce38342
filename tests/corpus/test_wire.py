"""An article's JSON form, and the command that prints it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus.commands import inspect
from corpus.core.article import Article, Origin
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json, article_of, doubtful, exported, fields_of

ODD = timezone(timedelta(seconds=561))

FIXTURES = Path(__file__).parent / "fixtures"


def test_the_form_is_plain() -> None:
    article = Article(
        id="1",
        title="T",
        body=("One", "Two"),
        published=StatedDate("2017-01-30T13:19:00+00:00"),
        origin=Origin("a.txt", 1, "text"),
        provenance=(("title", "first line"),),
    )
    form = orjson.loads(article_json(article))
    assert list(form) == [field.name for field in fields(Article)]
    assert {name: value for name, value in form.items() if value} == {
        "id": "1",
        "title": "T",
        "body": ["One", "Two"],
        "published": "2017-01-30T13:19:00+00:00",
        "origin": {"path": "a.txt", "position": 1, "reader": "text"},
        "provenance": [["title", "first line"]],
    }


@pytest.mark.parametrize(
    ("article", "name", "value"),
    [
        (Article(id="1", title="a\ud800b"), "title", "a?b"),
        (
            Article(id="1", updated=StatedDate.of(datetime(1900, 1, 1, tzinfo=ODD))),
            "updated",
            "1899-12-31T23:50:39+00:00",
        ),
    ],
)
def test_what_json_cannot_hold_has_a_form_too(article: Article, name: str, value: str) -> None:
    assert orjson.loads(article_json(article))[name] == value


def test_a_batch_is_read_field_by_field() -> None:
    articles = [
        Article(id="1", body=("One", "Two"), published=StatedDate("2017-01-30")),
        Article(id="2", lead="L", tags=("a",), origin=Origin("a.txt", 3, "text")),
    ]
    whole = [article_json(article) for article in articles]
    columns = fields_of(whole)
    assert list(columns) == [field.name for field in fields(Article)]
    for number, one in enumerate(whole):
        assert orjson.loads(one) == {name: values[number] for name, values in columns.items()}
    assert set(fields_of([]).values()) == {()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", 1), ("title", None), ("lead", ["a"]), ("body", "text"), ("body", [1]),
        ("body", None), ("tags", {"a": 1}), ("tags", ["a", None]), ("published", "2017-13"),
        ("published", 2017), ("published", "2017-01-01T25:00:00"), ("published", "2017-01T10"),
        ("published", "2017-01-01 10:00:00"), ("updated", ["2017"]), ("provenance", [["a"]]),
        ("provenance", [["a", 1]]), ("provenance", ["ab"]), ("provenance", {"ab": 1}),
        ("origin", {"page": "a"}), ("origin", "a"), ("origin", None),
    ],
)  # fmt: skip
def test_a_batch_is_sound_only_where_every_field_is_of_its_type(name: str, value: object) -> None:
    good = [
        Article(id="1", title="T", published=StatedDate(date), provenance=(("title", "line"),))
        for date in ("2017", "2017-01", "2017-01-30", "2017-01-30T13:19:00+05:30")
    ]
    stored = [article_json(article) for article in good]
    assert [article_of(orjson.loads(one)) for one in stored] == good
    assert doubtful(stored) == []
    bad = orjson.dumps(orjson.loads(stored[0]) | {name: value})
    assert doubtful([*stored, bad, stored[0]]) == [len(stored)]


TEXTS = st.text(max_size=8) | st.sampled_from(
    ['"', "\\", 'a","b', "\t\n", "\x00", "\x7f", "é", "😀"]
)
DATES = st.sampled_from(
    [None, "2017", "2017-02", "2016-02-29", "2017-12-31T23:59:59", "1987-10-19T15:30:00-04:00"]
)


@given(
    title=TEXTS, lead=TEXTS, body=st.lists(TEXTS, max_size=3), date=DATES,
    confidence=st.none() | st.floats(0, 1), pairs=st.lists(st.tuples(TEXTS, TEXTS), max_size=2),
    cut=st.integers(0, 600), byte=st.integers(0, 255),
)  # fmt: skip
def test_what_is_not_doubted_is_an_article(
    title: str, lead: str, body: list[str], date: str | None, confidence: float | None,
    pairs: list[tuple[str, str]], cut: int, byte: int,
) -> None:  # fmt: skip
    written = article_json(
        Article(
            id="1", title=title, lead=lead, body=tuple(body), ocr_confidence=confidence,
            published=date and StatedDate(date), provenance=tuple(pairs),
        )
    )  # fmt: skip
    at = cut % len(written)
    for changed in (
        written, written[:at], written[:at] + written[at + 1 :],
        written[:at] + bytes([byte]) + written[at + 1 :],
    ):  # fmt: skip
        if not doubtful([changed]):
            article_of(orjson.loads(changed))


def test_common_articles_are_not_doubted() -> None:
    plain = Article(
        id="1", title='The "old" quay', body=("Tab\there.", "Line\nhere \\ é"), tags=("a", "b"),
        ocr_confidence=0.93, updated=StatedDate("1987-10-19T15:30:00-04:00"),
        origin=Origin(path="a.zip!b/c.html", position=12, reader="html"),
    )  # fmt: skip
    assert doubtful([article_json(plain)] * 3) == []
    assert doubtful([b"", article_json(plain), b"\xff"]) == [0, 1, 2]
    assert doubtful([b"", article_json(plain), b"{}"]) == [0, 2]


def test_a_field_that_an_older_article_has_not_is_empty() -> None:
    older = orjson.loads(article_json(Article(id="1", title="T", source="Paper")))
    del older["own_id"]
    columns = fields_of([orjson.dumps(older), article_json(Article(id="2", own_id="x"))])
    assert columns["own_id"] == ("", "x")
    assert columns["source"] == ("Paper", "")


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"{}", b"null", b'"id"', b'{"id":"1"}',
        b'{"url":"","id":"1","title":"","lead":""}',
        b'{"id":"1","url":"","title":"","lead":"","headline":""}',
    ],
)  # fmt: skip
def test_what_is_no_article_is_not_read(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|unexpected|EOF|empty"):
        fields_of([article_json(Article(id="1")), text])


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"}, {"id": 1}, {"title": 1}, {"body": "text"}, {"tags": [1]},
        {"published": "2017-01-30T99:00:00"}, {"provenance": [["title"]]}, {"headline": "new"},
        {"authors": None}, {"published": "soon"},
    ],
)  # fmt: skip
def test_a_record_of_another_form_is_none_that_was_exported(change: dict[str, object]) -> None:
    article = Article(id="0123456789abcdef", title="T", own_id="7", origin=Origin("b", 2, "csv"))
    record = orjson.loads(article_json(article))
    here = Origin("a.jsonl", 9, "jsonl")
    assert exported(record, here) == replace(article, origin=here)
    assert exported(record | change, here) is None
    del record["provenance"]
    assert exported(record, here) is None


def test_inspect_shows_each_field_and_where_it_came_from() -> None:
    shown = CliRunner().invoke(inspect, [str(FIXTURES / "table.csv")])
    assert shown.exit_code == 0
    assert "published  2017-01-30   [Publication Date; field]" in shown.output
    assert "authors  Jane Doe | John Roe   [Author(s)]" in shown.output
    assert "table.csv, article 2: it has 3 values where the table has 7 columns" in shown.output


def test_inspect_speaks_json() -> None:
    shown = CliRunner().invoke(inspect, ["--json", str(FIXTURES / "bulk.jsonl")])
    lines = [orjson.loads(line) for line in shown.output.splitlines()]
    read = [line for line in lines if "skipped" not in line]
    assert [article["title"] for article in read][:2] == ["Herring quota cut", "In a dump"]
    assert [line["skipped"]["position"] for line in lines if "skipped" in line] == [3, 4, 5]


def test_inspect_fails_when_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    shown = CliRunner().invoke(inspect, [str(tmp_path)])
    assert shown.exit_code == 1
    assert "it is not text" in shown.output
    assert "Traceback" not in shown.output


def test_inspect_stops_at_its_limit() -> None:
    shown = CliRunner().invoke(inspect, ["-n", "1", str(FIXTURES / "story.sgm")])
    assert shown.output.count("read as reuters") == 1
