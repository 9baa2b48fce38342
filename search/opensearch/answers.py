"""Answering a request: hits, totals, facets, timeline and what was perhaps meant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import orjson

from corpus.core.errors import BadRequestError, IndexBrokenError
from corpus.core.stated_date import Precision
from search.answer import Answer, Hit, Timeline
from search.opensearch import cursors, hits
from search.opensearch.browse import facet_page
from search.opensearch.connection import KEEP_ALIVE, Connection, Plan, modes
from search.opensearch.dsl import Mode
from search.opensearch.facets import aggregation
from search.opensearch.lookups import hits_body
from search.opensearch.mapping import Query, article_of, stored_in
from search.opensearch.vocabulary import ClusterVocabulary
from search.query.matching import FEW, mode_of, partial_note
from search.query.nodes import Node
from search.request import SUGGEST_BELOW, Request, notes_on
from search.similarity.feedback import ARTICLES, expanded, wanted
from search.suggestions.suggest import Suggestion, absent_values, suggest
from search.timeline import COARSEST, choose_interval, edges, timeline_of

WINDOW = 10_000  # hits that pages may reach; further ones are reached by cursor or export
_STORIES: Query = {"cardinality": {"field": "cluster", "precision_threshold": 40_000}}


def answer(connection: Connection, request: Request) -> Answer:
    """Answer a request; raises BadRequestError where it cannot be answered as it is."""
    began = time.perf_counter()
    plan = asked = connection.plan(request)
    mode = mode_of(request)
    feedback = wanted(request, plan.parsed.node)
    if feedback and (mode == "any" or request.expand):
        plan = _expanded(connection, plan)
    full = plan.query(mode)
    cursor = cursors.SearchAfterCursor()
    if request.after:
        cursor = cursors.decode(request.after, request.order_key())
    start = cursor.offset if request.after else (request.page - 1) * request.size
    if start + request.size > WINDOW and not cursor.after:
        raise BadRequestError(
            f"Pages reach the first {WINDOW:,} articles: narrow the search, or export it."
        )
    found, counted = _both(connection, plan, full, mode, cursor, start)
    whole = counted["aggregations"]["all"]
    total = whole["doc_count"]
    stories = whole["stories"]["value"] if request.collapse else total
    listed = found["hits"]["hits"]
    reach, partial_total, shown = stories, 0, full
    if total < FEW and len(modes(connection, plan)) > 1:
        shown = plan.query("any")
        wide = _expanded(connection, plan) if feedback else plan
        room = request.size - len(listed)
        others = wide.query("any", without=full)
        extra = _page(connection, wide, others, max(start - stories, 0), room)
        listed = listed + [hit | {"partial": True} for hit in extra["hits"]["hits"]]
        counted = connection.ask(_counts(plan, "any"), **plan.where)
        whole = counted["aggregations"]["all"]
        partial_total = whole["doc_count"] - total
        reach += extra["aggregations"]["stories" if request.collapse else "all"]["value"]
    more = bool(listed) and start + len(listed) < reach
    better = _suggestion(connection, plan, total)
    return Answer(
        query=request.text,
        reading=plan.parsed,
        total=total,
        stories=stories,
        partial_total=partial_total,
        page=start // request.size + 1 if request.size else 1,
        size=request.size,
        pages=-(-min(reach, WINDOW) // request.size) if request.size else 0,
        hits=_shown(asked, listed),
        facets=tuple(
            facet_page(connection, plan, name, counted["aggregations"][name], request.facet_size)
            for name in request.facets
        ),
        timeline=_timeline(connection, plan, shown, whole) if request.timeline else None,
        notes=(
            *plan.parsed.notes,
            *notes_on(request, datetime.now(UTC), plan.archive.timezone),
            *partial_note(total, partial_total),
            *absent_values(request, plan.parsed.node, ClusterVocabulary(connection, plan), total),
        ),
        after=_next(plan, cursor, start, listed) if more else "",
        generation=plan.archive.generation,
        suggestion=better.text if better else "",
        suggestion_total=better.total if better else 0,
        suggestion_sure=bool(better and better.sure),
        took_ms=(time.perf_counter() - began) * 1000,
    )


def _both(
    connection: Connection,
    plan: Plan,
    full: Query,
    mode: Mode,
    cursor: cursors.SearchAfterCursor,
    start: int,
) -> tuple[Query, Query]:
    """Ask for the page's hits and for the counts in one round trip, or two with a cursor."""
    wanted = _counts(plan, mode)
    if plan.request.after:
        return _continued(connection, plan, full, cursor), connection.ask(wanted, **plan.where)
    body = hits_body(plan.request, full)
    body |= {"from": start, "size": plan.request.size}
    lines: list[Query] = [plan.where, body, plan.where, wanted]
    replies = connection.client.msearch(body=lines)["responses"]
    for reply in replies:
        if error := hits.refused(reply):
            raise error
    return replies[0], replies[1]


def _counts(plan: Plan, mode: Mode) -> Query:
    """Return the request for totals, facets and the span of dates; it asks for no hits."""
    request = plan.request
    aggregations: Query = {
        name: aggregation(name, plan.picked, size=request.facet_size) for name in request.facets
    }
    chosen = plan.picked.filters()
    aggregations["all"] = {
        "filter": {"bool": {"filter": chosen}},
        "aggs": {
            "stories": _STORIES,
            "known": hits.by_precision(hits.SPAN | {"coarsest": {"max": {"field": "precision"}}}),
        },
    }
    return {
        "size": 0,
        "track_total_hits": False,
        "query": plan.query(mode, filters=False),
        "aggs": aggregations,
    }


def _page(connection: Connection, plan: Plan, query: Query, start: int, size: int) -> Query:
    body = hits_body(plan.request, query) | {"from": start, "size": size}
    body["aggs"] = {"all": {"value_count": {"field": "id"}}, "stories": _STORIES}
    return connection.ask(body, **plan.where)


def _continued(
    connection: Connection, plan: Plan, query: Query, cursor: cursors.SearchAfterCursor
) -> Query:
    """Ask for the hits after a cursor, within its point in time (a new one on first use)."""
    pit = cursor.pit or connection.open_pit(**plan.where)
    body = hits_body(plan.request, query) | {"size": plan.request.size}
    body["pit"] = {"id": pit, "keep_alive": KEEP_ALIVE}
    if cursor.after:
        body["search_after"] = list(cursor.after)
    else:
        body["from"] = cursor.offset
    try:
        return connection.ask(body)
    except IndexBrokenError as error:
        raise BadRequestError("This cursor has run out: start again without 'after'.") from error


def _next(
    plan: Plan, cursor: cursors.SearchAfterCursor, start: int, listed: Sequence[Query]
) -> str:
    counting = plan.request.collapse or any(hit.get("partial") for hit in listed)
    after = () if counting else tuple(listed[-1]["sort"])
    following = cursors.SearchAfterCursor(cursor.pit, after, start + len(listed))
    return cursors.encode(following, plan.request.order_key())


def _shown(plan: Plan, listed: Sequence[Query]) -> tuple[Hit, ...]:
    """Return the hits of a page, with snippets where they are asked for."""
    shown = [replace(hits.hit_of(found), partial=found.get("partial", False)) for found in listed]
    if not plan.request.snippets:
        return tuple(shown)
    articles = [orjson.loads(stored_in(found["_source"])) for found in listed]
    snippets = plan.highlighter().snippets(articles)
    return tuple(
        replace(
            hit, title_pieces=snippet.title, snippet=snippet.passages, found_in=snippet.found_in
        )
        for hit, snippet in zip(shown, snippets, strict=True)
    )


def _timeline(connection: Connection, plan: Plan, full: Query, whole: Query) -> Timeline | None:
    spans = {
        known: (int(found["first"]["value"]), int(found["last"]["value"]))
        for known in Precision
        if (found := whole["known"]["buckets"][str(int(known))])["doc_count"]
    }
    best = min((known for known in spans if known), default=None)
    if best is None:
        return None
    coarsest = whole["known"]["buckets"][str(int(best))]["coarsest"]["value"]
    interval = choose_interval(*spans[best], Precision(int(coarsest)))
    first, last = spans[max(best, COARSEST[interval])]
    zone = plan.archive.timezone
    instants = edges(interval, first, last, zone)
    ranges = [{"from": start, "to": end} for start, end in pairwise(instants)]
    bars = {"bars": {"range": {"field": "published", "ranges": ranges}}}
    known = {"filter": {"range": {"precision": {"lte": COARSEST[interval]}}}, "aggs": bars}
    body = {"size": 0, "track_total_hits": False, "query": full, "aggs": {"known": known}}
    reply = connection.ask(body, **plan.where)
    buckets = reply["aggregations"]["known"]["bars"]["buckets"]
    counts = [bucket["doc_count"] for bucket in buckets]
    undated = whole["doc_count"] - sum(counts)
    return timeline_of(interval, instants, counts, undated, zone)


def _suggestion(connection: Connection, plan: Plan, total: int) -> Suggestion | None:
    """Return the query that was meant, where the first page of this one found little."""
    request = plan.request
    first = request.page == 1 and not request.after
    if total >= SUGGEST_BELOW or not (request.suggest and request.text and first):
        return None

    def count(node: Node) -> int:
        meant = replace(plan, parsed=plan.parsed._replace(node=node))
        body = {"query": meant.query(mode_of(request))}
        return int(connection.client.count(index=plan.indices, body=body)["count"])

    vocabulary = ClusterVocabulary(connection, plan)
    some = request.match == "auto"
    return suggest(plan.parsed.node, vocabulary, count=count, total=total, some=some)


def _expanded(connection: Connection, plan: Plan) -> Plan:
    """Return a plan with the words of its best articles added; it matches the same."""
    first = replace(plan.request, size=ARTICLES, snippets=True, explain=False)
    body = hits_body(first, plan.query("any")) | {"size": ARTICLES}
    found = connection.ask(body, **plan.where)["hits"]["hits"]
    articles = [article_of(hit["_source"]) for hit in found]
    node = expanded(plan.parsed.node, articles, ClusterVocabulary(connection, plan))
    return replace(plan, parsed=plan.parsed._replace(node=node))
