"""Pages made to hurt: each is read, or refused with a reason, within bounded time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.errors import UnreadableError
from corpus.readers.html import parse_page

PROSE = "<p>" + "The mayor spoke at length about the bridge and its long history. " * 3 + "</p>"

HOSTILE: dict[str, Callable[[], str]] = {
    "deep divs": lambda: "<div>" * 200_000 + PROSE,
    "deep inline": lambda: PROSE + "<b><i>" * 100_000 + "x",
    "deep lists": lambda: PROSE + "<ul><li>" * 100_000,
    "deep tables": lambda: PROSE + "<table><tr><td>" * 50_000,
    "one tag, a million attributes": lambda: (
        PROSE + "<div " + " ".join(f'a{i}="{i}"' for i in range(1_000_000)) + ">x</div>" + PROSE
    ),
    "a million attributes on many tags": lambda: PROSE + "<i a=1 b=2 c=3 class=d>x</i>" * 250_000,
    "one long class": lambda: f'<div class="{"ad " * 20_000}">{PROSE}</div>',
    "many classes": lambda: "".join(f'<p class="c{i} x{i}">word word</p>' for i in range(50_000)),
    "open brackets": lambda: PROSE + "<" * 3_000_000,
    "entities": lambda: PROSE + "&#x41;" * 1_000_000,
    "one endless word": lambda: PROSE + "<p>" + "a" * 5_000_000 + "</p>",
    "line breaks": lambda: PROSE + "<div>" + "word<br>" * 200_000 + "</div>",
    "links": lambda: PROSE + '<a href="/x">link</a> ' * 100_000,
    "a side bar of links": lambda: (
        f'<h1>The bridge</h1>{PROSE * 3}<div class="sidebar">'
        + '<a rel="tag author" class="author" href="/tag/x">Jane</a> ' * 20_000
        + "</div>"
    ),
    "headings": lambda: "<h1>Same title</h1>" * 50_000 + PROSE * 3,
    "metas": lambda: '<meta name="author" content="By A and B">' * 100_000 + PROSE * 3,
    "times": lambda: '<time class="date">1 May 2019</time>' * 50_000 + PROSE * 3,
    "bylines": lambda: '<span class="byline">By</span>' * 50_000 + PROSE * 3,
    "nested json": lambda: (
        f'<script type="application/ld+json">{"[" * 100_000}</script>' + PROSE * 3
    ),
    "wide json": lambda: (
        '<script type="application/ld+json">['
        + ",".join('{"@type":"NewsArticle","headline":"x"}' for _ in range(100_000))
        + "]</script>"
        + PROSE * 3
    ),
    "circular json": lambda: (
        '<script type="application/ld+json">{"@graph":[{"@id":"a","name":"x","author":{"@id":"a"}},'
        '{"@type":"Article","@id":"b","author":{"@id":"a"},"publisher":{"@id":"b"}}]}</script>'
        + PROSE
        * 3
    ),
    "comments": lambda: "<!-- " * 200_000 + PROSE,
    "null bytes": lambda: "\x00".join(PROSE * 3),
    "surrogates": lambda: "\ud800" + PROSE * 3,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_takes_bounded_time(name: str) -> None:
    markup = HOSTILE[name]()
    started = time.process_time()
    try:
        article = parse_page(markup)
    except UnreadableError as problem:
        assert str(problem)
    else:
        assert article.body
    assert time.process_time() - started < 12


READ_20_MB = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from corpus.readers.html import parse_page
paragraph = "<p>" + "Rain fell on the harbour for the third day running. " * 20 + "{}</p>"
markup = "".join(paragraph.format(number) for number in range(20_000)).encode()
assert len(markup) > 20_000_000
article = parse_page(b"<html><body><article>" + markup + b"</article></body></html>")
print(len(article.body), article.body[-1][-5:])
"""


def test_deep_markup_is_read_whole_or_refused() -> None:
    def nested(depth: int) -> str:
        return f"<html><body>{'<div>' * depth}{PROSE}{'</div>' * depth}{PROSE}x</body></html>"

    assert len(parse_page(nested(1000)).body) >= 1
    with pytest.raises(UnreadableError, match="nested deeper"):
        parse_page(nested(5000))


def test_a_picture_written_into_the_page_does_not_hurt_it() -> None:
    picture = '<img src="data:image/png;base64,' + "iVBORw0KGgo" * 20_000 + '==">'
    article = parse_page(f"<html><body><article><div>{PROSE}{picture}{PROSE}x</div></article>")
    assert article.body[0].startswith("The mayor spoke")


def test_a_page_of_20_mb_is_read_whole_in_bounded_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_20_MB], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split() == ["20000", "19999"], done.stderr


def test_a_page_beyond_the_bound_is_refused_with_a_reason() -> None:
    with pytest.raises(UnreadableError, match="more than the"):
        parse_page("<p>" + "word " * 7_000_000)


FRAGMENTS = st.sampled_from(
    ["<p>", "</p>", "<div class='", "'>", "<br>", "<br/><br/>", "<h2>", "</h2>", "<a href='/x'>",
     "</a>", "<ul><li>", "</li></ul>", "<table><tr><td>", "</table>", "<article>", "</article>",
     "entry-content", "related", "comments", "byline", "<time datetime='2019-01-02'>", "</time>",
     "<script type='application/ld+json'>", "{\"@type\":\"NewsArticle\",", "\"headline\":\"x\"}",
     "\"author\":[{\"name\":null}]}", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<svg>",
     "<noscript>", "<title>", "</title>", "<meta property='og:title' content='", "&nbsp;", "&#0;",
     "&#xD800;", "<figure><figcaption>", "</figure>", "<blockquote>", "</div>", "<span hidden>",
     "<form>", "<p itemprop='articleBody'>", "The council met on Monday and voted to go on. ",
     "Related stories", "Advertisement", "By Jane Doe", "January 30, 2017", "Tags: a, b"]
)  # fmt: skip
SOUP = st.lists(FRAGMENTS | st.text(max_size=30), max_size=60).map("".join)


@settings(max_examples=250, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(SOUP)
def test_no_soup_of_tags_breaks_the_reader(markup: str) -> None:
    check(markup)


@settings(max_examples=150, deadline=5000)
@given(st.binary(max_size=400), st.text(max_size=40), st.text(max_size=40))
def test_no_bytes_break_the_reader(raw: bytes, content_type: str, url: str) -> None:
    try:
        article = parse_page(raw + PROSE.encode(), content_type=content_type, url=url, path=url)
    except UnreadableError:
        return
    assert article.body


def check(markup: str) -> None:
    """A page is read whole or refused; what is read is clean text."""
    try:
        article = parse_page(markup)
    except UnreadableError:
        return
    assert isinstance(article, Article)
    assert article.body
    assert all(paragraph == paragraph.strip() and paragraph for paragraph in article.body)
    assert article.published is None or article.published.precision >= 0
    texts = (article.title, article.lead, *article.body, *article.tags, *article.authors)
    for text in texts:
        assert "\x00" not in text
        text.encode("utf-8")
