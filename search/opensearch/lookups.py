"""Looking articles up: by id, alike, of one story, beside each other, all of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from corpus.core.article import Article
from search.answer import Hit
from search.opensearch import hits
from search.opensearch.connection import KEEP_ALIVE, Connection, modes
from search.opensearch.mapping import Query, article_of, stored_in
from search.opensearch.vocabulary import ClusterVocabulary
from search.query.matching import mode_of
from search.request import Request
from search.similarity.similar import LEAST_LIKENESS, similar

SCAN_PAGE = 500
_VERSIONS = 1_000


def hits_body(request: Request, query: Query) -> Query:
    """Return the search for the hits of a query in a request's order."""
    if request.sort == "recent":
        query = hits.recent(query, request.half_life_days, int(time.time()))
    body: Query = {
        "query": query,
        "sort": hits.sort_of(request),
        "track_scores": True,
        "track_total_hits": False,
        "explain": request.explain,
        "_source": [
            "shown", "cluster", *(("article",) if request.snippets else ()),
        ],
    }  # fmt: skip
    if request.collapse:
        versions = {"name": "versions", "size": 0}
        body["collapse"] = {"field": "cluster", "inner_hits": versions}
    return body


def article(connection: Connection, article_id: str) -> Article | None:
    """Return the stored article, or None when the archive has none of this id."""
    found = connection.by_id(article_id, ["article"])
    return article_of(found["_source"]) if found else None


def related(connection: Connection, article_id: str, size: int = 5) -> tuple[Hit, ...]:
    """Return the articles most like this one, other versions of it left out."""
    found = connection.by_id(article_id, ["cluster", "article"])
    if not found:
        return ()
    plan = connection.plan(Request(match="any"))
    node = similar(article_of(found["_source"]), ClusterVocabulary(connection, plan))
    like = replace(plan.compiler, mode="any").compile(node)
    itself = {"bool": {"must": [like], "filter": [{"ids": {"values": [article_id]}}]}}
    query = {
        "bool": {"must": [like], "must_not": [{"term": {"cluster": found["_source"]["cluster"]}}]}
    }
    order: list[Query] = [{"_score": "desc"}, {"id": "asc"}]
    own = _plain_hits(connection, itself, 1, order)
    least = LEAST_LIKENESS * own[0].score if own else 0.0
    return _plain_hits(connection, query, size, order, fold=True, least=least)


def versions(connection: Connection, article_id: str) -> tuple[Hit, ...]:
    """Return every version of the story, this one included, oldest first."""
    found = connection.by_id(article_id, ["cluster"])
    if not found:
        return ()
    query = {"term": {"cluster": found["_source"]["cluster"]}}
    listed = _plain_hits(connection, query, _VERSIONS, [hits.OLDEST, hits.TIE])
    return tuple(replace(hit, versions=len(listed)) for hit in listed)


def _plain_hits(
    connection: Connection,
    query: Query,
    size: int,
    order: list[Query],
    *,
    fold: bool = False,
    least: float = 0.0,
) -> tuple[Hit, ...]:
    archive = connection.archive()
    body: Query = {
        "size": size, "query": query, "sort": order, "track_scores": True,
        "_source": ["shown", "cluster"], "min_score": least,
    }  # fmt: skip
    if fold:
        body["collapse"] = {"field": "cluster"}
    listed = connection.ask(body, index=archive.narrowed((None, None)))["hits"]["hits"]
    return tuple(hits.hit_of(hit) for hit in listed)


def matches(
    connection: Connection, request: Request, article_id: str
) -> tuple[tuple[str, int, int], ...]:
    """Return where the query's words occur in a stored article, see `Engine.matches`."""
    found = connection.by_id(article_id, ["article"])
    if found is None:
        return ()
    stored = orjson.loads(stored_in(found["_source"]))
    return connection.plan(request).highlighter().matches(stored)


def neighbours(
    connection: Connection, request: Request, article_id: str
) -> tuple[Hit | None, Hit | None]:
    """Return the hits before and after this one in the result of a request."""
    plan = connection.plan(replace(request, snippets=False, collapse=False, after="", page=1))
    query = plan.query(mode_of(request))

    def first(query: Query, **how: Any) -> list[Query]:
        body = hits_body(plan.request, query) | {"size": 1} | how
        listed: list[Query] = connection.ask(body, **plan.where)["hits"]["hits"]
        return listed

    own = first({"bool": {"must": [query], "filter": [{"ids": {"values": [article_id]}}]}})
    if not own:
        return None, None
    order = hits.sort_of(request)
    before, after = [
        hits.hit_of(beside[0]) if beside else None
        for rules in (list(map(_flipped, order)), order)
        for beside in [first(query, sort=rules, search_after=own[0]["sort"])]
    ]
    return before, after


def scan(connection: Connection, request: Request) -> Iterator[Article]:
    """Yield every article that matches, in the request's order, from one point in time."""
    plan = connection.plan(replace(request, snippets=True, collapse=False, after="", page=1))
    queries: list[Query] = []
    for mode in modes(connection, plan):
        queries.append(plan.query(mode, without=queries[-1] if queries else None))
    bodies = [hits_body(plan.request, query) for query in queries]
    for hit in _each(connection, bodies, **plan.where):
        yield article_of(hit["_source"])


def newcomers(connection: Connection, after: int, until: int) -> Iterator[tuple[int, Article]]:
    """Yield the articles that came in a time, see `Engine.newcomers`.

    Those of a writer that has not committed yet came later than the archive's last commit.
    """
    body: Query = {
        "query": {"range": {"added": {"gt": after, "lte": until}}},
        "sort": [{"added": "asc"}, {"id": "asc"}],
        "_source": ["article", "added"],
        "track_total_hits": False,
    }
    for hit in _each(connection, [body], index=connection.archive().narrowed((None, None))):
        yield hit["_source"]["added"], article_of(hit["_source"])


def _each(connection: Connection, bodies: Iterable[Query], **where: str) -> Iterator[Query]:
    """Yield the hits of some searches one after the other, all from one point in time."""
    pit = connection.open_pit(**where)
    try:
        for body in bodies:
            page = body | {"size": SCAN_PAGE, "pit": {"id": pit, "keep_alive": KEEP_ALIVE}}
            while listed := connection.ask(page)["hits"]["hits"]:
                yield from listed
                if len(listed) < SCAN_PAGE:
                    break
                page["search_after"] = listed[-1]["sort"]
    finally:
        connection.client.delete_pit(body={"pit_id": [pit]})


def _flipped(rule: Query) -> Query:
    """Return a sort rule turned round."""
    ((field, how),) = rule.items()
    if isinstance(how, str):
        return {field: "asc" if how == "desc" else "desc"}
    return {field: {"order": "asc" if how["order"] == "desc" else "desc", "missing": "_first"}}
