"""What changed between two versions of a story, word by word.

Paragraphs are paired first, by the longest runs of equal ones; then the words of paragraphs that
were replaced are. Both steps are bounded: beyond `MOST_WORDS` words in all, paragraphs are compared
whole, and beyond `MOST_PARAGRAPHS` or `MOST_CHARACTERS` the rest of a text is left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Literal

MOST_WORDS = 8000
MOST_PARAGRAPHS = 600
MOST_CHARACTERS = 100_000

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words that both versions have, or one of them."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the comparison: `kind` says whether it is in one version only."""

    kind: Literal["same", "added", "removed", "changed"]
    changes: tuple[Change, ...]


def compare(older: Sequence[str], newer: Sequence[str]) -> tuple[Paragraph, ...]:
    """Compare two texts, one string a paragraph."""
    return tuple(_paragraphs(_beginning(older), _beginning(newer)))


def _beginning(text: Sequence[str]) -> Sequence[str]:
    """Return the paragraphs that are compared, the first one in any case."""
    sizes = accumulate(map(len, text[:MOST_PARAGRAPHS]))
    return text[: max(1, bisect_right(list(sizes), MOST_CHARACTERS))]


def _paragraphs(older: Sequence[str], newer: Sequence[str]) -> Iterator[Paragraph]:
    left = MOST_WORDS
    matcher = SequenceMatcher(None, older, newer, autojunk=False)
    for code, a, b, c, d in matcher.get_opcodes():
        if code == "equal":
            for text in newer[c:d]:
                yield Paragraph("same", (Change("same", text),))
            continue
        pairs = min(b - a, d - c)
        for old, new in zip(older[a : a + pairs], newer[c : c + pairs], strict=True):
            before, after = old.split(), new.split()
            left -= len(before) + len(after)
            yield from _pair(old, new, before, after) if left >= 0 else _whole(old, new)
        for text in older[a + pairs : b]:
            yield Paragraph("removed", (Change("removed", text),))
        for text in newer[c + pairs : d]:
            yield Paragraph("added", (Change("added", text),))


def _whole(old: str, new: str) -> tuple[Paragraph, Paragraph]:
    """Show one paragraph after the other."""
    return (
        Paragraph("removed", (Change("removed", old),)),
        Paragraph("added", (Change("added", new),)),
    )


def _pair(old: str, new: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Paragraph]:
    """Compare two paragraphs that stand in the same place, by their words."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    # Two paragraphs with little in common read better one after the other than interleaved.
    if matcher.ratio() < 0.4:
        yield from _whole(old, new)
        return
    changes: list[Change] = []

    def add(kind: Kind, words: Sequence[str]) -> None:
        if words:
            changes.append(Change(kind, (" " if changes else "") + " ".join(words)))

    for code, a, b, c, d in matcher.get_opcodes():
        if code == "equal":
            add("same", after[c:d])
            continue
        add("removed", before[a:b])
        add("added", after[c:d])
    yield Paragraph("changed", tuple(changes))
