"""Connections that send nothing, or read nothing, are in nobody's way: a real server is asked."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from corpus.core.article import Article, make_id
from indexer.whoosh.archive import FolderStore
from search.engine import open_engine
from web.app import create_app
from web.config import WebConfig
from web.leader import PATIENCE_SECONDS, Leaders
from web.security import connections
from web.security.connections import Server, server_for
from web.server import bind


class Running:
    """A server in a thread of this process, with its port."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = int(server.effective_port)
        self._thread = threading.Thread(target=server.task_dispatcher.run, args=(server,))
        self._thread.start()

    def stop(self) -> None:
        self.server.task_dispatcher.shutdown(timeout=5)
        self._thread.join()
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.server.close()

    def get(self, path: str, timeout: float = 20) -> tuple[int, int]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as one:
            one.request("GET", path)
            answer = one.getresponse()
            return answer.status, len(answer.read())

    def connect(self, request: bytes = b"", receives: int = 0) -> socket.socket:
        sock = socket.socket()
        if receives:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        sock.settimeout(5)
        sock.connect(("127.0.0.1", self.port))
        sock.sendall(request)
        return sock


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An archive whose export is larger than what a server keeps for a connection."""
    folder = tmp_path_factory.mktemp("connections") / "index"
    writer = FolderStore(folder).writer()
    body = tuple(f"The heron stood by the kiln {'and waited ' * 400}." for _ in range(10))
    articles = [
        Article(id=make_id(own=f"h{n}"), title=f"Heron {n}", body=body, language="en")
        for n in range(600)
    ]
    writer.put(articles, list(range(1, 601)), "wire")
    writer.commit()
    writer.close()
    return folder


@pytest.fixture
def running(folder, monkeypatch) -> Iterator[Running]:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(connections, "STALL_SECONDS", 1.0)
    monkeypatch.setattr(connections, "_LOOK_SECONDS", 0)
    engine = open_engine(folder)
    config = WebConfig(rate_limit="", export_limit="", cache_bytes=0)
    (bound,) = bind("127.0.0.1", 0)
    leaders = Leaders(4, PATIENCE_SECONDS)
    started = Running(server_for(create_app(engine, config), bound, leaders, behind_proxy=False))
    yield started
    started.stop()
    engine.close()


def closed_by_then(sock: socket.socket, seconds: float) -> bool:
    """Whether the other side closes a connection within some seconds."""
    sock.settimeout(0.2)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if not sock.recv(1):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def connections_come_to(running: Running, count: int) -> bool:
    """Whether the server has that many connections, sooner or later."""
    until = time.monotonic() + 30
    while len(running.server.active_channels) != count and time.monotonic() < until:
        time.sleep(0.1)
    return len(running.server.active_channels) == count


def test_readers_that_read_nothing_are_let_go(running):
    asks = b"GET /export.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n"
    stalled = [running.connect(asks, receives=4096) for _ in range(3)]
    assert connections_come_to(running, 3)
    assert connections_come_to(running, 0)
    assert running.get("/export.csv?q=title:17")[0] == 200
    assert running.get("/search?q=heron")[0] == 200
    for sock in stalled:
        sock.close()


def test_an_export_takes_the_turn_of_one_that_has_stalled(running, monkeypatch):
    monkeypatch.setattr(connections, "STALL_SECONDS", 600.0)
    asks = b"GET /export.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n"
    stalled = [running.connect(asks, receives=4096) for _ in range(3)]
    time.sleep(0.5)
    assert running.get("/export.csv?q=title:17")[0] == 503, "so short a pause is no stall"
    time.sleep(2)
    for _ in range(3):  # each gives its turn back
        assert running.get("/export.csv?q=title:17")[0] == 200
    assert connections_come_to(running, 2), "no more than one is closed for it"
    for sock in stalled:
        sock.close()


def test_a_request_that_comes_a_byte_at_a_time_is_let_go(running):
    slow = running.connect(b"GET /search?q=heron HTTP/1.1\r\nHost: localhost\r\nX-a: ")
    body = running.connect(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            slow.sendall(b"a")
            body.sendall(b"")
        except OSError:
            break
        time.sleep(0.2)
    assert closed_by_then(slow, 5)
    assert closed_by_then(body, 5)
    slow.close()
    body.close()


def test_idle_connections_make_room_for_those_that_ask(running):
    running.server.most, running.server.per_address = 20, 0
    idle = [running.connect() for _ in range(60)]
    for _ in range(5):
        assert running.get("/search?q=heron", timeout=10)[0] == 200
    assert len(running.server.active_channels) <= 21
    for sock in idle:
        sock.close()


def test_one_address_has_a_bound_of_its_own(running):
    running.server.per_address = 5
    idle = [running.connect(b"GET /") for _ in range(12)]
    assert running.get("/search?q=heron", timeout=10)[0] == 200
    assert len(running.server.active_channels) <= 6
    for sock in idle:
        sock.close()


def test_a_reader_who_is_slow_but_reads_is_answered_whole(running):
    asks = b"GET /export.jsonl HTTP/1.0\r\nHost: localhost\r\n\r\n"
    sock = running.connect(asks, receives=65_536)
    total, until = 0, time.monotonic() + 4
    while piece := sock.recv(65_536):
        total += len(piece)
        if time.monotonic() < until:
            time.sleep(0.05)
    with closing(running.connect(asks)) as quick:
        assert total == sum(map(len, iter(lambda: quick.recv(1 << 20), b"")))
    assert total > 4_000_000
    sock.close()
