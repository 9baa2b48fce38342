"""More like this: an article as the query of the words that tell it apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from corpus.core.article import Article
from indexer.analysis.analyser import fold
from search.query.canonical import canonical
from search.query.nodes import Boost, Node, Nothing, Should, Word
from search.query.parse import parse
from search.similarity.similar import SIMILAR_WORDS, similar
from search.suggestions.vocabulary import CloseWord


class Counts:
    """A vocabulary that is a table."""

    articles = 1000

    def __init__(self, **frequencies: int) -> None:
        self._frequencies = frequencies

    def frequencies(self, words: Sequence[str], field: str = "") -> list[int]:
        return [self._frequencies.get(word, 20) for word in words]

    def close(self, word: str, distance: int) -> list[CloseWord]:
        return []

    def value_frequency(self, field: str, value: str) -> int:
        return 0

    def close_values(self, field: str, value: str, distance: int) -> list[CloseWord]:
        return []


def article(title: str, *body: str, tags: tuple[str, ...] = (), language: str = "en") -> Article:
    return Article(id="0" * 16, title=title, body=body, tags=tags, language=language)


def words(node: Node) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in node.parts if isinstance(node, Should) else (node,):
        match part:
            case Boost(Word(text), factor):
                found[text] = factor
            case Word(text):
                found[text] = 1.0
            case _:
                raise AssertionError(part)
    return found


def test_rare_words_and_those_of_the_title_weigh_more() -> None:
    made = words(
        similar(article("Ferry sinks", "A ferry in the harbour."), Counts(ferry=5, harbour=90))
    )
    assert list(made) == ["ferry", "sinks", "harbour"]
    assert made["ferry"] == 1.0
    assert made["harbour"] < made["sinks"] < 1.0


def test_stop_words_numbers_and_words_of_everything_are_left_out() -> None:
    node = similar(article("The 12 of us in it", "Said, said: unique."), Counts(said=500, unique=1))
    assert node == Nothing()


def test_inflections_are_one_word_in_its_commonest_form() -> None:
    made = words(similar(article("Ferries", "A ferry, the ferry, ferry boats."), Counts()))
    assert "ferry" in made
    assert "ferries" not in made


def test_tags_count() -> None:
    assert "elections" in words(similar(article("Vote", tags=("Elections",)), Counts()))


def test_the_query_is_bounded_and_can_be_written() -> None:
    text = " ".join(f"word{a}{b}" for a in "abcdefghij" for b in "abcdefghij")
    node = similar(article(text), Counts())
    assert len(words(node)) == SIMILAR_WORDS
    assert parse(canonical(node), now=datetime(2021, 1, 1, tzinfo=UTC)).node == node


def test_an_article_without_words_is_like_no_other() -> None:
    assert similar(article(""), Counts()) == Nothing()


def test_every_language_has_its_own_stop_words() -> None:
    made = words(similar(article("Die Häuser am Hafen", language="de"), Counts()))
    assert set(made) == {fold("Häuser"), "hafen"}
