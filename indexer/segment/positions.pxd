"""The bytes of positions, see `indexer.segment.segment.TextField`: the only code that reads and
writes them.

`codec_read.decode_positions` is the same for Python, where single postings are read.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

from corpus.core.arrays cimport trailing_zeros
from indexer.segment.layout cimport FLAGS, LAST, MORE


cdef extern from *:
    uint64_t _ONES "0x0101010101010101ULL"
    uint64_t _HIGH "0x8080808080808080ULL"


cdef inline bint ends_posting(uint8_t byte) noexcept nogil:
    """Say whether a byte is the last one of a posting."""
    return (byte & FLAGS) == LAST


cdef inline int64_t after_posting(const uint8_t* positions, int64_t byte) noexcept nogil:
    """Return where the positions begin that follow those of a posting."""
    while not ends_posting(positions[byte]):
        byte += 1
    return byte + 1


cdef inline int64_t after_postings(
    const uint8_t* positions, int64_t size, int64_t byte, int64_t n
) noexcept nogil:
    """Return where the positions begin that follow those of `n` postings, of `size` bytes in all.

    Eight bytes are looked at together.
    """
    cdef uint64_t eight
    cdef int64_t ended
    while n > 0:
        if byte + 8 > size:
            n -= ends_posting(positions[byte])
            byte += 1
            continue
        memcpy(&eight, positions + byte, 8)
        eight = ((eight >> 6) & ~(eight >> 7) & _ONES) * _ONES  # byte i: how many of [0, i] end one
        ended = eight >> 56
        if ended >= n:  # the first byte that is not below n
            eight = ((eight | _HIGH) - <uint64_t> n * _ONES) & _HIGH
            return byte + (trailing_zeros(eight) >> 3) + 1
        n -= ended
        byte += 8
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
