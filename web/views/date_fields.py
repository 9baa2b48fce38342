"""The two fields for dates beside a result: what was typed in them, and what could not be read.

A date that cannot be read spoils no page: the result is shown without it, and the field keeps what
was typed and says what may be written there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from flask_babel import gettext

from corpus.core.errors import BadRequestError
from search.answer import Status
from search.dates.parsing import bounds
from search.request import Request
from web.i18n.wording import language

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateField:
    """A field: `text` as typed, `day` where that is one, `example` and the bounds of the archive.

    `problem` says what to write where `text` is no date, and is "" otherwise.
    """

    name: str
    label: str
    text: str
    day: str
    example: str
    least: str
    most: str
    problem: str


def readable(request: Request, status: Status) -> tuple[Request, tuple[DateField, DateField]]:
    """Return a request without the dates that cannot be read, and its two fields."""
    now = datetime.now(UTC)
    least, most = [(each or now).date().isoformat() for each in (status.first, status.last)]
    found = []
    for name, label, text, near in zip(
        ("from", "to"), _labels(language()), (request.since, request.until), (least, most),
        strict=True,
    ):  # fmt: skip
        problem = ""
        try:
            if text:
                bounds(text, "", now=now, timezone=status.timezone)
        except BadRequestError:
            problem = gettext(
                "This is not a date, so it was left out. Write 2017, 2017-01, 2017-01-30 or “last "
                "week”."
            )
        found.append(
            DateField(
                name=name,
                label=label,
                text=text,
                day=_day(text),
                example=near[:-3],
                least=least,
                most=most,
                problem=problem,
            )
        )
    since, until = found
    if since.problem or until.problem:
        request = replace(
            request,
            since="" if since.problem else request.since,
            until="" if until.problem else request.until,
        )
    return request, (since, until)


@lru_cache(maxsize=16)
def _labels(code: str) -> tuple[str, str]:
    """Return what the fields are called in the language of the page, which is `code`."""
    return gettext("from"), gettext("to")


def _day(text: str) -> str:
    """Return a text that names one day of the calendar, else ""."""
    if _DAY.fullmatch(text) is None:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
