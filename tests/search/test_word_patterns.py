"""Comparing single words, against definitions that are slow and obvious."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from search.query.word_patterns import edits, like

LETTERS = st.text("abc", max_size=8)


def reference(word: str, other: str) -> int:
    @cache
    def far(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        best = min(
            far(i - 1, j) + 1, far(i, j - 1) + 1, far(i - 1, j - 1) + (word[i - 1] != other[j - 1])
        )
        if i > 1 and j > 1 and word[i - 2 : i] == other[j - 2 : j][::-1]:
            best = min(best, far(i - 2, j - 2) + 1)
        return best

    return far(len(word), len(other))


@given(LETTERS, LETTERS, st.integers(0, 3))
def test_edits(word: str, other: str, limit: int) -> None:
    assert edits(word, other) == reference(word, other)
    assert edits(word, other, limit) == min(reference(word, other), limit + 1)


@given(LETTERS, st.text("ab*?", max_size=6))
def test_like(word: str, pattern: str) -> None:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert like(word, pattern) == bool(re.fullmatch(expression, word))
