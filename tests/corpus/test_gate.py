"""The gate: what an archive cannot hold is cut or left out, and told; all else passes as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.article import Article, Origin, make_id
from corpus.core.errors import UnreadableError
from corpus.core.gate import (
    MAX_BODY_BYTES,
    MAX_LEAD,
    MAX_PARAGRAPHS,
    MAX_TITLE,
    MAX_VALUE,
    MAX_VALUES,
    admit,
    admit_written,
)
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json, exported
from corpus.reading import read

ARTICLE = Article(
    id=make_id(own="1"),
    url="https://slate.example/1",
    title="A kiln is lit",
    body=("The kiln burns.", "It burns on."),
    published=StatedDate("2020-05-01"),
    date_source="meta",
    tags=("kilns",),
    language="en",
    provenance=(("title", "h1"), ("published", "meta")),
)


def test_an_article_like_any_other_passes_as_it_is():
    assert admit(ARTICLE) == (ARTICLE, "")
    assert admit(ARTICLE)[0] is ARTICLE


@pytest.mark.parametrize("field", ["published", "updated"])
@pytest.mark.parametrize(
    "moment",
    [
        StatedDate("0001-01-01T00:00:00+14:00"),
        StatedDate("9999-12-31T23:59:59-14:00"),
        StatedDate("9999"),
        StatedDate("1500-01"),
        pytest.param(StatedDate.of(datetime.now(UTC) + timedelta(days=30)), id="in a month"),
    ],
)
def test_a_date_at_which_nothing_can_have_been_published_is_left_out(field, moment):
    admitted, left_out = admit(replace(ARTICLE, **{field: moment}))
    assert getattr(admitted, field) is None
    assert f"{field}: {moment[:4]}" in left_out
    assert (field, f"refused: {moment[:4]} is no year of publication") in admitted.provenance
    assert admitted.date_source == ("" if field == "published" else "meta")


def test_a_text_that_is_too_long_is_cut_at_a_word():
    admitted, left_out = admit(replace(ARTICLE, title="kiln " * 400, lead="kiln " * 4000))
    assert admitted.title.endswith("kiln…")
    assert MAX_TITLE - 6 < len(admitted.title) <= MAX_TITLE
    assert "title: cut" in left_out
    assert "lead: cut" in left_out


@pytest.mark.parametrize("letter", ["x", "é", "北", "\U0001f600", "w "])
def test_a_body_that_is_too_long_is_cut(letter):
    admitted, left_out = admit(replace(ARTICLE, body=("first", letter * 900_000, "never")))
    size = sum(len(text.encode()) for text in admitted.body)
    assert MAX_BODY_BYTES - 10 < size <= MAX_BODY_BYTES
    assert admitted.body[0] == "first"
    assert len(admitted.body) == 2
    assert "body: cut" in left_out
    assert admit(admitted) == (admitted, "")


def test_many_paragraphs_lose_nothing_but_their_ends():
    admitted, left_out = admit(replace(ARTICLE, body=tuple(f"p{n}" for n in range(20_000))))
    assert not left_out
    assert " ".join(admitted.body).split() == [f"p{n}" for n in range(20_000)]
    assert len(admitted.body) == 5000


def test_values_that_are_too_many_or_too_long_are_left_out():
    tags = ("x" * (MAX_VALUE + 1), *(f"t{n}" for n in range(MAX_VALUES + 5)))
    admitted, left_out = admit(replace(ARTICLE, tags=tags, section="s" * 999))
    assert admitted.tags == tuple(f"t{n}" for n in range(MAX_VALUES))
    assert admitted.section == ""
    assert "tags: 6 of 106" in left_out
    assert "section: longer" in left_out


def test_strings_are_plain():
    odd = "a\u0001b\u202ec\ud800\ufffe\nd"
    admitted, _ = admit(replace(ARTICLE, title=odd, tags=(odd,), source=odd, body=(odd, "\u0002")))
    for text in (admitted.title, admitted.source, *admitted.tags, *admitted.body):
        assert text.replace("\ufffd", "?").isprintable()
    assert len(admitted.body) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a b", "x"])
def test_an_address_that_may_not_be_linked_to_is_left_out(url):
    admitted, left_out = admit(replace(ARTICLE, url=url))
    assert admitted.url == ""
    assert "url" in left_out


def test_an_id_of_another_form_is_refused():
    with pytest.raises(UnreadableError):
        admit(replace(ARTICLE, id="../../etc/passwd"))


def test_what_was_left_out_is_reported_by_every_run(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"id": "x1", "title": "' + "kiln " * 300 + '", "text": "It burns."}\n'
    )
    skips = []
    (article,) = read([str(tmp_path / "a.jsonl")], skips.append)
    assert article.title.endswith("…")
    assert "title: cut" in skips[0].reason


LINE = Origin('a "b".jsonl', 7, "jsonl")


def passes(line: bytes) -> bool:
    """Ask whether a line passes as it is written; if so, compare it with the article made of it."""
    written = admit_written(line, LINE)
    if written is None:
        return False
    article = exported(orjson.loads(line), LINE)
    assert article is not None
    admitted, left_out = admit(article)
    assert not left_out
    assert written.stored == article_json(admitted)
    assert (written.article(), written.id, written.position) == (article, article.id, 7)
    return True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"url": "", "language": ""}, True),
        ({"title": 'The "lit" kiln \\ oven', "lead": "Über 3 €", "updated": None}, True),
        ({"title": "x" * MAX_TITLE, "lead": "y" * MAX_LEAD, "tags": ("z" * MAX_VALUE,)}, True),
        ({"published": StatedDate("1987-10-19T15:30:00-04:00")}, True),
        ({"title": "x" * (MAX_TITLE + 1)}, False),
        ({"lead": "y" * (MAX_LEAD + 1)}, False),
        ({"tags": ("z" * (MAX_VALUE + 1),)}, False),
        ({"people": tuple(f"name {n}" for n in range(MAX_VALUES + 1))}, False),
        ({"orgs": tuple(f"{n:0199}" for n in range(30))}, False),
        ({"body": ("w",) * (MAX_PARAGRAPHS + 1)}, False),
        ({"body": ("w" * MAX_BODY_BYTES, "more")}, False),
        ({"body": ("Two\u2028lines",)}, False),
        ({"body": ("A bell\x07",)}, False),
        ({"section": "del\x7f"}, False),
        ({"place": "a\tb"}, False),
        ({"url": "javascript:alert(1)"}, False),
        ({"url": "https://slate.example/a b"}, False),
        ({"language": "EN"}, False),
        ({"language": "engl"}, False),
        ({"id": "G" * 16}, False),
        ({"id": "1"}, False),
        ({"published": StatedDate("1234")}, False),
        ({"updated": StatedDate("9000-01-01")}, False),
        ({"provenance": (("title", "p" * (MAX_VALUE + 1)),)}, False),
        ({"ocr_confidence": 0.5}, False),
    ],
)
def test_a_line_of_an_export_passes_as_it_is_only_where_its_article_does(
    changes: dict[str, object], expected: bool
) -> None:
    line = article_json(replace(ARTICLE, origin=Origin("old.txt", 3, "text"), **changes))
    assert passes(line) is expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"A kiln', b'"A \\u006biln'), (b"slate.example/1", b"slate.example\\/1"),
        (b'"position":1', b'"position":1.5'), (b'"position":1', b'"position": 1'),
        (b'"lead":""', b'"lead":null'), (b'"tags":["kilns"]', b'"tags":["kilns",1]'),
        (b"burns on", b"burns\xff on"), (b'{"id"', b' {"id"'), (b'"title"', b'"titel"'),
        (b"2020-05-01", b"2020-02-30"), (b"}", b"},"),
    ],
)  # fmt: skip
def test_other_spellings_are_left_to_be_made(old: bytes, new: bytes) -> None:
    line = article_json(ARTICLE)
    assert passes(line)
    assert not passes(line.replace(old, new, 1)) or old == b'"position":1'


TEXTS = st.text(max_size=8) | st.sampled_from(['"', "\\", 'a","b', "\n", "\x7f", "\u2028", "é"])
DATES = st.sampled_from(
    [None, "2017", "1599", "2017-02", "2016-02-29", "2017-12-31T23:59:59+01:00", "3000-01"]
)


@given(
    title=TEXTS, body=st.lists(TEXTS, max_size=3), date=DATES, tags=st.lists(TEXTS, max_size=3),
    language=st.sampled_from(["", "en", "e1"]), at=st.integers(0, 800), byte=st.integers(0, 255),
)  # fmt: skip
def test_what_passes_as_it_is_written_passes_the_gate(
    title: str, body: list[str], date: str | None, tags: list[str], language: str, at: int,
    byte: int,
) -> None:  # fmt: skip
    line = article_json(
        replace(
            ARTICLE, title=title, body=tuple(body), tags=tuple(tags), language=language,
            published=date and StatedDate(date),
        )
    )  # fmt: skip
    at %= len(line)
    passes(line)
    for changed in (line[:at], line[:at] + bytes([byte]) + line[at + 1 :]):
        try:
            orjson.loads(changed)
        except orjson.JSONDecodeError:
            assert admit_written(changed, LINE) is None
        else:
            passes(changed)
