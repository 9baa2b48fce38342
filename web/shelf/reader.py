"""Whose shelf a request is about, and that the request is the reader's own.

With names the shelf is the person's. Without, there is one reader, who is at this machine: what
came through a proxy, or from elsewhere, has no shelf. Pages send forms with a token (Flask-WTF)
that is bound to a cookie; programs send JSON, which no page of another site can without being asked
first, and whatever says that it comes from another site is refused.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect

from corpus.core.errors import BadRequestError
from web.security.problems import Missing, Refused
from web.shelf.database import Shelf, ShelfError
from web.site import site

ONE_READER = "reader"
"""The name under which the shelf of a machine's only reader is kept."""

_LONGEST = 200
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def install(app: Flask) -> None:
    """Give an application the means to sign forms; nothing else of it has a session."""
    app.session_interface = _Sessions()
    # What a token is bound to ends with the browser's session, not an hour after it was shown.
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, SESSION_COOKIE_NAME="shelf",
        SESSION_COOKIE_SAMESITE="Lax",
    )  # fmt: skip
    CSRFProtect(app)


class _Sessions(SecureCookieSessionInterface):
    """A session for the pages of the shelf, signed by a secret that is kept in it."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the session of a page of the shelf."""
        folder = site(app).config.shelf
        if folder is None or not request.path.startswith("/shelf"):
            return None
        if not app.secret_key:
            try:
                app.secret_key = Shelf(folder).secret()
            except ShelfError:
                return None  # the page will say so
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Keep the cookie to https where the site is reached by it."""
        return request.is_secure


def shelf() -> Shelf:
    """Return the shelf of the site. Raises Missing where it has none."""
    folder = site().config.shelf
    if folder is None:
        raise Missing(
            gettext(
                "This site keeps nothing for its readers: that takes names (broadsheet serve "
                "--users), or a server that only this machine reaches."
            )
        )
    return Shelf(folder)


def reader() -> str:
    """Return the name of the reader whose shelf it is. Raises Missing and Refused."""
    shelf()
    config = site().config
    if config.users or config.auth_header:
        name: str = g.reader
        if len(name) > _LONGEST:
            raise Refused(gettext("Your name is too long to keep a shelf under."))
        return name
    if not _is_here():
        raise Refused(gettext("Without names, the shelf is for the reader at this machine only."))
    return ONE_READER


def _is_here() -> bool:
    """Whether a request comes from this machine itself, and through no proxy."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def check_form() -> None:
    """Refuse a form that none of our pages sent. Raises Refused."""
    checker: CSRFProtect = current_app.extensions["csrf"]
    try:
        checker.protect()
    except CSRFError:
        raise Refused(
            gettext(
                "This form was opened in another session, so it was not taken. Copy what you "
                "wrote, open the page again and send it from there."
            )
        ) from None


def check_json() -> None:
    """Refuse a change that another site's page may have sent. Raises Refused, BadRequestError."""
    origin = request.headers.get("Origin", "")
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    if elsewhere or (origin and urlsplit(origin).netloc != request.host):
        raise Refused("A page of another site may not change a shelf.")
    # Nothing but a POST can be sent by a form, or by a script without being asked for first.
    if request.method == "POST" and request.mimetype != "application/json":
        raise BadRequestError("Send JSON, with Content-Type: application/json.")
