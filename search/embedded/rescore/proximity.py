"""Proximity, a step of `search.embedded.rescore.steps`: words that stand close together earn more.

For each two neighbouring words of the query the lesser of their weights is multiplied by
`Scoring.proximity` and divided by their least distance, 1 when they stand side by side in order.
Pairs further apart than `FAR` earn nothing.
"""

from __future__ import annotations

from itertools import pairwise

from indexer.segment.arrays import I64
from search.embedded.execute.operands import lists_of
from search.embedded.execute.phrases import add_proximity, distances
from search.embedded.plan.plan import Compiled
from search.embedded.reader import IndexView

NAME = "proximity"

FAR = 8
"""Positions between two words at which they are still taken to belong together."""

MOST_WORDS = 16
"""Words of a query whose distances are looked at, the first ones."""


def applies(reader: IndexView, compiled: Compiled) -> bool:
    """Say whether there are two words whose distance can count."""
    return len(compiled.sequence) > 1 and reader.scoring.proximity > 0.0


def rescore(reader: IndexView, compiled: Compiled, rows: I64) -> None:
    """Add to rows of `search.embedded.collect.ranking`, in place, what close words earn."""
    words, factor = compiled.sequence[:MOST_WORDS], reader.scoring.proximity
    for leaf in reader.leaves:
        add_proximity(rows, leaf.fields["text"], words, factor, FAR)


def explain(
    reader: IndexView, compiled: Compiled, place: tuple[int, int]
) -> list[tuple[str, float]]:
    """Return what pairs of neighbouring words earn in a (leaf, document), with their labels."""
    terms, factor = compiled.sequence[:MOST_WORDS], reader.scoring.proximity
    field = reader.leaves[place[0]].fields["text"]
    found = distances(field, lists_of(field, terms), place[1]).tolist()
    return [
        (f"{one.label} close to {other.label}", min(one.weight, other.weight) * factor / distance)
        for (one, other), distance in zip(pairwise(terms), found, strict=True)
        if distance <= FAR
    ]
