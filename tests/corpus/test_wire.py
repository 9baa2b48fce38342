"""An article's JSON form goes there and back unchanged, and nothing else passes for one."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from corpus.article import Article, Origin
from corpus.commands import inspect
from corpus.errors import UnreadableError
from corpus.wire import from_dict, to_dict

FIXTURES = Path(__file__).parent / "fixtures"

texts = st.text(st.characters(codec="utf-8"), max_size=20)
lists = st.lists(texts, max_size=3).map(tuple)
zones = st.integers(-14 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n)))
moments = st.none() | st.datetimes(datetime(1600, 1, 2), datetime(2400, 1, 1), timezones=zones)
origins = st.builds(Origin, texts, st.integers(1, 10**9), texts)
_BY_TYPE = {"str": texts, "tuple[str, ...]": lists, "datetime | None": moments, "Origin": origins}
articles = st.builds(
    Article,
    **{
        field.name: _BY_TYPE.get(
            str(field.type), st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
        )
        for field in fields(Article)
    },
)


@given(articles)
def test_every_article_goes_there_and_back(article: Article) -> None:
    assert from_dict(orjson.loads(orjson.dumps(to_dict(article)))) == article


def test_the_form_is_plain() -> None:
    article = Article(
        id="1",
        title="T",
        body=("One", "Two"),
        published=datetime(2017, 1, 30, 13, 19, tzinfo=UTC),
        origin=Origin("a.txt", 1, "text"),
        provenance=(("title", "first line"),),
    )
    assert to_dict(article) == {
        "id": "1",
        "title": "T",
        "body": ["One", "Two"],
        "published": "2017-01-30T13:19:00+00:00",
        "origin": {"path": "a.txt", "position": 1, "reader": "text"},
        "provenance": [["title", "first line"]],
    }
    assert to_dict(Article(id="1")) == {"id": "1"}


@pytest.mark.parametrize(
    "form",
    [
        None, [], {}, {"id": 1}, {"id": "1", "title": 2}, {"id": "1", "body": "text"},
        {"id": "1", "body": [1]}, {"id": "1", "published": "2017-01-30T13:19:00"},
        {"id": "1", "published": "soon"}, {"id": "1", "origin": {}}, {"id": "1", "origin": 1},
        {"id": "1", "provenance": [["a"]]}, {"id": "1", "other": "x"}, {"id": "1", "tags": None},
    ],
)  # fmt: skip
def test_what_is_not_the_form_of_an_article_is_refused(form: object) -> None:
    with pytest.raises(UnreadableError, match="not an exported article"):
        from_dict(form)


def test_inspect_shows_each_field_and_where_it_came_from() -> None:
    shown = CliRunner().invoke(inspect, [str(FIXTURES / "table.csv")])
    assert shown.exit_code == 0
    assert "published  2017-01-30T00:00:00+00:00   [Publication Date; field]" in shown.output
    assert "authors  Jane Doe | John Roe   [Author(s)]" in shown.output
    assert "table.csv, article 2: it has 3 values where the table has 7 columns" in shown.output


def test_inspect_speaks_json() -> None:
    shown = CliRunner().invoke(inspect, ["--json", str(FIXTURES / "bulk.jsonl")])
    lines = [orjson.loads(line) for line in shown.output.splitlines()]
    read = [from_dict(line) for line in lines if "skipped" not in line]
    assert [article.title for article in read][:2] == ["Herring quota cut", "In a dump"]
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
