"""The embedded engine: queries over the arrays of an index folder, no server.

The engine holds one reader of the newest generation, and the last few before it for those who page
through a result while the archive changes. Readers are immutable, so threads share them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import orjson

from corpus.core.article import Article
from corpus.core.errors import BadRequestError, BroadsheetError
from indexer.segment.stored import article_from
from indexer.store.generations import POINTER_NAME
from indexer.store.lock import writing_process
from indexer.store.snapshot import Snapshot
from indexer.whoosh.archive import Archive
from search.answer import Answer, Completion, Facet, Hit, Sparkline, Status, Tally
from search.embedded.answering import SearchContext, answer, ask, settled
from search.embedded.fetch.hits import moment
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import Scoring
from search.embedded.searcher import ArchiveSearcher
from search.request import Request

if TYPE_CHECKING:
    from search.comparison.keyness import WordCounts


KEPT = 4
"""Generations that are kept open, the newest included."""


class IndexSource(Protocol):
    """What an engine reads: `indexer.whoosh.archive.Archive`, or anything with snapshots."""

    def snapshot(self) -> Snapshot:
        """Return the generation that was taken up last."""

    def take_up(self) -> bool:
        """Take up the newest generation; True when there was a newer one."""

    def close(self) -> None:
        """Let go of what is open."""


class EmbeddedEngine:
    """Answers requests from an index folder; see `search.engine.Engine`."""

    def __init__(self, source: Path | str | IndexSource, scoring: Scoring | None = None) -> None:
        """Open an archive; raises IndexBrokenError when there is none that can be read."""
        self._folder = Path(source) if isinstance(source, (str, Path)) else None
        self._archive: IndexSource = (
            Archive.open(self._folder) if self._folder is not None else source  # type: ignore[assignment]
        )
        self._scoring = scoring or Scoring()
        self._lock = threading.Lock()
        self._open: OrderedDict[int, ArchiveSearcher] = OrderedDict()
        self._newest = self._take_up()

    def _take_up(self) -> ArchiveSearcher:
        opened = ArchiveSearcher.over(IndexView(self._archive.snapshot(), self._scoring))
        self._open[opened.arrays.edition] = opened
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return opened

    @property
    def searcher(self) -> ArchiveSearcher:
        """The searcher of the newest generation."""
        return self._newest

    @property
    def reader(self) -> IndexView:
        """What the searcher of the newest generation reads."""
        return self._newest.arrays

    def _ask(self, request: Request) -> SearchContext:
        newest = self._newest
        asked = ask(request, newest)
        cursor = asked.cursor() if request.after else None
        held = self._open.get(cursor.edition) if cursor else None
        return asked if held is None or held is newest else ask(request, held)

    def search(self, request: Request) -> Answer:
        """Answer a request; raises BadRequestError where it cannot be answered as it is."""
        return answer(self._ask(request))

    def article(self, article_id: str) -> Article | None:
        reader = self.reader
        place = reader.find(article_id)
        return article_from(reader.stored([place])[0]) if place else None

    def related(self, article_id: str, size: int = 5) -> tuple[Hit, ...]:
        from search.embedded.collect.browsing import related_to

        asked = self._ask(Request(match="any", facets=(), timeline=False))
        return related_to(asked, article_id, size)

    def versions(self, article_id: str) -> tuple[Hit, ...]:
        from search.embedded.collect.browsing import versions_of

        return versions_of(self._ask(Request()), article_id)

    def neighbours(self, request: Request, article_id: str) -> tuple[Hit | None, Hit | None]:
        from search.embedded.collect.browsing import neighbours_of

        return neighbours_of(settled(self._ask(request)), article_id)

    def complete(self, text: str, size: int = 8) -> tuple[Completion, ...]:
        from search.suggestions.completion import complete

        return complete(self.searcher, text, size)

    def facet(
        self, request: Request, name: str, *, contains: str = "", offset: int = 0, size: int = 50,
        by: str = "count",
    ) -> Facet:  # fmt: skip
        from search.embedded.collect.browsing import facet_page

        return facet_page(settled(self._ask(request)), name, contains, offset, size, by)

    def sparklines(
        self, name: str, values: Sequence[str], bars: int = 24
    ) -> Mapping[str, Sparkline]:
        from search.embedded.collect.browsing import sparklines

        return sparklines(self.reader, name, values, bars)

    def tallies(
        self, requests: Iterable[Request], period: str = ""
    ) -> Iterator[Tally | BadRequestError]:
        from search.embedded.collect.tallying import tallies

        return tallies(self.searcher, requests, period)

    def word_counts(self, first: Request, second: Request) -> WordCounts:
        from search.embedded.collect.word_counts import word_counts

        return word_counts(self.searcher, first, second)

    def matches(self, request: Request, article_id: str) -> tuple[tuple[str, int, int], ...]:
        from search.snippets.snippets import Highlighter

        place = self.reader.find(article_id)
        if place is None:
            return ()
        asked = self._ask(request)
        highlighter = Highlighter(settled(asked).parsed.node, asked.reader.codes)
        return highlighter.matches(orjson.loads(self.reader.stored([place])[0]))

    def scan(self, request: Request) -> Iterator[Article]:
        from search.embedded.collect.browsing import scan_places

        asked = self._ask(request)
        for places in scan_places(settled(asked)):
            for article in asked.reader.stored(places):
                yield article_from(article)

    def newcomers(self, after: int, until: int) -> Iterator[tuple[int, Article]]:
        from search.embedded.collect.browsing import newcomers

        return newcomers(self.reader, after, until)

    def status(self) -> Status:
        """Return the state of the engine; never raises for a missing or broken index."""
        try:
            return _status_of(self.reader, self._folder)
        except (BroadsheetError, OSError) as error:
            return Status(state="broken", engine="embedded", message=str(error))

    def refresh(self) -> bool:
        with self._lock:
            if not self._archive.take_up():
                return False
            self._newest = self._take_up()
            return True

    def close(self) -> None:
        self._open.clear()
        del self._newest
        self._archive.close()


def _status_of(reader: IndexView, folder: Path | None) -> Status:
    """Return the state of an archive that is open; `folder` gives its size on disk."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(reader.timezone)
    state = "ready"
    if folder is not None and not _is_there(folder):
        state = "away"
    elif not reader.n_live:
        state = "building" if folder is not None and writing_process(folder) else "empty"
    dated = reader.n_live and reader.span != (0, 0)
    return Status(
        state=state,
        engine="embedded",
        articles=reader.n_live,
        generation=reader.generation,
        identity=reader.snapshot.identity,
        updated=reader.snapshot.committed,
        bytes=_size(folder),
        languages=tuple([(code, round(share * reader.n_live)) for code, share in reader.languages]),
        sources=len(reader.snapshot.sources),
        first=moment(reader.span[0], zone) if dated else None,
        last=moment(reader.span[1], zone) if dated else None,
        timezone=reader.timezone,
        progress=1.0,
        message=_MESSAGES.get(state, ""),
    )


_MESSAGES = {
    "empty": "There are no articles yet: run `broadsheet index`.",
    "building": "There are no articles yet: run `broadsheet index`.",
    "away": "The archive's folder cannot be read: it was moved, or its disk is not there.",
}


def _is_there(folder: Path) -> bool:
    try:
        return (folder / POINTER_NAME).is_file()
    except OSError:
        return False


def _size(folder: Path | None) -> int:
    if folder is None:
        return 0
    total = 0
    with suppress(OSError):  # moved away meanwhile
        for path in folder.iterdir():
            with suppress(OSError):  # removed meanwhile
                total += path.stat().st_size
    return total
