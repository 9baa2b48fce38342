"""Hits, dates and explanations: the cluster's replies as values of `search.answer`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from corpus.core.errors import BadRequestError
from corpus.core.fields import DATE, FIELDS, VALUES
from corpus.core.stated_date import Precision, StatedDate
from search.answer import Explanation, Hit
from search.dates.parsing import bounds
from search.opensearch.mapping import Query
from search.query.nodes import Node, date_ranges
from search.request import Request

NEWEST: Query = {"published": {"order": "desc", "missing": "_last"}}
OLDEST: Query = {"published": {"order": "asc", "missing": "_last"}}
TIE: Query = {"id": "asc"}
SPAN: Query = {"first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}}
"""Aggregations of the first and the last date."""

_FLOOR = 0.3  # the share of its relevance that the oldest article keeps with ``sort=recent``


def hit_of(found: Query) -> Hit:
    """Return a hit of the cluster's; spellings come from what was stored to be shown."""
    source = found["_source"]
    shown = source.get("shown", {})
    cluster = source["cluster"] if source["cluster"] != found["_id"] else ""
    inner = found.get("inner_hits", {}).get("versions", {})
    explained = found.get("_explanation")
    values: dict[str, Any] = {
        field.name: tuple(shown.get(field.name, ())) if field.kind == "values"
        else shown.get(field.name, "")
        for field in FIELDS if field.name in VALUES
    }  # fmt: skip
    return Hit(
        id=found["_id"],
        title=shown.get("title", ""),
        url=shown.get("url", ""),
        published=StatedDate(shown["published"]) if "published" in shown else None,
        **values,
        score=found.get("_score") or 0.0,
        cluster=cluster,
        versions=inner["hits"]["total"]["value"] if inner else 1,
        explanation=explanation_of(explained) if explained else None,
    )


def explanation_of(found: Query) -> Explanation:
    """Return the cluster's own explanation; parts that do not add up are left out of the sum."""
    parts = tuple(explanation_of(part) for part in found.get("details", ()))
    whole = Explanation(str(found["description"]), float(found["value"]), parts)
    adds = abs(sum(part.value for part in parts) - whole.value) <= 1e-4 * max(1.0, whole.value)
    return whole if adds else replace(whole, parts=())


def date_bounds(request: Request, node: Node, timezone: str) -> tuple[int | None, int | None]:
    """Return the dates [start, end) outside which no article can match."""
    ranges = [bounds(request.since, request.until, now=datetime.now(UTC), timezone=timezone)]
    ranges += [(one.start, one.end) for one in date_ranges(node) if one.fieldname == DATE]
    starts = [start for start, _ in ranges if start is not None]
    ends = [end for _, end in ranges if end is not None]
    return max(starts, default=None), min(ends, default=None)


def sort_of(request: Request) -> list[Query]:
    """Return the order of hits; ties are broken by date, newest first, then by id."""
    match request.sort:
        case "newest":
            return [NEWEST, TIE]
        case "oldest":
            return [OLDEST, TIE]
        case "added":
            return [{"added": {"order": "desc", "missing": "_last"}}, NEWEST, TIE]
    return [{"_score": "desc"}, NEWEST, TIE]


def by_precision(aggs: Query) -> Query:
    """Return aggregations over the matches whose dates are known so well, for each precision."""
    known = {str(int(one)): {"range": {"precision": {"lte": one}}} for one in Precision}
    return {"filters": {"filters": known}, "aggs": aggs}


def refused(reply: Query) -> BadRequestError | None:
    """Return why a search of several was refused, None where it was answered."""
    if "error" not in reply:
        return None
    cause = (reply["error"].get("root_cause") or [reply["error"]])[0]
    if "too_many" in cause["type"] or "maxClauseCount" in cause["reason"]:
        return BadRequestError(
            "The query has too many words for this cluster: use fewer, or raise its setting"
            " indices.query.bool.max_clause_count."
        )
    return BadRequestError(f"The cluster cannot answer this: {cause['reason']}.")


def recent(query: Query, half_life_days: float, now: int) -> Query:
    """Multiply scores by a factor that halves, down to a floor, with each half-life of age."""
    script = (
        "double age = doc['published'].size() == 0 ? 1e12"
        " : Math.max(0, params.now - doc['published'].value);"
        "return _score * (params.floor + (1 - params.floor) * Math.pow(2, -age / params.half));"
    )
    params = {"now": now, "floor": _FLOOR, "half": half_life_days * 86_400}
    return {"script_score": {"query": query, "script": {"source": script, "params": params}}}
