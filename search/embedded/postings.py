"""Kernels over postings: who matches, and with which score.

Two merge everything: `conjunction` leaps from list to list, driven by the shortest one;
`disjunction` adds up windows of `WINDOW` documents that stay in the first-level cache. Both take
*lists*: int64[n, 5 or more] rows (source, first, last, form_at, form_bit, ...).

- source 0 is `postings` [first, last) of the segment, packed as in `indexer.segment.TextField` and
  scored here by BM25;
- source 1 is matches that were found before, `xdocs` and `xscores` [first, last): a phrase, a group
  of synonyms, a filter with scores of 0.

`weights`: float32[n, 2], the weight of a posting whose document has the exact form that was asked
for, and of any other. Whether it has: bit `form_bit` of ``forms[form_at + i]`` for posting i of the
list; where form_at is -1, all are exact, where it is -2, none is.

The score of a posting is ``weight * tf / (tf + norm[length byte])``, with the BM25 of Robertson and
Zaragoza ("The Probabilistic Relevance Framework", 2009) folded into the two tables by `scoring`.
Scores are added in the order of the lists, whatever the kernel, so that every path and every
segment rounds alike. Kernels write to arrays of the caller and return how much they wrote.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import TF_BITS
from search.embedded.bits import trailing_zeros
from search.embedded.typing import F32, I64, U8, U16, U32

__all__ = [
    "NARROW",
    "WINDOW",
    "conjunction",
    "count_live",
    "dense_conjunction",
    "disjunction",
    "gallop",
    "keep_common",
    "keep_live",
    "score_postings",
    "score_window",
]  # fmt: skip

WINDOW = 16_384
"""Documents a window of `disjunction`: 98 KiB of sums and counts."""

NARROW = 4_096
"""Documents a window of `dense_conjunction`; larger ones need memory fresh from the system."""

_BEYOND = 1 << 40


@njit(cache=True, nogil=True)
def gallop(docs: U32, low: int, high: int, target: int) -> int:
    """Return the first i in [low, high) with docs[i] >= target, else high.

    Doubling steps, then bisection: Bentley and Yao, "An almost optimal algorithm for unbounded
    searching" (1976). What is near costs next to nothing.
    """
    if low >= high or docs[low] >= target:
        return low
    step = 1
    while low + step < high and docs[low + step] < target:
        low += step
        step <<= 1
    high = min(high, low + step)
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def conjunction(
    postings: U32, forms: U8, lengths: U8, norm: F32, xdocs: U32, xscores: F32,
    lists: I64, groups: I64, weights: F32, scored: bool, out_docs: U32, out_scores: F32,
) -> int:  # fmt: skip
    """Write the documents that are in a list of every group, ascending, with their scores.

    `groups`: int64[n + 1], the lists [groups[g], groups[g + 1]) are those of group g: one, or the
    terms of one word in several languages, which count as one with the sum of their frequencies.
    `weights`: float32[n, 2]. `out_docs` takes as many as the shortest group has; `out_scores` too
    when `scored`. Deleted documents are among them: `keep_live` comes last. Returns how many.
    """
    n = groups.size - 1
    sizes = np.zeros(n, np.int64)
    for group in range(n):
        for which in range(groups[group], groups[group + 1]):
            sizes[group] += lists[which, 2] - lists[which, 1]
    order = np.argsort(sizes, kind="mergesort")
    at = lists[:, 1].copy()
    current = np.full(lists.shape[0], -1, np.int64)  # the document at each list's place
    found = 0
    doc = np.int64(0)
    while True:
        agreed = 0
        for j in range(n):
            group = order[j]
            nearest = np.int64(_BEYOND)
            for which in range(groups[group], groups[group + 1]):
                if current[which] < doc:
                    end = lists[which, 2]
                    here = at[which]
                    if lists[which, 0]:
                        here = gallop(xdocs, here, end, doc)
                        current[which] = np.int64(xdocs[here]) if here < end else _BEYOND
                    else:
                        here = gallop(postings, here, end, doc << TF_BITS)
                        current[which] = postings[here] >> TF_BITS if here < end else _BEYOND
                    at[which] = here
                nearest = min(nearest, current[which])
            if nearest == _BEYOND:
                return found
            if nearest != doc:
                doc = nearest
                if j:
                    break
            agreed += 1
        if agreed < n:
            continue
        out_docs[found] = doc
        if scored:
            score = np.float32(0.0)
            part = norm[lengths[doc]] if norm.size else np.float32(0.0)
            for group in range(n):
                total = np.int64(0)
                exact = False
                for which in range(groups[group], groups[group + 1]):
                    here = at[which]
                    if current[which] != doc:
                        continue
                    if lists[which, 0]:
                        score += xscores[here]
                        continue
                    total += postings[here] & 255
                    form = lists[which, 3]
                    if form == -1 or (
                        form >= 0 and forms[form + here - lists[which, 1]] & lists[which, 4]
                    ):
                        exact = True
                if total:
                    tf = np.float32(min(total, 255))
                    score += (weights[group, 0] if exact else weights[group, 1]) * (
                        tf / (tf + part)
                    )
            out_scores[found] = score
        found += 1
        doc += 1


@njit(cache=True, nogil=True)
def score_window(
    postings: U32, forms: U8, lengths: U8, norm: F32, lists: I64, groups: I64, at: I64, ends: I64,
    weights: F32, first: int, size: int, numbers: U16, places: U32, out_docs: U32,
    out_scores: F32, found: int,
) -> None:  # fmt: skip
    """Write the scores of the `size` documents of a window, out_docs[found:], from their postings.

    `at`, `ends`: int64[n_lists], the postings of each list in the window; `first`: its first
    document. `numbers`: uint16[NARROW], of each document its number among the matches, NARROW where
    it is none. `places`: uint32[n_lists, NARROW + 1], memory for where each match is in each list.
    """
    absent = np.uint32(0xFFFFFFFF)
    for which in range(lists.shape[0]):
        for i in range(size):
            places[which, i] = absent
        for here in range(at[which], ends[which]):
            places[which, numbers[(postings[here] >> TF_BITS) - first]] = here
    for i in range(size):
        part = norm[lengths[out_docs[found + i]]]
        score = np.float32(0.0)
        for group in range(groups.size - 1):
            total = 0
            exact = False
            for which in range(groups[group], groups[group + 1]):
                if places[which, i] == absent:
                    continue
                place = np.int64(places[which, i])
                total += postings[place] & 255
                form = lists[which, 3]
                if form == -1 or (
                    form >= 0 and forms[form + place - lists[which, 1]] & lists[which, 4]
                ):
                    exact = True
            tf = np.float32(min(total, 255))
            weight = weights[group, 0] if exact else weights[group, 1]
            score += weight * (tf / (tf + part))
        out_scores[found + i] = score


@njit(cache=True, nogil=True)
def dense_conjunction(
    postings: U32, forms: U8, lengths: U8, norm: F32, lists: I64, groups: I64, lead: int,
    weights: F32, scored: bool, out_docs: U32, out_scores: F32,
) -> int:  # fmt: skip
    """As `conjunction`, for lists of source 0 that are about as long as one another.

    Leaping from list to list costs a branch that no processor foresees for each posting. Here each
    group in turn raises the marks of the documents that all groups before it have raised, window by
    window, without a branch: 1 ns a posting in place of 10 to 20. `lead` is a group of one list.
    `out_docs` takes one more than there can be.
    """
    n = groups.size - 1
    n_lists = lists.shape[0]
    at = lists[:, 1].copy()
    ends = np.empty(n_lists, np.int64)
    marks = np.zeros(NARROW, np.uint8)
    numbers = np.full(NARROW, NARROW, np.uint16)  # the number of each match in the window
    places = np.empty((n_lists, NARROW + 1), np.uint32)  # where it is in each list
    lead_list = groups[lead]
    found = 0
    while at[lead_list] < lists[lead_list, 2]:
        first = np.int64(postings[at[lead_list]] >> TF_BITS)
        limit = first + NARROW
        for which in range(n_lists):
            at[which] = gallop(postings, at[which], lists[which, 2], first << TF_BITS)
            ends[which] = gallop(postings, at[which], lists[which, 2], limit << TF_BITS)
        for here in range(at[lead_list], ends[lead_list]):
            marks[(postings[here] >> TF_BITS) - first] = 1
        stage = 1
        for group in range(n):
            if group == lead:
                continue
            for which in range(groups[group], groups[group + 1]):
                for here in range(at[which], ends[which]):
                    slot = (postings[here] >> TF_BITS) - first
                    marks[slot] += marks[slot] == stage
            stage += 1
        size = 0
        for here in range(at[lead_list], ends[lead_list]):
            slot = (postings[here] >> TF_BITS) - first
            match = marks[slot] == n
            numbers[slot] = size if match else NARROW
            out_docs[found + size] = postings[here] >> TF_BITS
            size += int(match)
        if scored and size:
            score_window(
                postings, forms, lengths, norm, lists, groups, at, ends, weights, first, size,
                numbers, places, out_docs, out_scores, found,
            )  # fmt: skip
        found += size
        for here in range(at[lead_list], ends[lead_list]):
            slot = (postings[here] >> TF_BITS) - first
            marks[slot] = 0
            numbers[slot] = NARROW
        for which in range(n_lists):
            at[which] = ends[which]
    return found


@njit(cache=True, nogil=True)
def disjunction(
    postings: U32, forms: U8, lengths: U8, norm: F32, xdocs: U32, xscores: F32, lists: I64,
    weights: F32, scored: bool, least: int, out_docs: U32, out_scores: F32,
) -> int:  # fmt: skip
    """Write the documents that are in `least` of the lists or more; as `conjunction` otherwise.

    `weights`: float32[n_lists, 2]. `out_docs` takes one more than there are documents in the
    segment, or postings in all lists. Loops over one kind of posting each, their ends found before,
    take three quarters of the time of one loop for all kinds.
    """
    n = lists.shape[0]
    at = lists[:, 1].copy()
    sums = np.zeros(WINDOW, np.float32)
    counts = np.zeros(WINDOW if least > 1 else 1, np.uint16)
    touched = np.zeros(WINDOW // 64, np.uint64)
    found = 0
    while True:
        first = np.int64(1) << 40
        for which in range(n):
            if at[which] < lists[which, 2]:
                if lists[which, 0]:
                    first = min(first, np.int64(xdocs[at[which]]))
                else:
                    first = min(first, np.int64(postings[at[which]] >> TF_BITS))
        if first >> 40:
            return found
        base = first & ~63
        limit = base + WINDOW
        reach = np.int64(-1)
        for which in range(n):
            begin = at[which]
            if lists[which, 0]:
                end = gallop(xdocs, begin, lists[which, 2], limit)
                for here in range(begin, end):
                    slot = np.int64(xdocs[here]) - base
                    if scored:
                        sums[slot] += xscores[here]
                    touched[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
                if least > 1:
                    for here in range(begin, end):
                        counts[np.int64(xdocs[here]) - base] += 1
                if end > begin:
                    reach = max(reach, np.int64(xdocs[end - 1]) - base)
                at[which] = end
                continue
            end = gallop(postings, begin, lists[which, 2], limit << TF_BITS)
            other = weights[which, 1]
            weight = other if lists[which, 3] == -2 else weights[which, 0]
            if scored and lists[which, 3] >= 0:
                form, bit = lists[which, 3] - lists[which, 1], lists[which, 4]
                for here in range(begin, end):
                    doc = np.int64(postings[here] >> TF_BITS)
                    slot = doc - base
                    tf = np.float32(postings[here] & 255)
                    part = tf / (tf + norm[lengths[doc]])
                    sums[slot] += (weight if forms[form + here] & bit else other) * part
                    touched[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
            elif scored:
                for here in range(begin, end):
                    doc = np.int64(postings[here] >> TF_BITS)
                    slot = doc - base
                    tf = np.float32(postings[here] & 255)
                    sums[slot] += weight * (tf / (tf + norm[lengths[doc]]))
                    touched[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
            else:
                for here in range(begin, end):
                    slot = np.int64(postings[here] >> TF_BITS) - base
                    touched[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
            if least > 1:
                for here in range(begin, end):
                    counts[np.int64(postings[here] >> TF_BITS) - base] += 1
            if end > begin:
                reach = max(reach, np.int64(postings[end - 1] >> TF_BITS) - base)
            at[which] = end
        for index in range((reach >> 6) + 1):
            word = touched[index]
            touched[index] = 0
            while word:
                slot = (index << 6) + np.int64(trailing_zeros(word))
                word &= word - np.uint64(1)
                out_docs[found] = base + slot
                if scored:
                    out_scores[found] = sums[slot]
                    sums[slot] = 0
                if least > 1:
                    found += counts[slot] >= least
                    counts[slot] = 0
                else:
                    found += 1


@njit(cache=True, nogil=True)
def score_postings(
    postings: U32, first: int, last: int, forms: U8, form_at: int, form_bit: int, lengths: U8,
    norm: F32, weight: float, other: float, scored: bool, out_docs: U32, out_scores: F32,
) -> None:  # fmt: skip
    """Write the documents of the postings [first, last) of one list, and their scores if `scored`.

    `forms`, with `form_at` and `form_bit`, says which postings have the exact form.
    """
    for i in range(last - first):
        packed = postings[first + i]
        doc = packed >> TF_BITS
        out_docs[i] = doc
        if scored:
            tf = np.float32(packed & 255)
            whole = form_at == -1 or (form_at >= 0 and forms[form_at + i] & form_bit)
            share = tf / (tf + norm[lengths[doc]])
            out_scores[i] = np.float32(weight if whole else other) * share


@njit(cache=True, nogil=True)
def keep_live(docs: U32, scores: F32, live: U8, out_docs: U32, out_scores: F32) -> int:
    """Write the documents that are not deleted, with their scores where there are any."""
    found = 0
    for i in range(docs.size):
        if live[docs[i]]:
            out_docs[found] = docs[i]
            if scores.size:
                out_scores[found] = scores[i]
            found += 1
    return found


@njit(cache=True, nogil=True)
def keep_common(
    docs: U32, scores: F32, others: U32, common: bool, out_docs: U32, out_scores: F32
) -> int:
    """Write the documents that are among `others` (or, not `common`, that are not)."""
    found = 0
    at = 0
    for i in range(docs.size):
        at = gallop(others, at, others.size, docs[i])
        if (at < others.size and others[at] == docs[i]) == common:
            out_docs[found] = docs[i]
            if scores.size:
                out_scores[found] = scores[i]
            found += 1
    return found


@njit(cache=True, nogil=True)
def count_live(postings: U32, live: U8) -> int:
    """Return how many packed postings are of documents that are not deleted."""
    found = 0
    for i in range(postings.size):
        found += live[postings[i] >> TF_BITS]
    return found
