"""What reads like prose: the measure by which articles are told from lists, menus and teasers."""

from __future__ import annotations

import re

from corpus.html.blocks import Block

__all__ = ["is_prose", "size"]

_WIDE = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[.!?…:。！？।۔။][\"'”’»)\]]*$")


def size(text: str) -> int:
    """Return the length of a text; scripts that write a word in a character or two count thrice."""
    return len(text) if text.isascii() else len(text) + 2 * len(_WIDE.findall(text))


def is_prose(block: Block) -> bool:
    """Tell whether a block reads like sentences: long enough, not a heading, few links."""
    if block.kind == "h" or block.link_density > 0.5:
        return False
    length = size(block.text)
    return length >= 80 or (length >= 30 and _SENTENCE_END.search(block.text) is not None)
