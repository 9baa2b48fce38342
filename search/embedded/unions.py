"""Kernels that merge postings of several terms into one list: synonyms, and words of a pattern.

Rows of `lists`, and what makes a posting's form exact, are those of `search.embedded.postings`,
source 0 only.
"""

# mypy: disable-error-code="no-any-return, return-value, arg-type, call-arg, unreachable"

from __future__ import annotations

import numpy as np

from corpus.kernels import njit
from indexer.segment import TF_BITS
from search.embedded.bits import trailing_zeros
from search.embedded.postings import WINDOW, gallop
from search.embedded.typing import F32, I64, U8, U32, U64

__all__ = ["apart", "mark_postings", "score_synonyms", "union_postings"]


@njit(cache=True, nogil=True)
def union_postings(
    postings: U32, forms: U8, lists: I64, out_postings: U32, out_exact: U8
) -> int:
    """Merge postings of several terms as if they were one; return how many documents there are.

    Rows of `lists` as above, source 0 only.
    `out_postings`: packed, with the sum of term frequencies, 255 at most; `out_exact`: 1 where any
    has the form.
    """
    n = lists.shape[0]
    at = lists[:, 1].copy()
    sums = np.zeros(WINDOW, np.uint32)
    exact = np.zeros(WINDOW, np.uint8)
    touched = np.zeros(WINDOW // 64, np.uint64)
    found = 0
    while True:
        first = np.int64(1) << 40
        for which in range(n):
            if at[which] < lists[which, 2]:
                first = min(first, np.int64(postings[at[which]] >> TF_BITS))
        if first >> 40:
            return found
        base = first & ~63
        beyond = (base + WINDOW) << TF_BITS
        reach = np.int64(0)
        for which in range(n):
            here = at[which]
            end = lists[which, 2]
            form_at = lists[which, 3]
            while here < end and postings[here] < beyond:
                slot = np.int64(postings[here] >> TF_BITS) - base
                sums[slot] += postings[here] & 255
                if form_at == -1 or (
                    form_at >= 0 and forms[form_at + here - lists[which, 1]] & lists[which, 4]
                ):
                    exact[slot] = 1
                touched[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
                reach = max(reach, slot)
                here += 1
            at[which] = here
        for index in range((reach >> 6) + 1):
            word = touched[index]
            touched[index] = 0
            while word:
                slot = (index << 6) + np.int64(trailing_zeros(word))
                word &= word - np.uint64(1)
                out_postings[found] = (base + slot) << TF_BITS | min(sums[slot], 255)
                out_exact[found] = exact[slot]
                found += 1
                sums[slot] = 0
                exact[slot] = 0


@njit(cache=True, nogil=True)
def apart(postings: U32, lists: I64) -> bool:
    """Return whether no document is in two of the lists, where that is quickly seen.

    So it is with a word's stems in the languages of an archive, nearly always, since each article
    is of one; then a union may take them as words of their own. Only where one list has nearly all
    postings the others are looked for in it.
    """
    n = lists.shape[0]
    main = 0
    total = np.int64(0)
    for which in range(n):
        total += lists[which, 2] - lists[which, 1]
        if lists[which, 2] - lists[which, 1] > lists[main, 2] - lists[main, 1]:
            main = which
    if 16 * total > 17 * (lists[main, 2] - lists[main, 1]):
        return False
    for which in range(n):
        if which == main:
            continue
        for other in range(n):
            if other == main or other > which:
                here, end = lists[other, 1], lists[other, 2]
                for i in range(lists[which, 1], lists[which, 2]):
                    doc = np.int64(postings[i] >> TF_BITS)
                    here = gallop(postings, here, end, doc << TF_BITS)
                    if here < end and postings[here] >> TF_BITS == doc:
                        return False
    return True


@njit(cache=True, nogil=True)
def mark_postings(postings: U32, forms: U8, lists: I64, bits: U64) -> None:
    """Set the bit of each document in which a list has the form that it asks for.

    Rows of `lists` as above, source 0 only. `bits`: uint64[n_docs / 64, rounded up].
    """
    for which in range(lists.shape[0]):
        first, form, mask = lists[which, 1], lists[which, 3], lists[which, 4]
        for i in range(lists[which, 2] - first):
            if form == -1 or (form >= 0 and forms[form + i] & mask):
                doc = postings[first + i] >> TF_BITS
                bits[doc >> 6] |= np.uint64(1) << np.uint64(doc & 63)


@njit(cache=True, nogil=True)
def score_synonyms(
    postings: U32, forms: U8, lists: I64, lengths: U8, norm: F32, weight: float, other: float,
    scored: bool, out_docs: U32, out_scores: F32,
) -> int:  # fmt: skip
    """Merge postings of several terms as if they were one, and score them; return how many.

    As `union_postings`, for the usual case that one term has nearly all postings: a word in the
    archive's main language, with a few articles in others. Between two documents of the rarer terms
    the postings of the commonest are scored as they come, 2 ns each.
    """
    n = lists.shape[0]
    at = lists[:, 1].copy()
    main = 0
    for which in range(n):
        if lists[which, 2] - lists[which, 1] > lists[main, 2] - lists[main, 1]:
            main = which
    exact_weight, inexact_weight = np.float32(weight), np.float32(other)
    here, last = lists[main, 1], lists[main, 2]
    form, bit = lists[main, 3], lists[main, 4]
    shift = form - lists[main, 1]
    found = 0
    while True:
        rare = np.int64(1) << 40
        for which in range(n):
            if which != main and at[which] < lists[which, 2]:
                rare = min(rare, np.int64(postings[at[which]] >> TF_BITS))
        while here < last and postings[here] >> TF_BITS < rare:
            doc = postings[here] >> TF_BITS
            out_docs[found] = doc
            if scored:
                exact = forms[shift + here] & bit if form >= 0 else form == -1
                tf = np.float32(postings[here] & 255)
                score = exact_weight if exact else inexact_weight
                out_scores[found] = score * (tf / (tf + norm[lengths[doc]]))
            found += 1
            here += 1
        if rare >> 40:
            return found
        total = np.int64(0)
        any_exact = False
        if here < last and postings[here] >> TF_BITS == rare:
            total += postings[here] & 255
            any_exact = form == -1 or (form >= 0 and (forms[shift + here] & bit) != 0)
            here += 1
        for which in range(n):
            place = at[which]
            if which != main and place < lists[which, 2] and postings[place] >> TF_BITS == rare:
                total += postings[place] & 255
                own = lists[which, 3]
                if own == -1 or (
                    own >= 0 and forms[own + place - lists[which, 1]] & lists[which, 4]
                ):
                    any_exact = True
                at[which] += 1
        out_docs[found] = rare
        if scored:
            tf = np.float32(min(total, 255))
            score = exact_weight if any_exact else inexact_weight
            out_scores[found] = score * (tf / (tf + norm[lengths[rare]]))
        found += 1
