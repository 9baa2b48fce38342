"""The cluster's words with how many articles have them; see
`search.suggestions.vocabulary.ArchiveVocabulary`.

Did-you-mean, related articles and feedback choose words by these numbers, with the same code as on
the embedded engine. A list of words costs one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from whoosh.support.levenshtein import damerau_levenshtein as edits

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import fold_value
from search.opensearch.connection import Connection, Plan
from search.opensearch.dsl import DslCompiler
from search.opensearch.mapping import PARTS
from search.query.nodes import Fuzzy, Word
from search.suggestions.vocabulary import CloseWord

_CLOSE = 50
_FILTERS = 200


class ClusterVocabulary:
    """The words of the indices that a request looks at."""

    def __init__(self, connection: Connection, plan: Plan) -> None:
        self._connection = connection
        self._indices = plan.indices
        self._compiler = DslCompiler(plan.archive.languages)

    @cached_property
    def articles(self) -> int:
        return int(self._connection.client.count(index=self._indices)["count"])

    def frequencies(self, words: Sequence[str], field: str = "") -> list[int]:
        return self._counts([self._compiler.compile(Word(word, field)) for word in words])

    def written(self, word: str) -> bool:
        return self._counts([self._compiler.compile(Word(word, "", exact=True))])[0] > 0

    def close(self, word: str, distance: int) -> list[CloseWord]:
        term = {
            "suggest_mode": "always", "size": _CLOSE, "max_edits": min(max(distance, 1), 2),
            "prefix_length": 0, "min_word_length": 2, "sort": "frequency",
        }  # fmt: skip
        suggest = {
            part: {"text": word, "term": {"field": f"{part}_x", **term}} for part in PARTS.values()
        }
        reply = self._connection.ask({"size": 0, "suggest": suggest}, index=self._indices)
        found = [entry for entries in reply["suggest"].values() for entry in entries]
        words = {option["text"] for entry in found for option in entry["options"]}
        near = sorted(other for other in words if edits(word, other) <= distance)
        counts = self.frequencies(near)
        return [CloseWord(*pair) for pair in zip(near, counts, strict=True)]

    def value_frequency(self, field: str, value: str) -> int:
        return self._counts([{"term": {PREFIXES[field]: fold_value(value)}}])[0]

    def close_values(self, field: str, value: str, distance: int) -> list[CloseWord]:
        name, key = PREFIXES[field], fold_value(value)
        body = {
            "size": 0,
            "query": self._compiler.compile(Fuzzy(key, min(max(distance, 1), 2), field)),
            "aggs": {"values": {"terms": {"field": name, "size": 10_000}}},
        }
        values = self._connection.ask(body, index=self._indices)["aggregations"]["values"]
        counts = {bucket["key"]: bucket["doc_count"] for bucket in values["buckets"]}
        near = {other: n for other, n in counts.items() if edits(key, other) <= distance}
        spelt = self._connection.spell(name, list(near))
        return [CloseWord(spelt[key], count) for key, count in near.items()]

    def _counts(self, queries: Sequence[dict[str, Any]]) -> list[int]:
        counts: list[int] = []
        for begin in range(0, len(queries), _FILTERS):
            part = queries[begin : begin + _FILTERS]
            named = {str(number): query for number, query in enumerate(part)}
            aggs = {"words": {"filters": {"filters": named}}}
            body = {"size": 0, "track_total_hits": False, "aggs": aggs}
            buckets = self._connection.ask(body, index=self._indices)["aggregations"]["words"]
            counts += [buckets["buckets"][str(number)]["doc_count"] for number in range(len(part))]
        return counts
