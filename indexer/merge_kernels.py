"""Kernels of merging: the union of sorted vocabularies, and postings moved to their new places.

`new_docs` is, for each source, uint32[n_docs]: the new number of a document, GONE where it is
deleted; `postings` are packed as in `segment.TextField`. The kernels that copy postings take the
terms [first, last) of one source and append to each merged term; `numbers` says which term that
is, `cursors` (int64[n_terms]) where its next posting goes, `base` what of the merged array lies
before `out`.
"""

# mypy: disable-error-code="return-value, assignment, arg-type, no-any-return, operator"

from __future__ import annotations

from typing import Any

import numpy as np

from corpus.kernels import njit
from indexer.segment import LAST, MORE, TF_BITS

__all__ = [
    "GONE", "copy_forms", "copy_positions", "copy_postings", "count_live", "live_form_docs",
    "union_forms", "union_strings",
]  # fmt: skip

GONE = 0xFFFFFFFF


@njit(cache=True, nogil=True)
def _compare(data: Any, offsets: Any, left: int, right: int) -> int:
    """Compare two strings of `data` by their bytes: negative, 0 or positive."""
    a, a_end = offsets[left, 0], offsets[left, 1]
    b, b_end = offsets[right, 0], offsets[right, 1]
    while a < a_end and b < b_end:
        if data[a] != data[b]:
            return np.int64(data[a]) - np.int64(data[b])
        a += 1
        b += 1
    return (a_end - a) - (b_end - b)


@njit(cache=True, nogil=True)
def union_strings(data: Any, spans: Any, bounds: Any, numbers: Any, firsts: Any) -> int:
    """Number the strings of sorted lists by their place in the union; returns its size.

    data: uint8[]; spans: int64[n, 2], each string's bytes; list i is strings
    [bounds[i], bounds[i + 1]). numbers: uint32[n]; firsts: int64[n], for each string of the union
    one of the lists' that is equal.
    """
    heads = bounds[:-1].copy()
    size = 0
    while True:
        least = -1
        for source in range(heads.shape[0]):
            head = heads[source]
            if head < bounds[source + 1] and (least < 0 or _compare(data, spans, head, least) < 0):
                least = head
        if least < 0:
            return size
        firsts[size] = least
        for source in range(heads.shape[0]):
            head = heads[source]
            if head < bounds[source + 1] and _compare(data, spans, head, least) == 0:
                numbers[head] = size
                heads[source] = head + 1
        size += 1


@njit(cache=True, nogil=True)
def union_forms(
    data: Any, spans: Any, groups: Any, numbers: Any, bounds: Any, form_docs: Any,
    slots: Any, order: Any, n_forms: Any,
) -> int:  # fmt: skip
    """Join the forms of equal terms, those in most documents first; returns how many there are.

    data, spans: the forms of all sources; groups: int64[n + 1], where the forms of each source's
    terms begin; numbers: the merged term of each; bounds: where each source's terms begin.
    form_docs: int64[], documents of each form, 0 for those that are gone. slots: uint32[], the new
    number of each form in its term; order: int64[], an equal form for each of the union;
    n_forms: int64[n_terms].
    """
    heads = bounds[:-1].copy()
    total = np.zeros(form_docs.shape[0], np.int64)
    size = 0
    for term in range(n_forms.shape[0]):
        start = size
        for source in range(heads.shape[0]):
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
        for source in range(heads.shape[0]):
            head = heads[source]
            while head < bounds[source + 1] and numbers[head] == term:
                for form in range(groups[head], groups[head + 1]):
                    for at in range(start, size):
                        if form_docs[form] and _compare(data, spans, order[at], form) == 0:
                            slots[form] = at - start
                head += 1
            heads[source] = head
        n_forms[term] = size - start
    return size


@njit(cache=True, nogil=True)
def _has_form(forms: Any, at: int, n_postings: int, posting: int, form: int, n_forms: int) -> bool:
    """Whether a posting has a form; `at` is where the term's bytes begin in `forms`."""
    if n_forms <= 8 or form < 7:
        return forms[at + posting] >> form & 1 != 0
    run = 1 + (form - 7) // 8
    return forms[at + run * n_postings + posting] >> (form - 7 & 7) & 1 != 0


@njit(cache=True, nogil=True)
def live_form_docs(
    starts: Any, postings: Any, new_docs: Any, forms: Any, form_starts: Any, groups: Any,
    counts: Any,
) -> None:  # fmt: skip
    """Count the live documents of each form of a source; counts: int64[n_forms], 0 before."""
    for term in range(form_starts.shape[0]):
        first = starts[term]
        n_postings = starts[term + 1] - first
        n_forms = groups[term + 1] - groups[term]
        for posting in range(n_postings):
            if new_docs[postings[first + posting] >> TF_BITS] == GONE:
                continue
            if form_starts[term] < 0:
                counts[groups[term]] += 1
                continue
            for form in range(n_forms):
                if _has_form(forms, form_starts[term], n_postings, posting, form, n_forms):
                    counts[groups[term] + form] += 1


@njit(cache=True, nogil=True)
def count_live(
    starts: Any, postings: Any, new_docs: Any, blocks: Any, block_positions: Any, positions: Any,
    live: Any, position_bytes: Any,
) -> None:  # fmt: skip
    """Count the live postings of each term of a source and the bytes of their positions.

    live, position_bytes: int64[n_terms], 0 before.
    """
    for term in range(live.shape[0]):
        at = block_positions[blocks[term]]
        for posting in range(starts[term], starts[term + 1]):
            begin = at
            while positions[at] & (MORE | LAST) != LAST:
                at += 1
            at += 1
            if new_docs[postings[posting] >> TF_BITS] != GONE:
                live[term] += 1
                position_bytes[term] += at - begin


@njit(cache=True, nogil=True)
def copy_postings(
    first: int, last: int, starts: Any, postings: Any, new_docs: Any, numbers: Any, cursors: Any,
    base: int, out: Any,
) -> None:  # fmt: skip
    """Append the live postings, with the new numbers of their documents."""
    for term in range(first, last):
        to = cursors[numbers[term]] - base
        for posting in range(starts[term], starts[term + 1]):
            packed = postings[posting]
            doc = new_docs[packed >> TF_BITS]
            if doc != GONE:
                out[to] = doc << TF_BITS | packed & 255
                to += 1
        cursors[numbers[term]] = to + base


@njit(cache=True, nogil=True)
def copy_forms(
    first: int, last: int, starts: Any, postings: Any, new_docs: Any, numbers: Any, cursors: Any,
    base: int, forms: Any, form_starts: Any, groups: Any, slots: Any,
    merged_starts: Any, merged_form_starts: Any, merged_runs: Any, out: Any,
) -> None:  # fmt: skip
    """Set the bits of live postings' forms; `cursors` counts postings within the merged term."""
    for term in range(first, last):
        number = numbers[term]
        if merged_form_starts[number] < 0:
            continue
        at = starts[term]
        n_postings = starts[term + 1] - at
        n_forms = groups[term + 1] - groups[term]
        merged = merged_starts[number + 1] - merged_starts[number]
        begin = merged_form_starts[number] - base
        to = cursors[number]
        for posting in range(n_postings):
            if new_docs[postings[at + posting] >> TF_BITS] == GONE:
                continue
            for form in range(n_forms):
                if form_starts[term] >= 0 and not _has_form(
                    forms, form_starts[term], n_postings, posting, form, n_forms
                ):
                    continue
                slot = np.int64(slots[groups[term] + form])
                out[begin + to] |= 1 << min(slot, 7)
                if slot >= 7 and merged_runs[number] > 1:
                    later = begin + (1 + (slot - 7) // 8) * merged + to
                    out[later] |= 1 << (slot - 7 & 7)
            to += 1
        cursors[number] = to


@njit(cache=True, nogil=True)
def copy_positions(
    first: int, last: int, starts: Any, postings: Any, new_docs: Any, numbers: Any, cursors: Any,
    base: int, positions: Any, blocks: Any, block_positions: Any,
    merged: Any, merged_blocks: Any, merged_block_positions: Any, block: int, out: Any,
) -> None:  # fmt: skip
    """Append the positions of live postings, and note where blocks of `block` postings begin.

    `cursors` counts bytes; merged: int64[n_terms], postings that each merged term has so far.
    """
    for term in range(first, last):
        number = numbers[term]
        at = block_positions[blocks[term]]
        to = cursors[number] - base
        done = merged[number]
        for posting in range(starts[term], starts[term + 1]):
            live = new_docs[postings[posting] >> TF_BITS] != GONE
            if live:
                if done % block == 0:
                    merged_block_positions[merged_blocks[number] + done // block] = to + base
                done += 1
            while True:
                byte = positions[at]
                at += 1
                if live:
                    out[to] = byte
                    to += 1
                if byte & (MORE | LAST) == LAST:
                    break
        cursors[number] = to + base
        merged[number] = done
