"""Kernels that merge postings of several terms into one list: synonyms, and words of a pattern.

Fields and lists are those of `search.embedded.execute.operands`; all lists are of postings, in one
group.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport room, u64_out
from indexer.segment.layout cimport TF_BITS
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lists, PostingList, Query, Room, Row, Term, has_form, room_for,
)
from search.embedded.execute.postings cimport leap, score_of, take_together


cdef int64_t _BEYOND = 1 << 40


def mark_postings(FieldReader reader not None, list rows not None, cnp.ndarray bits not None):
    """Set the bit of each document in which a term of `rows` has the form that it asks for.

    `bits`: uint64[n_docs / 64, rounded up].
    """
    cdef const Field* field = reader.postings()
    cdef uint64_t* bits_ = u64_out(bits)
    cdef Row row
    for row in rows:
        with nogil:
            _mark(field, &row.list, bits_)


cdef void _mark(const Field* field, const PostingList* row, uint64_t* bits) noexcept nogil:
    cdef int64_t i
    cdef uint32_t doc
    for i in range(row.first, row.last):
        if has_form(row, field.forms, i):
            doc = field.postings[i] >> TF_BITS
            bits[doc >> 6] |= <uint64_t> 1 << (doc & 63)


def score_word(FieldReader reader not None, Term word not None, bint scored):
    """Return the documents that have a word, with their scores; those of the exact form where it is
    the only one that counts."""
    cdef const Field* field = reader.postings()
    cdef Lists lists = Lists()
    cdef const Query* query = &lists.query
    cdef int64_t n = 0, which
    cdef int64_t* at
    cdef Room out
    lists.add_word(reader, word)
    for which in range(query.n_lists):
        n += query.lists[which].last - query.lists[which].first
    out = room_for(n + 1, scored)
    at = <int64_t*> room(query.n_lists * sizeof(int64_t))
    with nogil:
        n = _score_synonyms(field, query, at, word.exact, out.docs, out.scores)
    free(at)
    return out.matches(n)


cdef int64_t _score_run(
    const Field* field, const Query* query, const PostingList* row, int64_t first, int64_t last,
    bint only, uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    """Write the documents of postings [first, last) of a list, and their scores; return how many.

    Loops of one thing each, which processors do for several documents together.
    """
    cdef int64_t found = 0, i
    if only:
        for i in range(first, last):
            out_docs[found] = field.postings[i] >> TF_BITS
            if out_scores != NULL:
                out_scores[found] = score_of(field, query, field.postings[i], True)
            found += has_form(row, field.forms, i)
        return found
    for i in range(last - first):
        out_docs[i] = field.postings[first + i] >> TF_BITS
    for i in range(last - first if out_scores != NULL else 0):
        out_scores[i] = score_of(
            field, query, field.postings[first + i], has_form(row, field.forms, first + i)
        )
    return last - first


cdef int64_t _score_synonyms(
    const Field* field, const Query* query, int64_t* at, bint only, uint32_t* out_docs,
    float* out_scores,
) noexcept nogil:
    """Merge postings of several terms as if they were one, and score them.

    A document's frequencies are added up, to 255 at most; it has the exact form where any posting
    has. With `only` that, others are left out. Usually one term has nearly all postings: a word in
    the archive's main language, with a few articles in others. So the postings of the commonest are
    scored as they come between two documents of the rarer terms.
    """
    cdef int64_t main = 0, which, here, last, end, found = 0, rare, having, n = query.n_lists
    cdef uint32_t packed
    cdef bint any_exact
    cdef const uint32_t* postings = field.postings
    cdef const PostingList* lists = query.lists
    for which in range(n):
        at[which] = lists[which].first
        if lists[which].last - lists[which].first > lists[main].last - lists[main].first:
            main = which
    here, last = lists[main].first, lists[main].last
    while True:
        rare = _BEYOND
        for which in range(n):
            if which != main and at[which] < lists[which].last:
                rare = min(rare, <int64_t> (postings[at[which]] >> TF_BITS))
        end = last if rare == _BEYOND else leap(postings, here, last, rare << TF_BITS)
        found += _score_run(
            field, query, &lists[main], here, end, only, out_docs + found,
            out_scores + found if out_scores != NULL else NULL,
        )
        here = end
        if rare == _BEYOND:
            return found
        at[main] = here
        packed = take_together(field, query, at, rare, &any_exact, &having)
        here = at[main]
        out_docs[found] = <uint32_t> rare
        if out_scores != NULL:
            out_scores[found] = score_of(field, query, packed, any_exact)
        found += any_exact or not only
