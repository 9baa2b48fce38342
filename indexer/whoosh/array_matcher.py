"""A Whoosh matcher over arrays: one term's postings, walked a block at a time.

Whoosh's own matcher unpickles and decompresses each block; here a block is a slice of the mapped
arrays, and skipping to a document is a binary search. Block maxima come with the arrays, so
Whoosh's block-quality optimisation works as it does with the stock codec.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.formats import Format, Frequency, pack_uint
from whoosh.matching import LeafMatcher, ReadTooFar

from indexer.segment.segment import BLOCK, U32


class PostingList(NamedTuple):
    """The postings of one term.

    docs: uint32[n], ascending. weights: number[n], or None where all are 1. block_weight:
    number[n_blocks], the greatest weight of each block of BLOCK postings, or None likewise.
    block_length: number[n_blocks], the shortest field in each block, or None where fields have no
    length. positions: returns those of each posting of a block, or None where none are kept;
    values: returns the value of each posting of a block where its format's own are kept.
    """

    docs: U32
    weights: npt.NDArray[Any] | None = None
    block_weight: npt.NDArray[Any] | None = None
    block_length: npt.NDArray[Any] | None = None
    positions: Callable[[int], list[list[int]]] | None = None
    values: Callable[[int], list[bytes]] | None = None

    def __len__(self) -> int:
        return len(self.docs)


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Walks a posting list; `scorer` may be None where nothing is scored."""

    def __init__(
        self, postings: PostingList, format_: Format, term: tuple[str, bytes] | None = None,
        scorer: Any = None,
    ) -> None:  # fmt: skip
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._postings = postings
        self._size = len(postings)
        self.reset()

    def reset(self) -> None:
        self._at = 0
        self._block = -1
        self._ids: list[int] = []
        self._of_block: list[Any] | None = None
        if self._size:
            self._enter(0)

    def _enter(self, block: int) -> None:
        """Take up the block that the current posting is in."""
        if block != self._block:
            self._block = block
            first = block * BLOCK
            self._ids = self._postings.docs[first : first + BLOCK].tolist()
            self._of_block = None

    def copy(self) -> ArrayMatcher:
        other = ArrayMatcher(self._postings, self.format, self._term, self.scorer)
        other._go_to(self._at)
        return other

    def _go_to(self, posting: int) -> None:
        self._at = posting
        if posting < self._size:
            self._enter(posting // BLOCK)

    def is_active(self) -> bool:
        return self._at < self._size

    def id(self) -> int:
        """Return the document number of the current posting.

        Behind the last one it is that of the last, as in Whoosh's own after a skip: its AndNot asks
        for it before it looks whether there is one.
        """
        if self._at >= self._size:
            return int(self._postings.docs[-1])
        return self._ids[self._at % BLOCK]

    def all_ids(self) -> Iterator[int]:
        while self._at < self._size:
            yield self.id()
            self.next()

    def weight(self) -> float:
        weights = self._postings.weights
        return 1.0 if weights is None else float(weights[self._at])

    def _kept(self, read: Callable[[int], list[Any]]) -> Any:
        """Return what is kept of the current posting, read with its block."""
        if self._of_block is None:
            self._of_block = read(self._block)
        return self._of_block[self._at % BLOCK]

    def value(self) -> bytes:
        postings = self._postings
        if postings.values is not None:
            return bytes(self._kept(postings.values))
        if postings.positions is not None:
            return bytes(self.format.encode(self._kept(postings.positions)))
        return bytes(pack_uint(1)) if type(self.format) is Frequency else b""

    def value_as(self, astype: str) -> Any:
        read = self._postings.positions
        if read is not None and astype == "positions":
            return self._kept(read)
        return super().value_as(astype)

    def next(self) -> bool:
        if self._at >= self._size:
            raise ReadTooFar
        self._at += 1
        if self._at % BLOCK and self._at < self._size:
            return False
        self._go_to(self._at)
        return True

    def skip_to(self, id: int) -> None:
        if self._at >= self._size:
            raise ReadTooFar
        if id > self.id():
            rest = self._postings.docs[self._at :]
            self._go_to(self._at + int(np.searchsorted(rest, id)))

    def skip_to_quality(self, minquality: float) -> int:
        """Skip blocks whose best score is not above `minquality`; returns how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._go_to((self._block + 1) * BLOCK)
            skipped += 1
        self._at = min(self._at, self._size)
        return skipped

    def block_min_id(self) -> int:
        """Return the first document number of the block."""
        return self._ids[0]

    def block_max_id(self) -> int:
        """Return the last document number of the block."""
        return self._ids[-1]

    def block_max_weight(self) -> float:
        """Return the greatest weight in the block."""
        weights = self._postings.block_weight
        return 1.0 if weights is None else float(weights[self._block])

    def block_min_length(self) -> int:
        """Return the length of the shortest field in the block."""
        lengths = self._postings.block_length
        return 1 if lengths is None else int(lengths[self._block])
