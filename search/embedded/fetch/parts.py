"""Stored articles of several segments, as they are stored."""

from __future__ import annotations

from collections.abc import Sequence

from search.embedded.reader import IndexView


def stored(reader: IndexView, places: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the stored articles of (leaf, document) pairs as JSON, in their order."""
    if len(reader.leaves) == 1:
        return reader.leaves[0].segment.stored.get([doc for _, doc in places])
    found: list[bytes] = [b""] * len(places)
    for number in {leaf for leaf, _ in places}:
        at = [i for i, (leaf, _) in enumerate(places) if leaf == number]
        articles = reader.leaves[number].segment.stored.get([places[i][1] for i in at])
        for i, article in zip(at, articles, strict=True):
            found[i] = article
    return found
