"""How parts become one node: the normal form of the query tree.

Trees that mean the same by their shape alone are equal here: nested AND and OR are flat, a double
negation is none, one part stands for itself. Whoever builds a tree uses these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.core.fields import PREFIXES
from indexer.analysis.analyser import tokenise
from search.query.limits import MAX_BOOST, MAX_NEAR, MIN_BOOST
from search.query.nodes import (
    And,
    Boost,
    Everything,
    Fuzzy,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Should,
    Wildcard,
    Word,
    is_filter,
)

__all__ = [
    "all_of", "any_of", "boosted", "is_filter", "near_each_other", "negated", "side_by_side",
]  # fmt: skip

EVERYTHING, NOTHING = Everything(), Nothing()


def negated(node: Node) -> Node:
    """Return what holds exactly where `node` does not."""
    match node:
        case Not(part):
            return part
        case Everything():
            return NOTHING
        case Nothing():
            return EVERYTHING
        case _:
            return Not(node)


def boosted(node: Node, factor: float) -> Node:
    """Return `node` with its score multiplied; factors are bounded, and filters have no score."""
    part, product = node, factor
    if isinstance(node, Boost):
        part, product = node.child, node.factor * factor
    product = round(min(max(product, MIN_BOOST), MAX_BOOST), 3)
    return part if product == 1.0 or is_filter(part) else Boost(part, product)


def all_of(parts: Iterable[Node]) -> Node:
    """Return the node that holds where every part does."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And):
            flat.extend(part.subqueries)
        elif isinstance(part, Nothing):
            return NOTHING
        elif not isinstance(part, Everything):
            flat.append(part)
    if not flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: Iterable[Node]) -> Node:
    """Return the node that holds where at least one part does."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, Or):
            flat.extend(part.subqueries)
        elif not isinstance(part, Nothing):
            flat.append(part)
    if not flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def near_each_other(one: Node, other: Node, slop: int) -> Node | None:
    """Return the node of two operands within `slop` extra positions of one another.

    They are words, patterns, phrases, or alternatives of these in one field; None for others.
    """
    left, right = _alternatives(one), _alternatives(other)
    if not left or not right or len({part.fieldname for part in (*left, *right)}) > 1:
        return None
    if all(map(_is_one_word, (*left, *right))):
        pair = (any_of(left), any_of(right))
        return Near(pair, slop) if not _are_exact(pair) else _phrase_near(*pair, slop)
    if len(left) == len(right) == 1:
        plain = all(isinstance(part, (Word, Phrase)) for part in (*left, *right))
        return _phrase_near(left[0], right[0], slop) if plain else None
    if len(left) * len(right) > MAX_NEAR:
        return None
    pairs = [near_each_other(a, b, slop) for a in left for b in right]
    found = [pair for pair in pairs if pair is not None]
    return any_of(found) if len(found) == len(pairs) else None


def _alternatives(node: Node) -> list[Word | Phrase | Prefix | Wildcard | Fuzzy]:
    """Return the words that a node stands for, each as good as the others; [] for other nodes."""
    parts = node.subqueries if isinstance(node, Or) else (node,)
    bare = [part.child if isinstance(part, Boost) else part for part in parts]
    found = [
        part for part in bare
        if (isinstance(part, (Word, Prefix, Wildcard, Fuzzy)) and part.fieldname not in PREFIXES)
        or (isinstance(part, Phrase) and not part.slop)
    ]  # fmt: skip
    return found if len(found) == len(bare) else []


def _is_one_word(part: Node) -> bool:
    return isinstance(part, (Wildcard, Fuzzy)) or (
        isinstance(part, (Word, Prefix)) and len(tokenise(part.text)) == 1
    )


def _are_exact(parts: Iterable[Node]) -> bool:
    return all(isinstance(part, Word) and part.exact for part in parts)


def _phrase_near(one: Node, other: Node, slop: int) -> Node:
    """Return the node of words and phrases near one another: each as it is, and all together."""
    assert isinstance(one, (Word, Phrase)) and isinstance(other, (Word, Phrase))
    together = Phrase(f"{one.text} {other.text}", one.fieldname, slop)
    phrases = [part for part in (one, other) if isinstance(part, Phrase)] if slop else []
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
            case Not(part):
                excluded.append(part)
            case And(subqueries=inner):
                for part in inner:
                    if isinstance(part, Not):
                        excluded.append(part.query)
                    else:
                        required.append(part)
            case Nothing():
                return NOTHING
            case Everything():
                pass
            case Should(inner, (), ()) if not must:
                parts.extend(inner)
            case _ if must or is_filter(node):
                required.append(node)
            case _:
                parts.append(node)
    if not parts:
        return all_of((*required, *map(negated, excluded)))
    if len(parts) == 1 and not required and not excluded:
        return parts[0]
    return Should(tuple(parts), tuple(required), tuple(excluded))
