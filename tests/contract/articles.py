"""An invented archive for the engine contract, and a slow reader of query trees over it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from corpus.core.article import Article, make_id
from corpus.core.fields import PREFIXES, PRINTED, WEIGHTS
from corpus.core.stated_date import StatedDate, end_of
from indexer.analysis.analyser import analysed, cased, fold, fold_value, term, tokenise
from indexer.analysis.stop_words import stop_words
from search.query.building import is_filter
from search.query.matching import spellings
from search.query.nodes import (
    And,
    Boost,
    Cased,
    DateRange,
    Everything,
    Fuzzy,
    Near,
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

NOUNS = (
    "harbour bridge ferry strike council mayor budget storm river festival museum theft trial "
    "judge hospital school teacher tram factory union orchard lighthouse library orchestra match "
    "goalkeeper election ballot reservoir railway quarry bakery market auction archive cathedral"
).split()
VERBS = "opens closes delays defends rejects praises repairs funds sells plans votes runs".split()
GERMAN = "Hafen Brücke Streik Bürgermeister Haushalt Sturm Fluss Museen Häuser Wahlen".split()
TAGS = ("Harbour", "Elections", "Côte d'Azur", "Storm Ada", "Courts", "Rail", "Schools", "Arts")
TOPICS = ("Bridge inquiry", "Ferry dispute", "Winter storms", "")
SECTIONS = ("Local", "Sport", "Culture", "Money")
SOURCES = ("Harrow Courier", "Eastern Post", "Meridian Wire")
AUTHORS = ("Ines Calder", "Tom Okafor", "Lena Ferris", "José Núñez")


_LETTERS = str.maketrans("0123456789", "aeioulmnrs")


def make_articles(count: int, seed: int = 7) -> list[Article]:
    """Return invented articles; the same ones for the same seed."""
    chance = random.Random(seed)
    made: list[Article] = []
    start = datetime(2021, 3, 1, 6, tzinfo=UTC)
    for number in range(count):
        german = number % 9 == 0
        words = GERMAN if german else NOUNS

        def sentence(words: list[str] = words, german: bool = german) -> str:
            verb = "trifft" if german else chance.choice(VERBS)
            the = "der" if german else "the"
            picked = chance.choices(words, weights=[1 / (n + 1) for n in range(len(words))], k=3)
            return f"{the.capitalize()} {picked[0]} {verb} {the} {picked[1]} {picked[2]}."

        village = f"{chance.choice(('Ald', 'Brox', 'Cul', 'Dun', 'Esk'))}{number % 40:02d}wick"
        moment = StatedDate.of(start + timedelta(hours=chance.randrange(24 * 900)))
        length = 4 if number % 29 == 8 else 7 if number % 23 == 7 else 10 if number % 7 == 3 else 25
        published = StatedDate(moment[:length])
        url = f"https://courier.example/{number}"
        made.append(
            Article(
                id=make_id(url=url),
                url=url,
                title=sentence()[:-1],
                lead=sentence() if number % 3 else "",
                body=(
                    *(" ".join((sentence(), sentence())) for _ in range(chance.randrange(1, 5))),
                    f"They came from {village.translate(_LETTERS)}.",
                ),
                published=None if number % 17 == 5 else published,
                date_source="meta",
                section=chance.choice(SECTIONS),
                topic=chance.choice(TOPICS),
                tags=tuple(chance.sample(TAGS, chance.randrange(4))),
                authors=tuple(chance.sample(AUTHORS, chance.randrange(3))),
                source=chance.choice(SOURCES),
                place=chance.choice(("Harrow Bay", "")),
                places=tuple(chance.sample(("uk", "france", "ivory-coast"), chance.randrange(3))),
                language="de" if german else "en",
            )
        )
    return made


def make_stories(count: int = 4, seed: int = 11) -> list[Article]:
    """Return wire stories in three versions each: whole, under another title, cut short."""
    chance = random.Random(seed)
    made: list[Article] = []
    for number in range(count):
        invented = [f"{chance.choice(NOUNS)}{chance.choice('aeiou')}{n}x" for n in range(400)]
        sentences = [
            f"The {' '.join(chance.sample(invented, 9))} {chance.choice(VERBS)} the {word}."
            for word in NOUNS
        ]
        start = datetime(2022, 4, 3 + number, 8, tzinfo=UTC)
        for version, size in enumerate((len(sentences), len(sentences), len(sentences) * 6 // 10)):
            url = f"https://outlet{version}.example/wire/{number}"
            body = sentences[:size]
            made.append(
                Article(
                    id=make_id(url=url),
                    url=url,
                    title=f"Wire story {number}" if not version else f"Wireless {number}",
                    body=tuple(" ".join(body[at : at + 4]) for at in range(0, size, 4)),
                    published=StatedDate.of(start + timedelta(hours=version)),
                    date_source="meta",
                    section="Wire",
                    source=SOURCES[version],
                    tags=("Rail",),
                    language="en",
                )
            )
    return made


class Reader:
    """Answers query trees by reading every article: slow and obvious."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = list(articles)
        self.languages = sorted({article.language for article in self.articles})
        self.names = tuple(WEIGHTS)
        self.parts = {article.id: self._parts(article) for article in self.articles}

    @staticmethod
    def _parts(article: Article) -> dict[str, list[list[str]]]:
        values = {name: getattr(article, name) for name in WEIGHTS}
        pieces = {
            name: [value] if isinstance(value, str) else list(value)
            for name, value in values.items()
        }
        return {
            name: [[token.text for token in tokenise(text)] for text in texts]
            for name, texts in pieces.items()
        }

    def matching(self, node: Node, mode: str = "all") -> set[str]:
        """Return the ids of the articles that match."""
        return {article.id for article in self.articles if self.matches(article, node, mode)}

    def matches(self, article: Article, node: Node, mode: str = "all") -> bool:
        """Say whether an article matches."""
        match node:
            case Everything():
                return True
            case Nothing():
                return False
            case Not(part):
                return not self._is_excluded(article, part, mode)
            case Boost(part):
                return self.matches(article, part, mode)
            case And(subqueries=parts):
                return all(self.matches(article, part, mode) for part in parts)
            case Or(subqueries=parts):
                return any(self.matches(article, part, mode) for part in parts)
            case DateRange(start, end):
                if article.published is None:
                    return False
                at = article.published.start(UTC).timestamp()
                last = end_of(article.published, UTC)
                return (start is None or at >= start) and (end is None or last <= end)
            case Value(text, field):
                return fold_value(text) in self._values(article, field)
            case Should(parts, required, excluded):
                stops = stop_words(article.language)
                bag = [
                    p for p in parts
                    if not (isinstance(p, Word) and not p.fieldname and fold(p.text) in stops)
                ]  # fmt: skip
                parts = tuple(bag) or parts
                if not all(self.matches(article, part, mode) for part in required):
                    return False
                if any(self._is_excluded(article, part, mode) for part in excluded):
                    return False
                hits = [self.matches(article, part, mode) for part in parts]
                if mode == "any" and not all(is_filter(part) for part in required):
                    return True
                return not hits or (all(hits) if mode == "all" else any(hits))
            case Word(text, field, exact):
                return self._near(article, text, field, 0, exact) or any(
                    self.matches(article, other, mode) for other in spellings(node)
                )
            case Phrase(text, field, slop, exact):
                return self._near(article, text, field, slop, exact=exact and not slop)
            case Cased(text):
                wanted = [cased(text[one.start : one.end]) for one in tokenise(text)]
                return any(
                    found[at : at + len(wanted)] == wanted
                    for found in self._cased(article)
                    for at in range(len(found))
                )
            case Prefix(text, field):
                return self._like(article, field, lambda word: word.startswith(fold(text)))
            case Wildcard(pattern, field):
                rule = "".join(
                    {"*": ".*", "?": "."}.get(char, re.escape(char)) for char in fold(pattern)
                )
                return self._like(article, field, lambda word: bool(re.fullmatch(rule, word)))
            case Fuzzy(text, distance, field):
                goal = fold(text)
                return self._like(article, field, lambda word: edits(goal, word) <= distance)
            case Near(parts, slop):
                first = parts[0].subqueries[0] if isinstance(parts[0], Or) else parts[0]
                field = first.fieldname
                for words, own in self._texts(article, field):
                    places = [
                        [n for n, word in enumerate(words) if self._is(word, part, own)]
                        for part in parts
                    ]
                    if all(places) and _spread(places, slop):
                        return True
                return False
        raise AssertionError(node)

    def _is(self, word: str, part: Node, language: str) -> bool:
        """Say whether a word of a text is what a part of nearness stands for."""
        match part:
            case Or(subqueries=parts):
                return any(self._is(word, one, language) for one in parts)
            case Word(text, _, exact):
                (wanted,) = [token.text for token in tokenise(text)]
                return word == wanted if exact else term(word, language) == term(wanted, language)
            case Prefix(text):
                return word.startswith(fold(text))
        raise AssertionError(part)

    def _values(self, article: Article, field: str) -> set[str]:
        value = getattr(article, PREFIXES[field])
        return {fold_value(v) for v in ((value,) if isinstance(value, str) else value) if v}

    def _like(self, article: Article, field: str, rule: object) -> bool:
        assert callable(rule)
        if field in PREFIXES:
            return any(rule(value) for value in self._values(article, field))
        return any(rule(word) for text, _ in self._texts(article, field) for word in text)

    def _texts(self, article: Article, field: str) -> list[tuple[list[str], str]]:
        """Return the words of each text with the language that they are stemmed in."""
        parts = self.parts[article.id]
        names = [field] if field else self.names
        return [(text, _language(article, name)) for name in names for text in parts[name]]

    def _cased(self, article: Article) -> Iterator[list[str]]:
        """Yield the words of each text of an article with their capitals."""
        for name in self.names:
            value = getattr(article, name)
            for text in (value,) if isinstance(value, str) else value:
                yield [cased(text[one.start : one.end]) for one in tokenise(text)]

    def _is_excluded(self, article: Article, part: Node, mode: str) -> bool:
        """What is left out is looked for in what is printed, not in labels."""
        self.names = PRINTED
        found = self.matches(article, part, mode)
        self.names = tuple(WEIGHTS)
        return found

    def _beside(self, article: Article, field: str) -> set[str]:
        """Return the terms that stand beside words, as the closed spelling of hyphenated ones."""
        found = set()
        for name in [field] if field else self.names:
            value = getattr(article, name)
            for text in (value,) if isinstance(value, str) else value:
                for _, further in analysed(text, _language(article, name)):
                    found |= {term(word, _language(article, name)) for word, _ in further}
        return found

    def _near(self, article: Article, text: str, field: str, slop: int, exact: bool) -> bool:
        wanted = [token.text for token in tokenise(text)]
        if not wanted:
            return True
        beside = self._beside(article, field) if len(wanted) == 1 and not exact else set()
        if beside & {wanted[0], term(wanted[0], article.language)}:
            return True
        for words, own in self._texts(article, field):
            stems = words if exact else [term(word, own) for word in words]
            forms = wanted if exact else [term(word, own) for word in wanted]
            places = [[n for n, s in enumerate(stems) if s == form] for form in forms]
            if all(places) and _spread(places, slop):
                return True
        return False


def _language(article: Article, name: str) -> str:
    """Return the language that a part is stemmed in: none for names."""
    return "" if name in ("authors", "place", "source") else article.language


def _spread(places: list[list[int]], slop: int) -> bool:
    """Say whether one place each can be chosen within a window of their number plus slop."""

    def choose(rest: list[list[int]], chosen: list[int]) -> bool:
        if not rest:
            if not slop:
                return all(b == a + 1 for a, b in pairwise(chosen))
            return max(chosen) - min(chosen) + 1 <= len(chosen) + slop
        return any(choose(rest[1:], [*chosen, place]) for place in rest[0] if place not in chosen)

    return choose(places, [])


def edits(one: str, two: str) -> int:
    """Return the number of edits between words, neighbours exchanged counting one."""
    rows = [list(range(len(two) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def counts(articles: Iterable[Article], name: str) -> Counter[str]:
    """Count a facet's values by key."""
    counter: Counter[str] = Counter()
    for article in articles:
        if name in ("year", "month", "day"):
            length = {"year": 4, "month": 7, "day": 10}[name]
            if article.published is not None and len(article.published) >= length:
                counter[article.published[:length]] += 1
            continue
        value = getattr(article, name)
        values = (value,) if isinstance(value, str) else value
        counter.update({fold_value(v) for v in values if v})
    return counter
