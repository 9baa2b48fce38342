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

from search.embedded.phrases import least_distances
from search.embedded.plan import Term
from search.embedded.positions import read_positions
from search.embedded.ranking import add_closeness, sort_again
from search.embedded.reader import LeafReader, Reader
from search.embedded.typing import I64, U8, U32

__all__ = ["FAR", "MOST_WORDS", "closer", "earned"]

FAR = 8
"""Positions between two words at which they are still taken to belong together."""

MOST_WORDS = 16
"""Words of a query whose distances are looked at, the first ones."""


def _weights(reader: Reader, terms: Sequence[Term]) -> list[float]:
    """Return what each pair of neighbours earns at distance 1."""
    factor = reader.scoring.closeness
    return [min(one.weight, other.weight) * factor for one, other in pairwise(terms)]


def _distances(leaf: LeafReader, terms: Sequence[Term], candidates: U32) -> U8:
    """Return the least distance of each pair in each candidate, uint8[pairs, candidates]."""
    found = [read_positions(leaf, term, candidates) for term in terms]
    out = np.empty((len(terms) - 1, candidates.size), np.uint8)
    for number, (one, other) in enumerate(pairwise(found)):
        least_distances(one.starts, one.places, other.starts, other.places, out[number])
    return out


def earned(
    reader: Reader, sequence: Sequence[Term], place: tuple[int, int]
) -> list[tuple[str, float]]:
    """Return what pairs of neighbouring words earn in a (leaf, document), with their labels."""
    terms = sequence[:MOST_WORDS]
    candidates = np.array([place[1]], np.uint32)
    candidates.setflags(write=False)
    distances = _distances(reader.leaves[place[0]], terms, candidates)[:, 0].tolist()
    return [
        (f"{one.label} close to {other.label}", weight / distance)
        for (one, other), weight, distance in zip(
            pairwise(terms), _weights(reader, terms), distances, strict=True
        )
        if distance <= FAR
    ]


def closer(reader: Reader, sequence: Sequence[Term], rows: I64) -> None:
    """Add to rows of `search.embedded.ranking`, in place, what closeness earns; sort them again."""
    terms = sequence[:MOST_WORDS]
    places = rows[:, 3]
    order = np.argsort(places)
    leaves = places[order] >> 32
    weights = np.array(_weights(reader, terms), np.float32)
    for leaf in reader.leaves:
        at = order if len(reader.leaves) == 1 else order[leaves == leaf.number]
        if not at.size:
            continue
        candidates = (places[at] & 0xFFFFFFFF).astype(np.uint32)
        candidates.setflags(write=False)
        add_closeness(rows, at, _distances(leaf, terms, candidates), weights, FAR)
    sort_again(rows)
