"""The contract of engines: articles, their versions and neighbours, snippets, and suggestions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from contract.articles import NOUNS
from contract.questions import all_ids, ask

from corpus.core.article import Article
from corpus.core.errors import BadRequestError
from search.engine import Engine
from search.request import Request
from web.shelf import searches
from web.shelf.database import Shelf
from web.watch.outbox import Alert, look_through, send_due


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
