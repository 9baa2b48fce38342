"""Kernels over positions: phrases, and how close together words stand.

The positions of a posting are found through the checkpoint of its block
(`indexer.segment.positions`); from there postings are skipped, and going forward inside a block
counts every byte once.

Fields and lists are those of `search.embedded.execute.operands`: all lists are of postings, and
each word is a group. `bounds`: uint32[n_docs, 2], only positions between these count, or empty: all
do.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64_out, room, rows_of, size_of, u8_out, u32, u32_out
from indexer.segment.layout cimport BLOCK, TF_BITS
from indexer.segment.position_forms cimport RECORD_END, Record, has_several, next_number, number_width
from indexer.segment.position_forms cimport has_form as posting_has
from indexer.segment.positions cimport after_postings, read_gap
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lists, PostingList, Query, Row, Term, has_form, lists_of, new_bytes,
    new_ints,
)
from search.embedded.execute.postings cimport leap

import numpy as np


cpdef enum:
    MOST = 255  # positions of a posting, at most

cdef enum:
    FARTHEST = 0x7FFFFFFF

_NO_BOUNDS = np.empty((0, 2), np.uint32)


cdef Words words_of(FieldReader reader, Lists lists, cnp.ndarray bounds) except *:
    """Return what the kernels read; `forget` gives its memory back."""
    cdef Words words
    cdef const Query* query = &lists.query
    cdef int64_t which, word
    words.field = reader.positions()
    words.query = query
    words.bounds = u32(bounds) if size_of(bounds) else NULL
    words.most = 0
    words.wanted, words.any_form = NULL, False
    words.looked_at = words.fitting = 0
    for word in range(query.n):
        words.most = max(words.most, MOST * (query.groups[word + 1] - query.groups[word]))
    words.places = <Place*> room(
        query.n_lists * sizeof(Place) + query.n * sizeof(int64_t)
        + 2 * words.most * sizeof(uint32_t)
    )
    words.order = <int64_t*> (words.places + query.n_lists)
    words.kept = <uint32_t*> (words.order + query.n)
    words.other = words.kept + words.most
    for word in range(query.n):
        words.order[word] = word
    for which in range(query.n_lists):
        words.places[which].at = query.lists[which].first
        words.places[which].posting = -1
        words.places[which].byte = 0
    return words


cdef void forget(Words* words) noexcept nogil:
    free(words.places)


cdef int64_t form_in(const Words* words, int64_t which, int64_t posting) noexcept nogil:
    """Say what a posting of a list has of the forms that count: ABSENT, ALONE or AMONG."""
    cdef const PostingList* row = &words.query.lists[which]
    cdef const Wanted* wanted = &words.wanted[which]
    cdef int64_t within = posting - row.first, run
    cdef uint8_t own, counting = 0, others = 0
    if wanted.forms == NULL:
        return ALONE if row.form_at == -1 else ABSENT
    for run in range(wanted.n_runs):
        own = wanted.forms[run * wanted.n_postings + within]
        if wanted.n_runs > 1 and run == 0:
            own &= 0x7F  # bit 7 stands for those of the further runs
        counting |= own & wanted.bits[run]
        others |= own & ~wanted.bits[run]
    return (AMONG if others else ALONE) if counting else ABSENT


cdef Record _open_record(const Words* words, int64_t which, int64_t posting) noexcept nogil:
    """Return the forms of a posting's positions, and note in `Wanted.counts` which count."""
    cdef const PostingList* row = &words.query.lists[which]
    cdef Wanted* wanted = &words.wanted[which]
    cdef int64_t within = posting - row.first, number = 0, byte, at, slot, run
    cdef Record record
    at = within // BLOCK * BLOCK
    if at <= wanted.posting <= within:
        at = wanted.posting
        byte = wanted.byte
    else:
        byte = words.field.block_position_forms[row.block + within // BLOCK]
    while at < within:
        if has_several(wanted.forms, wanted.n_postings, at, wanted.n_runs):
            while words.field.position_forms[byte] < RECORD_END:
                byte += 1
            byte += 1
        at += 1
    wanted.posting = within
    wanted.byte = byte
    for at in range(wanted.n_forms):
        slot = wanted.by_name[at]
        if posting_has(wanted.forms, wanted.n_postings, within, slot, wanted.n_forms):
            wanted.counts[number] = posting_has(wanted.bits, 1, 0, slot, wanted.n_forms)
            number += 1
    record.next = words.field.position_forms + byte
    record.bits = 0
    record.n_bits = 0
    record.width = number_width(number)
    record.n_forms = number
    return record


cdef inline int64_t _positions(
    Words* words, int64_t word, int64_t doc, uint32_t* out, int64_t size, int64_t limit,
    int64_t farthest=FARTHEST,
) noexcept nogil:
    """Append to `out` the positions of a word in a document, ascending; return its new size.

    With `words.wanted`, those of the forms that count. Documents come in ascending order. `out` has
    room for `limit`. Positions behind the `farthest` may be left out.
    """
    cdef int64_t first_out = size, which, here, posting, skip, byte, i, j, position, middle
    cdef int64_t value, block_at, form
    cdef bint last
    cdef Record record
    cdef const PostingList* row
    cdef Place* place
    cdef const uint32_t* postings = words.field.postings
    cdef const uint8_t* positions = words.field.positions
    cdef const int64_t* block_positions = words.field.block_positions
    for which in range(words.query.groups[word], words.query.groups[word + 1]):
        row = &words.query.lists[which]
        place = &words.places[which]
        here = leap(postings, place.at, row.last, doc << TF_BITS)
        place.at = here
        if here >= row.last or postings[here] >> TF_BITS != doc:
            continue
        record.n_forms = record.n_bits = record.bits = 0
        record.next = NULL
        if words.wanted != NULL and not words.any_form:
            form = form_in(words, which, here)
            if form == ABSENT:
                continue
            if form == AMONG:
                record = _open_record(words, which, here)
        block_at = row.block + (here - row.first) // BLOCK
        posting = row.first + (here - row.first) // BLOCK * BLOCK
        if posting <= place.posting < here:
            skip = here - place.posting - 1
            byte = place.byte
        else:
            skip = here - posting
            byte = block_positions[block_at]
        byte = after_postings(positions, words.field.n_positions, byte, skip)
        place.posting, place.byte = here - 1, byte
        position = -1
        middle = size
        last = False
        while not last and position < farthest and size < limit:
            position += read_gap(positions, &byte, &last)
            if record.n_forms:
                form = next_number(&record)
                if form < 0 or not words.wanted[which].counts[form]:
                    continue
            if (
                words.bounds == NULL
                or words.bounds[2 * doc] <= position < words.bounds[2 * doc + 1]
            ):
                out[size] = <uint32_t> position
                size += 1
        if middle > first_out:  # synonyms that meet in one document are rare and short
            for i in range(middle, size):
                value = out[i]
                j = i
                while j > first_out and out[j - 1] > value:
                    out[j] = out[j - 1]
                    j -= 1
                out[j] = <uint32_t> value
    return size


cdef bint has_phrase(Words* words, int64_t doc, const int64_t* offsets) noexcept nogil:
    """Say whether a document has the words at their offsets; documents come in ascending order.

    Where few documents have the words at their places, forms are looked at in those alone.
    """
    cdef bint found
    words.any_form = words.wanted != NULL and 3 * words.fitting <= words.looked_at
    found = _fits(words, doc, offsets)
    words.looked_at += 1
    words.fitting += found
    if found and words.any_form and not _counts_everywhere(words, doc):
        words.any_form = False
        found = _fits(words, doc, offsets)
    return found


cdef bint _counts_everywhere(const Words* words, int64_t doc) noexcept nogil:
    """Say whether the forms that count are all that a document has of the words."""
    cdef int64_t which, here
    for which in range(words.query.n_lists):
        here = words.places[which].at
        if (
            here < words.query.lists[which].last
            and words.field.postings[here] >> TF_BITS == doc
            and form_in(words, which, here) != ALONE
        ):
            return False
    return True


cdef bint _fits(Words* words, int64_t doc, const int64_t* offsets) noexcept nogil:
    """Say whether a document has the words at their offsets, in forms that are looked at.

    A word that does not fit moves forward in the order, so that the next documents are left sooner:
    of "crude oil prices" the last one is missing more often than the second.
    """
    cdef int64_t limit = words.most if words.query.n > 1 else 1  # one place of a word will do
    cdef int64_t first = words.order[0], number, n_other, word, offset, left, other, i, target
    cdef int64_t size = _positions(words, first, doc, words.kept, 0, limit)
    for number in range(1, words.query.n if size else 1):
        word = words.order[number]
        offset = offsets[word] - offsets[first]
        n_other = _positions(
            words, word, doc, words.other, 0, words.most, words.kept[size - 1] + offset
        )
        left = 0
        other = 0
        for i in range(size):
            target = words.kept[i] + offset
            while other < n_other and words.other[other] < target:
                other += 1
            if other == n_other:
                break
            if words.other[other] == target:
                words.kept[left] = words.kept[i]
                left += 1
        size = left
        if size == 0:
            if number > 1:
                words.order[number], words.order[number - 1] = words.order[number - 1], word
            break
    return size > 0


def distances(FieldReader reader not None, Lists lists not None, int64_t doc):
    """Return the least distance of each two neighbouring words in a document, int64[words - 1].

    1 stands for side by side in order, 2 for the other way round or one word between, and so on;
    MOST where one of them is missing.
    """
    cdef cnp.ndarray out = np.empty(lists.query.n - 1, np.int64)
    cdef Words words = words_of(reader, lists, _NO_BOUNDS)
    _distances(&words, doc, i64_out(out))
    forget(&words)
    return out


cdef void _distances(Words* words, int64_t doc, int64_t* out) noexcept nogil:
    """As `distances`; documents come in ascending order."""
    cdef int64_t n_before = 0, n, word
    cdef uint32_t* before = words.kept
    cdef uint32_t* places = words.other
    for word in range(words.query.n):
        n = _positions(words, word, doc, places, 0, words.most)
        if word:
            out[word - 1] = _least_distance(before, n_before, places, n)
        before, places = places, before
        n_before = n


cdef inline int64_t _least_distance(
    const uint32_t* before, int64_t n_before, const uint32_t* places, int64_t n
) noexcept nogil:
    cdef int64_t best = MOST, j = 0, i, position
    for i in range(n):
        position = places[i]
        while j < n_before and before[j] < position:
            j += 1
        if j:
            best = min(best, position - before[j - 1])
        if j < n_before and before[j] > position:
            best = min(best, before[j] - position + 1)
    return best


def add_proximity(
    cnp.ndarray rows_, FieldReader reader not None, list words_, double factor, int64_t far
):
    """Add to the scores of a leaf's rows what words close together earn, see
    `search.embedded.collect.ranking`.

    `rows_`: int64[n, 4]. Each two neighbouring words earn the lesser of their weights times the
    factor, divided by their distance, and nothing beyond `far`. Each word is read in ascending order
    of documents.
    """
    cdef int64_t* ranked = i64_out(rows_)
    cdef int64_t n_rows = rows_of(rows_), n_pairs = len(words_) - 1, n = 0, i, j, pair, row
    cdef float score, more
    cdef int bits
    cdef Lists lists = lists_of(reader, words_)
    cdef Words words = words_of(reader, lists, _NO_BOUNDS)
    cdef int64_t* order = NULL
    cdef int64_t* apart
    cdef float* weights
    try:
        order = <int64_t*> room((n_rows + n_pairs) * sizeof(int64_t) + n_pairs * sizeof(float))
        apart = order + n_rows
        weights = <float*> (apart + n_pairs)
        for pair in range(n_pairs):
            weights[pair] = <float> (factor * min(
                (<Term> words_[pair]).weight, (<Term> words_[pair + 1]).weight
            ))
        for i in range(n_rows):
            if ranked[4 * i + 3] >> 32 == reader.leaf:
                j = n
                while j > 0 and ranked[4 * order[j - 1] + 3] > ranked[4 * i + 3]:
                    order[j] = order[j - 1]
                    j -= 1
                order[j] = i
                n += 1
        with nogil:
            for i in range(n):
                row = 4 * order[i]
                _distances(&words, ranked[row + 3] & 0xFFFFFFFFu, apart)
                more = 0
                for pair in range(n_pairs):
                    if apart[pair] <= far:
                        more += weights[pair] / <float> apart[pair]
                bits = <int> ranked[row]
                memcpy(&score, &bits, sizeof(score))
                score += more
                memcpy(&bits, &score, sizeof(score))
                ranked[row] = bits
    finally:
        free(order)
        forget(&words)


def near_phrases(
    cnp.ndarray candidates, FieldReader reader not None, Lists lists not None, int64_t reach,
    cnp.ndarray bounds,
):
    """Return which candidates, uint32[n], have all words within `reach` positions: bool[n].

    Words may come in any order, each at a position of its own. A word said twice in the query has
    equal lists, and takes two places: the window is filled greedily from the left.
    """
    cdef const Query* query = &lists.query
    cdef const uint32_t* docs = u32(candidates)
    cdef int64_t n = size_of(candidates), size = 0, limit = 0, word, which, index, blocks
    cdef cnp.ndarray out = new_bytes(n)
    cdef uint8_t* out_ = u8_out(out)
    cdef Words words = words_of(reader, lists, bounds)
    cdef Near near
    near.starts = NULL
    near.places = NULL
    try:
        for which in range(query.n_lists):
            blocks = (query.lists[which].last - query.lists[which].first + BLOCK - 1) // BLOCK
            limit += (
                words.field.block_positions[query.lists[which].block + blocks]
                - words.field.block_positions[query.lists[which].block]
            )
        limit = min(limit, MOST * query.n_lists * n)
        near.n, near.width, near.reach = query.n, n + 1, reach
        near.starts = <int64_t*> room(near.n * (near.width + 2) * sizeof(int64_t))
        near.places = <uint32_t*> room(limit * sizeof(uint32_t))
        with nogil:
            for word in range(near.n):
                for index in range(n):
                    near.starts[word * near.width + index] = size
                    size = _positions(&words, word, docs[index], near.places, size, limit)
                near.starts[word * near.width + n] = size
            _near(&near, near.starts + near.n * near.width, out_)
    finally:
        free(near.starts)
        free(near.places)
        forget(&words)
    return out.view(np.bool_)


cdef struct Near:
    # The positions of each word in each candidate, and how near to one another they must be.
    int64_t n  # words
    int64_t width  # candidates + 1
    int64_t reach
    int64_t* starts  # int64[n, width]: those of word w in candidate i are
    uint32_t* places  # places[starts[w, i]:starts[w, i + 1]]


cdef void _near(const Near* near, int64_t* pointers, uint8_t* out) noexcept nogil:
    """`pointers`: int64[2 * n], memory."""
    cdef int64_t n = near.n, width = near.width, reach = near.reach
    cdef const int64_t* starts = near.starts
    cdef const uint32_t* places = near.places
    cdef int64_t* ranks = pointers + n
    cdef int64_t index, word, other, size, i, last, begin, place
    cdef bint complete, equal, whole
    cdef const int64_t* own
    cdef const int64_t* before
    for index in range(width - 1):
        out[index] = 0
        complete = True
        for word in range(n):
            own = starts + word * width + index
            pointers[word] = own[0]
            ranks[word] = 0
            size = own[1] - own[0]
            complete &= size > 0
            for other in range(word):  # how many equal words come before this one
                before = starts + other * width + index
                equal = before[1] - before[0] == size
                for i in range(size if equal else 0):
                    equal &= places[own[0] + i] == places[before[0] + i]
                ranks[word] += equal
        last = -1
        while complete:
            begin = <int64_t> 1 << 60
            for word in range(n):
                own = starts + word * width + index
                while pointers[word] < own[1] and places[pointers[word]] <= last:
                    pointers[word] += 1
                if pointers[word] < own[1]:
                    begin = min(begin, <int64_t> places[pointers[word]])
            if begin >> 60:
                break
            last = begin
            whole = True
            for word in range(n):
                place = pointers[word] + ranks[word]
                if place >= starts[word * width + index + 1] or places[place] >= begin + reach:
                    whole = False
                    break
            if whole:
                out[index] = 1
                break


def count_between(
    FieldReader reader not None, Row term not None, cnp.ndarray bounds
):
    """Return the postings of a term that have positions in `bounds`, and which have the form.

    How the field ``body`` is answered from ``text``. The postings, uint32[n], are packed with how
    many positions there are; uint8[n] is 1 where one has the form that is asked for.
    """
    cdef const Field* field = reader.positions()
    cdef const PostingList* row = &term.list
    cdef const uint32_t* bounds_ = u32(bounds)
    cdef cnp.ndarray postings = new_ints(row.last - row.first)
    cdef cnp.ndarray exact = new_bytes(row.last - row.first)
    cdef uint32_t* out = u32_out(postings)
    cdef uint8_t* exact_ = u8_out(exact)
    cdef int64_t at = field.block_positions[row.block] if row.first < row.last else 0
    cdef int64_t kept = 0, posting, doc, position, inside
    cdef bint last
    with nogil:
        for posting in range(row.first, row.last):
            doc = field.postings[posting] >> TF_BITS
            position = -1
            inside = 0
            last = False
            while not last:
                position += read_gap(field.positions, &at, &last)
                inside += bounds_[2 * doc] <= position < bounds_[2 * doc + 1]
            if inside:
                out[kept] = <uint32_t> (doc << TF_BITS | min(inside, 255))
                exact_[kept] = has_form(row, field.forms, posting)
                kept += 1
    return postings[:kept], exact[:kept]
