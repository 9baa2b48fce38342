"""Drop what does not belong to the article from the blocks of its container.

Three views, each cheap: what a block lies in (its marks), what it is made of (links), and what
it says (`phrases`). Then the whole is read once more from both ends, because a heading without
text after it, a byline above the first sentence and everything below 'Related stories' can only be
told from where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.html.blocks import Block, Flat
from corpus.html.container import Core, is_prose, size
from corpus.html.phrases import CAPTION_LINE, CREDIT_LINE, DROPPED, ENDINGS, OPENINGS

__all__ = ["Kept", "normal", "select"]

_CAPTION_KINDS = frozenset(("caption", "figure", "gallery", "player"))
_WORD = re.compile(r"\w+")
_BULLET_ONLY = re.compile(r"^[\W_]*$")
_SHORT = 60
_LONGEST_BYLINE = 600


@dataclass(frozen=True, slots=True)
class Kept:
    """The blocks of an article by number, in order, and what lay among them."""

    blocks: tuple[int, ...]
    captions: tuple[str, ...]
    credits: tuple[str, ...]
    related: tuple[str, ...]


def normal(text: str) -> str:
    """Return a text's words, lower-cased, for comparing what differs in punctuation only."""
    return " ".join(_WORD.findall(text.lower()))


def select(flat: Flat, core: Core, *, title: str = "", lead: str = "") -> Kept:
    """Return the blocks of `core` that belong to the article.

    `title` and `lead` are what the page's metadata say: a block that repeats the title, or the
    standfirst above the first sentence, is not body.
    """
    inner = _inner_marks(flat, core)
    reasons = [_reason(flat.blocks[number], flat, inner) for number in core.blocks]
    _drop_repeated(flat, core, reasons)
    _drop_tail(flat, core, reasons)
    _drop_opening(flat, core, reasons, normal(title), normal(lead))
    _drop_link_lists(flat, core, reasons)
    _drop_bare_headings(flat, core, reasons)
    kept = tuple(n for n, why in zip(core.blocks, reasons, strict=True) if not why)
    return Kept(
        kept,
        _texts(flat, core, reasons, "caption"),
        _texts(flat, core, reasons, "credit"),
        _texts(flat, core, reasons, "related"),
    )


def _texts(flat: Flat, core: Core, reasons: Sequence[str], wanted: str) -> tuple[str, ...]:
    texts = (
        flat.blocks[number].text
        for number, why in zip(core.blocks, reasons, strict=True)
        if why == wanted
    )
    return tuple(dict.fromkeys(text for text in texts if 3 < len(text) <= 1000))


def _inner_marks(flat: Flat, core: Core) -> frozenset[int]:
    """Return the marks inside the core that are small enough to be furniture of it."""
    inside: set[int] = set()
    prose: dict[int, int] = {}
    for number in core.blocks:
        block = flat.blocks[number]
        weight = size(block.text) if is_prose(block) else 0
        for mark in block.marks:
            inside.add(mark)
            prose[mark] = prose.get(mark, 0) + weight
    roots = set(core.nodes)
    around = {mark for mark in inside if flat.marks[mark].node in roots}
    for root in core.nodes:  # what lies around the core says nothing about its inside
        node = flat.nodes[root].parent
        above = set()
        while node >= 0:
            above.add(node)
            node = flat.nodes[node].parent
        around |= {mark for mark in inside if flat.marks[mark].node in above}
    total = core.prose or 1
    wrappers = {mark for mark in inside if prose[mark] > 0.5 * total}
    nested = {flat.marks[m].kind for m in wrappers} & {"gallery", "table", "form", "player"}
    wrappers |= {mark for mark in inside if flat.marks[mark].kind in nested}
    return frozenset(inside - around - wrappers)


def _reason(block: Block, flat: Flat, inner: frozenset[int]) -> str:
    """Say why a block does not belong, or "" when nothing speaks against it."""
    text = block.text
    for mark in block.marks:
        if mark in inner:
            kind = flat.marks[mark].kind
            if kind == "details" or (kind == "byline" and len(text) > _LONGEST_BYLINE):
                continue
            if kind in _CAPTION_KINDS:
                return "credit" if CREDIT_LINE.search(text) and len(text) < 160 else "caption"
            return "related" if kind == "related" and block.kind in ("h", "li") else kind
    if _BULLET_ONLY.match(text):
        return "empty"
    if len(text) < 400 and DROPPED.search(text):
        return "phrase"
    if len(text) < 160 and CREDIT_LINE.search(text):
        return "credit"
    if len(text) < 300 and block.kind == "p" and CAPTION_LINE.search(text):
        return "caption"
    if block.link_density > 0.85 and block.kind != "h":
        return "related" if len(text) > 15 else "links"
    return ""


def _drop_repeated(flat: Flat, core: Core, reasons: list[str]) -> None:
    seen: set[str] = set()
    for position, number in enumerate(core.blocks):
        block = flat.blocks[number]
        if reasons[position] or len(block.text) < 50:
            continue
        key = normal(block.text)
        if key in seen:
            reasons[position] = "repeated"
        seen.add(key)


def _drop_tail(flat: Flat, core: Core, reasons: list[str]) -> None:
    """Drop everything from a heading that only stands below articles."""
    weights = [
        size(flat.blocks[number].text) if not why and is_prose(flat.blocks[number]) else 0
        for number, why in zip(core.blocks, reasons, strict=True)
    ]
    total, before = sum(weights), 0
    for position, number in enumerate(core.blocks):
        block = flat.blocks[number]
        if (
            before > 0.5 * total
            and len(block.text) < 80
            and reasons[position] in ("", "phrase")
            and (block.kind == "h" or block.bold > 0.8 * len(block.text) or block.kind == "p")
            and ENDINGS.search(block.text)
            and total - before < 0.4 * total
        ):
            for rest in range(position, len(reasons)):
                reasons[rest] = reasons[rest] or "tail"
            return
        before += weights[position]


def _drop_opening(flat: Flat, core: Core, reasons: list[str], title: str, lead: str) -> None:
    """Drop the title, byline, date and standfirst above the first sentence."""
    for position, number in enumerate(core.blocks):
        block = flat.blocks[number]
        key = normal(block.text)
        if title and (key == title or (block.tag == "h1" and not reasons[position])):
            reasons[position] = "title"
        elif reasons[position]:
            continue
        elif len(block.text) < 120 and OPENINGS.search(block.text):
            reasons[position] = "opening"
        elif block.kind == "h" or block.kind == "li":
            if lead and key == lead:
                reasons[position] = "lead"
        elif is_prose(block):
            return
        elif len(block.text) < _SHORT and not block.text.endswith((".", "!", "?", ":", "”", '"')):
            reasons[position] = "opening"


def _drop_link_lists(flat: Flat, core: Core, reasons: list[str]) -> None:
    """Drop headings that are one link, unless the text under them goes on at length."""
    blocks = [flat.blocks[number] for number in core.blocks]
    for position, block in enumerate(blocks):
        if reasons[position] or block.kind != "h" or block.link_density < 0.85:
            continue
        following = next(
            (b for b, why in zip(blocks[position + 1 :], reasons[position + 1 :], strict=True)
             if not why), None,
        )  # fmt: skip
        if following is None or following.kind == "h" or size(following.text) < 140:
            reasons[position] = "related"


def _drop_bare_headings(flat: Flat, core: Core, reasons: list[str]) -> None:
    """Drop headings that stand over dropped blocks, and those that nothing follows."""
    blocks = [flat.blocks[number] for number in core.blocks]
    followed = ""
    for position in range(len(blocks) - 1, -1, -1):
        why = reasons[position]
        if blocks[position].kind == "h":
            if not why and followed != "text":
                reasons[position] = "heading"
        elif not why:
            followed = "text"
        elif why in ("related", "links", "newsletter", "tail", "comments"):
            followed = why
