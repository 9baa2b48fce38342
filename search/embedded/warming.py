"""Kernels are compiled once a machine, and loaded once a process: before the first request.

Compiling all takes half a minute, loading them a tenth of a second
(`corpus.kernels`). An engine that serves is
warmed by answering a request of every kind from its own words, two that stand side by side in a
title, so that phrases have something to find; one that answers a single request loads what that
needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from search.request import Request

if TYPE_CHECKING:
    from search.embedded.engine import EmbeddedEngine

__all__ = ["warm"]

_warm = False

_PLAIN: dict[str, Any] = {"facets": (), "timeline": False, "collapse": False, "suggest": False}
"""What is asked for where only the best articles are wanted."""


def warm(engine: EmbeddedEngine) -> None:
    """Answer a request of every kind; does nothing for an archive without words."""
    global _warm
    if _warm:
        return
    titles = [hit.title for hit in engine.search(Request(size=50)).hits]
    words = next((pair for title in titles for pair in _pairs(title)), None)
    if words is None:
        return
    for request in _requests(*words):
        engine.search(request)
    one = words[0]
    chosen = Request(
        text=one, filters={"language": ("en",), "year": ("2017",)}, excluded={"tags": ("none",)},
        sort="recent", facets=("language", "year", "tags"),
    )  # fmt: skip
    engine.search(chosen)
    engine.facet(chosen, "section")
    engine.sparklines("language", ("en",))
    engine.complete(one[:2])
    engine.complete(one)
    for hit in engine.search(Request(text=one)).hits[:1]:
        engine.related(hit.id)
        engine.versions(hit.id)
        engine.matches(Request(text=one), hit.id)
        engine.neighbours(Request(text=one), hit.id)
    for _ in islice(engine.scan(Request(text=one)), 1):
        pass
    _warm = True


def _requests(one: str, other: str) -> Iterator[Request]:
    """Yield requests of every kind that find something, for two words that follow each other."""
    year = "1987..2030"
    beginning, ending = f"{one[:2]}*", f"*{other[-2:]}"
    texts = (
        one, f"{one} {other}", f"{one} OR {other}", f'"{one} {other}"', f'"{one} {other}"~3',
        f'"{other} {one}"~5', beginning, ending, f"{one}~1", f"{other} {one}~1", f"-{one} {other}",
        f"{beginning} {ending}", f"{beginning} OR {ending}", f'"{one} {other}" OR {beginning}',
        f"date:{year} {one}", f"date:{year}", f"title:{one}", f"body:{one}", f"body:{beginning}",
        f'title:"{one} {other}"', f"tag:{one[:1]}*", f"NOT {one}",
        f"({one} OR {beginning}) {other}",
        "",
    )  # fmt: skip
    for text in texts:
        for match in ("any", "all"):
            yield Request(text=text, match=match, facets=("tags", "year"))
            yield Request(text=text, match=match, **_PLAIN)
    for sort in ("newest", "oldest", "recent", "relevance"):
        yield Request(text=f"{one} {other}", sort=sort, explain=True)
        yield Request(text=one, sort=sort, **_PLAIN)


def _pairs(title: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a title, plain ones of five letters or more, with the next such word."""
    for one, other in pairwise(title.split()):
        if min(len(one), len(other)) > 4 and one.isalpha() and other.isalpha():
            yield one.lower(), other.lower()
