"""What goes wrong while somebody searches, and how the pages take it, in a real browser."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import StringIO
from itertools import pairwise

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


def test_a_page_that_the_browser_kept_shows_the_choices_of_its_address(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    box = page.locator('.facets input[name="tag"]').first
    box.evaluate("box => { box.checked = true }")  # as it was when the page was left
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(box).not_to_be_checked()


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
    expect(page.locator(".byline time")).to_be_visible()
    for gone in (".top", ".trail", ".rail", ".foot"):
        expect(page.locator(gone).first).to_be_hidden()


def test_a_result_is_printed_with_its_filters_and_no_headline_at_the_foot_of_a_page(
    window: Window,
) -> None:
    page = window()
    page.emulate_media(media="print")
    page.goto("/search?q=ferry&tag=Vell&-section=Features")
    expect(page.locator(".chips")).to_contain_text("Vell")
    expect(page.locator(".chips .out")).to_be_visible()
    expect(page.locator(".chips .all")).to_be_hidden()
    whole = "node => getComputedStyle(node).breakInside"
    assert page.locator(".hit").first.evaluate(whole) == "avoid"
    page.goto("/compare?q=ferry&q=strike&tag=Vell")
    expect(page.locator(".plot.wide")).to_be_visible()
    expect(page.locator(".work")).to_contain_text("Vell")
    for gone in (".work button", ".work input[name=q]", ".work select"):
        expect(page.locator(gone).first).to_be_hidden()


def test_a_headline_of_a_thousand_characters_leaves_room_for_the_next_result(
    window: Window,
) -> None:
    page = window(360)
    page.goto("/search?q=ferry")
    title = page.locator(".hit h2 a").first
    title.evaluate("node => { node.textContent = 'ferries '.repeat(125) }")
    box = title.bounding_box()
    assert box
    assert box["height"] < 250


def test_an_address_that_is_not_valid_keeps_what_was_searched_for(window: Window) -> None:
    page = window(expect_errors=True)
    page.goto("/search?q=ferry+strike&page=x")
    expect(page.locator("h1")).to_contain_text("not valid")
    expect(page.locator("#q")).to_have_value("ferry strike")


def test_an_article_is_printed_with_its_source(window: Window) -> None:
    page = window()
    page.emulate_media(media="print")
    page.goto("/search?q=ferry&source=The+Harrow+Bay+Courier")
    page.goto(str(page.locator(".hit h2 a").first.get_attribute("href")))
    expect(page.locator(".byline")).to_contain_text("The Harrow Bay Courier")
    expect(page.locator(".byline")).to_be_visible()


def test_the_counter_of_matches_counts(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.locator(".hit h2 a").first.click()
    line = "node => getComputedStyle(node).textDecorationLine"
    assert page.locator(".matches").evaluate(line) == "underline"
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


@pytest.mark.parametrize("width", [360, 660, 1280])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=&from=2024-09-01&to=2024-09-30&ui=es",
        "/search?q=&from=2024-09-19&to=2024-09-19&ui=de",
    ],
)
def test_the_labels_under_a_timeline_stand_whole_and_apart(
    window: Window, width: int, path: str
) -> None:  # fmt: skip
    page = window(width)
    page.goto(path)
    ticks = page.locator(".ticks span:visible")
    labels = [each.strip() for each in ticks.all_inner_texts()]
    bars = page.locator(".timeline svg > :is(a, g:not(:empty), g[data-bar])")
    names = [
        str(bar.get_attribute("data-label") or bar.get_attribute("aria-label")).rsplit(": ", 1)[0]
        for bar in bars.all()
    ]
    assert (labels[0], labels[-1]) == (names[0], names[-1])
    boxes = [box for each in ticks.all() if (box := each.bounding_box())]
    assert len(boxes) == len(labels)
    ends = [0.0, *(box["x"] + box["width"] + 4 for box in boxes)]
    assert all(end <= box["x"] for end, box in zip(ends, boxes, strict=False)), labels
    assert ends[-1] - 4 <= width


PARTIAL = "/search?q=ferry+council+tide"
"""No article has all three words."""
MIXED = "/search?q=ferry+strike"
"""Few have both, and others follow."""


@pytest.mark.parametrize("path", [PARTIAL, MIXED, "/search?q=ferry"])
def test_heading_facets_timeline_exports_and_feeds_are_of_the_same_articles(
    window: Window, path: str
) -> None:
    page = window()
    page.goto(path)
    asked = path.partition("?")[2]
    answer = page.request.get(f"/api/v1/search?{asked}&facets=language").json()
    shown = answer["total"] + answer["partial_total"]
    assert shown > 5
    counts = re.findall(r"\d+", " ".join(page.locator(".sum h1, .further").all_inner_texts()))
    assert sum(map(int, counts)) == shown
    years = page.locator('fieldset[data-facet="year"] .count').all_inner_texts()
    assert sum(map(int, years)) == shown
    assert sum(bar["count"] for bar in answer["timeline"]) + answer["undated"] == shown
    bars = [str(each.get_attribute("aria-label")) for each in page.locator(".timeline a").all()]
    assert sum(int(label.rpartition(": ")[2]) for label in bars) == shown - answer["undated"]
    table = page.request.get(f"/export.csv?{asked}").text()
    assert len(list(csv.DictReader(StringIO(table)))) == shown
    assert page.request.get(f"/export.jsonl?{asked}").text().count("\n") == shown
    assert page.request.get(f"/export.ris?{asked}").text().count("\nER  -") == shown
    # A feed has the newest of the stories that the page lists, each once.
    listed = page.request.get(f"/api/v1/search?{asked}&sort=newest&size=30").json()["hits"]
    feed = page.request.get(f"/feed.json?{asked}").json()
    assert [item["id"].rpartition("/")[2] for item in feed["items"]] == [
        hit["id"] for hit in listed
    ]
    assert page.request.get(f"/feed.atom?{asked}").text().count("<entry>") == len(listed)


def test_an_open_quotation_mark_is_left_out_by_a_click(window: Window) -> None:
    page = window()
    page.goto('/search?q="ferry+strike&sort=newest')
    page.locator(".notes a").click()
    page.wait_for_url(re.compile(r"q=ferry\+strike"))
    expect(page.locator("#q")).to_have_value("ferry strike")
    assert "sort=newest" in page.url


def test_a_page_on_its_way_is_said_to_be(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    busy = page.evaluate(
        """() => {
          document.querySelector(".facets input[name=tag]").click();
          return document.querySelector("main").getAttribute("aria-busy");
        }"""
    )
    assert busy == "true"
    page.wait_for_url(re.compile("tag="))
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    page.go_back()
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, by WCAG 2 (1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_placeholders_and_bars_are_seen_by_weak_eyes(window: Window, scheme: str) -> None:
    page = window(scheme=scheme)
    page.goto("/")
    words, field = page.evaluate(
        """[getComputedStyle(document.querySelector("#q"), "::placeholder").color,
            getComputedStyle(document.querySelector("#q")).backgroundColor]"""
    )
    assert _contrast(words, field) >= 4.5
    bar, spark, paper = page.evaluate(
        """[getComputedStyle(document.querySelector(".timeline rect")).fill,
            getComputedStyle(document.querySelector(".spark")).fill,
            getComputedStyle(document.body).backgroundColor]"""
    )
    assert _contrast(bar, paper) >= 3
    assert _contrast(spark, paper) >= 3


def test_headlines_of_another_language_are_marked_and_set_in_its_direction(window: Window) -> None:
    page = window()
    page.goto("/search?q=Skarn")
    hit = page.locator(".hit", has_text="Arabic").first
    expect(hit.locator("h2 a")).to_have_attribute("lang", "ar")
    for part in ("h2", ".snippet, .snippet bdi", ".tags a"):
        first = hit.locator(part).first
        assert first.evaluate("node => getComputedStyle(node).direction") == "rtl", part
    hit.locator("h2 a").click()
    for part in (".story h1", ".story .lead", ".body p", ".byline a bdi", ".rail .filed .tags a"):
        first = page.locator(part).first
        assert first.evaluate("node => getComputedStyle(node).direction") == "rtl", part
    assert page.locator(".byline time").evaluate("node => getComputedStyle(node).direction") == (
        "ltr"
    )


def test_each_part_of_an_article_is_set_in_its_own_direction(window: Window) -> None:
    page = window()
    page.goto("/search?q=Ravensworth")
    direction = "node => getComputedStyle(node).direction"
    for part in (".hit h2", ".hit .tags a", ".hit .kicker a bdi"):
        assert page.locator(part).first.evaluate(direction) == "rtl", part
    page.locator(".hit h2 a").first.click()
    for part in (".story h1", ".story .lead", ".body p:first-child", ".byline a bdi",
                 ".story .kicker bdi", ".filed .tags a"):  # fmt: skip
        assert page.locator(part).first.evaluate(direction) == "rtl", part
    assert page.locator(".body p").nth(1).evaluate(direction) == "ltr"


def test_differences_of_versions_are_seen_without_colours(window: Window) -> None:
    page = window()
    page.goto("/search?q=herring&size=50")
    page.locator(".tags .others").first.click()
    page.wait_for_url(re.compile("/versions"))
    expect(page.locator(".numbered li")).not_to_have_count(0)
    for each in page.locator(".numbered small").all_inner_texts():
        assert re.match(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", each), each
    compared = " ".join(page.locator(".numbered small").all_inner_texts())
    assert "compared: the older" in compared
    assert "compared: the newer" in compared
    for media in ("screen", "print"):
        page.emulate_media(media=media)  # type: ignore[arg-type]
        for name, line in (("ins", "underline"), ("del", "line-through")):
            style = "node => getComputedStyle(node).textDecorationLine"
            assert page.locator(f".diff {name}").first.evaluate(style) == line


def test_names_of_parameters_stay_whole_on_a_phone(window: Window) -> None:
    page = window(360)
    page.goto("/api/")
    broken = page.evaluate(
        """[...document.querySelectorAll(".syntax td:first-child code")]
             .filter((node) => node.getClientRects().length > 1).map((node) => node.textContent)"""
    )
    assert broken == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/search", ["Newest", "Export or subscribe:", "all words first", "all words", "any word"]),
        ("/search?q=ferry", ["Relevant and recent", "Match", "Keyboard shortcuts"]),
        ("/search?q=zzzzqqqq", ["No articles match all of these"]),
        ("/help", ["Search tips"]),
        ("/browse/tag?value=ferries", ["Often together with"]),
        ("article", ["Source details"]),
        ("/nothing", ["Go to the home page"]),
        ("/search?page=x", ["This search address is not valid"]),
    ],
)
def test_usual_words_are_used(window: Window, path: str, said: list[str]) -> None:
    page = window(expect_errors=path in ("/nothing", "/search?page=x"))
    if path == "article":
        page.goto("/search?q=ferry")
        path = str(page.locator(".hit h2 a").first.get_attribute("href"))
    page.goto(path)
    text = page.locator("body").inner_text()
    assert [each for each in said if each not in text] == []
    for word in ("Take it away", "Timely", "In company", "Manual"):
        assert word not in text


@pytest.mark.parametrize("width", [360, 1280])
def test_values_of_a_facet_are_alternatives_and_the_sign_to_exclude_one_has_a_name(
    window: Window, width: int
) -> None:
    page = window(width)
    page.goto("/search?q=ferry")
    if width < 960:
        page.locator(".to-filters").click()
    for legend in page.locator(".facets fieldset[data-facet] legend").all():
        expect(legend).to_contain_text("any of these")
    for sign in page.locator(".facets .not").all()[:5]:
        value = sign.locator("xpath=..").locator(".name").inner_text()
        assert sign.get_attribute("title") == f"Exclude {value}"
        assert sign.get_attribute("aria-label") == f"Exclude {value}"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_the_ways_into_the_archive_stand_beside_its_name_on_a_phone(
    window: Window, language: str
) -> None:
    page = window(360)
    page.goto(f"/search?q=ferry&ui={language}")
    name, ways = page.locator(".top .wordmark").bounding_box(), page.locator(".ways").bounding_box()
    assert name and ways
    assert ways["y"] < name["y"] + name["height"]
    assert ways["x"] >= name["x"] + name["width"]


@pytest.mark.parametrize("query", ['"ferry strike"', '"ferry strike" tide', '"ferry'])
def test_quotation_marks_are_not_doubled_in_the_heading(window: Window, query: str) -> None:
    page = window()
    page.goto("/search?q=" + query.replace(" ", "+"))
    heading = page.locator(".sum h1").inner_text()
    assert '"' not in heading
    assert heading.count("“") == heading.count("”") == 1


def test_parts_of_a_line_keep_their_order_and_distance_whatever_they_are_written_in(
    window: Window,
) -> None:
    page = window()
    page.goto("/search?q=Skarn")
    parts = page.locator(".hit .kicker").first.locator("> *")
    boxes = [each.bounding_box() for each in parts.all()]
    assert len(boxes) == 4
    for left, right in pairwise(boxes):
        assert left and right
        assert 10 < right["x"] - left["x"] - left["width"] < 30


def test_a_single_bar_is_no_wall(window: Window) -> None:
    page = window()
    page.goto("/search?q=Skarn")
    bar = page.locator(".timeline rect").first.bounding_box()
    assert bar and bar["width"] < 80


def test_without_words_the_order_is_by_date_and_says_so(window: Window) -> None:
    page = window()
    page.goto("/search")
    expect(page.locator(".order nav").first.locator("[aria-current]")).to_have_text("Newest")
    stamps = [str(each.get_attribute("datetime")) for each in page.locator(".hit time").all()]
    assert stamps == sorted(stamps, reverse=True)
