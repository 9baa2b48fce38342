"""A damaged archive made whole again from what can be read of it.

Segments that are whole are kept as they are. Of a damaged one the stored articles are taken, each
of them proved by the checksum of its block and by its fingerprint, and analysed again; a flipped
bit in a table or an array that leads to them is mended first (`indexer.mending`), so that it costs
one block of articles at most. The result is a new generation: nothing that could be read before is
lost, and what is lost or may have come back is reported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from corpus.errors import BroadsheetError, IndexBrokenError
from indexer.archive import take_lock
from indexer.check import segment_problems
from indexer.columns import ArrayFile
from indexer.compressed_blocks import ARRAYS
from indexer.durable import disk_errors
from indexer.generations import (
    POINTER_NAME,
    Held,
    generations_in,
    highest_number,
    hold,
    next_generation,
)
from indexer.lock import LOCK_NAME
from indexer.mending import mended, mended_array_file
from indexer.opening import read_live
from indexer.reading import fingerprint
from indexer.segment import U32, U64, Strings
from indexer.segment_file import SUFFIX, segment_path
from indexer.snapshot import Settings
from indexer.stored import CompressedArticles, article_from
from indexer.toc import (
    SCHEMA,
    FileEntry,
    SegmentEntry,
    Toc,
    decode_pointer,
    decode_toc,
    toc_name,
)
from indexer.update import Progress
from indexer.writer import ArchiveWriter

__all__ = ["LEADING", "Repaired", "repair_archive"]

UNKNOWN_SOURCE = "(repaired)"
"""The source of articles of which it can no longer be told."""

_BATCH = 256
LEADING = (
    "titles/offsets", "urls/offsets", *(f"stored/{name}" for name in ARRAYS if name != "blocks"),
)  # fmt: skip
"""Arrays of which one number tells where many articles are, or how they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a repair found and did. `losses` are sentences for the user."""

    generation: int = 0
    articles: int = 0
    kept: int = 0
    recovered: int = 0
    losses: tuple[str, ...] = ()
    verdict: str = ""


def repair_archive(
    folder: Path,
    *,
    wait: float = 0.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Repaired:
    """Make a generation of all that can be read; without damage nothing is done.

    Raises IndexBrokenError when the folder holds no archive, IndexLockedError, and
    BroadsheetError when the disk refuses: the folder is then as it was.
    """
    if not folder.is_dir() or not any(_looks_like(path) for path in folder.iterdir()):
        raise IndexBrokenError(
            f"There is nothing to repair in {folder}: name the archive with --index."
        )
    lock = take_lock(folder, wait)
    writer = None
    try:
        toc, losses = _best_toc(folder)
        whole = []
        for entry in toc.segments:
            problems = list(segment_problems(folder, entry, len(toc.sources)))
            losses += [f"{problem.file}: {problem.what}" for problem in problems]
            if not problems:
                whole.append(entry)
        if not losses:
            return _sound(toc)
        damaged = [entry for entry in toc.segments if entry not in whole]
        generation = next_generation(folder) - 1
        base = replace(
            toc,
            generation=generation,
            segments=tuple(whole),
            sources=toc.sources,
            aliases=None,
            next_number=max(highest_number(folder), toc.next_number, generation) + 1,
        )
        held = Held(base, os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC))
        with disk_errors(folder):
            writer = ArchiveWriter(folder, held, lock)
            recovered = _recover(folder, toc, damaged, writer, losses, on_progress)
            number = writer.commit(always=True)
        kept = sum(entry.articles - entry.n_deleted for entry in whole)
        return Repaired(
            generation=number,
            articles=kept + recovered,
            kept=kept,
            recovered=recovered,
            losses=tuple(losses),
            verdict=_verdict(kept, recovered, _lost(damaged, recovered), number),
        )
    finally:
        if writer is not None:
            writer.close()
        lock.release()


def _looks_like(path: Path) -> bool:
    return path.name == POINTER_NAME or path.suffix in (SUFFIX, ".toc")


def _sound(toc: Toc) -> Repaired:
    articles = sum(entry.articles - entry.n_deleted for entry in toc.segments)
    return Repaired(
        generation=toc.generation,
        articles=articles,
        kept=articles,
        verdict=f"Nothing is damaged: {articles:,} articles in generation {toc.generation}.",
    )


def _lost(damaged: list[SegmentEntry], recovered: int) -> int:
    return max(0, sum(entry.articles - entry.n_deleted for entry in damaged) - recovered)


def _verdict(kept: int, recovered: int, lost: int, generation: int) -> str:
    if lost:
        end = f" {lost:,} could not be read: index their sources again, or restore a backup."
    else:
        end = " None is lost."
    return (
        f"{kept:,} articles were whole and {recovered:,} recovered, which are generation"
        f" {generation}.{end}"
    )


def _best_toc(folder: Path) -> tuple[Toc, list[str]]:
    """Return the newest table of contents that can be read, else one of all segment files."""
    losses = []
    try:
        held = hold(folder)
    except IndexBrokenError as error:
        losses.append(str(error))
    else:
        held.release()
        return held.toc, losses
    numbers = list(reversed(generations_in(folder)))
    if (pointed := _pointed(folder)) in numbers:
        numbers.remove(pointed)
        numbers.insert(0, pointed)
    for number in numbers:
        toc = _readable_toc(folder / toc_name(number))
        if toc is not None and all((folder / file.name).exists() for file in toc.files()):
            return toc, losses
    segments = tuple(
        SegmentEntry(path.stem, 0, (FileEntry(path.name, 0, "0" * 32),))
        for path in sorted(folder.glob(f"segment-*{SUFFIX}"))
    )
    if segments:
        losses.append("No table of contents can be read: what had been removed may be back")
    now = datetime.now(UTC)
    toc = Toc(generation=0, committed=now, schema=SCHEMA, settings=Settings(), segments=segments)
    return toc, losses


def _pointed(folder: Path) -> int:
    """Return the generation that the pointer names, if one bit of it is flipped at most."""
    path = folder / POINTER_NAME
    try:
        content = path.read_bytes()[:4096]
    except OSError:
        return -1
    whole = content if _accepts_pointer(content) else mended(content, _accepts_pointer)
    return -1 if whole is None else decode_pointer(whole, path).generation


def _accepts_pointer(content: bytes) -> bool:
    try:
        decode_pointer(content, Path(POINTER_NAME))
    except IndexBrokenError:
        return False
    return True


def _readable_toc(path: Path) -> Toc | None:
    """Return a table of contents, if one bit of it is flipped at most."""

    def accepts(content: bytes) -> bool:
        try:
            decode_toc(content, path)
        except IndexBrokenError:
            return False
        return True

    try:
        content = path.read_bytes()
    except OSError:
        return None
    whole = content if accepts(content) else mended(content, accepts)
    return None if whole is None else decode_toc(whole, path)


def _recover(
    folder: Path,
    toc: Toc,
    damaged: list[SegmentEntry],
    writer: ArchiveWriter,
    losses: list[str],
    on_progress: Callable[[Progress], None],
) -> int:
    """Put the stored articles of damaged segments; returns how many."""
    begun = time.monotonic()
    recovered: set[str] = set()
    for entry in damaged:
        try:
            live = read_live(folder, entry)
        except IndexBrokenError:
            live = None
            losses.append(f"{entry.name}: articles that were deleted from it may be back")
        for batch in _batches(_stored_articles(folder, toc, entry, live)):
            recovered |= _put(writer, batch, recovered)
            on_progress(Progress(len(recovered), 0, time.monotonic() - begun, entry.name))
    return len(recovered)


Found = tuple[str, Article, int]
"""An article that was read from a damaged segment: its source, itself, and its fingerprint."""


def _batches(found: Iterator[Found]) -> Iterator[list[Found]]:
    while batch := list(islice(found, _BATCH)):
        yield batch


def _put(writer: ArchiveWriter, batch: list[Found], recovered: set[str]) -> set[str]:
    """Put those that no whole segment has; of those put twice the last counts."""
    known = writer.lookup([article.id for _, article, _ in batch])
    new = set()
    for (root, article, own), stored in zip(batch, known, strict=True):
        if not stored or article.id in recovered or article.id in new:
            writer.put([article], [own], root)
            new.add(article.id)
    return new


def _stored_articles(
    folder: Path, toc: Toc, entry: SegmentEntry, live: npt.NDArray[np.bool_] | None
) -> Iterator[Found]:
    """Yield the live articles of a damaged segment that can be read and are as they were written.

    Nothing of the file is trusted: an article counts when its block has the right checksum and
    the whole of it the right fingerprint, or everything but the fingerprints is whole.
    """
    file = mended_array_file(segment_path(folder, entry.name), LEADING)
    if file is None:
        return
    try:
        articles, fingerprints, roots = _columns(file)
    except (IndexBrokenError, ValueError):
        return
    trusted = all(_whole(file, name) for name in ("ids", "titles/", "urls/", "stored/"))
    n_docs = len(fingerprints) if live is None else min(len(fingerprints), len(live))
    for doc in range(n_docs):
        if live is not None and not live[doc]:
            continue
        try:
            (stored,) = articles.get([doc])
            article = article_from(stored)
        except (BroadsheetError, ValueError, IndexError, OverflowError, MemoryError):
            continue
        own = fingerprint(stored)
        if own == int(fingerprints[doc]) or trusted:
            root = int(roots[doc]) if doc < len(roots) else -1
            yield (
                toc.sources[root] if 0 <= root < len(toc.sources) else UNKNOWN_SOURCE,
                article,
                own,
            )


def _columns(file: ArrayFile) -> tuple[CompressedArticles, U64, U32]:
    """Return the stored articles, fingerprints and sources of a damaged segment, unverified."""
    articles = CompressedArticles(
        ids=file["ids"],
        urls=Strings(file["urls/data"], file["urls/offsets"]),
        titles=Strings(file["titles/data"], file["titles/offsets"]),
        **{name: file[f"stored/{name}"] for name in ARRAYS},
    )
    return articles, file["fingerprints"], file["roots"]


def _whole(file: ArrayFile, prefix: str) -> bool:
    try:
        file.verify(prefix)
    except IndexBrokenError:
        return False
    return True
