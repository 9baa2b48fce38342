"""The shelf as readers use it: with a script and without, on a phone and on a desk."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from waitress import create_server

from search.engine import Engine
from web.app import create_app
from web.config import WebConfig

everywhere = pytest.mark.parametrize(
    ("width", "js"), [(360, True), (360, False), (1280, True), (1280, False)]
)


@pytest.fixture
def address(engine: Engine, tmp_path: Path) -> Iterator[str]:
    """The address of a server with an empty shelf, for one test."""
    config = WebConfig(rate_limit="", export_limit="", shelf=tmp_path)
    server = create_server(create_app(engine, config), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@everywhere
def test_a_search_is_saved_renamed_watched_and_deleted(window, width, js):
    page = window(width, js=js)
    page.goto("/shelf")
    expect(page.locator("main")).to_contain_text("what you keep for later")
    page.goto("/search?q=bridge&tag=inquiry")
    page.get_by_role("link", name="Save this search").click()
    page.get_by_label("Name").fill("The inquiry")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="The inquiry").click()
    expect(page).to_have_url(re.compile(r"/search\?q=bridge&tag=inquiry$"))
    page.get_by_role("link", name="Shelf").click()
    page.get_by_text("Alerts, name, delete").click()
    page.get_by_label("Name").fill("Renamed")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("Alerts, name, delete").click()
    page.get_by_label("Alerts").select_option("mail")
    page.get_by_label("To", exact=True).fill("ada@example.org")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("#searches")).to_contain_text("Alerts at once to ada@example.org")
    page.get_by_text("Alerts, name, delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#searches")).to_contain_text("None yet")


def test_an_address_that_is_none_is_mended_where_that_is_said(window):
    page = window(js=False, expect_errors=True)
    page.goto("/search?q=bridge")
    page.get_by_role("link", name="Save this search").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Alerts, name, delete").click()
    page.get_by_label("Alerts").select_option("mail")
    page.get_by_label("To", exact=True).fill("ada at example.org")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("alert")).to_contain_text("no address of mail")
    page.get_by_label("To", exact=True).fill("ada@example.org")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#searches")).to_contain_text("Alerts at once to ada@example.org")


@everywhere
def test_articles_are_kept_annotated_shared_and_printed(window, width, js):
    page = window(width, js=js)
    page.goto("/search?q=bridge")
    boxes = page.locator(".choose")
    boxes.nth(0).check()
    boxes.nth(3).check()
    page.get_by_role("button", name="chosen articles").click()
    page.get_by_label("Name of the new list").fill("Bridges")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bridges")
    assert page.locator(".entries > li").count() == 2
    first = page.locator(".entries > li").first
    first.locator("summary").click()
    first.get_by_role("textbox", name="Note").fill("First line\n\nthird line")
    first.get_by_label("Your tags").fill("steel, tolls")
    first.get_by_role("button", name="Save").click()
    expect(first.locator("p.note")).to_have_text("First line\n\nthird line")
    title = first.locator("h2").inner_text()
    first.locator("summary").click()
    first.get_by_label("Place").fill("2")
    first.get_by_role("button", name="Move").click()
    expect(page.locator(".entries h2").nth(1)).to_have_text(title)
    page.get_by_text("Rename, share, delete").click()
    page.get_by_role("button", name="Share by a link").click()
    page.locator(".notes a").click()
    expect(page.locator("p.note")).to_contain_text("third line")
    assert page.locator("main form").count() == 0
    page.get_by_role("link", name="Print as a dossier").click()
    expect(page.locator("article.story")).to_have_count(2)
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("p.note")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@everywhere
def test_back_after_saving_loses_nothing(window, width, js):
    page = window(width, js=js)
    page.goto("/search?q=ferry")
    page.locator(".choose").first.check()
    page.get_by_role("button", name="chosen articles").click()
    page.get_by_label("Name of the new list").fill("Ferries")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator(".entries > li")).to_have_count(1)  # the page that follows has come
    page.go_back()
    if page.get_by_label("Or a new list").count():
        page.get_by_role("button", name="Keep", exact=True).click()
    else:  # the browser shows the form as it was
        page.get_by_label("Name of the new list").fill("Ferries")
        page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("main")).to_contain_text("1 was on the list already")
    assert page.locator(".entries > li").count() == 1
    page.goto("/shelf")
    assert page.locator("#lists li .name").count() == 1


def test_two_browsers_see_one_shelf_of_one_reader_and_tell_of_changes(window):
    one, two = window(), window(expect_errors=True)
    one.goto("/search?q=ferry")
    one.locator(".choose").first.check()
    one.get_by_role("button", name="chosen articles").click()
    one.get_by_label("Name of the new list").fill("Ferries")
    one.get_by_role("button", name="Keep", exact=True).click()
    two.goto("/shelf")
    two.get_by_role("link", name="Ferries").click()
    for page, note in ((one, "by the one"), (two, "by the other")):
        page.locator(".entries summary").click()
        page.get_by_role("textbox", name="Note").fill(note)
        page.get_by_role("button", name="Save").click()
    expect(two.locator("main")).to_contain_text("by the one")
    expect(two.get_by_role("textbox", name="Note")).to_have_value("by the other")
    two.get_by_role("button", name="Send again").click()
    expect(two.locator("p.note")).to_have_text("by the other")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_shelf_is_accessible_and_fits(window, axe, width, scheme):
    page = window(width, scheme=scheme, bypass_csp=True)
    page.goto("/search?q=ferry")
    page.locator(".choose").first.check()
    page.get_by_role("button", name="chosen articles").click()
    page.get_by_label("Name of the new list").fill("x" * 150)
    forms = [page.url]
    page.get_by_role("button", name="Keep", exact=True).click()
    page.locator(".entries summary").click()
    page.get_by_role("textbox", name="Note").fill("y" * 300)
    page.get_by_label("Your tags").fill("z" * 80)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("p.note")).to_be_visible()
    for address in (*forms, page.url, "/shelf", "/shelf/search?q=ferry", page.url.split("?")[0] +
                    "/dossier", "/search?q=ferry"):  # fmt: skip
        page.goto(address)
        for each in page.locator("main details").all():
            each.evaluate("node => node.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
