"""The gate: what an archive cannot hold is cut or left out, and told; all else passes as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from corpus.core.article import Article, make_id
from corpus.core.errors import UnreadableError
from corpus.core.gate import MAX_BODY_BYTES, MAX_TITLE, MAX_VALUE, MAX_VALUES, admit
from corpus.core.stated_date import StatedDate
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
