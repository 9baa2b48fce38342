"""Arrays of a segment, verified the first time that each is used.

Opening a segment reads nothing of its arrays. So that no answer is ever computed from a damaged
array, or from one that a stranger wrote to lead a kernel out of bounds, a part of a segment is
verified when it is loaded (`segment_parts`): the checksum of its bytes is compared, and what it
says of other arrays, once it is widened, is held to their sizes. That costs a pass over the arrays
that a query needs, once a process, at memory bandwidth; later uses cost nothing. Stored articles
carry a checksum in every compressed block instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.core.errors import IndexBrokenError
from corpus.core.stated_date import Precision
from indexer.segment.columns import ArrayFile
from indexer.segment.compressed_blocks import ARRAYS
from indexer.segment.file import FileParts, never_written, read_segment, segment_path
from indexer.segment.parts import LazyFacet, LazySegment, LazyText, kept, made
from indexer.segment.segment import TF_BITS, Segment, Strings, TextField
from indexer.segment.stored import CompressedArticles
from indexer.segment.validation_kernels import blocks_agree, divide_up, forms_fit, records_agree

__all__ = ["open_guarded", "verify_whole"]

Rule = Callable[[Any, int, int], bool]
"""What must hold of a part: given it, the number of documents, and that of sources."""

Ints = npt.NDArray[Any]


def _borders(borders: Ints, end: int) -> bool:
    return bool(divide_up(borders, end))


def _below(numbers: Ints, end: int) -> bool:
    signed = numbers.dtype.kind == "i"
    return len(numbers) == 0 or (
        int(numbers.max()) < end and not (signed and int(numbers.min()) < 0)
    )


def _strings(strings: Strings) -> bool:
    return _borders(strings.offsets, len(strings.data))


def _count(strings: Strings) -> int:
    return len(strings.offsets) - 1


def _forms(field: TextField) -> bool:
    """Say whether the bytes of each term's forms lie within the array."""
    return len(field.form_starts) == len(field.starts) - 1 == len(field.form_offsets) - 1 and bool(
        forms_fit(field.starts, field.form_offsets, field.form_starts, len(field.forms))
    )


def _positions(field: TextField) -> bool:
    """Say whether the positions of each block are those of as many postings as it has."""
    # Their own rule asks for the positions, so it may be waiting for this one.
    if not _borders(field.block_positions, len(field.positions)):
        return False
    positions = field.positions
    words = positions[: len(positions) & ~7].view(np.uint64)
    return bool(blocks_agree(field.starts, field.blocks, positions, words, field.block_positions))


def _records(field: TextField) -> bool:
    """Say whether each posting with several forms has a record of those of its positions."""
    if not _borders(field.block_position_forms, len(field.position_forms)):
        return False
    return bool(
        records_agree(
            field.starts, field.blocks, field.form_offsets, field.form_starts, field.forms,
            field.position_forms, field.block_position_forms,
        )
    )  # fmt: skip


def _stored(segment: Segment, n_docs: int) -> bool:
    stored = segment.stored
    return (
        isinstance(stored, CompressedArticles)
        and len(segment.ids) == n_docs
        and len(segment.titles.offsets) == len(segment.urls.offsets) == n_docs + 1
        and _borders(stored.starts, len(stored.blocks))
        and _borders(stored.firsts, n_docs)
        and len(stored.firsts) == len(stored.starts)
        and len(stored.lengths) == n_docs
        and _borders(stored.dictionary_starts, len(stored.dictionaries))
        and _below(stored.dictionary_of, len(stored.dictionary_starts))
        and len(stored.dictionary_of) == len(stored.starts) - 1
    )


_NO_RULE: Rule = lambda part, n_docs, n_sources: True  # noqa: E731

_TEXT_RULES: dict[str, Rule] = {
    "terms": lambda f, n, _: _strings(f.terms),
    "starts": lambda f, n, _: _borders(f.starts, len(f.postings)),
    "postings": lambda f, n, _: _below(f.postings, n << TF_BITS),
    "forms": _NO_RULE,
    "form_starts": lambda f, n, _: _forms(f),
    "form_words": lambda f, n, _: _strings(f.form_words),
    "form_offsets": lambda f, n, _: _borders(f.form_offsets, _count(f.form_words)),
    "blocks": lambda f, n, _: int(f.blocks[-1]) == len(f.block_tf),
    "block_tf": _NO_RULE,
    "block_length": _NO_RULE,
    "positions": lambda f, n, _: _positions(f),
    "block_positions": lambda f, n, _: _borders(f.block_positions, len(f.positions)),
    "position_forms": lambda f, n, _: _records(f),
    "block_position_forms": lambda f, n, _: _borders(f.block_position_forms, len(f.position_forms)),
    "lengths": _NO_RULE,
}
_FACET_RULES: dict[str, Rule] = {
    "values": lambda c, n, _: _strings(c.values),
    "keys": lambda c, n, _: _strings(c.keys),
    "offsets": lambda c, n, _: _borders(c.offsets, len(c.ordinals)),
    "ordinals": lambda c, n, _: _below(c.ordinals, _count(c.values)),
    "value_starts": lambda c, n, _: _borders(c.value_starts, len(c.value_docs)),
    "value_docs": lambda c, n, _: _below(c.value_docs, n),
}
_SEGMENT_RULES: dict[str, Rule] = {
    "dates": _NO_RULE,
    "added": _NO_RULE,
    "precisions": lambda s, n, _: _below(s.precisions, len(Precision)),
    "by_date": lambda s, n, _: _below(s.by_date, n),
    "ids": _NO_RULE,
    "by_id": lambda s, n, _: _below(s.by_id, n),
    "clusters": _NO_RULE,
    "version_keys": _NO_RULE,
    "sketches": _NO_RULE,
    "fingerprints": _NO_RULE,
    "roots": lambda s, n, n_sources: _below(s.roots, n_sources),
    "part_bounds": _NO_RULE,
    "titles": lambda s, n, _: _strings(s.titles),
    "urls": lambda s, n, _: _strings(s.urls),
    "stored": lambda s, n, _: _stored(s, n),
}

_STORED = tuple(f"stored/{name}" for name in ARRAYS if name != "blocks")
"""What tells where stored articles are. ``stored/blocks`` is not among it: its blocks have
checksums of their own, and most are never read."""


_LARGE = 4 << 20
"""Bytes from which on a checksum, at 10 GB/s, is worth a thread."""


class _Checksums:
    """Compares the checksums of arrays, of large ones beside what goes on: each takes a pass."""

    def __init__(self, file: ArrayFile, arrays: tuple[str, ...]) -> None:
        self._file = file
        self._arrays = arrays
        self._damage: IndexBrokenError | None = None
        for array in arrays:
            file.fetch(array)  # before anything touches them
        size = sum(file.nbytes(array) for array in arrays)
        self._thread = threading.Thread(target=self._compare) if size > _LARGE else None
        if self._thread is None:
            self._compare()
        else:
            self._thread.start()

    def _compare(self) -> None:
        try:
            for array in self._arrays:
                self._file.verify(array)
        except IndexBrokenError as error:
            self._damage = error

    def compared(self) -> None:
        """Wait until all are. Raises IndexBrokenError, naming the first that is damaged."""
        if self._thread is not None:
            self._thread.join()
        if self._damage is not None:
            raise self._damage


class _Guard(FileParts):
    """Verifies the parts of one segment, or of one field or facet of it, as they are loaded."""

    def __init__(
        self, file: ArrayFile, prefix: str, rules: Mapping[str, Rule], n_docs: int, n_sources: int
    ) -> None:
        super().__init__(file, prefix)
        self._rules = rules
        self._n_docs = n_docs
        self._n_sources = n_sources
        self._sound: set[str] = set()
        self._loading: dict[str, Any] = {}
        self._lock = threading.RLock()

    def load(self, whole: Any, name: str) -> Any:
        """Return a part that is verified, and keep it. Raises IndexBrokenError, naming the file.

        Threads wait for the one that verifies. Its rule looks at other parts, whose rules look at
        this one: they are shown it unverified.
        """
        with self._lock:
            if name in self._loading:
                return self._loading[name]
            return kept(whole, name, lambda: self._verified(whole, name))

    def _verified(self, whole: Any, name: str) -> Any:
        if name in self._sound:  # and forgotten since
            return self.read(whole, name)
        checksums = _Checksums(self.file, _STORED if name == "stored" else (self.prefix + name,))
        try:
            value = self._loading[name] = self.read(whole, name)
            holds = self._rules[name](whole, self._n_docs, self._n_sources)
        finally:
            self._loading.pop(name, None)
            checksums.compared()
        if not holds:
            raise IndexBrokenError(
                f"{self.file.name} is damaged: {self.prefix}{name} does not fit the rest of it."
                " Run `broadsheet check` to see what else is, then `broadsheet repair`, or restore"
                " a backup."
            )
        self._sound.add(name)
        return value


def open_guarded(folder: Path, name: str, n_sources: int) -> Segment:
    """Open a segment whose arrays are verified on first use.

    `n_sources` is the number of sources that its `roots` may name. Raises IndexBrokenError, then
    and whenever a damaged array is first used.
    """
    return _opened(ArrayFile.open(segment_path(folder, name)), name, n_sources)


def _opened(file: ArrayFile, name: str, n_sources: int) -> Segment:
    file.verify("meta")
    plain = read_segment(file, name)
    n_docs = plain.n_docs

    def guard(prefix: str, rules: Mapping[str, Rule]) -> _Guard:
        return _Guard(file, prefix, rules, n_docs, n_sources)

    text = {
        field: made(
            LazyText, guard(f"text/{field}/", _TEXT_RULES), name=field,
            total_length=arrays.total_length,
        )
        for field, arrays in plain.text.items()
    }  # fmt: skip
    facets = {
        name: made(LazyFacet, guard(f"facet/{name}/", _FACET_RULES), name=name)
        if isinstance(facet, LazyFacet)
        else facet  # the archive did not know it yet
        for name, facet in plain.facets.items()
    }
    return made(
        LazySegment, guard("", _SEGMENT_RULES), name=name, n_docs=n_docs, text=text, facets=facets,
        **never_written(file, n_docs),
    )  # fmt: skip


def verify_whole(folder: Path, name: str, n_sources: int) -> Segment:
    """Open a segment and verify every byte and rule of it. Raises IndexBrokenError."""
    file = ArrayFile.open(segment_path(folder, name))
    file.verify()
    segment = _opened(file, name, n_sources)
    for field in segment.text.values():
        for part in _TEXT_RULES:
            getattr(field, part)
    for facet in segment.facets.values():
        for part in _FACET_RULES:
            getattr(facet, part)
    for part in _SEGMENT_RULES:
        getattr(segment, part)
    return segment
