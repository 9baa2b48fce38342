"""Inversion: from the stream of chunk numbers, in document order, to posting lists.

Two passes over the stream and no sort: the first counts, for each term, its postings and the bytes
of its positions, so that the second can write every value to its final place. A document's tokens
come one after the other, so the last document seen of a term tells whether a posting begins. For
Reuters-21578, 3 million words in three fields, the two passes take 0.15 s together, less than a
sort of the words alone.

The arguments that both passes share:

stream: uint32[], chunk numbers of `analysis_kernel`, BREAK_NUMBER between paragraphs.
part_ends: int64[n_parts], where each part ends in `stream`; part_docs: uint32[n_parts];
part_kinds: uint8[n_parts], indices of `weights`: uint8[], 0 for parts that are left out.
chunk_starts: int64[n_chunks + 2], forms of chunk c are chunk_forms[chunk_starts[c]:...[c + 1]],
chunk_forms: uint32[]; form_terms: uint32[n_forms], the term of each form.
"""

# mypy: disable-error-code="return-value, assignment, arg-type, no-any-return, operator"

from __future__ import annotations

from typing import Any

import numpy as np

from corpus.kernels import njit
from indexer.analysis import PARAGRAPH_GAP, PART_GAP
from indexer.segment import BLOCK, LAST, MORE, TF_BITS

__all__ = ["count_postings", "find_block_maxima", "place_forms", "place_postings"]

NONE = 0xFFFFFFFF


@njit(cache=True, nogil=True)
def count_postings(
    stream: Any, part_ends: Any, part_docs: Any, part_kinds: Any, weights: Any,
    chunk_starts: Any, chunk_forms: Any, form_terms: Any,
    postings: Any, position_bytes: Any, form_docs: Any, lengths: Any, part_spans: Any,
) -> None:  # fmt: skip
    """Count what each term needs; all outputs are zero before.

    postings: int64[n_terms]; position_bytes: int64[n_terms]; form_docs: int64[n_forms], documents
    of each form; lengths: int64[n_docs], weighted words; part_spans: uint32[n_parts, 2], first
    position and one past the last position of each part.
    """
    last_doc = np.full(postings.shape[0], NONE, np.uint32)
    last_position = np.zeros(postings.shape[0], np.int64)
    kept = np.zeros(postings.shape[0], np.uint8)
    last_form_doc = np.full(form_docs.shape[0], NONE, np.uint32)
    token = 0
    doc = NONE
    position = 0
    for part in range(part_ends.shape[0]):
        end = part_ends[part]
        weight = weights[part_kinds[part]]
        if weight == 0:
            token = end
            continue
        if part_docs[part] != doc:
            doc = part_docs[part]
            position = 0
        else:
            position += PART_GAP
        part_spans[part, 0] = position
        while token < end:
            chunk = stream[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(chunk_starts[chunk], chunk_starts[chunk + 1]):
                form = chunk_forms[at]
                term = form_terms[form]
                if last_doc[term] != doc:
                    last_doc[term] = doc
                    postings[term] += 1
                    last_position[term] = -1
                    kept[term] = 0
                if kept[term] < 255:
                    kept[term] += 1
                    gap = position - last_position[term]
                    last_position[term] = position
                    position_bytes[term] += 1
                    while gap >= LAST:
                        gap >>= 7
                        position_bytes[term] += 1
                if last_form_doc[form] != doc:
                    last_form_doc[form] = doc
                    form_docs[form] += 1
                lengths[doc] += weight
                position += 1
        part_spans[part, 1] = position


@njit(cache=True, nogil=True)
def place_postings(
    stream: Any, part_ends: Any, part_docs: Any, part_kinds: Any, weights: Any,
    chunk_starts: Any, chunk_forms: Any, form_terms: Any, form_slots: Any,
    starts: Any, blocks: Any, position_starts: Any, form_starts: Any, form_runs: Any,
    postings: Any, positions: Any, block_positions: Any, forms: Any,
) -> None:  # fmt: skip
    """Write the postings; the arrays from `postings` on are those of `segment.TextField`.

    form_slots: uint32[n_forms], a form's number within its term; position_starts: int64[n_terms],
    where a term's positions begin; form_runs: int64[n_terms], runs of a term in `forms`, which is
    zero before.
    """
    n_terms = form_runs.shape[0]
    last_doc = np.full(n_terms, NONE, np.uint32)
    last_position = np.zeros(n_terms, np.int64)
    kept = np.zeros(n_terms, np.uint8)
    cursors = starts[:n_terms] - 1
    position_cursors = position_starts.copy()
    token = 0
    doc = NONE
    position = 0
    for part in range(part_ends.shape[0]):
        end = part_ends[part]
        weight = weights[part_kinds[part]]
        if weight == 0:
            token = end
            continue
        if part_docs[part] != doc:
            doc = part_docs[part]
            position = 0
        else:
            position += PART_GAP
        while token < end:
            chunk = stream[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(chunk_starts[chunk], chunk_starts[chunk + 1]):
                form = chunk_forms[at]
                term = form_terms[form]
                if last_doc[term] != doc:
                    last_doc[term] = doc
                    last_position[term] = -1
                    kept[term] = 0
                    cursors[term] += 1
                    posting = cursors[term]
                    postings[posting] = doc << TF_BITS
                    within = posting - starts[term]
                    if within:
                        positions[position_cursors[term] - 1] |= LAST
                    if within % BLOCK == 0:
                        block_positions[blocks[term] + within // BLOCK] = position_cursors[term]
                else:
                    posting = cursors[term]
                postings[posting] += min(weight, 255 - (postings[posting] & 255))
                if kept[term] < 255:
                    kept[term] += 1
                    gap = position - last_position[term]
                    last_position[term] = position
                    target = position_cursors[term]
                    while gap >= LAST:
                        positions[target] = (gap & 127) | MORE
                        gap >>= 7
                        target += 1
                    positions[target] = gap
                    position_cursors[term] = target + 1
                if form_starts[term] >= 0:
                    slot = np.int64(form_slots[form])
                    row = form_starts[term] + posting - starts[term]
                    forms[row] |= 1 << min(slot, 7)
                    if slot >= 7 and form_runs[term] > 1:
                        row += (1 + (slot - 7) // 8) * (starts[term + 1] - starts[term])
                        forms[row] |= 1 << ((slot - 7) & 7)
                position += 1
    for term in range(n_terms):
        if cursors[term] >= starts[term]:
            positions[position_cursors[term] - 1] |= LAST


@njit(cache=True, nogil=True)
def find_block_maxima(
    starts: Any, blocks: Any, postings: Any, lengths: Any, block_tf: Any, block_length: Any
) -> None:
    """Write the greatest tf (uint8) and the smallest length byte (uint8) of each block."""
    for term in range(starts.shape[0] - 1):
        block = blocks[term]
        for first in range(starts[term], starts[term + 1], BLOCK):
            greatest = np.uint8(0)
            smallest = np.uint8(255)
            for posting in range(first, min(first + BLOCK, starts[term + 1])):
                greatest = max(greatest, np.uint8(postings[posting] & 255))
                smallest = min(smallest, lengths[postings[posting] >> TF_BITS])
            block_tf[block] = greatest
            block_length[block] = smallest
            block += 1


@njit(cache=True, nogil=True)
def place_forms(starts: Any, form_offsets: Any, form_starts: Any) -> None:
    """Write where the forms of each term begin, int64[n_terms]: one after the other, else -1.

    Their widths are those of `indexer.invert_postings.form_runs`.
    """
    at = np.int64(0)
    for term in range(form_starts.shape[0]):
        forms = form_offsets[term + 1] - form_offsets[term]
        form_starts[term] = at if forms > 1 else -1
        if forms > 1:
            runs = 1 + forms // 8 if forms > 8 else 1
            at += runs * (starts[term + 1] - starts[term])
