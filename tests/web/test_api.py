"""The API: what it answers, how it pages, and that its description is true."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from corpus.core.article import Article
from corpus.core.fields import FACETS
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from search.exports.to_json import answer_to_json
from search.request import Request
from web.api.schemas import PATTERNS
from web.app import create_app
from web.config import WebConfig
from web.shelf import lists, searches
from web.shelf.database import Shelf
from web.shelf.reader import ONE_READER

Maker = Callable[..., FlaskClient]


def get(client: FlaskClient, url: str, status: int = 200) -> Any:
    answer = client.get(url)
    assert answer.status_code == status, answer.text[:500]
    return json.loads(answer.data)


def test_a_search_has_the_documented_form(client: FlaskClient) -> None:
    asked = "q=ferry&tag=Vell&from=2023&to=2024&sort=newest&page=1&size=5"
    answer = get(client, f"/api/v1/search?{asked}")
    assert {"query", "total", "took_ms", "page", "pages", "facets", "timeline"} <= set(answer)
    assert {"id", "title", "url", "published", "section", "topic", "tags", "authors", "source",
            "score", "snippet"} <= set(answer["hits"][0])  # fmt: skip
    assert {"value", "count", "selected"} <= set(answer["facets"]["tags"][0])
    assert answer["facets"]["tags"][0]["selected"] is True
    assert {"start", "count"} <= set(answer["timeline"][0])


def test_it_answers_what_the_command_line_prints(client: FlaskClient, engine: Engine) -> None:
    asked = Request(text="ferry strike", facet_size=10)
    expected = answer_to_json(engine.search(asked))
    found = get(client, "/api/v1/search?q=ferry+strike")
    for told in (expected, found):
        told.pop("took_ms")
    assert found == json.loads(json.dumps(expected))


@pytest.mark.parametrize("form", ["json", "data"])
def test_a_search_can_be_posted(client: FlaskClient, form: str) -> None:
    body: Any = {"q": "ferry", "tag": ["Vell", "Harbour"], "sort": "newest", "facets": ["tags"]}
    if form == "data":
        body["facets"] = "tags"
    asked = client.post("/api/v1/search", **{form: {**body, "size": 5}})
    assert asked.status_code == 200, asked.text
    expected = get(
        client, "/api/v1/search?q=ferry&tag=Vell&tag=Harbour&sort=newest&facets=tags&size=5"
    )
    found = json.loads(asked.data)
    for told in (expected, found):
        told.pop("took_ms")
    assert found == expected
    assert found["total"] > 0


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b'{"q": 5}', b'{"size": true}', b'{"tag": "x"}', b'{"tagg": ["x"]}']
)
def test_a_body_that_is_not_as_described_is_refused(client: FlaskClient, body: bytes) -> None:
    asked = client.post("/api/v1/search", data=body, content_type="application/json")
    assert asked.status_code == 400
    assert asked.mimetype == "application/problem+json"


@pytest.mark.parametrize(("length", "code"), [(9_000, "too-many-terms"), (70_000, "too-many")])
def test_a_long_query_is_read_as_far_as_it_goes(
    client: FlaskClient, length: int, code: str
) -> None:
    text = ("ferry strike " * length)[:length]
    by_post = json.loads(client.post("/api/v1/search", json={"q": text}).data)
    by_get = get(client, f"/api/v1/search?q={text.replace(' ', '+')}")
    for found in (by_post, by_get):
        assert found["total"] > 0
        assert any(note["code"].startswith(code) for note in found["notes"])
    page = client.get(f"/search?q={text.replace(' ', '+')}")
    assert page.status_code == 200
    assert "Link" not in page.headers


def test_what_a_facet_offers_can_be_chosen_however_long(client: FlaskClient) -> None:
    assert client.get("/search?section=" + "a" * 9_000).status_code == 200
    assert get(client, "/api/v1/search?section=" + "a" * 9_000)["total"] == 0


def test_which_facets_are_counted_can_be_said(client: FlaskClient) -> None:
    assert set(get(client, "/api/v1/search?facets=tags,year")["facets"]) == {"tags", "year"}
    assert get(client, "/api/v1/search?facets=&timeline=0")["facets"] == {}
    every = get(client, f"/api/v1/search?facets={','.join(FACETS)}&facet_size=3")["facets"]
    assert set(every) == set(FACETS)
    assert all(len(values) <= 3 for values in every.values())


def test_an_article_comes_whole(client: FlaskClient, engine: Engine) -> None:
    article = next(engine.scan(Request(text="ferry")))
    found = get(client, f"/api/v1/articles/{article.id}")
    assert found["title"] == article.title
    assert found["body"] == list(article.body)
    assert found["published"] == article.published


def test_the_cursor_walks_through_everything_once(client: FlaskClient, engine: Engine) -> None:
    url: str | None = "/api/v1/search?sort=newest&size=30&facets=&timeline=0"
    seen: list[str] = []
    while url:
        answer = client.get(url)
        body = json.loads(answer.data)
        seen += [hit["id"] for hit in body["hits"]]
        if not body["after"]:
            assert 'rel="next"' not in answer.headers["Link"]
            break
        assert 'rel="next"' in answer.headers["Link"]
        url = f"/api/v1/search?sort=newest&size=30&facets=&timeline=0&after={body['after']}"
    assert len(seen) == len(set(seen)) == engine.search(Request()).stories


def test_the_cursor_stays_in_place_while_the_index_changes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "index")

    def put(first: int, last: int) -> None:
        writer = store.writer()
        numbers = range(first, last)
        articles = [
            Article(id=f"{n:016x}", title=f"Harbour news {n}", body=("harbour",)) for n in numbers
        ]
        writer.put(articles, [n + 1 for n in numbers], "test")
        writer.commit()
        writer.close()

    put(0, 40)
    engine = open_engine(tmp_path / "index")
    client = create_app(engine, WebConfig()).test_client()
    before = [hit.id for hit in engine.search(Request(text="harbour", size=40)).hits]
    page = get(client, "/api/v1/search?q=harbour&size=10")
    seen = [hit["id"] for hit in page["hits"]]
    put(100, 160)
    assert engine.refresh()
    while page["after"] and len(seen) < 200:
        page = get(client, f"/api/v1/search?q=harbour&size=10&after={page['after']}")
        seen += [hit["id"] for hit in page["hits"]]
    assert len(seen) == len(set(seen))
    assert [each for each in seen if each in before] == before
    engine.close()


def test_a_facet_is_listed_page_by_page(client: FlaskClient, engine: Engine) -> None:
    every = engine.facet(Request(), "tags", size=1000)
    seen: list[str] = []
    while len(seen) < every.distinct:
        part = get(client, f"/api/v1/facets/tags?offset={len(seen)}&size=20")
        assert part["distinct"] == every.distinct
        assert part["values"]
        seen += [value["value"] for value in part["values"]]
    assert seen == [value.value for value in every.values]
    assert get(client, "/api/v1/facets/tags?contains=harr")["values"]


def test_completion_and_status(client: FlaskClient, engine: Engine) -> None:
    completions = get(client, "/api/v1/complete?q=ferr")["completions"]
    assert completions
    assert all(each["text"] for each in completions)
    assert get(client, "/api/v1/complete")["completions"] == []
    status = get(client, "/api/v1/status")
    assert status["articles"] == engine.status().articles
    assert status["state"] == "ready"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v1/search?page=x", 400),
        ("/api/v1/search?facets=tags,nothing", 400),
        ("/api/v1/search?timeline=2", 400),
        ("/api/v1/search?q=ferry&sise=5", 400),
        ("/api/v1/search?Q=ferry", 400),
        ("/api/v1/facets/tags?page=2", 400),
        ("/api/v1/status?verbose=1", 400),
        ("/api/v1/search?after=nonsense", 400),
        ("/api/v1/articles/ffffffffffffffff", 404),
        ("/api/v1/articles/ffffffffffffffff/related", 404),
        ("/api/v1/facets/nothing", 404),
        ("/api/v1/facets/tags?by=magic", 400),
        ("/api/v1/facets/tags?size=0", 400),
        ("/api/v1/complete?q=" + "x" * 201, 400),
        ("/api/v1/nothing", 404),
    ],
)
def test_problems_are_problem_details(client: FlaskClient, url: str, status: int) -> None:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert len(problem["detail"]) > 10
    assert problem["instance"] == url.split("?")[0]


def test_what_is_misspelt_is_named_with_what_there_is(client: FlaskClient) -> None:
    detail = get(client, "/api/v1/search?q=ferry&sise=5", 400)["detail"]
    assert "'sise'" in detail
    assert " size," in detail
    assert get(client, "/api/v1/status?verbose=1", 400)["detail"].endswith("this takes none.")


def test_the_description_is_openapi_and_readable(client: FlaskClient) -> None:
    described = get(client, "/api/v1/openapi.json")
    assert described["openapi"] == "3.1.0"
    page = client.get("/api/").text
    assert client.get("/api/v1").text == page
    for path, item in described["paths"].items():
        method = "GET" if "get" in item else "POST"
        assert f"{method} /api/v1{path}" in page
        for parameter in item.get("get", {}).get("parameters", ()):
            assert parameter["description"]


def test_the_page_for_people_describes_the_shelf_where_there_is_one(
    engine: Engine, tmp_path: Path
) -> None:
    answer = create_app(engine, WebConfig(shelf=tmp_path)).test_client().get("/api/")
    assert answer.status_code == 200
    assert "/api/v1/shelf/lists" in answer.text


POSTED = {
    "/count": {"queries": ["ferry", "", "nosuchword"], "by_year": 1},
    "/like": {"text": "the first buses cross the Ember Bridge again"},
}
"""What is sent to the paths that take nothing but POST."""


def test_answers_have_the_form_that_the_description_says(
    client: FlaskClient, engine: Engine
) -> None:
    """Nothing is missing in an answer, and nothing is in one that is not described."""
    described = get(client, "/api/v1/openapi.json")
    for schema in described["components"]["schemas"].values():
        schema["additionalProperties"] = False
    article_id = engine.search(Request(text="ferry")).hits[0].id
    for path, item in described["paths"].items():
        operation = item.get("get") or item["post"]
        name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        schema = {**described, "$ref": name}
        if "get" not in item:
            answer = client.post(f"/api/v1{path}", json=POSTED[path]).json
            jsonschema_rs.validator_for(schema).validate(answer)
            continue
        url = "/api/v1" + path.replace("{id}", article_id).replace("{name}", "tags")
        named = {each["name"] for each in item["get"]["parameters"]}
        asked = [f"{name}={value}" for name, value in (("q", '"ferr'), ("explain", 1))
                 if name in named]  # fmt: skip
        answer = get(client, f"{url}?{'&'.join(asked)}")
        jsonschema_rs.validator_for(schema).validate(answer)
    problem = {**described, "$ref": "#/components/schemas/Problem"}
    jsonschema_rs.validator_for(problem).validate(get(client, "/api/v1/search?page=x", 400))


def test_the_description_tells_each_problem_and_bounds_each_number(client: FlaskClient) -> None:
    described = get(client, "/api/v1/openapi.json")
    told = described["components"]["responses"]
    for item in described["paths"].values():
        for operation in item.values():
            problems = {code for code in operation["responses"] if code >= "400"}
            assert {"400", "429", "503"} <= problems
            assert all(f"Problem{code}" in told for code in problems)
            for each in operation.get("parameters", ()):
                kind = each["schema"]
                if kind["type"] == "integer" and "enum" not in kind:
                    assert {"minimum", "maximum"} <= set(kind), each["name"]
                if kind["type"] == "array":
                    assert "maxItems" in kind, each["name"]
    page = BeautifulSoup(client.get("/api/").data, "lxml")
    for name in told:
        if name.startswith("Problem"):
            assert name[len("Problem") :] in page.select_one("#problems").parent.get_text()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_to_made_up_requests_is_as_described(
    engine: Engine, tmp_path: Path, mode: GenerationMode
) -> None:
    """schemathesis makes up good and bad requests from the description and checks the answers."""
    config = WebConfig(rate_limit="", export_limit="", shelf=tmp_path)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=create_app(engine, config))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 27
    kept = article_on_a_list(engine, Shelf(tmp_path))
    for operation in operations:
        bare = operation.path in ("/status", "/shelf/searches", "/shelf/lists")
        if bare and operation.method == "get":  # without parameters there is nothing to make up
            continue
        there = kept if mode is GenerationMode.POSITIVE else None
        assert _ask(operation.as_strategy(generation_mode=mode), there) >= 10, operation.path


def article_on_a_list(engine: Engine, shelf: Shelf) -> Callable[[], dict[str, Any]]:
    """Return what sees to it that a shelf has an article and a search, and gives their ids."""
    article = engine.article(engine.search(Request(text="ferry")).hits[0].id)
    assert article is not None

    def see() -> dict[str, Any]:
        with shelf.writing() as db:
            made, _ = lists.create(db, ONE_READER, "There")
            lists.add(db, ONE_READER, made.id, [article])
            saved, _ = searches.save(db, ONE_READER, "There", "?q=there", 0)
        return {"list_id": made.id, "article": article.id, "search": saved.id}

    return see


def _ask(cases: Any, there: Callable[[], dict[str, Any]] | None) -> int:
    asked = 0

    @settings(
        max_examples=30, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def check(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        # A cursor cannot be made up: one that no answer ended with is refused, as described.
        case.query.pop("after", None)
        if isinstance(case.body, dict):
            case.body.pop("after", None)
        # More is read as a date than a pattern can say.
        given = case.query | (case.body if isinstance(case.body, dict) else {})
        dates = [given[name] for name in ("from", "to") if isinstance(given.get(name), str)]
        assume(all(re.search(PATTERNS["from"], each) for each in dates))
        if there is not None and "/shelf/" in case.path:
            known = there()
            case.path_parameters.update({name: known[name] for name in case.path_parameters})
        case.call_and_validate(headers={"Accept-Encoding": "identity"})

    check()
    return asked


@pytest.mark.parametrize(
    ("since", "until"),
    [("2023", "2024"), ("1 January 2023", "31.12.2024"), ("January 1, 2023", "December 2024")],
)
def test_dates_are_read_as_in_a_query(client: FlaskClient, since: str, until: str) -> None:
    span = {"from": since, "to": until}
    found = client.get("/api/v1/search", query_string={"q": "ferry", **span}).json
    posted = client.post("/api/v1/search", json={"q": "ferry", **span}).json
    asked = {"q": f'ferry since:"{since}" until:"{until}"'}
    assert found["total"] == posted["total"]
    assert found["total"] == client.get("/api/v1/search", query_string=asked).json["total"]


def test_what_is_no_date_is_refused(client: FlaskClient) -> None:
    problem = get(client, "/api/v1/search?q=ferry&from=soon", 400)
    assert "'soon' in 'from' is not a date" in problem["detail"]


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1e3", "٣", "0", "x", "1.5"])
def test_every_number_of_an_address_is_read_alike(client: FlaskClient, number: str) -> None:
    for address in (
        f"/facet/tag?values={number}", f"/browse/tag?values={number}", f"/search?page={number}",
        f"/search?size={number}", f"/api/v1/search?page={number}", f"/feed.atom?size={number}",
        f"/api/v1/facets/tags?size={number}", f"/search?half_life={number}",
    ):  # fmt: skip
        assert client.get(address).status_code == 400, address
