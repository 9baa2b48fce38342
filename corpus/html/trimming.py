"""Read an article's blocks in a row, and drop what can only be told from where it stands.

A heading without text under it, a byline above the first sentence, a signature below the last,
everything under 'Related stories': each rule is one function over the blocks and the reasons for
which some of them are dropped already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from corpus.html.blocks import Block, normal
from corpus.html.phrases import CLOSINGS, ENDINGS, FINAL_ENDINGS, OPENINGS, PAYWALLS

_SENTENCE = re.compile(r"[.!?…:;。！？।۔][\"'”’»)\]]*$|[\"”»]$")
_KEPT_END = re.compile(
    r"^\(.*\s.*\)$|[a-zà-ÿ]{3}[.!?] +\S|contribut\w+ (?:to|reporting)|collaborat\w+", re.IGNORECASE
)
"""A last paragraph all the same: '(Reporting by Jane Doe)', a sentence with initials after it."""
_AFTER = frozenset(("related", "links", "newsletter", "tail", "comments", "share"))
_LONGEST_END = 130


def trim(
    blocks: Sequence[Block],
    reasons: list[str],
    *,
    title: str = "",
    lead: str = "",
) -> None:
    """Fill in `reasons` for the blocks that do not belong to the article."""
    _repeated(blocks, reasons)
    _paywall(blocks, reasons)
    _tail(blocks, reasons)
    _opening(blocks, reasons, normal(title), normal(lead))
    _closing(blocks, reasons)
    _bare_headings(blocks, reasons)


def _repeated(blocks: Sequence[Block], reasons: list[str]) -> None:
    seen: set[str] = set()
    for position, block in enumerate(blocks):
        if reasons[position] or len(block.text) < 50:
            continue
        key = normal(block.text)
        if key in seen:
            reasons[position] = "repeated"
        seen.add(key)


def _paywall(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Drop the element below the text whose heading asks readers to subscribe."""
    holders = {block.holder for block, why in zip(blocks, reasons, strict=True) if not why}
    for position, block in enumerate(blocks):
        if (
            block.kind == "h"
            and len(block.text) < 80
            and PAYWALLS.search(block.text)
            and any(
                not why and other.holder != block.holder and other.prose
                for other, why in zip(blocks[:position], reasons[:position], strict=True)
            )
            and len(holders) > 1
        ):
            for number in range(position, len(blocks)):
                if blocks[number].holder == block.holder:
                    reasons[number] = reasons[number] or "newsletter"


def _tail(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Drop everything from a heading that only stands below articles.

    'Related stories' may also stand in the middle: then the article goes on in the element that
    holds most of it, with more than what stands under links.
    """
    weights = [0 if why else block.prose for block, why in zip(blocks, reasons, strict=True)]
    total, before = sum(weights), 0
    held: Counter[int] = Counter()
    for block, weight in zip(blocks, weights, strict=True):
        held[block.holder] += weight
    holder = max(held, key=held.__getitem__, default=0)
    for position, block in enumerate(blocks):
        if (
            before >= 0.6 * total
            and len(block.text) < 80
            and (
                (reasons[position] in ("", "phrase") and ENDINGS.search(block.text))
                or (
                    reasons[position] == "unchosen"
                    and block.kind == "h"
                    and all(
                        later.kind == "li" or why
                        for later, why in zip(
                            blocks[position + 1 :], reasons[position + 1 :], strict=True
                        )
                    )
                )
            )
            and (
                FINAL_ENDINGS.search(block.text)
                or not any(
                    weight and later.holder == holder and reasons[number - 1] != "related"
                    for number, (later, weight) in enumerate(
                        zip(blocks[position + 1 :], weights[position + 1 :], strict=True),
                        position + 1,
                    )
                )
            )
        ):
            for rest in range(position, len(reasons)):
                reasons[rest] = reasons[rest] or "tail"
            return
        before += weights[position]


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
    """Drop signatures and dates below the last sentence."""
    kept = [position for position, why in enumerate(reasons) if not why]
    if sum(1 for position in kept if blocks[position].prose) < 3:
        return
    for position in reversed(kept):
        block = blocks[position]
        text = block.text
        if block.kind in ("quote", "pre", "cell"):
            return
        if block.kind == "h":
            continue
        if (len(text) <= 400 and CLOSINGS.search(text)) or (
            block.kind == "p"
            and len(text) <= _LONGEST_END
            and not _SENTENCE.search(text)
            and not _KEPT_END.search(text)
        ):
            reasons[position] = "closing"
        else:
            return


def _bare_headings(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Drop headings that stand over dropped blocks, and those that nothing follows.

    Some editors set all that they write as headings: more of them than of text is the text.
    """
    followed, bare, text = "", list[int](), 0
    for position in range(len(blocks) - 1, -1, -1):
        why = reasons[position]
        if blocks[position].kind == "h":
            if not why and followed != "text":
                bare.append(position)
        elif not why:
            followed = "text"
            text += blocks[position].size
        elif why in _AFTER:
            followed = why
    if not 0 < text < sum(blocks[position].size for position in bare):
        for position in bare:
            reasons[position] = "heading"
