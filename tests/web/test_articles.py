"""Reading an article, alone and as a hit of a search."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from corpus.core.article import Article
from search.engine import Engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.views.articles import read


def soup_of(client: FlaskClient, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return BeautifulSoup(answer.data, "lxml")


def first(engine: Engine, text: str) -> str:
    return engine.search(Request(text=text)).hits[0].id


def test_an_article_is_all_there(client: FlaskClient, engine: Engine) -> None:
    for article in list(engine.scan(Request(text="ferry")))[:5]:
        soup = soup_of(client, f"/article/{article.id}")
        assert soup.h1.get_text() == article.title
        paragraphs = [each.get_text() for each in soup.select(".body p")]
        assert len(paragraphs) == len(article.body)
        assert paragraphs[0].endswith(article.body[0])
        assert paragraphs[1:] == list(article.body[1:])
        shown = soup.select_one(".sheet").get_text(" ")
        for part in (article.lead, article.section, article.source, *article.tags, *article.authors,
                     *article.captions, *article.credits):  # fmt: skip
            assert " ".join(part.split()) in " ".join(shown.split())


def test_tags_lead_to_the_search_for_them(client: FlaskClient, engine: Engine) -> None:
    article = next(each for each in engine.scan(Request()) if each.tags and each.section)
    soup = soup_of(client, f"/article/{article.id}")
    links = {link.get_text(): str(link["href"]) for link in soup.select(".filed a, .kicker a")}
    for tag in article.tags:
        total = engine.search(Request(filters={"tags": (tag,)})).total
        assert f"{total} article" in soup_of(client, links[tag]).h1.get_text()
    assert links[article.section].startswith("/search?section=")


def test_the_words_of_the_search_are_marked_and_counted(
    client: FlaskClient, engine: Engine
) -> None:
    article_id = first(engine, "ferry strike")
    matches = engine.matches(Request(text="ferry strike"), article_id)
    soup = soup_of(client, f"/article/{article_id}?q=ferry+strike")
    marks = soup.select(".story mark")
    assert len(marks) == len(matches) > 2
    assert [mark["id"] for mark in marks] == [f"m{n + 1}" for n in range(len(marks))]
    assert all(mark.get_text().lower().startswith(("ferr", "str")) for mark in marks), [
        mark.get_text() for mark in marks
    ]
    assert soup.select_one(".matches")["href"] == "#m1"


def test_marks_are_put_where_they_belong_and_everything_is_escaped() -> None:
    article = Article(id="1", title="A <b> c", lead="", body=("x < y & z", "two"))
    reading = read(article, [("title", 2, 5), ("body/0", 2, 3), ("body/0", 4, 5), ("body/1", 0, 3)])
    assert reading.title == 'A <mark id="m1">&lt;b&gt;</mark> c'
    assert reading.body == (
        'x <mark id="m2">&lt;</mark> <mark id="m3">y</mark> &amp; z',
        '<mark id="m4">two</mark>',
    )
    assert reading.marks == 4


def test_one_can_go_through_a_result_article_by_article(
    client: FlaskClient, engine: Engine
) -> None:
    hits = engine.search(Request(text="ferry", sort="newest", size=50)).hits
    url: str | None = f"/article/{hits[0].id}?q=ferry&sort=newest"
    walked = []
    while url:
        soup = soup_of(client, url)
        walked.append(url.split("/")[2].split("?")[0])
        assert str(soup.select_one(".trail .up")["href"]) == "/search?q=ferry&sort=newest"
        link = soup.select_one(".trail a[rel=next]")
        url = str(link["href"]) if link else None
    assert walked == [hit.id for hit in hits]


def test_related_articles_are_offered_and_more_of_them(client: FlaskClient, engine: Engine) -> None:
    article_id = first(engine, "ferry strike")
    soup = soup_of(client, f"/article/{article_id}")
    related = [str(link["href"]) for link in soup.select(".related .brief a")]
    assert related == [f"/article/{hit.id}" for hit in engine.related(article_id, 5)]
    more = soup_of(client, f"/article/{article_id}/related")
    assert len(more.select(".hit")) == len(engine.related(article_id, 25)) > 5


def test_versions_are_compared_word_by_word(client: FlaskClient, engine: Engine) -> None:
    for article in engine.scan(Request()):
        versions = engine.versions(article.id)
        if len(versions) > 1:
            break
    else:
        pytest.fail("the sample has no story in several versions")
    soup = soup_of(client, f"/article/{article.id}")
    listed = soup.select(".versions .brief a")
    assert len(listed) == len(versions) - 1
    soup = soup_of(client, f"/article/{article.id}/versions")
    older, newer = (
        engine.article(str(link["href"]).rsplit("/", 1)[1])
        for link in soup.select(".diff .legend a")
    )
    assert older is not None
    assert newer is not None
    # What is not removed is the newer text, what is not added the older one.
    for article, other in ((newer, "del"), (older, "ins")):
        copy = BeautifulSoup(str(soup.select_one(".diff")), "lxml")
        for each in copy.select(f"{other}, h2, .legend"):
            each.extract()
        kept = " ".join(" ".join(p.get_text() for p in copy.select("p")).split())
        whole = " ".join(" ".join((article.title, article.lead, *article.body)).split())
        assert kept == whole


def test_a_story_with_one_version_says_so(client: FlaskClient, engine: Engine) -> None:
    lone = next(each for each in engine.scan(Request()) if len(engine.versions(each.id)) == 1)
    soup = soup_of(client, f"/article/{lone.id}/versions")
    assert "one version only" in soup.main.get_text()


def test_how_it_was_read_is_told_without_a_path_of_the_server(
    client: FlaskClient, engine: Engine, folder: object
) -> None:
    for article in list(engine.scan(Request()))[:30]:
        answer = client.get(f"/article/{article.id}")
        text = answer.get_data(as_text=True)
        assert article.origin.reader in text
        parent = article.origin.path.replace("\\", "/").rpartition("/")[0]
        assert parent
        assert parent not in text
        assert article.origin.path.replace("\\", "/").rpartition("/")[2] in text


def test_the_permalink_needs_no_search(client: FlaskClient, engine: Engine) -> None:
    article_id = first(engine, "ferry")
    soup = soup_of(client, f"/article/{article_id}?q=ferry&tag=Vell")
    assert (
        soup.select_one("link[rel=canonical]")["href"] == f"http://localhost/article/{article_id}"
    )


@pytest.mark.parametrize("name", ["plain", "bibtex", "ris", "markdown"])
def test_citations_are_shown_and_saved(client: FlaskClient, engine: Engine, name: str) -> None:
    article_id = first(engine, "ferry")
    saved = client.get(f"/article/{article_id}/cite/{name}").text
    soup = soup_of(client, f"/article/{article_id}")
    shown = [pre.get_text().splitlines() for pre in soup.select(".cite pre")]
    assert saved.splitlines() in shown
    assert article_id in saved or "http" in saved


def test_foreign_articles_are_marked_with_their_language(
    client: FlaskClient, engine: Engine
) -> None:
    french = next(engine.scan(Request(filters={"language": ("fr",)})))
    assert soup_of(client, f"/article/{french.id}").select_one(".story")["lang"] == "fr"
    hit = soup_of(client, "/search?lang=fr").select_one(".hit h2 a")
    assert hit["lang"] == "fr"


def test_an_article_describes_itself_to_other_programs(client: FlaskClient, engine: Engine) -> None:
    article = next(
        each for each in engine.scan(Request()) if each.authors and each.tags and each.published
    )
    soup = soup_of(client, f"/article/{article.id}")
    told = [(str(tag["name"]), str(tag["content"])) for tag in soup.select("meta[name^=citation_]")]
    assert ("citation_title", article.title) in told
    assert [value for name, value in told if name == "citation_author"] == list(article.authors)
    assert dict(told)["citation_publication_date"][:4] == str(article.published)[:4]
    shared = {str(tag["property"]): str(tag["content"]) for tag in soup.select("meta[property]")}
    assert shared["og:title"] == article.title
    assert shared["og:url"].endswith(f"/article/{article.id}")
    data = json.loads(soup.select_one('script[type="application/ld+json"]').get_text())
    assert data["headline"] == article.title
    assert [each["name"] for each in data["author"]] == list(article.authors)
    assert data["mainEntityOfPage"] == shared["og:url"]


def test_a_sitemap_lists_every_dated_article_where_the_operator_offers_it(
    engine: Engine, client: FlaskClient
) -> None:
    assert client.get("/sitemap.xml").status_code == 404
    open_client = create_app(engine, WebConfig(sitemap=True)).test_client()
    parts = BeautifulSoup(open_client.get("/sitemap.xml").data, "xml").find_all("loc")
    listed = []
    for part in parts:
        path = part.get_text().split("/", 3)[3]
        listed += BeautifulSoup(open_client.get(f"/{path}").data, "xml").find_all("loc")
    ids = {each.get_text().rsplit("/", 1)[1] for each in listed}
    dated = {
        article.id
        for article in engine.scan(Request(collapse=False))
        if article.published and len(article.published) > 4
    }
    assert ids == dated
    assert "Sitemap:" in open_client.get("/robots.txt").get_data(as_text=True)
