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
