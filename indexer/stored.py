"""Whole articles, as JSON in compressed blocks, so that a page of results is shown from the index.

Every field of an article is kept, with dates in ISO 8601. Neighbouring articles are compressed
together by Zstandard, about BLOCK_BYTES of JSON a block: ten random articles are there in a third
of a millisecond, and doubling the blocks would save another 6%. Id, URL and title, with which the
JSON begins, are columns of the segment already, so blocks hold only the rest (another 8%) and
`CompressedArticles.get` puts the two together. Blocks are copied whole when segments are merged.
"""

from __future__ import annotations

import dataclasses
import threading
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from corpus.article import Article, Origin
from corpus.errors import IndexBrokenError
from indexer.segment import I64, U8, U32, U64, StoredArticles, Strings

__all__ = [
    "BLOCK_BYTES", "CompressedArticles", "CompressedBlocks", "StoredWriter", "article_from",
    "json_rest",
]  # fmt: skip

BLOCK_BYTES = 32768
_MAX_BLOCK = 1 << 30
_LEVEL = 3

_SEQUENCES = tuple(
    field.name for field in dataclasses.fields(Article)
    if field.default == () and field.name != "provenance"
)  # fmt: skip


def json_head(number: int, url: str, title: str) -> bytes:
    """Return the beginning of an article's JSON, which is kept in columns."""
    return b'{"id":"%016x","url":%s,"title":%s,' % (number, orjson.dumps(url), orjson.dumps(title))


def json_rest(stored: bytes) -> bytes:
    """Return the JSON of an article after its head. Raises ValueError where there is none.

    A quotation mark that follows a comma is none of a string's, where it would be escaped.
    """
    return stored[stored.index(b',"lead":') + 1 :]


def article_from(stored: bytes) -> Article:
    """Return the article of its JSON; raises IndexBrokenError when it is not one."""
    try:
        fields = orjson.loads(stored)
        for name in _SEQUENCES:
            fields[name] = tuple(fields[name])
        fields["provenance"] = tuple([(name, origin) for name, origin in fields["provenance"]])
        for name in ("published", "updated"):
            if fields[name] is not None:
                fields[name] = datetime.fromisoformat(fields[name])
        fields["origin"] = Origin(**fields["origin"])
        return Article(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise IndexBrokenError(
            "A stored article is damaged: run broadsheet check, then broadsheet repair."
        ) from error


class StoredWriter:
    """Compresses articles in the order of their document numbers.

    `pool` compresses them beside the caller's thread; it runs one task at a time.
    """

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._blocks: list[bytes | Future[bytes]] = []
        self._sizes = array("q")
        self._lengths = array("I")
        self._firsts = array("I", [0])
        self.nbytes = 0

    def add(self, stored: bytes) -> None:
        """Add the rest of the next article's JSON."""
        self._pending.append(stored)
        self._pending_bytes += len(stored)
        if self._pending_bytes >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """End the block that is being filled."""
        if self._pending:
            text = b"".join(self._pending)
            lengths = list(map(len, self._pending))
            self._pending.clear()
            self._pending_bytes = 0
            if self._pool is None:
                self.add_block(self._compressor.compress(text), lengths)
            else:
                self.add_block(self._pool.submit(self._compressor.compress, text), lengths)

    def add_block(self, block: bytes | Future[bytes], lengths: Sequence[int]) -> None:
        """Add a block of articles that is compressed already, or soon will be."""
        self.flush()
        self._blocks.append(block)
        self._lengths.extend(lengths)
        self._firsts.append(len(self._lengths))
        self.nbytes += sum(lengths) // 3 + 4 * len(lengths)

    def take(self) -> Iterator[U8]:
        """Yield the blocks that are finished and forget them."""
        for waiting in self._blocks:
            block = waiting if isinstance(waiting, bytes) else waiting.result()
            self._sizes.append(len(block))
            yield np.frombuffer(block, np.uint8)
        self._blocks.clear()

    def index(self) -> tuple[I64, U32, U32]:
        """Return starts, firsts and lengths as `CompressedBlocks` has them, once all are taken."""
        starts = np.zeros(len(self._sizes) + 1, np.int64)
        np.cumsum(np.array(self._sizes, np.int64), out=starts[1:])
        return starts, np.array(self._firsts, np.uint32), np.array(self._lengths, np.uint32)

    def finish(self, ids: U64, urls: Strings, titles: Strings) -> CompressedArticles:
        """Return all that was added."""
        self.flush()
        blocks = [np.empty(0, np.uint8), *self.take()]
        starts, firsts, lengths = self.index()
        return CompressedArticles(
            blocks=np.concatenate(blocks), starts=starts, firsts=firsts, lengths=lengths, ids=ids,
            urls=urls, titles=titles,
        )  # fmt: skip


class CompressedBlocks:
    """Byte strings, one a document, in compressed blocks.

    blocks: uint8[], Zstandard frames one after the other. starts: int64[n_blocks + 1], where each
    begins. firsts: uint32[n_blocks + 1], the first document number of each. lengths:
    uint32[n_docs], bytes of each document. `place` names the file for an error; every block carries
    a checksum, verified as it is read.
    """

    def __init__(
        self, *, blocks: U8, starts: I64, firsts: U32, lengths: U32, place: str = ""
    ) -> None:  # fmt: skip
        self._place = place
        self.blocks = blocks
        self.starts = starts
        self.firsts = firsts
        self.lengths = lengths
        self._local = threading.local()

    def read(self, docs: Sequence[int]) -> list[bytes]:
        """Return what is kept of these documents, each block read once."""
        wanted = np.asarray(docs, np.int64)
        numbers = np.searchsorted(self.firsts, wanted, side="right") - 1
        blocks: dict[int, tuple[bytes, npt.NDArray[np.int64]]] = {}
        found = []
        for doc, number in zip(wanted.tolist(), numbers.tolist(), strict=True):
            if number not in blocks:
                blocks[number] = self.block(number)
            text, ends = blocks[number]
            at = doc - int(self.firsts[number])
            found.append(text[ends[at] : ends[at + 1]])
        return found

    def block(self, number: int) -> tuple[bytes, npt.NDArray[np.int64]]:
        """Return a block and the int64[n + 1] borders of its documents in it."""
        first, last = int(self.firsts[number]), int(self.firsts[number + 1])
        borders = np.zeros(last - first + 1, np.int64)
        np.cumsum(self.lengths[first:last], out=borders[1:])
        size = int(borders[-1])
        start, end = int(self.starts[number]), int(self.starts[number + 1])
        try:
            frame = self.blocks[start:end].data
            declared = zstandard.frame_content_size(frame)
            if declared != size or size > _MAX_BLOCK:
                raise zstandard.ZstdError("unexpected size")
            text = self._decompressor().decompress(frame, max_output_size=size)
        except zstandard.ZstdError as error:
            raise IndexBrokenError(
                f"{self._place or 'A segment'} is damaged: what is stored in it cannot be read. Run"
                " broadsheet check, then broadsheet repair, or restore a backup."
            ) from error
        return text, borders

    def _decompressor(self) -> zstandard.ZstdDecompressor:
        """Return this thread's decompressor: one may not be used by two threads at once."""
        decompressor: zstandard.ZstdDecompressor | None = getattr(self._local, "own", None)
        if decompressor is None:
            decompressor = self._local.own = zstandard.ZstdDecompressor()
        return decompressor


class CompressedArticles(CompressedBlocks, StoredArticles):
    """The articles of a segment: blocks hold the JSON after its head, columns the head."""

    def __init__(self, *, ids: U64, urls: Strings, titles: Strings, **blocks: Any) -> None:
        super().__init__(**blocks)
        self._ids = ids
        self._urls = urls
        self._titles = titles

    def get(self, docs: Sequence[int]) -> list[bytes]:
        """Return the stored articles of these document numbers as JSON, each block read once."""
        rests = self.read(docs)
        return [self._head(doc) + rest for doc, rest in zip(docs, rests, strict=True)]

    def _head(self, doc: int) -> bytes:
        url, title = (
            strings.data[strings.offsets[doc] : strings.offsets[doc + 1]].tobytes().decode()
            for strings in (self._urls, self._titles)
        )
        return json_head(int(self._ids[doc]), url, title)
