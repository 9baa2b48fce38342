"""How many matches have each value of a facet, and which values the most have.

A match is counted by one look: `Slots` has for each document the number of its only value, or of
the set of values that it has. Where it has a set of its own its values are looked up.
"""

from libc.stdint cimport int64_t, uint16_t, uint32_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, room, size_of, u16, u32, zeros
from cpython.bytes cimport PyBytes_FromStringAndSize
from search.embedded.execute.operands cimport Given, Matches

import numpy as np

ctypedef fused slot_t:
    uint16_t
    uint32_t

cdef enum:
    LANES = 4  # sums of each value in turn: a sum in one place waits for the one before it
    MOST_SETS = 4096
    LARGEST_SET = 16
    NARROW = 0xFFFF - MOST_SETS - 2  # values of which 16 bits have a number for each slot


cdef struct Values:
    # Those of a leaf's documents, see `indexer.segment.segment.FacetColumn`.
    const uint32_t* offsets
    const uint32_t* ordinals
    const uint32_t* numbers  # or NULL


cdef class Slots:
    """Of each document of each leaf the slot in which it is counted.

    The first `size` slots are the values of the archive. Then comes that of documents without a
    value, that of those whose values must be looked up, and one for each set of several values.

    `columns`: for each leaf (offsets, ordinals, numbers), the first two of `FacetColumn`, and
    uint32[values of the segment], their numbers in the archive, empty where they are the same.
    `slots`: arrays of slots that are known already, where no document has several values.
    """

    cdef readonly int64_t size
    cdef int64_t _n  # slots
    cdef list _slots, _columns
    cdef cnp.ndarray _set_ends, _set_values

    def __init__(self, int64_t size, list columns not None, list slots=None):
        cdef Values values
        cdef cnp.ndarray made
        cdef dict sets = {}
        kind = np.uint16 if size <= NARROW else np.uint32
        self.size, self._columns = size, columns
        self._slots = [slot.astype(kind) for slot in slots or ()]
        for column in columns:
            values = _values(column)
            made = np.empty(column[0].size - 1, kind)
            if size <= NARROW:
                _fill(&values, size_of(made), size, sets, <uint16_t*> cnp.PyArray_DATA(made))
            else:
                _fill(&values, size_of(made), size, sets, <uint32_t*> cnp.PyArray_DATA(made))
            self._slots.append(made)
        self._n = size + 2 + len(sets)
        self._set_ends = np.cumsum([len(key) // 4 for key in sets], dtype=np.int64)
        self._set_values = np.frombuffer(b"".join(sets), np.uint32)

    def counts(self, list found not None, list passes not None, int needed):
        """Return how many matches have each value, int64[size].

        `found` are the `Matches` of each leaf; where there are `passes`, uint16[n] of each leaf,
        those count that have all bits of `needed`.
        """
        cdef cnp.ndarray counts = np.zeros(self.size, np.int64), slots
        cdef int64_t* counts_ = i64_out(counts)
        cdef const int64_t* ends = i64(self._set_ends)
        cdef const uint32_t* members = u32(self._set_values)
        cdef int64_t leaf, lanes, lane, slot, total, at = 0
        cdef Matches matches
        cdef Values values
        cdef Given read
        cdef const uint16_t* passes_
        cdef uint32_t* sums
        for leaf in range(len(found) if self.size else 0):
            matches, slots = found[leaf], self._slots[leaf]
            read = matches.read
            lanes = LANES if read.n > 16 * self._n else 1
            passes_ = u16(passes[leaf]) if passes else NULL
            if self._columns:
                values = _values(self._columns[leaf])
            sums = <uint32_t*> zeros(lanes * self._n * sizeof(uint32_t))
            with nogil:
                if self.size <= NARROW:
                    _count(
                        &read, passes_, needed, <const uint16_t*> cnp.PyArray_DATA(slots), &values,
                        self.size, lanes - 1, self._n, sums,
                    )
                else:
                    _count(
                        &read, passes_, needed, <const uint32_t*> cnp.PyArray_DATA(slots), &values,
                        self.size, lanes - 1, self._n, sums,
                    )
                at = 0
                for slot in range(self._n):
                    total = sums[slot]
                    for lane in range(1, lanes):
                        total += sums[lane * self._n + slot]
                    if slot < self.size:
                        counts_[slot] += total
                    elif slot > self.size + 1:
                        while at < ends[slot - self.size - 2]:
                            counts_[members[at]] += total
                            at += 1
            free(sums)
        return counts


cdef Values _values(tuple column) except *:
    cdef cnp.ndarray offsets, ordinals, numbers
    cdef Values values
    offsets, ordinals, numbers = column
    values.offsets, values.ordinals = u32(offsets), u32(ordinals)
    values.numbers = u32(numbers) if size_of(numbers) else NULL
    return values


cdef inline uint32_t _number(const Values* values, int64_t at) noexcept nogil:
    cdef uint32_t ordinal = values.ordinals[at]
    return values.numbers[ordinal] if values.numbers != NULL else ordinal


cdef int _fill(const Values* values, int64_t n, int64_t size, dict sets, slot_t* slots) except -1:
    """Write the slot of each document; `sets` has those of sets by their values, uint32[]."""
    cdef uint32_t[LARGEST_SET] members
    cdef int64_t doc, start, end, at
    cdef bytes key
    for doc in range(n):
        start, end = values.offsets[doc], values.offsets[doc + 1]
        if end == start:
            slots[doc] = <slot_t> size
        elif end == start + 1:
            slots[doc] = <slot_t> _number(values, start)
        else:
            slots[doc] = <slot_t> (size + 1)
            if end - start <= LARGEST_SET and len(sets) < MOST_SETS:
                for at in range(start, end):
                    members[at - start] = _number(values, at)
                key = PyBytes_FromStringAndSize(<const char*> members, 4 * (end - start))
                slots[doc] = <slot_t> sets.setdefault(key, size + 2 + len(sets))
    return 0


cdef void _count(
    const Given* found, const uint16_t* passes, int needed, const slot_t* slots,
    const Values* values, int64_t size, int64_t lane, int64_t n, uint32_t* sums,
) noexcept nogil:
    """`sums`: uint32[lanes, n]; `lane` is the number of the last one."""
    cdef int64_t i, at
    cdef uint32_t doc, slot
    for i in range(found.n):
        doc = found.docs[i]
        slot = slots[doc]
        if passes != NULL:  # as if it had no value, which is no branch
            slot = slot if passes[i] & needed == needed else <uint32_t> size
        if slot != size + 1:
            sums[(i & lane) * n + slot] += 1
            continue
        for at in range(values.offsets[doc], values.offsets[doc + 1]):
            sums[_number(values, at)] += 1


def greatest(cnp.ndarray counts, int64_t most):
    """Return the `most` values with the greatest counts, as (value, count), ties in order, and how
    many values there are. Those with a count of 0 are none.

    `counts`: int64[values].
    """
    cdef const int64_t* counts_ = i64(counts)
    cdef int64_t n = size_of(counts), size = 0, total = 0, value, count, at
    cdef int64_t* best = <int64_t*> room(2 * most * sizeof(int64_t))
    with nogil:
        for value in range(n):
            count = counts_[value]
            if count == 0:
                continue
            total += 1
            if size == most:
                if size == 0 or count <= best[2 * size - 1]:
                    continue
                at = size - 1
            else:
                at = size
                size += 1
            while at > 0 and best[2 * at - 1] < count:
                best[2 * at] = best[2 * at - 2]
                best[2 * at + 1] = best[2 * at - 1]
                at -= 1
            best[2 * at] = value
            best[2 * at + 1] = count
    found = [(best[2 * at], best[2 * at + 1]) for at in range(size)]
    free(best)
    return found, total
