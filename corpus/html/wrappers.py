"""Tell the marks that are furniture from those that only sound like it.

An element named `content-sidebar-wrap` or `widget` may hold the whole article. What holds most of
a page's prose, or its headline, is no furniture; nor are paragraphs that all bear one name.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.html.blocks import Flat, Mark

__all__ = ["NESTING", "NEVER_WRAPPERS", "wrappers"]

IGNORED_SHARE = 0.5
"""A mark around more of the page's prose than this is a wrapper, not furniture."""

IGNORED_SURE_SHARE = 0.97
"""The same for comments and consent notices, which may well be longer than the article."""

NESTING = frozenset(("gallery", "table", "form", "figure", "player"))
"""Kinds that hold their like: when one of them is the article, so are those inside it."""

NEVER_WRAPPERS = frozenset(("comments", "consent"))
"""Kinds that are furniture however much prose they hold."""


def wrappers(flat: Flat, prose: Sequence[int], total: int) -> set[int]:
    """Return the marks that hold so much of the page's prose that they cannot be furniture."""
    marks = flat.marks
    for mark in marks:
        mark.prose = 0
    for block, weight in zip(flat.blocks, prose, strict=True):
        for number in block.marks:
            marks[number].prose += weight
    sure = {
        number
        for number, mark in enumerate(marks)
        if mark.kind in NEVER_WRAPPERS and mark.prose <= total * IGNORED_SURE_SHARE
    }
    rest = sum(
        weight
        for block, weight in zip(flat.blocks, prose, strict=True)
        if weight and sure.isdisjoint(block.marks)
    )
    holding = {
        number
        for number, mark in enumerate(marks)
        if number not in sure and mark.prose > rest * IGNORED_SHARE
    }
    return holding | _alike(flat, marks, holding, rest, sure)


def _alike(
    flat: Flat, marks: Sequence[Mark], holding: set[int], rest: int, sure: set[int]
) -> set[int]:
    """Return the marks that are no furniture because others like them are not.

    The parts of a gallery that is the article; paragraphs that all bear the same name.
    """
    nesting = {marks[number].kind for number in holding} & NESTING
    named: dict[str, int] = {}
    for number, mark in enumerate(marks):
        if number not in sure and flat.nodes[mark.node].names:
            names = flat.nodes[mark.node].names
            named[names] = named.get(names, 0) + mark.prose
    common = {names for names, prose in named.items() if prose > rest * IGNORED_SHARE}
    return {
        number
        for number, mark in enumerate(marks)
        if number not in sure and (mark.kind in nesting or flat.nodes[mark.node].names in common)
    }
