"""Completion as one types: values, phrases of titles and words that the archive really has."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.answer import Completion
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import Scoring
from search.embedded.searcher import ArchiveSearcher
from search.suggestions.completion import complete

START = datetime(2021, 1, 1, tzinfo=UTC)
ROWS = [
    ("Harbour wall breaks", ("Harbour", "Côte d'Azur")),
    ("Harbour council meets", ("Harbour", "United States")),
    ("Harbour council votes on ferry", ("United States",)),
    ("HARBOUR COUNCIL VOTES AGAIN", ("Courts",)),
    ("U.S. trade talks", ("United Kingdom", "Trade")),
    ("Über die Brücke", ("Brücken",)),
    ("A storm, a wall", ("Storm Ada",)),
]


def article(number: int, title: str, tags: tuple[str, ...] = ()) -> Article:
    return Article(
        id=make_id(own=str(number)), title=title, tags=tags, language="en",
        published=StatedDate.of(START + timedelta(days=number)),
        topic="Harbour inquiry" if number < 2 else "",
        section="Local News",
    )  # fmt: skip


def over(snapshot: Snapshot) -> ArchiveSearcher:
    return ArchiveSearcher.over(IndexView(snapshot, Scoring()))


@pytest.fixture(scope="module")
def searcher() -> ArchiveSearcher:
    articles = [article(number, *row) for number, row in enumerate(ROWS)]
    leaves = [
        Leaf(build_segment(articles[:4], "one"), None, 4),
        Leaf(build_segment(articles[4:], "two"), None, 3),
    ]
    return over(Snapshot(generation=1, leaves=tuple(leaves)))


def texts(found: tuple[Completion, ...], kind: str = "") -> list[str]:
    return [offer.text for offer in found if not kind or offer.kind == kind]


OFFERED = [
    ("harb", "tags", "Harbour"),
    ("harb", "topic", "Harbour inquiry"),
    ("HARB", "tags", "Harbour"),
    ("cote", "tags", "Côte d'Azur"),
    ("azu", "tags", "Côte d'Azur"),
    ("united s", "tags", "United States"),
    ("harbour cou", "title", "harbour council"),
    ("harbour council v", "title", "harbour council votes"),
    ("u.s. tr", "title", "U.S. trade talks"),
    ("us tr", "title", "U.S. trade talks"),
    ("uber d", "title", "Über die Brücke"),
    ("council", "title", "council votes"),
    ("stor", "word", "storm"),
    ("storm harb", "word", "storm harbour"),
    ("storm AND harb", "word", "storm AND harbour"),
    ("l'harb", "word", "l'harbour"),
    ("storm-harb", "word", "storm-harbour"),
    ("tag:uni", "tags", 'tag:"United States"'),
    ('tag:"united s', "tags", 'tag:"United States"'),
    ("storm -tag:cou", "tags", "storm -tag:Courts"),
    ("tags:cou", "tags", "tag:Courts"),
    ("section:lo", "section", 'section:"Local News"'),
    ("(storm OR tag:cou", "tags", "(storm OR tag:Courts"),
]


@pytest.mark.parametrize(("typed", "kind", "offered"), OFFERED)
def test_what_is_typed_is_completed(
    searcher: ArchiveSearcher, typed: str, kind: str, offered: str
) -> None:
    assert offered.casefold() in map(str.casefold, texts(complete(searcher, typed), kind))


@pytest.mark.parametrize("typed", ["", "   ", "harbour ", "zzz", "(", '"', "tag:zzz", "-", "☃"])
def test_where_nothing_fits_nothing_is_offered(searcher: ArchiveSearcher, typed: str) -> None:
    assert complete(searcher, typed) == ()


def test_counts_and_spelling_are_the_archives(searcher: ArchiveSearcher) -> None:
    offers = {offer.text: offer for offer in complete(searcher, "unit")}
    assert offers["United States"].count == 2
    assert offers["United Kingdom"].count == 1


def test_phrases_of_more_titles_come_first_then_those_of_newer_ones(
    searcher: ArchiveSearcher,
) -> None:
    found = [offer for offer in complete(searcher, "harbour c") if offer.kind == "title"]
    assert [offer.text.casefold() for offer in found] == [
        "harbour council",
        "harbour council votes",
        "harbour council votes again",
        "harbour council meets",
    ]
    assert [offer.count for offer in found] == [3, 2, 1, 1]
    assert found[0].id == make_id(own="3")


def test_nothing_is_offered_twice_or_as_it_stands(searcher: ArchiveSearcher) -> None:
    found = [text.casefold() for text in texts(complete(searcher, "harbour"))]
    assert len(found) == len(set(found))
    assert "harbour" not in found


def test_no_more_is_offered_than_asked_for(searcher: ArchiveSearcher) -> None:
    assert len(complete(searcher, "h", 2)) == 2
    assert complete(searcher, "h", 0) == ()


def test_deleted_articles_are_not_offered() -> None:
    segment = build_segment([article(number, *row) for number, row in enumerate(ROWS)])
    live = np.ones(len(ROWS), np.bool_)
    live[[0, 1, 2, 3]] = False
    searcher = over(Snapshot(generation=1, leaves=(Leaf(segment, live, 3),)))
    assert texts(complete(searcher, "harb"), "tags") == []
    assert texts(complete(searcher, "harbour c"), "title") == []
    assert texts(complete(searcher, "unit"), "tags") == ["United Kingdom"]


def test_an_empty_archive_offers_nothing() -> None:
    assert complete(over(Snapshot(generation=0, leaves=())), "harb") == ()
    empty = build_segment([])
    assert complete(over(Snapshot(generation=0, leaves=(Leaf(empty, None, 0),))), "harb") == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20) | st.lists(
    st.sampled_from(["harb", "council", "tag:", '"', " ", "U.S.", "é", "-", "(", "the"]), max_size=5
).map("".join))  # fmt: skip
def test_whatever_is_typed_is_kept_and_does_no_harm(searcher: ArchiveSearcher, typed: str) -> None:
    for offer in complete(searcher, typed):
        assert offer.text
        assert offer.count > 0


def test_typing_without_end_takes_bounded_time(searcher: ArchiveSearcher) -> None:
    start = time.process_time()
    for typed in ("a" * 100_000, "harbour " * 20_000 + "c", "tag:" * 20_000, '"' * 50_000):
        complete(searcher, typed)
    assert time.process_time() - start < 2
