"""Articles read from their JSON field by field, without Python's objects."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memchr, memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64_out, room, u64_out
from corpus.core.article_json cimport (
    EACH, HIGH, LEAD, TITLE, URL, Shape, Span, Value, code_of, has_zero, is_article,
)

import numpy as np

__all__ = ["read_columns"]

cdef const char* _ESCAPES = b"btn.fr"  # of the bytes 8 to 13; 11 has none


def read_columns(list articles, Shape shape, tuple parts, tuple lines, tuple lists):
    """Return articles field by field; or, a list, the numbers of those that are written in
    another way. Raises UnicodeDecodeError, and ValueError for an id that is none.

    ids: uint64[n]. text: bytes, the `parts` (numbers of values) of one article after the other, the
    strings of a list joined by U+001E; ends: int64[n * parts], where each part ends. rests: bytes,
    the articles' JSON from their leads on; rest_sizes: int64[n]. Of URLs and titles each bytes and
    sizes, int64[n]. Of each of `lines` a list of its strings, "" for null; of each of `lists` its
    strings that are not empty, and how many each article has, int64[n].
    """
    cdef int64_t n = len(articles), n_parts = len(parts), i, k, at, total = 0, used = 0
    cdef const Value* value
    cdef Value* values = NULL
    cdef Span* spans = NULL
    cdef uint8_t* out = NULL
    cdef uint8_t* to
    cdef int64_t* part_numbers = NULL
    cdef bytes article
    cdef cnp.ndarray ids = np.empty(n, np.uint64), ends = np.empty(n * n_parts, np.int64)
    cdef cnp.ndarray rest_sizes = np.empty(n, np.int64), counts
    cdef uint64_t* ids_ = u64_out(ids)
    cdef int64_t* ends_ = i64_out(ends)
    cdef int64_t* rest_sizes_ = i64_out(rest_sizes)
    cdef int64_t* counts_
    cdef list others = [], strings = [], columns = [], facets = [], found
    cdef bytes text, rests
    try:
        spans = <Span*> room(n * sizeof(Span))
        values = <Value*> room(n * shape.size * sizeof(Value))
        part_numbers = <int64_t*> room(n_parts * sizeof(int64_t))
        for k in range(n_parts):
            part_numbers[k] = parts[k]
        for i in range(n):
            article = articles[i]
            if not _is_ascii(article):
                article.decode()
            spans[i].at = article
            spans[i].end = spans[i].at + len(article)
            total += len(article)
        with nogil:
            for i in range(n):
                if not is_article(
                    &spans[i], shape.marks, shape.size, values + i * shape.size, True
                ):
                    with gil:
                        others.append(i)
        if others:
            return others
        out = <uint8_t*> room(total)
        for i in range(n):
            ids_[i] = _id(values + i * shape.size)
        with nogil:
            to = out
            for i in range(n):
                for k in range(n_parts):
                    to = _unquoted(values + i * shape.size + part_numbers[k], to, 0x1E)
                    ends_[n_parts * i + k] = to - out
        text = PyBytes_FromStringAndSize(<const char*> out, to - out)
        to = out
        for i in range(n):
            value = values + i * shape.size + LEAD
            at = value.at - 7 - spans[i].at  # where ``"lead":`` begins
            rest_sizes_[i] = spans[i].end - spans[i].at - at
            memcpy(to, spans[i].at + at, rest_sizes_[i])
            to += rest_sizes_[i]
        rests = PyBytes_FromStringAndSize(<const char*> out, to - out)
        for k in (URL, TITLE):
            counts = np.empty(n, np.int64)
            counts_ = i64_out(counts)
            to = out
            for i in range(n):
                at = to - out
                to = _unquoted(values + i * shape.size + k, to, 0)
                counts_[i] = to - out - at
            strings.append((PyBytes_FromStringAndSize(<const char*> out, to - out), counts))
        for k in lines:
            found = []
            for i in range(n):
                value = values + i * shape.size + k
                to = _unquoted(value, out, 0) if value.at[0] == c'"' else out
                found.append(PyUnicode_DecodeUTF8(<const char*> out, to - out, NULL))
            columns.append(found)
        for k in lists:
            found = []
            counts = np.empty(n, np.int64)
            counts_ = i64_out(counts)
            for i in range(n):
                used = len(found)
                _add_strings(values + i * shape.size + k, out, found)
                counts_[i] = len(found) - used
            facets.append((found, counts))
        return ids, text, ends, rests, rest_sizes, strings, columns, facets
    finally:
        free(part_numbers)
        free(spans)
        free(values)
        free(out)


cdef bint _is_ascii(bytes text) noexcept:
    cdef const uint8_t* at = text
    cdef const uint8_t* end = at + len(text)
    cdef uint64_t eight, high = 0
    while end - at >= 8:
        memcpy(&eight, at, 8)
        high |= eight
        at += 8
    while at < end:
        high |= <uint64_t> at[0]
        at += 1
    return not high & HIGH


cdef uint64_t _id(const Value* values) except? 0:
    """Return the number of an id; raises ValueError where it is none, or spelled otherwise."""
    cdef uint64_t number = 0
    cdef int64_t i
    cdef uint8_t byte
    if values[0].end - values[0].at != 18:
        raise ValueError("an id is 16 lower-case hexadecimal digits")
    for i in range(1, 17):
        byte = values[0].at[i]
        if c"0" <= byte <= c"9":
            number = 16 * number + byte - c"0"
        elif c"a" <= byte <= c"f":
            number = 16 * number + byte - c"a" + 10
        else:
            raise ValueError("an id is 16 lower-case hexadecimal digits")
    return number


cdef _add_strings(const Value* value, uint8_t* scratch, list found):
    """Add the strings of a value that are not empty."""
    cdef const uint8_t* at = value.at
    cdef uint8_t* to
    while at < value.end:
        if at[0] == c'"':
            to = _copied(&at, scratch)
            if to > scratch:
                found.append(PyUnicode_DecodeUTF8(<const char*> scratch, to - scratch, NULL))
        else:
            at += 1


cdef uint8_t* _unquoted(const Value* value, uint8_t* out, uint8_t separator) noexcept nogil:
    """Write the text of a string, or of those of a list; returns the end of it."""
    cdef const uint8_t* at = value.at
    cdef bint first = True
    while at < value.end:
        if at[0] == c'"':
            if not first:
                out[0] = separator
                out += 1
            first = False
            out = _copied(&at, out)
        else:
            at += 1
    return out


cdef uint8_t* _copied(const uint8_t** string, uint8_t* out) noexcept nogil:
    """Write the text of the string that begins here, which ends, and go on behind it."""
    cdef const uint8_t* at = string[0] + 1
    cdef uint64_t eight
    cdef int code
    while True:
        while True:
            memcpy(&eight, at, 8)  # the bytes object ends with more than eight behind a string
            if has_zero(eight ^ (EACH * 0x22)) | has_zero(eight ^ (EACH * 0x5C)):
                break
            memcpy(out, &eight, 8)
            out += 8
            at += 8
        if at[0] == c'"':
            string[0] = at + 1
            return out
        if at[0] != c"\\":
            out[0] = at[0]
            out += 1
            at += 1
            continue
        code = code_of(at + 2) if at[1] == c"u" else -1
        if code < 0:
            out[0] = _unescaped(at[1])
            out += 1
            at += 2
            continue
        at += 6
        if code < 0x80:
            out[0] = code
            out += 1
        elif code < 0x800:
            out[0] = 0xC0 | (code >> 6)
            out[1] = 0x80 | (code & 0x3F)
            out += 2
        else:
            out[0] = 0xE0 | (code >> 12)
            out[1] = 0x80 | ((code >> 6) & 0x3F)
            out[2] = 0x80 | (code & 0x3F)
            out += 3


cdef inline uint8_t _unescaped(uint8_t letter) noexcept nogil:
    cdef const char* found = <const char*> memchr(_ESCAPES, letter, 6)
    return letter if found == NULL else 8 + (found - _ESCAPES)
