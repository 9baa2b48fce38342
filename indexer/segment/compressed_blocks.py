"""Byte strings of documents in small compressed blocks, with dictionaries that blocks share.

The reading side of `stored.StoredWriter`. Blocks and dictionaries are frames of Zstandard, each
with its length and a checksum, verified as it is read; a dictionary is raw text to it, nothing of
which is parsed, so a damaged or hostile one gives other text, which the checksums notice.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Annotated

import numpy as np
import zstandard

from corpus.core.errors import IndexBrokenError
from indexer.segment.arrays import I64, U8, U32, Array, below, borders, rows, splits
from indexer.segment.columns import page_fetcher
from indexer.store.durable import broken

MAX_DICTIONARY = 1 << 20
_MAX_BLOCK = 1 << 30
_TOGETHER = 1 << 20
"""Bytes of documents that are read together, but for one block."""

_KEPT, _MOST_KEPT = 64, 32 << 10
"""Blocks that are kept as they were read, and the bytes of the longest one that is."""

_PRIMER = zstandard.ZstdCompressor().compress(b"some text")


def raw_dictionary(content: bytes) -> zstandard.ZstdCompressionDict:
    """Return a text as a dictionary, of which Zstandard parses nothing."""
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


@dataclass(eq=False, kw_only=True)
class CompressedBlocks:
    """Byte strings, one a document, in compressed blocks.

    blocks: uint8[], Zstandard frames one after the other. starts: int64[n_blocks + 1], where each
    begins. firsts: uint32[n_blocks + 1], the first document number of each. lengths:
    uint32[n_docs], bytes of each document. dictionaries: uint8[], frames too, whose contents are
    the dictionaries, of no more than 1 MB; dictionary_starts: int64[n_dictionaries + 1], where each
    begins. dictionary_of: uint32[n_blocks], the dictionary of each block, counted from 1, or 0.
    `place` names the file for an error; every frame carries a checksum, verified as it is read.
    """

    blocks: Annotated[U8, Array(count="bytes", framed=True)]
    starts: Annotated[I64, Array(count="frames + 1", rule=splits("bytes"))]
    firsts: Annotated[U32, Array(count="frames + 1", rule=splits("n"))]
    lengths: Annotated[U32, Array(count="n")]
    dictionaries: Annotated[U8, Array(count="dictionary bytes")]
    dictionary_starts: Annotated[
        I64, Array(count="dictionaries + 1", rule=splits("dictionary bytes"))
    ]
    dictionary_of: Annotated[U32, Array(count="frames", rule=below("dictionaries", plus=1))]
    place: str = ""

    def __post_init__(self) -> None:
        self._fetch = page_fetcher(self.blocks, self.place)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._ready: dict[int, zstandard.ZstdCompressionDict] = {}
        self._blocks: dict[int, tuple[bytes, list[int]]] = {}

    def read(self, docs: Sequence[int]) -> list[bytes]:
        """Return what is kept of these documents."""
        # Of the same type as `firsts`, or a copy of that would be made first.
        wanted = np.asarray(docs, self.firsts.dtype)
        numbers = np.searchsorted(self.firsts, wanted, side="right") - 1
        found = []
        for doc, number in zip(docs, numbers.tolist(), strict=True):
            text, ends = self.block(number)
            at = doc - int(self.firsts[number])
            found.append(text[ends[at] : ends[at + 1]])
        return found

    def block(self, number: int) -> tuple[bytes, list[int]]:
        """Return a block and the borders of its n documents in it, n + 1 numbers.

        The last ones are kept: who sees a page of results opens one of them, or asks again.
        """
        found = self._blocks.get(number)
        if found is None:
            begin, end = self.firsts[number : number + 2].tolist()
            ends = list(accumulate(self.lengths[begin:end].tolist(), initial=0))
            found = self._texts(number, number + 1, [ends[-1]]), ends
            if ends[-1] <= _MOST_KEPT:
                with self._lock:
                    if len(self._blocks) >= _KEPT:
                        del self._blocks[next(iter(self._blocks))]
                    self._blocks[number] = found
        return found

    def batches(self, begin: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """Yield what is kept of the documents of blocks [begin, end), in their order: the first
        document's number, and that of each. Blocks that share a dictionary are read together."""
        while begin < end:
            same = self.dictionary_of[begin:end] == self.dictionary_of[begin]
            first = int(self.firsts[begin])
            borders_ = borders(self.lengths[first : int(self.firsts[end])])
            ends = borders_[self.firsts[begin : end + 1].astype(np.int64) - first]
            many = min(
                len(same) if same.all() else int(same.argmin()),
                1 + int(np.searchsorted(ends[1:], _TOGETHER)),
            )
            text = self._texts(begin, begin + many, np.diff(ends[: many + 1]).tolist())
            begin += many
            places = borders_[: int(self.firsts[begin]) - first + 1].tolist()
            yield first, [text[start:stop] for start, stop in pairwise(places)]

    def _texts(self, begin: int, end: int, sizes: list[int]) -> bytes:
        """Return the texts of blocks that share a dictionary, one after the other."""
        starts = self.starts[begin : end + 1].tolist()
        self._fetch(starts[0], starts[-1])
        data = self.blocks[starts[0] : starts[-1]].data
        frames: list[bytes | bytearray | memoryview] = [
            data[at - starts[0] : to - starts[0]] for at, to in pairwise(starts)
        ]
        try:
            for frame, size in zip(frames, sizes, strict=True):
                if zstandard.frame_content_size(frame) != size or size > _MAX_BLOCK:
                    raise zstandard.ZstdError("unexpected size")
            decompressor = self._decompressor(int(self.dictionary_of[begin]))
            if len(frames) == 1:
                return decompressor.decompress(frames[0], max_output_size=sizes[0])
            # In one call, since a thread may wait for the interpreter after each.
            texts = decompressor.multi_decompress_to_buffer(frames, threads=1)
            return b"".join([texts[place].tobytes() for place in range(len(texts))])
        except zstandard.ZstdError as error:
            raise self._broken() from error

    def _broken(self) -> IndexBrokenError:
        return broken(self.place or "A segment", "is damaged (what is stored in it)")

    def dictionary(self, number: int) -> bytes:
        """Return a dictionary by its number, counted from 1. Raises IndexBrokenError."""
        start, end = self.dictionary_starts[number - 1 : number + 1].tolist()
        try:
            frame = self.dictionaries[start:end].data
            size = zstandard.frame_content_size(frame)
            if not 0 < size <= MAX_DICTIONARY:
                raise zstandard.ZstdError("unexpected size")
            return zstandard.ZstdDecompressor().decompress(frame, max_output_size=size)
        except zstandard.ZstdError as error:
            raise self._broken() from error

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        """Return this thread's decompressor: one may not be used by two threads at once."""
        own: dict[int, zstandard.ZstdDecompressor] = vars(self._local).setdefault("own", {})
        if number not in own:
            own[number] = self._new_decompressor(number)
        return own[number]

    def _new_decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        if number == 0:
            return zstandard.ZstdDecompressor()
        with self._lock:
            if number not in self._ready:
                dictionary = raw_dictionary(self.dictionary(number))
                # What threads share of it is made at its first use, which must be by one.
                zstandard.ZstdDecompressor(dict_data=dictionary).decompress(_PRIMER)
                self._ready[number] = dictionary
        return zstandard.ZstdDecompressor(dict_data=self._ready[number])


ARRAYS = tuple(rows(CompressedBlocks))
"""The names of the arrays of `CompressedBlocks`."""
