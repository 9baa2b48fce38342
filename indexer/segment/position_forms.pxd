"""Which form each position of a posting has: see
`indexer.segment.segment.TextField.position_forms`."""

from corpus.core.arrays cimport count_ones
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp

cdef enum:
    RECORD_END = 0x80  # flag of a record's last byte


cdef inline int64_t form_runs(int64_t n_forms) noexcept nogil:
    """Return how many bytes a posting of a term with so many forms has in `TextField.forms`."""
    return 1 + n_forms // 8 if n_forms > 8 else n_forms > 1


cdef inline int64_t count_forms(
    const uint8_t* forms, int64_t n_postings, int64_t posting, int64_t runs
) noexcept nogil:
    """Return how many forms of its term a posting has; `forms` are the bytes of the term."""
    cdef int64_t found, run
    if runs == 1:
        return count_ones(forms[posting])
    found = count_ones(forms[posting] & 0x7F)  # bit 7 stands for those of the further runs
    for run in range(1, runs):
        found += count_ones(forms[run * n_postings + posting])
    return found


cdef inline bint has_several(
    const uint8_t* forms, int64_t n_postings, int64_t posting, int64_t runs
) noexcept nogil:
    """Say whether a posting has several forms, and so a record; arguments as of `count_forms`."""
    if runs == 1:
        return forms[posting] & (forms[posting] - 1) != 0
    return count_forms(forms, n_postings, posting, runs) > 1


cdef inline bint has_form(
    const uint8_t* forms, int64_t n_postings, int64_t posting, int64_t form, int64_t n_forms
) noexcept nogil:
    """Whether a posting has a form; `forms` are the bytes of its term."""
    cdef int64_t run
    if n_forms <= 8 or form < 7:
        return forms[posting] >> form & 1
    run = 1 + (form - 7) // 8
    return forms[run * n_postings + posting] >> ((form - 7) & 7) & 1


cdef inline int64_t number_width(int64_t n_forms) noexcept nogil:
    """Return the bits of a number below `n_forms`, which is 2 or more."""
    cdef int64_t width = 1
    while n_forms - 1 >> width:
        width += 1
    return width


cdef struct Record:
    # The numbers of a record that are still to be read.
    const uint8_t* next
    uint64_t bits
    int64_t n_bits
    int64_t width
    int64_t n_forms  # which every number is below, and 0 where there is no record


cdef inline int64_t next_number(Record* record) noexcept nogil:
    """Return the next number of a record, -1 where it has no more or is none."""
    cdef int64_t found
    cdef uint8_t byte
    while record.n_bits < record.width:
        if record.next == NULL:
            return -1
        byte = record.next[0]
        record.bits |= <uint64_t> (byte & 0x7F) << record.n_bits
        record.n_bits += 7
        record.next += 1
        if byte & RECORD_END:
            record.next = NULL
    found = record.bits & ((<uint64_t> 1 << record.width) - 1)
    record.bits >>= record.width
    record.n_bits -= record.width
    return found if found < record.n_forms else -1


cdef inline bint is_before(
    const uint8_t* data, const int64_t* ends, int64_t one, int64_t other
) noexcept nogil:
    """Say whether a string comes before another; string i is data[ends[i]:ends[i + 1]]."""
    cdef int64_t size = ends[one + 1] - ends[one], other_size = ends[other + 1] - ends[other]
    cdef int order = memcmp(data + ends[one], data + ends[other], min(size, other_size))
    return order < 0 or (order == 0 and size < other_size)


cdef inline void sort_by_name(
    uint32_t* out, int64_t n, const uint8_t* data, const int64_t* ends, const int64_t* which
) noexcept nogil:
    """Write the numbers of n strings in their order: Shell's sort, since nearly all are few.

    String i is number `which[i]` of those in `data`, or with NULL the number i.
    """
    cdef int64_t gap = 1, i, j
    cdef uint32_t moved
    while gap < n // 3:
        gap = 3 * gap + 1
    for i in range(n):
        out[i] = <uint32_t> i
    while gap:
        for i in range(gap, n):
            moved = out[i]
            j = i
            while j >= gap and (
                is_before(data, ends, which[moved], which[out[j - gap]]) if which != NULL
                else is_before(data, ends, moved, out[j - gap])
            ):
                out[j] = out[j - gap]
                j -= gap
            out[j] = moved
        gap //= 3
