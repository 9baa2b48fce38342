"""The bytes of positions, see `indexer.segment.segment.TextField`: the only code that reads and
writes them.

`codec_read.decode_positions` is the same for Python, where single postings are read.
"""

from libc.stdint cimport int64_t, uint8_t

from indexer.segment.layout cimport FLAGS, LAST, MORE


cdef inline bint ends_posting(uint8_t byte) noexcept nogil:
    """Say whether a byte is the last one of a posting."""
    return (byte & FLAGS) == LAST


cdef inline int64_t after_postings(
    const uint8_t* positions, int64_t byte, int64_t n
) noexcept nogil:
    """Return where the positions begin that follow those of `n` postings.

    A posting has a byte or more: as many bytes are looked at as postings are left, which is a
    vector of bytes at a time and no branch for each.
    """
    cdef int64_t ended, i
    while n > 0:
        ended = 0
        for i in range(byte, byte + n):
            ended += ends_posting(positions[i])
        byte += n
        n -= ended
    return byte


cdef inline int64_t read_gap(
    const uint8_t* positions, int64_t* at, bint* ended
) noexcept nogil:
    """Return the gap at a byte, which goes on to the next; tell whether the posting ends with it.
    """
    cdef int64_t byte = at[0], value = positions[byte]
    cdef int shift = 7
    if value >= MORE:
        value &= 127
        byte += 1
        while positions[byte] >= MORE:
            value |= (<int64_t> (positions[byte] & 127)) << shift
            shift += 7
            byte += 1
        value |= (<int64_t> (positions[byte] & (LAST - 1))) << shift
    else:
        value &= LAST - 1
    ended[0] = (positions[byte] & LAST) != 0
    at[0] = byte + 1
    return value


cdef inline int64_t read_short_gap(
    const uint8_t* positions, int64_t final, int64_t* at, bint* ended
) noexcept nogil:
    """As `read_gap`, without a branch for gaps of one or two bytes. `final` is the last byte."""
    cdef int64_t byte = at[0], low = positions[byte], high = positions[min(byte + 1, final)]
    cdef int64_t more = low >> 7
    if low & high & MORE:  # a gap of 8,192 or more
        return read_gap(positions, at, ended)
    at[0] = byte + 1 + more
    ended[0] = ((high if more else low) >> 6) & 1
    return (low & (63 | more << 6)) | ((high & 63 & -more) << 7)


cdef inline int64_t gap_bytes(int64_t gap) noexcept nogil:
    """Return how many bytes a gap takes."""
    cdef int64_t n = 1
    while gap >= LAST:
        gap >>= 7
        n += 1
    return n


cdef inline int64_t write_gap(uint8_t* positions, int64_t at, int64_t gap) noexcept nogil:
    """Write a gap from a byte on; return the next byte. `end_posting` marks the last of a posting.
    """
    while gap >= LAST:
        positions[at] = <uint8_t> ((gap & 127) | MORE)
        gap >>= 7
        at += 1
    positions[at] = <uint8_t> gap
    return at + 1


cdef inline void end_posting(uint8_t* positions, int64_t after) noexcept nogil:
    """Mark the byte before `after` as the last one of its posting."""
    positions[after - 1] |= LAST
