"""When something goes wrong: one page for people, problem details (RFC 9457) for programs.

Only messages that a reader can act on are shown. What names a path of the server, or was not
foreseen, goes to the log under the request's id, and the answer says no more than that.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

import orjson
from flask import Flask, Response, g, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, SecurityError

from corpus.core.errors import BadRequestError, BroadsheetError, IndexBrokenError, UnavailableError
from web.site import site

_log = logging.getLogger("broadsheet.web")


def is_api() -> bool:
    """Return whether a program asks, which gets problem details."""
    if request.path.startswith(("/api/", "/feed.", "/export.", "/readyz", "/metrics")):
        return request.path != "/api/"
    return request.accept_mimetypes.best == "application/json"


def answer_problem(
    status: int, detail: str, headers: dict[str, str] | None = None, page: str = "problem.html"
) -> Response:
    """Return a problem in the form that the client takes; `page` is the template for people."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    if is_api():
        problem = {
            "type": "about:blank", "title": title, "status": status, "detail": detail,
            "instance": request.path, "request_id": g.get("request_id", ""),
        }  # fmt: skip
        response = Response(orjson.dumps(problem), status, mimetype="application/problem+json")
    else:
        shown = render_template(page, status=status, detail=detail)
        response = Response(shown, status, mimetype="text/html")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def _bad_request(error: BroadsheetError) -> Response:
    return answer_problem(400, str(error))


def _broken(error: BroadsheetError) -> Response:
    # Its message names the folder: that is for the log, and for who runs the server.
    _log.error("the index cannot be used: %s", error)
    state = site().status().state
    if state == "empty":
        detail = gettext("The archive is empty. On the server, “broadsheet index FOLDER” fills it.")
    elif state == "building":
        detail = gettext("The archive is being built. Try again in a minute.")
    elif "broadsheet repair" not in str(error):
        detail = gettext(
            "The index cannot be read just now. On the server, “broadsheet check” says why."
        )
    else:
        detail = gettext(
            "The index cannot be read just now. On the server, “broadsheet check” says what is "
            "wrong with it, and “broadsheet repair” rebuilds it."
        )
    return answer_problem(503, detail, {"Retry-After": "30"})


def _unavailable(error: BroadsheetError) -> Response:
    _log.error("the engine is not available: %s", error)
    detail = gettext("The search engine cannot be reached just now. Try again in a minute.")
    return answer_problem(503, detail, {"Retry-After": "30"})


def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400 and isinstance(error.get_response(), Response):
        return Response(error.get_response().get_data(), status, dict(error.get_headers()))
    details = {
        400: gettext("The request cannot be understood as it is."),
        404: gettext("There is nothing at this address."),
        405: gettext("This address cannot be asked in that way."),
        413: gettext("The request is too large."),
        429: gettext("Too many requests from this address. Wait a minute, then go on."),
    }
    detail = error.description if isinstance(error, _Spoken) else None
    if isinstance(error, SecurityError):
        detail = gettext(
            "This server is not known by that host name. Whoever runs it can add it with "
            "--hostname."
        )
    headers = {
        name: value
        for name, value in error.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate", "Location")
    }
    if status in (429, 503):
        headers.setdefault("Retry-After", "60")
    return answer_problem(status, detail or details.get(status, error.name), headers)


class _Spoken(HTTPException):
    """An error of ours, whose description is meant for readers."""


class Missing(_Spoken):
    """There is no article, facet or page of this name."""

    code = 404


class Busy(_Spoken):
    """All turns of long work are taken."""

    code = 503


class Refused(_Spoken):
    """The reader may not have, or do, that."""

    code = 403


def _unforeseen(error: Exception) -> Response:
    _log.exception("unforeseen: %s", type(error).__name__)
    detail = gettext(
        "Something went wrong on the server. It was written down as request %(id)s.",
        id=g.get("request_id", "-"),
    )
    return answer_problem(500, detail)


def install(app: Flask) -> None:
    """Answer every error of an application as a problem."""
    app.register_error_handler(BadRequestError, _bad_request)
    app.register_error_handler(IndexBrokenError, _broken)
    app.register_error_handler(UnavailableError, _unavailable)
    app.register_error_handler(BroadsheetError, _unavailable)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _unforeseen)
