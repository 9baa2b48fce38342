"""Running a plan on one segment: matches as a sorted array of documents, and their scores.

Every kind of plan has one function here. What a kernel can merge in one go it merges: the words of
``text`` go in as postings, everything else as matches that were found before. Deleted documents
are taken out once, at the end, by `matches_of`.
"""

from __future__ import annotations

import numpy as np

from indexer.segment.arrays import I64, U8, U32, U64
from indexer.segment.segment import NO_DATE, TF_BITS
from search.embedded.collect.counting import date_bounds, from_bits, set_bits
from search.embedded.execute.matches import EMPTY, EMPTY_DOCS, Deadline, frozen
from search.embedded.execute.operands import (
    FieldReader,
    Lists,
    Matches,
    Row,
    Term,
    lists_of,
    sizes_of,
)
from search.embedded.execute.phrases import count_between, near_phrases
from search.embedded.execute.postings import (
    DENSE,
    intersect,
    keep_common,
    keep_dated,
    keep_live,
    matches_at,
    score_merged,
    unite,
)
from search.embedded.execute.unions import mark_postings, score_word
from search.embedded.execute.written import as_written, with_capitals
from search.embedded.execute.written_phrases import have_phrase, window_phrases
from search.embedded.plan import plan as plans
from search.embedded.plan.plan import Plan
from search.embedded.reader import LeafReader

FEW = 8
"""How many times what a union must lie within its postings hold, for them to be looked up there."""

_LATEST = (1 << 63) - 1

_ALONE: I64 = np.zeros(1, np.int64)
"""Where a word stands in a phrase of its own."""


def matches_of(plan: Plan, leaf: LeafReader, scored: bool, deadline: Deadline) -> Matches:
    """Return the live documents of a segment that match, with scores when `scored`."""
    found = run(plan, leaf, scored, deadline)
    if leaf.live.size and found.docs.size:
        return keep_live(found, leaf.live)
    return found


def run(plan: Plan, leaf: LeafReader, scored: bool, deadline: Deadline) -> Matches:
    """Return the documents of a segment that match, deleted ones among them."""
    return _Execution(leaf, scored, deadline).run(plan)


class _Execution:
    __slots__ = ("deadline", "leaf", "scored")

    def __init__(self, leaf: LeafReader, scored: bool, deadline: Deadline) -> None:
        self.leaf = leaf
        self.scored = scored
        self.deadline = deadline

    def run(self, plan: Plan) -> Matches:
        self.deadline.check()
        match plan:
            case Term():
                return self.term(plan)
            case plans.Both(parts, optional):
                found = self.both(parts)
                return found if optional is None else self.with_optional(found, optional)
            case plans.Most(parts, least):
                return self.most(parts, least)
            case plans.Phrase():
                return self.phrase(plan)
            case plans.Written():
                return self.written(plan)
            case plans.Pattern():
                return self.pattern(plan)
            case plans.Docs(docs):
                return self.docs(docs[self.leaf.number])
            case plans.Dates(start, end):
                return self.dates(start, end)
            case plans.Without(part, excluded):
                return self.without(self.run(part), excluded)
            case plans.Every():
                return Matches(self.every())
            case plans.Nothing():
                return EMPTY
            case plans.Constant(part, score):
                return self.raised(Matches(self.unscored(part).docs), score)
            case plans.Scaled(part, factor):
                found = self.run(part)
                if found.scores is None:
                    return found
                return Matches(found.docs, frozen(found.scores * np.float32(factor)))
            case plans.Foreign(query, reader):
                from search.embedded.execute.whoosh_matches import whoosh_matches

                return Matches(*whoosh_matches(query, reader, self.leaf, self.deadline.check))

    def unscored(self, plan: Plan) -> Matches:
        return _Execution(self.leaf, False, self.deadline).run(plan)

    def every(self) -> U32:
        return frozen(np.arange(self.leaf.n_docs, dtype=np.uint32))

    # -- words ---------------------------------------------------------------------------------

    def term(self, term: Term) -> Matches:
        if not term.numbers:
            return EMPTY
        field = self.field([term])
        if not term.within:
            return score_word(field, term, self.scored)
        bounds = self.leaf.bounds(term.within)
        rows = term.lookups.rows[self.leaf.number]
        postings, exact = _united([count_between(field, rows[n], bounds) for n in term.numbers])
        lists = lists_of(field, [term])
        if term.exact:  # other forms may be in the part, and this one elsewhere
            docs = postings >> np.uint32(TF_BITS)
            exact = have_phrase(docs, field, lists, _ALONE, bounds, True).view(np.uint8)
        return score_merged(field, lists, postings, exact, term.exact, self.scored)

    def phrase(self, phrase: plans.Phrase, written: bool = False) -> Matches:
        """Return what has a phrase, in any forms or as `written`."""
        words = phrase.words
        if not all(term.numbers for term in words):
            return EMPTY
        field, bounds = self.field(words), self.leaf.bounds(phrase.within)
        sizes = sizes_of(field, words)
        if not (phrase.slop or phrase.within) and sum(sizes) < DENSE * min(sizes):
            found = window_phrases(field, words, phrase.offsets, written, self.scored)
            if found is not None:
                return found
        candidates = self.both([word.anywhere() for word in words])
        if not candidates.docs.size:
            return EMPTY
        self.deadline.check()
        lists = lists_of(field, words)
        if phrase.slop:
            reach = len(words) + phrase.slop
            near = near_phrases(candidates.docs, field, lists, reach, bounds)
            return matches_at(candidates, near)
        kept = have_phrase(candidates.docs, field, lists, phrase.offsets, bounds, written)
        return matches_at(candidates, kept)

    def written(self, plan: plans.Written) -> Matches:
        if isinstance(plan.part, plans.Phrase) and len(plan.part.words) == len(plan.terms):
            return with_capitals(self.leaf, plan, self.phrase(plan.part, True), self.deadline)
        return as_written(self.leaf, plan, self.run(plan.part), self.deadline)

    def pattern(self, pattern: plans.Pattern) -> Matches:
        rows = pattern.rows[self.leaf.number]
        if not rows:
            return EMPTY
        field = self.leaf.fields[pattern.field]
        if pattern.within:
            docs = self.bounded(field, rows, pattern.within)
        else:
            bits = self.bits()
            mark_postings(field, rows, bits)
            docs = self.from_bits(bits, sum(map(len, rows))).docs
        if not self.scored:
            return Matches(frozen(docs))
        return Matches(frozen(docs), frozen(np.full(docs.size, pattern.score, np.float32)))

    def bounded(self, field: FieldReader, rows: list[Row], part: str) -> U32:
        bounds = self.leaf.bounds(part)
        found = [EMPTY_DOCS]
        for row in rows:
            self.deadline.check()
            docs = count_between(field, row, bounds)[0] >> np.uint32(TF_BITS)
            if row.form_at >= 0:
                one = Lists()
                one.add_row(row)
                docs = docs[have_phrase(docs, field, one, _ALONE, bounds, True)]
            found.append(docs)
        return np.unique(np.concatenate(found))

    # -- combinations --------------------------------------------------------------------------

    def words_of(self, parts: list[Plan]) -> tuple[list[Term], list[Plan]]:
        """Return the parts that go into a kernel as postings of one field, and the others."""
        words: list[Term] = []
        others: list[Plan] = []
        for part in parts:
            if (
                isinstance(part, Term) and part.numbers and not (part.exact or part.within)
                and (not words or part.lookups is words[0].lookups)
            ):  # fmt: skip
                words.append(part)
            else:
                others.append(part)
        return words, others

    def both(self, parts: list[Plan]) -> Matches:
        """Return what all parts match."""
        words, others = self.words_of(parts)
        if not others:
            return self.merged(words, [], [])
        written = [part for part in parts if isinstance(part, plans.Written)]
        if written and len(parts) > 1:  # what is left is little to read
            common = self.both([part for one in parts for part in _in_any_form(one)])
            for check in written:
                common = as_written(self.leaf, check, common, self.deadline)
            return common
        constants = [p for p in parts if isinstance(p, plans.Constant) and _is_unscored(p.part)]
        if constants and len(parts) > 1:  # one sum is added instead of an array merged for each
            scored = [p for p in parts if not any(p is each for each in constants)]
            common = self.both([*scored, *[p.part for p in constants]])
            return self.raised(common, sum([part.score for part in constants]))
        smallest = min(sizes_of(self.field(words), words), default=self.leaf.n_docs)
        if not smallest:
            return EMPTY
        late: list[Plan] = []
        found: list[Matches] = []
        without: list[Plan] = []
        unions: list[plans.Most] = []
        for part in others:
            match part:
                case plans.Every():
                    continue
                case plans.Most():
                    unions.append(part)
                    continue
                case plans.Without(inner, excluded):
                    without.append(excluded)
                    if not isinstance(inner, plans.Every):
                        found.append(self.run(inner))
                case plans.Docs(docs) if len(docs[self.leaf.number]) == 1:
                    if docs[self.leaf.number][0].size > smallest:
                        late.append(part)
                    else:
                        found.append(Matches(docs[self.leaf.number][0]))
                case plans.Dates():
                    late.append(part)
                case _:
                    found.append(self.run(part))
            if found and not found[-1].docs.size:
                return EMPTY
        for union in unions:
            within = min([matches.docs for matches in found], key=len, default=None)
            found.append(self.most(union.parts, union.least, within))
            if not found[-1].docs.size:
                return EMPTY
        result = self.merged(words, found, late)
        for part in late:
            if not result.docs.size:
                return EMPTY
            match part:
                case plans.Docs(docs):
                    result = self.common(result, docs[self.leaf.number][0])
                case plans.Dates(start, end):
                    result = self.dated(result, start, end)
        for excluded in without:
            result = self.without(result, excluded)
        return result

    def merged(self, words: list[Term], found: list[Matches], late: list[Plan]) -> Matches:
        """Return what the postings of all `words` and all matches `found` have in common."""
        if not words and len(found) == 1:
            return found[0]
        if not words and not found:
            return self.run(late.pop()) if late else Matches(self.every())
        if not found and len(words) == 1:
            return self.run(words[0])
        return intersect(self.field(words), words, found, self.scored)

    def most(self, parts: list[Plan], least: int, within: U32 | None = None) -> Matches:
        """Return what at least `least` parts match; it may leave out what is not `within`."""
        if len(parts) == 1:
            return self.run(parts[0])
        words, others = self.words_of(parts)
        field = self.field(words)
        found: list[Matches] = []
        if within is not None and FEW * within.size < sum(sizes := sizes_of(field, words)):
            pairs = zip(words, sizes, strict=True)
            found = [self.merged([word], [Matches(within)], []) for word, n in pairs if n]
            words = []
        others += [word for word in words if len(word.numbers) > 1]
        words = [word for word in words if len(word.numbers) == 1]
        if others:
            found += [self.run(part) for part in others]
            found = [matches for matches in found if matches.docs.size]
        if len(words) + len(found) < least:
            return EMPTY
        return unite(field, words, found, least, self.leaf.n_docs, self.scored)

    def field(self, words: list[Term]) -> FieldReader:
        return self.leaf.fields[words[0].lookups.field if words else "text"]

    def with_optional(self, found: Matches, optional: Plan) -> Matches:
        """Add the scores of `optional` where it matches too."""
        if not self.scored or not found.docs.size:
            return found
        more = self.run(optional)
        at = np.searchsorted(found.docs, more.docs)
        at[at == found.docs.size] = 0
        shared = found.docs[at] == more.docs
        scores = np.zeros(found.docs.size, np.float32)
        if found.scores is not None:
            scores += found.scores
        if more.scores is not None:
            scores[at[shared]] += more.scores[shared]
        return Matches(found.docs, frozen(scores))

    def raised(self, found: Matches, constant: float) -> Matches:
        """Add a constant to all scores."""
        if not self.scored:
            return found
        if found.scores is None:
            return Matches(found.docs, frozen(np.full(found.docs.size, constant, np.float32)))
        return Matches(found.docs, frozen(found.scores + np.float32(constant)))

    def common(self, found: Matches, others: U32, common: bool = True) -> Matches:
        return keep_common(found, others, common)

    def without(self, found: Matches, excluded: Plan) -> Matches:
        if not found.docs.size:
            return found
        others = _Execution(self.leaf, False, self.deadline).among(found, excluded)
        return self.common(found, others.docs, False) if others.docs.size else found

    def among(self, found: Matches, plan: Plan) -> Matches:
        """Return what a plan matches; it may leave out what is not `found`.

        Only there are the positions read that say whether a word stands in a part, and the articles
        that say how it is written.
        """
        if isinstance(plan, plans.Written):
            common = self.common(self.among(found, plan.part), found.docs)
            return as_written(self.leaf, plan, common, self.deadline)
        if not (isinstance(plan, Term) and plan.within and plan.numbers):
            return self.run(plan)
        field = self.field([plan])
        lists = lists_of(field, [plan])
        common = intersect(field, [plan], [Matches(found.docs)], self.scored)
        bounds = self.leaf.bounds(plan.within)
        kept = have_phrase(common.docs, field, lists, _ALONE, bounds, plan.exact)
        return matches_at(common, kept)

    # -- documents -----------------------------------------------------------------------------

    def docs(self, lists: list[U32]) -> Matches:
        if len(lists) == 1:
            return Matches(lists[0])
        if not lists:
            return EMPTY
        bits = self.bits()
        size = 0
        for docs in lists:
            set_bits(docs, bits)
            size += docs.size
        return self.from_bits(bits, size)

    def bits(self) -> U64:
        return np.zeros((self.leaf.n_docs + 63) // 64, np.uint64)

    def from_bits(self, bits: U64, size: int) -> Matches:
        out = np.empty(min(size, self.leaf.n_docs) + 1, np.uint32)
        n = from_bits(bits, False, self.leaf.n_docs, out)
        return Matches(frozen(out[:n]))

    def interval(self, start: int | None, end: int | None) -> tuple[int, int]:
        """Return bounds for kernels; no date is before the first that is one."""
        least = NO_DATE + 1 if start is None else max(start, NO_DATE + 1)
        return least, _LATEST if end is None else end

    def dates(self, start: int | None, end: int | None) -> Matches:
        segment = self.leaf.segment
        first, last = date_bounds(segment.dates, segment.by_date, *self.interval(start, end))
        if last <= first:
            return EMPTY
        if last - first < self.leaf.n_docs >> 6:
            found = Matches(frozen(np.sort(segment.by_date[first:last])))
        else:
            bits = self.bits()
            set_bits(segment.by_date[first:last], bits)
            found = self.from_bits(bits, last - first)
        return self.whole(found, end)

    def dated(self, found: Matches, start: int | None, end: int | None) -> Matches:
        least, most = self.interval(start, end)
        kept = keep_dated(found, self.leaf.segment.dates, least, most)
        return self.whole(kept, end)

    def whole(self, found: Matches, end: int | None) -> Matches:
        """Return the matches without those that are known less well than a range needs."""
        cut = self.leaf.straddling(end)
        return matches_at(found, ~np.isin(found.docs, cut)) if cut.size else found


def _in_any_form(plan: Plan) -> list[Plan]:
    """Return what all that a plan matches has, if it asks for words as written: cheap to find."""
    if not isinstance(plan, plans.Written):
        return [plan]
    if isinstance(plan.part, plans.Phrase) and len(plan.part.words) == len(plan.terms):
        return [word.anywhere() for word in plan.terms]
    return [plan.part]


def _is_unscored(plan: Plan) -> bool:
    """Whether a plan says which documents match, and nothing of how well."""
    if isinstance(plan, plans.Without):
        return _is_unscored(plan.part)
    return isinstance(plan, (plans.Every, plans.Nothing, plans.Docs, plans.Dates))


def _united(found: list[tuple[U32, U8]]) -> tuple[U32, U8]:
    """Merge (postings, exact) of several terms into one."""
    if len(found) == 1:
        return found[0]
    postings = np.concatenate([part[0] for part in found])
    docs, places = np.unique(postings >> TF_BITS, return_inverse=True)
    tfs = np.bincount(places, postings & 255, docs.size)
    exact = np.zeros(docs.size, np.uint8)
    np.maximum.at(exact, places, np.concatenate([part[1] for part in found]))
    return docs << TF_BITS | np.minimum(tfs, 255).astype(np.uint32), exact
