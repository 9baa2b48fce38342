"""Kernels of merging: the union of sorted vocabularies, and postings moved to their new places.

`new_docs` is, for each source, uint32[n_docs]: the new number of a document, GONE where it is
deleted; `postings` are packed as in `segment.TextField`. The kernels that copy postings take the
terms [first, last) of one source and append to each merged term; `numbers` says which term that
is, `cursors` (int64[n_terms]) where its next posting goes, `base` what of the merged array lies
before `out`.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memcpy

cimport numpy as cnp
from corpus.arrays cimport (
    i64, i64_out, room, rows_of, u8, u8_out, u32, u32_out,
)
from indexer.layout cimport BLOCK, FLAGS, LAST, TF_BITS
from indexer.position_forms cimport RECORD_END, form_runs, has_form, has_several

__all__ = [
    "GONE", "copy_forms", "copy_position_forms", "copy_positions", "copy_postings", "count_live",
    "count_records", "live_form_docs", "union_forms", "union_strings",
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


def union_strings(
    cnp.ndarray data, cnp.ndarray spans, cnp.ndarray bounds, cnp.ndarray numbers,
    cnp.ndarray firsts,
):
    """Number the strings of sorted lists by their place in the union; returns its size.

    data: uint8[]; spans: int64[n, 2], each string's bytes; list i is strings
    [bounds[i], bounds[i + 1]). numbers: uint32[n]; firsts: int64[n], for each string of the union
    one of the lists' that is equal.
    """
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
    return size


def union_forms(
    cnp.ndarray data, cnp.ndarray spans, cnp.ndarray groups, cnp.ndarray numbers,
    cnp.ndarray bounds, cnp.ndarray form_docs, cnp.ndarray slots, cnp.ndarray order,
    cnp.ndarray n_forms,
):
    """Join the forms of equal terms, those in most documents first; returns how many there are.

    data, spans: the forms of all sources; groups: int64[n + 1], where the forms of each source's
    terms begin; numbers: the merged term of each; bounds: where each source's terms begin.
    form_docs: int64[], documents of each form, 0 for those that are gone. slots: uint32[], the new
    number of each form in its term; order: int64[], an equal form for each of the union;
    n_forms: int64[n_terms].
    """
    cdef const uint8_t* data_ = u8(data)
    cdef const Span* spans_ = <const Span*> i64(spans)
    cdef const int64_t* groups_ = i64(groups)
    cdef const uint32_t* numbers_ = u32(numbers)
    cdef const int64_t* bounds_ = i64(bounds)
    cdef const int64_t* form_docs_ = i64(form_docs)
    cdef uint32_t* slots_ = u32_out(slots)
    cdef int64_t* order_ = i64_out(order)
    cdef int64_t* n_forms_ = i64_out(n_forms)
    cdef int64_t n_terms = rows_of(n_forms), n = rows_of(bounds) - 1, size
    cdef int64_t* heads = <int64_t*> room((n + rows_of(form_docs)) * sizeof(int64_t))
    with nogil:
        size = _union_forms(
            data_, spans_, groups_, numbers_, bounds_, form_docs_, n, n_terms, heads, slots_,
            order_, n_forms_,
        )
    free(heads)
    return size


cdef int64_t _union_forms(
    const uint8_t* data, const Span* spans, const int64_t* groups, const uint32_t* numbers,
    const int64_t* bounds, const int64_t* form_docs, int64_t n, int64_t n_terms, int64_t* heads,
    uint32_t* slots, int64_t* order, int64_t* n_forms,
) noexcept nogil:
    cdef int64_t* total = heads + n
    cdef int64_t size = 0, term, start, source, head, form, at, docs, to
    for source in range(n):
        heads[source] = bounds[source]
    for term in range(n_terms):
        start = size
        for source in range(n):
            head = heads[source]
            while head < bounds[source + 1] and numbers[head] == term:
                head += 1
            for form in range(groups[heads[source]], groups[head]):
                if form_docs[form] == 0:
                    continue
                at = start
                while at < size and _compare(data, spans, order[at], form) != 0:
                    at += 1
                if at == size:
                    order[size] = form
                    total[size] = 0
                    size += 1
                total[at] += form_docs[form]
        for at in range(start + 1, size):  # insertion sort: a term has few forms
            form, docs = order[at], total[at]
            to = at
            while to > start and (
                total[to - 1] < docs
                or (total[to - 1] == docs and _compare(data, spans, form, order[to - 1]) < 0)
            ):
                order[to], total[to] = order[to - 1], total[to - 1]
                to -= 1
            order[to], total[to] = form, docs
        for source in range(n):
            head = heads[source]
            while head < bounds[source + 1] and numbers[head] == term:
                for form in range(groups[head], groups[head + 1]):
                    for at in range(start, size):
                        if form_docs[form] and _compare(data, spans, order[at], form) == 0:
                            slots[form] = <uint32_t> (at - start)
                head += 1
            heads[source] = head
        n_forms[term] = size - start
    return size


def live_form_docs(
    cnp.ndarray starts, cnp.ndarray postings, cnp.ndarray new_docs, cnp.ndarray forms,
    cnp.ndarray form_starts, cnp.ndarray groups, cnp.ndarray counts,
):
    """Count the live documents of each form of a source; counts: int64[n_forms], 0 before."""
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const int64_t* form_starts_ = i64(form_starts)
    cdef const int64_t* groups_ = i64(groups)
    cdef int64_t* counts_ = i64_out(counts)
    cdef int64_t n_terms = rows_of(form_starts), term, first, n_postings, n_forms, posting, form
    with nogil:
        for term in range(n_terms):
            first = starts_[term]
            n_postings = starts_[term + 1] - first
            n_forms = groups_[term + 1] - groups_[term]
            for posting in range(n_postings):
                if new_docs_[postings_[first + posting] >> TF_BITS] == _GONE:
                    continue
                if form_starts_[term] < 0:
                    counts_[groups_[term]] += 1
                    continue
                for form in range(n_forms):
                    if has_form(
                        forms_ + form_starts_[term], n_postings, posting, form, n_forms
                    ):
                        counts_[groups_[term] + form] += 1


def count_live(
    cnp.ndarray starts, cnp.ndarray postings, cnp.ndarray new_docs, cnp.ndarray blocks,
    cnp.ndarray block_positions, cnp.ndarray positions, cnp.ndarray live,
    cnp.ndarray position_bytes,
):
    """Count the live postings of each term of a source and the bytes of their positions.

    live, position_bytes: int64[n_terms], 0 before.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const int64_t* block_positions_ = i64(block_positions)
    cdef const uint8_t* positions_ = u8(positions)
    cdef int64_t* live_ = i64_out(live)
    cdef int64_t* bytes_ = i64_out(position_bytes)
    cdef int64_t n_terms = rows_of(live), term, at, begin, posting
    with nogil:
        for term in range(n_terms):
            at = block_positions_[blocks_[term]]
            for posting in range(starts_[term], starts_[term + 1]):
                begin = at
                while positions_[at] & FLAGS != LAST:
                    at += 1
                at += 1
                if new_docs_[postings_[posting] >> TF_BITS] != _GONE:
                    live_[term] += 1
                    bytes_[term] += at - begin


cdef struct Records:
    # Where the records of a source are, see `segment.TextField.position_forms`.
    const int64_t* starts
    const uint8_t* forms
    const int64_t* form_starts
    const int64_t* groups
    const int64_t* blocks
    const uint8_t* records
    const int64_t* block_records


cdef Records _records(
    cnp.ndarray starts, cnp.ndarray forms, cnp.ndarray form_starts, cnp.ndarray groups,
    cnp.ndarray blocks, cnp.ndarray position_forms, cnp.ndarray block_position_forms,
) except *:
    cdef Records source
    source.starts = i64(starts)
    source.forms = u8(forms)
    source.form_starts = i64(form_starts)
    source.groups = i64(groups)
    source.blocks = i64(blocks)
    source.records = u8(position_forms)
    source.block_records = i64(block_position_forms)
    return source


cdef inline int64_t _record_size(
    const Records* source, int64_t term, int64_t posting, int64_t at
) noexcept nogil:
    """Return the bytes of a posting's record, which would begin at `at`; 0 where it has none.

    `posting`: its number within the term, which has several forms.
    """
    cdef int64_t end = at
    if not has_several(
        source.forms + source.form_starts[term], source.starts[term + 1] - source.starts[term],
        posting, form_runs(source.groups[term + 1] - source.groups[term]),
    ):
        return 0
    while source.records[end] < RECORD_END:
        end += 1
    return end + 1 - at


def count_records(
    cnp.ndarray postings, cnp.ndarray new_docs, cnp.ndarray record_bytes, cnp.ndarray starts,
    cnp.ndarray forms, cnp.ndarray form_starts, cnp.ndarray groups, cnp.ndarray blocks,
    cnp.ndarray position_forms, cnp.ndarray block_position_forms,
):
    """Count the bytes of the records of each term's live postings: int64[n_terms], 0 before.

    The arrays from `starts` on are those of the source's `TextField`, `groups` its form_offsets.
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef int64_t* bytes_ = i64_out(record_bytes)
    cdef Records source = _records(
        starts, forms, form_starts, groups, blocks, position_forms, block_position_forms
    )
    cdef int64_t n_terms = rows_of(record_bytes), term, first, posting, at, size
    with nogil:
        for term in range(n_terms):
            if source.form_starts[term] < 0:
                continue
            first = source.starts[term]
            at = source.block_records[source.blocks[term]]
            for posting in range(source.starts[term + 1] - first):
                size = _record_size(&source, term, posting, at)
                at += size
                if new_docs_[postings_[first + posting] >> TF_BITS] != _GONE:
                    bytes_[term] += size


def copy_position_forms(
    int64_t first, int64_t last, cnp.ndarray postings, cnp.ndarray new_docs, cnp.ndarray numbers,
    cnp.ndarray cursors, int64_t base, cnp.ndarray merged, cnp.ndarray merged_form_starts,
    cnp.ndarray merged_blocks, cnp.ndarray merged_block_records, cnp.ndarray out,
    cnp.ndarray starts, cnp.ndarray forms, cnp.ndarray form_starts, cnp.ndarray groups,
    cnp.ndarray blocks, cnp.ndarray position_forms, cnp.ndarray block_position_forms,
):
    """Append the records of live postings, and note where those of blocks begin.

    `cursors` counts bytes; merged: int64[n_terms], postings that each merged term has so far;
    merged_block_records: int64[B + 1], written for terms of several forms. The arrays from
    `starts` on are those of the source's `TextField`, `groups` its form_offsets.
    """
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const uint32_t* numbers_ = u32(numbers)
    cdef int64_t* cursors_ = i64_out(cursors)
    cdef int64_t* merged_ = i64_out(merged)
    cdef const int64_t* merged_form_starts_ = i64(merged_form_starts)
    cdef const int64_t* merged_blocks_ = i64(merged_blocks)
    cdef int64_t* merged_block_records_ = i64_out(merged_block_records)
    cdef uint8_t* out_ = u8_out(out)
    cdef Records source = _records(
        starts, forms, form_starts, groups, blocks, position_forms, block_position_forms
    )
    cdef int64_t term, number, at, to, done, posting, begin, size
    with nogil:
        for term in range(first, last):
            number = numbers_[term]
            if merged_form_starts_[number] < 0:
                continue
            begin = source.starts[term]
            at = source.block_records[source.blocks[term]]
            to = cursors_[number] - base
            done = merged_[number]
            for posting in range(source.starts[term + 1] - begin):
                size = 0
                if source.form_starts[term] >= 0:
                    size = _record_size(&source, term, posting, at)
                if new_docs_[postings_[begin + posting] >> TF_BITS] != _GONE:
                    if done % BLOCK == 0:
                        merged_block_records_[merged_blocks_[number] + done // BLOCK] = to + base
                    done += 1
                    memcpy(out_ + to, source.records + at, size)
                    to += size
                at += size
            cursors_[number] = to + base
            merged_[number] = done


def copy_postings(
    int64_t first, int64_t last, cnp.ndarray starts, cnp.ndarray postings, cnp.ndarray new_docs,
    cnp.ndarray numbers, cnp.ndarray cursors, int64_t base, cnp.ndarray out,
):
    """Append the live postings, with the new numbers of their documents."""
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const uint32_t* numbers_ = u32(numbers)
    cdef int64_t* cursors_ = i64_out(cursors)
    cdef uint32_t* out_ = u32_out(out)
    cdef int64_t term, to, posting
    cdef uint32_t doc
    with nogil:
        for term in range(first, last):
            to = cursors_[numbers_[term]] - base
            for posting in range(starts_[term], starts_[term + 1]):
                doc = new_docs_[postings_[posting] >> TF_BITS]
                if doc != _GONE:
                    out_[to] = doc << TF_BITS | (postings_[posting] & 255)
                    to += 1
            cursors_[numbers_[term]] = to + base


def copy_forms(
    int64_t first, int64_t last, cnp.ndarray starts, cnp.ndarray postings, cnp.ndarray new_docs,
    cnp.ndarray numbers, cnp.ndarray cursors, int64_t base, cnp.ndarray forms,
    cnp.ndarray form_starts, cnp.ndarray groups, cnp.ndarray slots, cnp.ndarray merged_starts,
    cnp.ndarray merged_form_starts, cnp.ndarray merged_runs, cnp.ndarray out,
):
    """Set the bits of live postings' forms; `cursors` counts postings within the merged term."""
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const uint32_t* numbers_ = u32(numbers)
    cdef int64_t* cursors_ = i64_out(cursors)
    cdef const uint8_t* forms_ = u8(forms)
    cdef const int64_t* form_starts_ = i64(form_starts)
    cdef const int64_t* groups_ = i64(groups)
    cdef const uint32_t* slots_ = u32(slots)
    cdef const int64_t* merged_starts_ = i64(merged_starts)
    cdef const int64_t* merged_form_starts_ = i64(merged_form_starts)
    cdef const int64_t* runs = i64(merged_runs)
    cdef uint8_t* out_ = u8_out(out)
    cdef int64_t term, number, at, n_postings, n_forms, merged, begin, to, posting, form, slot
    with nogil:
        for term in range(first, last):
            number = numbers_[term]
            if merged_form_starts_[number] < 0:
                continue
            at = starts_[term]
            n_postings = starts_[term + 1] - at
            n_forms = groups_[term + 1] - groups_[term]
            merged = merged_starts_[number + 1] - merged_starts_[number]
            begin = merged_form_starts_[number] - base
            to = cursors_[number]
            for posting in range(n_postings):
                if new_docs_[postings_[at + posting] >> TF_BITS] == _GONE:
                    continue
                for form in range(n_forms):
                    if form_starts_[term] >= 0 and not has_form(
                        forms_ + form_starts_[term], n_postings, posting, form, n_forms
                    ):
                        continue
                    slot = slots_[groups_[term] + form]
                    out_[begin + to] |= 1 << min(slot, <int64_t> 7)
                    if slot >= 7 and runs[number] > 1:
                        out_[begin + (1 + (slot - 7) // 8) * merged + to] |= 1 << ((slot - 7) & 7)
                to += 1
            cursors_[number] = to


def copy_positions(
    int64_t first, int64_t last, cnp.ndarray starts, cnp.ndarray postings, cnp.ndarray new_docs,
    cnp.ndarray numbers, cnp.ndarray cursors, int64_t base, cnp.ndarray positions,
    cnp.ndarray blocks, cnp.ndarray block_positions, cnp.ndarray merged,
    cnp.ndarray merged_blocks, cnp.ndarray merged_block_positions, cnp.ndarray out,
):
    """Append the positions of live postings, and note where blocks begin.

    `cursors` counts bytes; merged: int64[n_terms], postings that each merged term has so far.
    """
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint32_t* new_docs_ = u32(new_docs)
    cdef const uint32_t* numbers_ = u32(numbers)
    cdef int64_t* cursors_ = i64_out(cursors)
    cdef const uint8_t* positions_ = u8(positions)
    cdef const int64_t* blocks_ = i64(blocks)
    cdef const int64_t* block_positions_ = i64(block_positions)
    cdef int64_t* merged_ = i64_out(merged)
    cdef const int64_t* merged_blocks_ = i64(merged_blocks)
    cdef int64_t* merged_block_positions_ = i64_out(merged_block_positions)
    cdef uint8_t* out_ = u8_out(out)
    cdef int64_t term, number, at, to, done, posting
    cdef uint8_t byte
    cdef bint live
    with nogil:
        for term in range(first, last):
            number = numbers_[term]
            at = block_positions_[blocks_[term]]
            to = cursors_[number] - base
            done = merged_[number]
            for posting in range(starts_[term], starts_[term + 1]):
                live = new_docs_[postings_[posting] >> TF_BITS] != _GONE
                if live:
                    if done % BLOCK == 0:
                        merged_block_positions_[merged_blocks_[number] + done // BLOCK] = to + base
                    done += 1
                while True:
                    byte = positions_[at]
                    at += 1
                    if live:
                        out_[to] = byte
                        to += 1
                    if byte & FLAGS == LAST:
                        break
            cursors_[number] = to + base
            merged_[number] = done
