"""The kernels that turn the words of a query into rows of postings, one call a segment."""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from search.embedded.terms import find_string, form_index
from search.embedded.typing import I64, U8

__all__ = ["END", "ROW", "look_up", "rows_of_masks"]

END = b"\xff"
"""What stands behind each word that is looked up: a byte that UTF-8 does not have."""

ROW = 7
"""Columns of a row: (source, first, last, form_at, form_bit, term, first block).

The first five are those of `search.embedded.postings`. form_at is -1 where every posting has the
exact form and -2 where none has; term is -1, and the postings are none, where the word is unknown.
"""


@njit(cache=True, nogil=True)
def look_up(
    words: U8, data: U8, offsets: I64, starts: I64,
    term_forms: I64, form_data: U8, form_offsets: I64, form_groups: I64, blocks: I64, out: I64,
) -> None:  # fmt: skip
    """Write a row for each word.

    words: the n terms asked for and then the n exact forms, in UTF-8, each with END behind it.
    The rest are arrays of a `TextField`: terms, starts, form_starts (here `term_forms`),
    form_words, form_offsets (here `form_groups`) and blocks. `out`: int64[n, ROW].
    """
    n = out.shape[0]
    ends = np.zeros(2 * n, np.int64)
    word = 0
    for i in range(words.size):
        if words[i] == 0xFF and word < 2 * n:
            ends[word] = i
            word += 1
    start = 0
    for i in range(n):
        term = find_string(data, offsets, words[start : ends[i]])
        start = ends[i] + 1
        out[i, 0] = 0
        out[i, 5] = term
        out[i, 3] = -1
        out[i, 4] = 0
        if term < 0:
            out[i, 1] = 0
            out[i, 2] = 0
            out[i, 6] = 0
            continue
        out[i, 1] = starts[term]
        out[i, 2] = starts[term + 1]
        out[i, 6] = blocks[term]
        form = form_index(
            form_data, form_offsets, form_groups[term], form_groups[term + 1],
            words[ends[n + i - 1] + 1 : ends[n + i]],
        )  # fmt: skip
        if form < 0:
            out[i, 3] = -2
        elif term_forms[term] >= 0:
            out[i, 3] = term_forms[term]
            out[i, 4] = 1 << min(form, 7)
            if form >= 7 and form_groups[term + 1] - form_groups[term] > 8:  # see `TextField`
                out[i, 3] += (1 + (form - 7) // 8) * (starts[term + 1] - starts[term])
                out[i, 4] = 1 << ((form - 7) & 7)


@njit(cache=True, nogil=True)
def rows_of_masks(
    masks: U8, first: int, starts: I64, term_forms: I64, blocks: I64, out: I64
) -> None:
    """Write a row for each term that a pattern is like.

    masks: which forms of the terms from `first` on are, as `search.embedded.terms` writes them; a
    posting counts when it has one of these forms. The rest are as in `look_up`; `out` takes as many
    rows as there are masks that are not 0.
    """
    at = 0
    for i in range(masks.size):
        mask = masks[i]
        if mask == 0:
            continue
        term = first + i
        out[at, 0] = 0
        out[at, 1] = starts[term]
        out[at, 2] = starts[term + 1]
        out[at, 3] = -1 if mask == 255 or term_forms[term] < 0 else term_forms[term]
        out[at, 4] = mask
        out[at, 5] = term
        out[at, 6] = blocks[term]
        at += 1
