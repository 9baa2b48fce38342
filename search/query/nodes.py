"""The query tree: `whoosh.query` objects, which `search.query.parse` makes of text.

``And``, ``Or`` and ``NullQuery`` are Whoosh's own; what it has no node for, or gets wrong, is a
subclass of its classes here. Engines compile trees; a node also runs in Whoosh's matchers over any
index with the archive's schema (`Own.indexed`). Nodes are values: they are not changed once made,
compare by what they hold, and are handled with ``match``. Words are raw, as typed without their
operators: engines analyse them with `indexer.analysis.analyser`, one word often giving several
tokens. `fieldname` is "" for the default fields, one of `corpus.core.fields.TEXTS` or `PREFIXES`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from whoosh import query
from whoosh.analysis import Token
from whoosh.matching import FilterMatcher, InverseMatcher, Matcher, WrappingMatcher
from whoosh.query import And as And
from whoosh.query import NullQuery, Query, spans
from whoosh.query import Or as Or
from whoosh.reading import IndexReader

from corpus.core.fields import DATE, PREFIXES
from indexer.analysis.analyser import fold, fold_value, terms_of, tokenise
from indexer.analysis.languages import LANGUAGES, MARK, stemmed_in
from search.addresses import address_key
from search.query.term_places import AsStored, Expanded, TextTerm, has_words

Node: TypeAlias = Query
"""A node of a tree."""

Nothing = type(NullQuery)
"""No article: the class of Whoosh's ``NullQuery``."""

_TRACE = 1e-9  # the score of a filter in Whoosh's matchers, whose unions drop what scores 0


class Own(Query):  # type: ignore[misc]
    """A node that Whoosh has not: a recipe of Whoosh's own nodes for its matchers."""

    boost = 1.0

    def __str__(self) -> str:
        from search.query.canonical import canonical

        return canonical(self)

    @abstractmethod
    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        """Return the tree of Whoosh's own nodes that finds this in an index of these languages.

        `match` says whether all or any bare words must occur.
        """

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        match = getattr(context, "match", "all")
        return self.indexed(_languages_of(searcher.reader()), match).matcher(searcher, context)

    def estimate_size(self, ixreader: IndexReader) -> int:
        return int(self.indexed(_languages_of(ixreader)).estimate_size(ixreader))

    def has_terms(self) -> bool:
        return True

    def terms(self, phrases: bool = False) -> Iterator[tuple[str, Any]]:
        yield from self.indexed(tuple(LANGUAGES)).iter_all_terms()

    def with_boost(self, boost: float) -> Query:
        return self if boost == 1.0 else Boost(self, boost)

    def field(self) -> None:
        """Return no field: no other node of a field stands for this one."""


def _languages_of(reader: IndexReader) -> tuple[str, ...]:
    """Return the languages that an index has articles in, and that its text is analysed by."""
    codes = [code.decode() for code in reader.lexicon("language")]
    return tuple(dict.fromkeys([*codes, reader.schema["text"].analyzer.language, ""]))


def _term(word: str, field: str, languages: Sequence[str], *, alone: bool) -> Query:
    codes = tuple(dict.fromkeys(map(stemmed_in, languages)))
    terms = [
        query.Term(field, term)
        if field in ("title", "lead")
        else TextTerm(term, field, counted=alone)
        for term in terms_of(word, codes)
    ]
    return terms[0] if len(terms) == 1 else Or(terms)


def _words(text: str, field: str, slop: int, languages: Sequence[str]) -> Query:
    words = tokenise(text)
    parts = [_term(word.text, field, languages, alone=len(words) == 1) for word in words]
    if len(parts) > 1:
        return spans.SpanNear2(parts, slop=slop + 1, ordered=not slop)
    return parts[0] if parts else NullQuery


def _written(text: str, field: str, languages: Sequence[str], *, capitals: bool = False) -> Query:
    """Return the words of a text side by side as written."""
    return AsStored(_words(text, field, 0, languages), has_words(text, field, capitals=capitals))


@dataclass(unsafe_hash=True)
class Word(Own):
    """A word; `exact` asks for the form as written instead of its stem."""

    text: str
    fieldname: str = ""
    exact: bool = False

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        if self.exact:
            return _written(self.text, self.fieldname, languages)
        found = _words(self.text, self.fieldname, 0, languages)
        from search.query.matching import spellings

        others = [other.indexed(languages, match) for other in spellings(self)]
        return Or([found, *others]) if others else found

    def tokens(self, boost: float = 1.0, exreader: IndexReader | None = None) -> Iterator[Token]:
        yield Token(
            fieldname=self.fieldname or "text", text=self.text, boost=boost, chars=True,
            startchar=self.startchar, endchar=self.endchar,
        )  # fmt: skip

    def replace(self, fieldname: str, oldtext: str, newtext: str) -> Word:
        if (fieldname, oldtext) != (self.fieldname or "text", self.text):
            return self
        return Word(newtext, self.fieldname, self.exact)


@dataclass(unsafe_hash=True)
class Phrase(Own):
    """Words one after the other, as written; with `slop` N, in any form and order, within N extra
    positions. With `exact` false they may be in any form."""

    text: str
    fieldname: str = ""
    slop: int = 0
    exact: bool = True

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        if self.exact and not self.slop:
            return _written(self.text, self.fieldname, languages)
        return _words(self.text, self.fieldname, self.slop, languages)


@dataclass(unsafe_hash=True)
class Cased(Own):
    """A word, or words one after the other, as written, capitals included."""

    text: str

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        return _written(self.text, "", languages, capitals=True)


@dataclass(unsafe_hash=True)
class Address(Own):
    """The articles of an address on the web, as it is pasted."""

    text: str

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        key = address_key(self.text)
        return AsStored(Everything(), lambda stored, _: address_key(stored.get("url", "")) == key)


@dataclass(unsafe_hash=True)
class Near(Own):
    """`parts` within `slop` extra positions, in any order; with no slop, one after the other.

    A part is a Word, Prefix, Wildcard or Fuzzy, or an Or of such words that stand for each other;
    all have the same `fieldname`. The wildcard ``*`` alone stands for one word, whichever it is.
    """

    parts: tuple[Node, ...]
    slop: int = 0

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        if self.slop:
            parts = [part for part in self.parts if not _is_open(part)]
            return spans.SpanNear2(parts, slop=self.slop + 1, ordered=False)
        found, distance = self.parts[0], 1
        for part in self.parts[1:]:
            if _is_open(part):
                distance += 1
            else:
                found = spans.SpanNear(found, part, slop=distance, mindist=distance)
                distance = 1
        return found

    def estimate_size(self, ixreader: IndexReader) -> int:
        parts = [part for part in self.parts if not _is_open(part)]
        return min(int(part.estimate_size(ixreader)) for part in parts)


def _is_open(part: Node) -> bool:
    """Whether a part stands for one word, whichever it is."""
    return isinstance(part, Wildcard) and part.pattern == "*"


class Pattern(Own):
    """What stands for several words or values: Whoosh's own look at terms, as they are stemmed."""

    fieldname: str

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        if self.fieldname in PREFIXES:
            return self._like(PREFIXES[self.fieldname], fold_value, "")
        marks = [MARK + code for language in languages if (code := stemmed_in(language))]
        field = "text" if self.fieldname in ("", "body") else self.fieldname
        found = Or([self._like(field, fold, mark) for mark in dict.fromkeys([*marks, ""])])
        return found if field != "text" else Expanded(found, self.fieldname)

    @abstractmethod
    def _like(self, field: str, folded: Callable[[str], str], mark: str) -> Query:
        """Return the terms (with the mark of a language), or values, of a field of the index."""


@dataclass(unsafe_hash=True)
class Prefix(Pattern):
    """Words (or values) that begin with `text`."""

    text: str
    fieldname: str = ""

    def _like(self, field: str, folded: Callable[[str], str], mark: str) -> Query:
        if mark:
            return NullQuery
        return query.Prefix(field, folded(self.text)) if self.text else query.Every(field)


@dataclass(unsafe_hash=True)
class Wildcard(Pattern):
    """Words (or values) like `pattern`: ``?`` is one character, ``*`` any number."""

    pattern: str
    fieldname: str = ""

    def _like(self, field: str, folded: Callable[[str], str], mark: str) -> Query:
        return query.Wildcard(field, folded(self.pattern) + mark)


@dataclass(unsafe_hash=True)
class Fuzzy(Pattern):
    """Words within `distance` (1 or 2) edits, transpositions counting one."""

    text: str
    distance: int = 1
    fieldname: str = ""

    def _like(self, field: str, folded: Callable[[str], str], mark: str) -> Query:
        text = folded(self.text) + mark
        if self.fieldname in PREFIXES:
            return query.Term(field, text)
        return query.FuzzyTerm(field, text, maxdist=self.distance, prefixlength=0)


@dataclass(unsafe_hash=True)
class Value(Own):
    """Articles that have this whole value in a value field."""

    text: str
    fieldname: str

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        return query.Term(PREFIXES[self.fieldname], fold_value(self.text))


@dataclass(unsafe_hash=True)
class DateRange(Own):
    """Published, or added, in [start, end): seconds since 1970 in UTC; None is open. `label` is as
    read."""

    start: int | None
    end: int | None
    label: str = ""
    fieldname: str = DATE

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        if self.start is None and self.end is None:
            return query.Every(self.fieldname, boost=_TRACE)
        return query.NumericRange(self.fieldname, self.start, self.end, endexcl=True, boost=_TRACE)


@dataclass(unsafe_hash=True)
class Should(Own):
    """Bare words side by side: `Request.match` decides whether all, any or most must match.

    `required` are parts marked ``+`` (or combined by AND at this level), `excluded` those marked
    ``-`` or NOT; both always hold.
    """

    parts: tuple[Node, ...]
    required: tuple[Node, ...] = ()
    excluded: tuple[Node, ...] = ()

    def is_leaf(self) -> bool:
        return False

    def children(self) -> Iterator[Node]:
        yield from (*self.parts, *self.required)

    def apply(self, fn: Callable[[Node], Node]) -> Should:
        groups = (self.parts, self.required, self.excluded)
        return Should(*(tuple(map(fn, parts)) for parts in groups))

    def indexed(self, languages: Sequence[str], match: str = "all") -> Query:
        from search.query.matching import readings

        found = readings(self.parts, languages)
        if len(found) == 1:
            return self._bag(found[0][0], languages, match)
        bags = [(self._bag(parts, languages, match), codes) for parts, codes in found]
        return Or([_within(bag, codes, languages) for bag, codes in bags])

    def _bag(self, words: Sequence[Node], languages: Sequence[str], match: str) -> Query:
        from search.query.matching import needed

        parts, required = list(words), list(self.required)
        scored = any(not is_filter(part) for part in required)
        least = needed(match, len(parts), scored)
        if least == len(parts):
            made: Query = And([*parts, *required])
        elif least == 0:
            made = query.AndMaybe(And(required), Or(parts))
        else:
            made = And([Or(parts), *required])
        if not self.excluded:
            return made
        return And([made, *map(Not, self.excluded)])


def _within(made: Query, codes: tuple[str, ...], languages: Sequence[str]) -> Query:
    """Return what a query finds among the articles in some languages ("" is unknown)."""
    if "" not in codes:
        return And([made, Or([query.Term("language", code) for code in codes])])
    others = [query.Term("language", code) for code in languages if code not in codes]
    return And([made, Not(Or(others))])


class Not(query.Not):  # type: ignore[misc]
    """Articles that do not match `query`; no score.

    Whoosh's own finds a deleted document that comes just after the last of what it excludes, and
    scores 1.
    """

    __match_args__ = ("query",)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        reader = searcher.reader()
        context = searcher.boolean_context() if context is None else context.set(weighting=None)
        context = context.set(excluding=True)
        child = self.query.matcher(searcher, context)
        found = InverseMatcher(
            child, reader.doc_count_all(), missing=reader.is_deleted, weight=_TRACE
        )
        if not reader.has_deletions():
            return found
        deleted = frozenset(filter(reader.is_deleted, range(reader.doc_count_all())))
        return FilterMatcher(found, deleted, exclude=True)


class Boost(query.WrappingQuery):  # type: ignore[misc]
    """`child` with its score multiplied by `factor` (finite, above 0)."""

    __match_args__ = ("child", "factor")

    def __init__(self, child: Node, factor: float) -> None:
        super().__init__(child)
        self.factor = factor

    def __repr__(self) -> str:
        return f"Boost({self.child!r}, {self.factor:g})"

    def __str__(self) -> str:
        return f"{self.child}^{self.factor:g}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boost) and (self.child, self.factor) == (other.child, other.factor)

    def __hash__(self) -> int:
        return hash((self.child, self.factor))

    def _rewrap(self, child: Node) -> Boost:
        return Boost(child, self.factor)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        return WrappingMatcher(self.child.matcher(searcher, context), self.factor)


class Everything(query.Every):  # type: ignore[misc]
    """Every article, score 0."""

    def __init__(self) -> None:
        super().__init__(boost=_TRACE)


def looked_for(node: Node) -> Iterator[Node]:
    """Yield the leaves of a tree in order, but for what is excluded."""
    if isinstance(node, Not):
        return
    if node.is_leaf():
        yield node
    else:
        for part in node.children():
            yield from looked_for(part)


def mapped(node: Node, fn: Callable[[Node], Node]) -> Node:
    """Return a node with a function applied to each part; a leaf, and what is excluded, stays."""
    match node:
        case And(subqueries=parts) | Or(subqueries=parts):
            return type(node)(tuple(map(fn, parts)))
        case Should(parts, required, excluded):
            return Should(tuple(map(fn, parts)), tuple(map(fn, required)), excluded)
        case Boost(part, factor):
            return Boost(fn(part), factor)
        case _:
            return node


def is_filter(node: Node) -> bool:
    """Whether a node only restricts and adds nothing to a score."""
    match node:
        case Value() | DateRange() | Everything() | Nothing() | Not():
            return True
        case Pattern():
            return node.fieldname in PREFIXES
        case And(subqueries=parts) | Or(subqueries=parts):
            return all(is_filter(part) for part in parts)
        case _:
            return False


def date_ranges(node: Node) -> list[DateRange]:
    """Return the ranges of dates of which each must hold."""
    match node:
        case DateRange():
            return [node]
        case And(subqueries=parts) | Should(required=parts):
            return [part for part in parts if isinstance(part, DateRange)]
        case _:
            return []
