"""The words of a query as the kernels take them: lists of postings, in groups of synonyms."""

from __future__ import annotations

from collections.abc import Sequence

from search.embedded.execute.operands import Lists
from search.embedded.plan.plan import Term


def lists_of(words: Sequence[Term], leaf: int) -> Lists:
    """Return the lists of words of one field, of which there is one at least, in a leaf."""
    lookups = words[0].lookups
    rows = lookups.rows[leaf]
    lists = Lists(lookups.norm)
    for word in words:
        lists.add(rows, word.numbers, word.weight, word.other)
    return lists


def sizes_of(words: Sequence[Term], leaf: int) -> list[int]:
    """Return how many postings each word has in a leaf, those of its synonyms added up."""
    if not words:
        return []
    rows = words[0].lookups.rows[leaf]
    return [sum([len(rows[number]) for number in word.numbers]) for word in words]
