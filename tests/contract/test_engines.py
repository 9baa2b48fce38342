"""The contract of engines: one suite, run whole on the embedded engine and on a real cluster.

Both must give equal matches, totals, facets and orders; scores may differ, and where an order
depends on them only what must still hold is asserted. The oracle reads every article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from cluster.nodes import Cluster
from contract.articles import NOUNS, TAGS, Reader, counts, make_articles, make_stories

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS
from corpus.core.stated_date import Precision
from indexer.analysis.analyser import fold_value
from search.answer import Answer, Tally
from search.embedded.engine import EmbeddedEngine
from search.engine import Engine, open_engine
from search.query.matching import loosened
from search.query.nodes import Node
from search.query.parse import parse
from search.request import Request
from search.timeline import PERIODS, first_day
from web.shelf import searches
from web.shelf.database import Shelf
from web.watch.outbox import Alert, look_through, send_due

COUNT = 240
NOW = datetime(2023, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def articles() -> list[Article]:
    made = make_articles(COUNT)
    stories = make_stories()
    # Versions of one story arrive in different commits.
    return [*made[:90], *stories[0::3], *made[90:], *stories[1::3], *stories[2::3]]


@pytest.fixture(scope="session")
def reader(articles: list[Article]) -> Reader:
    return Reader(articles)


@pytest.fixture(
    scope="session",
    params=["embedded", pytest.param("opensearch", marks=pytest.mark.cluster)],
)
def engine(
    request: pytest.FixtureRequest,
    articles: list[Article],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    """An engine over the invented archive, written in three commits with changes in between."""
    if request.param == "embedded":
        from indexer.whoosh.archive import FolderStore

        folder: Path = tmp_path_factory.mktemp("archive") / "index"
        store = FolderStore(folder)
        opened = {"index": folder}
    else:
        from search.opensearch.store import OpenSearchStore

        running: Cluster = request.getfixturevalue("cluster")
        url = f"{running.url}/contract?shards=3&replicas=1&rollover=year"
        store = OpenSearchStore(url)
        opened = {"engine": "opensearch", "url": url}
    fingerprint = 1
    for number, batch in enumerate((articles[:100], articles[100:])):
        writer = store.writer()
        try:
            if number:
                # What is there already must be replaced, and what is removed must be gone.
                stale = [replace(article, title="stale words") for article in articles[:9]]
                gone = replace(articles[0], id="f" * 16, title="gone words", url="")
                writer.put([*stale, gone], [9] * 10, "made")
                writer.commit()
                writer.close()
                writer = store.writer()
                assert list(writer.lookup([articles[0].id, "f" * 16, "e" * 16])) == [9, 9, 0]
                writer.put(articles[:9], [fingerprint] * 9, "made")
                assert writer.remove(["f" * 16, "e" * 16]) == 1
            writer.put(batch, [fingerprint] * len(batch), "made")
            writer.commit()
        finally:
            writer.close()
    assert store.sources() == ("made",)
    engine = open_engine(**opened)
    yield engine
    engine.close()


def ask(engine: Engine, text: str = "", **more: object) -> Answer:
    settings: dict[str, object] = {"match": "all", "size": 100, "snippets": False}
    settings |= {"collapse": False, **more}
    return engine.search(Request(text=text, **settings))  # type: ignore[arg-type]


def all_ids(engine: Engine, text: str, **more: object) -> set[str]:
    found: set[str] = set()
    page = 1
    while True:
        answer = ask(engine, text, page=page, **more)
        found |= {hit.id for hit in answer.hits}
        if page >= answer.pages:
            return found
        page += 1


def test_articles_come_in_order_and_are_new_once(
    engine: Engine, articles: list[Article], tmp_path: Path
) -> None:
    last = engine.status().arrived
    came = list(engine.newcomers(0, last))
    times = [at for at, _ in came]
    assert times == sorted(times)
    assert {article.id for _, article in came} == {article.id for article in articles}
    first = times[0]
    # Those that were changed and put back later are not new.
    assert {article.id for at, article in came if at == first} == {
        article.id for article in articles[:100]
    }
    later = list(engine.newcomers(first, last))
    assert later == came[100:]
    assert list(engine.newcomers(0, first)) == came[:100]
    assert list(engine.newcomers(last, last)) == []
    asked = "bridge", "storm OR theft", "tag:harbour", "lang:de", "added:2001"
    with Shelf(tmp_path).writing() as db:
        for text in asked:
            state = f"?q={quote(text)}"
            saved, _ = searches.save(db, "reader", text, state, first)
            alerts = searches.Alerts("mail", "ada@example.org", "each")
            searches.watch(db, "reader", saved.id, alerts, first)
    new = {article.id for _, article in later}
    told: dict[str, Alert] = {}
    look_through(Shelf(tmp_path), engine)
    send_due(Shelf(tmp_path), lambda alert: told.update({alert.name: alert}))
    for text in asked:
        expected = all_ids(engine, text) & new
        assert (told[text].count if text in told else 0) == len(expected), text
        assert set(told[text].articles if text in told else ()) <= expected
    assert look_through(Shelf(tmp_path), engine) == 0, "each is told once"


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


def test_scan_yields_every_article_whole(engine: Engine, articles: list[Article]) -> None:
    scanned = {article.id: article for article in engine.scan(Request())}
    assert scanned == {article.id: article for article in articles}
    some = [article.id for article in engine.scan(Request(text="lang:de", sort="oldest"))]
    assert set(some) == {article.id for article in articles if article.language == "de"}


def test_an_article_is_given_back_as_it_was_put(engine: Engine, articles: list[Article]) -> None:
    assert engine.article(articles[5].id) == articles[5]
    assert engine.article("0" * 16) is None


def test_hits_show_the_articles_fields(engine: Engine, articles: list[Article]) -> None:
    found = {article.id: article for article in articles}
    for hit in ask(engine, "bridge", size=20).hits:
        article = found[hit.id]
        for name in ("title", "url", "published", "section", "topic", "tags", "authors", "source"):
            assert getattr(hit, name) == getattr(article, name)


def test_snippets_hold_the_words(engine: Engine) -> None:
    answer = ask(engine, "body:bridge", size=10, snippets=True)
    for hit in answer.hits:
        lit = [piece.text.lower() for piece in hit.snippet if piece.match]
        assert any(text.startswith("bridge") for text in lit)
        assert "".join(piece.text for piece in hit.title_pieces) == hit.title


def test_words_are_found_again_in_the_article(engine: Engine) -> None:
    # The first hit may have the word in a caption or a label alone, such as its section's name.
    asked = Request(text="harbour")
    hit = next(hit for hit in ask(engine, "harbour").hits if engine.matches(asked, hit.id))
    article = engine.article(hit.id)
    assert article is not None
    places = engine.matches(asked, hit.id)
    assert places
    for part, start, end in places:
        if part in ("title", "lead"):
            text: str = getattr(article, part)
        else:
            text = article.body[int(part.removeprefix("body/"))]
        assert text[start:end].lower() == "harbour"


def test_related_articles_are_others(engine: Engine, articles: list[Article]) -> None:
    hits = engine.related(articles[3].id, size=4)
    assert 1 <= len(hits) <= 4
    assert articles[3].id not in {hit.id for hit in hits}
    assert engine.related("0" * 16) == ()


def test_versions_hold_the_article_itself(engine: Engine, articles: list[Article]) -> None:
    assert articles[3].id in {hit.id for hit in engine.versions(articles[3].id)}


def test_versions_of_a_story_are_shown_once_and_counted(
    engine: Engine, articles: list[Article]
) -> None:
    wire = [article for article in articles if article.section == "Wire"]
    folded = ask(engine, "section:wire", collapse=True, sort="newest")
    assert (folded.total, folded.stories) == (12, 4)
    assert [hit.versions for hit in folded.hits] == [3] * 4
    assert len({hit.cluster for hit in folded.hits} - {""}) == 4
    assert folded.pages == 1
    whole = ask(engine, "section:wire")
    assert (whole.total, len(whole.hits)) == (12, 12)
    versions = engine.versions(wire[0].id)
    assert len(versions) == 3
    dates = [hit.published for hit in versions]
    assert dates == sorted(dates)  # type: ignore[type-var]
    assert wire[0].id not in {hit.id for hit in engine.related(wire[0].id)}


def test_folded_pages_hold_each_story_once(engine: Engine) -> None:
    first = ask(engine, "date:2022-04", collapse=True, size=1_000)
    shown: list[str] = []
    after = ""
    while True:
        answer = ask(engine, "date:2022-04", collapse=True, size=5, after=after)
        shown += [hit.id for hit in answer.hits]
        after = answer.after
        if not after:
            break
    assert len(shown) == len(set(shown)) == first.stories == len(first.hits)


def test_neighbours_follow_the_order(engine: Engine) -> None:
    request = Request(text="ferry", match="all", sort="newest", collapse=False)
    hits = engine.search(replace(request, size=50)).hits
    for before, this, following in zip(hits, hits[1:], hits[2:], strict=False):
        found = engine.neighbours(request, this.id)
        assert [hit.id if hit else "" for hit in found] == [before.id, following.id]
    first = engine.neighbours(request, hits[0].id)
    assert first[0] is None
    assert first[1] is not None
    assert first[1].id == hits[1].id


def test_completions_begin_with_what_was_typed(engine: Engine) -> None:
    texts = [completion.text for completion in engine.complete("harb")]
    assert "Harbour" in texts
    assert all("harb" in text.lower() for text in texts)
    assert engine.complete("") == ()


def test_did_you_mean_only_where_it_finds_something(engine: Engine) -> None:
    answer = ask(engine, "cathedrel")
    assert answer.total == 0
    assert answer.suggestion == "cathedral"
    assert answer.suggestion_total > 0
    assert ask(engine, "cathedral").suggestion == ""
    assert ask(engine, "zzzzqqqq").suggestion == ""


def test_a_sparkline_counts_over_the_time_of_its_value(
    engine: Engine, articles: list[Article]
) -> None:
    lines = engine.sparklines("tags", ["Harbour", "Rail", "never given"], bars=12)
    assert set(lines) == {"Harbour", "Rail"}
    zone = ZoneInfo(engine.status().timezone)
    for tag, line in lines.items():
        dated = [a.published.start(zone) for a in articles if tag in a.tags and a.published]
        assert (line.first, line.last) == (min(dated), max(dated))
        assert len(line.counts) == 12
        assert sum(line.counts) == len(dated)
        assert line.counts[0] > 0
        step = -(-int((line.last - line.first).total_seconds() + 1) // 12)
        expected = Counter(int((each - line.first).total_seconds()) // step for each in dated)
        assert line.counts == tuple(expected[bar] for bar in range(12))


def test_explanations_add_up(engine: Engine) -> None:
    (hit, *_) = ask(engine, "harbour bridge", explain=True).hits
    assert hit.explanation is not None
    assert hit.explanation.value == pytest.approx(hit.score, rel=1e-4)
    if hit.explanation.parts:
        total = sum(part.value for part in hit.explanation.parts)
        assert total == pytest.approx(hit.score, rel=1e-3)


def test_bounds_narrow_by_date(engine: Engine, articles: list[Article]) -> None:
    answer = ask(engine, "", since="2022", until="2022-06-30")
    inside = [a for a in articles if a.published and "2022-01" <= a.published[:7] <= "2022-06"]
    assert answer.total == len(inside)


@pytest.mark.parametrize(
    "text",
    ["(" * 3000, '"' * 999, " ".join(NOUNS * 200), "*a*", "a~2 " * 50, "tag:", "date:nonsense",
     "AND OR NOT", "[a " * 2000, "\0\ud800", "x" * 50_000],
)  # fmt: skip
def test_hostile_queries_are_answered(engine: Engine, text: str) -> None:
    answer = ask(engine, text, size=3)
    assert answer.total >= 0


@pytest.mark.parametrize(
    "wrong", [{"facets": ("nosuch",)}, {"filters": {"nosuch": ("x",)}}, {"page": 5_000_000}]
)
def test_a_request_that_cannot_be_answered_says_so(
    engine: Engine, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadRequestError):
        ask(engine, "the", **wrong)


def test_the_state_is_told(engine: Engine, articles: Sequence[Article]) -> None:
    status = engine.status()
    assert status.state == "ready"
    assert status.articles == len(articles)
    assert dict(status.languages).keys() == {"en", "de"}
    engine.refresh()
    assert engine.refresh() is False
