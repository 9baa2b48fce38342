"""The plan of a query: what `compile` makes of a tree, and `execute` runs on one segment at a time.

A plan is tied to a reader, because weights need its statistics, and is thrown away after one
request. Its words are `search.embedded.execute.operands.Term`, numbers into `Lookups`, which holds
their postings in every segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from indexer.segment.arrays import I64, U32
from search.embedded.execute.operands import Lookups, Row, Term
from search.embedded.reader import IndexView

if TYPE_CHECKING:
    from whoosh.query import Query


class Phrase(NamedTuple):
    """Words at given distances, or within `slop`; scores like its words."""

    words: list[Term]
    offsets: I64
    slop: int
    label: str
    within: str = ""


class Written(NamedTuple):
    """Those of the matches of `part`, a word or a phrase, that have it as written.

    terms: its words; offsets: int64[words], how far each stands behind the first; `words`: their
    forms, folded; `cased`: with their capitals, empty where these do not count. field and `within`
    say where they may stand.
    """

    part: Plan
    terms: list[Term]
    offsets: I64
    words: tuple[str, ...]
    cased: tuple[str, ...] = ()
    field: str = ""
    within: str = ""


class Pattern(NamedTuple):
    """Words that a pattern stands for: constant score.

    rows: for each leaf those of its terms.
    """

    field: str
    rows: list[list[Row]]
    label: str
    score: float = 1.0
    within: str = ""


class Docs(NamedTuple):
    """Documents that are known: for each leaf uint32 arrays, ascending, to be united. Score 0."""

    docs: list[list[U32]]
    label: str


class Dates(NamedTuple):
    """Documents dated in [start, end), seconds since 1970, None being open. Score 0."""

    start: int | None
    end: int | None
    label: str


class Every:
    """All documents. Score 0."""


class Nothing:
    """No document."""


class Both(NamedTuple):
    """All of `parts`, with the `optional` adding to the scores; scores add up."""

    parts: list[Plan]
    optional: Plan | None = None


class Most(NamedTuple):
    """At least `least` of `parts`; scores add up."""

    parts: list[Plan]
    least: int


class Without(NamedTuple):
    """What `part` matches and `excluded` does not."""

    part: Plan
    excluded: Plan


class Constant(NamedTuple):
    """What `part` matches, each with one score."""

    part: Plan
    score: float


class Scaled(NamedTuple):
    """`part` with its scores multiplied."""

    part: Plan
    factor: float


class Foreign(NamedTuple):
    """What only Whoosh's own matchers can run, see `search.embedded.execute.whoosh_matches`."""

    query: Query
    reader: IndexView


Plan: TypeAlias = (
    Term | Phrase | Written | Pattern | Docs | Dates | Every | Nothing | Both | Most | Without
    | Constant | Scaled | Foreign
)  # fmt: skip


class Compiled(NamedTuple):
    """A plan, the words whose proximity counts, in order, whether asking for fewer words would find
    more (`relaxed`), the patterns that stand for more words than are looked at (`cut`), and several
    bare words as they were typed (`headline`), "" for all else."""

    plan: Plan
    sequence: Sequence[Term]
    relaxed: bool
    scored: bool
    cut: Sequence[str]
    lookups: dict[str, Lookups]
    headline: str = ""
