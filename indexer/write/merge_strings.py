"""Lists of strings, joined and picked from as arrays of bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from indexer.analysis.word_table import copy_spans
from indexer.segment.arrays import borders
from indexer.segment.segment import U8, Strings
from indexer.segment.terms import string_at

NO_STRINGS = Strings(np.empty(0, np.uint8), np.zeros(1, np.int64))


def join_strings(lists: Sequence[Strings]) -> tuple[U8, npt.NDArray[np.int64]]:
    """Return the bytes of all lists, and int64[n, 2], where each string begins and ends."""
    data = [np.empty(0, np.uint8)]
    spans = [np.empty((0, 2), np.int64)]
    before = 0
    for strings in lists:
        data.append(strings.data)
        spans.append(spans_of(strings) + before)
        before += len(strings.data)
    return np.concatenate(data), np.concatenate(spans)


def spans_of(strings: Strings) -> npt.NDArray[np.int64]:
    """Return int64[n, 2], where each string begins and ends."""
    return np.stack((strings.offsets[:-1], strings.offsets[1:]), axis=1)


def joined(lists: Sequence[Strings]) -> Strings:
    """Return all the strings of some lists, of which there is one at least."""
    sizes = np.concatenate([np.diff(strings.offsets) for strings in lists])
    return Strings(np.concatenate([strings.data for strings in lists]), borders(sizes))


def part_of(strings: Strings, first: int, last: int) -> Strings:
    """Return the strings [first, last)."""
    offsets = strings.offsets[first : last + 1]
    return Strings(strings.data[offsets[0] : offsets[-1]], offsets - offsets[0])


def ranges_of(lists: Sequence[Strings], size: int) -> Iterator[list[tuple[int, int]]]:
    """Yield, for each of some sorted lists, where a range of strings lies in it: the same range in
    all of them, of about `size` strings together, one range after the other."""
    longest = max(lists, key=lambda strings: len(strings.offsets), default=NO_STRINGS)
    step = max(size // max(len(lists), 1), 1)
    firsts = [0] * len(lists)
    for at in range(step, len(longest.offsets) - 1, step):
        pivot = string_at(longest, at)
        lasts = [
            bisect_left(range(len(strings.offsets) - 1), pivot, key=partial(string_at, strings))
            for strings in lists
        ]
        yield list(zip(firsts, lasts, strict=True))
        firsts = lasts
    yield [(first, len(of.offsets) - 1) for first, of in zip(firsts, lists, strict=True)]


def gather_strings(
    data: U8, spans: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]
) -> Strings:
    """Return the chosen strings, in this order."""
    return Strings(*copy_spans(data, spans[chosen]))


def chosen_strings(strings: Strings, chosen: npt.NDArray[np.int64]) -> Strings:
    """Return the strings at these places, int64[n]."""
    return gather_strings(strings.data, spans_of(strings), chosen)


def select_strings(parts: Sequence[tuple[Strings, npt.NDArray[np.bool_]]]) -> Strings:
    """Return the strings of each list whose mask, bool[n], is True, one list after the other."""
    data = [np.empty(0, np.uint8)]
    sizes = [np.empty(0, np.int64)]
    for strings, mask in parts:
        lengths = np.diff(strings.offsets)
        data.append(strings.data if mask.all() else strings.data[np.repeat(mask, lengths)])
        sizes.append(lengths[mask])
    return Strings(np.concatenate(data), borders(np.concatenate(sizes)))
