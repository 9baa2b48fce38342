"""The shelf: what readers keep stays theirs, whole, and nobody else's."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from broadsheet import commands
from corpus.core.article import Article
from indexer.store.beside import SHELF_NAME
from search.engine import Engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.security.access import hash_password
from web.shelf import lists
from web.shelf.database import Shelf
from web.shelf.lists import MOST_ENTRIES, NOTE

USERS = {"ada": hash_password("correct horse"), "bob": hash_password("battery staple")}
ADA, BOB = (
    {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    for pair in (b"ada:correct horse", b"bob:battery staple")
)
SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def site_of(engine: Engine, folder: Path, **settings: object) -> FlaskClient:
    config = WebConfig(rate_limit="", export_limit="", shelf=folder, **settings)  # type: ignore[arg-type]
    return create_app(engine, config).test_client()


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    """The one reader of a machine, with an empty shelf."""
    return site_of(engine, tmp_path)


@pytest.fixture
def ids(engine: Engine) -> list[str]:
    return [hit.id for hit in engine.search(Request(text="bridge", size=5)).hits]


def send(client: FlaskClient, path: str, page: str = "/shelf", **fields: object):
    """Send a form as a browser does: with the token of a page that was opened before."""
    headers = fields.pop("headers", None)
    found = TOKEN.search(client.get(page, headers=headers).text)
    assert found, page
    return client.post(path, data={"csrf_token": found[1], **fields}, headers=headers)


def made(client: FlaskClient, ids: list[str], name: str = "Bridges") -> str:
    """Make a list of articles by its form; return its address."""
    answer = send(client, "/shelf/keep", "/shelf", which="chosen", id=ids, name=name)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def call(client: FlaskClient, method: str, path: str, body: object = None, **headers: str):
    return client.open(
        f"/api/v1/shelf{path}", method=method, data=json.dumps(body if body is not None else {}),
        headers={"Content-Type": "application/json", **headers},
    )  # fmt: skip


def test_an_empty_shelf_says_what_it_is_for(client):
    page = client.get("/shelf")
    assert page.status_code == 200
    assert "keep for later" in page.text
    for place in ("/compare", "/count", "/like"):
        assert f'href="{place}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_search_is_saved_once_and_leads_back(client):
    form = client.get("/shelf/search?q=bridge&tag=inquiry&sort=newest&page=3")
    state = re.search(r'name="state" value="([^"]+)"', form.text)
    assert state[1].replace("&amp;", "&") == "?q=bridge&tag=inquiry&sort=newest", "no page"
    for _ in range(2):
        answer = send(client, "/shelf/searches", name="Inquiry", state="?q=bridge&tag=inquiry")
        assert answer.status_code == 303
    page = client.get("/shelf").text
    assert page.count('href="/search?q=bridge&amp;tag=inquiry"') == 1
    assert "saved already" in page
    send(client, "/shelf/searches/1", name="Renamed")
    assert "Renamed" in client.get("/shelf").text
    send(client, "/shelf/searches/1", do="delete")
    assert "Renamed" not in client.get("/shelf").text


@pytest.mark.parametrize("which", ["chosen", "page", "all"])
def test_results_are_kept_in_a_list(client, ids, which):
    query = "&".join(["q=bridge&size=10", f"which={which}", *(f"id={each}" for each in ids)])
    form = client.get(f"/shelf/keep?{query}")
    fields = re.findall(r'name="(which|state|id)" value="([^"]*)"', form.text)
    sent: dict[str, list[str]] = {"name": ["Mine"]}
    for name, value in fields:
        sent.setdefault(name, []).append(value.replace("&amp;", "&"))
    token = TOKEN.search(form.text)[1]
    place = client.post("/shelf/keep", data={**sent, "csrf_token": token}).location
    page = client.get(place).text
    total = client.get("/api/v1/search?q=bridge").json["total"]
    count = {"chosen": len(ids), "page": 10, "all": total}[which]
    assert f"{count} articles" in page
    # Sent twice, or gone back to and sent again, it is on the list once.
    client.post("/shelf/keep", data={**sent, "csrf_token": token})
    page = client.get(place).text
    assert f"{count} articles" in page
    assert f"{count} were on the list already" in page


def test_a_list_is_annotated_ordered_marked_and_emptied(client, ids):
    place = made(client, ids)
    entry = f"{place}/{ids[1]}"
    note = "Read <b>this</b>\n\n first"
    answer = send(client, entry, place, note=note, tags="b, a ,a", version="0")
    assert answer.location == f"{place}#a-{ids[1]}"
    page = client.get(place).text
    assert "Read &lt;b&gt;this&lt;/b&gt;\n\n first" in page
    assert page.count('href="?tag=a"') == 2
    send(client, entry, place, do="move", rank="1")
    assert in_order(client, place) == [ids[1], ids[0], *ids[2:]]
    send(client, entry, place, do="move", rank="5")
    assert in_order(client, place) == [ids[0], *ids[2:], ids[1]]
    send(client, entry, place, do="read")
    assert ids[1] not in client.get(f"{place}?unread=1").text
    assert in_order(client, f"{place}?tag=a") == [ids[1]]
    send(client, entry, place, do="remove")
    assert in_order(client, place) == [ids[0], *ids[2:]]
    send(client, place, place, do="delete")
    assert client.get(place).status_code == 404


def in_order(client: FlaskClient, place: str) -> list[str]:
    return re.findall(r'<li id="a-([0-9a-z]+)"', client.get(place).text)


def test_what_was_written_in_two_windows_is_lost_in_neither(client, ids):
    place = made(client, ids)
    entry = f"{place}/{ids[0]}"
    send(client, entry, place, note="from one window", version="0")
    answer = send(client, entry, place, note="from the other", version="0")
    assert answer.status_code == 409
    assert "from one window" in answer.text
    assert "from the other" in answer.text
    version = re.search(r'name="version" value="([^"]+)"', answer.text)[1]
    assert send(client, entry, place, note="both", version=version).status_code == 303
    # The same form sent twice is no conflict.
    assert send(client, entry, place, note="both", version=version).status_code == 303


def test_a_note_that_is_too_long_is_shown_again(client, ids):
    place = made(client, ids)
    note = "word " * NOTE
    answer = send(client, f"{place}/{ids[0]}", place, note=note)
    assert answer.status_code == 400
    assert note.strip() in answer.text
    assert send(client, f"{place}/{ids[0]}", place, note="ü" * NOTE).status_code == 303
    assert send(client, f"{place}/{ids[0]}", place, note="x" * (1 << 20)).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/shelf/lists",
        "/shelf/keep",
        "/shelf/searches",
        "/shelf/lists/1",
        "/shelf/searches/1",
        "/shelf/lists/1/abc",
    ],
)
def test_a_form_of_another_site_is_refused(client, ids, path):
    made(client, ids)
    for token in ("", "forged", None):
        data = {"name": "Stolen", "do": "delete", "id": ids[0]}
        answer = client.post(path, data=data if token is None else {**data, "csrf_token": token})
        assert answer.status_code == 403, token
    assert "Bridges" in client.get("/shelf").text
    assert "Stolen" not in client.get("/shelf").text


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {"Origin": "http://localhost:81"},
])  # fmt: skip
def test_a_script_of_another_site_changes_nothing(client, headers):
    assert call(client, "POST", "/lists", {"name": "x"}, **headers).status_code == 403
    assert call(client, "GET", "/lists").json == {"lists": []}


def test_a_body_that_a_form_could_send_is_no_json(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = client.post("/api/v1/shelf/lists", data='{"name":"x"}', content_type=kind)
        assert answer.status_code == 400
    assert call(client, "GET", "/lists").json == {"lists": []}


def test_a_shelf_is_not_shown_to_scripts_of_other_origins(engine, tmp_path):
    client = site_of(engine, tmp_path, cors=("*",))
    answer = client.get("/api/v1/shelf/lists", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_one_reader_never_sees_anothers_shelf(engine, tmp_path, ids):
    client = site_of(engine, tmp_path, users=USERS)
    assert client.get("/shelf").status_code == 401
    assert call(client, "GET", "/lists").status_code == 401
    for headers in (ADA, BOB):  # one browser each
        client = site_of(engine, tmp_path, users=USERS)
        client.get("/shelf", headers=headers)
    mine = call(client, "POST", "/lists", {"name": "Ada's"}, **ADA).json["id"]
    call(client, "POST", f"/lists/{mine}/entries", {"ids": ids}, **ADA)
    call(client, "POST", "/searches", {"search": "?q=secret", "name": "Hers"}, **ADA)
    call(client, "PATCH", f"/lists/{mine}/entries/{ids[0]}", {"is_read": True}, **ADA)
    assert call(client, "GET", "/lists", **BOB).json == {"lists": []}
    assert call(client, "GET", "/searches", **BOB).json == {"searches": []}
    page = client.get("/shelf", headers=BOB).text
    assert "Ada&#39;s" not in page
    assert "Hers" not in page
    for method, path in (
        ("GET", f"/lists/{mine}"), ("PATCH", f"/lists/{mine}"), ("DELETE", f"/lists/{mine}"),
        ("POST", f"/lists/{mine}/share"), ("DELETE", f"/lists/{mine}/share"),
        ("PATCH", f"/lists/{mine}/entries/{ids[0]}"), ("PATCH", "/searches/1"),
        ("DELETE", f"/lists/{mine}/entries/{ids[0]}"), ("DELETE", "/searches/1"),
    ):  # fmt: skip
        body = {"name": "Bob's"} if path in (f"/lists/{mine}", "/searches/1") else {}
        assert call(client, method, path, body, **BOB).status_code == 404, (method, path)
    add = call(client, "POST", f"/lists/{mine}/entries", {"ids": ids[:1]}, **BOB)
    assert add.status_code == 404
    for path in ("", "/dossier", "/feed.atom", "/feed.json", "/export.csv"):
        assert client.get(f"/shelf/lists/{mine}{path}", headers=BOB).status_code == 404, path
    for fields in ({"do": "delete"}, {"do": "share"}, {"name": "x"}):
        answer = send(client, f"/shelf/lists/{mine}", headers=BOB, **fields)
        # What is not there to be deleted is deleted: a form may be sent twice.
        assert answer.status_code == (303 if "delete" in fields.values() else 404), fields
    assert len(call(client, "GET", f"/lists/{mine}", **ADA).json["entries"]) == len(ids)


def test_a_proxy_names_the_person(engine, tmp_path):
    client = site_of(engine, tmp_path, auth_header="X-Person", proxies=1)
    call(client, "POST", "/lists", {"name": "Hers"}, **{"X-Person": "ada"})
    assert call(client, "GET", "/lists", **{"X-Person": "bob"}).json == {"lists": []}
    assert len(call(client, "GET", "/lists", **{"X-Person": "ada"}).json["lists"]) == 1
    assert call(client, "GET", "/lists").status_code == 403
    assert call(client, "GET", "/lists", **{"X-Person": "a" * 300}).status_code == 403


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "198.51.100.7"}, {"Forwarded": "for=x"}])
def test_without_names_a_stranger_has_no_shelf(client, headers):
    assert client.get("/shelf", headers=headers).status_code == 403
    assert call(client, "POST", "/lists", {"name": "x"}, **headers).status_code == 403


def test_without_names_the_shelf_is_this_machines(client):
    answer = client.get("/shelf", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("options", "has_one"),
    [([], True), (["--host", "::1"], True), (["--proxies", "1"], False),
     (["--host", "0.0.0.0"], False), (["--hostname", "archive.example"], False)],
)  # fmt: skip
def test_a_server_that_others_reach_keeps_nothing_without_names(
    monkeypatch, tmp_path, options, has_one
):
    served: list[Path | None] = []
    monkeypatch.setattr("web.commands._work", lambda *work: served.append(work[2]))
    result = CliRunner().invoke(
        commands, ["serve", "--index", str(tmp_path / "index"), "--port", "0", *options]
    )
    if result.exit_code and "::1" in options:
        pytest.skip("this machine has no IPv6")
    assert (served[0] is not None) == has_one
    assert not (tmp_path / "index").exists(), "nothing is made before something is kept"


def test_a_site_without_a_shelf_shows_no_way_to_it(reader):
    client = reader()
    assert client.get("/shelf").status_code == 404
    assert "/shelf" not in client.get("/search?q=bridge").text
    assert client.get("/shared/x").status_code == 404


def test_a_link_reads_and_is_revoked(client, ids):
    place = made(client, ids)
    send(client, f"{place}/{ids[0]}", place, note="Seen by others")
    send(client, place, place, do="share")
    page = client.get(place).text
    link = re.search(r'href="(/shared/[^"]+)"', page)[1]
    assert link not in client.get(place).text, "shown once"
    stranger = client.application.test_client()
    page = stranger.get(link)
    assert "Seen by others" in page.text
    assert 'method="post"' not in page.text
    for ending in ("/dossier", "/feed.atom", "/feed.json", "/export.bib"):
        assert stranger.get(link + ending).status_code == 200, ending
    assert stranger.post(link).status_code == 405
    send(client, place, place, do="share")
    assert stranger.get(link).status_code == 404, "a new link ends the one before"
    link = re.search(r'href="(/shared/[^"]+)"', client.get(place).text)[1]
    send(client, place, place, do="unshare")
    for path in (link, f"{link}/export.csv", f"{link}/feed.atom"):
        assert stranger.get(path).status_code == 404
    kept = Path(client.application.extensions["broadsheet"].config.shelf) / SHELF_NAME
    assert link.rpartition("/")[2].encode() not in kept.read_bytes(), "only its digest is stored"


def test_a_link_lets_nobody_into_a_closed_archive(engine, tmp_path, ids):
    client = site_of(engine, tmp_path, users=USERS)
    mine = call(client, "POST", "/lists", {"name": "Ada's"}, **ADA).json["id"]
    call(client, "POST", f"/lists/{mine}/entries", {"ids": ids}, **ADA)
    link = call(client, "POST", f"/lists/{mine}/share", **ADA).json["url"]
    assert client.get(link).status_code == 401
    assert client.get(link, headers=BOB).status_code == 200


def test_a_list_is_taken_away_with_its_notes(client, ids):
    place = made(client, ids)
    note = "=1+1 {curly} ende\nTY  - FAKE"
    send(client, f"{place}/{ids[1]}", place, note=note, tags="own tag")
    send(client, f"{place}/{ids[1]}", place, do="move", rank="1")
    lines = client.get(f"{place}/export.jsonl").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [ids[1], ids[0], *ids[2:]]
    assert json.loads(lines[0])["note"] == note
    csv = client.get(f"{place}/export.csv").text
    assert "'=1+1" in csv
    ris = client.get(f"{place}/export.ris").text
    assert ris.count("TY  - NEWS\r\n") == len(ids)
    assert "N1  - =1+1 {curly} ende TY - FAKE\r\n" in ris
    assert "KW  - own tag\r\n" in ris
    bib = client.get(f"{place}/export.bib").text
    assert bib.count("\n}\n") == len(ids)
    assert "annotation = {=1+1 \\{curly\\} ende TY - FAKE}" in bib
    assert client.get(f"{place}/export.pdf").status_code == 404
    dossier = client.get(f"{place}/dossier").text
    assert dossier.count('class="story"') == len(ids)
    assert "{curly}" in dossier


def test_the_feed_of_a_list_has_what_was_put_on_it(client, ids):
    place = made(client, ids)
    feed = client.get(f"{place}/feed.json").json
    assert {item["id"].rpartition("/")[2] for item in feed["items"]} == set(ids)
    assert feed["feed_url"].endswith(f"{place}/feed.json")
    assert client.get(f"{place}/feed.atom").text.count("<entry>") == len(ids)


def test_an_article_that_left_the_archive_stays_by_its_citation(client, ids, tmp_path):
    place = made(client, ids)
    gone = Article(id="feedfacefeedface", title="Pulled down", source="The Gone Gazette",
                   authors=("Ann Other",), url="https://gone.example/1")  # fmt: skip
    with Shelf(tmp_path).writing() as db:
        lists.add(db, "reader", 1, [gone])
    page = client.get(place).text
    assert "Pulled down" in page
    assert "Ann Other · The Gone Gazette" in page
    assert page.count("No longer in the archive") == 1
    assert "/article/feedfacefeedface" not in page
    assert "Pulled down" in client.get(f"{place}/export.bib").text
    assert "No longer in the archive" in client.get(f"{place}/dossier").text


def test_a_list_of_ten_thousand_articles(client, tmp_path):
    many = [Article(id=f"{n:016x}", title=f"Number {n}") for n in range(MOST_ENTRIES)]
    shelf = Shelf(tmp_path)
    with shelf.writing() as db:
        made, _ = lists.create(db, "reader", "Long")
        assert lists.add(db, "reader", made.id, many) == MOST_ENTRIES
    page = client.get(f"/shelf/lists/{made.id}?page=200")
    assert "Number 9999" in page.text
    send(client, f"/shelf/lists/{made.id}/{9999:016x}", "/shelf", do="move", rank="2")
    assert "Number 9999" in client.get(f"/shelf/lists/{made.id}").text
    assert client.get(f"/shelf/lists/{made.id}/export.csv").text.count("\r\n") == MOST_ENTRIES + 1
    assert "part 100 of 100" in client.get(f"/shelf/lists/{made.id}/dossier?part=100").text
    one = client.get("/api/v1/search?q=bridge&size=1").json["hits"][0]["id"]
    answer = send(client, "/shelf/keep", list=str(made.id), id=one)
    assert answer.status_code == 400
    assert "room for 10,000" in answer.text
    with shelf.reading() as db:
        assert lists.find(db, "reader", made.id).count == MOST_ENTRIES


def test_the_api_does_what_the_pages_do(client, ids):
    saved = call(client, "POST", "/searches", {"search": "?q=ferry&page=2", "name": " Ferries "})
    assert saved.status_code == 201
    assert (saved.json["state"], saved.json["name"]) == ("?q=ferry", "Ferries")
    assert call(client, "POST", "/searches", {"search": "q=ferry"}).status_code == 200
    assert call(client, "PATCH", "/searches/1", {"name": "F"}).json["name"] == "F"
    hook = {"way": "webhook", "target": "https://example.org/in", "rhythm": "daily"}
    watched = call(client, "PATCH", "/searches/1", hook).json
    assert {name: watched[name] for name in hook} == hook
    assert call(client, "GET", "/searches/1/new").json["count"] == 0
    assert call(client, "DELETE", "/searches/1").status_code == 204
    assert call(client, "DELETE", "/searches/1").status_code == 404
    made = call(client, "POST", "/lists", {"name": "L"})
    assert (made.status_code, made.json["count"]) == (201, 0)
    path = f"/lists/{made.json['id']}"
    assert call(client, "POST", f"{path}/entries", {"ids": ids}).json == {"added": 5, "known": 0}
    all_found = call(client, "POST", f"{path}/entries", {"search": "q=bridge"}).json
    assert all_found["known"] == 5
    body = {"note": "n", "tags": ["t"], "rank": 2, "is_read": True, "version": 0}
    entry = call(client, "PATCH", f"{path}/entries/{ids[0]}", body).json
    assert {name: entry[name] for name in body} == {**body, "version": 1}
    again = call(client, "PATCH", f"{path}/entries/{ids[0]}", {"note": "m", "version": 0})
    assert again.status_code == 409
    shown = call(client, "GET", f"{path}?size=2&page=1").json
    assert [each["article"] for each in shown["entries"]] == [ids[1], ids[0]]
    assert call(client, "PATCH", path, {"name": "Other"}).json["name"] == "Other"
    assert client.delete(f"/api/v1/shelf{path}/entries/{ids[0]}").status_code == 204, "no body"
    assert call(client, "DELETE", path).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/lists", []), ("POST", "/lists", {"name": 1}), ("POST", "/lists", {"name": " "}),
     ("POST", "/lists", {"nam": "x"}), ("POST", "/lists", {"name": "x" * 201}),
     ("POST", "/searches", {"search": "?size=zero"}), ("POST", "/searches", {"search": None}),
     ("POST", "/searches", {"search": "q=" + "x" * 9000}),
     ("POST", "/lists/1/entries", {"ids": "abc"}), ("POST", "/lists/1/entries", {"ids": [1]}),
     ("PATCH", "/lists/1", {"name": ""}), ("GET", "/lists/1?sise=5", None),
     ("POST", "/lists/1/entries", {"ids": [f"{one:016x}" for one in range(501)]}),
     ("PATCH", "/searches/1", {"target": "a@example.org"}), ("PATCH", "/searches/1", {}),
     ("PATCH", "/searches/1", {"way": "webhook", "target": "https://a.example:99999/"}),
     ("PATCH", "/searches/1", {"way": "webhook", "target": "https://me@a.example/"})],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(client, method, path, body):
    call(client, "POST", "/lists", {"name": "There"})
    call(client, "POST", "/searches", {"search": "q=ferry"})
    answer = call(client, method, path, body)
    assert answer.status_code == 400, answer.text
    assert answer.mimetype == "application/problem+json"
