"""Kernels over positions: phrases, and how close together words stand.

Positions of a posting are gaps (`segment.TextField.positions`), found through the checkpoint of its
block; from there postings are skipped by counting the bytes that end one, a vector of bytes at a
time, and going forward inside a block counts every byte once.

`lists`: int64[n, ROW], rows of `search.embedded.terms.look_up`; `groups`: int64[words + 1], word w is the
rows [groups[w], groups[w + 1]), its synonyms. `bounds`: uint32[n_docs, 2], only positions between
these count, or empty: all do.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memcpy

cimport numpy as cnp
from corpus.arrays cimport (
    f32, f32_out, i64, i64_out, room, rows_of, size_of, u8, u8_out, u32, u32_out,
)
from indexer.layout cimport BLOCK, FLAGS, LAST, MORE, TF_BITS
from indexer.position_forms cimport (
    RECORD_END, Record, has_form, has_several, next_number, number_width,
)
from search.embedded.postings cimport Row, leap, rows

__all__ = [
    "MOST", "closeness", "count_between", "distances", "near_phrases", "phrases", "positions_of",
]

cpdef enum:
    MOST = 255  # positions of a posting, at most


cdef Words words_of(
    cnp.ndarray lists, cnp.ndarray groups, cnp.ndarray postings, cnp.ndarray positions,
    cnp.ndarray block_positions, object bounds, int64_t n_candidates,
) except *:
    """Return what the kernels read; `_forget` gives its memory back.

    A table of a block's postings takes no branch, and pays with two candidates in it: a tenth to a
    quarter of a phrase's time.
    """
    cdef Words words
    cdef int64_t which, word, n_blocks, n_tables = 0
    cdef uint32_t* memory
    words.lists = rows(lists)
    words.n_lists = rows_of(lists)
    words.groups = i64(groups)
    words.n = rows_of(groups) - 1
    words.postings = u32(postings)
    words.positions = u8(positions)
    words.block_positions = i64(block_positions)
    words.bounds = u32(bounds) if bounds is not None and size_of(bounds) else NULL
    words.most = 0
    words.wanted = NULL
    for word in range(words.n):
        words.most = max(words.most, MOST * (words.groups[word + 1] - words.groups[word]))
    for which in range(words.n_lists):
        n_blocks = (words.lists[which].last - words.lists[which].first + BLOCK - 1) // BLOCK
        n_tables += n_candidates > 2 * n_blocks
    words.places = <Place*> room(
        words.n_lists * sizeof(Place)
        + (2 * words.most + n_tables * (BLOCK + 2)) * sizeof(uint32_t)
    )
    words.kept = <uint32_t*> (words.places + words.n_lists)
    words.other = words.kept + words.most
    memory = words.other + words.most
    for which in range(words.n_lists):
        n_blocks = (words.lists[which].last - words.lists[which].first + BLOCK - 1) // BLOCK
        words.places[which].at = words.lists[which].first
        words.places[which].posting = -1
        words.places[which].byte = 0
        words.places[which].block = -1
        if n_candidates > 2 * n_blocks:
            words.places[which].block = 0
            words.places[which].table = memory
            memory += BLOCK + 2
    return words


cdef void forget(Words* words) noexcept nogil:
    free(words.places)


cdef inline bint _ends(uint8_t byte) noexcept nogil:
    """Say whether a byte of positions is the last one of a posting."""
    return (byte & FLAGS) == LAST


cdef int64_t form_in(const Words* words, int64_t which, int64_t posting) noexcept nogil:
    """Say what a posting of a row has of the forms that count: ABSENT, ALONE or AMONG."""
    cdef const Row* row = &words.lists[which]
    cdef const Wanted* wanted = &words.wanted[which]
    cdef int64_t within = posting - row.first, run
    cdef uint8_t own, further = 0, counting = 0, others = 0
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
    cdef const Row* row = &words.lists[which]
    cdef Wanted* wanted = &words.wanted[which]
    cdef int64_t within = posting - row.first, number = 0, byte, at, slot, run
    cdef Record record
    at = within // BLOCK * BLOCK
    if at <= wanted.posting <= within:
        at = wanted.posting
        byte = wanted.byte
    else:
        byte = words.block_position_forms[row.block + within // BLOCK]
    while at < within:
        if has_several(wanted.forms, wanted.n_postings, at, wanted.n_runs):
            while words.position_forms[byte] < RECORD_END:
                byte += 1
            byte += 1
        at += 1
    wanted.posting = within
    wanted.byte = byte
    for at in range(wanted.n_forms):
        slot = wanted.by_name[at]
        if has_form(wanted.forms, wanted.n_postings, within, slot, wanted.n_forms):
            wanted.counts[number] = has_form(wanted.bits, 1, 0, slot, wanted.n_forms)
            number += 1
    record.next = words.position_forms + byte
    record.bits = 0
    record.n_bits = 0
    record.width = number_width(number)
    record.n_forms = number
    return record


cdef inline int64_t _positions(
    Words* words, int64_t word, int64_t doc, uint32_t* out, int64_t size, int64_t limit
) noexcept nogil:
    """Append to `out` the positions of a word in a document, ascending; return its new size.

    With `words.wanted`, those of the forms that count. Documents come in ascending order. `out` has room for `limit`.
    """
    cdef int64_t first_out = size, which, here, posting, skip, byte, ended, i, j, position, middle
    cdef int64_t value, more, block_at, form
    cdef int shift
    cdef uint8_t flags
    cdef Record record
    cdef const Row* row
    cdef Place* place
    cdef const uint8_t* positions = words.positions
    for which in range(words.groups[word], words.groups[word + 1]):
        row = &words.lists[which]
        place = &words.places[which]
        here = leap(words.postings, place.at, row.last, doc << TF_BITS)
        place.at = here
        if here >= row.last or words.postings[here] >> TF_BITS != doc:
            continue
        record.n_forms = 0
        if words.wanted != NULL:
            form = form_in(words, which, here)
            if form == ABSENT:
                continue
            if form == AMONG:
                record = _open_record(words, which, here)
        block_at = row.block + (here - row.first) // BLOCK
        posting = row.first + (here - row.first) // BLOCK * BLOCK
        skip = 0
        if place.block >= 0:  # many documents in each block: all postings are found at once
            if place.block != posting + 1:
                place.block = posting + 1
                byte = words.block_positions[block_at]
                place.table[0] = <uint32_t> byte
                ended = 0
                for i in range(byte, words.block_positions[block_at + 1]):
                    place.table[ended + 1] = <uint32_t> (i + 1)
                    ended += _ends(positions[i])
            byte = place.table[here - posting]
        elif posting <= place.posting < here:
            skip = here - place.posting - 1
            byte = place.byte
        else:
            skip = here - posting
            byte = words.block_positions[block_at]
        while skip > 0:  # a posting has a byte or more: as many are looked at as are left
            ended = 0
            for i in range(byte, byte + skip):
                ended += _ends(positions[i])
            byte += skip
            skip -= ended
        position = -1
        middle = size
        flags = 0
        while flags != LAST:
            value = positions[byte]
            flags = positions[byte] & FLAGS
            byte += 1
            if flags >= MORE:
                value &= 127
                shift = 7
                while flags >= MORE:
                    more = positions[byte]
                    flags = positions[byte] & FLAGS
                    byte += 1
                    value |= (more & (127 if flags >= MORE else LAST - 1)) << shift
                    shift += 7
            else:
                value &= LAST - 1
            position += value
            if record.n_forms:
                form = next_number(&record)
                if form < 0 or not words.wanted[which].counts[form]:
                    continue
            if size < limit and (
                words.bounds == NULL
                or words.bounds[2 * doc] <= position < words.bounds[2 * doc + 1]
            ):
                out[size] = <uint32_t> position
                size += 1
        place.posting = here
        place.byte = byte
        if middle > first_out:  # synonyms that meet in one document are rare and short
            for i in range(middle, size):
                value = out[i]
                j = i
                while j > first_out and out[j - 1] > value:
                    out[j] = out[j - 1]
                    j -= 1
                out[j] = <uint32_t> value
    return size


def positions_of(
    cnp.ndarray candidates, cnp.ndarray lists, cnp.ndarray groups, cnp.ndarray postings,
    cnp.ndarray positions, cnp.ndarray block_positions, cnp.ndarray bounds, cnp.ndarray starts,
    cnp.ndarray out,
):
    """Write the positions of every word in each candidate, ascending.

    `candidates`: uint32[n], ascending. `starts`: int64[words, n + 1]; those of word w in candidate
    i are ``out[starts[w, i]:starts[w, i + 1]]``. `out` takes MOST for each row and candidate.
    """
    cdef int64_t n = size_of(candidates), size = 0, word, index, limit = size_of(out)
    cdef const uint32_t* docs = u32(candidates)
    cdef int64_t* starts_ = i64_out(starts)
    cdef uint32_t* out_ = u32_out(out)
    cdef Words words = words_of(lists, groups, postings, positions, block_positions, bounds, n)
    with nogil:
        for word in range(words.n):
            for index in range(n):
                starts_[word * (n + 1) + index] = size
                size = _positions(&words, word, docs[index], out_, size, limit)
            starts_[word * (n + 1) + n] = size
        forget(&words)


def phrases(
    cnp.ndarray candidates, cnp.ndarray scores, cnp.ndarray lists, cnp.ndarray groups,
    cnp.ndarray offsets, cnp.ndarray postings, cnp.ndarray positions, cnp.ndarray block_positions,
    cnp.ndarray bounds, cnp.ndarray out, cnp.ndarray out_scores,
):
    """Write the candidates that have the words at their `offsets` from one another.

    `candidates`: uint32[n], ascending, which have all words, with `scores`: float32[n] or empty.
    `offsets`: int64[words]. A candidate is left at the first word that does not fit. Returns how
    many there are.
    """
    cdef int64_t n = size_of(candidates), found = 0, index
    cdef const uint32_t* docs = u32(candidates)
    cdef const float* scores_ = f32(scores) if size_of(scores) else NULL
    cdef const int64_t* offsets_ = i64(offsets)
    cdef uint32_t* out_ = u32_out(out)
    cdef float* out_scores_ = f32_out(out_scores)
    cdef Words words = words_of(lists, groups, postings, positions, block_positions, bounds, n)
    with nogil:
        for index in range(n):
            if has_phrase(&words, docs[index], offsets_):
                out_[found] = docs[index]
                if scores_ != NULL:
                    out_scores_[found] = scores_[index]
                found += 1
        forget(&words)
    return found


cdef bint has_phrase(Words* words, int64_t doc, const int64_t* offsets) noexcept nogil:
    """Say whether a document has the words at their offsets; documents come in ascending order."""
    cdef int64_t size = _positions(words, 0, doc, words.kept, 0, words.most)
    cdef int64_t n_other, word, offset, left, other, i, target
    for word in range(1, words.n):
        if size == 0:
            break
        n_other = _positions(words, word, doc, words.other, 0, words.most)
        offset = offsets[word] - offsets[0]
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
    return size > 0


def distances(
    int64_t doc, cnp.ndarray lists, cnp.ndarray groups, cnp.ndarray postings,
    cnp.ndarray positions, cnp.ndarray block_positions, cnp.ndarray out,
):
    """Write the least distance of each two neighbouring words in a document, int64[words - 1].

    1 stands for side by side in order, 2 for the other way round or one word between, and so on;
    MOST where one of them is missing.
    """
    cdef int64_t* out_ = i64_out(out)
    cdef Words words = words_of(lists, groups, postings, positions, block_positions, None, 1)
    _distances(&words, doc, out_)
    forget(&words)


cdef void _distances(Words* words, int64_t doc, int64_t* out) noexcept nogil:
    """As `distances`; documents come in ascending order."""
    cdef int64_t n_before = 0, n, word
    cdef uint32_t* before = words.kept
    cdef uint32_t* places = words.other
    for word in range(words.n):
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


def closeness(
    cnp.ndarray rows_, int64_t leaf, cnp.ndarray lists, cnp.ndarray groups, cnp.ndarray weights,
    int64_t far, cnp.ndarray postings, cnp.ndarray positions, cnp.ndarray block_positions,
):
    """Add to the scores of a leaf's rows what closeness earns, see `search.embedded.ranking`.

    `rows_`: int64[n, 4]. `weights`: float32[words - 1], what each two neighbouring words earn at
    distance 1; divided by their distance, and nothing beyond `far`. Each word is read in ascending
    order of documents.
    """
    cdef int64_t* ranked = i64_out(rows_)
    cdef const float* weights_ = f32(weights)
    cdef int64_t n_rows = rows_of(rows_), n_pairs = size_of(weights), n = 0, i, j, pair, row
    cdef float score, more
    cdef int bits
    cdef Words words = words_of(lists, groups, postings, positions, block_positions, None, 1)
    cdef int64_t* order = NULL
    cdef int64_t* apart
    try:
        order = <int64_t*> room((n_rows + n_pairs) * sizeof(int64_t))
        apart = order + n_rows
        for i in range(n_rows):
            if ranked[4 * i + 3] >> 32 == leaf:
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
                        more += weights_[pair] / <float> apart[pair]
                bits = <int> ranked[row]
                memcpy(&score, &bits, sizeof(score))
                score += more
                memcpy(&bits, &score, sizeof(score))
                ranked[row] = bits
    finally:
        free(order)
        forget(&words)


def near_phrases(cnp.ndarray starts, cnp.ndarray places, int64_t reach, cnp.ndarray out):
    """Write which candidates have all words within `reach` positions, each at one of its own.

    `starts`: int64[words, candidates + 1], into `places` of all words together. Words may come in
    any order. A word said twice in the query has equal lists, and takes two places: the window is
    filled greedily from the left.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* places_ = u32(places)
    cdef uint8_t* out_ = u8_out(out)
    cdef int64_t n = rows_of(starts), width = cnp.PyArray_DIM(starts, 1)
    cdef int64_t* pointers = <int64_t*> room(2 * n * sizeof(int64_t))
    with nogil:
        _near(starts_, n, width, places_, reach, pointers, out_)
    free(pointers)


cdef void _near(
    const int64_t* starts, int64_t n, int64_t width, const uint32_t* places, int64_t reach,
    int64_t* pointers, uint8_t* out,
) noexcept nogil:
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
    int64_t first, int64_t last, int64_t block_first, cnp.ndarray postings, cnp.ndarray positions,
    cnp.ndarray block_positions, cnp.ndarray bounds, cnp.ndarray out, cnp.ndarray out_postings,
):
    """Write the documents of one term with positions in `bounds`, packed with how many there are.

    How the field ``body`` is answered from ``text``. `out_postings`: which posting each is. Returns
    how many documents there are.
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint8_t* positions_ = u8(positions)
    cdef const uint32_t* bounds_ = u32(bounds)
    cdef uint32_t* out_ = u32_out(out)
    cdef int64_t* which = i64_out(out_postings)
    cdef int64_t at = i64(block_positions)[block_first] if first < last else 0
    cdef int64_t kept = 0, posting, doc, position, inside, gap, byte
    cdef int shift
    cdef uint8_t flags
    with nogil:
        for posting in range(first, last):
            doc = postings_[posting] >> TF_BITS
            position = -1
            inside = 0
            flags = 0
            while flags != LAST:
                gap = 0
                shift = 0
                flags = FLAGS
                while flags >= MORE:
                    byte = positions_[at]
                    flags = positions_[at] & FLAGS
                    at += 1
                    gap |= (byte & (127 if flags >= MORE else LAST - 1)) << shift
                    shift += 7
                position += gap
                inside += bounds_[2 * doc] <= position < bounds_[2 * doc + 1]
            if inside:
                out_[kept] = <uint32_t> (doc << TF_BITS | min(inside, 255))
                which[kept] = posting
                kept += 1
    return kept
