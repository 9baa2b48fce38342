"""Cursors: opaque text that says where the next page begins.

A cursor holds what was asked, the sort values of the last hit, and from its first use on a point in
time, so that pages neither repeat nor skip articles while the archive changes. With clusters folded
the cluster allows no ``search_after``; such a cursor counts the hits that were shown, within the
same point in time.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import orjson

from corpus.core.errors import BadRequestError


class SearchAfterCursor(NamedTuple):
    """A point in time or "", and the last hit's sort values or the number of hits shown."""

    pit: str = ""
    after: tuple[Any, ...] = ()
    offset: int = 0


def encode(cursor: SearchAfterCursor, order_key: int) -> str:
    """Return a cursor of a search (`Request.order_key`) as text that is safe in a URL."""
    packed = orjson.dumps([2, order_key, cursor.pit, list(cursor.after), cursor.offset])
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode(text: str, order_key: int) -> SearchAfterCursor:
    """Return the cursor of a text; raises BadRequestError when it is none of this search."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, key, pit, after, offset = orjson.loads(packed)
        good = (version, key) == (2, order_key) and isinstance(pit, str)
        good = good and isinstance(offset, int) and offset >= 0
        if good and all(value is None or isinstance(value, (int, float, str)) for value in after):
            return SearchAfterCursor(pit, tuple(after), offset)
    except (binascii.Error, ValueError, TypeError):
        pass
    raise BadRequestError("This cursor is not one of this search: start again without 'after'.")
