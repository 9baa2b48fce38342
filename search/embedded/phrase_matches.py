"""The matches of a phrase in one segment, and of words near one another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.segment import BLOCK
from search.embedded.dense_phrases import dense_phrases
from search.embedded.matches import Matches, filtered, frozen, matches_at
from search.embedded.phrases import MOST, near_phrases, phrases, positions_of
from search.embedded.plan import Phrase
from search.embedded.reader import LeafReader
from search.embedded.typing import I64, U32
from search.embedded.words import groups_of

__all__ = ["common_phrase", "phrase_among"]

_NO_BOUNDS: U32 = np.empty((0, 2), np.uint32)
_NO_BOUNDS.setflags(write=False)


def common_phrase(
    leaf: LeafReader, phrase: Phrase, rows: I64, size: int, scored: bool
) -> Matches:
    """Return the matches of a phrase whose words are about equally common.

    `rows`: int64[n, ROW], those of its words; `size`, the documents of the rarest word. The phrase
    has no slop, and counts anywhere in the field.
    """
    lookups = phrase.words[0].lookups
    column = leaf.segment.text[lookups.field]
    weights = np.array([(word.weight, word.other) for word in phrase.words], np.float32)
    docs, scores = np.empty(size, np.uint32), np.empty(size if scored else 0, np.float32)
    n = dense_phrases(
        column.postings, column.forms, column.lengths, lookups.norm, rows,
        groups_of(phrase.words), phrase.offsets, weights, scored, column.positions,
        column.block_positions, docs, scores,
    )  # fmt: skip
    return Matches(frozen(docs[:n]), frozen(scores[:n]) if scored else None)


def phrase_among(leaf: LeafReader, phrase: Phrase, rows: I64, candidates: Matches) -> Matches:
    """Return those of the candidates, which have all its words, that have the phrase."""
    bounds = leaf.bounds(phrase.within)
    if phrase.slop:
        return matches_at(candidates, _near(leaf, phrase, rows, candidates.docs, bounds))
    column = leaf.segment.text[phrase.words[0].lookups.field]
    groups, offsets = groups_of(phrase.words), phrase.offsets
    return filtered(candidates, lambda docs, scores, out, out_scores: phrases(
        docs, scores, rows, groups, offsets, column.postings, column.positions,
        column.block_positions, bounds, out, out_scores,
    ))  # fmt: skip


def _near(
    leaf: LeafReader, phrase: Phrase, rows: I64, docs: U32, bounds: U32
) -> npt.NDArray[np.bool_]:
    """Return which candidates have all words within reach of one another, bool[n]."""
    column = leaf.segment.text[phrase.words[0].lookups.field]
    starts = np.empty((len(phrase.words), docs.size + 1), np.int64)
    size = 0
    for _, first, last, _, _, _, block in rows.tolist():
        beyond = block + (last - first + BLOCK - 1) // BLOCK
        size += int(column.block_positions[beyond] - column.block_positions[block])
    places = np.empty(min(size, MOST * len(rows) * docs.size), np.uint32)
    positions_of(
        docs, rows, groups_of(phrase.words), column.postings, column.positions,
        column.block_positions, bounds, starts, places,
    )  # fmt: skip
    out = np.empty(docs.size, np.uint8)
    near_phrases(starts, places, len(phrase.words) + phrase.slop, out)
    return out.view(np.bool_)
