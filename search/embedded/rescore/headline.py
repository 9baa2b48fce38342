"""Headlines, a step of `search.embedded.rescore.steps`: a title of the words as typed comes first.

Stems, stop words and long texts can give more to an article whose headline has other forms of the
words, or further ones. A title whose words are those of the query, in its order, earns as much as
all of them together can.
"""

from __future__ import annotations

import numpy as np

from indexer.segment.arrays import I64
from search.embedded.plan.plan import Compiled
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import scores_of
from search.snippets.text_search import same_titles

NAME = "headline"


def applies(reader: IndexView, compiled: Compiled) -> bool:
    """Say whether three words or more were typed side by side."""
    return bool(compiled.headline)


def rescore(reader: IndexView, compiled: Compiled, rows: I64) -> None:
    """Add to rows of `search.embedded.collect.ranking`, in place, what a headline earns."""
    for leaf in range(len(reader.leaves)):
        for at in _as_typed(reader, compiled, leaf, rows):
            scores_of(rows)[at] += _worth(reader, compiled)


def explain(
    reader: IndexView, compiled: Compiled, place: tuple[int, int]
) -> list[tuple[str, float]]:
    """Return what a (leaf, document) earns by its title, with a label."""
    row = np.array([[0, 0, 0, place[0] << 32 | place[1]]], np.int64)
    same = _as_typed(reader, compiled, place[0], row)
    return [("title as typed", _worth(reader, compiled))] if same else []


def _as_typed(reader: IndexView, compiled: Compiled, leaf: int, rows: I64) -> list[int]:
    titles = reader.leaves[leaf].segment.titles
    typed = compiled.headline.encode("utf-8", "replace")
    found: list[int] = same_titles(rows, leaf, titles.data, titles.offsets, typed)
    return found


def _worth(reader: IndexView, compiled: Compiled) -> float:
    """Return more than all words, close to each other, can give to an article."""
    weights = sum([float(word.weight) for word in compiled.sequence])
    return weights * (1.0 + reader.scoring.proximity) + 1.0
