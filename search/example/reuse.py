"""Runs of words that two texts share.

Each distinct word of the one text becomes a character, so that a run of words is a piece of a
string, which strings look for by themselves in linear time. Where the other text has as many words
as a run has at least, it is followed as far as it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """`length` words that stand at `own` in the first text and at `other` in the second."""

    own: int
    other: int
    length: int


class Runs:
    """Finds the runs of `least` words or more that other texts share with one."""

    def __init__(self, words: Sequence[str], least: int) -> None:
        self._least = least
        self._letters: dict[str, str] = {}
        self._own = "".join(
            [self._letters.setdefault(word, chr(len(self._letters) + 1)) for word in words]
        )
        self._short = {self._own[at : at + least] for at in range(len(words) - least + 1)}

    def shared(self, words: Sequence[str]) -> list[Run]:
        """Return the runs that no longer one holds, in their order.

        Where the first text has a run several times, its first place is given.
        """
        text = "".join([self._letters.get(word, "\0") for word in words])
        runs: list[Run] = []
        reached = 0
        for start in range(len(text) - self._least + 1):
            end = max(start + self._least, reached + 1)
            if text[start : start + self._least] not in self._short or end > len(text):
                continue
            place = longer = self._own.find(text[start:end])
            while longer >= 0:
                place, reached = longer, end
                end += 1
                longer = self._own.find(text[start:end], place) if end <= len(text) else -1
            if place >= 0:
                runs.append(Run(place, start, reached - start))
        return runs
