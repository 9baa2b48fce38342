"""Strangers with wrong passwords: limited, and in nobody's way; and changes of who may read."""

from __future__ import annotations

import base64
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from corpus.core.errors import BroadsheetError
from search.engine import Engine
from web.app import create_app
from web.config import WebConfig
from web.security import access
from web.security.access import FAILURES, hash_password, read_users

ADA = hash_password("correct horse")


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def asked(client: FlaskClient, password: str, address: str = "198.51.100.1", name: str = "ada"):
    headers = basic(name, password) | {"X-Forwarded-For": address}
    return client.get("/search?q=ferry", headers=headers)


@pytest.fixture
def client(engine: Engine) -> FlaskClient:
    config = WebConfig(users={"ada": ADA}, proxies=1, rate_limit="", export_limit="")
    return create_app(engine, config).test_client()


def test_wrong_passwords_are_limited_and_who_is_in_stays_in(client):
    assert asked(client, "correct horse").status_code == 200
    codes = Counter(asked(client, f"guess {n}").status_code for n in range(FAILURES + 20))
    assert codes == {401: FAILURES, 429: 20}
    assert int(asked(client, "another guess").headers["Retry-After"]) > 0
    assert asked(client, "correct horse").status_code == 200
    other = asked(client, "wrong", "198.51.100.2")
    assert other.status_code == 401, "another address has its own count"


def test_a_request_without_a_password_is_no_failure(client):
    for _ in range(FAILURES + 5):
        assert client.get("/search").status_code == 401
    assert asked(client, "correct horse").status_code == 200


def test_few_passwords_are_checked_at_a_time(client, monkeypatch):
    assert asked(client, "correct horse").status_code == 200
    running, most, checked = 0, 0, threading.Lock()
    check = access.check_password_hash

    def counted(*given: str) -> bool:
        nonlocal running, most
        with checked:
            running += 1
            most = max(most, running)
        time.sleep(0.3)
        try:
            return check(*given)
        finally:
            with checked:
                running -= 1

    monkeypatch.setattr(access, "check_password_hash", counted)
    codes: Counter[int] = Counter()
    strangers = [
        threading.Thread(
            target=lambda n=n: codes.update(
                [asked(client.application.test_client(), "wrong", f"203.0.113.{n}").status_code]
            )
        )
        for n in range(16)
    ]
    for stranger in strangers:
        stranger.start()
    assert asked(client, "correct horse").status_code == 200, "who is in waits for nobody"
    for stranger in strangers:
        stranger.join()
    assert most <= access.CHECKS
    assert set(codes) == {401, 503}


def test_a_rate_limit_counts_before_a_password_is_looked_at(engine):
    config = WebConfig(users={"ada": ADA}, rate_limit="5 per minute")
    client = create_app(engine, config).test_client()
    codes = [client.get("/search").status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2


def test_strangers_at_an_address_use_up_nothing_of_a_reader_who_is_in(engine):
    config = WebConfig(users={"ada": ADA}, proxies=1, rate_limit="20 per minute")
    client = create_app(engine, config).test_client()
    assert asked(client, "correct horse").status_code == 200
    guesses = Counter(asked(client, f"guess {n}").status_code for n in range(40))
    assert guesses[200] == 0
    assert guesses[429] >= 20
    assert client.get("/search", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 429
    codes = [asked(client, "correct horse").status_code for _ in range(25)]
    assert codes == [200] * 20 + [429] * 5, "who is in has the limit of one reader"


@pytest.mark.parametrize("mode", [0o622, 0o660, 0o666])
def test_a_file_of_users_that_others_may_write_is_refused(mode, tmp_path):
    users = tmp_path / "users"
    users.write_text(f"ada:{ADA}\n")
    users.chmod(mode)
    with pytest.raises(BroadsheetError, match="chmod go-w"):
        read_users(users)
    users.chmod(0o640)
    assert read_users(users) == {"ada": ADA}


def test_someone_can_be_locked_out_and_let_in_without_a_restart(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(access, "_LOOK_SECONDS", 0.0)
    users = tmp_path / "users"
    eve = hash_password("battery staple")
    users.write_text(f"ada:{ADA}\neve:{eve}\n")
    users.chmod(0o600)
    config = WebConfig(
        users=read_users(users), users_file=users, proxies=1, rate_limit="", export_limit=""
    )
    client = create_app(engine, config).test_client()
    assert asked(client, "correct horse").status_code == 200
    assert asked(client, "battery staple", name="eve").status_code == 200
    users.write_text(f"eve:{eve}\n")
    assert asked(client, "correct horse").status_code == 401
    assert asked(client, "battery staple", name="eve").status_code == 200
    users.write_text("# not a user\n")
    assert asked(client, "battery staple", name="eve").status_code == 200, "a slip is no lock-out"
    changed = hash_password("new staple")
    Path(users).write_text(f"eve:{changed}\n")
    assert asked(client, "battery staple", name="eve").status_code == 401
    assert asked(client, "new staple", name="eve").status_code == 200


def test_a_script_of_another_origin_may_ask_whether_it_may_send_a_password(engine):
    config = WebConfig(users={"ada": ADA}, cors=("https://desk.example",), rate_limit="")
    client = create_app(engine, config).test_client()
    asks = {
        "Origin": "https://desk.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options("/api/v1/search?q=ferry", headers=asks)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    read = client.get("/api/v1/search?q=ferry", headers=asks | basic("ada", "correct horse"))
    assert read.status_code == 200
    assert read.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    stranger = client.options("/api/v1/search", headers=asks | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    for url in ("/search", "/feed.atom", "/export.csv"):
        assert client.options(url, headers=asks).status_code == 401
    assert client.options("/api/v1/search", headers={"Origin": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("addresses", "checked"),
    [
        (["2001:db8:1:2::{n:x}"], FAILURES),  # one subscriber has 64 bits of addresses
        (["2001:db8:1:{n:x}::1"], FAILURES + 6),
        (["198.51.100.7:{n}"], FAILURES),  # some proxies write the port, too
        (["[2001:db8::{n:x}]:{n}"], FAILURES),
        (["::ffff:198.51.100.7", "198.51.100.7"], FAILURES),
        (["fe80::{n:x}%eth0"], FAILURES),
        (["198.51.100.{n}"], FAILURES + 6),
        (["no address"], FAILURES),
    ],
)
def test_what_counts_as_one_address(client, addresses, checked):
    codes = Counter(
        asked(client, f"guess {n}", addresses[n % len(addresses)].format(n=n + 1)).status_code
        for n in range(FAILURES + 6)
    )
    assert codes[401] == checked
    assert codes[401] + codes[429] == FAILURES + 6


def test_an_address_that_the_client_writes_itself_is_not_believed(engine):
    config = WebConfig(users={"ada": ADA}, rate_limit="")
    client = create_app(engine, config).test_client()
    codes = Counter(
        asked(client, f"guess {n}", f"198.51.100.{n}").status_code for n in range(FAILURES + 6)
    )
    assert codes == {401: FAILURES, 429: 6}


def test_wrong_passwords_at_one_time_are_counted_before_the_next_is_checked(client, monkeypatch):
    monkeypatch.setattr(access, "_CHECK_SECONDS", 30.0)
    checks = Counter[str]()
    monkeypatch.setattr(
        access, "check_password_hash",
        lambda *given: checks.update(["one"]) or time.sleep(0.01) or False,
    )  # fmt: skip
    strangers = [
        threading.Thread(target=asked, args=(client.application.test_client(), f"guess {n}"))
        for n in range(4 * FAILURES)
    ]
    for stranger in strangers:
        stranger.start()
    for stranger in strangers:
        stranger.join()
    assert FAILURES <= checks["one"] < FAILURES + access.CHECKS


NO_PASSWORDS = [
    "", "Basic", "Basic ", "Basic !!!", "Basic YWRh", "Basic " + "QQ==" * 50, "Bearer abc",
    "Basic " + base64.b64encode("ada:påss".encode("latin-1")).decode(), "Digest username=ada",
    "Basic " + base64.b64encode(b"ada:" + b"x" * 20_000).decode(), "basic\t" + "=" * 9,
    "Basic " + base64.b64encode(b"\xff\xfe:\x00").decode(), "Negotiate " + "A" * 5000,
    "Basic " + base64.b64encode(b":").decode(), "Basic " + base64.b64encode(b"ada").decode(),
]  # fmt: skip


def test_whatever_is_sent_in_place_of_a_password_lets_nobody_in(client):
    paths = ("/", "/api/v1/search", "/static/base.css", "/feed.atom", "/healthz/", "//healthz")
    for header in NO_PASSWORDS:
        for path in paths:
            for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
                answer = client.open(path, method=method, headers={"Authorization": header})
                assert answer.status_code in (401, 429), (path, method, header[:60])
                assert b"ferry" not in answer.data


def test_names_and_passwords_are_one_however_they_are_composed(engine, tmp_path):
    users = tmp_path / "users"
    hashed = hash_password("soupc\u0327on du port")
    users.write_text(f"Rene\u0301:{hashed}\n", "utf-8")
    users.chmod(0o600)
    config = WebConfig(users=read_users(users), proxies=1, rate_limit="")
    client = create_app(engine, config).test_client()
    for name in ("René", "Rene\u0301"):
        for password in ("soupçon du port", "soupc\u0327on du port"):
            assert asked(client, password, name=name).status_code == 200


def test_a_hash_that_cannot_be_used_lets_nobody_in(engine):
    broken = {
        "eve": "scrypt:1:2$salt$00", "bob": "scrypt:9999999999:8:1$salt$00",
        "joe": "pbkdf2:nohash:1$salt$00", "ann": "scrypt:32768:8:1$salt",
    }  # fmt: skip
    config = WebConfig(users={**broken, "ada": ADA}, proxies=1, rate_limit="")
    client = create_app(engine, config).test_client()
    assert [asked(client, "x", name=name).status_code for name in broken] == [401] * 4
    assert asked(client, "correct horse").status_code == 200


def test_a_name_that_is_unknown_costs_what_a_known_one_does(client, monkeypatch):
    hashes = []
    monkeypatch.setattr(access, "check_password_hash", lambda *given: hashes.append(given[0]))
    for name in ("ada", "nobody", "ADA", "ada "):
        assert asked(client, "wrong", name=name).status_code == 401
    assert hashes == [ADA] * 4


@pytest.mark.parametrize("gone", ["removed", "a folder", "unreadable", "open to others"])
def test_a_users_file_that_cannot_be_read_changes_nothing(engine, tmp_path, monkeypatch, gone):
    monkeypatch.setattr(access, "_LOOK_SECONDS", 0.0)
    users = tmp_path / "users"
    users.write_text(f"ada:{ADA}\n")
    users.chmod(0o600)
    config = WebConfig(users=read_users(users), users_file=users, proxies=1, rate_limit="")
    client = create_app(engine, config).test_client()
    users.unlink()
    if gone == "a folder":
        users.mkdir()
    elif gone != "removed":
        users.write_bytes(f"eve:{ADA}\n".encode() if gone == "open to others" else b"\xff\xfe\x00")
        users.chmod(0o666 if gone == "open to others" else 0o600)
    assert asked(client, "correct horse").status_code == 200
    assert asked(client, "correct horse", name="eve").status_code == 401
