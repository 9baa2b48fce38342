"""Chunks of UTF-8 text, for the compiled modules of indexing, of snippets and of completion.

A chunk is what the regular expression of `indexer.analysis.analyser` finds. Text is valid UTF-8.
"""

cimport numpy as cnp
from libc.stdint cimport int64_t, uint8_t, uint32_t

cdef enum:
    # The classes of `indexer.analysis.characters`.
    OTHER = 0
    LETTER = 1
    DIGIT = 2
    MARK = 3
    UNIGRAM = 4
    APOSTROPHE = 5
    PERIOD = 6
    COMMA = 7
    AMPERSAND = 8
    BREAK = 9
    HYPHEN = 10
    PLUS = 11
    HASH = 12


cdef struct Tables:
    # What `analysis_characters.character_tables` returns.
    const uint8_t* classes
    int64_t size
    const uint32_t* folds
    const uint8_t* folded


cdef struct Char:
    int64_t code  # the code point, or the class, of a character
    int64_t size  # in bytes


cdef Tables tables_of(cnp.ndarray classes, cnp.ndarray folds, cnp.ndarray folded) except *

cdef int64_t chunk_end(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables, int64_t kind, int64_t size
) noexcept nogil


cdef inline Char decode(const uint8_t* text, int64_t at) noexcept nogil:
    """Return the code point at a byte, and its size."""
    cdef Char char
    cdef int64_t first = text[at]
    if first < 0x80:
        char.code = first
        char.size = 1
    elif first < 0xE0:
        char.code = (first & 0x1F) << 6 | (text[at + 1] & 0x3F)
        char.size = 2
    elif first < 0xF0:
        char.code = (first & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F)
        char.size = 3
    else:
        char.code = (
            (first & 0x07) << 18
            | (text[at + 1] & 0x3F) << 12
            | (text[at + 2] & 0x3F) << 6
            | (text[at + 3] & 0x3F)
        )
        char.size = 4
    return char


cdef inline Char class_at(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return the class of the character at a byte and its size; OTHER of size 0 at the end."""
    cdef Char char
    cdef int64_t code
    if at >= end:
        char.code = OTHER
        char.size = 0
        return char
    char = decode(text, at)
    code = char.code
    if code < tables.size:
        char.code = tables.classes[code]
    elif code == 0xE0001 or 0xE0020 <= code <= 0xE007F or 0xE0100 <= code <= 0xE01EF:
        char.code = MARK
    else:
        char.code = OTHER
    return char


cdef inline int64_t run_end(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables, int64_t kind
) noexcept nogil:
    """Return where the run of characters of a class (and marks) that begins here ends."""
    cdef Char char
    while at < end:
        if text[at] < 128:  # most text is ASCII, and needs no decoding
            char.code = tables.classes[text[at]]
            char.size = 1
        else:
            char = class_at(text, at, end, tables)
        if char.code != kind and char.code != MARK:
            break
        at += char.size
    return at
