"""The element that holds the chosen text, and what else is in it.

Captions, credits and links to related articles lie among the paragraphs or right around them: in
the innermost element that holds nearly all of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.html.blocks import Flat

HELD = 0.8
"""The share of the chosen words that the element must hold."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where the article is: its element, the blocks in it with the chosen ones outside it (by
    number, in order), which of these are chosen and
    with what chance, and the prose among those (characters)."""

    node: int
    blocks: tuple[int, ...]
    chosen: Mapping[int, float]
    prose: int


def article_region(
    flat: Flat,
    chance: NDArray[np.float64],
    taken: NDArray[np.bool_],
    words: NDArray[np.float64],
    *,
    heading: int = -1,
) -> Region:
    """Return the region of the page that the chosen blocks are in; at least one must be chosen.

    `chance` is that of each block to be text, `words` its length, `heading` the position of the
    headline, or -1. Outside the element, what stands above the headline is left out.
    """
    count = len(flat.nodes)
    at = np.array([block.holder for block in flat.blocks])
    weight = np.bincount(at, np.where(taken, words, 0.0), count)
    total = np.concatenate(([0.0], np.cumsum(weight)))
    end = np.array([node.end for node in flat.nodes])
    inside = total[end] - total[:count]
    node = int(np.flatnonzero(inside >= HELD * inside[0])[-1])
    within = (at >= node) & (at < end[node])
    taken = taken & (within | (np.arange(len(at)) > heading))
    chosen = {number: float(chance[number]) for number in np.flatnonzero(taken).tolist()}
    prose = sum(flat.blocks[number].prose for number in chosen)
    return Region(node, tuple(np.flatnonzero(within | taken).tolist()), chosen, prose)
