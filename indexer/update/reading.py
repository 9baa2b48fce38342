"""Files read by several processes, their articles handed on in the order of the files.

A file is the unit of work. The parent walks, hands files to whichever worker is free, and takes
their articles as JSON in batches; a worker that is ahead waits once its next batches fill a bound,
so memory does not grow with the corpus, and the order is that of the walk however the work was
shared. A worker that a file kills (a crash in a library) is replaced, and the file reported.

What crosses the pipes is JSON, as it is stored: nothing is pickled, and this process has 2 µs of
work with an article that another has read, where reading it takes 8 µs from what was exported, 50
from SGML, 10,000 from a web page. So workers read whatever is more than a moment's work; a large
file has a worker of its own from the start.
"""

from __future__ import annotations

import ctypes
import gc
import json
import multiprocessing
import os
import signal
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from itertools import accumulate, chain, pairwise
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

import xxhash

from corpus.readers.protocol import Passed, Skip
from corpus.reading import read_written
from corpus.sources.walk import Document, Unseen, expand, file_document

BATCH_ARTICLES = 256
BATCH_BYTES = 1 << 20
BUFFER_BYTES = 16 << 20
"""How much of what a worker has read ahead is kept in the parent; beyond it the worker waits."""

LOOK_AHEAD = 32
"""Files that the walk is ahead of the reading, at most; their names fit into a pipe."""

CHEAP = 10e-6
"""Seconds an article that reading may take and still be cheap."""

LARGE = 8 << 20
"""Bytes of a file that a worker reads, beside this process, from the start."""

WORTH_WORKERS = 0.3
"""Seconds lost to reading that is not cheap, after which workers are started for the rest."""

_SKIPS = (Skip, Unseen, Passed)
_FORK = multiprocessing.get_context("fork")
_PR_SET_PDEATHSIG = 1

Tag = TypeVar("Tag")


@dataclass(slots=True)
class Batch:
    """Consecutive articles of one file; `last` when there are no more of it.

    `ids` and `fingerprints` are those of all the articles, which are here as JSON: that is what
    is stored, and what a fingerprint is made of. `failed` says that the file could not be read to
    its end.
    """

    ids: list[str] = field(default_factory=list)
    fingerprints: list[int] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    last: bool = False
    failed: bool = False
    stored: list[bytes] = field(default_factory=list)
    nbytes: int = 0


@dataclass(slots=True)
class Job(Generic[Tag]):
    """A file to read, with what the caller wants to know it by; it is not read without `read`."""

    file: Document
    tag: Tag
    read: bool = True


def fingerprint(stored: bytes) -> int:
    """Return the fingerprint of an article's JSON, where it was read from left out; never 0."""
    start = stored.rfind(b',"origin":{"path":')
    end = stored.rfind(b'},"provenance":')
    if start < 0 or end < start:
        return xxhash.xxh3_64_intdigest(stored) or 1
    return xxhash.xxh3_64_intdigest(stored[:start] + stored[end:]) or 1


def read_files(jobs: Iterable[Job[Tag]], processes: int) -> Iterator[tuple[Job[Tag], Batch]]:
    """Yield the batches of each file, in order, and an empty last one for each not to be read."""
    waiting = iter(jobs)
    lost = 0.0
    while processes == 1 or lost < WORTH_WORKERS:
        job = next(waiting, None)
        if job is None:
            return
        if processes > 1 and job.read and job.file.is_file and job.file.stamp[0] >= LARGE:
            waiting = chain((job,), waiting)
            break
        batches = read_here(job.file, job.read)
        begun = time.perf_counter()
        for batch in batches:
            lost = max(0.0, lost + time.perf_counter() - begun - CHEAP * len(batch.ids))
            yield job, batch
            begun = time.perf_counter()
    yield from _Pool[Tag](processes).read(waiting)


def read_here(file: Document, read: bool = True) -> Iterator[Batch]:
    """Read a file in this process."""
    batch = Batch()
    if read:
        for document in expand(file, batch.skips.append):
            for item in read_written(document):
                if isinstance(item, Skip):
                    batch.skips.append(item)
                    continue
                stored = item.stored
                batch.ids.append(item.id)
                batch.fingerprints.append(fingerprint(stored))
                batch.nbytes += len(stored)
                batch.stored.append(stored)
                if len(batch.ids) >= BATCH_ARTICLES or batch.nbytes >= BATCH_BYTES:
                    yield batch
                    batch = _emptied(batch)
    batch.last = True
    yield batch


def _emptied(batch: Batch) -> Batch:
    """Return the next batch; `expand` goes on reporting to the list that it was given."""
    skips = batch.skips
    batch.skips = list(skips)
    skips.clear()
    return Batch(skips=skips)


@dataclass(slots=True)
class _Worker:
    """A process that reads: its end of the pipe, its files in order, and what it sent ahead."""

    process: multiprocessing.process.BaseProcess
    pipe: Connection
    files: deque[int] = field(default_factory=deque)
    ready: deque[Batch] = field(default_factory=deque)
    nbytes: int = 0


class _Pool(Generic[Tag]):
    """Workers, and the files between the one whose articles are due and the end of the walk."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._workers: list[_Worker] = []
        self._jobs: dict[int, Job[Tag]] = {}
        self._owner: dict[int, _Worker] = {}

    def read(self, jobs: Iterator[Job[Tag]]) -> Iterator[tuple[Job[Tag], Batch]]:
        """See `read_files`."""
        given = due = 0
        try:
            while True:
                while given - due < LOOK_AHEAD and (job := next(jobs, None)) is not None:
                    self._jobs[given] = job
                    if job.read and job.file.is_file:
                        self._give(given, job)
                    given += 1
                if due == given:
                    return
                job = self._jobs.pop(due)
                worker = self._owner.pop(due, None)
                if worker is None:
                    yield from ((job, batch) for batch in read_here(job.file, job.read))
                else:
                    yield from ((job, batch) for batch in self._batches(worker, job, due))
                due += 1
        finally:
            self._stop()

    def _give(self, number: int, job: Job[Tag]) -> None:
        idle = min(self._workers, key=lambda one: len(one.files), default=None)
        if idle is None or (idle.files and len(self._workers) < self._processes):
            idle = self._start()
        idle.files.append(number)
        self._owner[number] = idle
        with suppress(BrokenPipeError):  # it is found dead when its batches are due
            idle.pipe.send_bytes(os.fsencode(f"{job.file.file}\0{job.file.root}"))

    def _batches(self, worker: _Worker, job: Job[Tag], number: int) -> Iterator[Batch]:
        """Yield the batches of the file that is due, taking in what others send meanwhile."""
        while True:
            while not worker.ready:
                if not self._receive(worker):
                    yield self._replace(worker, job)
                    return
            batch = worker.ready.popleft()
            worker.nbytes -= batch.nbytes
            if batch.last:
                worker.files.popleft()
            yield batch
            if batch.last:
                return

    def _receive(self, due: _Worker) -> bool:
        """Wait for batches; False when the worker that is waited for has died."""
        open_pipes = {
            one.pipe: one
            for one in self._workers
            if one is due or (one.files and one.nbytes < BUFFER_BYTES)
        }
        for pipe in wait(list(open_pipes)):
            one = open_pipes[pipe]  # type: ignore[index]
            try:
                batch = _unpacked(one.pipe.recv_bytes())
            except (EOFError, OSError):
                if one is due:
                    return False
                one.nbytes = BUFFER_BYTES  # not to be waited for until its file is due
                continue
            one.ready.append(batch)
            one.nbytes += batch.nbytes
        return True

    def _replace(self, worker: _Worker, job: Job[Tag]) -> Batch:
        """Start another worker for the files after the one that ended this one."""
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"status {code}"
        worker.files.popleft()
        left = list(worker.files)
        worker.pipe.close()
        self._workers.remove(worker)
        for number in left:
            self._give(number, self._jobs[number])
        reason = f"its reader was ended by {how}"
        return Batch(skips=[Unseen(job.file.path, 0, reason)], last=True, failed=True)

    def _start(self) -> _Worker:
        ours, theirs = _FORK.Pipe()
        gc.collect()
        gc.freeze()  # what was allocated so far stays in pages that the processes share
        process = _FORK.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        gc.unfreeze()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _stop(self) -> None:
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()


def _work(pipe: Connection, parent: int) -> None:
    """Read files until the parent closes the pipe, or ends in any way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    _close_all_but(pipe.fileno())
    with suppress(EOFError, OSError):
        while True:
            name, root = os.fsdecode(pipe.recv_bytes()).split("\0")
            for batch in _read_named(name, root):
                pipe.send_bytes(_packed(batch))
    os._exit(0)


def _read_named(name: str, root: str) -> Iterator[Batch]:
    try:
        file = file_document(name, root)
    except OSError:
        yield Batch(skips=[Unseen(name, 0, "it is gone")], last=True)
        return
    yield from read_here(file)


def _die_with(parent: int) -> None:
    """Have the kernel end this process when its parent ends, so that no lock outlives it."""
    prctl: Callable[..., int] = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _close_all_but(kept: int) -> None:
    """Close what was inherited: the writer's lock above all, which belongs to the parent."""
    os.closerange(3, kept)
    os.closerange(kept + 1, 1 << 16)


def _packed(batch: Batch) -> bytes:
    skips = [(_SKIPS.index(type(skip)), astuple(skip)) for skip in batch.skips]
    sizes = list(map(len, batch.stored))
    # Paths may have lone surrogates, which orjson refuses.
    head = json.dumps((batch.ids, batch.fingerprints, skips, batch.last, sizes))
    return head.encode() + b"\n" + b"".join(batch.stored)


def _unpacked(message: bytes) -> Batch:
    end = message.index(b"\n")
    ids, fingerprints, skips, last, sizes = json.loads(message[:end])
    ends = list(accumulate(sizes, initial=end + 1))
    stored = [message[at:to] for at, to in pairwise(ends)]
    told = [_skip(*skip) for skip in skips]
    return Batch(ids, fingerprints, told, last, stored=stored, nbytes=len(message))


def _skip(kind: int, values: list[Any]) -> Skip:
    path, position, reason, *counts = values
    return _SKIPS[kind](path, position, reason, *[tuple(map(tuple, of)) for of in counts])
