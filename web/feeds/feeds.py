"""Every search to take away: as a feed to follow, as a file to keep.

Feeds hold the newest articles of a search (Atom, RFC 4287; JSON Feed 1.1). Exports hold all of
them, in the search's own order, written as they are read, so that memory does not grow with the
result: CSV (RFC 4180), JSON Lines, RIS and BibTeX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response, request
from flask_babel import gettext

from corpus.core.article import Article
from search.exports.citations import safe_url
from search.exports.exports import FORMATS, Notes, file_name, written
from search.request import Request
from web.addresses import Addresses, read_request, site_root
from web.security.problems import Missing
from web.security.turns import one_turn
from web.site import site
from web.templating import rendered

blueprint = Blueprint("feeds", __name__)

_NEWEST = 30
_BATCH = 64
# Characters that XML 1.0 cannot hold, not even as references.
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def _newest() -> tuple[Request, list[Article]]:
    """Return the search that was asked for, newest first, and its newest articles."""
    shared = site()
    asked = read_request(request.args, shared.config)
    newest = replace(
        asked, sort="newest", page=1, size=_NEWEST, after="", facets=(), timeline=False,
        snippets=False,
    )  # fmt: skip
    found = (shared.engine.article(hit.id) for hit in shared.engine.search(newest).hits)
    return asked, [article for article in found if article is not None]


def clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return text.translate(_NOT_XML)


def feed_title(asked: Request, name: str) -> str:
    """Return what a feed is called: the archive, and what was asked for."""
    words = [asked.text, *(value for values in asked.filters.values() for value in values)]
    return ": ".join((name, ", ".join(word for word in words if word))).removesuffix(": ")


@blueprint.get("/feed.atom")
def atom() -> Response:
    """Answer with the newest articles of a search as Atom."""
    shared = site()
    asked, articles = _newest()
    addresses = Addresses(asked, site_root())
    zone = shared.zone
    stated = [each.updated or each.published for each in articles]
    moments = [each.start(zone) for each in stated if each]
    updated = max(moments, default=shared.status().updated or datetime(1970, 1, 1, tzinfo=UTC))
    return atom_feed(
        articles, updated, title=feed_title(asked, shared.config.name), home=addresses.search(),
        address=addresses.taken_away("feed.atom"),
    )  # fmt: skip


def atom_feed(articles: Sequence[Article], updated: datetime, **said: str) -> Response:
    """Answer with articles as Atom; `said` are the feed's title, home and own address."""
    return rendered(
        "feed.atom", mimetype="application/atom+xml", articles=articles, updated=updated,
        zone=site().zone, safe_url=safe_url, clean=clean,
        plain=Addresses(Request(), site_root()), **said,
    )  # fmt: skip


@blueprint.get("/feed.json")
def json_feed() -> Response:
    """Answer with the newest articles of a search as a JSON Feed."""
    shared = site()
    asked, articles = _newest()
    addresses = Addresses(asked, site_root())
    items = [item_of(article, shared.zone, addresses.root) for article in articles]
    title, own = feed_title(asked, shared.config.name), addresses.taken_away("feed.json")
    return feed_of_items(items, title, addresses.search(), own)


def feed_of_items(items: list[dict[str, Any]], title: str, home: str, own: str) -> Response:
    """Answer with items as a JSON Feed; `own` is its address."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": home,
        "feed_url": own, "items": items,
    }  # fmt: skip
    return Response(orjson.dumps(feed), mimetype="application/feed+json")


def item_of(article: Article, zone: ZoneInfo, root: str) -> dict[str, Any]:
    """Return an article as an item of a JSON Feed, whose dates are instants: a day's first one."""
    item: dict[str, Any] = {
        "id": f"{root}/article/{article.id}",
        "url": f"{root}/article/{article.id}",
        "title": article.title,
        "content_text": "\n\n".join((article.lead, *article.body)).strip(),
    }
    if article.lead:
        item["summary"] = article.lead
    if external := safe_url(article.url):
        item["external_url"] = external
    if article.published:
        item["date_published"] = article.published.start(zone).isoformat()
    if article.updated:
        item["date_modified"] = article.updated.start(zone).isoformat()
    if article.authors:
        item["authors"] = [{"name": name} for name in article.authors]
    if article.tags:
        item["tags"] = list(article.tags)
    if article.language:
        item["language"] = article.language
    return item


@blueprint.get("/export.<name>")
def export(name: str) -> Response:
    """Answer with every article of a search as a file, written while it is read."""
    if name not in FORMATS:
        raise Missing(gettext("There is no export in this form: take csv, jsonl, ris or bib."))
    shared = site()
    asked = read_request(request.args, shared.config)
    whole = replace(asked, page=1, after="", facets=(), timeline=False, snippets=False)
    called = file_name(asked, name, shared.today().isoformat())
    return streamed(name, lambda: shared.engine.scan(whole), called)


def streamed(
    name: str, scan: Callable[[], Iterator[Article]], called: str, notes: Notes | None = None
) -> Response:
    """Answer with articles as a file that is written while it is read, in one of a few turns."""
    shared = site()
    root = site_root()
    turn = ExitStack()
    turn.enter_context(one_turn())
    try:
        articles = iter(scan())
        # The first article is asked for here: a query that cannot be answered gets its status.
        first = list(islice(articles, 1))
        rows = written(
            name, chain(first, articles), shared.zone, root, bom=request.args.get("bom") == "1",
            notes=notes,
        )  # fmt: skip
        response = Response(_batched(rows, turn), mimetype=FORMATS[name])
        # A reader who leaves early ends the turn too; it is given back once, whoever is first.
        response.call_on_close(turn.close)
    except BaseException:
        turn.close()
        raise
    response.headers["Content-Disposition"] = f'attachment; filename="{called}"'
    return response


def _batched(rows: Iterator[str], turn: ExitStack) -> Iterator[bytes]:
    """Join rows to chunks worth sending, and end the turn after the last."""
    with turn:
        while batch := list(islice(rows, _BATCH)):
            yield "".join(batch).encode("utf-8", "replace")
