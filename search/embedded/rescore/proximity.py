"""Proximity, a step of `search.embedded.rescore.steps`: words that stand close together earn more.

For each two neighbouring words of the query the lesser of their weights is multiplied by
`Scoring.proximity` and divided by their least distance, 1 when they stand side by side in order.
Pairs further apart than `FAR` earn nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from search.embedded.execute.phrases import add_proximity, distances
from search.embedded.plan.plan import Compiled, Term, lists_of
from search.embedded.reader import IndexView
from search.embedded.typing import I64

NAME = "proximity"

FAR = 8
"""Positions between two words at which they are still taken to belong together."""

MOST_WORDS = 16
"""Words of a query whose distances are looked at, the first ones."""


def _weights(reader: IndexView, terms: Sequence[Term]) -> list[float]:
    """Return what each pair of neighbours earns at distance 1."""
    factor = reader.scoring.proximity
    return [min(one.weight, other.weight) * factor for one, other in pairwise(terms)]


def applies(reader: IndexView, compiled: Compiled) -> bool:
    """Say whether there are two words whose distance can count."""
    return len(compiled.sequence) > 1 and reader.scoring.proximity > 0.0


def rescore(reader: IndexView, compiled: Compiled, rows: I64) -> None:
    """Add to rows of `search.embedded.collect.ranking`, in place, what close words earn."""
    terms = compiled.sequence[:MOST_WORDS]
    weights = np.array(_weights(reader, terms), np.float32)
    for leaf in reader.leaves:
        lists = lists_of(terms, leaf.number)
        add_proximity(rows, leaf.number, leaf.fields["text"], lists, weights, FAR)


def explain(
    reader: IndexView, compiled: Compiled, place: tuple[int, int]
) -> list[tuple[str, float]]:
    """Return what pairs of neighbouring words earn in a (leaf, document), with their labels."""
    terms = compiled.sequence[:MOST_WORDS]
    leaf, doc = place
    found = distances(reader.leaves[leaf].fields["text"], lists_of(terms, leaf), doc)
    return [
        (f"{one.label} close to {other.label}", weight / distance)
        for (one, other), weight, distance in zip(
            pairwise(terms), _weights(reader, terms), found.tolist(), strict=True
        )
        if distance <= FAR
    ]
