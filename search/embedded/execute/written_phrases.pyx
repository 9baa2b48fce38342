"""Which documents have the words of a phrase, in any forms or as they are written.

Where a document has several forms of a word, those of its positions are read
(`indexer.segment.segment.TextField.position_forms`).
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.core.arrays cimport i64, size_of, u8_out, u32, zeros
from indexer.segment.layout cimport TF_BITS
from indexer.segment.position_forms cimport form_runs, sort_by_name
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lists, PostingList, Query, Room, Sorted, lists_of, new_bytes, room_for,
)
from search.embedded.execute.phrases cimport (
    ABSENT, Wanted, Words, forget, form_in, has_phrase, words_of,
)
from search.embedded.execute.postings cimport (
    NARROW, NOWHERE, Window, leap, next_window, open_windows, place_window, score_window,
)

import numpy as np


_NO_BOUNDS = np.empty((0, 2), np.uint32)


def window_phrases(
    FieldReader reader not None, list words_ not None, cnp.ndarray offsets, bint written,
    bint scored,
):
    """Return the documents that have a phrase, in any forms or as `written`, with the scores of its
    words; None where no word is one list, so that there are no windows.

    `offsets`: int64[words], their places in the phrase. For words that are about as common as one
    another: documents that have all of them are found window by window, and positions are read of
    those alone.
    """
    cdef Lists lists = lists_of(reader, words_)
    cdef const Query* query = &lists.query
    cdef const int64_t* offsets_ = i64(offsets)
    cdef const PostingList* row
    cdef int64_t lead, n = 0
    cdef uint32_t* memory = NULL
    cdef Words words
    cdef Window window
    cdef Room out
    for lead in range(query.n):
        if query.groups[lead + 1] - query.groups[lead] == 1:
            break
    else:
        return None
    row = &query.lists[query.groups[lead]]
    out = room_for(row.last - row.first + 1, scored)
    words = words_of(reader, lists, _NO_BOUNDS)
    window.memory = NULL
    try:
        if written:
            memory = _want(reader, &words)
        open_windows(&window, words.field, query, lead, True, written)
        with nogil:
            while next_window(&window, out.docs + n):
                _keep_phrases(&words, offsets_, &window, out.docs + n)
                if scored:
                    score_window(&window, out.docs + n, out.scores + n)
                n += window.size
    finally:
        free(window.memory)
        free(memory)
        free(words.wanted)
        forget(&words)
    return out.matches(n)


cdef void _keep_phrases(
    Words* words, const int64_t* offsets, Window* window, uint32_t* docs
) noexcept nogil:
    """Leave the matches of a window that have the phrase."""
    cdef int64_t n_lists = words.query.n_lists, kept = 0, i, which
    cdef uint32_t place
    place_window(window)
    for i in range(window.size):
        for which in range(n_lists):
            place = window.places[which * (NARROW + 1) + i]
            if place != NOWHERE:
                words.places[which].at = place
        if has_phrase(words, docs[i], offsets):
            docs[kept] = docs[i]
            for which in range(n_lists):
                window.places[which * (NARROW + 1) + kept] = (
                    window.places[which * (NARROW + 1) + i]
                )
            kept += 1
    window.size = kept


cdef inline bint _has(Words* words, int64_t doc, const int64_t* offsets) noexcept nogil:
    """Say whether a document has the phrase, as written where only some forms are wanted."""
    if words.wanted != NULL and not _has_forms(words, doc):
        return False
    return has_phrase(words, doc, offsets)


def have_phrase(
    cnp.ndarray candidates, FieldReader reader not None, Lists lists not None,
    cnp.ndarray offsets, cnp.ndarray bounds, bint written,
):
    """Return which candidates, uint32[n] which have all words, have the phrase: bool[n].

    `written`: in the forms that lists ask for, one or those of a pattern
    (`search.embedded.plan.terms.rows_of_terms`), else in any. `offsets`: int64[words], their places
    in the phrase. `bounds`: see `search.embedded.execute.phrases`.
    """
    cdef int64_t n = size_of(candidates), index
    cdef const uint32_t* docs = u32(candidates)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef cnp.ndarray out = new_bytes(n)
    cdef uint8_t* out_ = u8_out(out)
    cdef Words words = words_of(reader, lists, bounds)
    cdef uint32_t* memory = NULL
    try:
        if written:
            memory = _want(reader, &words)
        with nogil:
            for index in range(n):
                out_[index] = _has(&words, docs[index], offsets_)
    finally:
        free(memory)
        free(words.wanted)
        forget(&words)
    return out.view(np.bool_)


cdef uint32_t* _want(FieldReader reader, Words* words) except NULL:
    """Note for each list which forms its `form_at` and `form_bit` ask for, in `wanted`; return what
    holds them. The caller frees both."""
    cdef const Field* field = reader.records()
    cdef const int64_t* starts = field.form_starts
    cdef const int64_t* groups = field.form_offsets
    cdef const Sorted* names = &field.form_words
    cdef int64_t which, n_forms = 0, n_runs = 0, run
    cdef const PostingList* row
    cdef Wanted* wanted
    cdef uint32_t* by_name
    cdef uint8_t* bits
    cdef uint32_t* memory
    words.wanted = <Wanted*> zeros(words.query.n_lists * sizeof(Wanted))
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


cdef bint _has_forms(Words* words, int64_t doc) noexcept nogil:
    """Say whether a document has each word in a form that counts, somewhere."""
    cdef const Query* query = words.query
    cdef const uint32_t* postings = words.field.postings
    cdef int64_t word, which, here, last
    cdef bint there
    for word in range(query.n):
        there = False
        for which in range(query.groups[word], query.groups[word + 1]):
            last = query.lists[which].last
            here = leap(postings, words.places[which].at, last, doc << TF_BITS)
            words.places[which].at = here
            if here < last and postings[here] >> TF_BITS == doc:
                there |= form_in(words, which, here) != ABSENT
        if not there:
            return False
    return True
