"""Did you mean: a query with words that the archive knows better, where that finds more.

Words that no or few articles have are replaced by what was meant (`search.suggestions.spelling`),
taken apart, or written together; two known words that never stand together by two that do; values
of fields by the nearest value, or the field by the one that has the value. The caller says how many
articles a tree finds, so that nothing is suggested which does not find more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from whoosh.support.levenshtein import damerau_levenshtein as edits

from corpus.core.fields import PARAMETERS, PREFIXES
from corpus.text.languages import LANGUAGES
from indexer.analysis.analyser import fold, fold_value, tokenise
from indexer.analysis.stop_words import stop_words
from search.answer import Note
from search.query.building import all_of, any_of, negated
from search.query.canonical import canonical
from search.query.nodes import (
    Address,
    And,
    Node,
    Not,
    Or,
    Phrase,
    Should,
    Value,
    Wildcard,
    Word,
    mapped,
)
from search.request import Request
from search.suggestions.spelling import Count, Speller, is_offensive
from search.suggestions.vocabulary import ArchiveVocabulary

MAX_PAIRS = 3  # pairs of known words that are tried in other spellings
MAX_VALUES = 8  # values of one query that are looked up
_SHORT_WORD = 3  # letters that a word of a value has, at least
_LONG_WORD = 8  # letters of a word that may be written apart
_LETTERS = re.compile(r"[^\W\d_]{6,}")  # words that may have a hyphen elsewhere
_LONG_VALUE = 8  # letters from which on a value may differ by two edits


_UNPRINTED = ("place", "places", "people", "orgs")
"""Fields of several words whose values bare words do not find."""

_COMMON = frozenset().union(*map(stop_words, LANGUAGES))  # words that stand beside all others


_NO_ADDRESS = "No article has this address; to look for it in texts, put it in quotation marks."


class Suggestion(NamedTuple):
    """A better query: its text, its tree, how many articles it finds, and whether it is `sure`."""

    text: str
    node: Node
    total: int
    sure: bool = False


def suggest(
    node: Node, vocabulary: ArchiveVocabulary, *, count: Count, total: int, some: bool = False
) -> Suggestion | None:
    """Return the query that was meant, None when there is none that finds more than `total`.

    Words written together need not find more: they find others. Where no article has all words and
    `some` of them are shown, it is enough that more articles have some.
    """
    speller = _Respelling(vocabulary, count)
    better = speller.node(node)
    if better == node:
        better, speller.sure = speller.also_apart(node), False
    if better == node:
        return None
    found = count(better)
    if found > total or (speller.joined and found >= max(total, 1)):
        return Suggestion(canonical(better), better, found, speller.sure)
    if some and not found and isinstance(node, Should) and isinstance(better, Should):
        found = count(_some(better))
        if found > count(_some(node)):
            return Suggestion(canonical(better), better, found)
    return None


def _some(node: Should) -> Node:
    """Return the tree of articles that have some of the words, and all that must occur."""
    return all_of([any_of(node.parts), *node.required, *map(negated, node.excluded)])


def absent_values(
    request: Request, node: Node, vocabulary: ArchiveVocabulary, total: int
) -> tuple[Note, ...]:
    """Return notes on values, or an address, that no article has, and where else they are.

    They are those chosen in a facet or typed (`node` is the query's tree). Values that must occur
    are looked up where a search found nothing (`total`): the notes say what cannot be met.
    """
    if isinstance(node, Address) and not total:
        return (Note("absent-address", _NO_ADDRESS, node.text),)
    chosen = () if total else request.filters.items()
    asked = [
        (PARAMETERS[facet], value)
        for facet, values in (*chosen, *request.excluded.items())
        for value in values
    ]
    asked += [(one.fieldname, one.text) for one in _values_in(node, must=True, found=total > 0)]
    notes = []
    for name, value in dict.fromkeys(asked[:MAX_VALUES]):
        if name in PREFIXES and not vocabulary.value_frequency(name, value):
            found, other = _elsewhere(value, name, vocabulary)
            code, where = "absent-value", f"; there are some with it as {other}" if found else ""
            if "," in value and not found and name != "author":
                code, where = "value-list", f"; one of several is written {name}:(this OR that)"
            notes.append(Note(code, f"No article has ‘{value}’ as {name}{where}.", value))
    return tuple(notes)


def _values_in(node: Node, *, must: bool, found: bool) -> Iterator[Value]:
    """Yield the values of fields in a tree, but for those that all articles `found` have."""
    match node:
        case Value():
            if not (must and found):
                yield node
        case Not(part):
            yield from _values_in(part, must=False, found=found)
        case Should(parts, required, excluded):
            for part in (*parts, *required):
                yield from _values_in(part, must=must, found=found)
            for part in excluded:
                yield from _values_in(part, must=False, found=found)
        case And(subqueries=parts) | Or(subqueries=parts):
            for part in parts:
                yield from _values_in(part, must=must and isinstance(node, And), found=found)


def _elsewhere(value: str, field: str, vocabulary: ArchiveVocabulary) -> tuple[int, str]:
    """Return the field that most articles have a value in, besides one, and how many have it."""
    found = [(vocabulary.value_frequency(name, value), name) for name in PREFIXES if name != field]
    return max(found, key=lambda pair: pair[0])


def _like(written: str, word: str) -> str:
    """Return the word with capitals as the reader had written it."""
    if len(written) > 1 and written.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if written[:1].isupper() else word


class _Respelling:
    """One query respelled; `sure` and `joined` say how."""

    def __init__(self, vocabulary: ArchiveVocabulary, count: Count) -> None:
        self._vocabulary = vocabulary
        self._count = count
        self._pairs = MAX_PAIRS
        self._speller = Speller(vocabulary, count)
        self._values = MAX_VALUES
        self.sure = True
        self.joined = False

    def node(self, node: Node, before: str = "", behind: str = "") -> Node:
        match node:
            case Word(text, field, False):
                if not field and (value := self._value_of(text)):
                    return value
                better = self._text(text, before, behind)
                if " " in better:
                    return Should(tuple([Word(word, field) for word in better.split()]))
                same = better == text and not text.isalpha()
                return (same and self._apart(text, field)) or Word(better, field)
            case Phrase(text, field, slop):
                better = self._text(text)
                same = better == text and not slop
                return (same and self._apart(text, field)) or Phrase(better, field, slop)
            case Value(text, field):
                return self._value(node)
            case Should(parts, required, excluded):
                parts, required = self._longer(parts, required)
                return Should(self._parts(parts), tuple(map(self.node, required)), excluded)
            case _:
                return mapped(node, self.node)

    def _longer(
        self, parts: tuple[Node, ...], required: tuple[Node, ...]
    ) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        """Return ``place:new york`` as it is meant where no article has the value without the words
        behind it: they are part of it."""
        if len(required) == 1 and isinstance(value := required[0], Value) and self._values > 0:
            field, words = value.fieldname, [_plain(part) for part in parts[:MAX_PAIRS]]
            if all(words) and not self._vocabulary.value_frequency(field, value.text):
                self._values -= 1
                for n in range(1, len(words) + 1):
                    text = " ".join([value.text, *words[:n]])
                    if self._vocabulary.value_frequency(field, text):
                        self.sure = False
                        return parts[n:], (Value(text, field),)
                for n in range(len(words), 0, -1):
                    within = self._within(f"{value.text} {' '.join(words[:n])}", field)
                    if within is not None:
                        self.sure = False
                        return parts[n:], (within,)
        return parts, required

    def _apart(self, text: str, field: str) -> Phrase | None:
        """Return a text as written with a word of it apart (take-over bid, sars-cov2), None where
        no article has it so."""
        for word in _LETTERS.findall(text)[:MAX_PAIRS]:
            for _, halves in self._speller.halves(fold(word)):
                apart = Phrase(text.replace(word, halves.replace(" ", "-"), 1), field)
                if self._count(apart):
                    self.sure &= not self._count(Phrase(text, field))
                    return apart
        return None

    def also_apart(self, node: Node) -> Node:
        """Return words that the archive also writes apart, or those and their two halves."""
        match node:
            case Word(text, field, False) if len(text) >= _LONG_WORD:
                for _, halves in self._speller.halves(_plain(node)):
                    apart = Phrase(halves, field)
                    # 'not able' is not 'notable'
                    if _COMMON.isdisjoint(halves.split()) and self._count(apart):
                        return Or((node, apart))
                return node
            case Should(parts, required, excluded) if len(parts) <= MAX_PAIRS:
                return Should(tuple(map(self.also_apart, parts)), required, excluded)
            case _:
                return node

    def _parts(self, parts: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return words side by side, those taken apart standing side by side as well."""
        parts = tuple(self._together(parts, unknown=True))
        words = ["", *map(_plain, parts), ""]
        better: list[Node] = []
        for part, before, behind in zip(parts, words, words[2:], strict=False):
            spelled = self.node(part, before, behind)
            taken_apart = isinstance(part, Word) and isinstance(spelled, Should)
            better += spelled.parts if taken_apart else (spelled,)
        together = self._together(better)
        return tuple(self._beside(together) if together == list(parts) else together)

    def _together(self, parts: Sequence[Node], *, unknown: bool = False) -> list[Node]:
        """Return the parts with neighbours as one word where the archive writes them so, of
        `unknown` ones only those of which it lacks one."""
        found: list[Node] = []
        for part in parts:
            last = found[-1] if found else part
            left, right = _plain(last) if found else "", _plain(part)
            joined = self._speller.joined(left, right, unknown=unknown) if left and right else ""
            field = getattr(part, "fieldname", "")
            if joined and isinstance(last, Word) and last.fieldname == field:
                self.joined, self.sure = True, False
                found[-1] = Word(_like(last.text, joined), field)
            else:
                found.append(part)
        return found

    def _beside(self, parts: list[Node]) -> list[Node]:
        """Return the parts with a known word replaced where its neighbour never has it beside."""
        words = [_plain(part) for part in parts]
        pairs = [at for at in range(len(words) - 1) if words[at] and words[at + 1]]
        for at in pairs[: self._pairs]:
            if self._speller.together("", words[at], words[at + 1]):
                continue
            for place, first in ((at, True), (at + 1, False)):
                part = parts[place]
                other = words[at + 1] if first else words[at]
                better = self._speller.beside(words[place], other, first=first)
                if better and isinstance(part, Word):
                    self.sure = False
                    changed = Word(_like(part.text, better), part.fieldname)
                    return [*parts[:place], changed, *parts[place + 1 :]]
        return parts

    def _text(self, text: str, before: str = "", behind: str = "") -> str:
        """Return a text with its unknown words replaced, all else as it stands."""
        pieces: list[str] = []
        at = 0
        for token in tokenise(text):
            written = text[token.start : token.end]
            if token.text == fold(written):
                spelling = self._speller.better(token.text, before, behind)
                changed = spelling.text != token.text
                self.sure &= spelling.sure
                better = _like(written, spelling.text) if changed else written
                pieces += [text[at : token.start], better]
                at = token.end
        return "".join([*pieces, text[at:]])

    def _value_of(self, text: str) -> Value | None:
        """Return the value that a word is which no article has in what is printed in it."""
        words = tokenise(text)
        known = self._vocabulary.frequencies([token.text for token in words])
        if self._values <= 0 or not words or any(known):
            return None
        self._values -= 1
        most, name = _elsewhere(text, "", self._vocabulary)
        if most:
            self.sure = False
            return Value(text, name)
        if not text.isalnum() or len(text) < _SHORT_WORD:
            return None
        inside = [Wildcard(f"*{text}*", name) for name in _UNPRINTED]
        found = max(((self._count(value), value) for value in inside), key=lambda pair: pair[0])
        self.sure &= not found[0]
        return found[1] if found[0] else None

    def _value(self, value: Value) -> Node:
        """Return the nearest value of a field, or the same value of the field that has it."""
        text, field = value.text, value.fieldname
        if self._values <= 0 or self._vocabulary.value_frequency(field, text):
            return value
        self._values -= 1
        most, name = _elsewhere(text, field, self._vocabulary)
        if most:
            return Value(text, name)
        folded = fold(text)
        close = self._vocabulary.close_values(field, text, 1 if len(text) < _LONG_VALUE else 2)
        ranked = sorted(
            (edits(folded, fold(one.word)), -one.frequency, one.word)
            for one in close if not is_offensive(fold(one.word))
        )  # fmt: skip
        if ranked:
            return Value(ranked[0][2], field)
        several = any_of([Value(one.strip(), field) for one in text.split(",") if one.strip()])
        if isinstance(several, Or) and self._count(several):
            self.sure = False
            return several
        return self._within(text, field) or value

    def _within(self, text: str, field: str) -> Wildcard | None:
        """Return the values that have the words of a text in them, in its order or, where it has a
        comma, with what follows that first: a surname finds its authors, `Larkin, Gary` one of
        them. None where no article has such a value."""
        last, comma, first = text.partition(",")
        for said in (text, f"{first} {last}") if comma else (text,):
            words = fold_value(said).replace("*", " ").replace("?", " ").split()
            words = [word for word in words if word not in _COMMON]
            if len("".join(words)) >= _SHORT_WORD:
                found = Wildcard(f"*{'*'.join(words)}*", field)
                if self._count(found):
                    return found
        return None


def _plain(node: Node) -> str:
    """Return the folded word of a node that is one word without more to it, else ""."""
    if isinstance(node, Word) and not node.exact:
        word = fold(node.text)
        return word if word.isalpha() else ""
    return ""
