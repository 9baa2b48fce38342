"""The words of a query as the kernels take them: rows of postings, in groups of synonyms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.embedded.plan import Term
from search.embedded.typing import I64

__all__ = ["groups_of", "rows_of"]


def rows_of(words: Sequence[Term], leaf: int) -> I64:
    """Return the rows of words of one field in a leaf, int64[n, ROW], see `lookup`."""
    rows = words[0].lookups.rows[leaf]
    numbers = [number for word in words for number in word.numbers]
    return rows if numbers == list(range(len(rows))) else rows[numbers]


def groups_of(words: Sequence[Term], n_lists: int = 0) -> I64:
    """Return where the rows of each word begin, int64[words + 1].

    Of `n_lists` lists, those after the words' are one more group each.
    """
    found = [0]
    for word in words:
        found.append(found[-1] + len(word.numbers))
    found += range(found[-1] + 1, n_lists + 1)
    return np.array(found, np.int64)
