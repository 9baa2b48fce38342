"""In how many articles of two results each word is, on a cluster: counted on a sample of each.

A cluster does not add up its postings for a set of articles. The sample are the articles whose ids
come first: ids are digests, so that these are articles of any time and source.
"""

from __future__ import annotations

from collections import Counter

from corpus.core.fields import NAMES, WEIGHTS
from indexer.analysis.analyser import analysed, term
from indexer.analysis.languages import stemmed_in
from search.comparison.keyness import WordCounts, tells
from search.opensearch.connection import Connection
from search.opensearch.mapping import article_of
from search.query.matching import mode_of
from search.request import Request

SAMPLE = 1_000
"""Articles of each result that are read."""


def word_counts(connection: Connection, first: Request, second: Request) -> WordCounts:
    """Return how many articles of each of two requests have each word, stop words left out."""
    counted: list[Counter[str]] = []
    totals, found = [], []
    forms: dict[str, str] = {}
    for request in (first, second):
        plan = connection.plan(request)
        body = {
            "size": SAMPLE, "query": plan.query(mode_of(request)), "sort": [{"id": "asc"}],
            "_source": ["article"], "track_total_hits": True,
        }  # fmt: skip
        reply = connection.search(body, **plan.where)["hits"]
        counts: Counter[str] = Counter()
        for hit in reply["hits"]:
            article = article_of(hit["_source"])
            own: dict[str, str] = {}  # the article's terms, each with a form of it
            for name in WEIGHTS:
                if name in NAMES and stemmed_in(article.language):
                    continue
                value = getattr(article, name)
                for text in (value,) if isinstance(value, str) else value:
                    for word, further in analysed(text, article.language):
                        for one, form in ((word.text, word.text), *further):
                            own.setdefault(term(one, article.language), form)
            counts.update(own.keys())
            forms = own | forms
        counted.append(counts)
        totals.append(len(reply["hits"]))
        found.append(int(reply["total"]["value"]))
    rows = tuple(
        (form, counted[0][key], counted[1][key])
        for key, form in forms.items()
        if tells(form, key)
    )  # fmt: skip
    return WordCounts(rows, (totals[0], totals[1]), (found[0], found[1]))
