"""Queries of tens of thousands of characters: their pages stay small and say what was read."""

from __future__ import annotations

import random
from urllib.parse import quote, urlencode

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

MOST_BYTES = 2_000_000
LENGTH = 63_000

_random = random.Random(11)


def _letters(first: int, last: int, count: int) -> str:
    return "".join(chr(_random.randint(first, last)) for _ in range(count))


def _words(first: int, last: int) -> str:
    return " ".join(_letters(first, last, _random.randint(4, 14)) for _ in range(9_000))


LONG = {
    "prose": "the ferry left the quay and what the harbour said about it " * 1_100,
    "latin": _words(97, 122),
    "cyrillic": _words(0x430, 0x44F),
    "chinese": _words(0x4E00, 0x9FA4),
    "phrases": " ".join(f'"{_letters(97, 122, 3)} ferry"' for _ in range(6_000)),
    "fields": " ".join(f'title:"{_letters(97, 122, 2)}"^2.5' for _ in range(3_500)),
    "alternatives": " OR ".join(f"(ferry AND {_letters(97, 122, 3)})" for _ in range(4_000)),
    "signs": "ferry " + "h&m c'd.e " * 6_300,
    "fewer": ("ferry " + _words(97, 122))[:2_400],
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize(
    "path", ["/search?match=any", "/search?match=any&size=100", "/facet/tag?match=any"]
)
def test_pages_of_long_queries_are_small(client: FlaskClient, name: str, path: str) -> None:
    answer = client.get(f"{path}&{urlencode({'q': LONG[name][:LENGTH]})}")
    assert answer.status_code == 200
    assert len(answer.data) <= MOST_BYTES


@pytest.mark.parametrize("name", ["prose", "latin", "cyrillic", "alternatives"])
def test_the_links_of_a_long_query_ask_what_was_asked(client: FlaskClient, name: str) -> None:
    query = ("ferry " + LONG[name])[:LENGTH]
    answer = client.get(f"/search?match=any&{urlencode({'q': query})}")
    soup = BeautifulSoup(answer.data, "html.parser")
    assert soup.select_one(".notes"), "that only a part was read is said"
    total = client.get(f"/api/v1/search?match=any&{urlencode({'q': query})}").json["total"]
    (newest,) = [a for a in soup.select("a[href]") if "sort=newest" in a["href"]]
    # As a browser sends it: letters that are not ASCII are quoted.
    address = quote(str(newest["href"]), safe="/?&=%+:;,()'")
    assert len(address) < 200_000
    again = client.get(address.replace("/search?", "/api/v1/search?")).json
    assert again["total"] == total > 0


def test_what_fits_is_kept_as_it_was_typed(client: FlaskClient) -> None:
    query = "ferry  AND (quay OR   harbour) " + "or lamp " * 400
    soup = BeautifulSoup(client.get(f"/search?{urlencode({'q': query})}").data, "html.parser")
    assert soup.select_one("input[name=q]")["value"] == query.strip()
