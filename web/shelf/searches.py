"""Saved searches: a name, and the address that is the whole state of a search."""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass
from time import time
from typing import NamedTuple

from flask_babel import gettext

from corpus.core.errors import BadRequestError
from web.i18n.wording import bad_request, number
from web.shelf.database import NotKeptError, line

MOST = 1_000
"""Saved searches of a reader."""

STATE = 8_000
"""Characters of a search."""

TARGET = 500
"""Characters of where alerts go to."""

TARGETS = {
    "mail": r"[^@\s,;:<>\"()\\]+@[^@\s,;:<>\"()\\]+",
    "webhook": r"https?://[^\s/@?#:\[\]]+(:[0-9]{1,4}|:[1-5][0-9]{4})?(/\S*)?",
}
"""The ways by which alerts go out, each with the pattern of its addresses."""

_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A row. `state` is the query string of the search, with its ``?``.

    `looked` is the newest time of arrival, seconds since 1970, that its reader has seen: what came
    later is new. `way` is how alerts go out, "mail", "webhook" or "" for not at all, `target` where
    to, `rhythm` "each" (generation) or "daily", `secret` signs webhooks; `checked` is the time of
    arrival up to which alerts were written down.
    """

    id: int
    reader: str
    name: str
    state: str
    created: int
    looked: int
    way: str
    target: str
    rhythm: str
    secret: str
    checked: int


def save(
    db: sqlite3.Connection, reader: str, name: str, state: str, looked: int
) -> tuple[SavedSearch, bool]:
    """Save a search; one that is there already is returned as it is. Also returns if it is new.

    Raises BadRequestError when it is too long, or there are too many.
    """
    if len(state) > STATE:
        raise bad_request(
            "The search has more than %(most)s characters: shorten it.", most=number(STATE)
        )
    name = line(name, "name", _NAME) or "*"
    row = db.execute(
        "SELECT id FROM searches WHERE reader = ? AND state = ?", (reader, state)
    ).fetchone()
    if row is not None:
        return find(db, reader, row["id"]), False
    (count,) = db.execute("SELECT count(*) FROM searches WHERE reader = ?", (reader,)).fetchone()
    if count >= MOST:
        raise bad_request(
            "There are %(most)s saved searches already: delete some.", most=number(MOST)
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
    row = db.execute("SELECT * FROM searches WHERE reader = ? AND id = ?", (reader, id_)).fetchone()
    if row is None:
        raise NotKeptError
    return SavedSearch(**row)


def change(db: sqlite3.Connection, reader: str, id_: int, name: str) -> None:
    """Rename a saved search. Raises NotKeptError and BadRequestError."""
    kept = line(name, "name", _NAME)
    if not kept:
        raise bad_request("The name is empty: give it one.")
    find(db, reader, id_)
    db.execute("UPDATE searches SET name = ? WHERE id = ?", (kept, id_))


class Alerts(NamedTuple):
    """How alerts of a search go out: see `SavedSearch`."""

    way: str
    target: str
    rhythm: str


def watch(db: sqlite3.Connection, reader: str, id_: int, alerts: Alerts, checked: int) -> None:
    """Send alerts from here on, or no longer; what came before is not told of.

    Raises NotKeptError, and BadRequestError for what is no address.
    """
    before = find(db, reader, id_)
    way, rhythm = alerts.way, alerts.rhythm
    target = line(alerts.target, "target", TARGET) if way else ""
    if way not in ("", *TARGETS) or rhythm not in ("each", "daily"):
        raise bad_request("Alerts go by mail or webhook, at once or daily.")
    if way and not re.fullmatch(TARGETS[way], target):
        raise BadRequestError(
            gettext("This is no address of mail: write name@example.org.")
            if way == "mail"
            else gettext("This is no address of a webhook: write https://…")
        )
    if not before.way:
        db.execute("UPDATE searches SET checked = ? WHERE id = ?", (checked, id_))
    db.execute(
        "UPDATE searches SET way = ?, target = ?, rhythm = ?, secret = iif(secret = '', ?, secret)"
        " WHERE id = ?",
        (way, target, rhythm, secrets.token_hex(32), id_),
    )


def problems(db: sqlite3.Connection, reader: str) -> dict[int, str]:
    """Return why the oldest alert of each search did not arrive yet."""
    rows = db.execute(
        "SELECT search, problem FROM alerts JOIN searches ON searches.id = alerts.search"
        " WHERE reader = ? AND sent IS NULL AND problem <> '' ORDER BY alerts.id DESC", (reader,)
    )  # fmt: skip
    return dict(rows.fetchall())


def look(db: sqlite3.Connection, reader: str, id_: int, until: int) -> None:
    """Remember up to which time of arrival a reader has seen what a search finds."""
    find(db, reader, id_)
    db.execute("UPDATE searches SET looked = max(looked, ?) WHERE id = ?", (until, id_))


def delete(db: sqlite3.Connection, reader: str, id_: int) -> None:
    """Delete a saved search, if there is one."""
    db.execute("DELETE FROM searches WHERE reader = ? AND id = ?", (reader, id_))
