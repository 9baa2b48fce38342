"""Files of an index folder known by their content, and the folder where originals are kept.

Whoever copies an archive about may mix names up, so `ByContent` finds a file by the size and
checksum that it was committed with. What a repaired archive does not need is linked into
``quarantine/`` before the repair counts: at no moment is there a damaged original without a name.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path

from corpus.core.errors import InaccessibleError
from indexer.store.durable import file_checksum, inaccessible, sync_file, sync_folder
from indexer.store.generations import QUARANTINE_NAME, names_in
from indexer.store.toc import FileEntry


class ByContent:
    """The plain files of a folder, and of its quarantine, found by what is in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_size: dict[int, list[Path]] = {}
        self._checksum = cache(file_checksum)
        paths = _files(folder)
        with suppress(InaccessibleError, OSError):
            for name in sorted(names_in(folder / QUARANTINE_NAME)):
                paths += _files(folder / QUARANTINE_NAME / name)
        for path in paths:
            self._by_size.setdefault(path.stat().st_size, []).append(path)

    def find(self, file: FileEntry) -> Path | None:
        """Return the file that is as it was committed, under its own name if that one is.

        Raises InaccessibleError when the one under its own name cannot be read now.
        """
        own = self._folder / file.name
        candidates = self._by_size.get(file.size, [])
        for path in sorted(candidates, key=lambda path: path != own):
            try:
                if self._checksum(path) == file.checksum:
                    return path
            except OSError as error:
                if path == own:
                    raise inaccessible(path, error) from error
        return None


def _files(folder: Path) -> list[Path]:
    """Return the plain files in a folder, in the order of their names."""
    paths = [folder / name for name in sorted(names_in(folder))]
    return [path for path in paths if stat.S_ISREG(path.lstat().st_mode)]


def link(path: Path, name: Path) -> None:
    """Give a file another name, or copy it where the file system has no links. Raises OSError."""
    try:
        os.link(path, name, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(path, name, follow_symlinks=False)
        sync_file(name)


def quarantine(folder: Path, names: Collection[str], generation: int) -> Path:
    """Give files of a folder a second name in its quarantine, durably; returns where.

    A file that is there already, because a repair was cut short, is left. Raises OSError.
    """
    place = folder / QUARANTINE_NAME / f"generation-{generation:08d}"
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        original, kept = folder / name, place / name
        while kept.exists() and not kept.samefile(original):
            kept = kept.with_name(kept.name + ".again")
        if not kept.exists():
            link(original, kept)
    for changed in (place, place.parent, folder):
        sync_folder(changed)
    return place
