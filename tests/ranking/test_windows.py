"""An archive larger than the windows that kernels work in: the same articles, the same scores."""

from __future__ import annotations

import random
from functools import cache

import pytest
from ranking.oracle import Memory, Oracle, snapshot_of
from ranking.test_matches import evaluated

from corpus.core.article import Article
from search.embedded.engine import EmbeddedEngine
from search.embedded.execute.postings import NARROW, WINDOW
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.query.nodes import And, Node, Not, Or, Phrase, Prefix, Should, Word
from search.request import Request

COMMON = "harbour bridge council ferry storm report".split()
RARE = [f"quay{one}{other}" for one in "abcdefghijklmnop" for other in "bcdfgkmnoprtuvxz"]


@cache
def archive() -> tuple[IndexView, Oracle, EmbeddedEngine]:
    """18,000 short articles with words in two forms, some in German or long; two segments."""
    chance = random.Random(7)
    groups: list[list[Article]] = [[], []]
    for number in range(max(18_000, WINDOW + NARROW // 3)):
        words = chance.choices(COMMON, weights=(9, 8, 4, 3, 2, 1), k=chance.randint(1, 6))
        words = [word + "s" * (chance.random() < 0.2) for word in words]
        words += chance.choices(RARE, k=chance.randint(0, 2))
        if number % 3001 == 7:  # gaps of three bytes, and more than 255 of one word
            words += ["wave"] * 9000 + ["harbour", "bridge"] + ["council"] * 400
        chance.shuffle(words[: len(words) // 2])
        language = "de" if chance.random() < 0.03 else "en"
        article = Article(
            id=f"{number + 1:016x}", body=(" ".join(words),), language=language,
            title="bridge report" if number % 50 == 0 else "",
        )  # fmt: skip
        groups[number % 7 == 0].append(article)
    snapshot, alive = snapshot_of(groups, [f"{number:016x}" for number in range(5, 900, 11)])
    return IndexView(snapshot, PLAIN), Oracle(alive, PLAIN), EmbeddedEngine(Memory(snapshot))


NODES: tuple[tuple[Node, str], ...] = (
    (Phrase("harbour bridge"), "all"),
    (Phrase("bridge harbour bridge"), "all"),
    (Phrase("harbour harbour"), "all"),
    (Phrase("harbours bridge"), "all"),
    (Phrase("storm bridges harbour"), "all"),
    (Phrase("report harbours bridge"), "all"),
    (Phrase("harbour bridges council", exact=False), "all"),
    (And((Phrase("harbour bridges"), Word("council"))), "all"),
    (And((Word("council"), Not(Phrase("harbour bridges")))), "all"),
    (Phrase("council ferry storm report"), "all"),
    (Phrase("harbour quayab"), "all"),
    (Phrase("ferry storm", slop=2), "all"),
    (Phrase("harbour bridge", "body"), "all"),
    (Phrase("bridge report", "title"), "all"),
    (Should((Word("harbour"), Word("bridge"), Word("council"))), "all"),
    (Should((Word("harbour"), Word("quaycd"))), "all"),
    (Should((Word("ferry"), Word("storm"), Word("quaydo"))), "any"),
    (Should((Word("harbours"), Word("bridges"), Word("ferry"), Word("reports"))), "any"),
    (Or((Phrase("storm report"), Word("quayeb"))), "all"),
    (And((Prefix("quayb"), Not(Word("bridge")))), "all"),
)


@pytest.mark.parametrize(("node", "match"), NODES, ids=str)
def test_windows_end_where_nothing_is_lost(node: Node, match: str) -> None:
    reader, oracle, _ = archive()
    found = evaluated(reader, node, match)
    expected = oracle.search(node, match)
    assert expected
    assert found.keys() == expected.keys()
    for key, score in expected.items():
        assert found[key] == pytest.approx(score, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("text", ['"harbour bridge"', "harbour council", "ferry OR quaygu"])
def test_the_first_page_is_that_of_all_pages(text: str) -> None:
    _, _, engine = archive()
    few = engine.search(Request(text=text, size=10, facets=(), timeline=False))
    many = engine.search(Request(text=text, size=1000, facets=(), timeline=False))
    assert few.total == many.total > 500
    assert [hit.id for hit in few.hits] == [hit.id for hit in many.hits[:10]]
