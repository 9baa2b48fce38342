"""What is to be said of a request's dates, which are read with some freedom.

The query's own notes are the parser's (`search.query.parse`); these are on ``from`` and ``to``.
"""

from __future__ import annotations

from datetime import datetime

from search.answer import Note
from search.request import Request


def notes_on(request: Request, now: datetime, timezone: str) -> tuple[Note, ...]:
    """Return the notes on how the dates of a request were read; `timezone` is an IANA name."""
    if not (request.since or request.until):
        return ()
    from search.dates.calendar import clock
    from search.dates.parsing import REVERSED, day_first, reversed_dates

    notes = [
        Note("day-first", message, text)
        for text in (request.since, request.until)
        if (message := day_first(text))
    ]
    both = f"{request.since.strip()}..{request.until.strip()}"
    if request.since and request.until and reversed_dates(both, clock(now, timezone)):
        notes.append(Note("reversed-dates", REVERSED, f"{request.since} – {request.until}"))
    return tuple(notes)
