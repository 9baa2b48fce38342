"""The API as OpenAPI 3.1: written here once, served as JSON and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, get_args

from corpus.core.fields import COUNTED, FACETS
from search.comparison.compare import MOST_SEARCHES
from search.query.limits import MAX_LENGTH
from search.request import Match, Sort
from search.timeline import PERIODS
from web.addresses import PARAMETERS, SIZES
from web.api.schemas import (
    PATTERNS,
    SOME,
    SWITCH,
    TEXT,
    VALUE,
    operation,
    query,
    ref,
    schemas,
    told,
    whole,
)  # fmt: skip
from web.config import WebConfig
from web.shelf.description import SHELF_PATHS, SHELF_SCHEMAS

_DEEPEST_PAGE = 100
_DATE = {
    "type": "string", "pattern": PATTERNS["from"], "examples": ["2017", "2017-01-30", "last week"],
}  # fmt: skip

_AS_IN_QUERIES = "whatever `date:` takes in a query is read, `June 1, 2021` as well."


def _filters(most: int) -> list[dict[str, Any]]:
    """Return the parameters that filter by facet."""
    found = []
    for facet, name in PARAMETERS.items():
        value = {"type": "string", "pattern": PATTERNS[name]} if name in PATTERNS else VALUE
        many = {"type": "array", "items": value, "maxItems": most}
        found.append(query(name, many, f"Keep articles with one of these values of {facet}."))
        found.append(query(f"-{name}", many, f"Leave out articles with these values of {facet}."))
    return found


def _narrowing(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters that say which articles match."""
    return [
        query(
            "q", TEXT,
            "The query, in the language that /help teaches; empty finds everything. Of a long one "
            f"{MAX_LENGTH} characters are read; send it by POST.",
        ),
        query(
            "match", {"type": "string", "enum": list(get_args(Match)), "default": "auto"},
            "Whether all bare words must match, any, or all and, where few do, then some.",
        ),
        query("from", _DATE, f"The first day, month or year, included; {_AS_IN_QUERIES}"),
        query("to", _DATE, f"The last day, month or year, included; {_AS_IN_QUERIES}"),
        *_filters(config.max_values),
    ]  # fmt: skip


def _paging(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters that say which part of a result is wanted, and in which form."""
    return [
        query(
            "sort", {"type": "string", "enum": list(get_args(Sort)), "default": "relevance"},
            "The order; 'recent' blends relevance with age.",
        ),
        query(
            "half_life", whole(1, 3650, 30),
            "Days after which sort=recent counts an article half as much.",
        ),
        query(
            "page", whole(1, _DEEPEST_PAGE, 1), "The page, from 1; to go on, follow after."
        ),
        query("size", whole(1, SIZES[-1], 10), "Hits a page."),
        query(
            "after", {"type": "string", "maxLength": 2048},
            "The cursor that an answer ended with; takes the place of page and stays in place "
            "while the index changes.",
        ),
        query(
            "facets",
            {
                "type": "array", "items": {"type": "string", "enum": list(FACETS)},
                "maxItems": len(FACETS),
            },
            f"The facets to count, by commas; {','.join(COUNTED)} when left out.",
            style="form", explode=False,
        ),
        query("facet_size", whole(1, 200, 10), "Values of each facet."),
        query("timeline", SWITCH | {"default": 1}, "Count over time."),
        query("collapse", SWITCH | {"default": 1}, "Show the versions of one wire story once."),
        query("explain", SWITCH, "Break each score down."),
        query(
            "expand", {"type": "integer", "enum": [0, 1]},
            "Add words that the first hits have in common; long queries with match=any have it.",
        ),
    ]  # fmt: skip


def _comparing(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters of a comparison."""
    several = {
        "type": "array", "items": {"type": "string", "maxLength": 300, "pattern": SOME},
        "minItems": 1, "maxItems": MOST_SEARCHES,
    }  # fmt: skip
    span = {"type": "string", "pattern": PATTERNS["a"]}
    return [
        query("q", several, "The searches; articles with all words of one count.", required=True),
        query(
            "by", {"type": "string", "enum": list(PERIODS)},
            "The period; one that suits the time where it is left out or too short.",
        ),
        query(
            "facet", {"type": "string", "enum": list(PARAMETERS.values())},
            "A facet by which the first two searches are set side by side.",
        ),
        query("a", span, "A period whose words are compared with those of b: 2017-03..2017-09."),
        query("b", span, "The other period."),
        *_narrowing(config)[1:],
    ]  # fmt: skip


_WAIT = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("A parameter is unknown, or its value is not as described: the detail names it.", {}),
    "401": ("A name and a password are wanted.", {}),
    "403": ("It comes from a page of another site, or from where there is no shelf.", {}),
    "404": ("There is no such article, facet, saved search or list.", {}),
    "409": ("The entry was changed meanwhile: it has another version than was sent.", {}),
    "413": ("The body is larger than the site takes.", {}),
    "429": ("Too many requests from this address: wait, then go on.", _WAIT),
    "503": ("The archive is empty, being built, or cannot be read just now.", _WAIT),
}
"""What can go wrong, and the headers that say more."""


_READ = ("304", "400", "429", "503")
_ONE = ("304", "400", "404", "429", "503")
_SENT = ("400", "413", "429", "503")


def _responses() -> dict[str, Any]:
    """Return the answers that paths have in common: problems, and that nothing has changed."""
    content = {"application/problem+json": {"schema": ref("Problem")}}
    problems = {
        f"Problem{code}": {"description": said, "headers": headers, "content": content}
        for code, (said, headers) in _PROBLEMS.items()
    }
    unchanged = {"description": "Nothing has changed since the entity tag that was sent."}
    return {**problems, "Unchanged": unchanged}


def _get(
    name: str,
    summary: str,
    value: str,
    parameters: Sequence[dict[str, Any]] = (),
    others: Sequence[str] = _READ,
) -> dict[str, Any]:
    """Return an operation that is asked by GET."""
    return {"get": operation(name, summary, {"200": value}, others, *parameters)}


def _post(name: str, summary: str, value: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Return an operation that is asked by POST, with its parameters as a JSON object."""
    members = {each["name"]: told(each["schema"], each["description"]) for each in parameters}
    required = [each["name"] for each in parameters if each.get("required")]
    rules = {"required": required} if required else {}
    return {"post": operation(name, summary, {"200": value}, _SENT, body=members, **rules)}


def _both(name: str, summary: str, value: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with its twin that takes the same parameters as a JSON object."""
    longer = f"{summary}, with parameters of any length"
    return _get(name, summary, value, parameters) | _post(
        f"{name}ByPost", longer, value, *parameters
    )


def posted_schema(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the object that an operation takes by POST."""
    body: dict[str, Any] = operation["post"]["requestBody"]["content"]["application/json"]["schema"]
    return body


def document(config: WebConfig, root: str = "") -> dict[str, Any]:
    """Return the description of the API of a site that begins at `root`."""
    article_id = {
        "name": "id", "in": "path", "required": True, "description": "The article's id.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    }  # fmt: skip
    name = {
        "name": "name", "in": "path", "required": True, "description": "The facet's name.",
        "schema": {"type": "string", "enum": list(FACETS)},
    }  # fmt: skip
    listed = [
        query("contains", {"type": "string", "maxLength": 100}, "Keep values that contain this."),
        query("offset", whole(0, 100_000, 0), "Values to pass over."),
        query("size", whole(1, 500, 50), "Values to return."),
        query(
            "by", {"type": "string", "enum": ["count", "value"], "default": "count"}, "The order."
        ),
    ]
    few = query("size", whole(1, 50, 5), "Articles to return.")
    paths = {
        "/search": _both(
            "search", "Search the archive", "Answer", *_narrowing(config), *_paging(config)
        ),
        "/compare": _both(
            "compare", "Compare searches over time", "Comparison", *_comparing(config)
        ),
        "/like": _post(
            "like", "Find what is like a text, and where passages of it ran before", "Like",
            query(
                "text", VALUE, "The text; 20,000 characters of it are read, and none is kept.",
                required=True,
            ),
            query("size", whole(1, 50, 10), "Closest articles to return."),
        ),
        "/count": _post(
            "count", "Count a list of queries", "Counts",
            query(
                "queries", {"type": "array", "items": TEXT, "maxItems": config.max_queries},
                "The queries, each in the language that /help teaches.", required=True,
            ),
            query("phrases", SWITCH, "The words of each stand together, as in names."),
            query("by_year", SWITCH, "Count each year too."),
            *_narrowing(config)[1:],
        ),
        "/articles/{id}": _get("article", "Read an article", "Article", [article_id], _ONE),
        "/articles/{id}/related": _get(
            "related", "Find articles like one", "Hits", [article_id, few], _ONE
        ),
        "/articles/{id}/versions": _get(
            "versions", "Find the versions of a story", "Hits", [article_id], _ONE
        ),
        "/facets/{name}": _get(
            "facet", "List a facet's values in a result", "Facet",
            [name, *_narrowing(config), *listed], _ONE,
        ),
        "/complete": _get(
            "complete", "Complete what is being typed", "Completions",
            [
                query("q", {"type": "string", "maxLength": 200}, "What was typed so far."),
                query("size", whole(1, 20, 8), "Completions to return."),
            ],
        ),
        "/status": _get("status", "Ask for the state of the archive", "Status"),
    }  # fmt: skip
    values = schemas()
    if config.shelf is not None:
        paths |= SHELF_PATHS
        values |= SHELF_SCHEMAS
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"{config.name}: the archive's API",
            "version": version("broadsheet"),
            "summary": "Search, read and list a news archive.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{root}/api/v1"}],
        "paths": paths,
        "components": {"schemas": values, "responses": _responses()},
    }
    if config.users:
        described["components"]["securitySchemes"] = {
            "password": {"type": "http", "scheme": "basic"}
        }
        described["security"] = [{"password": []}]
        refused = {"401": {"$ref": "#/components/responses/Problem401"}}
        described["paths"] = {
            path: {
                method: {**operation, "responses": {**operation["responses"], **refused}}
                for method, operation in operations.items()
            }
            for path, operations in paths.items()
        }
    return described
