"""Arrays of a segment, verified the first time that each is used.

Opening a segment reads nothing of its arrays. So that no answer is ever computed from a damaged
array, or from one that a stranger wrote to lead a kernel out of bounds, a part of a segment is
verified when it is loaded (`parts`): the checksum of its bytes is compared, and then the rule of
its row (`arrays`) is. That costs a pass over the arrays that a query needs, once a process, at
memory bandwidth; later uses cost nothing. Stored articles carry a checksum in every compressed
block instead.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.core.errors import IndexBrokenError
from indexer.segment.arrays import Array, rows
from indexer.segment.columns import ArrayFile
from indexer.segment.file import fit_together, read_segment, segment_path
from indexer.segment.parts import FileParts, kept
from indexer.segment.segment import FacetColumn, Segment, TextField
from indexer.store.durable import broken
from indexer.store.processors import usable_processors

_LARGE = 4 << 20
"""Bytes from which on a checksum, at 10 GB/s, is worth a thread."""


@contextmanager
def _verified(file: ArrayFile, arrays: tuple[str, ...]) -> Iterator[None]:
    """Compare the checksums of arrays, of large ones beside what goes on: each takes a pass.

    Raises IndexBrokenError at the end, naming the first that is damaged.
    """
    damage: list[IndexBrokenError] = []

    def compare() -> None:
        try:
            for array in arrays:
                file.verify(array)
        except IndexBrokenError as error:
            damage.append(error)

    for array in arrays:
        file.fetch(array)  # before anything touches them
    thread = threading.Thread(target=compare)
    beside = sum(map(file.nbytes, arrays)) > _LARGE
    thread.start() if beside else compare()
    try:
        yield
    finally:
        if beside:
            thread.join()
        if damage:
            raise damage[0]


def _arrays(place: str, row: Array) -> tuple[str, ...]:
    """Return the arrays in the file that a part is made of, and that have no checksums inside."""
    if not row.is_group:
        return (place,)
    return tuple([f"{place}/{part}" for part, own in rows(row.kind).items() if not own.framed])


class _Guard(FileParts):
    """Verifies the parts of one segment, or of one field or facet of it, as they are loaded."""

    def __init__(self, file: ArrayFile, prefix: str, kind: type, sizes: Mapping[str, int]) -> None:
        super().__init__(file, prefix, kind, sizes)
        self._sound: set[str] = set()
        self._lock = threading.RLock()

    def load(self, whole: Any, name: str) -> Any:
        """Return a part that is verified, and keep it. Raises IndexBrokenError, naming the file.

        Threads wait for the one that verifies.
        """
        with self._lock:
            return kept(whole, name, lambda: self._checked(whole, name))

    def _checked(self, whole: Any, name: str) -> Any:
        if name in self._sound:  # and forgotten since
            return self.read(whole, name)
        row, place = self.rows[name], self.prefix + name
        with _verified(self.file, _arrays(place, row)):
            value = self.read(whole, name)
            holds = self._holds(row, place, value, whole)
        if not holds:
            raise broken(self.file.name, f"is damaged ({place} does not fit the rest of it)")
        self._sound.add(name)
        return value

    def _holds(self, row: Array, place: str, value: Any, whole: Any) -> bool:
        if not row.is_group:
            return row.rule(value, whole, self.sizes)
        sizes = {"n": self.sizes[row.count]}
        return fit_together(self.file, f"{place}/", row.kind, sizes) and all(
            own.rule(getattr(value, part), value, sizes) for part, own in rows(row.kind).items()
        )


def open_guarded(folder: Path, name: str, n_sources: int) -> Segment:
    """Open a segment whose arrays are verified on first use.

    `n_sources` is the number of sources that its `roots` may name. Raises IndexBrokenError, then
    and whenever a damaged array is first used.
    """
    file = ArrayFile.open(segment_path(folder, name))
    file.verify("meta")
    return read_segment(file, name, n_sources, _Guard)


def verify_whole(folder: Path, name: str, n_sources: int) -> Segment:
    """Open a segment and verify every byte and rule of it. Raises IndexBrokenError."""
    from concurrent.futures import ThreadPoolExecutor

    file = ArrayFile.open(segment_path(folder, name))
    file.verify()
    segment = read_segment(file, name, n_sources, _Guard)
    wholes: list[tuple[Any, type]] = [
        *((field, TextField) for field in segment.text.values()),
        *((facet, FacetColumn) for facet in segment.facets.values()),
        (segment, Segment),
    ]
    with ThreadPoolExecutor(usable_processors()) as pool:
        for _ in pool.map(lambda one: [getattr(one[0], part) for part in rows(one[1])], wholes):
            pass
    return segment
