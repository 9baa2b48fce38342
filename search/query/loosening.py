"""Quoted words mean as written; where no article has them so, they may be in any form."""

from __future__ import annotations

from dataclasses import replace

from search.answer import Note
from search.query.nodes import Near, Node, Phrase, Word, mapped
from search.query.parse import Parsed

_NOTE = Note(
    "not-as-written",
    "No article has the quoted words as they are written; other forms of them were searched.",
)


def loosened(parsed: Parsed) -> Parsed | None:
    """Return a query with its quoted words in any form, and a note; None where it has none.

    What is excluded stays as written.
    """
    node = _loose(parsed.node)
    return None if node == parsed.node else replace(
        parsed, node=node, notes=(*parsed.notes, _NOTE)
    )  # fmt: skip


def _loose(node: Node) -> Node:
    match node:
        case Phrase(exact=True, slop=0) | Word(exact=True):
            return replace(node, exact=False)
        case Near(parts):
            return replace(node, parts=tuple(map(_loose, parts)))
        case _:
            return mapped(node, _loose)
