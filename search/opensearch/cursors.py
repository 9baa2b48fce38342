"""Cursors: opaque text that says where the next page begins.

A cursor holds the sort values of the last hit, and from its first use on a point in time, so that
pages neither repeat nor skip articles while the archive changes. With clusters folded the cluster
allows no ``search_after``; such a cursor counts the hits that were shown, within the same point in
time.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from corpus.errors import BadRequestError

__all__ = ["Cursor", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A point in time or "", and the last hit's sort values or the number of hits shown."""

    pit: str = ""
    after: tuple[Any, ...] = ()
    offset: int = 0


def encode(cursor: Cursor) -> str:
    """Return a cursor as text that is safe in a URL."""
    packed = orjson.dumps([1, cursor.pit, list(cursor.after), cursor.offset])
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode(text: str) -> Cursor:
    """Return the cursor that a text holds; raises BadRequestError for any other text."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, pit, after, offset = orjson.loads(packed)
        good = version == 1 and isinstance(pit, str) and isinstance(offset, int) and offset >= 0
        if good and all(value is None or isinstance(value, (int, float, str)) for value in after):
            return Cursor(pit, tuple(after), offset)
    except (binascii.Error, ValueError, TypeError):
        pass
    raise BadRequestError("This cursor is not one of this archive: start again without 'after'.")
