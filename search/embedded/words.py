"""The words of a query as the kernels take them: rows of postings, in groups of synonyms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.embedded.plan import Term
from search.embedded.typing import I64

__all__ = ["groups_of", "rows_of", "sizes_of"]


def rows_of(words: Sequence[Term], leaf: int) -> I64:
    """Return the rows of words of one field in a leaf, int64[n, ROW], see `terms.look_up`."""
    lookups = words[0].lookups
    numbers = [number for word in words for number in word.numbers]
    rows = lookups.rows[leaf]
    return rows if numbers == lookups.numbers else rows[numbers]


def groups_of(words: Sequence[Term], n_lists: int = 0) -> I64:
    """Return where the rows of each word begin, int64[words + 1].

    Of `n_lists` lists, those after the words' are one more group each.
    """
    found = [0]
    at = 0
    for word in words:
        at += len(word.numbers)
        found.append(at)
    if at < n_lists:
        found += range(at + 1, n_lists + 1)
    return np.array(found, np.int64)


def sizes_of(words: Sequence[Term], leaf: int) -> list[int]:
    """Return how many postings each word has in a leaf, those of its synonyms added up."""
    rows = words[0].lookups.lists[leaf]
    found = []
    for word in words:
        numbers = word.numbers
        if len(numbers) == 1:
            row = rows[numbers[0]]
            found.append(row[2] - row[1])
        else:
            found.append(sum([rows[number][2] - rows[number][1] for number in numbers]))
    return found
