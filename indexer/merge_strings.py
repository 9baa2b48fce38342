"""Lists of strings, joined and picked from as arrays of bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.invert_postings import borders
from indexer.segment import U8, Strings

__all__ = ["gather_strings", "join_strings", "select_strings"]


def join_strings(lists: Sequence[Strings]) -> tuple[U8, npt.NDArray[np.int64]]:
    """Return the bytes of all lists, and int64[n, 2], where each string begins and ends."""
    data = [np.empty(0, np.uint8)]
    spans = [np.empty((0, 2), np.int64)]
    before = 0
    for strings in lists:
        data.append(strings.data)
        spans.append(np.stack((strings.offsets[:-1], strings.offsets[1:]), axis=1) + before)
        before += len(strings.data)
    return np.concatenate(data), np.concatenate(spans)


def gather_strings(
    data: U8, spans: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]
) -> Strings:
    """Return the chosen strings, in this order."""
    starts = spans[chosen, 0]
    offsets = borders(spans[chosen, 1] - starts)
    places = np.repeat(starts - offsets[:-1], np.diff(offsets)) + np.arange(offsets[-1])
    return Strings(data[places], offsets)


def select_strings(parts: Sequence[tuple[Strings, npt.NDArray[np.bool_]]]) -> Strings:
    """Return the strings of each list whose mask, bool[n], is True, one list after the other."""
    data = [np.empty(0, np.uint8)]
    sizes = [np.empty(0, np.int64)]
    for strings, mask in parts:
        lengths = np.diff(strings.offsets)
        data.append(strings.data if mask.all() else strings.data[np.repeat(mask, lengths)])
        sizes.append(lengths[mask])
    return Strings(np.concatenate(data), borders(np.concatenate(sizes)))
