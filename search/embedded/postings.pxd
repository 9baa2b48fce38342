"""What the compiled modules of queries share: a row of postings, and how one is searched."""

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

cpdef enum:
    ROW = 7  # columns of a row
    WINDOW = 16384  # documents a window of `disjunction`: 98 KiB of sums and counts
    NARROW = 4096  # documents a window of `dense_conjunction`: what the L1 cache holds


cdef struct Row:
    # A row of `lists`, see `terms.look_up`.
    int64_t source
    int64_t first
    int64_t last
    int64_t form_at
    int64_t form_bit
    int64_t term
    int64_t block


cdef inline const Row* rows(cnp.ndarray lists) except? NULL:
    """Check that an array is int64[n, ROW], and return its rows."""
    if (
        cnp.PyArray_TYPE(lists) != cnp.NPY_INT64
        or not cnp.PyArray_ISCARRAY_RO(lists)
        or cnp.PyArray_NDIM(lists) != 2
        or cnp.PyArray_DIM(lists, 1) != ROW
    ):
        raise TypeError("Lists of postings are int64[n, 7].")
    return <const Row*> cnp.PyArray_DATA(lists)


cdef inline bint has_form(const Row* row, const uint8_t* forms, int64_t posting) noexcept nogil:
    """Say whether a posting has the form that its row asks for."""
    return row.form_at == -1 or (
        row.form_at >= 0 and (forms[row.form_at + posting - row.first] & row.form_bit) != 0
    )


cdef inline int64_t leap(
    const uint32_t* docs, int64_t low, int64_t high, int64_t target
) noexcept nogil:
    """Return the first i in [low, high) with docs[i] >= target, else high.

    Doubling steps, then bisection: Bentley and Yao, "An almost optimal algorithm for unbounded
    searching" (1976). What is near costs next to nothing.
    """
    cdef int64_t step = 1, middle
    if low >= high or docs[low] >= target:
        return low
    while low + step < high and docs[low + step] < target:
        low += step
        step <<= 1
    high = min(high, low + step)
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low


cdef struct Texts:
    # What scoring reads of a field: see `indexer.segment.TextField`; norm is NULL where all is 0.
    const uint32_t* postings
    const uint8_t* forms
    const uint8_t* lengths
    const float* norm


cdef Texts text_of(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lengths, cnp.ndarray norm
) except *


cdef void score_window(
    const Texts* text, const Row* lists, const int64_t* groups, int64_t n_groups,
    int64_t n_lists, const int64_t* at, const int64_t* ends, const float* weights, int64_t first,
    int64_t size, const uint16_t* numbers, uint32_t* places, uint32_t* out_docs, float* out_scores,
) noexcept nogil
