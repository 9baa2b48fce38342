"""The searcher: a `whoosh.searching.Searcher` that runs queries on arrays.

A query is compiled (`compile`, `foreign`), run on every segment (`execute`), and what is found goes
into Whoosh's `Results`: scores, groups, highlights. Only nodes that have no compiled form run in
Whoosh's matchers, within one query. Orders, groups and collectors that are not made on arrays are
Whoosh's own, over matches that were. The engine answers every request through this class.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from whoosh.collectors import Collector
from whoosh.index import Index
from whoosh.matching import ListMatcher
from whoosh.query import Query
from whoosh.reading import IndexReader
from whoosh.scoring import WeightingModel
from whoosh.searching import Results, Searcher
from whoosh.sorting import Facets, FieldFacet
from whoosh.spelling import Correction, Corrector
from whoosh.support.levenshtein import damerau_levenshtein as edits

from corpus.core.fields import DATE
from indexer.analysis.analyser import fold, term
from indexer.segment.arrays import I64
from indexer.segment.file import TEXTS
from indexer.segment.terms import text_at
from indexer.whoosh.archive_reader import open_reader, stored_fields
from indexer.whoosh.schema import QueryTerm
from search.embedded.collect.gathering import Gathered, gather
from search.embedded.collect.ranking import Order, best_of_word
from search.embedded.collect.results import ArchiveResults, Groups, MatchedDocs, can_group
from search.embedded.execute.execute import matches_of
from search.embedded.execute.matches import Deadline, frozen
from search.embedded.execute.operands import Matches, Term
from search.embedded.execute.whoosh_matches import LiveBM25
from search.embedded.fetch.hits import HitColumns
from search.embedded.plan import plan as plans
from search.embedded.plan.compile import compile_query
from search.embedded.plan.plan import Compiled, Plan
from search.embedded.reader import IndexView
from search.query.nodes import Node

if TYPE_CHECKING:
    from search.embedded.execute.filters import Choice
    from search.suggestions.vocabulary import SnapshotVocabulary


class ArchiveSearcher(Searcher):  # type: ignore[misc]
    """Searches one generation; `arrays` is what it reads. Safe to share between threads.

    `weighting` other than the archive's own leaves all queries to Whoosh's matchers.
    """

    arrays: IndexView

    def __init__(
        self, reader: IndexReader, weighting: WeightingModel | None = None,
        closereader: bool = True, fromindex: Index | None = None, parent: Searcher | None = None,
    ) -> None:  # fmt: skip
        super().__init__(reader, weighting, closereader, fromindex, parent)

    @classmethod
    def over(
        cls, arrays: IndexView, fromindex: Index | None = None,
        weighting: WeightingModel | None = None,
    ) -> ArchiveSearcher:  # fmt: skip
        """Return the searcher of a generation that is open."""
        made = cls(open_reader(arrays.snapshot), weighting or LiveBM25(arrays), fromindex=fromindex)
        made.arrays = arrays
        return made

    def refresh(self) -> ArchiveSearcher:
        """Return a searcher of the newest generation, itself when it is that."""
        if self.up_to_date():
            return self
        own = isinstance(self.weighting, LiveBM25)
        found: ArchiveSearcher = self._ix.refresh().searcher(
            weighting=None if own else self.weighting
        )
        return found

    # -- what the engine asks ------------------------------------------------------------------

    def compile(self, node: Node | Query, match: str = "all") -> Compiled:
        """Return the plan of a query; `match` is "all" or "any" of bare words."""
        return compile_query(node, self.arrays, match)

    def gather(
        self, plan: Plan, choices: list[Choice], scored: bool, deadline: Deadline
    ) -> Gathered:
        """Run a plan on every segment."""
        return gather(self.arrays, plan, choices, scored, deadline)

    def best_of_word(self, word: Term, order: Order, k: int) -> tuple[I64, int]:
        """Return the rows of the best k articles that have a word, int64[n, 4], and how many have
        it. The word has a list that most of its postings are in."""
        found: tuple[I64, int] = best_of_word(self.arrays.leaves, word, order, k)
        return found

    def matches(self, plan: Plan, scored: bool, deadline: Deadline | None = None) -> list[Matches]:
        """Return what a plan matches in each segment; without a bound of time if none is given."""
        deadline = deadline or Deadline(float("inf"))
        return [matches_of(plan, leaf, scored, deadline) for leaf in self.arrays.leaves]

    @cached_property
    def columns(self) -> HitColumns:
        """What hits are made of."""
        return HitColumns(self.arrays, self.arrays.snapshot.settings.zone)

    def title(self, docnum: int) -> str:
        """Return the title of a document."""
        leaf, doc = self._place(docnum)
        return text_at(self.arrays.leaves[leaf].segment.titles, doc)

    def stored(self, docnums: Sequence[int]) -> list[dict[str, Any]]:
        """Return the stored fields of several documents, each block of them read once."""
        return list(map(stored_fields, self.arrays.stored(list(map(self._place, docnums)))))

    def _place(self, docnum: int) -> tuple[int, int]:
        leaf = bisect_right(self.arrays.firsts, docnum) - 1
        return leaf, docnum - self.arrays.firsts[leaf]

    # -- what Whoosh's users ask ---------------------------------------------------------------

    def search(self, q: Query, **options: Any) -> Results:
        """Search as Whoosh's searcher does, with the same options.

        Orders other than by score and by date, groups other than of facets, collapsing and matched
        terms are made by Whoosh's collectors.
        """
        plan = self._plan(q, options.get("filter"), options.get("mask"))
        if plan is None or options.get("terms"):
            return super().search(q, **options)
        if _is_plain(options):
            return self._on_arrays(q, plan, options)
        rest = {name: value for name, value in options.items() if name not in ("filter", "mask")}
        found = super().search(_ExecutedQuery(self, plan, q), **rest)
        found.q = q
        return found

    def search_with_collector(self, q: Query, collector: Collector, context: Any = None) -> None:
        """Run a query into a collector; see `whoosh.searching.Searcher`."""
        plan = None if isinstance(q, _ExecutedQuery) else self._plan(q, None, None)
        if plan is not None and not _wants_terms(collector):
            q = _ExecutedQuery(self, plan, q)
        super().search_with_collector(q, collector, context)

    def docs_for_query(self, q: Query, for_deletion: bool = False) -> Iterator[int]:
        """Yield the numbers of the documents that a query finds."""
        plan = None if for_deletion and not _is_compiled(q) else self._plan(q, None, None)
        if plan is None:
            yield from super().docs_for_query(q, for_deletion)
            return
        yield from MatchedDocs(self, plan, "number").all_ids()

    def suggest(
        self, fieldname: str, text: str, limit: int = 5, maxdist: int = 2, prefix: int = 0
    ) -> list[str]:
        """Return words of the archive near a word, the likeliest first."""
        found: list[str] = self._corrector(fieldname).suggest(text, limit, maxdist, prefix)
        return found

    def correct_query(
        self, q: Query, qstring: str, correctors: Mapping[str, Corrector] | None = None,
        terms: Iterable[tuple[str, str]] | None = None, maxdist: int = 2, prefix: int = 0,
        aliases: Mapping[str, str] | None = None,
    ) -> Correction:  # fmt: skip
        """Return a query with the words that no article has replaced; see Whoosh's searcher."""
        forms = self._corrector("text")
        language = self.schema["text"].analyzer.language
        wanted = None if terms is None else frozenset(terms)
        corrected, tokens = q, []
        for token in q.all_tokens():
            field = (aliases or {}).get(token.fieldname, token.fieldname)
            word = getattr(token.text, "word", token.text)
            if field not in TEXTS or (wanted is None and forms.knows(word)):
                continue
            if wanted is not None and (token.fieldname, token.text) not in wanted:
                continue
            found = (correctors or {}).get(field, forms).suggest(word, 1, maxdist, prefix)
            if found:
                other = QueryTerm.of(term(found[0], language), found[0])
                typed = isinstance(token.text, QueryTerm)
                corrected = corrected.replace(
                    token.fieldname, token.text, other if typed else found[0]
                )
                token.original, token.text = word, found[0]
                tokens.append(token)
        return Correction(q, qstring, corrected, tokens)

    def _corrector(self, fieldname: str) -> Corrector:
        if fieldname not in TEXTS:
            return super().corrector(fieldname)
        from search.suggestions.vocabulary import SnapshotVocabulary

        return _FormCorrector(SnapshotVocabulary(self.arrays))

    def _plan(self, q: Query, filter_: Any, mask: Any) -> Plan | None:
        """Return the plan of a query within what restricts it, None where Whoosh is to run it."""
        if self.parent is not None or not isinstance(self.weighting, LiveBM25):
            return None
        plan = self.compile(q).plan
        if filter_ is not None:
            plan = plans.Both([plan, plans.Constant(self._restriction(filter_), 0.0)])
        if mask is not None:
            plan = plans.Without(plan, self._restriction(mask))
        return plan

    def _restriction(self, given: Any) -> Plan:
        if isinstance(given, Query):
            return self.compile(given).plan
        numbers = given.docs() if isinstance(given, Results) else given
        wanted = np.unique(np.fromiter(numbers, np.int64))
        docs = []
        for leaf, first in zip(self.arrays.leaves, self.arrays.firsts, strict=True):
            inside = wanted[(wanted >= first) & (wanted < first + leaf.n_docs)] - first
            found = frozen(inside.astype(np.uint32))
            docs.append([found])
        return plans.Docs(docs, "documents")

    def _on_arrays(self, q: Query, plan: Plan, options: dict[str, Any]) -> Results:
        started = time.perf_counter()
        limit, sortedby = options.get("limit", 10), options.get("sortedby")
        if limit is not None and limit < 1:
            raise ValueError("limit must be >= 1")
        scored, groupedby = options.get("scored", True), options.get("groupedby")
        found = MatchedDocs(self, plan, "date" if sortedby else "score" if scored else "number")
        results = ArchiveResults(self, q, found.best(limit, options.get("reverse", False)))
        results.collector = found
        if groupedby:
            results._facetmaps = {
                name: Groups(found, facet, options.get("maptype"))
                for name, facet in Facets.from_groupedby(groupedby).items()
            }
        results.runtime = time.perf_counter() - started
        return results


_ON_ARRAYS = frozenset((
    "limit", "scored", "sortedby", "reverse", "groupedby", "maptype", "optimize", "filter", "mask",
    "terms",
))  # fmt: skip


def _is_plain(options: dict[str, Any]) -> bool:
    """Whether a search's order and groups can be made on arrays."""
    used = {name for name, value in options.items() if value}
    sortedby, groupedby = options.get("sortedby"), options.get("groupedby")
    if isinstance(sortedby, FieldFacet) and not sortedby.reverse:
        sortedby = sortedby.fieldname
    if used - _ON_ARRAYS or (sortedby and sortedby != DATE):
        return False
    if not groupedby:
        return True
    maptype = options.get("maptype")
    return all(can_group(facet, maptype) for _, facet in Facets.from_groupedby(groupedby).items())


def _is_compiled(q: Query) -> bool:
    """Whether no part of a query is of a kind that deletes other documents than it finds."""
    return not any(hasattr(part, "deletion_docs") and type(part).deletion_docs
                   is not Query.deletion_docs for part in (q, *q.leaves()))  # fmt: skip


def _wants_terms(collector: Collector) -> bool:
    """Whether a collector looks at the matchers of words."""
    while collector is not None:
        if type(collector).__name__ == "TermsCollector":
            return True
        collector = getattr(collector, "child", None)
    return False


class _FormCorrector(Corrector):  # type: ignore[misc]
    """Suggests words as they are written in articles, where the index's terms are stems."""

    def __init__(self, vocabulary: SnapshotVocabulary) -> None:
        self._vocabulary = vocabulary

    def knows(self, word: str) -> bool:
        """Whether an article has a word, in any inflection."""
        return bool(self._vocabulary.frequencies([fold(word)])[0])

    def _suggestions(self, text: str, maxdist: int, prefix: int) -> Iterator[tuple[float, str]]:
        word = fold(text)
        for near in self._vocabulary.close(word, maxdist):
            if near.word[:prefix] == word[:prefix]:
                yield near.frequency / 1e9 - edits(word, near.word), near.word


class _ExecutedQuery(Query):  # type: ignore[misc]
    """A query that was run on arrays, for Whoosh's collectors."""

    def __init__(self, searcher: ArchiveSearcher, plan: Plan, query: Query) -> None:
        self._searcher = searcher
        self._plan = plan
        self._query = query
        self._matches: list[Matches] | None = None

    def __repr__(self) -> str:
        return repr(self._query)

    def __hash__(self) -> int:
        return hash(self._query)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ExecutedQuery) and self._query == other._query

    def field(self) -> Any:
        """Return the field of the query."""
        return self._query.field()

    def estimate_size(self, ixreader: IndexReader) -> int:
        """Return an estimate of how many documents match."""
        return int(self._query.estimate_size(ixreader))

    def matcher(self, searcher: Searcher, context: Any = None) -> ListMatcher:
        """Return a matcher of what was found in the segment of a searcher."""
        if self._matches is None:
            self._matches = self._searcher.matches(self._plan, True)
        leaves = self._searcher.leaf_searchers()
        number = next(at for at, (leaf, _) in enumerate(leaves) if leaf is searcher)
        found = self._matches[number]
        scores = [0.0] * found.docs.size if found.scores is None else found.scores.tolist()
        return ListMatcher(found.docs.tolist(), weights=scores)
