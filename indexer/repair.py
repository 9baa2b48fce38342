"""A damaged archive made whole again from what can be read of it.

Segments that are whole are kept as they are. Of a damaged one the stored articles are taken out of
its compressed blocks, which are found by their mark and carry checksums of their own, whatever else
of the file is unreadable; they are analysed again. The result is a new generation: nothing that
could be read before is lost, and what is lost or may have come back is reported.
"""

from __future__ import annotations

import json
import mmap
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import zstandard

from corpus.article import Article
from corpus.errors import IndexBrokenError
from indexer.archive import take_lock
from indexer.backup import highest_number, next_generation
from indexer.check import segment_problems
from indexer.durable import disk_errors
from indexer.generations import POINTER_NAME, Held, generations_in, hold, refuse_foreign
from indexer.idmap import to_text
from indexer.lock import LOCK_NAME
from indexer.opening import read_live
from indexer.reading import fingerprint
from indexer.segment_file import SUFFIX
from indexer.snapshot import Settings
from indexer.soundness import open_guarded
from indexer.stored import article_from, article_json
from indexer.toc import SCHEMA, FileEntry, SegmentEntry, Toc, decode_toc, toc_name
from indexer.update import Progress
from indexer.writer import ArchiveWriter

__all__ = ["Repaired", "repair_archive"]

UNKNOWN_SOURCE = "(repaired)"
"""The source of articles of which it can no longer be told."""

_FRAME = b"\x28\xb5\x2f\xfd"
_MAX_BLOCK = 1 << 30
_BATCH = 256


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
    for generation in reversed(generations_in(folder)):
        path = folder / toc_name(generation)
        try:
            toc = decode_toc(path.read_bytes(), path)
        except (IndexBrokenError, OSError):
            continue
        if all((folder / file.name).exists() for file in toc.files()):
            return toc, losses
    refuse_foreign(folder)
    segments = tuple(
        SegmentEntry(path.stem, 0, (FileEntry(path.name, 0, "0" * 32),))
        for path in sorted(folder.glob(f"segment-*{SUFFIX}"))
    )
    now = datetime.now(UTC)
    toc = Toc(generation=0, committed=now, schema=SCHEMA, settings=Settings(), segments=segments)
    return toc, losses


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
        live = _live_articles(folder, toc, entry)
        if live is None and entry.n_deleted:
            losses.append(f"{entry.name}: articles that were deleted from it may be back")
        path = folder / (entry.name + SUFFIX)
        batch: list[tuple[str, Article, int]] = []
        for article in _stored_articles(path):
            own = fingerprint(article_json(article))
            root = UNKNOWN_SOURCE
            if live is not None:
                if (article.id, own) not in live:
                    continue
                root = live[article.id, own]
            batch.append((root, article, own))
            if len(batch) >= _BATCH:
                recovered |= _put(writer, batch, recovered)
                batch.clear()
                on_progress(Progress(len(recovered), 0, time.monotonic() - begun, path.name))
        recovered |= _put(writer, batch, recovered)
    return len(recovered)


def _put(
    writer: ArchiveWriter, batch: list[tuple[str, Article, int]], recovered: set[str]
) -> set[str]:
    """Put those that no whole segment has; of those put twice the last counts."""
    known = writer.lookup([article.id for _, article, _ in batch])
    new = set()
    for (root, article, own), stored in zip(batch, known, strict=True):
        if not stored or article.id in recovered or article.id in new:
            writer.put([article], [own], root)
            new.add(article.id)
    return new


def _live_articles(
    folder: Path, toc: Toc, entry: SegmentEntry
) -> dict[tuple[str, int], str] | None:
    """Return id and fingerprint of each live article, with its source; None when unreadable."""
    try:
        segment = open_guarded(folder, entry.name, max(len(toc.sources), 1))
        if segment.n_docs != entry.articles:
            return None
        live = read_live(folder, entry)
        docs = np.arange(segment.n_docs) if live is None else np.flatnonzero(live)
        ids = to_text(segment.ids[docs])
        fingerprints = segment.fingerprints[docs].tolist()
        roots = [toc.sources[root] for root in segment.roots[docs].tolist()]
    except (IndexBrokenError, OSError, IndexError):
        return None
    return dict(zip(zip(ids, fingerprints, strict=True), roots, strict=True))


def _stored_articles(path: Path) -> Iterator[Article]:
    """Yield the articles of every compressed block in a file that is whole."""
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return
    with content:
        at = content.find(_FRAME)
        while at >= 0:
            yield from _articles_in(_block(content, at))
            at = content.find(_FRAME, at + 1)


def _block(content: mmap.mmap, at: int) -> str:
    """Return the text of the compressed block at a place, "" when it is none or is damaged."""
    try:
        head = content[at : at + 18]
        if not 0 < zstandard.frame_content_size(head) <= _MAX_BLOCK:
            return ""
        if not zstandard.get_frame_parameters(head).has_checksum:
            return ""
        view = memoryview(content)
        try:
            decompressor = zstandard.ZstdDecompressor().decompressobj()
            return decompressor.decompress(view[at:]).decode()
        finally:
            view.release()
    except (zstandard.ZstdError, UnicodeDecodeError, MemoryError, BufferError):
        return ""


def _articles_in(text: str) -> Iterator[Article]:
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        with suppress(IndexBrokenError):
            yield article_from(text[at:end].encode())
        at = end
