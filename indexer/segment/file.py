"""A segment in its file: how it is written and opened, as the rows of its format say (`arrays`).

A segment is one array file (`columns`), ``NAME.segment``. Opening maps it and checks, by the table
of contents, that the arrays' types are right and their shapes agree with one another, which takes
about a millisecond whatever the size; an array is read when it is first used (`parts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from corpus.core import fields
from corpus.core.errors import OtherVersionError
from corpus.core.stated_date import Precision
from indexer.segment.arrays import ArraySink, rows, write_json, write_parts
from indexer.segment.columns import ArrayFile, ArrayWriter
from indexer.segment.parts import FileParts, LazyFacet, LazySegment, LazyText, made
from indexer.segment.segment import FacetColumn, Segment, Strings, TextField
from indexer.store.durable import broken

SUFFIX = ".segment"
_MISFIT = "is damaged (its arrays do not fit together)"

TEXTS = ("text", *(name for name in fields.TEXTS if name != "body"))
"""The analysed fields of every segment; ``body`` is answered from ``text``."""

FACETS = fields.VALUES
"""The facets that are kept as columns; each is the attribute of `Article` of the same name."""


class SegmentMeta(NamedTuple):
    """What was written: the segment's name, its articles, and its file's name and size."""

    name: str
    n_docs: int
    file: str
    nbytes: int


def write_meta(
    sink: ArraySink, n_docs: int, totals: Mapping[str, int], facets: tuple[str, ...]
) -> None:
    """Write what a segment has: its articles, fields with their total lengths, and facets."""
    write_json(sink, "meta", {"n_docs": n_docs, "texts": totals, "facets": facets})


def write_arrays(sink: ArraySink, segment: Segment) -> None:
    """Write the arrays of a segment to an array writer."""
    totals = {name: int(field.total_length) for name, field in segment.text.items()}
    write_meta(sink, segment.n_docs, totals, tuple(segment.facets))
    # Articles come first: what is cut off at the end is what can be made of them again.
    write_parts(sink, "", Segment, segment)
    for name, field in segment.text.items():
        write_parts(sink, f"text/{name}/", TextField, field)
    for name, facet in segment.facets.items():
        write_parts(sink, f"facet/{name}/", FacetColumn, facet)


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


def read_segment(
    file: ArrayFile, name: str, n_sources: int = 0,
    parts: Callable[[ArrayFile, str, type, Mapping[str, int]], FileParts] = FileParts,
) -> Segment:  # fmt: skip
    """Return the segment in an open array file, its arrays taken from `parts` when they are used.

    Raises IndexBrokenError where the file is none, OtherVersionError where a newer version of
    Broadsheet wrote it. `n_sources` is how many sources the archive has.
    """
    n_docs, totals, written = _read_meta(file)

    def of(prefix: str, kind: type) -> FileParts:
        sizes = {"docs": n_docs, "sources": n_sources, "precisions": len(Precision)}
        if not fit_together(file, prefix, kind, sizes):
            raise broken(file.name, _MISFIT)
        return parts(file, prefix, kind, sizes)

    text = {
        field: made(
            LazyText, of(f"text/{field}/", TextField), name=field, total_length=totals[field]
        )
        for field in TEXTS
    }
    facets = {
        facet: made(LazyFacet, of(f"facet/{facet}/", FacetColumn), name=facet)
        if facet in written
        else empty_facet(facet, n_docs)
        for facet in FACETS
    }
    return made(LazySegment, of("", Segment), name=name, n_docs=n_docs, text=text, facets=facets)


def empty_facet(name: str, n_docs: int) -> FacetColumn:
    """Return the column of a facet that the archive did not know yet: no document has a value."""
    none = Strings(np.empty(0, np.uint8), np.zeros(1, np.int64))
    empty = {
        part: row.empty({"docs": n_docs})
        for part, row in rows(FacetColumn).items()
        if not row.is_group
    }
    return FacetColumn(name=name, values=none, keys=none, **empty)


def _read_meta(file: ArrayFile) -> tuple[int, dict[str, int], list[str]]:
    """Return the number of documents, the total length of each field, and the facets there are."""
    try:
        meta = file.json("meta")
        n_docs, totals, written = meta["n_docs"], meta["texts"], meta["facets"]
        numbers = [n_docs, *(totals[field] for field in TEXTS)]
        newer = set(written) - set(FACETS)
        fits = all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
    except (ValueError, KeyError, TypeError) as error:
        raise broken(file.name, "is not a segment") from error
    if not fits or set(totals) != set(TEXTS):
        raise broken(file.name, _MISFIT)
    if newer:
        raise OtherVersionError(
            f"{file.name} has fields that this version does not know ({', '.join(sorted(newer))}): "
            "install the version of Broadsheet that wrote it, or a newer one."
        )
    return n_docs, totals, written


def fit_together(file: ArrayFile, prefix: str, kind: type, sizes: dict[str, int]) -> bool:
    """Whether arrays have their types, and those that count the same agree in length; `sizes`
    gets what was counted."""
    for name, row in rows(kind).items():
        place = prefix + name
        if row.is_group:
            of_group = {"n": sizes[row.count]} if row.count in sizes else {}
            if not fit_together(file, f"{place}/", row.kind, of_group):
                return False
            length = of_group["n"]
        elif row.derived is not None:
            continue
        elif row.later and place not in file:
            sizes.setdefault(row.count, 0)
            continue
        else:
            found = file.row(place)
            width = (row.width,) if row.width else ()
            if found.dtype != row.kind or found.shape[1:] != width:
                return False
            length = found.shape[0]
        if not row.agrees(length, sizes):
            return False
    return True
