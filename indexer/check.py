"""Whether an archive is whole: every byte of every file, and what the files say of one another.

Opening checks little and quickly; this reads everything. Each problem names the file, so that the
one to restore from a backup is known. A damaged file never keeps the others from being checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.errors import IndexBrokenError
from indexer.durable import file_checksum
from indexer.generations import POINTER_NAME, generations_in, hold, read_pointer
from indexer.idmap import to_text
from indexer.opening import check_size, read_aliases, read_live
from indexer.reading import fingerprint
from indexer.remembered import REMEMBERED_NAME, Remembered
from indexer.segment import Segment
from indexer.soundness import verify_whole
from indexer.stored import article_from
from indexer.toc import FileEntry, SegmentEntry, Toc, toc_name

__all__ = ["Problem", "Report", "check_archive", "segment_problems"]

_BATCH = 256


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file."""

    file: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked, and what is wrong; `articles` are the live ones, as listed."""

    generation: int = 0
    articles: int = 0
    files: int = 0
    nbytes: int = 0
    problems: tuple[Problem, ...] = ()


def check_archive(folder: Path) -> Report:
    """Check all of the generation that counts.

    Raises IndexBrokenError when there is no archive at all.
    """
    try:
        held = hold(folder)
    except IndexBrokenError as error:
        if not folder.is_dir() or not (
            (folder / POINTER_NAME).exists() or any(generations_in(folder))
        ):
            raise
        return Report(problems=(Problem(_culprit(folder), str(error)),))
    try:
        toc = held.toc
        files = toc.files()
        return Report(
            generation=toc.generation,
            articles=sum(segment.articles - segment.n_deleted for segment in toc.segments),
            files=len(files) + 2,
            nbytes=sum(file.size for file in files),
            problems=tuple(_problems(folder, toc)),
        )
    finally:
        held.release()


def _culprit(folder: Path) -> str:
    try:
        return toc_name(read_pointer(folder).generation)
    except IndexBrokenError:
        return POINTER_NAME


def _problems(folder: Path, toc: Toc) -> Iterator[Problem]:
    ids: list[np.ndarray] = []
    for entry in toc.segments:
        found = list(segment_problems(folder, entry, len(toc.sources), ids))
        yield from found
    if toc.aliases is not None:
        yield from _file_problems(folder, toc.aliases)
        try:
            read_aliases(folder, toc.aliases)
        except IndexBrokenError as error:
            yield Problem(toc.aliases.name, str(error))
    if ids:
        together = np.sort(np.concatenate(ids))
        twice = together[1:][together[1:] == together[:-1]]
        if len(twice):
            yield Problem(toc_name(toc.generation), f"article {to_text(twice)[0]} is live twice")
    path = folder / REMEMBERED_NAME
    if path.exists() and Remembered.is_damaged(path):
        yield Problem(
            REMEMBERED_NAME,
            "is damaged, which does no harm: the next index run reads all files again",
        )


def segment_problems(
    folder: Path, entry: SegmentEntry, n_sources: int, ids: list[np.ndarray] | None = None
) -> Iterator[Problem]:
    """Yield what is wrong with a segment; when nothing is, its live ids are added to `ids`."""
    found = [problem for file in entry.files for problem in _file_problems(folder, file)]
    live = None
    if entry.deleted is not None:
        try:
            live = read_live(folder, entry)
        except IndexBrokenError as error:
            found.append(Problem(entry.deleted.name, str(error)))
    yield from found
    try:
        segment = verify_whole(folder, entry.name, n_sources)
        if segment.n_docs != entry.articles:
            raise IndexBrokenError("it has another number of articles than listed")
        _check_articles(segment)
    except IndexBrokenError as error:
        if not found:
            yield Problem(entry.files[0].name, str(error))
        return
    if ids is not None and not found:
        ids.append(np.array(segment.ids if live is None else segment.ids[live]))


def _file_problems(folder: Path, file: FileEntry) -> Iterator[Problem]:
    try:
        check_size(folder, file)
        if file_checksum(folder / file.name) != file.checksum:
            yield Problem(file.name, "its checksum is not the one it was committed with")
    except IndexBrokenError as error:
        yield Problem(file.name, str(error))
    except OSError as error:
        yield Problem(file.name, f"it cannot be read: {error.strerror}")


def _check_articles(segment: Segment) -> None:
    """Decode every stored article and compare it with its id and fingerprint."""
    for start in range(0, segment.n_docs, _BATCH):
        docs = range(start, min(start + _BATCH, segment.n_docs))
        ids = to_text(segment.ids[start : docs.stop])
        for doc, article_id, stored in zip(docs, ids, segment.stored.get(docs), strict=True):
            if article_from(stored).id != article_id:
                raise IndexBrokenError(f"the stored article {doc} is not {article_id}")
            if fingerprint(stored) != int(segment.fingerprints[doc]):
                raise IndexBrokenError(f"the stored article {article_id} is not as it was read")
