"""What has been read of one parenthesis of a query.

A frame collects three levels of precedence at once: the AND chain that is being read, the OR chain
that it stands in, and the finished items side by side.
"""

from __future__ import annotations

from search.query.building import all_of, any_of, near_each_other, negated, side_by_side
from search.query.nodes import Node, Not
from search.query.scanner import Kind


class Frame:
    """An open parenthesis: what has been read in it, and what waits for the next operand.

    `near` is the slop of an operator of nearness, and its place in the text; `neighbour` the
    operand before it.
    """

    __slots__ = (
        "ands",
        "field",
        "first_must",
        "items",
        "joined",
        "must",
        "near",
        "negated",
        "neighbour",
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
        self.near = (0, 0, 0)
        self.neighbour: Node | None = None

    def forget(self) -> None:
        """Drop the marks and operators that wait for an operand."""
        self.joined, self.negated, self.must = None, False, False

    def add(self, node: Node) -> bool:
        """Take the next operand, with the marks and operators before it.

        False where the two sides of an operator of nearness cannot be near; both must match then.
        """
        whole = True
        operand = node
        if self.joined is Kind.NEAR:
            whole = self._stand_near(node)
        elif self.negated:
            node = negated(node)
        if self.joined is Kind.NEAR:
            pass
        elif self.joined is Kind.AND:
            self.ands.append(node)
        elif self.joined is Kind.OR:
            self.ors.append(all_of(self.ands))
            self.ands = [node]
        else:
            self._end_chain()
            self.ands = [node]
            self.first_must = self.must
        self.neighbour = operand
        self.forget()
        return whole

    def _stand_near(self, node: Node) -> bool:
        """Put the operand before an operator of nearness and the one behind it together.

        Of ``a NEAR/3 b NEAR/5 c`` each two neighbours are near each other; ``-a NEAR/3 b`` and
        ``a NOT NEAR/3 b`` exclude the two together.
        """
        before = self.ands.pop()
        assert self.neighbour is not None  # there is an operand, so there was one
        near = near_each_other(self.neighbour, node, self.near[0])
        pair = near if near is not None else node
        if self.negated:  # the word before it, but not near the other
            self.ands += [before, negated(pair)]
        elif near is None:
            self.ands += [before, node]
        elif isinstance(before, Not):
            self.ands.append(negated(near))
        elif before == self.neighbour:
            self.ands.append(near)
        else:
            self.ands.append(all_of((before, near)))
        return near is not None

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
