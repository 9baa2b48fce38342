"""Many strings as one array: making it, reading one of it, finding one where they are sorted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import compress, count
from operator import not_

import numpy as np

from indexer.segment.arrays import borders
from indexer.segment.segment import Strings


def string_at(strings: Strings, number: int) -> bytes:
    """Return a string's UTF-8 bytes."""
    offsets = strings.offsets
    return strings.data[offsets[number] : offsets[number + 1]].tobytes()


def text_at(strings: Strings, number: int) -> str:
    """Return a string."""
    return string_at(strings, number).decode("utf-8", "replace")


def pack_strings(strings: Sequence[str]) -> Strings:
    """Return strings as UTF-8; lone surrogates become ``?``."""
    joined = "".join(strings)
    sizes = list(map(len, strings))
    if not joined.isascii():
        for at in compress(count(), map(not_, map(str.isascii, strings))):
            sizes[at] = len(strings[at].encode("utf-8", "replace"))
    data = np.frombuffer(joined.encode("utf-8", "replace"), np.uint8)
    return Strings(data, borders(sizes))


def first_at_least(strings: Strings, text: bytes) -> int:
    """Return the number of the first string that is not before `text`, n when all are."""
    numbers = range(len(strings.offsets) - 1)
    return bisect_left(numbers, text, key=lambda number: string_at(strings, number))


def term_number(strings: Strings, text: bytes) -> int:
    """Return the number of a string, or -1 where it is not there."""
    number = first_at_least(strings, text)
    found = number < len(strings.offsets) - 1 and string_at(strings, number) == text
    return number if found else -1
