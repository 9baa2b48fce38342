"""The write side's seam: what takes articles in, be it a folder of segments or a cluster.

`update` reads sources and drives a Writer; it does not know which engine is behind it. The
embedded one is `archive`, the cluster's is injected by the command line, so that no arrow points
from `indexer` to `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from corpus.core.article import Article
    from indexer.care.check import Report
    from indexer.update.file_manifest import Remembered


def arrival_after(committed: datetime | None, now: float) -> int:
    """Return the time of arrival of what a session commits, in seconds since 1970 as `now`: later
    than the commit before it, None for none, so what is new since a generation is told by time
    alone, whatever the clock does."""
    return max(int(now), int(committed.timestamp()) + 1 if committed else 0)


@runtime_checkable
class Writer(Protocol):
    """One writing session: nothing shows before `commit`, nothing is left after a failure."""

    @property
    def main_language(self) -> str:
        """The language that the archive is set to have, "" where none is."""

    def languages(self) -> Mapping[str, Mapping[str, int]]:
        """Return for each source (folded, "" for none) how many articles are in each language."""

    def lookup(self, ids: Sequence[str]) -> Sequence[int]:
        """Return the stored content fingerprint of each id, 0 where it is unknown.

        An id that is looked up counts as seen (see `prune`).
        """

    def put(self, articles: Sequence[Article], fingerprints: Sequence[int], root: str) -> None:
        """Add articles, or replace those of the same id, read from the source `root`."""

    def put_stored(self, stored: Sequence[bytes], fingerprints: Sequence[int], root: str) -> None:
        """Add articles as `put` does, given as JSON (`corpus.core.wire.article_json`)."""

    def came(self, id_: str, at: int) -> None:
        """Say when the archive had an article first, seconds since 1970: one that it does not know
        otherwise, and is put in this session."""

    def rejected(self, *, wait: bool = False) -> Sequence[tuple[str, str, str]]:
        """Return (id, path, reason) of the articles that were refused since this was last asked, as
        far as is known: with `wait` or after `commit` all of them."""

    def remove(self, ids: Sequence[str]) -> int:
        """Remove articles by id; returns how many there were."""

    def prune(self, roots: Sequence[str]) -> int:
        """Remove sources' articles that were neither looked up nor put; returns how many."""

    def commit(self) -> int:
        """Make everything visible at once and durable; ends the session, returns the generation."""

    def close(self) -> None:
        """End the session; what was not committed is gone."""


@runtime_checkable
class Remembers(Protocol):
    """What a Writer may have besides: a memory of what was read from which file."""

    def recall(self) -> Remembered:
        """Return what earlier runs remembered."""

    def remember(self, readings: Remembered) -> None:
        """Keep this for the next run, once `commit` has succeeded. Failing costs time only."""


@runtime_checkable
class Store(Protocol):
    """A place that can be written to, one writer at a time."""

    def writer(self, *, rebuild: bool = False) -> Writer:
        """Begin a session; with `rebuild` an empty generation is built beside the one that serves.

        Raises IndexLockedError, saying who holds the lock.
        """

    def check(self, on_progress: Callable[[float], None] = ...) -> Report:
        """Verify all that is stored; raises IndexBrokenError when there is no archive at all.

        `on_progress` is told which share of it is done, where that is known.
        """

    def articles(self) -> Iterator[tuple[str, Article, int]]:
        """Yield every article with the source it was read from, and when it came first (seconds
        since 1970, 0 where that is not known), in bounded memory."""

    def sources(self) -> tuple[str, ...]:
        """Return the sources that articles were read from, as the user named them."""
