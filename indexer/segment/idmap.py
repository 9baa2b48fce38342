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


_LONGEST_RUN = 1 << 22
"""Ids of a run that takes up no further one: merging needs three times the memory of both."""


class IdSet:
    """A growing set of ids."""

    def __init__(self) -> None:
        self._runs: list[tuple[U64, ...]] = []  # ids, ascending and distinct, and their values

    def add(self, ids: U64) -> None:
        """Add ids, uint64[n]."""
        self._take(ids)

    def has(self, ids: U64) -> npt.NDArray[np.bool_]:
        """Return whether each id is there, bool[n]."""
        found = np.zeros(len(ids), np.bool_)
        for run in self._runs:
            found |= find_sorted(run[0], ids)[1]
        return found

    def _take(self, *columns: U64) -> None:
        if not len(columns[0]):
            return
        run = _run(columns)
        while self._runs and len(self._runs[-1][0]) <= min(2 * len(run[0]), _LONGEST_RUN):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


class IdMap(IdSet):
    """A growing map from ids to uint64 values."""

    def put(self, ids: U64, values: U64 | None = None) -> None:
        """Add ids, uint64[n], with their values, uint64[n]; a later value replaces an earlier."""
        self._take(ids, np.zeros(len(ids), np.uint64) if values is None else values)

    def get(self, ids: U64) -> tuple[npt.NDArray[np.bool_], U64]:
        """Return whether each id is there, bool[n], and its value, uint64[n], 0 where it is not."""
        found = np.zeros(len(ids), np.bool_)
        values = np.zeros(len(ids), np.uint64)
        for run_ids, run_values in self._runs:  # oldest first, so that the latest value stays
            at, here = find_sorted(run_ids, ids)
            values[here] = run_values[at[here]]
            found |= here
        return found, values

    def items(self) -> tuple[U64, U64]:
        """Return every id, ascending, and the value of each."""
        while len(self._runs) > 1:
            newer = self._runs.pop()
            self._runs.append(_merged(self._runs.pop(), newer))
        ids, values = self._runs[0] if self._runs else (np.zeros(0, np.uint64),) * 2
        return ids, values


def _run(columns: tuple[U64, ...]) -> tuple[U64, ...]:
    """Return ids, ascending and distinct, each with its last value."""
    ids = columns[0]
    order = np.argsort(ids, kind="stable")
    order = order[np.append(ids[order[1:]] != ids[order[:-1]], True)]
    return tuple([column[order] for column in columns])


def _merged(older: tuple[U64, ...], newer: tuple[U64, ...]) -> tuple[U64, ...]:
    """Return two runs as one; of an id that both have, with the newer one's value."""
    at = np.searchsorted(older[0], newer[0])
    replaced = older[0].take(at, mode="clip") == newer[0]
    kept = np.ones(len(older[0]), np.bool_)
    kept[at[replaced]] = False
    at += np.arange(len(at)) - np.cumsum(replaced) + replaced
    is_older = np.ones(len(older[0]) + np.count_nonzero(~replaced), np.bool_)
    is_older[at] = False
    merged = []
    for before, now in zip(older, newer, strict=True):
        column = np.empty(len(is_older), np.uint64)
        column[is_older] = before[kept]
        column[at] = now
        merged.append(column)
    return tuple(merged)
