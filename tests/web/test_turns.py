"""Requests of one process are answered in turn, but none waits for one that takes long."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from web import server
from web.server import InTurn


def _ignore(*_: object) -> None:
    pass


def test_quick_requests_are_answered_one_by_one(monkeypatch):
    monkeypatch.setattr(server, "_PATIENCE_SECONDS", 30)
    under_way: list[int] = []
    at_once: list[int] = []

    def application(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        under_way.append(1)
        at_once.append(len(under_way))
        sum(range(20_000))
        under_way.pop()
        return [b"done"]

    one_by_one = InTurn(application)
    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(lambda _: one_by_one({}, _ignore), range(40)))
    assert bodies == [[b"done"]] * 40
    assert max(at_once) == 1


def test_a_request_that_takes_long_holds_up_nobody():
    going_on = threading.Event()
    begun = threading.Event()

    def application(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            begun.set()
            assert going_on.wait(20)
        return [str(environ["PATH_INFO"]).encode()]

    in_turn = InTurn(application)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(in_turn, {"PATH_INFO": "/slow"}, _ignore)
        assert begun.wait(20)
        assert in_turn({"PATH_INFO": "/quick"}, _ignore) == [b"/quick"]
        assert not slow.done()
        going_on.set()
        assert slow.result(20) == [b"/slow"]


def test_an_answer_that_fails_gives_its_turn_back():
    def application(environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        if environ:
            raise ValueError
        return [b"done"]

    in_turn = InTurn(application)
    with pytest.raises(ValueError):
        in_turn({"fails": 1}, _ignore)
    assert not in_turn._turn.locked()
    assert in_turn({}, _ignore) == [b"done"]
