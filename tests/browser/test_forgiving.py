"""What goes wrong while somebody searches, and how the pages take it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Window = Callable[..., Page]


@pytest.mark.parametrize("width", [1280, 360])
def test_back_shows_the_choices_of_the_page_that_it_leads_to(window: Window, width: int) -> None:
    page = window(width)
    page.goto("/search?q=ferry")
    if width < 960:
        page.locator(".to-filters").click()
    box = page.locator('.facets input[name="tag"]').first
    value = box.get_attribute("value")
    box.check(no_wait_after=True)
    if width < 960:
        page.locator("button.apply").click()
    page.wait_for_url(re.compile("tag="))
    page.go_back()
    page.wait_for_url(lambda url: "tag=" not in url)
    expect(page.locator(f'.facets input[name="tag"][value="{value}"]')).not_to_be_checked()


@pytest.mark.parametrize("js", [True, False], ids=["script", "noscript"])
def test_a_date_that_is_none_keeps_the_search_and_is_said_beside_its_field(
    window: Window, js: bool
) -> None:
    page = window(js=js)
    page.goto("/search?q=ferry&sort=newest")
    found = page.locator(".sum h1").inner_text()
    page.locator("#from").fill("spring")
    page.locator("button.between").click()
    page.wait_for_url(re.compile("from=spring"))
    expect(page.locator("#from")).to_have_value("spring")
    expect(page.locator("#from")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#from-problem")).to_contain_text("not a date")
    expect(page.locator(".notes")).to_contain_text("spring")
    assert page.locator(".sum h1").inner_text() == found
    assert "sort=newest" in page.url
    assert "spring" not in str(page.locator(".hit h2 a").first.get_attribute("href"))


def test_reversed_dates_are_exchanged_and_that_is_said(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry&from=2024&to=2023")
    swapped = page.locator(".sum h1").inner_text()
    expect(page.locator(".notes")).to_contain_text("exchanged")
    page.goto("/search?q=ferry&from=2023&to=2024")
    assert page.locator(".sum h1").inner_text() == swapped


def test_a_day_can_be_chosen_and_examples_lie_in_the_archive(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    first = str(page.locator("#from").get_attribute("placeholder"))
    picker = page.locator('.picker[data-for="from"]')
    assert first == str(picker.get_attribute("min"))[:7]
    picker.fill("2023-06-01")
    expect(page.locator("#from")).to_have_value("2023-06-01")
    page.locator("button.between").click()
    page.wait_for_url(re.compile("from=2023-06-01"))
    expect(page.locator('.picker[data-for="from"]')).to_have_value("2023-06-01")


def test_the_page_after_a_choice_opens_where_the_last_one_was(window: Window) -> None:
    page = window()
    page.goto("/search?q=the&match=any")
    box = page.locator('.facets input[name="section"]').nth(1)
    value = box.get_attribute("value")
    box.scroll_into_view_if_needed()
    page.evaluate("scrollTo({top: 200, behavior: 'instant'})")
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("section="))
    page.wait_for_function("scrollY > 100")
    focused = page.evaluate("[document.activeElement.name, document.activeElement.value]")
    assert focused == ["section", value]


def test_a_link_leads_past_the_filters_to_the_first_result(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".skip:focus")).to_contain_text("first result")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('#first'))")


@pytest.mark.parametrize("path", ["/", "/search?q=ferry", "/help", "/api/", "/browse"])
def test_long_words_do_not_widen_a_narrow_page(window: Window, path: str) -> None:
    page = window(360)
    page.goto(path)
    page.evaluate(
        """for (const node of document.querySelectorAll("main :is(h1, h2, h3, a, td, p, .name)"))
             if (!node.childElementCount && !node.closest(".order"))
               node.textContent += "W".repeat(90);"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_a_finger_touches_is_large_enough(window: Window) -> None:
    """24 by 24 pixels, or in running text, as WCAG 2.2 (2.5.8) asks."""
    page = window(360)
    page.goto("/search?q=ferry")
    small = page.evaluate(
        """[...document.querySelectorAll("main a, main button, main input, footer a")]
             .filter((node) => node.checkVisibility() && !node.closest("svg, .skip"))
             .map((node) => [node.textContent, node.getBoundingClientRect()])
             .filter(([, box]) => box.width && (box.height < 23.5 || box.width < 23.5))
             .map(([text]) => text)"""
    )
    assert small == []


def test_print_gives_the_text_its_width_and_an_article_its_source(window: Window) -> None:
    page = window(1280)
    page.emulate_media(media="print")
    page.goto("/search?q=ferry")
    assert page.locator(".found").bounding_box()["width"] > 900  # type: ignore[index]
    page.goto(str(page.locator(".hit h2 a").first.get_attribute("href")))
    printed = page.locator(".printed")
    expect(printed).to_be_visible()
    expect(printed).to_contain_text("/article/")
    expect(printed).to_contain_text("Tag:")


def test_the_counter_of_matches_counts(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.locator(".hit h2 a").first.click()
    page.locator(".matches").click()
    expect(page.locator(".matches")).to_contain_text("match 1 of")
    page.keyboard.press("n")
    expect(page.locator(".matches")).to_contain_text("match 2 of")


def test_completion_tells_tags_and_headlines_apart(window: Window) -> None:
    page = window()
    page.goto("/")
    page.locator("#q").fill("ferr")
    option = page.locator("[role=option]", has_text="tag").first
    expect(option).to_be_visible()
    expect(option.locator("b").first).to_have_text(re.compile("ferr", re.IGNORECASE))


@pytest.mark.parametrize("width", [360, 1280])
def test_the_labels_under_a_timeline_are_those_of_its_ends(window: Window, width: int) -> None:
    page = window(width)
    page.goto("/")
    labels = [each.strip() for each in page.locator(".ticks span:visible").all_inner_texts()]
    bars = page.locator(".timeline svg > :is(a, g:not(:empty), g[data-bar])")
    names = [
        str(bar.get_attribute("data-label") or bar.get_attribute("aria-label")).split(":")[0]
        for bar in bars.all()
    ]
    assert (labels[0], labels[-1]) == (names[0], names[-1])
    boxes = [each.bounding_box() for each in page.locator(".ticks span:visible").all()]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
