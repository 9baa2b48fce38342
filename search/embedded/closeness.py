"""A second look at the best matches: words of the query that stand close together earn more.

For each two neighbouring words of the query the lesser of their weights is multiplied by
`Scoring.closeness` and divided by their least distance, 1 when they stand side by side in order.
Pairs further apart than `FAR` earn nothing. What is earned is added to scores that are never
lowered, so the matches that were not looked at stay behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from search.embedded.phrases import add_closeness, closest_pairs
from search.embedded.plan import Term
from search.embedded.ranking import sort_again
from search.embedded.reader import LeafReader, Reader
from search.embedded.typing import I64

__all__ = ["FAR", "MOST_WORDS", "closer", "earned"]

FAR = 8
"""Positions between two words at which they are still taken to belong together."""

MOST_WORDS = 16
"""Words of a query whose distances are looked at, the first ones."""


def earned(
    reader: Reader, sequence: Sequence[Term], places: Sequence[tuple[int, int]]
) -> list[list[float]]:
    """Return for each (leaf, document) what each pair of neighbouring words earns."""
    terms = list(sequence[:MOST_WORDS])
    factor = reader.scoring.closeness
    weights = np.array(
        [min(one.weight, other.weight) * factor for one, other in pairwise(terms)]
    )
    found: list[list[float]] = [[]] * len(places)
    for leaf in reader.leaves:
        at = [i for i, (number, _) in enumerate(places) if number == leaf.number]
        if not at:
            continue
        column = leaf.segment.text[terms[0].lookups.field]
        words = _words(terms, leaf)
        candidates = np.array([places[i][1] for i in at], np.uint32)
        candidates.setflags(write=False)
        distances = np.empty((len(at), len(terms) - 1), np.uint8)
        closest_pairs(
            candidates, words, len(terms), column.docs, column.blocks,
            column.tfs if column.counts is None else column.counts, column.positions,
            column.block_positions, distances,
        )  # fmt: skip
        bonus = np.where(distances <= FAR, weights / np.maximum(distances, 1), 0.0)
        for i, row in zip(at, bonus.tolist(), strict=True):
            found[i] = row
    return found


def closer(reader: Reader, sequence: Sequence[Term], rows: I64) -> None:
    """Add to rows of `search.embedded.ranking`, in place, what closeness earns; sort them again."""
    terms = sequence[:MOST_WORDS]
    factor = reader.scoring.closeness
    weights = np.array(
        [min(one.weight, other.weight) * factor for one, other in pairwise(terms)], np.float32
    )
    for leaf in reader.leaves:
        column = leaf.segment.text[terms[0].lookups.field]
        add_closeness(
            rows, leaf.number, _words(terms, leaf), weights, FAR, column.docs, column.blocks,
            column.tfs if column.counts is None else column.counts, column.positions,
            column.block_positions,
        )  # fmt: skip
    sort_again(rows)


def _words(terms: Sequence[Term], leaf: LeafReader) -> I64:
    """Return the words as the kernels of `search.embedded.phrases` take them."""
    rows = terms[0].lookups.rows[leaf.number].tolist()
    return np.array(
        [
            (rows[number][5], rows[number][1], rows[number][2], group)
            for group, term in enumerate(terms)
            for number in term.numbers
            if rows[number][5] >= 0
        ],
        np.int64,
    ).reshape(-1, 4)
