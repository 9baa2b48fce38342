"""How matches are scored: BM25F, what an inexact form costs, and what closeness earns.

The score of a word in an article is, with the weighted frequency and length of the field ``text``
(Robertson, Zaragoza and Taylor, CIKM 2004)::

    idf * (k1 + 1) * tf / (tf + k1 * (1 - b + b * length / average))
    idf = ln(1 + (N - df + 0.5) / (df + 0.5))

N, df and the average are those of the live articles of all segments, so that an index built in one
go and one built by updates rank alike. A word of which the article has other forms only (`rates`
for `rate`) counts (1 - `inexact`). A phrase scores like its words. Prefixes, wildcards and fuzzy
words score a constant 1, filters and dates 0.

The best `WINDOW` articles of a query of several words are looked at again: for each two
neighbouring words of the query, the lesser of their weights, times `closeness`, divided by the
least distance between them (1 when they stand side by side), is added. Nothing is subtracted, so
what was not looked at stays behind what was, and paging is stable.

The numbers were chosen on the judged collections of `tests/relevance`, by mean average precision
with feedback. A `k1` of 1.5 with an `inexact` of 0.05 against 1.2 and 0.1 raised it by 0.2% to 1.8%
in seven of nine and lowered it by 0.7% at most (not significantly; 1.8 lost 2% on headlines);
`b` of 0.5 lost 1.1% and 0.65 lost 0.7% on the mean, 0.85 won 0.3%, which is noise. `closeness`
between 0 and 0.6 changed the mean by 0.2%; windows as in sequential dependence models (Metzler and
Croft, SIGIR 2005), all pairs of words, and best passages of 30 to 200 words did no better, so it
stays as the simplest of them, for short queries. A power of idf other than 1, the square root of
repeated words' counts, and leaving out words such as 'describe' or 'report' changed nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from indexer.analysis.analyser import LENGTHS
from search.embedded.execute.matches import frozen
from search.embedded.typing import F32, I64

WINDOW = 64
"""Articles whose words' distances are looked at: three pages of twenty."""


class Scoring(NamedTuple):
    """The parameters of ranking; `PLAIN` is BM25 with nothing added."""

    k1: float = 1.5
    b: float = 0.75
    inexact: float = 0.05
    closeness: float = 0.3


PLAIN = Scoring(inexact=0.0, closeness=0.0)


def inverse_frequency(n_live: int, df: int) -> float:
    """Return the weight of a word that `df` of `n_live` articles have; never negative."""
    return math.log1p((n_live - df + 0.5) / (df + 0.5))


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
