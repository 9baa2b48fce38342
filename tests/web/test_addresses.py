"""The URL is the whole state of a search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from corpus.core.errors import BadRequestError
from corpus.core.fields import COUNTED, FACETS
from indexer.analysis.analyser import fold_value
from search.request import Request
from web.addresses import PARAMETERS, Addresses, pairs, query_string, read_request
from web.config import WebConfig

_words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30
).map(str.strip).filter(bool)  # fmt: skip
_chosen = st.dictionaries(
    st.sampled_from(FACETS), st.lists(_words, min_size=1, max_size=3, unique=True).map(tuple),
    max_size=3,
)  # fmt: skip
_requests = st.builds(
    Request,
    text=_words | st.just(""),
    filters=_chosen,
    excluded=_chosen,
    since=st.sampled_from(["", "2017", "2017-01-30", "last week"]),
    until=st.sampled_from(["", "2018-02"]),
    match=st.sampled_from(["auto", "all", "any"]),
    sort=st.sampled_from(["relevance", "newest", "oldest", "recent"]),
    page=st.integers(1, 100),
    size=st.integers(1, 100),
    collapse=st.booleans(),
    explain=st.booleans(),
    expand=st.sampled_from([None, True, False]),
    half_life_days=st.sampled_from([30.0, 1.0, 365.0]),
    facet_size=st.just(12),
    facets=st.just(COUNTED),
)


def arguments(url: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _written(request_: Request) -> Request:
    return replace(request_, match="any") if request_.expand else request_


def same(one: Request, other: Request) -> bool:
    return pairs(_written(one), paging=True) == pairs(_written(other), paging=True)


@given(_requests)
def test_a_request_survives_its_address(request_: Request) -> None:
    url = "/search" + query_string(pairs(request_, paging=True))
    assert same(read_request(arguments(url), WebConfig()), request_)


@given(_requests, st.sampled_from(FACETS), _words)
def test_narrowing_and_widening_again_is_no_change(
    request_: Request, facet: str, value: str
) -> None:
    first = Addresses(request_)
    chosen = first.request.filters.get(facet, ()) + first.request.excluded.get(facet, ())
    if fold_value(value) in map(fold_value, chosen):
        return
    narrowed = read_request(arguments(first.narrowed(facet, value)), WebConfig())
    assert value in narrowed.filters[facet]
    back = first.of(Addresses(narrowed).without(facet, value))
    again = read_request(arguments(back), WebConfig())
    assert len(again.filters.get(facet, ())) <= len(request_.filters.get(facet, ()))
    assert value not in again.filters.get(facet, ())


def test_one_state_has_one_address() -> None:
    one = read_request(MultiDict([("tag", "a"), ("q", "x"), ("page", "1")]), WebConfig())
    other = read_request(MultiDict([("q", " x "), ("tag", "a"), ("sort", "")]), WebConfig())
    assert Addresses(one).search() == Addresses(other).search() == "/search?q=x&tag=a"


def test_a_value_is_found_whatever_its_case_and_accents() -> None:
    asked = Request(filters={"tags": ("SÃO paulo",)})
    addresses = Addresses(asked)
    assert addresses.of(addresses.without("tags", "São Paulo")) == "/search"


def test_excluding_a_chosen_value_takes_the_choice_back() -> None:
    asked = Request(filters={"tags": ("a", "b")})
    assert Addresses(asked).excluded("tags", "a") == "/search?tag=b&-tag=a"


def test_another_page_keeps_the_search_and_another_search_starts_at_page_one() -> None:
    addresses = Addresses(Request(text="x", page=7, size=25))
    assert addresses.page(8) == "/search?q=x&size=25&page=8"
    assert addresses.sorted_by("newest") == "/search?q=x&sort=newest&size=25"


def test_every_facet_has_a_parameter_of_its_own() -> None:
    assert set(PARAMETERS) == set(FACETS)
    assert len(set(PARAMETERS.values())) == len(FACETS)


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"page": "٣"}, "page"),
        ({"page": "99999999999999999999"}, "page"),
        ({"size": "101"}, "size"),
        ({"size": "-1"}, "size"),
        ({"sort": "best"}, "sort"),
        ({"match": "some"}, "match"),
        ({"collapse": "maybe"}, "collapse"),
        ({"from": "x" * 61}, "from"),
        ({"page": "1001"}, "1001"),
        ({"after": "x" * 3000}, "after"),
    ],
)
def test_what_is_over_a_limit_is_refused_by_name(given_: dict[str, str], told: str) -> None:
    with pytest.raises(BadRequestError, match=told):
        read_request(MultiDict(given_), WebConfig())


def test_too_many_filters_are_refused() -> None:
    many: MultiDict[str, Any] = MultiDict([("tag", str(n)) for n in range(21)])
    with pytest.raises(BadRequestError, match="21"):
        read_request(many, WebConfig())
