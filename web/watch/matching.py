"""Which saved searches find which new articles: the searches run over these articles alone.

What came after a moment is taken out of the archive's columns and made a segment in memory, which
answers by the engine's own plans: thousands of searches cost a fraction of a millisecond each,
however large the archive is. A search finds full matches only, whatever else it would show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError
from indexer.segment.parts import with_columns
from indexer.segment.stored import article_from
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.embedded.engine import EmbeddedEngine
from search.query.matching import mode_of
from search.request import Request

__all__ = ["CHUNK", "New", "matches", "newcomers", "newest"]

CHUNK = 5_000
"""New articles that are looked at together."""

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class New:
    """New articles, with the time of arrival of each, and the latest of these."""

    articles: tuple[Article, ...]
    added: tuple[int, ...]

    @property
    def until(self) -> int:
        """When the last of them came."""
        return max(self.added)


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


def newest(snapshot: Snapshot) -> int:
    """Return when the last of an archive's articles came, 0 where none is known."""
    return max((int(leaf.segment.added.max(initial=0)) for leaf in snapshot.leaves), default=0)


def newcomers(snapshot: Snapshot, after: int) -> Iterator[New]:
    """Yield the articles that came later than a moment, in the order in which they came.

    Those of one generation came together, and are never parted.
    """
    found: list[tuple[int, int, int]] = []
    for number, leaf in enumerate(snapshot.leaves):
        new = leaf.segment.added > after
        if leaf.live is not None:
            new &= leaf.live
        docs = np.flatnonzero(new)
        came = leaf.segment.added[docs].tolist()
        found += [(at, number, doc) for at, doc in zip(came, docs.tolist(), strict=True)]
    found.sort()
    first = 0
    while first < len(found):
        last = min(first + CHUNK, len(found)) - 1
        while last + 1 < len(found) and found[last + 1][0] == found[last][0]:
            last += 1
        yield _read(snapshot, found[first : last + 1])
        first = last + 1


def _read(snapshot: Snapshot, places: list[tuple[int, int, int]]) -> New:
    articles: list[Article] = []
    for number, group in groupby(places, key=lambda place: place[1]):
        docs = [doc for _, _, doc in group]
        articles += map(article_from, snapshot.leaves[number].segment.stored.get(docs))
    return New(tuple(articles), tuple(came for came, _, _ in places))


def matches(
    snapshot: Snapshot, new: New, searches: Iterable[tuple[int, Request]]
) -> Mapping[int, tuple[int, tuple[str, ...]]]:
    """Return for each search, by its number, how many of the new articles it finds, and the ids of
    the newest of them; those that find nothing, or cannot be asked any more, are left out."""
    segment = build_segment(new.articles, "new", snapshot.settings)
    segment = with_columns(segment, added=np.array(new.added, np.int64))
    leaf = Leaf(segment, None, segment.n_docs)
    kept = replace(snapshot, leaves=(leaf,), aliases={}, held=None, sources=("",))
    engine = EmbeddedEngine(_Fixed(kept))
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for number, request in searches:
        asked = replace(
            request, sort="newest", match=mode_of(request), page=1,
            after="", size=_MOST_SHOWN, facets=(), timeline=False, snippets=False, suggest=False,
            collapse=False, explain=False, expand=False,
        )  # fmt: skip
        try:
            answer = engine.search(asked)
        except BroadsheetError:
            continue
        if answer.total:
            found[number] = (answer.total, tuple(hit.id for hit in answer.hits))
    return found
