"""A segment in its file: which array has which name, how it is written and opened.

A segment is one array file (`columns`), ``NAME.segment``. Opening maps it and checks, by the table
of contents, that the arrays' shapes agree with one another, which takes about a millisecond
whatever the size; an array is read when it is first used (`segment_parts`). Of a text field,
`blocks` and `form_starts` are not in the file: they follow from other arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from corpus.core import fields
from corpus.core.errors import IndexBrokenError, OtherVersionError
from corpus.duplicates import KEYS, SKETCH_BYTES
from indexer.segment.columns import ArrayFile, ArrayWriter
from indexer.segment.compressed_blocks import ARRAYS as STORED_ARRAYS
from indexer.segment.parts import LazyFacet, LazySegment, LazyText, kept, made
from indexer.segment.segment import (
    BLOCK,
    FIRST_DATE,
    I64,
    LAST_DATE,
    NO_DATE,
    FacetColumn,
    Segment,
    Strings,
    TextField,
)
from indexer.segment.stored import CompressedArticles
from indexer.write.invert_kernels import place_forms
from indexer.write.invert_postings import borders

__all__ = [
    "FACETS", "SUFFIX", "TEXTS", "FileParts", "SegmentMeta", "never_written", "new_file",
    "open_segment",
    "read_segment", "segment_path", "verify_segment", "write_arrays", "write_facet", "write_meta",
    "write_segment", "write_strings",
]  # fmt: skip

SUFFIX = ".segment"

TEXTS = ("text", *(name for name in fields.TEXTS if name != "body"))
"""The analysed fields of every segment; ``body`` is answered from ``text``."""

FACETS = fields.VALUES
"""The facets that are kept as columns; each is the attribute of `Article` of the same name."""

_TEXT_ARRAYS = {
    "starts": np.int64, "postings": np.uint32, "forms": np.uint8, "form_offsets": np.int64,
    "block_tf": np.uint8, "block_length": np.uint8, "positions": np.uint8,
    "block_positions": np.int64, "position_forms": np.uint8, "block_position_forms": np.int64,
    "lengths": np.uint8,
}  # fmt: skip
_FACET_ARRAYS = {
    "offsets": np.uint32, "ordinals": np.uint32, "value_starts": np.int64, "value_docs": np.uint32,
}  # fmt: skip
_COLUMNS = {
    "dates": np.int64, "added": np.int64, "precisions": np.uint8, "by_date": np.uint32,
    "ids": np.uint64, "by_id": np.uint32, "clusters": np.uint64, "version_keys": np.uint32,
    "sketches": np.uint8, "fingerprints": np.uint64, "roots": np.uint32, "part_bounds": np.uint32,
}  # fmt: skip
_LATER = frozenset(("added", "precisions", "part_bounds", "position_forms", "block_position_forms"))
"""Arrays that earlier versions did not write."""

_WIDTHS = {"version_keys": KEYS, "sketches": SKETCH_BYTES, "part_bounds": 3}
"""Columns that have a row of several numbers for each document."""

_STRINGS = frozenset(("terms", "form_words", "values", "keys", "titles", "urls"))
"""Parts that are lists of strings."""


@dataclass(frozen=True, slots=True)
class SegmentMeta:
    """What was written: the segment's name, its articles, and its file's name and size."""

    name: str
    n_docs: int
    file: str
    nbytes: int


class _Sink(Protocol):
    def write(self, name: str, array: npt.NDArray[Any]) -> None: ...


def write_strings(sink: _Sink, name: str, strings: Strings) -> None:
    """Write a list of strings under a name."""
    sink.write(f"{name}/data", strings.data)
    sink.write(f"{name}/offsets", strings.offsets)


def write_meta(
    sink: _Sink, n_docs: int, totals: Mapping[str, int], facets: tuple[str, ...]
) -> None:
    """Write what a segment has: its articles, fields with their total lengths, and facets."""
    meta = {"n_docs": n_docs, "texts": totals, "facets": facets}
    sink.write("meta", np.frombuffer(orjson.dumps(meta), np.uint8))


def write_facet(sink: _Sink, facet: FacetColumn) -> None:
    """Write the column of a facet."""
    write_strings(sink, f"facet/{facet.name}/values", facet.values)
    write_strings(sink, f"facet/{facet.name}/keys", facet.keys)
    for array in _FACET_ARRAYS:
        sink.write(f"facet/{facet.name}/{array}", getattr(facet, array))


def write_arrays(sink: _Sink, segment: Segment) -> None:
    """Write the arrays of a segment to an array writer."""
    totals = {name: int(field.total_length) for name, field in segment.text.items()}
    write_meta(sink, segment.n_docs, totals, tuple(segment.facets))
    for name, field in segment.text.items():
        write_strings(sink, f"text/{name}/terms", field.terms)
        write_strings(sink, f"text/{name}/form_words", field.form_words)
        for array in _TEXT_ARRAYS:
            sink.write(f"text/{name}/{array}", getattr(field, array))
    for facet in segment.facets.values():
        write_facet(sink, facet)
    for name in _COLUMNS:
        sink.write(name, getattr(segment, name))
    write_strings(sink, "titles", segment.titles)
    write_strings(sink, "urls", segment.urls)
    stored = segment.stored
    if not isinstance(stored, CompressedArticles):
        raise TypeError("a segment stores its articles in compressed blocks")
    for name in STORED_ARRAYS:
        sink.write(f"stored/{name}", getattr(stored, name))


def segment_path(folder: Path, name: str) -> Path:
    """Return the file of a segment."""
    return folder / f"{name}{SUFFIX}"


def write_segment(segment: Segment, folder: Path, name: str) -> SegmentMeta:
    """Write a segment to a new file; a file that cannot be finished is removed.

    Whoever commits the file flushes it to the device. Raises OSError.
    """
    path = segment_path(folder, name)
    with new_file(path) as file:
        with ArrayWriter(file) as writer:
            write_arrays(writer, segment)
        size = file.tell()
    return SegmentMeta(name, segment.n_docs, path.name, size)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is not there yet; it is removed if it cannot be finished."""
    with path.open("xb") as file:
        try:
            yield file
            file.flush()
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def open_segment(folder: Path, name: str) -> Segment:
    """Open a segment by mapping its file; raises IndexBrokenError where it cannot be one."""
    return read_segment(ArrayFile.open(segment_path(folder, name)), name)


def verify_segment(folder: Path, name: str) -> None:
    """Read all of a segment's file; raises IndexBrokenError saying what is damaged."""
    file = ArrayFile.open(segment_path(folder, name))
    file.verify()
    read_segment(file, name)


def _blocks(field: TextField) -> I64:
    """Return `TextField.blocks`, which follow from the numbers of postings."""
    return borders(np.diff(field.starts) + (BLOCK - 1) >> BLOCK.bit_length() - 1)


def _form_starts(field: TextField) -> I64:
    """Return `TextField.form_starts`: terms of several forms have runs one after the other."""
    starts = np.empty(len(field.form_offsets) - 1, np.int64)
    place_forms(field.starts, field.form_offsets, starts)
    return starts


class FileParts:
    """The parts of a segment, or with a prefix of a field or facet of it, from its file.

    They are as the file has them: nothing is verified (`soundness` does).
    """

    def __init__(self, file: ArrayFile, prefix: str = "") -> None:
        self.file = file
        self.prefix = prefix

    def load(self, whole: Any, name: str) -> Any:
        """Return a part and keep it. Raises IndexBrokenError where the file has no such part."""
        return kept(whole, name, lambda: self.read(whole, name))

    def release(self) -> None:
        """Give back the pages of the file."""
        self.file.release()

    def read(self, whole: Any, name: str) -> Any:
        """Return a part, which may ask `whole` for others."""
        place = self.prefix + name
        if name in _STRINGS:
            return Strings(self.file[f"{place}/data"], self.file[f"{place}/offsets"])
        if place == "dates":
            return _within_the_calendar(self.file[place])
        if name == "blocks":
            return _blocks(whole)
        if name == "form_starts":
            return _form_starts(whole)
        if name == "stored":
            return CompressedArticles(
                ids=whole.ids, urls=whole.urls, titles=whole.titles, place=self.file.name,
                **{array: self.file[f"stored/{array}"] for array in STORED_ARRAYS},
            )  # fmt: skip
        return self.file[place]


def _within_the_calendar(dates: I64) -> I64:
    """Return dates of which none is beyond the edges that they may have: those are moved to them,
    which keeps their order. What this version writes has none."""
    beyond = (dates > LAST_DATE) | ((dates < FIRST_DATE) & (dates != NO_DATE))
    if not beyond.any():
        return dates
    moved = np.where(dates == NO_DATE, NO_DATE, dates.clip(FIRST_DATE, LAST_DATE))
    moved.setflags(write=False)
    return moved


def read_segment(file: ArrayFile, name: str) -> Segment:
    """Return the segment in an open array file; raises IndexBrokenError where it is none."""
    n_docs, totals, written = _read_meta(file)
    if not _fits_together(file, n_docs, written):
        raise IndexBrokenError(_misfit(file.name))
    text = {
        field: made(
            LazyText, FileParts(file, f"text/{field}/"), name=field, total_length=totals[field]
        )
        for field in TEXTS
    }
    facets = {
        facet: made(LazyFacet, FileParts(file, f"facet/{facet}/"), name=facet)
        if facet in written
        else empty_facet(facet, n_docs)
        for facet in FACETS
    }
    return made(
        LazySegment, FileParts(file), name=name, n_docs=n_docs, text=text, facets=facets,
        **never_written(file, n_docs),
    )  # fmt: skip


def never_written(file: ArrayFile, n_docs: int) -> dict[str, npt.NDArray[Any]]:
    """Return the columns that earlier versions did not write. To them every date was an instant:
    such a segment is read for its stored articles only. When articles came is not known."""
    later = {"precisions": np.uint8, "added": np.int64}
    return {name: np.zeros(n_docs, kind) for name, kind in later.items() if name not in file}


def empty_facet(name: str, n_docs: int) -> FacetColumn:
    """Return the column of a facet that the archive did not know yet: no document has a value."""
    none = Strings(np.empty(0, np.uint8), np.zeros(1, np.int64))
    return FacetColumn(
        name=name, values=none, keys=none, offsets=np.zeros(n_docs + 1, np.uint32),
        ordinals=np.empty(0, np.uint32), value_starts=np.zeros(1, np.int64),
        value_docs=np.empty(0, np.uint32),
    )  # fmt: skip


def _read_meta(file: ArrayFile) -> tuple[int, dict[str, int], list[str]]:
    """Return the number of documents, the total length of each field, and the facets there are."""
    try:
        meta = orjson.loads(file["meta"].tobytes())
        n_docs, totals, written = meta["n_docs"], meta["texts"], meta["facets"]
        numbers = [n_docs, *(totals[field] for field in TEXTS)]
        newer = set(written) - set(FACETS)
        fits = all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexBrokenError(f"{file.name} is not a segment: run broadsheet check.") from error
    if not fits or set(totals) != set(TEXTS):
        raise IndexBrokenError(_misfit(file.name))
    if newer:
        raise OtherVersionError(
            f"{file.name} has fields that this version does not know ({', '.join(sorted(newer))}): "
            "install the version of Broadsheet that wrote it, or a newer one."
        )
    return n_docs, totals, written


def _fits_together(file: ArrayFile, n: int, facets: Iterable[str]) -> bool:
    """Whether arrays have their types, and those indexed by one another's entries fit in length."""

    def lengths(prefix: str, kinds: Mapping[str, type]) -> dict[str, int]:
        found = {}
        for name, kind in kinds.items():
            if name in _LATER and prefix + name not in file:
                continue
            width = (_WIDTHS[name],) if not prefix and name in _WIDTHS else ()
            shape = file.shape(prefix + name)
            agree.append(file.dtype(prefix + name) == kind and shape[1:] == width)
            found[name] = shape[0]
        return found

    def strings(name: str) -> int:
        return lengths(f"{name}/", {"data": np.uint8, "offsets": np.int64})["offsets"]

    agree: list[bool] = []
    agree += [length == n for length in lengths("", _COLUMNS).values()]
    agree += [strings(name) == n + 1 for name in ("titles", "urls")]
    stored = lengths("stored/", STORED_ARRAYS)
    agree += [
        stored["lengths"] == n,
        stored["firsts"] == stored["starts"] == stored["dictionary_of"] + 1,
        stored["dictionary_starts"] > 0,
    ]
    for name in TEXTS:
        prefix = f"text/{name}/"
        field = lengths(prefix, _TEXT_ARRAYS)
        strings(f"{prefix}form_words")
        agree += [
            strings(f"{prefix}terms") == field["starts"] == field["form_offsets"] > 0,
            field["block_tf"] == field["block_length"] == field["block_positions"] - 1,
            field.get("block_position_forms", field["block_positions"]) == field["block_positions"],
            field["lengths"] == n,
        ]
    for name in facets:
        prefix = f"facet/{name}/"
        facet = lengths(prefix, _FACET_ARRAYS)
        agree += [
            strings(f"{prefix}keys") == strings(f"{prefix}values") == facet["value_starts"] > 0,
            facet["offsets"] == n + 1,
            facet["value_docs"] == facet["ordinals"],
        ]
    return all(agree)


def _misfit(name: str) -> str:
    return (
        f"{name} is damaged: its arrays do not fit together. Run broadsheet check, and "
        "broadsheet repair or restore a backup."
    )
