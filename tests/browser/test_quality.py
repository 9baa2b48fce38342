"""What a page owes to everybody: nobody shut out, nothing that jumps, nothing that does not fit."""

from __future__ import annotations

import fcntl
import re
import threading
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from waitress import create_server

from indexer.store.lock import LOCK_NAME
from search.engine import Engine, open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.i18n.wording import LANGUAGES
from web.waiting import WaitingEngine

Window = Callable[..., Page]


@pytest.fixture(scope="module")
def pages(engine: Engine) -> dict[str, str]:
    """Every kind of page, with an address."""
    twin = next(each for each in engine.scan(Request()) if len(engine.versions(each.id)) > 1)
    rich = next(each for each in engine.scan(Request(text="ferry")) if each.captions)
    arabic = next(each for each in engine.scan(Request()) if each.language == "ar")
    return {
        "home": "/",
        "results": "/search?q=ferry",
        "narrowed": "/search?q=ferry+strike&tag=ferries&tag=Vell&-section=Features&year=2023",
        "explained": "/search?q=ferry&explain=1",
        "nothing": "/search?q=ferry+zeppelinesque&match=all&tag=Vell",
        "misspelt": '/search?q="budegt',
        "page two": "/search?page=2",
        "article": f"/article/{rich.id}?q=ferry",
        "long": "/article/" + engine.search(Request(text="zeppelin")).hits[0].id + "?q=zeppelin",
        "leftwards": f"/article/{arabic.id}?q=Skarn",
        "versions": f"/article/{twin.id}/versions",
        "related": f"/article/{twin.id}/related",
        "facet": "/facet/tag?q=ferry",
        "browse": "/browse",
        "tags": "/browse/tag?by=value",
        "tag": "/browse/tag?value=ferries",
        "calendar": "/browse/calendar",
        "year": "/browse/calendar/2023",
        "help": "/help",
        "shelf": "/shelf",
        "keep": "/shelf/search?q=ferry",
        "count": "/count",
        "compare": "/compare?q=ferry&q=strike",
        "like": "/like",
        "api": "/api/",
        "missing": "/nothing/here",
        "refused": "/search?page=x",
    }


NAMES = (
    "home", "results", "narrowed", "explained", "nothing", "misspelt", "page two", "article",
    "long", "leftwards", "versions", "related", "facet", "browse", "tags", "tag", "calendar",
    "year", "help", "shelf", "keep", "count", "compare", "like", "api", "missing", "refused",
)  # fmt: skip
EVERY = pytest.mark.parametrize("name", NAMES)


def test_every_kind_of_page_is_named(pages: dict[str, str]) -> None:
    assert tuple(pages) == NAMES


_AXE = """() => axe.run(document, {resultTypes: ["violations"], runOnly: [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})"""


def _violations(page: Page) -> list[str]:
    """Return what axe finds: the rule, the element, and why."""
    return [
        f"{each['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:300]}"
        for each in page.evaluate(_AXE)["violations"]
        for node in each["nodes"]
    ]


_WIDTHS_AND_SCHEMES = tuple(product((1280, 360), ("light", "dark")))
_LOOKED_AT = {
    "en": _WIDTHS_AND_SCHEMES,
    # Each language at each width and in each scheme; which colours meet does not depend on words.
    "de": ((1280, "dark"), (360, "light")),
    "es": ((1280, "light"), (360, "dark")),
    "rtl": ((1280, "light"), (360, "dark")),
}


@EVERY
def test_axe_finds_nothing(window: Window, axe: str, pages: dict[str, str], name: str) -> None:
    """In every language, on both widths, light and dark; and as if read from right to left."""
    assert set(_LOOKED_AT) == {*LANGUAGES, "rtl"}
    page = window(expect_errors=name in ("missing", "refused"))
    for language, looks in _LOOKED_AT.items():
        if language == "rtl":
            page.evaluate("document.documentElement.dir = 'rtl'")
        else:
            joint = "&" if "?" in pages[name] else "?"
            page.goto(f"{pages[name]}{joint}ui={language}")
            for details in page.locator("details").all():
                details.evaluate("node => { node.open = true }")
            # The policy of the page forbids scripts that are not its own, not evaluation.
            page.evaluate(axe)
        for width, scheme in looks:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert _violations(page) == [], (language, width, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(window: Window, axe: str, scheme: str) -> None:
    page = window(scheme=scheme)
    page.goto("/search?q=ferry")
    page.locator("#q").fill("ferr")
    expect(page.locator("#list [role=option]").first).to_be_visible()
    page.locator("#q").press("ArrowDown")
    page.evaluate(axe)
    assert _violations(page) == []
    page.locator("#q").press("Escape")
    page.locator("#q").blur()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert _violations(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator(".to-filters").click()
    expect(page.locator("#filters")).to_be_visible()
    assert _violations(page) == []


@EVERY
def test_a_page_is_described_labelled_and_in_order(
    window: Window, pages: dict[str, str], name: str
) -> None:
    page = window(js=False, expect_errors=name in ("missing", "refused"))
    page.goto(pages[name])
    assert len(page.title()) > 10
    assert page.locator("html").get_attribute("lang") == "en"
    description = page.locator('meta[name="description"]').get_attribute("content")
    assert description
    assert len(description) > 10
    assert page.locator("h1").count() == 1
    levels = [int(tag[1]) for tag in page.evaluate(
        "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)"
    )]  # fmt: skip
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    unlabelled = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
            .filter(field => !field.labels.length && !field.getAttribute('aria-label'))
            .map(field => field.outerHTML)"""
    )
    assert unlabelled == []
    assert page.locator("main").count() == 1
    assert page.locator("a:not([href])").count() == 0


@EVERY
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_page_fits_its_window(
    window: Window, pages: dict[str, str], name: str, width: int
) -> None:
    page = window(width, expect_errors=name in ("missing", "refused"), is_mobile=width < 700)
    page.goto(pages[name])
    over = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(node => {
            const box = node.getBoundingClientRect();
            return box.width && box.right > document.documentElement.clientWidth + 1
              && !node.closest('.unseen, .skip, pre, svg, .ticks, .scroll');
        }).map(node => node.outerHTML.slice(0, 120))"""
    )
    assert over == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["home", "results", "narrowed", "article", "tag", "year"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_arrives(
    window: Window, pages: dict[str, str], name: str, width: int
) -> None:
    page = window(width)
    page.add_init_script(
        """window.moved = 0; new PerformanceObserver(list => {
            for (const shift of list.getEntries()) window.moved += shift.value;
        }).observe({type: 'layout-shift', buffered: true});"""
    )
    page.goto(pages[name])
    page.wait_for_timeout(250)
    assert page.evaluate("window.moved") < 0.005


@pytest.mark.parametrize("name", ["results", "article", "tags", "year", "help"])
def test_what_is_tapped_is_large_enough(window: Window, pages: dict[str, str], name: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, or as far from what else can be tapped."""
    page = window(360)
    page.goto(pages[name])
    close: list[Any] = page.evaluate(
        """() => {
            const inText = '.timeline, p.snippet, .byline, .manual p, dialog, .unseen';
            const boxes = [...document.querySelectorAll('a[href], button, input, summary')]
              .filter(node => node.checkVisibility() && !node.closest(inText))
              .map(node => [node, node.getBoundingClientRect()])
              .filter(([node, box]) => box.width > 1 && box.height > 1);
            const bad = [];
            for (const [node, box] of boxes) {
              if (box.width >= 24 && box.height >= 24) continue;
              const x = box.x + box.width / 2, y = box.y + box.height / 2;
              for (const [other, area] of boxes) {
                if (other.contains(node) || node.contains(other)) continue;
                const label = node.closest('label');
                if (label && label === other.closest('label')) continue;
                const dx = Math.max(area.left - x, 0, x - area.right);
                const dy = Math.max(area.top - y, 0, y - area.bottom);
                if (Math.hypot(dx, dy) < 12)
                  bad.push([node.outerHTML.slice(0, 90), other.outerHTML.slice(0, 90)]);
              }
            }
            return bad.slice(0, 5);
        }"""
    )
    assert close == []


def test_motion_is_reduced_for_those_who_ask(window: Window) -> None:
    page = window(reduced_motion="reduce")
    page.goto("/search?q=ferry")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(node => {
            const style = getComputedStyle(node);
            return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0;
        }).length"""
    )
    assert moving == 0


def test_an_article_prints_as_an_article(window: Window, pages: dict[str, str]) -> None:
    page = window()
    page.goto(pages["article"])
    page.emulate_media(media="print")
    for gone in (".top", ".trail", ".rail", ".foot"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".story h1")).to_be_visible()
    expect(page.locator(".body p").first).to_be_visible()


def test_the_keyboard_gets_to_the_content_at_once(window: Window) -> None:
    page = window()
    page.goto("/search?q=ferry")
    page.keyboard.press("Tab")
    skip = page.locator(".skip").first
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    outline = skip.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_dark_is_dark_and_light_is_light(window: Window) -> None:
    def lightness(scheme: str) -> float:
        page = window(scheme=scheme)
        page.goto("/")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    assert lightness("dark") < 60
    assert lightness("light") > 220


def test_nothing_is_fetched_from_elsewhere(window: Window, address: str) -> None:
    page = window()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/search?q=ferry")
    page.locator(".hit h2 a").first.click()
    page.wait_for_load_state("networkidle")
    assert asked
    assert all(url.startswith(address) for url in asked)


@pytest.mark.parametrize("state", ["empty", "building", "broken"])
def test_axe_finds_nothing_where_there_is_no_archive_yet(
    browser: Browser, axe: str, tmp_path: Path, state: str
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    if state == "broken":
        (index / "CURRENT").write_text("nonsense")
    with (index / LOCK_NAME).open("w") as lock:
        if state == "building":
            fcntl.flock(lock, fcntl.LOCK_EX)
        engine = WaitingEngine(lambda: open_engine(index), index, "embedded")
        assert engine.status().state == state
        server = create_server(create_app(engine, WebConfig()), host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        context = browser.new_context(color_scheme="dark", reduced_motion="reduce")
        try:
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.effective_port}/")
            page.evaluate(axe)
            assert _violations(page) == []
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            assert _violations(page) == []
        finally:
            context.close()
            server.close()


_BROKEN_WORDS = """() => {
    const broken = new Set(), range = document.createRange();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode, parent = node.parentElement;
      // Words of an article may be hyphenated, and addresses and long queries have no spaces.
      if (!parent.checkVisibility() || parent.closest(".body, pre, code, .unseen, .skip, dialog"))
        continue;
      for (const word of node.data.matchAll(/[\\p{L}\\p{N}]{2,24}/gu)) {
        range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) broken.add(`${word[0]}: ${node.data.trim().slice(0, 60)}`);
      }
    }
    return [...broken];
}"""


@EVERY
def test_no_word_is_broken_in_any_language(
    window: Window, pages: dict[str, str], name: str
) -> None:
    page = window(expect_errors=name in ("missing", "refused"))
    found = {}
    for language in LANGUAGES:
        joint = "&" if "?" in pages[name] else "?"
        page.goto(f"{pages[name]}{joint}ui={language}")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found |= dict.fromkeys(page.evaluate(_BROKEN_WORDS), (language, width))
    assert found == {}
