"""The query language: from what people type to the tree of `search.nodes`.

`parse` reads any text in time linear in its length and never fails: what cannot be read as meant is
read as well as it can be, and `Parsed.notes` say what was ignored. The text goes through a scanner
(`search.language_scanner`: text to marks, words, phrases, parentheses) and a parser with an
explicit stack (`search.language_parser`: those to nodes), both bounded by `search.limits`;
`search.canonical` writes the tree back. What most people type skips all of it
(`search.language_quick`).

Precedence, tightest first: field and ``^``, then NOT and ``-``, AND, OR, words side by side.
Side by side, value fields and dates must always match; words are left to ``match``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from search.addresses import is_address
from search.answer import Chip, Note
from search.canonical import written
from search.dates_calendar import clock
from search.language_parser import read
from search.language_quick import quick
from search.limits import MAX_TEXT
from search.nodes import Address, Everything, Node

__all__ = ["Parsed", "parse"]

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


def parse(text: str, *, now: datetime, timezone: str = "UTC") -> Parsed:
    """Read a query; relative dates count from `now`, days begin in the IANA zone `timezone`.

    Never raises for any `text`. Raises BadRequestError when there is no such zone.
    """
    if is_address(address := text.strip()) and len(address) <= MAX_TEXT:
        return Parsed(Address(address), address, (), (Chip(address, ""),))
    found = quick(text)
    if found is not None:
        node, parsed, chips = found
        return Parsed(node, parsed, (), chips)
    if not text or text.isspace():
        return _BLANK
    node, notes = read(text, clock(now, timezone))
    parsed, chips = written(node)
    return Parsed(node, parsed, notes, chips)
