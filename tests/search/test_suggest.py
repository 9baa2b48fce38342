"""Did you mean: the archive's own words, and only where they find more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from corpus.core.article import Article, make_id
from indexer.analysis.analyser import fold_value, stem, tokenise
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.embedded.execute.matches import Deadline
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import Scoring
from search.embedded.searcher import ArchiveSearcher
from search.query.canonical import canonical
from search.query.nodes import And, Boost, Node, Not, Or, Phrase, Should, Value, Wildcard, Word
from search.query.parse import parse
from search.suggestions import spelling
from search.suggestions.suggest import suggest
from search.suggestions.vocabulary import ArchiveVocabulary, SnapshotVocabulary

NOW = datetime(2021, 6, 1, tzinfo=UTC)
TITLES = ["Harbour council closes ferry", "Harbour strike", "Council votes on lighthouse"] * 4 + [
    "Lighthouse keeper", "Fairy tales", "Inquiry into the harbor", "Reagan in Reykjavik",
    "Reagan speaks",
]  # fmt: skip


def respell(node: Node, vocabulary: ArchiveVocabulary) -> Node:
    """Return what is suggested whatever it finds."""
    found = suggest(node, vocabulary, count=lambda _: 0, total=-1)
    return found.node if found else node


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
    return SnapshotVocabulary(IndexView(Snapshot(generation=1, leaves=leaves), Scoring()))


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
            case Wildcard():  # of a place, people or bodies: the articles name none
                return False
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

    node = parse("harbour OR strike", now=NOW).node
    assert suggest(node, vocabulary, count=never, total=1) is None


def archive(*titles: str) -> tuple[SnapshotVocabulary, Callable[[Node], int]]:
    """Return the vocabulary of an archive, and how many of its articles a tree finds."""
    articles = [
        Article(id=make_id(own=str(at)), title=title, language="en")
        for at, title in enumerate(titles)
    ]
    leaf = Leaf(build_segment(articles), None, len(articles))
    snapshot = Snapshot(generation=1, leaves=(leaf,))
    reader = IndexView(snapshot, Scoring())
    searcher = ArchiveSearcher.over(reader)

    def count(node: Node) -> int:
        return searcher.gather(searcher.compile(node).plan, [], False, Deadline()).total

    return SnapshotVocabulary(reader), count


SLUR = min(word for word in spelling._WORDS if len(word) == 6)
EVIDENCE = [
    # one article corrects nothing, a short word needs more than a long one
    (("Mayor Vellamo",), "vellamu", ""),
    (("Mayor Vellamo", "Vellamo wins"), "vellamu", "vellamo"),
    (("Old reef", "Reef lost"), "reet", ""),
    (("Old reef",) * 5, "reet", "reef"),
    # two edits only in long words that are well known
    (("Mackoff sings",), "matloff", ""),
    (("Ozone reef",) * 9, "ozne reef", "ozone reef"),
    (("The xt engine",) * 9, "xqzt", ""),
    (("A cathedral opens",) * 5, "cahtdral", "cathedral"),
    (("A cathedral opens",) * 4, "cahtdral", ""),
    # a nearer word beats a split
    (("Bitcoin falls", "Bitcoin rises", *["A bit", "The con"] * 8), "bitcon", "bitcoin"),
    (("Wall falls", "Street empty", "Wall Street up") * 2, "wallstreet", "wall street"),
    # what never occurs as written is corrected, its inflections are not
    (("President Obama, election of Obama",) * 5, "presidant obama electon",
     "president obama election"),
    (("Wildfires burn",) * 5, "wildfire", ""),
    # neighbours count
    (("Ivory Coast votes",) * 5 + ("The cost of ivory",) + ("Cost rises",) * 30, "ivory cost",
     "ivory coast"),
    (("Grand tour starts",) * 3 + ("Tower",) * 9 + ("Sour milk",) * 9, "grand touur",
     "grand tour"),
    # written together
    (("Coronavirus spreads", "Corona virus found"), "corona virus", "coronavirus"),
    (("Website hacked",) * 3, "web site hacked", "website hacked"),
    # never a slur
    ((f"{SLUR} said",) * 9, f"{SLUR[:-1]}", ""),
    ((f"{SLUR}s said",) * 9, f"{SLUR[:3]}{SLUR[2:]}s", ""),
]  # fmt: skip


@pytest.mark.parametrize(("titles", "text", "meant"), EVIDENCE)
def test_suggestions_rest_on_evidence(titles: tuple[str, ...], text: str, meant: str) -> None:
    vocabulary, count = archive(*titles)
    node = parse(text, now=NOW).node
    found = suggest(node, vocabulary, count=count, total=count(node))
    assert (found.text if found else "") == meant


def test_a_value_is_offered_in_the_field_that_has_it(vocabulary: SnapshotVocabulary) -> None:
    node = parse('place:"Ivory Coast"', now=NOW).node
    assert canonical(respell(node, vocabulary)) == 'tag:"Ivory Coast"'


def test_only_a_correction_of_what_no_article_has_is_sure() -> None:
    vocabulary, count = archive(*["The president speaks"] * 5, "Corona virus", "Coronavirus")
    for text, sure in (("presdent", True), ("corona virus", False)):
        node = parse(text, now=NOW).node
        found = suggest(node, vocabulary, count=count, total=0)
        assert found is not None
        assert found.sure is sure


def test_no_more_than_a_few_words_are_looked_up(vocabulary: SnapshotVocabulary) -> None:
    many = " ".join(f"zzz{letter}qq" for letter in "abcdefgh") + " harbuor"
    assert canonical(respell(parse(many, now=NOW).node, vocabulary)) == many


def test_frequencies_are_those_of_all_inflections(vocabulary: SnapshotVocabulary) -> None:
    assert vocabulary.articles == len(TITLES)
    assert vocabulary.frequencies(["harbour", "strikes", "ferry", "nothere"]) == [8, 4, 4, 0]
    assert vocabulary.value_frequency("tag", "cote d'azur") == 8
    assert vocabulary.value_frequency("section", "cote d'azur") == 0
