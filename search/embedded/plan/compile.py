"""From the query tree to a plan: words are analysed, looked up once and weighed.

What a bare word means here:

- it is tokenised as articles are; several tokens make a phrase (``anti-Daesh``);
- each token becomes one term in every language that the archive holds
(`indexer.analysis.languages`), and
  so finds the articles that have its stem in their own language;
- stop words side by side with other words are left out (`search.query.matching`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Sized

import numpy as np

from corpus.core.fields import ADDED, DATE, PREFIXES
from indexer.analysis.analyser import MAX_CHUNK, cased, fold, fold_value, terms_of, tokenise
from indexer.segment.terms import text_at
from search.addresses import address_key
from search.embedded.execute.operands import Lookups, Row, Term, weigh
from search.embedded.plan import plan as plans
from search.embedded.plan.foreign import whoosh_plan
from search.embedded.plan.patterns import close_terms, docs_at, like_terms, like_values
from search.embedded.plan.plan import Compiled, Plan
from search.embedded.reader import IndexView
from search.query import nodes as tree
from search.query.limits import MAX_EXPANSION, MAX_NEAR
from search.query.matching import needed, readings, spellings
from search.query.nodes import Node, is_filter
from search.request import Match


def compile_query(node: Node, reader: IndexView, match: Match | str) -> Compiled:
    """Return the plan of a tree; `match` is "all" or "any".

    A query of Whoosh's own is run by Whoosh's own matchers.
    """
    compiler = Compiler(reader, match)
    plan = compiler.compile(node, 1.0)
    for lookups in compiler.lookups.values():
        reader.look_up(lookups)
    weigh(compiler.terms, reader.n_live, reader.scoring.k1, reader.scoring.inexact)
    return Compiled(
        plan, compiler.sequence, compiler.relaxed, bool(compiler.terms or compiler.patterns),
        compiler.cut, compiler.lookups, _headline(node),
    )  # fmt: skip


def _headline(node: Node) -> str:
    """Return the bare words of a query as typed where it has three or more and no other ones."""
    if not isinstance(node, tree.Should) or len(node.parts) < 3:
        return ""
    words = [part.text for part in node.parts if isinstance(part, tree.Word) and not part.fieldname]
    return " ".join(words) if len(words) == len(node.parts) else ""


def _words(text: str) -> list[str]:
    """Return the words that the analyser finds in a text, at once where they are plain letters."""
    if len(text) <= MAX_CHUNK and text.isascii() and text.replace(" ", "").isalpha():
        return text.lower().split()
    return [token.text for token in tokenise(text)]


def _column(field: str) -> str:
    """Return the column in which the words of a field are looked for."""
    return "text" if field in ("", "body") else field


class Compiler:
    """Compiles one query; `terms` and `lookups` gather the words that are to be looked up."""

    def __init__(self, reader: IndexView, match: str) -> None:
        self.reader = reader
        self.match = match
        self.lookups: dict[str, Lookups] = {}
        self.terms: list[Term] = []
        self.sequence: list[Term] = []
        self.relaxed = False
        self.patterns = 0
        self.cut: list[str] = []
        self.languages = reader.codes
        self.excluding = False

    def compile(self, node: Node, boost: float) -> Plan:
        """Return the plan of a node."""
        if isinstance(node, tree.Word):
            return self.word(node.text, node.fieldname, node.exact, boost)
        match node:
            case tree.Phrase(text, field, slop, exact):
                words = _words(text)
                if slop or not exact:
                    return self.phrase(words, field, slop, boost, text)
                return self.written(words, (), field, boost, text)
            case tree.Address(text):
                key = address_key(text)
                docs = [[docs_at(leaf, key)] for leaf in self.reader.leaves]
                return plans.Docs(docs, text)
            case tree.Cased(text):
                found = [(token.text, cased(text[token.start : token.end]))
                         for token in tokenise(text)]  # fmt: skip
                words = [word for word, _ in found]
                return self.written(words, tuple([form for _, form in found]), "", boost, text)
            case tree.Near(parts, slop):
                return self.near(node, parts, slop, boost)
            case tree.Should():
                return self.should(node, boost)
            case tree.Not(part):
                return plans.Without(plans.Every(), self.excluded(part, boost))
            case tree.Boost(part, factor):
                return self.compile(part, boost * factor)
            case tree.Value(text, field):
                return self.value(text, field)
            case tree.DateRange(start, end, label, field):
                if field == ADDED:
                    return plans.Docs(self.reader.added(start, end), f"{ADDED}:{label}")
                return plans.Dates(start, end, f"{DATE}:{label}")
            case tree.Prefix(text, field):
                return self.prefix(text, field, boost)
            case tree.Wildcard(pattern, field):
                return self.like(pattern, field, boost)
            case tree.Fuzzy(text, distance, field):
                return self.fuzzy(text, distance, field, boost)
            case tree.Everything():
                return plans.Every()
            case tree.Nothing():
                return plans.Nothing()
            case _:
                return whoosh_plan(self, node, boost)

    def excluded(self, part: Node, boost: float) -> Plan:
        """Return what is left out: words count where they are printed, not in tags or labels."""
        before, self.excluding = self.excluding, True
        plan = self.compile(part, boost)
        self.excluding = before
        return plan

    def within(self, field: str) -> str:
        """Return the part in which the words of a field count, "" for all of its column."""
        return field if field == "body" else "printed" if self.excluding and not field else ""

    def looked_up(self, column: str) -> Lookups:
        """Return the words that are looked up in a field."""
        lookups = self.lookups.get(column)
        if lookups is None:
            lookups = self.lookups[column] = Lookups(column)
        return lookups

    def term(self, word: str, field: str, exact: bool, boost: float) -> Term:
        """Return the plan of one word; it is looked up with all others of the query."""
        lookups = self.looked_up(_column(field))
        numbers = [lookups.add(term, word) for term in terms_of(word, self.languages)]
        label = f"{field}:{word}" if field else word
        made = Term(lookups, numbers, label, boost, self.within(field), exact)
        self.terms.append(made)
        return made

    def as_indexed(self, field: str, term: str, boost: float) -> Term:
        """Return the plan of a term as it stands in the index; all its forms count alike."""
        lookups = self.lookups.setdefault(field, Lookups(field))
        made = Term(lookups, [lookups.add(term, "")], f"{field}:{term}", boost, plain=True)
        self.terms.append(made)
        return made

    def word(self, text: str, field: str, exact: bool, boost: float) -> Plan:
        """Return the plan of a word as typed: of all that it is made of, side by side."""
        if not exact and len(text) <= MAX_CHUNK and text.isascii() and text.isalpha():  # 3 µs saved
            return self.term(text.lower(), field, False, boost)
        words = _words(text)
        if exact:
            return self.written(words, (), field, boost, text)
        plan: Plan
        if len(words) == 1:
            plan = self.term(words[0], field, False, boost)
        else:
            plan = self.phrase(words, field, 0, boost, text)
        others = spellings(tree.Word(text, field))
        if not others:
            return plan
        return plans.Most([plan, *[self.compile(other, boost) for other in others]], 1)

    def phrase(self, words: list[str], field: str, slop: int, boost: float, label: str) -> Plan:
        """Return the plan of words in this order, with at most `slop` extra positions."""
        if not words:
            return plans.Nothing()
        terms = [self.term(word, field, False, boost) for word in words]
        if len(terms) == 1:
            return terms[0]
        offsets = np.arange(len(words), dtype=np.int64)
        label = f'{field}:"{label}"' if field else f'"{label}"'
        return plans.Phrase(terms, offsets, slop, label, self.within(field))

    def written(
        self, words: list[str], forms: tuple[str, ...], field: str, boost: float, label: str
    ) -> Plan:
        """Return the plan of words side by side as written, with the capitals of `forms`."""
        if len(words) == 1 and not forms:
            return self.term(words[0], field, True, boost)
        first = len(self.terms)
        plan = self.phrase(words, field, 0, boost, label)
        terms = self.terms[first:]
        offsets = np.arange(len(terms), dtype=np.int64)
        return plans.Written(plan, terms, offsets, tuple(words), forms, field, self.within(field))

    def near(self, node: tree.Near, parts: Sequence[Node], slop: int, boost: float) -> Plan:
        """Return the plan of words or phrases within `slop` positions, in any order."""
        terms: list[Term] = []
        offsets: list[int] = []
        at = 0
        for part in parts:
            if not isinstance(part, tree.Wildcard) or part.pattern != "*":
                words = self.alternatives(part, boost)
                terms += words
                offsets += range(at, at + len(words))
                at += len(words) - 1
            at += 1
        places = np.array(offsets, np.int64)
        from search.query.canonical import canonical

        found = plans.Phrase(terms, places, slop, canonical(node), terms[0].within)
        exact = [at for at, term in enumerate(terms) if term.exact]
        if slop or not exact:
            return found
        written = [terms[at] for at in exact]
        behind = places[exact] - places[exact[0]]
        return plans.Written(found, written, behind, (), within=terms[0].within)

    def alternatives(self, part: Node, boost: float) -> list[Term]:
        """Return the words of a part of what is near: one, unless the analyser makes it several."""
        match part:
            case tree.Word(text, field, exact):
                return [self.term(word, field, exact, boost) for word in _words(text)]
            case tree.Or(subqueries=parts):
                terms = [term for one in parts for term in self.alternatives(one, boost)]
                numbers = [number for term in terms for number in term.numbers]
                label = " OR ".join([term.label for term in terms])
                return [self.either(terms[0].lookups, numbers, label, terms[0].within, boost)]
            case tree.Prefix(text, field):
                return self.alternatives(tree.Wildcard(f"{text}*", field), boost)
            case tree.Wildcard(pattern, field):
                column = _column(field)
                rows = like_terms(self.reader, column, fold(pattern))
                return [self.expanded(column, rows, pattern, field, boost)]
            case tree.Fuzzy(text, distance, field):
                column = _column(field)
                rows = close_terms(self.reader, column, fold(text), distance)
                return [self.expanded(column, rows, f"{text}~{distance}", field, boost)]
            case _:
                raise TypeError(f"{part} cannot be near anything")  # `near_each_other` made none

    def expanded(
        self, column: str, rows: Sequence[list[Row]], label: str, field: str, boost: float
    ) -> Term:
        """Return the word that stands for those of a pattern, the most frequent `MAX_NEAR`."""
        sizes: dict[str, int] = {}
        for leaf, found in zip(self.reader.leaves, rows, strict=True):
            strings = leaf.segment.text[column].terms
            for row in found:
                term = text_at(strings, row.term)
                sizes[term] = sizes.get(term, 0) + len(row)
        if len(sizes) > MAX_NEAR:
            self.cut.append(label)
        terms = sorted(sizes, key=lambda term: (-sizes[term], term))[:MAX_NEAR]
        lookups = self.looked_up(column)
        numbers = [lookups.add(term, "") for term in terms]
        return self.either(lookups, numbers, label, self.within(field), boost)

    def either(
        self, lookups: Lookups, numbers: list[int], label: str, within: str, boost: float
    ) -> Term:
        """Return the word that several terms stand for."""
        term = Term(lookups, numbers, label, boost, within)
        self.terms.append(term)
        return term

    def should(self, node: tree.Should, boost: float) -> Plan:
        """Return the plan of bare words, in each way that other languages write them."""
        found = readings(node.parts, self.reader.languages_known)
        if len(found) == 1:
            return self.bag(node, found[0][0], boost)
        return plans.Most(
            [self.in_articles_of(self.bag(node, parts, boost), codes) for parts, codes in found], 1
        )

    def bag(self, node: tree.Should, parts: Sequence[Node], boost: float) -> Plan:
        """Return the plan of bare words in one reading, with what must and must not occur."""
        required = [self.compile(part, boost) for part in node.required] if node.required else []
        first = len(self.terms)
        compiled = [self.compile(part, boost) for part in parts]
        if not self.sequence:
            self.sequence = [term for term in self.terms[first:] if term.lookups.field == "text"]
        scored = bool(node.required) and not all(map(is_filter, node.required))
        least = needed(self.match, len(parts), scored)
        if needed("any", len(parts), scored) < len(parts):
            self.relaxed = True
        plan: Plan
        if not compiled:
            plan = self.both(required)
        elif least == len(compiled):
            plan = self.both([*compiled, *required])
        elif least == 0:
            plan = plans.Both(required, plans.Most(compiled, 1))
        else:
            plan = self.both([plans.Most(compiled, least), *required])
        for part in node.excluded:
            plan = plans.Without(plan, self.excluded(part, boost))
        return plan

    def in_articles_of(self, plan: Plan, codes: tuple[str, ...]) -> Plan:
        """Return what a plan finds among the articles in some languages ("" is unknown)."""
        known = self.reader.languages_known
        if "" not in codes and ("" in known or known[0] not in codes):
            return plans.Both([plan, self.in_languages(codes)])
        others = tuple([code for code in known if code and code not in codes])
        return plans.Without(plan, self.in_languages(others)) if others else plan

    def in_languages(self, codes: tuple[str, ...]) -> Plan:
        """Return the articles in any of these languages."""
        facet = self.reader.facet("language")
        found = [facet.find(fold_value(code)) for code in codes]
        docs = [
            [facet.docs(leaf, ordinals[leaf]) for ordinals in found]
            for leaf in range(len(self.reader.leaves))
        ]
        return plans.Docs(docs, "language")

    def both(self, parts: list[Plan]) -> Plan:
        """Return what all parts find; every article where there are none."""
        if not parts:
            return plans.Every()
        return parts[0] if len(parts) == 1 else plans.Both(parts)

    def value(self, text: str, field: str) -> Plan:
        """Return the articles with a value of a facet."""
        facet = self.reader.facet(PREFIXES[field])
        ordinals = facet.find(fold_value(text))
        docs = [[facet.docs(leaf, ordinal)] for leaf, ordinal in enumerate(ordinals)]
        return plans.Docs(docs, f"{field}:{text}")

    def like(self, pattern: str, field: str, boost: float) -> Plan:
        """Return the plan of a pattern, over words or over the values of a facet."""
        label = f"{field}:{pattern}" if field else pattern
        folded = fold(pattern)
        if field in PREFIXES:
            facet = self.reader.facet(PREFIXES[field])
            values = like_values(facet, " ".join(folded.split()))
            self.bounded(label, values)
            return plans.Docs(values, label)
        terms = like_terms(self.reader, _column(field), folded)
        return self.pattern(terms, label, field, boost)

    def prefix(self, text: str, field: str, boost: float) -> Plan:
        """A prefix of several tokens (``anti-da*``) asks for the first ones as words."""
        if field in PREFIXES:
            return self.like(re.sub(r"[*?]", "", text) + "*", field, boost)
        words = _words(text)
        if not words:
            return plans.Nothing()
        parts: list[Plan] = [self.term(word, field, False, boost) for word in words[:-1]]
        return self.both([*parts, self.like(words[-1] + "*", field, boost)])

    def bounded(self, label: str, found: Sequence[Sized]) -> None:
        """Remember a pattern of which only the most frequent words, or values, were taken."""
        if max(map(len, found), default=0) >= MAX_EXPANSION:
            self.cut.append(label)

    def fuzzy(self, text: str, distance: int, field: str, boost: float) -> Plan:
        """Return the plan of all words or values within an edit distance."""
        if field in PREFIXES:
            return self.value(text, field)
        label = f"{field}:{text}~{distance}" if field else f"{text}~{distance}"
        terms = close_terms(self.reader, _column(field), fold(text), distance)
        return self.pattern(terms, label, field, boost)

    def pattern(self, terms: list[list[Row]], label: str, field: str, boost: float) -> Plan:
        """Return the plan of the terms of each leaf that a pattern stands for."""
        self.patterns += 1
        self.bounded(label, terms)
        return plans.Pattern(_column(field), terms, label, boost, self.within(field))
