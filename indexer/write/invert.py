"""Building a segment: articles in, posting lists and columns out.

`SegmentBuilder.add` takes articles as JSON, the form in which they are stored, tokenises them into
a stream of chunk numbers (`analysis_kernel`) and collects their columns; `finish` inverts the
stream (`invert_kernels`) and writes the segment. When what is held grows beyond the memory budget,
a *run* is written to a scratch folder as a segment of its own, and `finish` merges the runs. That
takes memory for the vocabularies of all its sources, so `FAN_IN` runs of one size are merged to a
larger one as soon as all of them have too many terms for it.
"""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.core.article import Article
from corpus.core.fields import NAMES, WEIGHTS
from corpus.core.wire import article_json, columns_of
from corpus.duplicates.signatures import Signatures, sign_texts
from indexer.analysis.vocabulary import ChunkTable, Vocabulary
from indexer.segment.file import FACETS, SegmentMeta, open_segment, segment_path, write_segment
from indexer.segment.parts import with_columns
from indexer.segment.segment import I64, MOST_DOCS, U8, U32, U64, Segment
from indexer.store.snapshot import Settings
from indexer.write.invert_columns import LINES, ColumnCollector
from indexer.write.invert_postings import invert
from indexer.write.memory import give_back
from indexer.write.merge import merge
from indexer.write.merge_policy import fitting
from indexer.write.versions import Added, added_to

PARTS = tuple(WEIGHTS)
"""The parts of an article in the field ``text``, in the order of their positions."""

_NAMED = np.array([part in NAMES for part in PARTS])
"""bool[parts]: those whose words are of no language."""

_BATCH = 256
_BATCH_TEXT = 1 << 23
FAN_IN = 8
"""Runs of one size that are merged to a larger one, where there are too many."""

_TERM_BYTES = 100
"""What a merge takes of memory for a term of a source, about."""

_SHARES = 2
"""Into how many parts the budget goes: a run that grows, and one that is inverted or a merge of
runs. More of them made runs so small that merging took a quarter of the time."""

_SWITCH_SECONDS = 0.0005
"""How long a thread holds the interpreter that another one waits for. The thread that tokenises
needs it for moments only, and for each of them would wait 5 ms, as long as it works on a batch."""

_COLLECTION = (100_000, 20, 20)
"""When the collector of cycles runs while a segment is built. Articles are lists and strings
without cycles; looking through those of a batch again and again took an eighth of the time."""

_AHEAD = 2
"""Batches that are decoded while one is tokenised."""


@dataclass(frozen=True, slots=True)
class _Analysed:
    """What the kernels make of a batch: chunk numbers, uint32[], where each part ends among them,
    int64[n_parts], the chunks that are new, with their languages, and the signatures."""

    stream: U32
    part_ends: I64
    languages: U8
    chunks: list[str]
    signatures: Signatures
    table_bytes: int


class _InvertedRun:
    """What has been added since the last spill.

    With a pool, batches are tokenised and signed there, while this thread decodes later ones.
    """

    def __init__(
        self, zone: tzinfo, pool: Executor | None = None, dictionaries: Sequence[bytes] = ()
    ) -> None:
        self.vocabulary = Vocabulary()
        self.columns = ColumnCollector(zone, pool, dictionaries)
        self._pool = pool
        self._table = ChunkTable()
        self._table_bytes = 0
        self._waiting: deque[Future[_Analysed]] = deque()
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
            16 * self._n_chunks + self.columns.nbytes + self.vocabulary.nbytes + self._table_bytes
        )

    def add(self, stored: Sequence[bytes], *numbers: Sequence[int]) -> U64:
        """Add a batch of articles, as JSON, with fingerprints, sources and clusters.

        Returns their ids. Raises ValueError, adding none, for what is no article.
        """
        articles = columns_of(stored, PARTS, LINES, FACETS)
        borders = np.concatenate([np.zeros(1, np.int64), articles.ends])
        used = np.flatnonzero(np.diff(borders))
        docs = used // len(PARTS)
        known = list(map(self.vocabulary.language, articles.lines["language"]))
        languages = np.array(known, np.uint8)[docs]
        languages[_NAMED[used % len(PARTS)]] = self.vocabulary.language("")
        signed = borders[len(PARTS) * np.arange(len(stored))[:, None] + np.arange(4)]
        work = (articles.text, borders[used + 1], languages, signed)
        if self._pool is None:
            self._take(self._analyse(*work))
        else:
            self._waiting.append(self._pool.submit(self._analyse, *work))
        self._part_docs.append((docs + self.columns.n_docs).astype(np.uint32))
        self._part_kinds.append((used % len(PARTS)).astype(np.uint8))
        self.columns.add(articles, *numbers)
        self.collect(_AHEAD)
        return articles.ids

    def _analyse(self, text: bytes, ends: I64, languages: U8, signed: I64) -> _Analysed:
        stream, part_ends = self._table.chunk(text, ends, languages)
        known, self._n_known = self._n_known, len(self._table)
        new = self._table.keys(known + 1)
        size = self._table.nbytes
        return _Analysed(stream.copy(), part_ends, *new, sign_texts(text, signed), size)

    def collect(self, left: int = 0) -> None:
        """Take up what the pool has analysed, but for the last batches."""
        while len(self._waiting) > left:
            self._take(self._waiting.popleft().result())

    def _take(self, batch: _Analysed) -> None:
        self.vocabulary.update(batch.languages, batch.chunks)
        self.columns.sign(batch.signatures)
        self._streams.append(batch.stream)
        self._part_ends.append(batch.part_ends + self._n_chunks)
        self._n_chunks += len(batch.stream)
        self._table_bytes = batch.table_bytes

    def segment(self, name: str, settings: Settings) -> Segment:
        """Invert the run."""
        self.collect()
        texts, part_bounds = invert(
            (
                _joined(self._streams, np.uint32),
                _joined(self._part_ends, np.int64),
                _joined(self._part_docs, np.uint32),
                _joined(self._part_kinds, np.uint8),
            ),
            np.array([settings.weights.get(part, 0) for part in PARTS], np.uint8),
            self.vocabulary,
            self.columns.n_docs,
        )
        return self.columns.segment(name, texts, part_bounds)


def _joined(arrays: list[npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


def _batches(stored: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield ranges of at most _BATCH articles and, but for a single one, _BATCH_TEXT of JSON."""
    first = size = 0
    for at, length in enumerate(map(len, stored)):
        if at > first and (at - first == _BATCH or size + length > _BATCH_TEXT):
            yield first, at
            first, size = at, 0
        size += length
    if first < len(stored):
        yield first, len(stored)


class _Written(NamedTuple):
    """A run that was written: its articles and terms, and how often runs were merged into it."""

    name: str
    n_docs: int
    n_terms: int
    merged: int


def _written(folder: Path, name: str, merged: int) -> _Written:
    run = open_segment(folder, name)
    return _Written(name, run.n_docs, len(run.text["text"].terms.offsets) - 1, merged)


class SegmentBuilder:
    """Collects articles and writes them as a segment; documents are numbered as they come.

    More than `most_docs` articles become several segments. `memory_budget` bounds, in bytes, what
    building holds, whatever the number of articles. A thread tokenises, signs and compresses, and
    another inverts runs, beside the one that calls: most of that leaves the interpreter free.
    `scratch` is the folder for runs, by default the system's.
    """

    def __init__(
        self, settings: Settings | None = None, *, memory_budget: int = 512 << 20,
        scratch: Path | None = None, most_docs: int = MOST_DOCS,
    ) -> None:  # fmt: skip
        self._settings = settings or Settings()
        self._most = most_docs
        self._budget = memory_budget
        self._scratch_parent = scratch
        self._scratch: Path | None = None
        self._runs: list[_Written] = []  # in order of arrival
        self._n_runs = 0
        self._n_full = 0
        self._pool, self._spiller = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._spilling: Future[None] | None = None
        self._before: tuple[float, tuple[int, int, int]] | None = (
            sys.getswitchinterval(),
            gc.get_threshold(),
        )
        gc.set_threshold(*_COLLECTION)
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._run = _InvertedRun(self._settings.zone, self._pool)
        self._n_spilled = 0

    @property
    def n_docs(self) -> int:
        """The number of articles that were added."""
        return self._n_spilled + self._run.columns.n_docs

    def add(
        self,
        stored: Sequence[bytes],
        fingerprints: Sequence[int],
        roots: Sequence[int],
        clusters: Sequence[int],
    ) -> U64:
        """Add articles, as `corpus.core.wire.article_json` writes them, with the fingerprint,
        source number and cluster (or 0) of each; returns their ids.

        Raises ValueError for what is no such JSON, or has an id that is not 16 hexadecimal digits.
        """
        ids = [np.empty(0, np.uint64)]
        for at, to in _batches(stored):
            part = slice(at, to)
            if self._run.columns.n_docs + to - at > self._most:
                self._spill()
            ids.append(self._run.add(stored[part], fingerprints[part], roots[part], clusters[part]))
            if self._run.nbytes > self._budget // _SHARES:
                self._spill()
        return np.concatenate(ids)

    def _spill(self) -> None:
        """Write what is held as a run, once the run before is written."""
        self._wait()
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="broadsheet-", dir=self._scratch_parent))
        self._run.collect()
        self._n_spilled += self._run.columns.n_docs
        self._n_full += 1
        full = [self._run]  # handed over: whoever inverts it is the last to hold it
        # Runs that are merged share a dictionary, so that their articles are not compressed again.
        shared = self._run.columns.dictionaries if self._n_full % FAN_IN else ()
        self._run = _InvertedRun(self._settings.zone, self._pool, shared)
        self._spilling = self._spiller.submit(self._write, full, self._scratch)

    def _write(self, full: list[_InvertedRun], folder: Path) -> None:
        """Write a run, and merge runs while one merge of all would take more than the budget."""
        name = self._next_run()
        write_segment(full.pop().segment(name, self._settings), folder, name)
        self._runs.append(_written(folder, name, 0))
        while _TERM_BYTES * sum([run.n_terms for run in self._runs]) > self._budget:
            levels = [run.merged for run in self._runs]  # descending, as older runs are merged more
            level = next((of for of in reversed(levels) if levels.count(of) >= FAN_IN), None)
            if level is None:
                break
            first = levels.index(level)
            some = self._runs[first : first + FAN_IN]
            if sum([run.n_docs for run in some]) > self._most:
                break
            name = self._next_run()
            merge([(open_segment(folder, run.name), None) for run in some], folder, name)
            for run in some:
                segment_path(folder, run.name).unlink()
            self._runs[first : first + FAN_IN] = [_written(folder, name, level + 1)]
        give_back()

    def _next_run(self) -> str:
        self._n_runs += 1
        return f"run-{self._n_runs}"

    def _wait(self) -> None:
        """Wait for the run that is being written. Raises OSError."""
        if self._spilling is not None:
            waiting, self._spilling = self._spilling, None
            waiting.result()

    def _opened(self) -> list[Segment]:
        folder = self._scratch
        return [] if folder is None else [open_segment(folder, run.name) for run in self._runs]

    def added(self) -> list[Added]:
        """Return what tells the articles apart that were added, and their versions, in pieces.

        Where runs were written, so is what is held: the search for versions needs the memory.
        """
        if self._scratch is not None and self._run.columns.n_docs:
            self._spill()
        self._wait()
        self._run.collect()
        spilled = [piece for run in self._opened() for piece in added_to(run)]
        return [*spilled, self._run.columns.added()]

    def finish(
        self, folder: Path, next_name: Callable[[], str], clusters: U64 | None = None,
        added: I64 | None = None,
    ) -> list[SegmentMeta]:  # fmt: skip
        """Write the segments to a folder and return what was written, in order of documents.

        `next_name` gives each its name. `clusters`, uint64[n_docs], stand for those that were given
        to `add`; `added`, int64[n_docs], is when articles came. Whoever commits the files
        flushes them to the device. Raises OSError.
        """
        given: dict[str, npt.NDArray[Any] | None] = {"clusters": clusters, "added": added}
        columns = {name: column for name, column in given.items() if column is not None}
        try:
            if self._scratch is None:
                name = next_name()
                segment = self._run.segment(name, self._settings)
                return [write_segment(with_columns(segment, **columns), folder, name)]
            if self._run.columns.n_docs:
                self._spill()
            self._wait()
            runs = self._opened()
            ends = np.cumsum([0, *(run.n_docs for run in runs)])
            runs = [
                with_columns(run, **{name: of[first:end] for name, of in columns.items()})
                for run, first, end in zip(runs, ends, ends[1:], strict=False)
            ]
            groups = fitting([run.n_docs for run in runs], self._most)
            return [merge([(runs[at], None) for at in one], folder, next_name()) for one in groups]
        finally:
            self.close()

    def close(self) -> None:
        """Drop everything that is held; called by `finish`."""
        self._spilling = None
        self._spiller.shutdown(cancel_futures=True)
        self._pool.shutdown()
        if self._before is not None:
            sys.setswitchinterval(self._before[0])
            gc.set_threshold(*self._before[1])
            self._before = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
        self._runs = []
        self._run = _InvertedRun(self._settings.zone)


def build_segment(
    articles: Sequence[Article], name: str = "memory", settings: Settings | None = None
) -> Segment:
    """Return the segment of some articles, in memory; for tests and small collections."""
    settings = settings or Settings()
    run = _InvertedRun(settings.zone)
    stored = list(map(article_json, articles))
    for at, to in _batches(stored):
        zeros = [0] * (to - at)
        run.add(stored[at:to], zeros, zeros, zeros)
    return run.segment(name, settings)
