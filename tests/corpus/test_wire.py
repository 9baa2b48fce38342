"""An article's JSON form, and the command that prints it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus.commands import inspect
from corpus.core.article import Article, Origin
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json, article_of, columns_of, doubtful, exported

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


PARTS, LINES, LISTS = ("title", "body", "tags"), ("published", "language"), ("tags", "source")


def read_with_json(articles: list[bytes]) -> list[object]:
    """Return what `columns_of` does, by the plain way."""
    records = list(map(orjson.loads, articles))

    def strings(record: dict[str, object], name: str) -> list[str]:
        value = record.get(name) or []
        return [value] if isinstance(value, str) else list(value)

    parts = ["\x1e".join(strings(one, name)).encode() for one in records for name in PARTS]
    rests = [one[one.index(b',"lead":') + 1 :] for one in articles]
    return [
        [int(one["id"], 16) for one in records],
        b"".join(parts),
        np.cumsum(list(map(len, parts))).tolist(),
        (b"".join(rests), list(map(len, rests))),
        *(
            ("".join(of).encode(), [len(one.encode()) for one in of])
            for of in ([one["url"] for one in records], [one["title"] for one in records])
        ),
        {name: [one.get(name) or "" for one in records] for name in LINES},
        {
            name: (
                [text for one in records for text in strings(one, name) if text],
                [len(list(filter(None, strings(one, name)))) for one in records],
            )
            for name in LISTS
        },
    ]


def read_columns(articles: list[bytes]) -> list[object]:
    found = columns_of(articles, PARTS, LINES, LISTS)
    return [
        found.ids.tolist(), found.text, found.ends.tolist(),
        (found.rests, found.rest_sizes.tolist()),
        (found.urls[0], found.urls[1].tolist()), (found.titles[0], found.titles[1].tolist()),
        found.lines,
        {name: (texts, counts.tolist()) for name, (texts, counts) in found.lists.items()},
    ]  # fmt: skip


ANY_TEXT = st.text(max_size=20) | st.sampled_from(
    [
        '"',
        "\\",
        'a","b',
        "\t\n\r\b\f",
        "\x00\x1f",
        "\x7f",
        "é" * 9,
        "😀 smile",
        '","lead":"',
        "\u2028",
    ]
)


@given(
    st.lists(
        st.builds(
            Article, id=st.integers(0, (1 << 64) - 1).map("{:016x}".format), url=ANY_TEXT,
            title=ANY_TEXT, lead=ANY_TEXT, body=st.lists(ANY_TEXT, max_size=3).map(tuple),
            published=st.sampled_from([None, StatedDate("2016-02-29"), StatedDate("2017")]),
            tags=st.lists(ANY_TEXT, max_size=3).map(tuple), source=ANY_TEXT,
            language=st.sampled_from(["", "en"]), ocr_confidence=st.none() | st.floats(0, 1),
        ),
        max_size=4,
    )
)  # fmt: skip
def test_a_batch_is_read_field_by_field(articles: list[Article]) -> None:
    written = list(map(article_json, articles))
    assert read_columns(written) == read_with_json(written)


def test_other_spellings_of_the_json_are_read_too() -> None:
    spelled = article_json(Article(id="0" * 16, title="caf\u00e9 \U0001f600", tags=("a/b",)))
    for old, new in (
        ("é".encode(), b"\\u00E9"), ("😀".encode(), b"\\ud83d\\ude00"), (b"a/b", b"a\\/b"),
        (b'"title":', b'"title" : '), (b'"page":"",', b""),
        (b'confidence":null', b'confidence":1e-3'),
    ):  # fmt: skip
        other = spelled.replace(old, new)
        assert other != spelled
        found = columns_of([other], PARTS, LINES, LISTS)
        assert (found.text.decode(), found.lists["tags"][0]) == ("café 😀a/b", ["a/b"])
        assert other.endswith(found.rests)  # as it is, for that is what its fingerprint is of
        assert found.rests.startswith(b'"lead":')


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
    older = orjson.loads(article_json(Article(id="1" * 16, title="T", source="Paper")))
    del older["tags"]
    written = [orjson.dumps(older), article_json(Article(id="2" * 16, tags=("x",)))]
    assert columns_of(written, (), (), LISTS).lists["tags"][0] == ["x"]
    assert columns_of(written, (), (), LISTS).lists["source"][1].tolist() == [1, 0]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"{}", b"null", b'"id"', b'{"id":"1"}',
        b'{"url":"","id":"1","title":"","lead":""}',
        b'{"id":"1","url":"","title":"","lead":"","headline":""}',
        article_json(Article(id="1")), article_json(Article(id="A" * 16)),
        article_json(Article(id="1" * 16)).replace(b'"lead":""', b'"lead":1'),
        article_json(Article(id="1" * 16)).replace(b'"body":[]', b'"body":[["a"]]'),
        article_json(Article(id="1" * 16)).replace(b'"lead":""', b'"lead":"\\ud800"'),
        article_json(Article(id="1" * 16)).replace(b'"lead":""', b'"lead":"\xff"'),
    ],
)  # fmt: skip
def test_what_is_no_article_is_not_read(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|unexpected|EOF|empty|digits|surrogate|utf-8"):
        columns_of([article_json(Article(id="1" * 16)), text], PARTS, LINES, LISTS)


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
