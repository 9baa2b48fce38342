"""The contract of engines: one suite, run whole on the embedded engine and on a real cluster.

Both must give equal matches, totals, facets and orders; scores may differ, and where an order
depends on them only what must still hold is asserted. The oracle reads every article.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from itertools import pairwise

import pytest
from contract.articles import TAGS, Reader, counts
from contract.questions import NOW, all_ids, ask

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS
from corpus.core.stated_date import Precision
from indexer.analysis.analyser import fold_value
from search.answer import Tally
from search.engine import Engine
from search.query.matching import loosened
from search.query.nodes import Node
from search.query.parse import parse
from search.request import Request
from search.timeline import PERIODS, first_day

QUERIES = (
    "", "bridge", "Bridges", "the", "harbour bridge", "harbour AND bridge", "storm OR theft",
    "bridge NOT ferry", "bridge -ferry", "+bridge storm", '"the harbour"', '"harbour opens"',
    '"bridge council"~3', '"opens harbour"~4', "harb*", "b?idge", "*idge", "strke~1", "fery~",
    "title:bridge", "lead:ferry", "body:storm", 'title:"the bridge"', "bridge^3 storm",
    "tag:harbour", 'tag:"cote d\'azur"', "tag:court*", "topic:\"bridge inquiry\"", "section:sport",
    "author:\"jose nunez\"", "source:\"Meridian Wire\"", "place:\"harrow bay\"",
    "places:ivory-coast", "lang:de", "date:2022", "date:2021-05", "date:2022-01..2022-03",
    "date:[2021-06 TO 2021-08]", "before:2021-06", "after:2023-01", "bridge date:2022",
    "hafen", "Häuser", "haus", "museum", "museen", "(storm OR ferry) AND -section:sport",
    "NOT bridge", "nosuchword", "case:Bridge",
    "case:bridge", 'case:"The harbour"', '"bridges"',
    '"the harbours"', 'title:"The Bridge"', "bridge -case:Harbour", '-"the harbour" bridge',
    "harbour nosuchword", "xyz*", "-lang:de storm",
    "bridge NEAR/3 council", "council w/2 bridge", "harb* NEAR/4 (ferry OR storm)",
    '"the bridge" NEAR/6 "the council"', "bridge NEAR/1 nosuchword", "title:(bridge NEAR/4 ferry)",
)  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("mode", ["all", "any"])
def test_matches_are_those_of_a_plain_reading(
    engine: Engine, reader: Reader, text: str, mode: str
) -> None:
    parsed = parse(text, now=NOW, timezone="UTC")
    expected = reader.matching(parsed.node, mode)
    answer = ask(engine, text, match=mode, size=0)

    def occurs(node: Node) -> bool:
        return bool(reader.matching(node, "all"))

    if not expected and (loose := loosened(parsed, occurs)) is not None:
        expected = reader.matching(loose.node, mode)
        noted = any(note.code == "not-as-written" for note in answer.notes)
        assert noted == bool(expected)
    assert answer.total == len(expected)
    assert all_ids(engine, text, match=mode) == expected


@pytest.mark.parametrize(
    "text", ["forest", "beer", "opera", "heroes", "die harbour", "bridge war", "hafen", "été"]
)
def test_a_word_keeps_its_language(engine: Engine, reader: Reader, text: str) -> None:
    """Each of these has a stem, or is a stop word, in one language that is another's word."""
    for language in ("", *sorted({article.language for article in reader.articles} - {""})):
        asked = f"{text} lang:{language}" if language else text
        node = parse(asked, now=NOW, timezone="UTC").node
        for mode in ("all", "any"):
            assert all_ids(engine, asked, match=mode) == reader.matching(node, mode)


@pytest.mark.parametrize("period", ["", *PERIODS])
def test_tallies_are_those_of_a_plain_reading(engine: Engine, reader: Reader, period: str) -> None:
    years = {"year": ("2021", "2022")}
    asked = [
        *(Request(text=text, match="all") for text in QUERIES[:: 3 if period else 1]),
        Request(text="storm ferry", match="any"),
        Request(text="bridge", filters=years), Request(since="2022-02", until="2022-05"),
        Request(filters={"nosuch": ("x",)}),
    ]  # fmt: skip
    *found, wrong = engine.tallies(asked, period)
    assert isinstance(wrong, BadRequestError)
    for request, tally in zip(asked, found, strict=False):
        assert isinstance(tally, Tally)
        parsed = parse(request.text, now=NOW, timezone="UTC")
        mode = "any" if request.match == "any" else "all"
        matching = reader.matching(parsed.node, mode)
        if not matching and (loose := loosened(parsed, lambda _: False)) is not None:
            matching = reader.matching(loose.node, mode)
        dates = [article.published for article in reader.articles if article.id in matching]
        if request.filters:
            dates = [one for one in dates if one and one[:4] in years["year"]]
        if request.since:
            dates = [one for one in dates if one and "2022-02" <= one[:7] <= "2022-05" and one[4:]]
        assert tally.total == len(dates), request
        known = sorted([one for one in dates if one], key=lambda one: one.start(UTC))
        for end, expected in ((tally.first, known[:1]), (tally.last, known[-1:])):
            assert (end.start(UTC) if end else None) == (
                expected[0].start(UTC) if expected else None
            )
        needed = {"": 99, "year": 4, "month": 7}.get(period, 10)
        counted = Counter(
            first_day(period, one.day).isoformat() for one in known if len(one) >= needed
        )
        assert tally.periods == tuple(sorted(counted.items()))
        assert tally.undated == (len(dates) - counted.total() if period else 0)


def test_a_period_that_cannot_be_counted_by_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequestError, match="no period 'decade'"):
        list(engine.tallies([Request()], "decade"))


@pytest.mark.parametrize("name", FACETS)
@pytest.mark.parametrize("text", ["", "bridge", "storm OR ferry"])
def test_facets_count_every_value_exactly(
    engine: Engine, reader: Reader, text: str, name: str
) -> None:
    node = parse(text, now=NOW, timezone="UTC").node
    matching = reader.matching(node)
    expected = counts([a for a in reader.articles if a.id in matching], name)
    (facet,) = ask(engine, text, facets=(name,), facet_size=1_000).facets
    assert {fold_value(v.value): v.count for v in facet.values} == dict(expected)
    assert facet.distinct == len(expected)
    (few,) = ask(engine, text, facets=(name,), facet_size=2).facets
    assert [v.count for v in few.values] == sorted(expected.values(), reverse=True)[:2]


def test_choices_are_or_within_a_facet_and_and_across(engine: Engine, reader: Reader) -> None:
    chosen = {"tags": ("harbour", "Rail"), "section": ("Local", "Sport")}
    answer = ask(engine, "the", filters=chosen, facets=("tags", "section", "source"))
    kept = [
        a
        for a in reader.articles
        if a.id in reader.matching(parse("the", now=NOW, timezone="UTC").node)
    ]
    by_tags = [a for a in kept if {"Harbour", "Rail"} & set(a.tags)]
    by_section = [a for a in kept if a.section in ("Local", "Sport")]
    both = [a for a in by_tags if a in by_section]
    assert answer.total == len(both)
    for facet, base in zip(answer.facets, (by_section, by_tags, both), strict=True):
        expected = counts(base, facet.name)
        assert {fold_value(v.value): v.count for v in facet.values} == dict(expected)
    tags = answer.facets[0]
    assert {v.value for v in tags.values if v.selected} == {"Harbour", "Rail"}
    assert all(v.selected for v in tags.values[:2])


def test_excluded_values_do_not_occur(engine: Engine, reader: Reader) -> None:
    answer = ask(engine, "", excluded={"tags": ("harbour",)}, facets=("section",))
    kept = [a for a in reader.articles if "Harbour" not in a.tags]
    assert answer.total == len(kept)
    (facet,) = answer.facets
    assert {fold_value(v.value): v.count for v in facet.values} == dict(counts(kept, "section"))


def test_a_facet_is_paged_and_searched_within(engine: Engine, reader: Reader) -> None:
    expected = counts(reader.articles, "day")
    ranked = sorted(expected.items(), key=lambda pair: (-pair[1], pair[0]))
    request = Request()
    first = engine.facet(request, "day", size=7)
    second = engine.facet(request, "day", offset=7, size=7)
    listed = [(v.value, v.count) for v in (*first.values, *second.values)]
    assert [count for _, count in listed] == [count for _, count in ranked[:14]]
    assert len({value for value, _ in listed}) == 14
    inside = engine.facet(request, "tags", contains="COTE")
    assert [v.value for v in inside.values] == ["Côte d'Azur"]
    by_value = engine.facet(request, "tags", by="value")
    assert [fold_value(v.value) for v in by_value.values] == sorted(map(fold_value, TAGS))


def test_the_timeline_counts_every_dated_article(engine: Engine, reader: Reader) -> None:
    answer = ask(engine, "")
    assert answer.timeline is not None
    assert answer.timeline.interval == "month"
    dated = [a for a in reader.articles if a.published and a.published.precision <= Precision.MONTH]
    assert answer.timeline.undated == len(reader.articles) - len(dated)
    assert all(one.end == two.start for one, two in pairwise(answer.timeline.bars))
    for bar in answer.timeline.bars:
        inside = [a for a in dated if a.published and bar.start <= a.published.start(UTC) < bar.end]
        assert bar.count == len(inside)
    assert sum(bar.count for bar in answer.timeline.bars) == len(dated)


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_dates_order_with_ties_by_id(engine: Engine, reader: Reader, sort: str) -> None:
    answer = ask(engine, "the", sort=sort)
    found = {a.id: a for a in reader.articles}
    shown = [found[hit.id] for hit in answer.hits]
    sign = -1 if sort == "newest" else 1

    def key(article: Article) -> tuple[bool, float, str]:
        at = article.published.start(UTC).timestamp() if article.published else 0.0
        return article.published is None, sign * at, article.id

    matching = reader.matching(parse("the", now=NOW, timezone="UTC").node)
    expected = sorted((found[one] for one in matching), key=key)
    assert [a.id for a in shown] == [a.id for a in expected[:100]]


def test_relevance_orders_by_score_and_more_of_the_words_rank_higher(engine: Engine) -> None:
    answer = ask(engine, "harbour bridge", match="any")
    scores = [hit.score for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0
