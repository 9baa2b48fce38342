"""A segment in its file: which array has which name, how it is written and opened.

A segment is one array file (`columns`), ``NAME.segment``. Opening maps it and checks that the
arrays' shapes agree with one another, which takes about a millisecond whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from corpus.duplicates import KEYS, SKETCH_BYTES
from corpus.errors import IndexBrokenError
from indexer.columns import ArrayFile, ArrayWriter
from indexer.segment import FacetColumn, Segment, Strings, TextField
from indexer.stored import CompressedArticles

__all__ = [
    "FACETS", "SUFFIX", "TEXTS", "SegmentMeta", "new_file", "open_segment", "read_segment",
    "segment_path",
    "verify_segment", "write_arrays", "write_facet", "write_meta", "write_segment", "write_strings",
]  # fmt: skip

SUFFIX = ".segment"

TEXTS = ("text", "title", "lead")
"""The analysed fields of every segment."""

FACETS = (
    "tags", "topic", "section", "source", "authors", "place", "places", "people", "orgs",
    "exchanges", "language",
)  # fmt: skip
"""The facets that are kept as columns; each is the attribute of `Article` of the same name."""

_TEXT_ARRAYS = {
    "starts": np.int64, "postings": np.uint32, "forms": np.uint8, "form_starts": np.int64,
    "form_offsets": np.int64, "blocks": np.int64, "block_tf": np.uint8, "block_length": np.uint8,
    "positions": np.uint8, "block_positions": np.int64, "lengths": np.uint8,
}  # fmt: skip
_FACET_ARRAYS = {
    "offsets": np.uint32, "ordinals": np.uint32, "value_starts": np.int64, "value_docs": np.uint32,
}  # fmt: skip
_STORED_ARRAYS = {
    "blocks": np.uint8, "starts": np.int64, "firsts": np.uint32, "lengths": np.uint32,
}  # fmt: skip
_COLUMNS = {
    "dates": np.int64, "by_date": np.uint32, "ids": np.uint64, "by_id": np.uint32,
    "clusters": np.uint64, "version_keys": np.uint32, "sketches": np.uint8,
    "fingerprints": np.uint64, "roots": np.uint32, "body_starts": np.uint32,
}  # fmt: skip
_WIDTHS = {"version_keys": KEYS, "sketches": SKETCH_BYTES, "body_starts": 2}
"""Columns that have a row of several numbers for each document."""


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
    for name in _STORED_ARRAYS:
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


class _Reader:
    """Takes arrays out of a file, each of the type and number of dimensions that it must have."""

    def __init__(self, file: ArrayFile) -> None:
        self._file = file

    def array(self, name: str, dtype: npt.DTypeLike, width: int | None = None) -> npt.NDArray[Any]:
        found = self._file[name]
        if found.dtype != dtype or found.shape[1:] != (() if width is None else (width,)):
            raise IndexBrokenError(_misfit(self._file.name))
        return found

    def arrays(self, prefix: str, kinds: Mapping[str, type]) -> dict[str, npt.NDArray[Any]]:
        return {
            name: self.array(prefix + name, kind, _WIDTHS.get(name)) for name, kind in kinds.items()
        }

    def strings(self, name: str) -> Strings:
        return Strings(
            self.array(f"{name}/data", np.uint8), self.array(f"{name}/offsets", np.int64)
        )  # fmt: skip

    def text(self, name: str, total: int) -> TextField:
        prefix = f"text/{name}/"
        return TextField(
            name=name,
            terms=self.strings(f"{prefix}terms"),
            form_words=self.strings(f"{prefix}form_words"),
            total_length=total,
            **self.arrays(prefix, _TEXT_ARRAYS),
        )

    def facet(self, name: str) -> FacetColumn:
        prefix = f"facet/{name}/"
        return FacetColumn(
            name=name,
            values=self.strings(f"{prefix}values"),
            keys=self.strings(f"{prefix}keys"),
            **self.arrays(prefix, _FACET_ARRAYS),
        )


def read_segment(file: ArrayFile, name: str) -> Segment:
    """Return the segment in an open array file; raises IndexBrokenError where it is none."""
    n_docs, totals = _read_meta(file)
    reader = _Reader(file)
    titles, urls = reader.strings("titles"), reader.strings("urls")
    columns = reader.arrays("", _COLUMNS)
    stored = reader.arrays("stored/", _STORED_ARRAYS)
    segment = Segment(
        name=name,
        n_docs=n_docs,
        text={field: reader.text(field, totals[field]) for field in TEXTS},
        facets={facet: reader.facet(facet) for facet in FACETS},
        titles=titles,
        urls=urls,
        stored=CompressedArticles(
            ids=columns["ids"], urls=urls, titles=titles, place=file.name, **stored
        ),
        **columns,
    )
    if not _fits_together(segment):
        raise IndexBrokenError(_misfit(file.name))
    return segment


def _read_meta(file: ArrayFile) -> tuple[int, dict[str, int]]:
    """Return the number of documents and the total length of each field."""
    try:
        meta = orjson.loads(file["meta"].tobytes())
        n_docs, totals = meta["n_docs"], meta["texts"]
        numbers = [n_docs, *(totals[field] for field in TEXTS)]
        fits = all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexBrokenError(f"{file.name} is not a segment: run broadsheet check.") from error
    if not fits or set(totals) != set(TEXTS) or meta.get("facets") != list(FACETS):
        raise IndexBrokenError(_misfit(file.name))
    return n_docs, totals


def _fits_together(segment: Segment) -> bool:
    """Whether arrays that are indexed by one another's entries agree in length."""
    n = segment.n_docs
    agree = [len(getattr(segment, column)) == n for column in _COLUMNS]
    agree += [len(strings.offsets) == n + 1 for strings in (segment.titles, segment.urls)]
    for field in segment.text.values():
        terms = len(field.terms.offsets)
        agree += [
            terms == len(field.starts) == len(field.blocks) == len(field.form_offsets) > 0,
            len(field.form_starts) == terms - 1,
            len(field.postings) == int(field.starts[-1:].sum()),
            len(field.block_tf) == len(field.block_length) == len(field.block_positions) - 1,
            len(field.lengths) == n,
        ]
    for facet in segment.facets.values():
        values = len(facet.keys.offsets)
        agree += [
            values == len(facet.values.offsets) == len(facet.value_starts) > 0,
            len(facet.offsets) == n + 1,
            len(facet.value_docs) == len(facet.ordinals),
        ]
    return all(agree)


def _misfit(name: str) -> str:
    return (
        f"{name} is damaged: its arrays do not fit together. Run broadsheet check, and "
        "broadsheet repair or restore a backup."
    )
