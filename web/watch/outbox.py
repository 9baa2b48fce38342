"""The outbox: alerts are written down before they are sent, and stay until they have arrived.

One transaction writes an alert and how far the search was looked through, so that neither is there
without the other. A message goes out, then it is marked as sent; a process that dies in between
sends it again, with the same key, by which the receiver knows it. Who sends claims the alert for a
few minutes, so that of several processes one does. What was refused is tried again, ever later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from uuid import uuid4

import orjson

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError
from search.engine import Engine
from search.request import Request
from web.addresses import read_query
from web.config import WebConfig
from web.shelf.database import Shelf
from web.watch import reasons
from web.watch.matching import Matches

_log = logging.getLogger("broadsheet.watch")

CHUNK = 5_000
"""New articles that are looked at together."""

_DAY = 86_400
_CLAIM_SECONDS = 300
_FIRST_WAIT = 60
_LONGEST_WAIT = 6 * 3600
_KEPT_SECONDS = 30 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is sent: `count` articles came after a time, up to another, that a search finds.

    `key` is the same however often it is sent. `articles` are the ids of the newest.
    """

    id: int
    key: str
    name: str
    state: str
    way: str
    target: str
    secret: str
    after: int
    until: int
    count: int
    articles: tuple[str, ...]
    attempts: int


def look_through(shelf: Shelf, engine: Engine) -> int:
    """Write down the alerts on what came since each search was looked through; return how many.

    Searches of a daily rhythm wait until a day has gone by. Raises BroadsheetError.
    """
    if not shelf.path.exists():
        return 0
    with shelf.reading() as db:
        watching = db.execute("SELECT 1 FROM searches WHERE way <> '' LIMIT 1").fetchone()
    if watching is None:
        return 0
    status = engine.status()
    last, written = status.arrived, 0
    with shelf.reading() as db:
        rows = db.execute(
            "SELECT id, state, checked FROM searches WHERE way <> '' AND checked < ? AND"
            " (rhythm <> 'daily' OR checked <= ?) ORDER BY checked",
            (last, int(time.time()) - _DAY),
        ).fetchall()
    for checked, group in groupby(rows, key=lambda row: row["checked"]):
        searches = [(row["id"], asked) for row in group if (asked := _request(row["state"]))]
        if not searches:
            continue
        matches, came = Matches(searches, engine), checked
        batch: list[tuple[int, Article]] = []
        for at, article in engine.newcomers(checked, last):
            if len(batch) >= CHUNK:
                matches.look(batch)
                batch = []
                if at != came:  # those that came together are never parted
                    written += _write_down(shelf, searches, checked, came, matches.found())
                    matches, checked = Matches(searches, engine), came
            batch.append((at, article))
            came = at
        if batch:
            matches.look(batch)
        written += _write_down(shelf, searches, checked, last, matches.found())
    return written


def _request(state: str) -> Request | None:
    try:
        return read_query(state, WebConfig())
    except BroadsheetError:  # no longer a search, after a change of version
        return None


def _write_down(
    shelf: Shelf,
    searches: list[tuple[int, Request]],
    after: int,
    until: int,
    found: dict[int, tuple[int, tuple[str, ...]]],
) -> int:
    """Write alerts, and up to where was looked, of the searches that nobody else did meanwhile."""
    now, written = int(time.time()), 0
    with shelf.writing() as db:
        for number, _ in searches:
            moved = db.execute(
                "UPDATE searches SET checked = ? WHERE id = ? AND checked = ? AND way <> ''",
                (until, number, after),
            ).rowcount
            if moved and number in found:
                count, ids = found[number]
                db.execute(
                    "INSERT INTO alerts (search, key, after, until, count, articles, due, attempts,"
                    " problem) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')",
                    (number, uuid4().hex, after, until, count, orjson.dumps(ids).decode(), now),
                )
                written += 1
        db.execute("DELETE FROM alerts WHERE sent < ?", (now - _KEPT_SECONDS,))
    return written


def send_due(shelf: Shelf, send: Callable[[Alert], None]) -> int:
    """Send what is due, and return how many alerts went out.

    Whatever `send` raises says why an alert did not arrive, and holds up no other.
    """
    sent = 0
    while (alert := _claim(shelf)) is not None:
        try:
            send(alert)
        except Exception as error:
            wait = min(_FIRST_WAIT * 2**alert.attempts, _LONGEST_WAIT)
            _log.warning("alert %s did not arrive, and is sent again: %s", alert.key, error)
            with shelf.writing() as db:
                db.execute(
                    "UPDATE alerts SET attempts = attempts + 1, due = ?, problem = ? WHERE id = ?",
                    (int(time.time()) + wait, reasons.kept(error), alert.id),
                )
            continue
        sent += 1
        with shelf.writing() as db:
            db.execute(
                "UPDATE alerts SET sent = ?, problem = '' WHERE id = ?",
                (int(time.time()), alert.id),
            )
    return sent


def _claim(shelf: Shelf) -> Alert | None:
    """Return the alert that is due for longest, which nobody else takes for some minutes."""
    if not shelf.path.exists():
        return None
    now = int(time.time())
    with shelf.reading() as db:
        if db.execute(_DUE, (now,)).fetchone() is None:
            return None
    with shelf.writing() as db:
        row = db.execute(_DUE, (now,)).fetchone()
        if row is None:
            return None
        db.execute("UPDATE alerts SET due = ? WHERE id = ?", (now + _CLAIM_SECONDS, row["id"]))
        return Alert(**{**dict(row), "articles": tuple(orjson.loads(row["articles"]))})


_DUE = """
    SELECT alerts.id, key, name, state, way, target, secret, after, until, count, articles,
           attempts
    FROM alerts JOIN searches ON searches.id = alerts.search
    WHERE sent IS NULL AND due <= ? AND way <> '' ORDER BY due, alerts.id LIMIT 1
"""
