"""How the JSON of articles begins, written from the columns that a segment has of it."""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64, larger, room, rows_of, size_of, u8, u64
from corpus.core.article_json cimport Span

__all__ = ["heads"]

cdef const char* _DIGITS = b"0123456789abcdef"
cdef const char* _ESCAPES = b"btn.fr"  # of the bytes 8 to 13; 11 has none


def heads(cnp.ndarray ids, urls, titles, cnp.ndarray docs):
    """Return how the JSON of articles begins, bytes each: id, URL and title, and a comma.

    ids: uint64[]; urls, titles: strings with `data`, uint8[], and `offsets`, int64[]; docs:
    int64[], numbers of articles in these. Raises IndexError for what is not there.
    """
    cdef const uint64_t* ids_ = u64(ids)
    cdef const int64_t* docs_ = i64(docs)
    cdef cnp.ndarray url_data = urls.data, url_offsets = urls.offsets
    cdef cnp.ndarray title_data = titles.data, title_offsets = titles.offsets
    cdef int64_t n = size_of(docs), n_docs = min(rows_of(ids), rows_of(url_offsets) - 1), i, k, at
    cdef int64_t capacity = 1 << 12
    cdef list found = []
    cdef Span url, title
    cdef uint8_t* out = <uint8_t*> room(capacity)
    n_docs = min(n_docs, rows_of(title_offsets) - 1)
    try:
        for i in range(n):
            if not 0 <= docs_[i] < n_docs:
                raise IndexError(f"there is no article {docs_[i]}")
            url = _string(url_data, url_offsets, docs_[i])
            title = _string(title_data, title_offsets, docs_[i])
            at = 64 + 6 * (url.end - url.at + title.end - title.at)
            if at > capacity:
                out = <uint8_t*> larger(out, at)
                capacity = at
            memcpy(out, b'{"id":"', 7)
            for k in range(16):
                out[7 + k] = _DIGITS[(ids_[docs_[i]] >> (60 - 4 * k)) & 15]
            memcpy(out + 23, b'","url":', 8)
            at = _quote(out, 31, &url)
            memcpy(out + at, b',"title":', 9)
            at = _quote(out, at + 9, &title)
            out[at] = c","
            found.append(PyBytes_FromStringAndSize(<const char*> out, at + 1))
    finally:
        free(out)
    return found


cdef Span _string(cnp.ndarray data, cnp.ndarray offsets, int64_t number) except *:
    cdef int64_t begin = i64(offsets)[number], end = i64(offsets)[number + 1]
    cdef Span found
    if not 0 <= begin <= end <= size_of(data):
        raise IndexError(f"there is no string {number}")
    found.at, found.end = u8(data) + begin, u8(data) + end
    return found


cdef int64_t _quote(uint8_t* out, int64_t at, const Span* text) noexcept nogil:
    """Write a JSON string, up to 6 bytes for one; return the place behind it."""
    cdef const uint8_t* from_ = text.at
    cdef uint8_t byte
    out[at] = c'"'
    at += 1
    while from_ < text.end:
        byte = from_[0]
        from_ += 1
        if byte >= 0x20 and byte != c'"' and byte != c"\\":
            out[at] = byte
            at += 1
            continue
        out[at] = c"\\"
        if byte >= 0x20:
            out[at + 1] = byte
            at += 2
        elif 8 <= byte <= 13 and byte != 11:
            out[at + 1] = _ESCAPES[byte - 8]
            at += 2
        else:
            memcpy(out + at + 1, b"u00", 3)
            out[at + 4] = c"0" + (byte >> 4)
            out[at + 5] = _DIGITS[byte & 15]
            at += 6
    out[at] = c'"'
    return at + 1
