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

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.arrays cimport (
    f32, f32_out, i64, room, rows_of, size_of, trailing_zeros, u8, u32, u32_out,
)
from indexer.layout cimport TF_BITS

__all__ = [
    "NARROW", "WINDOW", "conjunction", "count_live", "dense_conjunction", "disjunction",
    "keep_common", "keep_live", "score_postings",
]

cdef int64_t _BEYOND = 1 << 40


cdef Texts text_of(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lengths, cnp.ndarray norm
) except *:
    """Return the checked arrays of a field."""
    cdef Texts text
    text.postings = u32(postings)
    text.forms = u8(forms)
    text.lengths = u8(lengths)
    text.norm = f32(norm) if size_of(norm) else NULL
    return text


def conjunction(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lengths, cnp.ndarray norm,
    cnp.ndarray xdocs, cnp.ndarray xscores, cnp.ndarray lists, cnp.ndarray groups,
    cnp.ndarray weights, bint scored, cnp.ndarray out_docs, cnp.ndarray out_scores,
):
    """Write the documents that are in a list of every group, ascending, with their scores.

    `groups`: int64[n + 1], the lists [groups[g], groups[g + 1]) are those of group g: one, or the
    terms of one word in several languages, which count as one with the sum of their frequencies.
    `weights`: float32[n, 2]. `out_docs` takes as many as the shortest group has; `out_scores` too
    when `scored`. Deleted documents are among them: `keep_live` comes last. Returns how many.
    """
    cdef Texts text = text_of(postings, forms, lengths, norm)
    cdef int64_t n = rows_of(groups) - 1, n_lists = rows_of(lists), found
    cdef const Row* rows_ = rows(lists)
    cdef const int64_t* groups_ = i64(groups)
    cdef const uint32_t* xdocs_ = u32(xdocs)
    cdef const float* xscores_ = f32(xscores)
    cdef const float* weights_ = f32(weights)
    cdef uint32_t* docs = u32_out(out_docs)
    cdef float* scores = f32_out(out_scores) if scored else NULL
    cdef int64_t* scratch = <int64_t*> room((2 * n + 2 * n_lists) * sizeof(int64_t))
    with nogil:
        found = _conjunction(
            &text, xdocs_, xscores_, rows_, n_lists, groups_, n, weights_, scratch, docs, scores
        )
    free(scratch)
    return found


cdef int64_t _conjunction(
    const Texts* text, const uint32_t* xdocs, const float* xscores, const Row* lists,
    int64_t n_lists, const int64_t* groups, int64_t n, const float* weights, int64_t* scratch,
    uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    cdef int64_t* sizes = scratch
    cdef int64_t* order = scratch + n
    cdef int64_t* at = scratch + 2 * n
    cdef int64_t* current = at + n_lists  # the document at each list's place
    cdef int64_t found = 0, doc = 0, nearest, here, end, total, group, which, j, agreed
    cdef float score, part, tf
    cdef bint exact
    cdef const uint32_t* postings = text.postings
    for which in range(n_lists):
        at[which] = lists[which].first
        current[which] = -1
    for group in range(n):
        sizes[group] = 0
        for which in range(groups[group], groups[group + 1]):
            sizes[group] += lists[which].last - lists[which].first
        j = group
        while j > 0 and sizes[order[j - 1]] > sizes[group]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = group
    while True:
        agreed = 0
        for j in range(n):
            group = order[j]
            nearest = _BEYOND
            for which in range(groups[group], groups[group + 1]):
                if current[which] < doc:
                    end = lists[which].last
                    here = at[which]
                    if lists[which].source:
                        here = leap(xdocs, here, end, doc)
                        current[which] = xdocs[here] if here < end else _BEYOND
                    else:
                        here = leap(postings, here, end, doc << TF_BITS)
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
        out_docs[found] = <uint32_t> doc
        if out_scores != NULL:
            score = 0
            part = text.norm[text.lengths[doc]] if text.norm != NULL else 0
            for group in range(n):
                total = 0
                exact = False
                for which in range(groups[group], groups[group + 1]):
                    here = at[which]
                    if current[which] != doc:
                        continue
                    if lists[which].source:
                        score += xscores[here]
                        continue
                    total += postings[here] & 255
                    if has_form(&lists[which], text.forms, here):
                        exact = True
                if total:
                    tf = <float> min(total, 255)
                    score += weights[2 * group + (0 if exact else 1)] * (tf / (tf + part))
            out_scores[found] = score
        found += 1
        doc += 1


cdef void score_window(
    const Texts* text, const Row* lists, const int64_t* groups, int64_t n_groups,
    int64_t n_lists, const int64_t* at, const int64_t* ends, const float* weights, int64_t first,
    int64_t size, const uint16_t* numbers, uint32_t* places, uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    """Write the scores of the `size` documents of a window, `out_docs`, from their postings.

    `at`, `ends`: int64[n_lists], the postings of each list in the window; `first`: its first
    document. `numbers`: uint16[NARROW], of each document its number among the matches, NARROW where
    it is none. `places`: uint32[n_lists, NARROW + 1], memory for where each match is in each list.
    """
    cdef uint32_t absent = 0xFFFFFFFFu
    cdef int64_t which, i, here, group, total, place
    cdef float part, score, tf
    cdef bint exact
    cdef const uint32_t* postings = text.postings
    cdef uint32_t* row
    for which in range(n_lists):
        row = places + which * (NARROW + 1)
        for i in range(size):
            row[i] = absent
        for here in range(at[which], ends[which]):
            row[numbers[(postings[here] >> TF_BITS) - first]] = <uint32_t> here
    for i in range(size):
        part = text.norm[text.lengths[out_docs[i]]]
        score = 0
        for group in range(n_groups):
            total = 0
            exact = False
            for which in range(groups[group], groups[group + 1]):
                row = places + which * (NARROW + 1)
                if row[i] == absent:
                    continue
                place = row[i]
                total += postings[place] & 255
                if has_form(&lists[which], text.forms, place):
                    exact = True
            tf = <float> min(total, 255)
            score += weights[2 * group + (0 if exact else 1)] * (tf / (tf + part))
        out_scores[i] = score


def dense_conjunction(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lengths, cnp.ndarray norm,
    cnp.ndarray lists, cnp.ndarray groups, int64_t lead, cnp.ndarray weights, bint scored,
    cnp.ndarray out_docs, cnp.ndarray out_scores,
):
    """As `conjunction`, for lists of source 0 that are about as long as one another.

    Leaping from list to list costs an unpredictable branch for each posting. Here each group in
    turn raises the marks of the documents that all groups before it have raised, window by window,
    without a branch. `lead` is a group of one list. `out_docs` takes one more than there can be.
    """
    cdef Texts text = text_of(postings, forms, lengths, norm)
    cdef int64_t n = rows_of(groups) - 1, n_lists = rows_of(lists), found
    cdef const Row* rows_ = rows(lists)
    cdef const int64_t* groups_ = i64(groups)
    cdef const float* weights_ = f32(weights)
    cdef uint32_t* docs = u32_out(out_docs)
    cdef float* scores = f32_out(out_scores) if scored else NULL
    cdef int64_t* places = <int64_t*> room(
        2 * n_lists * sizeof(int64_t)
        + (n_lists * (NARROW + 1) * sizeof(uint32_t) if scored else 0)
    )
    with nogil:
        found = _dense_conjunction(
            &text, rows_, n_lists, groups_, n, lead, weights_, places, docs, scores
        )
    free(places)
    return found


cdef int64_t _dense_conjunction(
    const Texts* text, const Row* lists, int64_t n_lists, const int64_t* groups, int64_t n,
    int64_t lead, const float* weights, int64_t* scratch, uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    cdef uint8_t marks[NARROW]
    cdef uint16_t numbers[NARROW]  # the number of each match in the window
    cdef int64_t* at = scratch
    cdef int64_t* ends = scratch + n_lists
    cdef uint32_t* places = <uint32_t*> (scratch + 2 * n_lists)  # where it is in each list
    cdef int64_t lead_list = groups[lead], found = 0, first, limit, which, here, slot, size, group
    cdef uint8_t stage
    cdef bint match
    cdef const uint32_t* postings = text.postings
    memset(marks, 0, sizeof(marks))
    for slot in range(NARROW):
        numbers[slot] = NARROW
    for which in range(n_lists):
        at[which] = lists[which].first
    while at[lead_list] < lists[lead_list].last:
        first = postings[at[lead_list]] >> TF_BITS
        limit = first + NARROW
        for which in range(n_lists):
            at[which] = leap(postings, at[which], lists[which].last, first << TF_BITS)
            ends[which] = leap(postings, at[which], lists[which].last, limit << TF_BITS)
        for here in range(at[lead_list], ends[lead_list]):
            marks[(postings[here] >> TF_BITS) - first] = 1
        stage = 1
        for group in range(n):
            if group == lead:
                continue
            for which in range(groups[group], groups[group + 1]):
                for here in range(at[which], ends[which]):
                    slot = (postings[here] >> TF_BITS) - first
                    marks[slot] = marks[slot] + (marks[slot] == stage)
            stage += 1
        size = 0
        for here in range(at[lead_list], ends[lead_list]):
            slot = (postings[here] >> TF_BITS) - first
            match = marks[slot] == stage
            numbers[slot] = <uint16_t> size if match else <uint16_t> NARROW
            out_docs[found + size] = postings[here] >> TF_BITS
            size += match
        if out_scores != NULL and size:
            score_window(
                text, lists, groups, n, n_lists, at, ends, weights, first, size, numbers, places,
                out_docs + found, out_scores + found,
            )
        found += size
        for here in range(at[lead_list], ends[lead_list]):
            slot = (postings[here] >> TF_BITS) - first
            marks[slot] = 0
            numbers[slot] = NARROW
        for which in range(n_lists):
            at[which] = ends[which]
    return found


def disjunction(
    cnp.ndarray postings, cnp.ndarray forms, cnp.ndarray lengths, cnp.ndarray norm,
    cnp.ndarray xdocs, cnp.ndarray xscores, cnp.ndarray lists, cnp.ndarray weights, bint scored,
    int64_t least, cnp.ndarray out_docs, cnp.ndarray out_scores,
):
    """Write the documents that are in `least` of the lists or more; as `conjunction` otherwise.

    `weights`: float32[n_lists, 2]. `out_docs` takes one more than there are documents in the
    segment, or postings in all lists. Loops over one kind of posting each, their ends found before,
    take three quarters of the time of one loop for all kinds.
    """
    cdef Texts text = text_of(postings, forms, lengths, norm)
    cdef int64_t n = rows_of(lists), found
    cdef const Row* rows_ = rows(lists)
    cdef const uint32_t* xdocs_ = u32(xdocs)
    cdef const float* xscores_ = f32(xscores)
    cdef const float* weights_ = f32(weights)
    cdef uint32_t* docs = u32_out(out_docs)
    cdef float* scores = f32_out(out_scores) if scored else NULL
    cdef int64_t* at = <int64_t*> room(n * sizeof(int64_t))
    with nogil:
        found = _disjunction(
            &text, xdocs_, xscores_, rows_, n, weights_, least, at, docs, scores
        )
    free(at)
    return found


cdef int64_t _disjunction(
    const Texts* text, const uint32_t* xdocs, const float* xscores, const Row* lists, int64_t n,
    const float* weights, int64_t least, int64_t* at, uint32_t* out_docs, float* out_scores,
) noexcept nogil:
    cdef float sums[WINDOW]
    cdef uint16_t counts[WINDOW]
    cdef uint64_t touched[WINDOW >> 6]
    cdef int64_t found = 0, first, base, limit, reach, which, begin, end, here, slot, doc, index
    cdef int64_t form, bit
    cdef float weight, other, tf, part
    cdef uint64_t word
    cdef bint scored = out_scores != NULL
    cdef const uint32_t* postings = text.postings
    cdef const uint8_t* forms = text.forms
    cdef const uint8_t* lengths = text.lengths
    cdef const float* norm = text.norm
    memset(sums, 0, sizeof(sums))
    if least > 1:
        memset(counts, 0, sizeof(counts))
    memset(touched, 0, sizeof(touched))
    for which in range(n):
        at[which] = lists[which].first
    while True:
        first = _BEYOND
        for which in range(n):
            if at[which] < lists[which].last:
                if lists[which].source:
                    first = min(first, <int64_t> xdocs[at[which]])
                else:
                    first = min(first, <int64_t> (postings[at[which]] >> TF_BITS))
        if first == _BEYOND:
            return found
        base = first & ~(<int64_t> 63)
        limit = base + WINDOW
        reach = -1
        for which in range(n):
            begin = at[which]
            if lists[which].source:
                end = leap(xdocs, begin, lists[which].last, limit)
                for here in range(begin, end):
                    slot = xdocs[here] - base
                    if scored:
                        sums[slot] += xscores[here]
                    touched[slot >> 6] |= <uint64_t> 1 << (slot & 63)
                if least > 1:
                    for here in range(begin, end):
                        counts[xdocs[here] - base] += 1
                if end > begin:
                    reach = max(reach, xdocs[end - 1] - base)
                at[which] = end
                continue
            end = leap(postings, begin, lists[which].last, limit << TF_BITS)
            other = weights[2 * which + 1]
            weight = other if lists[which].form_at == -2 else weights[2 * which]
            if scored and lists[which].form_at >= 0:
                form = lists[which].form_at - lists[which].first
                bit = lists[which].form_bit
                for here in range(begin, end):
                    doc = postings[here] >> TF_BITS
                    slot = doc - base
                    tf = <float> (postings[here] & 255)
                    part = tf / (tf + norm[lengths[doc]])
                    sums[slot] += (weight if forms[form + here] & bit else other) * part
                    touched[slot >> 6] |= <uint64_t> 1 << (slot & 63)
            elif scored:
                for here in range(begin, end):
                    doc = postings[here] >> TF_BITS
                    slot = doc - base
                    tf = <float> (postings[here] & 255)
                    sums[slot] += weight * (tf / (tf + norm[lengths[doc]]))
                    touched[slot >> 6] |= <uint64_t> 1 << (slot & 63)
            else:
                for here in range(begin, end):
                    slot = (postings[here] >> TF_BITS) - base
                    touched[slot >> 6] |= <uint64_t> 1 << (slot & 63)
            if least > 1:
                for here in range(begin, end):
                    counts[(postings[here] >> TF_BITS) - base] += 1
            if end > begin:
                reach = max(reach, (postings[end - 1] >> TF_BITS) - base)
            at[which] = end
        for index in range((reach >> 6) + 1):
            word = touched[index]
            touched[index] = 0
            while word:
                slot = (index << 6) + trailing_zeros(word)
                word &= word - 1
                out_docs[found] = <uint32_t> (base + slot)
                if scored:
                    out_scores[found] = sums[slot]
                    sums[slot] = 0
                if least > 1:
                    found += counts[slot] >= least
                    counts[slot] = 0
                else:
                    found += 1


def score_postings(
    cnp.ndarray postings, int64_t first, int64_t last, cnp.ndarray forms, int64_t form_at,
    int64_t form_bit, cnp.ndarray lengths, cnp.ndarray norm, float weight, float other,
    bint scored, cnp.ndarray out_docs, cnp.ndarray out_scores,
):
    """Write the documents of the postings [first, last) of one list, and their scores if `scored`.

    `forms`, with `form_at` and `form_bit`, says which postings have the exact form.
    """
    cdef Texts text = text_of(postings, forms, lengths, norm)
    cdef uint32_t* docs = u32_out(out_docs)
    cdef float* scores = f32_out(out_scores) if scored else NULL
    cdef int64_t i
    cdef uint32_t packed, doc
    cdef float tf
    cdef bint whole
    with nogil:
        for i in range(last - first):
            packed = text.postings[first + i]
            doc = packed >> TF_BITS
            docs[i] = doc
            if scores != NULL:
                tf = <float> (packed & 255)
                whole = form_at == -1 or (form_at >= 0 and text.forms[form_at + i] & form_bit)
                scores[i] = (weight if whole else other) * (
                    tf / (tf + text.norm[text.lengths[doc]])
                )


def keep_live(
    cnp.ndarray docs, cnp.ndarray scores, cnp.ndarray live, cnp.ndarray out_docs,
    cnp.ndarray out_scores,
):
    """Write the documents that are not deleted, with their scores where there are any."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const float* scores_ = f32(scores) if size_of(scores) else NULL
    cdef const uint8_t* live_ = u8(live)
    cdef uint32_t* kept = u32_out(out_docs)
    cdef float* kept_scores = f32_out(out_scores)
    cdef int64_t found = 0, i, n = size_of(docs)
    with nogil:
        for i in range(n):
            if live_[docs_[i]]:
                kept[found] = docs_[i]
                if scores_ != NULL:
                    kept_scores[found] = scores_[i]
                found += 1
    return found


def keep_common(
    cnp.ndarray docs, cnp.ndarray scores, cnp.ndarray others, bint common, cnp.ndarray out_docs,
    cnp.ndarray out_scores,
):
    """Write the documents that are among `others` (or, not `common`, that are not)."""
    cdef const uint32_t* docs_ = u32(docs)
    cdef const float* scores_ = f32(scores) if size_of(scores) else NULL
    cdef const uint32_t* others_ = u32(others)
    cdef uint32_t* kept = u32_out(out_docs)
    cdef float* kept_scores = f32_out(out_scores)
    cdef int64_t found = 0, at = 0, i, n = size_of(docs), n_others = size_of(others)
    with nogil:
        for i in range(n):
            at = leap(others_, at, n_others, docs_[i])
            if (at < n_others and others_[at] == docs_[i]) == common:
                kept[found] = docs_[i]
                if scores_ != NULL:
                    kept_scores[found] = scores_[i]
                found += 1
    return found


def count_live(cnp.ndarray postings, cnp.ndarray live):
    """Return how many packed postings are of documents that are not deleted."""
    cdef const uint32_t* postings_ = u32(postings)
    cdef const uint8_t* live_ = u8(live)
    cdef int64_t found = 0, i, n = size_of(postings)
    with nogil:
        for i in range(n):
            found += live_[postings_[i] >> TF_BITS]
    return found
