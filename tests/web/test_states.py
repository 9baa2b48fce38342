"""An archive that is not there yet, is being built, or cannot be read; and a server's life."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.store.lock import LOCK_NAME
from indexer.whoosh.archive import FolderStore
from search.engine import Engine, open_engine
from web.app import create_app
from web.config import WebConfig
from web.server import bind
from web.waiting import WaitingEngine

ROOT = Path(__file__).resolve().parents[2]


def put(index: Path, *titles: str) -> None:
    writer = FolderStore(index, wait=30).writer()
    try:
        articles = [Article(id=f"{abs(hash(t)):016x}"[:16], title=t, body=(t,)) for t in titles]
        writer.put(articles, [abs(hash(t)) >> 8 for t in titles], "test")
        writer.commit()
    finally:
        writer.close()


def waiting(index: Path, shelf: Path | None = None) -> tuple[WaitingEngine, FlaskClient]:
    engine = WaitingEngine(lambda: open_engine(index), index, "embedded")
    return engine, create_app(engine, WebConfig(rate_limit="", shelf=shelf)).test_client()


PEOPLE = ("/", "/search?q=x", "/browse", "/browse/tag", "/facet/tag", "/browse/calendar",
          "/article/0000000000000000")  # fmt: skip


def test_an_empty_archive_says_the_one_command_to_run(tmp_path: Path) -> None:
    _, client = waiting(tmp_path / "index")
    for url in PEOPLE:
        answer = client.get(url)
        assert answer.status_code == 200, url
        soup = BeautifulSoup(answer.data, "lxml")
        assert soup.h1.get_text() == "The archive is empty"
        assert soup.select_one("pre").get_text() == "broadsheet index FOLDER"
        assert str(tmp_path) not in answer.text
    assert client.get("/help").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_the_pages_open_as_soon_as_there_is_an_index(tmp_path: Path) -> None:
    engine, client = waiting(tmp_path / "index")
    assert "empty" in client.get("/").text
    put(tmp_path / "index", "Harbour opens")
    assert engine.refresh()
    time.sleep(0.3)
    assert "Harbour opens" in client.get("/").text
    assert client.get("/readyz").status_code == 200
    engine.close()


def test_an_index_being_built_shows_how_far_it_is(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    _, client = waiting(index)
    (index / "part").write_bytes(b"x" * 123_456)
    with (index / LOCK_NAME).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = client.get("/")
        soup = BeautifulSoup(answer.data, "lxml")
        assert soup.h1.get_text() == "The archive is being built"
        assert soup.select_one("progress")
        assert "123 kB" in soup.main.get_text()
        assert answer.headers["Refresh"] == "3"
        assert "ETag" not in answer.headers


def test_an_archive_that_is_moved_away_is_said_to_be_away_and_comes_back(tmp_path: Path) -> None:
    index = tmp_path / "index"
    put(index, "Harbour opens")
    engine, client = waiting(index, shelf=index)
    assert client.get("/readyz").status_code == client.get("/shelf").status_code == 200
    index.rename(tmp_path / "elsewhere")
    time.sleep(0.3)
    with pytest.raises(IndexBrokenError):
        engine.refresh()
    for url in (*PEOPLE, "/readyz"):
        answer = client.get(url)
        assert answer.status_code == 503, url
        assert url == "/readyz" or "The archive is away" in answer.text, url
    for url in ("/api/v1/search?q=harbour", "/api/v1/status", "/feed.atom", "/suggest?q=h"):
        assert client.get(url).status_code in (200, 503), url
    assert client.get("/metrics").status_code == client.get("/healthz").status_code == 200
    assert engine.status().state == "away"
    assert client.get("/shelf").status_code == 503
    assert not index.exists(), "its place stays free for it"
    (tmp_path / "elsewhere").rename(index)
    time.sleep(0.3)
    assert not engine.refresh()
    assert "Harbour opens" in client.get("/").text
    assert client.get("/readyz").status_code == 200
    engine.close()


def test_another_archive_of_the_same_generation_is_taken_up(tmp_path: Path) -> None:
    put(tmp_path / "index", "Harbour opens", "Harbour stays open")
    put(tmp_path / "other", "Harbour closes", "Harbour stays closed")
    engine, client = waiting(tmp_path / "index")
    before = client.get("/search?q=harbour")
    cursor = client.get("/api/v1/search?q=harbour&size=1").json["after"]
    (tmp_path / "index").rename(tmp_path / "old")
    (tmp_path / "other").rename(tmp_path / "index")
    assert engine.refresh()
    time.sleep(0.3)
    tagged = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/search?q=harbour", headers=tagged)
    assert after.status_code == 200
    assert "stays closed" in after.text
    assert "stays open" not in after.text
    page = client.get(f"/api/v1/search?q=harbour&size=1&after={cursor}").json
    assert page["generation"] == 1
    assert "open" in page["hits"][0]["title"], "paging goes on in the archive that it began in"
    assert not engine.refresh()
    engine.close()


def test_a_broken_index_says_what_to_do_and_where_it_is_to_nobody(tmp_path: Path) -> None:
    index = tmp_path / "index"
    put(index, "Harbour opens")
    for path in index.iterdir():
        if path.is_file() and path.name != LOCK_NAME:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, client = waiting(index)
    answer = client.get("/search?q=x")
    assert answer.status_code == 503
    soup = BeautifulSoup(answer.data, "lxml")
    assert [pre.get_text() for pre in soup.select("pre")] == [
        "broadsheet check", "broadsheet repair",
    ]  # fmt: skip
    assert str(tmp_path) not in answer.text
    problem = client.get("/api/v1/search?q=x")
    assert problem.status_code == 503
    assert "broadsheet check" in json.loads(problem.data)["detail"]
    assert str(tmp_path) not in problem.text


def test_a_cluster_that_does_not_answer_is_said_to_be_one() -> None:
    def fail() -> Engine:
        raise IndexBrokenError("https://secret.example:9200 refuses")

    client = create_app(WaitingEngine(fail, None, "opensearch"), WebConfig()).test_client()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text
    assert "secret" not in answer.text


@contextmanager
def serving(index: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `broadsheet serve` as a process; yields it and the address that it printed."""
    command = [sys.executable, "-m", "broadsheet", "serve", "--index", str(index), "--port", "0"]
    log = index.parent / "log"
    with log.open("w") as errors:  # a pipe that nobody reads would hold the server up
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, (line, log.read_text())
        address = found[0].rstrip("/")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5)
                break
            except OSError:
                time.sleep(0.05)
        yield process, address
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_new_generation_is_served_within_a_second_and_no_request_is_lost(
    tmp_path: Path,
) -> None:
    index = tmp_path / "index"
    put(index, "Generation zero")
    with serving(index, "--rate-limit", "") as (_, address):
        fetch(f"{address}/search?q=generation")
        over = threading.Event()
        failures: list[str] = []
        asked = 0

        def ask() -> None:
            nonlocal asked
            while not over.is_set():
                try:
                    status, text = fetch(f"{address}/search?q=generation&n={asked}")
                except OSError as error:
                    failures.append(repr(error))
                    return
                asked += 1
                if status != 200 or "</mark> zero" not in text:
                    failures.append(f"{status} {text[:200]}")

        readers = [threading.Thread(target=ask) for _ in range(3)]
        for each in readers:
            each.start()
        delays = []
        try:
            for number in range(3):
                put(index, f"Generation number{number}")
                begun = time.monotonic()
                found = f"<mark>number{number}"
                while found not in fetch(f"{address}/search?q=number{number}")[1]:
                    assert time.monotonic() - begun < 30
                    time.sleep(0.02)
                delays.append(time.monotonic() - begun)
        finally:
            over.set()
            for each in readers:
                each.join()
        assert failures == []
        assert asked > 20
        # The bound is a second; what a loaded machine adds is not the server's.
        assert min(delays) < 1.0, delays


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    put(tmp_path / "index", "Harbour opens")
    with serving(tmp_path / "index") as (process, address):
        assert fetch(f"{address}/search?q=harbour")[0] == 200
        process.send_signal(number)
        assert process.wait(timeout=15) == 0
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_what_is_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    index = tmp_path / "index"
    writer = FolderStore(index).writer()
    body = tuple("harbour " * 2000 for _ in range(3))
    articles = [
        Article(id=f"{n:016x}", title=f"Harbour {n}", body=(*body, str(n))) for n in range(400)
    ]
    writer.put(articles, list(range(1, 401)), "test")
    writer.commit()
    writer.close()
    with serving(index) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.settimeout(30)
            connection.sendall(
                f"GET /export.jsonl HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            )
            received = connection.recv(1000)
            process.send_signal(signal.SIGTERM)
            while piece := connection.recv(1 << 16):
                received += piece
        assert process.wait(timeout=30) == 0
    assert received.count(b'"id":"') == 400
    assert received.rstrip().endswith((b"0", b"}"))


def test_it_starts_without_an_index_and_says_the_command(tmp_path: Path) -> None:
    index = tmp_path / "none"
    with serving(index) as (process, address):
        assert "The archive is empty" in fetch(f"{address}/")[1]
        put(index, "Harbour opens")
        until = time.monotonic() + 10
        while "Harbour opens" not in fetch(f"{address}/")[1]:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert process.poll() is None


@pytest.mark.slow
def test_several_workers_share_one_address(tmp_path: Path) -> None:
    put(tmp_path / "index", "Harbour opens")
    with serving(tmp_path / "index", "--workers", "2") as (process, address):
        for _ in range(10):
            assert fetch(f"{address}/search?q=harbour")[0] == 200
        host, port = urlsplit(address).hostname, urlsplit(address).port
        with pytest.raises(BroadsheetError, match="in use"):
            bind(host, port, workers=2)
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        before = [_sockets(worker) for worker in workers]
        held = [http.client.HTTPConnection(host, port, timeout=20) for _ in range(48)]
        for one in held:
            one.request("GET", "/healthz")
            assert one.getresponse().read()
        each = [_sockets(worker) - count for worker, count in zip(workers, before, strict=True)]
        assert min(each) > 4
        for one in held:
            one.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def _sockets(process: str) -> int:
    """How many sockets a process holds."""
    links = [link.readlink() for link in Path(f"/proc/{process}/fd").iterdir()]
    return sum(str(link).startswith("socket:") for link in links)


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "broadsheet", "serve", "--index", str(tmp_path / "index"),
             "--port", str(port)],
            cwd=ROOT, text=True, capture_output=True, timeout=60, env={**os.environ},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Cannot serve on 127.0.0.1 port {port}")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_password_line_opens_a_closed_archive(tmp_path: Path) -> None:
    put(tmp_path / "index", "Harbour opens")
    line = subprocess.run(
        [sys.executable, "-m", "broadsheet", "password", "ada", "--stdin"],
        cwd=ROOT, text=True, input="correct horse\n", capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    users = tmp_path / "users"
    users.write_text(line)
    with serving(tmp_path / "index", "--users", str(users)) as (_, address):
        assert fetch(f"{address}/")[0] == 401
        opener = urllib.request.build_opener(
            urllib.request.HTTPBasicAuthHandler(_passwords(address, "ada", "correct horse"))
        )
        assert opener.open(f"{address}/", timeout=30).status == 200


def _passwords(address: str, name: str, password: str) -> urllib.request.HTTPPasswordMgr:
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, address, name, password)
    return known


def test_the_api_says_what_fills_an_empty_archive(tmp_path: Path) -> None:
    waiting = WaitingEngine(lambda: open_engine(tmp_path), tmp_path, "embedded")
    answer = create_app(waiting, WebConfig()).test_client().get("/api/v1/search?q=x")
    assert answer.status_code == 503
    assert "broadsheet index" in answer.get_json(force=True)["detail"]
