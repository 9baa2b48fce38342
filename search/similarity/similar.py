"""More like this: an article as the query that finds its like.

The words that tell an article apart (frequent in it, rare in the archive: tf-idf, words of the
title, lead and tags counted more) become an ordinary tree of weighted words side by side, which
every engine runs with ``match="any"`` as it runs what people type.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping

from corpus.core.article import Article
from indexer.analysis.analyser import stem, tokenise
from indexer.analysis.stop_words import stop_words
from search.query.building import boosted
from search.query.nodes import Node, Nothing, Should, Word
from search.suggestions.vocabulary import ArchiveVocabulary

LEAST_LIKENESS = 0.12
"""The share of an article's own score for its query from which on another counts as like it: below,
hits share a word or two by chance."""

SIMILAR_WORDS = 24
"""Words of the query; with more, recall hardly grows and what is common to all news comes in."""

MOST_TEXT = 20_000  # code points of a part that are looked at; news puts first what it is about
_WEIGHTS = {"title": 4.0, "lead": 2.0, "topic": 2.0, "tags": 3.0, "body": 1.0}
_SATURATION = 3.0
_MOST_ARTICLES = 0.1
"""The share of all articles in which a word may be."""


def weighted_words(
    article: Article, weights: Mapping[str, float], forms: dict[str, Counter[str]]
) -> dict[str, float]:
    """Return the frequency of each stem of an article, weighted by the part (an attribute of
    `Article`) that it stands in; the forms in which stems are written are added to `forms`."""
    found: dict[str, float] = {}
    common = stop_words(article.language)
    for part, weight in weights.items():
        value = getattr(article, part)
        text = value if isinstance(value, str) else "\n".join(value)
        for token in tokenise(text[:MOST_TEXT]):
            word = token.text
            if word in common or not word.isalpha() or (len(word) < 3 and word.isascii()):
                continue
            root = stem(word, article.language)
            found[root] = found.get(root, 0.0) + weight
            forms.setdefault(root, Counter())[word] += 1
    return found


def similar(article: Article, vocabulary: ArchiveVocabulary, *, words: int = SIMILAR_WORDS) -> Node:
    """Return the tree whose best hits are most like an article (first among them it itself).

    A word in this article alone finds no other, and is left out. Nothing is returned for an
    article without words.
    """
    best = telling_words(article, vocabulary.articles, vocabulary.frequencies, least=2)[:words]
    if not best:
        return Nothing()
    greatest = best[0][0]
    parts = [boosted(Word(word), score / greatest) for score, word in best]
    return parts[0] if len(parts) == 1 else Should(tuple(parts))


def telling_words(
    article: Article, articles: int, frequencies: Callable[[list[str]], list[int]], *, least: int
) -> list[tuple[float, str]]:
    """Return the words that tell an article apart, each behind its weight, the greatest first.

    They are in `least` articles or more; one in a tenth of all tells nothing. Of the archive is to
    be known how many `articles` it has, and, by `frequencies`, how many of them have each word.
    """
    forms: dict[str, Counter[str]] = {}
    weights = weighted_words(article, _WEIGHTS, forms)
    roots = list(weights)
    surface = [forms[root].most_common(1)[0][0] for root in roots]
    total = max(articles, 1)
    ranked: list[tuple[float, str]] = []
    for root, word, frequency in zip(roots, surface, frequencies(surface), strict=True):
        if frequency < least or (frequency > _MOST_ARTICLES * total and total > 100):
            continue
        inverse = math.log((total + 1) / (frequency + 0.5))
        frequency_here = weights[root]
        saturated = frequency_here * (_SATURATION + 1) / (frequency_here + _SATURATION)
        ranked.append((saturated * inverse, word))
    ranked.sort(key=lambda pair: (-pair[0], pair[1]))
    return ranked
