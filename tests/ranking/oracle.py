"""A slow and obvious reading of the query language over articles: matches, scores, order, facets.

It shares the analyser and the query nodes with the engine and nothing else: no arrays, no
segments, no statistics but plain counting over all articles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from whoosh.matching import Matcher
from whoosh.query import Query, WrappingQuery

from corpus.core.article import Article
from corpus.core.fields import PREFIXES, PRINTED, WEIGHTS
from corpus.core.stated_date import end_of
from indexer.analysis.analyser import (
    LENGTHS,
    analysed,
    cased,
    encode_length,
    fold,
    fold_value,
    term,
    tokenise,
)
from indexer.analysis.stop_words import stop_words
from indexer.store.snapshot import Leaf, Snapshot
from search.embedded.rescore.scoring import PLAIN, Scoring
from search.query.building import is_filter
from search.query.matching import spellings
from search.query.nodes import (
    And,
    Boost,
    Cased,
    DateRange,
    Everything,
    Fuzzy,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Should,
    Value,
    Wildcard,
    Word,
)

BETWEEN_PARAGRAPHS, BETWEEN_PARTS = 8, 32


class InMatchers(WrappingQuery):
    """A query that is left to Whoosh's matchers, with how many bare words must match."""

    def __init__(self, child: Query, match: str = "all") -> None:
        super().__init__(child)
        self.match = match

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        return self.child.matcher(searcher, (context or searcher.context()).set(match=self.match))


class Memory:
    """Snapshots that were made by hand, as something that an engine can be opened on."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.current = snapshot
        self.newer: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        return self.current

    def take_up(self) -> bool:
        if self.newer is None:
            return False
        self.current, self.newer = self.newer, None
        return True

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Occurrence:
    word: str
    stem: str
    position: int
    part: str
    beside: bool = False


def read(article: Article) -> list[Occurrence]:
    """Return every word of an article with its position in the space of ``text``."""
    found = []
    position = 0
    begun = False
    for part in WEIGHTS:
        value = getattr(article, part)
        texts = [value] if isinstance(value, str) else list(value)
        if not "".join(texts) and len(texts) < 2:
            continue
        if begun:
            position += BETWEEN_PARTS
        begun = True
        for number, text in enumerate(texts):
            if number:
                position += BETWEEN_PARAGRAPHS
            language = "" if part in ("authors", "place", "source") else article.language
            for token, further in analysed(text, language):
                for word, form in further:
                    root = term(word, language)
                    found.append(Occurrence(form, root, position, part, beside=True))
                root = term(token.text, language)
                found.append(Occurrence(token.text, root, position, part))
                position += 1
    return found


def edits(one: str, other: str) -> int:
    """Return the distance with transpositions of neighbours (optimal string alignment)."""
    columns = range(len(other) + 1)
    table = [[i + j if not i * j else 0 for j in columns] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def like(word: str, pattern: str) -> bool:
    """Match ``*`` and ``?`` by recursion."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return like(word, pattern[1:]) or (bool(word) and like(word[1:], pattern))
    return bool(word) and pattern[0] in ("?", word[0]) and like(word[1:], pattern[1:])


class Oracle:
    """Answers trees over the live articles."""

    def __init__(self, articles: Sequence[Article], scoring: Scoring = PLAIN) -> None:
        self.articles = {article.id: article for article in articles}
        self.scoring = scoring
        self.words = {article.id: read(article) for article in articles}
        self.codes = sorted({article.language for article in articles}) or [""]
        self.lengths = {
            field: {key: self._length(key, field) for key in self.articles}
            for field in ("text", "title", "lead")
        }
        n = max(len(self.articles), 1)
        self.averages = {field: sum(of.values()) / n for field, of in self.lengths.items()}
        self.frequencies = {field: self._frequencies(field) for field in ("", "title", "lead")}

    def _length(self, key: str, field: str) -> float:
        words = self.words[key]
        if field == "text":
            total = sum(WEIGHTS[word.part] for word in words if not word.beside)
        else:
            total = sum(1 for word in words if word.part == field and not word.beside)
        return float(LENGTHS[encode_length([total])[0]])

    def search(self, node: Node, match: str) -> dict[str, float]:
        """Return the score of each article that matches."""
        found = {}
        for key in self.articles:
            score = self.score(node, match, key, 1.0)
            if score is not None:
                found[key] = score
        return found

    # -- one article -----------------------------------------------------------------------------

    def score(self, node: Node, match: str, key: str, boost: float) -> float | None:
        article = self.articles[key]
        match node:
            case Everything():
                return 0.0
            case Nothing():
                return None
            case Word(text, field, exact):
                scores = [self.phrase(text, field, 0, key, boost, exact)]
                scores += [self.score(other, match, key, boost) for other in spellings(node)]
                found = [score for score in scores if score is not None]
                return sum(found) if found else None
            case Phrase(text, field, slop, exact):
                return self.phrase(text, field, slop, key, boost, exact and not slop)
            case Cased(text):
                return self.cased(text, key, boost)
            case Prefix(text, field) if field in PREFIXES:
                return self.values_like(text + "*", field, article)
            case Wildcard(pattern, field) if field in PREFIXES:
                return self.values_like(pattern, field, article)
            case Prefix(text, field):
                return self.forms(lambda word: like(word, fold(text) + "*"), field, key, boost)
            case Wildcard(pattern, field):
                return self.forms(lambda word: like(word, fold(pattern)), field, key, boost)
            case Fuzzy(text, distance, field):
                return self.forms(
                    lambda word: edits(fold(text), word) <= distance, field, key, boost
                )
            case Value(text, field):
                return 0.0 if fold_value(text) in self.keys(field, article) else None
            case DateRange(start, end):
                if article.published is None:
                    return None
                at = article.published.start(UTC).timestamp()
                last = end_of(article.published, UTC)
                inside = (start is None or at >= start) and (end is None or last <= end)
                return 0.0 if inside else None
            case Not(part):
                return None if self.is_excluded(part, match, key) else 0.0
            case Boost(part, factor):
                return self.score(part, match, key, boost * factor)
            case And(subqueries=parts):
                return self.at_least(parts, len(parts), match, key, boost)
            case Or(subqueries=parts):
                return self.at_least(parts, 1, match, key, boost)
            case Should():
                return self.should(node, match, key, boost)
        raise AssertionError(node)

    def at_least(
        self, parts: Sequence[Node], least: int, match: str, key: str, boost: float
    ) -> float | None:
        scores = [self.score(part, match, key, boost) for part in parts]
        found = [score for score in scores if score is not None]
        return sum(found) if len(found) >= least else None

    def should(self, node: Should, match: str, key: str, boost: float) -> float | None:
        parts = [part for part in node.parts if not self.is_stop(part, key)] or list(node.parts)
        if any(self.is_excluded(part, match, key) for part in node.excluded):
            return None
        required = self.at_least(node.required, len(node.required), match, key, boost)
        if required is None:
            return None
        scored = any(not is_filter(part) for part in node.required)
        least = len(parts)
        if match == "any":
            least = 0 if scored else min(1, len(parts))
        if not parts:
            return required
        bag = self.at_least(parts, least, match, key, boost)
        return None if bag is None else bag + required

    def is_excluded(self, part: Node, match: str, key: str) -> bool:
        """What is left out is looked for in what is printed, not in labels."""
        words = self.words[key]
        self.words[key] = [word for word in words if word.part in PRINTED]
        found = self.score(part, match, key, 1.0) is not None
        self.words[key] = words
        return found

    def is_stop(self, part: Node, key: str) -> bool:
        if not isinstance(part, Word) or part.exact or part.fieldname:
            return False
        return fold(part.text) in stop_words(self.articles[key].language)

    # -- words -----------------------------------------------------------------------------------

    def stems(self, word: str) -> set[str]:
        return {word, *[term(word, code) for code in self.codes]}

    def _frequencies(self, part: str) -> Counter[str]:
        """Return how many articles have each stem, in a part or anywhere."""
        return Counter(
            root
            for words in self.words.values()
            for root in {w.stem for w in words if not part or w.part == part}
        )

    def frequency(self, root: str, field: str) -> int:
        return self.frequencies[field if field in ("title", "lead") else ""][root]

    def term(self, word: str, field: str, key: str, boost: float, exact: bool) -> float | None:
        """Return BM25 of one word in one article."""
        roots = self.stems(word)
        here = [w for w in self.words[key] if w.stem in roots and (field == "" or w.part == field)]
        if not here or (exact and all(w.word != word for w in here)):
            return None
        frequency = sum(self.frequency(root, field) for root in roots)
        n = len(self.articles)
        frequency = min(frequency, n)
        idf = math.log(1 + (n - frequency + 0.5) / (frequency + 0.5))
        column = field if field in ("title", "lead") else "text"
        tf = 0
        for root in roots:
            own = [w for w in here if w.stem == root]
            tf += min(sum(WEIGHTS[w.part] if field == "" else 1 for w in own), 255)
        tf = min(tf, 255)
        lengths = self.lengths[column]
        average = self.averages[column]
        k1, b = self.scoring.k1, self.scoring.b
        score = idf * (k1 + 1) * tf / (tf + k1 * (1 - b + b * lengths[key] / average))
        inexact = not self.has_form(lambda one: one == word, here, field, key)
        return boost * score * (1 - self.scoring.inexact if inexact else 1)

    def phrase(
        self, text: str, field: str, slop: int, key: str, boost: float, exact: bool
    ) -> float | None:
        words = [token.text for token in tokenise(text)]
        if not words:
            return None
        if len(words) == 1:
            return self.term(words[0], field, key, boost, exact)
        places = [
            [
                w.position
                for w in self.words[key]
                if w.stem in self.stems(word)
                and (field == "" or w.part == field)
                and (not exact or w.word == word)
            ]
            for word in words
        ]
        if not self.near(places, slop):
            return None
        scores = [self.phrase_term(word, field, key, boost) for word in words]
        return sum(scores)

    def cased(self, text: str, key: str, boost: float) -> float | None:
        """Words side by side with their capitals."""
        wanted = [cased(text[one.start : one.end]) for one in tokenise(text)]
        article = self.articles[key]
        for part in dict.fromkeys(word.part for word in self.words[key]):
            value = getattr(article, part)
            for one in (value,) if isinstance(value, str) else value:
                found = [cased(one[token.start : token.end]) for token in tokenise(one)]
                if any(found[at : at + len(wanted)] == wanted for at in range(len(found))):
                    return self.phrase(text, "", 0, key, boost, True)
        return None

    def phrase_term(self, word: str, field: str, key: str, boost: float) -> float:
        """Return a phrase word's score; that of ``body`` is the score in ``text``."""
        score = self.term(word, "" if field == "body" else field, key, boost, False)
        assert score is not None
        return score

    def near(self, places: list[list[int]], slop: int) -> bool:
        if not slop:
            return any(
                all(start + i in found for i, found in enumerate(places)) for start in places[0]
            )
        reach = len(places) + slop
        starts = {position for found in places for position in found}
        return any(
            self.distinct([[p for p in found if start <= p < start + reach] for found in places])
            for start in starts
        )

    def distinct(self, places: list[list[int]]) -> bool:
        """Whether each word can have a position of its own."""
        if not places:
            return True
        return any(
            self.distinct([[q for q in other if q != p] for other in places[1:]]) for p in places[0]
        )

    def forms(self, test: object, field: str, key: str, boost: float) -> float | None:
        here = [w for w in self.words[key] if field == "" or w.part == field]
        return boost if any(test(w.word) for w in here) else None  # type: ignore[operator]

    def has_form(self, test: object, here: list[Occurrence], field: str, key: str) -> bool:
        """Whether one of the words is written so; how much a form in ``body`` weighs is decided
        for the whole article."""
        if field == "body":
            stems = {w.stem for w in here}
            here = [w for w in self.words[key] if w.stem in stems]
        return any(test(w.word) for w in here)  # type: ignore[operator]

    # -- values ----------------------------------------------------------------------------------

    def values(self, facet: str, article: Article) -> list[str]:
        found = getattr(article, facet)
        return list(found) if isinstance(found, tuple) else [found] if found else []

    def keys(self, field: str, article: Article) -> set[str]:
        return {fold_value(value) for value in self.values(PREFIXES[field], article)}

    def values_like(self, pattern: str, field: str, article: Article) -> float | None:
        wanted = " ".join(fold(pattern).split())
        return 0.0 if any(like(key, wanted) for key in self.keys(field, article)) else None

    # -- results ---------------------------------------------------------------------------------

    def ordered(self, scores: dict[str, float], sort: str) -> list[str]:
        """Return ids in the order that is promised: score or date, then date, then id."""

        def key(article_id: str) -> tuple[float, float, str]:
            published = self.articles[article_id].published
            newest = -published.start(UTC).timestamp() if published else math.inf
            if sort == "oldest":
                return 0.0, -newest if published else math.inf, article_id
            score = -scores[article_id] if sort == "relevance" else 0.0
            return score, newest, article_id

        return sorted(scores, key=key)

    def counts(self, ids: Sequence[str], facet: str) -> Counter[str]:
        """Return how many articles have each value, by its folded key."""
        found: Counter[str] = Counter()
        for key in ids:
            article = self.articles[key]
            if facet in ("year", "month", "day"):
                size = {"year": 4, "month": 7, "day": 10}[facet]
                if article.published and len(article.published) >= size:
                    found[article.published[:size]] += 1
            else:
                found.update({fold_value(value) for value in self.values(facet, article)})
        return found


def snapshot_of(
    groups: Sequence[Sequence[Article]], removed: Sequence[str] = (), generation: int = 1
) -> tuple[Snapshot, list[Article]]:
    """Return a snapshot with a segment a group, and its live articles.

    An article that occurs again in a later group was replaced; `removed` were taken out.
    """
    import numpy as np

    from indexer.write.invert import build_segment

    last = {article.id: number for number, group in enumerate(groups) for article in group}
    leaves = []
    alive: list[Article] = []
    for number, group in enumerate(groups):
        own = {article.id: article for article in group}
        segment = build_segment(list(own.values()), f"segment-{number}")
        live = np.array([last[key] == number and key not in removed for key in own], np.bool_)
        alive += [one for one, kept in zip(own.values(), live, strict=True) if kept]
        leaves.append(Leaf(segment, None if live.all() else live, int(live.sum())))
    return Snapshot(generation=generation, leaves=tuple(leaves)), alive
