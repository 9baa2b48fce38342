"""Arrays against Whoosh's own matchers over the same segments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from ranking.corpora import WORDS, articles
from ranking.oracle import InMatchers, snapshot_of
from ranking.test_matches import evaluated
from whoosh import query

from corpus.core.article import Article
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.query import nodes as q
from search.query.nodes import Node

quick = settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes with Whoosh
)  # fmt: skip


@st.composite
def english(draw: st.DrawFn) -> tuple[list[list[Article]], list[str]]:
    """Return groups of articles of one language, and names of words of their own, so that a word is
    one term: Whoosh's matchers score several as so many words."""
    from dataclasses import replace

    alone: dict[str, Any] = {"language": "en", "authors": ("Cy Quill",), "source": "Herald"}

    groups = [
        [replace(draw(articles(number)), **alone) for number in draw(numbers)]
        for numbers in draw(st.lists(st.just(st.lists(
            st.integers(1, 8), min_size=1, max_size=8, unique=True)), min_size=1, max_size=3))
    ]  # fmt: skip
    return groups, [f"{draw(st.integers(1, 8)):016x}"]


word = st.sampled_from([*(word for word in WORDS if word != "not"), "absent"])
single = word.filter(lambda text: "-" not in text)
"""One word: the other spelling of two counts beside others on Whoosh's side only."""

anywhere = st.one_of(
    st.builds(q.Word, word, st.sampled_from(("", "", "title", "lead"))),
    st.builds(q.Word, word),
    st.builds(q.Phrase, st.lists(word, min_size=2, max_size=3).map(" ".join), exact=st.just(False)),
    st.builds(q.Value, st.sampled_from(("oil", "US", "bank")), st.just("tag")),
)
leaves = st.one_of(
    anywhere,
    st.builds(q.Word, word, st.sampled_from(("", "body", "title")), st.just(True)),
    st.builds(q.Word, word, st.just("body")),
    st.builds(q.Phrase, st.lists(word, min_size=2, max_size=3).map(" ".join),
              st.sampled_from(("", "body"))),
    st.builds(q.Near, st.tuples(
        st.builds(q.Word, single), st.just(q.Wildcard("*")), st.builds(q.Word, single))),
    st.builds(q.Cased, word),
    st.builds(q.Not, st.builds(q.Word, word, st.just(""), st.booleans())),
)  # fmt: skip


def trees_of(
    leaves: st.SearchStrategy[Node], excluded: st.SearchStrategy[Node]
) -> st.SearchStrategy[Node]:
    return st.recursive(
        leaves,
        lambda nodes: st.one_of(
            st.builds(q.And, st.lists(nodes, min_size=1, max_size=3).map(tuple)),
            st.builds(q.Or, st.lists(nodes, min_size=1, max_size=3).map(tuple)),
            st.builds(
                q.Should, st.lists(nodes, min_size=1, max_size=3).map(tuple), st.just(()),
                st.lists(excluded, max_size=2).map(tuple),
            ),
            st.builds(q.Boost, nodes, st.sampled_from((0.5, 2.0))),
        ),
        max_leaves=6,
    )  # fmt: skip


trees = trees_of(leaves, leaves)
trees_of_words = trees_of(
    anywhere, st.builds(q.Value, st.sampled_from(("oil", "US")), st.just("tag"))
)
"""Those that need not know which part of an article a word stands in."""


@quick
@given(archive=english(), node=trees, match=st.sampled_from(("all", "any")))
def test_whoosh_finds_the_same_with_the_same_scores(
    archive: tuple[list[list[Article]], list[str]], node: Node, match: str
) -> None:
    snapshot, _ = snapshot_of(*archive)
    reader = IndexView(snapshot, PLAIN)
    theirs = evaluated(reader, InMatchers(node, match), match)
    note(f"{node!r}\n{archive!r}")
    assert evaluated(reader, node, match) == pytest.approx(theirs, rel=1e-5, abs=1e-5)


@quick
@given(archive=english(), prefix=st.sampled_from(("ra", "oi", "c", "pri")))
def test_what_only_whoosh_knows_combines_with_the_rest(
    archive: tuple[list[list[Article]], list[str]], prefix: str
) -> None:
    snapshot, alive = snapshot_of(*archive)
    reader = IndexView(snapshot, PLAIN)
    foreign = query.DisjunctionMax([query.Prefix("text", prefix), query.Term("text", "oil")])
    found = evaluated(reader, q.And((foreign, q.Not(q.Value("US", "tag")))), "all")
    expected = {
        one.id
        for one in alive
        if "US" not in one.tags
        and evaluated(reader, foreign, "all").get(one.id) is not None
    }  # fmt: skip
    assert set(found) == expected
