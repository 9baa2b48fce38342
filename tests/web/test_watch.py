"""Watching: what is new is told once or again, and never not."""

from __future__ import annotations

import hashlib
import hmac
import html
import http.server
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet import commands
from corpus.core.article import Article, make_id
from corpus.core.errors import BroadsheetError
from corpus.core.stated_date import StatedDate
from indexer.whoosh.archive import FolderStore
from search.embedded.engine import EmbeddedEngine
from search.engine import open_engine
from search.request import Request
from web.app import create_app
from web.config import WebConfig
from web.shelf import searches
from web.shelf.database import Shelf
from web.watch import outbox, sending
from web.watch.matching import Matches
from web.watch.outbox import Alert, look_through, send_due
from web.watch.reasons import Undelivered
from web.watch.sending import Sender, public_address


def article(name: str, text: str = "", **more: object) -> Article:
    return Article(id=make_id(own=name), title=name, body=(text or name,), language="en", **more)  # type: ignore[arg-type]


def put(folder: Path, *articles: Article) -> None:
    session = FolderStore(folder).writer()
    session.put(articles, [int(one.id, 16) | 1 for one in articles], "test")
    session.commit()


def arrived(folder: Path) -> int:
    with closing(EmbeddedEngine(folder)) as engine:
        return engine.status().arrived


def found_after(
    folder: Path, before: int, asked: Iterable[tuple[int, Request]]
) -> dict[int, tuple[int, tuple[str, ...]]]:
    """What searches find of what came after a time, looked at three articles at a time."""
    with closing(EmbeddedEngine(folder)) as engine:
        matches = Matches(asked, engine)
        new = engine.newcomers(before, engine.status().arrived)
        while batch := list(islice(new, 3)):
            matches.look(batch)
    return matches.found()


def saved(folder: Path, state: str, way: str = "webhook", target: str = "http://sink.example/",
          rhythm: str = "each", reader: str = "reader") -> int:  # fmt: skip
    now = arrived(folder)
    with Shelf(folder).writing() as db:
        made, _ = searches.save(db, reader, state, state, now)
        searches.watch(db, reader, made.id, searches.Alerts(way, target, rhythm), now)
    return made.id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    put(folder, article("An old storm"), article("An old ferry"))
    return folder


def look(folder: Path) -> int:
    with closing(EmbeddedEngine(folder)) as engine:
        return look_through(Shelf(folder), engine)


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted; answers with the statuses of the server, one after the other."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        if not status:
            with suppress(OSError):
                for _ in range(1000):
                    self.wfile.write(b"H")
                    time.sleep(0.05)
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.got, server.statuses = [], []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


class Mail(socketserver.StreamRequestHandler):
    """Takes mail as SMTP brings it (RFC 5321), and keeps it."""

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.got.append(b"".join(lines).decode())
            self.wfile.write(b"250 good\r\n" if word != b"QUIT" else b"221 bye\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def mail() -> Iterator[socketserver.ThreadingTCPServer]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
    server.daemon_threads = True
    server.got = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def port(server: socketserver.BaseServer) -> int:
    return int(server.server_address[1])


def test_searches_run_over_the_new_articles_only(folder):
    before = arrived(folder)
    put(folder, article("A new storm", tags=("Weather",)), article("A ferry sails"))
    asked = {
        1: Request(text="storm"), 2: Request(text="storms ferry"), 3: Request(text="tag:weather"),
        4: Request(text="old"), 5: Request(text="ferry", filters={"tags": ("Weather",)}),
        6: Request(text="added:today -storm"), 7: Request(text="storm ferry", match="any"),
        8: Request(text="("), 9: Request(filters={"nonsense": ("x",)}),
    }  # fmt: skip
    found = found_after(folder, before, asked.items())
    assert {number: count for number, (count, _) in found.items()} == {1: 1, 3: 1, 6: 1, 7: 2}


def test_what_is_matched_is_what_the_archive_finds_of_it(folder):
    before = arrived(folder)
    words = "storm ferry bridge council harbour night".split()
    put(
        folder,
        *(
            article(f"{n}", " ".join(w for at, w in enumerate(words) if n >> at & 1))
            for n in range(1, 64)
        ),
    )
    texts = [
        "storm",
        "storm ferry",
        '"storm ferry"',
        "storm OR night",
        "council -ferry",
        "harb*",
        "title:7",
        "(bridge OR night) storm",
        "stom~1",
    ]
    engine = EmbeddedEngine(folder)
    found = found_after(folder, before, enumerate(Request(text=text) for text in texts))
    for number, text in enumerate(texts):
        old = {make_id(own="An old storm"), make_id(own="An old ferry")}
        asked = Request(text=text, match="all", size=100, collapse=False)
        expected = {hit.id for hit in engine.search(asked).hits} - old
        assert found.get(number, (0, ()))[0] == len(expected), text
    engine.close()


def test_quoted_words_mean_in_new_articles_what_they_mean_in_the_archive(folder):
    put(folder, article("Lamps lit early"))
    before = arrived(folder)
    put(folder, article("Lamp lit late"), article("Otters swim"))
    texts = ['"lamps lit"', '"lamp lit"', '"otter swim"', '"lamps lit" late']
    found = found_after(folder, before, enumerate(Request(text=text) for text in texts))
    assert sorted(found) == [1, 2]


def test_an_alert_is_written_once_whoever_looks(folder):
    number = saved(folder, "?q=storm")
    saved(folder, "?q=nothing")
    assert look(folder) == 0, "what was there before is not told of"
    put(folder, article("A new storm"))
    threads = [threading.Thread(target=look, args=(folder,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Shelf(folder).reading() as db:
        rows = db.execute("SELECT search, count, articles FROM alerts").fetchall()
    assert [(row["search"], row["count"]) for row in rows] == [(number, 1)]
    assert json.loads(rows[0]["articles"]) == [make_id(own="A new storm")]
    put(folder, article("A new storm", "changed"))
    assert look(folder) == 0, "an article that is changed is not new"


def test_what_came_together_is_told_together_however_much_it_is(folder, monkeypatch):
    """More than is looked at together, of one generation, is one alert; the newest are named."""
    monkeypatch.setattr(outbox, "CHUNK", 4)
    saved(folder, "?q=storm")
    put(folder, *(article(f"Storm {n}", published=StatedDate(f"2024-05-{n:02}"))
                  for n in range(1, 13)))  # fmt: skip
    put(folder, article("Storm 13"), article("Storm 14"))
    assert look(folder) == 2
    with Shelf(folder).reading() as db:
        rows = db.execute("SELECT count, articles, after, until FROM alerts ORDER BY id").fetchall()
    assert [row["count"] for row in rows] == [12, 2]
    assert json.loads(rows[0]["articles"]) == [make_id(own=f"Storm {n}") for n in range(12, 2, -1)]
    assert rows[0]["until"] == rows[1]["after"]
    assert look(folder) == 0


def test_a_daily_digest_waits_for_its_day(folder, monkeypatch):
    saved(folder, "?q=storm", rhythm="daily")
    put(folder, article("A new storm"))
    assert look(folder) == 0
    put(folder, article("A newer storm"))
    later = time.time() + 86_500
    monkeypatch.setattr(outbox.time, "time", lambda: later)
    assert look(folder) == 1
    with Shelf(folder).reading() as db:
        assert db.execute("SELECT count FROM alerts").fetchone()[0] == 2


def test_a_webhook_is_signed_retried_and_known_again(folder, hook, monkeypatch):
    hook.statuses += [500, 302, 204]
    saved(folder, "?q=storm", target=f"http://127.0.0.1:{port(hook)}/in?x=1")
    put(folder, article("A new storm"))
    look(folder)
    sender = Sender(root="https://archive.example", private=True)
    clock = time.time()
    for expected in (0, 0, 1, 0):
        with closing(EmbeddedEngine(folder)) as engine:
            sent = send_due(
                Shelf(folder),
                lambda alert, engine=engine: sender.send(
                    alert, [engine.article(each) for each in alert.articles]
                ),
            )
        assert sent == expected
        assert send_due(Shelf(folder), pytest.fail) == 0, "not due before its time"
        clock += 7 * 3600
        monkeypatch.setattr(outbox.time, "time", lambda now=clock: now)
    assert len(hook.got) == 3
    assert len({headers["Idempotency-Key"] for headers, _ in hook.got}) == 1
    headers, body = hook.got[-1]
    with Shelf(folder).reading() as db:
        secret = searches.find(db, "reader", 1).secret
    signed = hmac.new(secret.encode(), headers["X-Broadsheet-Timestamp"].encode() + b"." + body,
                      hashlib.sha256).hexdigest()  # fmt: skip
    assert headers["X-Broadsheet-Signature"] == f"sha256={signed}"
    told = json.loads(body)
    assert told["url"] == "https://archive.example/search?q=storm"
    assert [each["title"] for each in told["articles"]] == ["A new storm"]


def test_mail_goes_out(folder, mail, tmp_path):
    saved(folder, "?q=storm", "mail", "ada@example.org")
    put(folder, *(article(f"Storm {n}\r\nBcc: all@example.org") for n in range(15)))
    assert look(folder) == 1
    quiet = {"title": "Quiet", "text": "All was still. " * 20, "date": "2024-05-05"}
    (tmp_path / "quiet.json").write_text(json.dumps(quiet))
    result = CliRunner().invoke(commands, [
        "watch", "--once", "--index", str(folder), "--smtp", f"127.0.0.1:{port(mail)}",
        "--mail-from", "archive@example.org", "--site-url", "https://archive.example/",
        str(tmp_path / "quiet.json"),
    ])  # fmt: skip
    assert result.exit_code == 0, result.output
    (message,) = mail.got
    head = message.partition("\r\n\r\n")[0]
    assert "To: ada@example.org" in head
    assert "Bcc" not in head
    assert "https://archive.example/search?q=3Dstorm" in message.replace("=\r\n", "") or (
        "https://archive.example/search?q=storm" in message
    )
    assert "5 more" in message


@pytest.mark.parametrize("host", [
    "127.0.0.1", "localhost", "0.0.0.0", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]",
    "::1", "::ffff:127.0.0.1", "fe80::1", "fc00::1", "2130706433", "0x7f.1", "127.1", "224.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "100.64.0.1", "", "::127.0.0.1", "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1", "fec0::1", "2001:0:7f00:1:0:0:80ff:fffe",
])  # fmt: skip
def test_a_webhook_reaches_nothing_inside(host):
    with pytest.raises(BroadsheetError):
        public_address(host.strip("[]") if host != "[::1]" else host, 80)


def test_a_name_is_resolved_once(monkeypatch, hook):
    """A name that changes its address between the look and the connection leads nowhere else."""
    asked = []

    def resolve(host: str, port: int, **options: object):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) > 1 else "93.184.216.34", port))]

    connected = []

    def connect(address: tuple[str, int], timeout: float):
        connected.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(sending.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(sending.socket, "create_connection", connect)
    alert = Alert(
        id=1, key="k", name="n", state="?q=x", way="webhook", secret="s", after=0, until=1,
        target="http://rebind.example/", count=0, articles=(), attempts=0,
    )  # fmt: skip
    with pytest.raises(Undelivered, match="no network"):
        Sender().send(alert, [])
    assert connected == [("93.184.216.34", 80)]
    assert len(asked) == 1
    with pytest.raises(BroadsheetError, match="not a public"):
        Sender().send(replace(alert, target=f"http://127.0.0.1:{port(hook)}/"), [])
    assert hook.got == []


def test_a_webhook_that_sends_a_byte_now_and_then_is_left(hook, monkeypatch):
    """It would not run into the timeout of a connection, and hold up all other alerts."""
    monkeypatch.setattr(sending, "_SECONDS", 0.5)
    hook.statuses.append(0)
    alert = Alert(
        id=1, key="k", name="n", state="?q=x", way="webhook", secret="s", after=0, until=1,
        target=f"http://127.0.0.1:{port(hook)}/", count=0, articles=(), attempts=0,
    )  # fmt: skip
    with pytest.raises(Undelivered):
        Sender(private=True).send(alert, [])


def test_an_alert_that_cannot_be_sent_holds_up_no_other(folder):
    saved(folder, "?q=storm", target="https://first.example/")
    saved(folder, "?q=ferry", target="https://second.example/")
    put(folder, article("A new storm and a ferry"))
    assert look(folder) == 2
    sent: list[str] = []

    def send(alert: Alert) -> None:
        if "first" in alert.target:
            raise ValueError("an address that no library takes")
        sent.append(alert.target)

    assert send_due(Shelf(folder), send) == 1
    assert sent == ["https://second.example/"]
    with Shelf(folder).reading() as db:
        assert list(searches.problems(db, "reader").values()) == [
            "an address that no library takes"
        ]


@pytest.mark.parametrize(("status", "language", "told"), [
    (503, "en", "The webhook answered with status 503."),
    (503, "de", "Der Webhook antwortete mit dem Status 503."),
    (503, "es", "El webhook respondió con el estado 503."),
    (None, "de", "Die Verbindung wurde abgelehnt."),
    (None, "es", "La conexión fue rechazada."),
])  # fmt: skip
def test_why_an_alert_has_not_arrived_is_told_in_the_readers_language(
    folder, hook, status, language, told
):
    target = f"http://127.0.0.1:{port(hook)}/"
    if status is None:
        with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
            target = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
    else:
        hook.statuses.append(status)
    saved(folder, "?q=storm", target=target)
    put(folder, article("A new storm and a ferry"))
    assert look(folder) == 1
    assert send_due(Shelf(folder), lambda alert: Sender(private=True).send(alert, [])) == 0
    with closing(open_engine(folder)) as engine:
        client = create_app(engine, WebConfig(shelf=folder)).test_client()
        page = client.get(f"/shelf?ui={language}").get_data(as_text=True)
    assert told in html.unescape(page)


_LOOK = """
import sys
from pathlib import Path
from search.embedded.engine import EmbeddedEngine
from search.engine import open_engine
from web.shelf.database import Shelf
from web.watch.sending import Sender
from web.watch.service import look_and_send
import web.watch.outbox as outbox

outbox._CLAIM_SECONDS = 0
print("ready", flush=True)
folder = Path(sys.argv[1])
print(look_and_send(Shelf(folder), EmbeddedEngine(folder), Sender(private=True)), flush=True)
"""


def test_an_alert_is_sent_once_or_again_wherever_it_is_killed(folder, hook):
    """Killed after ever longer times, and then left to end: each alert arrives."""
    numbers = [
        saved(folder, f"?q=storm&size={n + 10}", target=f"http://127.0.0.1:{port(hook)}/{n}")
        for n in range(12)
    ]
    put(folder, article("A new storm"))
    for wait in (0, 0.005, 0.02, 0.05, 0.1, 0.15, None):
        process = subprocess.Popen(
            [sys.executable, "-c", _LOOK, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        if wait is not None:
            time.sleep(wait)
            os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
    keys: dict[str, set[str]] = {}
    for headers, body in hook.got:
        keys.setdefault(json.loads(body)["query"], set()).add(headers["Idempotency-Key"])
    assert len(keys) == len(numbers), "none is lost"
    assert all(len(found) == 1 for found in keys.values()), "what came twice is known by its key"
    with Shelf(folder).reading() as db:
        assert db.execute("SELECT count(*) FROM alerts WHERE sent IS NULL").fetchone()[0] == 0


def test_watch_prints_what_arrives_and_is_asked_for(folder, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "one.json").write_text(
        json.dumps({"title": "Storm at sea", "text": "A storm came. " * 20, "date": "2024-05-05"})
    )
    run = ["watch", "--once", "--index", str(folder), "--query", "storm", str(inbox)]
    result = CliRunner().invoke(commands, run)
    assert result.exit_code == 0, result.output
    assert "storm: 1 new\n  Storm at sea\n" in result.output
    assert "new" not in CliRunner().invoke(commands, run).output


def test_the_shelf_tells_what_is_new_and_sets_alerts(folder):
    engine = EmbeddedEngine(folder)
    app = create_app(engine, WebConfig(rate_limit="", shelf=folder))
    client = app.test_client()

    def call(method: str, path: str, body: object):
        return client.open(f"/api/v1/shelf{path}", method=method, data=json.dumps(body),
                           content_type="application/json")  # fmt: skip

    assert call("POST", "/searches", {"search": "?q=storm OR ferry&sort=oldest"}).status_code == 201
    assert "new article" not in client.get("/shelf").text
    put(folder, article("A new storm"), article("A new ferry"), article("Quiet"))
    engine.refresh()
    app.extensions["broadsheet"]._status = None
    page = client.get("/shelf").text
    assert "2 new articles" in page
    news = client.get("/api/v1/shelf/searches/1/new").json
    assert news["count"] == 2
    assert client.get(f"/api/v1/search{news['search']}").json["total"] == 2
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/shelf/searches/1", data={"csrf_token": token, "do": "new"})
    found = client.get(answer.location).text
    assert "A new <mark>storm</mark>" in found
    assert "old" not in found.partition('class="hits"')[2].partition("</ol>")[0]
    assert "new article" not in client.get("/shelf").text
    put(folder, article("A newer ferry"))
    engine.refresh()
    app.extensions["broadsheet"]._status = None
    news = client.get("/api/v1/shelf/searches/1/new").json
    assert news["count"] == 1
    assert call("PATCH", "/searches/1", {"looked": news["until"]}).status_code == 200
    assert client.get("/api/v1/shelf/searches/1/new").json["count"] == 0
    good = {"way": "mail", "target": "ada@example.org", "rhythm": "daily"}
    assert call("PATCH", "/searches/1", good).json["rhythm"] == "daily"
    for bad in (
        {"way": "mail", "target": "ada"},
        {"way": "webhook", "target": "ftp://x"},
        {"way": "mail", "target": "a@b\r\nBcc: c@d"},
        {"way": "pigeon"},
        {"way": "webhook", "target": "http://u:p@host/"},
        {"rhythm": "hourly"},
    ):
        assert call("PATCH", "/searches/1", bad).status_code == 400, bad
    assert "Alerts daily to ada@example.org" in client.get("/shelf").text
    engine.close()
