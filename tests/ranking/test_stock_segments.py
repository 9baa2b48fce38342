"""A Whoosh index may hold segments of its own codec beside ours: what is found stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from ranking.corpora import TAGS, WORDS, articles
from ranking.test_whoosh import trees
from whoosh import query
from whoosh.codec.base import Codec
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.index import FileIndex
from whoosh.sorting import Count, FieldFacet

from corpus.article import Article
from indexer.analysis import fold_value, stem
from indexer.codec import ArrayCodec
from indexer.schema import make_schema
from search.query import Node
from search.whoosh_query import whoosh_query

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes with Whoosh
)  # fmt: skip

Writing = Literal["stock", "ours"]


@dataclass(frozen=True)
class Piece:
    """What one commit writes, deletes and merges, and by which codec in the mixed index."""

    written: Writing
    articles: Sequence[Article]
    deleted: Sequence[str]
    merged: bool


numbers = st.lists(st.integers(1, 9), max_size=6, unique=True)


@st.composite
def pieces(draw: st.DrawFn) -> list[Piece]:
    return [
        Piece(
            draw(st.sampled_from(("stock", "ours"))),
            [
                replace(draw(articles(number)), language="en", lead="", authors=(), topic="")
                for number in draw(numbers)
            ],
            [f"{number:016x}" for number in draw(numbers)[:2]],
            draw(st.booleans()),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]


def document(article: Article) -> dict[str, Any]:
    """Return the fields of an article as someone who writes with Whoosh itself would give them."""
    return {
        "id": article.id,
        "title": article.title,
        "text": " ".join(article.body),
        "tags": [fold_value(tag) for tag in article.tags],
        "_stored_tags": list(article.tags),
        "date": int(article.published.timestamp()) if article.published else None,
    }


def codec_of(piece: Piece, always: Writing | None) -> Codec:
    return W3Codec() if (always or piece.written) == "stock" else ArrayCodec()


def written(pieces: Sequence[Piece], always: Writing | None) -> FileIndex:
    """Return an index of these pieces, each by its own codec or `always` by one."""
    found = RamStorage().create_index(make_schema("en"))
    for piece in pieces:
        writer = found.writer(codec=codec_of(piece, always))
        for deleted in piece.deleted:
            writer.delete_by_term("id", deleted)
        for article in piece.articles:
            writer.update_document(**document(article))
        writer.commit(merge=piece.merged)
    return found


def optimised(found: FileIndex, codec: Codec) -> FileIndex:
    found.writer(codec=codec).commit(optimize=True)
    return found


def by_tag(found: FileIndex, wanted: query.Query) -> dict[Any, int]:
    """Return how many articles found have each tag."""
    facet = FieldFacet("tags", allow_overlap=True, maptype=Count)
    with found.searcher() as searcher:
        return dict(searcher.search(wanted, groupedby={"tags": facet}).groups("tags"))


def by_date(found: FileIndex, wanted: query.Query) -> list[str]:
    with found.searcher() as searcher:
        return [hit["id"] for hit in searcher.search(wanted, sortedby="date", limit=None)]


def answer(found: FileIndex, wanted: query.Query, limit: int | None = None) -> dict[str, float]:
    """Return the score of each article found, after holding the counts to it."""
    with found.searcher() as searcher:
        hits = searcher.search(wanted, limit=limit)
        scores = {hit["id"]: hit.score for hit in hits}
        assert len(scores) == hits.scored_length()
        if limit is None:
            assert len(hits) == len(scores)
        return scores



def same(one: dict[str, float], other: dict[str, float]) -> bool:
    return one == pytest.approx(other, rel=1e-5, abs=1e-5)


stems = st.sampled_from([*{stem(word.lower(), "en") for word in WORDS}, "absent"])
terms = st.one_of(
    st.builds(query.Term, st.sampled_from(("text", "title")), stems),
    st.builds(query.Term, st.just("tags"), st.sampled_from([fold_value(tag) for tag in TAGS])),
    st.builds(query.Phrase, st.just("text"), st.lists(stems, min_size=2, max_size=3),
              slop=st.integers(1, 3)),
    st.builds(query.Prefix, st.just("text"), st.sampled_from(("ra", "oi", "c", "x"))),
    st.builds(query.Wildcard, st.just("text"), st.sampled_from(("*a*", "b?nk", "*ice"))),
    st.builds(query.FuzzyTerm, st.just("text"), st.sampled_from(("rat", "bnak", "oill"))),
    st.builds(query.TermRange, st.just("text"), st.just("b"), st.just("d")),
    st.builds(lambda start: query.NumericRange("date", start, start + 10**6),
              st.integers(1483214400, 1483214400 + 10**7)),
    st.just(query.Every()),
    st.just(query.Every("date")),
)  # fmt: skip
queries = st.recursive(
    terms,
    lambda parts: st.one_of(
        st.builds(query.And, st.lists(parts, min_size=1, max_size=3)),
        st.builds(query.Or, st.lists(parts, min_size=1, max_size=3)),
        st.builds(query.AndNot, parts, parts),
        st.builds(query.AndMaybe, parts, parts),
        st.builds(query.DisjunctionMax, st.lists(parts, min_size=1, max_size=3)),
        st.builds(query.Not, parts),
    ),
    max_leaves=5,
)


@quick
@given(archive=pieces(), wanted=st.lists(queries, min_size=1, max_size=4), node=trees)
def test_segments_of_both_codecs_answer_like_those_of_either(
    archive: list[Piece], wanted: list[query.Query], node: Node
) -> None:
    stock, mixed, ours = (written(archive, always) for always in ("stock", None, "ours"))
    for each in (*wanted, whoosh_query(node)):
        note(f"{each!r}\n{archive!r}")
        expected = answer(stock, each)
        for other in (mixed, ours):
            assert same(answer(other, each), expected)
            best = sorted(answer(stock, each, 3).values())  # with block quality
            assert sorted(answer(other, each, 3).values()) == pytest.approx(best, abs=1e-5)
            assert by_tag(other, each) == by_tag(stock, each)
            assert by_date(other, each) == by_date(stock, each)
    for codec in (W3Codec(), ArrayCodec()):
        merged = optimised(written(archive, None), codec)
        whole = optimised(written(archive, "stock"), W3Codec())
        live = answer(merged, query.Every()).keys()
        for each in (*wanted, whoosh_query(node)):
            assert same(answer(merged, each), answer(whole, each))
            found = answer(mixed, each).keys()
            # Whoosh's own NOT finds a document deleted just after the last that it excludes.
            assert answer(merged, each).keys() == found & live
