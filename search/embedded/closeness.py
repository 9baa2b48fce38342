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

from search.embedded.phrases import closest_pairs
from search.embedded.plan import Term
from search.embedded.reader import Reader

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
        lookups = terms[0].lookups
        column = leaf.segment.text[lookups.field]
        rows = lookups.rows[leaf.number].tolist()
        words = np.array(
            [
                (rows[number][5], rows[number][1], rows[number][2], group)
                for group, term in enumerate(terms)
                for number in term.numbers
                if rows[number][5] >= 0
            ],
            np.int64,
        ).reshape(-1, 4)
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


def closer(
    reader: Reader, sequence: Sequence[Term], rows: list[list[int]]
) -> list[list[int]]:
    """Return rows of `search.embedded.ranking` with what their words' closeness earns, sorted."""
    if not rows:
        return rows
    places = [(row[3] >> 32, row[3] & 0xFFFFFFFF) for row in rows]
    more = np.array([sum(pairs) for pairs in earned(reader, sequence, places)], np.float32)
    scores = np.array([row[0] for row in rows], np.int32).view(np.float32) + more
    keys = scores.astype(np.float32).view(np.int32).tolist()
    found = [[key, *row[1:]] for key, row in zip(keys, rows, strict=True)]
    found.sort(reverse=True)
    return found
