"""Score texts as the public benchmarks do: words, runs of four words, fragments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

_WORD = re.compile(r"\w+")


class Score(NamedTuple):
    """F1, precision and recall, 0 to 1."""

    f1: float
    precision: float
    recall: float


def normal(text: str) -> str:
    """Return the words of a text, for comparing what differs in punctuation only."""
    return " ".join(_WORD.findall(text)).casefold()


def word_score(true: str, read: str) -> Score:
    """Score a text by its words as a multiset, lower-cased."""
    wanted, found = Counter(_WORD.findall(true.lower())), Counter(_WORD.findall(read.lower()))
    common = sum((wanted & found).values())
    return _score(common, sum(found.values()), sum(wanted.values()))


def fragment_score(judged: Iterable[tuple[Iterable[str], Iterable[str], str]]) -> Score:
    """Score texts by what must be in them and what must not: (with, without, text) for each."""
    right = wrong = missed = 0
    for wanted, unwanted, text in judged:
        read = normal(text)
        for fragment in wanted:
            right += normal(fragment) in read
            missed += normal(fragment) not in read
        wrong += sum(normal(fragment) in read for fragment in unwanted)
    return _score(right, right + wrong, right + missed)


def _score(common: int, found: int, wanted: int) -> Score:
    precision, recall = common / max(1, found), common / max(1, wanted)
    total = precision + recall
    return Score(2 * precision * recall / total if total else 0.0, precision, recall)
