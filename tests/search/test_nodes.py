"""Whoosh's own matchers over an archive's arrays find what a plain reading of it finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from ranking.oracle import InMatchers
from whoosh.searching import Searcher

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from indexer.store.snapshot import Leaf, Snapshot
from indexer.whoosh.archive_reader import open_reader
from indexer.write.invert import build_segment
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.embedded.searcher import ArchiveSearcher
from search.query.parse import parse

NOW = datetime(2021, 6, 1, tzinfo=UTC)
LINES = [
    ("Storm closes the harbour", "The harbour wall broke in the storm.", ("Weather", "Harbour")),
    ("Council votes", "A vote on the wall of the harbour.", ("Council",)),
    ("Harbours reopen", "All harbours are open; the storms have passed.", ("Harbour",)),
    ("Café society", "A café by the sea wall, an anti-storm shelter.", ("Côte d'Azur",)),
    ("Nothing", "Nothing of note.", ()),
]


ARTICLES = [
    Article(
        id=make_id(own=str(number)), title=title, body=(body,), tags=tags, language="en",
        published=StatedDate.of(date(2021, 1, 1) + timedelta(days=31 * number)),
        url=f"https://harbour.example/{number}",
    )
    for number, (title, body, tags) in enumerate(LINES)
]  # fmt: skip
SNAPSHOT = Snapshot(generation=1, leaves=(Leaf(build_segment(ARTICLES), None, len(LINES)),))


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(open_reader(SNAPSHOT, "en"))


FOUND = [
    ("harbour", {0, 1, 2}),
    ("harbours", {0, 1, 2}),
    ("HARBOUR storm", {0, 2}),
    ("the harbour", {0, 1, 2}),
    ("cafe", {3}),
    ("anti-storm", {3}),
    ('"harbour wall"', {0}),
    ('"wall harbour"~5', {0, 1}),
    ("harbour AND storm", {0, 2}),
    ("council OR café", {1, 3}),
    ("harbour -storm", {1}),
    ("NOT harbour", {3, 4}),
    ("harbour (council OR open)", {1, 2}),
    ("title:harbour", {0, 2}),
    ("title:storm", {0}),
    ("harb*", {0, 1, 2}),
    ("h?rbour", {0, 1, 2}),
    ("harbor~1", {0, 1, 2}),
    ("tag:harbour", {0, 2}),
    ('tag:"cote d\'azur"', {3}),
    ("tag:co*", {1, 3}),
    ("tag:*", {0, 1, 2, 3}),
    ("storm tag:harbour", {0, 2}),
    ("-tag:harbour", {1, 3, 4}),
    ("date:2021-02", {1}),
    ("since:2021-04", {3, 4}),
    ("before:2021-02", {0}),
    ("date:*", {0, 1, 2, 3, 4}),
    ("*", {0, 1, 2, 3, 4}),
    ("((", set()),
    ("harbour^2 storm", {0, 2}),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_whoosh_finds_what_is_meant(searcher: Searcher, text: str, expected: set[int]) -> None:
    made = parse(text, now=NOW).node
    assert {hit.docnum for hit in searcher.search(made, limit=None)} == expected


def test_any_of_the_words(searcher: Searcher) -> None:
    node = parse("council café nothing", now=NOW).node
    found = searcher.search(InMatchers(node, "any"), limit=None)
    assert {hit.docnum for hit in found} == {1, 3, 4}
    node = parse("+harbour council", now=NOW).node
    found = searcher.search(InMatchers(node, "any"), limit=None)
    assert {hit.docnum for hit in found} == {0, 1, 2}
    assert found[0].docnum == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("body:storm", {0, 2, 3}), ("body:harbour", {0, 1, 2}), ("body:council", set()),
        ('body:"harbour wall"', {0}), ("body:h*", {0, 1, 2}), ('"harbour"', {0, 1, 2}),
        ('"harbours"', {2}), ('title:"harbours"', {2}), ('body:"storms"', {2}),
        ('body:"harbour"', {0, 1}), ('* -"harbour"', {2, 3, 4}),
        ('"the storms have"', {2}), ('"the storm have"', set()), ('"wall * the harbour"', {1}),
        ('"harbour * storm"', set()), ('"wall * * storm"', {3}), ("case:Harbours", {2}),
        ("case:harbours", {2}), ('case:"A vote"', {1}), ('case:"a vote"', set()),
        ("wall -council", {0, 3}), ("* -weather", {0, 1, 2, 3, 4}), ("NOT harb*", {3, 4}),
        ('* -"harbours"', {0, 1, 3, 4}), ("https://harbour.example/2", {2}),
    ],
)  # fmt: skip
def test_words_in_a_part_or_as_written_are_found_by_reading(
    searcher: Searcher, text: str, expected: set[int]
) -> None:
    node = parse(text, now=NOW).node
    assert {hit.docnum for hit in searcher.search(node, limit=None)} == expected
    arrays = ArchiveSearcher.over(IndexView(SNAPSHOT, PLAIN))
    assert {hit.docnum for hit in arrays.search(node, limit=None)} == expected


def test_not_finds_no_article_that_was_deleted() -> None:
    segment = build_segment([
        Article(id=make_id(own=title), title=title) for title in ("oil", "bank", "rates", "cocoa")
    ])  # fmt: skip
    live = np.array([True, True, False, False])
    reader = open_reader(Snapshot(generation=1, leaves=(Leaf(segment, live, 2),)))
    for text in ("NOT bank", "NOT (oil bank)", "* -bank", "NOT NOT oil"):
        found = Searcher(reader).search(parse(text, now=NOW).node, limit=None)
        assert {hit.docnum for hit in found} <= {0, 1}
