"""Browsing: a facet's pages, completions, sparklines, and the state of the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.analysis.analyser import fold_value, tokenise
from search.answer import Completion, Facet, Sparkline, Status
from search.opensearch import hits
from search.opensearch.connection import Connection, Plan, modes
from search.opensearch.facets import aggregation, facet_of, facet_prefix, walk
from search.opensearch.mapping import Query
from search.request import Request


def facet_page(
    connection: Connection, plan: Plan, name: str, found: Query, size: int, offset: int = 0
) -> Facet:
    """Return a facet of its aggregation's reply, its values walked where that is not exact."""
    if found["values"].get("doc_count_error_upper_bound"):  # a shard may have kept one back
        base = plan.query(modes(connection, plan)[-1], filters=False)
        query = {"bool": {"must": [base], "filter": plan.picked.filters(but=name)}}
        walked = walk(lambda body: connection.ask(body, **plan.where), name, query)
        ranked = sorted(walked, key=lambda pair: (-pair[1], pair[0]))
        found["values"]["buckets"] = [{"key": key, "doc_count": count} for key, count in ranked]
    return facet_of(name, found, plan.picked, size=size, offset=offset, spell=connection.spell)


def facet(
    connection: Connection, request: Request, name: str, *, contains: str = "", offset: int = 0,
    size: int = 50, by: str = "count",
) -> Facet:  # fmt: skip
    """Return one page of a facet's values in a result, by "count" or by "value"."""
    plan = connection.plan(replace(request, facets=(name,)))
    wanted = aggregation(name, plan.picked, size=offset + size, contains=contains, by=by)
    body = {
        "size": 0, "query": plan.query(modes(connection, plan)[-1], filters=False),
        "aggs": {name: wanted},
    }  # fmt: skip
    found = connection.ask(body, **plan.where)["aggregations"][name]
    return facet_page(connection, plan, name, found, size, offset)


def complete(connection: Connection, text: str, size: int = 8) -> tuple[Completion, ...]:
    """Return completions of what is being typed: titles, tags, topics."""
    key = fold_value(text)
    if not key:
        return ()
    values: Query = {
        name: {"terms": {"field": name, "include": facet_prefix(key), "size": size}}
        for name in ("tags", "topic")
    }
    words = [token.text for token in tokenise(text)]
    title: Query = {"bool": {"must": [
        *({"term": {"title_x": word}} for word in words[:-1]),
        *({"prefix": {"title_x": {"value": word}}} for word in words[-1:]),
    ]}}  # fmt: skip
    order = [hits.NEWEST, hits.TIE]
    lines: list[Query] = [
        {"index": connection.address.name}, {"size": 0, "aggs": values},
        {"index": connection.address.name},
        {"size": size, "query": title, "sort": order, "_source": ["shown"],
         "collapse": {"field": "cluster"}},
    ]  # fmt: skip
    valued, titled = connection.client.msearch(body=lines)["responses"]
    found = [
        Completion(connection.spell(name, [bucket["key"]])[bucket["key"]], name,
                   bucket["doc_count"])
        for name in ("tags", "topic")
        for bucket in valued["aggregations"][name]["buckets"]
    ]  # fmt: skip
    room = max(size - len(found), size // 2)
    titles = [
        Completion(hit["_source"]["shown"].get("title", ""), "title", 1, hit["_id"])
        for hit in titled["hits"]["hits"][:room]
    ]
    return tuple([*found[: size - len(titles)], *titles][:size])


def sparklines(
    connection: Connection, name: str, values: Sequence[str], bars: int = 24
) -> Mapping[str, Sparkline]:
    """Return the sparklines of a facet's values, see `Engine.sparklines`."""
    archive = connection.archive()
    indices = archive.narrowed((None, None))
    chosen = {value: {"term": {name: fold_value(value)}} for value in values}
    spans = _each(connection, indices, {
        value: {"filter": filter_, "aggs": hits.SPAN} for value, filter_ in chosen.items()
    })  # fmt: skip
    dated = {
        value: (int(found["first"]["value"]), int(found["last"]["value"]))
        for value, found in spans.items()
        if found["first"]["value"] is not None
    }
    counted = _each(connection, indices, {
        value: {"filter": chosen[value], "aggs": {"bars": _bars(*dated[value], bars)}}
        for value in dated
    })  # fmt: skip
    return {
        value: Sparkline(
            datetime.fromtimestamp(dated[value][0], UTC),
            datetime.fromtimestamp(dated[value][1], UTC),
            tuple(bucket["doc_count"] for bucket in found["bars"]["buckets"]),
        )
        for value, found in counted.items()
    }


def _bars(first: int, last: int, bars: int) -> Query:
    """Return the aggregation that counts equal parts of a time, both its ends included."""
    step = -(-(last - first + 1) // bars)
    edges = [first + step * bar for bar in range(bars + 1)]
    ranges = [{"from": start, "to": end} for start, end in pairwise(edges)]
    return {"range": {"field": "published", "ranges": ranges}}


def _each(connection: Connection, indices: str, asked: Mapping[str, Query]) -> Mapping[str, Query]:
    """Return the answer to an aggregation of each value; names of aggregations are numbers."""
    if not asked:
        return {}
    aggs = {str(number): query for number, query in enumerate(asked.values())}
    found = connection.ask({"size": 0, "aggs": aggs}, index=indices)["aggregations"]
    return {value: found[str(number)] for number, value in enumerate(asked)}


def status(connection: Connection) -> Status:
    """Return the state of the archive; never raises for a missing or broken one."""
    try:
        return _status(connection)
    except BroadsheetError as error:
        state = "empty" if isinstance(error, IndexBrokenError) else "broken"
        return Status(state=state, engine="opensearch", message=str(error))


def _status(connection: Connection) -> Status:
    archive = connection.archive()
    health = connection.client.cluster.health(index=connection.address.name)
    indices = archive.narrowed((None, None))
    aggs = {
        "languages": {"terms": {"field": "language", "size": 50}},
        "sources": {"cardinality": {"field": "source", "precision_threshold": 1_000}},
    }
    body = {"size": 0, "track_total_hits": True, "aggs": aggs | hits.SPAN}
    found = connection.ask(body, index=indices)
    stats = connection.client.indices.stats(index=indices, metric="store")
    counted = found["aggregations"]
    first, last = [
        None if (second := counted[end]["value"]) is None else datetime.fromtimestamp(second, UTC)
        for end in ("first", "last")
    ]
    good = health["status"] == "green"
    nodes = health["number_of_nodes"]
    return Status(
        state="ready" if good else "degraded",
        engine="opensearch",
        articles=found["hits"]["total"]["value"],
        generation=archive.generation,
        updated=archive.committed,
        bytes=stats["_all"]["total"]["store"]["size_in_bytes"],
        languages=tuple(
            (bucket["key"], bucket["doc_count"]) for bucket in counted["languages"]["buckets"]
        ),
        sources=counted["sources"]["value"],
        first=first,
        last=last,
        timezone=archive.timezone,
        message=""
        if good
        else f"The cluster is {health['status']}: {health['unassigned_shards']} shards have no "
        f"node, {nodes} nodes answer. Searches go on.",
    )
