"""Feedback: whom it helps, what it leaves as it was asked, and what it never adds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.embedded.engine import EmbeddedEngine
from search.request import Request

LONG = "harbour pilots refuse night shifts"


@dataclass
class Memory:
    current: Snapshot

    def snapshot(self) -> Snapshot:
        return self.current

    def refresh(self) -> bool:
        return False

    def close(self) -> None:
        pass


def article(number: int, text: str) -> Article:
    return Article(id=f"{number:016x}", body=(text,), language="en")


ARTICLES = (
    article(1, "harbour pilots refuse night shifts says Brandt of the guild at Skelmouth"),
    article(2, "pilots refuse shifts at the harbour again and Brandt of Skelmouth speaks"),
    article(3, "the harbour froze as herring fell in price and nobody sailed"),
    article(4, "night music at Skelmouth where Brandt plays the harbour song"),
    *[article(at, f"the council of parish {at} met about its roads") for at in range(5, 40)],
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    leaf = Leaf(build_segment(ARTICLES), None, len(ARTICLES))
    return EmbeddedEngine(Memory(Snapshot(generation=1, leaves=(leaf,))))


def scores(engine: EmbeddedEngine, text: str, expand: bool | None = None) -> dict[int, float]:
    found = engine.search(Request(text=text, match="any", expand=expand, size=50))
    assert found.total == len(found.hits)
    return {int(hit.id, 16): hit.score for hit in found.hits}


def test_words_of_the_best_answers_lift_others_that_have_them(engine: EmbeddedEngine) -> None:
    plain, fed = scores(engine, LONG, False), scores(engine, LONG)
    assert fed[4] - plain[4] > fed[3] - plain[3], "Brandt and Skelmouth are named with the pilots"


def test_what_matches_stays_as_it_was_asked(engine: EmbeddedEngine) -> None:
    assert scores(engine, LONG, False).keys() == scores(engine, LONG, True).keys()


def test_short_questions_are_left_alone_unless_told_to(engine: EmbeddedEngine) -> None:
    short = "harbour pilots"
    assert scores(engine, short) == scores(engine, short, False) != scores(engine, short, True)
    with_stop_words = "what of the harbour and the pilots"
    assert scores(engine, with_stop_words) == scores(engine, with_stop_words, False)


def test_explanations_tell_the_words_that_were_added(engine: EmbeddedEngine) -> None:
    request = Request(text=LONG, match="any", size=1, explain=True)
    assert "skelmouth" in repr(engine.search(request).hits[0].explanation)


def test_words_that_need_not_occur_cannot_be_added_where_all_must(engine: EmbeddedEngine) -> None:
    with pytest.raises(BadRequestError, match="any"):
        engine.search(Request(text=LONG, match="all", expand=True))
    assert engine.search(Request(text=LONG, match="all")).total == 1
