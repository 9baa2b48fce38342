"""Kernels over term dictionaries: a word, and the words that a pattern stands for.

A dictionary is `Strings` sorted by their UTF-8 bytes.
Patterns are matched against the surface *forms* of terms, as people write words, not stems. The
result is uint8, a mask for each term: bit i for form i (bit 7 for form 7 and later), 0 where none
matches.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memcmp

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, room, size_of, u8, u8_out, u32
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from indexer.segment.layout cimport TF_BITS
from search.embedded.execute.operands cimport (
    Field, FieldReader, Lookups, PostingList, Row, Sorted, new_bytes, new_ints, sorted_of,
)

import numpy as np


cpdef enum:
    ANY = 0  # the byte of a pattern that stands for any number of characters; no text has it
    ONE = 1  # the byte of a pattern that stands for one character


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


def find_string(strings, cnp.ndarray word):
    """Return the number of a string in a sorted dictionary, or -1."""
    cdef Sorted sorted = sorted_of(strings)
    return _find(&sorted, u8(word), size_of(word))


def find_all(words, strings):
    """Return the number of each word, `Strings`, in a sorted dictionary, -1 where it is unknown."""
    cdef Sorted sorted = sorted_of(strings), wanted = sorted_of(words)
    cdef cnp.ndarray out = np.empty(wanted.n, np.int64)
    cdef int64_t* out_ = i64_out(out)
    cdef int64_t i, start
    with nogil:
        for i in range(wanted.n):
            start = wanted.offsets[i]
            out_[i] = _find(&sorted, wanted.data + start, wanted.offsets[i + 1] - start)
    return out


def string_bounds(strings, cnp.ndarray prefix):
    """Return [first, last) of the strings that begin with `prefix`."""
    cdef Sorted sorted = sorted_of(strings)
    cdef const uint8_t* prefix_ = u8(prefix)
    cdef int64_t size = size_of(prefix), first = _lower_bound(&sorted, prefix_, size)
    cdef int64_t low = first, high = sorted.n, middle, start
    with nogil:
        while low < high:
            middle = (low + high) >> 1
            start = sorted.offsets[middle]
            if _compare(
                sorted.data + start, min(size, sorted.offsets[middle + 1] - start), prefix_, size
            ) <= 0:
                low = middle + 1
            else:
                high = middle
    return first, low


def look_up(Lookups lookups not None, FieldReader reader not None, live):
    """Append what a segment has of the words to `rows`, and to `frequencies`.

    live: uint8[n_docs], which documents are not deleted, or empty where none is.
    """
    cdef const Field* field = reader.terms()
    cdef cnp.ndarray kept = live
    cdef const uint8_t* live_ = u8(kept) if size_of(kept) else NULL
    cdef const uint8_t* word
    cdef Py_ssize_t size, i
    cdef int64_t term, form, at, number
    cdef list rows = []
    cdef Row row
    if live_ != NULL:
        reader.postings()
    for i in range(len(lookups.terms)):
        word = <const uint8_t*> PyUnicode_AsUTF8AndSize(lookups.terms[i], &size)
        term = _find(&field.terms, word, size)
        row = Row.__new__(Row)
        rows.append(row)
        row.list.term = term
        row.list.form_at = -1
        if term < 0:
            continue
        row.list.first, row.list.last = field.starts[term], field.starts[term + 1]
        row.list.block = field.blocks[term]
        lookups.frequencies[i] += _live_postings(field, &row.list, live_)
        word = <const uint8_t*> PyUnicode_AsUTF8AndSize(lookups.forms[i], &size)
        form = -1
        for at in range(field.form_offsets[term], field.form_offsets[term + 1]):
            if _compare(
                field.form_words.data + field.form_words.offsets[at],
                field.form_words.offsets[at + 1] - field.form_words.offsets[at], word, size,
            ) == 0:
                form = at - field.form_offsets[term]
                break
        if form < 0:
            row.list.form_at = -2
        elif field.form_starts[term] >= 0:
            row.list.form_at = field.form_starts[term]
            row.list.form_bit = 1 << min(form, <int64_t> 7)
            number = field.form_offsets[term + 1] - field.form_offsets[term]
            if form >= 7 and number > 8:  # see `TextField`
                row.list.form_at += (1 + (form - 7) // 8) * (row.list.last - row.list.first)
                row.list.form_bit = 1 << ((form - 7) & 7)
    lookups.rows.append(rows)


cdef int64_t _live_postings(
    const Field* field, const PostingList* row, const uint8_t* live
) noexcept nogil:
    """Return how many postings of a term are of documents that are not deleted."""
    cdef int64_t found = 0, i
    if live == NULL:
        return row.last - row.first
    for i in range(row.first, row.last):
        found += live[field.postings[i] >> TF_BITS]
    return found


def rows_of_terms(FieldReader reader not None, cnp.ndarray terms, cnp.ndarray masks):
    """Return a `Row` for each of some terms, int64[n], that a pattern is like.

    masks: uint8[n], which forms of the term are, as `like_forms` writes them; a posting counts when
    it has one of these forms.
    """
    cdef const Field* field = reader.terms()
    cdef const int64_t* terms_ = i64(terms)
    cdef const uint8_t* masks_ = u8(masks)
    cdef int64_t i, term
    cdef list rows = []
    cdef Row row
    for i in range(size_of(terms)):
        term = terms_[i]
        row = Row.__new__(Row)
        rows.append(row)
        row.list.term = term
        row.list.first, row.list.last = field.starts[term], field.starts[term + 1]
        row.list.block = field.blocks[term]
        row.list.form_at = (
            -1 if masks_[i] == 255 or field.form_starts[term] < 0 else field.form_starts[term]
        )
        row.list.form_bit = masks_[i]
    return rows


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


def like_forms(words, cnp.ndarray groups, int64_t first, int64_t last, cnp.ndarray pattern):
    """Return the masks of the terms [first, last) whose forms are like `pattern`.

    `words`: the forms of all terms, `Strings`; `groups`: int64[n + 1], those of term t are
    [groups[t], groups[t + 1]). A mask of 255 stands for every form.
    """
    cdef Sorted forms = sorted_of(words)
    cdef const int64_t* groups_ = i64(groups)
    cdef const uint8_t* pattern_ = u8(pattern)
    cdef cnp.ndarray out = new_bytes(last - first)
    cdef uint8_t* masks = u8_out(out)
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
    return out


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


cdef inline uint32_t _letters(const uint8_t* text, int64_t size) noexcept nogil:
    """Return which letters a text has: each code point sets the bit that its last byte chooses."""
    cdef uint32_t found = 0
    cdef int64_t at
    for at in range(size):
        if at + 1 == size or text[at + 1] & 0xC0 != 0x80:
            found |= <uint32_t> 1 << (text[at] & 31)
    return found


cdef cnp.ndarray _letters_of(const Sorted* strings):
    """Return the letters of each string, uint32[n]."""
    cdef cnp.ndarray letters = new_ints(strings.n)
    cdef uint32_t* letters_ = <uint32_t*> cnp.PyArray_DATA(letters)
    cdef int64_t i, start
    with nogil:
        for i in range(strings.n):
            start = strings.offsets[i]
            letters_[i] = _letters(strings.data + start, strings.offsets[i + 1] - start)
    return letters


cdef inline bint _are_few(uint32_t bits, int64_t most) noexcept nogil:
    """Say whether at most so many bits are set."""
    for _ in range(most):
        bits &= bits - 1
    return bits == 0


cdef list _close(const Sorted* strings, cnp.ndarray letters, str word, int64_t limit):
    """Return the numbers of the strings within `limit` edits of a word.

    An edit adds one letter at most and takes one away: so `letters`, those of each string, rule
    out nearly all of them.
    """
    cdef const uint32_t* letters_ = u32(letters)
    cdef bytes encoded = word.encode("utf-8", "replace")
    cdef int64_t n = len(word), most = len(encoded) + 4 * limit, found = 0, i, start, size
    cdef uint32_t own = _letters(encoded, len(encoded))
    cdef int64_t* codes = <int64_t*> room((4 * n + 3 + strings.n) * sizeof(int64_t))
    cdef int64_t* rows = codes + n
    cdef int64_t* out = rows + 3 * (n + 1)
    for i in range(n):
        codes[i] = ord(word[i])
    with nogil:
        for i in range(strings.n):
            if not (
                _are_few(letters_[i] & ~own, limit) and _are_few(own & ~letters_[i], limit)
            ):
                continue
            start = strings.offsets[i]
            size = strings.offsets[i + 1] - start
            if (
                n - limit <= size <= most
                and _distance(strings.data + start, size, codes, n, limit, rows) <= limit
            ):
                out[found] = i
                found += 1
    numbers = [out[i] for i in range(found)]
    free(codes)
    return numbers


def close_strings(strings, str word, int64_t limit):
    """Return the numbers of the `Strings` within `limit` edits of a word, in order."""
    cdef Sorted sorted = sorted_of(strings)
    return _close(&sorted, _letters_of(&sorted), word, limit)


def close_forms(FieldReader reader not None, str word, int64_t limit):
    """Return the numbers of the forms of a field within `limit` edits of a word, in order. What
    letters the forms have is kept with the field."""
    cdef const Field* field = reader.terms()
    if reader.letters is None:
        reader.letters = _letters_of(&field.form_words)
    return _close(&field.form_words, reader.letters, word, limit)
