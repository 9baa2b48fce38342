"""Building a segment: articles in, posting lists and columns out.

`SegmentBuilder.add` tokenises articles into a stream of chunk numbers (`analysis_kernel`) and
collects their columns; `finish` inverts the stream (`invert_kernels`) and writes the segment. When
what is held grows beyond the memory budget, a *run* is written to a scratch folder as a segment of
its own, and `finish` merges the runs.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from indexer.analysis_kernel import ChunkTable
from indexer.invert_columns import ColumnCollector
from indexer.invert_postings import Vocabulary, invert
from indexer.merge import merge
from indexer.segment import I64, U8, U32, U64, Segment
from indexer.segment_file import SegmentMeta, open_segment, write_segment
from indexer.snapshot import Settings
from indexer.versions import Added, added_to

__all__ = ["PARTS", "SegmentBuilder", "build_segment"]

PARTS = ("title", "lead", "body", "tags", "topic")
"""The parts of an article in the field ``text``, in the order of their positions."""

_BATCH = 256
_BATCH_TEXT = 1 << 23
_SEPARATOR = "\x1e"


_Chunked = tuple[U32, I64, list[tuple[int, str]]]
"""The chunks of a batch, where each part ends among them, and those that are new."""


class _Run:
    """What has been added since the last spill.

    With a pool, a batch is tokenised there while this thread collects the batch's columns.
    """

    def __init__(self, pool: Executor | None = None) -> None:
        self.vocabulary = Vocabulary()
        self.columns = ColumnCollector(pool)
        self._pool = pool
        self._table = ChunkTable()
        self._waiting: Future[_Chunked] | None = None
        self._streams: list[U32] = []
        self._part_ends: list[I64] = []
        self._part_docs: list[U32] = []
        self._part_kinds: list[U8] = []
        self._n_chunks = 0
        self._n_known = 0

    @property
    def nbytes(self) -> int:
        """An estimate of the memory that inverting this run will take at its peak."""
        return (
            16 * self._n_chunks + self.columns.nbytes + self.vocabulary.nbytes + self._table.nbytes
        )

    def add(self, articles: Sequence[Article], *columns: Sequence[int]) -> None:
        """Add a batch of articles with their fingerprints, sources and clusters."""
        first = self.columns.n_docs
        self.columns.add_numbers(articles, *columns)
        texts: list[str] = []
        docs: list[int] = []
        kinds: list[int] = []
        languages: list[int] = []
        for doc, article in enumerate(articles, first):
            language = self.vocabulary.language(article.language)
            body, tags = article.body, article.tags
            parts = (
                article.title,
                article.lead,
                body[0] if len(body) == 1 else _SEPARATOR.join(body),
                _SEPARATOR.join(tags),
                article.topic,
            )
            for kind, text in enumerate(parts):
                if text:
                    texts.append(text)
                    docs.append(doc)
                    kinds.append(kind)
                    languages.append(language)
        self._collect()
        numbers = np.array(languages, np.uint8)
        if self._pool is None:
            self._take(self._chunk(texts, numbers))
        else:
            self._waiting = self._pool.submit(self._chunk, texts, numbers)
            time.sleep(0)  # let the thread have the interpreter lock at once, not in 5 ms
        self._part_docs.append(np.array(docs, np.uint32))
        self._part_kinds.append(np.array(kinds, np.uint8))
        self.columns.add_texts(articles)

    def _chunk(self, texts: list[str], languages: U8) -> _Chunked:
        whole = "".join(texts)
        if whole.isascii():
            encoded = whole.encode()
            sizes = list(map(len, texts))
        else:
            pieces = [text.encode("utf-8", "replace") for text in texts]
            encoded = b"".join(pieces)
            sizes = list(map(len, pieces))
        ends = np.cumsum(sizes, dtype=np.int64)
        stream, part_ends = self._table.chunk(encoded, ends, languages)
        known, self._n_known = self._n_known, len(self._table)
        return stream.copy(), part_ends, self._table.keys(known + 1)

    def _collect(self) -> None:
        """Take up the batch that the pool has tokenised."""
        if self._waiting is not None:
            self._take(self._waiting.result())
            self._waiting = None

    def _take(self, chunked: _Chunked) -> None:
        stream, part_ends, chunks = chunked
        self.vocabulary.update(chunks)
        self._streams.append(stream)
        self._part_ends.append(part_ends + self._n_chunks)
        self._n_chunks += len(stream)

    def segment(self, name: str, settings: Settings) -> Segment:
        """Invert the run."""
        self._collect()
        texts, body_starts = invert(
            _joined(self._streams, np.uint32),
            _joined(self._part_ends, np.int64),
            _joined(self._part_docs, np.uint32),
            _joined(self._part_kinds, np.uint8),
            self.vocabulary,
            self.columns.n_docs,
            np.array([settings.weights.get(part, 0) for part in PARTS], np.uint8),
        )
        return self.columns.segment(name, texts, body_starts)


def _joined(arrays: list[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


def _batches(articles: Sequence[Article]) -> Iterator[tuple[int, int]]:
    """Yield ranges of at most _BATCH articles and, but for a single one, _BATCH_TEXT of bodies."""
    first = size = 0
    for at, article in enumerate(articles):
        length = sum(map(len, article.body))
        if at > first and (at - first == _BATCH or size + length > _BATCH_TEXT):
            yield first, at
            first, size = at, 0
        size += length
    if first < len(articles):
        yield first, len(articles)


class SegmentBuilder:
    """Collects articles and writes them as one segment; documents are numbered as they come.

    `memory_budget` bounds, in bytes, what building holds, whatever the number of articles.
    With `workers` of 2 (more bring nothing) a thread tokenises and compresses, which both leave
    the interpreter free, beside the one that calls: that is 30% of the work, measured.
    `scratch` is the folder for runs, by default the system's.
    """

    def __init__(
        self, settings: Settings | None = None, *, memory_budget: int = 512 << 20,
        workers: int = 2, scratch: Path | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings or Settings()
        self._budget = memory_budget
        self._scratch_parent = scratch
        self._scratch: Path | None = None
        self._runs: list[str] = []
        self._pool = ThreadPoolExecutor(1) if workers > 1 else None
        self._run = _Run(self._pool)
        self._n_spilled = 0

    @property
    def n_docs(self) -> int:
        """The number of articles that were added."""
        return self._n_spilled + self._run.columns.n_docs

    def add(
        self,
        articles: Sequence[Article],
        fingerprints: Sequence[int],
        roots: Sequence[int],
        clusters: Sequence[int],
    ) -> None:
        """Add articles, with the fingerprint, source number and cluster (or 0) of each.

        Raises ValueError for an id that is not 16 hexadecimal digits.
        """
        for at, to in _batches(articles):
            part = slice(at, to)
            self._run.add(articles[part], fingerprints[part], roots[part], clusters[part])
            if self._run.nbytes > self._budget // 2:
                self._spill()

    def _spill(self) -> None:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="broadsheet-", dir=self._scratch_parent))
        name = f"run-{len(self._runs)}"
        write_segment(self._run.segment(name, self._settings), self._scratch, name)
        self._runs.append(name)
        self._n_spilled += self._run.columns.n_docs
        self._run = _Run(self._pool)

    def added(self) -> list[Added]:
        """Return what tells the articles apart that were added, and their versions, in pieces."""
        spilled = (
            []
            if self._scratch is None
            else [added_to(open_segment(self._scratch, run)) for run in self._runs]
        )
        return [*spilled, self._run.columns.added()]

    def finish(self, folder: Path, name: str, clusters: U64 | None = None) -> SegmentMeta:
        """Write the segment `name` to a folder and return what was written.

        `clusters`, uint64[n_docs], stand for those that were given to `add`. Whoever commits the
        file flushes it to the device. Raises OSError.
        """
        try:
            if self._scratch is None:
                segment = self._run.segment(name, self._settings)
                if clusters is not None:
                    segment = replace(segment, clusters=clusters)
                return write_segment(segment, folder, name)
            if self._run.columns.n_docs:
                self._spill()
            runs = [open_segment(self._scratch, run) for run in self._runs]
            if clusters is not None:
                pieces = np.split(clusters, np.cumsum([run.n_docs for run in runs])[:-1])
                runs = [replace(run, clusters=of) for run, of in zip(runs, pieces, strict=True)]
            return merge([(run, None) for run in runs], folder, name)
        finally:
            self.close()

    def close(self) -> None:
        """Drop everything that is held; called by `finish`."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
        self._runs = []
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
        self._run = _Run()


def build_segment(
    articles: Sequence[Article], name: str = "memory", settings: Settings | None = None
) -> Segment:
    """Return the segment of some articles, in memory; for tests and small collections."""
    run = _Run()
    for at, to in _batches(articles):
        zeros = [0] * (to - at)
        run.add(articles[at:to], zeros, zeros, zeros)
    return run.segment(name, settings or Settings())
