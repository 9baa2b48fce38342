"""A list to take away: as a file, as a feed, as a dossier to print; and read by whoever has a link.

A link shows a list as it is at the moment, with its notes, and changes nothing. It leads nobody
into an archive who may not read it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from flask import Blueprint, Response, request
from flask_babel import gettext

from corpus.core.article import Article
from corpus.core.stated_date import StatedDate
from search.exports.citations import plain as cited_in_words
from search.exports.exports import FORMATS, file_name
from search.request import Request
from web.addresses import query_string, read_number, site_root
from web.feeds.feeds import atom_feed, feed_of_items, item_of, streamed
from web.i18n.wording import day_label
from web.security.problems import Missing
from web.shelf import lists
from web.shelf.database import NotKeptError
from web.shelf.lists import Entry, ReadingList
from web.shelf.pages import PAGE, entry_views
from web.shelf.reader import reader, shelf
from web.site import site
from web.templating import rendered
from web.views.articles import read
from web.views.results import page_links

blueprint = Blueprint("taking", __name__)

_NEWEST = 30
_DOSSIER = 100
"""Articles of one part of a dossier."""


def _held(list_id: int = 0, token: str = "") -> tuple[ReadingList, list[Entry]]:
    """Return a list of the reader's own, or the one that a link leads to, with all its articles.

    Raises Missing.
    """
    try:
        with shelf().reading() as db:
            if token:
                found = lists.shared(db, token)
                # Marks are those of who keeps the list, and not shown.
                return found, lists.entries(db, "", found.id)
            found = lists.find(db, reader(), list_id)
            return found, lists.entries(db, found.reader, found.id)
    except NotKeptError:
        raise Missing(
            gettext("There is no list at this address. It may be deleted, or its link revoked.")
        ) from None


@blueprint.get("/shared/<token>")
def show(token: str) -> Response:
    """Answer with a list to whoever has its link."""
    list_, every = _held(token=token)
    position = read_number(request.args, "page", 1, lists.MOST_ENTRIES)
    last = max(-(-len(every) // PAGE), 1)
    return rendered(
        "shelf/shared.html", request_=Request(), list=list_, position=position, last=last,
        entries=entry_views(every[(position - 1) * PAGE : position * PAGE]),
        pages=page_links(position, last) if last > 1 else (), turn="?page=",
    )  # fmt: skip


@blueprint.get("/shelf/lists/<int:list_id>/export.<name>")
@blueprint.get("/shared/<token>/export.<name>")
def export(name: str, list_id: int = 0, token: str = "") -> Response:
    """Answer with a list as a file, in its order, with notes and tags."""
    if name not in FORMATS:
        raise Missing(gettext("There is no export in this form: take csv, jsonl, ris or bib."))
    list_, every = _held(list_id, token)
    called = file_name(Request(text=list_.name), name, site().today().isoformat())
    notes = {entry.article: (entry.note, entry.tags) for entry in every}
    engine = site().engine  # the file is written after the request's end
    return streamed(
        name, lambda: (engine.article(each.article) or each.cited for each in every), called, notes
    )


def _newest(every: list[Entry]) -> Iterator[tuple[Entry, Article]]:
    """Yield what was put on a list last, with its articles."""
    newest = sorted(every, key=lambda entry: (-entry.added, -entry.rank))
    engine = site().engine
    for entry in islice(newest, _NEWEST):
        yield entry, engine.article(entry.article) or entry.cited


def _place(list_id: int, token: str) -> str:
    """Return where a list is shown, with the host."""
    root = site_root()
    return f"{root}/shared/{token}" if token else f"{root}/shelf/lists/{list_id}"


@blueprint.get("/shelf/lists/<int:list_id>/feed.atom")
@blueprint.get("/shared/<token>/feed.atom")
def atom(list_id: int = 0, token: str = "") -> Response:
    """Answer with what was put on a list last, as Atom."""
    list_, every = _held(list_id, token)
    home = _place(list_id, token)
    return atom_feed(
        [article for _, article in _newest(every)], datetime.fromtimestamp(list_.changed, UTC),
        title=list_.name, home=home, address=f"{home}/feed.atom",
    )  # fmt: skip


@blueprint.get("/shelf/lists/<int:list_id>/feed.json")
@blueprint.get("/shared/<token>/feed.json")
def json_feed(list_id: int = 0, token: str = "") -> Response:
    """Answer with what was put on a list last, as a JSON Feed."""
    list_, every = _held(list_id, token)
    home = _place(list_id, token)
    items = [
        item_of(article, site().zone, site_root())
        | {"_note": entry.note, "_own_tags": list(entry.tags)}
        for entry, article in _newest(every)
    ]
    return feed_of_items(items, list_.name, home, f"{home}/feed.json")


@blueprint.get("/shelf/lists/<int:list_id>/dossier")
@blueprint.get("/shared/<token>/dossier")
def dossier(list_id: int = 0, token: str = "") -> Response:
    """Answer with the articles of a list in full, with notes, to print; long lists in parts."""
    list_, every = _held(list_id, token)
    last = max(-(-len(every) // _DOSSIER), 1)
    part = read_number(request.args, "part", 1, last)
    zone = site().zone
    root = site_root()
    shown = []
    for entry in every[(part - 1) * _DOSSIER : part * _DOSSIER]:
        article = site().engine.article(entry.article)
        cited = cited_in_words(article or entry.cited, zone, f"{root}/article/{entry.article}")
        shown.append((entry, read(article or entry.cited, ()), article is not None, cited))
    today = StatedDate(site().today().isoformat())
    return rendered(
        "shelf/dossier.html", request_=Request(), list=list_, shown=shown, part=part, last=last,
        today=day_label(today, zone), back=_place(list_id, token),
        turn=query_string([("part", str(part + 1))]),
    )  # fmt: skip
