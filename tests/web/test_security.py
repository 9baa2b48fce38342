"""What a site promises to those who run it, and to those who read it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from corpus.core.errors import BroadsheetError, IndexBrokenError
from search.engine import Engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.security.access import hash_password, read_users

Maker = Callable[..., FlaskClient]

_SCRIPT = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
_TAG = "%22%3E%3Cscript%3Ealert('tag')%3C/script%3E"

PAGES = (
    "/", "/search?q=xyzzy", "/search?tag=a%26b%3Dc%23d", f"/search?q={_SCRIPT}",
    f"/search?q=xyzzy&tag={_SCRIPT}&from={_SCRIPT}", "/search?section=%3Cb%3ESection%3C%2Fb%3E",
    f"/facet/tag?contains={_SCRIPT}", f"/facet/tag?q={_SCRIPT}", "/browse", "/browse/tag",
    f"/browse/tag?contains={_SCRIPT}", f"/browse/tag?value={_TAG}",
    "/browse/section?value=%3Cb%3ESection%3C/b%3E", "/browse/calendar", "/browse/calendar/2024",
    "/help", "/api/", f"/{_SCRIPT}", f"/search?page={_SCRIPT}", f"/search?ui={_SCRIPT}",
)  # fmt: skip


@pytest.fixture
def hostile(engine: Engine) -> str:
    return engine.search(Request(text="xyzzy")).hits[0].id


def addresses(hostile: str) -> tuple[str, ...]:
    article = f"/article/{hostile}"
    return (*PAGES, article, f"{article}?q=xyzzy", f"{article}/versions", f"{article}/related")


def test_nothing_of_an_article_or_a_query_becomes_markup(client: FlaskClient, hostile: str) -> None:
    for url in addresses(hostile):
        soup = BeautifulSoup(client.get(url).data, "html.parser")
        for data in soup.find_all("script", type="application/ld+json"):
            assert not set("<>&") & set(data.get_text()), url
            json.loads(data.extract().get_text())
        scripts = soup.find_all("script")
        assert [bool(script.get("src")) for script in scripts] == [True], url
        assert not scripts[0].get_text(), url
        for name in ("img", "iframe", "object", "embed", "base", "style"):
            assert not soup.find_all(name), (url, name)
        for element in soup.find_all(True):
            assert not [name for name in element.attrs if name.startswith("on")], (url, element)
            assert "style" not in element.attrs, (url, element)
        assert not soup.select("mark svg, mark script, h1 b, .kicker b, .place i"), url


def test_links_out_are_http_only_and_tell_nothing(client: FlaskClient, engine: Engine) -> None:
    for url in addresses(engine.search(Request(text="xyzzy")).hits[0].id):
        for link in BeautifulSoup(client.get(url).data, "lxml").select("[href], [src], [action]"):
            target = str(link.get("href") or link.get("src") or link.get("action"))
            assert re.match(r"(/[^/]|/$|[?#]|http://localhost/)", target), (url, target)
    plugh = engine.search(Request(text="plugh")).hits[0].id
    out = BeautifulSoup(client.get(f"/article/{plugh}").data, "lxml").select_one(".original a")
    assert out["href"] == "https://news.example.org/plugh?a=1&b=<2>"
    assert {"noopener", "noreferrer"} <= set(out["rel"])


@pytest.mark.parametrize(
    "url", ["/", "/search?q=ferry", "/nothing", "/search?page=x", "/feed.atom", "/feed.json",
            "/export.csv", "/api/v1/search", "/api/v1/nothing", "/static/icon.svg", "/healthz",
            "/metrics", "/opensearch.xml"],
)  # fmt: skip
def test_every_answer_has_the_headers_that_keep_a_browser_safe(
    client: FlaskClient, url: str
) -> None:
    headers = client.get(url).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "Server" not in headers


def test_an_unforeseen_error_says_its_number_and_no_more(engine: Engine) -> None:
    class Failing:
        """An engine that fails in a way that nobody thought of, and in one that names a path."""

        def __getattr__(self, name: str) -> object:
            return getattr(engine, name)

        def search(self, request: Request) -> object:
            if request.text == "broken":
                raise IndexBrokenError("/srv/secret/index/segment-7 is damaged")
            if request.text == "other":
                raise BroadsheetError("/srv/secret cannot be had")
            raise RuntimeError("at /srv/secret/place in engine.py")

    client = create_app(Failing(), WebConfig(rate_limit="")).test_client()  # type: ignore[arg-type]
    for url, status in (("q=x", 500), ("q=broken", 503), ("q=other", 503)):
        for path in ("/search", "/api/v1/search", "/feed.atom", "/export.csv"):
            if path in ("/feed.atom", "/export.csv"):
                continue
            answer = client.get(f"{path}?{url}")
            assert answer.status_code == status
            assert "secret" not in answer.text
            assert "Traceback" not in answer.text
            assert ".py" not in answer.text
    number = client.get("/search?q=x").headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", number)
    answer = client.get("/search?q=x")
    assert answer.headers["X-Request-ID"] in answer.text


def test_no_answer_names_a_path_of_the_server(
    client: FlaskClient, folder: Path, hostile: str
) -> None:
    told = [str(folder), str(folder.parent), "/srv/secret", "corpus/sample/"]
    for url in (*addresses(hostile), f"/api/v1/articles/{hostile}", "/api/v1/status",
                "/api/v1/search?explain=1", "/export.jsonl", "/export.csv", "/feed.json",
                "/feed.atom", "/metrics", "/readyz", f"/article/{hostile}/cite/ris"):  # fmt: skip
        text = client.get(url).text
        assert not [path for path in told if path in text], url


def test_nothing_leads_to_another_site(client: FlaskClient) -> None:
    for url in ("//evil.example/", "/\\evil.example", "/search//evil.example", "/api",
                "/?ui=//evil.example", "/search?ui=de&next=https://evil.example"):  # fmt: skip
        answer = client.get(url)
        location = answer.headers.get("Location", "")
        assert not location or re.match(r"(http://localhost)?/[^/\\]", location), (url, location)


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", "/search", 405),
        ("DELETE", "/api/v1/search", 405),
        ("PUT", "/article/x", 405),
        ("GET", "/search?page=1001", 400),
        ("GET", "/api/v1/search?page=101&size=100", 400),
        ("GET", "/search?" + "&".join(f"tag={n}" for n in range(21)), 400),
    ],
)
def test_what_is_too_much_is_refused(
    client: FlaskClient, method: str, url: str, status: int
) -> None:
    assert client.open(url, method=method).status_code == status


def test_a_body_is_not_read_beyond_its_limit(reader: Maker) -> None:
    client = reader(max_body=1000)
    assert client.post("/search", data=b"x" * 2000).status_code in (405, 413)


def test_requests_of_one_client_are_limited(reader: Maker) -> None:
    client = reader(rate_limit="5 per minute")
    answers = [client.get("/search?q=ferry") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert client.get("/api/v1/search").status_code == 429
    assert client.get("/api/v1/search").mimetype == "application/problem+json"
    assert client.get("/healthz").status_code == 200
    other = client.get("/search?q=ferry", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200


def test_exports_have_a_limit_of_their_own(reader: Maker) -> None:
    client = reader(rate_limit="100 per minute", export_limit="2 per minute")
    assert [client.get("/export.csv?q=ferry").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/search?q=ferry").status_code == 200


EVERYTHING = (*PAGES[:1], "/search?q=ferry", "/browse", "/help", "/feed.atom", "/feed.json",
              "/export.csv", "/export.jsonl", "/api/v1/search", "/api/v1/openapi.json", "/api/",
              "/suggest?q=f", "/opensearch.xml", "/static/broadsheet.css", "/metrics", "/readyz",
              "/nothing", "/robots.txt")  # fmt: skip


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_a_closed_archive_shows_nothing_without_a_password(reader: Maker) -> None:
    client = reader(users={"ada": hash_password("correct horse")})
    for url in EVERYTHING:
        answer = client.get(url)
        assert answer.status_code == 401, url
        assert "Basic" in answer.headers["WWW-Authenticate"]
        assert "Vell" not in answer.text
    for name, password in (("ada", "wrong"), ("ada", ""), ("eve", "correct horse"), ("", "")):
        assert client.get("/search", headers=basic(name, password)).status_code == 401
    assert client.get("/search?q=ferry", headers=basic("ada", "correct horse")).status_code == 200
    assert client.get("/feed.atom", headers=basic("ada", "correct horse")).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_page_kept_in_memory_is_not_shown_to_who_may_not_read_it(reader: Maker) -> None:
    client = reader(users={"ada": hash_password("correct horse")})
    good = client.get("/search?q=ferry", headers=basic("ada", "correct horse"))
    tag = good.headers["ETag"]
    assert client.get("/search?q=ferry").status_code == 401
    assert client.get("/search?q=ferry", headers={"If-None-Match": tag}).status_code == 401


def test_a_proxy_can_say_who_was_let_in(reader: Maker) -> None:
    client = reader(auth_header="X-Remote-User", proxies=1)
    for url in EVERYTHING:
        assert client.get(url).status_code == 403, url
    assert client.get("/search", headers={"X-Remote-User": "ada"}).status_code == 200
    assert client.get("/search", headers={"X-Remote-User": " "}).status_code == 403


def test_passwords_are_kept_as_salted_hashes(tmp_path: Path) -> None:
    one, other = hash_password("correct horse"), hash_password("correct horse")
    assert one != other
    assert "correct" not in one
    users = tmp_path / "users"
    users.write_text(f"# readers\n\nada:{one}\neve:{other}\n")
    assert read_users(users) == {"ada": one, "eve": other}


@pytest.mark.parametrize("text", ["", "# nobody\n", "ada\n", "ada:plain\n", ":scrypt:1\n"])
def test_a_file_of_users_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    users = tmp_path / "users"
    users.write_text(text)
    with pytest.raises(BroadsheetError, match="users"):
        read_users(users)


def test_a_file_of_users_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BroadsheetError, match=r"^The users file \S*nofile does not exist\.$"):
        read_users(tmp_path / "nofile")


def test_forwarded_headers_are_believed_only_when_configured(reader: Maker, engine: Engine) -> None:
    forged = {
        "X-Forwarded-For": "198.51.100.9", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
    }  # fmt: skip
    plain = reader().get("/opensearch.xml", headers=forged).text
    assert "evil" not in plain
    assert "http://localhost/search" in plain
    trusting = reader(proxies=1).get("/opensearch.xml", headers=forged).text
    assert "https://evil.example/evil/search" in trusting
    # Nobody escapes the rate limit by making up an address.
    client = reader(rate_limit="3 per minute")
    codes = [
        client.get("/search", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(5)
    ]
    assert codes == [200, 200, 200, 429, 429]


def test_only_the_hosts_that_are_named_are_answered(reader: Maker) -> None:
    client = reader(hosts=("localhost", "127.0.0.1", "[::1]"))
    assert client.get("/search", base_url="http://localhost:8017").status_code == 200
    assert client.get("/search", base_url="http://127.0.0.1:8017").status_code == 200
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example"):
        answer = client.get("/search?q=ferry", base_url=f"http://{host}")
        assert answer.status_code == 400, host
        assert "--hostname" in answer.text
        assert "Vell" not in answer.text


def test_cors_is_off_unless_configured(reader: Maker) -> None:
    origin = {"Origin": "https://reader.example"}
    plain = reader().get("/api/v1/search", headers=origin).headers
    assert "Access-Control-Allow-Origin" not in plain
    client = reader(cors=("https://reader.example",))
    headers = client.get("/api/v1/search", headers=origin).headers
    assert headers["Access-Control-Allow-Origin"] == "https://reader.example"
    assert "Origin" in headers["Vary"]
    other = client.get("/api/v1/search", headers={"Origin": "https://evil.example"}).headers
    assert "Access-Control-Allow-Origin" not in other
    assert "Access-Control-Allow-Origin" not in client.get("/search", headers=origin).headers


def test_two_sites_in_one_process_share_nothing(site: Flask, reader: Maker) -> None:
    limited = reader(rate_limit="1 per minute")
    assert limited.get("/help").status_code == 200
    assert limited.get("/help").status_code == 429
    assert site.test_client().get("/help").status_code == 200


def test_a_limit_that_is_none_is_refused(reader: Maker) -> None:
    with pytest.raises(BroadsheetError, match="1200 per minute"):
        reader(rate_limit="some")


def test_limits_can_be_several(reader: Maker) -> None:
    client = reader(rate_limit="5 per hour; 2 per second")
    assert [client.get("/help").status_code for _ in range(3)] == [200, 200, 429]
