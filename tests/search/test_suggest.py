"""Did you mean: the archive's own words, and only where they find more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from corpus.article import Article, make_id
from indexer.analysis import fold_value, stem, tokenise
from indexer.invert import build_segment
from indexer.snapshot import Leaf, Snapshot
from search.canonical import canonical
from search.language import parse
from search.nodes import And, Boost, Node, Not, Or, Phrase, Should, Value, Word
from search.suggest import respell, suggest
from search.vocabulary import SnapshotVocabulary

NOW = datetime(2021, 6, 1, tzinfo=UTC)
TITLES = ["Harbour council closes ferry", "Harbour strike", "Council votes on lighthouse"] * 4 + [
    "Lighthouse keeper", "Fairy tales", "Inquiry into the harbor", "Reagan in Reykjavik",
]  # fmt: skip


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return [
        Article(
            id=make_id(own=str(number)), title=title, language="en",
            tags=("Côte d'Azur", "Ivory Coast") if number % 2 else ("Elections",),
        )
        for number, title in enumerate(TITLES)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary(articles: list[Article]) -> SnapshotVocabulary:
    half = len(articles) // 2
    segments = [build_segment(articles[:half], "one"), build_segment(articles[half:], "two")]
    leaves = tuple(Leaf(segment, None, segment.n_docs) for segment in segments)
    return SnapshotVocabulary(Snapshot(generation=1, leaves=leaves), ("en",))


@pytest.fixture(scope="module")
def count(articles: list[Article]) -> Callable[[Node], int]:
    """Count by reading every article."""

    def holds(node: Node, article: Article) -> bool:
        words = {stem(token.text, "en") for token in tokenise(article.title)}
        match node:
            case Word(text) | Phrase(text):
                return all(stem(token.text, "en") in words for token in tokenise(text))
            case Value(text):
                return fold_value(text) in map(fold_value, article.tags)
            case And(subqueries=parts):
                return all(holds(part, article) for part in parts)
            case Or(subqueries=parts):
                return any(holds(part, article) for part in parts)
            case Should(parts, required, excluded):
                return all(holds(part, article) for part in (*parts, *required)) and not any(
                    holds(part, article) for part in excluded
                )
            case Not(part):
                return not holds(part, article)
            case Boost(part):
                return holds(part, article)
            case _:
                raise AssertionError(node)

    return lambda node: sum(holds(node, article) for article in articles)


MEANT = [
    ("harbuor", "harbour"),
    ("habour", "harbour"),
    ("Harbuor", "Harbour"),
    ("HARBUOR", "HARBOUR"),
    ("harbuor strike", "harbour strike"),
    ("coucil ferry", "council ferry"),
    ("councilferry", "council ferry"),
    ("harbuor councilferry", "harbour council ferry"),
    ("lighthuse", "lighthouse"),
    ("ligthuose", "lighthouse"),
    ('"harbuor strike"', '"harbour strike"'),
    ("harbuor AND ferry", "harbour AND ferry"),
    ("harbuor -strike", "harbour -strike"),
    ("harbuor^2 ferry", "harbour^2 ferry"),
    ("Reagen", "Reagan"),
    ('tag:"Ivory Cost"', 'tag:"Ivory Coast"'),
    ("tag:cote", "tag:cote"),
    ('tag:"cote d\'azure"', 'tag:"Côte d\'Azur"'),
]


@pytest.mark.parametrize(("text", "meant"), MEANT)
def test_words_near_those_of_the_archive_are_meant(
    vocabulary: SnapshotVocabulary, text: str, meant: str
) -> None:
    assert canonical(respell(parse(text, now=NOW).node, vocabulary)) == meant


@pytest.mark.parametrize("text", [
    "harbour", "strikes", "Lighthouse", "xyz", "fer", "1987", "harb*", "harbuor~1", '"harbuor"',
    "-harbuor", "date:2017", "qqqqqqqqqq", "", "((", "f-16", "o'brien",
])  # fmt: skip
def test_what_is_known_or_not_spelling_is_left_alone(
    vocabulary: SnapshotVocabulary, text: str
) -> None:
    node = parse(text, now=NOW).node
    assert respell(node, vocabulary) == node


def test_a_suggestion_is_made_only_where_it_finds_more(
    vocabulary: SnapshotVocabulary, count: Callable[[Node], int]
) -> None:
    node = parse("harbuor strike", now=NOW).node
    found = suggest(node, vocabulary, count=count, total=count(node))
    assert found is not None
    assert (found.text, found.total) == ("harbour strike", 4)
    assert suggest(node, vocabulary, count=count, total=4) is None


def test_nothing_is_counted_where_nothing_changes(vocabulary: SnapshotVocabulary) -> None:
    def never(node: Node) -> int:
        raise AssertionError(node)

    node = parse("harbour strike", now=NOW).node
    assert suggest(node, vocabulary, count=never, total=0) is None


def test_no_more_than_a_few_words_are_looked_up(vocabulary: SnapshotVocabulary) -> None:
    many = " ".join(f"zzz{letter}qq" for letter in "abcdefgh") + " harbuor"
    assert canonical(respell(parse(many, now=NOW).node, vocabulary)) == many


def test_frequencies_are_those_of_all_inflections(vocabulary: SnapshotVocabulary) -> None:
    assert vocabulary.articles == len(TITLES)
    assert vocabulary.frequencies(["harbour", "strikes", "ferry", "nothere"]) == [8, 4, 4, 0]
    assert vocabulary.value_frequency("tag", "cote d'azur") == 8
    assert vocabulary.value_frequency("section", "cote d'azur") == 0
