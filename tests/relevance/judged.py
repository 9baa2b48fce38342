"""Judged collections of several kinds, made from open news corpora, always the same ones.

`collections` yields them. In most of them an *event* is the stories of Reuters-21578 with the same
subjects and places within two days of one another: one of its stories is taken out of the
collection and turned into the query, the others are what is relevant. Others take needs that were
written by hand (`needs.NEEDS`), or ask for the rest of a story by its beginning. What they share is
that relevance never comes from the words of the text.

They differ in what may make a ranking good or bad: short and long articles, 450 to 4,000 of them,
with and without headlines, with and without capitals, queries of 5 to 80 words. What helps on one
kind only is no improvement.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

from relevance.needs import NEEDS

from corpus.core.article import Article
from corpus.reading import read
from search.evaluation.files import Judgment, Topic

APART = timedelta(days=2)
"""Stories of an event follow one another within this time."""

MOST_QUERIES = 150
"""Queries of a collection: enough for differences of 1% to show."""

_BROAD = {"earn", "acq"}
_UNASKED = re.compile(r"[^A-Za-z0-9 .,]")


@dataclass(frozen=True, slots=True)
class Judged:
    """A collection: its articles, what is asked, and which articles answer it."""

    name: str
    articles: tuple[Article, ...]
    topics: tuple[Topic, ...]
    judgments: tuple[Judgment, ...]


@cache
def stories(shared: Path) -> tuple[Article, ...]:
    """Return the articles of Reuters-21578 in their order, those sent again left out.

    The agency repeated stories under the same headline; they would be found by anything.
    """
    titles: set[str] = set()
    found = []
    for article in read([str(shared / "reuters21578")], on_skip=lambda skip: None):
        title = re.sub("[^A-Z]", "", article.title.upper().removesuffix(" - CORRECTED"))[:40]
        if title and title not in titles:
            titles.add(title)
            found.append(article)
    return tuple(found)


def _start(article: Article) -> datetime:
    assert article.published is not None  # only dated stories belong to events
    return article.published.start(UTC)


def _size(article: Article) -> int:
    return sum(map(len, article.body)) + len(article.body)


def _events(articles: Sequence[Article], least: int, most: int) -> list[list[int]]:
    """Return the events, each the indices of its stories, the oldest first."""
    groups: dict[tuple[frozenset[str], frozenset[str]], list[int]] = defaultdict(list)
    for number, article in enumerate(articles):
        subjects = frozenset(article.tags) - _BROAD
        if subjects and article.places and article.published:
            groups[subjects, frozenset(article.places)].append(number)
    found = []
    for numbers in groups.values():
        numbers.sort(key=lambda number: (_start(articles[number]), number))
        current = numbers[:1]
        for one, other in pairwise(numbers):
            if _start(articles[other]) - _start(articles[one]) > APART:
                found.append(current)
                current = []
            current.append(other)
        found.append(current)
    return [event for event in found if least <= len(event) <= most]


def _bare(article: Article) -> Article:
    """Return an article without what the judgments were made from."""
    return replace(article, tags=(), places=(), people=(), orgs=(), exchanges=(), topic="")


def _capitals(article: Article) -> Article:
    return replace(article, title="", body=tuple([part.upper() for part in article.body]))


def _of_events(
    name: str, pool: Sequence[Article], size: int, ask: Callable[[Article], str], seed: int,
    changed: Callable[[Article], Article] = lambda article: article, least: int = 3, most: int = 12,
) -> Judged:  # fmt: skip
    """Return a collection in which the first story of each event asks for the others."""
    chance = random.Random(seed)
    events = [event for event in _events(pool, least, most) if ask(pool[event[0]])]
    chance.shuffle(events)
    # At most a half of a collection is relevant to something.
    kept: list[list[int]] = []
    room = size // 2
    for event in events[:MOST_QUERIES]:
        room -= len(event) - 1
        if room >= 0:
            kept.append(event)
    asking = {event[0] for event in kept}
    relevant = {number for event in kept for number in event[1:]}
    rest = [n for n in range(len(pool)) if n not in relevant and n not in asking]
    chance.shuffle(rest)
    chosen = sorted([*relevant, *rest[: size - len(relevant)]])
    topics = [Topic(str(n), {"title": ask(pool[event[0]])}) for n, event in enumerate(kept, 1)]
    judgments = [
        Judgment(str(n), pool[number].id, 1) for n, event in enumerate(kept, 1)
        for number in event[1:]
    ]  # fmt: skip
    articles = tuple([_bare(changed(pool[number])) for number in chosen])
    return Judged(name, articles, tuple(topics), tuple(judgments))


def _of_needs(
    name: str, pool: Sequence[Article], size: int, most: int, seed: int,
    changed: Callable[[Article], Article] = lambda article: article,
) -> Judged:  # fmt: skip
    """Return a collection for the written needs, with `most` relevant articles to each or fewer."""
    chance = random.Random(seed)
    order = list(range(len(pool)))
    chance.shuffle(order)
    found: dict[int, list[int]] = {n: [] for n in range(len(NEEDS))}
    dropped: set[int] = set()
    kept: set[int] = set()
    for number in order:
        article = pool[number]
        for n, (_, tags, places) in enumerate(NEEDS):
            if {*tags.split()} <= {*article.tags} and {*places.split()} <= {*article.places}:
                full = len(found[n]) >= most
                (dropped if full else kept).add(number)
                found[n].append(number)
    relevant = kept - dropped
    rest = [number for number in order if number not in kept and number not in dropped]
    chosen = sorted([*relevant, *rest[: max(size - len(relevant), 0)]])
    topics, judgments = [], []
    for n, (question, _, _) in enumerate(NEEDS):
        answers = [number for number in found[n] if number in relevant]
        if len(answers) >= 2:
            topics.append(Topic(str(n), {"title": question}))
            judgments += [Judgment(str(n), pool[number].id, 1) for number in answers]
    articles = tuple([_bare(changed(pool[number])) for number in chosen])
    return Judged(name, articles, tuple(topics), tuple(judgments))


def _of_rests(name: str, pool: Sequence[Article], size: int, seed: int) -> Judged:
    """Return a collection of stories without their beginnings, which ask for the rest."""
    chance = random.Random(seed)
    chosen = sorted(chance.sample(range(len(pool)), min(size, len(pool))))
    asked = chance.sample(chosen, min(MOST_QUERIES, size // 3))
    topics = [Topic(str(n), {"title": _plain(pool[n].body[0])}) for n in asked]
    judgments = [Judgment(str(n), pool[n].id, 1) for n in asked]
    articles = [_bare(replace(pool[n], title="", body=pool[n].body[1:])) for n in chosen]
    return Judged(name, tuple(articles), tuple(topics), tuple(judgments))


def _of_descriptions(name: str, path: Path, size: int, seed: int) -> Judged:
    """Return a collection of headlines that are asked for by the descriptions below them."""
    chance = random.Random(seed)
    articles, topics, judgments = [], [], []
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    for number in sorted(chance.sample(range(len(records)), size)):
        record = records[number]
        article = Article(id=f"{number:016x}", title=record["headline"], language="en")
        articles.append(article)
        description = _plain(record["short_description"])
        if len(description.split()) >= 12:
            topics.append(Topic(str(number), {"title": description}))
            judgments.append(Judgment(str(number), article.id, 1))
    asked = set(chance.sample([topic.id for topic in topics], min(MOST_QUERIES, len(topics))))
    return Judged(
        name, tuple(articles), tuple([topic for topic in topics if topic.id in asked]),
        tuple([judgment for judgment in judgments if judgment.topic in asked]),
    )  # fmt: skip


def _plain(text: str) -> str:
    """Return text without what the query language would take for operators."""
    return " ".join(_UNASKED.sub(" ", text).split())


def _first(article: Article) -> str:
    return _plain(article.body[0][:400])


def _headline(article: Article) -> str:
    return _plain(article.title)


def _later(article: Article) -> str:
    """The third and fourth paragraph: on the subject, in other words than the first."""
    return _plain(" ".join(article.body[2:4])[:500]) if len(article.body) >= 6 else ""


def _described(article: Article) -> str:
    return _plain(article.title + ". " + " ".join(article.body[:2])[:700])


KINDS = (
    "first-sentence", "headline", "later", "described", "long", "long-later", "capitals",
    "capitals-headline", "needs", "needs-capitals", "rest", "descriptions",
)  # fmt: skip
"""The collections, by name."""


def collection(kind: str, shared: Path) -> Judged:
    """Return one of the collections of `KINDS`."""
    if kind == "descriptions":
        return _of_descriptions(kind, shared / "huffpost.jsonl", 3_000, 11)
    pool = [article for article in stories(shared) if _size(article) >= 400]
    long = [article for article in pool if _size(article) >= 1_500]
    match kind:
        case "first-sentence":
            return _of_events(kind, pool, 4_000, _first, 1)
        case "headline":
            return _of_events(kind, pool, 4_000, _headline, 2)
        case "later":
            return _of_events(kind, pool, 3_000, _later, 3)
        case "described":
            return _of_events(kind, pool, 2_000, _described, 4)
        case "long":
            return _of_events(kind, long, 450, _first, 5, least=2)
        case "long-later":
            return _of_events(kind, long, 500, _later, 6, least=2)
        case "capitals":
            return _of_events(kind, long, 450, _first, 7, _capitals, least=2)
        case "capitals-headline":
            return _of_events(kind, long, 400, _headline, 8, _capitals, least=2)
        case "needs":
            return _of_needs(kind, pool, 2_000, 12, 9)
        case "needs-capitals":
            return _of_needs(kind, long, 500, 6, 10, _capitals)
        case "rest":
            longest = [article for article in long if _size(article) >= 2_500]
            return _of_rests(kind, longest, 450, 12)
        case _:
            raise ValueError(f"there is no collection '{kind}': use one of {', '.join(KINDS)}")


def collections(shared: Path, kinds: Sequence[str] = KINDS) -> Iterator[Judged]:
    """Yield collections in the order of their names here."""
    for kind in kinds:
        yield collection(kind, shared)
