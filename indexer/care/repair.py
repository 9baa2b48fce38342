"""A damaged archive made whole again from what can be read of it; nothing is ever removed.

Only what is damaged is repaired. Where something cannot be read now, or was written by another
version, nothing is done: it may be whole. Segments are known by their content, whatever their
names. Those that are whole are kept as they are; of a damaged one the stored articles are taken,
each of them proved (`indexer.care.salvage`), and analysed again. The result is a new generation;
the originals of all that it does not need are moved to the folder's quarantine, and what is lost,
or may have come back, is reported.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from corpus.core.errors import InaccessibleError, IndexBrokenError, OtherVersionError
from corpus.core.gate import admit
from corpus.core.wire import article_json
from indexer.care.check import segment_problems
from indexer.care.quarantine import ByContent, link, quarantine
from indexer.care.salvage import LostArticle, Salvage, Saved, mended
from indexer.segment.file import SUFFIX
from indexer.store import generations
from indexer.store import toc as contents
from indexer.store.durable import disk_errors, inaccessible
from indexer.store.generations import POINTER_NAME, QUARANTINE_NAME, GenerationLease
from indexer.store.lock import LOCK_NAME
from indexer.store.opening import read_live
from indexer.store.snapshot import Settings
from indexer.update.file_manifest import REMEMBERED_NAME
from indexer.update.reading import fingerprint
from indexer.update.update import Progress
from indexer.whoosh.archive import take_lock
from indexer.write.writer import ArchiveWriter

T = TypeVar("T")

_BATCH = 256
_SEGMENT = re.compile(r"(segment-([0-9]{8,18}))\.segment")
_STAYING = frozenset((LOCK_NAME, REMEMBERED_NAME, QUARANTINE_NAME))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a repair found and did. `losses` are sentences for the user.

    `lost` are the articles that could not be read, `unknown` the files that do not even tell how
    many they had, `quarantine` the folder that the originals are in, "" when nothing was damaged.
    """

    generation: int = 0
    articles: int = 0
    kept: int = 0
    recovered: int = 0
    losses: tuple[str, ...] = ()
    lost: tuple[LostArticle, ...] = ()
    unknown: tuple[str, ...] = ()
    quarantine: str = ""
    verdict: str = ""

    @property
    def complete(self) -> bool:
        """Whether no article is lost."""
        return not self.lost and not self.unknown


def repair_archive(
    folder: Path, *, wait: float = 0.0, on_progress: Callable[[Progress], None] = lambda _: None
) -> Repaired:
    """Make a generation of all that can be read; without damage nothing is done.

    Raises IndexBrokenError when the folder holds no archive, InaccessibleError when a part of it
    cannot be read now, OtherVersionError, IndexLockedError, and BroadsheetError when the disk
    refuses: the archive is then as it was.
    """
    names = map(Path, generations.names_in(folder) if folder.is_dir() else ())
    if not any(one.name == POINTER_NAME or one.suffix in (SUFFIX, ".toc") for one in names):
        raise IndexBrokenError(
            f"There is nothing to repair in {folder}: name the archive with --index."
        )
    lock = take_lock(folder, wait)
    writer = None
    try:
        originals = {
            name for name in generations.names_in(folder) if generations.is_ours(name)
        } - _STAYING
        try:
            survey = _survey(folder)
        except OSError as error:
            raise inaccessible(folder, error) from error
        if not survey.losses:
            return _sound(survey.toc)
        generation = generations.next_generation(folder) - 1
        with disk_errors(folder):
            base = _base(folder, survey, generation)
            held = GenerationLease(base, os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC))
            writer = ArchiveWriter(folder, held, lock)
            recovered = _recover(folder, survey, writer, on_progress)
            place = quarantine(folder, _unneeded(folder, originals, base), generation + 1)
            number = writer.commit(always=True)
        kept = base.n_live
        result = Repaired(
            generation=number,
            articles=kept + recovered,
            kept=kept,
            recovered=recovered,
            losses=tuple(survey.losses),
            lost=tuple(survey.lost),
            unknown=tuple(survey.unknown),
            quarantine=str(place),
        )
        return replace(result, verdict=_verdict(result))
    finally:
        if writer is not None:
            writer.close()
        lock.release()


def _sound(toc: contents.Toc) -> Repaired:
    verdict = f"Nothing is damaged: {toc.n_live:,} articles in generation {toc.generation}."
    return Repaired(
        generation=toc.generation, articles=toc.n_live, kept=toc.n_live, verdict=verdict
    )


def _verdict(result: Repaired) -> str:
    lost = [f"{len(result.lost):,}"] if result.lost else []
    lost += [f"what was in {', '.join(result.unknown)}"] if result.unknown else []
    told = " and ".join(lost)
    advice = "could not be read: index their sources again, or restore a backup."
    end = f"{told[:1].upper()}{told[1:]} {advice}" if lost else "None is lost."
    return (
        f"{result.kept:,} articles were whole and {result.recovered:,} recovered, which are"
        f" generation {result.generation}. {end} The originals of what was damaged are in"
        f" {result.quarantine}: keep them until you miss nothing."
    )


@dataclass(slots=True)
class _Survey:
    """What is in a folder: segments that are whole, by the file that each is in, and damaged ones.

    `lost` and `unknown` are filled by `_recover`.
    """

    toc: contents.Toc
    losses: list[str]
    whole: list[tuple[contents.SegmentEntry, Path]]
    damaged: list[contents.SegmentEntry]
    lost: list[LostArticle]
    unknown: list[str]


def _survey(folder: Path) -> _Survey:
    """Look at everything. Raises InaccessibleError and OtherVersionError; changes nothing."""
    toc, losses = _best_toc(folder)
    found = _Survey(toc, losses, [], [], [], [])
    files = ByContent(folder)
    if toc.aliases is not None and files.find(toc.aliases) is None:
        losses.append(f"{toc.aliases.name}: which articles are versions of one story may be lost")
        found.toc = toc._replace(aliases=None)
    for entry in toc.segments:
        problems = list(segment_problems(folder, entry, len(toc.sources)))
        for problem in problems:
            if not problem.damaged:
                raise InaccessibleError(f"Nothing was repaired: {problem.what}")
        if not problems:
            found.whole.append((entry, folder / entry.files[0].name))
        elif (path := _elsewhere(entry, files)) is not None:
            losses.append(f"{path.name}: it is {entry.name}, under a name that is not its own")
            found.whole.append((entry, path))
        else:
            losses += [f"{problem.file}: {problem.what}" for problem in problems]
            found.damaged.append(entry)
    return found


def _elsewhere(entry: contents.SegmentEntry, files: ByContent) -> Path | None:
    """Return the file that a segment is in, whole, whatever its name is."""
    if entry.deleted is not None and files.find(entry.deleted) is None:
        return None
    (file, *_) = entry.files
    return files.find(file)


def _base(folder: Path, survey: _Survey, generation: int) -> contents.Toc:
    """Return the generation to begin from, of all that is whole; files under names that are not
    theirs are given new ones. Raises OSError."""
    number = max(generations.highest_number(folder), survey.toc.next_number, generation) + 1
    files = ByContent(folder)
    segments = []
    for entry, path in survey.whole:
        if path != folder / entry.files[0].name:
            name = f"segment-{number:08d}"
            link(path, folder / f"{name}{SUFFIX}")
            file = entry.files[0]._replace(name=f"{name}{SUFFIX}")
            entry = entry._replace(name=name, files=(file,))
        segments.append(entry._replace(deleted=_in_place(folder, files, entry.deleted, number)))
        number += 1
    return survey.toc._replace(
        generation=generation,
        segments=tuple(segments),
        aliases=_in_place(folder, files, survey.toc.aliases, number),
        next_number=number + 1,
    )


def _in_place(
    folder: Path, files: ByContent, file: contents.FileEntry | None, number: int
) -> contents.FileEntry | None:
    """Return the line of a small file, which is given a new name when it has not its own."""
    path = None if file is None else files.find(file)
    if file is None or path is None or path.name == file.name:
        return file
    kind, ending = file.name.partition("-")[0], file.name.rpartition(".")[2]
    named = file._replace(name=f"{kind}-{number:08d}-found.{ending}")
    link(path, folder / named.name)
    return named


def _unneeded(folder: Path, originals: set[str], base: contents.Toc) -> list[str]:
    """Return the originals of which the repaired archive has not the very file."""
    needed = {(folder / file.name).stat().st_ino for file in base.files()}
    unneeded = []
    for name in sorted(originals):
        found = (folder / name).lstat()
        if name.startswith(_KEPT) and not stat.S_ISDIR(found.st_mode):
            unneeded += [name] if found.st_ino not in needed else []
    return unneeded


_KEPT = (POINTER_NAME, "generation-", "segment-", "deleted-", "aliases-")


def _best_toc(folder: Path) -> tuple[contents.Toc, list[str]]:
    """Return the table of contents that counts, if one bit of it is flipped at most, else the
    newest that can be read, else one of all segment files; and what was wrong.

    Raises InaccessibleError and OtherVersionError.
    """
    try:
        return generations.current(folder), []
    except (InaccessibleError, OtherVersionError):
        raise
    except IndexBrokenError as error:
        losses = [str(error)]
    pointer = _decoded(folder / POINTER_NAME, contents.decode_pointer)
    pointed = pointer.generation if pointer else -1
    numbers = generations.generations_in(folder)
    for number in sorted(numbers, key=lambda number: (number != pointed, -number)):
        toc = _decoded(folder / contents.toc_name(number), contents.decode_toc)
        if toc is None:
            continue
        if number == pointed or all((folder / file.name).exists() for file in toc.files()):
            generations.refuse_other_schema(folder, toc)
            newer = () if number == pointed else _unlisted(folder, toc.next_number)
            if newer:
                losses.append(
                    f"The table of contents after generation {number} cannot be read: of the"
                    " segments written since, what had been removed may be back"
                )
            return toc._replace(segments=(*toc.segments, *newer)), losses
    segments = _unlisted(folder, 0)
    if segments:
        losses.append("No table of contents can be read: what had been removed may be back")
    now = datetime.now(UTC)
    toc = contents.Toc(
        generation=0, committed=now, schema=contents.SCHEMA, settings=Settings(), segments=segments
    )
    return toc, losses


def _unlisted(folder: Path, least: int) -> tuple[contents.SegmentEntry, ...]:
    """Return lines for the segments from a number on, of which nothing lists anything."""
    found = (_SEGMENT.fullmatch(name) for name in sorted(generations.names_in(folder)))
    return tuple(
        contents.SegmentEntry(match[1], 0, (contents.FileEntry(match[0], 0, "0" * 32),))
        for match in found
        if match and int(match[2]) >= least
    )


def _decoded(path: Path, decode: Callable[[bytes, Path], T]) -> T | None:
    """Return what a small file says, if one bit of it is flipped at most; None where it is missing
    or says nothing. Raises InaccessibleError."""

    def decoded(content: bytes) -> T | None:
        with suppress(IndexBrokenError):
            return decode(content, path)
        return None

    try:
        with path.open("rb") as file:
            content = file.read(contents.MAX_TOC_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise inaccessible(path, error) from error
    return decoded(content) or decoded(mended(content, lambda one: bool(decoded(one))) or b"")


def _recover(
    folder: Path, survey: _Survey, writer: ArchiveWriter, on_progress: Callable[[Progress], None]
) -> int:
    """Put the stored articles of damaged segments; returns how many."""
    begun = time.monotonic()
    recovered: set[str] = set()
    for entry in survey.damaged:
        try:
            live = read_live(folder, entry)
        except InaccessibleError:
            raise
        except IndexBrokenError:
            live = None
            survey.losses.append(f"{entry.name}: articles that were deleted from it may be back")
        unlisted = not entry.files[0].size  # see `_unlisted`
        listed = None if unlisted else entry.articles - entry.n_deleted
        path = folder / entry.files[0].name
        salvage = Salvage(path, survey.toc.sources, live, listed)
        timeless = 0
        saved = salvage.articles()
        while batch := list(islice(saved, _BATCH)):
            timeless += sum(one.added is None for one in batch)
            recovered |= _put(writer, batch, recovered, newest=listed is None)
            on_progress(Progress(len(recovered), 0, time.monotonic() - begun, entry.name))
        if timeless:
            survey.losses.append(
                f"{path.name}: when its articles came cannot be read: they count as new"
            )
        survey.lost += salvage.lost
        survey.unknown += [path.name] if salvage.unknown else []
    survey.lost[:] = [one for one in survey.lost if not one.id or not any(writer.lookup([one.id]))]
    return len(recovered)


def _put(
    writer: ArchiveWriter, batch: list[Saved], recovered: set[str], *, newest: bool
) -> set[str]:
    """Put those that no whole segment has, or, of `newest` ones, not as they are; of those put
    twice the last counts."""
    known = writer.lookup([one.article.id for one in batch])
    new = set()
    for one, stored in zip(batch, known, strict=True):
        missing = stored != one.fingerprint if newest else not stored
        if missing or one.article.id in recovered or one.article.id in new:
            article, changed = admit(one.article)
            own = fingerprint(article_json(article)) if changed else one.fingerprint
            writer.put([article], [own], one.source)
            if one.added is not None:
                writer.came(article.id, one.added)
            new.add(one.article.id)
    return new
