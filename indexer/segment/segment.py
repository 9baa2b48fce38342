"""What a segment holds: flat, read-only arrays, memory-mapped from its files.

A segment is a set of articles numbered 0..n-1 (its *document numbers*), written once. Everything
that a query touches is here as an array; `columns` reads and writes the files, `codec` shows the
same arrays to Whoosh, `search.embedded` compiles queries to operations over them.

The field ``text`` carries the default search: title, lead, body, captions, byline, dateline, tags
and other labels of an article in one position space, each word counted with the weight of its part,
which is the simple BM25F of Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple
Weighted Fields" (CIKM 2004): one posting list a word instead of ten. ``title`` and ``lead`` have
lists of their own, unweighted; ``body`` is answered from ``text`` by position
(`Segment.part_bounds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

BLOCK = 128
"""Postings a block: the unit of block maxima and of position checkpoints."""

NO_DATE = np.iinfo(np.int64).min
"""The value of the date column where an article has no date."""

FIRST_DATE, LAST_DATE = -62_104_060_800, 253_339_228_800
"""What a date may be, from the year 2 to the end of 9997, so that it can be put into every time
zone and counted on from."""

TF_BITS = 8
"""Bits of a packed posting that hold its weighted term frequency; the document is above them."""

MOST_DOCS = 1 << (32 - TF_BITS)
"""Articles that a segment holds at most, 16.7 million: their numbers share 32 bits with a tf."""

MORE, LAST = 0x80, 0x40
"""Flags of a byte of positions: the gap goes on in the next byte; the posting ends with this one.
"""


@dataclass(frozen=True, slots=True)
class Strings:
    """A sequence of UTF-8 strings. `data`: uint8[total]; `offsets`: int64[n + 1]."""

    data: U8
    offsets: I64


@dataclass(frozen=True, slots=True)
class TextField:
    """The postings of an analysed field.

    terms: n terms, sorted by their UTF-8 bytes.
    starts: int64[n + 1], postings of term t are [starts[t], starts[t + 1]).
    postings: uint32[P], the document << TF_BITS | its weighted term frequency, 1..255
        (saturating); ascending within a term, by document. One stream of memory for what every
        query needs of a posting, where two arrays took 5 bytes.
    forms: uint8[P'], for terms with more than one surface form only: bit i says that form i of the
        term occurs in the document, bit 7 stands for form 7 and all later ones. A term with more
        than 8 forms has further bytes, a whole run of one a posting after the other: bit
        (i - 7) % 8 of run 1 + (i - 7) // 8 stands for form i alone, for every i from 7.
    form_starts: int64[n], start of the term's run in `forms`, -1 for terms with a single form.
    form_words: the surface words of all terms, grouped by term, those in most documents first.
    form_offsets: int64[n + 1], forms of term t are form_words[form_offsets[t]:form_offsets[t + 1]].
    blocks: int64[n + 1], blocks of term t are [blocks[t], blocks[t + 1]); each holds BLOCK
        postings, the last one the rest.
    block_tf: uint8[B], greatest tf in the block.
    block_length: uint8[B], smallest length byte in the block.
    positions: uint8[], for each posting its positions as gaps, the first one from -1. The lowest
        bits of a gap come first, 7 to a byte with MORE, and its last 6 in a byte without, which
        has LAST where the posting ends with it; so postings are skipped by counting bytes. 255
        positions a posting are kept at most.
    block_positions: int64[B + 1], where the positions of a block begin in `positions`.
    position_forms: uint8[], which form each position has, for postings that have several: a record
        a posting, for each position the number of its form, counted among the forms that the
        document has in the order of their words. So merging copies records as they are. A number
        takes as many bits as the greatest one needs, the lowest first, 7 to a byte, and the last
        byte of a record has bit 7.
    block_position_forms: int64[B + 1], where the records of a block begin in `position_forms`.
    lengths: uint8[n_docs], the weighted length of the field as a byte (`analysis.LENGTHS`).
    total_length: sum of decoded lengths over all documents of the segment.
    """

    name: str
    terms: Strings
    starts: I64
    postings: U32
    forms: U8
    form_starts: I64
    form_words: Strings
    form_offsets: I64
    blocks: I64
    block_tf: U8
    block_length: U8
    positions: U8
    block_positions: I64
    position_forms: U8
    block_position_forms: I64
    lengths: U8
    total_length: int

    def docs(self, first: int, last: int) -> U32:
        """Return the documents of postings [first, last), uint32[last - first]."""
        return self.postings[first:last] >> np.uint32(TF_BITS)

    def tfs(self, first: int, last: int) -> U8:
        """Return the weighted term frequencies of postings [first, last), uint8[last - first]."""
        return self.postings[first:last].astype(np.uint8)  # what is above 8 bits is cut off


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """A facet's values by document, and documents by value.

    values: as publishers spell them, sorted by key; keys: folded for case and accents, unique.
    offsets: uint32[n_docs + 1], ordinals: uint32[] in the article's own order (CSR).
    value_starts: int64[n_values + 1], value_docs: uint32[], ascending within a value.
    """

    name: str
    values: Strings
    keys: Strings
    offsets: U32
    ordinals: U32
    value_starts: I64
    value_docs: U32


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it is opened: nothing is read until it is used.

    Some arrays lie in the file in fewer bytes, and some not at all, since they follow from others:
    `segment_parts` has them as they are described here.

    dates: int64[n_docs], seconds since 1970 UTC or NO_DATE: the first instant of the day, month or
    year in the archive's zone where no more is known; precisions: uint8[n_docs], how much is
    (`corpus.core.stated_date.Precision`), 0 where there is no date. added: int64[n_docs], when each
    article was first committed, seconds since 1970, later with each generation; 0 where that is not
    known. by_date: uint32[n_docs], document
    numbers in ascending order of date, undated first. ids: uint64[n_docs]; by_id: uint32[n_docs],
    document numbers in ascending order of id. clusters: uint64[n_docs], 0 for articles that stand
    alone. version_keys: uint32[n_docs, KEYS] and sketches: uint8[n_docs, SKETCH_BYTES], the
    signatures of `corpus.duplicates`. fingerprints: uint64[n_docs] of the content. roots:
    uint32[n_docs], the source that an article was read from, by its number in the archive's list.
    part_bounds: uint32[n_docs, 3], in ``text`` the first and one past the last position of the
    body, and one past the last position of what is printed (`corpus.core.fields.PRINTED`).
    """

    name: str
    n_docs: int
    text: dict[str, TextField]
    facets: dict[str, FacetColumn]
    dates: I64
    added: I64
    precisions: U8
    by_date: U32
    ids: U64
    by_id: U32
    clusters: U64
    version_keys: U32
    sketches: U8
    fingerprints: U64
    roots: U32
    part_bounds: U32
    titles: Strings
    urls: Strings
    stored: StoredArticles


class StoredArticles:
    """The whole articles in compressed blocks; the type is completed by
    `indexer.segment.stored`."""

    def get(self, docs: Sequence[int]) -> list[bytes]:
        """Return the stored articles of these document numbers as JSON, each block read once."""
        raise NotImplementedError
