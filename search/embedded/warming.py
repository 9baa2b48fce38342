"""Kernels are compiled once a machine, and loaded once a process: before the first request.

Compiling all takes half a minute, loading them from numba's cache a tenth of a second. An engine
that serves is warmed by answering a request of every kind from its own words; one that answers a
single request loads what that needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.request import Request

if TYPE_CHECKING:
    from search.embedded.engine import EmbeddedEngine

__all__ = ["warm"]

_warm = False


def warm(engine: EmbeddedEngine) -> None:
    """Answer a request of every kind; does nothing for an archive without words."""
    global _warm
    words = _words(engine)
    if _warm or not words:
        return
    one, other = words[0], words[-1]
    year = "1987..2030"
    texts = (
        one, f"{one} {other}", f"{one} OR {other}", f'"{one} {other}"', f'"{one} {other}"~3',
        f"{one[:2]}*", f"{one}~1", f"-{one} {other}", f"date:{year} {one}", f"date:{year}",
        f"title:{one}", f"body:{one}", f"tag:{one[:1]}*", f"NOT {one}",
    )  # fmt: skip
    for text in texts:
        engine.search(Request(text=text, match="any", facets=("tags", "year")))
    engine.search(Request(text=one, facets=(), timeline=False))
    chosen = Request(
        text=one, filters={"language": ("en",), "year": ("2017",)}, excluded={"tags": ("none",)},
        sort="recent", facets=("language", "year", "tags"),
    )  # fmt: skip
    engine.search(chosen)
    engine.facet(chosen, "section")
    engine.sparklines("language", ("en",))
    engine.complete(one[:2])
    _warm = True


def _words(engine: EmbeddedEngine) -> list[str]:
    """Return a few words of the archive that queries can be made of."""
    found: list[str] = []
    for leaf in engine.reader.leaves:
        terms = leaf.text.form_words
        offsets = terms.offsets
        for number in range(offsets.size // 2, offsets.size - 1):
            word = terms.data[int(offsets[number]) : int(offsets[number + 1])].tobytes().decode()
            if len(word) > 3 and word.isalpha():
                found.append(word)
            if len(found) == 3:
                return found
    return found
