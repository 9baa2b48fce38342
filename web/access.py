"""Who may read: an archive with nothing set is open, else nothing is readable without a name.

Two ways, both optional. HTTP Basic (RFC 7617) against a file of ``name:hash`` lines, which
`broadsheet password` writes: scrypt hashes, salted, by werkzeug. Or the name of a header in which a
reverse proxy passes on whom it let in. Only ``/healthz`` answers without either, and says nothing
but that the process lives.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from pathlib import Path

from flask import Flask, Response, request
from flask_babel import gettext
from werkzeug.security import check_password_hash, generate_password_hash

from corpus.errors import BroadsheetError
from web.config import WebConfig
from web.problems import answer_problem

__all__ = ["hash_password", "install", "read_users"]

_OPEN = "/healthz"
_KEPT_SECONDS = 300.0
_KEPT = 1000
_LONGEST = 1024


def hash_password(password: str) -> str:
    """Return the salted scrypt hash of a password, fit for one line of a file of users."""
    return generate_password_hash(password, method="scrypt")


def read_users(path: Path) -> dict[str, str]:
    """Read a file of ``name:hash`` lines; empty lines and those that begin with # are skipped.

    Raises BroadsheetError, naming the line, where it has none of the two forms.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BroadsheetError(f"The file of users {path} cannot be read: {error}.") from None
    users: dict[str, str] = {}
    for position, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, hashed = line.strip().partition(":")
        if not (name and colon and hashed.startswith(("scrypt:", "pbkdf2:"))):
            raise BroadsheetError(
                f"Line {position} of {path} is not 'name:hash': write it with "
                "broadsheet password NAME."
            )
        users[name] = hashed
    if not users:
        raise BroadsheetError(
            f"The file of users {path} names nobody: add a line with broadsheet password NAME."
        )
    return users


class _Gate:
    """Checks names and passwords; those found good are remembered for five minutes.

    A scrypt check takes some 50 ms on purpose, which is too much for every request of a page. What
    is remembered is a keyed digest that dies with the process.
    """

    def __init__(self, config: WebConfig) -> None:
        self._users = dict(config.users)
        self._nobody = hash_password(secrets.token_hex(8)) if self._users else ""
        self._key = secrets.token_bytes(32)
        self._good: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def knows(self, name: str, password: str) -> bool:
        """Return whether the password is that of the name, in the same time for unknown names."""
        if len(name) > _LONGEST or len(password) > _LONGEST:
            return False
        secret = f"{name}\0{password}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, secret, hashlib.sha256).digest()
        now = time.monotonic()
        with self._lock:
            if self._good.get(digest, 0.0) > now:
                return True
        hashed = self._users.get(name)
        good = check_password_hash(hashed or self._nobody, password) and hashed is not None
        if good:
            with self._lock:
                if len(self._good) >= _KEPT:
                    self._good.clear()
                self._good[digest] = now + _KEPT_SECONDS
        return good


def install(app: Flask, config: WebConfig) -> None:
    """Let nobody in but those whom `config` names; without any, everybody."""
    if not (config.users or config.auth_header):
        return
    gate = _Gate(config)

    @app.before_request
    def let_in() -> Response | None:
        if request.path == _OPEN:
            return None
        if config.auth_header and request.headers.get(config.auth_header, "").strip():
            return None
        if config.users:
            given = request.authorization
            if (
                given is not None
                and given.type == "basic"
                and gate.knows(given.username or "", given.password or "")
            ):
                return None
            refused = answer_problem(401, gettext("This archive asks for a name and a password."))
            refused.headers["WWW-Authenticate"] = 'Basic realm="Broadsheet", charset="UTF-8"'
            return refused
        return answer_problem(
            403, gettext("This archive is read through its own front door only.")
        )
