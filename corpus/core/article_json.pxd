"""The values of an article's JSON, for the modules that read them."""

from libc.stdint cimport int64_t, uint8_t, uint64_t

cdef enum:
    URL = 1
    TITLE = 2  # places of values, in the order of `Article`
    LEAD = 3
    BODY = 4

cdef extern from *:
    uint64_t EACH "0x0101010101010101ULL"
    uint64_t HIGH "0x8080808080808080ULL"


cdef struct Mark:
    # What stands before a value, and the kind of the value.
    const uint8_t* text
    int64_t size
    int kind

cdef struct Span:
    const uint8_t* at
    const uint8_t* end

cdef struct Value:
    # Where a value lies, how many strings it has, and the bytes of the longest.
    const uint8_t* at
    const uint8_t* end
    int64_t strings
    int64_t longest
    bint lax  # dates and numbers are any, and strings may have escapes by number


cdef class Shape:
    cdef list texts  # which hold the bytes that the marks point to
    cdef Mark* marks
    cdef int64_t size


cdef bint is_article(
    const Span* article, const Mark* shape, int64_t n_marks, Value* values, bint lax
) noexcept nogil

cdef int code_of(const uint8_t* digits) noexcept nogil


cdef inline uint64_t has_zero(uint64_t eight) noexcept nogil:
    """Return a number that is not 0 where one of eight bytes is 0."""
    return (eight - EACH) & ~eight & HIGH
