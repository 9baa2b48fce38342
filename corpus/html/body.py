"""Decide what the article's text is.

The blocks of the page are described (`features`), a model gives each its chance to be text
(`model`), and the set that promises the best F1 is taken (`choice`). What surrounds the text in its
element, or belongs to the page and not to the article, is taken off by rules (`boilerplate`), so
that captions, credits and related headlines become fields of their own. The
`articleBody` that some publishers put into their structured data takes the text's place where the
page shows the beginning only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.core.errors import UnreadableError
from corpus.html.agreement import coverage, shingles
from corpus.html.blocks import Block, Flat
from corpus.html.boilerplate import select
from corpus.html.choice import chosen, filled
from corpus.html.container import article_region
from corpus.html.declared import Declared, unescaped
from corpus.html.features import FEATURES, features, heading_position
from corpus.html.flatten import flatten
from corpus.html.model import model
from corpus.html.page_state import state_text
from corpus.html.phrases import is_boilerplate
from corpus.html.prose import size
from corpus.html.tree import parse_tree
from corpus.text.text import clean, paragraphs

_MARKUP = re.compile(r"</?(?:p|br|div|a|strong|em|h\d|ul|li)\b[^<>]{0,500}>", re.IGNORECASE)

_ABOVE_HEADLINE, _BELOW_HEADLINE, _LONGEST_LINE = 4, 10, 120
_FEWEST_CELLS = 4
_OF_TABLES = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot", "caption", "table", "figure"))
_LINKED = 0.3
_OF_OTHERS = frozenset(("comments", "hidden", "related", "share"))

STUB = 1500
"""Characters of a text: where a page shows fewer, the state of its scripts may have the rest."""

SAID_MORE = 1.6
"""The structured data's text is taken when it is longer than ours by this factor."""

CUT_OFF = 1.15
"""The same when it also has nearly all of ours: then the page shows only the beginning."""


@dataclass(frozen=True, slots=True)
class Body:
    """An article's text by paragraph, where it came from, and what was found around it."""

    paragraphs: tuple[str, ...] = ()
    where: str = ""
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A page's blocks: the chance of each to be text, which are taken, where the headline is.

    `heading` is -1 for a page that does not show it, `said` the publisher's own text in its
    structured data.
    """

    flat: Flat
    chance: NDArray[np.float64]
    taken: NDArray[np.bool_]
    words: NDArray[np.float64]
    heading: int
    said: tuple[str, ...] = ()

    def near_headline(self) -> tuple[str, ...]:
        """Return the short lines under the headline, then those right above it."""
        if self.heading < 0:
            return ()
        chosen = np.flatnonzero(self.taken)
        end = int(chosen[-1]) if len(chosen) else len(self.flat.blocks)
        end = min(end, self.heading + _BELOW_HEADLINE)  # what follows a short text is not at it
        below = self.flat.blocks[self.heading + 1 : end + 1]
        above = self.flat.blocks[max(0, self.heading - _ABOVE_HEADLINE) : self.heading]
        return tuple(
            block.text
            for block in (*below, *reversed(above))
            if len(block.text) <= _LONGEST_LINE
            and block.kind != "h"
            and all(self.flat.marks[mark].kind not in _OF_OTHERS for mark in block.marks)
        )


def score(page: Declared, *, title: str = "") -> Scored:
    """Return the blocks of a page with their chances to be the text of the article `title`."""
    flat = flatten(page.root)
    description = page.said("description") or page.meta("og:description", "description")
    said = said_text(page)
    rows = features(flat, title=title, description=description, said=said)
    return scored(flat, model("text", FEATURES).probabilities(rows), title=title, said=said)


def scored(
    flat: Flat, chance: NDArray[np.float64], *, title: str = "", said: tuple[str, ...] = ()
) -> Scored:
    """Return blocks with these chances, 0 to 1, and those taken that promise the best F1."""
    words = np.array([block.text.count(" ") + 1.0 for block in flat.blocks])
    prose = np.array([float(block.prose) for block in flat.blocks])
    taken = chosen(chance, words, prose > 0)
    if taken.any():
        taken = filled(chance, taken, prose, _alike(flat))
        tables = _tables(flat, taken, prose)
        taken, chance = taken | tables, np.where(tables, 1.0, chance)
    return Scored(flat, chance, taken, words, heading_position(flat.blocks, title), said)


def _alike(flat: Flat) -> NDArray[np.intp]:
    """Return a number for each block, equal in one holder and in those of one name: entries."""
    ids: dict[tuple[str, str, str] | int, int] = {}
    known: dict[int, int] = {}
    nodes, holders = flat.nodes, [block.holder for block in flat.blocks]
    for number in dict.fromkeys(holders):
        holder = nodes[number]
        kind = (holder.tag, holder.names, nodes[max(0, holder.parent)].names)
        known[number] = ids.setdefault(kind if holder.names else number, len(ids))
    return np.array([known[number] for number in holders])


def _tables(flat: Flat, taken: NDArray[np.bool_], prose: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the cells of tables without links between two paragraphs of the text, and of those
    with figures behind the last one."""
    found = np.zeros(len(taken), bool)
    chosen = np.flatnonzero(taken & (prose > 0)).tolist()
    plain = [
        (block.kind == "cell" or block.tag == "caption") and block.link_density < _LINKED
        for block in flat.blocks
    ]
    for before, after in pairwise(chosen):
        if flat.blocks[before].holder == flat.blocks[after].holder and all(
            plain[before + 1 : after]
        ):
            found[before + 1 : after] = True
    if chosen:
        end = last = chosen[-1] + 1
        holder = flat.blocks[last - 1].holder
        while end < len(plain) and plain[end] and _table_lies_in(flat, end, holder):
            end += 1
        figures = sum(any(map(str.isdigit, block.text)) for block in flat.blocks[last:end])
        found[last:end] = end - last >= _FEWEST_CELLS and 4 * figures >= end - last
    return found


def _table_lies_in(flat: Flat, block: int, holder: int) -> bool:
    """Whether the table of a cell lies beside the paragraphs that an element holds."""
    node = flat.blocks[block].holder
    while flat.nodes[node].tag in _OF_TABLES and flat.nodes[node].parent >= 0:
        node = flat.nodes[node].parent
    return node == holder


def text_of(page: Declared, blocks: Scored, *, title: str = "", lead: str = "") -> Body:
    """Return the body of a page; an empty one when it has no text of an article.

    `title` and `lead` are what the page's metadata say.
    """
    own = _own_text(blocks, title=title, lead=lead)
    if _size(own.paragraphs) < STUB:
        return _longer(own, state_text(page.root, title), "page state")
    return own


def _own_text(blocks: Scored, *, title: str, lead: str) -> Body:
    """Return the body that the page shows, or its structured data has."""
    flat, said = blocks.flat, blocks.said
    if not blocks.taken.any():
        return Body(said, "schema.org") if said else Body()
    region = article_region(flat, blocks.chance, blocks.taken, blocks.words, heading=blocks.heading)
    kept = select(flat, region, title=title, lead=lead)
    texts = tuple(_lines(flat, kept.blocks))
    own = Body(texts, "page", kept.captions, kept.credits, kept.related, kept.above, kept.below)
    return _longer(own, said, "schema.org")


def _longer(own: Body, said: tuple[str, ...], where: str) -> Body:
    """Return the text that was found elsewhere instead of what the page shows, if it has more."""
    texts = own.paragraphs
    own_size, said_size = _size(texts), _size(said)
    if said_size > max(SAID_MORE * own_size, 400) or (
        said_size > CUT_OFF * own_size
        and _size(text for text in texts if coverage(text, shingles((" ".join(said),))) > 0.6)
        > 0.8 * own_size
    ):
        return replace(own, paragraphs=said, where=where)
    return own


def _lines(flat: Flat, blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the text of each block, short cells of a row of a table as one line."""
    for row, group in groupby(blocks, lambda block: _row_of(flat, block)):
        inside = list(group)
        texts = [text for block in inside if (text := clean(block.text))]
        cells = {block.node for block in inside}
        longest = max(map(len, texts), default=0)
        of_data = row >= 0 and len(cells) == len(inside) and longest <= _LONGEST_LINE
        yield from [" | ".join(texts)] if of_data else texts


def _row_of(flat: Flat, block: Block) -> int:
    """Return the number of the row of a table that a cell is in, -1 for what is no cell."""
    cell = flat.nodes[block.node]
    is_cell = cell.tag in ("td", "th") and flat.nodes[cell.parent].tag == "tr"
    return cell.parent if is_cell else -1


def _size(texts: Iterable[str]) -> int:
    return sum(map(size, texts))


def said_text(page: Declared) -> tuple[str, ...]:
    """Return the structured data's articleBody as paragraphs, () when there is none."""
    value = page.value("articleBody")
    if not isinstance(value, str) or len(value) < 100:
        return ()
    if "&lt;" in value:
        value = unescaped(value)
    if _MARKUP.search(value):
        try:
            return _without_furniture(block.text for block in flatten(parse_tree(value)).blocks)
        except UnreadableError:
            return ()
    return _without_furniture(paragraphs(unescaped(value)))


def _without_furniture(texts: Iterable[str]) -> tuple[str, ...]:
    cleaned = (clean(text) for text in texts)
    return tuple(t for t in cleaned if t and not is_boilerplate(t))
