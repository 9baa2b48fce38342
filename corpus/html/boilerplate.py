"""Drop what does not belong to the article from the blocks of its container.

Each block is judged alone first, by what it lies in (its marks), what it is made of (links) and
what it says (`phrases`); then they are read in a row: a text that was there before, everything
under 'Related stories'. The reason a block was dropped for is kept: captions, credits and related
headlines are fields of the article of their own.
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
    CLOSINGS,
    CREDIT_LINE,
    ENDINGS,
    FINAL_ENDINGS,
    LONGEST_PHRASE,
    OPENINGS,
    is_boilerplate,
)

NESTING = frozenset(("gallery", "table", "form", "figure", "player"))
"""Kinds that hold their like: when one of them is the article, so are those inside it."""

NEVER_WRAPPERS = frozenset(("comments", "consent"))
"""Kinds that are furniture however much prose they hold."""

_SENTENCE = re.compile(r"[.!?…:;。！？।۔][\"'”’»)\]]*$|[\"”»]$")
_CAPTION_KINDS = frozenset(("caption", "figure", "gallery", "player"))
OVERRULING = _CAPTION_KINDS | NEVER_WRAPPERS | {
    "ad", "share", "related", "newsletter", "promo", "overlay", "credit", "byline", "footer",
    "pullquote", "aside",
}  # fmt: skip
"""Kinds that are taken off what the model chose; the others are among its features only."""

SURE = 0.9
"""What the model is surer of than that is text, whatever it lies in."""

_LONGEST_ENDING, _ABOVE_HEADLINE = 80, 3
_FOOT = 0.4
"""The share of the text, in characters of prose, that stands above what ends it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The blocks of an article in order, and the texts that lay among them."""

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
    _repeated(blocks, reasons)
    _tail(blocks, reasons)
    _opening(blocks, reasons, normal(title), normal(lead))
    _closing(blocks, reasons)
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
        if len(block.text) <= 160 and not any(flat.marks[m].kind == "related" for m in block.marks):
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

    What the model chose, with this chance to be text, is taken off for the marks in `OVERRULING`
    only, and where it is surer than `SURE` for captions only.
    """
    text = block.text
    for mark in block.marks:
        kind = flat.marks[mark].kind
        is_sure = chance > SURE and kind != "caption"
        if mark not in inner or is_sure or (chance > 0 and kind not in OVERRULING):
            continue
        if kind == "figure" and block.kind in ("cell", "quote"):
            continue  # editors put tables of data in one, and quotations
        if kind in _CAPTION_KINDS:
            return "credit" if len(text) < 160 and CREDIT_LINE.search(text) else "caption"
        return "related" if kind == "related" and block.kind in ("h", "li") else kind
    if block.kind != "cell" and not any(map(str.isalpha, text)):
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
    if block.link_density > 0.85 and block.kind != "h":
        return "related" if len(text) > 15 else "links"
    return ""


def _repeated(blocks: Sequence[Block], reasons: list[str]) -> None:
    seen: set[str] = set()
    for position, block in enumerate(blocks):
        if reasons[position] or len(block.text) < 50:
            continue
        key = normal(block.text)
        if key in seen:
            reasons[position] = "repeated"
        seen.add(key)


def _tail(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Drop everything from a heading that only stands below articles.

    'Related stories' may also stand in the middle: then the article goes on in the element that
    holds most of it, with more than what stands under links.
    """
    weights = [0 if why else block.prose for block, why in zip(blocks, reasons, strict=True)]
    held: Counter[int] = Counter()
    for block, weight in zip(blocks, weights, strict=True):
        held[block.holder] += weight
    holder = max(held, key=held.__getitem__, default=0)
    total, before = sum(weights), 0
    for position, (block, weight) in enumerate(zip(blocks, weights, strict=True)):
        if (
            before >= _FOOT * total
            and len(block.text) < _LONGEST_ENDING
            and reasons[position] in ("", "phrase")
            and ENDINGS.search(block.text)
            and (
                FINAL_ENDINGS.search(block.text)
                or not any(
                    weights[number]
                    and blocks[number].holder == holder
                    and reasons[number - 1] != "related"
                    for number in range(position + 1, len(blocks))
                )
            )
        ):
            for rest in range(position, len(reasons)):
                reasons[rest] = reasons[rest] or "tail"
            return
        before += weight


def _opening(blocks: Sequence[Block], reasons: list[str], title: str, lead: str) -> None:
    """Drop the title, byline, date and standfirst above the first sentence."""
    for position, block in enumerate(blocks):
        key = normal(block.text)
        if title and (key == title or (block.tag == "h1" and not reasons[position])):
            reasons[position] = "title"
        elif reasons[position]:
            continue
        elif lead and key == lead:
            reasons[position] = "lead"
        elif len(block.text) < 120 and OPENINGS.search(block.text):
            reasons[position] = "opening"
        elif block.kind in ("h", "li"):
            continue
        elif block.prose:
            return
        elif len(block.text) < 60 and not _SENTENCE.search(block.text):
            reasons[position] = "opening"


def _closing(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Drop addresses and where it ran first below the last sentence."""
    for position in range(len(blocks) - 1, -1, -1):
        text = blocks[position].text
        if not reasons[position]:
            if len(text) > LONGEST_PHRASE or not CLOSINGS.search(text):
                return
            reasons[position] = "closing"
