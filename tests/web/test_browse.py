"""Looking around without a question."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search.engine import Engine
from search.request import Request
from web.addresses import PARAMETERS, value_query
from web.views.browse import BROWSED


def soup_of(client: FlaskClient, url: str) -> BeautifulSoup:
    answer = client.get(url)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return BeautifulSoup(answer.data, "lxml")


def test_the_overview_leads_to_every_kind_of_value(client: FlaskClient, engine: Engine) -> None:
    soup = soup_of(client, "/browse")
    led = {str(link["href"]) for link in soup.select(".shelves h2 a")}
    held = {name for name in BROWSED if engine.facet(Request(), name, size=1).distinct}
    assert led == {f"/browse/{PARAMETERS[name]}" for name in held} | {"/browse/calendar"}
    for url in sorted(led):
        soup_of(client, url)


def test_tags_come_by_count_and_from_a_to_z_each_with_its_sparkline(
    client: FlaskClient, engine: Engine
) -> None:
    by_count = soup_of(client, "/browse/tag")
    every = [each.value for each in engine.facet(Request(), "tags", size=500).values]
    shown = [each.a.get_text() for each in by_count.select(".sparks li")]
    assert all(each.select_one("svg path") for each in by_count.select(".sparks li"))
    following = by_count.select_one(".pages a[rel=next]")
    assert following
    rest = soup_of(client, "/browse/tag" + str(following["href"]))
    assert shown + [each.a.get_text() for each in rest.select(".sparks li")] == every
    by_value = soup_of(client, "/browse/tag?by=value")
    letters = [each.get_text() for each in by_value.select(".letter h2")]
    assert len(letters) == len(set(letters)) > 5
    assert len(by_value.select(".sparks li")) == len(shown)
    assert [link["href"] for link in by_value.select(".letters a")] == [f"#l-{x}" for x in letters]


def test_values_are_found_by_a_part_of_them(client: FlaskClient) -> None:
    soup = soup_of(client, "/browse/tag?contains=HARR")
    shown = [each.a.get_text() for each in soup.select(".sparks li")]
    assert shown
    assert all("harr" in each.lower() for each in shown)


@pytest.mark.parametrize("facet", ["tags", "section", "source", "authors", "topic", "language"])
def test_a_value_has_a_page_of_its_own(client: FlaskClient, engine: Engine, facet: str) -> None:
    value = engine.facet(Request(), facet, size=1).values[0]
    soup = soup_of(client, f"/browse/{PARAMETERS[facet]}?value={value.value.upper()}")
    assert soup.select_one(".standing").get_text().startswith(f"{value.count} article")
    assert soup.select(".timeline rect")
    newest = engine.search(Request(filters={facet: (value.value,)}, sort="newest", size=6)).hits
    assert [each.get_text() for each in soup.select("section[aria-labelledby=newest] h3")] == [
        hit.title for hit in newest
    ]


def test_a_tag_tells_what_it_comes_with(client: FlaskClient, engine: Engine) -> None:
    soup = soup_of(client, "/browse/tag?value=ferries")
    company = next(
        each for each in soup.select(".rail section") if each.h2.get_text() == "Often together with"
    )
    rows = company.select("li")
    assert rows
    for row in rows:
        other, count = row.select("a")
        assert other.get_text() != "ferries"
        both = [
            each
            for each in engine.scan(Request(filters={"tags": ("ferries",)}))
            if other.get_text().lower() in {tag.lower() for tag in each.tags}
        ]
        assert len(both) == int(count.get_text())
        led = soup_of(client, str(count["href"]))
        assert led.h1.get_text().startswith(f"{len(both)} article")


def test_a_value_with_quotes_and_signs_is_asked_for_whole(
    client: FlaskClient, engine: Engine
) -> None:
    for value in ("\"><script>alert('tag')</script>", "a&b=c#d", '=HYPERLINK("x")'):
        total = engine.search(Request(filters={"tags": (value,)})).total
        assert total
        assert engine.search(Request(text=value_query("tags", value))).total == total


def test_the_calendar_counts_every_day(client: FlaskClient, engine: Engine) -> None:
    years = engine.facet(Request(), "year", size=100, by="value").values
    soup = soup_of(client, "/browse/calendar")
    assert {each.a.get_text(): int(each.select_one(".count").get_text()) for each in
            soup.select(".years li")} == {each.value: each.count for each in years}  # fmt: skip
    year = years[0]
    soup = soup_of(client, f"/browse/calendar/{year.value}")
    assert len(soup.select("table.month")) == 12
    total = 0
    for link in soup.select("td a"):
        day = parse_qs(urlsplit(str(link["href"])).query)["from"][0]
        count = int(re.sub(r"\D", "", str(link["aria-label"]).rsplit(":", 1)[1]))
        total += count
        assert str(int(day[-2:])) == link.get_text()
    assert total == year.count
    found = soup_of(client, str(link["href"]))
    assert found.h1.get_text().startswith(f"{count} article")
