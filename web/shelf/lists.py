"""Lists of articles: in an order of the reader's, with notes, tags and marks of what was read.

Each article is kept with its citation, so that it stays on the list when it leaves the archive.
Every statement names the reader: whoever asks for the list of another finds none.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import NamedTuple

import orjson
from flask_babel import gettext

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError
from corpus.core.wire import article_json, article_of
from web.i18n.wording import bad_request, number
from web.shelf.database import NotKeptError, line, text

MOST_LISTS = 500
MOST_ENTRIES = 10_000
"""Articles of a list."""

NOTE = 20_000
"""Characters of a note."""

NAME, TAG, TAGS = 200, 80, 30
"""Characters of a list's name and of a tag, and tags of an entry."""


class ChangedMeanwhileError(BroadsheetError):
    """A note was changed after the form with it was opened; `note` is what it says now."""

    def __init__(self, note: str, version: int) -> None:
        super().__init__(gettext("The note was changed elsewhere after this form was opened."))
        self.note = note
        self.version = version


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingList:
    """A list, with the number of its articles; `is_shared` says whether a link leads to it."""

    id: int
    reader: str
    name: str
    created: int
    changed: int
    is_shared: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article on a list. `rank` counts from 1; `cited` has what a citation needs, and no text.

    `version` counts the changes of note and tags.
    """

    article: str
    rank: int
    note: str
    tags: tuple[str, ...]
    version: int
    added: int
    is_read: bool
    cited: Article


_LISTS = """
    SELECT id, reader, name, created, changed, share IS NOT NULL AS is_shared,
           (SELECT count(*) FROM entries WHERE list = lists.id) AS count
    FROM lists
"""


def _list(row: sqlite3.Row) -> ReadingList:
    return ReadingList(**{**dict(row), "is_shared": bool(row["is_shared"])})


def create(db: sqlite3.Connection, reader: str, name: str) -> tuple[ReadingList, bool]:
    """Make a list; one of this name that is there already is returned. Also returns if it is new.

    Raises BadRequestError for a name that is empty or too long, and when there are too many.
    """
    name = _named(name)
    row = db.execute(_LISTS + "WHERE reader = ? AND name = ?", (reader, name)).fetchone()
    if row is not None:
        return _list(row), False
    (count,) = db.execute("SELECT count(*) FROM lists WHERE reader = ?", (reader,)).fetchone()
    if count >= MOST_LISTS:
        raise bad_request("There are %(most)s lists already: delete some.", most=MOST_LISTS)
    now = int(time())
    made = db.execute(
        "INSERT INTO lists (reader, name, created, changed) VALUES (?, ?, ?, ?)",
        (reader, name, now, now),
    ).lastrowid
    return find(db, reader, made or 0), True


def _named(name: str) -> str:
    kept = line(name, "name", NAME)
    if not kept:
        raise bad_request("The name is empty: give it one.")
    return kept


def every(db: sqlite3.Connection, reader: str) -> list[ReadingList]:
    """Return the lists of a reader, last changed first."""
    rows = db.execute(_LISTS + "WHERE reader = ? ORDER BY changed DESC, id DESC", (reader,))
    return [_list(row) for row in rows]


def find(db: sqlite3.Connection, reader: str, id_: int) -> ReadingList:
    """Return a list of a reader. Raises NotKeptError where the reader has none of this id."""
    row = db.execute(_LISTS + "WHERE reader = ? AND id = ?", (reader, id_)).fetchone()
    if row is None:
        raise NotKeptError
    return _list(row)


def rename(db: sqlite3.Connection, reader: str, id_: int, name: str) -> None:
    """Rename a list. Raises NotKeptError, and BadRequestError when another list has the name."""
    find(db, reader, id_)
    try:
        db.execute(
            "UPDATE lists SET name = ?, changed = ? WHERE id = ?", (_named(name), int(time()), id_)
        )
    except sqlite3.IntegrityError:
        raise bad_request("Another list has this name: choose another.") from None


def delete(db: sqlite3.Connection, reader: str, id_: int) -> None:
    """Delete a list with all that is on it, if there is one."""
    db.execute("DELETE FROM lists WHERE reader = ? AND id = ?", (reader, id_))


def add(db: sqlite3.Connection, reader: str, id_: int, articles: Iterable[Article]) -> int:
    """Put articles at the end of a list; return how many of them were not on it already.

    Raises NotKeptError, and BadRequestError when the list would have too many.
    """
    before = find(db, reader, id_)
    (place,) = db.execute(
        "SELECT coalesce(max(place), 0) FROM entries WHERE list = ?", (id_,)
    ).fetchone()
    now = int(time())
    db.executemany(
        "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, '', 0, ?, ?)",
        (
            (id_, article.id, place + at, now, _cited(article))
            for at, article in enumerate(articles, 1)
        ),
    )
    after = find(db, reader, id_)
    if after.count > MOST_ENTRIES:
        raise bad_request(
            "A list has room for %(most)s articles, and this would be %(count)s: choose fewer, "
            "or another list.",
            most=number(MOST_ENTRIES),
            count=number(after.count),
        )
    if after.count > before.count:
        _touch(db, id_)
    return after.count - before.count


def _touch(db: sqlite3.Connection, id_: int) -> None:
    db.execute("UPDATE lists SET changed = ? WHERE id = ?", (int(time()), id_))


def _cited(article: Article) -> str:
    """Return what a citation needs of an article, as the JSON of an article without its text."""
    short = Article(
        id=article.id, title=article.title, authors=article.authors, source=article.source,
        published=article.published, updated=article.updated, url=article.url,
        section=article.section, place=article.place, language=article.language,
    )  # fmt: skip
    return article_json(short).decode()


_ENTRIES = """
    SELECT article, note, version, added, citation, rank,
           EXISTS (SELECT 1 FROM marks WHERE marks.reader = :reader
                   AND marks.article = ranked.article) AS is_read
    FROM (SELECT *, row_number() OVER (ORDER BY place) AS rank FROM entries WHERE list = :list)
         AS ranked
"""


def _where(tag: str, unread: bool, article: str = "") -> str:
    conditions = ["1"]
    if tag:
        conditions.append(
            "EXISTS (SELECT 1 FROM tags WHERE tags.list = :list AND tags.article = ranked.article"
            " AND tag = :tag)"
        )
    if unread:
        conditions.append("NOT is_read")
    if article:
        conditions.append("article = :article")
    return " AND ".join(conditions)


def count(
    db: sqlite3.Connection, reader: str, id_: int, *, tag: str = "", unread: bool = False
) -> int:
    """Return how many articles `entries` has."""
    row = db.execute(
        f"SELECT count(*) FROM ({_ENTRIES} WHERE {_where(tag, unread)})",
        {"reader": reader, "list": id_, "tag": tag},
    ).fetchone()
    found: int = row[0]
    return found


def entries(
    db: sqlite3.Connection, reader: str, id_: int, *, offset: int = 0, size: int = -1,
    tag: str = "", unread: bool = False, article: str = "",
) -> list[Entry]:  # fmt: skip
    """Return articles of a list in its order, all or a page of them, or one; `size` -1 is all.

    `tag` and `unread` keep those with a tag, and those without a mark. The list is the caller's to
    have found: `reader` is whose marks are looked at.
    """
    rows = db.execute(
        f"{_ENTRIES} WHERE {_where(tag, unread, article)} ORDER BY rank LIMIT :size OFFSET :offset",
        {"reader": reader, "list": id_, "tag": tag, "article": article, "size": size,
         "offset": offset},
    ).fetchall()  # fmt: skip
    tags = _tags(db, id_, [row["article"] for row in rows])
    return [_entry(row, tags.get(row["article"], ())) for row in rows]


def _entry(row: sqlite3.Row, tags: tuple[str, ...]) -> Entry:
    return Entry(
        article=row["article"], rank=row["rank"], note=row["note"], tags=tags,
        version=row["version"], added=row["added"], is_read=bool(row["is_read"]),
        cited=article_of(orjson.loads(row["citation"])),
    )  # fmt: skip


def _tags(
    db: sqlite3.Connection, id_: int, articles: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = db.execute(
        "SELECT article, tag FROM tags WHERE list = ? AND article IN (SELECT value FROM"
        " json_each(?)) ORDER BY tag",
        (id_, orjson.dumps(articles).decode()),
    )
    for article, tag in rows:
        found[article] = (*found.get(article, ()), tag)
    return found


def tags_of(db: sqlite3.Connection, id_: int) -> list[tuple[str, int]]:
    """Return the tags of a list, each with the number of its articles."""
    rows = db.execute(
        "SELECT tag, count(*) FROM tags WHERE list = ? GROUP BY tag ORDER BY tag", (id_,)
    )
    return [(tag, count) for tag, count in rows]


class Annotation(NamedTuple):
    """A note and tags, and the version of those that they are to replace, None for any."""

    note: str
    tags: Iterable[str]
    version: int | None = None


def annotate(db: sqlite3.Connection, reader: str, id_: int, article: str, said: Annotation) -> None:
    """Keep a note and tags; with a version only when they are as they were then.

    Raises NotKeptError, BadRequestError, and ChangedMeanwhileError, with which nothing is changed.
    """
    found = _one(db, reader, id_, article)
    kept_note = text(said.note, "note", NOTE)
    named = dict.fromkeys(line(tag, "tag", TAG) for tag in said.tags)
    kept_tags = sorted(tag for tag in named if tag)
    if len(kept_tags) > TAGS:
        raise bad_request("An article has at most %(most)s tags of yours: drop some.", most=TAGS)
    if (kept_note, tuple(kept_tags)) == (found.note, found.tags):
        return
    if said.version is not None and said.version != found.version:
        raise ChangedMeanwhileError(found.note, found.version)
    db.execute(
        "UPDATE entries SET note = ?, version = version + 1 WHERE list = ? AND article = ?",
        (kept_note, id_, article),
    )
    db.execute("DELETE FROM tags WHERE list = ? AND article = ?", (id_, article))
    db.executemany("INSERT INTO tags VALUES (?, ?, ?)", ((id_, article, t) for t in kept_tags))
    _touch(db, id_)


def _one(db: sqlite3.Connection, reader: str, id_: int, article: str) -> Entry:
    find(db, reader, id_)
    found = entries(db, reader, id_, article=article) if article else []
    if not found:
        raise NotKeptError
    return found[0]


def move(db: sqlite3.Connection, reader: str, id_: int, article: str, rank: int) -> None:
    """Move an article to a rank, counted from 1; beyond the end is the end. Raises NotKeptError."""
    _one(db, reader, id_, article)
    order = [
        row[0]
        for row in db.execute("SELECT article FROM entries WHERE list = ? ORDER BY place", (id_,))
    ]
    order.remove(article)
    order.insert(max(rank, 1) - 1, article)
    db.executemany(
        "UPDATE entries SET place = ? WHERE list = ? AND article = ? AND place <> ?",
        ((place, id_, each, place) for place, each in enumerate(order, 1)),
    )
    _touch(db, id_)


def remove(db: sqlite3.Connection, reader: str, id_: int, article: str) -> None:
    """Take an article off a list, with its note and tags, if it is there. Raises NotKeptError."""
    find(db, reader, id_)
    db.execute("DELETE FROM entries WHERE list = ? AND article = ?", (id_, article))
    _touch(db, id_)


def mark(db: sqlite3.Connection, reader: str, article: str, *, is_read: bool) -> None:
    """Mark an article as read, or no longer."""
    if is_read:
        db.execute("INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", (reader, article, int(time())))
    else:
        db.execute("DELETE FROM marks WHERE reader = ? AND article = ?", (reader, article))


def share(db: sqlite3.Connection, reader: str, id_: int) -> str:
    """Return a new token by which the list can be read; the one before is no longer good.

    Only its digest is kept: whoever reads the file cannot follow the link.
    """
    find(db, reader, id_)
    token = secrets.token_urlsafe(24)
    db.execute("UPDATE lists SET share = ? WHERE id = ?", (_digest(token), id_))
    return token


def unshare(db: sqlite3.Connection, reader: str, id_: int) -> None:
    """Let no link lead to a list any more. Raises NotKeptError."""
    find(db, reader, id_)
    db.execute("UPDATE lists SET share = NULL WHERE id = ?", (id_,))


def shared(db: sqlite3.Connection, token: str) -> ReadingList:
    """Return the list that a token leads to. Raises NotKeptError."""
    row = db.execute(_LISTS + "WHERE share = ?", (_digest(token),)).fetchone()
    if row is None:
        raise NotKeptError
    return _list(row)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
