"""What the kernels over positions share: the words of a phrase, and where reading them stands."""

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t, uint32_t

from search.embedded.execute.operands cimport Field, FieldReader, Lists, PostingList, Query


cdef struct Place:
    # Where reading the positions of a row stands.
    int64_t at  # in its postings
    int64_t posting  # the last one whose positions were read
    int64_t byte  # where those of the next one begin


cdef struct Wanted:
    # The forms of a list's term that count, see `indexer.segment.segment.TextField.forms`.
    const uint8_t* forms  # the bytes of its term; NULL where all postings have the form, or none
    int64_t n_postings
    int64_t n_runs
    int64_t n_forms
    const uint8_t* bits  # uint8[n_runs], the forms that count, as a posting's own
    const uint32_t* by_name  # uint32[n_forms], the forms in the order of their words
    uint8_t* counts  # uint8[n_forms], of the posting that is read: whether its forms count
    int64_t posting  # the last one whose record was looked for, by its number within the term
    int64_t byte  # where that begins


cdef struct Words:
    # The words of a phrase, and the field that their positions are read from.
    const Field* field
    const Query* query
    const uint32_t* bounds  # uint32[n_docs, 2] or NULL
    Place* places
    int64_t* order  # in which the words are looked at
    int64_t most  # positions of one word in one document, at most
    uint32_t* kept  # room for `most`
    uint32_t* other
    Wanted* wanted  # of each list, or NULL where every form counts
    bint any_form  # whether forms are not looked at for now
    int64_t looked_at  # documents, and how many of them had the words at their places
    int64_t fitting


cdef enum:
    ABSENT = 0  # what a document has of the forms that count: none,
    ALONE = 1  # some and no other of the term,
    AMONG = 2  # or others too


cdef Words words_of(FieldReader reader, Lists lists, cnp.ndarray bounds) except *


cdef void forget(Words* words) noexcept nogil


cdef int64_t form_in(const Words* words, int64_t which, int64_t posting) noexcept nogil


cdef bint has_phrase(Words* words, int64_t doc, const int64_t* offsets) noexcept nogil
