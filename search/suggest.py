"""Did you mean: a query with words that the archive knows better, where that finds more.

Words that no or few articles have are replaced by the likeliest word near them in the archive's
own vocabulary (fewer edits first, then the more frequent), or taken apart where both halves are
words; values of fields by the nearest value. The caller says how many articles a tree finds, so
that nothing is suggested which does not find more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from indexer.analysis import fold, tokenise
from search.canonical import canonical
from search.nodes import And, Boost, Node, Or, Phrase, Should, Value, Word
from search.vocabulary import CloseWord, Vocabulary
from search.word_patterns import edits

__all__ = ["SUGGEST_BELOW", "Suggestion", "respell", "suggest"]

SUGGEST_BELOW = 5
"""Articles found from which on nothing is suggested: whoever finds some spelled it right."""

MAX_WORDS = 8
"""Words of one query that are looked up; each takes a few milliseconds."""

MUCH_MORE = 50
"""How many times more frequent a word must be to replace one that the archive knows."""

KNOWN = 1_000
"""A word that more than one in so many articles have is spelled as it should be."""

SHORTEST = 4
LONG = 8
"""Words of fewer letters than SHORTEST are kept; from LONG on, two edits are looked for."""


class Suggestion(NamedTuple):
    """A better query: its text, its tree, and how many articles it finds."""

    text: str
    node: Node
    total: int


def suggest(
    node: Node, vocabulary: Vocabulary, *, count: Callable[[Node], int], total: int
) -> Suggestion | None:
    """Return the query that was meant, None when there is none that finds more than `total`."""
    better = respell(node, vocabulary)
    if better == node:
        return None
    found = count(better)
    return Suggestion(canonical(better), better, found) if found > total else None


def respell(node: Node, vocabulary: Vocabulary) -> Node:
    """Return the tree with the words that the archive does not know replaced."""
    return _Speller(vocabulary).node(node)


def _like(written: str, word: str) -> str:
    """Return the word with capitals as the reader had written it."""
    if len(written) > 1 and written.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if written[:1].isupper() else word


def _likeliest(word: str, close: list[CloseWord], floor: int) -> CloseWord | None:
    """Return the likeliest of some words: fewest edits, a mistake in the first letter counting
    half an edit more, and among those the most frequent."""
    best: tuple[float, int, str] | None = None
    for other in close:
        if other.word == word or other.frequency <= floor or not other.word.isalpha():
            continue
        cost = edits(word, other.word) + 0.5 * (word[0] != other.word[0])
        rank = (-cost, other.frequency, other.word)
        if best is None or rank > best:
            best = rank
    return CloseWord(best[2], best[1]) if best else None


class _Speller:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._left = MAX_WORDS
        self._known: dict[str, str] = {}

    def node(self, node: Node) -> Node:
        match node:
            case Word(text, field, False):
                better = self._text(text)
                if " " in better:
                    return Should(tuple([Word(word, field) for word in better.split()]))
                return Word(better, field)
            case Phrase(text, field, slop):
                return Phrase(self._text(text), field, slop)
            case Value(text, field):
                return Value(self._value(text, field), field)
            case And(subqueries=parts):
                return And(tuple([self.node(part) for part in parts]))
            case Or(subqueries=parts):
                return Or(tuple([self.node(part) for part in parts]))
            case Should(parts, required, excluded):
                return Should(
                    self._parts(parts), tuple([self.node(part) for part in required]), excluded
                )
            case Boost(part, factor):
                return Boost(self.node(part), factor)
            case _:
                return node

    def _parts(self, parts: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return words side by side, those taken apart standing side by side as well."""
        better: list[Node] = []
        for part in parts:
            spelled = self.node(part)
            if isinstance(part, Word) and isinstance(spelled, Should):
                better.extend(spelled.parts)
            else:
                better.append(spelled)
        return tuple(better)

    def _text(self, text: str) -> str:
        """Return a text with its unknown words replaced, all else as it stands."""
        pieces: list[str] = []
        at = 0
        for token in tokenise(text):
            written = text[token.start : token.end]
            if token.text == fold(written):
                pieces += [text[at : token.start], self._word(token.text, written)]
                at = token.end
        return "".join([*pieces, text[at:]])

    def _word(self, word: str, written: str) -> str:
        if len(word) < SHORTEST or not word.isalpha() or self._left <= 0:
            return written
        if word not in self._known:
            self._left -= 1
            self._known[word] = self._better(word)
        better = self._known[word]
        return written if better == word else _like(written, better)

    def _better(self, word: str) -> str:
        (frequency,) = self._vocabulary.frequencies([word])
        floor = MUCH_MORE * frequency
        if frequency * KNOWN > self._vocabulary.articles:
            return word
        distances = (1, 2) if len(word) >= LONG or not frequency else (1,)
        for distance in distances:
            near = _likeliest(word, self._vocabulary.close(word, distance), floor)
            apart = self._apart(word, floor) if distance == 1 else None
            if near and (not apart or near.frequency >= apart.frequency):
                return near.word
            if apart:
                return apart.word
        return word

    def _apart(self, word: str, floor: int) -> CloseWord | None:
        """Return the word as two, where both are words of some articles."""
        cuts = range(3, len(word) - 2)
        halves = [half for cut in cuts for half in (word[:cut], word[cut:])]
        counts = self._vocabulary.frequencies(halves)
        best: CloseWord | None = None
        for number, cut in enumerate(cuts):
            least = min(counts[2 * number], counts[2 * number + 1])
            if least > max(floor, 1) and (best is None or least > best.frequency):
                best = CloseWord(f"{word[:cut]} {word[cut:]}", least)
        return best

    def _value(self, text: str, field: str) -> str:
        if self._left <= 0 or self._vocabulary.value_frequency(field, text):
            return text
        self._left -= 1
        folded = fold(text)
        close = self._vocabulary.close_values(field, text, 1 if len(text) < LONG else 2)
        ranked = sorted(
            (edits(folded, fold(value.word)), -value.frequency, value.word) for value in close
        )
        return ranked[0][2] if ranked else text
