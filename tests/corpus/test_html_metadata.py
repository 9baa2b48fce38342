"""One field at a time: where pages say it, how they garble it, and what is made of that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.html.decoding import declared_charset, decode
from corpus.html.headline import without_outlet
from corpus.readers import html
from corpus.readers.html import parse_page

TEXT = (
    "<p>The council voted on Monday night to keep the library open for another year, and to look"
    " for a cheaper roof.</p><p>Members had expected a long debate. It took eleven minutes, and"
    " nobody spoke against the plan.</p><p>The library was built in 1906 with a gift from a"
    " brewer.</p>"
)


def page(head: str = "", above: str = "<h1>Library stays open</h1>", below: str = "") -> Article:
    return parse_page(
        f"<!doctype html><html lang=en><head>{head}</head><body><nav><a href=/>Home</a></nav>"
        f"<article>{above}<div class=entry-content>{TEXT}</div>{below}</article></body></html>"
    )


def jsonld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (
            '{"@type":"NewsArticle","headline":"X","datePublished":"2019-03-04T20:15:00+01:00"}',
            "plain",
        ),
        (
            '[{"@type":"WebSite","name":"X"},{"@type":"Article","datePublished":"2019-03-04T19:15:00Z"}]',
            "list",
        ),
        (
            '{"@graph":[{"@type":"WebPage"},{"@type":["Article","NewsArticle"],'
            '"datePublished":"2019-03-04T19:15:00Z"}]}',
            "graph",
        ),
        ('{"@type":"NewsArticle","datePublished":"2019-03-04T19:15:00Z",}', "trailing comma"),
        ('<!-- {"@type":"NewsArticle","datePublished":"2019-03-04T19:15:00Z"} -->', "comment"),
        (
            '//<![CDATA[\n{"@type":"NewsArticle","datePublished":"2019-03-04T19:15:00Z"}\n//]]>',
            "cdata",
        ),
        (
            '{"@type":"NewsArticle","description":"two\nlines","datePublished":"2019-03-04T19:15:00Z"}',
            "raw line break",
        ),
        (
            '{"@type":"http://schema.org/NewsArticle","datePublished":"2019-03-04T19:15:00Z"};',
            "address as type",
        ),
        (
            '{"@type":"NewsArticle","datePublished":"2019-03-04T19:15:00Z"}{"@type":"Person"}',
            "two in a row",
        ),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_json_ld_is_read_in_every_shape_it_comes_in(script: str, what: str) -> None:
    article = page(jsonld(script))
    assert article.published is not None
    assert article.published.start(UTC) == datetime(2019, 3, 4, 19, 15, tzinfo=UTC)
    assert article.date_source == "schema.org"


@pytest.mark.parametrize(
    ("head", "above", "published", "source"),
    [
        (
            '<meta property="article:published_time" content="2017-01-30T13:19:00+03:00">',
            "",
            "2017-01-30T13:19:00+03:00",
            "meta",
        ),
        ('<meta name="dcterms.date" content="30 January 2017">', "", "2017-01-30", "meta"),
        (
            "",
            '<time datetime="2017-01-30T10:19Z" pubdate>30 Jan</time>',
            "2017-01-30T10:19:00+00:00",
            "time",
        ),
        ("", '<p class="post-date">Monday, January 30, 2017</p>', "2017-01-30", "text"),
        (
            '<link rel=canonical href="https://a.example/2017/01/30/x">',
            "",
            "2017-01-30",
            "url",
        ),
        ("", "<p>January 30, 2017</p>", "2017-01-30", "text"),
        (
            "",
            "<p>PORT ELLEN, January 30, 2017 – The council met in the old hall.</p>",
            "2017-01-30",
            "text",
        ),
    ],
)
def test_dates_are_found_where_pages_put_them(
    head: str, above: str, published: str, source: str
) -> None:
    article = page(head, "<h1>Library stays open</h1>" + above)
    assert article.published == published
    assert article.date_source == source


@pytest.mark.parametrize(
    ("declared", "line", "day"),
    [
        ("", "3 May 2021", "2021-05-03"),
        ("2021-05-04T01:25:00Z", "May 3, 2021 | 9:25pm", "2021-05-03"),  # the zone's other day
        ("2024-01-07", "3 May 2021", "2021-05-03"),  # the template was made anew
        ("2024-01-07", "Updated 3 May 2021", "2024-01-07"),
        ("2024-01-07", "Deadline: 3 May 2021", "2024-01-07"),
        ("2024-09-10", "9/10/2024", "2024-09-10"),
        (
            "2021-05-04T01:25:00Z",
            "Posted on May 3, 2021 Posted by Jane Doe 12 Comments",
            "2021-05-03",
        ),
    ],
)
def test_the_day_at_the_headline_is_believed(declared: str, line: str, day: str) -> None:
    head = jsonld(f'{{"@type":"Article","datePublished":"{declared}"}}') if declared else ""
    article = page(head, f"<h1>Library stays open</h1><p>{line}</p>")
    assert str(article.published or "")[:10] == day


@pytest.mark.parametrize(
    ("at_headline", "below", "day"),
    [
        ("Updated 9 June 2022", "<h3>Published</h3><p>May 4, 2021</p>", "2021-05-04"),
        ("9 June 2022", "<p>This was originally published on 4 May 2021.</p>", "2021-05-04"),
        ("", "<p>Post time: May-04-2021</p>", "2021-05-04"),
        ("Updated 9 June 2022", "<p>Published 4 May 2021</p><p>Published 1 May 2021</p>", None),
        ("04/05/2021", "<p>Library stays open, 4 May 2021</p>", "2021-05-04"),
        ("04/05/2021", "<p>Bus hits wall, 7 May 2021</p>", "2021-04-05"),
    ],
)
def test_lines_elsewhere_say_when_it_was_published(
    at_headline: str, below: str, day: str | None
) -> None:
    article = page("", f"<h1>Library stays open</h1><p>{at_headline}</p>", below)
    assert article.published == (day or "2022-06-09")


SCRIPT = "<script>window.__STATE__={}</script>"
CARD = "<div><a href=/n/9>Bus hits wall</a><time datetime={0}>{0}</time></div>"


@pytest.mark.parametrize(
    ("head", "line", "below", "dates"),
    [
        (
            '<meta name="arle:first_published_date" content="2019-05-12">',
            "",
            "",
            ("2019-05-12", None),
        ),
        ('<meta name="event_date" content="2019-05-12">', "", "", (None, None)),
        ('<meta name="article:expiration_time" content="2019-05-12">', "", "", (None, None)),
        ("", "", SCRIPT.format('{"publishedAt":"2019-05-12","id":3}'), ("2019-05-12", None)),
        (
            "",
            "",
            SCRIPT.format('{"publish_date":1557655200000}'),
            ("2019-05-12T10:00:00+00:00", None),
        ),
        (
            "",
            "",
            "<i data-page='{&quot;datePublished&quot;:&quot;2019-05-12&quot;}'></i>",
            ("2019-05-12", None),
        ),
        (
            "",
            "",
            SCRIPT.format('[{"publishedAt":"2019-05-12"},{"publishedAt":"2018-01-02"}]'),
            (None, None),
        ),
        ("", "", SCRIPT.format('{"createdAt":"2019-05-12"}'), (None, None)),
        ("", '<img src="/up/2019/05/12/2019-05-12-roof.jpg">', "", (None, None)),
        (
            "",
            "",
            "<div class=comment><p>Jane Roe</p><p>4 May 2019 at 10:11</p></div>",
            (None, None),
        ),
        ("", "", "<aside>Open today, 14 March 2021</aside>", (None, None)),
        ("", "", "<footer><p>Site last updated: 13 July 2020</p></footer>", (None, None)),
        ("", "", "<footer><p>Last updated: 13 July 2020</p></footer>", ("2020-07-13", None)),
        ("", "", CARD.format("2018-01-02") + CARD.format("2018-02-03"), (None, None)),
        ("", f"<div class=related>{CARD.format('2018-01-02')}</div>", "", (None, None)),
        ("", "<p><b>Apr</b> <b>04</b><b>2013</b></p>", "", ("2013-04-04", None)),
        (
            "",
            "<p>Town<b>MAY 12, 2019</b><b>Updated: MAY 13, 2019</b></p>",
            "",
            ("2019-05-12", "2019-05-13"),
        ),
        (
            "",
            '<p class="date" data-timestamp="1557655200">3 hours ago</p>',
            "",
            ("2019-05-12T10:00:00+00:00", None),
        ),
        ("", '<p><abbr title="2019-05-12">3 hours ago</abbr></p>', "", ("2019-05-12", None)),
        ('<link rel=canonical href="https://a.example/2019/05/roof">', "", "", ("2019-05", None)),
        ("", "", "<p>Zuerst erschienen am 4. Mai 2018</p>", ("2018-05-04", None)),
        (
            "",
            "<p>Actualizado: 13 de mayo de 2019 · Publicado: 12 de mayo de 2019</p>",
            "",
            ("2019-05-12", "2019-05-13"),
        ),
    ],
)
def test_a_page_is_dated_by_what_is_said_to_be_its_date_and_by_no_other(
    head: str, line: str, below: str, dates: tuple[str | None, str | None]
) -> None:
    article = page(head, f"<h1>Library stays open</h1>{line}", below)
    assert (article.published, article.updated) == dates


def test_times_below_the_text_do_not_date_it() -> None:
    older = "<p><time class=published datetime=2009-04-11>11 April 2009</time> Tram returns</p>"
    article = page("", "<h1>Library stays open</h1><p>22 October 2019</p>", 2 * older)
    assert article.published == "2019-10-22"
    assert page("", below=f"<footer>{older}</footer>").published == "2009-04-11"
    assert page("", below=f"<footer>{older}{older}</footer>").published is None


def test_a_date_that_cannot_be_is_passed_over() -> None:
    head = jsonld('{"@type":"NewsArticle","datePublished":"2999-01-01"}')
    head += '<meta name="date" content="2018-05-06">'
    article = page(head)
    assert article.published == "2018-05-06"
    captured = datetime(2017, 1, 1, tzinfo=UTC)
    markup = f"<html><head>{head}</head><body><article>{TEXT}</article></body></html>"
    assert parse_page(markup, captured=captured).published is None


def test_a_crawler_s_file_name_is_the_last_place_to_look_for_a_date() -> None:
    markup = f"<html><body><article>{TEXT}</article></body></html>"
    article = parse_page(markup, path="crawl/2016/02/03/library.html")
    assert article.published == "2016-02-03"
    assert article.date_source == "file"


def test_a_date_without_a_zone_is_in_the_zone_the_page_uses_elsewhere() -> None:
    article = page(
        jsonld('{"@type":"NewsArticle","datePublished":"2019-03-04T20:15:00",'
               '"dateModified":"2019-03-05T08:00:00+01:00"}')
    )  # fmt: skip
    assert article.published == "2019-03-04T20:15:00+01:00"
    assert article.updated == "2019-03-05T08:00:00+01:00"


@pytest.mark.parametrize(
    ("head", "above", "authors"),
    [
        (
            jsonld('{"@type":"Article","author":{"name":"By JANE DOE and John Roe, AP"}}'),
            "",
            ("Jane Doe", "John Roe"),
        ),
        (
            jsonld(
                '{"@type":"Article","author":["Jane Doe",{"@type":"Person","name":"John Roe"}]}'
            ),
            "",
            ("Jane Doe", "John Roe"),
        ),
        (
            '<meta name="author" content="https://x.example/j">'
            '<meta name="byl" content="By Jane Doe">',
            "",
            ("Jane Doe",),
        ),
        ("", '<p>by <a rel="author" href="/j">Jane Doe</a></p>', ("Jane Doe",)),
        ("", '<span itemprop="author"><span itemprop="name">Jane Doe</span></span>', ("Jane Doe",)),
        ("", '<div class="byline">By Jane Doe</div>', ("Jane Doe",)),
        ("", "<p>By Jane Doe</p>", ("Jane Doe",)),
        (
            '<meta name="author" content="jane.doe">',
            '<a rel=author href="/j">Jane Doe</a>',
            ("Jane Doe",),
        ),
        (
            '<meta property="og:site_name" content="The Star">'
            '<meta name="author" content="The Star">',
            "",
            (),
        ),
        (
            jsonld('{"@type":"Article","author":{"@type":"Organization","name":"Quay Watch"}}'),
            "",
            ("Quay Watch",),
        ),
        ("", "<p>By Jane Doe • 3 May 2021 • 4 min read</p>", ("Jane Doe",)),
        ("", "<p>ByJane Doe</p>", ("Jane Doe",)),
        ("", "<p>Written by</p><p>Jane Doe</p>", ("Jane Doe",)),
        ("", "<p>3 May 2021 10:05 by Jane Doe</p>", ("Jane Doe",)),
        ("", "<p>Jane Doe</p><p>3 May 2021</p>", ("Jane Doe",)),
        ("", "<p>By Jane Doe, MS, RDN</p><p>3 May 2021</p>", ("Jane Doe",)),
        ("", "<p>The Ferry Post 03/05/2021 Jane Doe</p>", ("Jane Doe",)),
        ("", "<p>Posted by Ramona 3.5.2021</p>", ("Ramona",)),
        ("", "<p>Harbour Festival</p>", ()),
        ('<meta property="og:site_name" content="Jane Doe">', "", ("Jane Doe",)),
        ("", "<p>Monday</p><p>3 May 2021</p>", ()),
        ("", "<footer>© Ferry Post</footer>", ()),
        ("", '<p>By <a href="/j"><span class="author">Jane Doe</span></a></p>', ("Jane Doe",)),
        (
            "",
            '<div>Words by <span class="author">Jane Doe</span>, photos by'
            ' <span class="photo-credit">John Roe</span></div>',
            ("Jane Doe",),
        ),
        (
            "",
            '<div>Posted on <time>3 May 2021</time><span class="byline"> by'
            ' <span class="author vcard"><a class="fn" href="/author/jd/">ferryjane</a></span>'
            "</span></div>",
            ("ferryjane",),
        ),
        ("", "<p class=meta>28. Jan. 2021 Ira Tull</p>", ("Ira Tull",)),
        ("", "<p>Review by Ira Tull</p>", ("Ira Tull",)),
        ("", "<p>By staff writer Ira Tull</p>", ("Ira Tull",)),
        ("", "<p>IRA TULL, HARBOUR CORRESPONDENT</p>", ("Ira Tull",)),
        ("", "<a href=/authors/ira-tull>Ira Tull</a>", ("Ira Tull",)),
        ("", "<p>By<a href=/x>Ira Tull</a><b>May 4, 2021</b></p>", ("Ira Tull",)),
        ("", "<p>Von Ira Tull und Max Roe, Arle</p>", ("Ira Tull", "Max Roe")),
        ("", "<p>This article was written by Ira W. Tull.</p>", ("Ira W. Tull",)),
        ("", "<p>7 Ratings</p>", ()),
        ("", "<p class=author>@iratull</p>", ()),
        ("", "<p>It stood in the way of the trams.</p>", ()),
        ("", "<p>Fact Checked</p>", ()),
    ],
)
def test_authors_are_people(head: str, above: str, authors: tuple[str, ...]) -> None:
    assert page(head, "<h1>Library stays open</h1>" + above).authors == authors


@pytest.mark.parametrize(
    ("address", "authors"),
    [
        ("https://www.post.example/authors/nora-quill", ("Nora Quill",)),
        ("https://www.facebook.com/nora.quill.12", ("Nora Quill",)),
        ("/autor/jan-de-vries/", ("Jan de Vries",)),
        ("https://post.example/people/zo%C3%AB-lind.html?ref=1", ("Zoë Lind",)),
        ("https://www.facebook.com/harbourpost", ()),
        ("https://post.example/author/77120", ()),
        ("https://post.example/staff/news-desk", ()),
        ("https://post.example/2024/05/library-stays", ()),
    ],
)
def test_the_address_of_an_author_s_page_names_them(address: str, authors: tuple[str, ...]) -> None:
    assert page(f'<meta property="article:author" content="{address}">').authors == authors
    person = f'{{"@type":"Article","author":{{"@type":"Person","url":"{address}"}}}}'
    assert page(jsonld(person)).authors == authors
    shown = page(
        f'<meta property="article:author" content="{address}">',
        above="<h1>Library stays open</h1><p class=byline>By Ira Tull</p>",
    )
    assert shown.authors == ("Ira Tull",), "a name on the page is better"


@pytest.mark.parametrize(
    "author",
    [
        '{"@type":"Person","name":["Nora Quill","Ira Tull"]}',
        '{"author":[{"name":"Nora Quill"},{"name":"Ira Tull"}]}',
        '[[{"name":"Nora Quill"}],{"author":{"name":"Ira Tull"}}]',
    ],
)
def test_authors_are_found_however_deep_they_are(author: str) -> None:
    article = page(jsonld(f'{{"@type":"NewsArticle","author":{author}}}'))
    assert article.authors == ("Nora Quill", "Ira Tull")


@pytest.mark.parametrize(
    "byline",
    [
        "Tuesday June 4, 2019 7:40 pm CET by Ira Tull",
        "4 June 2019, 7.40 pm | by Ira Tull",
        "Am 4. Juni 2019 um 7:40 von Ira Tull",
    ],
)
def test_a_moment_may_stand_before_who_wrote(byline: str) -> None:
    shown = page(above=f'<h1>Library stays open</h1><div class="byline">{byline}</div>')
    assert shown.authors == ("Ira Tull",)


@pytest.mark.parametrize(
    ("head", "below", "tags"),
    [
        (
            '<meta property="article:tag" content="Books">'
            '<meta property="article:tag" content="books">',
            "",
            ("Books",),
        ),
        (
            "",
            '<p>Tags: <a rel="tag" href="/t/1">Books</a>, <a rel="tag" href="/t/2">Roofs</a></p>',
            ("Books", "Roofs"),
        ),
        (
            "",
            '<ul class="tags"><li><a href="/1">Books</a></li><li><a href="/2">Roofs</a></li></ul>',
            ("Books", "Roofs"),
        ),
        ("", '<div><a href="/tag/books">Books</a></div>', ("Books",)),
        (jsonld('{"@type":"Article","keywords":"Books, Roofs"}'), "", ("Books", "Roofs")),
        ('<meta name="news_keywords" content="books; roofs">', "", ("books", "roofs")),
        (
            '<meta name="keywords" content="library,council,brewer">',
            "",
            ("library", "council", "brewer"),
        ),
        ('<meta name="keywords" content="news,breaking,world,sport">', "", ()),
    ],
)
def test_tags_are_those_of_the_article(head: str, below: str, tags: tuple[str, ...]) -> None:
    assert page(head, below=below).tags == tags


@pytest.mark.parametrize(
    ("title", "outlet", "known", "want"),
    [
        ("Library stays open | The Star", "The Star", "", "Library stays open"),
        (
            "Library stays open - Local news - The Star",
            "The Star",
            "",
            "Library stays open - Local news",
        ),
        ("The Star: Library stays open", "The Star", "", "Library stays open"),
        (
            "Library – a love story",
            "The Star",
            "Library – a love story | The Star",
            "Library – a love story",
        ),
        ("Open-and-shut case", "", "", "Open-and-shut case"),
        (
            "A longer headline about the library | Star",
            "",
            "",
            "A longer headline about the library",
        ),
    ],
)
def test_the_outlet_is_taken_off_a_window_s_title(
    title: str, outlet: str, known: str, want: str
) -> None:
    assert without_outlet(title, outlet, known=known) == want


@pytest.mark.parametrize(
    ("head", "above", "title"),
    [
        (
            "<title>Library stays open | Star</title>",
            "<h1>Library stays open</h1>",
            "Library stays open",
        ),
        (
            '<meta property="og:title" content="Library stays open">',
            "<h1>The Star</h1><h2>Library stays open</h2>",
            "Library stays open",
        ),
        (
            '<meta property="og:title" content="Bus hits wall">',
            "<h1><span class=kicker>News</span> Bus hits wall</h1>",
            "Bus hits wall",
        ),
        ("<title>窯</title>", "<h1>港の窯に四十年ぶりの火</h1>", "港の窯に四十年ぶりの火"),
        (
            "<title>Quay Notes &raquo; Blog Archive &raquo; Bus hits wall</title>",
            "<h2>Bus hits wall</h2>",
            "Bus hits wall",
        ),
        ("<title>Untitled</title>", "", ""),
        ("", "", ""),
    ],
)
def test_the_title_is_the_headline_or_nothing(head: str, above: str, title: str) -> None:
    assert page(head, above).title == title


def test_the_standfirst_is_the_lead_only_when_the_page_shows_it() -> None:
    described = (
        '<meta name="description" content="Eleven minutes were enough to save the library.">'
    )
    assert page(described).lead == ""
    shown = "<h1>Library stays open</h1><p>Eleven minutes were enough to save the library.</p>"
    shown = shown.replace("<p>", '<p class="standfirst">')
    article = page(described, shown)
    assert article.lead == "Eleven minutes were enough to save the library."
    assert article.lead not in article.body


def test_the_canonical_address_wins_over_the_one_fetched() -> None:
    markup = (
        '<html><head><link rel="canonical" href="/2019/library"></head><body><article>'
        f"{TEXT}</article></body></html>"
    )
    fetched = "https://m.star.example/2019/library?utm_source=feed#top"
    article = parse_page(markup, url=fetched)
    assert article.url == "https://m.star.example/2019/library"
    assert parse_page(markup).url == ""
    home = markup.replace("/2019/library", "https://star.example/")
    assert parse_page(home, url=fetched).url.startswith("https://m.star.example/2019/library")


@pytest.mark.parametrize(
    ("label", "codec"),
    [("iso-8859-1", "cp1252"), ("GB2312", "gb18030"), ("x", ""), ("rot13", ""), ("utf-7", "")],
)
def test_labels_mean_what_browsers_take_them_for(label: str, codec: str) -> None:
    assert declared_charset(f'<meta charset="{label}">'.encode()) == codec


@pytest.mark.parametrize(
    ("raw", "header", "want"),
    [
        ("é".encode(), "text/html; charset=iso-8859-1", "é"),
        (b"caf\xe9", "text/html; charset=iso-8859-1", "café"),
        (b"They said \x93no\x94 to that.", "", "They said “no” to that."),
        (b"<html lang=pl>\xb9\xea", "", "<html lang=pl>ąę"),
        (b"\xff\xfeh\x00i\x00", "", "hi"),
        ("é".encode() * 40 + b"\xc3", "", "é" * 40 + "\ufffd"),
        ("港の朝市".encode("shift_jis"), "text/html; charset=Shift_JIS", "港の朝市"),
    ],
)
def test_text_is_decoded_by_what_it_is(raw: bytes, header: str, want: str) -> None:
    assert decode(raw, header) == want


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "   ",
        "<html></html>",
        "<html><body><nav><a href=/>Home</a></nav></body></html>",
        "<<<>>>",
    ],
)
def test_a_page_without_an_article_is_refused(markup: str) -> None:
    with pytest.raises(UnreadableError):
        parse_page(markup)


@pytest.mark.parametrize(
    ("head", "path", "sure"),
    [
        (b"<!DOCTYPE html><html>", "x", True),
        (b"\xef\xbb\xbf  <!doctype HTML>", "x.txt", True),
        (b"<!-- saved --><html lang=en>", "", True),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "a.xhtml", True),
        (b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>", "feed.xml", False),
        (b'{"html": "<p>"}', "a.json", False),
        (b"Plain text about <p> and <div>.", "a.txt", False),
    ],
)
def test_pages_are_told_by_their_first_bytes(head: bytes, path: str, sure: bool) -> None:
    assert (html.sniff(head, path) >= 0.75) is sure


def test_reading_a_stream_yields_one_article_with_its_origin() -> None:
    from io import BytesIO

    markup = f"<html><body><article><h1>Library</h1>{TEXT}</article></body></html>".encode()
    (article,) = html.read(BytesIO(markup), Origin("a.html", 1, "html"))
    assert isinstance(article, Article)
    assert article.origin == Origin("a.html", 1, "html")
    assert len(article.body) == 3


@pytest.mark.parametrize(
    ("head", "url", "outlet"),
    [
        ('<meta property="og:site_name" content="The Star">', "", "The Star"),
        ('<meta property="og:site_name" content="The Star | News you can trust">', "", "The Star"),
        (jsonld('{"@type":"Article","publisher":{"name":"The Star"}}'), "", "The Star"),
        ('<meta property="og:site_name" content="star.example">', "", "star.example"),
        ('<meta name="publisher" content="The Star">', "", "The Star"),
        ("<title>Roof saved – The Star</title>", "https://www.star.example/x", "The Star"),
        ("", "https://www.star.example/2019/x", "star.example"),
        ("", "", ""),
    ],
)
def test_the_outlet_is_named_or_else_the_domain(head: str, url: str, outlet: str) -> None:
    markup = f"<html><head>{head}</head><body><article>{TEXT}</article></body></html>"
    assert parse_page(markup, url=url).source == outlet


@pytest.mark.parametrize(
    ("head", "above", "section"),
    [
        ('<meta property="article:section" content="Politics">', "", "Politics"),
        (jsonld('{"@type":"Article","articleSection":["Politics","World"]}'), "", "Politics"),
        ("", '<p class="breadcrumb"><a>Home</a> <a>Politics</a> <a>Libraries</a></p>', "Politics"),
        ('<meta property="article:section" content="Uncategorized">', "", ""),
        ('<meta property="article:section" content="Library stays open">', "", ""),
    ],
)
def test_the_section_is_where_the_article_ran(head: str, above: str, section: str) -> None:
    assert page(head, above + "<h1>Library stays open</h1>").section == section


@pytest.mark.parametrize(
    ("lang", "code"), [("de", "en"), ("en-GB", "en"), ("", "en"), ("klingon", "en")]
)
def test_the_declared_language_is_checked_against_the_text(lang: str, code: str) -> None:
    markup = f"<html lang='{lang}'><body><article>{TEXT}</article></body></html>"
    assert parse_page(markup).language == code


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("crawl/www.star.example/2019/library.html", "https://www.star.example/2019/library.html"),
        ("pages.zip!star.example/news/index.html", "https://star.example/news/"),
        ("saved/https%3A%2F%2Fstar.example%2Fa%3Fid%3D7", "https://star.example/a?id=7"),
        ("pages.tar.gz!2017/a.html", ""),
        ("notes.old/a.html", ""),
        ("library.html", ""),
        ("", ""),
    ],
)
def test_a_crawler_s_path_gives_the_address_when_the_page_does_not(path: str, address: str) -> None:
    markup = f"<html><body><article>{TEXT}</article></body></html>"
    article = parse_page(markup, path=path)
    assert article.url == address
    assert dict(article.provenance).get("url", "") == ("file" if address else "")
    said = markup.replace("<body>", '<head><link rel=canonical href="https://a.example/x"></head>')
    assert parse_page(said, path=path).url == "https://a.example/x"
