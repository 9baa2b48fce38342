"""The words of an archive with how many articles have them, whichever engine holds it.

Did-you-mean and more-like-this choose words by these numbers alone, so they work over anything
that is an `ArchiveVocabulary`. `SnapshotVocabulary` reads them from the arrays of a snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import fold_value, terms_of
from indexer.segment.segment import FacetColumn, TextField
from indexer.segment.terms import pack_strings, text_at
from indexer.store.snapshot import Snapshot
from search.embedded.plan.terms import close_forms, find_all
from search.embedded.typing import I64


class CloseWord(NamedTuple):
    """A word near another, and in how many articles it (in any inflection) is."""

    word: str
    frequency: int


class ArchiveVocabulary(Protocol):
    """What an engine knows of its words. Words are single and folded."""

    @property
    def articles(self) -> int:
        """The number of articles."""

    def frequencies(self, words: Sequence[str], field: str = "") -> list[int]:
        """Return in how many articles each word is, in any inflection."""

    def written(self, word: str) -> bool:
        """Whether any article has a word in this very form."""

    def close(self, word: str, distance: int) -> list[CloseWord]:
        """Return the words within `distance` edits of a word, transpositions counting one."""

    def value_frequency(self, field: str, value: str) -> int:
        """Return how many articles have a value of a value field ("tag", ...)."""

    def close_values(self, field: str, value: str, distance: int) -> list[CloseWord]:
        """Return the values, as they are spelled, within `distance` edits of one."""


def _codes(word: str) -> I64:
    return np.array([ord(char) for char in word], np.int64)


class SnapshotVocabulary:
    """The vocabulary of a snapshot. Deleted articles count until their segment is merged."""

    def __init__(self, snapshot: Snapshot, languages: Sequence[str] = ("en",)) -> None:
        """Read from `snapshot`; words stand for a term in each of its `languages`."""
        self._segments = [leaf.segment for leaf in snapshot.leaves]
        self._languages = tuple(languages)
        self._articles = snapshot.n_live

    @property
    def articles(self) -> int:
        return self._articles

    def frequencies(self, words: Sequence[str], field: str = "") -> list[int]:
        if not words:
            return []
        readings: list[str] = []
        owners: list[int] = []
        for number, word in enumerate(words):
            own = terms_of(word, self._languages)
            readings += own
            owners += [number] * len(own)
        totals = np.zeros(len(readings), np.int64)
        for segment in self._segments:
            column = segment.text.get(field if field in segment.text else "text")
            if column is not None:
                terms = find_all(pack_strings(readings), column.terms)
                known = terms >= 0
                found = terms[known]
                totals[known] += column.starts[found + 1] - column.starts[found]
        counts = [0] * len(words)
        for owner, total in zip(owners, totals.tolist(), strict=True):
            counts[owner] += total
        return counts

    def written(self, word: str) -> bool:
        readings = terms_of(word, self._languages)
        for segment in self._segments:
            column = segment.text.get("text")
            if column is None:
                continue
            for number in find_all(pack_strings(readings), column.terms).tolist():
                if number >= 0:
                    first, last = column.form_offsets[number], column.form_offsets[number + 1]
                    forms = [text_at(column.form_words, form) for form in range(first, last)]
                    if word in forms:
                        return True
        return False

    def close(self, word: str, distance: int) -> list[CloseWord]:
        found: dict[str, int] = {}
        for segment in self._segments:
            column = segment.text.get("text")
            if column is not None:
                for form, count in _close_in(column, word, distance):
                    found[form] = found.get(form, 0) + count
        return [CloseWord(form, count) for form, count in found.items()]

    def _columns(self, field: str) -> list[FacetColumn]:
        name = PREFIXES.get(field, field)
        return [segment.facets[name] for segment in self._segments if name in segment.facets]

    def value_frequency(self, field: str, value: str) -> int:
        total = 0
        for column in self._columns(field):
            number = int(find_all(pack_strings([fold_value(value)]), column.keys)[0])
            if number >= 0:
                total += int(column.value_starts[number + 1] - column.value_starts[number])
        return total

    def close_values(self, field: str, value: str, distance: int) -> list[CloseWord]:
        found: dict[str, CloseWord] = {}
        codes = _codes(fold_value(value))
        for column in self._columns(field):
            size = column.keys.offsets.size - 1
            masks = close_forms(column.keys, np.arange(size + 1), codes, distance)
            for number in np.flatnonzero(masks).tolist():
                key = text_at(column.keys, number)
                count = int(column.value_starts[number + 1] - column.value_starts[number])
                before = found.get(key)
                spelled = before.word if before else text_at(column.values, number)
                found[key] = CloseWord(spelled, count + (before.frequency if before else 0))
        return list(found.values())


def _close_in(column: TextField, word: str, distance: int) -> list[tuple[str, int]]:
    """Return the forms of a field's terms near a word, each with its term's frequency.

    The mask of a term has a bit for each of its first seven forms and one for the rest.
    """
    forms = column.form_words
    masks = close_forms(forms, column.form_offsets, _codes(word), distance)
    found: list[tuple[str, int]] = []
    for term in np.flatnonzero(masks).tolist():
        first, last = int(column.form_offsets[term]), int(column.form_offsets[term + 1])
        count = int(column.starts[term + 1] - column.starts[term])
        # Forms are in order of frequency; each is taken to be half as likely as the one before.
        found += [
            (text_at(forms, form), max(1, count >> (form - first)))
            for form in range(first, min(last, first + 7))
            if masks[term] >> (form - first) & 1
        ]
    return found
