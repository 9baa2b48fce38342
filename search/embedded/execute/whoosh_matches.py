"""Whoosh's own matchers over the same segments: a way out, and the oracle of the arrays.

Whoosh runs one Python call a posting, some hundred times slower than the kernels, and knows query
types that have no node here (`spans.SpanNot`, `NestedParent`, one's own). `Foreign` is a plan that
holds such a query; it combines with filters, facets and orders like any other. Scores are those of
`search.embedded.rescore.scoring` by the statistics of the live index, which Whoosh's own weighting,
going by each reader's count with deleted documents, would not give.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from whoosh.query import Query
from whoosh.scoring import BaseScorer, WeightingModel
from whoosh.searching import Searcher

from indexer.segment.arrays import F32, U8, U32
from indexer.segment.file import TEXTS
from indexer.whoosh.archive_reader import open_segment_reader
from search.embedded.execute.matches import frozen
from search.embedded.reader import IndexView, LeafReader

_TRACE = 1e-9
_LEAST = 1e-6
"""A score below this is made of traces; the least that BM25 gives a word is far above."""

_CHECKED = 1024
"""Postings between two looks at the clock."""


class _Scorer(BaseScorer):  # type: ignore[misc]
    """Scores the postings of one term in one segment."""

    def __init__(self, lengths: U8, norm: F32, weight: float) -> None:
        self._lengths = lengths
        self._norm = norm
        self._weight = weight

    def max_quality(self) -> float:
        return self._weight

    def score(self, matcher: Any) -> float:
        tf = np.float32(matcher.weight())
        norm = self._norm[self._lengths[matcher.id()]]
        return float(np.float32(self._weight) * (tf / (tf + norm)))


class _Nothing(BaseScorer):  # type: ignore[misc]
    """Scores a filter: next to nothing, since Whoosh's unions drop what has a score of 0."""

    def max_quality(self) -> float:
        return _TRACE

    def score(self, matcher: Any) -> float:
        return _TRACE


class LiveBM25(WeightingModel):  # type: ignore[misc]
    """BM25 of `search.embedded.rescore.scoring` for Whoosh, by the statistics of a reader."""

    def __init__(self, reader: IndexView) -> None:
        self._reader = reader

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> BaseScorer:
        segment = searcher.reader().segment()
        if fieldname not in TEXTS or segment is None:
            return _Nothing()
        term = text.decode() if isinstance(text, bytes) else str(text)
        weight = self._reader.word(fieldname, term).weight * qf
        lengths = segment.arrays.text[fieldname].lengths
        return _Scorer(lengths, self._reader.norm(fieldname), weight)


def whoosh_matches(
    query: Query, reader: IndexView, leaf: LeafReader, check: Any
) -> tuple[U32, F32]:
    """Return the live documents of a leaf that a Whoosh query finds, and their scores.

    `check` is called now and then, and may raise.
    """
    live = leaf.live.view(np.bool_) if leaf.live.size else None
    searcher = Searcher(open_segment_reader(leaf.segment, live), weighting=LiveBM25(reader))
    docs: list[int] = []
    scores: list[float] = []
    matcher = query.matcher(searcher, searcher.context())
    while matcher.is_active():
        docs.append(matcher.id())
        scores.append(matcher.score())
        if len(docs) % _CHECKED == 0:
            check()
        matcher.next()
    kept = np.array(scores, np.float32)
    kept[kept < _LEAST] = 0.0
    return frozen(np.array(docs, np.uint32)), frozen(kept)
