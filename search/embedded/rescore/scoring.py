"""How matches are scored: BM25F, what an inexact form costs, and what words close together earn.

The score of a word in an article is, with the weighted frequency and length of the field ``text``
(Robertson, Zaragoza and Taylor, CIKM 2004)::

    idf * (k1 + 1) * tf / (tf + k1 * (1 - b + b * length / average))
    idf = ln(1 + (N - df + 0.5) / (df + 0.5))

N, df and the average are those of the live articles of all segments, so that an index built in one
go and one built by updates rank alike. A word of which the article has other forms only (`rates`
for `rate`) counts (1 - `inexact`). A phrase scores like its words. Prefixes, wildcards and fuzzy
words score a constant 1, filters and dates 0.

The best `WINDOW` articles of a query of several words are looked at again: for each two
neighbouring words of the query, the lesser of their weights, times `proximity`, divided by the
least distance between them (1 when they stand side by side), is added. Nothing is subtracted, so
what was not looked at stays behind what was, and paging is stable.

The numbers were chosen on the judged collections of `tests/relevance`; see ARCHITECTURE.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from indexer.analysis.analyser import LENGTHS
from indexer.segment.arrays import F32, I64
from search.embedded.execute.matches import frozen

WINDOW = 64
"""Articles whose words' distances are looked at: three pages of twenty."""


class Scoring(NamedTuple):
    """The parameters of ranking; `PLAIN` is BM25 with nothing added."""

    k1: float = 1.5
    b: float = 0.75
    inexact: float = 0.05
    proximity: float = 0.3


PLAIN = Scoring(inexact=0.0, proximity=0.0)


def norms(scoring: Scoring, average: float) -> F32:
    """Return float32[256]: ``k1 * (1 - b + b * length / average)`` for each length byte."""
    shares = LENGTHS.astype(np.float64) / max(average, 1e-9)
    table = (scoring.k1 * (1.0 - scoring.b + scoring.b * shares)).astype(np.float32)
    return frozen(table)


def scores_of(rows: I64) -> F32:
    """Return the scores of int64[n, 4] rows of `search.embedded.collect.ranking`, float32[n].

    It is a view: what is added to it is added to the rows.
    """
    scores: F32 = rows.view(np.float32)[:, 0]
    return scores
