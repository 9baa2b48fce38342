"""How many of the words side by side must match: one rule for every engine."""

from __future__ import annotations

from typing import Literal

from search.answer import Note
from search.request import Request

FEW = 10
"""Full matches from which on ``auto`` shows nothing else."""


def needed(match: str, words: int, required: bool) -> int:
    """Return how many of `words` bare words an article must have.

    `match` is "all" or "any". Where other words are `required` (filters do not count), "any" makes
    the bare words optional: they only raise the score.

    >>> [needed("any", n, required) for n in (1, 3) for required in (False, True)]
    [1, 0, 1, 0]
    """
    if match == "any":
        return 0 if required else min(1, words)
    return words


def partial_note(total: int, partial: int) -> tuple[Note, ...]:
    """Return what is to be said where `partial` articles with some of the words are shown, too."""
    if not partial:
        return ()
    some = f"{partial:,} with some of them"
    if not total:
        message = f"No article has all of the words; showing {some}."
    else:
        has = "1 article has" if total == 1 else f"{total:,} articles have"
        message = f"{has} all of the words; {some} follow."
    return (Note("some-words", message),)


def mode_of(request: Request) -> Literal["all", "any"]:
    """Return how the words of a request's full matches must occur; "auto" begins with all."""
    return "any" if request.match == "any" else "all"
