"""What the compiled modules of queries take and give: see `operands.pyx`."""

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t, uint32_t


cdef struct Sorted:
    # `Strings` of a dictionary.
    const uint8_t* data
    const int64_t* offsets
    int64_t n


cdef Sorted sorted_of(object strings) except *


cdef struct Field:
    # Arrays of `indexer.segment.segment.TextField`, those of them that were loaded.
    const uint32_t* postings
    int64_t n_postings
    const uint8_t* forms
    const uint8_t* lengths
    const uint8_t* positions
    int64_t n_positions
    const int64_t* block_positions
    const uint8_t* position_forms
    const int64_t* block_position_forms
    const uint8_t* block_tf
    const uint8_t* block_length
    Sorted terms
    Sorted form_words
    const int64_t* starts
    const int64_t* form_starts
    const int64_t* form_offsets
    const int64_t* blocks


cdef class FieldReader:
    cdef readonly object column
    cdef object letters  # uint32[n], which letters each form has, once that was asked for
    cdef readonly int64_t leaf
    cdef list _held
    cdef bint _postings, _positions, _records, _maxima, _terms
    cdef Field arrays
    cdef cnp.ndarray _array(self, str name)
    cdef const Field* postings(self) except NULL
    cdef const Field* positions(self) except NULL
    cdef const Field* records(self) except NULL
    cdef const Field* maxima(self) except NULL
    cdef const Field* terms(self) except NULL


cdef struct PostingList:
    # Postings [first, last) of a field, or matches that were found before.
    int64_t first
    int64_t last
    int64_t form_at
    int64_t form_bit
    int64_t term
    int64_t block
    const uint32_t* docs  # NULL for postings
    const float* scores  # NULL for postings, and where all are 0


cdef class Row:
    cdef PostingList list


cdef class Lookups:
    cdef readonly str field
    cdef readonly list terms, forms
    cdef public list rows, frequencies
    cdef public object norm


cdef class Term:
    cdef readonly Lookups lookups
    cdef readonly list numbers
    cdef readonly str label, within
    cdef readonly double boost, weight, other
    cdef readonly bint exact, plain
    cdef int64_t _most(self) except -1


cdef struct Query:
    PostingList* lists
    int64_t n_lists
    int64_t* groups  # int64[n + 1], the lists of group g are [groups[g], groups[g + 1])
    int64_t n
    float* weights  # float32[n, 2]
    const float* norm  # float32[256]


cdef class Lists:
    cdef Query query
    cdef list _held
    cdef int64_t _room
    cdef void _weigh(self, cnp.ndarray norm) except *
    cdef PostingList* _group(self, int64_t n, float weight, float other) except NULL
    cdef void add_word(self, FieldReader reader, Term word) except *
    cdef void add_matches(self, Matches found) except *


cpdef Lists lists_of(FieldReader reader, words)


cdef struct Given:
    # Matches that are read.
    const uint32_t* docs
    const float* scores  # NULL where all are 0
    int64_t n


cdef class Matches:
    cdef readonly cnp.ndarray docs, scores
    cdef Given read


cdef class Room:
    cdef cnp.ndarray _docs, _scores
    cdef uint32_t* docs
    cdef float* scores  # NULL where matches have none
    cdef Matches matches(self, int64_t n)


cdef Room room_for(int64_t size, bint scored)
cdef cnp.ndarray new_ints(int64_t size)
cdef cnp.ndarray new_bytes(int64_t size)


cdef inline bint has_form(
    const PostingList* row, const uint8_t* forms, int64_t posting
) noexcept nogil:
    """Say whether a posting has the form that its list asks for."""
    return row.form_at == -1 or (
        row.form_at >= 0 and (forms[row.form_at + posting - row.first] & row.form_bit) != 0
    )
