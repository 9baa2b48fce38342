"""Where a score comes from: words and fields whose numbers add up to it.

Every word's score is what the kernels gave it, looked up again; its share of a field is that of the
field in the weighted frequency. What the steps of
`search.embedded.rescore.steps` added, and age, where they changed the score, are parts of their
own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.segment.arrays import U32
from indexer.segment.segment import TF_BITS
from search.answer import Explanation
from search.embedded.execute.execute import run
from search.embedded.execute.matches import Deadline
from search.embedded.execute.operands import Matches, Row, Term
from search.embedded.execute.phrases import count_between
from search.embedded.plan import plan as plans
from search.embedded.plan.plan import Compiled, Plan
from search.embedded.reader import IndexView, LeafReader
from search.embedded.rescore.steps import explained


class Explainer:
    """Explains the hits of one compiled query."""

    def __init__(self, reader: IndexView, compiled: Compiled, deadline: Deadline) -> None:
        self._reader = reader
        self._compiled = compiled
        self._deadline = deadline
        self._found: dict[tuple[int, int], Matches] = {}

    def explain(self, leaf: int, doc: int, score: float, *, close: bool) -> Explanation:
        """Return the parts of a hit's score; `close` when it was looked at again."""
        parts = self._parts(self._compiled.plan, self._reader.leaves[leaf], doc)
        if close:
            added = explained(self._reader, self._compiled, (leaf, doc))
            parts += [Explanation(label, value) for label, value in added]
        rest = score - sum([part.value for part in parts])
        if parts and abs(rest) > 1e-4 * max(score, 1.0):
            parts.append(Explanation("age, counted back from the newest article", rest))
        return Explanation("score", score, tuple(parts))

    def _parts(self, plan: Plan, leaf: LeafReader, doc: int) -> list[Explanation]:
        match plan:
            case Term():
                value = self._score(plan, leaf, doc)
                return [] if value is None else [self._word(plan, leaf, doc, value)]
            case plans.Phrase(words=words, label=label):
                if self._score(plan, leaf, doc) is None:
                    return []
                parts = [part for word in words for part in self._parts(word, leaf, doc)]
                return [Explanation(label, sum([part.value for part in parts]), tuple(parts))]
            case plans.Written(part=part):
                return [] if self._score(plan, leaf, doc) is None else self._parts(part, leaf, doc)
            case plans.Pattern(label=label):
                value = self._score(plan, leaf, doc)
                return [] if value is None else [Explanation(label, value)]
            case plans.Both(parts, optional):
                inner = [*parts, optional] if optional is not None else parts
                return [part for one in inner for part in self._parts(one, leaf, doc)]
            case plans.Most(parts=parts):
                if self._score(plan, leaf, doc) is None:
                    return []
                return [part for one in parts for part in self._parts(one, leaf, doc)]
            case plans.Without(part=part):
                return self._parts(part, leaf, doc)
            case _:
                return []

    def _score(self, plan: Plan, leaf: LeafReader, doc: int) -> float | None:
        """Return a plan's score of a document, None when it does not match."""
        key = (id(plan), leaf.number)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = run(plan, leaf, True, self._deadline)
        at = int(np.searchsorted(found.docs, doc))
        if at == found.docs.size or found.docs[at] != doc:
            return None
        return 0.0 if found.scores is None else float(found.scores[at])

    def _word(self, term: Term, leaf: LeafReader, doc: int, value: float) -> Explanation:
        if term.lookups.field != "text" or term.within:
            return Explanation(term.label, value)
        shares = self._shares(term, leaf, doc)
        total = sum(shares.values())
        parts = []
        left = value
        for name, share in shares.items():
            parts.append(Explanation(name, value * share / total))
            left -= parts[-1].value
        return Explanation(term.label, value, tuple(parts) if abs(left) < 1e-6 else ())

    def _shares(self, term: Term, leaf: LeafReader, doc: int) -> dict[str, float]:
        """Return the weighted frequency of a word in each part of a document that has it."""
        weights = self._reader.snapshot.settings.weights
        names = [term.lookups.terms[number] for number in term.numbers]
        found: dict[str, float] = {}
        whole = float(self._frequency("text", names, leaf, doc))
        for field in ("title", "lead"):
            found[field] = float(weights[field] * self._frequency(field, names, leaf, doc))
        found["body"] = float(weights["body"] * self._in_body(names, leaf, doc))
        found["other parts"] = max(whole - sum(found.values()), 0.0)
        return {name: share for name, share in found.items() if share} or {"text": 1.0}

    def _in_body(self, names: Sequence[str], leaf: LeafReader, doc: int) -> int:
        total = 0
        for row in self._rows("text", names, leaf):
            inside, _ = count_between(leaf.fields["text"], row, leaf.bodies)
            total += _packed_tf(inside, doc)
        return total

    def _frequency(self, field: str, names: Sequence[str], leaf: LeafReader, doc: int) -> int:
        column = leaf.segment.text[field]
        total = 0
        for row in self._rows(field, names, leaf):
            total += _packed_tf(column.postings[row.first : row.last], doc)
        return total

    def _rows(self, field: str, names: Sequence[str], leaf: LeafReader) -> list[Row]:
        return [self._reader.word(field, name).lookups.rows[leaf.number][0] for name in names]


def _packed_tf(postings: U32, doc: int) -> int:
    """Return the frequency of a document in packed postings, 0 where it is not among them."""
    at = int(np.searchsorted(postings, doc << TF_BITS))
    if at == postings.size or int(postings[at]) >> TF_BITS != doc:
        return 0
    return int(postings[at]) & 255
