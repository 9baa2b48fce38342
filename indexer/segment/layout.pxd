"""The constants of `indexer.segment.segment` for compiled modules; a test holds the two to each
other."""

from libc.stdint cimport int64_t

cdef enum:
    BLOCK = 128
    TF_BITS = 8
    MORE = 0x80
    LAST = 0x40
    FLAGS = 0xC0  # MORE | LAST

cdef extern from *:
    int64_t NO_DATE "INT64_MIN"
