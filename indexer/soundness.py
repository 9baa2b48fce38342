"""Arrays of a segment, verified the first time that each is used.

Opening a segment reads nothing of its arrays. So that no answer is ever computed from a damaged
array, or from one that a stranger wrote to lead a kernel out of bounds, an opened segment is
wrapped: reading one of its attributes for the first time compares the checksum of its bytes and
holds what it says of other arrays to their sizes. That costs a pass over the arrays that a query
needs, once a process, at memory bandwidth; later uses cost a set look-up. Stored articles carry a
checksum in every compressed block instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from corpus.errors import IndexBrokenError
from indexer.columns import ArrayFile
from indexer.invert_postings import form_runs
from indexer.segment import BLOCK, LAST, MORE, TF_BITS, FacetColumn, Segment, Strings, TextField
from indexer.segment_file import read_segment, segment_path
from indexer.stored import CompressedArticles

__all__ = ["open_guarded", "verify_whole"]

Whole = TypeVar("Whole", Segment, TextField, FacetColumn)
Rule = Callable[[Any, int, int], bool]
"""What must hold of a part: given it, the number of documents, and that of sources."""

Ints = npt.NDArray[Any]


def _borders(borders: Ints, end: int) -> bool:
    """Say whether ascending borders divide up [0, end)."""
    return (
        len(borders) > 0
        and int(borders[0]) == 0
        and int(borders[-1]) == end
        and bool((borders[1:] >= borders[:-1]).all())
    )


def _below(numbers: Ints, end: int) -> bool:
    return len(numbers) == 0 or (int(numbers.min()) >= 0 and int(numbers.max()) < end)


def _strings(strings: Strings) -> bool:
    return _borders(strings.offsets, len(strings.data))


def _count(strings: Strings) -> int:
    return len(strings.offsets) - 1


def _blocks(field: TextField) -> bool:
    if not _borders(field.blocks, len(field.block_tf)) or len(field.blocks) != len(field.starts):
        return False
    expected = -(-np.diff(field.starts) // BLOCK)
    return bool(np.array_equal(np.diff(field.blocks), expected))


def _forms(field: TextField) -> bool:
    """Say whether the bytes of each term's forms lie within the array."""
    if len(field.form_starts) != _count(field.terms):
        return False
    runs = form_runs(np.diff(field.form_offsets))
    starts = field.form_starts
    ends = starts + runs * np.diff(field.starts)
    return bool(((starts >= -1) & ((starts < 0) | (ends <= len(field.forms)))).all())


def _positions(field: TextField) -> bool:
    """Say whether the positions of each block are those of as many postings as it has."""
    # Their own rule asks for the positions, so it may be waiting for this one.
    if not _borders(field.block_positions, len(field.positions)):
        return False
    return bool(
        _blocks_agree(field.starts, field.blocks, field.positions, field.block_positions)
    )


@njit(cache=True, nogil=True)
def _blocks_agree(starts: Ints, blocks: Ints, positions: Ints, block_positions: Ints) -> bool:
    """Count, block by block, the bytes that end a posting."""
    flags, last = np.uint8(MORE | LAST), np.uint8(LAST)
    for term in range(starts.shape[0] - 1):
        for block in range(blocks[term], blocks[term + 1]):
            first = starts[term] + (block - blocks[term]) * BLOCK
            begin, end = block_positions[block], block_positions[block + 1]
            found = np.int64(0)
            for at in range(begin, end):
                found += (positions[at] & flags) == last
            if found != min(BLOCK, starts[term + 1] - first) or found == 0:
                return False
            if positions[end - 1] & flags != last:
                return False
    return True


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
    "blocks": lambda f, n, _: _blocks(f),
    "block_tf": _NO_RULE,
    "block_length": _NO_RULE,
    "positions": lambda f, n, _: _positions(f),
    "block_positions": lambda f, n, _: _borders(f.block_positions, len(f.positions)),
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
    "by_date": lambda s, n, _: _below(s.by_date, n),
    "ids": _NO_RULE,
    "by_id": lambda s, n, _: _below(s.by_id, n),
    "clusters": _NO_RULE,
    "version_keys": _NO_RULE,
    "sketches": _NO_RULE,
    "fingerprints": _NO_RULE,
    "roots": lambda s, n, n_sources: _below(s.roots, n_sources),
    "body_starts": _NO_RULE,
    "titles": lambda s, n, _: _strings(s.titles),
    "urls": lambda s, n, _: _strings(s.urls),
    "stored": lambda s, n, _: _stored(s, n),
}

_STORED = ("stored/starts", "stored/firsts", "stored/lengths", "ids", "titles", "urls")
"""What stored articles are put together from, but not ``stored/blocks``: its blocks have checksums
of their own, and most are never read."""


class _Guard:
    """Verifies the parts of one segment, or of one field or facet of it, on first use."""

    def __init__(
        self, file: ArrayFile, prefix: str, n_docs: int, n_sources: int, plain: object
    ) -> None:  # fmt: skip
        self.file = file
        self.prefix = prefix
        self.n_docs = n_docs
        self.n_sources = n_sources
        self.plain = plain

    def check(self, whole: Any, part: str, rule: Rule) -> None:
        """Verify a part. Raises IndexBrokenError, naming the file and what to do."""
        names = _STORED if part == "stored" else (self.prefix + part,)
        for name in names:
            self.file.verify(name)
        if not rule(whole, self.n_docs, self.n_sources):
            raise IndexBrokenError(
                f"{self.file.name} is damaged: {self.prefix}{part} does not fit the rest of it."
                " Run `broadsheet check` to see what else is, then `broadsheet repair`, or restore"
                " a backup."
            )


def _guarded(base: type[Whole], rules: Mapping[str, Rule]) -> type[Whole]:
    """Return a subclass whose parts are verified when they are first read.

    Their slots are empty until then, which is when Python asks `__getattr__`; afterwards reading
    one costs what it does of any object, where a property would cost each query 2 µs.
    """

    def verified(self: Any, name: str) -> Any:
        rule = rules.get(name)
        if rule is None:
            raise AttributeError(f"'{base.__name__}' has no attribute '{name}'")
        guard = self._guard
        slot = base.__dict__[name]
        slot.__set__(self, getattr(guard.plain, name))
        try:  # with the slot filled, since a rule looks at other parts, and they at this
            guard.check(self, name, rule)
        except BaseException:
            slot.__delete__(self)
            raise
        return slot.__get__(self)

    return type(
        f"Guarded{base.__name__}", (base,), {"__slots__": ("_guard",), "__getattr__": verified}
    )


_GuardedText = _guarded(TextField, _TEXT_RULES)
_GuardedFacet = _guarded(FacetColumn, _FACET_RULES)
_GuardedSegment = _guarded(Segment, _SEGMENT_RULES)


def _wrap(
    kind: type[Whole], whole: Whole, rules: Mapping[str, Rule], guard: _Guard, **replaced: Any
) -> Whole:
    """Return a whole with only those parts in place that have no rule."""
    wrapped = object.__new__(kind)
    for field in dataclasses.fields(whole):
        if field.name not in rules:
            value = replaced.get(field.name, getattr(whole, field.name))
            object.__setattr__(wrapped, field.name, value)
    object.__setattr__(wrapped, "_guard", guard)
    return wrapped


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

    def guard(prefix: str, whole: object) -> _Guard:
        return _Guard(file, prefix, n_docs, n_sources, whole)

    text = {
        field: _wrap(_GuardedText, arrays, _TEXT_RULES, guard(f"text/{field}/", arrays))
        for field, arrays in plain.text.items()
    }
    facets = {
        facet: _wrap(_GuardedFacet, arrays, _FACET_RULES, guard(f"facet/{facet}/", arrays))
        for facet, arrays in plain.facets.items()
    }
    return _wrap(
        _GuardedSegment, plain, _SEGMENT_RULES, guard("", plain), text=text, facets=facets
    )


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
