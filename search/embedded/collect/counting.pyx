"""Kernels over matches, one pass each: days, stories, and what a filter lets through."""

from libc.stdint cimport INT64_MAX, INT64_MIN, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport (
    count_ones, i32, i32_out, i64, i64_out, size_of, trailing_zeros, u8_out,
    u16, u16_out, u32, u32_out, u64, u64_out, zeros,
)
from indexer.segment.layout cimport NO_DATE
from search.embedded.execute.postings cimport leap


cdef enum:
    SPARSE = 24  # bits of 64 from which going through all of them is faster than leaping to each
    DAY = 86400


cdef inline const uint16_t* passes_of(cnp.ndarray passes) except? NULL:
    """Return the bits of each match, or NULL where all count."""
    return u16(passes) if size_of(passes) else NULL


def days_of(cnp.ndarray dates, cnp.ndarray midnights, cnp.ndarray out):
    """Write the number of each date's day, -1 where there is no date.

    `midnights`: int64[days + 1], the first instants of the archive's days; a day is 23 to 25 hours
    long, so a division is off by few.
    """
    cdef const int64_t* dates_ = i64(dates)
    cdef const int64_t* midnights_ = i64(midnights)
    cdef int32_t* out_ = i32_out(out)
    cdef int64_t last = size_of(midnights) - 2, n = size_of(dates), i, date, day
    with nogil:
        for i in range(n):
            date = dates_[i]
            if date == NO_DATE:
                out_[i] = -1
                continue
            day = min(max((date - midnights_[0]) // DAY, <int64_t> 0), last)
            while day > 0 and midnights_[day] > date:
                day -= 1
            while day < last and midnights_[day + 1] <= date:
                day += 1
            out_[i] = <int32_t> day


def count_days(
    cnp.ndarray docs, cnp.ndarray passes, int needed, cnp.ndarray days, cnp.ndarray counts
):
    """Add to `counts`, int64[days], one for each match; return how many have no date."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const uint16_t* passes_ = passes_of(passes)
    cdef const int32_t* days_ = i32(days)
    cdef int64_t* counts_ = i64_out(counts)
    cdef int64_t undated = 0, n = size_of(docs), i
    cdef int32_t day
    with nogil:
        for i in range(n):
            if passes_ != NULL and passes_[i] & needed != needed:
                continue
            day = days_[docs_[i]]
            if day < 0:
                undated += 1
            else:
                counts_[day] += 1
    return undated


def span(cnp.ndarray docs, cnp.ndarray dates):
    """Return the first and the last date of the matches; the first is greater when none has any."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const int64_t* dates_ = i64(dates)
    cdef int64_t first = INT64_MAX, last = INT64_MIN, n = size_of(docs), i, date
    with nogil:
        for i in range(n):
            date = dates_[docs_[i]]
            if date != NO_DATE:
                first = min(first, date)
                last = max(last, date)
    return first, last


def count_instants(cnp.ndarray docs, cnp.ndarray dates, cnp.ndarray edges, cnp.ndarray counts):
    """Add to `counts`, int64[bars], the matches between `edges`, int64[bars + 1], equally wide."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const int64_t* dates_ = i64(dates)
    cdef const int64_t* edges_ = i64(edges)
    cdef int64_t* counts_ = i64_out(counts)
    cdef int64_t n = size_of(docs), last = edges_[size_of(edges) - 1], i, date
    cdef int64_t width = edges_[1] - edges_[0]
    with nogil:
        for i in range(n):
            date = dates_[docs_[i]]
            if edges_[0] <= date < last:
                counts_[(date - edges_[0]) // width] += 1


def distinct(cnp.ndarray docs, cnp.ndarray clusters, cnp.ndarray seen):
    """Return how many matches there are when each cluster counts once over all segments.

    `clusters`: uint32[n_docs], the cluster's number, 0 for none. `seen`: uint8[clusters + 1], all 0
    before the first segment.
    """
    cdef const uint32_t* docs_ = u32(docs)
    cdef const uint32_t* clusters_ = u32(clusters)
    cdef uint8_t* seen_ = u8_out(seen)
    cdef int64_t count = 0, n = size_of(docs), i
    cdef uint32_t cluster
    with nogil:
        for i in range(n):
            cluster = clusters_[docs_[i]]
            if cluster == 0:
                count += 1
            elif not seen_[cluster]:
                seen_[cluster] = 1
                count += 1
    return count


def members(cnp.ndarray docs, cnp.ndarray clusters, cnp.ndarray wanted, cnp.ndarray counts):
    """Add to `counts` how many matches are in each of the `wanted` clusters (int64, few)."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const uint32_t* clusters_ = u32(clusters)
    cdef const int64_t* wanted_ = i64(wanted)
    cdef int64_t* counts_ = i64_out(counts)
    cdef int64_t n = size_of(docs), n_wanted = size_of(wanted), i, which
    cdef uint32_t cluster
    with nogil:
        for i in range(n):
            cluster = clusters_[docs_[i]]
            if cluster:
                for which in range(n_wanted):
                    if wanted_[which] == cluster:
                        counts_[which] += 1


cdef inline void _set_bits(const uint32_t* docs, int64_t n, uint64_t* bits) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        bits[docs[i] >> 6] |= <uint64_t> 1 << (docs[i] & 63)


def set_bits(cnp.ndarray docs, cnp.ndarray bits):
    """Set the bit of each document, in any order. `bits`: uint64[n_docs / 64, rounded up]."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef uint64_t* bits_ = u64_out(bits)
    cdef int64_t n = size_of(docs)
    with nogil:
        _set_bits(docs_, n, bits_)


def mark(cnp.ndarray docs, cnp.ndarray others, uint16_t bit, bint on, cnp.ndarray passes):
    """Set (or clear) a bit in the `passes` of the matches that are among `others`, ascending.

    Few others are leapt to; of many a bitset is made, which each match looks itself up in.
    """
    cdef const uint32_t* docs_ = u32(docs)
    cdef const uint32_t* others_ = u32(others)
    cdef uint16_t* passes_ = u16_out(passes)
    cdef int64_t n = size_of(docs), n_others = size_of(others), at = 0, i
    cdef uint16_t changed
    cdef uint64_t* bits
    if n == 0 or n_others == 0:
        return
    if n_others > n >> 4:
        bits = <uint64_t*> zeros(
            ((max(docs_[n - 1], others_[n_others - 1]) >> 6) + 1) * sizeof(uint64_t)
        )
        with nogil:
            _set_bits(others_, n_others, bits)
            for i in range(n):
                changed = <uint16_t> ((bits[docs_[i] >> 6] >> (docs_[i] & 63)) & 1) * bit
                if on:
                    passes_[i] |= changed
                else:
                    passes_[i] &= ~changed
        free(bits)
        return
    with nogil:
        for i in range(n_others):
            at = leap(docs_, at, n, others_[i])
            if at >= n:
                break
            if docs_[at] == others_[i]:
                if on:
                    passes_[at] |= bit
                else:
                    passes_[at] &= ~bit


def in_interval(
    cnp.ndarray docs, cnp.ndarray dates, int64_t start, int64_t end, uint16_t bit, bint on,
    cnp.ndarray passes,
):
    """Set (or clear) a bit in the `passes` of the matches whose date is in [start, end)."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const int64_t* dates_ = i64(dates)
    cdef uint16_t* passes_ = u16_out(passes)
    cdef int64_t n = size_of(docs), i, date
    with nogil:
        for i in range(n):
            date = dates_[docs_[i]]
            if date != NO_DATE and start <= date < end:
                if on:
                    passes_[i] |= bit
                else:
                    passes_[i] &= ~bit


def from_bits(cnp.ndarray bits, bint inverted, int64_t n_docs, cnp.ndarray out):
    """Write the documents whose bits are set (or, `inverted`, are not), ascending."""
    cdef const uint64_t* bits_ = u64(bits)
    cdef uint32_t* out_ = u32_out(out)
    cdef int64_t found = 0, n = size_of(bits), index, base, bit
    cdef uint64_t word
    with nogil:
        for index in range(n):
            word = ~bits_[index] if inverted else bits_[index]
            if word == 0:
                continue
            base = index * 64
            if base + 64 <= n_docs and count_ones(word) < SPARSE:
                while word:
                    out_[found] = <uint32_t> (base + trailing_zeros(word))
                    found += 1
                    word &= word - 1
                continue
            for bit in range(min(<int64_t> 64, n_docs - base)):
                out_[found] = <uint32_t> (base + bit)
                found += (word >> bit) & 1
    return found


def date_bounds(cnp.ndarray dates, cnp.ndarray by_date, int64_t start, int64_t end):
    """Return [first, last) of `by_date` for dates in [start, end)."""
    cdef const int64_t* dates_ = i64(dates)
    cdef const uint32_t* by_date_ = u32(by_date)
    cdef int64_t n = size_of(by_date), first = _first_from(dates_, by_date_, 0, n, start)
    return first, _first_from(dates_, by_date_, first, n, end)


cdef int64_t _first_from(
    const int64_t* dates, const uint32_t* by_date, int64_t low, int64_t high, int64_t instant
) noexcept nogil:
    cdef int64_t middle
    while low < high:
        middle = (low + high) >> 1
        if dates[by_date[middle]] < instant:
            low = middle + 1
        else:
            high = middle
    return low
