"""What judges say of a page: its authors, and which blocks are its text.

A block is 1 for text, 0 for the rest, NaN where unknown.

A page with its whole text says it of every block, by the runs of four words that both have. One
with fragments says it only of the blocks that a fragment lies in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.html.blocks import Block
from html_quality.measures import normal
from html_quality.pages import JudgedPage

_WORD = re.compile(r"\w+")
_BY = re.compile(r"^\s*(?:by|von)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r",|;|&|\||\band\b|\bund\b")
_RUN = 4
_SHORTEST_FRAGMENT = 3
_SHORTEST_PART = 23


def names_of(value: str | Sequence[str]) -> set[str]:
    """Return the names in what judges noted, or a reader read, as author, for comparing."""
    whole = value if isinstance(value, str) else ", ".join(value)
    return {name for part in _BETWEEN.split(whole) if (name := normal(_BY.sub("", part.strip())))}


def labels(page: JudgedPage, blocks: Sequence[Block]) -> NDArray[np.float64]:
    """Return the share, 0 to 1, of each block that is text; NaN where the judges do not say."""
    if page.corpus == "wcxb":
        return by_text(page.truth.get("main_content") or "", [block.text for block in blocks])
    return by_fragments(
        page.truth.get("with", ()), page.truth.get("without", ()), [b.text for b in blocks]
    )


def by_text(true: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """Label blocks by the whole text of the article."""
    lines = {tuple(_WORD.findall(line)) for line in true.lower().splitlines()}
    words = _WORD.findall(true.lower())
    runs = set(zip(*(words[start:] for start in range(_RUN)), strict=False))
    whole = f" {' '.join(words)} "
    found = np.full(len(texts), np.nan)
    for number, text in enumerate(texts):
        own = _WORD.findall(text.lower())
        if not own:
            found[number] = 0
        elif tuple(own) in lines:
            found[number] = 1
        elif len(own) >= _RUN:
            covered = np.zeros(len(own), bool)
            for start in range(len(own) - _RUN + 1):
                if tuple(own[start : start + _RUN]) in runs:
                    covered[start : start + _RUN] = True
            found[number] = covered.mean()
        elif f" {' '.join(own)} " not in whole:
            found[number] = 0
    return _between(found)


def _between(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill in the blocks of one to three words that may be anywhere: text between text."""
    for number in np.flatnonzero(np.isnan(found)):
        before = next((v for v in found[:number][::-1] if not np.isnan(v)), 0.0)
        after = next((v for v in found[number + 1 :] if not np.isnan(v)), 0.0)
        found[number] = float(min(before, after) > 0.5)
    return found


def by_fragments(
    wanted: Sequence[str], unwanted: Sequence[str], texts: Sequence[str]
) -> NDArray[np.float64]:
    """Label blocks by pieces that belong to the text and pieces that do not."""
    found = np.full(len(texts), np.nan)
    pieces = [[f" {normal(f)} " for f in fragments] for fragments in (unwanted, wanted)]
    for number, text in enumerate(texts):
        key = f" {normal(text)} "
        hits = [
            any(
                len(piece) >= _SHORTEST_FRAGMENT + 2
                and (piece in key or (len(key) > _SHORTEST_PART + 2 and key in piece))
                for piece in side
            )
            for side in pieces
        ]
        if hits[0] != hits[1]:
            found[number] = float(hits[1])
    return found
