"""Arrays against a plain reading: the same articles, the same scores, the same order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ranking.corpora import archives, trees
from ranking.oracle import Memory, Oracle, snapshot_of

from corpus.core.article import Article
from search.embedded.collect.gathering import Order, gather
from search.embedded.collect.ranking import NEWEST, OLDEST, RELEVANCE
from search.embedded.execute.matches import Deadline
from search.embedded.plan.compile import compile_query
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN, Scoring
from search.query.nodes import Node

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def evaluated(reader: IndexView, node: Node, match: str) -> dict[str, float]:
    """Return the score of each match by the arrays."""
    compiled = compile_query(node, reader, match)
    gathered = gather(reader, compiled.plan, [], True, Deadline())
    found = {}
    for leaf, matches in zip(reader.leaves, gathered.final, strict=True):
        scores = [0.0] * matches.docs.size if matches.scores is None else matches.scores.tolist()
        assert matches.docs.tolist() == sorted(set(matches.docs.tolist()))
        for doc, score in zip(matches.docs.tolist(), scores, strict=True):
            found[f"{int(leaf.segment.ids[doc]):016x}"] = score
    assert gathered.total == len(found)
    return found


@pytest.mark.parametrize("scoring", [PLAIN, Scoring(k1=0.9, b=0.4, inexact=0.2, proximity=0.0)])
@quick
@given(archive=archives(), node=trees, match=st.sampled_from(("all", "any")))
def test_the_same_articles_with_the_same_scores(
    scoring: Scoring, archive: tuple[list[list[Article]], list[str]], node: Node, match: str
) -> None:
    snapshot, alive = snapshot_of(*archive)
    found = evaluated(IndexView(snapshot, scoring), node, match)
    expected = Oracle(alive, scoring).search(node, match)
    assert found.keys() == expected.keys()
    for key, score in expected.items():
        assert found[key] == pytest.approx(score, rel=1e-5, abs=1e-5)


@quick
@given(archive=archives(), node=trees, match=st.sampled_from(("all", "any")))
def test_an_index_built_by_updates_scores_like_one_built_in_one_go(
    archive: tuple[list[list[Article]], list[str]], node: Node, match: str
) -> None:
    snapshot, alive = snapshot_of(*archive)
    whole, _ = snapshot_of([alive]) if alive else (replace(snapshot, leaves=()), [])
    found = evaluated(IndexView(snapshot, PLAIN), node, match)
    assert found == pytest.approx(evaluated(IndexView(whole, PLAIN), node, match), abs=1e-5)


@quick
@given(
    archive=archives(), node=trees, k=st.integers(1, 12),
    order=st.sampled_from((("relevance", RELEVANCE), ("newest", NEWEST), ("oldest", OLDEST))),
)  # fmt: skip
def test_the_best_k_are_the_first_k_of_all(
    archive: tuple[list[list[Article]], list[str]], node: Node, k: int, order: tuple[str, int]
) -> None:

    snapshot, alive = snapshot_of(*archive)
    reader = IndexView(snapshot, PLAIN)
    compiled = compile_query(node, reader, "any")
    gathered = gather(reader, compiled.plan, [], True, Deadline())
    ids = []
    for place in gathered.best(k, Order(order[1]), collapse=True)[:, 3].tolist():
        leaf = reader.leaves[place >> 32]
        ids.append(f"{int(leaf.segment.ids[place & 0xFFFFFFFF]):016x}")
    # Scores are those of the arrays, which another test compares: sums that are equal on paper
    # differ in their last bits, and whoever rounds them to compare puts some in another order.
    assert ids == Oracle(alive).ordered(evaluated(reader, node, "any"), order[0])[:k]


def test_an_engine_can_be_opened_on_a_snapshot_without_a_segment() -> None:
    from indexer.store.snapshot import Snapshot
    from search.embedded.engine import EmbeddedEngine
    from search.request import Request

    engine = EmbeddedEngine(Memory(Snapshot(generation=0, leaves=())))
    answer = engine.search(Request(text="anything"))
    assert (answer.total, answer.hits, engine.status().state) == (0, (), "empty")
