"""An archive as a Whoosh index that is searched: for Whoosh's users, and for the engine.

``open_index(folder)`` returns a `whoosh.index.Index`; its searchers run on arrays, its writers keep
the archive's lock, checksums and generations.
"""

from __future__ import annotations

from pathlib import Path

from whoosh.scoring import WeightingModel

from indexer.archive import Archive
from search.embedded.reader import Reader
from search.embedded.scoring import Scoring
from search.embedded.searcher import ArchiveSearcher

__all__ = ["ArchiveIndex", "open_index"]


class ArchiveIndex(Archive):
    """An open archive whose searchers are `ArchiveSearcher`."""

    def searcher(self, weighting: WeightingModel | None = None) -> ArchiveSearcher:
        """Return a searcher of the generation that was taken up last."""
        arrays = Reader(self.snapshot(), Scoring())
        return ArchiveSearcher.over(arrays, self, weighting)


def open_index(folder: Path | str) -> ArchiveIndex:
    """Open an archive; raises IndexBrokenError when there is none that can be read."""
    return ArchiveIndex.open(folder)
