"""Which words of a text a query is about: by the analyser's own words, stems and positions.

`QueryWords` is made once for a query. Each word, pattern or part of a phrase of its tree is a bit;
`QueryWords.find` returns where they occur in texts. A phrase counts only where its words stand as
it asks, and a stop word only inside phrases, unless the query has nothing else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache, reduce
from operator import or_
from typing import Any, NamedTuple

import numpy as np
from whoosh.support.levenshtein import damerau_levenshtein as edits

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import Beside, beside, cased, chunks, fold, stem, tokenise
from indexer.analysis.languages import language_in
from indexer.analysis.singulars import irregular_plurals
from indexer.analysis.stop_words import stop_words
from search.query.matching import spellings
from search.query.nodes import (
    Cased,
    Fuzzy,
    Near,
    Node,
    Or,
    Phrase,
    Prefix,
    Wildcard,
    Word,
    looked_for,
)
from search.snippets.text_search import FILTER_SIZE, add_occurrence, let_through, locate


class Text(NamedTuple):
    """A text to look at: which part of an article it is ("title", "authors"), and the article's
    language.

    Paragraphs of a body are separated by U+001E.
    """

    text: str
    part: str
    language: str


Occurrence = tuple[int, int, int]
"""The code points [start, end) of a text, and the words of the query there, one a bit."""


class _WordSpan(NamedTuple):
    """A word of a text: its number, its place, its bits on its own and inside sequences."""

    position: int
    start: int
    end: int
    single: int
    sequential: int


Chunk = tuple[int, tuple[tuple[int, int, int, int, int], ...]]
"""What a chunk holds: how many words more than one, and (number, start, end, bits on its own,
bits inside sequences) of those that the query is about."""


class Reading(NamedTuple):
    """How the texts of a part in a language are read: what is known of chunks, the bits of stems,
    the language, the bits that count on their own, whether all words are looked at, and the bits of
    the query's stop words."""

    known: dict[str, Chunk]
    stems: dict[str, int]
    language: str
    singles: int
    loose: bool
    stop_bits: int


LOOSE = frozenset(("ar", "de", "fa", "fi", "ga", "hr", "id", "ko", "nl", "sr", "ta", "tr"))
"""Languages of which all words are looked at, not those alone that begin as a word of the query
does: their stemmers change beginnings, *Aerosol* has the stem ``arosol``; Korean words are pairs of
syllables. In most languages they do not (measured on 70,000 words)."""


class _Sequence(NamedTuple):
    bits: list[int]
    slop: int
    field: str


@lru_cache(maxsize=1 << 15)
def _words(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """Return the words of a chunk, each with its place in it; texts repeat them endlessly."""
    return tuple([(token.text, token.start, token.end) for token in tokenise(chunk)])


@lru_cache(maxsize=1 << 14)
def _beside(chunk: str, language: str) -> tuple[Beside, ...]:
    """Return what stands beside the words of a chunk of a text."""
    return tuple([one for folded, *_ in chunks(chunk) for one in beside(folded, language)])


class QueryWords:
    """The words of a query, ready to be found in text.

    `languages` are those of the archive. In each article a query's word is stemmed by the article's
    own language, as when the index was made and asked. Not safe to share between threads.
    """

    def __init__(self, node: Node, languages: Sequence[str] = ()) -> None:
        self._languages = tuple(dict.fromkeys(languages))
        self._inexact: list[tuple[str, int]] = []
        self._exact, self._cased, self._singles, self._single_words = (
            defaultdict[str, int](int) for _ in range(4)
        )
        self._tests: list[tuple[Callable[[str], object], int]] = []
        self._sequences: list[_Sequence] = []
        self._known: dict[tuple[str, int], dict[str, Chunk]] = {}
        self._readings: dict[tuple[str, str], Reading] = {}
        self._filter = np.zeros(FILTER_SIZE, np.uint8)
        self._size = 0
        for leaf in looked_for(node):
            self._add(leaf)
        words = (*self._exact, *[word for word, _ in self._inexact])
        self._plain = not (self._tests or self._cased)
        self._numbers = not self._plain or any(word[:1].isdigit() for word in words)
        self._in_sequences = reduce(or_, (bit for one in self._sequences for bit in one.bits), 0)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self._size

    def _add(self, leaf: Node) -> None:
        match leaf:
            case Word(text, field, exact):
                for other in spellings(leaf):
                    self._add(other)
                words = [token.text for token in tokenise(text)]
                bits = [self._word(word, exact=exact) for word in words]
                if len(words) == 1 and not exact:
                    self._single_words[words[0]] |= bits[0]
                self._add_sequence(bits, 0, field)
            case Phrase(text, field, slop, exact):
                as_written = exact and not slop
                bits = [self._word(token.text, exact=as_written) for token in tokenise(text)]
                self._add_sequence(bits, slop, field)
            case Cased(text):
                tokens = tokenise(text)
                bits = [self._bit(token.text) for token in tokens]
                for token, bit in zip(tokens, bits, strict=True):
                    self._cased[cased(text[token.start : token.end])] |= bit
                self._add_sequence(bits, 0, "")
            case Near(parts, slop):
                self._add_near(parts, slop)
            case Prefix() | Wildcard() | Fuzzy() if leaf.fieldname in PREFIXES:
                pass
            case Prefix(text, field):
                *words, begun = [token.text for token in tokenise(text)] or [""]
                if begun:
                    bits = [self._word(word) for word in words]
                    self._add_sequence([*bits, self._pattern(Prefix(begun))], 0, field)
            case Wildcard(_, field):
                self._add_sequence([self._pattern(leaf)], 0, field)
            case Fuzzy(text, distance, field):
                for token in tokenise(text):
                    self._add_sequence([self._pattern(Fuzzy(token.text, distance))], 0, field)
            case _:
                pass

    def _add_near(self, parts: Sequence[Node], slop: int) -> None:
        """Add words near each other: one bit for all that a part stands for."""
        bits: list[int] = []
        field = ""
        for part in parts:
            bit = 0
            for one in part.subqueries if isinstance(part, Or) else (part,):
                field = one.fieldname
                if isinstance(one, Word):
                    for token in tokenise(one.text):
                        bit = self._word(token.text, exact=one.exact, bit=bit)
                else:
                    bit = self._pattern(one, bit)
            bits.append(bit)
        self._add_sequence(bits, slop, field)

    def _add_sequence(self, bits: list[int], slop: int, field: str) -> None:
        if len(bits) == 1:
            self._singles[field] |= bits[0]
        elif bits:
            self._sequences.append(_Sequence(bits, slop, field))

    def _bit(self, beginning: str, bit: int = 0) -> int:
        """Return a new bit, or the given one, for words that begin so."""
        let_through(self._filter, beginning)
        self._size += not bit
        return bit or 1 << (self._size - 1)

    def _word(self, word: str, *, exact: bool = False, bit: int = 0) -> int:
        bit = self._bit(word, bit)
        if exact:
            self._exact[word] |= bit
            return bit
        self._inexact.append((word, bit))
        for language in self._languages:
            for other in (stem(word, language), *irregular_plurals(word, language)):
                let_through(self._filter, other)
        return bit

    def _pattern(self, leaf: Node, bit: int = 0) -> int:
        match leaf:
            case Prefix(text):
                begun = fold(text)
                bit = self._bit(begun, bit)
                self._tests.append((lambda word: word.startswith(begun), bit))
            case Wildcard(pattern):
                folded = fold(pattern)
                bit = self._bit(re.split(r"[*?]", folded, maxsplit=1)[0], bit)
                expression = translate(folded.replace("[", "[[]"))  # which does not backtrack
                self._tests.append((re.compile(expression).match, bit))
            case Fuzzy(text, distance):
                wanted = fold(text)
                sizes = range(len(wanted) - distance, len(wanted) + distance + 1)
                bit = self._bit("", bit)
                self._tests.append(
                    (lambda w: len(w) in sizes and edits(w, wanted, distance) <= distance, bit)
                )
        return bit

    def _stop_bits(self, language: str) -> int:
        """Return the bits of the query's stop words, 0 where it has no others."""
        common = stop_words(language)
        bits = reduce(or_, [bit for word, bit in self._single_words.items() if word in common], 0)
        return bits if self._size > bits.bit_count() else 0

    def _resolve(self, chunk: str, reading: Reading) -> Chunk:
        """Return what a chunk of an article means to the query."""
        _, known, language, _, _, stop_bits = reading
        words = _words(chunk)
        meant = []
        for number, (word, first, last) in enumerate(words):
            stems = known.get(stem(word, language), 0)
            bits = self._exact.get(word, 0)
            if self._cased:
                bits |= self._cased.get(cased(chunk[first:last]), 0)
            for test, bit in self._tests:
                if test(word):
                    bits |= bit
            # "will" is not what "willing" asks for, nor the other way round.
            if not (stems or bits):
                continue
            unmarked = stems if stop_bits and word in stop_words(language) else stop_bits
            single, sequential = bits | (stems & ~unmarked), (bits | stems) & self._in_sequences
            if single or sequential:
                meant.append((number, first, last, single, sequential))
        self._add_beside(chunk, reading, words, meant)
        return len(words) - 1, tuple(meant)

    def _add_beside(
        self, chunk: str, reading: Reading, words: Sequence[tuple[str, int, int]],
        meant: list[tuple[int, int, int, int, int]],
    ) -> None:  # fmt: skip
        """Add what stands beside the words of a chunk: the closed spelling means all of them."""
        if chunk.isascii() and "-" not in chunk and "'" not in chunk:
            return
        for other, form, at in _beside(chunk, reading.language):
            bits = reading.stems.get(stem(other, reading.language), 0)
            if form == other:
                bits |= self._exact.get(other, 0)
            if not bits:
                continue
            for number in range(len(words)) if "-" in form or "'" in form else (at,):
                _, first, last = words[number]
                meant.append((number, first, last, bits, 0))
        meant.sort()

    def _reading(self, part: str, language: str) -> Reading:
        found = self._readings.get((part, language))
        if found is None:
            stop_bits, own = self._stop_bits(language), language_in(part, language)
            stems = defaultdict[str, int](int)
            for word, bit in self._inexact:
                stems[stem(word, own)] |= bit
            found = self._readings[part, language] = Reading(
                self._known.setdefault((own, stop_bits), {}), stems, own,
                self._singles.get("", 0) | self._singles.get(part, 0), language in LOOSE, stop_bits,
            )  # fmt: skip
        return found

    def find(self, texts: Sequence[Text]) -> list[list[Occurrence]]:
        """Return where the words of the query occur in each text, in order, without overlap."""
        if self.empty:
            return [[] for _ in texts]
        located: list[list[Any]] = locate(
            [text.text for text in texts],
            [self._reading(part, language) for _, part, language in texts],
            self._filter,
            dict(self._exact) if self._plain else None,
            stem,
            self._resolve,
            bool(self._sequences),
            self._numbers,
        )
        if not self._sequences:
            return located
        return [
            self._judge(list(map(_WordSpan._make, words)), text.part) if words else []
            for words, text in zip(located, texts, strict=True)
        ]

    def _judge(self, located: list[_WordSpan], part: str) -> list[Occurrence]:
        """Return the occurrences that count: single words, and words of whole sequences."""
        extra = defaultdict[int, int](int)
        for sequence in self._sequences:
            if sequence.field in ("", part):
                for index, bit in (_near if sequence.slop else _adjacent)(located, sequence):
                    extra[index] |= bit
        found: list[Occurrence] = []
        for index, word in enumerate(located):
            if bits := word.single | extra.get(index, 0):
                add_occurrence(found, word.start, word.end, bits)
        return found


def _adjacent(located: list[_WordSpan], sequence: _Sequence) -> Iterator[tuple[int, int]]:
    """Yield (index, bit) of the words that stand one after the other as the sequence asks."""
    places = {word.position: index for index, word in enumerate(located)}
    bits = sequence.bits
    for start, word in enumerate(located):
        if not word.sequential & bits[0]:
            continue
        run = [start]
        for further in range(1, len(bits)):
            index = places.get(word.position + further, -1)
            if index < 0 or not located[index].sequential & bits[further]:
                break
            run.append(index)
        else:
            yield from zip(run, bits, strict=True)


def _near(located: list[_WordSpan], sequence: _Sequence) -> Iterator[tuple[int, int]]:
    """Yield (index, bit) of words that stand together, in any order, within the slop."""
    wanted = reduce(or_, sequence.bits)
    span = len(sequence.bits) + sequence.slop
    first = 0
    held: list[int] = []
    for index, word in enumerate(located):
        if not word.sequential & wanted:
            continue
        held.append(index)
        while located[held[first]].position <= word.position - span:
            first += 1
        union = reduce(or_, [located[member].sequential for member in held[first:]])
        if union & wanted == wanted:
            for member in held[first:]:
                yield member, located[member].sequential & wanted
