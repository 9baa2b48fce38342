"""Compare readings of one page: how much of a text is in another, by runs of four words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from corpus.html.blocks import Block, normal
from corpus.html.prose import is_prose, size

__all__ = ["confirmed", "coverage", "shingles"]

Shingles = frozenset[tuple[str, ...]]

_WORD = re.compile(r"\w+")
_LENGTH = 4
_SHORT = 40
_FOUND = 0.6
_AGREES = 0.7
_LONGEST_EXTRA = 250


def shingles(texts: Iterable[str]) -> Shingles:
    """Return the runs of four words in the texts; of a shorter text, all of it."""
    found: set[tuple[str, ...]] = set()
    for text in texts:
        words = _WORD.findall(text.lower())
        found.update(tuple(words[i : i + _LENGTH]) for i in range(max(1, len(words) - _LENGTH + 1)))
    return frozenset(found)


def coverage(text: str, other: Shingles) -> float:
    """Return the share of a text's runs of words that are in `other`, 0 to 1."""
    own = shingles((text,))
    return len(own & other) / len(own)


def confirmed(blocks: Sequence[Block], said: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks that belong to the article by what its structured data say.

    `said` is the publisher's own text of the article. When it agrees with most of the blocks,
    those before the first and after the last that it has are dropped, and short paragraphs among
    the others that it does not have. Headings and lists are often missing from it: they stay.
    """
    whole = " ".join(said)
    other, words = shingles((whole,)), f" {normal(whole)} "
    found = [
        f" {normal(block.text)} " in words
        if len(block.text) < _SHORT
        else coverage(block.text, other) >= _FOUND
        for block in blocks
    ]
    weights = [size(block.text) if is_prose(block) else 0 for block in blocks]
    total = sum(weights)
    agreed = sum(weight for weight, is_in in zip(weights, found, strict=True) if is_in)
    if not total or agreed < _AGREES * total:
        return tuple(blocks)
    inside = [position for position, is_in in enumerate(found) if is_in and weights[position]]
    first, last = inside[0], inside[-1]
    kept = []
    for position, block in enumerate(blocks):
        if found[position]:
            kept.append(block)
        elif block.kind in ("h", "li"):
            if first - 1 <= position <= last or (block.kind == "li" and position <= last + 12):
                kept.append(block)
        elif first < position < last and len(block.text) > _LONGEST_EXTRA:
            kept.append(block)
    return tuple(kept)
