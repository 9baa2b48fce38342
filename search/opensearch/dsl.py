"""The query tree compiled to OpenSearch's query DSL: values in, a dictionary out.

No text is ever pasted into a query string: every word is a leaf of its own. A word matches when
any of its terms (one for each language that the archive holds) stands in any of the default parts,
scored as one field (``cross_fields``, the cluster's form of BM25F); the word as written adds a
little. Phrases are interval queries, which count gaps as the embedded engine does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.core.fields import PREFIXES, PRINTED, WEIGHTS
from indexer.analysis.analyser import cased, fold, fold_value, terms_of, tokenise
from search.addresses import address_key
from search.opensearch.mapping import PARTS, Query, within
from search.query import nodes
from search.query.matching import needed, readings, spellings
from search.query.nodes import Node, is_filter

Mode = Literal["all", "any"]

EXACT_BOOST = 0.05
FUZZY_EXPANSION = 1_024
"""Words that a fuzzy one stands for; a cluster takes no more clauses of one query."""
NONE: Query = {"match_none": {}}
EVERYTHING: Query = {"match_all": {"boost": 0.0}}


@dataclass(frozen=True, slots=True)
class DslCompiler:
    """Compiles query trees for an archive that holds these languages."""

    languages: tuple[str, ...]
    mode: Mode = "all"
    excluding: bool = False

    def compile(self, node: Node) -> Query:
        """Return the query of a tree."""
        match node:
            case nodes.Word():
                return self._word(node)
            case nodes.Phrase(text, field, slop, exact):
                return self._phrase(_tokens(text), field, slop, exact=exact and not slop)
            case nodes.Address(text):
                return {"term": {"address": address_key(text)}}
            case nodes.Cased(text):
                forms = [cased(text[one.start : one.end]) for one in tokenise(text)]
                fields = ("cased",) if self.excluding else ("cased", "cased_labels")
                return _any([{"match_phrase": {name: " ".join(forms)}} for name in fields])
            case nodes.Near():
                return self._near(node)
            case nodes.Prefix():
                return self._expanded(node.fieldname, "prefix", fold(node.text), {})
            case nodes.Wildcard():
                return self._expanded(node.fieldname, "wildcard", fold(node.pattern), {})
            case nodes.Fuzzy():
                options = {"fuzziness": node.distance, "max_expansions": FUZZY_EXPANSION}
                return self._expanded(node.fieldname, "fuzzy", fold(node.text), options)
            case nodes.Value():
                return {"term": {PREFIXES[node.fieldname]: fold_value(node.text)}}
            case nodes.DateRange(fieldname="added"):
                came = {"gte": node.start or 1} | ({"lt": node.end} if node.end else {})
                return {"constant_score": {"filter": {"range": {"added": came}}, "boost": 0.0}}
            case nodes.DateRange():
                dated = within(node.start, node.end) or [{"exists": {"field": "published"}}]
                return {"constant_score": {"filter": {"bool": {"filter": dated}}, "boost": 0.0}}
            case nodes.And(subqueries=parts):
                return {"bool": {"must": self._each(parts)}}
            case nodes.Or(subqueries=parts):
                return _any(self._each(parts))
            case nodes.Should():
                return self._should(node)
            case nodes.Not():
                return {"bool": {"must": [EVERYTHING], "must_not": self._excluded((node.query,))}}
            case nodes.Boost():
                return {"bool": {"must": [self.compile(node.child)], "boost": node.factor}}
            case nodes.Everything():
                return EVERYTHING
            case _:
                return NONE

    def _excluded(self, parts: Iterable[Node]) -> list[Query]:
        """Return what is left out: words count where they are printed, not in tags or labels."""
        return replace(self, excluding=True)._each(parts)

    def _parts(self, field: str) -> list[str]:
        """Return the fields in which the words of a field are looked for."""
        if field:
            return [field]
        return [PARTS[name] for name in (PRINTED if self.excluding else PARTS)]

    def _each(self, parts: Iterable[Node]) -> list[Query]:
        return [self.compile(part) for part in parts]

    def _word(self, word: nodes.Word) -> Query:
        tokens = _tokens(word.text)
        if not tokens:
            return EVERYTHING
        if len(tokens) > 1:
            found = self._phrase(tokens, word.fieldname, 0)
        else:
            found = self._group(tokens[0], word.fieldname, word.exact)
        others = spellings(word)
        return _any([found, *self._each(others)]) if others else found

    def _group(self, token: str, field: str, exact: bool) -> Query:
        written = self._match(token, field, "_x")
        if exact:
            return written
        stems = [self._match(form, field, "") for form in self._terms(token)]
        any_stem = stems[0] if len(stems) == 1 else {"dis_max": {"queries": stems}}
        bonus = {"constant_score": {"filter": written, "boost": EXACT_BOOST}}
        return {"bool": {"must": [any_stem], "should": [bonus]}}

    def _match(self, token: str, field: str, suffix: str) -> Query:
        if field:
            return {"term": {field + suffix: {"value": token}}}
        names = PRINTED if self.excluding else tuple(PARTS)
        fields = [f"{PARTS[name]}{suffix}^{WEIGHTS[name]}" for name in names]
        return {"multi_match": {"query": token, "type": "cross_fields", "fields": fields}}

    def _terms(self, token: str) -> tuple[str, ...]:
        return terms_of(token, self.languages or ("",))

    def _phrase(
        self, tokens: Sequence[str], field: str, slop: int, *, exact: bool = False
    ) -> Query:
        if not tokens:
            return EVERYTHING
        if len(tokens) == 1:
            return self._group(tokens[0], field, exact=exact)
        if exact:
            phrase = " ".join(tokens)
            near = _any([{"match_phrase": {f"{part}_x": phrase}} for part in self._parts(field)])
            scored = [self._group(token, field, exact=False) for token in tokens]
            return {"bool": {"filter": [near], "must": scored}}
        places = [
            {"any_of": {"intervals": [{"match": {"query": form}} for form in self._terms(token)]}}
            for token in tokens
        ]
        near = self._together(field, slop, lambda _: places)
        scored = [self._group(token, field, exact=False) for token in tokens]
        return {"bool": {"filter": [near], "must": scored}}

    def _together(self, field: str, slop: int, places: Callable[[str], list[Query]]) -> Query:
        """Return the query of intervals near each other in any part of a field."""
        how = {"ordered": not slop, "max_gaps": slop}
        return _any(
            [
                {"intervals": {part: {"all_of": {"intervals": places(part), **how}}}}
                for part in self._parts(field)
            ]
        )

    def _near(self, near: nodes.Near) -> Query:
        """Words and patterns near each other: an interval query, without a score of its own."""
        words = [
            one for part in near.parts
            for one in (part.subqueries if isinstance(part, nodes.Or) else (part,))
        ]  # fmt: skip
        field = next((getattr(word, "fieldname", "") for word in words), "")
        rule = self._together(
            field, near.slop, lambda part: [self._interval(each, part) for each in near.parts]
        )
        plain = [self._word(word) for word in words if isinstance(word, nodes.Word)]
        return {"bool": {"filter": [rule], "should": plain}}

    def _interval(self, node: Node, part: str) -> Query:
        """Return the interval rule of one part of what is near, in a part of the articles."""
        match node:
            case nodes.Word(text, _, exact):
                forms = [
                    {"match": {"query": form, **({"use_field": f"{part}_x"} if exact else {})}}
                    for token in _tokens(text)
                    for form in ([token] if exact else self._terms(token))
                ]
                return {"any_of": {"intervals": forms}}
            case nodes.Or(subqueries=parts):
                return {"any_of": {"intervals": [self._interval(one, part) for one in parts]}}
            case nodes.Prefix(text):
                return {"prefix": {"prefix": fold(text), "use_field": f"{part}_x"}}
            case nodes.Wildcard(pattern):
                return {"wildcard": {"pattern": fold(pattern), "use_field": f"{part}_x"}}
            case nodes.Fuzzy(text, distance):
                rule = {"term": fold(text), "fuzziness": distance, "use_field": f"{part}_x"}
                return {"fuzzy": rule}
            case _:
                return {"match": {"query": ""}}

    def _expanded(self, field: str, kind: str, value: str, options: Query) -> Query:
        if not value:
            return NONE
        if field in PREFIXES:
            return {kind: {PREFIXES[field]: {"value": value, **options}}}
        parts = self._parts(field)
        return _any([{kind: {f"{part}_x": {"value": value, **options}}} for part in parts])

    def _should(self, node: nodes.Should) -> Query:
        found = readings(node.parts, self.languages or ("",))
        if len(found) == 1:
            return self._bag(node, found[0][0])
        return _any([self._within(self._bag(node, parts), codes) for parts, codes in found])

    def _bag(self, node: nodes.Should, parts: tuple[Node, ...]) -> Query:
        given = self._each(parts)
        scored = any(not is_filter(part) for part in node.required)
        least = needed(self.mode, len(given), scored)
        # A word that is said again matches the same; a cluster bounds the clauses of a query.
        compiled = list({json.dumps(query, sort_keys=True): query for query in given}.values())
        least = len(compiled) if least == len(given) else min(least, len(compiled))
        clauses: Query = {
            "must": self._each(node.required),
            "must_not": self._excluded(node.excluded),
        }
        if least == len(compiled):
            clauses["must"] = clauses["must"] + compiled
        else:
            clauses |= {"should": compiled, "minimum_should_match": least}
        if not clauses["must"] and not compiled:
            clauses["must"] = [EVERYTHING]
        return {"bool": clauses}

    def _within(self, query: Query, codes: tuple[str, ...]) -> Query:
        """Return what a query finds among the articles in some languages ("" is unknown)."""
        if "" not in codes:
            return {"bool": {"must": [query], "filter": [{"terms": {"language": list(codes)}}]}}
        others = [code for code in self.languages if code not in codes]
        return {"bool": {"must": [query], "must_not": [{"terms": {"language": others}}]}}


def _tokens(text: str) -> list[str]:
    return [token.text for token in tokenise(text)]


def _any(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}}
