"""The API as OpenAPI 3.1: written here once, served as JSON and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, get_args

from corpus.core.fields import COUNTED, FACETS, FIELDS, VALUES
from search.comparison.compare import MOST_SEARCHES
from search.query.limits import MAX_LENGTH
from search.request import Match, Sort
from search.timeline import PERIODS
from web.addresses import PARAMETERS, SIZES
from web.config import WebConfig

__all__ = ["DEEPEST_PAGE", "PATTERNS", "document", "posted_schema"]

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_STATED = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d([+-]\d\d:\d\d)?)?)?)?$",
    "description": "ISO 8601, as well as it is known: 2021, 2021-06, 2021-06-01 or a time of a day."
    " A time without an offset is one of the archive's zone.",
}
_COUNTS = {"type": "array", "items": _COUNT}
_STRINGS = {"type": "array", "items": _TEXT}
_YEAR = "[12][0-9]{3}"
_LEAP = "[12][0-9](0[48]|[2468][048]|[13579][26])|1[26]00|2[048]00"
_MONTH = f"{_YEAR}-(0[1-9]|1[0-2])"
_DAY = (
    f"{_YEAR}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    f"|{_YEAR}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|{_YEAR}-02-(0[1-9]|1[0-9]|2[0-8])|({_LEAP})-02-29"
)
PATTERNS = {
    "year": f"^{_YEAR}$",
    "month": f"^{_MONTH}$",
    "day": f"^({_DAY})$",
    "from": f"^({_YEAR}|{_MONTH}|{_DAY})$",
    "to": f"^({_YEAR}|{_MONTH}|{_DAY})$",
    "a": f"^({_YEAR}|{_MONTH}|{_DAY})([.][.]({_YEAR}|{_MONTH}|{_DAY}))?$",
    "b": f"^({_YEAR}|{_MONTH}|{_DAY})([.][.]({_YEAR}|{_MONTH}|{_DAY}))?$",
}
"""What the parameters that hold dates take: years, months and days from 1000 to 2999."""

DEEPEST_PAGE = 100
_DATE = {
    "type": "string", "pattern": PATTERNS["from"], "examples": ["2017", "2017-01", "2017-01-30"],
}  # fmt: skip
_SOME = r"[^\s\x00-\x20\x7f-\xa0]"
_VALUE = {"type": "string", "minLength": 1}
_SWITCH = {"type": "integer", "enum": [0, 1], "default": 0}


def _query(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    """Return a parameter of the query string."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _whole(least: int, greatest: int, default: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": greatest, "default": default}


def _filters(most: int) -> list[dict[str, Any]]:
    """Return the parameters that filter by facet."""
    found = []
    for facet, name in PARAMETERS.items():
        value = {"type": "string", "pattern": PATTERNS[name]} if name in PATTERNS else _VALUE
        many = {"type": "array", "items": value, "maxItems": most}
        found.append(_query(name, many, f"Keep articles with one of these values of {facet}."))
        found.append(_query(f"-{name}", many, f"Leave out articles with these values of {facet}."))
    return found


def _narrowing(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters that say which articles match."""
    return [
        _query(
            "q", _TEXT,
            "The query, in the language that /help teaches; empty finds everything. Of a long one "
            f"{MAX_LENGTH} characters are read; send it by POST.",
        ),
        _query(
            "match", {"type": "string", "enum": list(get_args(Match)), "default": "auto"},
            "Whether all bare words must match, any, or all and, where few do, then some.",
        ),
        _query("from", _DATE, "The first day, month or year, included."),
        _query("to", _DATE, "The last day, month or year, included."),
        *_filters(config.max_values),
    ]  # fmt: skip


def _paging(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters that say which part of a result is wanted, and in which form."""
    return [
        _query(
            "sort", {"type": "string", "enum": list(get_args(Sort)), "default": "relevance"},
            "The order; 'recent' blends relevance with age.",
        ),
        _query(
            "half_life", _whole(1, 3650, 30),
            "Days after which sort=recent counts an article half as much.",
        ),
        _query(
            "page", _whole(1, DEEPEST_PAGE, 1), "The page, from 1; to go on, follow after."
        ),
        _query("size", _whole(1, SIZES[-1], 10), "Hits a page."),
        _query(
            "after", {"type": "string", "maxLength": 2048},
            "The cursor that an answer ended with; takes the place of page and stays in place "
            "while the index changes.",
        ),
        _query(
            "facets",
            {
                "type": "array", "items": {"type": "string", "enum": list(FACETS)},
                "maxItems": len(FACETS),
            },
            f"The facets to count, by commas; {','.join(COUNTED)} when left out.",
            style="form", explode=False,
        ),
        _query("facet_size", _whole(1, 200, 10), "Values of each facet."),
        _query("timeline", {"type": "integer", "enum": [0, 1], "default": 1}, "Count over time."),
        _query(
            "collapse", {"type": "integer", "enum": [0, 1], "default": 1},
            "Show the versions of one wire story once.",
        ),
        _query(
            "explain", {"type": "integer", "enum": [0, 1], "default": 0},
            "Break each score down.",
        ),
        _query(
            "expand", {"type": "integer", "enum": [0, 1]},
            "Add words that the first hits have in common; long queries with match=any have it.",
        ),
    ]  # fmt: skip


def _comparing(config: WebConfig) -> list[dict[str, Any]]:
    """Return the parameters of a comparison."""
    several = {
        "type": "array", "items": {"type": "string", "maxLength": 300, "pattern": _SOME},
        "minItems": 1, "maxItems": MOST_SEARCHES,
    }  # fmt: skip
    span = {"type": "string", "pattern": PATTERNS["a"]}
    return [
        _query("q", several, "The searches; articles with all words of one count.", required=True),
        _query(
            "by", {"type": "string", "enum": list(PERIODS)},
            "The period; one that suits the time where it is left out or too short.",
        ),
        _query(
            "facet", {"type": "string", "enum": list(PARAMETERS.values())},
            "A facet by which the first two searches are set side by side.",
        ),
        _query("a", span, "A period whose words are compared with those of b: 2017-03..2017-09."),
        _query("b", span, "The other period."),
        *_narrowing(config)[1:],
    ]  # fmt: skip


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _null_or(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a value that may be missing."""
    return {**schema, "type": ["object", "null"]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _told(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description}


_TRUTH = {"type": "boolean"}
_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_MARKS = _told(
    _list({"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}),
    "Where the words that match stand in the text: first and last place, the last excluded.",
)


def _schemas() -> dict[str, Any]:
    """Return the values that answers are made of: every field of theirs."""
    values = {
        field.name: _STRINGS if field.kind == "values" else _TEXT
        for field in FIELDS if field.name in VALUES
    }  # fmt: skip
    hit = {
        "id": _TEXT, "title": _TEXT, "title_marks": _MARKS, "url": _TEXT, "published": _STATED,
        **values, "score": {"type": "number"}, "snippet": _TEXT, "snippet_marks": _MARKS,
        "found_in": _told(_TEXT, "The field that has the words, where the text has none."),
        "partial": _told(_TRUTH, "Whether it has some of the words only."),
        "cluster": _told(_TEXT, "What all versions of a story have in common; empty for none."),
        "versions": _told(_COUNT, "Versions of the story in the whole result."),
        "explanation": _ref("Explanation"),
    }  # fmt: skip
    return {
        "Hit": _object(hit, [name for name in hit if name != "explanation"]),
        "Explanation": _object(
            {"label": _TEXT, "value": {"type": "number"}, "parts": _list(_ref("Explanation"))}
        ),
        "FacetValue": _object(
            {"value": _TEXT, "count": _COUNT, "selected": _TRUTH, "excluded": _TRUTH}
        ),
        "Bar": _object({"start": _INSTANT, "end": _INSTANT, "count": _COUNT}),
        "Note": _object(
            {
                "code": _TEXT, "message": _TEXT,
                "text": _told(_TEXT, "The piece of the query that it is about."),
                "start": {"type": "integer", "minimum": -1},
                "end": {"type": "integer", "minimum": -1},
            }
        ),
        "Chip": _object({"label": _TEXT, "without": _TEXT}),
        "Answer": _object(
            {
                "query": _TEXT, "parsed": _told(_TEXT, "The query as it was read."),
                "total": _told(_COUNT, "Articles that match, all versions counted."),
                "stories": _told(_COUNT, "The same, versions of a story counted once."),
                "partial_total": _told(_COUNT, "Further articles with some of the words."),
                "shown": _told(_COUNT, "Both together: what facets and timeline count."),
                "took_ms": {"type": "number", "minimum": 0},
                "page": _COUNT, "pages": _COUNT, "size": _COUNT,
                "hits": _list(_ref("Hit")),
                "facets": {"type": "object", "additionalProperties": _list(_ref("FacetValue"))},
                "facet_values": _told(
                    {"type": "object", "additionalProperties": _COUNT},
                    "How many values each facet has.",
                ),
                "timeline": _list(_ref("Bar")),
                "interval": {
                    "enum": ["hour", "day", "week", "month", "quarter", "year", "decade", None]
                },
                "undated": _told(_COUNT, "Articles without a date, or with too rough a one."),
                "notes": _list(_ref("Note")), "chips": _list(_ref("Chip")),
                "suggestion": _told(_TEXT, "A better spelling, empty for none."),
                "suggestion_total": _COUNT, "suggestion_sure": _TRUTH,
                "after": _told(_TEXT, "The cursor of the next page, empty on the last."),
                "generation": _COUNT,
            }
        ),
        "Comparison": _object(
            {
                "period": {"enum": list(PERIODS)},
                "periods": _told(_STRINGS, "The first day of each period, without gaps."),
                "all": _told(_COUNTS, "All articles of each period under the same filters."),
                "series": _list(_ref("Series")), "facet": _ref("ComparedFacet"),
                "words": _ref("ComparedWords"),
            }
        ),
        "Series": _object(
            {
                "query": _TEXT, "total": _COUNT, "counts": _COUNTS,
                "shares": _list({"type": "number", "minimum": 0, "maximum": 1}),
                "undated": _told(_COUNT, "Articles in no period."),
                "bursts": _list(_ref("Burst")), "notes": _list(_ref("Note")),
            }
        ),
        "Burst": _object({"first": _TEXT, "last": _TEXT, "weight": {"type": "number"}}),
        "ComparedFacet": _null_or(
            _object({"name": _TEXT, "values": _list(_ref("ComparedValue"))})
        ),
        "ComparedValue": _object({"value": _TEXT, "counts": _COUNTS}),
        "ComparedWords": _null_or(
            _object(
                {
                    "first": _list(_ref("KeyWord")), "second": _list(_ref("KeyWord")),
                    "counted": _told(_COUNTS, "Articles of each period that were counted."),
                    "found": _told(_COUNTS, "Articles that it has: more, where a sample was read."),
                }
            )
        ),
        "KeyWord": _object(
            {
                "word": _TEXT, "first": _COUNT, "second": _COUNT,
                "log_likelihood": {"type": "number", "minimum": 0},
            }
        ),
        "Like": _object(
            {
                "closest": _list(_ref("Hit")),
                "earlier": _told(_list(_ref("Earlier")), "Articles that share passages, by date."),
                "notes": _list(_ref("Note")),
            }
        ),
        "Earlier": _object(
            {
                "id": _TEXT, "title": _TEXT, "source": _TEXT, "published": _STATED,
                "words": _told(_COUNT, "Words of the article that are shared."), "runs": _COUNT,
                "passages": _list(_ref("Passage")),
            }
        ),
        "Passage": _object({"words": _COUNT, "own": _TEXT, "article": _TEXT}),
        "Counts": _object({"rows": _list(_ref("Count"))}),
        "Count": _object(
            {
                "line": _COUNT, "query": _TEXT, "count": {"type": ["integer", "null"]},
                "first": _STATED, "last": _STATED,
                "years": {"type": "object", "additionalProperties": _COUNT},
                "link": _TEXT, "note": _TEXT, "error": _TEXT,
            }
        ),
        "Hits": _object({"hits": _list(_ref("Hit"))}),
        "Facet": _object(
            {"name": _TEXT, "distinct": _COUNT, "values": _list(_ref("FacetValue"))}
        ),
        "Completion": _object({"text": _TEXT, "kind": _TEXT, "count": _COUNT, "id": _TEXT}),
        "Completions": _object({"completions": _list(_ref("Completion"))}),
        "Article": _object(
            {
                "id": _TEXT, "url": _TEXT, "title": _TEXT, "lead": _TEXT, "body": _STRINGS,
                "published": _STATED, "updated": _STATED, **values, "agency": _TEXT,
                "captions": _STRINGS, "credits": _STRINGS, "related": _STRINGS,
                "ocr_confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            }
        ),
        "Status": _object(
            {
                "state": {
                    "enum": ["ready", "degraded", "empty", "building", "away", "broken"]
                },
                "engine": _TEXT, "articles": _COUNT, "generation": _COUNT, "updated": _INSTANT,
                "bytes": _COUNT,
                "languages": {"type": "object", "additionalProperties": _COUNT},
                "sources": _COUNT, "first": _INSTANT, "last": _INSTANT, "timezone": _TEXT,
                "progress": {"type": "number", "minimum": 0, "maximum": 1}, "message": _TEXT,
            }
        ),
        "Problem": _object(
            {
                "type": _TEXT, "title": _TEXT, "status": {"type": "integer"},
                "detail": _told(_TEXT, "What is wrong, and what to do."),
                "instance": _TEXT, "request_id": _told(_TEXT, "Its name in the server's log."),
            }
        ),
    }  # fmt: skip


_WAIT = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("A parameter is unknown, or its value is not as described: the detail names it.", {}),
    "401": ("A name and a password are wanted.", {}),
    "404": ("There is no such article or facet.", {}),
    "413": ("The body is larger than the site takes.", {}),
    "429": ("Too many requests from this address: wait, then go on.", _WAIT),
    "503": ("The archive is empty, being built, or cannot be read just now.", _WAIT),
}
"""What can go wrong, and the headers that say more."""


_ONE = ("400", "404", "429", "503")


def _responses() -> dict[str, Any]:
    """Return the answers that paths have in common: problems, and that nothing has changed."""
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    problems = {
        f"Problem{code}": {"description": told, "headers": headers, "content": content}
        for code, (told, headers) in _PROBLEMS.items()
    }
    unchanged = {"description": "Nothing has changed since the entity tag that was sent."}
    return {**problems, "Unchanged": unchanged}


def _operation(
    name: str,
    summary: str,
    schema: str,
    parameters: list[dict[str, Any]],
    *,
    problems: Sequence[str] = ("400", "429", "503"),
) -> dict[str, Any]:
    """Return a GET operation with its good answer and its problems."""
    answers = {
        "200": {
            "description": f"{summary}.",
            "content": {"application/json": {"schema": _ref(schema)}},
        },
        "304": {"$ref": "#/components/responses/Unchanged"},
        **{code: {"$ref": f"#/components/responses/Problem{code}"} for code in problems},
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": dict(sorted(answers.items())),
        }
    }


def _body_of(parameters: list[dict[str, Any]], required: list[str] | None = None) -> dict[str, Any]:
    """Return the description of a JSON object of parameters."""
    properties = {
        each["name"]: {**each["schema"], "description": each["description"]} for each in parameters
    }
    body: dict[str, Any] = {
        "type": "object", "properties": properties, "additionalProperties": False
    }  # fmt: skip
    if required:
        body["required"] = required
    return {"required": True, "content": {"application/json": {"schema": body}}}


def _by_post(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of a GET as those of a POST: with a body, and without an entity tag."""
    told = {code: answer for code, answer in answers.items() if code != "304"}
    return dict(sorted({**told, "413": {"$ref": "#/components/responses/Problem413"}}.items()))


def _posted(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with its twin that takes the same parameters as a JSON object."""
    get = operation["get"]
    post = {
        "operationId": get["operationId"] + "ByPost",
        "summary": get["summary"] + ", with parameters of any length",
        "requestBody": _body_of(
            get["parameters"], [each["name"] for each in get["parameters"] if each.get("required")]
        ),
        "responses": _by_post(get["responses"]),
    }
    return {**operation, "post": post}


def _only_posted(operation: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Return an operation that is asked by POST alone."""
    get = operation["get"]
    return {
        "post": {
            "operationId": get["operationId"],
            "summary": get["summary"],
            "requestBody": _body_of(get["parameters"], required),
            "responses": _by_post(get["responses"]),
        }
    }


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
        _query("contains", {"type": "string", "maxLength": 100}, "Keep values that contain this."),
        _query("offset", _whole(0, 100_000, 0), "Values to pass over."),
        _query("size", _whole(1, 500, 50), "Values to return."),
        _query(
            "by", {"type": "string", "enum": ["count", "value"], "default": "count"}, "The order."
        ),
    ]
    few = _query("size", _whole(1, 50, 5), "Articles to return.")
    paths = {
        "/search": _posted(
            _operation(
                "search", "Search the archive", "Answer", [*_narrowing(config), *_paging(config)]
            )
        ),
        "/compare": _posted(
            _operation("compare", "Compare searches over time", "Comparison", _comparing(config))
        ),
        "/like": _only_posted(
            _operation(
                "like", "Find what is like a text, and where passages of it ran before", "Like",
                [
                    _query(
                        "text", _VALUE,
                        "The text; 20,000 characters of it are read, and none is kept.",
                    ),
                    _query("size", _whole(1, 50, 10), "Closest articles to return."),
                ],
            ),
            ["text"],
        ),
        "/count": _only_posted(
            _operation(
                "count", "Count a list of queries", "Counts",
                [
                    _query(
                        "queries",
                        {"type": "array", "items": _TEXT, "maxItems": config.max_queries},
                        "The queries, each in the language that /help teaches.",
                    ),
                    _query("phrases", _SWITCH, "The words of each stand together, as in names."),
                    _query("by_year", _SWITCH, "Count each year too."),
                    *_narrowing(config)[1:],
                ],
            ),
            ["queries"],
        ),
        "/articles/{id}": _operation(
            "article", "Read an article", "Article", [article_id], problems=_ONE
        ),
        "/articles/{id}/related": _operation(
            "related", "Find articles like one", "Hits", [article_id, few], problems=_ONE
        ),
        "/articles/{id}/versions": _operation(
            "versions", "Find the versions of a story", "Hits", [article_id], problems=_ONE
        ),
        "/facets/{name}": _operation(
            "facet", "List a facet's values in a result", "Facet",
            [name, *_narrowing(config), *listed], problems=_ONE,
        ),
        "/complete": _operation(
            "complete", "Complete what is being typed", "Completions",
            [
                _query("q", {"type": "string", "maxLength": 200}, "What was typed so far."),
                _query("size", _whole(1, 20, 8), "Completions to return."),
            ],
        ),
        "/status": _operation("status", "Ask for the state of the archive", "Status", []),
    }  # fmt: skip
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
        "components": {"schemas": _schemas(), "responses": _responses()},
    }
    if config.users:
        described["components"]["securitySchemes"] = {
            "password": {"type": "http", "scheme": "basic"}
        }
        described["security"] = [{"password": []}]
        for operation in (each for path in paths.values() for each in path.values()):
            operation["responses"]["401"] = {"$ref": "#/components/responses/Problem401"}
    return described
