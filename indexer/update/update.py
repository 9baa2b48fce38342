"""Sources read into a store: what is new is added, what changed replaced, the rest left alone.

Each article read is compared by fingerprint with the one that the store has under its id. Of
articles with the same id the one that is read last counts, in the order of `corpus.sources.walk`,
so that running again on the same sources changes nothing. Files that cannot have changed are passed
over (`indexer.update.file_manifest`), others read by all cores (`indexer.update.reading`). An
article goes into the store whole or not at all, and nothing shows before the run ends.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, UnreadableError
from corpus.core.gate import admit
from corpus.core.wire import article_json
from corpus.readers.protocol import Passed, Skip, counted
from corpus.sources.walk import Unseen, walk_files
from indexer.segment.idmap import IdMap, IdSet, to_numbers, to_text
from indexer.store.processors import usable_processors
from indexer.store.store import Remembers, Store, Writer
from indexer.update.assumed_language import LanguageDefaults, without_assumed
from indexer.update.file_manifest import FileState, Reading, Remembered, last_places, state_of
from indexer.update.reading import Batch, Job, fingerprint, read_files

U64 = npt.NDArray[np.uint64]

SKIPS_KEPT = 20
"""Skips that a summary holds; all of them go to `on_skip`."""

_REASONS_COUNTED = 1000
_PASSED_SHOWN = 6
_MOST_WAITING = 8 << 20
"""Bytes of articles without a language that are held until more is known of their sources."""

_BATCH = 256
_TELL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: articles read and skipped so far, and seconds since it began."""

    read: int
    skipped: int
    seconds: float
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did.

    `read` articles are `added`, `changed`, `unchanged` or `duplicates`: those whose id was read
    again later in the run. `passed_over` of them were not read because their file had not
    changed. `removed` are gone from their source. `reasons` counts the skips by reason, `skips`
    are the first of them. `notes` are sentences for the user.
    """

    generation: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    removed: int = 0
    passed_over: int = 0
    files: int = 0
    skipped: int = 0
    seconds: float = 0.0
    sources: tuple[str, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    skips: tuple[Skip, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def per_second(self) -> float:
        """Articles a second."""
        return self.read / self.seconds if self.seconds else 0.0


def _nothing(_: object) -> None:
    return None


def update(
    store: Store,
    sources: Sequence[str],
    *,
    prune: bool = False,
    rebuild: bool = False,
    processes: int | None = None,
    excluded: Path | None = None,
    follow_links: bool = False,
    on_skip: Callable[[Skip], None] = _nothing,
    on_progress: Callable[[Progress], None] = _nothing,
) -> Summary:
    """Read sources into a store and commit; with `rebuild` into an empty generation.

    `prune` removes the sources' articles that are no longer in them; those of a source from which
    nothing could be read, or part of which cannot be seen, stay, and so do those of a file that
    could not be read. Files in the folder `excluded` are no source: the archive may lie in one.
    With `follow_links` links may lead out of a source.
    Raises UnreadableError when nothing could be read at all, IndexLockedError, IndexBrokenError and
    BroadsheetError; the store is then as it was, and so it is when the run is interrupted.
    """
    if not sources:
        raise BroadsheetError("Nothing to read: name a file, a folder, or - for standard input.")
    writer = store.writer(rebuild=rebuild)
    try:
        run = _UpdateRun(writer, on_skip, on_progress)
        run.follow_links = follow_links
        run.excluded = "" if excluded is None else root_of(str(excluded)) + "/"
        run.read(sources, processes or usable_processors(), rebuild)
        if not run.n_read:
            why = "there are no files"
            if run.skips:
                why = f"{run.skips[0].path}: {run.skips[0].reason}"
            raise UnreadableError(f"No article could be read: {why}.")
        run.put_waiting()
        removed = run.prune() if prune and not rebuild else 0
        run.remember()
        return run.commit(removed)
    finally:
        writer.close()


def update_from_articles(
    store: Store,
    articles: Iterable[tuple[str, Article, int]],
    *,
    on_skip: Callable[[Skip], None] = _nothing,
    on_progress: Callable[[Progress], None] = _nothing,
) -> Summary:
    """Build a new generation from articles, their sources and times of arrival, as an archive
    yields them."""
    writer = store.writer(rebuild=True)
    try:
        run = _UpdateRun(writer, on_skip, on_progress)
        for root, group in groupby(articles, itemgetter(0)):
            while some := list(islice(group, _BATCH)):
                run.add(root, some)
        run.put_waiting()
        return run.commit()
    finally:
        writer.close()


@dataclass(slots=True)
class _File:
    """A file that is being read: what the archive had of it, and what is read now."""

    root: str
    path: str
    state: FileState | None
    before: Reading | None = None
    ids: list[U64] = field(default_factory=list)
    fingerprints: list[U64] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)


class _Untold(NamedTuple):
    """An article that waits for a language, as JSON."""

    stored: bytes
    fingerprint: int
    id: int
    root: str


class _UpdateRun:
    """The state of one run."""

    def __init__(
        self,
        writer: Writer,
        on_skip: Callable[[Skip], None],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._writer = writer
        self._on_skip = on_skip
        self._on_progress = on_progress
        self._begun = time.monotonic()
        self._told = self._begun
        self._met = IdSet()  # ids read
        self._n_met = 0
        self._put = IdMap()  # ids put, with their fingerprints, 0 for what was refused
        self._replaced = IdMap()  # of those what the store had at the start, with its fingerprints
        self._before = Remembered()
        self._now = Remembered()
        self._roots: dict[str, int] = {}  # each source, and how many articles it gave
        self._unseen: set[str] = set()  # the sources that could not all be looked at
        self._root_of: dict[str, str] = {}
        self._reasons: Counter[str] = Counter()
        self._passed: Counter[str] = Counter()
        self._notes: list[str] = []
        self._n_passed_over = 0
        self._n_files = 0
        self._defaults = LanguageDefaults(writer.languages, writer.main_language)
        self._waiting: list[_Untold] = []
        self._n_waiting = 0  # bytes
        self.excluded = ""
        self.follow_links = False
        self.n_read = 0
        self.n_skipped = 0
        self.skips: list[Skip] = []

    def read(self, sources: Sequence[str], processes: int, rebuild: bool) -> None:
        """Read all sources."""
        self._root_of = {source: root_of(source) for source in sources}
        self._roots = dict.fromkeys(self._root_of.values(), 0)
        if isinstance(self._writer, Remembers) and not rebuild:
            self._before = self._writer.recall()
        for job, batch in read_files(self._jobs(sources), processes):
            if job.read:
                self._take(job.tag, batch)
            else:
                self._pass_over(job)

    def _jobs(self, sources: Sequence[str]) -> Iterator[Job[_File]]:
        for source in sources:
            root = self._root_of[source]
            for document in walk_files(
                [source], partial(self._skip_in, root), follow_links=self.follow_links
            ):
                path = root_of(document.file) if document.file else ""
                if self.excluded and path.startswith(self.excluded):
                    continue
                self._n_files += 1
                state = state_of(path, settled=True) if path else None
                file = _File(root, path or document.path, state)
                file.before = self._before.get(path) if path else None
                yield Job(document, file, read=not self._same(file))

    def _skip_in(self, root: str, skip: Skip) -> None:
        if isinstance(skip, Unseen):
            self._unseen.add(root)
        self._skip(skip)

    def _same(self, file: _File) -> bool:
        """Say whether reading the file would change nothing, as far as the run has come."""
        if file.before is None or file.state != file.before.state:
            return False
        return bool(np.array_equal(self._current(file.before.ids)[1], file.before.fingerprints))

    def _pass_over(self, job: Job[_File]) -> None:
        file = job.tag
        if file.before is None or not self._same(file):
            # An earlier file has put another version of one of its articles.
            for _, batch in read_files([Job(job.file, file)], 1):
                self._take(file, batch)
            return
        self._meet(file, file.before.ids, file.before.fingerprints)
        self._n_passed_over += len(file.before.ids)
        for skip in file.before.skips:
            self._skip(skip)
        self._now.add(file.path, file.root, file.before)
        self._tell(file.path)

    def _current(self, ids: U64) -> tuple[npt.NDArray[np.bool_], U64]:
        """Return whether each id was put in this run, and its fingerprint as of now."""
        is_put, current = self._put.get(ids)
        asked = ids[~is_put]
        if len(asked):
            current[~is_put] = np.array(self._writer.lookup(to_text(asked)), np.uint64)
        return is_put, current

    def _meet(self, file: _File, ids: U64, fingerprints: U64) -> npt.NDArray[np.int64]:
        """Count articles as read; return the places, int64[], of those to put, which are noted."""
        self.n_read += len(ids)
        self._roots[file.root] = self._roots.get(file.root, 0) + len(ids)
        fresh = ids[~self._met.has(ids)]
        self._met.add(fresh)
        self._n_met += len(fresh)
        is_put, current = self._current(ids)
        replaced = (current != fingerprints) & (current != 0) & ~is_put
        self._replaced.put(ids[replaced], current[replaced])
        changed = np.flatnonzero(current != fingerprints)
        self._put.put(ids[changed], fingerprints[changed])
        return changed

    def _take(self, file: _File, batch: Batch) -> None:
        """Take in a batch of a file."""
        for skip in batch.skips:
            if isinstance(skip, Passed):
                self._passed.update(dict(skip.counts))
            else:
                self._skip_in(file.root, skip)
                file.skips.append(skip)
        if batch.ids:
            places = last_places(to_numbers(batch.ids))
            ids = to_numbers(batch.ids)[places]
            fingerprints = np.array(batch.fingerprints, np.uint64)[places]
            self.n_read += len(batch.ids) - len(ids)
            changed = self._meet(file, ids, fingerprints)
            stored = [batch.stored[place] for place in places[changed].tolist()]
            self._store(stored, fingerprints[changed].tolist(), ids[changed].tolist(), file)
            file.ids.append(ids)
            file.fingerprints.append(fingerprints)
        if batch.last:
            self._finish(file)
        self._tell(file.path)

    def _store(
        self, stored: Sequence[bytes], fingerprints: Sequence[int], ids: Sequence[int], file: _File
    ) -> None:  # fmt: skip
        """Put articles; those without a language wait until more is known of their sources."""
        told: list[int] = []
        for at, one in enumerate(stored):
            if self._defaults.told(one):
                told.append(at)
            else:
                self._waiting.append(_Untold(one, fingerprints[at], ids[at], file.root))
                self._n_waiting += len(one)
        put = [stored[at] for at in told]
        self._put_stored(put, [fingerprints[at] for at in told], file.root)
        if self._n_waiting > _MOST_WAITING:
            self.put_waiting()

    def _put_stored(self, stored: Sequence[bytes], fingerprints: Sequence[int], root: str) -> None:
        self._writer.put_stored(stored, fingerprints, root)
        self._skip_rejected()

    def _skip_rejected(self, *, wait: bool = False) -> None:
        for refused, path, reason in self._writer.rejected(wait=wait):
            self._put.put(to_numbers([refused]))
            self._skip(Skip(path, 0, f"article {refused} was refused: {reason}"))

    def commit(self, removed: int = 0) -> Summary:
        """Commit what was put, with so many articles removed; returns what the run did."""
        self._skip_rejected(wait=True)
        ids, fingerprints = self._put.items()
        were_there, base = self._replaced.get(ids)
        stays = (fingerprints != 0) & (fingerprints != base)
        n_added = int(np.count_nonzero(stays & ~were_there))
        n_changed = int(np.count_nonzero(stays & were_there))
        n_refused = int(np.count_nonzero(fingerprints == 0))
        del ids, fingerprints, were_there, base, stays  # committing needs the memory
        self._met, self._put, self._replaced = IdSet(), IdMap(), IdMap()
        return Summary(
            generation=self._writer.commit(),
            read=self.n_read,
            added=n_added,
            changed=n_changed,
            unchanged=self._n_met - n_added - n_changed - n_refused,
            duplicates=self.n_read - self._n_met,
            removed=removed,
            passed_over=self._n_passed_over,
            files=self._n_files,
            skipped=self.n_skipped,
            seconds=time.monotonic() - self._begun,
            sources=tuple(self._roots),
            reasons=tuple(self._reasons.most_common(10)),
            skips=tuple(self.skips),
            notes=(*self._notes, *self._passed_by(), *self._assumed()),
        )

    def put_waiting(self) -> None:
        """Put the articles whose text is too short to tell their language, with one assumed."""
        waiting, self._waiting, self._n_waiting = self._waiting, [], 0
        ids = np.array([one.id for one in waiting], np.uint64)
        # What was read again since, in another version, has been put already.
        current = self._put.get(ids)[1].tolist()
        left = [one for one, now in zip(waiting, current, strict=True) if one.fingerprint == now]
        completed = self._defaults.completed([one.stored for one in left])
        for root, group in groupby(zip(left, completed, strict=True), lambda pair: pair[0].root):
            pairs = list(group)
            fingerprints = [one.fingerprint for one, _ in pairs]
            self._put_stored([stored for _, stored in pairs], fingerprints, root)

    def _finish(self, file: _File) -> None:
        """Remember what was read from a file, if it is still the same file."""
        if file.skips and file.before is not None:
            # What cannot be read now may only be damaged: its articles are not gone.
            self._writer.lookup(to_text(file.before.ids))
        if any(isinstance(skip, Unseen) for skip in file.skips):
            return  # it may be read the next time
        if file.state is not None and file.state == state_of(file.path):
            none = np.zeros(0, np.uint64)
            ids = np.concatenate([none, *file.ids])
            file.ids.clear()
            fingerprints = np.concatenate([none, *file.fingerprints])
            file.fingerprints.clear()
            places = last_places(ids)
            if len(places) < len(ids):
                ids, fingerprints = ids[places], fingerprints[places]
            reading = Reading(file.state, ids, fingerprints, tuple(file.skips))
            self._now.add(file.path, file.root, reading)

    def add(self, root: str, articles: Iterable[tuple[str, Article, int]]) -> None:
        """Put articles that do not come from a file, as the gate lets them in, see
        `update_from_articles`."""
        batch = Batch()
        for _, read, at in articles:
            self._writer.came(read.id, at)
            article, left_out = admit(without_assumed(read))
            if left_out:
                self._skip(Skip(f"{root}, {article.id}", 0, left_out))
            batch.ids.append(article.id)
            batch.stored.append(article_json(article))
        batch.fingerprints = list(map(fingerprint, batch.stored))
        self._take(_File(root, root, None), batch)

    def prune(self) -> int:
        """Remove what is gone from the sources; returns how many articles."""
        pruned = []
        for root, n_read in self._roots.items():
            if n_read and root not in self._unseen:
                pruned.append(root)
                continue
            why = "part of it cannot be seen" if n_read else "nothing could be read from it"
            self._notes.append(f"Nothing was removed of {root}, because {why}.")
        return self._writer.prune(pruned)

    def remember(self) -> None:
        """Keep what was read from each file for the next run."""
        if isinstance(self._writer, Remembers):
            self._now.take(self._before, without=self._roots.keys())
            self._writer.remember(self._now)

    def _skip(self, skip: Skip) -> None:
        self.n_skipped += 1
        self._reasons[skip.reason] += 1
        if len(self._reasons) > _REASONS_COUNTED:
            del self._reasons[self._reasons.most_common()[-1][0]]
        if len(self.skips) < SKIPS_KEPT:
            self.skips.append(skip)
        self._on_skip(skip)

    def _tell(self, path: str) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS:
            self._told = now
            self._on_progress(Progress(self.n_read, self.n_skipped, now - self._begun, path))

    def _passed_by(self) -> list[str]:
        if not self._passed:
            return []
        shown = counted(self._passed.most_common(_PASSED_SHOWN))
        more = " and others" if len(self._passed) > _PASSED_SHOWN else ""
        return [f"Records that are no page of their own were passed over: {shown}{more}."]

    def _assumed(self) -> list[str]:
        counts = self._defaults.assumed
        if not counts:
            return []
        shown = ", ".join(f"{code} for {count:,}" for code, count in counts.most_common())
        return [
            "Some articles are too short to tell their language; that of their source, or else of"
            f" the archive, was taken: {shown}."
        ]


def root_of(source: str) -> str:
    """Return the name under which a source is remembered: absolute, so that it is found again."""
    return source if source == "-" else os.path.abspath(source)  # noqa: PTH100 (links stay)
