"""Hostile queries: each bound holds, is told, and costs bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from search.query.limits import (
    MAX_CHIPS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NOTES,
    MAX_PATTERNS,
    MAX_TERMS,
    MAX_TEXT,
    MAX_WORD,
)
from search.query.nodes import (
    And,
    Boost,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Should,
    Wildcard,
    Word,
)
from search.query.parse import Parsed, parse

NOW = datetime(2017, 2, 1, tzinfo=UTC)
SECONDS = 1.0
"""Far above the 0.2 s that the worst of these takes, far below what a quadratic reading would."""


def read(text: str) -> Parsed:
    return parse(text, now=NOW)


def leaves(node: Node) -> Iterator[Node]:
    match node:
        case And(subqueries=parts) | Or(subqueries=parts):
            for part in parts:
                yield from leaves(part)
        case Should(parts, required, excluded):
            for part in (*parts, *required, *excluded):
                yield from leaves(part)
        case Not(part) | Boost(part):
            yield from leaves(part)
        case _:
            yield node


HOSTILE = {
    "a word of 50 kB": "a" * 50_000,
    "thousands of parentheses": "(" * 30_000 + "a" + ")" * 30_000,
    "open brackets": "[a " * 20_000,
    "open date brackets": "date:[a " * 8_000,
    "thousands of words": "word " * 13_000,
    "quotation marks": '"' * 65_000,
    "open fields": "title:(" * 9_000,
    "fields without a value": "tag: " * 13_000,
    "marks": "-" * 65_000,
    "marks before words": "-+" * 30_000 + "a",
    "negations": "NOT " * 16_000 + "a",
    "operators": "AND OR " * 9_000,
    "alternatives": "(a OR " * 10_000,
    "loose dates": "date:last monday " * 3_800,
    "long loose date": "date:" + "monday " * 9_000,
    "stars": "*a* " * 16_000,
    "one pattern": "*a" * 120,
    "fuzzy words": "fuzz~2 " * 9_000,
    "backslashes": "\\" * 65_000,
    "tildes": "~" * 65_000,
    "weights": "a^2" * 20_000,
    "weights of groups": "(" * 30 + "a" + ")^9" * 30,
    "colons": "a:" * 30_000,
    "stops": ".." * 30_000,
    "blanks": " " * 65_000 + "a",
    "far too long": "a b " * 1_000_000,
    "digits": "date:" + "9" * 60_000,
    "marks of other scripts": "a" + "\u0301" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_queries_are_read_in_bounded_time(name: str) -> None:
    start = time.process_time()
    found = read(HOSTILE[name])
    assert time.process_time() - start < SECONDS
    assert len(found.notes) <= MAX_NOTES
    assert len(found.chips) <= MAX_CHIPS
    assert read(found.parsed).node == found.node


@pytest.mark.parametrize("name", HOSTILE)
def test_eight_times_the_text_takes_nothing_like_sixty_times_as_long(name: str) -> None:
    """A quadratic reading would take 64 times as long; the slack is for a busy machine."""
    whole = HOSTILE[name][:MAX_LENGTH]

    def seconds(text: str) -> float:
        best = float("inf")
        for _ in range(4):
            start = time.process_time()
            read(text)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(whole) < 24 * seconds(whole[: len(whole) // 8]) + 0.03


def test_words_past_the_bound_are_left_out_and_told() -> None:
    found = read("w " * (MAX_TERMS + 10))
    assert len(list(leaves(found.node))) == MAX_TERMS
    assert [note.code for note in found.notes] == ["too-many-terms"]
    assert str(MAX_TERMS) in found.notes[0].message


def test_letters_past_the_bound_are_left_out_and_told() -> None:
    found = read(("x" * MAX_WORD + " ") * 40)
    assert sum(len(leaf.text) for leaf in leaves(found.node) if isinstance(leaf, Word)) == MAX_TEXT
    assert [note.code for note in found.notes] == ["too-many-terms"]


def test_the_words_of_phrases_count() -> None:
    found = read(f'"{"w " * MAX_TERMS}" more')
    assert isinstance(found.node, Phrase)
    assert [note.code for note in found.notes] == ["too-many-terms"]


def test_a_word_that_is_too_long_is_passed_over_and_told() -> None:
    found = read("a" * (MAX_WORD + 1) + " storm")
    assert found.parsed == "storm"
    assert [note.code for note in found.notes] == ["word-too-long"]


def test_text_past_the_bound_is_not_read_and_that_is_told() -> None:
    found = read("storm" + " " * MAX_LENGTH + "harbour")
    assert found.parsed == "storm"
    assert [note.code for note in found.notes] == ["query-too-long"]


def test_parentheses_past_the_bound_are_passed_over_once_and_told() -> None:
    deep = MAX_DEPTH + 5
    found = read("(a OR " * deep + "b" + ")" * deep)
    assert [note.code for note in found.notes] == ["too-deep"]
    assert read("(a OR " * MAX_DEPTH + "b" + ")" * MAX_DEPTH).notes == ()


def test_patterns_past_the_bound_are_read_as_words_and_told() -> None:
    found = read(" ".join(f"{letter}w*" for letter in "abcdefghijklmnopqrst"))
    kinds = [type(leaf) for leaf in leaves(found.node)]
    assert kinds == [Prefix] * MAX_PATTERNS + [Word] * (20 - MAX_PATTERNS)
    assert [note.code for note in found.notes] == ["too-many-patterns"] * (20 - MAX_PATTERNS)


@pytest.mark.parametrize("text", ["*a* " * 50, "fuzz~2 " * 50, "w?rd " * 50])
def test_every_kind_of_pattern_counts(text: str) -> None:
    found = [leaf for leaf in leaves(read(text).node) if isinstance(leaf, (Wildcard, Fuzzy))]
    assert len(found) == MAX_PATTERNS


def test_the_largest_query_reads_the_same_again() -> None:
    found = read("exchanges:(" + '"x y" ' * 200 + "(a^2.125 OR b~1^3) " * 100 + ")")
    assert read(found.parsed).node == found.node
    assert len(found.parsed) < MAX_LENGTH
