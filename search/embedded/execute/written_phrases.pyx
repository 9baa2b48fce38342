"""Which documents have the words of a phrase as they are written, from arrays alone.

A document that has no other form of the phrase's words has it as written. Where it has several, the
forms of the positions are read (`indexer.segment.segment.TextField.position_forms`).
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.core.arrays cimport i64, size_of, u8_out, u32, zeros
from indexer.segment.layout cimport TF_BITS
from indexer.segment.position_forms cimport form_runs, sort_by_name
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lists, PostingList, Query, Sorted, new_bytes,
)
from search.embedded.execute.phrases cimport (
    ABSENT, ALONE, AMONG, Wanted, Words, forget, form_in, has_phrase, words_of,
)
from search.embedded.execute.postings cimport leap

import numpy as np



def written_phrases(
    cnp.ndarray candidates, FieldReader reader not None, Lists lists not None,
    cnp.ndarray offsets, cnp.ndarray bounds,
):
    """Return which candidates, which have the phrase in some forms, have its own: bool[n].

    Lists ask for one form, or for those of a pattern (`search.embedded.plan.terms.rows_of_terms`).
    `offsets` and `bounds` are those of `search.embedded.execute.phrases.phrases`.
    """
    cdef int64_t n = size_of(candidates), index
    cdef const uint32_t* docs = u32(candidates)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef cnp.ndarray out = new_bytes(n)
    cdef uint8_t* out_ = u8_out(out)
    cdef Words words
    cdef uint32_t* memory = NULL
    cdef int64_t form
    reader.records()
    words = words_of(reader, lists, bounds, n)
    try:
        words.wanted = <Wanted*> zeros(lists.query.n_lists * sizeof(Wanted))
        memory = _want(&words)
        with nogil:
            for index in range(n):
                form = _forms(&words, docs[index])
                out_[index] = form == ALONE or (
                    form == AMONG and has_phrase(&words, docs[index], offsets_)
                )
    finally:
        free(memory)
        free(words.wanted)
        forget(&words)
    return out.view(np.bool_)


cdef uint32_t* _want(Words* words) except NULL:
    """Note for each list which forms its `form_at` and `form_bit` ask for; return what holds them,
    which the caller frees."""
    cdef const Field* field = words.field
    cdef const int64_t* starts = field.form_starts
    cdef const int64_t* groups = field.form_offsets
    cdef const Sorted* names = &field.form_words
    cdef int64_t which, n_forms = 0, n_runs = 0, run
    cdef const PostingList* row
    cdef Wanted* wanted
    cdef uint32_t* by_name
    cdef uint8_t* bits
    cdef uint32_t* memory
    for which in range(words.query.n_lists):
        row = &words.query.lists[which]
        if row.form_at >= 0:
            n_forms += groups[row.term + 1] - groups[row.term]
            n_runs += form_runs(groups[row.term + 1] - groups[row.term])
    by_name = memory = <uint32_t*> zeros(n_forms * (sizeof(uint32_t) + 1) + n_runs)
    bits = <uint8_t*> (memory + n_forms)
    for which in range(words.query.n_lists):
        row = &words.query.lists[which]
        if row.form_at < 0:
            continue
        wanted = &words.wanted[which]
        wanted.forms = field.forms + starts[row.term]
        wanted.n_postings = row.last - row.first
        wanted.n_forms = groups[row.term + 1] - groups[row.term]
        wanted.n_runs = form_runs(wanted.n_forms)
        wanted.posting = -1
        wanted.bits = bits
        run = (row.form_at - starts[row.term]) // wanted.n_postings
        bits[run] = <uint8_t> row.form_bit
        if run == 0 and wanted.n_runs > 1 and bits[0] & 0x80:  # form 7 and all later ones
            bits[0] &= 0x7F
            memset(bits + 1, 0xFF, wanted.n_runs - 1)
        bits += wanted.n_runs
        wanted.counts = bits
        bits += wanted.n_forms
        wanted.by_name = by_name
        sort_by_name(
            by_name, wanted.n_forms, names.data, names.offsets + groups[row.term], NULL
        )
        by_name += wanted.n_forms
    return memory


cdef int64_t _forms(Words* words, int64_t doc) noexcept nogil:
    """Say what a document has of the forms of all words: ABSENT, ALONE or AMONG others."""
    cdef const Query* query = words.query
    cdef const uint32_t* postings = words.field.postings
    cdef int64_t word, which, here, last, form, found = ALONE
    cdef bint there, others
    for word in range(query.n):
        there = others = False
        for which in range(query.groups[word], query.groups[word + 1]):
            last = query.lists[which].last
            here = leap(postings, words.places[which].at, last, doc << TF_BITS)
            words.places[which].at = here
            if here >= last or postings[here] >> TF_BITS != doc:
                continue
            form = form_in(words, which, here)
            there |= form != ABSENT
            others |= form != ALONE
        if not there:
            return ABSENT
        if others:
            found = AMONG
    return found
