"""Languages: stems and the terms of the index, by ISO 639-1 code.

A *term* is a stem with its language behind a ``/``: ``forest/en`` and ``for/fr`` are what English
and French make of *forest*. An article's words become terms of its own language, a query's word
one term in each language of the archive, so that stems of one language never meet those of another.
Words without a stemmer (of other languages, with digits, of names) are terms as they stand, without
a mark. A stem is Snowball's of a word's singular (`singulars`).
Words arrive folded (without case and accents), so that a reader who leaves the accents out finds
the same articles.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import Stemmer

from corpus.core.fields import NAMES
from indexer.analysis.singulars import singular_in

MARK = "/"
"""Stands between a stem and its language; no word has it."""

_DOUBLED = re.compile("(?<=e)es?$")

_ALGORITHMS = dict(
    pair.split(":")
    for pair in "ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish "
    "et:estonian eu:basque fa:persian fi:finnish fr:french ga:irish hi:hindi sr:serbian hr:serbian "
    "hu:hungarian hy:armenian id:indonesian it:italian lt:lithuanian nl:dutch no:norwegian "
    "nb:norwegian nn:norwegian pl:polish pt:portuguese ro:romanian ru:russian sv:swedish ta:tamil "
    "tr:".split()
)

_TWICE = frozenset(("danish", "hungarian", "norwegian", "swedish"))
"""Algorithms that leave an ending of a noun with two (*universitetet* keeps one that
*universitet* loses): long stems are stemmed again."""
_LONG = 6

LANGUAGES: tuple[str, ...] = tuple(_ALGORITHMS)
"""The languages that have a stemmer; words of any other are kept as they are."""


@lru_cache(maxsize=1 << 14)
def stem(word: str, language: str) -> str:
    """Return the stem of a folded word, or the word where there is none.

    Words with a digit or a sign are kept. French participles lose the doubled e that folding
    their accent leaves behind (``élevée``), which the algorithm would take for another word.
    """
    return stem_all([word], language)[0]


@cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 0)


def stem_all(words: list[str], language: str) -> list[str]:
    """Return the stem of each word."""
    algorithm = _ALGORITHMS.get(language)
    if algorithm is None:
        return words
    singular = singular_in(language)
    stems = list(map(singular, words)) if singular else words
    if language == "fr":
        stems = [_DOUBLED.sub("", word) for word in stems]
    if algorithm:
        stems = _stemmer(algorithm).stemWords(stems)
    if algorithm in _TWICE:
        again = _stemmer(algorithm).stemWord
        stems = [again(stemmed) if len(stemmed) >= _LONG else stemmed for stemmed in stems]
    return [
        stemmed if stemmed and is_alphabetic(word) else word
        for word, stemmed in zip(words, stems, strict=True)
    ]


def is_alphabetic(word: str) -> bool:
    """Say whether a folded word has only letters, and marks as Hindi and Tamil write them."""
    return word.isalpha() or all(unicodedata.category(char)[0] in "LM" for char in word)


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
        stemmed + mark if is_alphabetic(word) else word
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
