"""Kernels that cross-check arrays of a segment, one pass each, and what follows from others.

They run before the first answer, over arrays that grow with the archive. Looking at positions eight
bytes at a time takes half of what a byte at a time takes: 17 and 34 ms for 48 MB in 450,000 blocks.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, size_of, u8, u32, u64
from indexer.segment.layout cimport BLOCK
from indexer.segment.position_forms cimport RECORD_END, form_runs, has_several
from indexer.segment.positions cimport ends_posting


cdef uint64_t _ONES = 0x0101010101010101u
cdef uint64_t _PAIRS = 0x00FF00FF00FF00FFu
cdef uint64_t _SUMS = 0x0001000100010001u


def divide_up(cnp.ndarray borders, int64_t end):
    """Say whether ascending borders (int64[] or uint32[]) divide up [0, end)."""
    cdef int64_t n = size_of(borders), falls = 0, i
    cdef const cnp.uint32_t* narrow
    cdef const int64_t* wide
    if n == 0:
        return False
    if cnp.PyArray_TYPE(borders) == cnp.NPY_UINT32:
        narrow = u32(borders)
        with nogil:
            for i in range(1, n):
                falls += narrow[i] < narrow[i - 1]
        return falls == 0 and narrow[0] == 0 and narrow[n - 1] == end
    wide = i64(borders)
    with nogil:
        for i in range(1, n):
            falls += wide[i] < wide[i - 1]
    return falls == 0 and wide[0] == 0 and wide[n - 1] == end


def place_forms(cnp.ndarray starts, cnp.ndarray form_offsets, cnp.ndarray form_starts):
    """Write where the forms of each term begin, int64[n_terms]: one after the other, else -1.
    Returns where the last ones end.

    Their widths are those of `indexer.write.invert_postings.form_runs`.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* groups = i64(form_offsets)
    cdef int64_t* out = i64_out(form_starts)
    cdef int64_t n_terms = size_of(form_starts), at = 0, term, n_forms
    with nogil:
        for term in range(n_terms):
            n_forms = groups[term + 1] - groups[term]
            out[term] = at if n_forms > 1 else -1
            if n_forms > 1:
                at += form_runs(n_forms) * (starts_[term + 1] - starts_[term])
    return at


def blocks_agree(
    cnp.ndarray starts, cnp.ndarray blocks, cnp.ndarray positions, cnp.ndarray words,
    cnp.ndarray block_positions,
):
    """Say whether each block of positions ends as many postings as it has, the last with its end.

    The first four arrays but `words` are those of a `TextField`, their borders sound; `words`:
    uint64[], the positions eight by eight as far as they go.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const uint8_t* positions_ = u8(positions)
    cdef const uint64_t* words_ = u64(words)
    cdef const int64_t* block_positions_ = i64(block_positions)
    cdef int64_t n_terms = size_of(starts) - 1, term, block, first, begin, end, count
    cdef bint agree = True
    with nogil:
        for term in range(n_terms):
            for block in range(blocks_[term], blocks_[term + 1]):
                first = starts_[term] + (block - blocks_[term]) * BLOCK
                begin, end = block_positions_[block], block_positions_[block + 1]
                count = min(<int64_t> BLOCK, starts_[term + 1] - first)
                if (
                    count <= 0
                    or end <= begin
                    or not ends_posting(positions_[end - 1])
                    or _endings(positions_, words_, begin, end) != count
                ):
                    agree = False
                    break
            if not agree:
                break
    return agree


def records_agree(
    cnp.ndarray starts, cnp.ndarray blocks, cnp.ndarray form_offsets, cnp.ndarray form_starts,
    cnp.ndarray forms, cnp.ndarray position_forms, cnp.ndarray block_position_forms,
):
    """Say whether each block has as many records of `TextField.position_forms` as it has postings
    with several forms, the last one ending with it. The other arrays are sound.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const int64_t* groups = i64(form_offsets)
    cdef const int64_t* form_starts_ = i64(form_starts)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const uint8_t* records = u8(position_forms)
    cdef const int64_t* block_records = i64(block_position_forms)
    cdef int64_t n_terms = size_of(form_starts), term, block, begin, end, at, several, runs, first
    cdef int64_t n_postings, posting
    cdef bint agree = True
    with nogil:
        for term in range(n_terms):
            n_postings = starts_[term + 1] - starts_[term]
            runs = form_runs(groups[term + 1] - groups[term])
            for block in range(blocks_[term], blocks_[term + 1]):
                begin, end = block_records[block], block_records[block + 1]
                several = 0
                if form_starts_[term] >= 0:
                    first = (block - blocks_[term]) * BLOCK
                    for posting in range(first, min(first + BLOCK, n_postings)):
                        several += has_several(
                            forms_ + form_starts_[term], n_postings, posting, runs
                        )
                for at in range(begin, end):
                    several -= records[at] >= RECORD_END
                if several != 0 or (end > begin and records[end - 1] < RECORD_END):
                    agree = False
                    break
            if not agree:
                break
    return agree


cdef int64_t _endings(
    const uint8_t* positions, const uint64_t* words, int64_t begin, int64_t end
) noexcept nogil:
    """Count the bytes of [begin, end) that end a posting: LAST is set in them, and MORE is not."""
    cdef int64_t found = 0, at = begin, word, beyond, stop, i
    cdef uint64_t sums, pairs
    while at < end and at & 7:
        found += ends_posting(positions[at])
        at += 1
    word = at >> 3
    beyond = max(word, end >> 3)
    while word < beyond:
        stop = min(word + 255, beyond)  # a byte of `sums` counts no further
        sums = 0
        for i in range(word, stop):
            sums += (words[i] >> 6) & ~(words[i] >> 7) & _ONES
        pairs = (sums & _PAIRS) + ((sums >> 8) & _PAIRS)
        found += (pairs * _SUMS) >> 48
        word = stop
    for i in range(max(at, word << 3), end):
        found += ends_posting(positions[i])
    return found
