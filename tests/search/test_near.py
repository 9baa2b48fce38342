"""Words near each other, and patterns among quoted words: what is found, marked and said."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from corpus.core.article import Article
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.answer import Answer
from search.embedded.engine import EmbeddedEngine
from search.query.limits import MAX_EXPANSION, MAX_NEAR
from search.request import Request

TEXTS = {
    1: "the mayor rusted through at last",
    2: "mayor russell spoke of the ferry",
    3: "the ferry and the old toll bridge",
    4: "a bridge far away from any quay where the long lost ferry lies",
    5: "boats pass the bridge",
    6: "russet leaves for the mayor",
    7: "mayor of russia",
}


@dataclass
class Memory:
    current: Snapshot

    def snapshot(self) -> Snapshot:
        return self.current

    def refresh(self) -> bool:
        return False

    def close(self) -> None:
        pass


def engine_of(*texts: tuple[int, str]) -> EmbeddedEngine:
    articles = [
        Article(id=f"{at:016x}", title=f"No {at}", body=(text,), language="en")
        for at, text in texts
    ]
    leaf = Leaf(build_segment(articles), None, len(articles))
    return EmbeddedEngine(Memory(Snapshot(generation=1, leaves=(leaf,))))


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return engine_of(*TEXTS.items())


def ask(engine: EmbeddedEngine, text: str) -> Answer:
    return engine.search(Request(text=text, match="all", suggest=False))


FOUND = [
    ('"mayor russ*"', {2}),
    ('"mayor russ"*', {2}),
    ('"mayor rus*"', {1, 2}),
    ('"mayor ruste?"', {1}),
    ('"*yor russ*"', {2}),
    ('"mayor * russ*"', {7}),
    ('"mayor russ*"~3', {2, 6, 7}),
    ('body:"mayor russ*"', {2}),
    ('title:"mayor russ*"', set()),
    ("ferry NEAR/3 bridge", set()),
    ("ferry NEAR/4 bridge", {3}),
    ("bridge w/4 ferry", {3}),
    ("ferry /s bridge", {3, 4}),
    ("(ferry OR boat) w/4 bridge", {3, 5}),
    ('ferry w/4 "toll bridge"', {3}),
    ('ferry w/4 ("toll bridge" OR quay)', {3, 4}),
    ('ferry w/3 ("toll bridge" OR quay)', {3}),
    ("old ADJ toll", {3}),
    ("toll ADJ old", set()),
    ("boat* NEAR/2 brid?e", {5}),
    ("bridge~1 near/4 ferry", {3}),
    ("bridge NOT w/4 ferry", {4, 5}),
    ("bridge -(ferry w/4 bridge)", {4, 5}),
    ("boat NEAR/2 pass NEAR/2 bridge", {5}),
    ("bridge AND NOT boat w/5 pass", {3, 4}),
]


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text for text, _ in FOUND])
def test_what_is_near_is_found(engine: EmbeddedEngine, text: str, expected: set[int]) -> None:
    found = ask(engine, text)
    assert {int(hit.id, 16) for hit in found.hits} == expected
    again = ask(engine, found.parsed)
    assert (again.parsed, again.total) == (found.parsed, found.total)


def test_the_words_that_are_near_are_marked(engine: EmbeddedEngine) -> None:
    [hit] = ask(engine, '"mayor russ*"').hits
    assert [piece.text for piece in hit.snippet if piece.match] == ["mayor russell"]
    [hit] = ask(engine, "(boats OR ships) w/4 bri*").hits
    assert [piece.text for piece in hit.snippet if piece.match] == ["boats", "bridge"]


NOTED = [
    ("ferry /p bridge", "near-unit"),
    ("ferry PRE/4 bridge", "near-order"),
    ("ferry NEAR bridge", "near-number"),
    ("ferry w/4 tag:x", "not-near"),
    ("ferry w/4", "near-dangling"),
    ("ferry w/4 -bridge", "near-dangling"),
    ("ferry w/999 bridge", "slop-clamped"),
]


@pytest.mark.parametrize(("text", "code"), NOTED)
def test_what_is_read_otherwise_is_said(engine: EmbeddedEngine, text: str, code: str) -> None:
    [note] = [one for one in ask(engine, text).notes if one.code != "absent-value"]
    assert note.code == code
    assert text[note.start : note.end] == note.text


def test_a_headline_in_capitals_has_no_operators(engine: EmbeddedEngine) -> None:
    found = ask(engine, "OLD FERRY NEAR TOLL BRIDGE")
    assert [note.code for note in found.notes] == ["all-capitals"]


@pytest.mark.parametrize(("pattern", "most"), [('"mayor zq*"', MAX_NEAR), ("zq*", MAX_EXPANSION)])
def test_a_pattern_that_stands_for_too_many_words_says_so(pattern: str, most: int) -> None:
    letters = str.maketrans("0123456789", "bcdfghjklm")
    numbers = [str(number).translate(letters) for number in range(most + 1)]
    words = " ".join([f"mayor zq{number}x" for number in numbers])
    found = ask(engine_of((1, words), (2, "mayor zqcx")), pattern)
    assert found.total == 2
    assert [note.code for note in found.notes] == ["too-many-words"]
    few = ask(engine_of((1, "mayor zqbx mayor zqcx")), pattern)
    assert (few.total, few.notes) == (1, ())
