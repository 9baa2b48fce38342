"""A cluster's archive as it is asked: the client, what is remembered, and a request made ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from zlib import crc32

from indexer.analysis.analyser import fold_value
from search.dates.parsing import bounds
from search.opensearch import hits
from search.opensearch.archive import ClusterArchive, settings_of
from search.opensearch.client import TellingTransport, connect, parse_address
from search.opensearch.dsl import DslCompiler, Mode
from search.opensearch.facets import Choices, choices
from search.opensearch.mapping import Query, within
from search.query.matching import FEW, is_quoted, loosened, mode_of
from search.query.nodes import Node, Should
from search.query.parse import Parsed, parse
from search.request import Request
from search.snippets.snippets import Highlighter

KEEP_ALIVE = "2m"  # how long the cluster keeps a point in time that nobody asks for
SPELLINGS = 100_000  # publishers' spellings that are remembered


@dataclass(frozen=True, slots=True)
class Plan:
    """A request made ready: what was read, its filters, and the query that every part shares."""

    request: Request
    parsed: Parsed
    compiler: DslCompiler
    archive: ClusterArchive
    picked: Choices
    indices: str

    @property
    def where(self) -> dict[str, str]:
        """Which indices are asked, and which copies of their shards: the same ones for one text.

        Copies hold different deleted documents, which count in a word's frequency: pages of one
        result would overlap, and lose articles, where each page came from other copies.
        """
        text = crc32(self.request.text.encode("utf-8", "replace"))
        return {"index": self.indices, "preference": f"text-{text:08x}"}

    def highlighter(self) -> Highlighter:
        """Return what marks the words of the query."""
        return Highlighter(self.parsed.node, self.archive.languages)

    def query(self, mode: Mode, *, filters: bool = True, without: Query | None = None) -> Query:
        """Return the query, with the chosen values as filters or not, less what `without` finds."""
        compiler = replace(self.compiler, mode=mode)
        clauses: Query = {"must": [compiler.compile(self.parsed.node)]}
        since, until, zone = self.request.since, self.request.until, self.archive.timezone
        dates = within(*bounds(since, until, now=datetime.now(UTC), timezone=zone))
        clauses["filter"] = [*dates, *(self.picked.filters() if filters else ())]
        if without is not None:
            clauses["must_not"] = [without]
        return {"bool": clauses}


def plan_of(request: Request, archive: ClusterArchive) -> Plan:
    """Return a request made ready, quoted words as written; asks nothing of the cluster.

    Raises BadRequestError where it cannot be answered.
    """
    parsed = parse(request.text, now=datetime.now(UTC), timezone=archive.timezone)
    indices = archive.narrowed(hits.date_bounds(request, parsed.node, archive.timezone))
    compiler = DslCompiler(archive.languages)
    return Plan(request, parsed, compiler, archive, choices(request), indices)


class Connection:
    """The way to one archive on a cluster; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.address = parse_address(url)
        self.client = connect(self.address, transport_class=TellingTransport, cluster=self.address)
        self._seen = 0
        self._spellings: dict[tuple[str, str], str] = {}

    def close(self) -> None:
        """Release the client's connections."""
        self.client.close()

    def refresh(self) -> bool:
        """Look at the newest generation; True when it is another than before."""
        before, self._seen = self._seen, self.archive().generation
        return before != self._seen

    def archive(self) -> ClusterArchive:
        """Return the archive's description as it is now."""
        return settings_of(self.client, self.address)

    def plan(self, request: Request) -> Plan:
        """Return a request made ready; raises BadRequestError where it cannot be answered.

        Quoted words that no article has as written are taken in any form.
        """
        plan = plan_of(request, self.archive())
        if not is_quoted(plan.parsed) or self._total(plan):
            return plan
        if (loose := loosened(plan.parsed, partial(self.occurs, plan))) is None:
            return plan
        loosely = replace(plan, parsed=loose)
        return loosely if self._total(loosely) else plan

    def occurs(self, plan: Plan, node: Node) -> bool:
        """Whether any article has what a part of a text finds that finds nothing as a whole."""
        request = plan.request
        restricted = request.filters or request.excluded or request.since or request.until
        if node is plan.parsed.node and not restricted:
            return False
        index = plan.archive.narrowed((None, None))
        body = {"query": plan.compiler.compile(node)}
        return int(self.client.count(index=index, body=body)["count"]) > 0

    def _total(self, plan: Plan) -> int:
        """Return how many articles match as a whole."""
        found = self.client.count(
            index=plan.indices, body={"query": plan.query(mode_of(plan.request))}
        )
        return int(found["count"])

    def ask(self, body: Query, **where: str) -> Query:
        """Send a search; `where` is that of a plan, or an index, or nothing where a point in time
        says it."""
        found: Query = self.client.search(body=body, **where)
        return found

    def open_pit(self, **where: str) -> str:
        """Open a point in time and return its id; `where` as in `ask`."""
        made = self.client.create_pit(keep_alive=KEEP_ALIVE, **where)
        return str(made["pit_id"])

    def by_id(self, article_id: str, source: list[str]) -> Query | None:
        """Return the hit of an id with these parts of its source, or None."""
        archive = self.archive()
        body = {"size": 1, "query": {"ids": {"values": [article_id]}}, "_source": source}
        listed = self.ask(body, index=archive.narrowed((None, None)))["hits"]["hits"]
        return listed[0] if listed else None

    def spell(self, name: str, keys: Sequence[str]) -> Mapping[str, str]:
        """Return publishers' spellings of keys; each is looked up once and remembered."""
        unknown = [key for key in keys if (name, key) not in self._spellings]
        if unknown:
            lines: list[Query] = []
            for key in unknown:
                lines.append({"index": self.address.name})
                lines.append({"size": 1, "query": {"term": {name: key}}, "_source": ["shown"]})
            replies = self.client.msearch(body=lines)["responses"]
            if len(self._spellings) > SPELLINGS:
                self._spellings.clear()
            for key, reply in zip(unknown, replies, strict=True):
                for hit in reply.get("hits", {}).get("hits", ()):
                    shown = hit["_source"]["shown"].get(name, ())
                    for value in (shown,) if isinstance(shown, str) else shown:
                        if fold_value(value) == key:
                            self._spellings[name, key] = value
        return {key: self._spellings.get((name, key), key) for key in keys}


def modes(connection: Connection, plan: Plan) -> tuple[Mode, ...]:
    """Return how what is shown matches: the last mode finds all of it, one before it comes first.

    How many have all the words is asked of the text alone, without the request's filters.
    """
    request = plan.request
    first = mode_of(request)
    node = plan.parsed.node
    if request.match != "auto" or not (isinstance(node, Should) and len(node.parts) > 1):
        return (first,)
    bare = replace(request, filters={}, excluded={}, since="", until="")
    body = {"query": connection.plan(bare).query(first)}
    index = plan.archive.narrowed((None, None))
    few = int(connection.client.count(index=index, body=body)["count"]) < FEW
    return (first, "any") if few else (first,)
