"""What has been read of one parenthesis of a query.

A frame collects three levels of precedence at once: the AND chain that is being read, the OR chain
that it stands in, and the finished items side by side.
"""

from __future__ import annotations

from search.language_nodes import all_of, any_of, negated, side_by_side
from search.language_scanner import Kind
from search.query import Node

__all__ = ["Frame"]


class Frame:
    """An open parenthesis: what has been read in it, and what waits for the next operand."""

    __slots__ = (
        "ands",
        "field",
        "first_must",
        "items",
        "joined",
        "must",
        "negated",
        "ors",
        "start",
    )

    def __init__(self, field: str, start: int) -> None:
        self.field = field
        self.start = start
        self.items: list[tuple[bool, Node]] = []
        self.ors: list[Node] = []
        self.ands: list[Node] = []
        self.first_must = False
        self.joined: Kind | None = None
        self.negated = False
        self.must = False

    def forget(self) -> None:
        """Drop the marks and operators that wait for an operand."""
        self.joined, self.negated, self.must = None, False, False

    def add(self, node: Node) -> None:
        """Take the next operand, with the marks and operators before it."""
        if self.negated:
            node = negated(node)
        if self.joined is Kind.AND:
            self.ands.append(node)
        elif self.joined is Kind.OR:
            self.ors.append(all_of(self.ands))
            self.ands = [node]
        else:
            self._end_chain()
            self.ands = [node]
            self.first_must = self.must
        self.forget()

    def _end_chain(self) -> None:
        if not self.ands:
            return
        must = self.first_must and len(self.ands) == 1 and not self.ors
        node = all_of(self.ands)
        if self.ors:
            node = any_of((*self.ors, node))
            self.ors = []
        self.items.append((must, node))
        self.ands = []

    def close(self) -> Node | None:
        """Return the node of the whole parenthesis, None when there was nothing in it."""
        self._end_chain()
        return side_by_side(self.items) if self.items else None
