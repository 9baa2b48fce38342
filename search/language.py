"""The query language: from what people type to the tree of `search.query`.

`parse` reads any text in time linear in its length and never fails: what cannot be read as meant is
read as well as it can be, and `Parsed.notes` say what was ignored. The text goes through a scanner
(`search.language_scanner`: text to marks, words, phrases, parentheses) and a parser with an
explicit stack (`search.language_parser`: those to nodes), both bounded by `search.limits`;
`search.canonical` writes the tree back. Two plain words skip all of it: the engine answers in about
100 µs, and reading them takes a twentieth of that.

Precedence, tightest first: field and ``^``, then NOT and ``-``, AND, OR, words side by side.
Side by side, value fields and dates must always match; words are left to ``match``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from unicodedata import is_normalized

from search.answer import Chip, Note
from search.canonical import written
from search.dates_calendar import clock
from search.language_operands import has_word
from search.language_parser import read
from search.limits import MAX_CHIPS, MAX_WORD
from search.query import Everything, Node, Should, Word

__all__ = ["Parsed", "parse"]

_PLAIN = re.compile(r"[^\W_]++(?:[-'’.][^\W_]++)*+(?: [^\W_]++(?:[-'’.][^\W_]++)*+)*+")
_OPERATORS = {"AND", "OR", "NOT"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query as it was read.

    `parsed` is its canonical text: parsing that again gives an equal `node`. `notes` tell what was
    ignored or changed, in the order of the text; `chips` are the parts that can be removed.
    """

    node: Node
    parsed: str
    notes: tuple[Note, ...] = ()
    chips: tuple[Chip, ...] = ()


_BLANK = Parsed(Everything(), "")


def _all_words(text: str, words: list[str]) -> bool:
    """Whether the words are composed and known to the analyser, as the general way sees to it."""
    return is_normalized("NFC", text) and all(map(has_word, words))


def _plain(words: list[str]) -> Parsed:
    """Return plain words side by side, without a look at any syntax."""
    if len(words) == 1:
        word = words[0]
        return Parsed(Word(word), word, (), (Chip(word, ""),))
    removable = tuple(
        [Chip(word, " ".join(words[:at] + words[at + 1 :])) for at, word in enumerate(words)]
    )
    return Parsed(Should(tuple([Word(word) for word in words])), " ".join(words), (), removable)


def parse(text: str, *, now: datetime, timezone: str = "UTC") -> Parsed:
    """Read a query; relative dates count from `now`, days begin in the IANA zone `timezone`.

    Never raises for any `text`. Raises BadRequestError when there is no such zone.
    """
    if len(text) <= MAX_WORD and _PLAIN.fullmatch(text):
        words = text.split(" ")
        plain = len(words) <= MAX_CHIPS and _OPERATORS.isdisjoint(words)
        if plain and (text.isascii() or _all_words(text, words)):
            return _plain(words)
    if not text or text.isspace():
        return _BLANK
    node, notes = read(text, clock(now, timezone))
    parsed, chips = written(node)
    return Parsed(node, parsed, notes, chips)
