"""Find the element that holds the article.

Prose is scored upwards: a paragraph gives its length to the element around it, half of that to
the next, and so on, so that the element with most paragraphs close to it wins. An element that
its publisher named as the article's body (`itemprop=articleBody`, `entry-content`, `<article>`)
is preferred to the winner when it holds most of the winner's prose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.html.blocks import Flat, normal
from corpus.html.prose import is_prose, size
from corpus.html.selectors import CONTAINER_ARTICLE, CONTAINER_BODY, CONTAINER_MAIN
from corpus.html.wrappers import wrappers

__all__ = ["Core", "find_core"]

_ABOVE_TEXT = frozenset(("header", "byline", "nav", "share", "tags"))
_PROSE_CAP = 1200

CLIMBS = ((0.15, 0.6), (0.04, 0.8))
"""How much more prose an element around the best one must hold to take its place, and how much
of what it adds must be prose, as shares: much of it, or little that is nearly pure."""

BEFORE_TITLE = 0.3
"""What prose above the headline counts for: it is seldom the article's."""

AKIN = 0.7
"""How much of what a larger element adds must go with the piece, unless it adds more than that."""

MAX_CLIMB = 16
"""Page builders put as many elements around one text."""

SHORT_SHARE = 0.15
"""How little of the winner's prose a named container under the headline may hold and be taken."""


@dataclass(frozen=True, slots=True)
class Core:
    """Where the article is: the numbers of its containers, and of the blocks inside them."""

    nodes: tuple[int, ...]
    blocks: tuple[int, ...]
    prose: int


def find_core(flat: Flat, *, title: str = "") -> Core | None:
    """Return where the article is, or None on a page without prose.

    `title` is the headline: of a short article, the container after it is believed.
    """
    nodes, blocks = flat.nodes, flat.blocks
    prose = [min(size(block.text), _PROSE_CAP) if is_prose(block) else 0 for block in blocks]
    total = sum(prose)
    if not total:
        return None
    heading = _heading(flat, title)
    ignored = wrappers(flat, prose, total)
    if heading >= 0 and blocks[heading].tag == "h1":
        # What holds the headline is named after a side bar or a widget, and is neither. A header
        # does hold it; when it holds the body as well, its end tag is missing.
        holding = {
            ancestor
            for number, node in enumerate(nodes)
            if node.rank >= CONTAINER_BODY
            for ancestor in _ancestors(flat, number)
        }
        ignored |= {
            number
            for number in blocks[heading].marks
            if flat.marks[number].kind not in _ABOVE_TEXT or flat.marks[number].node in holding
        }
    score = [0.0] * len(nodes)
    mass = [0] * len(nodes)
    texts = [0] * len(nodes)
    for position, (block, weight) in enumerate(zip(blocks, prose, strict=True)):
        if any(mark not in ignored for mark in block.marks):
            continue
        node = block.holder
        if not weight:
            length = size(block.text)
            while node >= 0:
                texts[node] += length
                node = nodes[node].parent
            continue
        share = weight * (BEFORE_TITLE if position < heading else 1.0)
        while node >= 0:
            score[node] += share
            mass[node] += weight
            texts[node] += weight
            share /= 2
            node = nodes[node].parent
    best = max(range(len(nodes)), key=lambda number: (score[number], nodes[number].depth))
    if not mass[best]:
        return None
    chosen = (
        _declared(flat, best, mass)
        or _after_title(flat, best, mass, heading)
        or (_climb(flat, best, mass, texts, prose, heading),)
    )
    chosen = _with_siblings(flat, chosen, mass)
    inside = _descendants(flat, chosen)
    members = tuple(i for i, block in enumerate(blocks) if inside[block.node])
    return Core(chosen, members, sum(mass[number] for number in chosen))


def _declared(flat: Flat, best: int, mass: Sequence[int]) -> tuple[int, ...]:
    """Return the container that the publisher named, when it agrees with the prose."""
    nodes = flat.nodes
    above = set(_ancestors(flat, best))
    choices: list[tuple[int, float, int]] = []
    for number, node in enumerate(nodes):
        if node.rank < CONTAINER_MAIN or not mass[number]:
            continue
        share = mass[number] / mass[best]
        related = number in above or number == best or best in _ancestors(flat, number)
        if number in above:
            # An <article> or <main> around the best element: only when it adds little else.
            fits = share <= (1.6 if node.rank >= CONTAINER_ARTICLE else 1.25)
        else:
            fits = share >= (0.6 if related else 0.7)
        if fits:
            choices.append((node.rank, share, number))
    if not choices:
        return ()
    rank = max(choice[0] for choice in choices)
    if rank < CONTAINER_BODY:
        return ()
    level = [choice for choice in choices if choice[0] == rank]
    # Of nested containers of one rank, the innermost that still holds nearly everything.
    most = max(choice[1] for choice in level)
    return (max((c for c in level if c[1] >= 0.9 * most), key=lambda c: nodes[c[2]].depth)[2],)


def _heading(flat: Flat, title: str) -> int:
    """Return the position of the headline among the blocks, -1 when it is not there."""
    key = normal(title)
    if not key:
        return -1
    for position, block in enumerate(flat.blocks):
        if (
            len(block.text) < len(title) + 80
            and block.kind == "h"
            and normal(block.text).endswith(key)
        ):
            return position
    return -1


def _after_title(flat: Flat, best: int, mass: Sequence[int], heading: int) -> tuple[int, ...]:
    """Return the named container under the headline, when the prose won elsewhere on the page.

    A short article is easily outweighed by what stands above or below it.
    """
    if heading < 0:
        return ()
    start = flat.blocks[heading].node
    above = {best, *_ancestors(flat, best)}
    in_article = any(flat.nodes[number].rank >= CONTAINER_ARTICLE for number in above)
    for number in range(start, len(flat.nodes)):
        rank, share = flat.nodes[number].rank, mass[number] / mass[best]
        if number in above:
            continue
        if (rank >= CONTAINER_BODY and share >= SHORT_SHARE) or (
            # Comments are articles too, inside the one that they comment on.
            rank == CONTAINER_ARTICLE and share >= 2 * SHORT_SHARE and not in_article
        ):
            return () if best in _ancestors(flat, number) else (number,)
    return ()


def _climb(
    flat: Flat,
    best: int,
    mass: Sequence[int],
    texts: Sequence[int],
    prose: Sequence[int],
    heading: int,
) -> int:
    """Return the element around `best` that holds the rest of a body cut into pieces.

    An element further up is better when what it adds is mostly prose, and stands between the
    headline and the piece found, or in elements named like those of the piece.
    """
    chosen = best
    for number in _ancestors(flat, best)[:MAX_CLIMB]:
        if flat.nodes[number].tag in ("body", "html"):
            break
        more, text = mass[number] - mass[chosen], texts[number] - texts[chosen]
        if not more or not any(
            more >= gain * mass[chosen] and more >= share * text for gain, share in CLIMBS
        ):
            continue
        if more >= mass[chosen] or _akin(flat, chosen, number, prose, heading) >= AKIN * more:
            chosen = number
    return chosen


def _akin(flat: Flat, inner: int, outer: int, prose: Sequence[int], heading: int) -> int:
    """Return how much of the prose that `outer` adds to `inner` goes with it."""
    in_inner, in_outer = _descendants(flat, (inner,)), _descendants(flat, (outer,))
    names = {
        flat.nodes[block.holder].names
        for block, weight in zip(flat.blocks, prose, strict=True)
        if weight and in_inner[block.node]
    } - {""}
    first = next(n for n, block in enumerate(flat.blocks) if in_inner[block.node])
    return sum(
        weight
        for position, (block, weight) in enumerate(zip(flat.blocks, prose, strict=True))
        if weight
        and in_outer[block.node]
        and not in_inner[block.node]
        and (heading < position < first or flat.nodes[block.holder].names in names)
    )


def _with_siblings(flat: Flat, chosen: tuple[int, ...], mass: Sequence[int]) -> tuple[int, ...]:
    """Add the siblings that are built the same way: a body delivered in several pieces."""
    nodes = flat.nodes
    own = nodes[chosen[0]]
    if own.parent < 0 or not own.names:
        return chosen
    pieces = [
        number
        for number, node in enumerate(nodes)
        if node.parent == own.parent
        and number != chosen[0]
        and mass[number] > 0
        and node.tag == own.tag
        and node.names == own.names
    ]
    if own.tag == "article" or not pieces:
        return chosen
    return tuple(sorted((*chosen, *pieces)))


def _ancestors(flat: Flat, number: int) -> list[int]:
    found = []
    number = flat.nodes[number].parent
    while number >= 0:
        found.append(number)
        number = flat.nodes[number].parent
    return found


def _descendants(flat: Flat, roots: tuple[int, ...]) -> list[bool]:
    """Return for each node whether it lies in `roots`; parents come before their children."""
    inside = [False] * len(flat.nodes)
    for number in roots:
        inside[number] = True
    for number, node in enumerate(flat.nodes):
        if node.parent >= 0 and inside[node.parent]:
            inside[number] = True
    return inside
