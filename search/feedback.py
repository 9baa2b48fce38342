"""Pseudo-relevance feedback: a long question asked again with the words of its own best answers.

The first `ARTICLES` hits are taken for relevant, and the words that tell them apart from the
archive are added to the query, weighted by Bo1 (Amati, "Probability Models for Information
Retrieval Based on Divergence from Randomness", 2003). Added words only raise scores: what matches,
and so every total and facet, stays as it was asked.

Measured on events of Reuters-21578 (the first sentence or the title of a story as the query, the
other stories of the event as relevant; 450 to 12,752 articles), mean average precision rose in
every setting, by 1.6% to 5.9%. Short queries are left alone: their readers mean the words they
typed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from corpus.article import Article
from corpus.errors import BadRequestError
from indexer.analysis import stem, stop_words, tokenise
from search.language_nodes import boosted
from search.query import Node, Should, Word
from search.request import Request
from search.vocabulary import Vocabulary

__all__ = ["ARTICLES", "LONG", "expanded", "wanted"]

ARTICLES = 8
"""Hits that are taken for relevant."""

WORDS = 40
"""Words that are added at most."""

SHARE = 0.6
"""The weight of the best added word; words of the query weigh 1."""

LONG = 6
"""Words, stop words aside, from which on a query is expanded without being told to."""

_WEIGHTS = {"title": 4, "lead": 2, "body": 1}
_MOST_TEXT = 20_000
_MOST_ARTICLES = 0.1


def wanted(request: Request, node: Node) -> bool:
    """Say whether a request is to be expanded: as it asks, else long ones with ``match=any``.

    Raises BadRequestError where it asks for what cannot be.
    """
    if request.expand and request.match != "any":
        raise BadRequestError("Feedback adds words that need not occur: ask with match=any.")
    if request.expand is not None:
        return request.expand
    if request.match != "any" or request.sort != "relevance" or not isinstance(node, Should):
        return False
    common = stop_words("en")
    words = [part for part in node.parts if isinstance(part, Word) and not part.field]
    return sum(word.text.lower() not in common for word in words) >= LONG


def expanded(node: Node, articles: Sequence[Article], vocabulary: Vocabulary) -> Node:
    """Return a query with the words added that its best articles have in common."""
    weights: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    for article in articles[:ARTICLES]:
        found = _words(article, forms)
        weights.update(found)
        spread.update(found.keys())
    least = 2 if len(articles) > 2 else 1
    roots = [root for root in weights if spread[root] >= least]
    written = [forms[root].most_common(1)[0][0] for root in roots]
    total = max(vocabulary.articles, 1)
    ranked: list[tuple[float, str]] = []
    for root, word, frequency in zip(roots, written, vocabulary.frequencies(written), strict=True):
        if 2 <= frequency <= max(_MOST_ARTICLES * total, 10):
            chance = frequency / total
            informative = math.log2((1 + chance) / chance)
            ranked.append((weights[root] * informative + math.log2(1 + chance), word))
    ranked.sort(key=lambda pair: (-pair[0], pair[1]))
    best = ranked[:WORDS]
    if not best:
        return node
    added = tuple(boosted(Word(word), SHARE * value / best[0][0]) for value, word in best)
    return Should(added, required=(node,))


def _words(article: Article, forms: dict[str, Counter[str]]) -> Counter[str]:
    """Return the weighted frequency of each stem of an article; its words go to `forms`."""
    common = stop_words(article.language)
    weights: Counter[str] = Counter()
    body = "\n".join(article.body)[:_MOST_TEXT]
    for part, text in (("title", article.title), ("lead", article.lead), ("body", body)):
        for token in tokenise(text):
            word = token.text
            if word in common or not word.isalpha() or (len(word) < 3 and word.isascii()):
                continue
            root = stem(word, article.language)
            weights[root] += _WEIGHTS[part]
            forms.setdefault(root, Counter())[word] += 1
    return weights
