"""Who may read: an archive with nothing set is open, else nothing is readable without a name.

Two ways, both optional. HTTP Basic (RFC 7617) against a file of ``name:hash`` lines, which
`broadsheet password` writes: scrypt hashes, salted, by werkzeug. Or the name of a header in which a
reverse proxy passes on whom it let in. Only ``/healthz`` answers without either, and says nothing
but that the process lives; and the question that a browser asks before it lets a script of another
origin send a name and a password (a preflight), which says no more than `WebConfig.cors`.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import secrets
import stat
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from unicodedata import normalize

from flask import Flask, Response, g, request
from flask_babel import gettext
from werkzeug.security import check_password_hash, generate_password_hash

from corpus.core.errors import BroadsheetError
from web.config import WebConfig
from web.security.problems import answer_problem

_log = logging.getLogger("broadsheet.web")

_OPEN = "/healthz"
_KEPT_SECONDS = 300.0
_KEPT = 1000
_LONGEST = 1024
_LOOK_SECONDS = 1.0

FAILURES = 10
"""Wrong passwords from one address within `FAILURE_SECONDS`, after which none is checked."""

FAILURE_SECONDS = 60.0
_ADDRESSES = 10_000

CHECKS = 2
"""Passwords that are checked at a time; each takes a processor for 50 ms, and 16 MB."""

_CHECK_SECONDS = 0.5
"""How long one waits for its turn."""


def hash_password(password: str) -> str:
    """Return the salted scrypt hash of a password, fit for one line of a users file.

    Names and passwords are taken composed (NFC, RFC 8265), as most browsers send them.
    """
    return generate_password_hash(normalize("NFC", password), method="scrypt")


def read_users(path: Path) -> dict[str, str]:
    """Read a file of ``name:hash`` lines; empty lines and those that begin with # are skipped.

    Raises BroadsheetError, naming the line, where it has none of the two forms, and when others
    than its owner may write to it.
    """
    try:
        if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise BroadsheetError(
                f"Others may write to the users file {path}, and let themselves in: run"
                f" chmod go-w {path}."
            )
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, FileNotFoundError):
            raise BroadsheetError(f"The users file {path} does not exist.") from None
        raise BroadsheetError(f"The users file {path} cannot be read: {error}.") from None
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
        users[normalize("NFC", name)] = hashed
    if not users:
        raise BroadsheetError(
            f"The users file {path} names nobody: add a line with broadsheet password NAME."
        )
    return users


class _Users:
    """The users of a site; a file of them is read again when it has changed.

    A change that cannot be read is logged, and changes nothing.
    """

    def __init__(self, users: Mapping[str, str], path: Path | None) -> None:
        self._users = dict(users)
        self._path = path
        self._state = self._state_of()
        self._looked = time.monotonic()

    def current(self) -> dict[str, str]:
        """Return name to hash; the same object as long as nothing has changed."""
        now = time.monotonic()
        if self._path is not None and now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            state = self._state_of()
            if state != self._state:
                self._state = state
                try:
                    self._users = read_users(self._path)
                except BroadsheetError as error:
                    _log.error("%s Those who could read before still can.", error)
        return self._users

    def _state_of(self) -> tuple[int, ...]:
        try:
            found = self._path.stat() if self._path is not None else None
        except OSError:
            return (-1,)
        if found is None:
            return ()
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


class _Failures:
    """When each address was refused of late; those not heard of for longest are forgotten."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Return for how many seconds no password of an address is checked, 0 for none."""
        now = time.monotonic()
        with self._lock:
            times = self._of.get(address, deque())
            while times and times[0] <= now - FAILURE_SECONDS:
                times.popleft()
            return times[0] + FAILURE_SECONDS - now if len(times) >= FAILURES else 0.0

    def add(self, address: str) -> None:
        """Count a wrong password."""
        with self._lock:
            self._of.setdefault(address, deque(maxlen=FAILURES)).append(time.monotonic())
            self._of.move_to_end(address)
            while len(self._of) > _ADDRESSES:
                self._of.popitem(last=False)


class Gate:
    """Checks names and passwords; those found good are remembered until five minutes after use.

    A scrypt check takes some 50 ms on purpose, which is too much for every request of a page, and
    many at once would take all processors. So few are made at a time, none for an address that was
    wrong too often, and what is remembered is asked first: who is in already waits for nobody. It
    is a keyed digest that dies with the process, and with any change of the users.
    """

    def __init__(self, config: WebConfig) -> None:
        self._users = _Users(config.users, config.users_file)
        self._known = self._users.current()
        self._key = secrets.token_bytes(32)
        self._good: dict[bytes, float] = {}
        self._lock = threading.Lock()
        self._checks = threading.BoundedSemaphore(CHECKS)
        self._failures = _Failures()

    def client(self) -> str:
        """Return whose requests the current one is counted with: those of its address, and of a
        reader who is in already their own, so that strangers at one address use up none of them.
        """
        name, password = _given()
        return f"{address()} {name}" if self._is_proven(name, password) else address()

    def _is_proven(self, name: str, password: str) -> bool:
        """Whether a name came with its password of late."""
        if not name or len(name) > _LONGEST or len(password) > _LONGEST:
            return False
        digest = self._digest(name, password)
        users = self._users.current()
        with self._lock:
            if users is not self._known:
                self._known = users
                self._good.clear()
            now = time.monotonic()
            proven = self._good.get(digest, 0.0) > now
            if proven:
                self._good[digest] = now + _KEPT_SECONDS
        return proven

    def _digest(self, name: str, password: str) -> bytes:
        secret = f"{name}\0{password}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, secret, hashlib.sha256).digest()

    def refusal(self) -> Response | None:
        """Return the answer to someone who may not read, None for someone who may."""
        name, password = _given()
        if not name or len(name) > _LONGEST or len(password) > _LONGEST:
            return _asks()
        if self._is_proven(name, password):
            return None
        users = self._users.current()
        if wait := self._failures.wait(address()):
            return _waits(wait)
        if not self._checks.acquire(timeout=_CHECK_SECONDS):
            detail = gettext("Too many are signing in just now. Try again in a moment.")
            return _refusal(503, detail, {"Retry-After": "2"})
        try:
            if wait := self._failures.wait(address()):  # others were wrong since
                return _waits(wait)
            good = _is_right(users, name, password)
            if not good:
                self._failures.add(address())
        finally:
            self._checks.release()
        if not good:
            return _asks()
        with self._lock:
            if len(self._good) >= _KEPT:
                self._good.clear()
            self._good[self._digest(name, password)] = time.monotonic() + _KEPT_SECONDS
        return None


def _is_right(users: Mapping[str, str], name: str, password: str) -> bool:
    """Whether it is the password of a name; unknown names take as long as known ones."""
    hashed = users.get(name, next(iter(users.values())))
    try:
        return check_password_hash(hashed, password) and name in users
    except ValueError as error:
        _log.error("The hash of %r in the users file cannot be used: %s", name, error)
        return False


def address() -> str:
    """Return where the current request came from, "" where it is not known: an IPv4 address, or
    the network of 64 bits that one subscriber of IPv6 has at least."""
    return _network(request.remote_addr or "")


@lru_cache(maxsize=4096)
def _network(text: str) -> str:
    """Return what counts as one address; some proxies write a port behind it."""
    host = text[1:].partition("]")[0] if text[:1] == "[" else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return text
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def _given() -> tuple[str, str]:
    """Return the name and the password of the current request, empty without any."""
    given = request.authorization
    if given is None or given.type != "basic":
        return "", ""
    return normalize("NFC", given.username or ""), normalize("NFC", given.password or "")


def _waits(seconds: float) -> Response:
    detail = gettext("Too many wrong passwords. Wait a minute, then try again.")
    return _refusal(429, detail, {"Retry-After": str(math.ceil(seconds))})


def _asks() -> Response:
    detail = gettext("This archive asks for a name and a password.")
    return _refusal(401, detail, {"WWW-Authenticate": 'Basic realm="Broadsheet", charset="UTF-8"'})


def _refusal(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Answer someone who may read nothing: with a page that stands alone, for the style sheet and
    what else others link to is closed to him too."""
    return answer_problem(status, detail, headers, "closed.html")


def _is_preflight(config: WebConfig) -> bool:
    """Whether a browser asks if a script of another origin may send what it is about to."""
    return (
        bool(config.cors)
        and request.method == "OPTIONS"
        and request.blueprint == "api"
        and "Access-Control-Request-Method" in request.headers
    )


def install(app: Flask, config: WebConfig, gate: Gate | None) -> None:
    """Let nobody in but those whom `config` names; without any, everybody. There is a gate where
    there are users. Who was let in is `g.reader`."""
    if not (gate or config.auth_header):
        return

    @app.before_request
    def let_in() -> Response | None:
        if request.path == _OPEN or _is_preflight(config):
            return None
        if config.auth_header:
            g.reader = request.headers.get(config.auth_header, "").strip()
            if g.reader:
                return None
        if gate:
            g.reader, _ = _given()
            return gate.refusal()
        return _refusal(403, gettext("This archive is read through its own front door only."))
