"""An archive as a Whoosh index: for Whoosh's own searcher, query parser and tools.

The readers are those of `indexer.codec` over the same segments; the table of contents is ours, in
JSON, so that nothing is unpickled. It is written through `FolderStore.writer` only.
"""

from __future__ import annotations

from typing import Any

from whoosh.fields import Schema
from whoosh.index import Index
from whoosh.reading import IndexReader

from corpus.errors import UnavailableError
from indexer.archive import Archive
from indexer.codec import open_reader
from indexer.schema import make_schema

__all__ = ["ArchiveIndex"]


class ArchiveIndex(Index):  # type: ignore[misc]
    """A `whoosh.index.Index` over an open archive; `language` is that of query analysis."""

    def __init__(self, archive: Archive, language: str = "") -> None:
        self._archive = archive
        self._language = language

    def __repr__(self) -> str:
        return f"ArchiveIndex({str(self._archive.folder)!r})"

    @property
    def schema(self) -> Schema:
        """The fields, as Whoosh's query parser takes them."""
        return make_schema(self._language)

    def reader(self, reuse: IndexReader | None = None) -> IndexReader:
        """Return a reader of the generation that was taken up last."""
        return open_reader(self._archive.snapshot(), self._language)

    def latest_generation(self) -> int:
        """Return the number of the generation that was taken up last."""
        return self._archive.snapshot().generation

    def up_to_date(self) -> bool:
        """Take up a newer generation if there is one; True when there was none."""
        return not self._archive.refresh()

    def refresh(self) -> ArchiveIndex:
        """Take up the newest generation."""
        self._archive.refresh()
        return self

    def last_modified(self) -> float:
        """Return when the generation was committed, in seconds since 1970."""
        committed = self._archive.snapshot().committed
        return committed.timestamp() if committed else -1

    def is_empty(self) -> bool:
        """Return whether there is no article."""
        return self._archive.snapshot().n_live == 0

    def writer(self, **options: Any) -> Any:
        """Refuse: Whoosh's writers would bypass the lock, checksums and generations."""
        raise UnavailableError(
            "An archive is not written through Whoosh: use `broadsheet index`, or FolderStore."
        )
