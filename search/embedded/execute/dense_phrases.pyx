"""The kernel for phrases of words that are about as common as one another.

Looking up the positions of each candidate costs several unpredictable branches a
word. Here the words' postings are decoded front to back, window by window, without a branch a
position; a position of each word, counted back by its place in the phrase, is a *key*, and keys
that all words have are phrases. Keys of a word are first tested against a small bitmap of hashes
of those found so far (Bloom, "Space/time trade-offs in hash coding with allowable errors", 1970,
with one function), so that only few are compared exactly. That takes well under half of the time.

Fields and lists are those of `search.embedded.execute.operands`.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, qsort
from libc.string cimport memset

cimport numpy as cnp
from corpus.core.arrays cimport i64, room
from indexer.segment.layout cimport BLOCK, TF_BITS
from indexer.segment.positions cimport after_postings, read_short_gap
from search.embedded.execute.operands cimport Field, FieldReader, Lists, PostingList, Query, Room, room_for
from search.embedded.execute.postings cimport NARROW, Window, leap, score_window


cdef enum:
    HASH_BITS = 16
    LONGEST = 1024  # added to positions, so that what is counted back stays above 0

cdef uint64_t _HASH = 0x9E3779B97F4A7C15u  # 2 ** 64 / the golden ratio: Knuth's multiplicative hash
cdef int64_t _BEYOND = 1 << 40


cdef struct Phrase:
    # The words of a phrase, how far each is from the first, and the field that they are in.
    const Field* field
    const Query* query
    const int64_t* offsets


cdef int64_t _seek(const Phrase* phrase, int64_t which, int64_t posting) noexcept nogil:
    """Return where the positions of a posting begin."""
    cdef const PostingList* row = &phrase.query.lists[which]
    cdef int64_t within = posting - row.first
    return after_postings(
        phrase.field.positions, phrase.field.block_positions[row.block + within // BLOCK],
        within % BLOCK,
    )


cdef int64_t _most_keys(const Phrase* phrase) noexcept nogil:
    """Return how many keys a word has at most in NARROW documents: bytes of whole blocks."""
    cdef int64_t most = 0, total, widest, here, end, first, last, group, which
    cdef const PostingList* row
    cdef const Query* query = phrase.query
    cdef const uint32_t* postings = phrase.field.postings
    cdef const int64_t* block_positions = phrase.field.block_positions
    for group in range(query.n):
        total = 0
        for which in range(query.groups[group], query.groups[group + 1]):
            row = &query.lists[which]
            here = row.first
            widest = 0
            while here < row.last:
                end = leap(
                    postings, here, row.last,
                    <int64_t> ((postings[here] >> TF_BITS) + NARROW) << TF_BITS,
                )
                first = row.block + (here - row.first) // BLOCK
                last = row.block + (end - 1 - row.first) // BLOCK + 1
                widest = max(widest, block_positions[last] - block_positions[first])
                here = end
            total += 2 * widest  # windows begin elsewhere: two of these cover each
        most = max(most, total)
    return most


cdef int64_t _keep_marked(
    const uint64_t* keys, int64_t size, const uint64_t* marks, uint64_t* out
) noexcept nogil:
    """Write the keys whose hash is marked; return how many."""
    cdef int64_t kept = 0, i
    cdef uint64_t place
    for i in range(size):
        place = (keys[i] * _HASH) >> (64 - HASH_BITS)
        out[kept] = keys[i]
        kept += (marks[place >> 6] >> (place & 63)) & 1
    return kept


cdef void _mark(const uint64_t* keys, int64_t size, uint64_t* marks) noexcept nogil:
    cdef int64_t i
    cdef uint64_t place
    memset(marks, 0, sizeof(uint64_t) << (HASH_BITS - 6))
    for i in range(size):
        place = (keys[i] * _HASH) >> (64 - HASH_BITS)
        marks[place >> 6] |= <uint64_t> 1 << (place & 63)


cdef int _order(const void* one, const void* other) noexcept nogil:
    cdef uint64_t a = (<const uint64_t*> one)[0], b = (<const uint64_t*> other)[0]
    return (a > b) - (a < b)


cdef struct Stretch:
    # Postings of a list in a window, and where their positions begin.
    int64_t first
    int64_t end
    int64_t base  # the first document of the window
    int64_t byte


cdef int64_t _decode(
    const Field* field, Stretch* stretch, int64_t shift_by, uint64_t* keys, int64_t size
) noexcept nogil:
    """Append the keys of a stretch, whose byte is moved to what follows; return the new size.

    A key is (document - base) << 32 | position + shift_by.
    """
    cdef int64_t posting = stretch.first, end = stretch.end, byte = stretch.byte
    cdef int64_t final = field.n_postings - 1, final_byte = field.n_positions - 1
    cdef int64_t position = -1, document, base = stretch.base
    cdef bint ended
    cdef const uint32_t* postings = field.postings
    cdef const uint8_t* positions = field.positions
    while posting < end:
        position += read_short_gap(positions, final_byte, &byte, &ended)
        document = <int64_t> (postings[min(posting, final)] >> TF_BITS) - base
        keys[size] = <uint64_t> ((document << 32) + position + shift_by)
        size += 1
        posting += ended
        position |= -<int64_t> ended  # -1 again where the posting ends
    stretch.byte = byte
    return size


cdef int64_t _common(
    uint64_t* keys, int64_t n, const uint64_t* others, int64_t m
) noexcept nogil:
    """Keep, in place, the keys that are among others too, both ascending; return how many."""
    cdef int64_t kept = 0, i, j = 0
    for i in range(n):
        while j < m and others[j] < keys[i]:
            j += 1
        if j == m:
            break
        if others[j] == keys[i]:
            keys[kept] = keys[i]
            kept += 1
    return kept


def dense_phrases(
    FieldReader reader not None, Lists lists not None, cnp.ndarray offsets, int64_t most,
    bint scored,
):
    """Return the documents that have the phrase, with the scores of its words.

    `offsets`: int64[words], their places in the phrase; `most`: the documents of the rarest word.
    """
    cdef Phrase phrase
    cdef int64_t found, n_keys, n_lists = lists.query.n_lists
    cdef int64_t* at = NULL
    cdef uint64_t* keys = NULL
    cdef Room out = room_for(most, scored)
    phrase.field = reader.positions()
    phrase.query = &lists.query
    phrase.offsets = i64(offsets)
    try:
        with nogil:
            n_keys = _most_keys(&phrase) + 1
        keys = <uint64_t*> room(3 * n_keys * sizeof(uint64_t))
        at = <int64_t*> room(n_lists * (3 * sizeof(int64_t) + (NARROW + 1) * sizeof(uint32_t)))
        with nogil:
            found = _dense(&phrase, keys, n_keys, at, out.docs, out.scores)
    finally:
        free(keys)
        free(at)
    return out.matches(found)


cdef int64_t _dense(
    const Phrase* phrase, uint64_t* memory, int64_t n_keys, int64_t* at, uint32_t* out_docs,
    float* out_scores,
) noexcept nogil:
    cdef uint64_t marks[1 << (HASH_BITS - 6)]
    cdef uint16_t numbers[NARROW + 1]
    cdef uint64_t* keys = memory
    cdef uint64_t* fresh = memory + n_keys
    cdef uint64_t* passed = memory + 2 * n_keys
    cdef int64_t n_lists = phrase.query.n_lists, n = phrase.query.n
    cdef int64_t* ends = at + n_lists
    cdef int64_t* byte_of = ends + n_lists  # of the posting at which decoding stopped, or -1
    cdef uint32_t* places = <uint32_t*> (byte_of + n_lists)
    cdef int64_t found = 0, base = 0, nearest, here, limit, size, n_fresh, n_passed, documents
    cdef int64_t slot, which, group, i
    cdef bint several
    cdef Window window
    cdef Stretch stretch
    cdef const uint32_t* postings = phrase.field.postings
    cdef const PostingList* lists = phrase.query.lists
    cdef const int64_t* groups = phrase.query.groups
    for which in range(n_lists):
        at[which] = ends[which] = lists[which].first
        byte_of[which] = -1
    for i in range(NARROW + 1):
        numbers[i] = NARROW
    while True:
        for group in range(n):  # no document before the first one of each word
            nearest = _BEYOND
            for which in range(groups[group], groups[group + 1]):
                here = leap(postings, at[which], lists[which].last, base << TF_BITS)
                if here != ends[which]:  # not where decoding stopped
                    byte_of[which] = -1
                at[which] = here
                if here < lists[which].last:
                    nearest = min(nearest, <int64_t> (postings[here] >> TF_BITS))
            if nearest == _BEYOND:
                return found
            base = max(base, nearest)
        limit = (base + NARROW) << TF_BITS
        size = 0
        several = False
        for group in range(n):
            n_fresh = 0
            for which in range(groups[group], groups[group + 1]):
                here = leap(postings, at[which], lists[which].last, base << TF_BITS)
                if here != at[which] or byte_of[which] < 0:
                    at[which] = here
                    if here < lists[which].last:
                        byte_of[which] = _seek(phrase, which, here)
                ends[which] = leap(postings, here, lists[which].last, limit)
                if group == 0 or size:
                    stretch.first, stretch.end = here, ends[which]
                    stretch.base, stretch.byte = base, byte_of[which]
                    n_fresh = _decode(
                        phrase.field, &stretch, LONGEST - phrase.offsets[group], fresh, n_fresh
                    )
                    byte_of[which] = stretch.byte
                else:
                    byte_of[which] = -1
            if group == 0:
                keys, fresh = fresh, keys
                size = n_fresh
                several = groups[1] - groups[0] > 1
            elif size:
                _mark(keys, size, marks)
                n_passed = _keep_marked(fresh, n_fresh, marks, passed)
                if groups[group + 1] - groups[group] > 1:
                    qsort(passed, n_passed, sizeof(uint64_t), _order)
                _mark(passed, n_passed, marks)
                size = _keep_marked(keys, size, marks, fresh)
                if several:
                    qsort(fresh, size, sizeof(uint64_t), _order)
                    several = False
                size = _common(fresh, size, passed, n_passed)
                keys, fresh = fresh, keys
        documents = 0
        slot = -1
        for i in range(size):
            if <int64_t> (keys[i] >> 32) != slot:
                slot = keys[i] >> 32
                numbers[slot] = <uint16_t> documents
                out_docs[found + documents] = <uint32_t> (base + slot)
                documents += 1
        if out_scores != NULL and documents:
            window.first, window.size = base, documents
            window.at, window.ends, window.numbers = at, ends, numbers
            score_window(
                phrase.field, phrase.query, &window, places, out_docs + found, out_scores + found
            )
        for i in range(documents):
            numbers[out_docs[found + i] - base] = NARROW
        found += documents
        base += NARROW
