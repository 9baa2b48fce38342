"""The words of a run: what the chunks of the tokeniser expand to, and their terms, all numbered.

Chunks come in batches, each one once for a run. All that is done to every one of them is done by
maps over whole lists, without a line of Python for a chunk: 1.3 µs each, stemming included, where a
loop took 3.6. Only chunks that are not simply a word (``O'Brien``, ``1,000``) are looked at by
themselves.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress, count
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.analysis.analyser import beside, expand, is_number
from indexer.analysis.languages import terms_in
from indexer.segment.segment import U8, U32

BESIDE = 1 << 31
"""The bit of a chunk's form that stands beside the next one, at the same position."""

_BYTES_A_FORM = 500

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
        self._forms: defaultdict[tuple[str, str], int] = numbering()  # (term, word)
        self._terms: defaultdict[str, int] = numbering()
        self._sizes: list[I64] = [np.zeros(1, np.int64)]  # words of each chunk; chunk 0 has none
        self._chunk_forms: list[U32] = []
        self._chunk_terms: list[U32] = []

    def language(self, code: str) -> int:
        """Return the number of a language, the same for each call."""
        if code and code not in self._languages and len(self._languages) >= 255:
            code = ""  # no archive has as many; the rest is not stemmed
        return self._languages[code]

    @property
    def nbytes(self) -> int:
        """An estimate of the memory held."""
        return _BYTES_A_FORM * len(self._forms)

    def update(self, languages: U8, chunks: list[str]) -> None:
        """Take up chunks that are new in the table, each with its language's number."""
        names = list(self._languages)
        sizes = np.ones(len(chunks), np.int64)
        words: list[str] = []
        written: dict[int, str] = {}  # by place among the words, how those beside others are
        before = 0
        for at in compress(count(), map(_is_no_word, chunks)):
            words += chunks[before:at]
            before = at + 1
            if is_number(chunk := chunks[at]):  # most of them
                words.append(chunk.replace(",", ""))
                continue
            first = len(words)
            self._expand(chunk, names[languages[at]], words, written)
            sizes[at] = len(words) - first
        words += chunks[before:]
        terms = self._terms_of(words, np.repeat(languages, sizes))
        words = list(words)  # where there is no stemmer, the terms are this very list
        for place, form in written.items():
            words[place] = form
        forms = np.array(
            list(map(self._forms.__getitem__, zip(terms, words, strict=True))), np.uint32
        )
        forms[list(written)] |= np.uint32(BESIDE)
        self._sizes.append(sizes)
        self._chunk_forms.append(forms)
        self._chunk_terms.append(np.array(list(map(self._terms.__getitem__, terms)), np.uint32))

    def _expand(self, chunk: str, language: str, words: list[str], written: dict[int, str]) -> None:
        """Add the words of a chunk, each behind those that stand beside it."""
        further = beside(chunk, language)
        for place, (word, _, _) in enumerate(expand(chunk)):
            for other, form, at in further:
                if at == place:
                    written[len(words)] = form
                    words.append(other)
            words.append(word)

    def _terms_of(self, words: list[str], languages: U8) -> list[str]:
        """Return the term of each word; nearly always all are of one language."""
        names = list(self._languages)
        present = np.flatnonzero(np.bincount(languages)).tolist()
        if len(present) == 1:
            return terms_in(words, names[present[0]])
        terms = list(words)
        for language in present:
            places = np.flatnonzero(languages == language).tolist()
            mine = terms_in([words[place] for place in places], names[language])
            for place, made in zip(places, mine, strict=True):
                terms[place] = made
        return terms

    @property
    def terms(self) -> list[str]:
        """The terms, by number."""
        return list(self._terms)

    @property
    def words(self) -> list[str]:
        """The surface words of the forms, by number."""
        return [word for _, word in self._forms]

    def arrays(self) -> tuple[I64, U32, U32]:
        """Return chunk_starts, chunk_forms and form_terms as `invert_kernels` takes them."""
        none = np.empty(0, np.uint32)
        forms = np.concatenate([none, *self._chunk_forms])
        form_terms = np.zeros(len(self._forms), np.uint32)
        form_terms[forms & np.uint32(BESIDE - 1)] = np.concatenate([none, *self._chunk_terms])
        starts = np.zeros(sum(map(len, self._sizes)) + 1, np.int64)
        np.cumsum(np.concatenate(self._sizes), out=starts[1:])
        return starts, forms, form_terms


def _is_no_word(chunk: str) -> bool:
    return not chunk.isalnum() or (not chunk.isascii() and "\uac00" <= max(chunk) <= "\ud7a3")
