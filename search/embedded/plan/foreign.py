"""Whoosh's own query nodes made into plans: those with an equal among plans run on arrays.

Scores are those that Whoosh's matchers would give: words add up, ``Every``, ``Not``, ranges and
patterns score a constant, values of facets nothing. What has no equal becomes `plans.Foreign`,
alone or within a tree of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from whoosh import query

from corpus.core.fields import DATE, PARAMETERS, VALUES
from indexer.segment.arrays import U32
from indexer.segment.file import TEXTS
from indexer.segment.segment import NO_DATE
from indexer.whoosh.schema import QueryTerm
from search.embedded.collect.counting import date_bounds
from search.embedded.execute.matches import frozen
from search.embedded.execute.operands import Term
from search.embedded.plan import plan as plans
from search.embedded.plan.plan import Plan
from search.query.nodes import Not, Prefix, Wildcard

if TYPE_CHECKING:
    from search.embedded.plan.compile import Compiler


def whoosh_plan(compiler: Compiler, node: query.Query, boost: float) -> Plan:
    """Return the plan of a node of Whoosh's, its score multiplied by `boost`."""
    kind = type(node)
    if kind is query.Term:
        return _term(compiler, node, boost)
    if kind in (query.And, query.Or):
        if len(node.subqueries) == 1:  # Whoosh passes over the boost of a group of one
            return compiler.compile(node.subqueries[0], boost)
        if kind is query.Or and (node.scale or node.minmatch):
            return _else(compiler, node, boost)
        parts = [compiler.compile(part, boost * node.boost) for part in node.subqueries]
        if not parts:
            return plans.Nothing()
        return plans.Both(parts) if kind is query.And else plans.Most(parts, 1)
    if kind is query.AndNot:
        kept, left_out = (compiler.compile(part, boost) for part in (node.a, node.b))
        return plans.Without(kept, left_out)
    if kind is query.AndMaybe:
        first, maybe = (compiler.compile(part, boost) for part in (node.a, node.b))
        return plans.Both([first], maybe)
    if kind is query.Require:
        first, needed = (compiler.compile(part, boost) for part in (node.a, node.b))
        return plans.Both([first, plans.Constant(needed, 0.0)])
    if kind is query.Phrase and node.slop == 1 and node.fieldname in TEXTS:
        words = [_word(compiler, node.fieldname, word, boost) for word in node.words]
        if len(words) > 1:
            offsets = np.arange(len(words), dtype=np.int64)
            return plans.Phrase(words, offsets, 0, str(node))  # Whoosh weighs the words alone
        return words[0] if words else plans.Nothing()
    if kind in (query.Prefix, query.Wildcard) and node.constantscore:
        return _pattern(compiler, node, boost)
    if kind is query.Every and node.fieldname is None:
        return _constant(compiler, plans.Every(), boost * node.boost)
    if kind is query.ConstantScoreQuery:
        return _constant(compiler, compiler.compile(node.child, 1.0), node.score * boost)
    if kind is query.Not:
        left_out = compiler.compile(node.query, 1.0)
        return _constant(compiler, plans.Without(plans.Every(), left_out), boost)
    if kind is query.NumericRange and node.fieldname == DATE and node.constantscore:
        return _dates(compiler, node, boost)
    return _else(compiler, node, boost)


def _else(compiler: Compiler, node: query.Query, boost: float) -> Plan:
    compiler.patterns += 1
    made = plans.Foreign(_excluding(node), compiler.reader)
    return made if boost == 1.0 else plans.Scaled(made, boost)


def _excluding(node: query.Query) -> query.Query:
    """Return a node that Whoosh's matchers answer: that of its AndNot lets through a document that
    it should exclude, and looks behind the end of a list."""
    if isinstance(node, query.AndNot):
        return query.And([_excluding(node.a), Not(_excluding(node.b))])
    excludes = any(isinstance(part, query.AndNot) for part in _within(node))
    return node.apply(_excluding) if excludes else node


def _within(node: query.Query) -> Iterator[query.Query]:
    for child in node.children():
        yield child
        yield from _within(child)


def _constant(compiler: Compiler, part: Plan, score: float) -> Plan:
    compiler.patterns += 1
    return plans.Constant(part, score)


def _word(compiler: Compiler, field: str, text: str, boost: float) -> Term:
    """Return the plan of a term: a word in every language where a parser has analysed it."""
    if isinstance(text, QueryTerm):
        return compiler.term(text.word, "" if field == "text" else field, False, boost)
    return compiler.as_indexed(field, text, boost)


def _term(compiler: Compiler, node: query.Term, boost: float) -> Plan:
    text = node.text.decode() if isinstance(node.text, bytes) else node.text
    if node.fieldname in TEXTS and isinstance(text, str):
        return _word(compiler, node.fieldname, text, boost * node.boost)
    if node.fieldname in VALUES and isinstance(text, str):
        facet = compiler.reader.facet(node.fieldname)
        docs = [[facet.docs(leaf, at)] for leaf, at in enumerate(facet.find(text))]
        return plans.Docs(docs, str(node))
    return _else(compiler, node, boost)


def _pattern(compiler: Compiler, node: query.PatternQuery, boost: float) -> Plan:
    """Return the plan of a pattern: by the forms that people write, not by stems."""
    field = "" if node.fieldname == "text" else PARAMETERS.get(node.fieldname, node.fieldname)
    if node.fieldname not in (*TEXTS, *VALUES):
        return _else(compiler, node, boost)
    kind = Prefix if type(node) is query.Prefix else Wildcard
    return compiler.compile(kind(node.text, field), boost * node.boost)


def _dates(compiler: Compiler, node: query.NumericRange, boost: float) -> Plan:
    """Return the plan of a range of seconds, as the index has them."""
    first = NO_DATE + 1 if node.start is None else int(node.start) + bool(node.startexcl)
    last = np.iinfo(np.int64).max if node.end is None else int(node.end) + (not node.endexcl)
    docs: list[list[U32]] = []
    for leaf in compiler.reader.leaves:
        dates, by_date = leaf.segment.dates, leaf.segment.by_date
        low, high = date_bounds(dates, by_date, first, last)
        found = frozen(np.sort(by_date[low:high]))
        docs.append([found])
    return _constant(compiler, plans.Docs(docs, str(node)), boost * node.boost)
