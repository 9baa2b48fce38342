"""The shelf for programs: ``/api/v1/shelf``, JSON both ways, under the rules of the pages.

A change is sent as JSON with its content type, so that no page of another site can send it, and
none is shown to scripts of other origins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

import orjson
from flask import Blueprint, Response, g, request

from corpus.core.errors import BadRequestError
from search.exports.exports import json_article
from web.addresses import pairs, query_string, read_number, site_root
from web.api.api import answered
from web.api.parameters import require
from web.security.problems import answer_problem
from web.shelf import lists, searches
from web.shelf.database import NotKeptError
from web.shelf.description import SHELF_PATHS
from web.shelf.lists import ChangedMeanwhileError, Entry
from web.shelf.pages import asked_for, chosen, described, found, news_of
from web.shelf.reader import check_json, reader, shelf
from web.shelf.searches import SavedSearch
from web.site import site

blueprint = Blueprint("shelf_api", __name__, url_prefix="/api/v1/shelf")

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
Value = TypeVar("Value", str, int, bool, list[str])


@blueprint.before_request
def own_requests() -> None:
    """Refuse strangers, and changes that another site's page may have sent."""
    reader()
    if request.url_rule is None or request.method == "OPTIONS":
        return
    path = _VARIABLE.sub(r"{\1}", request.url_rule.rule.removeprefix("/api/v1"))
    g.operation = SHELF_PATHS[path]["get" if request.method == "HEAD" else request.method.lower()]
    if request.method not in ("GET", "HEAD"):
        check_json()
    known = [each["name"] for each in g.operation["parameters"] if each["in"] == "query"]
    _refuse_unknown(request.args, known)


def _refuse_unknown(given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise BadRequestError(
                f"There is no '{name[:40]}' here: "
                + (f"take some of {', '.join(known)}." if known else "this takes none.")
            )


@blueprint.errorhandler(NotKeptError)
def missing(error: NotKeptError) -> Response:
    """Answer with 404, also for what is another reader's."""
    return answer_problem(404, "There is nothing of this id on your shelf.")


@blueprint.errorhandler(ChangedMeanwhileError)
def changed(error: ChangedMeanwhileError) -> Response:
    """Answer with 409: the entry has another version than was sent."""
    return answer_problem(409, f"{error} It has version {error.version} now.")


def _body() -> Mapping[str, Any]:
    """Return the object of a request. Raises BadRequestError for another form, or names."""
    schema = g.operation["requestBody"]["content"]["application/json"]["schema"]
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("The body is not a JSON object.")
    _refuse_unknown(body, schema["properties"])
    require(schema, body)
    return body


def _of(body: Mapping[str, Any], name: str, default: Value) -> Value:
    """Return a member of the type of `default`. Raises BadRequestError for another type."""
    value = body.get(name, default)
    if type(value) is float and value.is_integer():
        value = int(value)
    strings = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if type(value) is not type(default) or (isinstance(value, list) and not strings):
        raise BadRequestError(f"'{name}' takes a value like {orjson.dumps(default).decode()}.")
    if isinstance(value, int) and not 0 <= value < 1 << 53:
        raise BadRequestError(f"'{name}' takes a whole number from 0.")
    return value


def _search(each: SavedSearch) -> dict[str, Any]:
    shown = asdict(each)
    del shown["reader"], shown["checked"]
    return {**shown, "described": described(each.state)}


def _list(each: lists.ReadingList) -> dict[str, Any]:
    shown = asdict(each)
    del shown["reader"]
    return shown


def _entry(each: Entry) -> dict[str, Any]:
    cited = json_article(each.cited)
    return {
        "article": each.article, "rank": each.rank, "note": each.note, "tags": list(each.tags),
        "version": each.version, "added": each.added, "is_read": each.is_read,
        "cited": {name: cited[name] for name in ("title", "authors", "source", "published", "url")},
    }  # fmt: skip


@blueprint.get("/searches")
def show_searches() -> Response:
    """Return the saved searches."""
    with shelf().reading() as db:
        return answered({"searches": [_search(each) for each in searches.every(db, reader())]})


@blueprint.post("/searches")
def save_search() -> Response:
    """Save a search: ``search`` is the query string of its page. 200 when it was saved already."""
    body = _body()
    state = query_string(pairs(asked_for(_of(body, "search", ""))))
    name = _of(body, "name", "") or described(state)[:100]
    with shelf().writing() as db:
        saved, is_new = searches.save(db, reader(), name, state, site().status().arrived)
    return answered(_search(saved), 201 if is_new else 200)


@blueprint.patch("/searches/<int:search>")
def change_search(search: int) -> Response:
    """Rename a saved search, say how its alerts go out: ``way`` is mail, webhook or "" for none,
    ``target`` where to, ``rhythm`` each or daily; or up to when what came was seen: ``looked``."""
    body, who = _body(), reader()
    if not body:
        raise BadRequestError("There is nothing to change in the body.")
    with shelf().writing() as db:
        saved = searches.find(db, who, search)
        if "name" in body:
            searches.change(db, who, search, _of(body, "name", ""))
        if "looked" in body:
            searches.look(db, who, search, min(_of(body, "looked", 0), site().status().arrived))
        if "target" in body and "way" not in body:
            raise BadRequestError("'target' says where to: say by which 'way' too.")
        if "way" in body or "rhythm" in body:
            alerts = searches.Alerts(
                _of(body, "way", saved.way),
                _of(body, "target", saved.target),
                _of(body, "rhythm", saved.rhythm),
            )
            searches.watch(db, who, search, alerts, site().status().arrived)
        return answered(_search(searches.find(db, who, search)))


@blueprint.get("/searches/<int:search>/new")
def show_news(search: int) -> Response:
    """Return how many articles came for a saved search since its reader looked, and which."""
    with shelf().reading() as db:
        saved = searches.find(db, reader(), search)
    asked = news_of(saved)
    return answered(
        {
            "count": site().engine.search(replace(asked, size=1)).total,
            "search": query_string(pairs(asked)), "until": site().status().arrived,
        }
    )  # fmt: skip


@blueprint.delete("/searches/<int:search>")
def delete_search(search: int) -> Response:
    """Delete a saved search."""
    with shelf().writing() as db:
        searches.find(db, reader(), search)
        searches.delete(db, reader(), search)
    return Response(status=204)


@blueprint.get("/lists")
def show_lists() -> Response:
    """Return the lists, last changed first."""
    with shelf().reading() as db:
        return answered({"lists": [_list(each) for each in lists.every(db, reader())]})


@blueprint.post("/lists")
def create_list() -> Response:
    """Make a list; 200 when there is one of this name."""
    name = _of(_body(), "name", "")
    with shelf().writing() as db:
        made, is_new = lists.create(db, reader(), name)
    return answered(_list(made), 201 if is_new else 200)


@blueprint.get("/lists/<int:list_id>")
def show_list(list_id: int) -> Response:
    """Return a list with a page of its articles."""
    size = read_number(request.args, "size", 50, 500)
    page = read_number(request.args, "page", 1, lists.MOST_ENTRIES)
    with shelf().reading() as db:
        found_ = lists.find(db, reader(), list_id)
        shown = lists.entries(
            db, reader(), list_id, offset=(page - 1) * size, size=size,
            tag=request.args.get("tag", ""), unread=request.args.get("unread") == "1",
        )  # fmt: skip
    return answered({**_list(found_), "entries": [_entry(each) for each in shown]})


@blueprint.patch("/lists/<int:list_id>")
def rename_list(list_id: int) -> Response:
    """Rename a list."""
    name = _of(_body(), "name", "")
    with shelf().writing() as db:
        lists.rename(db, reader(), list_id, name)
        return answered(_list(lists.find(db, reader(), list_id)))


@blueprint.delete("/lists/<int:list_id>")
def delete_list(list_id: int) -> Response:
    """Delete a list with its notes."""
    with shelf().writing() as db:
        lists.find(db, reader(), list_id)
        lists.delete(db, reader(), list_id)
    return Response(status=204)


@blueprint.post("/lists/<int:list_id>/entries")
def add(list_id: int) -> Response:
    """Put articles on a list: those of ``ids``, or all that ``search``, a query string, finds."""
    body = _body()
    if len(body) != 1:
        raise BadRequestError("Name articles as 'ids', or send a 'search' that finds them.")
    if "search" in body:
        articles = found(asked_for(_of(body, "search", "")))
    else:
        articles = chosen(_of(body, "ids", list[str]()))
    with shelf().writing() as db:
        added = lists.add(db, reader(), list_id, articles)
    return answered({"added": added, "known": len(articles) - added})


@blueprint.patch("/lists/<int:list_id>/entries/<article>")
def change_entry(list_id: int, article: str) -> Response:
    """Change note, tags, rank or mark of an article; with ``version`` only as it was then."""
    body = _body()
    who = reader()
    with shelf().writing() as db:
        lists.find(db, who, list_id)
        before = next(iter(lists.entries(db, who, list_id, article=article)), None)
        if before is None:
            raise NotKeptError
        if "note" in body or "tags" in body:
            said = lists.Annotation(
                _of(body, "note", before.note),
                _of(body, "tags", list(before.tags)),
                _of(body, "version", before.version),
            )
            lists.annotate(db, who, list_id, article, said)
        if "rank" in body:
            rank = _of(body, "rank", 1)
            if not 1 <= rank <= lists.MOST_ENTRIES:
                raise BadRequestError(f"'rank' is from 1 to {lists.MOST_ENTRIES}.")
            lists.move(db, who, list_id, article, rank)
        if "is_read" in body:
            lists.mark(db, who, article, is_read=_of(body, "is_read", True))
        return answered(_entry(lists.entries(db, who, list_id, article=article)[0]))


@blueprint.delete("/lists/<int:list_id>/entries/<article>")
def remove(list_id: int, article: str) -> Response:
    """Take an article off a list."""
    with shelf().writing() as db:
        lists.remove(db, reader(), list_id, article)
    return Response(status=204)


@blueprint.post("/lists/<int:list_id>/share")
def share(list_id: int) -> Response:
    """Make a link to a list, read only; the one before ends. It is told here and never again."""
    _body()
    with shelf().writing() as db:
        token = lists.share(db, reader(), list_id)
    return answered({"url": f"{site_root()}/shared/{token}"})


@blueprint.delete("/lists/<int:list_id>/share")
def unshare(list_id: int) -> Response:
    """Revoke the link to a list."""
    with shelf().writing() as db:
        lists.unshare(db, reader(), list_id)
    return Response(status=204)
