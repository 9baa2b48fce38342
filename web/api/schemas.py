"""The values that the API takes and gives, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.core.fields import FIELDS, VALUES
from search.timeline import PERIODS

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
STATED = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d([+-]\d\d:\d\d)?)?)?)?$",
    "description": "ISO 8601, as well as it is known: 2021, 2021-06, 2021-06-01 or a time of a day."
    " A time without an offset is one of the archive's zone.",
}
_COUNTS = {"type": "array", "items": COUNT}
_STRINGS = {"type": "array", "items": TEXT}
_YEAR = "[12][0-9]{3}"
_LEAP = "[12][0-9](0[48]|[2468][048]|[13579][26])|1[26]00|2[048]00"
_MONTH = f"{_YEAR}-(0[1-9]|1[0-2])"
_DAY = (
    f"{_YEAR}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    f"|{_YEAR}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|{_YEAR}-02-(0[1-9]|1[0-9]|2[0-8])|({_LEAP})-02-29"
)
_WORDS = "today|yesterday|(this|last) (week|month|year)"
PATTERNS = {
    "year": f"^{_YEAR}$",
    "month": f"^{_MONTH}$",
    "day": f"^({_DAY})$",
    "from": f"^({_YEAR}|{_MONTH}|{_DAY}|{_WORDS})$",
    "to": f"^({_YEAR}|{_MONTH}|{_DAY}|{_WORDS})$",
    "a": f"^({_YEAR}|{_MONTH}|{_DAY})([.][.]({_YEAR}|{_MONTH}|{_DAY}))?$",
    "b": f"^({_YEAR}|{_MONTH}|{_DAY})([.][.]({_YEAR}|{_MONTH}|{_DAY}))?$",
}
"""What the parameters that hold dates take: years, months and days from 1000 to 2999."""

SOME = r"[^\s\x00-\x20\x7f-\xa0]"
VALUE = {"type": "string", "minLength": 1}
SWITCH = {"type": "integer", "enum": [0, 1], "default": 0}


def query(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    """Return a parameter of the query string."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def whole(least: int, greatest: int, default: int) -> dict[str, Any]:
    """Return the description of a whole number between two bounds."""
    return {"type": "integer", "minimum": least, "maximum": greatest, "default": default}


def of_object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return the description of an object; `required` is all of it unless it is given."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a described value."""
    return {"$ref": f"#/components/schemas/{name}"}


def _null_or(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a value that may be missing."""
    return {**schema, "type": ["object", "null"]}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a list."""
    return {"type": "array", "items": items}


def told(schema: dict[str, Any], description: str) -> dict[str, Any]:
    """Return a description with what is to be said of it."""
    return {**schema, "description": description}


def operation(
    name: str,
    summary: str,
    answers: Mapping[str, str],
    others: Sequence[str],
    *parameters: dict[str, Any],
    body: dict[str, Any] | None = None,
    **rules: Any,
) -> dict[str, Any]:
    """Return an operation: `answers` has the value of each good status, "" where there is none.

    `others` are the further statuses, `body` the members of the object that is sent, `rules` which
    of them go together.
    """
    good: dict[str, Any] = {
        status: {
            "description": f"{summary}.",
            **({"content": {"application/json": {"schema": ref(value)}}} if value else {}),
        }
        for status, value in answers.items()
    }
    for code in others:
        shared = "Unchanged" if code == "304" else f"Problem{code}"
        good[code] = {"$ref": f"#/components/responses/{shared}"}
    made = {
        "operationId": name, "summary": summary, "parameters": list(parameters), "responses": good
    }  # fmt: skip
    if body is not None:
        schema = {"type": "object", "properties": body, "additionalProperties": False, **rules}
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return made


TRUTH = {"type": "boolean"}
_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_MARKS = told(
    listed({"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}),
    "Where the words that match stand in the text: first and last place, the last excluded.",
)


def schemas() -> dict[str, Any]:
    """Return the values that answers are made of: every field of theirs."""
    values = {
        field.name: _STRINGS if field.kind == "values" else TEXT
        for field in FIELDS if field.name in VALUES
    }  # fmt: skip
    hit = {
        "id": TEXT, "title": TEXT, "title_marks": _MARKS, "url": TEXT, "published": STATED,
        **values, "score": {"type": "number"}, "snippet": TEXT, "snippet_marks": _MARKS,
        "found_in": told(TEXT, "The field that has the words, where the text has none."),
        "partial": told(TRUTH, "Whether it has some of the words only."),
        "cluster": told(TEXT, "What all versions of a story have in common; empty for none."),
        "versions": told(COUNT, "Versions of the story in the whole result."),
        "explanation": ref("Explanation"),
    }  # fmt: skip
    return {
        "Hit": of_object(hit, [name for name in hit if name != "explanation"]),
        "Explanation": of_object(
            {"label": TEXT, "value": {"type": "number"}, "parts": listed(ref("Explanation"))}
        ),
        "FacetValue": of_object(
            {"value": TEXT, "count": COUNT, "selected": TRUTH, "excluded": TRUTH}
        ),
        "Bar": of_object({"start": _INSTANT, "end": _INSTANT, "count": COUNT}),
        "Note": of_object(
            {
                "code": TEXT, "message": TEXT,
                "text": told(TEXT, "The piece of the query that it is about."),
                "start": {"type": "integer", "minimum": -1},
                "end": {"type": "integer", "minimum": -1},
            }
        ),
        "Chip": of_object({"label": TEXT, "without": TEXT}),
        "Answer": of_object(
            {
                "query": TEXT, "parsed": told(TEXT, "The query as it was read."),
                "total": told(COUNT, "Articles that match, all versions counted."),
                "stories": told(COUNT, "The same, versions of a story counted once."),
                "partial_total": told(COUNT, "Further articles with some of the words."),
                "shown": told(COUNT, "Both together: what facets and timeline count."),
                "took_ms": {"type": "number", "minimum": 0},
                "page": COUNT, "pages": COUNT, "size": COUNT,
                "hits": listed(ref("Hit")),
                "facets": {"type": "object", "additionalProperties": listed(ref("FacetValue"))},
                "facet_values": told(
                    {"type": "object", "additionalProperties": COUNT},
                    "How many values each facet has.",
                ),
                "timeline": listed(ref("Bar")),
                "interval": {
                    "enum": ["hour", "day", "week", "month", "quarter", "year", "decade", None]
                },
                "undated": told(COUNT, "Articles without a date, or with too rough a one."),
                "notes": listed(ref("Note")), "chips": listed(ref("Chip")),
                "suggestion": told(TEXT, "A better spelling, empty for none."),
                "suggestion_total": COUNT, "suggestion_sure": TRUTH,
                "after": told(TEXT, "The cursor of the next page, empty on the last."),
                "generation": COUNT,
            }
        ),
        "Comparison": of_object(
            {
                "period": {"enum": list(PERIODS)},
                "periods": told(_STRINGS, "The first day of each period, without gaps."),
                "all": told(_COUNTS, "All articles of each period under the same filters."),
                "series": listed(ref("Series")), "facet": ref("ComparedFacet"),
                "words": ref("ComparedWords"),
            }
        ),
        "Series": of_object(
            {
                "query": TEXT, "total": COUNT, "counts": _COUNTS,
                "shares": listed({"type": "number", "minimum": 0, "maximum": 1}),
                "undated": told(COUNT, "Articles in no period."),
                "bursts": listed(ref("Burst")), "notes": listed(ref("Note")),
            }
        ),
        "Burst": of_object({"first": TEXT, "last": TEXT, "weight": {"type": "number"}}),
        "ComparedFacet": _null_or(
            of_object({"name": TEXT, "values": listed(ref("ComparedValue"))})
        ),
        "ComparedValue": of_object({"value": TEXT, "counts": _COUNTS}),
        "ComparedWords": _null_or(
            of_object(
                {
                    "first": listed(ref("KeyWord")), "second": listed(ref("KeyWord")),
                    "counted": told(_COUNTS, "Articles of each period that were counted."),
                    "found": told(_COUNTS, "Articles that it has: more, where a sample was read."),
                }
            )
        ),
        "KeyWord": of_object(
            {
                "word": TEXT, "first": told(COUNT, "Articles of the first period that have it."),
                "second": told(COUNT, "Articles of the second period that have it."),
                "log_likelihood": {"type": "number", "minimum": 0},
            }
        ),
        "Like": of_object(
            {
                "closest": listed(ref("Hit")),
                "earlier": told(listed(ref("Earlier")), "Articles that share passages, by date."),
                "notes": listed(ref("Note")),
            }
        ),
        "Earlier": of_object(
            {
                "id": TEXT, "title": TEXT, "source": TEXT, "published": STATED,
                "words": told(COUNT, "Words of the article that are shared."), "runs": COUNT,
                "passages": listed(ref("Passage")),
            }
        ),
        "Passage": of_object({"words": COUNT, "own": TEXT, "article": TEXT}),
        "Counts": of_object({"rows": listed(ref("Count"))}),
        "Count": of_object(
            {
                "line": COUNT, "query": TEXT, "count": {"type": ["integer", "null"]},
                "first": STATED, "last": STATED,
                "years": {"type": "object", "additionalProperties": COUNT},
                "link": TEXT, "note": TEXT, "error": TEXT,
            }
        ),
        "Hits": of_object({"hits": listed(ref("Hit"))}),
        "Facet": of_object(
            {"name": TEXT, "distinct": COUNT, "values": listed(ref("FacetValue"))}
        ),
        "Completion": of_object({"text": TEXT, "kind": TEXT, "count": COUNT, "id": TEXT}),
        "Completions": of_object({"completions": listed(ref("Completion"))}),
        "Article": of_object(
            {
                "id": TEXT, "url": TEXT, "title": TEXT, "lead": TEXT, "body": _STRINGS,
                "published": STATED, "updated": STATED, **values, "agency": TEXT,
                "captions": _STRINGS, "credits": _STRINGS, "related": _STRINGS,
                "ocr_confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            }
        ),
        "Status": of_object(
            {
                "state": {
                    "enum": ["ready", "degraded", "empty", "building", "away", "broken"]
                },
                "engine": TEXT, "articles": COUNT, "generation": COUNT, "updated": _INSTANT,
                "bytes": COUNT,
                "languages": {"type": "object", "additionalProperties": COUNT},
                "sources": COUNT, "first": _INSTANT, "last": _INSTANT, "timezone": TEXT,
                "progress": {"type": "number", "minimum": 0, "maximum": 1}, "message": TEXT,
            }
        ),
        "Problem": of_object(
            {
                "type": TEXT, "title": TEXT, "status": {"type": "integer"},
                "detail": told(TEXT, "What is wrong, and what to do."),
                "instance": TEXT, "request_id": told(TEXT, "Its name in the server's log."),
            }
        ),
    }  # fmt: skip
