"""Copies of an archive: made while it is searched and written to, and put back in its place.

A backup is an index folder like any other, of one generation, and can be searched where it is.
Every file is verified against its checksum on the way, in both directions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import xxhash

from corpus.core.errors import BroadsheetError
from indexer.store import generations
from indexer.store.beside import SHELF_NAME, copy_shelf, put_back
from indexer.store.durable import broken, disk_errors, fault_point, inaccessible, sync_folder
from indexer.store.generations import QUARANTINE_NAME
from indexer.store.opening import check_size, open_snapshot
from indexer.store.toc import FileEntry, SegmentEntry, Toc
from indexer.whoosh.archive import take_lock

_PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: the generation that it is at its destination, and how much it is.

    `shelf` says whether what readers keep came along; `shelf_before` is where the shelf is that it
    took the place of, "" for none.
    """

    generation: int
    articles: int
    nbytes: int
    shelf: bool = False
    shelf_before: str = ""


def back_up(folder: Path, destination: Path) -> Copied:
    """Copy the generation that counts to a new folder.

    Readers and a writer go on meanwhile. Raises IndexBrokenError when the archive is damaged, or
    cannot be opened (see `indexer.store.opening`), and BroadsheetError when the destination holds
    anything or cannot be written; nothing is left then.
    """
    held = generations.hold(folder)
    try:
        open_snapshot(folder, held)  # what cannot be opened here is no backup
        made = _make_empty(destination)
        try:
            with disk_errors(destination):
                for file in held.toc.files():
                    _copy(folder, destination, file, file.name)
                shelf = copy_shelf(folder, destination / SHELF_NAME)
                sync_folder(destination)
                generations.commit(destination, held.toc)
                sync_folder(destination.parent)
        except BaseException:
            with suppress(OSError):
                for path in destination.iterdir():
                    path.unlink()
                if made:
                    destination.rmdir()
            raise
        return replace(_copied(held.toc), shelf=shelf)
    finally:
        held.release()


def restore(backup: Path, folder: Path, *, wait: float = 0.0) -> Copied:
    """Make a backup the generation that counts, beside whatever is in the folder.

    What is there may be damaged, and may be in use; it goes once nobody uses it. A shelf that the
    backup has takes the place of the folder's, which is moved to its quarantine. Raises
    IndexLockedError, IndexBrokenError when the backup is damaged, and BroadsheetError.
    """
    held = generations.hold(backup)
    try:
        open_snapshot(backup, held)
        lock = take_lock(folder, wait)
        try:
            with disk_errors(folder):
                toc = _renumbered(held.toc, folder)
                for old, new in zip(held.toc.files(), toc.files(), strict=True):
                    (folder / new.name).unlink(missing_ok=True)
                    _copy(backup, folder, old, new.name)
                fault_point("restore.copied")
                aside = folder / QUARANTINE_NAME / f"shelf-before-{toc.generation:08d}.sqlite"
                before = put_back(backup, folder, aside)
                sync_folder(folder)
                generations.commit(folder, toc)
                generations.clean(folder, toc)
            return replace(
                _copied(toc), shelf=(backup / SHELF_NAME).exists(), shelf_before=str(before or "")
            )
        finally:
            lock.release()
    finally:
        held.release()


def _renumbered(toc: Toc, folder: Path) -> Toc:
    """Return the table of contents with names and a generation that are new in the folder."""
    number = generations.highest_number(folder)
    generation = generations.next_generation(folder)
    segments = []
    for segment in toc.segments:
        number += 1
        name = f"segment-{number:08d}"
        files = tuple(
            file._replace(name=name + file.name.removeprefix(segment.name))
            for file in segment.files
        )
        deleted = segment.deleted and segment.deleted._replace(
            name=f"deleted-{number:08d}-{generation:08d}.bits"
        )
        segments.append(SegmentEntry(name, segment.articles, files, deleted, segment.n_deleted))
    aliases = toc.aliases and toc.aliases._replace(name=f"aliases-{generation:08d}.pairs")
    return toc._replace(
        generation=generation,
        segments=tuple(segments),
        aliases=aliases,
        next_number=max(number, generation, toc.next_number) + 1,
    )


def _make_empty(destination: Path) -> bool:
    """Make the folder, or see that it is empty; True when it was made."""
    made = not destination.exists()
    try:
        destination.mkdir(parents=True, exist_ok=True)
        if any(destination.iterdir()):
            raise BroadsheetError(
                f"{destination} is not empty: choose a new folder for the backup."
            )
    except (FileExistsError, NotADirectoryError) as error:
        raise BroadsheetError(f"{destination} is not a folder: choose another.") from error
    except OSError as error:
        raise BroadsheetError(
            f"The folder {destination} cannot be used ({error.strerror}): choose another."
        ) from error
    return made


def _copy(source: Path, destination: Path, file: FileEntry, name: str) -> None:
    """Copy a file, flushed to the device, while verifying what was read."""
    check_size(source, file)
    digest = xxhash.xxh3_128()
    path = destination / name
    try:
        with path.open("xb") as new:
            for piece in _pieces(source / file.name):
                digest.update(piece)
                new.write(piece)
            new.flush()
            os.fsync(new.fileno())
        if digest.hexdigest() != file.checksum:
            raise broken(source / file.name, "is damaged")
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise inaccessible(path, error) from error


def _copied(toc: Toc) -> Copied:
    return Copied(toc.generation, toc.n_live, sum(file.size for file in toc.files()))
