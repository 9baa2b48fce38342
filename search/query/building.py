"""How parts become one node, and what has been read of one parenthesis: the normal form of trees.

Trees that mean the same by their shape alone are equal here: nested AND and OR are flat, a double
negation is none, one part stands for itself. Whoever builds a tree uses these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import tokenise
from search.query import nodes
from search.query.limits import MAX_BOOST, MAX_NEAR, MIN_BOOST
from search.query.nodes import Node, is_filter
from search.query.scanner import Kind

EVERYTHING, NOTHING = nodes.Everything(), nodes.Nothing()


def negated(node: Node) -> Node:
    """Return what holds exactly where `node` does not."""
    match node:
        case nodes.Not(part):
            return part
        case nodes.Everything():
            return NOTHING
        case nodes.Nothing():
            return EVERYTHING
        case _:
            return nodes.Not(node)


def boosted(node: Node, factor: float) -> Node:
    """Return `node` with its score multiplied; factors are bounded, and filters have no score."""
    part, product = node, factor
    if isinstance(node, nodes.Boost):
        part, product = node.child, node.factor * factor
    product = round(min(max(product, MIN_BOOST), MAX_BOOST), 3)
    return part if product == 1.0 or is_filter(part) else nodes.Boost(part, product)


def all_of(parts: Iterable[Node]) -> Node:
    """Return the node that holds where every part does."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, nodes.And):
            flat.extend(part.subqueries)
        elif isinstance(part, nodes.Nothing):
            return NOTHING
        elif not isinstance(part, nodes.Everything):
            flat.append(part)
    if not flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else nodes.And(tuple(flat))


def any_of(parts: Iterable[Node]) -> Node:
    """Return the node that holds where at least one part does."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, nodes.Or):
            flat.extend(part.subqueries)
        elif not isinstance(part, nodes.Nothing):
            flat.append(part)
    if not flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else nodes.Or(tuple(flat))


def near_each_other(one: Node, other: Node, slop: int) -> Node | None:
    """Return the node of two operands within `slop` extra positions of one another.

    They are words, patterns, phrases, or alternatives of these in one field; None for others.
    """
    left, right = _alternatives(one), _alternatives(other)
    if not left or not right or len({part.fieldname for part in (*left, *right)}) > 1:
        return None
    if all(map(_is_one_word, (*left, *right))):
        pair = (any_of(left), any_of(right))
        exact = all(isinstance(part, nodes.Word) and part.exact for part in pair)
        return _phrase_near(*pair, slop) if exact else nodes.Near(pair, slop)
    if len(left) == len(right) == 1:
        plain = all(isinstance(part, (nodes.Word, nodes.Phrase)) for part in (*left, *right))
        return _phrase_near(left[0], right[0], slop) if plain else None
    if len(left) * len(right) > MAX_NEAR:
        return None
    pairs = [near_each_other(a, b, slop) for a in left for b in right]
    found = [pair for pair in pairs if pair is not None]
    return any_of(found) if len(found) == len(pairs) else None


def _alternatives(
    node: Node,
) -> list[nodes.Word | nodes.Phrase | nodes.Prefix | nodes.Wildcard | nodes.Fuzzy]:
    """Return the words that a node stands for, each as good as the others; [] for other nodes."""
    parts = node.subqueries if isinstance(node, nodes.Or) else (node,)
    bare = [part.child if isinstance(part, nodes.Boost) else part for part in parts]
    found = [
        part for part in bare
        if (isinstance(part, (nodes.Word, nodes.Pattern)) and part.fieldname not in PREFIXES)
        or (isinstance(part, nodes.Phrase) and not part.slop)
    ]  # fmt: skip
    return found if len(found) == len(bare) else []


def _is_one_word(part: Node) -> bool:
    return isinstance(part, (nodes.Wildcard, nodes.Fuzzy)) or (
        isinstance(part, (nodes.Word, nodes.Prefix)) and len(tokenise(part.text)) == 1
    )


def _phrase_near(one: Node, other: Node, slop: int) -> Node:
    """Return the node of words and phrases near one another: each as it is, and all together."""
    assert isinstance(one, (nodes.Word, nodes.Phrase)) and isinstance(
        other, (nodes.Word, nodes.Phrase)
    )
    together = nodes.Phrase(f"{one.text} {other.text}", one.fieldname, slop)
    phrases = [part for part in (one, other) if isinstance(part, nodes.Phrase)] if slop else []
    return all_of((*phrases, together))


def side_by_side(items: Sequence[tuple[bool, Node]]) -> Node:
    """Return the node of parts that stand side by side, each with whether it must match."""
    if len(items) == 1:
        return items[0][1]
    parts: list[Node] = []
    required: list[Node] = []
    excluded: list[Node] = []
    for must, node in items:
        match node:
            case nodes.Not(part):
                excluded.append(part)
            case nodes.And(subqueries=inner):
                for part in inner:
                    if isinstance(part, nodes.Not):
                        excluded.append(part.query)
                    else:
                        required.append(part)
            case nodes.Nothing():
                return NOTHING
            case nodes.Everything():
                pass
            case nodes.Should(inner, (), ()) if not must:
                parts.extend(inner)
            case _ if must or is_filter(node):
                required.append(node)
            case _:
                parts.append(node)
    if not parts:
        return all_of((*required, *map(negated, excluded)))
    if len(parts) == 1 and not required and not excluded:
        return parts[0]
    return nodes.Should(tuple(parts), tuple(required), tuple(excluded))


class Frame:
    """An open parenthesis: what has been read in it, and what waits for the next operand.

    `near` is the slop of an operator of nearness, and its place in the text; `neighbour` the
    operand before it.
    """

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
        whole, operand = True, node
        if self.negated and self.joined is not Kind.NEAR:
            node = negated(node)
        if self.joined is Kind.NEAR:
            whole = self._stand_near(node)
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
        elif isinstance(before, nodes.Not):
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
        self.items.append((must, any_of((*self.ors, node)) if self.ors else node))
        self.ors, self.ands = [], []

    def close(self) -> Node | None:
        """Return the node of the whole parenthesis, None when there was nothing in it."""
        self._end_chain()
        return side_by_side(self.items) if self.items else None
