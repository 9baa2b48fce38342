"""The seam between those who ask and what answers: one protocol, two engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from corpus.core.article import Article
from corpus.core.errors import BadRequestError, BroadsheetError, UnavailableError
from search.answer import Answer, Completion, Facet, Hit, Sparkline, Status, Tally
from search.comparison.keyness import WordCounts
from search.request import Request


@runtime_checkable
class Engine(Protocol):
    """Answers requests. Safe to share between threads; every method may raise BroadsheetError."""

    def search(self, request: Request) -> Answer:
        """Answer a request; raises BadRequestError where it cannot be answered as it is."""

    def article(self, article_id: str) -> Article | None:
        """Return the stored article, or None when the archive has none of this id."""

    def related(self, article_id: str, size: int = 5) -> tuple[Hit, ...]:
        """Return the articles most like this one, other versions of it left out."""

    def versions(self, article_id: str) -> tuple[Hit, ...]:
        """Return every version of the story, this one included, oldest first."""

    def neighbours(self, request: Request, article_id: str) -> tuple[Hit | None, Hit | None]:
        """Return the hits before and after this one in the result of a request."""

    def complete(self, text: str, size: int = 8) -> tuple[Completion, ...]:
        """Return completions of what is being typed."""

    def facet(
        self, request: Request, name: str, *, contains: str = "", offset: int = 0, size: int = 50,
        by: str = "count",
    ) -> Facet:  # fmt: skip
        """Return one page of a facet's values in a result, by "count" or by "value".

        `contains` keeps the values that contain it, case and accents folded.
        """

    def sparklines(
        self, name: str, values: Sequence[str], bars: int = 24
    ) -> Mapping[str, Sparkline]:
        """Return the sparklines of a facet's values, of those that have dated articles."""

    def tallies(
        self, requests: Iterable[Request], period: str = ""
    ) -> Iterator[Tally | BadRequestError]:
        """Yield how many articles each request finds and when, or why it cannot be answered.

        `period`, one of `search.timeline.PERIODS`, counts by it; "" does not. Cheaper than
        `search` where thousands of requests are counted, or many periods.
        """

    def word_counts(self, first: Request, second: Request) -> WordCounts:
        """Return in how many articles of each of two results each word is."""

    def matches(self, request: Request, article_id: str) -> tuple[tuple[str, int, int], ...]:
        """Return where the query's words occur in a stored article.

        Each is (part, start, end): part is "title", "lead" or "body/N" with N from 0; start and
        end are code points of that string, sorted and without overlap.
        """

    def scan(self, request: Request) -> Iterator[Article]:
        """Yield every article that matches, in the request's order, in bounded memory."""

    def newcomers(self, after: int, until: int) -> Iterator[tuple[int, Article]]:
        """Yield the articles that came later than one time and not after another, seconds since
        1970, each with when it came; in that order, from one generation, in bounded memory."""

    def status(self) -> Status:
        """Return the state of the engine; never raises for a missing or broken index."""

    def refresh(self) -> bool:
        """Take up the newest committed generation; True when there was a newer one."""

    def close(self) -> None:
        """Release what is open; the engine is not used afterwards."""


def open_engine(index: Path | str = "", *, engine: str = "embedded", url: str = "") -> Engine:
    """Open the engine that the user named: "embedded" on a folder, or "opensearch" at a URL.

    Raises IndexBrokenError or UnavailableError, saying what to do.
    """
    if engine == "embedded":
        from search.embedded.engine import EmbeddedEngine

        return EmbeddedEngine(Path(index))
    if engine == "opensearch":
        try:
            from search.opensearch.engine import OpenSearchEngine
        except ImportError as error:
            raise UnavailableError(
                "The cluster's client is not installed: run pip install 'broadsheet[opensearch]'."
            ) from error
        return OpenSearchEngine(url)
    raise BroadsheetError(f"There is no engine '{engine}': use embedded or opensearch.")
