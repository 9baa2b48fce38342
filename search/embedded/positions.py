"""The positions of the words of a phrase, or of a query, in documents that have them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.segment import BLOCK
from search.embedded.phrases import positions_of
from search.embedded.plan import Term
from search.embedded.reader import LeafReader
from search.embedded.typing import I64, U32

__all__ = ["Positions", "read_positions"]

_NO_BOUNDS: U32 = np.empty((0, 2), np.uint32)
_NO_BOUNDS.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of one word: those in candidate i are ``places[starts[i]:starts[i + 1]]``."""

    starts: I64
    places: U32


def read_positions(
    leaf: LeafReader, term: Term, candidates: U32, *, within_body: bool = False
) -> Positions:
    """Return the positions of a word in `candidates`, uint32[n], ascending, read-only."""
    column = leaf.segment.text[term.lookups.field]
    rows = term.lookups.rows[leaf.number]
    words = []
    size = 0
    for number in term.numbers:
        _, first, last, _, _, word, block = rows[number].tolist()
        if first < last:
            words.append((word, first, last))
            blocks = (last - first + BLOCK - 1) // BLOCK
            size += int(column.block_positions[block + blocks] - column.block_positions[block])
    starts = np.empty(candidates.size + 1, np.int64)
    places = np.empty(min(size, 255 * len(words) * candidates.size), np.uint32)
    positions_of(
        candidates, np.array(words, np.int64).reshape(-1, 3), column.docs, column.blocks,
        column.tfs if column.counts is None else column.counts, column.positions,
        column.block_positions, leaf.segment.body_starts if within_body else _NO_BOUNDS, starts,
        places,
    )  # fmt: skip
    return Positions(starts, places)
