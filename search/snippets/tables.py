"""The kernel that looks for the words of a query in the text of hits.

It finds the same chunks as `indexer.analysis.analyser` (by its kernel's own functions) and passes
over all that cannot match, so that Python sees a few of a hundred words: those whose first three
folded bytes occur in the query, and those with a joining sign (``l'économie``, ``U.S.``), which may
be several words. Ten Reuters articles take 0.05 ms; tokenising them in Python takes 2 ms.

The filter rests on stems beginning as their words do, which Snowball keeps to in most languages
(measured on 70,000 words); texts of the others, `LOOSE`, are let through whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.analysis.characters import TABLE_SIZE, character_tables
from search.snippets.text_search import FILTER_SIZE, allow, find_candidates

__all__ = ["FILTER_SIZE", "LOOSE", "candidates", "let_through"]

LOOSE = frozenset(("ar", "de", "fi", "ga", "id", "ko", "nl", "tr"))
"""Languages whose stemmers change the beginnings of words: *Aerosol* has the stem ``arosol``; and
Korean, whose words are pairs of syllables."""


def let_through(wanted: npt.NDArray[np.uint8], beginning: str) -> None:
    """Let the kernel report the words that begin as `beginning` does, or share its stem.

    Of more than three bytes the first three count, else the first two: the stem of *dying* is
    *die*. `wanted`: uint8[FILTER_SIZE].
    """
    allow(wanted, np.frombuffer(beginning.encode("utf-8", "replace"), np.uint8))


def candidates(
    texts: Sequence[str], languages: Sequence[str], wanted: npt.NDArray[np.uint8]
) -> list[list[int]]:
    """Return (text, position, start, end) of every chunk that may match, in order.

    `wanted`: uint8[FILTER_SIZE], see `let_through`. Positions count chunks from 0 in each text,
    with a gap at U+001E; start and end are code points of the text.
    """
    whole = "".join(texts)
    if whole.isascii():
        encoded = whole.encode()
        sizes = list(map(len, texts))
        tables = character_tables(128)
    else:
        pieces = [text.encode("utf-8", "replace") for text in texts]
        encoded = b"".join(pieces)
        sizes = list(map(len, pieces))
        tables = character_tables(TABLE_SIZE)
    ends = np.cumsum(sizes, dtype=np.int64)
    loose = np.array([language in LOOSE for language in languages], np.uint8)
    out = np.empty((len(encoded) + 1, 4), np.int32)
    count = find_candidates(np.frombuffer(encoded, np.uint8), ends, loose, wanted, *tables, out)
    found: list[list[int]] = out[:count].tolist()
    return found
