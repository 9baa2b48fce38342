"""Requests: choices and their counts, stories, cursors over changes, limits, explanations."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ranking.corpora import archives
from ranking.oracle import Memory, Oracle, snapshot_of

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from corpus.core.stated_date import StatedDate
from indexer.analysis.analyser import fold_value
from search.embedded.engine import EmbeddedEngine
from search.embedded.execute.matches import Deadline
from search.embedded.rescore.scoring import PLAIN
from search.query.nodes import Everything
from search.request import Request

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FACETS = ("tags", "topic", "source", "authors", "language", "year", "month", "day")


def article(number: int, **fields: object) -> Article:
    return Article(id=f"{number:016x}", language="en", **fields)  # type: ignore[arg-type]


def engine_of(*groups: list[Article], generation: int = 1) -> tuple[EmbeddedEngine, Memory]:
    memory = Memory(snapshot_of(groups, generation=generation)[0])
    return EmbeddedEngine(memory, PLAIN), memory


@quick
@given(
    archive=archives(),
    chosen=st.dictionaries(
        st.sampled_from(("tags", "source", "year")), st.sampled_from((("oil",), ("Post", "US"))),
        max_size=3,
    ),
    excluded=st.sampled_from(({}, {"tags": ("bank",)}, {"authors": ("Cy",)})),
)  # fmt: skip
def test_a_facets_counts_ignore_its_own_choice_and_no_other(
    archive: tuple[list[list[Article]], list[str]],
    chosen: dict[str, tuple[str, ...]],
    excluded: dict[str, tuple[str, ...]],
) -> None:
    chosen = {name: ("2017",) if name == "year" else values for name, values in chosen.items()}
    snapshot, alive = snapshot_of(*archive)
    answer = EmbeddedEngine(Memory(snapshot), PLAIN).search(
        Request(filters=chosen, excluded=excluded, facets=FACETS, facet_size=100)
    )
    oracle = Oracle(alive)

    def passes(key: str, but: str = "") -> bool:
        for name in {*chosen, *excluded} - {but}:
            own = oracle.counts([key], name)
            values = [fold_value(value) for value in chosen.get(name, ())]
            if values and not any(value in own for value in values):
                return False
            if any(fold_value(value) in own for value in excluded.get(name, ())):
                return False
        return True

    ids = list(oracle.search(Everything(), "all"))
    assert answer.total == len([key for key in ids if passes(key)])
    for facet in answer.facets:
        expected = oracle.counts([key for key in ids if passes(key, facet.name)], facet.name)
        assert {fold_value(v.value): v.count for v in facet.values if v.count} == expected
        assert facet.distinct == len(expected)
    assert answer.timeline is not None
    dated = sum(bar.count for bar in answer.timeline.bars)
    assert dated + answer.timeline.undated == answer.total


def test_each_story_is_shown_once_by_its_best_version() -> None:
    words = ("oil", "oil oil oil", "oil oil", "oil", "oil")
    group = [article(number, title=text) for number, text in enumerate(words, 1)]
    snapshot, _ = snapshot_of([group])
    leaf = snapshot.leaves[0]
    segment = replace(leaf.segment, clusters=np.array([7, 7, 7, 0, 9], np.uint64))
    snapshot = replace(
        snapshot, leaves=(leaf._replace(segment=segment),), aliases={9: 7}
    )  # the story of 9 was joined to that of 7
    engine = EmbeddedEngine(Memory(snapshot), PLAIN)
    answer = engine.search(Request(text="oil"))
    assert (answer.total, answer.stories) == (5, 2)
    assert [(hit.id[-1], hit.versions) for hit in answer.hits] == [("2", 4), ("4", 1)]
    assert {hit.id[-1] for hit in engine.versions(group[0].id)} == {"1", "2", "3", "5"}
    apart = engine.search(Request(text="oil", collapse=False))
    assert len(apart.hits) == apart.stories == 5


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "recent"])
def test_pages_by_cursor_are_the_pages_by_number(sort: str) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    group = [
        article(n, title="oil price" if n % 3 else "price of oil", lead="oil " * (n % 7),
                published=StatedDate.of(start + timedelta(days=n % 50)))
        for n in range(1, 230)
    ]  # fmt: skip
    engine = EmbeddedEngine(Memory(snapshot_of([group[:100], group[100:]])[0]))
    request = Request(text="oil price", sort=sort, size=20, facets=(), snippets=False)  # type: ignore[arg-type]
    numbered = [
        hit.id for page in range(1, 13) for hit in engine.search(replace(request, page=page)).hits
    ]
    followed: list[str] = []
    after = ""
    while True:
        answer = engine.search(replace(request, after=after))
        followed += [hit.id for hit in answer.hits]
        after = answer.after
        if not after:
            break
    assert followed == numbered
    assert len(set(followed)) == 229


def test_a_cursor_goes_on_in_the_generation_it_began_in() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    old, new = (
        [
            article(n, title="oil", published=StatedDate.of(start + timedelta(days=n)))
            for n in numbers
        ]
        for numbers in (range(1, 31), range(31, 61))
    )
    engine, memory = engine_of(old)
    request = Request(text="oil", sort="newest", size=10)
    first = engine.search(request)
    memory.newer, _ = snapshot_of([old, new], generation=2)
    assert engine.refresh()
    second = engine.search(replace(request, after=first.after))
    assert (second.generation, second.total) == (1, 30)
    assert [hit.id for hit in second.hits] == [one.id for one in reversed(old[10:20])]
    assert engine.search(request).total == 60
    for generation in range(3, 9):  # until the first one is let go
        memory.newer, _ = snapshot_of([old, new], generation=generation)
        engine.refresh()
    third = engine.search(replace(request, after=second.after))
    assert [hit.id for hit in third.hits] == [one.id for one in reversed(old[:10])]


@pytest.mark.parametrize(
    "request_",
    [
        Request(page=1001, size=10),
        Request(size=1001),
        Request(page=0),
        Request(facets=("colour",)),
        Request(filters={"colour": ("red",)}),
        Request(filters={"year": ("soon",)}),
        Request(filters={"tags": tuple(map(str, range(300)))}),
        Request(since="the other day"),
        Request(after="bm9uc2Vuc2U"),
        Request(half_life_days=0.0),
        Request(sort="best"),  # type: ignore[arg-type]
    ],
)
def test_what_is_out_of_bounds_is_refused_with_a_reason(request_: Request) -> None:
    engine, _ = engine_of([article(1, title="oil")])
    with pytest.raises(BadRequestError):
        engine.search(request_)


def test_a_request_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _ = engine_of([article(1, title="oil")])
    monkeypatch.setattr(Deadline.__init__, "__defaults__", (-1.0,))
    with pytest.raises(BadRequestError, match="too long"):
        engine.search(Request(text="oil AND price"))


@pytest.mark.parametrize(
    "text",
    ["*a* " * 40, "(" * 5000 + "oil", "oil~2 " * 200, " OR ".join(["word"] * 5000), "a" * 60_000,
     "NOT " * 4000 + "oil", '"' + "oil " * 3000 + '"~100', "?" * 2000],
)  # fmt: skip
def test_hostile_queries_are_answered_in_bounded_time(text: str) -> None:
    words = [f"{a}{b}{c}oil" for a in "abcdefgh" for b in "aeiou" for c in "klmnoprst"]
    engine, _ = engine_of([article(1, title=" ".join(words)), article(2, title="oil")])
    engine.search(Request(text=text))
    started = time.perf_counter()
    engine.search(Request(text=text))
    assert time.perf_counter() - started < 3.0


@quick
@given(archive=archives(), text=st.sampled_from(("oil rates", "bank OR cocoa", '"oil price" bank')))
def test_the_parts_of_an_explanation_add_up(
    archive: tuple[list[list[Article]], list[str]], text: str
) -> None:
    engine = EmbeddedEngine(Memory(snapshot_of(*archive)[0]))
    for sort in ("relevance", "recent"):
        answer = engine.search(Request(text=text, match="any", sort=sort, explain=True))  # type: ignore[arg-type]
        for hit in answer.hits:
            assert hit.explanation is not None
            pending = [hit.explanation]
            assert hit.explanation.value == pytest.approx(hit.score)
            while pending:
                one = pending.pop()
                if one.parts:
                    total = sum(part.value for part in one.parts)
                    assert total == pytest.approx(one.value, rel=1e-3, abs=1e-4)
                pending += one.parts
