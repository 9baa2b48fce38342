"""Words over-used in one set of articles against another, by log-likelihood.

For each word a table of two by two counts the articles of each set with and without it. Its G²
(Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", Computational
Linguistics 19, 1993) is 2 Σ O ln(O/E), with E as if both sets used it alike; Rayson and Garside
("Comparing Corpora using Frequency Profiling", 2000) compare corpora so. Articles are counted, not
occurrences: a word that one article repeats tells of that article, not of a period, and words by
texts are truer to what they are about (Egbert and Biber, "Incorporating text dispersion into
keyword analyses", Corpora 14, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.analysis.stop_words import stop_words

LEAST = 10.83
"""G² from which on a word counts: chance alone passes it once in a thousand (chi-squared, 1 df)."""

_LEAST_ARTICLES = 2


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Words of two sets of articles: `rows` are (word, articles of the first, of the second).

    `totals` are the articles that were counted, `found` those that each set has: fewer are counted
    where only a sample was read.
    """

    rows: tuple[tuple[str, int, int], ...]
    totals: tuple[int, int]
    found: tuple[int, int]


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A word, the articles of each set that have it, and G²."""

    word: str
    first: int
    second: int
    score: float


def tells(word: str, term: str) -> bool:
    """Whether a word may be shown: three letters or more, or signs of other scripts, no digits,
    and no stop word of the language that its term names."""
    if any(map(str.isdigit, word)) or (len(word) < 3 and word.isascii()):
        return False
    return word not in stop_words(term.rpartition("/")[2])


def log_likelihood(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], n_first: int, n_second: int
) -> npt.NDArray[np.float64]:
    """Return G² of each word, float64[n]: `first` of `n_first` articles have it, and so on."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    total = float(n_first + n_second)
    with_word = a + b
    score = np.zeros(a.size)
    for observed, row, column in (
        (a, with_word, n_first), (b, with_word, n_second),
        (n_first - a, total - with_word, n_first), (n_second - b, total - with_word, n_second),
    ):  # fmt: skip
        expected = row * column / max(total, 1.0)
        some = observed > 0
        score[some] += observed[some] * np.log(observed[some] / expected[some])
    return np.maximum(2 * score, 0.0)


def overused(counts: WordCounts, size: int) -> tuple[tuple[KeyWord, ...], tuple[KeyWord, ...]]:
    """Return the words over-used in the first set and those in the second, greatest G² first."""
    n_first, n_second = counts.totals
    if not (counts.rows and n_first and n_second):
        return (), ()
    first, second = np.array([row[1:] for row in counts.rows], np.int64).T
    scores = log_likelihood(first, second, n_first, n_second)
    ahead = first * n_second > second * n_first
    told = scores >= LEAST

    def best(kept: npt.NDArray[np.bool_]) -> tuple[KeyWord, ...]:
        places: Iterable[int] = np.flatnonzero(kept).tolist()
        ranked = sorted(places, key=lambda at: (-scores[at], counts.rows[at][0]))[:size]
        return tuple(KeyWord(*counts.rows[at], float(scores[at])) for at in ranked)

    return (
        best(told & ahead & (first >= _LEAST_ARTICLES)),
        best(told & ~ahead & (second >= _LEAST_ARTICLES)),
    )
