"""The operands of a query: words, phrases, patterns and values, with their suffixes and bounds."""

from __future__ import annotations

import re
from collections.abc import Callable

from corpus.core.fields import PREFIXES
from indexer.analysis.characters import DIGIT, LETTER, UNIGRAM, classify
from search.query.building import EVERYTHING, boosted
from search.query.foreign import CASE, language_code
from search.query.limits import (
    MAX_BOOST,
    MAX_FUZZY,
    MAX_PATTERNS,
    MAX_SLOP,
    MAX_TERMS,
    MAX_TEXT,
    MAX_WORD,
    MIN_BOOST,
    MIN_FUZZY_WORD,
)
from search.query.nodes import Cased, Fuzzy, Near, Node, Phrase, Prefix, Value, Wildcard, Word
from search.query.scanner import Kind, SyntaxToken, unshield

_PATTERN_ENDS = " \t\r\n.,;:!…'’‘‚‛´`\"-–—_/|&<>=@#$€£%+~^()[]{}\\•·"
_WORD_ENDS = _PATTERN_ENDS + "?*"
_QUESTION_ENDS = _PATTERN_ENDS + "?"
_SIGNED = re.compile(r"[^\W\d_]{1,2}(?:\+\+|#)")  # C++, C#
_BESIDE_SIGNS = _WORD_ENDS.replace("+", "").replace("#", "")
_PATTERN_WORD = re.compile(r"[\w*?]+")
_ONE_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{0,9})?", re.ASCII)
_FUZZY = re.compile(r"~(\d{0,9})(?:\.\d{0,9})?\Z", re.ASCII)
_IN_WORDS = (LETTER, DIGIT, UNIGRAM)
_APART = re.compile(r"(?<=[\w*?])[-–/](?=[\w*?])")
"""What parts the words of a pattern, as in ``lock-keep*``."""
_LOST = re.compile(r"[+#@$€£¥%]")
_STOP = re.compile(r"^\.(?=[^\W\d])")  # .NET
_STARS = re.compile(r"\*{2,}")


Annotate = Callable[..., None]
"""Adds a note on a span of the query, by its code and the values in it."""


def has_word(text: str) -> bool:
    """Whether the analyser finds a word in a text; a symbol alone would find nothing at all."""
    if text.isascii():
        return text.isalnum() or any(map(str.isalnum, text))
    return any(classify(ord(char))[0] in _IN_WORDS for char in text)


def _word(text: str) -> str:
    """Return a word without the punctuation around it, the stop of initials (U.S.) kept."""
    if signed := _SIGNED.fullmatch(text.strip(_BESIDE_SIGNS)):
        return signed[0]
    bare = text.strip(_WORD_ENDS)
    if text.startswith(".", text.find(bare) + len(bare)) and "." in bare:
        return bare + "."
    return bare


def _value(text: str, field: str) -> Value:
    return Value(language_code(text) if field == "lang" else text, field)


def _like(pattern: str, literal: str, field: str) -> Node:
    """Return the node of a pattern: words that begin so, where it is no more than that."""
    if pattern == literal + "*" and "*" not in literal and "?" not in literal:
        return Prefix(literal, field)
    return Wildcard(pattern, field)


class Operands:
    """Reads operands within the bounds of one query."""

    __slots__ = ("_note", "_patterns", "_terms", "_text", "full")

    def __init__(self, note: Annotate) -> None:
        self._note = note
        self._terms = self._text = self._patterns = 0
        self.full = False

    def count(self, terms: int, letters: int) -> bool:
        """Count terms against the bounds; False when they no longer fit."""
        if self._terms + terms > MAX_TERMS or self._text + letters > MAX_TEXT:
            self.full = True
            return False
        self._terms += terms
        self._text += letters
        return True

    @staticmethod
    def is_factor(text: str) -> bool:
        """Whether the text behind ``^`` is a factor above zero."""
        return bool(_NUMBER.fullmatch(text)) and float(text) > 0

    def read(self, token: SyntaxToken, field: str) -> Node | None:
        """Return the node of a run or of quoted words, None when it holds nothing to find."""
        if token.kind is Kind.QUOTED:
            node = self._cased(token, token.text) if field == CASE else self._quoted(token, field)
            boost = token.boost
        else:
            text, caret, boost = token.text.rpartition("^")
            if not caret or not _NUMBER.fullmatch(boost):
                text, boost = token.text, ""
            node = self._cased(token, text) if field == CASE else self._run(text, token, field)
        if node is None or not boost:
            return node
        if not self.is_factor(boost) or not MIN_BOOST <= float(boost) <= MAX_BOOST:
            self._note("boost-clamped", token.span)
        return boosted(node, float(boost))

    def _cased(self, token: SyntaxToken, text: str) -> Node | None:
        """Return words whose capitals count; patterns mean nothing there, which is told."""
        if token.star or "*" in text:
            self._note("sign-dropped", token.span, signs="*")
        text = " ".join(unshield(text).split())
        if token.kind is not Kind.QUOTED:
            text = _word(text)
        if not has_word(text) or not self.count(text.count(" ") + 1, len(text)):
            return None
        return Cased(text)

    def _quoted(self, token: SyntaxToken, field: str) -> Node | None:
        text = " ".join(unshield(token.text).split())
        if not text or not (field in PREFIXES or has_word(text)):
            return None
        words = text.count(" ") + 1
        if not self.count(words, len(text)):
            return None
        shielded = token.text + "*" if token.star else token.text
        if field in PREFIXES:
            stars = "*" in shielded and has_word(text)
            return self._pattern(shielded, token, field) if stars else _value(text, field)
        if ("*" in shielded or "?" in shielded) and "://" not in text:
            near = self._sequence(shielded, token, field)
            if near:
                return near
        word = text.strip(_WORD_ENDS)
        if _ONE_WORD.fullmatch(word):
            return Word(word, field, exact=True)
        slop = int(token.slop or 0)
        if slop > MAX_SLOP:
            self._note("slop-clamped", token.span)
        return Phrase(text, field, min(slop, MAX_SLOP))

    def _sequence(self, shielded: str, token: SyntaxToken, field: str) -> Node | None:
        """Return the node of quoted words with patterns among them, None where there are none.

        A star alone between words stands for one word.
        """
        parts: list[Node] = []
        for piece in shielded.split():
            likely = unshield(piece.rstrip(_QUESTION_ENDS))
            if "*" not in piece.rstrip(_QUESTION_ENDS) and "?" not in piece.rstrip(_QUESTION_ENDS):
                words = map(_word, unshield(piece).split())
                parts += [Word(word, field, exact=True) for word in words if word]
                continue
            for word in _PATTERN_WORD.findall(likely):
                # At the end of a word ? ends a question, whatever sign follows.
                bare = _STARS.sub("*", word).rstrip("?")
                literal = bare.strip("*?")
                if not bare:
                    continue
                if "*" not in bare and "?" not in bare:
                    parts.append(Word(bare, field, exact=True))
                elif not literal:
                    parts.append(Wildcard("*", field))
                elif not self._one_more_pattern(token):
                    parts.append(Word(literal, field, exact=True))
                else:
                    parts.append(_like(bare, literal, field))
        for end in (-1, 0):
            while parts and parts[end] == Wildcard("*", field):
                del parts[end]
        if all(isinstance(part, Word) for part in parts):
            return None
        slop = min(int(token.slop or 0), MAX_SLOP)
        return Near(tuple(parts), slop) if len(parts) > 1 else parts[0]

    def _run(self, text: str, token: SyntaxToken, field: str) -> Node | None:
        if len(text) > MAX_WORD:
            self._note("word-too-long", token.span)
            return None
        if ("*" in text or "?" in text) and "://" not in unshield(text):
            likely = text.rstrip(_QUESTION_ENDS)
            if "*" in likely or "?" in likely:
                return self._pattern(text, token, field)
        distance = ""
        fuzzy = _FUZZY.search(text)
        if fuzzy and fuzzy.start():
            text, distance = text[: fuzzy.start()], fuzzy[1] or "1"
        text = unshield(text)
        if field in PREFIXES:
            word = " ".join(text.split())
        else:
            word = _word(text)
            self._note_signs(text, word, token)
        if not word or not (field in PREFIXES or has_word(word)):
            return None
        if not self.count(1, len(word)):
            return None
        if distance:
            return self._fuzzy(word, int(distance), token, field)
        return self._plain(word, field)

    def _note_signs(self, text: str, word: str, token: SyntaxToken) -> None:
        """Say which signs that may have been meant stand around a word: they are not searched."""
        if not word:
            return
        before, _, behind = text.partition(word)
        if signs := _LOST.findall(before + behind) or _STOP.findall(text):
            self._note("sign-dropped", token.span, signs="".join(dict.fromkeys(signs)))

    @staticmethod
    def _plain(word: str, field: str) -> Node:
        return _value(word, field) if field in PREFIXES else Word(word, field)

    def _fuzzy(self, word: str, distance: int, token: SyntaxToken, field: str) -> Node | None:
        if distance > MAX_FUZZY:
            self._note("fuzzy-clamped", token.span)
        short = distance > 0 and len(word) < MIN_FUZZY_WORD
        if short:
            self._note("fuzzy-too-short", token.span)
        if not distance or short or not self._one_more_pattern(token):
            return self._plain(word, field)
        return Fuzzy(word, min(distance, MAX_FUZZY), field)

    def _one_more_pattern(self, token: SyntaxToken) -> bool:
        if self._patterns < MAX_PATTERNS:
            self._patterns += 1
            return True
        self._note("too-many-patterns", token.span)
        return False

    def _pattern(self, text: str, token: SyntaxToken, field: str) -> Node | None:
        pattern = unshield(text)
        if field in PREFIXES:
            pattern = " ".join(pattern.split())
        else:
            pattern = pattern.strip(_PATTERN_ENDS)
        pattern = _STARS.sub("*", pattern)
        literal = pattern.strip("*?")
        if not has_word(literal):
            if field in PREFIXES:
                return Prefix("", field) if self.count(1, 1) else None
            return EVERYTHING
        if not self.count(1, len(pattern)):
            return None
        bare = pattern.rstrip(_QUESTION_ENDS)
        asks = "*" not in bare and "?" not in bare  # only at its end: it is a question
        if field not in PREFIXES and not asks and _APART.search(bare):
            near = self._sequence(_APART.sub(" ", bare), token, field)
            return near or self._plain(_word(literal), field)
        if asks or not self._one_more_pattern(token):
            return self._plain(literal if field in PREFIXES else _word(literal), field)
        return _like(pattern, literal, field)
