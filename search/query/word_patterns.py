"""How one word compares with another, or with a pattern: for few words, without an index."""

from __future__ import annotations


def edits(word: str, other: str, limit: int = 1_000) -> int:
    """Return the edits between two words, or limit + 1 when there are more.

    Insertions, deletions, substitutions and transpositions of neighbours count one: the optimal
    string alignment distance, as in `search.embedded.plan.terms`.
    """
    if abs(len(word) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(word, 1):
        earlier, before, row = before, row, [i] + [0] * len(other)
        for j, theirs in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != theirs))
            if i > 1 and j > 1 and char == other[j - 2] and word[i - 2] == theirs:
                row[j] = min(row[j], earlier[j - 2] + 1)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def like(word: str, pattern: str) -> bool:
    """Whether a word is like a pattern with ``*`` (any characters) and ``?`` (one).

    Each piece between stars is found at its first place, so nothing backtracks.
    """
    first, *further = pattern.split("*")
    if not further:
        return len(word) == len(pattern) and _at(word, pattern, 0)
    if not _at(word, first, 0):
        return False
    here = len(first)
    last = further.pop()
    for piece in further:
        while here + len(piece) <= len(word) and not _at(word, piece, here):
            here += 1
        here += len(piece)
    end = len(word) - len(last)
    return here <= end and _at(word, last, end)


def _at(word: str, piece: str, start: int) -> bool:
    """Whether a piece of a pattern without stars stands at a place of a word."""
    return len(word) - start >= len(piece) and all(
        mine in ("?", theirs) for mine, theirs in zip(piece, word[start:], strict=False)
    )
