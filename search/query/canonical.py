"""The tree of a query written back as text: how it was read, in the grammar itself.

`canonical` of a parsed tree parses to an equal tree again. Parentheses are set where precedence
needs them, and around AND in OR and OR between words, where readers disagree about it.
"""

from __future__ import annotations

import re

from search.answer import Chip
from search.query import nodes
from search.query.limits import MAX_CHIPS, MAX_DEPTH, OPERATORS
from search.query.nodes import Node, is_filter
from search.query.scanner import NEAR, QUOTES

_BARE_VALUE = re.compile(r"[^\W_]+(?:[-.&'’/][^\W_]+)*")
_BARE_DATE = re.compile(r"[\w.*-]+")
_SPECIAL = re.compile(rf"[\s,;—–…(){QUOTES}\[\]{{}}|\\~^*?]|&(?=&)|(?<=&)&")
_SPECIAL_BUT_PATTERN = re.compile(rf"[\s,;—–…(){QUOTES}\[\]{{}}|\\~^]|&(?=&)|(?<=&)&")
_IN_QUOTES = re.compile(rf"[{QUOTES}\\]")
_STARS_TOO = re.compile(rf"[{QUOTES}\\*]")
_NO_PATTERN = re.compile(rf"[{QUOTES}\\*]|\?(?=\S*\w)")
_PATTERN_IN_QUOTES = re.compile(rf"[{QUOTES}\\*?]")
_NUMBER_COMMA = re.compile(r"(?<=\d)\\,(?=\d)")
_NAMED = re.compile(r"([^\W\d]{1,32}):(?!//)")


def _escaped(text: str, special: re.Pattern[str], field: str) -> str:
    """Return a bare word with a backslash before all that would not be read as part of it."""
    if text.isalnum() and text not in OPERATORS:
        return text
    text = _NUMBER_COMMA.sub(",", special.sub(r"\\\g<0>", text))
    if NEAR.fullmatch(text):
        return "\\" + text
    if not field:
        if text in OPERATORS or text[:1] in ("+", "-", "!"):
            return "\\" + text
        return _NAMED.sub(r"\1\\:", text, count=1) if _NAMED.match(text) else text
    return text


def _quoted(text: str, special: re.Pattern[str] = _IN_QUOTES) -> str:
    return '"' + special.sub(r"\\\g<0>", text) + '"'


def _grouped(node: Node, depth: int, *, needed: bool) -> str:
    """Return the node in parentheses; those that are only for the eye end with the depth."""
    if not needed and depth >= MAX_DEPTH:
        return _write(node, depth)
    return f"({_write(node, depth + 1)})"


def _operand(node: Node, depth: int) -> str:
    """Return the node as what NOT, ``-``, ``+`` or ``^`` applies to."""
    if isinstance(node, (nodes.And, nodes.Or, nodes.Should, nodes.Not, nodes.Nothing, nodes.Near)):
        return _grouped(node, depth, needed=not _is_quoted(node))
    return _write(node, depth)


def _is_quoted(node: Node) -> bool:
    """Whether words near each other are written in one pair of quotation marks."""
    if not isinstance(node, nodes.Near):
        return False
    if not all(isinstance(part, (nodes.Word, nodes.Prefix, nodes.Wildcard)) for part in node.parts):
        return False
    written = all(part.exact for part in node.parts if isinstance(part, nodes.Word))
    return len(node.parts) != 2 or (written and not node.slop)


def _prefix(node: Node) -> str:
    return f"{field}:" if (field := getattr(node, "fieldname", "")) else ""


def _near(node: nodes.Near, depth: int) -> str:
    """Return words near each other: as quoted words with patterns, or with an operator."""
    if not _is_quoted(node):
        one, other = [_operand(part, depth) for part in node.parts]
        return f"{one} {f'NEAR/{node.slop}' if node.slop else 'ADJ'} {other}"
    words = [
        _IN_QUOTES.sub(r"\\\g<0>", part.pattern) if isinstance(part, nodes.Wildcard)
        else _PATTERN_IN_QUOTES.sub(r"\\\g<0>", part.text) + "*" * isinstance(part, nodes.Prefix)
        for part in node.parts
        if isinstance(part, (nodes.Word, nodes.Prefix, nodes.Wildcard))
    ]  # fmt: skip
    return f'{_prefix(node.parts[0])}"{" ".join(words)}"' + (f"~{node.slop}" if node.slop else "")


def _part(node: Node, depth: int, bare: type | tuple[()] = ()) -> str:
    """Return the node as a part of AND, OR or words side by side, which stand in parentheses there;
    those of `bare` nodes are only for the eye."""
    if isinstance(node, nodes.And | nodes.Or | nodes.Should):
        return _grouped(node, depth, needed=not isinstance(node, bare))
    return _write(node, depth)


def _listed(node: nodes.And | nodes.Or | nodes.Should, depth: int) -> tuple[list[str], str]:
    """Return the parts of a node, each with its mark, and what stands between them."""
    match node:
        case nodes.And(subqueries=parts):
            return [_part(part, depth) for part in parts], " AND "
        case nodes.Or(subqueries=parts):
            return [_part(part, depth, nodes.And) for part in parts], " OR "
    found = [_part(part, depth, nodes.Or) for part in node.parts]
    found += [
        _part(part, depth, nodes.Or) if is_filter(part) else "+" + _operand(part, depth)
        for part in node.required
    ]
    return found + ["-" + _operand(part, depth) for part in node.excluded], " "


def _write(node: Node, depth: int) -> str:
    match node:
        case nodes.Word(text, _, True) | nodes.Phrase(text, _, 0):
            return _prefix(node) + _quoted(text, _NO_PATTERN)
        case nodes.Word(text, field):
            return _prefix(node) + _escaped(text, _SPECIAL, field)
        case nodes.Phrase(text, _, slop):
            return f"{_prefix(node)}{_quoted(text, _NO_PATTERN)}~{slop}"
        case nodes.Address(text):
            return text
        case nodes.Cased(text):
            return f"case:{text if text.isalnum() else _quoted(text)}"
        case nodes.Near():
            return _near(node, depth)
        case nodes.Prefix(text, field):
            return f"{_prefix(node)}{_escaped(text, _SPECIAL_BUT_PATTERN, field)}*"
        case nodes.Wildcard(pattern, field):
            return _prefix(node) + _escaped(pattern, _SPECIAL_BUT_PATTERN, field)
        case nodes.Fuzzy(text, distance, field):
            return f"{_prefix(node)}{_escaped(text, _SPECIAL, field)}~{distance}"
        case nodes.Value(text, field):
            return f"{field}:{text if _BARE_VALUE.fullmatch(text) else _quoted(text, _STARS_TOO)}"
        case nodes.DateRange(label=label, fieldname=field):
            bare = _BARE_DATE.fullmatch(label) or label[:1] in "[{"
            return f"{field}:{label if bare else _quoted(label)}"
        case nodes.Boost(part, factor):
            return f"{_operand(part, depth)}^{factor:g}"
        case nodes.Not(part):
            return "NOT " + _operand(part, depth)
        case nodes.And() | nodes.Or() | nodes.Should():
            labels, joint = _listed(node, depth)
            return joint.join(labels)
        case nodes.Everything():
            return "*"
        case _:
            return "NOT *"


def canonical(node: Node) -> str:
    """Return the text of a tree; "" and "*" both mean everything, this is "*"."""
    return _write(node, 0)


def written(node: Node) -> tuple[str, tuple[Chip, ...]]:
    """Return the text of a tree, and the parts that can be taken out of it one by one.

    There are `MAX_CHIPS` of them at most.
    """
    if not isinstance(node, (nodes.And, nodes.Should)):
        text = _write(node, 0)
        return text, (Chip(text, ""),)
    labels, joint = _listed(node, 0)
    chips = [
        Chip(label, joint.join(labels[:at] + labels[at + 1 :]))
        for at, label in enumerate(labels[:MAX_CHIPS])
    ]
    return joint.join(labels), tuple(chips)
