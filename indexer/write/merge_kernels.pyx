"""Kernels of merging: the union of sorted vocabularies, and postings moved to their new places.

A `Part` is terms of one source, a `Target` the merged array to which kernels append what they copy
of a part. The new number of a document that is deleted is GONE.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, room, rows_of, u8, u8_out, u32, u32_out
from indexer.segment.layout cimport BLOCK, TF_BITS
from indexer.segment.position_forms cimport RECORD_END, form_runs, has_form, has_several
from indexer.segment.positions cimport after_posting

import numpy as np

__all__ = [
    "GONE", "Part", "Target", "copy_forms", "copy_positions", "copy_postings", "count_live",
    "live_form_docs", "union_forms", "union_strings",
]

GONE = 0xFFFFFFFF
"""The new number of a document that is deleted."""

cdef uint32_t _GONE = 0xFFFFFFFFu


cdef struct Span:
    # Where a string lies in the bytes of all.
    int64_t start
    int64_t end


cdef inline int64_t _compare(
    const uint8_t* data, const Span* spans, int64_t left, int64_t right
) noexcept nogil:
    """Compare two strings by their bytes: negative, 0 or positive."""
    cdef int64_t size = spans[left].end - spans[left].start
    cdef int64_t other = spans[right].end - spans[right].start
    cdef int order = memcmp(
        data + spans[left].start, data + spans[right].start, min(size, other)
    )
    return order if order else size - other


def union_strings(cnp.ndarray data, cnp.ndarray spans, cnp.ndarray bounds):
    """Number the strings of sorted lists by their place in the union.

    data: uint8[]; spans: int64[n, 2], each string's bytes; list i is strings
    [bounds[i], bounds[i + 1]). Returns the numbers, uint32[n], and for each string of the union one
    of the lists' that is equal, int64[].
    """
    cdef cnp.ndarray numbers = np.empty(rows_of(spans), np.uint32)
    cdef cnp.ndarray firsts = np.empty(rows_of(spans), np.int64)
    cdef const uint8_t* data_ = u8(data)
    cdef const Span* spans_ = <const Span*> i64(spans)
    cdef const int64_t* bounds_ = i64(bounds)
    cdef uint32_t* numbers_ = u32_out(numbers)
    cdef int64_t* firsts_ = i64_out(firsts)
    cdef int64_t n = rows_of(bounds) - 1, size = 0, source, least, head
    cdef int64_t* heads = <int64_t*> room(n * sizeof(int64_t))
    with nogil:
        for source in range(n):
            heads[source] = bounds_[source]
        while True:
            least = -1
            for source in range(n):
                head = heads[source]
                if head < bounds_[source + 1] and (
                    least < 0 or _compare(data_, spans_, head, least) < 0
                ):
                    least = head
            if least < 0:
                break
            firsts_[size] = least
            for source in range(n):
                head = heads[source]
                if head < bounds_[source + 1] and _compare(data_, spans_, head, least) == 0:
                    numbers_[head] = <uint32_t> size
                    heads[source] = head + 1
            size += 1
    free(heads)
    return numbers, firsts[:size]


cdef struct Forms:
    # The forms of all sources, and the terms that they belong to: see `union_forms`.
    const uint8_t* data
    const Span* spans
    const int64_t* groups
    const uint32_t* numbers
    const int64_t* bounds
    const int64_t* docs


def union_forms(
    cnp.ndarray data, cnp.ndarray spans, cnp.ndarray groups, cnp.ndarray numbers,
    cnp.ndarray bounds, cnp.ndarray form_docs, cnp.ndarray n_forms,
):
    """Join the forms of equal terms, those in most documents first.

    data, spans: the forms of all sources; groups: int64[n + 1], where the forms of each source's
    terms begin; numbers: the merged term of each; bounds: where each source's terms begin.
    form_docs: int64[], documents of each form, 0 for those that are gone. n_forms: int64[n_terms],
    written. Returns the new number of each form in its term, uint32[], and an equal form for each
    of the union, int64[].
    """
    cdef Forms forms
    cdef cnp.ndarray slots = np.zeros(rows_of(spans), np.uint32)
    cdef cnp.ndarray order = np.empty(rows_of(spans), np.int64)
    cdef uint32_t* slots_ = u32_out(slots)
    cdef int64_t* order_ = i64_out(order)
    cdef int64_t* n_forms_ = i64_out(n_forms)
    cdef int64_t n_terms = rows_of(n_forms), n = rows_of(bounds) - 1, size = 0, term
    cdef int64_t* heads = NULL
    forms.data = u8(data)
    forms.spans = <const Span*> i64(spans)
    forms.groups = i64(groups)
    forms.numbers = u32(numbers)
    forms.bounds = i64(bounds)
    forms.docs = i64(form_docs)
    heads = <int64_t*> room((n + rows_of(form_docs)) * sizeof(int64_t))
    with nogil:
        memcpy(heads, forms.bounds, n * sizeof(int64_t))
        for term in range(n_terms):
            n_forms_[term] = _join_forms(&forms, n, term, heads, order_, size, heads + n)
            _number_forms(&forms, n, term, heads, order_ + size, n_forms_[term], slots_)
            size += n_forms_[term]
    free(heads)
    return slots, order[:size]


cdef int64_t _join_forms(
    const Forms* forms, int64_t n, int64_t term, const int64_t* heads, int64_t* order,
    int64_t start, int64_t* total,
) noexcept nogil:
    """Write the forms of a term from order[start] on; return how many it has.

    `heads`: int64[n], the first term of each source that is not before it.
    """
    cdef int64_t size = start, source, head, form, at, docs, to
    for source in range(n):
        head = heads[source]
        while head < forms.bounds[source + 1] and forms.numbers[head] == term:
            head += 1
        for form in range(forms.groups[heads[source]], forms.groups[head]):
            if forms.docs[form] == 0:
                continue
            at = start
            while at < size and _compare(forms.data, forms.spans, order[at], form) != 0:
                at += 1
            if at == size:
                order[size] = form
                total[size] = 0
                size += 1
            total[at] += forms.docs[form]
    for at in range(start + 1, size):  # insertion sort: a term has few forms
        form, docs = order[at], total[at]
        to = at
        while to > start and (
            total[to - 1] < docs
            or (
                total[to - 1] == docs
                and _compare(forms.data, forms.spans, form, order[to - 1]) < 0
            )
        ):
            order[to], total[to] = order[to - 1], total[to - 1]
            to -= 1
        order[to], total[to] = form, docs
    return size - start


cdef void _number_forms(
    const Forms* forms, int64_t n, int64_t term, int64_t* heads, const int64_t* order,
    int64_t n_forms, uint32_t* slots,
) noexcept nogil:
    """Note the new number of each source's forms of a term, and go on to the next term."""
    cdef int64_t source, head, form, at
    for source in range(n):
        head = heads[source]
        while head < forms.bounds[source + 1] and forms.numbers[head] == term:
            for form in range(forms.groups[head], forms.groups[head + 1]):
                for at in range(n_forms):
                    if forms.docs[form] and _compare(forms.data, forms.spans, order[at], form) == 0:
                        slots[form] = <uint32_t> at
            head += 1
        heads[source] = head


cdef class Part:
    """The terms [first, last) of a field of a source, whose arrays are taken as they are needed.

    new_docs: uint32[n_docs], the new number of each document; numbers: uint32[n_terms], the merged
    term that each of the source's becomes.
    """

    cdef readonly int64_t first, last
    cdef object _field
    cdef list _held
    cdef const uint32_t* new_docs
    cdef const uint32_t* numbers
    cdef const int64_t* starts
    cdef const uint32_t* postings
    cdef const uint8_t* forms
    cdef const int64_t* form_starts
    cdef const int64_t* groups
    cdef const int64_t* blocks
    cdef const uint8_t* positions
    cdef const int64_t* block_positions
    cdef const uint8_t* records
    cdef const int64_t* block_records

    def __init__(self, field, new_docs, numbers, int64_t first, int64_t last):
        self._field = field
        self._held = [new_docs, numbers]
        self.first, self.last = first, last
        self.new_docs = u32(new_docs)
        self.numbers = u32(numbers)
        self.starts = i64(self._array("starts"))
        self.postings = u32(self._array("postings"))

    cdef cnp.ndarray _array(self, str name):
        cdef cnp.ndarray array = getattr(self._field, name)
        self._held.append(array)
        return array

    cdef int want_forms(self) except -1:
        self.forms = u8(self._array("forms"))
        self.form_starts = i64(self._array("form_starts"))
        self.groups = i64(self._array("form_offsets"))
        return 0

    cdef int want_positions(self) except -1:
        self.blocks = i64(self._array("blocks"))
        self.positions = u8(self._array("positions"))
        self.block_positions = i64(self._array("block_positions"))
        return 0

    cdef int want_records(self) except -1:
        self.want_forms()
        self.blocks = i64(self._array("blocks"))
        self.records = u8(self._array("position_forms"))
        self.block_records = i64(self._array("block_position_forms"))
        return 0

    cdef inline bint is_live(self, int64_t posting) noexcept nogil:
        return self.new_docs[self.postings[posting] >> TF_BITS] != _GONE

    cdef inline int64_t record_size(self, int64_t term, int64_t posting, int64_t at) noexcept nogil:
        """Return the bytes of a posting's record, which would begin at `at`; 0 where it has none.

        `posting`: its number within the term.
        """
        cdef int64_t end = at
        if self.form_starts[term] < 0 or not has_several(
            self.forms + self.form_starts[term], self.starts[term + 1] - self.starts[term],
            posting, form_runs(self.groups[term + 1] - self.groups[term]),
        ):
            return 0
        while self.records[end] < RECORD_END:
            end += 1
        return end + 1 - at


cdef class Target:
    """A merged array, and where what is appended to each merged term goes.

    `merged` has arrays of the merged field: starts, blocks, form_starts, and runs, int64[n_terms],
    see `position_forms.form_runs`. cursors: int64[n_terms], where in the array the next of each
    term goes; block_starts: int64[B + 1], where what belongs to each block of postings begins.
    """

    cdef list _held
    cdef cnp.ndarray _out
    cdef int64_t base  # what of the array lies before `_out`
    cdef int64_t* cursors
    cdef int64_t* done  # postings that each merged term has so far
    cdef int64_t* block_starts
    cdef const int64_t* starts
    cdef const int64_t* blocks
    cdef const int64_t* form_starts
    cdef const int64_t* runs

    def __init__(self, merged, cursors, block_starts=None):
        cdef cnp.ndarray done = np.zeros(len(cursors), np.int64)
        self._held = [merged, cursors, block_starts, done]
        self.cursors = i64_out(cursors)
        self.done = i64_out(done)
        self.block_starts = NULL
        if block_starts is not None:
            self.block_starts = i64_out(block_starts)
        self.starts = i64(merged.starts)
        self.blocks = i64(merged.blocks)
        self.form_starts = i64(merged.form_starts)
        self.runs = i64(merged.runs)

    def write_to(self, cnp.ndarray out, int64_t base):
        """Go on in `out`, which is the array from `base` on."""
        self._out = out
        self.base = base

    cdef inline void begin_posting(self, int64_t number, int64_t at) noexcept nogil:
        """Count a posting of a merged term, and note where its block begins."""
        cdef int64_t done = self.done[number]
        if done % BLOCK == 0:
            self.block_starts[self.blocks[number] + done // BLOCK] = at + self.base
        self.done[number] = done + 1


def live_form_docs(Part part not None):
    """Return the live documents of each form of a part's terms, int64[n_forms]."""
    part.want_forms()
    cdef int64_t before = part.groups[part.first]
    cdef cnp.ndarray counts = np.zeros(part.groups[part.last] - before, np.int64)
    cdef int64_t* counts_ = i64_out(counts)
    cdef int64_t term, first, n_postings, n_forms, posting, form
    with nogil:
        for term in range(part.first, part.last):
            first = part.starts[term]
            n_postings = part.starts[term + 1] - first
            n_forms = part.groups[term + 1] - part.groups[term]
            for posting in range(n_postings):
                if not part.is_live(first + posting):
                    continue
                if part.form_starts[term] < 0:
                    counts_[part.groups[term] - before] += 1
                    continue
                for form in range(n_forms):
                    if has_form(
                        part.forms + part.form_starts[term], n_postings, posting, form, n_forms
                    ):
                        counts_[part.groups[term] - before + form] += 1
    return counts


def count_live(Part part not None):
    """Return the live postings of each term of a part, and the bytes of their positions and of
    their records: int64[3, n_terms]."""
    part.want_positions()
    part.want_records()
    cdef int64_t n = part.last - part.first
    cdef cnp.ndarray counts = np.zeros((3, n), np.int64)
    cdef int64_t* live = i64_out(counts)
    cdef int64_t term, number, at, begin, record, size, posting
    with nogil:
        for term in range(part.first, part.last):
            number = term - part.first
            at = part.block_positions[part.blocks[term]]
            record = part.block_records[part.blocks[term]]
            for posting in range(part.starts[term], part.starts[term + 1]):
                begin = at
                at = after_posting(part.positions, at)
                size = part.record_size(term, posting - part.starts[term], record)
                record += size
                if part.is_live(posting):
                    live[number] += 1
                    live[n + number] += at - begin
                    live[2 * n + number] += size
    return counts


def copy_postings(Part part not None, Target to not None):
    """Append the live postings, with the new numbers of their documents."""
    cdef uint32_t* out = u32_out(to._out)
    cdef int64_t term, at, posting
    cdef uint32_t doc
    with nogil:
        for term in range(part.first, part.last):
            at = to.cursors[part.numbers[term]] - to.base
            for posting in range(part.starts[term], part.starts[term + 1]):
                doc = part.new_docs[part.postings[posting] >> TF_BITS]
                if doc != _GONE:
                    out[at] = doc << TF_BITS | (part.postings[posting] & 255)
                    at += 1
            to.cursors[part.numbers[term]] = at + to.base


def copy_forms(Part part not None, Target to not None, cnp.ndarray slots):
    """Set the bits of live postings' forms.

    slots: uint32[], the new number of each of the source's forms in its term.
    """
    part.want_forms()
    cdef uint8_t* out = u8_out(to._out)
    cdef const uint32_t* slots_ = u32(slots)
    cdef int64_t term, number, at, n_postings, n_forms, merged, begin, place, posting, form, slot
    with nogil:
        for term in range(part.first, part.last):
            number = part.numbers[term]
            if to.form_starts[number] < 0:
                continue
            at = part.starts[term]
            n_postings = part.starts[term + 1] - at
            n_forms = part.groups[term + 1] - part.groups[term]
            merged = to.starts[number + 1] - to.starts[number]
            begin = to.form_starts[number] - to.base
            place = begin + to.done[number]
            for posting in range(n_postings):
                if not part.is_live(at + posting):
                    continue
                for form in range(n_forms):
                    if part.form_starts[term] >= 0 and not has_form(
                        part.forms + part.form_starts[term], n_postings, posting, form, n_forms
                    ):
                        continue
                    slot = slots_[part.groups[term] + form]
                    out[place] |= 1 << min(slot, <int64_t> 7)
                    if slot >= 7 and to.runs[number] > 1:
                        out[place + (1 + (slot - 7) // 8) * merged] |= 1 << ((slot - 7) & 7)
                place += 1
            to.done[number] = place - begin


def copy_positions(Part part not None, Target to not None, bint records):
    """Append the positions of live postings, or their records, and note where those of blocks
    begin: of records for terms of several forms only."""
    part.want_positions()
    part.want_records()
    cdef uint8_t* out = u8_out(to._out)
    cdef const uint8_t* source = part.records if records else part.positions
    cdef const int64_t* block_starts = part.block_records if records else part.block_positions
    cdef int64_t term, number, at, place, posting, begin, size
    with nogil:
        for term in range(part.first, part.last):
            number = part.numbers[term]
            if records and to.form_starts[number] < 0:
                continue
            begin = part.starts[term]
            at = block_starts[part.blocks[term]]
            place = to.cursors[number] - to.base
            for posting in range(part.starts[term + 1] - begin):
                if records:
                    size = part.record_size(term, posting, at)
                else:
                    size = after_posting(part.positions, at) - at
                if part.is_live(begin + posting):
                    to.begin_posting(number, place)
                    memcpy(out + place, source + at, size)
                    place += size
                at += size
            to.cursors[number] = place + to.base
