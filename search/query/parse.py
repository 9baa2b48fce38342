"""The query language: from what people type to the tree of `search.query.nodes`.

`parse` reads any text in time linear in its length and never fails: what cannot be read as meant is
read as well as it can be, and `Parsed.notes` say what was ignored. The text goes through a scanner
(`search.query.scanner`: text to marks, words, phrases, parentheses) and a parser with an
explicit stack (`search.query.parser`: those to nodes), both bounded by `search.query.limits`;
`search.query.canonical` writes the tree back. Plain words, which most people type, skip all of it:
that takes 4 µs instead of 11 for a word and 30 for three, of some 100 for an answer.

Precedence, tightest first: field and ``^``, then NOT and ``-``, AND, OR, words side by side.
Side by side, value fields and dates must always match; words are left to ``match``.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from unicodedata import is_normalized

from search.addresses import is_address
from search.answer import Chip, Note
from search.query.limits import MAX_CHIPS, MAX_TEXT, MAX_WORD, OPERATORS
from search.query.nodes import Address, Everything, Node, Should, Word

_PLAIN_WORD = r"[^\W_]++(?:[-'’.][^\W_]++)*+"
_PLAIN = re.compile(rf"{_PLAIN_WORD}(?: {_PLAIN_WORD})*+")
_OTHER = re.compile(
    r"(?i:near|adj|pre|atl|east)\d| (?:or|not|[A-Z]{3,}) |\b[NW]\d|\b(?i:date) (?i:is|aft|bef)"
)
"""What may be an operator, or be noted as none."""


class Parsed(NamedTuple):
    """A query as it was read: `node` is what is searched, `shown` what its text is written from,
    None for an empty one. `notes` tell what was ignored or changed, in the order of the text."""

    node: Node
    shown: Node | None = None
    notes: tuple[Note, ...] = ()

    @property
    def parsed(self) -> str:
        """The canonical text: parsing that again gives an equal node."""
        return self._written[0]

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The parts that can be removed."""
        return self._written[1]

    @property
    def _written(self) -> tuple[str, tuple[Chip, ...]]:
        from search.query.canonical import written

        return ("", ()) if self.shown is None else written(self.shown)


_BLANK = Parsed(Everything())


def parse(text: str, *, now: datetime, timezone: str = "UTC") -> Parsed:
    """Read a query; relative dates count from `now`, days begin in the IANA zone `timezone`.

    Never raises for any `text`. Raises BadRequestError when there is no such zone.
    """
    if is_address(address := text.strip()) and len(address) <= MAX_TEXT:
        return Parsed(node := Address(address), node)
    if len(text) <= MAX_WORD and _PLAIN.fullmatch(text) and (found := _plain(text)):
        return found
    if not text or text.isspace():
        return _BLANK
    from search.dates.calendar import clock
    from search.query.parser import read

    node, notes = read(text, clock(now, timezone))
    return Parsed(node, node, notes)


def _plain(text: str) -> Parsed | None:
    """Return how plain words are read, None where it takes the parser to tell."""
    words = text.split(" ")
    if len(words) > MAX_CHIPS or not OPERATORS.isdisjoint(words) or _OTHER.search(text):
        return None
    if not text.isascii():
        from search.query.operands import has_word

        if not (is_normalized("NFC", text) and all(map(has_word, words))):
            return None
    node = Word(text) if len(words) == 1 else Should(tuple([Word(word) for word in words]))
    return Parsed(node, node)
