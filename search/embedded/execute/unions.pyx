"""Kernels that merge postings of several terms into one list: synonyms, and words of a pattern.

Fields and lists are those of `search.embedded.execute.operands`; all lists are of postings, in one
group.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.core.arrays cimport room, trailing_zeros, u8_out, u32_out, u64_out
from indexer.segment.layout cimport TF_BITS
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lists, PostingList, Query, Room, has_form, new_bytes, new_ints, room_for,
)
from search.embedded.execute.postings cimport WINDOW, leap, score_of

__all__ = ["apart", "mark_postings", "score_synonyms", "union_postings"]

cdef int64_t _BEYOND = 1 << 40


def union_postings(FieldReader reader not None, Lists lists not None, int64_t most):
    """Merge postings of several terms as if they were one, `most` documents at most.

    Returns the postings, uint32[n], packed with the sum of term frequencies, 255 at most, and
    uint8[n], 1 where any has the form.
    """
    cdef const Field* field = reader.postings()
    cdef const Query* query = &lists.query
    cdef cnp.ndarray postings = new_ints(most), exact = new_bytes(most)
    cdef uint32_t* merged = u32_out(postings)
    cdef uint8_t* exact_ = u8_out(exact)
    cdef int64_t found
    cdef int64_t* at = <int64_t*> room(query.n_lists * sizeof(int64_t))
    with nogil:
        found = _union(field, query, at, merged, exact_)
    free(at)
    return postings[:found], exact[:found]


cdef int64_t _union(
    const Field* field, const Query* query, int64_t* at, uint32_t* out_postings,
    uint8_t* out_exact,
) noexcept nogil:
    cdef const uint32_t* postings = field.postings
    cdef const PostingList* lists = query.lists
    cdef int64_t n = query.n_lists
    cdef uint32_t sums[WINDOW]
    cdef uint8_t exact[WINDOW]
    cdef uint64_t touched[WINDOW >> 6]
    cdef int64_t found = 0, first, base, beyond, reach, which, here, slot, index
    cdef uint64_t word
    memset(sums, 0, sizeof(sums))
    memset(exact, 0, sizeof(exact))
    memset(touched, 0, sizeof(touched))
    for which in range(n):
        at[which] = lists[which].first
    while True:
        first = _BEYOND
        for which in range(n):
            if at[which] < lists[which].last:
                first = min(first, <int64_t> (postings[at[which]] >> TF_BITS))
        if first == _BEYOND:
            return found
        base = first & ~(<int64_t> 63)
        beyond = (base + WINDOW) << TF_BITS
        reach = 0
        for which in range(n):
            here = at[which]
            while here < lists[which].last and postings[here] < beyond:
                slot = (postings[here] >> TF_BITS) - base
                sums[slot] += postings[here] & 255
                if has_form(&lists[which], field.forms, here):
                    exact[slot] = 1
                touched[slot >> 6] |= <uint64_t> 1 << (slot & 63)
                reach = max(reach, slot)
                here += 1
            at[which] = here
        for index in range((reach >> 6) + 1):
            word = touched[index]
            touched[index] = 0
            while word:
                slot = (index << 6) + trailing_zeros(word)
                word &= word - 1
                out_postings[found] = <uint32_t> ((base + slot) << TF_BITS) | min(
                    sums[slot], <uint32_t> 255
                )
                out_exact[found] = exact[slot]
                found += 1
                sums[slot] = 0
                exact[slot] = 0


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
    FieldReader reader not None, Lists lists not None, int64_t most, bint scored
):
    """Merge postings of several terms as if they were one, and score them.

    As `union_postings`, for the usual case that one term has nearly all postings: a word in the
    archive's main language, with a few articles in others. Between two documents of the rarer terms
    the postings of the commonest are scored as they come.
    """
    cdef const Field* field = reader.postings()
    cdef const Query* query = &lists.query
    cdef Room out = room_for(most, scored)
    cdef int64_t found
    cdef int64_t* at = <int64_t*> room(query.n_lists * sizeof(int64_t))
    with nogil:
        found = _score_synonyms(field, query, at, out.docs, out.scores)
    free(at)
    return out.matches(found)


cdef int64_t _score_synonyms(
    const Field* field, const Query* query, int64_t* at, uint32_t* out_docs, float* out_scores
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
            out_docs[found] = postings[here] >> TF_BITS
            if out_scores != NULL:
                out_scores[found] = score_of(
                    field, query, postings[here], has_form(&lists[main], field.forms, here)
                )
            found += 1
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
        found += 1
