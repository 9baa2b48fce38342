"""Running a plan on one segment: matches as a sorted array of documents, and their scores.

Every kind of plan has one function here. What a kernel can merge in one go it merges: the words of
``text`` go in as postings, everything else as matches that were found before. Deleted documents
are taken out once, at the end, by `matches_of`.
"""

from __future__ import annotations

import numpy as np

from indexer.segment import NO_DATE, TF_BITS, TextField
from search.embedded import plan as plans
from search.embedded.counting import date_bounds, from_bits, keep_dated, set_bits
from search.embedded.deadline import Deadline
from search.embedded.matches import EMPTY, NO_SCORES, Matches, filtered, frozen, matches_at
from search.embedded.phrase_matches import common_phrase, phrase_among
from search.embedded.phrases import count_between
from search.embedded.plan import EMPTY_DOCS, Plan, Term
from search.embedded.postings import (
    conjunction,
    dense_conjunction,
    disjunction,
    keep_common,
    keep_live,
    score_postings,
)
from search.embedded.reader import LeafReader
from search.embedded.typing import F32, I64, U8, U32, U64
from search.embedded.unions import apart, mark_postings, score_synonyms, union_postings
from search.embedded.words import groups_of, rows_of, sizes_of
from search.embedded.written import as_written, in_their_forms

__all__ = ["matches_of", "run"]

FEW = 8
"""How many times what a union must lie within its postings hold, for them to be looked up there."""

MOST_TERMS = 1 << 16
"""Terms of a word, at most: those of all languages."""

_LATEST = (1 << 63) - 1

DENSE = 16
"""How many times the shortest list all lists together may hold for `dense_conjunction`."""


_ONE_WORD: I64 = np.array((0, 1), np.int64)
_ONE_WORD.setflags(write=False)


def matches_of(plan: Plan, leaf: LeafReader, scored: bool, deadline: Deadline) -> Matches:
    """Return the live documents of a segment that match, with scores when `scored`."""
    found = run(plan, leaf, scored, deadline)
    if leaf.live.size and found.docs.size:
        return filtered(found, lambda docs, scores, out, out_scores: keep_live(
            docs, scores, leaf.live, out, out_scores
        ))  # fmt: skip
    return found


def run(plan: Plan, leaf: LeafReader, scored: bool, deadline: Deadline) -> Matches:
    """Return the documents of a segment that match, deleted ones among them."""
    return _Run(leaf, scored, deadline).run(plan)


class _Run:
    __slots__ = ("deadline", "leaf", "scored")

    def __init__(self, leaf: LeafReader, scored: bool, deadline: Deadline) -> None:
        self.leaf = leaf
        self.scored = scored
        self.deadline = deadline

    def run(self, plan: Plan) -> Matches:
        self.deadline.check()
        match plan:
            case plans.Term():
                return self.term(plan)
            case plans.Both(parts, optional):
                found = self.both(parts)
                return found if optional is None else self.with_optional(found, optional)
            case plans.Most(parts, least):
                return self.most(parts, least)
            case plans.Phrase():
                return self.phrase(plan)
            case plans.Written(part=word):
                return as_written(self.leaf, plan, self.run(word), self.deadline)
            case plans.Pattern():
                return self.pattern(plan)
            case plans.Docs(docs):
                return self.docs(docs[self.leaf.number])
            case plans.Dates(start, end):
                return self.dates(start, end)
            case plans.Without(part, excluded):
                return self.without(self.run(part), self.unscored(excluded))
            case plans.Every():
                return Matches(self.every())
            case plans.Nothing():
                return EMPTY
            case plans.Constant(part, score):
                found = self.unscored(part)
                if not self.scored:
                    return found
                return Matches(found.docs, frozen(np.full(found.docs.size, score, np.float32)))
            case plans.Scaled(part, factor):
                found = self.run(part)
                if found.scores is None:
                    return found
                return Matches(found.docs, frozen(found.scores * np.float32(factor)))
            case plans.Foreign(query, reader):
                from search.embedded.whoosh_matches import whoosh_matches

                return Matches(*whoosh_matches(query, reader, self.leaf, self.deadline.check))

    def unscored(self, plan: Plan) -> Matches:
        return _Run(self.leaf, False, self.deadline).run(plan)

    def every(self) -> U32:
        return frozen(np.arange(self.leaf.n_docs, dtype=np.uint32))

    # -- words ---------------------------------------------------------------------------------

    def rows(self, term: Term) -> I64:
        return rows_of((term,), self.leaf.number)

    def term(self, term: Term) -> Matches:
        if not term.numbers:
            return EMPTY
        column = self.leaf.segment.text[term.lookups.field]
        if term.within:
            return self.bounded_term(term)
        if len(term.numbers) == 1 and not term.exact:
            row = term.lookups.lists[self.leaf.number][term.numbers[0]]
            return self.scored_term(term, column.postings, row, column.forms)
        if not term.exact:
            return self.synonyms(term)
        postings, exact = self.union(self.rows(term), column)
        return self.exact_term(term, postings, exact)

    def synonyms(self, term: Term) -> Matches:
        column = self.leaf.segment.text[term.lookups.field]
        rows = self.rows(term)
        (size,) = sizes_of((term,), self.leaf.number)
        docs, scores = np.empty(size, np.uint32), np.empty(size if self.scored else 0, np.float32)
        n = score_synonyms(
            column.postings, column.forms, rows, column.lengths, term.lookups.norm, term.weight,
            term.other, self.scored, docs, scores,
        )  # fmt: skip
        return Matches(frozen(docs[:n]), frozen(scores[:n]) if self.scored else None)

    def scored_term(
        self, term: Term, postings: U32, row: list[int], exact: U8
    ) -> Matches:
        """Return the matches of a row of postings; `exact` are its forms."""
        size = row[2] - row[1]
        docs = np.empty(size, np.uint32)
        scores = np.empty(size if self.scored else 0, np.float32)
        score_postings(
            postings, row[1], row[2], exact, row[3], row[4],
            self.leaf.segment.text[term.lookups.field].lengths, term.lookups.norm, term.weight,
            term.other, self.scored, docs, scores,
        )  # fmt: skip
        return Matches(frozen(docs), frozen(scores) if self.scored else None)

    def exact_term(self, term: Term, postings: U32, exact: U8) -> Matches:
        """Return the matches of postings that were merged and, for exact words, have the form."""
        if term.exact:
            kept = exact.view(np.bool_)
            postings, exact = postings[kept], exact[kept]
        row = [0, 0, postings.size, 0, 1]
        return self.scored_term(term, frozen(postings), row, frozen(exact))

    def union(self, rows: I64, column: TextField) -> tuple[U32, U8]:
        size = min(int((rows[:, 2] - rows[:, 1]).sum()), self.leaf.n_docs)
        out, out_exact = np.empty(size, np.uint32), np.empty(size, np.uint8)
        n = union_postings(column.postings, column.forms, rows, out, out_exact)
        return out[:n], out_exact[:n]

    def bounded_term(self, term: Term) -> Matches:
        column = self.leaf.segment.text["text"]
        found = []
        for row in self.rows(term).tolist():
            inside, places = self.inside(row, term.within)
            if row[3] == -1:
                exact = np.ones(places.size, np.uint8)
            elif row[3] == -2:
                exact = np.zeros(places.size, np.uint8)
            else:
                exact = ((column.forms[row[3] + places - row[1]] & row[4]) != 0).view(np.uint8)
            found.append((inside, exact))
        postings, exact = found[0] if len(found) == 1 else _united(found)
        if term.exact:  # other forms may be in the part, and this one elsewhere
            docs, rows = postings >> np.uint32(TF_BITS), self.rows(term)
            groups = np.array((0, len(rows)), np.int64)
            kept = in_their_forms(self.leaf, "text", rows, groups, term.within, docs)
            exact = kept.view(np.uint8)
        return self.exact_term(term, postings, exact)

    def inside(self, row: list[int], within: str) -> tuple[U32, I64]:
        """Return a row's postings in a part, packed with their number there, and which."""
        column = self.leaf.segment.text["text"]
        size = row[2] - row[1]
        postings, places = np.empty(size, np.uint32), np.empty(size, np.int64)
        n = count_between(
            row[1], row[2], row[6], column.postings, column.positions, column.block_positions,
            self.leaf.bounds(within), postings, places,
        )  # fmt: skip
        return postings[:n], places[:n]

    def phrase(self, phrase: plans.Phrase) -> Matches:
        if not all(term.numbers for term in phrase.words):
            return EMPTY
        rows = rows_of(phrase.words, self.leaf.number)
        sizes = sizes_of(phrase.words, self.leaf.number)
        plain = not (phrase.slop or phrase.within)
        if plain and sum(sizes) < DENSE * min(sizes):
            return common_phrase(self.leaf, phrase, rows, min(sizes), self.scored)
        wide = [
            Term(t.lookups, t.numbers, t.label, t.boost, "", False, t.weight, t.other)
            for t in phrase.words
        ]
        candidates = self.both(list(wide))
        if not candidates.docs.size:
            return EMPTY
        self.deadline.check()
        return phrase_among(self.leaf, phrase, rows, candidates)

    def pattern(self, pattern: plans.Pattern) -> Matches:
        rows = pattern.rows[self.leaf.number]
        if not rows.size:
            return EMPTY
        column = self.leaf.segment.text[pattern.field]
        if pattern.within:
            docs = self.bounded(rows, pattern.within)
        else:
            bits = self.bits()
            mark_postings(column.postings, column.forms, rows, bits)
            docs = self.from_bits(bits, int((rows[:, 2] - rows[:, 1]).sum())).docs
        if not self.scored:
            return Matches(frozen(docs))
        return Matches(frozen(docs), frozen(np.full(docs.size, pattern.score, np.float32)))

    def bounded(self, rows: I64, within: str) -> U32:
        found = [EMPTY_DOCS]
        for at, row in enumerate(rows.tolist()):
            self.deadline.check()
            docs = self.inside(row, within)[0] >> np.uint32(TF_BITS)
            if row[3] >= 0:
                one = rows[at : at + 1]
                docs = docs[in_their_forms(self.leaf, "text", one, _ONE_WORD, within, docs)]
            found.append(docs)
        return np.unique(np.concatenate(found))

    # -- combinations --------------------------------------------------------------------------

    def words_of(self, parts: list[Plan], most: int) -> tuple[list[Term], list[Plan]]:
        """Return the parts that go into a kernel as postings of one field, and the others.

        Words of at most `most` terms do.
        """
        words: list[Term] = []
        others: list[Plan] = []
        for part in parts:
            if (
                isinstance(part, Term) and 1 <= len(part.numbers) <= most and not part.exact
                and not part.within and (not words or part.lookups is words[0].lookups)
            ):  # fmt: skip
                words.append(part)
            else:
                others.append(part)
        return words, others

    def both(self, parts: list[Plan]) -> Matches:
        """Return what all parts match."""
        written = [part for part in parts if isinstance(part, plans.Written)]
        if written and len(parts) > 1:  # what is left is little to read
            common = self.both([p.part if isinstance(p, plans.Written) else p for p in parts])
            for check in written:
                common = as_written(self.leaf, check, common, self.deadline)
            return common
        words, others = self.words_of(parts, MOST_TERMS)
        sizes = sizes_of(words, self.leaf.number) if words else []
        smallest = min(sizes, default=self.leaf.n_docs)
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
        result = self.merged(words, sizes, found, late)
        for part in late:
            if not result.docs.size:
                return EMPTY
            match part:
                case plans.Docs(docs):
                    result = self.common(result, docs[self.leaf.number][0])
                case plans.Dates(start, end):
                    result = self.dated(result, start, end)
        for excluded in without:
            if result.docs.size:
                result = self.without(result, self.unscored(excluded))
        return result

    def merged(
        self, words: list[Term], sizes: list[int], found: list[Matches], late: list[Plan]
    ) -> Matches:
        """Return what the postings of all `words` and all matches `found` have in common.

        `sizes`: how many postings each word has.
        """
        if not words and len(found) == 1:
            return found[0]
        if not words and not found:
            return self.run(late.pop()) if late else Matches(self.every())
        if not found and len(words) == 1:
            return self.run(words[0])
        lists, weights, xdocs, xscores = self.lists(words, found)
        size = min([*sizes, *[matches.docs.size for matches in found]])
        column = self.column(words)
        docs = np.empty(size + 1, np.uint32)
        scores = np.empty(size if self.scored else 0, np.float32)
        lead = next((at for at, word in enumerate(words) if len(word.numbers) == 1), -1)
        if not found and lead >= 0 and len(words) < 256 and sum(sizes) < DENSE * size:
            n = dense_conjunction(
                column.postings, column.forms, column.lengths, self.norm(words), lists,
                groups_of(words, len(lists)), lead, weights, self.scored, docs, scores,
            )  # fmt: skip
        else:
            n = conjunction(
                column.postings, column.forms, column.lengths, self.norm(words), xdocs, xscores,
                lists, groups_of(words, len(lists)), weights, self.scored, docs, scores,
            )  # fmt: skip
        return Matches(frozen(docs[:n]), frozen(scores[:n]) if self.scored else None)

    def most(self, parts: list[Plan], least: int, within: U32 | None = None) -> Matches:
        """Return what at least `least` parts match; it may leave out what is not `within`."""
        if len(parts) == 1:
            return self.run(parts[0])
        words, others = self.words_of(parts, MOST_TERMS)
        sizes = sizes_of(words, self.leaf.number) if words else []
        found: list[Matches] = []
        if within is not None and FEW * within.size < sum(sizes):
            pairs = zip(words, sizes, strict=True)
            found = [self.merged([word], [n], [Matches(within)], []) for word, n in pairs if n]
            words = []
        several = [word for word in words if len(word.numbers) > 1]
        for word in several:
            if not apart(self.column(words).postings, self.rows(word)):
                words.remove(word)
                others.append(word)
        found += [self.run(part) for part in others]
        found = [matches for matches in found if matches.docs.size]
        if len(words) + len(found) < least:
            return EMPTY
        lists, weights, xdocs, xscores = self.lists(words, found, each=True)
        size = sum(sizes_of(words, self.leaf.number)) if words else 0
        size = min(size + sum([matches.docs.size for matches in found]), self.leaf.n_docs)
        column = self.column(words)
        docs = np.empty(size + 1, np.uint32)
        scores = np.empty(size + 1 if self.scored else 0, np.float32)
        n = disjunction(
            column.postings, column.forms, column.lengths, self.norm(words), xdocs, xscores,
            lists, weights, self.scored, least, docs, scores,
        )  # fmt: skip
        return Matches(frozen(docs[:n]), frozen(scores[:n]) if self.scored else None)

    def column(self, words: list[Term]) -> TextField:
        return self.leaf.segment.text[words[0].lookups.field if words else "text"]

    def norm(self, words: list[Term]) -> F32:
        return words[0].lookups.norm if words else NO_SCORES

    def lists(
        self, words: list[Term], found: list[Matches], *, each: bool = False
    ) -> tuple[I64, F32, U32, F32]:
        """Return the lists that the merging kernels take, and the weights of their groups.

        With `each`, every list is a group.
        """
        weights = [(word.weight, word.other) for word in words]
        rows = rows_of(words, self.leaf.number) if words else None
        if each and rows is not None and len(rows) > len(words):
            weights = [(word.weight, word.other) for word in words for _ in word.numbers]
        if rows is not None and not found:
            return rows, np.array(weights, np.float32), EMPTY_DOCS, NO_SCORES
        further = []
        at = 0
        for matches in found:
            further.append((1, at, at + matches.docs.size, -1, 0, -1, 0))
            at += matches.docs.size
            weights.append((0.0, 0.0))
        more = np.array(further, np.int64)
        lists = more if rows is None else np.concatenate((rows, more))
        if len(found) == 1:
            docs, kept = found[0].docs, found[0].scores
            scores = np.zeros(docs.size, np.float32) if kept is None else kept
        else:
            docs = np.concatenate([matches.docs for matches in found])
            scores = np.concatenate(
                [np.zeros(m.docs.size, np.float32) if m.scores is None else m.scores for m in found]
            )
        return lists, np.array(weights, np.float32), frozen(docs), frozen(scores)

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

    def common(self, found: Matches, others: U32, common: bool = True) -> Matches:
        others = frozen(others)
        return filtered(found, lambda docs, scores, out, out_scores: keep_common(
            docs, scores, others, common, out, out_scores
        ))  # fmt: skip

    def without(self, found: Matches, excluded: Matches) -> Matches:
        return self.common(found, excluded.docs, False) if excluded.docs.size else found

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
        dates = self.leaf.segment.dates
        least, most = self.interval(start, end)
        kept = filtered(found, lambda docs, scores, out, out_scores: keep_dated(
            docs, scores, dates, least, most, out, out_scores
        ))  # fmt: skip
        return self.whole(kept, end)

    def whole(self, found: Matches, end: int | None) -> Matches:
        """Return the matches without those that are known less well than a range needs."""
        cut = self.leaf.straddling(end)
        return matches_at(found, ~np.isin(found.docs, cut)) if cut.size else found


def _united(found: list[tuple[U32, U8]]) -> tuple[U32, U8]:
    """Merge (postings, exact) of several terms into one."""
    postings = np.concatenate([part[0] for part in found])
    docs, places = np.unique(postings >> TF_BITS, return_inverse=True)
    tfs = np.bincount(places, postings & 255, docs.size)
    exact = np.zeros(docs.size, np.uint8)
    np.maximum.at(exact, places, np.concatenate([part[1] for part in found]))
    return docs << TF_BITS | np.minimum(tfs, 255).astype(np.uint32), exact
