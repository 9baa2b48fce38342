"""The API: ``/api/v1``, JSON in the form of the command line's ``--json``.

Described by OpenAPI 3.1 at ``/api/v1/openapi.json`` (see `web.api.openapi`) and for people at
``/api/``. Errors are problem details (RFC 9457). Pages can be numbered, or follow the cursor
``after``, which stays in place while the index changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from corpus.core.fields import FACETS
from search.answer import Answer
from search.exports.exports import json_article
from search.exports.to_json import answer_to_json, facet_to_json, hit_to_json, status_to_json
from search.request import Request
from web.addresses import (
    LONGEST_LINKED,
    PARAMETERS,
    Addresses,
    pairs,
    query_string,
    read_request,
    site_root,
)
from web.api.openapi import document, posted_schema
from web.api.parameters import BASE, arguments, check, whole_number
from web.security.problems import Missing
from web.site import site
from web.templating import rendered
from web.views.articles import find

blueprint = Blueprint("api", __name__)
blueprint.before_request(check)


def answered(body: Any, status: int = 200) -> Response:
    """Answer with JSON, readable by scripts of the origins that the site names."""
    return Response(orjson.dumps(body), status, mimetype="application/json")


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


def _asked() -> Request:
    """Return the request of the parameters; which facets are counted can be named."""
    asked = read_request(arguments(), site().config, facet_size=whole_number("facet_size"))
    asked = replace(asked, timeline=whole_number("timeline") == 1)
    named = arguments().get("facets")
    if named is None:
        return asked
    return replace(asked, facets=tuple(dict.fromkeys(named.split(","))) if named else ())


@blueprint.route(f"{BASE}/search", methods=["GET", "POST"])
def search() -> Response:
    """Search: hits, exact totals, facets, timeline."""
    asked = _asked()
    answer = site().engine.search(asked)
    response = answered(answer_to_json(answer))
    if request.method != "POST" and len(asked.text) <= LONGEST_LINKED:
        response.headers["Link"] = ", ".join(_links(asked, answer))
    return response


def _links(asked: Request, answer: Answer) -> list[str]:
    """Return the ``Link`` header's parts: the neighbouring pages and the page for people."""
    address = f"{request.script_root}{BASE}/search"

    def to(changed: Request) -> str:
        return address + query_string(pairs(changed, paging=True))

    people = Addresses(asked, request.script_root).search()
    links = [f'<{people}>; rel="alternate"; type="text/html"']
    if answer.after:
        links.append(f'<{to(replace(asked, page=1, after=answer.after))}>; rel="next"')
    if asked.page > 1 and not asked.after:
        links.append(f'<{to(replace(asked, page=asked.page - 1))}>; rel="prev"')
    return links


@blueprint.get(f"{BASE}/articles/<article_id>")
def article(article_id: str) -> Response:
    """Return an article whole."""
    return answered(json_article(find(article_id)))


@blueprint.get(f"{BASE}/articles/<article_id>/related")
def related(article_id: str) -> Response:
    """Return the articles most like one."""
    find(article_id)
    hits = site().engine.related(article_id, whole_number("size"))
    return answered({"hits": [hit_to_json(hit) for hit in hits]})


@blueprint.get(f"{BASE}/articles/<article_id>/versions")
def versions(article_id: str) -> Response:
    """Return the versions of an article's story, oldest first."""
    find(article_id)
    return answered({"hits": [hit_to_json(hit) for hit in site().engine.versions(article_id)]})


@blueprint.get(f"{BASE}/facets/<name>")
def facet(name: str) -> Response:
    """Return a page of a facet's values in a result."""
    if name not in PARAMETERS:
        raise Missing(f"There is no facet '{name[:40]}': take one of {', '.join(FACETS)}.")
    # The size is that of a list of values, which is longer than a page of articles.
    asked = MultiDict(pair for pair in request.args.items(multi=True) if pair[0] != "size")
    found = site().engine.facet(
        read_request(asked, site().config), name, contains=request.args.get("contains", ""),
        offset=whole_number("offset"), size=whole_number("size"),
        by=request.args.get("by") or "count",
    )  # fmt: skip
    return answered(facet_to_json(found))


@blueprint.get(f"{BASE}/complete")
def complete() -> Response:
    """Return completions of what is being typed."""
    text = request.args.get("q", "")
    found = site().engine.complete(text, whole_number("size")) if text.strip() else ()
    return answered(
        {
            "completions": [
                {"text": each.text, "kind": each.kind, "count": each.count, "id": each.id}
                for each in found
            ]
        }
    )


@blueprint.get(f"{BASE}/status")
def status() -> Response:
    """Return what the archive holds and what state it is in."""
    described = status_to_json(site().status())
    # What is wrong with an index names its folder: that is for the log.
    described["message"] = ""
    return answered(described)


@blueprint.get(f"{BASE}/openapi.json")
def openapi() -> Response:
    """Return the description of this API."""
    return answered(document(site().config, request.script_root))


@blueprint.get("/api/")
@blueprint.get(BASE)
def readable() -> Response:
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
    return rendered(
        "api.html", described=described, operations=operations, host=host,
        addresses=Addresses(Request(), request.script_root),
    )  # fmt: skip
