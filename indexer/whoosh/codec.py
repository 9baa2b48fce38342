"""Postings as arrays in indexes that Whoosh itself makes: ``index.writer(codec=ArrayCodec())``.

Documents, columns and vectors are the stock codec's, postings are one array file a segment,
``.postings``, which the readers and matchers of an archive's segments walk. The arrays of a field,
under ``NAME/``:

terms/data, terms/offsets: the terms. starts: int64[n + 1]. docs: uint32[P]. weights: float32[P].
blocks: int64[n + 1]; block_weight: float32[B]; block_length, block_longest: uint8[B], Whoosh's
length bytes of the shortest and the longest field. values/: compressed blocks of what Whoosh's
format of the field makes of each posting, which the format alone reads.
"""

from __future__ import annotations

import mmap
from array import array
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.util.numeric import byte_to_length, length_to_byte

from corpus.core.errors import IndexBrokenError
from indexer.segment.arrays import borders, write_json
from indexer.segment.columns import ArrayFile, ArrayWriter
from indexer.segment.compressed_blocks import CompressedBlocks
from indexer.segment.segment import BLOCK, Strings
from indexer.segment.stored import StoredWriter
from indexer.whoosh.array_matcher import PostingList
from indexer.whoosh.array_terms import ArrayTermsReader, FieldTerms

POSTINGS = ".postings"

_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.int64)
_ARRAYS = "starts docs weights blocks block_weight block_length block_longest".split()


class _Postings:
    """The postings of one field as they come."""

    def __init__(self) -> None:
        self.terms: list[bytes] = []
        self.starts = array("q")
        self.docs = array("I")
        self.weights = array("f")
        self.lengths = bytearray()
        self.values = StoredWriter()

    def write(self, writer: ArrayWriter, name: str) -> None:
        starts = np.append(np.array(self.starts, np.int64), len(self.docs))
        sizes = np.diff(starts)
        weights = np.array(self.weights, np.float32)
        lengths = np.frombuffer(self.lengths, np.uint8)
        within = np.arange(len(weights)) - np.repeat(starts[:-1], sizes)
        heads = np.flatnonzero(within % BLOCK == 0)

        def of_blocks(choose: np.ufunc, values: Any) -> Any:
            return choose.reduceat(values, heads) if len(heads) else values

        self.values.flush()
        writer.stream(f"{name}/values/blocks", np.uint8, self.values.take())
        for part, array_ in {
            "terms/data": np.frombuffer(b"".join(self.terms), np.uint8),
            "terms/offsets": borders(list(map(len, self.terms))),
            "starts": starts,
            "docs": np.array(self.docs, np.uint32),
            "weights": weights,
            "blocks": borders(-(-sizes // BLOCK)),
            "block_weight": of_blocks(np.maximum, weights),
            "block_length": of_blocks(np.minimum, lengths),
            "block_longest": of_blocks(np.maximum, lengths),
            **{f"values/{part}": array_ for part, array_ in self.values.index().items()},
        }.items():
            writer.write(f"{name}/{part}", array_)


class ArrayFieldWriter(base.FieldWriter):  # type: ignore[misc]
    """Collects postings until it is closed; fields and their terms come in order."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage = storage
        self._segment = segment
        self._fields: dict[str, _Postings] = {}
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._field = self._fields.setdefault(fieldname, _Postings())

    def start_term(self, text: bytes) -> None:
        self._field.terms.append(text)
        self._field.starts.append(len(self._field.docs))

    def add(self, docnum: int, weight: float, vbytes: bytes | None, length: int | None) -> None:
        self._field.docs.append(docnum)
        self._field.weights.append(weight)
        self._field.lengths.append(length_to_byte(length))
        self._field.values.add(vbytes or b"")

    def finish_term(self) -> None:
        """End the term; nothing has to be done."""

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            with (
                closing(self._segment.create_file(self._storage, POSTINGS)) as file,
                ArrayWriter(file) as writer,
            ):
                write_json(writer, "fields", [*self._fields])
                for name, postings in self._fields.items():
                    postings.write(writer, name)


class _WrittenTerms(FieldTerms):
    """The terms of one field in a file of postings."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._arrays = {part: file[f"{name}/{part}"] for part in _ARRAYS}
        self._values = CompressedBlocks(**file.group(f"{name}/values", CompressedBlocks))
        self.terms = Strings(**file.group(f"{name}/terms", Strings))

    def postings(self, number: int) -> PostingList:
        arrays = self._arrays
        first, last = arrays["starts"][number : number + 2].tolist()
        block, end = arrays["blocks"][number : number + 2]

        def values(which: int) -> list[bytes]:
            begin = first + which * BLOCK
            return self._values.read(range(begin, min(begin + BLOCK, last)))

        return PostingList(
            docs=arrays["docs"][first:last],
            weights=arrays["weights"][first:last],
            block_weight=arrays["block_weight"][block:end],
            block_length=_LENGTHS[arrays["block_length"][block:end]],
            values=values,
        )

    def length_bounds(self, number: int, postings: PostingList) -> tuple[int, int]:
        block, end = self._arrays["blocks"][number : number + 2]
        shortest = self._arrays["block_length"][block:end].min()
        longest = self._arrays["block_longest"][block:end].max()
        return int(_LENGTHS[shortest]), int(_LENGTHS[longest])


class ArrayCodec(W3Codec):  # type: ignore[misc]
    """Writes and reads the segments of an index that Whoosh makes, postings as an array file.

    Its name and that of `ArraySegment` are in Whoosh's table of contents, so they are part of the
    format.
    """

    def field_writer(self, storage: Any, segment: Any) -> ArrayFieldWriter:
        return ArrayFieldWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> ArrayTermsReader:
        """Open the postings; a file of its own on disk is mapped, any other is read."""
        name = segment.make_filename(POSTINGS)
        with closing(storage.open_file(name)) as stored:
            content = (
                mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ)
                if stored.is_real
                else stored.read(storage.file_length(name))
            )
        file = ArrayFile(memoryview(content), name)
        try:
            return ArrayTermsReader(
                {field: partial(_WrittenTerms, file, field) for field in file.json("fields")}
            )
        except (ValueError, TypeError) as error:
            raise IndexBrokenError(f"{name} has no list of fields: index again.") from error

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        return ArraySegment(self, indexname)


class ArraySegment(W3Segment):  # type: ignore[misc]
    """A segment of an index that Whoosh makes."""

    def should_assemble(self) -> bool:
        """Whether to pack the files into one; mapped files are better left alone."""
        return False
