"""Inversion: from the stream of chunk numbers, in document order, to posting lists.

Two passes over the stream and no sort: the first counts, for each term, its postings and the bytes
of its positions, so that the second can write every value to its final place. A document's tokens
come one after the other, so the last document seen of a term tells whether a posting begins. For
Reuters-21578, 3 million words in three fields, the two passes take 0.15 s together, less than a
sort of the words alone.

What both passes read, `invert_postings.Tokens`:

stream: uint32[], chunk numbers of `analysis_kernel`, BREAK_NUMBER between paragraphs.
part_ends: int64[n_parts], where each part ends in `stream`; part_docs: uint32[n_parts];
part_kinds: uint8[n_parts], indices of `weights`: uint8[], 0 for parts that are left out.
chunk_starts: int64[n_chunks + 2], forms of chunk c are chunk_forms[chunk_starts[c]:...[c + 1]],
chunk_forms: uint32[], with the bit BESIDE for those that stand beside the next one, at its
position; form_terms: uint32[n_forms], the term of each form.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

cimport numpy as cnp
from corpus.core.arrays cimport (
    i64, i64_out, room, rows_of, size_of, u8, u8_out, u32, u32_out, zeros,
)
from indexer.segment.layout cimport BLOCK, LAST, MORE, NO_DATE, TF_BITS
from indexer.segment.positions cimport after_posting, end_posting, gap_bytes, read_gap, write_gap
from indexer.segment.position_forms cimport (
    RECORD_END, form_runs, has_form, has_several, is_before, number_width, sort_by_name,
)

import numpy as np

from indexer.analysis import analyser as analysis
from indexer.segment import segment
from indexer.analysis import vocabulary

__all__ = [
    "count_postings", "find_block_maxima", "pack_position_forms", "place_postings", "sort_forms",
]

cdef enum:
    PARAGRAPH_GAP = 8
    PART_GAP = 32
    AHEAD = 16  # tokens whose terms are fetched into the cache before they are read
    LONGEST_RECORD = 2048  # bytes: 255 numbers of at most 32 bits

cdef uint32_t NONE = 0xFFFFFFFFu
cdef uint32_t BESIDE = 0x80000000u

assert BESIDE == vocabulary.BESIDE
assert (PARAGRAPH_GAP, PART_GAP) == (analysis.PARAGRAPH_GAP, analysis.PART_GAP)
assert (BLOCK, LAST, MORE, NO_DATE, TF_BITS) == (
    segment.BLOCK, segment.LAST, segment.MORE, segment.NO_DATE, segment.TF_BITS
)


cdef extern from *:
    void prefetch "__builtin_prefetch" (const void* address) noexcept nogil


cdef struct Stream:
    # What both passes read, see above.
    const uint32_t* chunks
    int64_t n_tokens
    int64_t n_parts
    const int64_t* part_ends
    const uint32_t* part_docs
    const uint8_t* part_kinds
    const uint8_t* weights
    const int64_t* chunk_starts
    const uint32_t* chunk_forms
    int64_t n_chunk_forms
    const uint32_t* form_terms


cdef inline uint32_t _form_ahead(const Stream* read, int64_t token) noexcept nogil:
    """Return the first form of a token further on, any form where there is none."""
    cdef int64_t at = token + AHEAD
    at = read.chunk_starts[read.chunks[at] if at < read.n_tokens else 0]
    return read.chunk_forms[at] & ~BESIDE if at < read.n_chunk_forms else 0


cdef struct Counted:
    # Of a term, while it is counted: the last document it was seen in; of its posting there the
    # last position and how many are kept; its postings and the bytes of their positions.
    int64_t position
    uint32_t doc
    uint32_t kept
    int64_t postings
    int64_t position_bytes


cdef struct CountedForm:
    # Of a form: its term, the last document it was seen in, and its documents.
    uint32_t term
    uint32_t doc
    int64_t docs


cdef struct Placed:
    # Of a term, while its postings are written: all that a token needs, in one line of the cache.
    # The last document and posting, the last position there and how many are kept, the next byte
    # of positions; and its first posting, how many it has, and where its forms begin, or -1.
    int64_t position
    uint32_t doc
    uint32_t kept
    int64_t posting
    int64_t byte
    int64_t first
    int64_t n_postings
    int64_t forms
    int64_t n_runs


cdef struct PlacedForm:
    # Of a form: its term, and its number within the term.
    uint32_t term
    uint32_t slot


cdef Stream _stream(tokens) except *:
    """Return the checked arrays of `tokens`, which keeps them alive."""
    cdef Stream made
    made.chunks = u32(tokens.stream)
    made.n_tokens = size_of(tokens.stream)
    made.n_parts = rows_of(tokens.part_ends)
    made.part_ends = i64(tokens.part_ends)
    made.part_docs = u32(tokens.part_docs)
    made.part_kinds = u8(tokens.part_kinds)
    made.weights = u8(tokens.weights)
    made.chunk_starts = i64(tokens.chunk_starts)
    made.chunk_forms = u32(tokens.chunk_forms)
    made.n_chunk_forms = size_of(tokens.chunk_forms)
    made.form_terms = u32(tokens.form_terms)
    return made


def count_postings(tokens, int64_t n_terms, int64_t n_docs):
    """Count what each term needs.

    Returns the postings of each term and the bytes of their positions, int64[n_terms]; the
    documents of each form, int64[n_forms]; the weighted words of each document, int64[n_docs]; and
    the first position of each part and the one past its last, uint32[n_parts, 2].
    """
    cdef Stream read = _stream(tokens)
    cdef int64_t n_forms = rows_of(tokens.form_terms), term, form
    cdef cnp.ndarray postings = np.empty(n_terms, np.int64)
    cdef cnp.ndarray position_bytes = np.empty(n_terms, np.int64)
    cdef cnp.ndarray form_docs = np.empty(n_forms, np.int64)
    cdef cnp.ndarray lengths = np.zeros(n_docs, np.int64)
    cdef cnp.ndarray part_spans = np.zeros((read.n_parts, 2), np.uint32)
    cdef int64_t* postings_ = i64_out(postings)
    cdef int64_t* bytes_ = i64_out(position_bytes)
    cdef int64_t* form_docs_ = i64_out(form_docs)
    cdef int64_t* lengths_ = i64_out(lengths)
    cdef uint32_t* spans = u32_out(part_spans)
    cdef Counted* terms = NULL
    cdef CountedForm* forms = NULL
    try:
        terms = <Counted*> zeros((n_terms + 1) * sizeof(Counted))  # one more to look ahead at
        forms = <CountedForm*> zeros((n_forms + 1) * sizeof(CountedForm))
        with nogil:
            for term in range(n_terms):
                terms[term].doc = NONE
            for form in range(n_forms):
                forms[form].term = read.form_terms[form]
                forms[form].doc = NONE
            _count(&read, terms, forms, lengths_, spans)
            for term in range(n_terms):
                postings_[term] = terms[term].postings
                bytes_[term] = terms[term].position_bytes
            for form in range(n_forms):
                form_docs_[form] = forms[form].docs
    finally:
        free(terms)
        free(forms)
    return postings, position_bytes, form_docs, lengths, part_spans


cdef void _count(
    const Stream* read, Counted* terms, CountedForm* forms, int64_t* lengths, uint32_t* part_spans,
) noexcept nogil:
    cdef int64_t token = 0, position = 0, part, end, at, gap
    cdef uint32_t doc = NONE, chunk
    cdef uint8_t weight
    cdef Counted* term
    cdef CountedForm* form
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
            prefetch(&terms[forms[_form_ahead(read, token)].term])
            chunk = read.chunks[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(read.chunk_starts[chunk], read.chunk_starts[chunk + 1]):
                form = &forms[read.chunk_forms[at] & ~BESIDE]
                term = &terms[form.term]
                if term.doc != doc:
                    term.doc = doc
                    term.position = -1
                    term.kept = 0
                    term.postings += 1
                if term.kept < 255:
                    term.kept += 1
                    gap = position - term.position
                    term.position = position
                    term.position_bytes += gap_bytes(gap)
                if form.doc != doc:
                    form.doc = doc
                    form.docs += 1
                if not read.chunk_forms[at] & BESIDE:
                    lengths[doc] += weight
                    position += 1
        part_spans[2 * part + 1] = <uint32_t> position


cdef struct Written:
    # Where the postings are written: arrays of `segment.TextField`, and the forms of positions.
    const int64_t* blocks
    uint32_t* postings
    uint8_t* positions
    int64_t* block_positions
    uint8_t* forms
    uint8_t* position_slots  # or NULL
    uint32_t* wide_slots


def place_postings(
    tokens, cnp.ndarray form_slots, layout, written, cnp.ndarray position_slots
):
    """Write the postings: the arrays of `written`, see `invert_postings.Written`.

    form_slots: uint32[n_forms], a form's number within its term; `layout`: where what belongs to
    each term goes, see `invert_postings.Layout`. position_slots: uint8[] or uint32[], as long as
    `positions`: for terms of several forms, at the first byte of a position, its form's number.
    """
    cdef Stream read = _stream(tokens)
    cdef Written to
    cdef bint wide = cnp.PyArray_TYPE(position_slots) == cnp.NPY_UINT32
    cdef const uint32_t* slots = u32(form_slots)
    cdef const int64_t* starts_ = i64(layout.starts)
    cdef const int64_t* position_starts_ = i64(layout.position_starts)
    cdef const int64_t* form_starts_ = i64(layout.form_starts)
    cdef const int64_t* runs = i64(layout.runs)
    cdef int64_t n_terms = rows_of(layout.runs), n_forms = rows_of(form_slots), term, form
    cdef void* memory = NULL
    cdef Placed* terms
    cdef PlacedForm* forms_ = NULL
    to.blocks = i64(layout.blocks)
    to.postings = u32_out(written.postings)
    to.positions = u8_out(written.positions)
    to.block_positions = i64_out(written.block_positions)
    to.forms = u8_out(written.forms)
    to.position_slots = NULL if wide else u8_out(position_slots)
    to.wide_slots = u32_out(position_slots) if wide else NULL
    try:
        memory = zeros((n_terms + 2) * sizeof(Placed))
        terms = <Placed*> (<size_t> memory + 63 & ~<size_t> 63)  # lines of the cache begin there
        forms_ = <PlacedForm*> zeros((n_forms + 1) * sizeof(PlacedForm))
        with nogil:
            for term in range(n_terms):
                terms[term].position = 0
                terms[term].doc = NONE
                terms[term].kept = 0
                terms[term].posting = starts_[term] - 1
                terms[term].byte = position_starts_[term]
                terms[term].first = starts_[term]
                terms[term].n_postings = starts_[term + 1] - starts_[term]
                terms[term].forms = form_starts_[term]
                terms[term].n_runs = runs[term]
            for form in range(n_forms):
                forms_[form].term = read.form_terms[form]
                forms_[form].slot = slots[form]
            _place(&read, &to, terms, forms_)
            for term in range(n_terms):
                if terms[term].posting >= starts_[term]:
                    end_posting(to.positions, terms[term].byte)
    finally:
        free(memory)
        free(forms_)


cdef void _place(
    const Stream* read, const Written* to, Placed* terms, const PlacedForm* forms
) noexcept nogil:
    cdef int64_t token = 0, position = 0, part, end, at, gap, within, target, row
    cdef uint32_t doc = NONE, chunk, weight, slot, number
    cdef uint32_t ahead[AHEAD]  # the terms of the tokens that come next, half of them
    cdef Placed* term
    cdef const Placed* near
    memset(ahead, 0, sizeof(ahead))
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
            near = &terms[ahead[token % AHEAD]]
            prefetch(to.postings + near.posting + 1)
            prefetch(to.positions + near.byte)
            ahead[(token + AHEAD // 2) % AHEAD] = forms[_form_ahead(read, token)].term
            prefetch(&terms[ahead[(token + AHEAD // 2) % AHEAD]])
            chunk = read.chunks[token]
            token += 1
            if chunk == 0:
                position += PARAGRAPH_GAP
                continue
            for at in range(read.chunk_starts[chunk], read.chunk_starts[chunk + 1]):
                number = forms[read.chunk_forms[at] & ~BESIDE].term
                slot = forms[read.chunk_forms[at] & ~BESIDE].slot
                term = &terms[number]
                if term.doc != doc:
                    term.doc = doc
                    term.position = -1
                    term.kept = 0
                    term.posting += 1
                    to.postings[term.posting] = doc << TF_BITS
                    within = term.posting - term.first
                    if within:
                        end_posting(to.positions, term.byte)
                    if within % BLOCK == 0:
                        to.block_positions[to.blocks[number] + within // BLOCK] = term.byte
                to.postings[term.posting] += min(weight, 255 - (to.postings[term.posting] & 255))
                if term.forms >= 0:
                    row = term.forms + term.posting - term.first
                    to.forms[row] |= 1 << min(slot, <uint32_t> 7)
                    if slot >= 7 and term.n_runs > 1:
                        row += (1 + (slot - 7) // 8) * term.n_postings
                        to.forms[row] |= 1 << ((slot - 7) & 7)
                if term.kept < 255:
                    term.kept += 1
                    gap = position - term.position
                    term.position = position
                    target = term.byte
                    if term.forms >= 0:
                        if to.wide_slots != NULL:
                            to.wide_slots[target] = slot
                        else:
                            to.position_slots[target] = <uint8_t> slot
                    term.byte = write_gap(to.positions, target, gap)
                if not read.chunk_forms[at] & BESIDE:
                    position += 1


def sort_forms(
    cnp.ndarray form_offsets, cnp.ndarray form_docs, cnp.ndarray data, cnp.ndarray ends,
    cnp.ndarray order, cnp.ndarray by_name,
):
    """Order the forms of each term: those in most documents first, equal ones by their words.

    order: int64[], forms by term, those of term t at form_offsets[t]:form_offsets[t + 1];
    form_docs: int64[n_forms]; data, ends: the words of all forms as `segment.Strings`. by_name:
    uint32[], the forms of each term in the order of their words, by number within the term.
    """
    cdef const int64_t* groups = i64(form_offsets)
    cdef const int64_t* docs = i64(form_docs)
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* ends_ = i64(ends)
    cdef int64_t* order_ = i64_out(order)
    cdef uint32_t* by_name_ = u32_out(by_name)
    cdef int64_t n_terms = rows_of(form_offsets) - 1, term, i, j, gap, n, moved
    cdef int64_t* own
    cdef uint32_t* named
    with nogil:
        for term in range(n_terms):
            n = groups[term + 1] - groups[term]
            own = order_ + groups[term]
            named = by_name_ + groups[term]
            gap = 1
            while gap < n // 3:
                gap = 3 * gap + 1
            while gap:  # Shell's sort, as `sort_by_name`
                for i in range(gap, n):
                    moved = own[i]
                    j = i
                    while j >= gap and (
                        docs[own[j - gap]] < docs[moved]
                        or docs[own[j - gap]] == docs[moved]
                        and is_before(data_, ends_, moved, own[j - gap])
                    ):
                        own[j] = own[j - gap]
                        j -= gap
                    own[j] = moved
                gap //= 3
            sort_by_name(named, n, data_, ends_, own)


def pack_position_forms(
    layout, written, cnp.ndarray position_slots, cnp.ndarray by_name
):
    """Return `TextField.position_forms` and `TextField.block_position_forms`.

    The first three as in `place_postings`. by_name: uint32[], the forms of each term in the
    order of their words, by number within the term.
    """
    cdef bint wide = cnp.PyArray_TYPE(position_slots) == cnp.NPY_UINT32
    cdef const uint8_t* slots = NULL
    cdef const uint32_t* wide_slots = NULL
    cdef const int64_t* starts_ = i64(layout.starts)
    cdef const int64_t* blocks_ = i64(layout.blocks)
    cdef const int64_t* groups = i64(layout.form_offsets)
    cdef const int64_t* form_starts_ = i64(layout.form_starts)
    cdef const uint8_t* forms_ = u8(written.forms)
    cdef const uint8_t* positions_ = u8(written.positions)
    cdef const int64_t* block_positions_ = i64(written.block_positions)
    cdef const uint32_t* by_name_ = u32(by_name)
    cdef cnp.ndarray block_position_forms = np.empty(rows_of(written.block_positions), np.int64)
    cdef int64_t* block_out = i64_out(block_position_forms)
    cdef int64_t n_terms = rows_of(layout.form_starts), term, first, n_postings, n_forms, runs
    cdef int64_t block
    cdef bint last
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
                        byte = after_posting(positions_, byte)
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
                        read_gap(positions_, &byte, &last)
                        if last:
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
    return packed, block_position_forms


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
