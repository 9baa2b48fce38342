"""Kernels that merge postings of several terms into one list: synonyms, and words of a pattern.

Rows of `lists`, and what makes a posting's form exact, are those of `search.embedded.postings`,
source 0 only.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.arrays cimport (
    f32_out, room, rows_of, trailing_zeros, u8, u8_out, u32, u32_out, u64_out,
)
from indexer.layout cimport TF_BITS
from search.embedded.postings cimport WINDOW, Row, Texts, has_form, leap, rows, text_of

__all__ = ["apart", "mark_postings", "score_synonyms", "union_postings"]

cdef int64_t _BEYOND = 1 << 40


def union_postings(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lists, cnp.ndarray out_postings,
    cnp.ndarray out_exact,
):
    """Merge postings of several terms as if they were one; return how many documents there are.

    `out_postings`: packed, with the sum of term frequencies, 255 at most; `out_exact`: 1 where any
    has the form.
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const Row* rows_ = rows(lists)
    cdef uint32_t* merged = u32_out(out_postings)
    cdef uint8_t* exact = u8_out(out_exact)
    cdef int64_t n = rows_of(lists), found
    cdef int64_t* at = <int64_t*> room(n * sizeof(int64_t))
    with nogil:
        found = _union(postings_, forms_, rows_, n, at, merged, exact)
    free(at)
    return found


cdef int64_t _union(
    const uint32_t* postings, const uint8_t* forms, const Row* lists, int64_t n, int64_t* at,
    uint32_t* out_postings, uint8_t* out_exact,
) noexcept nogil:
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
                if has_form(&lists[which], forms, here):
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


def apart(cnp.ndarray postings, cnp.ndarray lists):
    """Return whether no document is in two of the lists, where that is quickly seen.

    So it is with a word's stems in the languages of an archive, nearly always, since each article
    is of one; then a union may take them as words of their own. Only where one list has nearly all
    postings the others are looked for in it.
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const Row* rows_ = rows(lists)
    cdef int64_t n = rows_of(lists)
    cdef bint found
    with nogil:
        found = _apart(postings_, rows_, n)
    return found


cdef bint _apart(const uint32_t* postings, const Row* lists, int64_t n) noexcept nogil:
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


def mark_postings(cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lists, cnp.ndarray bits):
    """Set the bit of each document in which a list has the form that it asks for.

    `bits`: uint64[n_docs / 64, rounded up].
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const Row* rows_ = rows(lists)
    cdef uint64_t* bits_ = u64_out(bits)
    cdef int64_t n = rows_of(lists), which, i
    cdef uint32_t doc
    with nogil:
        for which in range(n):
            for i in range(rows_[which].first, rows_[which].last):
                if has_form(&rows_[which], forms_, i):
                    doc = postings_[i] >> TF_BITS
                    bits_[doc >> 6] |= <uint64_t> 1 << (doc & 63)


def score_synonyms(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lists, cnp.ndarray lengths,
    cnp.ndarray norm, float weight, float other, bint scored, cnp.ndarray out_docs,
    cnp.ndarray out_scores,
):
    """Merge postings of several terms as if they were one, and score them; return how many.

    As `union_postings`, for the usual case that one term has nearly all postings: a word in the
    archive's main language, with a few articles in others. Between two documents of the rarer terms
    the postings of the commonest are scored as they come.
    """
    cdef Texts text = text_of(postings, forms, lengths, norm)
    cdef const Row* rows_ = rows(lists)
    cdef uint32_t* docs = u32_out(out_docs)
    cdef float* scores = f32_out(out_scores) if scored else NULL
    cdef int64_t n = rows_of(lists), found
    cdef int64_t* at = <int64_t*> room(n * sizeof(int64_t))
    with nogil:
        found = _score_synonyms(&text, rows_, n, weight, other, at, docs, scores)
    free(at)
    return found


cdef int64_t _score_synonyms(
    const Texts* text, const Row* lists, int64_t n, float weight, float other, int64_t* at,
    uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    cdef int64_t main = 0, which, here, last, found = 0, rare, total, place
    cdef uint32_t doc
    cdef float tf
    cdef bint any_exact
    cdef const uint32_t* postings = text.postings
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
            doc = postings[here] >> TF_BITS
            out_docs[found] = doc
            if out_scores != NULL:
                tf = <float> (postings[here] & 255)
                out_scores[found] = (
                    weight if has_form(&lists[main], text.forms, here) else other
                ) * (tf / (tf + text.norm[text.lengths[doc]]))
            found += 1
            here += 1
        if rare == _BEYOND:
            return found
        total = 0
        any_exact = False
        if here < last and postings[here] >> TF_BITS == rare:
            total += postings[here] & 255
            any_exact = has_form(&lists[main], text.forms, here)
            here += 1
        for which in range(n):
            place = at[which]
            if which != main and place < lists[which].last and postings[place] >> TF_BITS == rare:
                total += postings[place] & 255
                if has_form(&lists[which], text.forms, place):
                    any_exact = True
                at[which] += 1
        out_docs[found] = <uint32_t> rare
        if out_scores != NULL:
            tf = <float> min(total, 255)
            out_scores[found] = (weight if any_exact else other) * (
                tf / (tf + text.norm[text.lengths[rare]])
            )
        found += 1
