"""Whole articles, as JSON in compressed blocks, so that a page of results is shown from the index.

Every field of an article is kept, with dates in ISO 8601. Neighbouring articles are compressed
together by Zstandard, about BLOCK_BYTES of JSON a block, with a dictionary: slices of the JSON of
the segment itself, which say what articles have in common, down to whole phrases, so that blocks
can be small. Measured on Reuters: blocks of 32 kB without one take 27% of the JSON and 24 µs to
read, these 22% and 10 µs; a trained dictionary would save another 1%, and take 0.2 s to train.
Id, URL and title, with which the JSON begins, are columns of the segment already, so blocks hold
only the rest (another 8%) and `CompressedArticles.get` puts the two together. Blocks are copied
whole when segments are merged, where their dictionary is worth its room (`carried`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from corpus.core.article_heads import heads
from indexer.segment.arrays import I64, U8, U32, U64, Strings, borders
from indexer.segment.compressed_blocks import CompressedBlocks, raw_dictionary
from indexer.store.durable import broken

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from corpus.core.article import Article

BLOCK_BYTES = 8192
DICTIONARY_BYTES = 448 << 10
"""The size of a dictionary of a segment that is large enough: twice that saves another 2%."""

_SHARE = 8
_SLICE = 2048
_LEAST_DICTIONARY = 8192
_WORTH = 64
_TOGETHER = 1 << 18
_LEVEL = 3
_DICTIONARY_LEVEL = 9


def article_from(stored: bytes) -> Article:
    """Return the article of its JSON; raises IndexBrokenError when it is not one."""
    from corpus.core.wire import article_of

    try:
        return article_of(orjson.loads(stored))
    except (ValueError, TypeError) as error:
        raise broken("A stored article", "is damaged") from error


class _Copied(NamedTuple):
    """Blocks that were compressed before, and the bytes of each."""

    blocks: U8
    sizes: I64


class StoredWriter:
    """Compresses articles in the order of their document numbers.

    `pool` compresses them beside the caller's thread; it runs one task at a time. `dictionaries`
    are those of blocks to be added that are compressed already; the first is used for others too.
    Without any, blocks wait for a dictionary until there is JSON enough to take it from.
    """

    def __init__(self, pool: Executor | None = None, dictionaries: Sequence[bytes] = ()) -> None:
        self._pool = pool
        self.dictionaries = list(dictionaries)
        self._compressor = _compressor(self.dictionaries[0]) if dictionaries else None
        self._pending: list[bytes | memoryview] = []
        self._pending_lengths: list[int] = []
        self._pending_bytes = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._blocks: list[list[bytes] | Future[list[bytes]] | _Copied] = []
        self._sizes = array("q")
        self._lengths = array("I")
        self._firsts = array("I", [0])
        self._dictionary_of = array("I")
        self.nbytes = 0

    def add(self, stored: bytes) -> None:
        """Add the rest of the next article's JSON."""
        self._pending.append(stored)
        self._pending_lengths.append(len(stored))
        self._pending_bytes += len(stored)
        if self._pending_bytes >= BLOCK_BYTES:
            self._end_block()

    def add_all(self, texts: bytes, sizes: I64) -> None:
        """Add the next articles, whose bytes lie one after the other; sizes: int64[n]."""
        ends = np.cumsum(sizes)
        whole = memoryview(texts)
        done = begin = 0
        while done < len(sizes):
            # A block ends with the article that makes it large enough.
            enough = begin + max(BLOCK_BYTES - self._pending_bytes, 1)
            last = min(int(np.searchsorted(ends, enough)), len(sizes) - 1)
            end = int(ends[last])
            self._pending.append(whole[begin:end])
            self._pending_lengths += sizes[done : last + 1].tolist()
            self._pending_bytes += end - begin
            if self._pending_bytes >= BLOCK_BYTES:
                self._end_block()
            done, begin = last + 1, end

    def _end_block(self) -> None:
        if self._pending_lengths:
            text = b"".join(self._pending)
            self._lengths.extend(self._pending_lengths)
            self._firsts.append(len(self._lengths))
            self.nbytes += len(text) // 4 + 4 * len(self._pending_lengths)
            self._pending.clear()
            self._pending_lengths.clear()
            self._pending_bytes = 0
            self._waiting.append(text)
            self._waiting_bytes += len(text)
            enough = _SHARE * DICTIONARY_BYTES if self._compressor is None else _TOGETHER
            if self._waiting_bytes >= enough:
                self._compress()

    def _compress(self) -> None:
        """Compress the blocks that are waiting, with a dictionary made of them if there is none."""
        if self._compressor is None:
            dictionary = _sample(b"".join(self._waiting))
            if dictionary:
                self.dictionaries.append(dictionary)
            self._compressor = _compressor(dictionary)
        how = partial(_compressed, self._compressor, self._waiting)
        self._blocks.append(how() if self._pool is None else self._pool.submit(how))
        self._dictionary_of.extend([min(1, len(self.dictionaries))] * len(self._waiting))
        self._waiting, self._waiting_bytes = [], 0

    def flush(self) -> None:
        """End the block that is being filled, and wait for no more articles."""
        self._end_block()
        if self._waiting:
            self._compress()

    def add_blocks(
        self, blocks: U8, sizes: I64, lengths: U32, counts: I64, dictionaries: I64
    ) -> None:
        """Add blocks of articles that are compressed already, one after the other.

        sizes, counts, dictionaries: int64[n], each block's bytes, its articles, and the place of
        its dictionary among those that were given, counted from 1. lengths: uint32[articles].
        """
        self.flush()
        self._firsts.extend((len(self._lengths) + np.cumsum(counts)).tolist())
        self._lengths.frombytes(lengths.astype(np.uint32).tobytes())
        self.nbytes += int(lengths.sum(dtype=np.int64)) // 4 + 4 * len(lengths)
        self._blocks.append(_Copied(blocks, sizes))
        self._dictionary_of.extend(dictionaries.tolist())

    def take(self) -> Iterator[U8]:
        """Yield the blocks that are finished and forget them."""
        for waiting in self._blocks:
            if isinstance(waiting, _Copied):
                self._sizes.extend(waiting.sizes.tolist())
                yield waiting.blocks
                continue
            for block in waiting if isinstance(waiting, list) else waiting.result():
                self._sizes.append(len(block))
                yield np.frombuffer(block, np.uint8)
        self._blocks.clear()

    def index(self) -> dict[str, Any]:
        """Return the arrays of `CompressedBlocks` but for its blocks, once all are taken."""
        packer = zstandard.ZstdCompressor(level=_DICTIONARY_LEVEL, write_checksum=True)
        packed = [packer.compress(dictionary) for dictionary in self.dictionaries]
        return {
            "starts": borders(self._sizes),
            "firsts": np.array(self._firsts, np.uint32),
            "lengths": np.array(self._lengths, np.uint32),
            "dictionaries": np.frombuffer(b"".join(packed), np.uint8),
            "dictionary_starts": borders(list(map(len, packed))),
            "dictionary_of": np.array(self._dictionary_of, np.uint32),
        }

    def finish(self, ids: U64, urls: Strings, titles: Strings) -> CompressedArticles:
        """Return all that was added."""
        self.flush()
        blocks = np.concatenate([np.empty(0, np.uint8), *self.take()])
        return CompressedArticles(ids=ids, urls=urls, titles=titles, blocks=blocks, **self.index())


def _compressor(dictionary: bytes) -> zstandard.ZstdCompressor:
    """Return a compressor with a dictionary, or none if it is empty."""
    if not dictionary:
        return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    shared = raw_dictionary(dictionary)
    shared.precompute_compress(level=_LEVEL)
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, dict_data=shared)


def _compressed(compressor: zstandard.ZstdCompressor, texts: list[Any]) -> list[bytes]:
    """Return the blocks of some texts: in one call, since a thread may wait 5 ms for the
    interpreter after each."""
    if not all(texts):  # which that call refuses
        return list(map(compressor.compress, texts))
    blocks = compressor.multi_compress_to_buffer(texts, threads=1)
    return [blocks[place].tobytes() for place in range(len(blocks))]


def _sample(text: bytes) -> bytes:
    """Return slices from all over a text as a dictionary for it, none where it is too short.

    An eighth of a small text is best: less says too little, more takes more than it saves.
    """
    size = min(len(text) // _SHARE, DICTIONARY_BYTES)
    if size < _LEAST_DICTIONARY:
        return b""
    step = len(text) * _SLICE // size
    return b"".join(text[at : at + _SLICE] for at in range(0, len(text) - _SLICE, step))


def carried(sources: Sequence[CompressedBlocks]) -> tuple[list[bytes], list[npt.NDArray[np.int64]]]:
    """Return the dictionaries whose blocks a merge copies as they are, the most used one first.

    They are those of which the blocks hold _WORTH times as much, so that they stay a percent of
    the whole however often segments are merged. Also returns, for each source, int64[n + 1]: the
    number in the list, counted from 1, of each of its n dictionaries, which are counted from 1
    too; 0 for those that are left behind.
    """
    uses: dict[bytes, int] = {}
    contents = []
    for source in sources:
        own = [source.dictionary(number) for number in range(1, len(source.dictionary_starts))]
        sizes = np.diff(borders(source.lengths)[source.firsts])
        held = np.bincount(source.dictionary_of, weights=sizes, minlength=len(own) + 1)
        for number, content in enumerate(own, 1):
            uses[content] = uses.get(content, 0) + int(held[number])
        contents.append(own)
    worthy = [content for content, held in uses.items() if held >= _WORTH * len(content)]
    worthy.sort(key=lambda content: -uses[content])
    places = {content: place for place, content in enumerate(worthy, 1)}
    return worthy, [
        np.array([0, *(places.get(content, 0) for content in own)], np.int64) for own in contents
    ]


@dataclass(eq=False, kw_only=True)
class CompressedArticles(CompressedBlocks):
    """The articles of a segment: blocks hold the JSON after its head, columns the head."""

    ids: U64
    urls: Strings
    titles: Strings

    def get(self, docs: Sequence[int]) -> list[bytes]:
        """Return the stored articles of these document numbers as JSON, each block read once."""
        return self._whole(docs, self.read(docs))

    def _whole(self, docs: Sequence[int], rests: Sequence[bytes]) -> list[bytes]:
        """Return the articles of what is kept of them without their heads."""
        begun = heads(self.ids, self.urls, self.titles, np.asarray(docs, np.int64))
        return [head + rest for head, rest in zip(begun, rests, strict=True)]

    def batches(self, begin: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
        """As `get` of the articles of blocks [begin, end), some at a time, with the number of the
        first."""
        for first, rests in super().batches(begin, end):
            yield first, self._whole(range(first, first + len(rests)), rests)
