"""The query tree as Whoosh's own query objects, over the schema of `indexer.schema`.

Whoosh then runs its matchers over the same arrays (`indexer.codec.open_reader`): a way out for what
is not compiled, for people who know Whoosh, and an oracle for `search.embedded`. Its parser has no
part in this.

What Whoosh has no notion of raises UnavailableError: the body alone (positions in ``text``), one
form of a word (its dictionary has stems), "most of the words". Near words are within the slop of
their neighbours, in any order. Patterns are looked up among stems unless `expand` says better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any as Object
from typing import Literal

from whoosh import query
from whoosh.matching import FilterMatcher, Matcher
from whoosh.query import Query, spans

from corpus.errors import UnavailableError
from corpus.fields import DATE, PREFIXES
from indexer.analysis import fold, fold_value, terms_of, tokenise
from indexer.languages import MARK, stemmed_in
from search.language_nodes import is_filter
from search.matching import needed
from search.query import (
    All,
    Any,
    Boost,
    DateRange,
    Everything,
    Fuzzy,
    Near,
    Node,
    Not,
    Phrase,
    Prefix,
    Should,
    Value,
    Wildcard,
    Word,
)  # fmt: skip
from search.stopping import readings

__all__ = ["Expand", "whoosh_query", "without"]

Expand = Callable[[Prefix | Wildcard | Fuzzy], Iterable[str]]
"""The terms of the field ``text`` (stems) that a pattern stands for."""


def whoosh_query(
    node: Node,
    *,
    languages: Sequence[str] = ("en",),
    match: Literal["all", "any"] = "all",
    expand: Expand | None = None,
) -> Query:
    """Return the Whoosh query that finds what the tree finds.

    A word stands for its term in each of `languages`; stop words side by side with others are left
    out (`search.stopping`). `match` says whether all or any of them must
    occur.
    """
    return _Translator(tuple(languages) or ("",), match, expand).query(node)


class _Without(query.Not):  # type: ignore[misc]
    """NOT without deleted documents; Whoosh's own finds one that comes just after the last of what
    it excludes."""

    def matcher(self, searcher: Object, context: Object = None) -> Matcher:
        """Return a matcher over the live documents that the inner query does not find."""
        found = super().matcher(searcher, context)
        reader = searcher.reader()
        if not reader.has_deletions():
            return found
        deleted = frozenset(filter(reader.is_deleted, range(reader.doc_count_all())))
        return FilterMatcher(found, deleted, exclude=True)


def without(excluded: Query) -> Query:
    """Return the query for what `excluded` does not find, with next to no score (0 counts as 1).

    AndNot, into which And would turn a bare Not, lets through what it should exclude where the
    excluded documents begin before the others.
    """
    return query.ConstantScoreQuery(_Without(excluded), 1e-9)


def _boosted(made: Query, boost: float) -> Query:
    return made if boost == 1.0 else made.with_boost(boost)


class _Translator:
    def __init__(self, languages: tuple[str, ...], match: str, expand: Expand | None) -> None:
        self._languages = languages
        self._match = match
        self._expand = expand

    def query(self, node: Node, boost: float = 1.0) -> Query:
        match node:
            case Word(exact=True) | Word(field="body") | Phrase(field="body"):
                raise UnavailableError(
                    "Whoosh itself cannot search the body alone, or for one form of a word."
                )
            case Word(text, field):
                return self._words([token.text for token in tokenise(text)], field, 0, boost)
            case Phrase(text, field, slop):
                return self._words([token.text for token in tokenise(text)], field, slop, boost)
            case Near(parts, slop):
                if any(isinstance(part, Wildcard) and part.pattern == "*" for part in parts):
                    raise UnavailableError("Whoosh itself cannot leave a word of a phrase open.")
                near: Query = spans.SpanNear2(
                    [self.query(part, boost) for part in parts], slop=slop + 1, ordered=not slop
                )
                return near
            case Prefix() | Wildcard() | Fuzzy():
                return self._pattern(node, boost)
            case Value(text, field):
                return query.Term(PREFIXES[field], fold_value(text))
            case DateRange(None, None):
                return query.Every(DATE)
            case DateRange(start, end):
                return query.NumericRange(DATE, start, None if end is None else end - 1)
            case All(parts):
                return query.And([self.query(part, boost) for part in parts])
            case Any(parts):
                return query.Or([self.query(part, boost) for part in parts])
            case Should():
                return self._should(node, boost)
            case Not(part):
                return without(self.query(part))
            case Boost(part, factor):
                return self.query(part, boost * factor)
            case Everything():
                return query.Every()
            case _:
                return query.NullQuery

    def _word(self, word: str, field: str) -> Query:
        terms = [query.Term(field or "text", term) for term in terms_of(word, self._languages)]
        return terms[0] if len(terms) == 1 else query.Or(terms)

    def _words(self, words: list[str], field: str, slop: int, boost: float) -> Query:
        parts = [_boosted(self._word(word, field), boost) for word in words]
        if not parts:
            return query.NullQuery
        if len(parts) == 1:
            return parts[0]
        near: Query = spans.SpanNear2(parts, slop=slop + 1, ordered=not slop)
        return near

    def _pattern(self, node: Prefix | Wildcard | Fuzzy, boost: float) -> Query:
        if node.field in PREFIXES:
            return self._values(node)
        if node.field == "body":
            raise UnavailableError("Whoosh itself cannot search the body alone.")
        field = node.field or "text"
        if self._expand is not None:
            return _boosted(query.Or([query.Term(field, t) for t in self._expand(node)]), boost)
        match node:
            case Prefix(text):
                made: Object = query.Prefix(field, fold(text))
            case Wildcard(pattern):
                made = query.Or(
                    [query.Wildcard(field, fold(pattern) + mark) for mark in self._marks()]
                )
            case Fuzzy(text, distance):
                made = query.Or([
                    query.FuzzyTerm(field, fold(text) + mark, maxdist=distance, prefixlength=0)
                    for mark in self._marks()
                ])  # fmt: skip
        return _boosted(made, boost)

    def _marks(self) -> list[str]:
        """Return what stands behind the stems of terms: the mark of each language, and nothing."""
        marks = [MARK + code for language in self._languages if (code := stemmed_in(language))]
        return list(dict.fromkeys([*marks, ""]))

    def _values(self, node: Prefix | Wildcard | Fuzzy) -> Query:
        field = PREFIXES[node.field]
        match node:
            case Prefix(""):
                return query.Every(field)
            case Prefix(text):
                return query.Prefix(field, fold_value(text))
            case Wildcard(pattern):
                return query.Wildcard(field, fold_value(pattern))
            case Fuzzy(text):
                return query.Term(field, fold_value(text))

    def _should(self, node: Should, boost: float) -> Query:
        found = readings(node.parts, self._languages)
        if len(found) == 1:
            return self._bag(node, found[0][0], boost)
        return query.Or(
            [self._within(self._bag(node, parts, boost), codes) for parts, codes in found]
        )

    def _within(self, made: Query, codes: tuple[str, ...]) -> Query:
        """Return what a query finds among the articles in some languages ("" is unknown)."""
        if "" not in codes:
            return query.And([made, query.Or([query.Term("language", code) for code in codes])])
        others = [query.Term("language", c) for c in self._languages if c not in codes]
        return query.And([made, without(query.Or(others))])

    def _bag(self, node: Should, words: Sequence[Node], boost: float) -> Query:
        parts = [self.query(part, boost) for part in words]
        required = [self.query(part, boost) for part in node.required]
        scored = any(not is_filter(part) for part in node.required)
        least = needed(self._match, len(parts), scored)
        if least == len(parts):
            made: Query = query.And([*parts, *required])
        elif least == 0:
            made = query.AndMaybe(query.And(required), query.Or(parts))
        else:
            made = query.And([query.Or(parts), *required])
        if node.excluded:
            made = query.And([made, *[without(self.query(part)) for part in node.excluded]])
        return made
