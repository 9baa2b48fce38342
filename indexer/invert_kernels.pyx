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
chunk_forms: uint32[], with the bit BESIDE for those that stand beside the next one, at its position;
form_terms: uint32[n_forms], the term of each form.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

cimport numpy as cnp
from corpus.arrays cimport (
    i64, i64_out, room, rows_of, size_of, u8, u8_out, u32, u32_out,
)
from indexer.layout cimport BLOCK, FLAGS, LAST, MORE, NO_DATE, TF_BITS
from indexer.position_forms cimport RECORD_END, form_runs, has_form, has_several, number_width

import numpy as np

from indexer import analysis, segment, vocabulary

__all__ = [
    "count_postings", "find_block_maxima", "pack_position_forms", "place_forms", "place_postings",
]

cdef enum:
    PARAGRAPH_GAP = 8
    PART_GAP = 32
    LONGEST_RECORD = 2048  # bytes: 255 numbers of at most 32 bits

cdef uint32_t NONE = 0xFFFFFFFFu
cdef uint32_t BESIDE = 0x80000000u

assert BESIDE == vocabulary.BESIDE
assert (PARAGRAPH_GAP, PART_GAP) == (analysis.PARAGRAPH_GAP, analysis.PART_GAP)
assert (BLOCK, LAST, MORE, NO_DATE, TF_BITS) == (
    segment.BLOCK, segment.LAST, segment.MORE, segment.NO_DATE, segment.TF_BITS
)


cdef struct Stream:
    # The arguments that both passes share, see above.
    const uint32_t* chunks
    int64_t n_parts
    const int64_t* part_ends
    const uint32_t* part_docs
    const uint8_t* part_kinds
    const uint8_t* weights
    const int64_t* chunk_starts
    const uint32_t* chunk_forms
    const uint32_t* form_terms


cdef struct Seen:
    # Of a term: the last document it was seen in, and of its posting there the last position and
    # how many are kept.
    int64_t position
    uint32_t doc
    uint32_t kept


cdef Stream _stream(
    cnp.ndarray stream, cnp.ndarray part_ends, cnp.ndarray part_docs, cnp.ndarray part_kinds,
    cnp.ndarray weights, cnp.ndarray chunk_starts, cnp.ndarray chunk_forms, cnp.ndarray form_terms,
) except *:
    cdef Stream made
    made.chunks = u32(stream)
    made.n_parts = rows_of(part_ends)
    made.part_ends = i64(part_ends)
    made.part_docs = u32(part_docs)
    made.part_kinds = u8(part_kinds)
    made.weights = u8(weights)
    made.chunk_starts = i64(chunk_starts)
    made.chunk_forms = u32(chunk_forms)
    made.form_terms = u32(form_terms)
    return made


cdef void _forget(Seen* seen, int64_t n) noexcept nogil:
    cdef int64_t term
    for term in range(n):
        seen[term].doc = NONE
        seen[term].position = 0
        seen[term].kept = 0


def count_postings(
    cnp.ndarray stream, cnp.ndarray part_ends, cnp.ndarray part_docs, cnp.ndarray part_kinds,
    cnp.ndarray weights, cnp.ndarray chunk_starts, cnp.ndarray chunk_forms, cnp.ndarray form_terms,
    cnp.ndarray postings, cnp.ndarray position_bytes, cnp.ndarray form_docs, cnp.ndarray lengths,
    cnp.ndarray part_spans,
):
    """Count what each term needs; all outputs are zero before.

    postings: int64[n_terms]; position_bytes: int64[n_terms]; form_docs: int64[n_forms], documents
    of each form; lengths: int64[n_docs], weighted words; part_spans: uint32[n_parts, 2], first
    position and one past the last position of each part.
    """
    cdef Stream read = _stream(
        stream, part_ends, part_docs, part_kinds, weights, chunk_starts, chunk_forms, form_terms
    )
    cdef int64_t* postings_ = i64_out(postings)
    cdef int64_t* bytes_ = i64_out(position_bytes)
    cdef int64_t* form_docs_ = i64_out(form_docs)
    cdef int64_t* lengths_ = i64_out(lengths)
    cdef uint32_t* spans = u32_out(part_spans)
    cdef int64_t n_terms = rows_of(postings), n_forms = rows_of(form_docs)
    cdef Seen* seen = NULL
    cdef uint32_t* form_doc = NULL
    try:
        seen = <Seen*> room(n_terms * sizeof(Seen))
        form_doc = <uint32_t*> room(n_forms * sizeof(uint32_t))
        with nogil:
            _forget(seen, n_terms)
            memset(form_doc, 0xFF, n_forms * sizeof(uint32_t))
            _count(&read, seen, form_doc, postings_, bytes_, form_docs_, lengths_, spans)
    finally:
        free(seen)
        free(form_doc)


cdef void _count(
    const Stream* read, Seen* seen, uint32_t* form_doc, int64_t* postings, int64_t* position_bytes,
    int64_t* form_docs, int64_t* lengths, uint32_t* part_spans,
) noexcept nogil:
    cdef int64_t token = 0, position = 0, part, end, at, gap
    cdef uint32_t doc = NONE, chunk, form, term
    cdef uint8_t weight
    for part in range(read.n_parts):
        end = read.part_ends[part]
        weight = read.weights[read.part_kinds[part]]
        if weight == 0:
            token = end
            continue
        if read.part_docs[part] != doc:
            doc = read.part_docs[part]
            position = 0
        else:
            position += PART_GAP
        part_spans[2 * part] = <uint32_t> position
        while token < end:
            chunk = read.chunks[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(read.chunk_starts[chunk], read.chunk_starts[chunk + 1]):
                form = read.chunk_forms[at] & ~BESIDE
                term = read.form_terms[form]
                if seen[term].doc != doc:
                    seen[term].doc = doc
                    seen[term].position = -1
                    seen[term].kept = 0
                    postings[term] += 1
                if seen[term].kept < 255:
                    seen[term].kept += 1
                    gap = position - seen[term].position
                    seen[term].position = position
                    position_bytes[term] += 1
                    while gap >= LAST:
                        gap >>= 7
                        position_bytes[term] += 1
                if form_doc[form] != doc:
                    form_doc[form] = doc
                    form_docs[form] += 1
                if not read.chunk_forms[at] & BESIDE:
                    lengths[doc] += weight
                    position += 1
        part_spans[2 * part + 1] = <uint32_t> position


cdef struct Written:
    # Where the postings are written: arrays of `segment.TextField`, and where each term begins.
    const uint32_t* form_slots
    const int64_t* starts
    const int64_t* blocks
    const int64_t* form_starts
    const int64_t* form_runs
    uint32_t* postings
    uint8_t* positions
    int64_t* block_positions
    uint8_t* forms
    uint8_t* position_slots  # or NULL
    uint32_t* wide_slots


def place_postings(
    cnp.ndarray stream, cnp.ndarray part_ends, cnp.ndarray part_docs, cnp.ndarray part_kinds,
    cnp.ndarray weights, cnp.ndarray chunk_starts, cnp.ndarray chunk_forms, cnp.ndarray form_terms,
    cnp.ndarray form_slots, cnp.ndarray starts, cnp.ndarray blocks, cnp.ndarray position_starts,
    cnp.ndarray form_starts, cnp.ndarray form_runs, cnp.ndarray postings, cnp.ndarray positions,
    cnp.ndarray block_positions, cnp.ndarray forms, cnp.ndarray position_slots,
):
    """Write the postings; the arrays from `postings` on are those of `segment.TextField`.

    form_slots: uint32[n_forms], a form's number within its term; position_starts: int64[n_terms],
    where a term's positions begin; form_runs: int64[n_terms], runs of a term in `forms`, which is
    zero before. position_slots: uint8[] or uint32[], as long as `positions`: for terms of several
    forms, at the first byte of a position, its form's number within the term.
    """
    cdef Stream read = _stream(
        stream, part_ends, part_docs, part_kinds, weights, chunk_starts, chunk_forms, form_terms
    )
    cdef Written to
    cdef bint wide = cnp.PyArray_TYPE(position_slots) == cnp.NPY_UINT32
    cdef const int64_t* position_starts_ = i64(position_starts)
    cdef int64_t n_terms = rows_of(form_runs), term
    cdef Seen* seen = NULL
    cdef int64_t* cursors = NULL
    to.form_slots = u32(form_slots)
    to.starts = i64(starts)
    to.blocks = i64(blocks)
    to.form_starts = i64(form_starts)
    to.form_runs = i64(form_runs)
    to.postings = u32_out(postings)
    to.positions = u8_out(positions)
    to.block_positions = i64_out(block_positions)
    to.forms = u8_out(forms)
    to.position_slots = NULL if wide else u8_out(position_slots)
    to.wide_slots = u32_out(position_slots) if wide else NULL
    try:
        seen = <Seen*> room(n_terms * sizeof(Seen))
        cursors = <int64_t*> room(2 * n_terms * sizeof(int64_t))
        with nogil:
            _forget(seen, n_terms)
            for term in range(n_terms):
                cursors[2 * term] = to.starts[term] - 1
                cursors[2 * term + 1] = position_starts_[term]
            _place(&read, &to, seen, cursors)
            for term in range(n_terms):
                if cursors[2 * term] >= to.starts[term]:
                    to.positions[cursors[2 * term + 1] - 1] |= LAST
    finally:
        free(seen)
        free(cursors)


cdef void _place(
    const Stream* read, const Written* to, Seen* seen, int64_t* cursors
) noexcept nogil:
    """`cursors`: int64[n_terms, 2], the last posting written and the next byte of positions."""
    cdef int64_t token = 0, position = 0, part, end, at, gap, posting, within, target, slot, row
    cdef uint32_t doc = NONE, chunk, form, term
    cdef uint32_t weight
    cdef bint several
    for part in range(read.n_parts):
        end = read.part_ends[part]
        weight = read.weights[read.part_kinds[part]]
        if weight == 0:
            token = end
            continue
        if read.part_docs[part] != doc:
            doc = read.part_docs[part]
            position = 0
        else:
            position += PART_GAP
        while token < end:
            chunk = read.chunks[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(read.chunk_starts[chunk], read.chunk_starts[chunk + 1]):
                form = read.chunk_forms[at] & ~BESIDE
                term = read.form_terms[form]
                if seen[term].doc != doc:
                    seen[term].doc = doc
                    seen[term].position = -1
                    seen[term].kept = 0
                    cursors[2 * term] += 1
                    posting = cursors[2 * term]
                    to.postings[posting] = doc << TF_BITS
                    within = posting - to.starts[term]
                    if within:
                        to.positions[cursors[2 * term + 1] - 1] |= LAST
                    if within % BLOCK == 0:
                        to.block_positions[to.blocks[term] + within // BLOCK] = (
                            cursors[2 * term + 1]
                        )
                else:
                    posting = cursors[2 * term]
                several = to.form_starts[term] >= 0
                if several:
                    slot = to.form_slots[form]
                    row = to.form_starts[term] + posting - to.starts[term]
                    to.forms[row] |= 1 << min(slot, <int64_t> 7)
                    if slot >= 7 and to.form_runs[term] > 1:
                        row += (1 + (slot - 7) // 8) * (to.starts[term + 1] - to.starts[term])
                        to.forms[row] |= 1 << ((slot - 7) & 7)
                to.postings[posting] += min(weight, 255 - (to.postings[posting] & 255))
                if seen[term].kept < 255:
                    seen[term].kept += 1
                    gap = position - seen[term].position
                    seen[term].position = position
                    target = cursors[2 * term + 1]
                    if several and to.wide_slots != NULL:
                        to.wide_slots[target] = <uint32_t> slot
                    elif several:
                        to.position_slots[target] = <uint8_t> slot
                    while gap >= LAST:
                        to.positions[target] = <uint8_t> ((gap & 127) | MORE)
                        gap >>= 7
                        target += 1
                    to.positions[target] = <uint8_t> gap
                    cursors[2 * term + 1] = target + 1
                if not read.chunk_forms[at] & BESIDE:
                    position += 1


def pack_position_forms(
    cnp.ndarray starts, cnp.ndarray blocks, cnp.ndarray form_offsets, cnp.ndarray form_starts,
    cnp.ndarray forms, cnp.ndarray positions, cnp.ndarray block_positions,
    cnp.ndarray position_slots, cnp.ndarray by_name, cnp.ndarray block_position_forms,
):
    """Return `TextField.position_forms`, and write where those of each block begin.

    by_name: uint32[], the forms of each term in the order of their words, by number within the
    term; position_slots: see `place_postings`.
    """
    cdef bint wide = cnp.PyArray_TYPE(position_slots) == cnp.NPY_UINT32
    cdef const uint8_t* slots = NULL
    cdef const uint32_t* wide_slots = NULL
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const int64_t* groups = i64(form_offsets)
    cdef const int64_t* form_starts_ = i64(form_starts)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const uint8_t* positions_ = u8(positions)
    cdef const int64_t* block_positions_ = i64(block_positions)
    cdef const uint32_t* by_name_ = u32(by_name)
    cdef int64_t* block_out = i64_out(block_position_forms)
    cdef int64_t n_terms = rows_of(form_starts), term, first, n_postings, n_forms, runs, block
    cdef int64_t most = 0, posting, byte, size = 0, capacity = 1 << 16, width, form, n_bits
    cdef uint64_t bits
    cdef uint32_t number, slot
    cdef const uint8_t* own
    cdef uint8_t* grown
    cdef uint32_t* numbers = NULL
    cdef uint8_t* out = <uint8_t*> room(capacity)
    cdef cnp.ndarray packed
    if wide:
        wide_slots = u32(position_slots)
    else:
        slots = u8(position_slots)
    try:
        for term in range(n_terms):
            most = max(most, groups[term + 1] - groups[term])
        numbers = <uint32_t*> room(most * sizeof(uint32_t))
        with nogil:
            for term in range(n_terms):
                first = starts_[term]
                n_postings = starts_[term + 1] - first
                if form_starts_[term] < 0:
                    for block in range(blocks_[term], blocks_[term + 1]):
                        block_out[block] = size
                    continue
                n_forms = groups[term + 1] - groups[term]
                runs = form_runs(n_forms)
                own = forms_ + form_starts_[term]
                byte = block_positions_[blocks_[term]]
                for posting in range(n_postings):
                    if posting % BLOCK == 0:
                        block_out[blocks_[term] + posting // BLOCK] = size
                    if not has_several(own, n_postings, posting, runs):
                        while positions_[byte] & FLAGS != LAST:
                            byte += 1
                        byte += 1
                        continue
                    if size + LONGEST_RECORD > capacity:
                        capacity *= 2
                        grown = <uint8_t*> realloc(out, capacity)
                        if grown == NULL:
                            with gil:
                                raise MemoryError
                        out = grown
                    number = 0
                    for form in range(n_forms):
                        slot = by_name_[groups[term] + form]
                        numbers[slot] = number
                        number += has_form(own, n_postings, posting, slot, n_forms)
                    width = number_width(number)
                    bits = 0
                    n_bits = 0
                    while True:
                        slot = wide_slots[byte] if wide else slots[byte]
                        bits |= <uint64_t> numbers[slot] << n_bits
                        n_bits += width
                        while n_bits >= 7:
                            out[size] = bits & 0x7F
                            size += 1
                            bits >>= 7
                            n_bits -= 7
                        while positions_[byte] & MORE:
                            byte += 1
                        byte += 1
                        if positions_[byte - 1] & LAST:
                            break
                    if n_bits:
                        out[size] = <uint8_t> bits
                        size += 1
                    out[size - 1] |= RECORD_END
            block_out[blocks_[n_terms]] = size
        packed = np.empty(size, np.uint8)
        memcpy(cnp.PyArray_DATA(packed), out, size)
    finally:
        free(out)
        free(numbers)
    return packed


def find_block_maxima(
    cnp.ndarray starts, cnp.ndarray blocks, cnp.ndarray postings, cnp.ndarray lengths,
    cnp.ndarray block_tf, cnp.ndarray block_length,
):
    """Write the greatest tf (uint8) and the smallest length byte (uint8) of each block."""
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint8_t* lengths_ = u8(lengths)
    cdef uint8_t* tfs = u8_out(block_tf)
    cdef uint8_t* smallest_lengths = u8_out(block_length)
    cdef int64_t n_terms = size_of(starts) - 1, term, block, first, posting
    cdef uint8_t greatest, smallest
    with nogil:
        for term in range(n_terms):
            first = starts_[term]
            for block in range(
                blocks_[term], blocks_[term] + (starts_[term + 1] - first + BLOCK - 1) // BLOCK
            ):
                greatest = 0
                smallest = 255
                for posting in range(first, min(first + BLOCK, starts_[term + 1])):
                    greatest = max(greatest, <uint8_t> (postings_[posting] & 255))
                    smallest = min(smallest, lengths_[postings_[posting] >> TF_BITS])
                tfs[block] = greatest
                smallest_lengths[block] = smallest
                first += BLOCK


def place_forms(cnp.ndarray starts, cnp.ndarray form_offsets, cnp.ndarray form_starts):
    """Write where the forms of each term begin, int64[n_terms]: one after the other, else -1.

    Their widths are those of `indexer.invert_postings.form_runs`.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* groups = i64(form_offsets)
    cdef int64_t* out = i64_out(form_starts)
    cdef int64_t n_terms = rows_of(form_starts), at = 0, term, n_forms
    with nogil:
        for term in range(n_terms):
            n_forms = groups[term + 1] - groups[term]
            out[term] = at if n_forms > 1 else -1
            if n_forms > 1:
                at += form_runs(n_forms) * (starts_[term + 1] - starts_[term])
