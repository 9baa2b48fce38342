"""An archive: an index folder that is open for reading, and the way to write to it.

An `Archive` is a `whoosh.index.Index`: its readers are Whoosh's over our segments
(`archive_reader`), its writer is an `IndexWriter` (`writer`). `Archive.open` holds the generation
that counts and maps its segments; `snapshot` is what queries run on; `take_up` takes up a newer
generation, sharing the segments that both have. A snapshot that is in use keeps its files, whatever
is committed meanwhile. An Archive may be shared by threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from whoosh.fields import Schema
from whoosh.index import Index
from whoosh.reading import IndexReader

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, InaccessibleError, IndexBrokenError
from indexer.segment.segment import MOST_DOCS
from indexer.segment.stored import article_from
from indexer.store import generations
from indexer.store.durable import disk_errors, sync_folder
from indexer.store.generations import GenerationLease
from indexer.store.lock import WriterLock
from indexer.store.opening import open_snapshot
from indexer.store.snapshot import Settings, Snapshot, main_language
from indexer.store.toc import SCHEMA, Toc
from indexer.whoosh.archive_reader import open_reader
from indexer.whoosh.schema import make_schema

if TYPE_CHECKING:
    from indexer.care.check import Report
    from indexer.write.writer import ArchiveWriter


class Archive(Index):  # type: ignore[misc]
    """An open index folder; a context manager."""

    def __init__(self, folder: Path, *, any_schema: bool = False) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._snapshot = open_snapshot(folder, generations.hold(folder, any_schema=any_schema))
        self._schema: tuple[Snapshot, Schema] | None = None

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open an archive, in milliseconds whatever its size.

        Raises IndexBrokenError when it is missing, damaged, of another version, or no archive.
        """
        return cls(Path(folder))

    @property
    def folder(self) -> Path:
        """The folder that the archive is in."""
        return self._folder

    def snapshot(self) -> Snapshot:
        """Return the generation that was taken up last."""
        return self._snapshot

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._folder)!r})"

    @property
    def schema(self) -> Schema:
        """The fields, as Whoosh's query parser takes them; see `main_language`."""
        snapshot = self._snapshot
        if self._schema is None or self._schema[0] is not snapshot:
            self._schema = snapshot, self._make_schema(snapshot)
        return self._schema[1]

    def _make_schema(self, snapshot: Snapshot) -> Schema:
        return make_schema(partial(main_language, snapshot))

    def reader(self, reuse: IndexReader | None = None) -> IndexReader:
        return open_reader(self._snapshot)

    def writer(self, *, timeout: float = 0.0, limitmb: int = 512) -> ArchiveWriter:
        """Begin to write; `timeout` is how many seconds to wait for another writer, `limitmb` a
        bound of memory in MiB. Raises IndexLockedError and BroadsheetError, saying what to do."""
        return FolderStore(self._folder, wait=timeout, memory=limitmb << 20).writer()

    def latest_generation(self) -> int:
        return generations.read_pointer(self._folder).generation

    def up_to_date(self) -> bool:
        return generations.read_pointer(self._folder).checksum == self._snapshot.identity

    def refresh(self) -> Archive:
        self.take_up()
        return self

    def last_modified(self) -> float:
        committed = self._snapshot.committed
        return committed.timestamp() if committed else -1

    def is_empty(self) -> bool:
        return self._snapshot.n_live == 0

    def optimize(self) -> None:
        FolderStore(self._folder).optimise()
        self.take_up()

    def take_up(self) -> bool:
        """Take up the generation that counts now; True when it is another one.

        Costs one small file's reading when there is none (15 µs). Raises IndexBrokenError, and
        goes on with the generation that it has.
        """
        if self.up_to_date():
            return False
        with self._lock:
            before = self._snapshot
            held = generations.hold(self._folder)
            if held.identity == before.identity:
                held.release()
                return False
            self._snapshot = open_snapshot(self._folder, held, before)
            return True

    def articles(self) -> Iterator[tuple[str, Article, int]]:
        """Yield every article as `Store.articles` does, in bounded memory."""
        snapshot = self._snapshot
        for segment, live, _ in snapshot.leaves:
            docs = np.arange(segment.n_docs) if live is None else np.flatnonzero(live)
            for at in range(0, len(docs), 256):
                batch = docs[at : at + 256].tolist()
                roots, came = segment.roots[batch].tolist(), segment.added[batch].tolist()
                for root, stored, at in zip(roots, segment.stored.get(batch), came, strict=True):
                    yield snapshot.sources[root], article_from(stored), at

    def close(self) -> None:
        with suppress(AttributeError):
            del self._snapshot, self._schema

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class FolderStore:
    """An index folder as something to write to: the embedded `indexer.store.store.Store`.

    `wait` is for how many seconds a writer waits for another, `memory` its bound in bytes,
    `most_docs` how many articles a segment holds, `settings` those of a new archive or of a
    rebuilt one.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        wait: float = 0.0,
        memory: int = 512 << 20,
        settings: Settings | None = None,
        most_docs: int = MOST_DOCS,
    ) -> None:
        self.folder = Path(folder)
        self._wait = wait
        self._most_docs = most_docs
        self._memory = memory
        self._settings = settings

    def writer(self, *, rebuild: bool = False) -> ArchiveWriter:
        """Begin a session, in a new archive when there is none in the folder.

        Raises IndexLockedError, IndexBrokenError and BroadsheetError, saying what to do.
        """
        from indexer.write.writer import ArchiveWriter

        with ExitStack() as opened:
            lock = take_lock(self.folder, self._wait)
            opened.callback(lock.release)
            with disk_errors(self.folder):
                held = self._begin(rebuild, opened)
            writer = ArchiveWriter(
                self.folder,
                held,
                lock,
                rebuild=rebuild,
                settings=self._settings if rebuild else None,
                memory=self._memory,
                most_docs=self._most_docs,
            )
            opened.pop_all()
            return writer

    def check(self, on_progress: Callable[[float], None] = lambda _: None) -> Report:
        """Verify every byte of the archive. Raises IndexBrokenError when there is none."""
        from indexer.care.check import check_archive

        return check_archive(self.folder, on_progress)

    def articles(self) -> Iterator[tuple[str, Article, int]]:
        """Yield every article as `Store.articles` does, from an archive of any version.

        Raises IndexBrokenError.
        """
        with Archive(self.folder, any_schema=True) as archive:
            yield from archive.articles()

    def _begin(self, rebuild: bool, opened: ExitStack) -> GenerationLease:
        """Return the generation to begin from, after removing what nobody needs.

        To rebuild, one is made up in the place of one that cannot be read. `opened` releases it.
        """
        _create(self.folder, self._settings or Settings())
        try:
            held = generations.hold(self.folder, any_schema=rebuild)
        except InaccessibleError:
            raise  # it may be whole, and would be removed
        except IndexBrokenError:
            if not rebuild:
                raise
            held = _stand_in(self.folder)
            opened.callback(held.release)
            return held
        opened.callback(held.release)
        generations.clean(self.folder, held.toc)
        if not rebuild and self._settings not in (None, held.toc.settings):
            raise BroadsheetError(
                f"The archive {self.folder} was made with other settings"
                f" ({_told(held.toc.settings)}): give them to `broadsheet reindex`."
            )
        return held

    def sources(self) -> tuple[str, ...]:
        """Return the sources that articles were read from. Raises IndexBrokenError."""
        return generations.current(self.folder, any_schema=True).sources

    def optimise(self) -> int:
        """Make one segment of all, without what is deleted; returns the generation."""
        generations.read_pointer(self.folder)
        writer = self.writer()
        try:
            return writer.commit(optimize=True)
        finally:
            writer.close()


def _told(settings: Settings) -> str:
    language = f", its main language is {settings.language}" if settings.language else ""
    return f"days begin in {settings.timezone}{language}"


def take_lock(folder: Path, wait: float) -> WriterLock:
    """Return the writer's lock, held, making the folder when there is none."""
    lock = WriterLock(folder)
    try:
        _make_folder(folder)
        if generations.POINTER_NAME not in generations.names_in(folder):
            generations.refuse_foreign(folder)
    except (FileExistsError, NotADirectoryError) as error:
        raise IndexBrokenError(f"{folder} is not a folder: choose another with --index.") from error
    except OSError as error:
        raise BroadsheetError(
            f"The folder {folder} cannot be made or read ({error.strerror}): choose another with"
            " --index."
        ) from error
    with disk_errors(folder):
        lock.acquire(wait)
    return lock


def _make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, so that a power cut does not undo their names."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_folder(made.parent)


def _create(folder: Path, settings: Settings) -> None:
    """Commit generation 0, without an article, in a folder that has no archive yet."""
    if (folder / generations.POINTER_NAME).exists() or any(generations.generations_in(folder)):
        return
    generations.refuse_foreign(folder)
    if generations.highest_number(folder):
        raise IndexBrokenError(
            f"{folder} holds parts of an archive that has lost its table of contents: run"
            " `broadsheet repair`, or `broadsheet restore` a backup."
        )
    generations.commit(
        folder, Toc(generation=0, committed=datetime.now(UTC), schema=SCHEMA, settings=settings)
    )


def _stand_in(folder: Path) -> GenerationLease:
    """Return an empty generation that is numbered as if it came after all that are there."""
    toc = Toc(
        generation=generations.next_generation(folder) - 1,
        committed=datetime.now(UTC),
        schema=SCHEMA,
        settings=Settings(),
        next_number=generations.highest_number(folder) + 1,
    )
    return GenerationLease(toc, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
