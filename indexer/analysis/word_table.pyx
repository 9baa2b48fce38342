"""Words under numbers: the terms and the forms of a run, in arrays instead of dictionaries.

A word takes its bytes and 24 more, where a string in a dictionary takes 150; half as many runs are
as large as memory allows, and merging them takes less.
"""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, qsort
from libc.string cimport memcmp, memcpy

cimport numpy as cnp
from corpus.core.arrays cimport (
    i64, i64_out, larger, room, rows_of, size_of, u8, u8_out, u32, u32_out, zeros
)

import numpy as np

from indexer.analysis.languages import is_alphabetic

__all__ = ["WordTable", "copy_spans", "plain_words", "sort_strings"]

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept

cdef uint64_t _PRIME = 1099511628211u


cdef class WordTable:
    """Distinct words, each of an owner (a number), numbered from 0 in the order they came."""

    cdef uint8_t* pool
    cdef int64_t pool_size
    cdef int64_t* starts  # of word i at starts[i], up to starts[i + 1]
    cdef uint32_t* owners
    cdef int64_t n
    cdef int64_t capacity
    cdef uint32_t* slots  # numbers from 1 on, 0 for none
    cdef uint64_t mask

    def __cinit__(self):
        self.pool_size, self.capacity, self.mask = 1 << 16, 1 << 12, (1 << 13) - 1
        self.pool = <uint8_t*> room(self.pool_size)
        self.starts = <int64_t*> zeros((self.capacity + 1) * sizeof(int64_t))
        self.owners = <uint32_t*> room(self.capacity * sizeof(uint32_t))
        self.slots = <uint32_t*> zeros((self.mask + 1) * sizeof(uint32_t))

    def __dealloc__(self):
        free(self.pool)
        free(self.starts)
        free(self.owners)
        free(self.slots)

    def __len__(self):
        return self.n

    @property
    def nbytes(self):
        """Memory held, in bytes."""
        return self.pool_size + 12 * self.capacity + 4 * (self.mask + 1)

    def add(self, list words, cnp.ndarray owners):
        """Return the number of each word of its owner (uint32[n]), uint32[n]."""
        cdef int64_t n = len(words), i
        cdef const uint32_t* owners_ = u32(owners)
        cdef cnp.ndarray numbers = np.empty(n, np.uint32)
        cdef uint32_t* numbers_ = u32_out(numbers)
        for i in range(n):
            numbers_[i] = self._number(words[i], owners_[i])
        return numbers

    def add_stems(self, list words, list stems, uint32_t owner):
        """Return the number of each word's stem, uint32[n]: of `owner`, but for words that are not
        of letters only. These are themselves, and of no owner, which is 0."""
        cdef int64_t n = len(words), i
        cdef cnp.ndarray numbers = np.empty(n, np.uint32)
        cdef uint32_t* numbers_ = u32_out(numbers)
        for i in range(n):
            if _is_alphabetic(words[i]):
                numbers_[i] = self._number(stems[i], owner)
            else:
                numbers_[i] = self._number(words[i], 0)
        return numbers

    cdef uint32_t _number(self, str word, uint32_t owner) except? 0:
        cdef Py_ssize_t size, place
        cdef const uint8_t* text = <const uint8_t*> PyUnicode_AsUTF8AndSize(word, &size)
        cdef uint64_t code = (owner + 1) * _PRIME
        cdef uint64_t slot
        cdef uint32_t number
        for place in range(size):
            code = (code ^ text[place]) * _PRIME
        slot = (code ^ (code >> 29)) & self.mask
        while self.slots[slot]:
            number = self.slots[slot] - 1
            if (
                self.owners[number] == owner
                and self.starts[number + 1] - self.starts[number] == size
                and memcmp(self.pool + self.starts[number], text, size) == 0
            ):
                return number
            slot = (slot + 1) & self.mask
        number = <uint32_t> self.n
        if self.n == self.capacity:
            self.capacity *= 2
            self.starts = <int64_t*> larger(self.starts, (self.capacity + 1) * sizeof(int64_t))
            self.owners = <uint32_t*> larger(self.owners, self.capacity * sizeof(uint32_t))
        if self.starts[number] + size > self.pool_size:
            self.pool_size = 2 * self.pool_size + size
            self.pool = <uint8_t*> larger(self.pool, self.pool_size)
        memcpy(self.pool + self.starts[number], text, size)
        self.starts[number + 1] = self.starts[number] + size
        self.owners[number] = owner
        self.slots[slot] = number + 1
        self.n += 1
        if <uint64_t> (2 * self.n) > self.mask:
            self._rehash()
        return number

    cdef int _rehash(self) except -1:
        cdef uint64_t code, slot
        cdef int64_t number, at
        free(self.slots)
        self.slots = NULL
        self.mask = 4 * self.mask + 3
        self.slots = <uint32_t*> zeros((self.mask + 1) * sizeof(uint32_t))
        for number in range(self.n):
            code = (self.owners[number] + 1) * _PRIME
            for at in range(self.starts[number], self.starts[number + 1]):
                code = (code ^ self.pool[at]) * _PRIME
            slot = (code ^ (code >> 29)) & self.mask
            while self.slots[slot]:
                slot = (slot + 1) & self.mask
            self.slots[slot] = <uint32_t> (number + 1)
        return 0

    def owners_of(self):
        """Return the owner of each word, uint32[n]."""
        cdef cnp.ndarray found = np.empty(self.n, np.uint32)
        memcpy(u32_out(found), self.owners, self.n * sizeof(uint32_t))
        return found

    def strings(self, list marks):
        """Return the bytes of all words, uint8[], and where each begins and the last one ends,
        int64[n + 1]. marks: bytes to put behind the words of each owner, or none for any."""
        cdef int64_t i, at = 0, size, n_marks = len(marks)
        cdef bytes mark
        cdef cnp.ndarray offsets = np.empty(self.n + 1, np.int64), data
        cdef int64_t* offsets_ = i64_out(offsets)
        cdef uint8_t* data_
        for i in range(self.n):
            offsets_[i] = at
            at += self.starts[i + 1] - self.starts[i]
            if n_marks:
                mark = marks[self.owners[i]]
                at += len(mark)
        offsets_[self.n] = at
        data = np.empty(at, np.uint8)
        data_ = u8_out(data)
        for i in range(self.n):
            size = self.starts[i + 1] - self.starts[i]
            memcpy(data_ + offsets_[i], self.pool + self.starts[i], size)
            if n_marks:
                mark = marks[self.owners[i]]
                memcpy(data_ + offsets_[i] + size, <const char*> mark, len(mark))
        return data, offsets


cdef bint _is_alphabetic(str word) except -1:
    cdef Py_ssize_t size, i
    cdef const uint8_t* text
    if not PyUnicode_IS_ASCII(word):
        return word.isalpha() or is_alphabetic(word)
    text = <const uint8_t*> PyUnicode_AsUTF8AndSize(word, &size)
    for i in range(size):
        if not c"a" <= text[i] | 0x20 <= c"z":
            return False
    return size > 0


def plain_words(list chunks):
    """Return the words of folded chunks that are simply one, or a number, and the places of others.

    The commas of a number are left out; others stay as they are: those with a sign, and Korean.
    """
    cdef int64_t n = len(chunks), i
    cdef Py_ssize_t size
    cdef const uint8_t* text
    cdef str chunk
    cdef list words = list(chunks), odd = []
    for i in range(n):
        chunk = words[i]
        if not PyUnicode_IS_ASCII(chunk):
            if not chunk.isalnum() or "\uac00" <= max(chunk) <= "\ud7a3":
                odd.append(i)
            continue
        text = <const uint8_t*> PyUnicode_AsUTF8AndSize(chunk, &size)
        if _is_word(text, size):
            continue
        if _is_number(text, size):
            words[i] = chunk.replace(",", "")
        else:
            odd.append(i)
    return words, odd


cdef bint _is_word(const uint8_t* text, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t at
    for at in range(size):
        if not (c"0" <= text[at] <= c"9" or c"a" <= text[at] | 0x20 <= c"z"):
            return False
    return size > 0


cdef inline Py_ssize_t _digits(const uint8_t* text, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t begin = at
    while at < size and c"0" <= text[at] <= c"9":
        at += 1
    return at - begin


cdef bint _is_number(const uint8_t* text, Py_ssize_t size) noexcept nogil:
    """Say what `analyser.is_number` does."""
    cdef Py_ssize_t at = _digits(text, 0, size)
    if at == 0:
        return False
    while at < size and text[at] == c",":
        if _digits(text, at + 1, size) != 3:
            return False
        at += 4
    if at < size and text[at] == c".":
        return at + 1 < size and at + 1 + _digits(text, at + 1, size) == size
    return at == size


cdef struct Named:
    uint64_t prefix  # the first eight bytes, as a number that is sorted as they are
    const uint8_t* text
    int64_t size
    int64_t number


cdef int _compare(const void* left, const void* right) noexcept nogil:
    cdef const Named* one = <const Named*> left
    cdef const Named* other = <const Named*> right
    cdef int order
    if one.prefix != other.prefix:
        return -1 if one.prefix < other.prefix else 1
    order = memcmp(one.text, other.text, min(one.size, other.size))
    if order == 0 and one.size != other.size:
        return -1 if one.size < other.size else 1
    return order


def sort_strings(cnp.ndarray data, cnp.ndarray offsets):
    """Return the order of distinct strings by their bytes, int64[n]; as `segment.Strings`."""
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef int64_t n = rows_of(offsets) - 1, i, at
    cdef cnp.ndarray order = np.empty(n, np.int64)
    cdef int64_t* order_ = i64_out(order)
    cdef Named* named = <Named*> room(n * sizeof(Named))
    with nogil:
        for i in range(n):
            named[i].text = data_ + offsets_[i]
            named[i].size = offsets_[i + 1] - offsets_[i]
            named[i].number = i
            named[i].prefix = 0
            for at in range(min(named[i].size, <int64_t> 8)):
                named[i].prefix |= <uint64_t> named[i].text[at] << (56 - 8 * at)
        qsort(named, n, sizeof(Named), _compare)
        for i in range(n):
            order_[i] = named[i].number
    free(named)
    return order


def copy_spans(cnp.ndarray data, cnp.ndarray spans):
    """Return the strings at spans of `data`, int64[n, 2], one after the other: their bytes, and
    where each begins and the last one ends, int64[n + 1]. Raises IndexError for what is not there.
    """
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* spans_ = i64(spans)
    cdef int64_t n = rows_of(spans), size = size_of(data), i, at = 0
    cdef cnp.ndarray offsets = np.empty(n + 1, np.int64), found
    cdef int64_t* offsets_ = i64_out(offsets)
    cdef uint8_t* found_
    for i in range(n):
        if not 0 <= spans_[2 * i] <= spans_[2 * i + 1] <= size:
            raise IndexError(f"there are no bytes {spans_[2 * i]} to {spans_[2 * i + 1]}")
        offsets_[i] = at
        at += spans_[2 * i + 1] - spans_[2 * i]
    offsets_[n] = at
    found = np.empty(at, np.uint8)
    found_ = u8_out(found)
    with nogil:
        for i in range(n):
            memcpy(found_ + offsets_[i], data_ + spans_[2 * i], offsets_[i + 1] - offsets_[i])
    return found, offsets
