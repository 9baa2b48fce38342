"""The contract of engines: what is shown where few articles have all words, pages and cursors."""

from __future__ import annotations

import pytest
from contract.articles import Reader
from contract.questions import NOW, ask

from corpus.core.errors import BadRequestError
from search.embedded.engine import EmbeddedEngine
from search.engine import Engine
from search.query.parse import parse
from search.request import Request

QUESTION = "harbour bridge ferry cathedral absent"
"""No article has all of its words."""


def test_auto_adds_results_with_some_words_and_counts_them_apart(engine: Engine) -> None:
    strict = ask(engine, QUESTION, match="all")
    answer = ask(engine, QUESTION, match="auto", size=100)
    assert answer.total == strict.total
    assert answer.partial_total > 0
    assert answer.shown == answer.total + answer.partial_total
    flags = [hit.partial for hit in answer.hits]
    assert flags == sorted(flags)
    assert flags.count(False) == answer.total
    assert "some-words" in [note.code for note in answer.notes]


def test_the_few_that_have_all_words_come_first_everywhere(engine: Engine) -> None:
    for size in range(2, 12):
        words = "harbour bridge ferry cathedral storm council museum market strike".split()
        text = " ".join(words[:size])
        answer = ask(engine, text, match="auto")
        if 0 < answer.total < 10:
            break
    whole = [hit.id for hit in answer.hits if not hit.partial]
    assert len(whole) == answer.total
    assert answer.partial_total
    scanned = engine.scan(Request(text=text, collapse=False))
    assert {next(scanned).id for _ in whole} == set(whole)
    if isinstance(engine, EmbeddedEngine):  # a cluster's neighbours are of the full matches only
        last = answer.hits[len(whole) - 1].id
        _, after = engine.neighbours(Request(text=text, collapse=False), last)
        assert after is not None
        assert after.id == answer.hits[len(whole)].id


def test_what_follows_the_full_matches_is_ranked_as_any_ranks(engine: Engine) -> None:
    answer = ask(engine, QUESTION, match="auto", size=100)
    whole = {hit.id for hit in answer.hits if not hit.partial}
    free = ask(engine, QUESTION, match="any", size=100)
    expected = [hit.id for hit in free.hits if hit.id not in whole]
    found = [hit.id for hit in answer.hits if hit.partial]
    assert found[:60] == expected[:60]


def test_facets_timeline_and_export_are_of_all_that_is_shown(engine: Engine) -> None:
    answer = ask(engine, QUESTION, match="auto", facets=("section",), facet_size=50)
    free = ask(engine, QUESTION, match="any", facets=("section",), facet_size=50)
    assert answer.shown == free.total
    assert answer.facets == free.facets
    assert answer.timeline == free.timeline
    request = Request(text=QUESTION, collapse=False)
    exported = [article.id for article in engine.scan(request)]
    assert len(exported) == len(set(exported)) == answer.shown
    assert engine.facet(request, "section", size=50).values == free.facets[0].values


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("sort", ["relevance", "oldest"])
def test_pages_and_cursors_walk_through_full_and_partial_matches(
    engine: Engine, sort: str, collapse: bool
) -> None:
    asked = {"match": "auto", "size": 23, "sort": sort, "collapse": collapse}
    first = ask(engine, QUESTION, **asked)
    by_page = [hit.id for n in range(first.pages) for hit in ask(
        engine, QUESTION, page=n + 1, **asked).hits]  # fmt: skip
    by_cursor = [hit.id for hit in first.hits]
    after = first.after
    while after:
        answer = ask(engine, QUESTION, after=after, **asked)
        by_cursor += [hit.id for hit in answer.hits]
        after = answer.after
    assert by_cursor == by_page
    assert len(by_page) == len(set(by_page))
    if not collapse:
        assert len(by_page) == first.shown


def test_a_filter_that_nothing_meets_says_where_its_value_is(engine: Engine) -> None:
    tag = ask(engine, "", facets=("tags",), facet_size=1).facets[0].values[0]
    [note] = ask(engine, "harbour", filters={"place": (tag.value,)}).notes
    assert note.message == (
        f"No article has ‘{tag.value}’ as place; there are some with it as tag."
    )
    [note] = ask(engine, "harbour", filters={"place": ("nowhere at all",)}).notes
    assert note.message == "No article has ‘nowhere at all’ as place."
    assert ask(engine, "harbour", filters={"tags": (tag.value,)}).notes == ()


def test_a_filter_narrows_and_never_widens(engine: Engine) -> None:
    every = ask(engine, "harbour bridge", match="auto", facets=("section",), facet_size=50)
    assert every.total >= 10
    assert every.partial_total == 0
    for value in every.facets[0].values:
        narrowed = ask(engine, "harbour bridge", match="auto", filters={"section": (value.value,)})
        assert (narrowed.total, narrowed.partial_total) == (value.count, 0)


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_cursors_reach_everything_once(engine: Engine, reader: Reader, sort: str) -> None:
    seen: list[str] = []
    after = ""
    for _ in range(100):
        answer = ask(engine, "the", size=37, sort=sort, after=after)
        seen += [hit.id for hit in answer.hits]
        after = answer.after
        if not after:
            break
    expected = reader.matching(parse("the", now=NOW, timezone="UTC").node)
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


@pytest.mark.parametrize("bad", ["x", "AAAA", "🗞", "W10"])
def test_a_cursor_of_something_else_is_refused(engine: Engine, bad: str) -> None:
    with pytest.raises(BadRequestError):
        ask(engine, "the", after=bad)


@pytest.mark.parametrize(
    "changed", [{"text": "a"}, {"match": "any"}, {"since": "2021"}, {"filters": {"tags": ("x",)}}]
)
def test_a_cursor_belongs_to_its_query(engine: Engine, changed: dict[str, object]) -> None:
    after = ask(engine, "the", size=5).after
    asked = {"text": "the", "size": 5, "after": after, **changed}
    with pytest.raises(BadRequestError, match="not one of this search"):
        ask(engine, **asked)  # type: ignore[arg-type]


def test_dates_count_in_either_order_and_the_answer_says_so(engine: Engine) -> None:
    there = ask(engine, "the", since="2021-03", until="2021-09")
    back = ask(engine, "the", since="2021-09", until="2021-03")
    assert back.total == there.total > 0
    assert [note.code for note in back.notes] == ["reversed-dates"]
    assert there.notes == ()
    [note] = ask(engine, "the", since="06/02/2021").notes
    assert note.code == "day-first" and "2021-02-06" in note.message
