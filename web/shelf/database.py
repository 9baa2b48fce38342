"""The shelf's file: a SQLite database beside the index, its tables, and their versions.

Each use opens the file and closes it, so that threads and worker processes share nothing and a
restored file is seen at once. A write is one transaction, flushed before the answer goes out: what
a reader was told is kept stays kept, also when the process is killed.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.core.errors import BroadsheetError
from indexer.store.beside import SHELF_NAME
from web.i18n.wording import bad_request, number

_WAIT_SECONDS = 10.0

_MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE searches (
        id INTEGER PRIMARY KEY AUTOINCREMENT, reader TEXT NOT NULL, name TEXT NOT NULL,
        state TEXT NOT NULL, created INTEGER NOT NULL, looked INTEGER NOT NULL,
        UNIQUE (reader, state)
    ) STRICT;
    CREATE TABLE lists (
        id INTEGER PRIMARY KEY AUTOINCREMENT, reader TEXT NOT NULL, name TEXT NOT NULL,
        created INTEGER NOT NULL, changed INTEGER NOT NULL, share TEXT UNIQUE,
        UNIQUE (reader, name)
    ) STRICT;
    CREATE TABLE entries (
        list INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE, article TEXT NOT NULL,
        place INTEGER NOT NULL, note TEXT NOT NULL, version INTEGER NOT NULL,
        added INTEGER NOT NULL, citation TEXT NOT NULL, PRIMARY KEY (list, article)
    ) STRICT;
    CREATE INDEX entries_by_place ON entries (list, place);
    CREATE TABLE tags (
        list INTEGER NOT NULL, article TEXT NOT NULL, tag TEXT NOT NULL,
        PRIMARY KEY (list, article, tag),
        FOREIGN KEY (list, article) REFERENCES entries ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE marks (
        reader TEXT NOT NULL, article TEXT NOT NULL, read INTEGER NOT NULL,
        PRIMARY KEY (reader, article)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE searches ADD COLUMN way TEXT NOT NULL DEFAULT '';
    ALTER TABLE searches ADD COLUMN target TEXT NOT NULL DEFAULT '';
    ALTER TABLE searches ADD COLUMN rhythm TEXT NOT NULL DEFAULT 'each';
    ALTER TABLE searches ADD COLUMN secret TEXT NOT NULL DEFAULT '';
    ALTER TABLE searches ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        search INTEGER NOT NULL REFERENCES searches ON DELETE CASCADE,
        key TEXT NOT NULL UNIQUE, after INTEGER NOT NULL, until INTEGER NOT NULL,
        count INTEGER NOT NULL, articles TEXT NOT NULL, due INTEGER NOT NULL,
        attempts INTEGER NOT NULL, sent INTEGER, problem TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alerts_to_send ON alerts (due) WHERE sent IS NULL;
    CREATE INDEX alerts_of_search ON alerts (search);
    """,
)
"""What makes each version of the tables out of the one before; ``user_version`` counts them."""


class ShelfError(BroadsheetError):
    """The shelf cannot be used now; the archive can."""


class NotKeptError(BroadsheetError):
    """The reader's shelf has nothing of this id."""


class Shelf:
    """The shelf of an archive's folder. Safe to use from several threads and processes.

    The file is made when it is first written to, the folder never: where the archive was moved
    away, its place has to stay free for it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / SHELF_NAME

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the shelf for one consistent look. Raises ShelfError."""
        with self._opened() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open the shelf for one transaction, undone by what is raised. Raises ShelfError."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(
                sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            ) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA synchronous = FULL")
                _migrate(connection, self.path)
                yield connection
        except sqlite3.OperationalError as error:
            raise ShelfError(f"{self.path} cannot be used now: {error}. Try again.") from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise ShelfError(
                f"{self.path} cannot be used: {error}. See `broadsheet check`, or restore a backup."
            ) from error

    def secret(self) -> bytes:
        """Return the secret by which forms are signed, made when it is first asked for."""
        with self.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),)
            )
            found: bytes = db.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()[0]
            return found


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to this version. Raises ShelfError when they are of a later one."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        raise ShelfError(
            f"{path} was written by a later version of Broadsheet: use that version, or a backup."
        )
    if version == len(_MIGRATIONS):
        return
    _keep_a_log(connection)
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for script in _MIGRATIONS[version:]:
        for statement in script.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
    connection.execute("COMMIT")


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Turn to a write-ahead log. SQLite waits for nobody here: when another connection turns to it
    at the same moment, both would wait for each other; so it is tried again for a while."""
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


def text(value: str, name: str, most: int) -> str:
    """Return a text of several lines as it is kept. Raises BadRequestError when it is too long."""
    kept = value.replace("\r\n", "\n").replace("\0", "").strip()
    kept = kept.encode("utf-8", "replace").decode()
    if len(kept) > most:
        raise bad_request(
            "‘%(name)s’ has %(count)s characters, and %(most)s are kept: shorten it.",
            name=name,
            count=number(len(kept)),
            most=number(most),
        )
    return kept


def line(value: str, name: str, most: int) -> str:
    """Return a text as one line."""
    return " ".join(text(value, name, most).split())
