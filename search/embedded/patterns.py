"""The words and values of an archive that a prefix, a wildcard or a fuzzy word stands for.

At most MAX_EXPANSION terms are kept, those with the most postings. Patterns match the forms that
people write, and the dictionary is sorted by stems; since a stem seldom differs from its forms
before their last letters, only terms that begin with all but the last `TAIL` letters of a prefix
are looked at.
"""

from __future__ import annotations

import re

import numpy as np

from indexer.segment import TextField
from search.embedded.facets import FacetIndex
from search.embedded.postings import ROW
from search.embedded.reader import Reader
from search.embedded.terms import ANY, ONE, close_forms, like_forms, rows_of_masks, string_bounds
from search.embedded.typing import I64, U8, U32
from search.limits import MAX_EXPANSION

__all__ = ["close_terms", "like_terms", "like_values"]

_LITERAL = re.compile(r"[^*?]*")
_STARS = re.compile(r"\*+")

TAIL = 4
_STEM = 2


def _bytes(text: str) -> U8:
    return np.frombuffer(text.encode(), np.uint8)


def _pattern(text: str) -> U8:
    """Return a pattern as the kernels take it, runs of ``*`` made one."""
    return _bytes(_STARS.sub("*", text).replace("*", chr(ANY)).replace("?", chr(ONE)))


def like_terms(reader: Reader, field: str, pattern: str) -> list[I64]:
    """Return for each leaf the rows of terms with forms like `pattern`, see `terms.look_up`."""
    literal = _LITERAL.match(pattern)[0]  # type: ignore[index]  # matches anywhere
    common = _bytes(literal[: max(_STEM, len(literal) - TAIL)] if len(literal) >= _STEM else "")
    wanted = _pattern(pattern)
    found = []
    for leaf in reader.leaves:
        column = leaf.segment.text[field]
        first, last = string_bounds(column.terms.data, column.terms.offsets, common)
        masks = np.empty(last - first, np.uint8)
        words = column.form_words
        like_forms(words.data, words.offsets, column.form_offsets, first, last, wanted, masks)
        found.append(_commonest(column, first, masks))
    return found


def close_terms(reader: Reader, field: str, word: str, distance: int) -> list[I64]:
    """Return for each leaf the rows of terms with forms within `distance` edits of `word`."""
    codes = np.array([ord(char) for char in word], np.int64)
    found = []
    for leaf in reader.leaves:
        column = leaf.segment.text[field]
        words = column.form_words
        masks = np.empty(column.starts.size - 1, np.uint8)
        close_forms(words.data, words.offsets, column.form_offsets, codes, distance, masks)
        found.append(_commonest(column, 0, masks))
    return found


def _commonest(column: TextField, first: int, masks: U8) -> I64:
    """Return the rows of terms whose masks are not 0, the MAX_EXPANSION ones with most postings."""
    rows = np.empty((np.count_nonzero(masks), ROW), np.int64)
    rows_of_masks(masks, first, column.starts, column.form_starts, column.blocks, rows)
    if len(rows) > MAX_EXPANSION:
        sizes = rows[:, 2] - rows[:, 1]
        rows = rows[np.sort(np.argsort(-sizes, kind="stable")[:MAX_EXPANSION])]
    return rows


def like_values(facet: FacetIndex, pattern: str) -> list[list[U32]]:
    """Return for each leaf the documents of each value like `pattern`."""
    wanted = _pattern(pattern)
    found = []
    for leaf, column in enumerate(facet.columns):
        n = column.keys.offsets.size - 1
        masks = np.empty(n, np.uint8)
        groups = np.arange(n + 1, dtype=np.int64)
        like_forms(column.keys.data, column.keys.offsets, groups, 0, n, wanted, masks)
        ordinals = np.flatnonzero(masks)
        if ordinals.size > MAX_EXPANSION:
            sizes = np.diff(column.value_starts)[ordinals]
            ordinals = np.sort(ordinals[np.argsort(-sizes, kind="stable")[:MAX_EXPANSION]])
        found.append([facet.docs(leaf, ordinal) for ordinal in ordinals.tolist()])
    return found
