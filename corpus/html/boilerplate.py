"""Drop what does not belong to the article from the blocks of its container.

Each block is judged alone first, by what it lies in (its marks), what it is made of (links) and
what it says (`phrases`); then `trimming` reads them in a row. The reason a block was dropped for
is kept: captions, credits and related headlines are fields of the article of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.html.blocks import Block, Flat, normal
from corpus.html.container import Region
from corpus.html.phrases import (
    CAPTION_LINE,
    CONTRIBUTED,
    CREDIT_LINE,
    LONGEST_PHRASE,
    SOCIAL,
    is_boilerplate,
)
from corpus.html.trimming import trim

NESTING = frozenset(("gallery", "table", "form", "figure", "player"))
"""Kinds that hold their like: when one of them is the article, so are those inside it."""

NEVER_WRAPPERS = frozenset(("comments", "consent"))
"""Kinds that are furniture however much prose they hold."""

OVERRULING = {
    "comments": 0.9, "ad": 0.9, "share": 0.9, "related": 0.9, "newsletter": 0.9, "promo": 0.9,
    "consent": 1.0, "overlay": 0.9, "caption": 1.0, "figure": 1.0, "gallery": 1.0, "player": 1.0,
    "credit": 1.0, "byline": 0.9, "tags": 0.9, "pullquote": 1.0, "aside": 0.9, "footer": 1.0,
    "footnote": 1.0,
}  # fmt: skip
"""Kinds that are taken off what the model chose, up to which chance; the others are among its
features only."""

_CAPTION_KINDS = frozenset(("caption", "figure", "gallery", "player"))
_NO_WORDS = re.compile(r"^[\W\d_]*$")
_LONGEST_BYLINE = 600
_ABOVE_HEADLINE = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """The blocks of an article in order, and the texts that lay among, above and below them.

    `above` are the lines between the headline and the first sentence, `below` what was dropped
    right under the last: there authors and dates stand when nothing declares them.
    """

    blocks: tuple[Block, ...]
    captions: tuple[str, ...]
    credits: tuple[str, ...]
    related: tuple[str, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]


def select(flat: Flat, region: Region, *, title: str = "", lead: str = "") -> Selection:
    """Return the blocks of `region` that belong to the article.

    `title` and `lead` are what the page's metadata say: a block that repeats one of them above the
    first sentence is not body.
    """
    inner = _inner_marks(flat, region)
    blocks = [flat.blocks[number] for number in region.blocks]
    reasons = [
        _reason(block, flat, inner, region.chosen.get(number, 0.0))
        or ("" if number in region.chosen else "unchosen")
        for number, block in zip(region.blocks, blocks, strict=True)
    ]
    trim(blocks, reasons, title=title, lead=lead)
    return Selection(
        tuple(block for block, why in zip(blocks, reasons, strict=True) if not why),
        _texts(blocks, reasons, "caption"),
        _texts(blocks, reasons, "credit"),
        _headlines(blocks, reasons),
        _above(flat, region, reasons, normal(title)),
        _texts(blocks, reasons, "closing")[-4:],
    )


def _above(flat: Flat, region: Region, reasons: Sequence[str], title: str) -> tuple[str, ...]:
    """Return the short lines between the headline (or the start) and the first block kept.

    Those right above the headline follow: a date stands there as well.
    """
    kept = (number for number, why in zip(region.blocks, reasons, strict=True) if not why)
    first = next(kept, 0)
    lines: list[str] = []
    for number in range(first - 1, max(-1, first - 40), -1):
        block = flat.blocks[number]
        if title and normal(block.text) == title:
            before = flat.blocks[max(0, number - _ABOVE_HEADLINE) : number]
            lines = [*(line.text for line in reversed(before) if len(line.text) <= 80), *lines]
            return tuple(reversed(lines))
        if len(block.text) <= 160:
            lines.append(block.text)
    return tuple(reversed(lines[:12]))


def _texts(blocks: Sequence[Block], reasons: Sequence[str], wanted: str) -> tuple[str, ...]:
    texts = (block.text for block, why in zip(blocks, reasons, strict=True) if why == wanted)
    return tuple(dict.fromkeys(text for text in texts if 3 < len(text) <= 1000))


def _headlines(blocks: Sequence[Block], reasons: Sequence[str]) -> tuple[str, ...]:
    """Return the headlines of other articles: headings and links of some length, without a date."""
    texts = (
        block.text.strip(' "[]»›>•-–')
        for block, why in zip(blocks, reasons, strict=True)
        if why == "related"
        and 20 <= len(block.text) <= 250
        and (block.kind == "h" or block.link_density > 0.8)
        and not is_boilerplate(block.text)
    )
    return tuple(dict.fromkeys(text for text in texts if text))


def _inner_marks(flat: Flat, region: Region) -> frozenset[int]:
    """Return the marks inside the core that are small enough to be furniture of it."""
    prose: dict[int, int] = {}
    for number in region.blocks:
        block = flat.blocks[number]
        for mark in block.marks:
            prose[mark] = prose.get(mark, 0) + block.prose
    above = {region.node}  # what lies around the core says nothing about its inside
    node = region.node
    while (node := flat.nodes[node].parent) >= 0:
        above.add(node)
    half = 0.5 * (region.prose or 1)
    kinds = {mark: flat.marks[mark].kind for mark in prose}
    names = {mark: flat.nodes[flat.marks[mark].node].names for mark in prose}
    named: Counter[str] = Counter()  # the prose in all elements of the same names
    for mark, weight in prose.items():
        named[names[mark]] += 0 if kinds[mark] in NEVER_WRAPPERS else weight
    wrappers = {
        mark
        for mark, weight in prose.items()
        if weight > half and kinds[mark] not in NEVER_WRAPPERS
    }
    nesting = NESTING & {kinds[mark] for mark in wrappers}
    return frozenset(
        mark
        for mark in prose.keys() - wrappers
        if flat.marks[mark].node not in above
        and kinds[mark] not in nesting
        and (kinds[mark] in NEVER_WRAPPERS or not names[mark] or named[names[mark]] <= half)
    )


def _reason(block: Block, flat: Flat, inner: frozenset[int], chance: float) -> str:
    """Say why a block does not belong, or "" when nothing speaks against it.

    What the model chose, with this chance to be text, is taken off for the reasons in `OVERRULING`
    only, and where it is surer than that for none.
    """
    text = block.text
    for mark in block.marks:
        if mark not in inner:
            continue
        kind = flat.marks[mark].kind
        if chance > OVERRULING.get(kind, 0.0) or (kind == "byline" and len(text) > _LONGEST_BYLINE):
            continue
        if kind == "figure" and block.kind in ("cell", "quote"):
            continue  # editors put tables of data in one, and quotations
        if kind in ("footer", "byline", "credit") and len(text) < 200 and CONTRIBUTED.search(text):
            return ""
        if kind in _CAPTION_KINDS:
            return "credit" if len(text) < 160 and CREDIT_LINE.search(text) else "caption"
        return "related" if kind == "related" and block.kind in ("h", "li") else kind
    if block.kind != "cell" and _NO_WORDS.match(text):
        return "empty"
    if len(text) <= LONGEST_PHRASE:
        if is_boilerplate(text):
            return "phrase"
        if len(text) < 160 and CREDIT_LINE.search(text):
            return "credit"
        if block.size < 300 and block.kind == "p" and CAPTION_LINE.search(text):
            return "caption"
        if block.image and block.kind == "p" and block.italic > 0.9 * len(text):
            return "caption"
        if (block.link_density > 0.1 or len(text) < 120) and len(SOCIAL.findall(text)) >= 2:
            return "share"
    if block.link_density > 0.85 and block.kind != "h":
        return "related" if len(text) > 15 else "links"
    return ""
