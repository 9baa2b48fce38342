"""What readers write, kept beside the generations: a SQLite file that lives through all of them.

Its tables are `web.shelf.database`'s. Here it is only a file of the archive's folder: no commit,
clean or repair touches it, a check reads it, a backup takes it along and a restore puts it back.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from corpus.core.errors import BroadsheetError
from indexer.store.durable import sync_folder

if TYPE_CHECKING:
    import sqlite3

SHELF_NAME = "shelf.sqlite"

SHELF_NAMES = frozenset((SHELF_NAME, f"{SHELF_NAME}-wal", f"{SHELF_NAME}-shm"))
"""The file, and those that SQLite has beside it while it is open."""

_WAIT_SECONDS = 10.0


def _open(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database by URI: ``mode=rw`` makes none, and reads where nobody may write."""
    if mode == "rw" and not os.access(path.parent, os.W_OK):
        mode = "ro&immutable=1"
    import sqlite3  # which a query does not need

    return sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?mode={mode}", uri=True, timeout=_WAIT_SECONDS
    )


def shelf_problem(folder: Path) -> str:
    """Return what is wrong with the shelf of an archive; "" when nothing is, or there is none."""
    import sqlite3

    path = folder / SHELF_NAME
    if not path.exists():
        return ""
    try:
        with closing(_open(path, "rw")) as shelf:
            found = [row[0] for row in shelf.execute("PRAGMA quick_check(3)")]
            orphans = shelf.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return f"it cannot be read ({error})"
    if found != ["ok"]:
        return f"it is damaged ({found[0]})"
    return "rows of it belong to nothing" if orphans else ""


def copy_shelf(folder: Path, destination: Path) -> bool:
    """Copy an archive's shelf, as it is now, to a file of another folder; False if it has none.

    It may be in use. Raises BroadsheetError when it is damaged, or cannot be copied.
    """
    import sqlite3

    if not (folder / SHELF_NAME).exists():
        return False
    if problem := shelf_problem(folder):
        raise BroadsheetError(
            f"{folder / SHELF_NAME} was not copied: {problem}. Put it right with SQLite's own"
            " .recover, or move it out of the folder, then try again."
        )
    try:
        with closing(_open(folder / SHELF_NAME, "rw")) as old:
            _replace(old, destination)
    except sqlite3.Error as error:
        raise BroadsheetError(f"{folder / SHELF_NAME} cannot be copied: {error}.") from error
    sync_folder(destination.parent)
    return True


def put_back(backup: Path, folder: Path, aside: Path) -> Path | None:
    """Put a backup's shelf in the place of an archive's, in one transaction, also while it is open.

    What was there before is kept as the file `aside`, which is returned; None when there was
    nothing. A backup without a shelf changes nothing.
    """
    if not (backup / SHELF_NAME).exists():
        return None
    path = folder / SHELF_NAME
    before = None
    if path.exists():
        aside.parent.mkdir(exist_ok=True)
        if shelf_problem(folder):
            for name in SHELF_NAMES:
                if (folder / name).exists():
                    (folder / name).rename(aside.with_name(aside.name + name[len(SHELF_NAME) :]))
        else:
            copy_shelf(folder, aside)
        before = aside
    copy_shelf(backup, path)
    return before


def _replace(old: sqlite3.Connection, destination: Path) -> None:
    """Make a database the same as another one, in one transaction."""
    with closing(_open(destination, "rwc")) as new:
        new.execute("PRAGMA synchronous = FULL")
        old.backup(new)
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
