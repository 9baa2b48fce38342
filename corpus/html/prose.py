"""What reads like prose: the measure by which articles are told from lists, menus and teasers."""

from __future__ import annotations

import re

_WIDE = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[.!?…:。！？।۔။][\"'”’»)\]]*$")


def size(text: str) -> int:
    """Return the length of a text; scripts that write a word in a character or two count thrice."""
    return len(text) if text.isascii() else len(text) + 2 * len(_WIDE.findall(text))


def prose_size(text: str, length: int) -> int:
    """Return the size of a text that reads like sentences, 0 for another; `length` is its size."""
    is_prose = length >= 80 or (length >= 30 and _SENTENCE_END.search(text) is not None)
    return length if is_prose else 0
