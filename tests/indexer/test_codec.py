"""Whoosh finds in our arrays what it finds in its own files, and what the arrays say."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import fields, index, query
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.matching import ReadTooFar
from whoosh.searching import Searcher

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate, second_of
from indexer.analysis.analyser import fold_value
from indexer.segment.segment import Segment
from indexer.store.snapshot import Leaf, Settings, Snapshot
from indexer.whoosh.archive_reader import open_reader, open_segment_reader
from indexer.whoosh.array_matcher import ArrayMatcher
from indexer.whoosh.codec import ArrayCodec
from indexer.whoosh.schema import make_schema
from indexer.write.invert import build_segment
from tests.indexer.small_archives import read_field

WORDS = ["ship", "ships", "harbour", "tide", "tidal", "crew", "storm"]
TAGS = ["EU", "United States", "Übel"]
BODY_ONLY = Settings(weights={"body": 1})

texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)  # as exact as Whoosh's lengths
documents = st.lists(
    st.tuples(texts, texts, st.lists(st.sampled_from(TAGS), max_size=2, unique=True)),
    min_size=2,
    max_size=25,
)


def articles_of(rows: list[tuple[str, str, list[str]]]) -> list[Article]:
    return [
        Article(
            id=f"{number:016x}",
            title=title,
            body=(body,),
            tags=tuple(tags),
            language="en",
            published=StatedDate.of(datetime(2020, 1, 1, number % 7, tzinfo=UTC)),
        )
        for number, (title, body, tags) in enumerate(rows)
    ]


def stock_index(articles: list[Article], cut: int, deleted: set[int]) -> index.Index:
    """The same articles in Whoosh's own format, in two segments."""
    found = RamStorage().create_index(make_schema("en"))
    for part in (articles[:cut], articles[cut:]):
        writer = found.writer(codec=W3Codec())
        for article in part:
            writer.add_document(
                id=article.id, title=article.title, text=article.body[0],
                tags=[fold_value(tag) for tag in article.tags],
                date=second_of(article.published, UTC) if article.published else None,
            )  # fmt: skip
        writer.commit(merge=False)
    writer = found.writer(codec=W3Codec())
    for doc in deleted:
        writer.delete_by_term("id", articles[doc].id)
    writer.commit(merge=False)
    return found


def snapshot_of(articles: list[Article], cut: int, deleted: set[int]) -> Snapshot:
    leaves = []
    for first, part in ((0, articles[:cut]), (cut, articles[cut:])):
        live = np.array([first + n not in deleted for n in range(len(part))], np.bool_)
        leaves.append(Leaf(build_segment(part, settings=BODY_ONLY), live, int(live.sum())))
    return Snapshot(generation=1, leaves=tuple(leaves))


def terms() -> st.SearchStrategy[query.Query]:
    stems = ["ship/en", "harbour/en", "tide/en", "tidal/en", "crew/en", "storm/en", "none"]
    return st.one_of(
        st.builds(query.Term, st.sampled_from(["text", "title"]), st.sampled_from(stems)),
        st.builds(query.Term, st.just("tags"), st.sampled_from([*map(fold_value, TAGS), "none"])),
        st.builds(query.Phrase, st.just("text"), st.lists(st.sampled_from(stems), min_size=2,
                  max_size=3), slop=st.integers(1, 3)),
        st.builds(query.Prefix, st.just("text"), st.sampled_from(["t", "tid", "s", "x"])),
        st.builds(query.Wildcard, st.just("text"), st.sampled_from(["t*e", "*o*", "?rew"])),
        st.builds(query.FuzzyTerm, st.just("text"), st.sampled_from(["shap", "tode", "crews"])),
        st.builds(lambda a, b: query.NumericRange("date", min(a, b), max(a, b)),
                  *[st.integers(1577836800, 1577836800 + 7 * 3600)] * 2),
        st.just(query.Every()),
    )  # fmt: skip


queries = st.recursive(
    terms(),
    lambda parts: st.one_of(
        st.builds(query.And, st.lists(parts, min_size=1, max_size=3)),
        st.builds(query.Or, st.lists(parts, min_size=1, max_size=3)),
        st.builds(query.AndNot, parts, parts),
        st.builds(query.AndMaybe, parts, parts),
        st.builds(query.Not, parts),
    ),
    max_leaves=5,
)


def found_by(searcher: Searcher, wanted: query.Query, limit: int | None) -> dict[int, float]:
    return {hit.docnum: hit.score for hit in searcher.search(wanted, limit=limit)}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents, st.data())
def test_whoosh_finds_the_same_in_our_segments_as_in_its_own(
    rows: list[tuple[str, str, list[str]]], data: st.DataObject
) -> None:
    articles = articles_of(rows)
    cut = data.draw(st.integers(1, len(rows) - 1))
    deleted = set(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=3)))
    stock = Searcher(stock_index(articles, cut, deleted).reader())
    ours = Searcher(open_reader(snapshot_of(articles, cut, deleted), "en"))
    assert ours.doc_count() == stock.doc_count()
    for wanted in data.draw(st.lists(queries, min_size=1, max_size=6)):
        try:
            expected = found_by(stock, wanted, None)
            best = sorted(found_by(stock, wanted, 3).values())  # with block quality
        except IndexError:  # Whoosh's AndNot asks the stock matcher for an id after its last
            continue
        assert found_by(ours, wanted, None) == pytest.approx(expected, abs=1e-5)
        assert sorted(found_by(ours, wanted, 3).values()) == pytest.approx(best, abs=1e-5)


@pytest.fixture(scope="module")
def harbour() -> Segment:
    rng = random.Random(3)
    rows = [(" ".join(rng.choices(WORDS, k=3)), " ".join(rng.choices(WORDS, k=rng.randrange(40))),
             rng.sample(TAGS, rng.randrange(3))) for _ in range(700)]  # fmt: skip
    return build_segment(articles_of(rows), settings=BODY_ONLY)


def test_a_matcher_shows_the_arrays(harbour: Segment) -> None:
    reader = open_segment_reader(harbour)
    for name in ("text", "title"):
        for term, docs in read_field(harbour.text[name]).items():
            matcher = reader.postings(name, term)
            seen = {}
            while matcher.is_active():
                places = [span.start for span in matcher.spans()]
                assert matcher.value_as("positions") == places
                assert matcher.value_as("frequency") == len(places)
                seen[matcher.id()] = (matcher.weight(), places)
                matcher.next()
            expected = {
                doc: (tf, [at for at, _ in places]) for doc, (tf, places, _) in docs.items()
            }
            assert seen == expected
            info = reader.term_info(name, term)
            assert info.doc_frequency() == len(docs)
            assert info.weight() == sum(tf for tf, _, _ in docs.values())
            assert info.max_weight() == max(tf for tf, _, _ in docs.values())
            assert (info.min_id(), info.max_id()) == (min(docs), max(docs))


def test_a_matcher_skips_to_any_document(harbour: Segment) -> None:
    reader = open_segment_reader(harbour)
    docs = reader.postings("text", "storm/en").all_ids()
    ids = list(docs)
    for target in range(0, 700, 11):
        matcher = reader.postings("text", "storm/en")
        matcher.skip_to(target)
        later = [doc for doc in ids if doc >= target]
        assert matcher.is_active() == bool(later)
        if later:
            assert matcher.id() == later[0]
            assert list(matcher.copy().all_ids()) == later
    matcher = reader.postings("text", "storm/en")
    matcher.skip_to(10_000)
    assert not matcher.is_active()
    assert matcher.id() == ids[-1]
    for step in (matcher.next, lambda: matcher.skip_to(0)):
        with pytest.raises(ReadTooFar):
            step()


def test_blocks_below_a_quality_are_skipped_without_a_loss(harbour: Segment) -> None:
    searcher = Searcher(open_segment_reader(harbour))
    plain = searcher.postings("text", "crew/en")
    scores = {}
    while plain.is_active():
        scores[plain.id()] = plain.score()
        assert plain.score() <= plain.block_quality() + 1e-9
        assert plain.block_quality() <= plain.max_quality() + 1e-9
        plain.next()
    bar = sorted(scores.values())[-5]
    matcher = searcher.postings("text", "crew/en")
    assert isinstance(matcher, ArrayMatcher)
    reached = set()
    while matcher.is_active():
        matcher.skip_to_quality(bar)
        if matcher.is_active():
            reached.add(matcher.id())
            matcher.next()
    assert {doc for doc, score in scores.items() if score > bar} <= reached


def test_scores_are_those_of_the_formula(harbour: Segment) -> None:
    searcher = Searcher(open_segment_reader(harbour))
    lengths = [0] * harbour.n_docs
    docs = read_field(harbour.text["text"])
    for postings in docs.values():
        for doc, (tf, _, _) in postings.items():
            lengths[doc] += tf
    average = sum(lengths) / len(lengths)
    idf = log(harbour.n_docs / (len(docs["tidal/en"]) + 1)) + 1
    expected = {
        doc: idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * lengths[doc] / average))
        for doc, (tf, _, _) in docs["tidal/en"].items()
    }
    found = found_by(searcher, query.Term("text", "tidal/en"), None)
    assert found == pytest.approx(expected, abs=1e-5)


def test_stored_articles_dates_and_ids_are_there(harbour: Segment) -> None:
    searcher = Searcher(open_segment_reader(harbour))
    (hit,) = searcher.search(query.Term("id", f"{17:016x}"))
    assert hit.docnum == 17
    assert hit["id"] == f"{17:016x}"
    newest = searcher.search(query.Every(), sortedby="date", reverse=True, limit=None)
    dates = [int(harbour.dates[hit.docnum]) for hit in newest]
    assert dates == sorted(dates, reverse=True)
    assert len(list(searcher.reader().lexicon("date"))) == 7


def test_terms_are_walked_in_order(harbour: Segment) -> None:
    reader = open_segment_reader(harbour)
    terms_ = list(reader.all_terms())
    assert terms_ == sorted(terms_)
    assert list(reader.expand_prefix("text", "tid")) == [b"tidal/en", b"tide/en"]
    cursor = reader.cursor("text")
    assert cursor.find("stone") == "storm/en"
    assert cursor.term_info().doc_frequency() == reader.doc_frequency("text", "storm/en")
    assert cursor.next() is not None
    while cursor.is_valid():
        cursor.next()
    assert cursor.text() is None
    assert reader.doc_frequency("text", "none") == reader.frequency("text", "none") == 0


def test_an_archive_without_articles_is_readable() -> None:
    empty = Snapshot(generation=0, leaves=())
    assert list(Searcher(open_reader(empty)).search(query.Every())) == []
    none = Snapshot(generation=1, leaves=(Leaf(build_segment([]), None, 0),))
    assert list(Searcher(open_reader(none)).search(query.Term("text", "a"))) == []


KINDS = fields.Schema(
    text=fields.TEXT(stored=True, vector=True),
    chars=fields.TEXT(chars=True, sortable=True),
    words=fields.KEYWORD(stored=True),
    number=fields.NUMERIC(sortable=True, stored=True),
    day=fields.DATETIME(stored=True, sortable=True),
    key=fields.ID(stored=True, unique=True),
    flag=fields.BOOLEAN(stored=True),
    kept=fields.STORED,
)


def rows_of_all_kinds(count: int) -> list[dict[str, Any]]:
    rng = random.Random(5)
    return [
        {
            "text": " ".join(rng.choices(WORDS, k=rng.randrange(1, 60))),
            "chars": " ".join(rng.choices(WORDS, k=rng.randrange(1, 20))),
            "words": " ".join(rng.sample(WORDS, 2)),
            "number": rng.randrange(-50, 50),
            "day": datetime(2017, 1, rng.randrange(1, 28)),
            "key": str(n),
            "flag": rng.random() < 0.5,
            "kept": (n, {"a": [1.5, b"\x00", None, date(2017, 1, 1), Decimal("1.20")]}),
        }
        for n in range(count)
    ]


def whoosh_index(folder: Path | None, codec: Any, rows: list[dict[str, Any]]) -> index.Index:
    if folder is None:
        found = RamStorage().create_index(KINDS)
    else:
        folder.mkdir()
        found = index.create_in(str(folder), KINDS)
    for at in range(0, len(rows), 150):
        writer = found.writer(codec=codec)
        for row in rows[at : at + 150]:
            writer.add_document(**row)
        writer.commit(merge=False)
    writer = found.writer(codec=codec)
    writer.delete_by_term("key", "7")
    writer.delete_by_term("number", 5)
    writer.update_document(**{**rows[3], "text": "ship ship updated"})
    writer.commit(merge=False)
    return found


@pytest.mark.parametrize("on_disk", [True, False])
def test_an_index_of_whoosh_is_the_same_with_our_codec(tmp_path: Path, on_disk: bool) -> None:
    rows = rows_of_all_kinds(300)
    stock = whoosh_index(tmp_path / "stock" if on_disk else None, W3Codec(), rows)
    ours = whoosh_index(tmp_path / "ours" if on_disk else None, ArrayCodec(), rows)
    assert_same_index(stock, ours)
    for found, codec in ((stock, W3Codec()), (ours, ArrayCodec())):
        found.writer(codec=codec).commit(optimize=True)
    assert_same_index(stock, ours)
    if on_disk:
        assert_same_index(stock, index.open_dir(str(tmp_path / "ours")))


def assert_same_index(stock: index.Index, ours: index.Index) -> None:
    wanted = [
        *(query.Term("text", word) for word in WORDS),
        query.And([query.Term("text", "ship"), query.Term("chars", "tide")]),
        query.Or([query.Term("text", word) for word in WORDS[:3]]),
        query.Phrase("text", ["ship", "crew"]),
        query.Phrase("chars", ["storm", "tide"], slop=2),
        query.Prefix("text", "tid"),
        query.Not(query.Term("text", "crew")),
        query.NumericRange("number", -10, 20),
        query.DateRange("day", datetime(2017, 1, 5), datetime(2017, 1, 9)),
        query.Term("words", "ship"),
        query.FuzzyTerm("text", "shap"),
        query.Term("flag", True),
        query.Every(),
    ]
    with stock.searcher() as one, ours.searcher() as other:
        for each in wanted:
            for options in ({"limit": 5}, {"limit": None}, {"sortedby": "number"},
                            {"sortedby": "day", "reverse": True}):  # fmt: skip
                expected, found = (
                    [
                        (hit.docnum, hit.score, hit.fields())
                        for hit in searcher.search(each, **options)
                    ]
                    for searcher in (one, other)
                )
                assert found == expected
        left, right = one.reader(), other.reader()
        assert [(*p[:4], p[4] or b"") for p in left.iter_postings()] == list(right.iter_postings())
        for (term, a), (same, b) in zip(left, right, strict=True):
            assert term == same
            for name in ("weight", "doc_frequency", "max_weight", "min_length", "max_length",
                         "min_id", "max_id"):  # fmt: skip
                assert getattr(a, name)() == getattr(b, name)()
        for name in ("text", "chars"):
            assert left.field_length(name) == right.field_length(name)
            assert left.max_field_length(name) == right.max_field_length(name)
        assert list(left.vector_as("positions", 10, "text")) == list(
            right.vector_as("positions", 10, "text")
        )


def test_documents_without_a_word_are_merged_with_those_that_have_vectors(tmp_path: Path) -> None:
    for key in "abc":  # each commit merges the small segments before it
        rows = [{"text": text, "key": f"{key}{text}"} for text in ("", "ship")]
        ours = index.open_dir(tmp_path) if key != "a" else index.create_in(str(tmp_path), KINDS)
        with ours.writer(codec=ArrayCodec()) as writer:
            for row in rows:
                writer.add_document(**row)
    with ours.refresh().reader() as reader:
        found = [reader.has_vector(doc, "text") for doc in range(6)]
        assert found == [False, True] * 3
        assert list(reader.vector_as("frequency", 1, "text")) == [("ship", 1)]
