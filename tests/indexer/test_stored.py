"""Stored articles come back whole, fast, and never from a damaged block."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import numpy as np
import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, Origin
from corpus.core.article_heads import heads
from corpus.core.errors import IndexBrokenError
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json
from indexer.segment import stored
from indexer.segment.arrays import Strings
from indexer.segment.compressed_blocks import ARRAYS, CompressedBlocks
from indexer.segment.stored import StoredWriter, article_from
from indexer.segment.terms import pack_strings
from indexer.write.invert import build_segment

ID = "0123456789abcdef"

strings = st.text(max_size=12)
lists = st.lists(strings, max_size=3).map(tuple)
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.builds(
    lambda moment, length: StatedDate(StatedDate.of(moment)[:length]),
    st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30), timezones=zones),
    st.sampled_from((4, 7, 10, 19, 25)),
)


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
    assert back.published is None or back.published.precision == article.published.precision


@settings(max_examples=100, deadline=None)
@given(whole_articles())
def test_the_head_that_columns_keep_is_put_back(article: Article) -> None:
    assert article_from(build_segment([article]).stored.get([0])[0]) == article


def test_a_title_that_looks_like_json_is_not_taken_for_it() -> None:
    article = Article(id=ID, title='","lead":"', url=',"lead":', lead='\\",\\"lead\\":')
    assert article_from(build_segment([article]).stored.get([0])[0]) == article


def test_odd_time_zones_keep_the_instant() -> None:
    zone = timezone(timedelta(minutes=19, seconds=32))
    article = Article(id=ID, published=StatedDate.of(datetime(1920, 1, 1, tzinfo=zone)))
    assert article_from(article_json(article)).published == article.published


def test_lone_surrogates_become_question_marks() -> None:
    article = Article(id=ID, title="a\ud800", body=("\udfff",), tags=("\ud800",))
    back = article_from(build_segment([article]).stored.get([0])[0])
    assert (back.title, back.body, back.tags) == ("a?", ("?",), ("?",))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"id":1}', b"\xff", b"null"])
def test_what_is_no_article_is_refused(text: bytes) -> None:
    with pytest.raises(IndexBrokenError, match="broadsheet repair"):
        article_from(text)


def blocks_of(texts: list[bytes], together: int = 1) -> CompressedBlocks:
    writer = StoredWriter()
    for first in range(0, len(texts), together):
        part = texts[first : first + together]
        if together == 1:
            writer.add(part[0])
        else:
            writer.add_all(b"".join(part), np.array([*map(len, part)], np.int64))
    writer.flush()
    frames = [np.empty(0, np.uint8), *writer.take()]
    return CompressedBlocks(blocks=np.concatenate(frames), **writer.index())


def changed(whole: CompressedBlocks, **arrays: np.ndarray) -> CompressedBlocks:
    return CompressedBlocks(**({name: getattr(whole, name) for name in ARRAYS} | arrays))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.binary(max_size=200).map(lambda b: b * 97), min_size=1, max_size=40),
    st.data(),
)
def test_documents_are_in_the_same_blocks_however_many_come_at_once(
    texts: list[bytes], data: st.DataObject
) -> None:
    one, many = blocks_of(texts), blocks_of(texts, data.draw(st.integers(2, 50)))
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(many, name)), name


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
        blocks = changed(whole, blocks=damaged)
        try:
            found = blocks.read(range(len(texts)))
        except IndexBrokenError as error:
            assert "broadsheet" in str(error)
        else:
            assert found == texts  # a bit that the format does not use


def test_a_block_that_would_grow_beyond_its_size_is_refused() -> None:
    bomb = blocks_of([b"\0" * (1 << 20)])
    small = changed(bomb, lengths=np.array([100], np.uint32))
    with pytest.raises(IndexBrokenError):
        small.read([0])


def reports(count: int, seed: int = 5) -> list[bytes]:
    """Texts that share phrases, as those of a newspaper do."""
    rng = np.random.default_rng(seed)
    phrases = [
        " ".join(f"word{k}" for k in rng.integers(0, 3000, rng.integers(3, 9))) for _ in range(400)
    ]
    return [
        ". ".join(phrases[k] for k in rng.integers(0, 400, rng.integers(10, 30))).encode()
        for _ in range(count)
    ]


def test_what_texts_share_is_kept_once() -> None:
    texts = reports(3000)
    blocks = blocks_of(texts)
    assert blocks.read(range(3000)) == texts
    assert len(blocks.dictionary_starts) == 2
    taken = len(blocks.blocks) + len(blocks.dictionaries)
    alone = changed(blocks_of([]), **compressed_alone(texts))
    assert alone.read([7]) == [texts[7]]
    assert taken < 0.7 * len(alone.blocks)


def compressed_alone(texts: list[bytes]) -> dict[str, np.ndarray]:
    """The arrays of the same blocks, each compressed by itself."""
    frames, firsts, lengths = [], [0], []
    compressor = zstandard.ZstdCompressor(level=3)
    for at in range(0, len(texts), 8):
        frames.append(compressor.compress(b"".join(texts[at : at + 8])))
        lengths += map(len, texts[at : at + 8])
        firsts.append(len(lengths))
    return {
        "blocks": np.frombuffer(b"".join(frames), np.uint8),
        "starts": np.cumsum([0, *map(len, frames)]),
        "firsts": np.array(firsts, np.uint32),
        "lengths": np.array(lengths, np.uint32),
        "dictionary_of": np.zeros(len(frames), np.uint32),
    }


def test_a_pool_gives_the_same_bytes() -> None:
    texts = reports(8000)
    with ThreadPoolExecutor(1) as pool:
        writer = StoredWriter(pool)
        for text in texts:
            writer.add(text)
        writer.flush()
        frames = np.concatenate(list(writer.take()))
    assert np.array_equal(frames, blocks_of(texts).blocks)


def test_threads_read_through_one_dictionary() -> None:
    texts = reports(3000)
    whole = blocks_of(texts)
    wanted = [range(first, 3000, 97) for first in range(8)]
    expected = [[texts[doc] for doc in docs] for docs in wanted]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            assert list(pool.map(changed(whole).read, wanted)) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"x" * 100, zstandard.compress(b"another dictionary " * 4000), zstandard.compress(b"")],
)
def test_another_dictionary_is_noticed(content: bytes) -> None:
    blocks = changed(
        blocks_of(reports(3000)),
        dictionaries=np.frombuffer(content, np.uint8),
        dictionary_starts=np.array([0, len(content)]),
    )
    with pytest.raises(IndexBrokenError, match="broadsheet"):
        blocks.read(range(0, 3000, 50))


def test_a_dictionary_that_would_grow_beyond_bounds_is_refused() -> None:
    content = zstandard.compress(bytes(1 << 24))
    blocks = changed(
        blocks_of(reports(3000)),
        dictionaries=np.frombuffer(content, np.uint8),
        dictionary_starts=np.array([0, len(content)]),
    )
    with pytest.raises(IndexBrokenError):
        blocks.read([0])


def test_dictionaries_are_carried_where_they_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "DICTIONARY_BYTES", 1 << 14)
    monkeypatch.setattr(stored, "_WORTH", 30)
    large, other, small = (
        blocks_of(reports(count, seed)) for count, seed in ((1500, 1), (1000, 2), (100, 3))
    )
    dictionaries, places = stored.carried([small, other, large, other])
    assert dictionaries == [other.dictionary(1), large.dictionary(1)]
    assert [place.tolist() for place in places] == [[0, 0], [0, 1], [0, 2], [0, 1]]
    assert stored.carried([]) == ([], [])


def test_ten_articles_are_there_in_a_millisecond() -> None:
    rng = np.random.default_rng(2)
    words = [f"word{n}" for n in range(5000)]
    articles = [
        Article(
            id=f"{n:016x}",
            published=StatedDate("2020-01-01"),
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


TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), TEXTS, TEXTS), min_size=1))
def test_how_an_article_begins_is_its_json(rows: list[tuple[int, str, str]]) -> None:
    ids, urls, titles = zip(*rows, strict=True)
    urls, titles = pack_strings(urls), pack_strings(titles)
    found = heads(np.array(ids, np.uint64), urls, titles, np.arange(len(rows)))
    for head, (number, url, title) in zip(found, rows, strict=True):
        whole = orjson.dumps({"id": f"{number:016x}", "url": url, "title": title})
        assert head == whole[:-1] + b","


def test_an_article_that_is_not_there_has_no_beginning() -> None:
    ids, one = np.zeros(1, np.uint64), pack_strings(["a"])
    beyond = Strings(one.data, np.array([0, 9]))
    for doc, urls in ((1, one), (-1, one), (0, beyond)):
        with pytest.raises(IndexError):
            heads(ids, urls, one, np.array([doc]))
