"""Sets of article ids as sorted arrays: 8 bytes an article (16 with a value), not 100.

An id is 16 hexadecimal digits outside and a uint64 inside. A run of indexing has to remember which
ids it has met; sorted runs, merged when they reach the size of their neighbour (as in a
log-structured merge tree), take a batch in and look a batch up without a loop over the ids.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]


def to_numbers(ids: Sequence[str]) -> U64:
    """Return ids as uint64[len(ids)]. Raises ValueError for what is no id."""
    if any(len(one) != 16 for one in ids):
        raise ValueError("an id is 16 hexadecimal digits")
    return np.frombuffer(bytes.fromhex("".join(ids)), dtype=">u8").astype(np.uint64)


def to_text(numbers: U64) -> list[str]:
    """Return ids as the article has them."""
    digits = numbers.astype(">u8").tobytes().hex()
    return [digits[at : at + 16] for at in range(0, len(digits), 16)]


def find_sorted(haystack: U64, needles: U64) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return where each needle is in an ascending array (int64), and whether it is (bool)."""
    if not len(haystack):
        return np.zeros(len(needles), np.int64), np.zeros(len(needles), np.bool_)
    at = np.searchsorted(haystack, needles)
    at[at == len(haystack)] = 0
    return at, haystack[at] == needles


class IdMap:
    """A growing map from ids to uint64 values."""

    def __init__(self) -> None:
        self._runs: list[tuple[U64, U64]] = []

    def __len__(self) -> int:
        """Return how many ids there are."""
        return len(self.ids())

    def put(self, ids: U64, values: U64 | None = None) -> None:
        """Add ids, uint64[n], with their values, uint64[n]; a later value replaces an earlier."""
        if not len(ids):
            return
        run = _run(ids, np.zeros(len(ids), np.uint64) if values is None else values)
        while self._runs and len(self._runs[-1][0]) <= 2 * len(run[0]):
            older = self._runs.pop()
            run = _run(np.concatenate([older[0], run[0]]), np.concatenate([older[1], run[1]]))
        self._runs.append(run)

    def get(self, ids: U64) -> tuple[npt.NDArray[np.bool_], U64]:
        """Return whether each id is there, bool[n], and its value, uint64[n], 0 where it is not."""
        found = np.zeros(len(ids), np.bool_)
        values = np.zeros(len(ids), np.uint64)
        for run_ids, run_values in self._runs:  # oldest first, so that the latest value stays
            at, here = find_sorted(run_ids, ids)
            values[here] = run_values[at[here]]
            found |= here
        return found, values

    def ids(self) -> U64:
        """Return every id in ascending order."""
        if len(self._runs) > 1:
            ids, values = map(np.concatenate, zip(*self._runs, strict=True))
            self._runs = [_run(ids, values)]
        return self._runs[0][0] if self._runs else np.zeros(0, np.uint64)


def _run(ids: U64, values: U64) -> tuple[U64, U64]:
    """Return ids ascending and distinct, each with its last value."""
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    last = np.ones(len(ids), np.bool_)
    last[:-1] = ids[1:] != ids[:-1]
    return ids[last], values[order][last]
