"""What a segment holds: flat, read-only arrays, memory-mapped from its files.

A segment is a set of articles numbered 0..n-1 (its *document numbers*), written once. Everything
that a query touches is here as an array; `indexer.whoosh` shows the same arrays to Whoosh,
`search.embedded` compiles queries to operations over them. What is declared here of each array is
all that its writing, reading, verification and merging know of it: see `arrays`.

The field ``text`` carries the default search: title, lead, body, captions, byline, dateline, tags
and other labels of an article in one position space, each word counted with the weight of its part,
which is the simple BM25F of Robertson, Zaragoza and Taylor, "Simple BM25 Extension to Multiple
Weighted Fields" (CIKM 2004): one posting list a word instead of ten. ``title`` and ``lead`` have
lists of their own, unweighted; ``body`` is answered from ``text`` by position
(`Segment.part_bounds`).
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from corpus.duplicates.signatures import KEYS, SKETCH_BYTES
from indexer.segment.arrays import (
    F32,
    I64,
    U8,
    U32,
    U64,
    Array,
    Sizes,
    Strings,
    below,
    borders,
    splits,
)
from indexer.segment.stored import CompressedArticles
from indexer.segment.validation_kernels import blocks_agree, place_forms, records_agree

__all__ = [
    "BLOCK", "F32", "FIRST_DATE", "I64", "LAST", "LAST_DATE", "MORE", "MOST_DOCS", "NO_DATE",
    "TF_BITS", "U8", "U32", "U64", "FacetColumn", "Segment", "Strings", "TextField",
]  # fmt: skip

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


def _blocks(field: "TextField") -> I64:
    return borders(np.diff(field.starts) + (BLOCK - 1) >> BLOCK.bit_length() - 1)


def _form_starts(field: "TextField") -> I64:
    starts = np.empty(len(field.form_offsets) - 1, np.int64)
    place_forms(field.starts, field.form_offsets, starts)
    return starts


def _hold_forms(form_starts: I64, field: "TextField", sizes: Sizes) -> bool:
    """Ask that the bytes of each term's forms lie within the array."""
    return bool(place_forms(field.starts, field.form_offsets, form_starts.copy()) <= sizes["forms"])


def _end_postings(positions: U8, field: "TextField", sizes: Sizes) -> bool:
    """Ask that the positions of each block are those of as many postings as it has."""
    words = positions[: len(positions) & ~7].view(np.uint64)
    return bool(blocks_agree(field.starts, field.blocks, positions, words, field.block_positions))


def _end_records(records: U8, field: "TextField", sizes: Sizes) -> bool:
    """Ask that each posting with several forms has a record of those of its positions."""
    return bool(
        records_agree(
            field.starts, field.blocks, field.form_offsets, field.form_starts, field.forms,
            records, field.block_position_forms,
        )
    )  # fmt: skip


def _within_the_calendar(dates: I64) -> I64:
    """Return dates of which none is beyond the edges that they may have: those are moved to them,
    which keeps their order. What this version writes has none."""
    beyond = (dates > LAST_DATE) | ((dates < FIRST_DATE) & (dates != NO_DATE))
    if not beyond.any():
        return dates
    moved = np.where(dates == NO_DATE, NO_DATE, dates.clip(FIRST_DATE, LAST_DATE))
    moved.setflags(write=False)
    return moved


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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
    terms: Annotated[Strings, Array(count="terms")]
    starts: Annotated[I64, Array(count="terms + 1", rule=splits("postings"))]
    postings: Annotated[U32, Array(count="postings", rule=below("docs", times=1 << TF_BITS))]
    forms: Annotated[U8, Array(count="forms")]
    form_starts: Annotated[I64, Array(count="terms", rule=_hold_forms, derived=_form_starts)]
    form_words: Annotated[Strings, Array(count="words")]
    form_offsets: Annotated[I64, Array(count="terms + 1", rule=splits("words"))]
    blocks: Annotated[I64, Array(count="terms + 1", rule=splits("blocks"), derived=_blocks)]
    block_tf: Annotated[U8, Array(count="blocks")]
    block_length: Annotated[U8, Array(count="blocks")]
    positions: Annotated[U8, Array(count="positions", rule=_end_postings)]
    block_positions: Annotated[I64, Array(count="blocks + 1", rule=splits("positions"))]
    position_forms: Annotated[U8, Array(count="records", rule=_end_records, later=True)]
    block_position_forms: Annotated[
        I64, Array(count="blocks + 1", rule=splits("records"), later=True)
    ]
    lengths: Annotated[U8, Array(count="docs")]
    total_length: int

    def docs(self, first: int, last: int) -> U32:
        """Return the documents of postings [first, last), uint32[last - first]."""
        return self.postings[first:last] >> np.uint32(TF_BITS)

    def tfs(self, first: int, last: int) -> U8:
        """Return the weighted term frequencies of postings [first, last), uint8[last - first]."""
        return self.postings[first:last].astype(np.uint8)  # what is above 8 bits is cut off


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FacetColumn:
    """A facet's values by document, and documents by value.

    values: as publishers spell them, sorted by key; keys: folded for case and accents, unique.
    offsets: uint32[n_docs + 1], ordinals: uint32[] in the article's own order (CSR).
    value_starts: int64[n_values + 1], value_docs: uint32[], ascending within a value.
    """

    name: str
    values: Annotated[Strings, Array(count="values")]
    keys: Annotated[Strings, Array(count="values")]
    offsets: Annotated[U32, Array(count="docs + 1", rule=splits("uses"))]
    ordinals: Annotated[U32, Array(count="uses", rule=below("values"))]
    value_starts: Annotated[I64, Array(count="values + 1", rule=splits("uses"))]
    value_docs: Annotated[U32, Array(count="uses", rule=below("docs"))]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Segment:
    """A segment as it is opened: nothing is read until it is used.

    Some arrays lie in the file in fewer bytes, and some not at all, since they follow from others:
    `parts` has them as they are described here.

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
    dates: Annotated[I64, Array(count="docs", adapted=_within_the_calendar)]
    added: Annotated[I64, Array(count="docs", later=True)]
    precisions: Annotated[U8, Array(count="docs", rule=below("precisions"), later=True)]
    by_date: Annotated[U32, Array(count="docs", rule=below("docs"), sorts="dates")]
    ids: Annotated[U64, Array(count="docs")]
    by_id: Annotated[U32, Array(count="docs", rule=below("docs"), sorts="ids")]
    clusters: Annotated[U64, Array(count="docs")]
    version_keys: Annotated[U32, Array(count="docs", width=KEYS)]
    sketches: Annotated[U8, Array(count="docs", width=SKETCH_BYTES)]
    fingerprints: Annotated[U64, Array(count="docs")]
    roots: Annotated[U32, Array(count="docs", rule=below("sources"))]
    part_bounds: Annotated[U32, Array(count="docs", width=3, later=True)]
    titles: Annotated[Strings, Array(count="docs")]
    urls: Annotated[Strings, Array(count="docs")]
    stored: Annotated[CompressedArticles, Array(count="docs")]
