"""A Whoosh index may hold segments of its own codec beside ours: what is found stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from ranking.corpora import TAGS, WORDS, articles
from ranking.oracle import InMatchers, snapshot_of
from ranking.test_matches import evaluated
from ranking.test_whoosh import trees, trees_of_words
from whoosh import query
from whoosh.codec.base import Codec
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.index import FileIndex
from whoosh.sorting import Count, FieldFacet

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate, second_of
from indexer.analysis.analyser import fold_value, term
from indexer.whoosh.archive_reader import open_reader
from indexer.whoosh.codec import ArrayCodec
from indexer.whoosh.schema import make_schema
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.query import nodes as q
from search.query.nodes import Node

quick = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck),
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


def plain(article: Article) -> Article:
    """Return an article of the parts that `document` gives: its body in one paragraph, its date
    as an instant, since Whoosh's field has nothing else."""
    date = article.published and StatedDate.of(article.published.start(UTC))
    return replace(
        article, language="en", lead="", authors=(), topic="", source="", published=date,
        body=(" ".join(article.body),),
    )  # fmt: skip


@st.composite
def pieces(draw: st.DrawFn) -> list[Piece]:
    return [
        Piece(
            draw(st.sampled_from(("stock", "ours"))),
            [plain(draw(articles(number))) for number in draw(numbers)],
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
        "text": "".join(article.body),
        "language": article.language,
        "tags": [fold_value(tag) for tag in article.tags],
        "_stored_tags": list(article.tags),
        "date": second_of(article.published, UTC) if article.published else None,
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


def is_answered(found: FileIndex, wanted: query.Query) -> bool:
    """Say whether Whoosh can answer: its AndNot looks behind the end of a list of one posting."""
    try:
        answer(found, wanted)
    except IndexError:
        return False
    return True


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    return one == pytest.approx(other, rel=1e-5, abs=1e-5)


stems = st.sampled_from([*{term(word.lower(), "en") for word in WORDS}, "absent"])
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
        st.builds(q.Not, parts),  # its own NOT finds deleted documents
    ),
    max_leaves=5,
)


@quick
@given(archive=pieces(), wanted=st.lists(queries, min_size=1, max_size=4), node=trees)
def test_segments_of_both_codecs_answer_like_those_of_either(
    archive: list[Piece], wanted: list[query.Query], node: Node
) -> None:
    stock, mixed, ours = (written(archive, always) for always in ("stock", None, "ours"))
    whole = optimised(written(archive, "stock"), W3Codec())
    answerable = [
        each for each in (*wanted, node)
        if is_answered(stock, each) and is_answered(whole, each)
    ]  # fmt: skip
    for each in answerable:
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
        for each in answerable:
            assert same(answer(merged, each), answer(whole, each))


@quick
@given(
    archive=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5, unique=True), min_size=1,
                     max_size=3).flatmap(lambda groups: st.tuples(
        *(st.tuples(*(articles(number) for number in group)) for group in groups)
    )),
    node=trees_of_words, match=st.sampled_from(("all", "any")),
    into=st.sampled_from((W3Codec, ArrayCodec)),
)  # fmt: skip
def test_an_archive_that_whoosh_merges_into_its_index_is_found_as_before(
    archive: tuple[tuple[Article, ...], ...], node: Node, match: str, into: type[Codec]
) -> None:
    groups = [[replace(article, language="en") for article in group] for group in archive]
    snapshot, _ = snapshot_of(groups, ["0000000000000003"])
    expected = evaluated(IndexView(snapshot, PLAIN), node, match)
    note(f"{node!r}\n{archive!r}")
    found = RamStorage().create_index(make_schema("en"))
    writer = found.writer(codec=into())
    writer.add_reader(open_reader(snapshot, "en"))
    writer.commit()
    assert answer(found, InMatchers(node, match)).keys() == expected.keys()
