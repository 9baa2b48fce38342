"""Why an alert has not arrived: raised where it is sent, kept, told in the reader's language."""

from __future__ import annotations

import orjson
from flask_babel import gettext

from corpus.core.errors import BroadsheetError

_LONGEST = 300


class Undelivered(BroadsheetError):
    """Why an alert has not arrived: a message that pages translate, and what fills it."""

    def __init__(self, message: str, **filled: str) -> None:
        super().__init__(message % filled)
        self.message = message
        self.filled = filled


def kept(error: Exception) -> str:
    """Return a reason in the form that is kept; of an error not foreseen its own words."""
    if not isinstance(error, Undelivered):
        return str(error)[:_LONGEST]
    filled = {name: value[:_LONGEST] for name, value in error.filled.items()}
    return orjson.dumps([error.message, filled]).decode()


def reason_label(reason: str) -> str:
    """Return a reason that was kept in the language of the page."""
    try:
        message, filled = orjson.loads(reason)
    except ValueError:
        return reason
    return str(gettext(message, **filled))
