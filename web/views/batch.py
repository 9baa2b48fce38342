"""Lists of queries, pasted or uploaded, counted at once: a page and a path of the API.

Nothing of a list is kept: it comes by POST, and what is to be downloaded is counted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, request
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from corpus.core.errors import BadRequestError
from corpus.text.text import decode
from search.batch.batch import (
    LATE,
    MISSING,
    UNCLOSED,
    WRITERS,
    NoTextError,
    QueryLine,
    Row,
    count_lines,
    read_lines,
    row_to_json,
    years_of,
)
from search.exports.exports import BOM, FORMATS
from search.request import Request
from web.addresses import Addresses, read_request, site_root
from web.api.api import answered
from web.api.api import blueprint as api
from web.api.parameters import arguments, whole_number
from web.i18n.wording import bad_request, number
from web.security.turns import one_turn
from web.site import site
from web.templating import rendered
from web.views.date_fields import readable
from web.views.notes import note_text
from web.views.results import filter_chips, hidden_pairs

blueprint = Blueprint("batch", __name__)

_SECONDS = 20.0
"""Time for one list; lines that are left then say so."""

_ERRORS = {
    MISSING: lazy_gettext("There is no query on this line."),
    UNCLOSED: lazy_gettext("A quotation mark is not closed here."),
    LATE: lazy_gettext("The time for one list was up: send this line and those after it again."),
}

_SHOWN = 1_000
"""Rows of the page; the files have all."""


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as it is shown; `said` is its error or its note."""

    line: int
    query: str
    url: str
    count: str
    first: str
    last: str
    years: tuple[str, ...]
    said: str
    failed: bool


@api.post("/api/v1/count")
def count() -> Response:
    """Count a list of queries."""
    queries = arguments().getlist("queries")
    lines = [
        QueryLine(number_, " ".join(query.split()), "" if query.strip() else MISSING)
        for number_, query in enumerate(queries, 1)
    ]
    base = read_request(arguments(), site().config)
    by_year = whole_number("by_year") == 1
    rows = _counted(lines, base, phrases=whole_number("phrases") == 1, by_year=by_year)
    root = site_root()
    return answered({"rows": [row_to_json(row, root) for row in rows]})


def _counted(
    lines: Sequence[QueryLine], base: Request, *, phrases: bool, by_year: bool
) -> list[Row]:
    """Return the rows of a list; raises BadRequestError where it is too long."""
    most = site().config.max_queries
    if len(lines) > most:
        raise bad_request(
            "The list has %(count)s queries; %(most)s are counted at once: send it in parts.",
            count=number(len(lines)),
            most=number(most),
        )
    with one_turn():
        return list(
            count_lines(
                site().engine, lines, base, phrases=phrases, by_year=by_year, seconds=_SECONDS
            )
        )


@blueprint.get("/count")
def ask() -> Response:
    """Answer with the form for a list of queries."""
    return _page(MultiDict(request.args), "", None, "")


@blueprint.post("/count")
def answer() -> Response:
    """Answer with a list counted, as a page or as a file."""
    given = MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
    upload = request.files.get("file")
    content, name = given.get("list", "").encode("utf-8", "replace"), given.get("name", "")[:200]
    if upload is not None and upload.filename:
        content, name = upload.stream.read(), upload.filename[:200]
    asked, _ = readable(read_request(given, site().config), site().status())
    by_year = given.get("by_year") == "1"
    try:
        lines = read_lines(content, name)
        rows = _counted(lines, asked, phrases=given.get("phrases") == "1", by_year=by_year)
    except NoTextError:
        told = gettext("This file is no text: send one query a line, or CSV with a column of them.")
        return _page(given, "", None, name, told)
    except BadRequestError as error:
        return _page(given, decode(content), None, name, str(error))
    form = given.get("as", "")
    if form not in WRITERS:
        return _page(given, decode(content), rows, name)
    root = site_root()
    text = "".join(WRITERS[form](rows, root))
    mark = BOM if form == "csv" and given.get("bom") == "1" else ""
    response = Response((mark + text).encode("utf-8", "replace"), mimetype=FORMATS[form])
    called = f"counts-{site().today().isoformat()}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{called}"'
    return response


def _page(
    given: MultiDict[str, str], text: str, rows: list[Row] | None, name: str, problem: str = ""
) -> Response:
    asked, dates = readable(read_request(given, site().config), site().status())
    years = years_of(rows or ()) if given.get("by_year") == "1" else []
    addresses = Addresses(replace(asked, text=""), request.script_root)
    return rendered(
        "count.html",
        400 if problem else 200,
        rows=None if rows is None else [_view(row, years) for row in rows[:_SHOWN]],
        total=len(rows or ()), left=max(len(rows or ()) - _SHOWN, 0), years=years, text=text,
        name=name, dates=dates, chips=filter_chips(asked, addresses), problem=problem,
        failed=sum(bool(row.error) for row in rows or ()),
        late=any(row.error == LATE for row in rows or ()),
        phrases=given.get("phrases") == "1", by_year=given.get("by_year") == "1",
        most=number(site().config.max_queries),
        hidden=[
            pair for pair in hidden_pairs(asked) if pair[0] not in ("from", "to", "q", "match")
        ],
        any_word=asked.match == "any",
    )  # fmt: skip


def _view(row: Row, years: Sequence[str]) -> RowView:
    counts = dict(row.years)
    url = Addresses(row.request, request.script_root).search() if not row.error else ""
    by_year = tuple("" if row.count is None else number(counts.get(year, 0)) for year in years)
    count_ = "" if row.count is None else number(row.count)
    return RowView(
        row.line, row.query, url, count_, row.first, row.last, by_year, _said(row), bool(row.error)
    )


def _said(row: Row) -> str:
    """Return what is to be said of a row, in the reader's language."""
    if row.error:
        return str(_ERRORS.get(row.error, row.error))
    return " ".join(map(note_text, row.notes))
