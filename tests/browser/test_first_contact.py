"""What somebody meets who has just come: help, an archive that is not there yet, its files."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from waitress import create_server

from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.security.access import hash_password
from web.waiting import WaitingEngine

Window = Callable[..., Page]


@contextmanager
def served(engine: Engine, config: WebConfig) -> Iterator[str]:
    """Serve an engine for one test."""
    server = create_server(create_app(engine, config), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()


def test_every_example_finds_something_and_dates_lie_in_the_archive(
    window: Window, engine: Engine
) -> None:
    page = window()
    page.goto("/help")
    examples = page.locator(".syntax a").all_inner_texts()
    assert len(examples) > 30
    assert any(re.fullmatch(r"\w+ \w+", each) for each in examples)
    for query in examples:
        params = {"q": query, "match": "all", "size": "1", "facets": "", "timeline": "0"}
        answer = page.request.get("/api/v1/search", params=params).json()
        assert answer["total"] > 0, query
    status = engine.status()
    assert status.first and status.last
    years = {int(year) for each in examples for year in re.findall(r"\b\d{4}\b", each)}
    assert years
    assert all(status.first.year <= year <= status.last.year for year in years)


def test_before_the_first_index_page_and_program_are_told_what_fills_it(
    window: Window, tmp_path: Path
) -> None:
    waiting = WaitingEngine(lambda: open_engine(tmp_path), tmp_path, "embedded")
    with served(waiting, WebConfig()) as address:
        page = window()
        page.goto(address)
        expect(page.locator("h1")).to_have_text("The archive is empty")
        expect(page.locator("main pre")).to_have_text("broadsheet index FOLDER")
        answer = page.request.get(f"{address}/api/v1/search?q=ferry")
        assert answer.status == 503
        assert "broadsheet index" in answer.json()["detail"]


def test_who_may_not_read_gets_a_page_that_needs_nothing_else(
    browser: Browser, engine: Engine
) -> None:
    """The style sheet is closed to strangers too, so nothing of the page may rest on it."""
    config = WebConfig(users={"ada": hash_password("a-long-secret")})
    with served(engine, config) as address:
        context = browser.new_context(http_credentials={"username": "ada", "password": "wrong"})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 401
        expect(page.locator("h1")).to_have_text("Closed to visitors")
        assert page.locator("form, link, script, a").count() == 0
        assert [url for url in asked if "/static/" in url] == []
        context.close()


def test_what_is_often_in_the_news_is_recent_and_curves_span_their_own_time(
    window: Window, engine: Engine
) -> None:
    page = window()
    page.goto("/")
    often = page.locator("section[aria-labelledby=often]")
    expect(often.locator("h2")).to_contain_text("since")
    rows = {
        row.locator("a").inner_text(): int(row.locator(".count").inner_text())
        for row in often.locator("li").all()
    }
    whole = {each.value: each.count for each in engine.facet(Request(), "tags", size=500).values}
    assert rows
    assert all(count <= whole[tag] for tag, count in rows.items())
    assert sum(rows.values()) < sum(whole[tag] for tag in rows)
    spans = set()
    for row in often.locator("li").all():
        tag = row.locator("a").inner_text()
        tagged = engine.scan(Request(filters={"tags": (tag,)}, sort="oldest"))
        years = [str(each.published.day.year) for each in tagged if each.published]
        span = str(row.locator("svg").get_attribute("aria-label"))
        assert re.findall(r"\b\d{4}\b", span) in ([years[0], years[-1]], [years[0]])
        spans.add(span)
    assert len(spans) > 1


@pytest.mark.parametrize("typed", ["ferr", "harb", "br", "st", "marg"])
def test_completion_names_the_kind_of_each_offer_and_cuts_no_headline(
    window: Window, engine: Engine, typed: str
) -> None:
    page = window()
    page.goto("/")
    page.locator("#q").fill(typed)
    options = page.locator("#list [role=option]")
    expect(options.first).to_be_visible()
    offered = page.request.get(f"/api/v1/complete?q={typed}").json()["completions"]
    called = {"tags": "tag", "topic": "topic", "authors": "author", "title": "headline", "word": ""}
    shown = [
        (row.locator("span").inner_text(), row.locator("small").inner_text())
        for row in options.all()
    ]
    assert shown == [
        (each["text"], " · ".join(filter(None, (called[each["kind"]], str(each["count"])))))
        for each in offered
    ]
    titles = {article.title.lower() for article in engine.scan(Request())}
    for each in offered:
        if each["kind"] == "title" and each["count"] == 1:
            assert each["text"].lower() in titles
    for row in options.all():
        assert row.locator("b").first.inner_text().lower() == typed


def test_an_article_that_nothing_is_like_has_no_related_ones(
    window: Window, engine: Engine
) -> None:
    lonely = engine.search(Request(text="lichenologist")).hits[0].id
    page = window()
    page.goto(f"/article/{lonely}")
    expect(page.locator(".story h1")).to_contain_text("lichen")
    expect(page.locator(".related")).to_have_count(0)
    page.goto(f"/article/{lonely}/related")
    expect(page.locator("main")).to_contain_text("Nothing else in the archive is like it.")
    ferry = engine.search(Request(text="ferry strike")).hits[0].id
    page.goto(f"/article/{ferry}")
    expect(page.locator(".related li")).to_have_count(5)


def test_files_say_what_was_asked_and_when_and_name_people_surname_first(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry&tag=unions")
    with page.expect_download() as taken:
        page.locator(".away").get_by_role("link", name="RIS").click()
    assert re.fullmatch(r"ferry-unions-\d{4}-\d\d-\d\d\.ris", taken.value.suggested_filename)
    authors = re.findall(r"^AU  - (.+?)\r?$", taken.value.path().read_text("utf-8"), re.MULTILINE)
    assert authors
    assert [each for each in authors if ", " not in each and " " in each] == []
    table = page.request.get("/export.csv?q=ferry&bom=1").body()
    assert table.startswith(b"\xef\xbb\xbf")
    heading = table.decode("utf-8-sig").splitlines()[0].split(",")
    assert {"people", "places", "orgs"} <= set(heading)


def test_what_a_parameter_is_called_elsewhere_leads_to_its_name(window: Window) -> None:
    page = window()
    for wrong, right in (
        ("limit", "size"),
        ("tags", "tag"),
        ("language", "lang"),
        ("sise", "size"),
    ):
        answer = page.request.get(f"/api/v1/search?q=ferry&{wrong}=5")
        assert answer.status == 400
        assert f"did you mean '{right}'?" in answer.json()["detail"]


def test_an_article_tells_other_programs_what_it_is(window: Window, engine: Engine) -> None:
    article = next(each for each in engine.scan(Request(text="ferry")) if each.authors)
    page = window()
    page.goto(f"/article/{article.id}?q=ferry")
    metas = page.evaluate(
        """[...document.querySelectorAll("meta")]
             .map((node) => [node.getAttribute("name") ?? node.getAttribute("property"),
                             node.content])"""
    )
    told = {name: content for name, content in metas if name}
    assert told["citation_title"] == told["og:title"] == article.title
    assert told["citation_author"] == article.authors[-1]
    assert told["citation_publication_date"][:4] == str(article.published)[:4]
    address = page.locator("link[rel=canonical]").get_attribute("href")
    assert str(address).endswith(f"/article/{article.id}")
    described = json.loads(page.locator("script[type='application/ld+json']").inner_text())
    assert described["headline"] == article.title
    assert described["mainEntityOfPage"] == told["og:url"] == address


def test_a_sitemap_is_there_where_the_operator_allows_it(window: Window, engine: Engine) -> None:
    page = window()
    assert page.request.get("/sitemap.xml").status == 404
    with served(engine, WebConfig(sitemap=True)) as address:
        months = re.findall(r"<loc>(.+?)</loc>", page.request.get(f"{address}/sitemap.xml").text())
        listed = re.findall(r"<loc>(.+?)</loc>", page.request.get(months[0]).text())
        assert page.request.get(listed[0]).status == 200
        assert f"Sitemap: {address}/sitemap.xml" in page.request.get(f"{address}/robots.txt").text()


PLURALS = r"\b(articles?|sources?|stor(y|ies)|values?|match(es)?|versions?|lines?)\b"


@pytest.mark.parametrize("language", ["de", "es"])
def test_numbers_of_things_are_in_the_readers_language(
    window: Window, engine: Engine, language: str
) -> None:
    hit = engine.search(Request(text="ferry strike")).hits[0].id
    page = window()
    for path, places in (
        ("/", ".dateline"),
        ("/search?q=ferry+strike", ".sum h1, .took, .further, .others"),
        ("/facet/tag?q=ferry", "h1"),
        (f"/article/{hit}?q=ferry", ".matches"),
        ("/browse/tag?value=ferries", ".standing"),
        ("/browse/calendar/2023", "h1"),
    ):
        page.goto(f"{path}{'&' if '?' in path else '?'}ui={language}")
        said = " ".join(page.locator(places).all_inner_texts())
        assert re.search(r"\d", said), path
        assert re.findall(PLURALS, said.lower()) == [], path
