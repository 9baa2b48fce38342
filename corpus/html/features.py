"""Describe each block of a page by numbers: what the model chooses the article's text by.

A block is described by its own text, by the elements around it (how much of the page's prose is
in its parent, how much of that is links), by those named like it, by its place in the page's order
(distance to the headline, to the element with most prose) and by its neighbours. Nothing depends
on a site or a language.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.html.block_texts import TEXT_FEATURES, text_features
from corpus.html.blocks import Block, Flat, normal

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_MARK_KINDS = (
    "comments", "nav", "ad", "share", "related", "newsletter", "promo", "widget", "consent",
    "overlay", "caption", "figure", "credit", "byline", "tags", "tools", "pullquote", "gallery",
    "player",
    "footer", "header", "aside", "form", "table", "details", "hidden", "footnote",
)  # fmt: skip
_MARK_NUMBERS = {kind: number for number, kind in enumerate(_MARK_KINDS)}
_AROUND = ("article", "main", "aside", "footer", "header", "section", "li", "td", "blockquote")
_AROUND_NUMBERS = {tag: number for number, tag in enumerate(_AROUND)}
_KINDS = ("p", "h", "li", "quote", "cell", "pre")
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
    nodes, blocks = flat.nodes, flat.blocks
    if not blocks:
        return np.zeros((0, len(FEATURES)), np.float32)
    count = len(nodes)
    parent, end, depth, ranks = np.array([(n.parent, n.end, n.depth, n.rank) for n in nodes]).T
    parent[0] = 0
    node, holder, sizes, links, kind, tag = np.array(
        [
            (b.node, b.holder, b.size, b.link, _KINDS.index(b.kind), _TAG_NUMBERS.get(b.tag, -1))
            for b in blocks
        ]
    ).T
    sizes, links = sizes.astype(np.float64), links.astype(np.float64)
    kind, tag = kind.astype(np.float64), tag.astype(np.float64)
    own = text_features(blocks, normal(title), normal(description), said, UNKNOWN)
    prose = np.where(own[:, TEXT_FEATURES.index("prose")] > 0, np.minimum(sizes, _PROSE_CAP), 0.0)
    heading = heading_position(blocks, title)
    columns: list[Floats] = [*own.T, kind, tag, depth[node].astype(np.float64)]

    marks, furniture = _marks(flat, prose)
    columns += [*marks.T]
    around = np.array([_AROUND_NUMBERS.get(node.tag, -1) for node in nodes])
    columns += [_around(around == number, end)[node] for number in range(len(_AROUND))]

    def inside(weights: Floats) -> Floats:
        """Return the sum of a weight over the blocks in each element."""
        total = np.concatenate(([0.0], np.cumsum(np.bincount(node, weights, count))))
        return np.asarray(total[end] - total[:count])

    ones = np.ones(len(blocks))
    in_prose, in_size = inside(prose), inside(sizes)
    in_links, in_blocks = inside(links), inside(ones)
    whole, text = max(1.0, float(prose.sum())), max(1.0, float(sizes.sum()))
    at = holder
    for _ in _LEVELS:
        columns += [
            in_prose[at] / whole,
            in_prose[at] / np.maximum(in_size[at], 1),
            in_links[at] / np.maximum(in_size[at], 1),
            np.minimum(in_blocks[at], _MANY),
            np.log1p(in_size[at] / np.maximum(in_blocks[at], 1)),
        ]
        at = parent[at]
    for at in (node, holder):
        ids = _signatures(flat, at)
        same = np.bincount(ids, prose)
        columns += [
            same[ids] / whole,
            np.minimum(np.bincount(ids)[ids], _MANY),
            np.bincount(ids, links)[ids] / np.maximum(np.bincount(ids, sizes)[ids], 1),
            same[ids] / np.maximum(np.bincount(ids, sizes)[ids], 1),
        ]

    rank_at = _named(ranks, end)[node]
    rank = ranks[rank_at].astype(np.float64)
    rank_steps = (depth[node] - depth[rank_at]).astype(np.float64)
    columns += [rank, rank_steps, np.where(rank > 0, in_prose[rank_at] / whole, np.nan)]

    order = np.arange(len(blocks), dtype=np.float64)
    weight = np.where(order < heading, 0.3 * prose, prose)
    best = _best(np.where(furniture, 0.0, weight), holder, parent, depth)
    up, down = _steps(best, holder, parent, depth)
    within = down == 0
    positions = np.flatnonzero(within & (prose > 0))
    first, last = (positions[0], positions[-1]) if len(positions) else (0, len(blocks) - 1)
    running = np.cumsum(sizes)
    columns += [
        up,
        down,
        within.astype(np.float64),
        np.full(len(blocks), in_prose[best] / whole),
        np.clip(order - last, -_REACH, _REACH),
        np.clip(order - first, -_REACH, _REACH),
        np.clip((running - running[last]) / 1000, -4, 4),
        np.clip(order - heading, -_REACH, _REACH) if heading >= 0 else np.full(len(blocks), np.nan),
        np.full(len(blocks), float(heading >= 0)),
        order / len(blocks),
        (order - first) / max(1, last - first),
        np.full(len(blocks), min(len(blocks), 8 * _MANY)),
        np.full(len(blocks), min(whole, 10_000.0)),
        np.full(len(blocks), links.sum() / text),
        np.full(len(blocks), float(min(_REACH, int((around == 0).sum())))),
    ]
    plain = _best(weight, holder, parent, depth)
    up, down = _steps(plain, holder, parent, depth)
    columns += [up, down, np.full(len(blocks), in_prose[plain] / whole)]

    density = links / np.maximum(sizes, 1)
    for step in (-2, -1, 1, 2):
        columns += [
            _shifted(np.log1p(sizes), step),
            _shifted(density, step),
            _shifted((prose > 0).astype(np.float64), step),
            _shifted(kind, step),
        ]
    columns += [
        _window(prose, 3) / np.maximum(_window(sizes, 3), 1),
        np.log1p(_window(prose, 8)),
        _window(links, 3) / np.maximum(_window(sizes, 3), 1),
        _shifted(holder.astype(np.float64), -1) == holder,
        _shifted(holder.astype(np.float64), 1) == holder,
    ]
    table = np.stack(columns, axis=1).astype(np.float32)
    return np.nan_to_num(table, copy=False, nan=UNKNOWN)


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
    """Return which kinds of furniture each block lies in, and whether any of it is small.

    An element named after a side bar that holds most of the page's prose is none.
    """
    found = np.zeros((len(flat.blocks), len(_MARK_KINDS)))
    furniture = np.zeros(len(flat.blocks), bool)
    pairs = [(at, mark) for at, block in enumerate(flat.blocks) for mark in block.marks]
    if not pairs:
        return found, furniture
    at, mark = np.array(pairs).T
    share = np.bincount(mark, prose[at], len(flat.marks)) / max(1.0, float(prose.sum()))
    kinds = [mark.kind for mark in flat.marks]
    column = np.array([_MARK_NUMBERS.get(kind, -1) for kind in kinds])[mark]
    known = column >= 0
    found[at[known], column[known]] = 2.0 - share[mark][known]
    most = np.array([0.97 if kind in ("comments", "consent") else 0.5 for kind in kinds])
    furniture[at[(share <= most)[mark]]] = True
    return found, furniture


def _around(wanted: NDArray[np.bool_], end: Ints) -> Floats:
    """Return in how many of the wanted elements each element lies, itself included."""
    ends = np.bincount(end[wanted], minlength=len(end) + 1)[:-1]
    return np.asarray(np.cumsum(wanted - ends), np.float64)


def _signatures(flat: Flat, at: Ints) -> Ints:
    """Return a number for each block, equal for elements of the same tag and class names."""
    ids: dict[tuple[str, str], int] = {}
    nodes = flat.nodes
    return np.fromiter(
        (ids.setdefault((nodes[n].tag, nodes[n].names), len(ids)) for n in at.tolist()),
        np.intp,
        len(at),
    )


def _named(ranks: Ints, end: Ints) -> Ints:
    """Return for each element which of those around it, itself included, has the highest rank."""
    found = np.zeros(len(ranks), np.intp)
    for rank in range(1, int(ranks.max()) + 1):
        for number in np.flatnonzero(ranks == rank).tolist():
            found[number : end[number]] = number
    return found


def _best(weight: Floats, holder: Ints, parent: Ints, depth: Ints) -> int:
    """Return the element with most prose close to it: half of its weight goes to each parent."""
    score = np.bincount(holder, weight, len(parent))
    order = np.argsort(depth, kind="stable")
    cuts = np.searchsorted(depth[order], np.arange(int(depth.max()) + 2))
    for level in range(int(depth.max()), 0, -1):
        members = order[cuts[level] : cuts[level + 1]]
        np.add.at(score, parent[members], score[members] / 2)
    return int(np.argmax(score))


def _steps(best: int, holder: Ints, parent: Ints, depth: Ints) -> tuple[Floats, Floats]:
    """Return the steps up from each block, and down from there, to the element `best`."""
    above = np.full(len(parent), -1)
    number = best
    while True:
        above[number] = depth[number]
        if number == parent[number]:
            break
        number = int(parent[number])
    at, up = holder.copy(), np.zeros(len(holder))
    while (away := above[at] < 0).any():
        up[away] += 1
        at[away] = parent[at[away]]
    return up, (depth[best] - above[at]).astype(np.float64)


def _shifted(values: Floats, step: int) -> Floats:
    """Return the values of the blocks `step` further on; NaN beyond the ends."""
    found = np.full(len(values), np.nan)
    if step > 0:
        found[:-step] = values[step:]
    else:
        found[-step:] = values[:step]
    return found


def _window(values: Floats, reach: int) -> Floats:
    """Return the sums over the blocks up to `reach` before and after each."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    return np.asarray(
        total[np.minimum(at + reach + 1, len(values))] - total[np.maximum(at - reach, 0)]
    )
