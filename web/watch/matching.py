"""Which saved searches find which new articles: the searches run over these articles alone.

The new articles are made a segment in memory, which answers by the embedded engine's own plans,
whichever engine holds the archive: thousands of searches cost a fraction of a millisecond each,
however large the archive is. A search finds full matches only, whatever else it would show; quoted
words are taken in any form only where the whole archive has them nowhere as written.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError
from indexer.segment.parts import with_columns
from indexer.store.snapshot import Leaf, Settings, Snapshot
from indexer.write.invert import build_segment
from search.answer import Note, Tally
from search.embedded.engine import EmbeddedEngine
from search.engine import Engine
from search.query.matching import mode_of
from search.request import Request

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A source of one snapshot."""

    kept: Snapshot

    def snapshot(self) -> Snapshot:
        """Return the snapshot."""
        return self.kept

    def take_up(self) -> bool:
        """Say that there is no newer one."""
        return False

    def close(self) -> None:
        """Do nothing: it is in memory."""


def _is_loose(notes: Sequence[Note]) -> bool:
    return any(note.code == "not-as-written" for note in notes)


class Matches:
    """What searches, each with a number, find among new articles of an archive.

    Searches that find nothing, or cannot be asked any more, have nothing.
    """

    def __init__(self, searches: Iterable[tuple[int, Request]], archive: Engine) -> None:
        self._searches = [
            (number, replace(
                request, sort="newest", match=mode_of(request), page=1, after="", size=_MOST_SHOWN,
                facets=(), timeline=False, snippets=False, suggest=False, collapse=False,
                explain=False, expand=False,
            ))
            for number, request in searches
        ]  # fmt: skip
        self._archive = archive
        self._settings = Settings(timezone=archive.status().timezone)
        self._counts: dict[int, int] = {}
        self._newest: dict[int, list[tuple[str, str]]] = {}

    def look(self, new: Sequence[tuple[int, Article]]) -> None:
        """Ask the searches of more new articles, each with when it came."""
        segment = build_segment([article for _, article in new], "new", self._settings)
        segment = with_columns(segment, added=np.array([came for came, _ in new], np.int64))
        leaf = Leaf(segment, None, segment.n_docs)
        kept = Snapshot(generation=0, leaves=(leaf,), settings=self._settings, sources=("",))
        engine = EmbeddedEngine(_Fixed(kept))
        for number, request in self._searches:
            try:
                answer = engine.search(request)
            except BroadsheetError:
                continue
            if answer.total and not (_is_loose(answer.notes) and self._as_written(request)):
                found = [(hit.published or "", hit.id) for hit in answer.hits]
                known = self._newest.get(number, [])
                self._newest[number] = heapq.nlargest(_MOST_SHOWN, known + found)
                self._counts[number] = self._counts.get(number, 0) + answer.total

    def _as_written(self, request: Request) -> bool:
        """Whether the archive has the quoted words of a request as written, so that no other form
        of them is meant."""
        (tally,) = self._archive.tallies([request])
        return isinstance(tally, Tally) and not _is_loose(tally.notes)

    def found(self) -> dict[int, tuple[int, tuple[str, ...]]]:
        """Return, by the numbers of searches, how many they found, and the ids of the newest."""
        return {
            number: (count, tuple(id_ for _, id_ in self._newest[number]))
            for number, count in self._counts.items()
        }
