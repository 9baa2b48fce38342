"""Hits from columns: what a result shows without opening the stored article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy.typing as npt

from indexer.segment import NO_DATE, FacetColumn, Strings
from search.answer import Hit, Piece
from search.embedded.reader import Reader

__all__ = ["HitColumns"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _view(array: npt.NDArray[Any]) -> memoryview:
    return memoryview(array)  # type: ignore[arg-type]


class _Text:
    """Strings, read one at a time. Memoryviews give Python's own numbers, four times as fast."""

    __slots__ = ("_bytes", "_offsets")

    def __init__(self, strings: Strings) -> None:
        self._bytes = _view(strings.data)
        self._offsets = _view(strings.offsets)

    def __getitem__(self, number: int) -> str:
        return str(self._bytes[self._offsets[number] : self._offsets[number + 1]], "utf-8")


class _Decoded(dict[int, str]):
    """A facet's values by ordinal, decoded when they are first met; a hit costs no call."""

    def __init__(self, values: Strings) -> None:
        self._values = _Text(values)

    def __missing__(self, ordinal: int) -> str:
        self[ordinal] = value = self._values[ordinal]
        return value


class _Values:
    """A facet's values by document."""

    __slots__ = ("_decoded", "_offsets", "_ordinals")

    def __init__(self, column: FacetColumn) -> None:
        self._decoded = _Decoded(column.values)
        self._offsets = _view(column.offsets)
        self._ordinals = _view(column.ordinals)

    def first(self, doc: int) -> str:
        """Return the only value of a document, or ""."""
        start = self._offsets[doc]
        return self._decoded[self._ordinals[start]] if start < self._offsets[doc + 1] else ""

    def all(self, doc: int) -> tuple[str, ...]:
        """Return all values of a document, in its own order."""
        start, end = self._offsets[doc], self._offsets[doc + 1]
        if start == end:
            return ()
        decoded = self._decoded
        return tuple([decoded[ordinal] for ordinal in self._ordinals[start:end]])


class _Leaf:
    __slots__ = (
        "authors", "dates", "ids", "language", "section", "source", "tags", "titles", "topic",
        "urls",
    )  # fmt: skip

    def __init__(self, reader: Reader, number: int) -> None:
        segment = reader.leaves[number].segment
        self.titles, self.urls = _Text(segment.titles), _Text(segment.urls)
        self.dates, self.ids = _view(segment.dates), _view(segment.ids)
        facets = segment.facets
        self.section, self.topic = _Values(facets["section"]), _Values(facets["topic"])
        self.tags, self.authors = _Values(facets["tags"]), _Values(facets["authors"])
        self.source, self.language = _Values(facets["source"]), _Values(facets["language"])


class HitColumns:
    """Makes hits of one reader's documents."""

    def __init__(self, reader: Reader, zone: tzinfo) -> None:
        self._zone = zone
        self._leaves = [_Leaf(reader, number) for number in range(len(reader.leaves))]

    def title(self, leaf: int, doc: int) -> str:
        """Return the title of a document."""
        return self._leaves[leaf].titles[doc]

    def id(self, leaf: int, doc: int) -> str:
        """Return the article's id."""
        return f"{self._leaves[leaf].ids[doc]:016x}"

    def hit(
        self, leaf: int, doc: int, score: float, *, pieces: tuple[Piece, ...] = (),
        snippet: Sequence[Piece] = (), cluster: str = "", versions: int = 1, partial: bool = False,
        explanation: object = None,
    ) -> Hit:  # fmt: skip
        """Return the hit of a document, `pieces` being its title when that is not marked."""
        column = self._leaves[leaf]
        title = column.titles[doc]
        return Hit(
            id=f"{column.ids[doc]:016x}",
            title=title,
            url=column.urls[doc],
            published=moment(column.dates[doc], self._zone),
            section=column.section.first(doc),
            topic=column.topic.first(doc),
            tags=column.tags.all(doc),
            authors=column.authors.all(doc),
            source=column.source.first(doc),
            language=column.language.first(doc),
            score=score,
            title_pieces=pieces or (Piece(title),),
            snippet=tuple(snippet),
            cluster=cluster,
            versions=versions,
            partial=partial,
            explanation=explanation,  # type: ignore[arg-type]
        )


def moment(second: int, zone: tzinfo) -> datetime | None:
    """Return an instant of the date column in a time zone, None where there is no date."""
    if second == NO_DATE:
        return None
    if -(1 << 31) < second < 1 << 37:
        return datetime.fromtimestamp(second, zone)
    try:
        return (_EPOCH + timedelta(seconds=second)).astimezone(zone)
    except OverflowError:
        return None
