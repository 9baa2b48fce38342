"""Searches compared over HTTP: the page, its files, the API, and addresses that mean harm."""

from __future__ import annotations

import csv
import io
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.request import Request

TWO = "q=bridge&q=ferry"


def api(client: FlaskClient, query: str, status: int = 200) -> Any:
    answer = client.get(f"/api/v1/compare?{query}")
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.mark.parametrize(("by", "length"), [("year", 4), ("month", 7), ("day", 10)])
def test_counts_are_those_of_a_plain_scan(
    client: FlaskClient, engine: Engine, by: str, length: int
) -> None:
    found = api(client, f"{TWO}&by={by}&from=2023-02&to=2024-01")
    assert engine.status().timezone == "UTC"
    for text, series in (("bridge", found["series"][0]), ("ferry", found["series"][1]), ("", None)):
        request = Request(text=text, match="all", since="2023-02", until="2024-01")
        articles = list(engine.scan(request))
        counted = Counter(
            str(each.published)[:length] for each in articles
            if each.published and len(each.published) >= length
        )  # fmt: skip
        counts = series["counts"] if series else found["all"]
        days = [day[:length] for day in found["periods"]]
        shown = {day: count for day, count in zip(days, counts, strict=True) if count}
        assert shown == {day: count for day, count in counted.items() if day in days}
        if series:
            assert series["total"] == len(articles)
            assert sum(series["counts"]) + series["undated"] == len(articles)


def test_shares_are_of_all_articles_of_a_period(client: FlaskClient) -> None:
    found = api(client, f"{TWO}&by=month&source=The+Harrow+Bay+Courier")
    for series in found["series"]:
        for count, every, share in zip(
            series["counts"], found["all"], series["shares"], strict=True
        ):
            assert count <= every
            assert share == (round(count / every, 6) if every else 0)
    without = api(client, f"{TWO}&by=month")
    assert sum(without["all"]) > sum(found["all"])


def test_two_searches_stand_side_by_side_by_a_facet(client: FlaskClient) -> None:
    found = api(client, f"{TWO}&facet=section")["facet"]
    assert found["name"] == "section"
    for row in found["values"]:
        for text, count in zip(("bridge", "ferry"), row["counts"], strict=True):
            answer = client.get(
                "/api/v1/search", query_string={"q": text, "match": "all", "section": row["value"]}
            )
            assert answer.json is not None
            assert answer.json["total"] == count


def test_words_of_two_periods_are_compared(client: FlaskClient) -> None:
    words = api(client, "q=the&a=2023&b=2024")["words"]
    assert words["counted"] == words["found"]
    for row in words["first"]:
        assert row["first"] * words["counted"][1] > row["second"] * words["counted"][0]
        assert row["log_likelihood"] > 10.8
    page = client.get("/compare?a=2023&b=2024").text
    assert '<th scope="row" dir="auto"><a href="/search?q=' in page
    for bad in ("a=nonsense&b=2024", "a=2023", "a=2023&b=2024..spring", "a=..&b=2024"):
        page = client.get(f"/compare?{bad}").text
        assert "Name two periods" in page, bad
    german = client.get("/compare?a=x&b=2024", headers={"Accept-Language": "de"}).text
    assert "Name two periods" not in german


@pytest.mark.parametrize(
    "query",
    [
        "", "q=", "q=a&q=b&q=c&q=d&q=e&q=f&q=g", f"q={'x' * 301}", "q=a&by=decade",
        "q=a&facet=nosuch", "q=a&a=2023&b=", "q=a&a=nonsense&b=2024",
        "q=a&show=share", "q=a&by=day&by=year", "q=a&from=x",
    ],
)  # fmt: skip
def test_the_api_says_what_it_takes(client: FlaskClient, query: str) -> None:
    assert api(client, query, 400)["detail"]


@pytest.mark.parametrize("by", ["", "day", "week", "month", "year"])
@pytest.mark.parametrize("show", ["count", "share"])
def test_the_page_has_a_plot_and_its_numbers(client: FlaskClient, by: str, show: str) -> None:
    page = client.get(f"/compare?{TWO}&by={by}&show={show}").text
    assert page.count('<svg class="plot') == 2
    assert "stroke-dasharray" in page
    assert "nan" not in page and "inf" not in page
    assert page.count("<tbody>") == 1
    other = client.get("/compare?q=nosuchword").text
    assert '<svg class="plot' not in other


def test_every_number_of_the_table_is_that_of_its_link(client: FlaskClient) -> None:
    page = client.get(f"/compare?{TWO}&q=storm&by=month").text
    links = Links()
    links.feed(page.partition('id="numbers"')[2])
    assert len(links.found) > 20
    for url, text in links.found:
        answer = client.get(url.replace("/search", "/api/v1/search", 1))
        assert answer.json is not None
        assert str(answer.json["total"]) == text, url


class Links(HTMLParser):
    """Collects the links to searches whose text is a number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._url = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._url = (dict(attrs).get("href") or "") if tag == "a" else ""

    def handle_data(self, data: str) -> None:
        if self._url.startswith("/search?") and data.isdigit():
            self.found.append((self._url, data))
        self._url = ""


def test_labels_are_text_in_the_plot_and_cells_in_the_file(client: FlaskClient) -> None:
    hostile = "</text><script>alert(1)</script>bridge"
    page = client.get("/compare", query_string={"q": [hostile, '"><svg onload=x> bridge']}).text
    assert "<script>alert" not in page
    assert "<svg onload" not in page
    file = client.get("/compare.csv", query_string={"q": ["=1+1 bridge", "bridge"], "match": "any"})
    rows = list(csv.reader(io.StringIO(file.text)))
    assert rows[0][2] == "'=1+1 bridge"
    assert file.mimetype == "text/csv"
    assert client.get("/compare.csv").status_code == 400


def test_too_many_periods_become_longer_ones(client: FlaskClient) -> None:
    found = api(client, "q=bridge&by=day")
    assert found["period"] in ("day", "week")
    assert len(found["periods"]) <= 400
    if found["period"] == "week":
        assert "too long for days" in client.get("/compare?q=bridge&by=day").text


def test_a_result_leads_to_its_comparison(client: FlaskClient) -> None:
    page = client.get("/search?q=bridge&tag=inquiry").text
    assert 'href="/compare?q=bridge&amp;tag=inquiry"' in page
    answer = client.get("/compare?q=bridge&tag=inquiry").text
    assert 'name="tag" value="inquiry"' in answer
