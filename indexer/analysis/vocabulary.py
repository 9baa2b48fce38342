"""The words of a run: its chunks, the words that they expand to, and their terms, all numbered.

`indexer.analysis.tokenise` finds the same chunks as the regular expression of `analyser.tokenise`
and looks each up in a `ChunkTable`, so Python sees a chunk only once, when it is new, and expands
and stems it then.

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
from indexer.analysis.characters import character_tables, table_size
from indexer.analysis.languages import MARK, stem_all, stemmed_in
from indexer.analysis.tokenise import ROOM, chunks, rehash
from indexer.analysis.word_table import WordTable, plain_words
from indexer.segment.segment import U8, U32, Strings

BESIDE = 1 << 31
"""The bit of a chunk's form that stands beside the next one, at the same position."""

_BYTES_A_FORM = 200
"""What inverting takes of memory for a form, at its peak."""

I64 = npt.NDArray[np.int64]


class ChunkTable:
    """The distinct chunks of a corpus by language, numbered from 1 in the order they came.

    pool, borders: key k, a byte for the language and the folded chunk, is
    pool[borders[k]:borders[k + 1]]. slots: uint32[2^i], the hash table of numbers. state: int64[4],
    of the texts that are read: which one, the byte reached, chunks written; and the keys known.
    """

    def __init__(self) -> None:
        self.pool = np.empty(1 << 20, np.uint8)
        self.borders = np.zeros(1 << 16, np.int64)
        self.slots = np.zeros(1 << 17, np.uint32)
        self.state = np.zeros(4, np.int64)
        self.tables = character_tables(128, marked=True)

    def __len__(self) -> int:
        return int(self.state[3])

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.pool.nbytes + self.borders.nbytes + self.slots.nbytes

    def keys(self, first: int) -> tuple[U8, list[str]]:
        """Return the numbers from `first` on: each one's language, uint8[n], and folded chunk."""
        borders = self.borders[first : len(self) + 2]
        raw = self.pool[borders[0] : borders[-1]].copy()
        starts = borders[:-1] - borders[0]
        languages = raw[starts]
        raw[starts] = ord("\n")  # which no chunk has in it
        return languages, raw.tobytes().decode().split("\n")[1:]

    def chunk(self, text: bytes, ends: I64, languages: U8) -> tuple[U32, I64]:
        """Return the chunks of UTF-8 texts laid one after the other, and where each text's end.

        ends: int64[n], where each text ends in `text`; languages: uint8[n], a number of the
        caller's for the language of each. Chunks: uint32[], BREAK_NUMBER between paragraphs;
        int64[n]: texts' ends among the chunks.
        """
        source = np.frombuffer(text, np.uint8)
        size = table_size(text)
        if size > len(self.tables[0]):
            self.tables = character_tables(size, marked=True)
        out = np.empty(len(text), np.uint32)
        out_ends = np.empty(len(ends), np.int64)
        state = self.state
        state[:3] = 0
        while True:
            chunks(self, source, ends, languages, out, out_ends)
            if state[0] == len(ends):
                return out[: state[2]], out_ends
            self._grow()

    def _grow(self) -> None:
        used = len(self)
        if self.borders[used + 1] + ROOM > len(self.pool):
            self.pool = _doubled(self.pool)
        if used + 3 > len(self.borders):
            self.borders = _doubled(self.borders)
        if 2 * used >= len(self.slots):
            self.slots = np.zeros(4 * len(self.slots), np.uint32)
            rehash(self.pool, self.borders, used, self.slots)


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    grown = np.zeros(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown


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
