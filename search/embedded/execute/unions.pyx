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
    Field, FieldReader, Lists, PostingList, Query, Room, has_form, room_for,
)
from search.embedded.execute.postings cimport leap, score_of


cdef int64_t _BEYOND = 1 << 40


def apart(FieldReader reader not None, Lists lists not None):
    """Return whether no document is in two of the lists, where that is quickly seen.

    So it is with a word's stems in the languages of an archive, nearly always, since each article
    is of one; then a union may take them as words of their own. Only where one list has nearly all
    postings the others are looked for in it.
    """
    cdef const Field* field = reader.postings()
    cdef bint found
    with nogil:
        found = _apart(field.postings, lists.query.lists, lists.query.n_lists)
    return found


cdef bint _apart(const uint32_t* postings, const PostingList* lists, int64_t n) noexcept nogil:
    cdef int64_t main = 0, total = 0, which, other, here, end, i, doc
    for which in range(n):
        total += lists[which].last - lists[which].first
        if lists[which].last - lists[which].first > lists[main].last - lists[main].first:
            main = which
    if 16 * total > 17 * (lists[main].last - lists[main].first):
        return False
    for which in range(n):
        if which == main:
            continue
        for other in range(n):
            if other == main or other > which:
                here, end = lists[other].first, lists[other].last
                for i in range(lists[which].first, lists[which].last):
                    doc = postings[i] >> TF_BITS
                    here = leap(postings, here, end, doc << TF_BITS)
                    if here < end and postings[here] >> TF_BITS == doc:
                        return False
    return True


def mark_postings(FieldReader reader not None, Lists lists not None, cnp.ndarray bits):
    """Set the bit of each document in which a list has the form that it asks for.

    `bits`: uint64[n_docs / 64, rounded up].
    """
    cdef const Field* field = reader.postings()
    cdef const PostingList* row
    cdef uint64_t* bits_ = u64_out(bits)
    cdef int64_t which, i
    cdef uint32_t doc
    with nogil:
        for which in range(lists.query.n_lists):
            row = &lists.query.lists[which]
            for i in range(row.first, row.last):
                if has_form(row, field.forms, i):
                    doc = field.postings[i] >> TF_BITS
                    bits_[doc >> 6] |= <uint64_t> 1 << (doc & 63)


def score_synonyms(
    FieldReader reader not None, Lists lists not None, int64_t most, bint only, bint scored
):
    """Merge postings of several terms as if they were one, `most` in all, and score them.

    A document's frequencies are added up, to 255 at most; it has the exact form where any posting
    has. With `only` that, others are left out. Usually one term has nearly all postings: a word in
    the archive's main language, with a few articles in others. So the postings of the commonest are
    scored as they come between two documents of the rarer terms.
    """
    cdef const Field* field = reader.postings()
    cdef const Query* query = &lists.query
    cdef Room out = room_for(most, scored)
    cdef int64_t found
    cdef int64_t* at = <int64_t*> room(query.n_lists * sizeof(int64_t))
    with nogil:
        found = _score_synonyms(field, query, at, only, out.docs, out.scores)
    free(at)
    return out.matches(found)


cdef int64_t _score_synonyms(
    const Field* field, const Query* query, int64_t* at, bint only, uint32_t* out_docs,
    float* out_scores,
) noexcept nogil:
    cdef int64_t main = 0, which, here, last, found = 0, rare, total, place, n = query.n_lists
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
        while here < last and postings[here] >> TF_BITS < rare:
            any_exact = has_form(&lists[main], field.forms, here)
            out_docs[found] = postings[here] >> TF_BITS
            if out_scores != NULL:
                out_scores[found] = score_of(field, query, postings[here], any_exact)
            found += any_exact or not only
            here += 1
        if rare == _BEYOND:
            return found
        total = 0
        any_exact = False
        if here < last and postings[here] >> TF_BITS == rare:
            total += postings[here] & 255
            any_exact = has_form(&lists[main], field.forms, here)
            here += 1
        for which in range(n):
            place = at[which]
            if which != main and place < lists[which].last and postings[place] >> TF_BITS == rare:
                total += postings[place] & 255
                if has_form(&lists[which], field.forms, place):
                    any_exact = True
                at[which] += 1
        out_docs[found] = <uint32_t> rare
        if out_scores != NULL:
            packed = <uint32_t> (rare << TF_BITS | min(total, 255))
            out_scores[found] = score_of(field, query, packed, any_exact)
        found += any_exact or not only
