"""What readers do, in a real browser: wide and narrow, with a script and without."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from search.engine import Engine
from search.request import Request

Window = Callable[..., Page]

EVERYWHERE = pytest.mark.parametrize(
    ("width", "js"), [(1280, True), (1280, False), (360, True), (360, False)],
    ids=["wide", "wide-noscript", "narrow", "narrow-noscript"],
)  # fmt: skip


def choose(page: Page, width: int, js: bool, label: str) -> None:
    """Tick a value of a facet and apply it, in the drawer where there is one."""
    if width < 960:
        page.locator(".to-filters").click()
        expect(page.locator("#filters")).to_be_visible()
    box = page.locator(f'.facets input[name="tag"][value="{label}"]')
    box.check(no_wait_after=True)
    if not (js and width >= 960):
        page.locator("button.apply").click()
    page.wait_for_url(re.compile(r"tag="))


def total(page: Page) -> int:
    said = re.match(r"([\d,]+) article", page.locator(".sum h1").inner_text())
    assert said
    return int(said[1].replace(",", ""))


@EVERYWHERE
def test_search_drill_down_by_two_tags_remove_one_open_an_article(
    window: Window, engine: Engine, width: int, js: bool
) -> None:
    page = window(width, js=js)
    page.goto("/")
    page.locator("#q").fill("ferry")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search?q=ferry*")
    assert total(page) == engine.search(Request(text="ferry")).total
    tags = page.locator('.facets input[name="tag"]')
    first, second = (str(tags.nth(n).get_attribute("value")) for n in (0, 1))
    choose(page, width, js, first)
    assert total(page) == engine.search(Request(text="ferry", filters={"tags": (first,)})).total
    if width < 960:
        page.goto(page.url.split("#")[0])
    choose(page, width, js, second)
    both = engine.search(Request(text="ferry", filters={"tags": (first, second)}))
    expect(page.locator(".chips li:not(.all)")).to_have_count(2)
    assert total(page) == both.total
    page.locator(".chips a").first.click()
    expect(page.locator(".chips li:not(.all)")).to_have_count(1)
    assert total(page) == engine.search(Request(text="ferry", filters={"tags": (second,)})).total
    title = page.locator(".hit h2 a").first.inner_text()
    page.locator(".hit h2 a").first.click()
    expect(page.locator(".story h1")).to_have_text(title)
    expect(page.locator(".story mark").first).to_be_visible()
    page.locator(".trail .up").click()
    expect(page.locator(".chips li")).to_have_count(1)


@EVERYWHERE
def test_a_value_is_excluded(window: Window, engine: Engine, width: int, js: bool) -> None:
    page = window(width, js=js)
    page.goto("/search?q=ferry" + ("#filters" if width < 960 else ""))
    row = page.locator('[data-facet="tag"] .values li').first
    label = row.locator(".name").inner_text()
    row.hover()
    row.locator("a.not").click()
    page.wait_for_url(re.compile("-tag="))
    left = engine.search(Request(text="ferry", excluded={"tags": (label,)})).total
    assert total(page) == left
    expect(page.locator(".chips .out")).to_contain_text(label)


@EVERYWHERE
def test_all_values_of_a_facet_can_be_seen_and_sifted(window: Window, width: int, js: bool) -> None:
    page = window(width, js=js)
    page.goto("/search" + ("#filters" if width < 960 else ""))
    field = page.locator('[data-facet="tag"]')
    before = field.locator(".values li").count()
    field.locator("a.more").click()
    if js:
        finder = field.locator(".finder")
        expect(finder).to_be_focused()
        assert field.locator(".values li").count() > before
        finder.fill("harr")
        others = field.locator(".values .name").filter(has_not_text=re.compile("harr", re.I))
        expect(others).to_have_count(0)
    else:
        page.wait_for_url("**/facet/tag*")
        page.locator('.sift input[name="contains"]').fill("harr")
        page.locator(".sift button").click()
        page.wait_for_url("**contains=harr*")
        field = page.locator(".facets.wide")
    shown = field.locator(".values .name").all_inner_texts()
    assert shown
    assert all("harr" in each.lower() for each in shown)
    field.locator(".values input").first.check(no_wait_after=True)
    if not js:
        page.locator(".facets.wide button").click()
    elif width < 960:
        page.locator("button.apply").click()
    page.wait_for_url(re.compile(r"/search\?.*tag="))
    expect(page.locator(".chips li")).to_have_count(1)


@EVERYWHERE
def test_a_bar_of_the_timeline_narrows_and_all_dates_widens(
    window: Window, engine: Engine, width: int, js: bool
) -> None:
    page = window(width, js=js)
    page.goto("/search?q=ferry")
    bar = page.locator(".timeline svg a").first
    label, count = str(bar.get_attribute("aria-label")).rsplit(": ", 1)
    at = bar.locator("rect").bounding_box()
    assert at
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    if js:
        expect(page.locator("[data-readout]")).to_have_text(f"{label}: {count}")
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.wait_for_url(re.compile("from="))
    assert total(page) == int(count)
    page.locator(".timeline .reset").click()
    page.wait_for_url("**/search?q=ferry")
    assert total(page) == engine.search(Request(text="ferry")).total


def test_dragging_over_the_timeline_narrows_to_a_span(window: Window, engine: Engine) -> None:
    page = window()
    page.goto("/search")
    area = page.locator(".timeline svg").bounding_box()
    assert area
    y = area["y"] + area["height"] / 2
    page.mouse.move(area["x"] + area["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.5, y, steps=4)
    expect(page.locator("[data-readout]")).to_contain_text("–")
    page.mouse.up()
    page.wait_for_url(re.compile("from=.*to="))
    asked = dict(re.findall(r"(from|to)=([^&]+)", page.url))
    assert asked["from"] < asked["to"]
    expected = engine.search(Request(since=asked["from"], until=asked["to"])).total
    assert total(page) == expected


def test_the_timeline_obeys_the_keyboard(window: Window, engine: Engine) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.locator(".timeline svg").focus()
    page.keyboard.press("ArrowRight")
    first = page.locator("[data-readout]").inner_text()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-readout]")).to_contain_text(first.rsplit(":", 1)[0])
    expect(page.locator("[data-readout]")).to_contain_text("–")
    page.keyboard.press("Escape")
    expect(page.locator("[data-readout]")).to_contain_text("busiest")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from="))
    last = engine.search(Request(text="ferry")).timeline
    assert last is not None
    assert total(page) == last.bars[-1].count


@pytest.mark.parametrize("width", [1280, 360])
def test_completion_by_keyboard(window: Window, width: int) -> None:
    page = window(width)
    page.goto("/")
    box = page.locator("#q")
    expect(box).to_have_attribute("role", "combobox")
    box.press_sequentially("ferr", delay=20)
    options = page.locator("#list [role=option]")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "o0")
    box.press("ArrowUp")
    expect(box).to_have_value("ferr")
    box.press("ArrowDown")
    box.press("Escape")
    expect(page.locator("#list")).to_be_hidden()
    expect(box).to_have_value("ferr")
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/search?q=*ferries*")
    assert page.locator(".hit").count() > 0


def test_recent_searches_stay_on_the_device_and_can_be_forgotten(window: Window) -> None:
    page = window()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    for words in ("strike", "ferry"):
        page.goto("/")
        page.locator("#q").fill(words)
        page.locator("#q").press("Enter")
        page.wait_for_url(f"**/search?q={words}")
    page.goto("/")
    sent.clear()
    page.locator("#q").focus()
    options = page.locator("#list [role=option] span")
    expect(options).to_have_text(["ferry", "strike", "Forget these"])
    assert [url for url in sent if "/static/" not in url] == []
    options.last.click()
    page.locator("#q").blur()
    page.locator("#q").focus()
    expect(page.locator("#list")).to_be_hidden()


def test_the_keys(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    links = page.locator(".hit h2 a")
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("?")
    dialog = page.locator("#keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    title = links.nth(1).inner_text()
    links.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".story h1")).to_have_text(title)
    page.keyboard.press("]")
    expect(page.locator(".story h1")).not_to_have_text(title)
    page.keyboard.press("[")
    expect(page.locator(".story h1")).to_have_text(title)
    page.keyboard.press("u")
    page.wait_for_url("**/search?q=ferry")
    # Single keys can be switched off, for those who dictate.
    page.keyboard.press("?")
    page.locator("[data-single]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    page.reload()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_matches_of_an_article_one_after_the_other(window: Window) -> None:
    page = window()
    page.goto("/search?q=zeppelin")
    page.locator(".hit h2 a").first.click()
    marks = page.locator(".story mark")
    expect(page.locator("footer.foot")).to_be_visible()  # the whole page has come
    count = marks.count()
    assert count > 10
    page.keyboard.press("n")
    expect(marks.nth(0)).to_have_class("at")
    for _ in range(count - 1):
        page.keyboard.press("n")
    expect(marks.nth(count - 1)).to_have_class("at")
    expect(marks.nth(count - 1)).to_be_in_viewport()
    page.keyboard.press("n")
    expect(marks.nth(0)).to_have_class("at")
    page.keyboard.press("p")
    expect(marks.nth(count - 1)).to_have_class("at")
    expect(page.locator(".story mark.at")).to_have_count(1)


def test_without_a_script_the_matches_are_a_link_to_the_first(window: Window) -> None:
    page = window(js=False)
    page.goto("/search?q=zeppelin")
    page.locator(".hit h2 a").first.click()
    page.locator(".trail .matches").click()
    expect(page).to_have_url(re.compile("#m1$"))


@pytest.mark.parametrize("js", [True, False])
def test_the_drawer_of_a_phone_opens_and_closes(window: Window, js: bool) -> None:
    page = window(360, js=js)
    page.goto("/search?q=ferry")
    expect(page.locator("#filters")).to_be_hidden()
    page.locator(".to-filters").click()
    expect(page.locator("#filters")).to_be_visible()
    if js:
        expect(page.locator("#filters .close")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#filters")).to_be_hidden()
        expect(page.locator(".to-filters")).to_be_focused()
        page.locator(".to-filters").click()
    page.locator("#filters .close").click()
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator(".hit").first).to_be_visible()


@pytest.mark.parametrize("js", [True, False])
def test_dates_can_be_typed(window: Window, engine: Engine, js: bool) -> None:
    page = window(js=js)
    page.goto("/search?q=ferry")
    page.locator('input[name="from"]').fill("2023-05")
    page.locator('input[name="to"]').fill("2023-06")
    page.locator('input[name="to"]').press("Enter")
    page.wait_for_url("**from=2023-05*")
    expected = engine.search(Request(text="ferry", since="2023-05", until="2023-06")).total
    assert total(page) == expected


@EVERYWHERE
def test_browsing_from_a_letter_to_an_article(window: Window, width: int, js: bool) -> None:
    page = window(width, js=js)
    page.goto("/")
    page.locator(".ways a").first.click()
    page.locator(".shelves h2 a").first.click()
    page.locator('.sift input[value="value"]').check()
    page.locator(".sift button").click()
    page.locator(".letters a").last.click()
    name = page.locator(".letter .sparks a").first.inner_text()
    page.locator(".letter .sparks a").first.click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".timeline")).to_be_visible()
    page.locator("section[aria-labelledby=newest] h3 a").first.click()
    expect(page.locator(".story h1")).to_be_visible()


@EVERYWHERE
def test_the_calendar_leads_to_a_day(window: Window, width: int, js: bool) -> None:
    page = window(width, js=js)
    page.goto("/browse/calendar")
    page.locator(".years a").first.click()
    day = page.locator(".month td a").first
    count = int(re.sub(r"\D", "", str(day.get_attribute("aria-label")).rsplit(":", 1)[1]))
    day.click()
    page.wait_for_url("**/search?from=*")
    assert total(page) == count


@pytest.mark.parametrize("js", [True, False])
def test_citing_comparing_and_how_it_was_read(window: Window, engine: Engine, js: bool) -> None:
    twin = next(each for each in engine.scan(Request()) if len(engine.versions(each.id)) > 1)
    page = window(js=js)
    page.goto(f"/article/{twin.id}")
    page.locator(".cite summary").click()
    expect(page.locator(".cite pre").nth(1)).to_contain_text(twin.id)
    page.locator(".origin summary").click()
    expect(page.locator(".origin dl")).to_contain_text(twin.origin.reader)
    page.locator(".versions a").last.click()
    expect(page.locator(".diff")).to_be_visible()
    expect(page.locator(".diff p:not(.legend)").first).to_be_visible()


@pytest.mark.parametrize("js", [True, False])
def test_another_language_is_chosen_and_kept(window: Window, js: bool) -> None:
    page = window(js=js)
    page.goto("/search?q=ferry")
    page.locator(".tongues a[lang=de]").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".sum h1")).to_contain_text("Artikel zu")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_a_script_that_fails_to_load_costs_nothing(window: Window) -> None:
    page = window(expect_errors=True)
    page.route("**/*.js*", lambda route: route.abort())
    page.goto("/search?q=ferry")
    page.locator('.facets input[name="tag"]').first.check()
    page.locator('input[name="from"]').press("Enter")
    page.wait_for_url(re.compile("tag="))
    expect(page.locator(".chips li")).to_have_count(1)
