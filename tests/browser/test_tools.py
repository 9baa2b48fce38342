"""Comparing, counting lists and asking by example in a browser, with a script and without."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Window = Callable[..., Page]

BOTH = pytest.mark.parametrize("js", [True, False], ids=["script", "no script"])
WIDTHS = pytest.mark.parametrize("width", [1280, 360])

_AXE = """() => axe.run(document, {resultTypes: ["violations"], runOnly: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})"""


def check(page: Page, axe: str, js: bool) -> None:
    """Nothing sticks out of the page, and axe finds nothing, light and dark."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    if not js:
        return
    assert page.evaluate(wide) <= 0
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = page.evaluate(_AXE)["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@BOTH
@WIDTHS
def test_a_result_is_compared_over_time(window: Window, axe: str, js: bool, width: int) -> None:
    page = window(width, js=js)
    page.goto("/search?q=bridge")
    page.get_by_role("link", name="Compare over time").click()
    page.get_by_label("Search 2").fill("ferry")
    page.get_by_label("Search 3").fill("<b>storm</b>")
    page.get_by_label("show").select_option("share")
    page.get_by_label("the first two side by side, by").select_option("section")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("q=bridge&q=ferry.*show=share"))
    plot = page.get_by_role("img", name="A line for each search")
    expect(plot).to_have_count(1)  # the other is for another width
    expect(plot.locator("polyline:not(.burst)")).to_have_count(3)
    assert plot.locator("polyline:not(.burst)").nth(1).get_attribute("stroke-dasharray")
    expect(page.get_by_role("region", name="The numbers")).to_be_visible()
    expect(page.get_by_role("region", name="Section")).to_be_visible()
    check(page, axe, js)
    page.get_by_role("region", name="The numbers").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/search\?q="))


@BOTH
@WIDTHS
def test_a_list_is_counted_and_taken_away(window: Window, axe: str, js: bool, width: int) -> None:
    page = window(width, js=js)
    page.goto("/browse")
    page.get_by_role("link", name="Count a list of queries").click()
    page.get_by_label("The list").fill("bridge\nferry strike\nnosuchword\n<i>storm</i>")
    page.get_by_label("each year too").check()
    page.get_by_role("button", name="Count", exact=True).click()
    table = page.get_by_role("region", name="4 lines").locator("table")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table.get_by_role("columnheader", name="2024")).to_be_visible()
    check(page, axe, js)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download as CSV").click()
    lines = taken.value.path().read_text("utf-8").splitlines()
    assert lines[0].startswith("line,query,count,first,last,2023,2024")
    assert len(lines) == 5
    page.get_by_label("or a file").set_input_files(
        {"name": "names.csv", "mimeType": "text/csv", "buffer": b"id,name\n1,lantern\n2,\n"}
    )
    page.get_by_role("button", name="Count", exact=True).click()
    expect(page.get_by_role("region", name="2 lines")).to_contain_text("There is no query on")


@BOTH
@WIDTHS
def test_a_passage_is_asked_for_by_example(window: Window, axe: str, js: bool, width: int) -> None:
    page = window(width, js=js)
    page.goto("/like")
    text = "Paragraph 3 tells more of the zeppelin. It was grey. It was grey. <b>And</b> so on."
    page.get_by_label("The text").fill(text)
    page.get_by_role("button", name="Find what is like it").click()
    earlier = page.get_by_role("region", name="Where it ran before")
    expect(earlier.get_by_role("link", name="A zeppelin over the harbour")).to_be_visible()
    assert earlier.locator("mark").first.inner_text().startswith("Paragraph 3 tells more")
    check(page, axe, js)


PAGE = """<!doctype html><html><head><title>Copied</title></head><body><nav>Home</nav><article>
<h1>Copied</h1><p>Paragraph 3 tells more of the zeppelin. It was grey. It was grey.</p><p>%s</p>
</article><footer>Paragraph 4 tells more of the zeppelin.</footer></body></html>"""

_DROP = """([name, text]) => {
    const given = new DataTransfer();
    given.items.add(new File([text], name, {type: "text/html"}));
    for (const kind of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(kind, {dataTransfer: given, bubbles: true, cancelable: true});
        document.querySelector("h1").dispatchEvent(event);
        if (!event.defaultPrevented) throw new Error(kind + " is left to the browser");
    }
}"""


@BOTH
@WIDTHS
def test_a_page_is_dropped_or_chosen(window: Window, axe: str, js: bool, width: int) -> None:
    """What is no article on it is no part of the example, as in what is indexed."""
    page = window(width, js=js)
    page.goto("/like")
    content = PAGE % ("Other news of that day came by mail. " * 20)
    if js:
        page.evaluate(_DROP, ["copied.html", content])
        expect(page.get_by_role("button", name="Find what is like it")).to_be_focused()
    else:
        file = {"name": "copied.html", "mimeType": "text/html", "buffer": content.encode()}
        page.get_by_label("or a file").set_input_files(file)
    page.get_by_role("button", name="Find what is like it").click()
    earlier = page.get_by_role("region", name="Where it ran before")
    expect(earlier.get_by_role("link", name="A zeppelin over the harbour")).to_be_visible()
    assert "Paragraph 4" not in page.get_by_label("The text").input_value()
    assert "Paragraph 3" in page.get_by_label("The text").input_value()
    check(page, axe, js)
