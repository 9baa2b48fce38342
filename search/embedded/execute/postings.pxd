"""What the compiled modules of queries share: how postings are searched and scored."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

from indexer.segment.layout cimport TF_BITS
from search.embedded.execute.operands cimport (
    Field, Given, PostingList, Query, Room, has_form,
)

cpdef enum:
    WINDOW = 8192  # documents a window of `unite`: 49 KiB of sums and counts
    NARROW = 4096  # documents a `Window`: what the L1 cache holds
    NOWHERE = 0xFFFFFFFF


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


cdef inline uint32_t take_together(
    const Field* field, const Query* query, int64_t* at, int64_t doc, bint* exact, int64_t* having
) noexcept nogil:
    """Return the postings of a document in all lists as one, and move on the lists that have it.

    at: where each list is. Frequencies are added up, to 255 at most; `exact` says whether any
    posting has the form that was asked for, `having` how many lists have the document.
    """
    cdef const PostingList* lists = query.lists
    cdef int64_t total = 0, which, here
    exact[0], having[0] = False, 0
    for which in range(query.n_lists):
        here = at[which]
        if here < lists[which].last and field.postings[here] >> TF_BITS == doc:
            total += field.postings[here] & 255
            exact[0] = exact[0] or has_form(&lists[which], field.forms, here)
            having[0] += 1
            at[which] += 1
    return <uint32_t> (doc << TF_BITS | min(total, 255))


cdef inline float score_of(
    const Field* field, const Query* query, uint32_t packed, bint exact
) noexcept nogil:
    """Return the score of a packed posting of the first group."""
    cdef float tf = <float> (packed & 255)
    cdef float norm = query.norm[field.lengths[packed >> TF_BITS]]
    return query.weights[0 if exact else 1] * (tf / (tf + norm))


cdef inline void keep(const Given* found, int64_t i, Room out, int64_t at) noexcept nogil:
    """Write match i to place `at`, with its score where there are any."""
    out.docs[at] = found.docs[i]
    if found.scores != NULL:
        out.scores[at] = found.scores[i]


cdef struct Window:
    # NARROW documents from `first` on, those of them that all groups have, and where these are.
    const Field* field
    const Query* query
    int64_t lead  # a list that is a group of its own
    bint written  # whether only postings with the form that is asked for count
    int64_t first
    int64_t size  # matches
    void* memory
    int64_t* at  # int64[n_lists], the first posting of each list in the window
    int64_t* ends  # and one past the last
    uint32_t* places  # uint32[n_lists, NARROW + 1], where each match is in each list, or NOWHERE
    uint16_t[NARROW] marks  # a bit for each group that has a document
    uint16_t[NARROW] numbers  # a document's number among the matches, or NARROW


cdef int open_windows(
    Window* window, const Field* field, const Query* query, int64_t lead, bint placed, bint written
) except -1
cdef bint next_window(Window* window, uint32_t* docs) noexcept nogil
cdef void place_window(Window* window) noexcept nogil
cdef void score_window(const Window* window, const uint32_t* docs, float* scores) noexcept nogil
