"""The searcher on arrays against Whoosh's own over the same segments, and over a stock index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from ranking.corpora import TAGS, WORDS, articles
from ranking.oracle import snapshot_of
from ranking.test_stock_segments import queries as any_queries
from ranking.test_stock_segments import stems
from whoosh import collectors, query
from whoosh.scoring import BaseScorer, WeightingModel
from whoosh.searching import Searcher
from whoosh.sorting import Count, FieldFacet

from corpus.core.article import Article
from indexer.analysis.analyser import fold_value
from indexer.segment.file import TEXTS
from indexer.store.snapshot import Snapshot
from indexer.whoosh.archive_reader import open_reader
from search.embedded.execute.whoosh_matches import LiveBM25
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.embedded.searcher import ArchiveSearcher
from search.query.nodes import Not
from tests.indexer.test_codec import TAGS as STOCK_TAGS
from tests.indexer.test_codec import articles_of, documents, stock_index
from tests.indexer.test_codec import snapshot_of as stock_twin

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes with Whoosh
)  # fmt: skip


@st.composite
def archives(draw: st.DrawFn) -> Snapshot:
    groups: list[list[Article]] = [
        [replace(draw(articles(number)), language="en") for number in draw(numbers)]
        for numbers in draw(st.lists(st.just(st.lists(
            st.integers(1, 8), min_size=1, max_size=8, unique=True)), min_size=1, max_size=3))
    ]  # fmt: skip
    return snapshot_of(groups, [f"{draw(st.integers(1, 8)):016x}"])[0]


def unpatterned(q: query.Query) -> query.Query:
    """Return a query without patterns: they stand for what people write here, for stems there."""
    if isinstance(q, query.Prefix | query.Wildcard):
        return query.Term(q.fieldname, "oil/en", q.boost)
    return q if q.is_leaf() else q.apply(unpatterned)


queries = any_queries.map(unpatterned)
constants = st.sampled_from((1.5, -1.0))
"""Scores that are asked for; where that is 0, Whoosh's matcher gives 1."""

wanted = st.one_of(
    queries,
    st.builds(query.And, st.tuples(queries, queries).map(list), st.sampled_from((1.0, 2.0))),
    st.builds(query.Or, st.lists(queries, max_size=3), st.sampled_from((1.0, 0.5))),
    st.builds(query.Require, queries, queries),
    st.builds(query.ConstantScoreQuery, queries, constants),
    st.builds(query.And, st.tuples(queries, st.builds(
        query.ConstantScoreQuery, queries, constants)).map(list)),
    st.builds(query.Term, st.just("text"), stems, st.just(3.0)),
    st.builds(query.And, st.lists(st.builds(query.Not, st.builds(
        query.Term, st.just("tags"), st.sampled_from([fold_value(tag) for tag in TAGS]))) | queries,
        min_size=1, max_size=3)),
)  # fmt: skip


def both(snapshot: Snapshot) -> tuple[ArchiveSearcher, Searcher]:
    """The searcher on arrays, and Whoosh's own with the same weighting."""
    arrays = IndexView(snapshot, PLAIN)
    return ArchiveSearcher.over(arrays), Searcher(open_reader(snapshot), LiveBM25(arrays))


def sound(q: query.Query) -> query.Query:
    """Return a query that Whoosh answers: its AndNot lets through what it should exclude where the
    excluded documents begin before the others, and looks behind the end of a list."""
    if isinstance(q, query.AndNot):
        return query.And([sound(q.a), Not(sound(q.b))])
    return q if q.is_leaf() else q.apply(sound)


def answer(searcher: Searcher, q: query.Query, **options: Any) -> dict[int, float]:
    found = searcher.search(q, limit=None, **options)
    assert len(found) == found.scored_length() == len(found.docs())
    gone = searcher.reader().is_deleted  # Whoosh's own NOT finds deleted documents
    return {hit.docnum: hit.score or 0.0 for hit in found if not gone(hit.docnum)}


def same(one: dict[int, float], other: dict[int, float]) -> bool:
    return one == pytest.approx(other, rel=1e-5, abs=1e-5)


@quick
@given(snapshot=archives(), q=wanted, restriction=queries, data=st.data())
def test_arrays_find_what_whoosh_finds(
    snapshot: Snapshot, q: query.Query, restriction: query.Query, data: st.DataObject
) -> None:
    ours, theirs = both(snapshot)
    note(repr(q))
    expected = answer(theirs, sound(q))
    assert same(answer(ours, q), expected)
    assert sorted(ours.docs_for_query(q)) == sorted(expected)
    best = [hit.docnum for hit in ours.search(q, limit=3)]
    assert best == [hit.docnum for hit in ours.search(q, limit=None)][:3]
    for option in ("filter", "mask"):
        note(f"{option}: {restriction!r}")
        assert same(answer(ours, q, **{option: restriction}),
                    answer(theirs, sound(q), **{option: sound(restriction)}))  # fmt: skip
    numbers = data.draw(st.sets(st.integers(0, 20)))
    assert same(answer(ours, q, mask=numbers), answer(theirs, sound(q), mask=numbers))


@quick
@given(snapshot=archives(), q=queries, reverse=st.booleans(), overlap=st.booleans())
def test_orders_and_groups_are_whooshs(
    snapshot: Snapshot, q: query.Query, reverse: bool, overlap: bool
) -> None:
    ours, theirs = both(snapshot)
    q = sound(q)
    note(repr(q))
    tags = FieldFacet("tags", allow_overlap=overlap)
    sources = FieldFacet("source", maptype=Count)
    for options in (
        {"sortedby": "date", "reverse": reverse},
        {"sortedby": "date", "groupedby": "tags"},
        {"groupedby": {"tags": tags, "source": sources}, "limit": 2},
        {"groupedby": ["source", "language"], "maptype": Count},
        {"collapse": "source"}, {"sortedby": "source", "reverse": reverse}, {"scored": False},
    ):  # fmt: skip
        options = {"limit": None} | options
        mine, whooshs = ours.search(q, **options), theirs.search(q, **options)
        if "sortedby" in options or options.get("scored") is False:
            assert [hit.docnum for hit in mine] == [hit.docnum for hit in whooshs]
        assert len(mine) == len(whooshs)
        for name in whooshs.facet_names():
            if options.get("sortedby") or options.get("maptype"):
                assert mine.groups(name) == whooshs.groups(name)
            else:  # documents of nearly equal scores may change places
                assert {k: sorted(v) if isinstance(v, list) else v
                        for k, v in mine.groups(name).items()} == {
                    k: sorted(v) if isinstance(v, list) else v
                    for k, v in whooshs.groups(name).items()
                }  # fmt: skip


@quick
@given(snapshot=archives(), q=wanted)
def test_any_collector_is_given_what_was_found(snapshot: Snapshot, q: query.Query) -> None:
    ours, theirs = both(snapshot)
    q = sound(q)
    found = []
    for searcher in (ours, theirs):
        collector = collectors.TermsCollector(collectors.UnlimitedCollector())
        searcher.search_with_collector(q, collector)
        plain = collectors.UnlimitedCollector()
        searcher.search_with_collector(q, plain)
        results = searcher.search(q, limit=None, terms=True)
        found.append((
            *[sorted(doc for doc in each.results().docs() if not searcher.reader().is_deleted(doc))
              for each in (collector, plain)],
            [hit.matched_terms() and sorted(hit.matched_terms()) for hit in sorted(
                results, key=lambda hit: hit.docnum)],
        ))  # fmt: skip
    assert found[0] == found[1]


class StockBM25(WeightingModel):
    """The formula of `search.embedded.rescore.scoring` by the statistics of a stock index."""

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> BaseScorer:
        return _StockScorer(searcher, fieldname, text)


class _StockScorer(BaseScorer):
    def __init__(self, searcher: Any, fieldname: str, text: Any) -> None:
        top = searcher.get_parent()
        n, df = top.doc_count(), top.doc_frequency(fieldname, text)
        self._idf = math.log(1 + (n - df + 0.5) / (df + 0.5)) if fieldname in TEXTS else 0.0
        self._average = top.field_length(fieldname) / n
        self._length = lambda doc: searcher.doc_field_length(doc, fieldname, 0)

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        return math.inf

    def score(self, matcher: Any) -> float:
        if not self._idf:
            return 1e-9
        tf, length = matcher.weight(), self._length(matcher.id())
        return float(self._idf * 2.5 * tf / (tf + 1.5 * (0.25 + 0.75 * length / self._average)))


stock_terms = st.one_of(
    st.builds(query.Term, st.sampled_from(["text", "title"]),
              st.sampled_from(["ship/en", "harbour/en", "tide/en", "crew/en", "none/en"])),
    st.builds(query.Term, st.just("tags"), st.sampled_from([*map(fold_value, STOCK_TAGS)])),
    st.builds(query.Phrase, st.just("text"), st.lists(
        st.sampled_from(["ship/en", "harbour/en", "storm/en"]), min_size=2, max_size=3)),
)  # fmt: skip
stock_queries = st.recursive(
    stock_terms,
    lambda parts: st.one_of(
        st.builds(query.And, st.lists(parts, min_size=2, max_size=3)),
        st.builds(query.Or, st.lists(parts, min_size=2, max_size=3)),
    ),
    max_leaves=4,
)


@quick
@given(rows=documents, q=stock_queries, data=st.data())
def test_a_stock_index_of_the_same_articles_gives_the_same_answer(
    rows: list[tuple[str, str, list[str]]], q: query.Query, data: st.DataObject
) -> None:
    made = articles_of(rows)
    cut = data.draw(st.integers(1, len(rows) - 1))
    stock = Searcher(stock_index(made, cut, set()).reader(), StockBM25())
    ours = ArchiveSearcher.over(IndexView(stock_twin(made, cut, set()), PLAIN))
    note(repr(q))
    expected, found = answer(stock, q), answer(ours, q)
    assert same(found, expected)
    order = [hit.docnum for hit in ours.search(q, limit=None)]
    ranks = [round(expected[doc], 4) for doc in order]
    assert ranks == sorted(ranks, reverse=True)
    for maptype in (None, Count):
        options = {"groupedby": "tags", "maptype": maptype, "limit": None, "sortedby": "date"}
        mine, theirs = ours.search(q, **options), stock.search(q, **options)
        assert mine.groups("tags") == theirs.groups("tags")
        assert [hit.docnum for hit in mine] == [hit.docnum for hit in theirs]


@quick
@given(snapshot=archives(), q=queries, data=st.data())
def test_hits_have_the_stored_fields_of_their_documents(
    snapshot: Snapshot, q: query.Query, data: st.DataObject
) -> None:
    ours, _ = both(snapshot)
    found, others = ours.search(q, limit=None), ours.search(data.draw(queries), limit=None)
    if data.draw(st.booleans()):
        found.upgrade(others)
    hits = data.draw(st.permutations([*found, *found[:2]]))
    for hit in hits:
        expected = ours.stored_fields(hit.docnum)
        assert hit["title"] == expected["title"]
        assert hit.get("nothing") is None
        assert hit["date"] == ours.reader().column_reader("date")[hit.docnum]
        assert dict(hit.items()) == hit.fields() == expected
        hit.fields()["title"] = "changed by who read it"
    assert [hit["title"] for hit in found] == [
        ours.stored_fields(docnum)["title"] for docnum, _ in found.items()
    ]


def test_pages_follow_one_another() -> None:
    made: Sequence[Article] = [
        Article(id=f"{number:016x}", title=" ".join(WORDS[: number + 1]), language="en")
        for number in range(5)
    ]
    ours, _ = both(snapshot_of([list(made)], [])[0])
    q = query.Every()
    pages = [[hit.docnum for hit in ours.search_page(q, page, pagelen=2)] for page in (1, 2, 3)]
    assert pages == [[0, 1], [2, 3], [4]]
    with pytest.raises(ValueError, match="limit"):
        ours.search(q, limit=0)
