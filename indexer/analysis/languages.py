"""Languages: Snowball stems and the terms of the index, by ISO 639-1 code.

A *term* is a stem with its language behind a ``/``: ``forest/en`` and ``for/fr`` are what English
and French make of *forest*. An article's words become terms of its own language, a query's word
one term in each language of the archive, so that stems of one language never meet those of another.
Words without a stemmer (of other languages, with digits, of names) are terms as they stand, without
a mark.
Words arrive folded (without case and accents), so that a reader who leaves the accents out finds
the same articles.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import Stemmer

from corpus.core.fields import NAMES

MARK = "/"
"""Stands between a stem and its language; no word has it."""

_DOUBLED = re.compile("(?<=e)es?$")

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hu": "hungarian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

LANGUAGES: tuple[str, ...] = tuple(_ALGORITHMS)
"""The languages that have a stemmer; words of any other are kept as they are."""


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = _ALGORITHMS.get(language)
    return Stemmer.Stemmer(algorithm, 0) if algorithm in Stemmer.algorithms() else None


@lru_cache(maxsize=1 << 14)
def stem(word: str, language: str) -> str:
    """Return the Snowball stem of a folded word, or the word where there is none.

    Words with a digit or a sign are kept. French participles lose the doubled e that folding
    their accent leaves behind (``élevée``), which the algorithm would take for another word.
    """
    return stem_all([word], language)[0]


def stem_all(words: list[str], language: str) -> list[str]:
    """Return the stem of each word."""
    stemmer = _stemmer(language)
    if stemmer is None:
        return words
    if language == "fr":
        words = [_DOUBLED.sub("", word) for word in words]
    return [
        stemmed if stemmed and word.isalpha() else word
        for word, stemmed in zip(words, stemmer.stemWords(words), strict=True)
    ]


@cache
def stemmed_in(language: str) -> str:
    """Return the language whose stemmer a language uses ("no" for "nb"), "" where it has none."""
    algorithm = _ALGORITHMS.get(language)
    return next((code for code, name in _ALGORITHMS.items() if name == algorithm), "")


def language_in(part: str, language: str) -> str:
    """Return the language of a part of an article: "" in names, so that nothing is stemmed there.

    *Ferris* is no form of *ferry*, which it has the stem of.
    """
    return "" if part in NAMES else language


def terms_in(words: list[str], language: str) -> list[str]:
    """Return the term of each word of an article in a language."""
    language = stemmed_in(language)
    if not language:
        return words
    mark = MARK + language
    return [
        stemmed + mark if word.isalpha() else word
        for word, stemmed in zip(words, stem_all(words, language), strict=True)
    ]


@lru_cache(maxsize=1 << 14)
def term(word: str, language: str) -> str:
    """Return the term of a word of an article in a language."""
    return terms_in([word], language)[0]


@lru_cache(maxsize=1 << 14)
def terms_of(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the terms that stand for a query's word in an archive of these languages, each once:
    its stems, and itself, as names have it."""
    return tuple(dict.fromkeys([*[term(word, language) for language in languages], word]))
