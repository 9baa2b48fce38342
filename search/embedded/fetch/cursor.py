"""Cursors: opaque text that says after which article the next page begins.

A cursor holds the generation that answered, by its identity, what was asked (`Request.order_key`),
and the last article's place in the order: its row of `search.embedded.collect.ranking`, without the
place in a segment.
The engine keeps the last generations open, so paging goes on in the one it began in; when that is
gone, the same place in the order of the newest one is taken, so that no article is shown twice
under orders by date.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.core.errors import BadRequestError

_FORM = struct.Struct("<BBIQqqqB")
_VERSION = 3
_URL = bytes.maketrans(b"+/", b"-_")


class PagingCursor(NamedTuple):
    """The last article of a page.

    `stage` is 0 among the articles whose words' distances were looked at, 1 behind them, 2 and 3
    the same among the partial ones that follow. `key`, `date` and `id` are the columns of its row.
    """

    mode: int
    edition: int
    stage: int
    key: int
    date: int
    id: int

    def row(self) -> npt.NDArray[np.int64]:
        """Return the row below which the next page lies, int64[4], read-only."""
        row = np.array([self.key, self.date, self.id, 0], np.int64)
        row.setflags(write=False)
        return row

    def encoded(self, order_key: int) -> str:
        """Return a cursor of a search (`Request.order_key`) as text that is safe in a URL."""
        packed = _FORM.pack(
            _VERSION, self.mode, order_key, self.edition, self.key, self.date, self.id, self.stage
        )
        return binascii.b2a_base64(packed, newline=False).translate(_URL, b"=").decode()

    @classmethod
    def decode(cls, text: str, mode: int, order_key: int) -> PagingCursor:
        """Return the cursor of a text; raises BadRequestError when it is none of this search."""
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            version, *found, edition, key, date, id_, stage = _FORM.unpack(packed)
        except (binascii.Error, struct.error, ValueError):
            version, found = 0, []
        if version != _VERSION or found != [mode, order_key] or not 0 <= stage <= 3:
            raise BadRequestError(
                "This cursor is not one of this search: start again without 'after'."
            )
        return cls(mode, edition, stage, key, date, id_)
