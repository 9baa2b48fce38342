"""Words of many languages meet by their stems."""

from __future__ import annotations

import pytest

from indexer.analysis.analyser import fold
from indexer.analysis.languages import LANGUAGES, stem, stem_all
from indexer.analysis.stop_words import stop_words


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "harbours", "harbour"),
        ("en", "running", "runs"),
        ("de", "Häuser", "Häusern"),
        ("fr", "élevée", "élevés"),
        ("fr", "économiques", "économique"),
        ("es", "naciones", "nación"),
        ("it", "giornali", "giornale"),
        ("pt", "cidades", "cidade"),
        ("nl", "kranten", "krant"),
        ("ru", "новый", "новая"),
        ("ru", "газеты", "газета"),
    ],
)
def test_inflected_words_share_a_stem(language: str, one: str, other: str) -> None:
    assert stem(fold(one), language) == stem(fold(other), language)


@pytest.mark.parametrize("word", ["at&t", "3.5", "16", "北"])
def test_what_is_no_word_is_kept(word: str) -> None:
    assert stem(word, "en") == word


def test_words_of_an_unknown_language_are_kept() -> None:
    assert stem("running", "") == stem("running", "xx") == "running"


def test_every_language_stems_without_losing_a_word() -> None:
    for language in LANGUAGES:
        assert all(stem_all(["a", "es", "news", "правда", "ee"], language))


def test_stop_words_are_folded_and_known_for_the_main_languages() -> None:
    for language in (
        "en", "de", "fr", "es", "it", "pt", "nl", "ru", "da", "fi", "no", "nb", "nn", "sv", "tr",
    ):  # fmt: skip
        assert len(stop_words(language)) > 50
        assert all(fold(word) == word for word in stop_words(language))
    assert stop_words("xx") == stop_words("") == frozenset()


@pytest.mark.parametrize(
    ("word", "language"),
    [("estado", "es"), ("stato", "it"), ("wollen", "de"), ("два", "ru"), ("press", "sv")],
)
def test_words_that_news_are_made_of_are_no_stop_words(word: str, language: str) -> None:
    assert word not in stop_words(language)
