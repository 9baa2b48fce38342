"""Describe each block of a page by numbers: what the model chooses the article's text by.

A block is described by its own text, by the elements around it (how much of the page's prose is
in its parent, how much of that is links), by those named like it, by its place in the page's order
(distance to the headline, to the element with most prose) and by its neighbours. Nothing depends
on a site or a language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.html.block_places import (
    around,
    best,
    block_numbers,
    highest,
    marked,
    node_numbers,
    steps,
)
from corpus.html.block_texts import TEXT_FEATURES, text_features
from corpus.html.blocks import Block, Flat, normal

Floats = NDArray[np.float64]

_MARK_KINDS = (
    "comments", "nav", "ad", "share", "related", "newsletter", "promo", "widget", "consent",
    "overlay", "caption", "figure", "credit", "byline", "tags", "tools", "pullquote", "gallery",
    "player",
    "footer", "header", "aside", "form", "table", "details", "hidden", "footnote",
)  # fmt: skip
_MARK_NUMBERS = {kind: number for number, kind in enumerate(_MARK_KINDS)}
_AROUND = ("article", "main", "aside", "footer", "header", "section", "li", "td", "blockquote")
_AROUND_NUMBERS = {tag: number for number, tag in enumerate(_AROUND)}
_KIND_NUMBERS = {"p": 0, "h": 1, "li": 2, "quote": 3, "cell": 4, "pre": 5}
_TAGS = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "td", "span", "section", "article", "dd",
         "blockquote", "figcaption", "pre", "body")  # fmt: skip
_TAG_NUMBERS = {tag: number for number, tag in enumerate(_TAGS)}
_LEVELS = ("holder", "parent", "grandparent", "great-grandparent")
_REACH = 25
"""Distances in blocks are cut off here: further off is as good as anywhere."""

_MANY = 50
"""Counts of blocks are cut off here, so that the longest page looks like a long one."""

UNKNOWN = -100.0
"""What stands for a value that a page does not have: a distance to a headline, a neighbour."""

_PROSE_CAP = 1200


def _names() -> tuple[str, ...]:
    names = [*TEXT_FEATURES, "kind", "tag", "depth"]
    names += [f"in {kind}" for kind in _MARK_KINDS] + [f"inside {tag}" for tag in _AROUND]
    for level in _LEVELS:
        names += [
            f"{level} {what}"
            for what in ("prose share", "prose density", "link density", "blocks", "mean length")
        ]
    for kind in ("node", "holder"):
        names += [
            f"same {kind} {what}"
            for what in ("prose share", "count", "link density", "prose density")
        ]
    names += ["rank", "rank steps", "rank share", "up", "down", "inside best", "best share",
              "after last", "before first", "after last chars", "from headline", "has headline",
              "position", "in order", "blocks", "page prose", "page link density",
              "articles around", "up 2", "down 2", "best 2 share"]  # fmt: skip
    for step in (-2, -1, 1, 2):
        names += [f"{what} {step:+d}" for what in ("length", "link density", "prose", "kind")]
    names += ["prose near", "prose wide", "links near", "same holder before", "same holder after"]
    return tuple(names)


FEATURES = _names()
"""The names of the features, in the order of their columns."""


def features(
    flat: Flat, *, title: str = "", description: str = "", said: Sequence[str] = ()
) -> NDArray[np.float32]:
    """Return the features of each block of a page: float32, blocks by `len(FEATURES)`.

    `title` and `description` are what the page declares, `said` the paragraphs of the text in its
    structured data.
    """
    blocks, many = flat.blocks, len(flat.blocks)
    if not many:
        return np.zeros((0, len(FEATURES)), np.float32)
    parent, end, depth, ranks, tags, signature = node_numbers(flat.nodes, _AROUND_NUMBERS)
    node, holder, sizes, links, kind, tag = block_numbers(blocks, _KIND_NUMBERS, _TAG_NUMBERS)
    own = text_features(blocks, normal(title), normal(description), said, UNKNOWN).T
    is_prose = own[TEXT_FEATURES.index("prose")] > 0
    prose = np.where(is_prose, np.minimum(sizes, _PROSE_CAP), 0.0)
    heading = heading_position(blocks, title)
    marks, furniture = _marks(flat, prose)
    columns = [*own, kind, tag, depth[node], *marks]
    columns += [*around(tags, parent, len(_AROUND))[:, node]]

    weights = np.stack((prose, sizes, links, np.ones(many)))
    whole, text = max(1.0, float(prose.sum())), max(1.0, float(sizes.sum()))
    total = np.zeros((len(weights), len(parent) + 1))
    for weight, sums in zip(weights, total, strict=True):
        np.cumsum(np.bincount(node, weight, len(parent)), out=sums[1:])
    inside = total[:, end] - total[:, :-1]
    in_prose, in_size, in_links, in_blocks = inside
    of_elements = np.stack(
        (
            in_prose / whole,
            in_prose / np.maximum(in_size, 1),
            in_links / np.maximum(in_size, 1),
            np.minimum(in_blocks, _MANY),
            np.log1p(in_size / np.maximum(in_blocks, 1)),
        )
    )
    at = holder
    for _ in _LEVELS:
        columns += [*of_elements[:, at]]
        at = parent[at]
    for at in (node, holder):
        ids = signature[at]
        same = [np.bincount(ids, weight)[ids] for weight in weights]
        size = np.maximum(same[1], 1)
        columns += [same[0] / whole, np.minimum(same[3], _MANY), same[2] / size, same[0] / size]

    rank_at = highest(ranks, parent)[node]
    rank = ranks[rank_at]
    share = np.where(rank > 0, in_prose[rank_at] / whole, np.nan)
    columns += [rank, depth[node] - depth[rank_at], share]

    order = np.arange(many)
    weight = np.where(order < heading, 0.3 * prose, prose)
    top = best(np.where(furniture, 0.0, weight), holder, parent)
    up, down = steps(top, holder, parent, depth)
    within = down == 0
    positions = np.flatnonzero(within & (prose > 0))
    first, last = (positions[0], positions[-1]) if len(positions) else (0, many - 1)
    running = np.cumsum(sizes)
    columns += [
        up,
        down,
        within,
        in_prose[top] / whole,
        (order - last).clip(-_REACH, _REACH),
        (order - first).clip(-_REACH, _REACH),
        ((running - running[last]) / 1000).clip(-4, 4),
        (order - heading).clip(-_REACH, _REACH) if heading >= 0 else np.nan,
        heading >= 0,
        order / many,
        (order - first) / max(1, last - first),
        min(many, 8 * _MANY),
        min(whole, 10_000.0),
        links.sum() / text,
        min(_REACH, int((tags == 0).sum())),
    ]
    plain = best(weight, holder, parent)
    columns += [*steps(plain, holder, parent, depth), in_prose[plain] / whole]

    near = np.stack((np.log1p(sizes), links / np.maximum(sizes, 1), is_prose, kind))
    for step in (-2, -1, 1, 2):
        columns += [*_shifted(near, step)]
    close, wide = _window(weights, 3), _window(weights[:1], 8)
    columns += [
        close[0] / np.maximum(close[1], 1),
        np.log1p(wide[0]),
        close[2] / np.maximum(close[1], 1),
        _shifted(holder, -1) == holder,
        _shifted(holder, 1) == holder,
    ]
    table = np.empty((len(FEATURES), many), np.float32)
    for number, column in enumerate(columns):
        table[number] = column
    table[np.isnan(table)] = UNKNOWN
    return table.T


def heading_position(blocks: Sequence[Block], title: str) -> int:
    """Return the position of the headline among the blocks, -1 when it is not there."""
    key = normal(title)
    found = -1
    for position, block in enumerate(blocks):
        if not key or block.kind != "h" or len(block.text) > len(title) + 80:
            continue
        text = normal(block.text)
        if text.endswith(key) or (len(text) > 10 and text in key):
            if block.tag == "h1":
                return position
            found = position if found < 0 else found
    if found < 0:
        headings = [position for position, block in enumerate(blocks) if block.tag == "h1"]
        found = headings[0] if len(headings) == 1 else -1
    return found


def _marks(flat: Flat, prose: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return which kinds of furniture each block lies in, kinds by blocks, and whether any of it is
    small.

    An element named after a side bar that holds most of the page's prose is none.
    """
    found = np.zeros((len(_MARK_KINDS), len(prose)))
    furniture = np.zeros(len(prose), bool)
    at, mark = marked(flat.blocks)
    if len(at):
        share = np.bincount(mark, prose[at], len(flat.marks)) / max(1.0, float(prose.sum()))
        kinds = [mark.kind for mark in flat.marks]
        column = np.array([_MARK_NUMBERS.get(kind, -1) for kind in kinds])[mark]
        known = column >= 0
        found[column[known], at[known]] = 2.0 - share[mark][known]
        most = np.array([0.97 if kind in ("comments", "consent") else 0.5 for kind in kinds])
        furniture[at[(share <= most)[mark]]] = True
    return found, furniture


def _shifted(values: NDArray[Any], step: int) -> Floats:
    """Return the values of the blocks (the last axis) `step` further on; NaN beyond the ends."""
    found = np.full(values.shape, np.nan)
    if step > 0:
        found[..., :-step] = values[..., step:]
    else:
        found[..., -step:] = values[..., :step]
    return found


def _window(values: Floats, reach: int) -> Floats:
    """Return the sums over the blocks (the last axis) up to `reach` before and after each."""
    many = values.shape[1]
    total = np.zeros((len(values), many + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    at = np.arange(many)
    after, before = np.minimum(at + reach + 1, many), np.maximum(at - reach, 0)
    return np.asarray(total[:, after] - total[:, before])
