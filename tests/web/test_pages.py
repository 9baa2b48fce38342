"""What a reader sees of a search, without a line of JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from search.engine import Engine
from search.request import Request


def page(client: FlaskClient, url: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    return BeautifulSoup(answer.data, "lxml")


def titles(soup: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in soup.select(".hit h2 a")]


def submitted(form: Tag, **changed: str | None) -> str:
    """Return the address that submitting a form leads to, as a browser without a script would."""
    sent: list[tuple[str, str]] = []
    for field in form.select("input[name]"):
        name, value = str(field["name"]), str(field.get("value", ""))
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        sent.append((name, value))
    for name, value in changed.items():
        sent = [pair for pair in sent if pair[0] != name]
        if value is not None:
            sent.append((name, value))
    from urllib.parse import urlencode

    return f"{form['action']}?{urlencode(sent)}"


def test_the_front_page_says_what_is_in_the_archive(client: FlaskClient, engine: Engine) -> None:
    soup = page(client, "/")
    assert str(engine.status().articles) in soup.select_one(".dateline").get_text()
    assert soup.select(".timeline rect")
    assert soup.select(".sparks li svg.spark path")
    newest = engine.search(Request(sort="newest", size=1)).hits[0]
    assert soup.select_one(".latest h3").get_text() == newest.title


def test_results_are_those_of_the_engine(client: FlaskClient, engine: Engine) -> None:
    answer = engine.search(Request(text="ferry"))
    soup = page(client, "/search?q=ferry")
    assert titles(soup) == [hit.title for hit in answer.hits]
    assert f"{answer.total} articles" in soup.h1.get_text()
    assert soup.select(".hit mark")
    first = soup.select_one(".hit")
    stamp = first.select_one("time")
    assert re.fullmatch(r"\w{3} \d{1,2} \w{3,4} 20\d\d", stamp.get_text())
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d", str(stamp["title"]))


def test_two_tags_narrow_one_after_the_other_and_one_is_removed(
    client: FlaskClient, engine: Engine
) -> None:
    soup = page(client, "/search?q=ferry")
    box = soup.select_one('.facets input[name="tag"]')
    first = str(box["value"])
    soup = page(client, submitted(soup.select_one("form.facets"), tag=first))
    total = engine.search(Request(text="ferry", filters={"tags": (first,)})).total
    assert f"{total} article" in soup.h1.get_text()
    assert soup.select_one('.facets input[name="tag"]').has_attr("checked")
    others = soup.select('.facets input[name="tag"]:not([checked])')
    second = str(others[0]["value"])
    narrower = next(
        link for link in soup.select(".hit .tags a") if link.get_text().lower() != first.lower()
    )
    asked = Request(text=f'ferry tag:"{narrower.get_text()}"', filters={"tags": (first,)})
    led = page(client, str(narrower["href"]))
    assert led.h1.get_text().startswith(f"{engine.search(asked).total} article")
    both = page(client, f"/search?q=ferry&tag={first}&tag={second}")
    chips = [chip.get_text(" ", strip=True) for chip in both.select(".chips li:not(.all)")]
    assert chips == [f"Tag {first}", f"Tag {second}"]
    gone = both.select_one(".chips a")["href"]
    assert parse_qs(urlsplit(str(gone)).query)["tag"] == [second]


def test_a_value_can_be_excluded_and_taken_back(client: FlaskClient, engine: Engine) -> None:
    soup = page(client, "/search?q=ferry")
    away = soup.select_one('.facets [data-facet="tag"] a.not')
    value = str(away["aria-label"]).removeprefix("Exclude ")
    soup = page(client, str(away["href"]))
    total = engine.search(Request(text="ferry", excluded={"tags": (value,)})).total
    assert f"{total} article" in soup.h1.get_text()
    out = soup.select_one(".values li.out")
    assert out.select_one(".name").get_text() == value
    assert str(out.a["href"]) == "/search?q=ferry"


def test_a_new_query_keeps_the_filters(client: FlaskClient) -> None:
    soup = page(client, "/search?q=ferry&tag=Vell&from=2023&sort=newest&size=25")
    form = soup.select_one("form.ask")
    assert submitted(form, q="strike").endswith("tag=Vell&from=2023&sort=newest&size=25&q=strike")


def test_the_filter_form_carries_what_it_does_not_show(client: FlaskClient) -> None:
    soup = page(client, "/search?q=ferry&tag=nosuchtag&sort=oldest&size=25&-section=Harbour")
    sent = parse_qs(urlsplit(submitted(soup.select_one("form.facets"))).query)
    assert sent["tag"] == ["nosuchtag"]
    assert sent["sort"] == ["oldest"]
    assert sent["-section"] == ["Harbour"]
    assert sent["q"] == ["ferry"]


def test_years_open_into_months_and_months_into_days(client: FlaskClient) -> None:
    soup = page(client, "/search")
    assert not soup.select('[data-facet="month"]')
    soup = page(client, "/search?year=2023")
    months = [str(each["value"]) for each in soup.select('[data-facet="month"] input')]
    assert months
    assert all(month.startswith("2023-") for month in months)
    soup = page(client, f"/search?year=2023&month={months[0]}")
    days = [str(each["value"]) for each in soup.select('[data-facet="day"] input')]
    assert days
    assert all(day.startswith(months[0]) for day in days)


def test_show_all_leads_to_every_value(client: FlaskClient, engine: Engine) -> None:
    soup = page(client, "/search")
    more = soup.select_one('[data-facet="tag"] a.more')
    soup = page(client, str(more["href"]))
    every = engine.facet(Request(), "tags", size=1000)
    assert str(every.distinct) in soup.h1.get_text()
    assert len(soup.select(".values input")) == min(every.distinct, 90)
    soup = page(client, "/facet/tag?contains=FERR")
    shown = [str(each["value"]) for each in soup.select(".values input")]
    assert shown == [each.value for each in engine.facet(Request(), "tags", contains="ferr").values]
    following = page(client, "/facet/tag?values=2&by=value")
    assert len(following.select(".values input")) == every.distinct - 90


def test_choosing_on_the_page_of_values_goes_back_to_the_result(client: FlaskClient) -> None:
    soup = page(client, "/facet/tag?q=ferry&from=2023&match=any&section=Harbour")
    value = str(soup.select_one(".values input")["value"])
    url = submitted(soup.select_one("form.facets"), tag=value)
    sent = parse_qs(urlsplit(url).query)
    assert sent == {
        "q": ["ferry"], "from": ["2023"], "match": ["any"], "section": ["Harbour"], "tag": [value],
    }  # fmt: skip
    page(client, url)


def test_the_timeline_leads_to_the_dates_of_its_bars(client: FlaskClient, engine: Engine) -> None:
    soup = page(client, "/search?q=ferry")
    total = 0
    for bar in soup.select(".timeline a[href]:has(rect)"):
        asked = parse_qs(urlsplit(str(bar["href"])).query)
        count = int(str(bar["aria-label"]).rsplit(": ", 1)[1].replace(",", ""))
        found = engine.search(
            Request(text="ferry", since=asked["from"][0], until=asked["to"][0])
        ).total
        assert found == count, bar["aria-label"]
        total += count
    assert total == engine.search(Request(text="ferry")).total
    narrowed = page(client, str(bar["href"]))
    assert str(narrowed.select_one(".timeline .reset")["href"]) == "/search?q=ferry"


def test_pages_follow_one_another(client: FlaskClient, engine: Engine) -> None:
    first = client.get("/search?size=10")
    assert 'rel="next"' in first.headers["Link"]
    seen: list[str] = []
    url: str | None = "/search?size=10"
    while url:
        soup = page(client, url)
        seen += [str(link["href"]) for link in soup.select(".hit h2 a")]
        link = soup.select_one(".pages a[rel=next]")
        url = str(link["href"]) if link else None
    assert len(seen) == len(set(seen)) == engine.search(Request()).stories


def test_nothing_found_says_what_to_drop(client: FlaskClient, engine: Engine) -> None:
    soup = page(client, "/search?q=ferry+zeppelinesque&match=all&tag=Vell")
    drops = {link.get_text(): link for link in soup.select(".nothing a")}
    assert "without zeppelinesque" in drops
    found = page(client, str(drops["without zeppelinesque"]["href"]))
    total = engine.search(Request(text="ferry", filters={"tags": ("Vell",)}, match="all")).total
    assert f"{total} article" in found.h1.get_text()


def test_most_words_are_counted_apart(client: FlaskClient, engine: Engine) -> None:
    answer = engine.search(Request(text="ferry strike zeppelinesque"))
    assert not answer.total
    assert answer.partial_total
    soup = page(client, "/search?q=ferry+strike+zeppelinesque")
    heading = "No article has all of the words of “ferry strike zeppelinesque”. Showing {number}"
    assert soup.h1.get_text().startswith(heading.format(number=answer.partial_total))
    assert soup.select_one(".further") is None
    assert len(titles(soup)) == len(answer.hits)


def test_a_misspelt_search_shows_what_was_meant_and_a_way_back(
    client: FlaskClient, engine: Engine
) -> None:
    meant = engine.search(Request(text="harbour"))
    soup = page(client, "/search?q=harbuor&sort=newest")
    assert soup.h1.get_text() == f"{meant.total} articles for “harbour”"
    line = soup.select_one(".meant")
    assert "No article has “harbuor”" in line.get_text()
    back = page(client, str(line.a["href"]))
    assert titles(back) == []
    assert "Did you mean harbour" in " ".join(back.select_one(".meant").get_text().split())


def test_where_few_have_all_words_the_others_follow_apart(
    client: FlaskClient, engine: Engine
) -> None:
    title = engine.search(Request(text="ferry")).hits[0].title
    answer = engine.search(Request(text=title))
    assert 0 < answer.total < 10 < answer.shown
    soup = page(client, "/search?q=" + quote_plus(title))
    assert str(answer.partial_total) in soup.select_one(".further").get_text().replace(",", "")
    assert "some of the words" in soup.select_one(".further").get_text()
    assert soup.h1.get_text().startswith(f"{answer.total} article")


def test_a_misspelt_word_is_asked_about(client: FlaskClient) -> None:
    soup = page(client, "/search?q=budegt")
    assert soup.select_one(".meant a").get_text() == "budget"
    assert titles(page(client, str(soup.select_one(".meant a")["href"])))


def test_how_a_query_was_read_is_said_and_its_parts_are_removed(client: FlaskClient) -> None:
    soup = page(client, '/search?q=ferry+"strike')
    assert "not closed" in soup.select_one(".notes").get_text()
    chips = {chip.get_text(): str(chip["href"]) for chip in soup.select(".chips a")}
    assert chips["ferry"] == "/search?q=%22strike%22"


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("titel:bridge", "title:…"), ("hd=bridge", "title:…"), ("ferry SAME bridge", "NEAR/5"),
        ("ferry EXCEPT bridge", "-Wort"), ("ferry XOR bridge", "NOT (eins AND anderes)"),
        ("bridge tag:storm,flood", "tag:(dies OR das)"), ("What NOT To Say", "-Wort"),
    ],
)  # fmt: skip
def test_notes_name_what_to_write_in_other_languages(
    client: FlaskClient, typed: str, named: str
) -> None:
    found = client.get("/search", query_string={"q": typed}, headers={"Accept-Language": "de"})
    notes = BeautifulSoup(found.text, "lxml").select_one(".notes")
    assert notes is not None
    assert named in notes.get_text()


def test_scores_are_broken_down_when_asked(client: FlaskClient) -> None:
    soup = page(client, "/search?q=ferry&explain=1")
    assert soup.select(".why li")


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_order_is_as_asked(client: FlaskClient, sort: str) -> None:
    soup = page(client, f"/search?sort={sort}&size=50")
    stamps = [str(each["datetime"]) for each in soup.select(".hit time")]
    assert stamps == sorted(stamps, reverse=sort == "newest")
    assert soup.select_one(".order [aria-current]").get_text().lower() == sort


def test_every_example_of_the_help_finds_what_it_says(client: FlaskClient) -> None:
    rows = page(client, "/help").select(".syntax tbody tr")
    assert len(rows) > 30
    for row in rows:
        found = page(client, str(row.a["href"]) + "&match=all")
        count = row.select_one(".count").get_text()
        assert found.h1.get_text().startswith(f"{count} article"), row.get_text()


def test_what_is_often_in_the_news_is_recent(client: FlaskClient, engine: Engine) -> None:
    section = page(client, "/").select_one("section[aria-labelledby=often]")
    last = engine.status().last
    recent = Request(since=f"{last - timedelta(days=30):%Y-%m-%d}")
    expected = engine.facet(recent, "tags", size=14).values
    shown = [
        (row.a.get_text(), int(row.select_one(".count").get_text())) for row in section.select("li")
    ]
    assert shown == [(each.value, each.count) for each in expected]
    assert "since" in section.h2.get_text()


def test_a_sparkline_says_the_time_that_it_spans(client: FlaskClient, engine: Engine) -> None:
    row = page(client, "/browse/tag").select_one(".sparks li")
    tagged = list(engine.scan(Request(filters={"tags": (row.a.get_text(),)}, sort="oldest")))
    dated = [str(each.published.day.year) for each in tagged if each.published]
    label = row.select_one("svg title").get_text()
    assert dated[0] in label.split("–")[0]
    assert dated[-1] in label.split("–")[1]


@pytest.mark.parametrize(
    ("query", "without"),
    [('"ferry council', "ferry council"), ('title:"ferry', "title:ferry"), ("“ferry", "ferry")],
)
def test_a_quotation_mark_that_is_not_closed_can_be_left_out(
    client: FlaskClient, query: str, without: str
) -> None:
    soup = page(client, f"/search?q={quote_plus(query)}&tag=ferries")
    link = soup.select_one(".notes a")
    asked = parse_qs(urlsplit(str(link["href"])).query)
    assert asked == {"q": [without], "tag": ["ferries"]}
    assert not page(client, str(link["href"])).select(".notes")


def test_the_example_where_nothing_was_found_finds_something(client: FlaskClient) -> None:
    soup = page(client, "/search?q=ferryish+zzzz&match=all")
    link = next(each for each in soup.select(".nothing a") if each.get_text().endswith("*"))
    assert "ferryish".startswith(link.get_text()[:-1])
    assert titles(page(client, str(link["href"])))


def test_facets_are_named_in_one_number_and_say_that_values_are_alternatives(
    client: FlaskClient,
) -> None:
    legends = page(client, "/search?q=ferry").select(".facets fieldset[data-facet] legend")
    assert len(legends) > 4
    for legend in legends:
        assert legend.small.extract().get_text() == "any of these"
        assert not legend.get_text().strip().endswith("s")


def test_the_overview_of_the_archive_is_one_click_from_anywhere(client: FlaskClient) -> None:
    for url in ("/", "/search?q=ferry", "/browse", "/help"):
        soup = page(client, url)
        assert {"/browse", "/browse/calendar", "/help"} <= {
            str(link["href"]) for link in soup.select(".ways a")
        }


@pytest.mark.parametrize(
    "url", ["/nothing/here", "/facet/nothing", "/browse/nothing", "/article/ffffffffffffffff",
            "/article/%00", "/browse/calendar/1066", "/browse/tag?value=nosuchtag",
            "/export.docx", "/static/../app.py", "/static/none.css"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: FlaskClient, url: str) -> None:
    soup = page(client, url, 404) if not url.startswith("/export") else None
    if soup is not None:
        assert soup.select_one("h1").get_text() == "Not found"
    else:
        assert client.get(url).status_code == 404


def test_the_site_can_live_below_a_prefix(client: FlaskClient) -> None:
    answer = client.get("/search?q=ferry", base_url="http://localhost/archive")
    soup = BeautifulSoup(answer.data, "lxml")
    local = [
        str(each.get("href") or each.get("src") or each.get("action"))
        for each in soup.select("[href], [src], form[action]")
    ]
    outside = [url for url in local if url.startswith("/") and not url.startswith("/archive/")]
    assert outside == []
