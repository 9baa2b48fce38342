"""The API: ``/api/v1``, JSON in the form of the command line's ``--json``.

Described by OpenAPI 3.1 at ``/api/v1/openapi.json`` (see `web.api.openapi`) and for people at
``/api/``. Errors are problem details (RFC 9457). Pages can be numbered, or follow the cursor
``after``, which stays in place while the index changes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response, g, render_template, request
from werkzeug.datastructures import MultiDict

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS, FIELDS
from search.answer import Answer
from search.exports.exports import json_article
from search.exports.to_json import answer_to_json, facet_to_json, hit_to_json, status_to_json
from search.request import Request
from web.addresses import (
    PARAMETERS,
    Addresses,
    pairs,
    query_string,
    read_number,
    read_request,
    site_root,
)
from web.api.openapi import DEEPEST_PAGE, document, posted_schema
from web.api.schemas import PATTERNS
from web.security.problems import Missing
from web.site import site
from web.views.articles import find

__all__ = ["answered", "arguments", "blueprint", "bounded", "check_narrowing"]

blueprint = Blueprint("api", __name__)

_BASE = "/api/v1"
_LONGEST_LINKED = 2_000
"""Characters of a query up to which ``Link`` headers repeat it: clients bound what they take."""


def answered(body: Any, status: int = 200) -> Response:
    """Answer with JSON, readable by scripts of the origins that the site names."""
    return Response(orjson.dumps(body), status, mimetype="application/json")


@cache
def _known() -> dict[str, list[str]]:
    """Return the names of each path's parameters; they are the same whatever the site is."""
    known = {}
    for path, operation in document(site().config)["paths"].items():
        if path.startswith("/shelf"):  # it looks at its own
            continue
        if "get" in operation:
            listed = operation["get"]["parameters"]
            known[_BASE + path] = [each["name"] for each in listed if each["in"] == "query"]
        else:
            known[_BASE + path] = list(posted_schema(operation)["properties"])
    return known


_MEANT = {
    **{alias: field.parameter or field.name for field in FIELDS for alias in field.aliases},
    **{field.name: field.parameter or field.name for field in FIELDS},
    "limit": "size", "count": "size", "rows": "size", "offset": "page", "start": "page",
    "query": "q", "since": "from", "until": "to", "order": "sort", "cursor": "after",
}  # fmt: skip
"""What other programs and the command line call parameters."""


@blueprint.before_request
def refuse_unknown() -> None:
    """Refuse parameters that a path does not have: a misspelt one would be passed over."""
    if request.url_rule is None:
        return
    path = request.url_rule.rule.replace("<article_id>", "{id}").replace("<name>", "{name}")
    known = _known().get(path)
    if known is None:  # the description itself
        return
    for name in arguments():
        if name not in known:
            near = _MEANT.get(name.lower(), "")
            if near not in known:
                near = next(iter(get_close_matches(name, known, 1)), "")
            raise BadRequestError(
                f"There is no parameter '{name[:40]}' here: "
                + (f"did you mean '{near}'? " if near else "")
                + (f"Take some of {', '.join(known)}." if known else "this takes none.")
            )


def arguments() -> MultiDict[str, str]:
    """Return the parameters of the address, and of a request by POST those of its body too."""
    if request.method != "POST":
        return request.args
    if "arguments" not in g:
        body = _posted() if request.is_json else request.form
        g.arguments = MultiDict([*request.args.items(multi=True), *body.items(multi=True)])
    found: MultiDict[str, str] = g.arguments
    return found


def _posted() -> MultiDict[str, str]:
    """Return the parameters of a JSON object; each has the type that the description gives it."""
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadRequestError("The body is not a JSON object of parameters.")
    path = request.path.removeprefix(_BASE)
    schema = posted_schema(document(site().config)["paths"][path])
    kinds = schema["properties"]
    for name in schema.get("required", ()):
        if name not in body:
            raise BadRequestError(f"'{name}' is missing.")
    found: list[tuple[str, str]] = []
    for name, value in body.items():
        kind = kinds.get(name, {"type": "string"})
        match kind["type"], value:
            case "string", str():
                found.append((name, value))
            case "integer", int() | float() if _is_whole(value):
                found.append((name, str(int(value))))
            case "array", [*values] if all(isinstance(each, str) for each in values):
                found += (
                    [(name, ",".join(values))]
                    if name == "facets"
                    else [(name, each) for each in values]
                )
            case _:
                raise BadRequestError(f"'{name[:40]}' takes a value of type {kind['type']}.")
    return MultiDict(found)


def _is_whole(value: float) -> bool:
    return not isinstance(value, bool) and value == int(value)


@blueprint.after_request
def share(response: Response) -> Response:
    """Let scripts of other origins read the API where the site says so (CORS)."""
    allowed = site().config.cors
    origin = request.headers.get("Origin", "")
    if not allowed or not origin:
        return response
    if "*" in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    elif origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.vary.add("Origin")
    else:
        return response
    if request.method == "OPTIONS":
        taken = "Authorization, Content-Type, If-None-Match"
        response.headers["Access-Control-Allow-Headers"] = taken
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, X-Request-ID"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


_PATTERNS = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
_SINGLE = {"q", "match", "from", "to", "sort", "page", "size", "after", "facets", "facet_size",
           "timeline", "collapse", "explain", "expand", "half_life", "contains", "offset",
           "by"}  # fmt: skip
_FILTERS = {mark + name for name in PARAMETERS.values() for mark in ("", "-")}


def check_narrowing(many: tuple[str, ...] = ()) -> None:
    """Hold the parameters to their description: programs are better off with an early no.

    Those in `many` may be there more than once.

    Pages for people are lenient instead: they pass over an empty field of a form, and read dates
    as people write them.
    """
    for name, values in arguments().lists():
        if name in _SINGLE and name not in many and len(values) > 1:
            raise BadRequestError(f"'{name}' is there more than once: name it once.")
        if name in _FILTERS and not all(values):
            raise BadRequestError(f"'{name}' is empty: leave it out, or give it a value.")
        pattern = _PATTERNS.get(name.removeprefix("-"))
        for text in values:
            if pattern is not None and not pattern.fullmatch(text):
                raise BadRequestError(
                    f"'{name.removeprefix('-')}' does not take '{text[:40]}': a year is 2017, a "
                    "month 2017-01, a day 2017-01-30."
                )


def _asked() -> Request:
    """Return the request of the parameters; which facets are counted can be named."""
    check_narrowing()
    shared = site()
    bounded("page", 1, 1, DEEPEST_PAGE)
    bounded("half_life", 30, 1, 3650)
    asked = read_request(arguments(), shared.config)
    size = bounded("facet_size", 10, 1, 200)
    named = arguments().get("facets")
    if named is not None:
        listed = named.split(",") if named else []
        if len(listed) > len(FACETS):
            raise BadRequestError(f"'facets' names more than the {len(FACETS)} that there are.")
        facets = tuple(dict.fromkeys(listed))
        unknown = [each for each in facets if each not in FACETS]
        if unknown:
            raise BadRequestError(
                f"There is no facet '{unknown[0][:40]}': take some of {', '.join(FACETS)}."
            )
        asked = replace(asked, facets=facets)
    return replace(asked, facet_size=size, timeline=bounded("timeline", 1, 0, 1) == 1)


def bounded(name: str, default: int, least: int, greatest: int) -> int:
    """Return a whole number between two bounds, both included."""
    return read_number(arguments(), name, default, greatest, least)


@blueprint.route(f"{_BASE}/search", methods=["GET", "POST"])
def search() -> Response:
    """Search: hits, exact totals, facets, timeline."""
    asked = _asked()
    answer = site().engine.search(asked)
    response = answered(answer_to_json(answer))
    if request.method != "POST" and len(asked.text) <= _LONGEST_LINKED:
        response.headers["Link"] = ", ".join(_links(asked, answer))
    return response


def _links(asked: Request, answer: Answer) -> list[str]:
    """Return the ``Link`` header's parts: the neighbouring pages and the page for people."""
    address = f"{request.script_root}{_BASE}/search"

    def to(changed: Request) -> str:
        return address + query_string(pairs(changed, paging=True))

    people = Addresses(asked, request.script_root).search()
    links = [f'<{people}>; rel="alternate"; type="text/html"']
    if answer.after:
        links.append(f'<{to(replace(asked, page=1, after=answer.after))}>; rel="next"')
    if asked.page > 1 and not asked.after:
        links.append(f'<{to(replace(asked, page=asked.page - 1))}>; rel="prev"')
    return links


@blueprint.get(f"{_BASE}/articles/<article_id>")
def article(article_id: str) -> Response:
    """Return an article whole."""
    return answered(json_article(find(article_id)))


@blueprint.get(f"{_BASE}/articles/<article_id>/related")
def related(article_id: str) -> Response:
    """Return the articles most like one."""
    find(article_id)
    hits = site().engine.related(article_id, bounded("size", 5, 1, 50))
    return answered({"hits": [hit_to_json(hit) for hit in hits]})


@blueprint.get(f"{_BASE}/articles/<article_id>/versions")
def versions(article_id: str) -> Response:
    """Return the versions of an article's story, oldest first."""
    find(article_id)
    return answered({"hits": [hit_to_json(hit) for hit in site().engine.versions(article_id)]})


@blueprint.get(f"{_BASE}/facets/<name>")
def facet(name: str) -> Response:
    """Return a page of a facet's values in a result."""
    known = name if name in PARAMETERS else None
    if known is None:
        raise Missing(f"There is no facet '{name[:40]}': take one of {', '.join(FACETS)}.")
    check_narrowing()
    contains = request.args.get("contains", "")
    if len(contains) > 100:
        raise BadRequestError("'contains' is longer than 100 characters: shorten it.")
    shared = site()
    asked = read_request(_Without(request.args), shared.config)
    by = request.args.get("by", "count")
    if by not in ("count", "value"):
        raise BadRequestError("'by' takes one of count, value.")
    found = shared.engine.facet(
        asked, known, contains=contains,
        offset=bounded("offset", 0, 0, 100_000), size=bounded("size", 50, 1, 500), by=by,
    )  # fmt: skip
    return answered(facet_to_json(found))


class _Without:
    """Parameters without those that a list of values gives another meaning."""

    def __init__(self, arguments: Any) -> None:
        self._arguments = arguments

    def get(self, key: str, default: str) -> str:
        """Return the first value of a parameter."""
        found: str = (
            default if key in ("size", "page", "after") else self._arguments.get(key, default)
        )
        return found

    def getlist(self, key: str) -> list[str]:
        """Return all values of a parameter."""
        found: list[str] = self._arguments.getlist(key)
        return found


@blueprint.get(f"{_BASE}/complete")
def complete() -> Response:
    """Return completions of what is being typed."""
    check_narrowing()
    text = request.args.get("q", "")
    if len(text) > 200:
        raise BadRequestError("'q' is longer than 200 characters: shorten it.")
    size = bounded("size", 8, 1, 20)
    found = site().engine.complete(text, size) if text.strip() else ()
    return answered(
        {
            "completions": [
                {"text": each.text, "kind": each.kind, "count": each.count, "id": each.id}
                for each in found
            ]
        }
    )


@blueprint.get(f"{_BASE}/status")
def status() -> Response:
    """Return what the archive holds and what state it is in."""
    described = status_to_json(site().status())
    # What is wrong with an index names its folder: that is for the log.
    described["message"] = ""
    return answered(described)


@blueprint.get(f"{_BASE}/openapi.json")
def openapi() -> Response:
    """Return the description of this API."""
    return answered(document(site().config, request.script_root))


@blueprint.get("/api/")
@blueprint.get(_BASE)
def readable() -> str:
    """Answer with the description for people."""
    described = document(site().config, request.script_root)
    host = site_root()
    operations = []
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method == "post" and "get" in item and operation["operationId"].endswith("ByPost"):
                continue
            listed = list(operation.get("parameters", ()))
            if "requestBody" in operation:
                sent = posted_schema({"post": operation})["properties"]
                listed += [
                    {"name": name, "schema": schema, "description": schema.get("description", "")}
                    for name, schema in sent.items()
                ]
            operations.append((method.upper(), path, operation, listed))
    return render_template(
        "api.html", described=described, operations=operations, host=host,
        addresses=Addresses(Request(), request.script_root),
    )  # fmt: skip
