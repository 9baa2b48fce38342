"""Runs of words that two texts share, found in time linear in both.

A suffix automaton of the one text (Blumer et al., "The smallest automaton recognizing the subwords
of a text", 1985) is fed the words of the other: after each word it knows the longest run ending
there that the first text has. A run is maximal when no longer one holds it. However often either
text repeats itself, this takes one step a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """`length` words that stand at `own` in the first text and at `other` in the second."""

    own: int
    other: int
    length: int


class Runs:
    """Finds the runs that other texts share with one."""

    def __init__(self, words: Sequence[str]) -> None:
        # State 0 is the start. Of each state: where each word leads, the state of the longest
        # suffix that is in another state, the longest run, and where it first ends.
        self._next: list[dict[str, int]] = [{}]
        self._link = [-1]
        self._longest = [0]
        self._end = [-1]
        last = 0
        for at, word in enumerate(words):
            last = self._append(word, at, last)

    def _append(self, word: str, at: int, last: int) -> int:
        """Add a word behind the state of all words so far; return that of all of them."""
        state = self._new({}, self._longest[last] + 1, at, 0)
        before = last
        while before >= 0 and word not in self._next[before]:
            self._next[before][word] = state
            before = self._link[before]
        if before < 0:
            return state
        found = self._next[before][word]
        if self._longest[found] == self._longest[before] + 1:
            self._link[state] = found
            return state
        copy = self._new(
            dict(self._next[found]), self._longest[before] + 1, self._end[found], self._link[found]
        )
        while before >= 0 and self._next[before].get(word) == found:
            self._next[before][word] = copy
            before = self._link[before]
        self._link[found] = self._link[state] = copy
        return state

    def _new(self, following: dict[str, int], longest: int, end: int, link: int) -> int:
        self._next.append(following)
        self._longest.append(longest)
        self._end.append(end)
        self._link.append(link)
        return len(self._next) - 1

    def shared(self, words: Sequence[str], least: int) -> list[Run]:
        """Return the maximal runs of `least` words or more that `words` share, in their order.

        Where the first text has a run several times, its first place is given.
        """
        runs: list[Run] = []
        state = length = 0
        for at, word in enumerate(words):
            before = (state, length)
            while state and word not in self._next[state]:
                state = self._link[state]
                length = self._longest[state]
            if word in self._next[state]:
                state, length = self._next[state][word], length + 1
            else:
                state = length = 0
            if length != before[1] + 1:
                self._keep(runs, before, at - 1, least)
        self._keep(runs, (state, length), len(words) - 1, least)
        return runs

    def _keep(self, runs: list[Run], at: tuple[int, int], end: int, least: int) -> None:
        """Add the run of a state and length that ends with a word, where it is long enough."""
        state, length = at
        if length >= least:
            runs.append(Run(self._end[state] - length + 1, end - length + 1, length))
