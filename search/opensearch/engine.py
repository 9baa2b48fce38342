"""The cluster engine: the same requests and answers, over an OpenSearch archive.

A request becomes one multi-search: the page's hits, and (without hits) totals, facets and the span
of the dates; a second, small one counts the timeline between edges chosen for that span. Snippets,
titles and matches come from the stored articles by the same code as the embedded engine's.
"""

from __future__ import annotations

import itertools
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from opensearchpy.exceptions import NotFoundError

from corpus.article import Article
from corpus.errors import BadRequestError, BroadsheetError, IndexBrokenError
from indexer.analysis import tokenise
from search.answer import Answer, Completion, Facet, Hit, Status, Timeline
from search.language import Parsed, parse
from search.opensearch import cursors, hits
from search.opensearch.archive import ClusterArchive, settings_of
from search.opensearch.client import connect, parse_address, translated
from search.opensearch.dsl import Compiler, Mode, Query
from search.opensearch.facets import (
    Choices,
    aggregation,
    choices,
    facet_of,
    facet_prefix,
    needs_walk,
    walk,
)
from search.opensearch.mapping import PARTS, article_of, value_key
from search.query import Node, Should
from search.request import Request
from search.snippets import Highlighter
from search.timeline import choose_interval, edges, timeline_of

__all__ = ["OpenSearchEngine"]

WINDOW = 10_000
"""Hits that pages may reach; further ones are reached by cursor or export."""

SCAN_PAGE = 500
_SPELLINGS = 100_000
_VERSIONS = 1_000
KEEP_ALIVE = "2m"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A request made ready: what was read, its filters, and the query that every part shares."""

    request: Request
    parsed: Parsed
    compiler: Compiler
    archive: ClusterArchive
    picked: Choices
    indices: str

    def highlighter(self) -> Highlighter:
        return Highlighter(self.parsed.node, self.archive.languages)

    def query(self, mode: Mode, *, filters: bool = True, without: Query | None = None) -> Query:
        compiler = replace(self.compiler, mode=mode)
        clauses: Query = {"must": [compiler.compile(self.parsed.node)]}
        dates = hits.date_filter(self.request, self.archive.timezone)
        clauses["filter"] = [*dates, *(self.picked.filters() if filters else ())]
        if without is not None:
            clauses["must_not"] = [without]
        return {"bool": clauses}


class OpenSearchEngine:
    """Answers requests from a cluster; see `search.engine.Engine`."""

    def __init__(self, url: str) -> None:
        self._address = parse_address(url)
        self._client = connect(self._address)
        self._seen = 0
        self._spellings: dict[tuple[str, str], str] = {}

    def search(self, request: Request) -> Answer:
        """Answer a request; raises BadRequestError where it cannot be answered as it is."""
        began = time.perf_counter()
        with translated(self._address):
            plan = self._plan(request)
            answer = self._answer(plan)
        return replace(answer, took_ms=(time.perf_counter() - began) * 1000)

    def _plan(self, request: Request) -> _Plan:
        archive = settings_of(self._client, self._address)
        zone = request.timezone if request.timezone != "UTC" else archive.timezone
        parsed = parse(request.text, now=datetime.now(UTC), timezone=zone)
        compiler = Compiler(archive.languages)
        indices = archive.narrowed(hits.date_bounds(request, parsed.node, archive.timezone))
        return _Plan(request, parsed, compiler, archive, choices(request), indices)

    def _answer(self, plan: _Plan) -> Answer:
        request = plan.request
        mode: Mode = "any" if request.match == "any" else "all"
        full = plan.query(mode)
        cursor = cursors.decode(request.after) if request.after else cursors.Cursor()
        start = cursor.offset if request.after else (request.page - 1) * request.size
        if start + request.size > WINDOW and not cursor.after:
            raise BadRequestError(
                f"Pages reach the first {WINDOW:,} articles: narrow the search, or export it."
            )
        found, counted = self._both(plan, full, mode, cursor, start)
        whole = counted["aggregations"]["all"]
        total = whole["doc_count"]
        stories = whole["stories"]["value"]
        shown = stories if request.collapse else total
        listed = found["hits"]["hits"]
        partial_total = partial_shown = 0
        if request.match == "auto" and shown < request.size and _can_relax(plan.parsed.node):
            room = request.size - len(listed)
            extra = self._page(plan, plan.query("most", without=full), max(start - shown, 0), room)
            partial_total = extra["aggregations"]["all"]["value"]
            partial_shown = partial_total
            if request.collapse:
                partial_shown = extra["aggregations"]["stories"]["value"]
            for hit in extra["hits"]["hits"]:
                hit["partial"] = True
            listed = listed + extra["hits"]["hits"]
        reach = shown + partial_shown
        more = bool(listed) and start + len(listed) < reach
        suggestion, suggestion_total = ("", 0) if total else self._did_you_mean(plan)
        return Answer(
            query=request.text,
            parsed=plan.parsed.parsed,
            total=total,
            stories=stories,
            partial_total=partial_total,
            page=start // request.size + 1 if request.size else 1,
            size=request.size,
            pages=-(-min(reach, WINDOW) // request.size) if request.size else 0,
            hits=self._shown(plan, listed),
            facets=self._facets(plan, counted["aggregations"], mode),
            timeline=self._timeline(plan, full, whole) if request.timeline else None,
            notes=plan.parsed.notes,
            chips=plan.parsed.chips,
            suggestion=suggestion,
            suggestion_total=suggestion_total,
            after=self._next(plan, cursor, start, listed) if more else "",
            generation=plan.archive.generation,
        )

    def _both(
        self, plan: _Plan, full: Query, mode: Mode, cursor: cursors.Cursor, start: int
    ) -> tuple[Query, Query]:
        """Ask for the page's hits and for the counts in one round trip, or two with a cursor."""
        counts = self._counts(plan, full, mode)
        if plan.request.after:
            return self._continued(plan, full, cursor), self._search(plan.indices, counts)
        body = self._hits_body(plan, full)
        body |= {"from": start, "size": plan.request.size}
        lines: list[Query] = [{"index": plan.indices}, body, {"index": plan.indices}, counts]
        replies = self._client.msearch(body=lines)["responses"]
        for reply in replies:
            if "error" in reply:
                cause = reply["error"].get("root_cause") or [reply["error"]]
                raise BadRequestError(f"The cluster cannot answer this: {cause[0]['reason']}.")
        return replies[0], replies[1]

    def _hits_body(self, plan: _Plan, query: Query) -> Query:
        request = plan.request
        if request.sort == "recent":
            query = hits.recent(query, request.half_life_days, int(time.time()))
        body: Query = {
            "query": query,
            "sort": hits.sort_of(request),
            "track_scores": True,
            "track_total_hits": False,
            "explain": request.explain,
            "_source": [
                "shown", "published", "cluster", *(("article",) if request.snippets else ()),
            ],
        }  # fmt: skip
        if request.collapse:
            versions = {"name": "versions", "size": 0}
            body["collapse"] = {"field": "cluster", "inner_hits": versions}
        return body

    def _counts(self, plan: _Plan, full: Query, mode: Mode) -> Query:
        """Return the request for totals, facets and the span of dates; it asks for no hits."""
        request = plan.request
        aggregations: Query = {
            name: aggregation(name, plan.picked, size=request.facet_size)
            for name in request.facets
        }
        chosen = plan.picked.filters()
        aggregations["all"] = {
            "filter": {"bool": {"filter": chosen}},
            "aggs": {
                "stories": {"cardinality": {"field": "cluster", "precision_threshold": 40_000}},
                "first": {"min": {"field": "published"}},
                "last": {"max": {"field": "published"}},
                "undated": {"missing": {"field": "published"}},
            },
        }
        return {
            "size": 0,
            "track_total_hits": False,
            "query": plan.query(mode, filters=False),
            "aggs": aggregations,
        }

    def _page(self, plan: _Plan, query: Query, start: int, size: int) -> Query:
        body = self._hits_body(plan, query) | {"from": start, "size": size}
        body["aggs"] = {
            "all": {"value_count": {"field": "id"}},
            "stories": {"cardinality": {"field": "cluster", "precision_threshold": 40_000}},
        }
        return self._search(plan.indices, body)

    def _continued(self, plan: _Plan, query: Query, cursor: cursors.Cursor) -> Query:
        """Ask for the hits after a cursor, within its point in time (a new one on first use)."""
        pit = cursor.pit or self._open_pit(plan.indices)
        body = self._hits_body(plan, query) | {"size": plan.request.size}
        body["pit"] = {"id": pit, "keep_alive": KEEP_ALIVE}
        if cursor.after:
            body["search_after"] = list(cursor.after)
        else:
            body["from"] = cursor.offset
        try:
            return self._search("", body)
        except NotFoundError as error:
            raise BadRequestError(
                "This cursor has run out: start again without 'after'."
            ) from error

    def _next(
        self, plan: _Plan, cursor: cursors.Cursor, start: int, listed: Sequence[Query]
    ) -> str:
        offset = start + len(listed)
        partial = any(hit.get("partial") for hit in listed)
        if plan.request.collapse or partial:
            return cursors.encode(cursors.Cursor(cursor.pit, (), offset))
        return cursors.encode(cursors.Cursor(cursor.pit, tuple(listed[-1]["sort"]), offset))

    def _open_pit(self, indices: str) -> str:
        made = self._client.create_pit(index=indices, keep_alive=KEEP_ALIVE)
        return str(made["pit_id"])

    def _search(self, indices: str, body: Query) -> Query:
        named = {"index": indices} if indices else {}
        found: Query = self._client.search(body=body, **named)
        return found

    def _shown(self, plan: _Plan, listed: Sequence[Query]) -> tuple[Hit, ...]:
        """Return the hits of a page, with snippets where they are asked for."""
        shown = [
            replace(hits.hit_of(found), partial=found.get("partial", False)) for found in listed
        ]
        if not plan.request.snippets:
            return tuple(shown)
        articles = [article_of(found["_source"]) for found in listed]
        snippets = plan.highlighter().snippets(articles)
        return tuple(
            replace(hit, title_pieces=snippet.title, snippet=snippet.passages)
            for hit, snippet in zip(shown, snippets, strict=True)
        )

    def _facets(self, plan: _Plan, found: Query, mode: Mode) -> tuple[Facet, ...]:
        return tuple(
            self._facet(plan, name, found[name], mode, size=plan.request.facet_size)
            for name in plan.request.facets
        )

    def _facet(
        self, plan: _Plan, name: str, found: Query, mode: Mode, *, size: int, offset: int = 0
    ) -> Facet:
        if needs_walk(found):
            base = plan.query(mode, filters=False)
            query = {"bool": {"must": [base], "filter": plan.picked.filters(but=name)}}
            walked = walk(lambda body: self._search(plan.indices, body), name, query)
            ranked = sorted(walked, key=lambda pair: (-pair[1], pair[0]))
            found["values"]["buckets"] = [
                {"key": key, "doc_count": count} for key, count in ranked
            ]
        return facet_of(name, found, plan.picked, size=size, offset=offset, spell=self._spell)

    def _spell(self, name: str, keys: Sequence[str]) -> Mapping[str, str]:
        """Return publishers' spellings of keys; each is looked up once and remembered."""
        unknown = [key for key in keys if (name, key) not in self._spellings]
        if unknown:
            lines: list[Query] = []
            for key in unknown:
                lines.append({"index": self._address.name})
                lines.append({"size": 1, "query": {"term": {name: key}}, "_source": ["shown"]})
            replies = self._client.msearch(body=lines)["responses"]
            if len(self._spellings) > _SPELLINGS:
                self._spellings.clear()
            for key, reply in zip(unknown, replies, strict=True):
                for hit in reply.get("hits", {}).get("hits", ()):
                    shown = hit["_source"]["shown"].get(name, ())
                    for value in (shown,) if isinstance(shown, str) else shown:
                        if value_key(value) == key:
                            self._spellings[name, key] = value
        return {key: self._spellings.get((name, key), key) for key in keys}

    def _timeline(self, plan: _Plan, full: Query, whole: Query) -> Timeline | None:
        first, last = whole["first"]["value"], whole["last"]["value"]
        if first is None:
            return None
        zone = plan.archive.timezone
        interval = choose_interval(int(first), int(last))
        instants = edges(interval, int(first), int(last), zone)
        ranges = [
            {"from": start, "to": end} for start, end in itertools.pairwise(instants)
        ]
        bars = {"bars": {"range": {"field": "published", "ranges": ranges}}}
        reply = self._search(
            plan.indices, {"size": 0, "track_total_hits": False, "query": full, "aggs": bars}
        )
        counts = [bucket["doc_count"] for bucket in reply["aggregations"]["bars"]["buckets"]]
        return timeline_of(interval, instants, counts, whole["undated"]["doc_count"], zone)

    def _did_you_mean(self, plan: _Plan) -> tuple[str, int]:
        """Return a spelling of the query that finds something, from the archive's own words."""
        words = plan.compiler.words(plan.parsed.node)
        if not words:
            return "", 0
        suggest = {
            str(number): {
                "text": word,
                "term": {"field": "body_x", "suggest_mode": "missing", "size": 1,
                         "min_word_length": 3, "prefix_length": 1},
            }
            for number, word in enumerate(words)
        }  # fmt: skip
        found = self._search(plan.indices, {"size": 0, "suggest": suggest})["suggest"]
        text = plan.parsed.parsed
        for number, word in enumerate(words):
            options = found[str(number)][0]["options"] if found[str(number)] else []
            if options:
                text = re.sub(rf"(?i)\b{re.escape(word)}\b", options[0]["text"], text)
        if text == plan.parsed.parsed:
            return "", 0
        again = self._plan(replace(plan.request, text=text, after="", page=1))
        counted = self._client.count(index=again.indices, body={"query": again.query("all")})
        return (text, counted["count"]) if counted["count"] else ("", 0)

    def article(self, article_id: str) -> Article | None:
        """Return the stored article, or None when the archive has none of this id."""
        with translated(self._address):
            found = self._by_id(article_id, ["article"])
            return article_of(found["_source"]) if found else None

    def _by_id(self, article_id: str, source: list[str]) -> Query | None:
        archive = settings_of(self._client, self._address)
        body = {"size": 1, "query": {"ids": {"values": [article_id]}}, "_source": source}
        listed = self._search(archive.narrowed((None, None)), body)["hits"]["hits"]
        return listed[0] if listed else None

    def related(self, article_id: str, size: int = 5) -> tuple[Hit, ...]:
        """Return the articles most like this one, other versions of it left out."""
        with translated(self._address):
            found = self._by_id(article_id, ["cluster"])
            if not found:
                return ()
            like = {
                "fields": list(PARTS),
                "like": [{"_index": found["_index"], "_id": article_id}],
                "min_term_freq": 1, "min_doc_freq": 2, "max_query_terms": 25,
                "minimum_should_match": "30%",
            }  # fmt: skip
            query = {
                "bool": {
                    "must": [{"more_like_this": like}],
                    "must_not": [{"term": {"cluster": found["_source"]["cluster"]}}],
                }
            }
            return self._plain_hits(query, size, [{"_score": "desc"}, {"id": "asc"}], fold=True)

    def versions(self, article_id: str) -> tuple[Hit, ...]:
        """Return every version of the story, this one included, oldest first."""
        with translated(self._address):
            found = self._by_id(article_id, ["cluster"])
            if not found:
                return ()
            query = {"term": {"cluster": found["_source"]["cluster"]}}
            oldest = {"published": {"order": "asc", "missing": "_last"}}
            order: list[Query] = [oldest, {"id": "asc"}]
            listed = self._plain_hits(query, _VERSIONS, order)
            return tuple(replace(hit, versions=len(listed)) for hit in listed)

    def _plain_hits(
        self, query: Query, size: int, order: list[Query], *, fold: bool = False
    ) -> tuple[Hit, ...]:
        archive = settings_of(self._client, self._address)
        body: Query = {
            "size": size, "query": query, "sort": order, "track_scores": True,
            "_source": ["shown", "published", "cluster"],
        }  # fmt: skip
        if fold:
            body["collapse"] = {"field": "cluster"}
        listed = self._search(archive.narrowed((None, None)), body)["hits"]["hits"]
        return tuple(hits.hit_of(hit) for hit in listed)

    def neighbours(self, request: Request, article_id: str) -> tuple[Hit | None, Hit | None]:
        """Return the hits before and after this one in the result of a request."""
        with translated(self._address):
            plan = self._plan(replace(request, snippets=False, collapse=False, after="", page=1))
            mode: Mode = "any" if request.match == "any" else "all"
            query = plan.query(mode)
            own = {"bool": {"must": [query], "filter": [{"ids": {"values": [article_id]}}]}}
            body = self._hits_body(plan, own) | {"size": 1}
            listed = self._search(plan.indices, body)["hits"]["hits"]
            if not listed:
                return None, None
            found: list[Hit | None] = []
            for flip in (True, False):
                body = self._hits_body(plan, query) | {"size": 1}
                body["sort"] = [_flipped(rule) if flip else rule for rule in body["sort"]]
                body["search_after"] = listed[0]["sort"]
                beside = self._search(plan.indices, body)["hits"]["hits"]
                found.append(hits.hit_of(beside[0]) if beside else None)
            return found[0], found[1]

    def complete(self, text: str, size: int = 8) -> tuple[Completion, ...]:
        """Return completions of what is being typed: titles, tags, topics."""
        key = value_key(text)
        if not key:
            return ()
        with translated(self._address):
            values: Query = {}
            for name in ("tags", "topic"):
                include = facet_prefix(key)
                terms = {"field": name, "include": include, "size": size}
                values[name] = {"terms": terms}
            words = [token.text for token in tokenise(text)]
            title: Query = {"bool": {"must": [
                *({"term": {"title_x": word}} for word in words[:-1]),
                *({"prefix": {"title_x": {"value": word}}} for word in words[-1:]),
            ]}}  # fmt: skip
            order = [{"published": {"order": "desc", "missing": "_last"}}, {"id": "asc"}]
            lines: list[Query] = [
                {"index": self._address.name}, {"size": 0, "aggs": values},
                {"index": self._address.name},
                {"size": size, "query": title, "sort": order, "_source": ["shown"],
                 "collapse": {"field": "cluster"}},
            ]  # fmt: skip
            valued, titled = self._client.msearch(body=lines)["responses"]
            found = [
                Completion(self._spell(name, [bucket["key"]])[bucket["key"]], name,
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

    def facet(
        self, request: Request, name: str, *, contains: str = "", offset: int = 0, size: int = 50,
        by: str = "count",
    ) -> Facet:  # fmt: skip
        """Return one page of a facet's values in a result, by "count" or by "value"."""
        with translated(self._address):
            plan = self._plan(replace(request, facets=(name,)))
            mode: Mode = "any" if request.match == "any" else "all"
            wanted = aggregation(name, plan.picked, size=offset + size, contains=contains, by=by)
            body = {
                "size": 0, "query": plan.query(mode, filters=False), "aggs": {name: wanted},
            }  # fmt: skip
            found = self._search(plan.indices, body)["aggregations"][name]
            return self._facet(plan, name, found, mode, size=size, offset=offset)

    def sparklines(
        self, name: str, values: Sequence[str], bars: int = 24
    ) -> Mapping[str, tuple[int, ...]]:
        """Return, for each value of a facet, its counts over the archive's whole span."""
        with translated(self._address):
            archive = settings_of(self._client, self._address)
            indices = archive.narrowed((None, None))
            status = self._span(indices)
            if status is None or not values:
                return dict.fromkeys(values, (0,) * bars)
            first, last = status
            step = max((last - first + 1) / bars, 1)
            ranges = [
                {"from": math.ceil(first + step * bar), "to": math.ceil(first + step * (bar + 1))}
                for bar in range(bars)
            ]
            inner = {"bars": {"range": {"field": "published", "ranges": ranges}}}
            filters = {str(n): {"term": {name: value_key(v)}} for n, v in enumerate(values)}
            aggs = {"values": {"filters": {"filters": filters}, "aggs": inner}}
            found = self._search(indices, {"size": 0, "aggs": aggs})["aggregations"]["values"]
            return {
                value: tuple(
                    bucket["doc_count"]
                    for bucket in found["buckets"][str(number)]["bars"]["buckets"]
                )
                for number, value in enumerate(values)
            }

    def _span(self, indices: str) -> tuple[int, int] | None:
        aggs = {"first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}}
        found = self._search(indices, {"size": 0, "aggs": aggs})["aggregations"]
        if found["first"]["value"] is None:
            return None
        return int(found["first"]["value"]), int(found["last"]["value"])

    def matches(self, request: Request, article_id: str) -> tuple[tuple[str, int, int], ...]:
        """Return where the query's words occur in a stored article."""
        article = self.article(article_id)
        if article is None:
            return ()
        with translated(self._address):
            return self._plan(request).highlighter().matches(article)

    def scan(self, request: Request) -> Iterator[Article]:
        """Yield every article that matches, in the request's order, from one point in time."""
        with translated(self._address):
            plan = self._plan(replace(request, snippets=True, collapse=False, after="", page=1))
            mode: Mode = "any" if request.match == "any" else "all"
            pit = self._open_pit(plan.indices)
            try:
                body = self._hits_body(plan, plan.query(mode)) | {"size": SCAN_PAGE}
                body["pit"] = {"id": pit, "keep_alive": KEEP_ALIVE}
                while True:
                    listed = self._search("", body)["hits"]["hits"]
                    for hit in listed:
                        yield article_of(hit["_source"])
                    if len(listed) < SCAN_PAGE:
                        return
                    body["search_after"] = listed[-1]["sort"]
            finally:
                self._client.delete_pit(body={"pit_id": [pit]})

    def status(self) -> Status:
        """Return the state of the engine; never raises for a missing or broken archive."""
        try:
            with translated(self._address):
                return self._status()
        except IndexBrokenError as error:
            return Status(state="empty", engine="opensearch", message=str(error))
        except BroadsheetError as error:
            return Status(state="broken", engine="opensearch", message=str(error))

    def _status(self) -> Status:
        archive = settings_of(self._client, self._address)
        health = self._client.cluster.health(index=self._address.name)
        indices = archive.narrowed((None, None))
        aggs = {
            "languages": {"terms": {"field": "language", "size": 50}},
            "sources": {"cardinality": {"field": "source", "precision_threshold": 1_000}},
        }
        found = self._search(indices, {"size": 0, "track_total_hits": True, "aggs": aggs})
        stats = self._client.indices.stats(index=indices, metric="store")
        span = self._span(indices)
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
                (bucket["key"], bucket["doc_count"])
                for bucket in found["aggregations"]["languages"]["buckets"]
            ),
            sources=found["aggregations"]["sources"]["value"],
            first=datetime.fromtimestamp(span[0], UTC) if span else None,
            last=datetime.fromtimestamp(span[1], UTC) if span else None,
            timezone=archive.timezone,
            message=""
            if good
            else f"The cluster is {health['status']}: {health['unassigned_shards']} shards have no "
            f"node, {nodes} nodes answer. Searches go on.",
        )

    def refresh(self) -> bool:
        """Say whether there is a newer generation than when this was last asked."""
        with translated(self._address):
            generation = settings_of(self._client, self._address).generation
        newer = generation != self._seen
        self._seen = generation
        return newer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _can_relax(node: Node) -> bool:
    """Say whether "most of the words" can be fewer than all of them."""
    return isinstance(node, Should) and len(node.parts) > 1


def _flipped(rule: Query) -> Query:
    """Return a sort rule turned round."""
    ((field, how),) = rule.items()
    order = how if isinstance(how, str) else how["order"]
    turned = "asc" if order == "desc" else "desc"
    if isinstance(how, str):
        return {field: turned}
    return {field: {"order": turned, "missing": "_first"}}
