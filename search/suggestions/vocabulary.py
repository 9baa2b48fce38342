"""The words of an archive with how many articles have them, whichever engine holds it.

Did-you-mean and more-like-this choose words by these numbers alone, so they work over anything
that is an `ArchiveVocabulary`. `SnapshotVocabulary` reads them from the arrays of one generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import fold_value, terms_of
from indexer.segment.segment import FacetColumn
from indexer.segment.terms import pack_strings, text_at
from search.embedded.execute.operands import FieldReader
from search.embedded.plan.terms import close_forms, close_strings, find_all
from search.embedded.reader import IndexView


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


class SnapshotVocabulary:
    """The vocabulary of a generation. Deleted articles count until their segment is merged."""

    def __init__(self, reader: IndexView) -> None:
        self._leaves = reader.leaves
        self._segments = [leaf.segment for leaf in reader.leaves]
        self._languages = reader.codes
        self._articles = reader.n_live
        self._frequencies: dict[tuple[str, str], int] = {}

    @property
    def articles(self) -> int:
        return self._articles

    def frequencies(self, words: Sequence[str], field: str = "") -> list[int]:
        # A word is asked for alone, and with its neighbours: each is looked up once.
        new = [word for word in dict.fromkeys(words) if (word, field) not in self._frequencies]
        for word, frequency in zip(new, self._looked_up(new, field), strict=True):
            self._frequencies[word, field] = frequency
        return [self._frequencies[word, field] for word in words]

    def _looked_up(self, words: Sequence[str], field: str) -> list[int]:
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
        for leaf in self._leaves:
            if "text" in leaf.fields:
                for form, count in _close_in(leaf.fields["text"], word, distance):
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
        for column in self._columns(field):
            for number in close_strings(column.keys, fold_value(value), distance):
                key = text_at(column.keys, number)
                count = int(column.value_starts[number + 1] - column.value_starts[number])
                before = found.get(key)
                spelled = before.word if before else text_at(column.values, number)
                found[key] = CloseWord(spelled, count + (before.frequency if before else 0))
        return list(found.values())


def _close_in(field: FieldReader, word: str, distance: int) -> list[tuple[str, int]]:
    """Return the forms of a field's terms near a word, each with its term's frequency: of each term
    the first seven, which the others add little to."""
    column = field.column
    offsets, starts = column.form_offsets, column.starts
    forms = close_forms(field, word, distance)
    found: list[tuple[str, int]] = []
    terms = np.searchsorted(offsets, forms, "right") - 1
    for form, term in zip(forms, terms.tolist(), strict=True):
        rank = form - int(offsets[term])
        if rank < 7:
            # Forms are in order of frequency; each is taken to be half as likely as the one before.
            count = int(starts[term + 1] - starts[term])
            found.append((text_at(column.form_words, form), max(1, count >> rank)))
    return found
