"""The query tree: what `search.language` makes of text, and what every engine compiles.

Nodes are frozen values handled with ``match``. A tree is bounded (see the limits in
`search.language`), has no parents, and compares by value. Words are raw, as typed without their
operators: engines analyse them with `indexer.analysis`, one word often giving several tokens.
`field` is "" for the default fields, one of `corpus.fields.TEXTS` or `PREFIXES`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "All", "Any", "Boost", "DateRange", "Everything", "Fuzzy", "Near", "Node", "Not", "Nothing",
    "Phrase", "Prefix", "Should", "Value", "Wildcard", "Word",
]  # fmt: skip

@dataclass(frozen=True, slots=True)
class Word:
    """A word; `exact` asks for the form as written instead of its stem."""

    text: str
    field: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other; with `slop` N, within N extra positions, in any order."""

    text: str
    field: str = ""
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """`parts` within `slop` extra positions, in any order; with no slop, one after the other.

    A part is a Word, Prefix, Wildcard or Fuzzy, or an Any of such words that stand for each other;
    all have the same `field`. The wildcard ``*`` alone stands for one word, whichever it is.
    """

    parts: tuple[Node, ...]
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words (or values) that begin with `text`."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words (or values) like `pattern`: ``?`` is one character, ``*`` any number."""

    pattern: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words within `distance` (1 or 2) edits, transpositions counting one."""

    text: str
    distance: int = 1
    field: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """Articles that have this whole value in a value field."""

    text: str
    field: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published in [start, end): seconds since 1970 in UTC; None is open. `label` is as read."""

    start: int | None
    end: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Every part must match; scores add."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part must match (an explicit OR); scores add."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Should:
    """Bare words side by side: `Request.match` decides whether all, any or most must match.

    `required` are parts marked ``+`` (or combined by AND at this level), `excluded` those marked
    ``-`` or NOT; both always hold.
    """

    parts: tuple[Node, ...]
    required: tuple[Node, ...] = ()
    excluded: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Articles that do not match `part`; no score."""

    part: Node


@dataclass(frozen=True, slots=True)
class Boost:
    """`part` with its score multiplied by `factor` (finite, above 0)."""

    part: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article, score 0."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No article."""


Node = (
    Word | Phrase | Near | Prefix | Wildcard | Fuzzy | Value | DateRange | All | Any | Should | Not
    | Boost | Everything | Nothing
)  # fmt: skip
