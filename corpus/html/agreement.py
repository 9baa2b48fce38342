"""Compare readings of one page: how much of a text is in another, by runs of four words."""

from __future__ import annotations

import re
from collections.abc import Iterable

Shingles = frozenset[tuple[str, ...]]

_WORD = re.compile(r"\w+")
_LENGTH = 4


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
