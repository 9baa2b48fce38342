"""How many of the words side by side must match: one rule for every engine."""

from __future__ import annotations

from typing import Literal

from search.request import Request

__all__ = ["MOST", "mode_of", "needed"]

MOST = 0.7
"""The share of the words that ``most`` asks for, rounded down, at least one."""


def needed(match: str, words: int, required: bool) -> int:
    """Return how many of `words` bare words an article must have.

    `match` is "all", "any" or "most". Where other words are `required` (filters do not count),
    "any" makes the bare words optional: they only raise the score.

    >>> [needed("most", n, False) for n in (1, 2, 3, 4, 5, 10)]
    [1, 1, 2, 2, 3, 7]
    """
    if match == "any":
        return 0 if required else min(1, words)
    if match == "most":
        return min(words, max(1, int(words * MOST + 1e-9)))
    return words


def mode_of(request: Request) -> Literal["all", "any"]:
    """Return how the words of a request's full matches must occur; "auto" begins with all."""
    return "any" if request.match == "any" else "all"
