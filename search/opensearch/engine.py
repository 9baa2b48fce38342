"""The cluster engine: the same requests and answers, over an OpenSearch archive.

A request becomes one multi-search: the page's hits, and (without hits) totals, facets and the span
of the dates; a second, small one counts the timeline between edges chosen for that span. Snippets,
titles and matches come from the stored articles by the same code as the embedded engine's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson

from corpus.core.article import Article
from corpus.core.errors import BadRequestError, BroadsheetError, IndexBrokenError
from search.answer import Answer, Completion, Facet, Hit, Sparkline, Status, Tally
from search.comparison.keyness import WordCounts
from search.opensearch import answers, browse, lookups, tallying
from search.opensearch.client import translated
from search.opensearch.connection import Connection
from search.opensearch.mapping import stored_in
from search.request import Request


class OpenSearchEngine:
    """Answers requests from a cluster; see `search.engine.Engine`."""

    def __init__(self, url: str) -> None:
        self._connection = Connection(url)
        self._seen = 0

    def search(self, request: Request) -> Answer:
        """Answer a request; raises BadRequestError where it cannot be answered as it is."""
        began = time.perf_counter()
        with translated(self._connection.address):
            answer = answers.answer(self._connection, request)
        return answer._replace(took_ms=(time.perf_counter() - began) * 1000)

    def article(self, article_id: str) -> Article | None:
        with translated(self._connection.address):
            return lookups.article(self._connection, article_id)

    def related(self, article_id: str, size: int = 5) -> tuple[Hit, ...]:
        with translated(self._connection.address):
            return lookups.related(self._connection, article_id, size)

    def versions(self, article_id: str) -> tuple[Hit, ...]:
        with translated(self._connection.address):
            return lookups.versions(self._connection, article_id)

    def neighbours(self, request: Request, article_id: str) -> tuple[Hit | None, Hit | None]:
        with translated(self._connection.address):
            return lookups.neighbours(self._connection, request, article_id)

    def complete(self, text: str, size: int = 8) -> tuple[Completion, ...]:
        with translated(self._connection.address):
            return browse.complete(self._connection, text, size)

    def facet(
        self, request: Request, name: str, *, contains: str = "", offset: int = 0, size: int = 50,
        by: str = "count",
    ) -> Facet:  # fmt: skip
        with translated(self._connection.address):
            return browse.facet(
                self._connection, request, name, contains=contains, offset=offset, size=size, by=by
            )

    def sparklines(
        self, name: str, values: Sequence[str], bars: int = 24
    ) -> Mapping[str, Sparkline]:
        with translated(self._connection.address):
            return browse.sparklines(self._connection, name, values, bars)

    def tallies(
        self, requests: Iterable[Request], period: str = ""
    ) -> Iterator[Tally | BadRequestError]:
        with translated(self._connection.address):
            yield from tallying.tallies(self._connection, requests, period)

    def word_counts(self, first: Request, second: Request) -> WordCounts:
        with translated(self._connection.address):
            return tallying.word_counts(self._connection, first, second)

    def matches(self, request: Request, article_id: str) -> tuple[tuple[str, int, int], ...]:
        with translated(self._connection.address):
            found = self._connection.by_id(article_id, ["article"])
            if found is None:
                return ()
            article = orjson.loads(stored_in(found["_source"]))
            return self._connection.plan(request).highlighter().matches(article)

    def scan(self, request: Request) -> Iterator[Article]:
        with translated(self._connection.address):
            yield from lookups.scan(self._connection, request)

    def newcomers(self, after: int, until: int) -> Iterator[tuple[int, Article]]:
        with translated(self._connection.address):
            yield from lookups.newcomers(self._connection, after, until)

    def status(self) -> Status:
        """Return the state of the engine; never raises for a missing or broken archive."""
        try:
            with translated(self._connection.address):
                return browse.status(self._connection)
        except IndexBrokenError as error:
            return Status(state="empty", engine="opensearch", message=str(error))
        except BroadsheetError as error:
            return Status(state="broken", engine="opensearch", message=str(error))

    def refresh(self) -> bool:
        with translated(self._connection.address):
            generation = self._connection.archive().generation
        newer = generation != self._seen
        self._seen = generation
        return newer

    def close(self) -> None:
        self._connection.client.close()
