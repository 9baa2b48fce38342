"""An archive as a Whoosh index that is searched: for Whoosh's users, and for the engine.

``open_index(folder)`` returns a `whoosh.index.Index`; its searchers run on arrays, its writers keep
the archive's lock, checksums and generations. What Whoosh's query parser makes with its schema is
understood as in our own syntax: a word in every language of the archive, patterns by the forms that
people write, dates in words.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from whoosh.fields import NUMERIC, Schema
from whoosh.qparser.common import QueryParserError
from whoosh.query import Query
from whoosh.scoring import WeightingModel

from corpus.core.fields import DATE
from indexer.store.snapshot import Snapshot
from indexer.whoosh.archive import Archive
from search.dates.calendar import clock
from search.dates.parsing import read_dates
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import Scoring
from search.embedded.searcher import ArchiveSearcher
from search.query.nodes import DateRange


class ArchiveIndex(Archive):
    """An open archive whose searchers are `ArchiveSearcher`."""

    def _make_schema(self, snapshot: Snapshot) -> Schema:
        schema = super()._make_schema(snapshot)
        schema.remove(DATE)
        schema.add(DATE, _Dates(self))
        return schema

    def searcher(self, weighting: WeightingModel | None = None) -> ArchiveSearcher:
        """Return a searcher of the generation that was taken up last."""
        return ArchiveSearcher.over(IndexView(self.snapshot(), Scoring()), self, weighting)


def open_index(folder: Path | str) -> ArchiveIndex:
    """Open an archive; raises IndexBrokenError when there is none that can be read."""
    return ArchiveIndex.open(folder)


class _Dates(NUMERIC):  # type: ignore[misc]
    """A date: periods as the query syntax takes them, in the archive's zone."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(int, bits=64)
        self._archive = archive

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> Query:
        """Return the range of a period. Raises QueryParserError where it is none."""
        zone = self._archive.snapshot().settings.timezone
        found = read_dates(qstring, clock(datetime.now(UTC), zone))
        if found is None:
            raise QueryParserError(f"'{qstring}' is no date: write 2017, 2017-01 or 2017-01-30.")
        return DateRange(*found, qstring)

    def parse_range(
        self, fieldname: str, start: str | None, end: str | None, startexcl: bool, endexcl: bool,
        boost: float = 1.0,
    ) -> Query:  # fmt: skip
        """Return the range from one period to another. Raises QueryParserError."""
        opening, closing = "{" if startexcl else "[", "}" if endexcl else "]"
        text = f"{opening}{start or '*'} TO {end or '*'}{closing}"
        return self.parse_query(fieldname, text)
