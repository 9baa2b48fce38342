"""Pseudo-relevance feedback: a long question asked again with the words of its own best answers.

The first `ARTICLES` hits are taken for relevant, each less than the one before it, and the words
that tell them apart from the archive are added to the query: Rocchio's method ("Relevance Feedback
in Information Retrieval", 1971) without negative examples, over ``ln(1 + tf) * idf``. Added words
only raise scores: what matches, and so every total and facet, stays as it was asked.

What was tried is in ARCHITECTURE.md. Queries of fewer than four words are left alone: there a
reader means the words that were typed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from indexer.analysis.stop_words import stop_words
from search.query.building import boosted
from search.query.nodes import Node, Should, Word
from search.request import Request
from search.similarity.similar import weighted_words
from search.suggestions.vocabulary import ArchiveVocabulary

ARTICLES = 10  # hits that are taken for relevant
DECAY = 1.5  # the r-th of them counts r to the power of minus this
WORDS = 30  # words that are added at most
SHARE = 0.7  # the weight of the best added word; words of the query weigh 1
LONG = 4  # words, stop words aside, from which on a query is expanded without being told to
_WEIGHTS = {"title": 4.0, "lead": 2.0, "body": 1.0}
_MOST_ARTICLES = 0.1


def wanted(request: Request, node: Node) -> bool:
    """Say whether a request is to be expanded: as it asks, else long ones that match any word.

    Raises BadRequestError where it asks for what cannot be.
    """
    if request.expand and request.match != "any":
        raise BadRequestError("Feedback adds words that need not occur: ask with match=any.")
    if request.expand is not None:
        return request.expand
    if request.match == "all" or request.sort != "relevance" or not isinstance(node, Should):
        return False
    common = stop_words("en")
    words = [part for part in node.parts if isinstance(part, Word) and not part.fieldname]
    return sum(word.text.lower() not in common for word in words) >= LONG


def expanded(node: Node, articles: Sequence[Article], vocabulary: ArchiveVocabulary) -> Node:
    """Return a query with the words added that its articles share; the best article is first."""
    weights: dict[str, float] = {}
    spread: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for rank, article in enumerate(articles[:ARTICLES], 1):
        for root, frequency in weighted_words(article, _WEIGHTS, forms).items():
            weight = math.log1p(frequency) * rank**-DECAY
            weights[root] = weights.get(root, 0.0) + weight
            spread[root] += 1
    least = 2 if len(articles) > 2 else 1
    roots = [root for root in weights if spread[root] >= least]
    written = [forms[root].most_common(1)[0][0] for root in roots]
    total = max(vocabulary.articles, 1)
    ranked: list[tuple[float, str]] = []
    for root, word, frequency in zip(roots, written, vocabulary.frequencies(written), strict=True):
        if 2 <= frequency <= max(_MOST_ARTICLES * total, 10):
            rarity = math.log1p(max(total - frequency + 0.5, 0.0) / (frequency + 0.5))
            ranked.append((weights[root] * rarity, word))
    ranked.sort(key=lambda pair: (-pair[0], pair[1]))
    best = ranked[:WORDS]
    if not best or best[0][0] <= 0.0:
        return node
    added = tuple([boosted(Word(word), SHARE * value / best[0][0]) for value, word in best])
    return Should(added, required=(node,))
