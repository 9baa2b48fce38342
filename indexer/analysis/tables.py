"""The tokeniser of the indexing path: UTF-8 text in, numbers of chunks out.

`indexer.analysis.tokenise` finds the same chunks as the regular expression of `analysis.tokenise`
and looks each up in an open-addressing table, so Python sees a chunk only once, when it is new, and
`expand`s and stems it then. Tokenising and stemming every word in Python was 65% of the time that
indexing took; it reads more than 100 MB/s on one core.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.analysis.characters import character_tables, table_size
from indexer.analysis.tokenise import BREAK_NUMBER, ROOM, chunks, rehash

__all__ = ["BREAK_NUMBER", "ChunkTable"]


class ChunkTable:
    """The distinct chunks of a corpus by language, numbered from 1 in the order they came.

    pool, borders: key k, a byte for the language and the folded chunk, is
    pool[borders[k]:borders[k + 1]]. slots: uint32[2^i], the hash table of numbers. state: int64[4],
    of the texts that are read: which one, the byte reached, chunks written; and the keys known.
    """

    def __init__(self) -> None:
        self.pool = np.empty(1 << 20, np.uint8)
        self.borders = np.zeros(1 << 16, np.int64)
        self.slots = np.zeros(1 << 17, np.uint32)
        self.state = np.zeros(4, np.int64)
        self.tables = character_tables(128, marked=True)

    def __len__(self) -> int:
        return int(self.state[3])

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.pool.nbytes + self.borders.nbytes + self.slots.nbytes

    def keys(self, first: int) -> tuple[npt.NDArray[np.uint8], list[str]]:
        """Return the numbers from `first` on: each one's language, uint8[n], and folded chunk."""
        borders = self.borders[first : len(self) + 2]
        raw = self.pool[borders[0] : borders[-1]].copy()
        starts = borders[:-1] - borders[0]
        languages = raw[starts]
        raw[starts] = ord("\n")  # which no chunk has in it
        return languages, raw.tobytes().decode().split("\n")[1:]

    def chunk(
        self, text: bytes, ends: npt.NDArray[np.int64], languages: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return the chunks of UTF-8 texts laid one after the other, and where each text's end.

        ends: int64[n], where each text ends in `text`; languages: uint8[n], a number of the
        caller's for the language of each. Chunks: uint32[], BREAK_NUMBER between paragraphs;
        int64[n]: texts' ends among the chunks.
        """
        source = np.frombuffer(text, np.uint8)
        size = table_size(text)
        if size > len(self.tables[0]):
            self.tables = character_tables(size, marked=True)
        out = np.empty(len(text), np.uint32)
        out_ends = np.empty(len(ends), np.int64)
        state = self.state
        state[:3] = 0
        while True:
            chunks(self, source, ends, languages, out, out_ends)
            if state[0] == len(ends):
                return out[: state[2]], out_ends
            self._grow()

    def _grow(self) -> None:
        used = len(self)
        if self.borders[used + 1] + ROOM > len(self.pool):
            self.pool = _doubled(self.pool)
        if used + 3 > len(self.borders):
            self.borders = _doubled(self.borders)
        if 2 * used >= len(self.slots):
            self.slots = np.zeros(4 * len(self.slots), np.uint32)
            rehash(self.pool, self.borders, used, self.slots)


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    grown = np.zeros(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown
