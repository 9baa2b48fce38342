"""In how many of the articles that requests find each word is: one pass over all postings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexer.analysis.languages import MARK, stemmed_in
from indexer.segment.arrays import I64
from indexer.segment.segment import TF_BITS, Segment
from indexer.segment.terms import text_at
from search.comparison.keyness import WordCounts, tells
from search.embedded.answering import ask
from search.embedded.searcher import ArchiveSearcher
from search.query.matching import mode_of
from search.request import Request

_CHUNK = 1 << 22
"""Postings that are looked at between two looks at the clock."""


def word_counts(searcher: ArchiveSearcher, first: Request, second: Request) -> WordCounts:
    """Return how many articles of each of two requests have each word, stop words left out.

    Names (`corpus.core.fields.NAMES`) are not counted among the words of a language. Raises
    BadRequestError where it takes too long.
    """
    asked = ask(first, searcher)
    sets = [
        one.gather(one.compile(mode_of(one.request)), scored=False)
        for one in (asked, ask(second, searcher))
    ]
    found: dict[str, list[int]] = {}
    words: dict[str, str] = {}
    for leaf in searcher.arrays.leaves:
        column = leaf.segment.text["text"]
        marks = np.zeros((2, leaf.n_docs), np.int32)
        for mark, gathered in zip(marks, sets, strict=True):
            mark[gathered.final[leaf.number].docs] = 1
        counts = np.zeros((2, column.starts.size - 1), np.int64)
        if not marks.any():
            continue
        unstemmed = marks * _without_stems(leaf.segment)
        for start, end in _chunks(column.starts):
            asked.deadline.check()
            base = int(column.starts[start])
            docs = column.postings[base : int(column.starts[end])] >> np.uint32(TF_BITS)
            firsts = column.starts[start:end] - base
            for mark, out in zip(marks, counts, strict=True):
                out[start:end] = np.add.reduceat(mark[docs], firsts)
        for number in np.flatnonzero(counts.sum(axis=0)).tolist():
            term = text_at(column.terms, number)
            both = counts[:, number]
            if MARK not in term:
                docs = column.docs(int(column.starts[number]), int(column.starts[number + 1]))
                both = unstemmed[:, docs].sum(axis=1)
                if not both.any():
                    continue
            if (sums := found.get(term)) is None:
                sums = found[term] = [0, 0]
                words[term] = text_at(column.form_words, int(column.form_offsets[number]))
            sums[0] += int(both[0])
            sums[1] += int(both[1])
        asked.deadline.check()
    totals = (sets[0].total, sets[1].total)
    rows = tuple(
        (words[term], one, two) for term, (one, two) in found.items() if tells(words[term], term)
    )
    return WordCounts(rows, totals, totals)


def _without_stems(segment: Segment) -> npt.NDArray[np.bool_]:
    """Return which articles are in a language without a stemmer, bool[n_docs]."""
    found = np.ones(segment.n_docs, np.bool_)
    column = segment.facets["language"]
    for number, (first, last) in enumerate(pairwise(column.value_starts.tolist())):
        if stemmed_in(text_at(column.keys, number)):
            found[column.value_docs[first:last]] = False
    return found


def _chunks(starts: I64) -> list[tuple[int, int]]:
    """Return ranges of terms with about `_CHUNK` postings each; every term has some."""
    n = starts.size - 1
    bounds = np.searchsorted(starts, np.arange(0, int(starts[-1]) + _CHUNK, _CHUNK))
    edges = np.unique(np.clip(bounds, 0, n)).tolist()
    return list(pairwise(edges))
