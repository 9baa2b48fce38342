"""The parameters of the API: read and checked by what its description says of them.

Programs are better off with an early no. Pages for people are lenient instead: they pass over an
empty field of a form, and read dates as people write them.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import orjson
from flask import g, request
from werkzeug.datastructures import MultiDict

from corpus.core.errors import BadRequestError
from corpus.core.fields import FIELDS
from search.dates.parsing import bounds
from web.addresses import read_number
from web.api.openapi import document, posted_schema
from web.api.schemas import SOME
from web.config import WebConfig
from web.i18n.wording import bad_request
from web.site import site

BASE = "/api/v1"

_MEANT = {
    **{alias: field.parameter or field.name for field in FIELDS for alias in field.aliases},
    **{field.name: field.parameter or field.name for field in FIELDS},
    "limit": "size", "count": "size", "rows": "size", "offset": "page", "start": "page",
    "query": "q", "since": "from", "until": "to", "order": "sort", "cursor": "after",
}  # fmt: skip
"""What other programs and the command line call parameters."""


@lru_cache(maxsize=8)
def _described(most_values: int, most_queries: int) -> dict[str, dict[str, Any]]:
    """Return of each path the schema of the object of its parameters."""
    config = WebConfig(max_values=most_values, max_queries=most_queries)
    found = {}
    for path, item in document(config)["paths"].items():
        if "post" in item:
            found[BASE + path] = posted_schema(item)
        elif not path.startswith("/shelf"):  # it looks at its own
            listed = [each for each in item["get"]["parameters"] if each["in"] == "query"]
            found[BASE + path] = {"properties": {each["name"]: each["schema"] for each in listed}}
    return found


def _schema() -> dict[str, Any] | None:
    """Return the schema of the parameters of the path that is asked, None where it has none."""
    if request.url_rule is None:
        return None
    path = request.url_rule.rule.replace("<article_id>", "{id}").replace("<name>", "{name}")
    config = site().config
    return _described(config.max_values, config.max_queries).get(path)


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
    schema = _schema() or {}
    require(schema, body)
    kinds = schema.get("properties", {})
    found: list[tuple[str, str]] = []
    for name, value in body.items():
        kind = kinds.get(name, {"type": "string"})
        match kind["type"], value:
            case "string", str():
                found.append((name, value))
            case "integer", int() | float() if not isinstance(value, bool) and value == int(value):
                found.append((name, str(int(value))))
            case "array", [*values] if all(isinstance(each, str) for each in values):
                joined = [",".join(values)] if name == "facets" else values
                found += [(name, each) for each in joined]
            case _:
                raise BadRequestError(f"'{name[:40]}' takes a value of type {kind['type']}.")
    return MultiDict(found)


def check() -> None:
    """Refuse parameters that the path does not have, for a misspelt one would be passed over, and
    values that are not as described."""
    schema = _schema()
    if schema is None:  # the description itself
        return
    known = schema["properties"]
    given = arguments()
    for name, values in given.lists():
        if name not in known:
            raise BadRequestError(_unknown(name, list(known)))
        _check(name, values, known[name])
    if request.method == "GET" or not request.is_json:
        require(schema, given)


def require(schema: dict[str, Any], given: Container[str]) -> None:
    """Refuse parameters of which one that the schema of an object requires is missing."""
    for name in schema.get("required", ()):
        if name not in given:
            raise BadRequestError(f"'{name}' is missing.")


def _unknown(name: str, known: list[str]) -> str:
    near = _MEANT.get(name.lower(), "")
    if near not in known:
        near = next(iter(get_close_matches(name, known, 1)), "")
    return (
        f"There is no parameter '{name[:40]}' here: "
        + (f"did you mean '{near}'? " if near else "")
        + (f"Take some of {', '.join(known)}." if known else "this takes none.")
    )


def _check(name: str, values: list[str], schema: dict[str, Any]) -> None:
    """Hold the values of a parameter to its schema."""
    each = schema.get("items", schema)
    if (each is schema or name == "facets") and len(values) > 1:
        raise BadRequestError(f"'{name}' is there more than once: name it once.")
    if name == "facets":
        values = values[0].split(",") if values[0] else []
    if len(values) > (most := schema.get("maxItems", len(values))):
        raise bad_request(
            "‘%(name)s’ has %(chosen)s values; at most %(most)s are taken: drop some.",
            name=name,
            chosen=len(values),
            most=most,
        )
    for text in values:
        if each["type"] == "integer":
            _bounded(name, each)
        elif len(text) < each.get("minLength", 0):
            raise BadRequestError(f"'{name}' is empty: leave it out, or give it a value.")
        elif len(text) > (longest := each.get("maxLength", len(text))):
            raise BadRequestError(f"'{name}' is longer than {longest} characters: shorten it.")
        elif text and text not in each.get("enum", (text,)):
            raise BadRequestError(f"'{name}' takes one of {', '.join(each['enum'])}.")
        elif name in ("from", "to"):
            dates = (text, "") if name == "from" else ("", text)
            bounds(*dates, now=datetime.now(UTC), timezone=site().status().timezone)
        elif not re.search(pattern := each.get("pattern", ""), text):
            raise BadRequestError(
                f"'{name}' is empty: leave it out, or give it a value."
                if pattern == SOME
                else f"'{name.removeprefix('-')}' does not take '{text[:40]}': a year is 2017, a "
                "month 2017-01, a day 2017-01-30."
            )


def _bounded(name: str, schema: dict[str, Any]) -> int:
    bounds = schema.get("enum") or (schema["minimum"], schema["maximum"])
    return read_number(arguments(), name, schema.get("default", 0), max(bounds), min(bounds))


def whole_number(name: str) -> int:
    """Return the number that a parameter is, or the default that its description states."""
    return _bounded(name, (_schema() or {})["properties"][name])
