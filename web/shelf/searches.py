"""Saved searches: a name, and the address that is the whole state of a search."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from time import time

from flask_babel import gettext

from corpus.errors import BadRequestError
from web.shelf.database import NotKeptError, line
from web.wording import number

__all__ = [
    "MOST", "SavedSearch", "change", "delete", "every", "find", "look", "save",
]  # fmt: skip

MOST = 5_000
"""Saved searches of a reader."""

_NAME = 200
_STATE = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A row. `state` is the query string of the search, with its ``?``.

    `looked` is the newest time of arrival, seconds since 1970, that its reader has seen: what came
    later is new.
    """

    id: int
    reader: str
    name: str
    state: str
    created: int
    looked: int


def save(
    db: sqlite3.Connection, reader: str, name: str, state: str, looked: int
) -> tuple[SavedSearch, bool]:
    """Save a search; one that is there already is returned as it is. Also returns if it is new.

    Raises BadRequestError when it is too long, or there are too many.
    """
    if len(state) > _STATE:
        raise BadRequestError(
            gettext(
                "The search has more than %(most)s characters: shorten it.", most=number(_STATE)
            )
        )
    name = line(name, "name", _NAME) or "*"
    row = db.execute(
        "SELECT id FROM searches WHERE reader = ? AND state = ?", (reader, state)
    ).fetchone()
    if row is not None:
        return find(db, reader, row["id"]), False
    (count,) = db.execute("SELECT count(*) FROM searches WHERE reader = ?", (reader,)).fetchone()
    if count >= MOST:
        raise BadRequestError(
            gettext("There are %(most)s saved searches already: delete some.", most=number(MOST))
        )
    made = db.execute(
        "INSERT INTO searches (reader, name, state, created, looked) VALUES (?, ?, ?, ?, ?)",
        (reader, name, state, int(time()), looked),
    ).lastrowid
    return find(db, reader, made or 0), True


def every(db: sqlite3.Connection, reader: str) -> list[SavedSearch]:
    """Return the saved searches of a reader, by name."""
    rows = db.execute("SELECT * FROM searches WHERE reader = ? ORDER BY name, id", (reader,))
    return [SavedSearch(**row) for row in rows]


def find(db: sqlite3.Connection, reader: str, id_: int) -> SavedSearch:
    """Return a saved search of a reader. Raises NotKeptError where there is none."""
    row = db.execute(
        "SELECT * FROM searches WHERE reader = ? AND id = ?", (reader, id_)
    ).fetchone()
    if row is None:
        raise NotKeptError
    return SavedSearch(**row)


def change(db: sqlite3.Connection, reader: str, id_: int, name: str) -> None:
    """Rename a saved search. Raises NotKeptError and BadRequestError."""
    kept = line(name, "name", _NAME)
    if not kept:
        raise BadRequestError(gettext("The name is empty: give it one."))
    find(db, reader, id_)
    db.execute("UPDATE searches SET name = ? WHERE id = ?", (kept, id_))


def look(db: sqlite3.Connection, reader: str, id_: int, until: int) -> None:
    """Remember up to which time of arrival a reader has seen what a search finds."""
    find(db, reader, id_)
    db.execute("UPDATE searches SET looked = max(looked, ?) WHERE id = ?", (until, id_))


def delete(db: sqlite3.Connection, reader: str, id_: int) -> None:
    """Delete a saved search, if there is one."""
    db.execute("DELETE FROM searches WHERE reader = ? AND id = ?", (reader, id_))
