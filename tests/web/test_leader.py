"""Requests of one process are answered in turn, but none waits for one that takes long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import pytest
from flask import Flask

from web import leader
from web.leader import PATIENCE_SECONDS, Leaders
from web.security.connections import Server, server_for
from web.server import bind

Answering = Callable[[str], bytes]
"""What answers a path."""


class Served:
    """An application that is served by a number of threads of this process."""

    def __init__(self, answering: Answering, threads: int, patience: float) -> None:
        def application(environ: dict[str, str], start_response: Callable) -> Iterable[bytes]:
            body = answering(environ["PATH_INFO"])
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]

        app = Flask("served")
        app.wsgi_app = application
        app.config["MAX_CONTENT_LENGTH"] = 1_000
        (bound,) = bind("127.0.0.1", 0)
        self.leaders = Leaders(threads, patience)
        self.server: Server = server_for(app, bound, self.leaders, behind_proxy=False)
        self.port = int(self.server.effective_port)
        self.pool = ThreadPoolExecutor(32)
        self.thread = threading.Thread(target=self.leaders.run, args=(self.server,))
        self.thread.start()

    def get(self, path: str) -> bytes:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as one:
            one.request("GET", path)
            return one.getresponse().read()

    def ask(self, path: str) -> Future[bytes]:
        return self.pool.submit(self.get, path)

    def stop(self) -> None:
        self.pool.shutdown()
        self.leaders.shutdown()
        self.thread.join(20)
        self.server.close()


@contextmanager
def served(
    answering: Answering, threads: int = 2, patience: float = PATIENCE_SECONDS
) -> Iterator[Served]:
    one = Served(answering, threads, patience)
    yield one
    one.stop()
    assert not any(thread.is_alive() for thread in (one.thread, *one.leaders._threads))


@pytest.fixture(autouse=True)
def polls_wait_until_something_comes(monkeypatch):
    """A thread that is not woken waits for longer than a test."""
    monkeypatch.setattr(leader, "_POLL_SECONDS", 600.0)


def test_quick_requests_are_answered_one_by_one():
    under_way: list[str] = []
    at_once: list[int] = []

    def answering(path: str) -> bytes:
        under_way.append(path)
        at_once.append(len(under_way))
        sum(range(20_000))
        under_way.pop()
        return path.encode()

    with served(answering, 4, patience=60) as one:
        paths = [f"/{number}" for number in range(40)]
        assert list(one.pool.map(one.get, paths)) == [path.encode() for path in paths]
    assert max(at_once) == 1


class Slow:
    """Answers ``/slow`` when it is told to go on, and anything else at once."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.going_on = threading.Event()

    def __call__(self, path: str) -> bytes:
        if path == "/slow":
            self.begun.release()
            assert self.going_on.wait(60)
        return path.encode()


@pytest.mark.parametrize("patience", [PATIENCE_SECONDS, 0])
def test_requests_that_take_long_hold_up_nobody(patience):
    slow = Slow()
    with served(slow, 3, patience) as one:
        waiting = [one.ask("/slow"), one.ask("/slow")]
        for _ in waiting:
            assert slow.begun.acquire(timeout=60)
        assert [one.get("/quick") for _ in range(5)] == [b"/quick"] * 5
        assert not any(each.done() for each in waiting)
        slow.going_on.set()
        assert [each.result(60) for each in waiting] == [b"/slow"] * 2


def test_requests_that_were_read_with_a_slow_one_are_answered_by_the_next_who_leads():
    slow = Slow()
    paused, going_on = threading.Event(), threading.Event()

    def answering(path: str) -> bytes:
        if path == "/pause":
            paused.set()
            going_on.wait(60)
        return slow(path)

    with served(answering, 3, 0.5) as one, ExitStack() as opened:
        pausing, waiting, *quick = [
            opened.enter_context(closing(HTTPConnection("127.0.0.1", one.port, timeout=60)))
            for _ in range(7)
        ]
        for connection in (pausing, waiting, *quick):
            connection.request("GET", "/first")
            assert connection.getresponse().read() == b"/first"
        pausing.request("GET", "/pause")
        assert paused.wait(60)
        waiting.request("GET", "/slow")
        for connection in quick:
            connection.request("GET", "/quick")
        going_on.set()  # now the leader reads all of them at once
        assert [each.getresponse().read() for each in quick] == [b"/quick"] * 5
        slow.going_on.set()
        assert waiting.getresponse().read() == b"/slow"


@pytest.mark.parametrize("patience", [PATIENCE_SECONDS, 0])
def test_what_comes_when_all_threads_are_taken_is_answered_as_soon_as_one_is_free(patience):
    slow = Slow()
    with served(slow, 2, patience) as one:
        waiting = [one.ask("/slow") for _ in range(7)]
        for _ in range(2):
            assert slow.begun.acquire(timeout=60)
        assert not slow.begun.acquire(timeout=0.3)
        quick = one.ask("/quick")
        slow.going_on.set()
        assert quick.result(60) == b"/quick"
        assert [each.result(60) for each in waiting] == [b"/slow"] * 7


def test_all_threads_taken_by_readers_who_read_nothing_still_send_what_they_have():
    begun = threading.Semaphore(0)

    def answering(path: str) -> bytes:
        begun.release()
        return b"x" * 40_000_000  # more than waitress keeps for one that does not read

    with served(answering, 2) as one:
        both = [one.ask("/large"), one.ask("/large"), one.ask("/large")]
        for _ in both:
            assert begun.acquire(timeout=60)
        assert [len(each.result(60)) for each in both] == [40_000_000] * 3


def test_an_answer_that_fails_leaves_the_thread_to_others(caplog):
    def answering(path: str) -> bytes:
        if path == "/fails":
            raise ValueError
        if path == "/exits":
            raise SystemExit
        return b"done"

    with caplog.at_level(logging.CRITICAL), served(answering, 1) as one:
        for _ in range(3):
            assert b"unexpected" in one.get("/fails")
            assert one.get("/well") == b"done"


def test_a_loop_that_fails_ends_the_server(monkeypatch):
    one = Served(lambda path: b"done", 2, PATIENCE_SECONDS)
    assert one.get("/") == b"done"
    failed: list[BaseException] = []

    def run() -> None:
        with pytest.raises(OSError, match="gone"):
            leaders.run(one.server)
        failed.append(OSError())

    def loop(*_: object) -> None:
        raise OSError("gone")

    one.stop()
    leaders = Leaders(2, PATIENCE_SECONDS)
    monkeypatch.setattr(one.server, "asyncore", type("Loop", (), {"loop": staticmethod(loop)}))
    run()
    assert failed
