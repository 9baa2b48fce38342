"""Whether an archive is whole: every byte of every file, and what the files say of one another.

Opening checks little and quickly; this reads everything. Each problem names the file, so that the
one to restore from a backup is known. A damaged file never keeps the others from being checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.core.errors import InaccessibleError, IndexBrokenError, OtherVersionError
from corpus.core.wire import doubtful
from indexer.segment.idmap import to_text
from indexer.segment.segment import U64, Segment
from indexer.segment.stored import article_from
from indexer.segment.validation import verify_whole
from indexer.store.beside import SHELF_NAME, shelf_problem
from indexer.store.durable import file_checksum, inaccessible
from indexer.store.generations import POINTER_NAME, generations_in, hold, names_in, read_pointer
from indexer.store.opening import check_size, read_aliases, read_live
from indexer.store.processors import usable_processors
from indexer.store.toc import FileEntry, SegmentEntry, Toc, toc_name
from indexer.update.assumed_language import as_read
from indexer.update.file_manifest import REMEMBERED_NAME, Remembered
from indexer.update.reading import fingerprint

_BATCH = 64
"""Blocks of stored articles that a thread checks at once: half a megabyte."""

Counter = Callable[[int], None]
"""Is told how many bytes more are checked. Each counts twice: in its file, and in what it says."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file: it is damaged, or only cannot be read now (not `damaged`)."""

    file: str
    what: str
    damaged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked, and what is wrong; `articles` are the live ones, as listed. `notes` tell
    what does no harm."""

    generation: int = 0
    articles: int = 0
    files: int = 0
    nbytes: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def check_archive(folder: Path, on_progress: Callable[[float], None] = lambda _: None) -> Report:
    """Check all of the generation that counts; `on_progress` is told which share is done.

    Raises IndexBrokenError when there is no archive at all, InaccessibleError when it cannot be
    looked at now, and OtherVersionError, as opening does.
    """
    try:
        held = hold(folder)
    except (InaccessibleError, OtherVersionError):
        raise
    except IndexBrokenError as error:
        if not folder.is_dir() or not (
            POINTER_NAME in names_in(folder) or any(generations_in(folder))
        ):
            raise
        return Report(problems=(Problem(_culprit(folder), str(error)),))
    try:
        toc = held.toc
        files = toc.files()
        nbytes = sum(file.size for file in files)
        done = 0

        def counted(more: int) -> None:
            nonlocal done
            done += more
            on_progress(min(done / max(2 * nbytes, 1), 1.0))

        notes: tuple[str, ...] = ()
        if REMEMBERED_NAME in names_in(folder) and Remembered.is_damaged(folder / REMEMBERED_NAME):
            told = "is damaged, which does no harm: the next `broadsheet index` reads all files"
            notes = (f"{REMEMBERED_NAME} {told} again and writes it anew.",)
        return Report(
            generation=toc.generation,
            articles=toc.n_live,
            files=len(files) + 2,
            nbytes=nbytes,
            problems=tuple(_problems(folder, toc, counted)),
            notes=notes,
        )
    finally:
        held.release()


def _culprit(folder: Path) -> str:
    try:
        return toc_name(read_pointer(folder).generation)
    except IndexBrokenError:
        return POINTER_NAME


def _problems(folder: Path, toc: Toc, counted: Counter) -> Iterator[Problem]:
    if problem := shelf_problem(folder):
        yield Problem(SHELF_NAME, f"{problem}: restore it from a backup, or use SQLite's .recover")
    ids: list[np.ndarray] = []
    for entry in toc.segments:
        yield from segment_problems(folder, entry, len(toc.sources), ids, counted)
    if toc.aliases is not None:
        try:
            read_aliases(folder, toc.aliases)
        except IndexBrokenError as error:
            yield _problem(toc.aliases.name, error)
    if ids:
        together = np.sort(np.concatenate(ids))
        twice = together[1:][together[1:] == together[:-1]]
        if len(twice):
            yield Problem(toc_name(toc.generation), f"article {to_text(twice)[0]} is live twice")


def _problem(file: str, error: IndexBrokenError) -> Problem:
    return Problem(file, str(error), damaged=not isinstance(error, InaccessibleError))


def segment_problems(
    folder: Path,
    entry: SegmentEntry,
    n_sources: int,
    ids: list[np.ndarray] | None = None,
    counted: Counter = lambda _: None,
) -> Iterator[Problem]:
    """Yield what is wrong with a segment; when nothing is, its live ids are added to `ids`.

    Raises OtherVersionError when another version wrote it.
    """
    found = [problem for file in entry.files for problem in _file_problems(folder, file, counted)]
    live = None
    if entry.deleted is not None:
        try:
            live = read_live(folder, entry)
        except IndexBrokenError as error:
            found.append(_problem(entry.deleted.name, error))
    yield from found
    if not all(problem.damaged for problem in found):
        return  # what a read refuses would end the process when it is mapped
    try:
        segment = verify_whole(folder, entry.name, n_sources)
        if segment.n_docs != entry.articles:
            raise IndexBrokenError("it has another number of articles than listed")
        _check_articles(segment, sum(file.size for file in entry.files), counted)
    except OtherVersionError:
        raise
    except IndexBrokenError as error:
        if not found or isinstance(error, InaccessibleError):
            yield _problem(entry.files[0].name, error)
        return
    if ids is not None and not found:
        ids.append(np.array(segment.ids if live is None else segment.ids[live]))


def _file_problems(folder: Path, file: FileEntry, counted: Counter) -> Iterator[Problem]:
    try:
        check_size(folder, file)
        if file_checksum(folder / file.name, counted) != file.checksum:
            yield Problem(file.name, "its checksum is not the one it was committed with")
    except IndexBrokenError as error:
        yield _problem(file.name, error)
    except OSError as error:
        yield _problem(file.name, inaccessible(folder / file.name, error))


def _check_articles(segment: Segment, nbytes: int, counted: Counter) -> None:
    """Decode every stored article and compare it with its id and fingerprint.

    Threads share the work: most of it leaves the interpreter free. `nbytes`, those of the segment,
    are counted as its articles are.
    """
    stored = segment.stored

    def check(begin: int) -> int:
        """Check some blocks; return how many bytes that is of `nbytes`."""
        end = min(begin + _BATCH, len(stored.starts) - 1)
        for first, articles in stored.batches(begin, end):
            prints = segment.fingerprints[first : first + len(articles)].tolist()
            suspects = set(doubtful(articles))
            for doc, (article, wanted) in enumerate(zip(articles, prints, strict=True)):
                if doc in suspects or fingerprint(article) != wanted:
                    _check_article(first + doc, article, segment.ids, wanted)
        return nbytes * end // (len(stored.starts) - 1)

    with ThreadPoolExecutor(usable_processors()) as pool:
        done = 0
        try:
            for now in pool.map(check, range(0, len(stored.starts) - 1, _BATCH)):
                counted(now - done)
                done = now
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _check_article(doc: int, stored: bytes, ids: U64, wanted: int) -> None:
    (article_id,) = to_text(ids[doc : doc + 1])
    if article_from(stored).id != article_id:
        raise IndexBrokenError(f"the stored article {doc} is not {article_id}")
    if fingerprint(as_read(stored)) != wanted:
        raise IndexBrokenError(f"the stored article {article_id} is not as it was read")
