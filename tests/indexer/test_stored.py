"""Stored articles come back whole, fast, and never from a damaged block."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.article import Article, Origin
from corpus.errors import IndexBrokenError
from corpus.wire import article_json
from indexer.invert import build_segment
from indexer.stored import CompressedBlocks, StoredWriter, article_from, json_rest

ID = "0123456789abcdef"

strings = st.text(max_size=12)
lists = st.lists(strings, max_size=3).map(tuple)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones)


@st.composite
def whole_articles(draw: st.DrawFn) -> Article:
    return Article(
        id=ID, own_id=draw(strings), url=draw(strings), title=draw(strings), lead=draw(strings),
        body=draw(lists),
        published=draw(st.none() | instants), updated=draw(st.none() | instants),
        date_source=draw(strings), section=draw(strings), topic=draw(strings), tags=draw(lists),
        authors=draw(lists), source=draw(strings), agency=draw(strings), place=draw(strings),
        places=draw(lists), people=draw(lists), orgs=draw(lists), exchanges=draw(lists),
        language=draw(strings), captions=draw(lists), credits=draw(lists), related=draw(lists),
        origin=Origin(draw(strings), draw(st.integers(1, 1 << 40)), draw(strings)),
        provenance=tuple(draw(st.lists(st.tuples(strings, strings), max_size=2))),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(whole_articles())
def test_every_field_comes_back(article: Article) -> None:
    back = article_from(article_json(article))
    assert back == article
    assert back.published is None or back.published.tzinfo is not None


@settings(max_examples=100, deadline=None)
@given(whole_articles())
def test_the_head_that_columns_keep_is_put_back(article: Article) -> None:
    whole = article_json(article)
    assert whole.endswith(json_rest(whole))
    assert article_from(build_segment([article]).stored.get([0])[0]) == article


def test_a_title_that_looks_like_json_is_not_taken_for_it() -> None:
    article = Article(id=ID, title='","lead":"', url=',"lead":', lead='\\",\\"lead\\":')
    assert article_from(build_segment([article]).stored.get([0])[0]) == article


def test_odd_time_zones_keep_the_instant() -> None:
    zone = timezone(timedelta(minutes=19, seconds=32))
    article = Article(id=ID, published=datetime(1920, 1, 1, tzinfo=zone))
    assert article_from(article_json(article)).published == article.published


def test_lone_surrogates_become_question_marks() -> None:
    article = Article(id=ID, title="a\ud800", body=("\udfff",), tags=("\ud800",))
    back = article_from(build_segment([article]).stored.get([0])[0])
    assert (back.title, back.body, back.tags) == ("a?", ("?",), ("?",))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"id":1}', b"\xff", b"null"])
def test_what_is_no_article_is_refused(text: bytes) -> None:
    with pytest.raises(IndexBrokenError, match="broadsheet repair"):
        article_from(text)


def blocks_of(texts: list[bytes]) -> CompressedBlocks:
    writer = StoredWriter()
    for text in texts:
        writer.add(text)
    writer.flush()
    frames = [np.empty(0, np.uint8), *writer.take()]
    starts, firsts, lengths = writer.index()
    return CompressedBlocks(
        blocks=np.concatenate(frames), starts=starts, firsts=firsts, lengths=lengths
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.binary(max_size=200).map(lambda b: b * 97), min_size=1, max_size=40),
    st.data(),
)
def test_documents_are_read_in_any_order(texts: list[bytes], data: st.DataObject) -> None:
    blocks = blocks_of(texts)
    docs = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=10))
    assert blocks.read(docs) == [texts[doc] for doc in docs]


def test_a_flipped_bit_in_a_block_is_reported() -> None:
    texts = [f"article {n} of the harbour and its tides, {n * n}".encode() for n in range(900)]
    whole = blocks_of(texts)
    rng = np.random.default_rng(1)
    for bit in rng.integers(0, 8 * len(whole.blocks), 500).tolist():
        damaged = whole.blocks.copy()
        damaged[bit // 8] ^= 1 << bit % 8
        blocks = CompressedBlocks(
            blocks=damaged, starts=whole.starts, firsts=whole.firsts, lengths=whole.lengths
        )
        try:
            found = blocks.read(range(len(texts)))
        except IndexBrokenError as error:
            assert "broadsheet" in str(error)
        else:
            assert found == texts  # a bit that the format does not use


def test_a_block_that_would_grow_beyond_its_size_is_refused() -> None:
    bomb = blocks_of([b"\0" * (1 << 20)])
    small = CompressedBlocks(
        blocks=bomb.blocks, starts=bomb.starts, firsts=bomb.firsts,
        lengths=np.array([100], np.uint32),
    )  # fmt: skip
    with pytest.raises(IndexBrokenError):
        small.read([0])


def test_ten_articles_are_there_in_a_millisecond() -> None:
    rng = np.random.default_rng(2)
    words = [f"word{n}" for n in range(5000)]
    articles = [
        Article(
            id=f"{n:016x}",
            published=datetime(2020, 1, 1, tzinfo=UTC),
            body=(" ".join(words[k] for k in rng.integers(0, 5000, 250)),),
        )
        for n in range(500)
    ]
    stored = build_segment(articles).stored
    times = []
    for _ in range(15):
        docs = rng.integers(0, 500, 10).tolist()
        start = time.perf_counter()
        stored.get(docs)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.001
