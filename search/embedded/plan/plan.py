"""The plan of a query: what `compile` makes of a tree, and `execute` runs on one segment at a time.

A plan is tied to a reader, because weights need its statistics, and is thrown away after one
request. Words are numbers into `Lookups`, which holds their postings in every segment; kernels take
them as lists of postings, in groups of synonyms (`lists_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from search.embedded.execute.operands import Lists, Row
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import inverse_frequency
from search.embedded.typing import F32, I64, U32

if TYPE_CHECKING:
    from whoosh.query import Query


class Lookups:
    """The words of one query in one field of one reader.

    rows: for each leaf that of each word. frequencies: for each word the number of live articles
    that have it.
    """

    __slots__ = ("field", "forms", "frequencies", "norm", "rows", "terms")

    def __init__(self, field: str) -> None:
        self.field = field
        self.terms: list[str] = []
        self.forms: list[str] = []
        self.rows: list[list[Row]] = []
        self.frequencies: list[int] = []

    def add(self, term: str, form: str) -> int:
        """Ask for a term, and for the form in which it counts as exact; returns its number."""
        number = len(self.terms)
        self.terms.append(term)
        self.forms.append(form)
        return number

    def resolve(self, reader: IndexView) -> None:
        """Look up everything that was asked for."""
        self.rows, self.frequencies = reader.rows(self.field, self.terms, self.forms)
        self.norm: F32 = reader.norm(self.field)


@dataclass(slots=True, eq=False)
class Term:
    """A word: one term, or several that stand for it in different languages.

    `numbers`: into `lookups`, those that the archive has. `within` counts only positions in
    "body" or in what is "printed". `exact` asks for the exact form, `plain` counts all forms alike.
    """

    lookups: Lookups
    numbers: list[int]
    label: str
    boost: float = 1.0
    within: str = ""
    exact: bool = False
    weight: float = 0.0
    other: float = 0.0
    plain: bool = False

    @property
    def is_one_list(self) -> bool:
        """Whether the word is one list of postings, all of which count."""
        return len(self.numbers) == 1 and not (self.exact or self.within)

    def weigh(self, reader: IndexView) -> None:
        """Drop the terms that no live article has, and set the weights."""
        frequencies = self.lookups.frequencies
        if len(self.numbers) == 1:
            frequency = frequencies[self.numbers[0]]
            if not frequency:
                self.numbers = []
        else:
            self.numbers = [number for number in self.numbers if frequencies[number]]
            # An article is in one language, so that nearly always none is counted twice.
            frequency = min(sum([frequencies[n] for n in self.numbers]), reader.n_live)
        if frequency:
            scoring = reader.scoring
            idf = inverse_frequency(reader.n_live, frequency)
            self.weight = weight = idf * (scoring.k1 + 1.0) * self.boost
            self.other = weight if self.plain else weight * (1.0 - scoring.inexact)


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


Plan = (
    Term | Phrase | Written | Pattern | Docs | Dates | Every | Nothing | Both | Most | Without
    | Constant | Scaled | Foreign
)  # fmt: skip


class Compiled(NamedTuple):
    """A plan, the words whose proximity counts, in order, whether asking for fewer words would find
    more (`relaxed`), and the patterns that stand for more words than are looked at (`cut`)."""

    plan: Plan
    sequence: Sequence[Term]
    relaxed: bool
    scored: bool
    cut: Sequence[str]
    lookups: dict[str, Lookups]


def lists_of(words: Sequence[Term], leaf: int) -> Lists:
    """Return the lists of words of one field, of which there is one at least, in a leaf."""
    lookups = words[0].lookups
    rows = lookups.rows[leaf]
    lists = Lists(lookups.norm)
    for word in words:
        lists.add(rows, word.numbers, word.weight, word.other)
    return lists


def sizes_of(words: Sequence[Term], leaf: int) -> list[int]:
    """Return how many postings each word has in a leaf, those of its synonyms added up."""
    if not words:
        return []
    rows = words[0].lookups.rows[leaf]
    return [sum([len(rows[number]) for number in word.numbers]) for word in words]
