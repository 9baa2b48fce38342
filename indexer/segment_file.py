"""A segment in its file: which array has which name, how it is written and opened.

A segment is one array file (`columns`), ``NAME.segment``. Opening maps it and checks that the
arrays' shapes agree with one another, which takes about a millisecond whatever the size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from corpus.errors import IndexBrokenError
from indexer.columns import ArrayFile, ArrayWriter
from indexer.segment import FacetColumn, Segment, Strings, TextField
from indexer.stored import CompressedArticles

__all__ = [
    "FACETS", "SUFFIX", "TEXTS", "SegmentMeta", "open_segment", "read_segment", "segment_path",
    "verify_segment",
    "write_arrays", "write_facet", "write_meta", "write_segment", "write_strings",
]  # fmt: skip

SUFFIX = ".segment"

TEXTS = ("text", "title", "lead")
"""The analysed fields of every segment."""

FACETS = (
    "tags", "topic", "section", "source", "authors", "place", "places", "people", "orgs",
    "exchanges", "language",
)  # fmt: skip
"""The facets that are kept as columns; each is the attribute of `Article` of the same name."""

_TEXT_ARRAYS = (
    "starts", "docs", "tfs", "forms", "form_starts", "form_offsets", "blocks", "block_tf",
    "block_length", "positions", "block_positions", "lengths",
)  # fmt: skip
_FACET_ARRAYS = ("offsets", "ordinals", "value_starts", "value_docs")
_STORED_ARRAYS = ("blocks", "starts", "firsts", "lengths")
_COLUMNS = (
    "dates", "by_date", "ids", "by_id", "clusters", "version_keys", "sketches", "fingerprints",
    "roots", "body_starts",
)  # fmt: skip


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
        if field.counts is not None:
            sink.write(f"text/{name}/counts", field.counts)
    for facet in segment.facets.values():
        write_facet(sink, facet)
    for name in _COLUMNS:
        sink.write(name, getattr(segment, name))
    write_strings(sink, "titles", segment.titles)
    write_strings(sink, "urls", segment.urls)
    stored = segment.stored
    assert isinstance(stored, CompressedArticles)
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
    try:
        with path.open("xb") as file:
            with ArrayWriter(file) as writer:
                write_arrays(writer, segment)
            size = file.tell()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return SegmentMeta(name, segment.n_docs, path.name, size)


def open_segment(folder: Path, name: str) -> Segment:
    """Open a segment by mapping its file; raises IndexBrokenError where it cannot be one."""
    return read_segment(ArrayFile.open(segment_path(folder, name)), name)


def verify_segment(folder: Path, name: str) -> None:
    """Read all of a segment's file; raises IndexBrokenError saying what is damaged."""
    file = ArrayFile.open(segment_path(folder, name))
    file.verify()
    read_segment(file, name)


def _strings(file: ArrayFile, name: str) -> Strings:
    return Strings(file[f"{name}/data"], file[f"{name}/offsets"])


def read_segment(file: ArrayFile, name: str) -> Segment:
    """Return the segment in an open array file."""
    try:
        meta = orjson.loads(file["meta"].tobytes())
        n_docs, totals, facets = meta["n_docs"], meta["texts"], meta["facets"]
    except (ValueError, KeyError, TypeError) as error:
        raise IndexBrokenError(f"{file.name} is not a segment: run broadsheet check.") from error
    text = {}
    for field, total in totals.items():
        arrays = {array: file[f"text/{field}/{array}"] for array in _TEXT_ARRAYS}
        counts = f"text/{field}/counts"
        text[field] = TextField(
            name=field,
            terms=_strings(file, f"text/{field}/terms"),
            form_words=_strings(file, f"text/{field}/form_words"),
            counts=file[counts] if counts in file else None,  # noqa: SIM401 - not a dict
            total_length=total,
            **arrays,
        )
    titles, urls = _strings(file, "titles"), _strings(file, "urls")
    columns = {column: file[column] for column in _COLUMNS}
    stored = {array: file[f"stored/{array}"] for array in _STORED_ARRAYS}
    segment = Segment(
        name=name,
        n_docs=n_docs,
        text=text,
        facets={
            facet: FacetColumn(
                name=facet,
                values=_strings(file, f"facet/{facet}/values"),
                keys=_strings(file, f"facet/{facet}/keys"),
                **{array: file[f"facet/{facet}/{array}"] for array in _FACET_ARRAYS},
            )
            for facet in facets
        },
        titles=titles,
        urls=urls,
        stored=CompressedArticles(
            ids=columns["ids"], urls=urls, titles=titles, place=file.name, **stored
        ),
        **columns,
    )
    _check_shapes(segment, file.name)
    return segment


def _check_shapes(segment: Segment, name: str) -> None:
    """Check that arrays which are indexed by one another's entries agree in length."""
    n = segment.n_docs
    agree = [len(getattr(segment, column)) == n for column in _COLUMNS]
    agree += [len(strings.offsets) == n + 1 for strings in (segment.titles, segment.urls)]
    for field in segment.text.values():
        terms = len(field.terms.offsets)
        agree += [
            terms == len(field.starts) == len(field.blocks) == len(field.form_offsets),
            len(field.form_starts) == terms - 1,
            len(field.docs) == len(field.tfs) == int(field.starts[-1]),
            len(field.block_tf) == len(field.block_length) == len(field.block_positions) - 1,
            field.counts is None or len(field.counts) == len(field.docs),
            len(field.lengths) == n,
        ]
    for facet in segment.facets.values():
        values = len(facet.keys.offsets)
        agree += [
            values == len(facet.values.offsets) == len(facet.value_starts),
            len(facet.offsets) == n + 1,
            len(facet.value_docs) == len(facet.ordinals),
        ]
    if not all(agree):
        raise IndexBrokenError(
            f"{name} is damaged: its arrays do not fit together. Run broadsheet check, and "
            "broadsheet repair or restore a backup."
        )
