"""Kernels over term dictionaries: a word, and the words that a pattern stands for.

A dictionary is `Strings` sorted by their UTF-8 bytes: `data` uint8[], `offsets` int64[n + 1].
Patterns are matched against the surface *forms* of terms, as people write words, not stems. The
result is a mask for each term: bit i for form i (bit 7 for form 7 and later), 0 where none matches.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free
from libc.string cimport memcmp

cimport numpy as cnp
from corpus.arrays cimport i64, i64_out, room, rows_of, size_of, u8, u8_out
from search.embedded.postings cimport ROW, Row

__all__ = [
    "ANY", "END", "ONE", "close_forms", "find_all", "find_string", "like_forms", "look_up",
    "rows_of_masks", "string_bounds",
]

END = b"\xff"
"""What stands behind each word that is looked up: a byte that UTF-8 does not have."""

cpdef enum:
    ANY = 0  # the byte of a pattern that stands for any number of characters; no text has it
    ONE = 1  # the byte of a pattern that stands for one character


cdef struct Sorted:
    # `Strings` of a dictionary.
    const uint8_t* data
    const int64_t* offsets
    int64_t n


cdef inline Sorted _sorted(cnp.ndarray data, cnp.ndarray offsets) except *:
    cdef Sorted strings
    strings.data = u8(data)
    strings.offsets = i64(offsets)
    strings.n = size_of(offsets) - 1
    return strings


cdef inline int64_t _compare(
    const uint8_t* text, int64_t size, const uint8_t* word, int64_t word_size
) noexcept nogil:
    """Return the sign of the comparison of two strings of bytes."""
    cdef int order = memcmp(text, word, min(size, word_size))
    return order if order else size - word_size


cdef int64_t _lower_bound(
    const Sorted* strings, const uint8_t* word, int64_t size
) noexcept nogil:
    cdef int64_t low = 0, high = strings.n, middle, start
    while low < high:
        middle = (low + high) >> 1
        start = strings.offsets[middle]
        if _compare(strings.data + start, strings.offsets[middle + 1] - start, word, size) < 0:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t _find(const Sorted* strings, const uint8_t* word, int64_t size) noexcept nogil:
    """Return the number of a string, or -1."""
    cdef int64_t at = _lower_bound(strings, word, size), start
    if at < strings.n:
        start = strings.offsets[at]
        if _compare(strings.data + start, strings.offsets[at + 1] - start, word, size) == 0:
            return at
    return -1


def find_string(cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray word):
    """Return the number of a string in a sorted dictionary, or -1."""
    cdef Sorted strings = _sorted(data, offsets)
    return _find(&strings, u8(word), size_of(word))


def find_all(
    cnp.ndarray words, cnp.ndarray starts, cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray out
):
    """Write the number of each word in a sorted dictionary, -1 where it is unknown.

    `words`: uint8[], word i is [starts[i], starts[i + 1]); `out`: int64[n].
    """
    cdef Sorted strings = _sorted(data, offsets)
    cdef const uint8_t* words_ = u8(words)
    cdef const int64_t* starts_ = i64(starts)
    cdef int64_t* out_ = i64_out(out)
    cdef int64_t n = size_of(starts) - 1, i
    with nogil:
        for i in range(n):
            out_[i] = _find(&strings, words_ + starts_[i], starts_[i + 1] - starts_[i])


def string_bounds(cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray prefix):
    """Return [first, last) of the strings that begin with `prefix`."""
    cdef Sorted strings = _sorted(data, offsets)
    cdef const uint8_t* prefix_ = u8(prefix)
    cdef int64_t size = size_of(prefix), first = _lower_bound(&strings, prefix_, size)
    cdef int64_t low = first, high = strings.n, middle, start
    with nogil:
        while low < high:
            middle = (low + high) >> 1
            start = strings.offsets[middle]
            if _compare(
                strings.data + start, min(size, strings.offsets[middle + 1] - start), prefix_, size
            ) <= 0:
                low = middle + 1
            else:
                high = middle
    return first, low


def look_up(
    cnp.ndarray words, cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray starts,
    cnp.ndarray term_forms, cnp.ndarray form_data, cnp.ndarray form_offsets,
    cnp.ndarray form_groups, cnp.ndarray blocks, cnp.ndarray out,
):
    """Write a row for each word.

    words: the n terms asked for and then the n exact forms, in UTF-8, each with END behind it.
    The rest are arrays of a `TextField`: terms, starts, form_starts (here `term_forms`),
    form_words, form_offsets (here `form_groups`) and blocks. `out`: int64[n, ROW], rows of
    (source, first, last, form_at, form_bit, term, first block); the first five are those of
    `search.embedded.postings`. form_at is -1 where every posting has the exact form and -2 where
    none has; term is -1, and the postings are none, where the word is unknown.
    """
    cdef Sorted terms = _sorted(data, offsets), forms = _sorted(form_data, form_offsets)
    cdef const uint8_t* words_ = u8(words)
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* term_forms_ = i64(term_forms)
    cdef const int64_t* groups = i64(form_groups)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef Row* rows = <Row*> i64_out(out)
    cdef int64_t n = rows_of(out), n_bytes = size_of(words), word = 0, start = 0, i, term, form
    cdef int64_t form_size, at
    cdef const uint8_t* form_word
    cdef int64_t* ends = <int64_t*> room(2 * n * sizeof(int64_t))
    with nogil:
        for i in range(n_bytes):
            if words_[i] == 0xFF and word < 2 * n:
                ends[word] = i
                word += 1
        for i in range(n):
            term = _find(&terms, words_ + start, ends[i] - start)
            start = ends[i] + 1
            rows[i].source = 0
            rows[i].term = term
            rows[i].form_at = -1
            rows[i].form_bit = 0
            if term < 0:
                rows[i].first = rows[i].last = rows[i].block = 0
                continue
            rows[i].first = starts_[term]
            rows[i].last = starts_[term + 1]
            rows[i].block = blocks_[term]
            form_word = words_ + ends[n + i - 1] + 1
            form_size = ends[n + i] - ends[n + i - 1] - 1
            form = -1
            for at in range(groups[term], groups[term + 1]):
                if _compare(
                    forms.data + forms.offsets[at], forms.offsets[at + 1] - forms.offsets[at],
                    form_word, form_size,
                ) == 0:
                    form = at - groups[term]
                    break
            if form < 0:
                rows[i].form_at = -2
            elif term_forms_[term] >= 0:
                rows[i].form_at = term_forms_[term]
                rows[i].form_bit = 1 << min(form, 7)
                if form >= 7 and groups[term + 1] - groups[term] > 8:  # see `TextField`
                    rows[i].form_at += (1 + (form - 7) // 8) * (rows[i].last - rows[i].first)
                    rows[i].form_bit = 1 << ((form - 7) & 7)
    free(ends)


def rows_of_masks(
    cnp.ndarray masks, int64_t first, cnp.ndarray starts, cnp.ndarray term_forms,
    cnp.ndarray blocks, cnp.ndarray out,
):
    """Write a row for each term that a pattern is like.

    masks: which forms of the terms from `first` on are, as `like_forms` writes them; a posting
    counts when it has one of these forms. The rest are as in `look_up`; `out` takes as many rows as
    there are masks that are not 0.
    """
    cdef const uint8_t* masks_ = u8(masks)
    cdef const int64_t* starts_ = i64(starts)
    cdef const int64_t* term_forms_ = i64(term_forms)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef Row* rows = <Row*> i64_out(out)
    cdef int64_t n = size_of(masks), at = 0, i, term
    with nogil:
        for i in range(n):
            if masks_[i] == 0:
                continue
            term = first + i
            rows[at].source = 0
            rows[at].first = starts_[term]
            rows[at].last = starts_[term + 1]
            rows[at].form_at = (
                -1 if masks_[i] == 255 or term_forms_[term] < 0 else term_forms_[term]
            )
            rows[at].form_bit = masks_[i]
            rows[at].term = term
            rows[at].block = blocks_[term]
            at += 1


cdef bint _like(
    const uint8_t* text, int64_t size, const uint8_t* pattern, int64_t length
) noexcept nogil:
    """Match with one point of return: linear in practice, |text| x |pattern| at worst."""
    cdef int64_t at = 0, i = 0, resume = -1, mark = 0
    while at < size:
        if i < length and pattern[i] == ANY:
            resume, mark = i + 1, at
            i += 1
        elif i < length and (pattern[i] == ONE or pattern[i] == text[at]):
            at += 1
            if pattern[i] == ONE:
                while at < size and text[at] & 0xC0 == 0x80:  # the rest of a UTF-8 character
                    at += 1
            i += 1
        elif resume >= 0:
            mark += 1
            at, i = mark, resume
        else:
            return False
    while i < length and pattern[i] == ANY:
        i += 1
    return i == length


def like_forms(
    cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray groups, int64_t first, int64_t last,
    cnp.ndarray pattern, cnp.ndarray out_masks,
):
    """Write the masks of the terms [first, last) whose forms are like `pattern`.

    `groups`: int64[n + 1], the forms of term t are [groups[t], groups[t + 1]). `out_masks`:
    uint8[last - first]. 255 stands for every form.
    """
    cdef Sorted forms = _sorted(data, offsets)
    cdef const int64_t* groups_ = i64(groups)
    cdef const uint8_t* pattern_ = u8(pattern)
    cdef uint8_t* masks = u8_out(out_masks)
    cdef int64_t length = size_of(pattern), term, form
    cdef int mask
    cdef bint whole
    with nogil:
        for term in range(first, last):
            mask = 0
            whole = True
            for form in range(groups_[term], groups_[term + 1]):
                if _like(
                    forms.data + forms.offsets[form],
                    forms.offsets[form + 1] - forms.offsets[form], pattern_, length,
                ):
                    mask |= 1 << min(form - groups_[term], <int64_t> 7)
                else:
                    whole = False
            masks[term - first] = 255 if whole and mask else <uint8_t> mask


cdef int64_t _distance(
    const uint8_t* text, int64_t size, const int64_t* word, int64_t n, int64_t limit,
    int64_t* rows,
) noexcept nogil:
    """Return the optimal string alignment distance in code points, or limit + 1 when it is more.

    Edits and transpositions of neighbours count one (Damerau 1964). `rows`: int64[3, n + 1].
    """
    cdef int64_t previous = -1, i = 0, at = 0, j, code, least, cost, best, width = n + 1
    cdef int64_t* now
    cdef int64_t* before
    cdef int64_t* earlier
    cdef int more
    for j in range(width):
        rows[j] = j
    while at < size:
        code = text[at]
        at += 1
        if code >= 0xC0:
            more = 1 if code < 0xE0 else 2 if code < 0xF0 else 3
            code &= 0x3F >> more
            for _ in range(more):
                if at < size:
                    code = (code << 6) | (text[at] & 0x3F)
                    at += 1
        i += 1
        now = rows + i % 3 * width
        before = rows + (i + 2) % 3 * width
        earlier = rows + (i + 1) % 3 * width
        now[0] = i
        least = i
        for j in range(1, width):
            cost = word[j - 1] != code
            best = min(before[j] + 1, min(now[j - 1] + 1, before[j - 1] + cost))
            if i > 1 and j > 1 and word[j - 1] == previous and word[j - 2] == code:
                best = min(best, earlier[j - 2] + 1)
            now[j] = best
            least = min(least, best)
        if least > limit:
            return limit + 1
        previous = code
    return rows[i % 3 * width + n]


def close_forms(
    cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray groups, cnp.ndarray word, int64_t limit,
    cnp.ndarray out_masks,
):
    """Write the masks of all terms whose forms are within `limit` edits of `word`.

    `word`: int64[], its code points. Length alone rules out most.
    """
    cdef Sorted forms = _sorted(data, offsets)
    cdef const int64_t* groups_ = i64(groups)
    cdef const int64_t* word_ = i64(word)
    cdef uint8_t* masks = u8_out(out_masks)
    cdef int64_t n_terms = size_of(groups) - 1, n = size_of(word), size = 0, slack, term, form
    cdef int64_t length, i
    cdef int mask
    cdef bint whole
    cdef int64_t* rows = <int64_t*> room(3 * (n + 1) * sizeof(int64_t))
    for i in range(n):
        size += 1 if word_[i] < 0x80 else 2 if word_[i] < 0x800 else 3 if word_[i] < 0x10000 else 4
    slack = limit * 4 + (size - n)
    with nogil:
        for term in range(n_terms):
            mask = 0
            whole = True
            for form in range(groups_[term], groups_[term + 1]):
                length = forms.offsets[form + 1] - forms.offsets[form]
                if n - limit <= length <= size + slack and _distance(
                    forms.data + forms.offsets[form], length, word_, n, limit, rows
                ) <= limit:
                    mask |= 1 << min(form - groups_[term], <int64_t> 7)
                else:
                    whole = False
            masks[term] = 255 if whole and mask else <uint8_t> mask
    free(rows)
