"""The smaller questions: a page of a facet, an article's versions and neighbours, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS, PERIODS
from indexer.analysis.analyser import fold, fold_value, tokenise
from indexer.segment.stored import article_from
from search.answer import Facet, FacetValue, Hit, Sparkline
from search.embedded.answering import DEEPEST, MOST_FACET_VALUES, SearchContext, marks
from search.embedded.collect.counting import count_instants, span
from search.embedded.collect.finding import find, page_of, rows_of_all
from search.embedded.collect.gathering import Order, facet_counts
from search.embedded.collect.ranking import RELEVANCE
from search.embedded.execute.matches import frozen
from search.embedded.fetch.hits import WHOLE, HitExtras
from search.embedded.reader import IndexView
from search.query.matching import mode_of
from search.query.nodes import Node, Nothing, Should, Word
from search.similarity.similar import LEAST_LIKENESS, SIMILAR_WORDS, similar
from search.suggestions.vocabulary import SnapshotVocabulary

MOST_BARS = 1_000
MOST_SPARKLINES = 100
MOST_RELATED = 100

_BATCH = 64


def facet_page(
    asked: SearchContext, name: str, contains: str, offset: int, size: int, by: str
) -> Facet:
    """Return values [offset, offset + size) of a facet; `distinct` is of those that `contains`."""
    if name not in FACETS:
        raise BadRequestError(f"There is no facet '{name[:80]}': use one of {', '.join(FACETS)}.")
    if by not in ("count", "value"):
        raise BadRequestError("Values are listed by count or by value.")
    if offset < 0 or not 0 <= size <= MOST_FACET_VALUES:
        raise BadRequestError(f"A page of a facet has 0 to {MOST_FACET_VALUES} values.")
    request = asked.request
    if name not in request.facets:
        request = replace(request, facets=(*request.facets, name))
        asked = SearchContext(request, asked.searcher)
    gathered = find(asked, asked.compile(mode_of(request)), scored=False).counted
    values, counts = facet_counts(gathered, name)
    wanted = fold(contains)
    chosen = marks(request, name)
    found = []
    for place in np.flatnonzero(counts).tolist():
        value = values(place)
        key = value if name in PERIODS else fold_value(value)
        if wanted in key:
            mark = chosen.get(key)
            found.append((FacetValue(value, int(counts[place]), mark is False, mark is True), key))
    if by == "count":
        found.sort(key=lambda pair: (-pair[0].count, pair[1]))
    page = tuple([value for value, _ in found[offset : offset + size]])
    return Facet(name, page, len(found))


def versions_of(asked: SearchContext, article_id: str) -> tuple[Hit, ...]:
    """Return every version of a story, oldest first, undated ones last; the article alone if so."""
    reader = asked.reader
    place = reader.find(article_id)
    if place is None:
        return ()
    clusters = reader.clusters
    number = int(clusters[1][place[0]][place[1]]) if clusters else 0
    if not number or clusters is None:
        return (asked.searcher.columns.hit(*place),)
    found = []
    for leaf in reader.leaves:
        docs = np.flatnonzero(clusters[1][leaf.number] == number)
        if leaf.live.size:
            docs = docs[leaf.live[docs] != 0]
        for doc in docs.tolist():
            date = int(leaf.segment.dates[doc])
            found.append((date if date > -(1 << 63) else 1 << 63, leaf.number, doc))
    cluster = f"{reader.cluster_ids[number]:016x}"
    return tuple(
        [
            asked.searcher.columns.hit(leaf, doc, HitExtras(cluster=cluster, versions=len(found)))
            for _, leaf, doc in sorted(found)
        ]
    )


def related_to(asked: SearchContext, article_id: str, size: int) -> tuple[Hit, ...]:
    """Return the hits of the query that an article makes, without the versions of it."""
    reader = asked.reader
    place = reader.find(article_id)
    if place is None or not 1 <= size <= MOST_RELATED:
        return ()
    article = article_from(reader.stored([place])[0])
    node: Node = similar(article, SnapshotVocabulary(reader))
    if isinstance(node, Nothing):  # no word tells it apart: those of its title have to do
        words = [token.text for token in tokenise(article.title)[:SIMILAR_WORDS]]
        node = Should(tuple([Word(word) for word in words]))
    compiled = asked.searcher.compile(node, "any")
    gathered = asked.searcher.gather(compiled.plan, [], True, asked.deadline)
    clusters = reader.clusters
    own = int(clusters[1][place[0]][place[1]]) if clusters else 0
    kept = gathered.best(size + 2, Order(RELEVANCE), collapse=True)
    scores = kept[:, 0].astype(np.int32).view(np.float32)
    itself = kept[:, 3] == (place[0] << 32 | place[1])
    alike = ~itself & (scores >= LEAST_LIKENESS * scores[itself].max(initial=0.0))
    found = []
    for row in kept[alike].tolist():
        leaf, doc = row[3] >> 32, row[3] & 0xFFFFFFFF
        if not (own and clusters and int(clusters[1][leaf][doc]) == own):
            found.append(row)
    return asked.searcher.columns.hits(found[:size], [WHOLE] * size)


def neighbours_of(asked: SearchContext, article_id: str) -> tuple[Hit | None, Hit | None]:
    """Return the hits before and after an article in a result, None at its ends and beyond it.

    Looked for among the first `DEEPEST` hits.
    """
    place = asked.reader.find(article_id)
    if place is None:
        return None, None
    asked = SearchContext(replace(asked.request, page=1, size=DEEPEST, after=""), asked.searcher)
    compiled = asked.compile(mode_of(asked.request))
    rows = page_of(asked, find(asked, compiled), None).rows
    wanted = place[0] << 32 | place[1]
    at = next((i for i, row in enumerate(rows) if row[3] == wanted), None)
    if at is None:
        return None, None

    def hit(index: int) -> Hit | None:
        if not 0 <= index < len(rows):
            return None
        where = rows[index][3]
        return asked.searcher.columns.hit(where >> 32, where & 0xFFFFFFFF)

    return hit(at - 1), hit(at + 1)


def scan_places(asked: SearchContext) -> Iterator[list[tuple[int, int]]]:
    """Yield batches of (leaf, document) of all matches, in the request's order.

    Takes 32 bytes a match, none of the articles. There is no deadline for it.
    """
    for rows in rows_of_all(asked):
        for start in range(0, len(rows), _BATCH):
            places = rows[start : start + _BATCH, 3].tolist()
            yield [(place >> 32, place & 0xFFFFFFFF) for place in places]


def newcomers(reader: IndexView, after: int, until: int) -> Iterator[tuple[int, Article]]:
    """Yield the articles that came in a time, see `Engine.newcomers`. Takes 24 bytes an article."""
    rows = []
    for leaf in reader.leaves:
        came = leaf.segment.added
        new = (came > after) & (came <= until)
        if leaf.live.size:
            new &= leaf.live != 0
        docs = np.flatnonzero(new)
        rows.append(np.stack([came[docs], np.full(len(docs), leaf.number), docs], axis=1))
    found = np.concatenate(rows) if rows else np.zeros((0, 3), np.int64)
    found = found[np.lexsort(found.T[::-1])]
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH].tolist()
        articles = reader.stored([(leaf, doc) for _, leaf, doc in batch])
        for (at, _, _), article in zip(batch, articles, strict=True):
            yield at, article_from(article)


def sparklines(
    reader: IndexView, name: str, values: Sequence[str], bars: int
) -> Mapping[str, Sparkline]:
    """Return the sparklines of a facet's values, see `Engine.sparklines`."""
    if name not in FACETS or name in PERIODS:
        raise BadRequestError(f"There are no sparklines of '{name[:80]}'.")
    if not 1 <= bars <= MOST_BARS or len(values) > MOST_SPARKLINES:
        raise BadRequestError(f"At most {MOST_SPARKLINES} values and {MOST_BARS} bars at once.")
    facet = reader.facet(name)
    found = {}
    for value in values:
        dated = []
        for leaf, ordinal in zip(reader.leaves, facet.find(fold_value(value)), strict=True):
            docs = facet.docs(leaf.number, ordinal)
            if leaf.live.size:
                docs = frozen(docs[leaf.live[docs] != 0])
            low, high = span(docs, leaf.segment.dates)
            if low <= high:
                dated.append((docs, leaf.segment.dates, low, high))
        if not dated:
            continue
        first, last = min(part[2] for part in dated), max(part[3] for part in dated)
        width = -(-(last - first + 1) // bars)
        edges = frozen(first + np.arange(bars + 1, dtype=np.int64) * width)
        counts = np.zeros(bars, np.int64)
        for docs, dates, _, _ in dated:
            count_instants(docs, dates, edges, counts)
        found[value] = Sparkline(
            datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC),
            tuple(counts.tolist()),
        )  # fmt: skip
    return found
