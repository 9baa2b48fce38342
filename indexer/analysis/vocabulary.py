"""The words of a run: what the chunks of the tokeniser expand to, and their terms, all numbered.

Chunks come in batches, each one once for a run. All that is done to every one of them is done in
compiled loops over whole lists (`word_table`), without a line of Python for a chunk. Only chunks
that are not simply a word or a number (``O'Brien``) are looked at by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.analysis.analyser import beside, expand
from indexer.analysis.languages import MARK, stem_all, stemmed_in
from indexer.analysis.word_table import WordTable, plain_words
from indexer.segment.segment import U8, U32, Strings

BESIDE = 1 << 31
"""The bit of a chunk's form that stands beside the next one, at the same position."""

_BYTES_A_FORM = 200
"""What inverting takes of memory for a form, at its peak."""

I64 = npt.NDArray[np.int64]


def numbering() -> defaultdict[Any, int]:
    """Return a dict that numbers keys in the order in which they are first looked up, from 0."""
    return defaultdict(count().__next__)


class Vocabulary:
    """The forms and terms that the chunks of a `ChunkTable` expand to.

    A *form* is a surface word of a term; both are numbered as they come.
    """

    def __init__(self) -> None:
        self._languages: defaultdict[str, int] = numbering()
        self._stemmed: defaultdict[str, int] = numbering()
        assert self._stemmed[""] == 0  # the owner of terms without a mark
        self._terms = WordTable()  # by the language that they are stemmed in
        self._forms = WordTable()  # by term
        self._sizes: list[I64] = [np.zeros(1, np.int64)]  # words of each chunk; chunk 0 has none
        self._chunk_forms: list[U32] = []

    def language(self, code: str) -> int:
        """Return the number of a language, the same for each call."""
        if code and code not in self._languages and len(self._languages) >= 255:
            code = ""  # no archive has as many; the rest is not stemmed
        return self._languages[code]

    @property
    def nbytes(self) -> int:
        """An estimate of the memory held."""
        held: int = self._terms.nbytes + self._forms.nbytes + _BYTES_A_FORM * len(self._forms)
        return held

    def update(self, languages: U8, chunks: list[str]) -> None:
        """Take up chunks that are new in the table, each with its language's number."""
        names = list(self._languages)
        sizes = np.ones(len(chunks), np.int64)
        plain, odd = plain_words(chunks)
        words: list[str] = []
        written: dict[int, str] = {}  # by place among the words, how those beside others are
        before = 0
        for at in odd:
            words += plain[before:at]
            before = at + 1
            first = len(words)
            self._expand(chunks[at], names[languages[at]], words, written)
            sizes[at] = len(words) - first
        words += plain[before:]
        terms = self._terms_of(words, np.repeat(languages, sizes))
        for place, form in written.items():
            words[place] = form
        forms = self._forms.add(words, terms)
        forms[list(written)] |= np.uint32(BESIDE)
        self._sizes.append(sizes)
        self._chunk_forms.append(forms)

    def _expand(self, chunk: str, language: str, words: list[str], written: dict[int, str]) -> None:
        """Add the words of a chunk, each behind those that stand beside it."""
        further = beside(chunk, language)
        for place, (word, _, _) in enumerate(expand(chunk)):
            for other, form, at in further:
                if at == place:
                    written[len(words)] = form
                    words.append(other)
            words.append(word)

    def _terms_of(self, words: list[str], languages: U8) -> U32:
        """Return the number of each word's term; nearly always all are of one language."""
        names = list(self._languages)
        terms = np.empty(len(words), np.uint32)
        present = np.flatnonzero(np.bincount(languages)).tolist()
        for language in present:
            stemmed = stemmed_in(names[language])
            if len(present) == 1:
                terms[:] = self._add_terms(words, stemmed)
            else:
                places = np.flatnonzero(languages == language)
                mine = [words[place] for place in places.tolist()]
                terms[places] = self._add_terms(mine, stemmed)
        return terms

    def _add_terms(self, words: list[str], language: str) -> U32:
        found: U32 = self._terms.add_stems(
            words, stem_all(words, language) if language else words, self._stemmed[language]
        )
        return found

    @property
    def terms(self) -> Strings:
        """The terms, by number."""
        marks = [(MARK + code).encode() if code else b"" for code in self._stemmed]
        return Strings(*self._terms.strings(marks))

    @property
    def words(self) -> Strings:
        """The surface words of the forms, by number."""
        return Strings(*self._forms.strings([]))

    def arrays(self) -> tuple[I64, U32, U32]:
        """Return chunk_starts, chunk_forms and form_terms as `invert_kernels` takes them."""
        forms = np.concatenate([np.empty(0, np.uint32), *self._chunk_forms])
        starts = np.zeros(sum(map(len, self._sizes)) + 1, np.int64)
        np.cumsum(np.concatenate(self._sizes), out=starts[1:])
        return starts, forms, self._forms.owners_of()
