"""Kernels over postings: who matches, and with which score.

Two merge everything: `intersect` leaps from list to list, driven by the shortest one; `unite` adds
up windows of `WINDOW` documents that stay in the first-level cache. Both take a field of a segment,
and words and matches of a query, see `search.embedded.execute.operands`, and return matches,
deleted documents among them: `keep_live` comes last.

Scores are added in the order of the lists, whatever the kernel, so that every path and every
segment rounds alike.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memset

cimport numpy as cnp
from corpus.core.arrays cimport i64, room, size_of, trailing_zeros, u8, u32
from indexer.segment.layout cimport TF_BITS
from search.embedded.execute.operands cimport (
    Field, FieldReader, Given, Lists, Matches, PostingList, Query, Room, Term, has_form, room_for,
)


cdef int64_t _BEYOND = 1 << 40

cpdef enum:
    # How many times the shortest list all may hold for every posting to be read: so there are fewer
    # lists, each of which has a bit of `Window.marks`.
    DENSE = 16


def intersect(FieldReader reader not None, list words, list found, bint scored):
    """Return the documents that all `words` and all matches `found` have in common, with scores.

    There are two at least. Leaping from list to list costs an unpredictable branch for each
    posting; where lists are about as long as one another, all of them are read instead.
    """
    cdef Lists lists = Lists()
    cdef const Field* field = reader.postings()
    cdef const Query* query = &lists.query
    cdef int64_t smallest = _BEYOND, total = 0, lead = -1, group, which, size, n
    cdef Term word
    cdef Matches matches
    cdef Room out
    cdef int64_t* memory
    cdef Window window
    for word in words:
        lists.add_word(reader, word)
    for matches in found:
        lists.add_matches(matches)
    for group in range(query.n):
        size = 0
        for which in range(query.groups[group], query.groups[group + 1]):
            size += query.lists[which].last - query.lists[which].first
        smallest = min(smallest, size)
        total += size
        if lead < 0 and query.groups[group + 1] - query.groups[group] == 1 and group < len(words):
            lead = group
    out = room_for(smallest + 1, scored)
    if lead < 0 or total >= DENSE * smallest:
        memory = <int64_t*> room(2 * (query.n + query.n_lists) * sizeof(int64_t))
        with nogil:
            n = _conjunction(field, query, memory, out.docs, out.scores)
    else:
        open_windows(&window, field, query, lead, scored, False)
        memory = <int64_t*> window.memory
        with nogil:
            n = _dense_conjunction(&window, out.docs, out.scores)
    free(memory)
    return out.matches(n)


cdef int64_t _conjunction(
    const Field* field, const Query* query, int64_t* scratch, uint32_t* out_docs,
    float* out_scores,
) noexcept nogil:
    cdef int64_t n = query.n, n_lists = query.n_lists
    cdef int64_t* sizes = scratch
    cdef int64_t* order = scratch + n
    cdef int64_t* at = scratch + 2 * n
    cdef int64_t* current = at + n_lists  # the document at each list's place
    cdef int64_t found = 0, doc = 0, nearest, here, end, total, group, which, j, agreed
    cdef float score, part, tf
    cdef bint exact
    cdef const uint32_t* postings = field.postings
    cdef const PostingList* lists = query.lists
    cdef const int64_t* groups = query.groups
    cdef const float* weights = query.weights
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
                    if lists[which].docs != NULL:
                        here = leap(lists[which].docs, here, end, doc)
                        current[which] = lists[which].docs[here] if here < end else _BEYOND
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
            part = query.norm[field.lengths[doc]] if query.norm != NULL else 0
            for group in range(n):
                total = 0
                exact = False
                for which in range(groups[group], groups[group + 1]):
                    here = at[which]
                    if current[which] != doc:
                        continue
                    if lists[which].docs != NULL:
                        score += lists[which].scores[here] if lists[which].scores != NULL else 0
                        continue
                    total += postings[here] & 255
                    if has_form(&lists[which], field.forms, here):
                        exact = True
                if total:
                    tf = <float> min(total, 255)
                    score += weights[2 * group + (0 if exact else 1)] * (tf / (tf + part))
            out_scores[found] = score
        found += 1
        doc += 1


cdef int open_windows(
    Window* window, const Field* field, const Query* query, int64_t lead, bint placed, bint written
) except -1:
    """Begin to look for what all groups have, or, `written`, have in the form that is asked for.

    `lead` is a group of one list. With `placed`, there is room for places. The caller gives
    `memory` back.
    """
    cdef int64_t which, slot
    window.field, window.query, window.written = field, query, written
    window.lead = query.groups[lead]
    window.memory = room(
        query.n_lists
        * (2 * sizeof(int64_t) + ((NARROW + 1) * sizeof(uint32_t) if placed else 0))
    )
    window.at = <int64_t*> window.memory
    window.ends = window.at + query.n_lists
    window.places = <uint32_t*> (window.ends + query.n_lists)
    for which in range(query.n_lists):
        window.at[which] = window.ends[which] = query.lists[which].first
    for slot in range(NARROW):
        window.numbers[slot] = NARROW
    return 0


cdef bint next_window(Window* window, uint32_t* docs) noexcept nogil:
    """Write the documents of the next window that all groups have; False where there are none.

    Each posting sets the bit of its group, without a branch. One place more is written to than
    there are documents.
    """
    cdef const PostingList* lists = window.query.lists
    cdef const int64_t* groups = window.query.groups
    cdef const uint32_t* postings = window.field.postings
    cdef int64_t* at = window.at
    cdef int64_t* ends = window.ends
    cdef uint16_t* marks = window.marks
    cdef int64_t lead = window.lead, first = window.first, size, limit, which, here, slot, group
    cdef uint16_t every = <uint16_t> ((1 << window.query.n) - 1)
    cdef bint match
    while True:
        memset(marks, 0, sizeof(window.marks))
        for here in range(at[lead], ends[lead]):
            window.numbers[(postings[here] >> TF_BITS) - first] = NARROW
        for which in range(window.query.n_lists):
            at[which] = ends[which]
        if at[lead] >= lists[lead].last:
            return False
        window.first = first = postings[at[lead]] >> TF_BITS
        limit = first + NARROW
        for which in range(window.query.n_lists):
            at[which] = _leap_to(window, which, at[which], first)
            ends[which] = _leap_to(window, which, at[which], limit)
        for group in range(window.query.n):
            for which in range(groups[group], groups[group + 1]):
                _mark(window, which, group)
        size = 0
        for here in range(at[lead], ends[lead]):
            slot = (postings[here] >> TF_BITS) - first
            match = marks[slot] == every
            window.numbers[slot] = <uint16_t> size if match else <uint16_t> NARROW
            docs[size] = postings[here] >> TF_BITS
            size += match
        if size:
            window.size = size
            return True


cdef inline int64_t _leap_to(
    const Window* window, int64_t which, int64_t low, int64_t doc
) noexcept nogil:
    """Return where a list has the first document from one on."""
    cdef const PostingList* row = &window.query.lists[which]
    if row.docs != NULL:
        return leap(row.docs, low, row.last, doc)
    return leap(window.field.postings, low, row.last, doc << TF_BITS)


cdef inline void _mark(Window* window, int64_t which, int64_t group) noexcept nogil:
    """Set the bit of a group in the marks of a list's documents in a window."""
    cdef const PostingList* row = &window.query.lists[which]
    cdef const uint32_t* postings = window.field.postings
    cdef const uint8_t* forms = window.field.forms
    cdef uint16_t* marks = window.marks
    cdef int64_t here, first = window.first, form = row.form_at - row.first, bit = row.form_bit
    cdef int64_t end = window.ends[which]
    cdef uint16_t counts
    if row.docs != NULL:
        for here in range(window.at[which], end):
            marks[row.docs[here] - first] |= <uint16_t> 1 << group
        return
    if window.written and row.form_at == -2:
        return
    if window.written and row.form_at >= 0:
        for here in range(window.at[which], end):
            counts = (forms[form + here] & bit) != 0
            marks[(postings[here] >> TF_BITS) - first] |= counts << group
        return
    for here in range(window.at[which], end):
        marks[(postings[here] >> TF_BITS) - first] |= <uint16_t> 1 << group


cdef void place_window(Window* window) noexcept nogil:
    """Write where each match of a window is in each list."""
    cdef int64_t which, i, here, doc
    cdef uint32_t* row
    cdef const uint32_t* docs
    cdef const uint32_t* postings = window.field.postings
    for which in range(window.query.n_lists):
        row = window.places + which * (NARROW + 1)
        for i in range(window.size):
            row[i] = NOWHERE
        docs = window.query.lists[which].docs
        for here in range(window.at[which], window.ends[which]):
            doc = docs[here] if docs != NULL else postings[here] >> TF_BITS
            row[window.numbers[doc - window.first]] = <uint32_t> here


cdef void score_window(const Window* window, const uint32_t* docs, float* scores) noexcept nogil:
    """Write the scores of the documents of a window, from their places."""
    cdef const Query* query = window.query
    cdef const uint32_t* postings = window.field.postings
    cdef int64_t i, group, which, total, place
    cdef float part, score, tf
    cdef bint exact
    for i in range(window.size):
        part = query.norm[window.field.lengths[docs[i]]]
        score = 0
        for group in range(query.n):
            total = 0
            exact = False
            for which in range(query.groups[group], query.groups[group + 1]):
                place = window.places[which * (NARROW + 1) + i]
                if place == NOWHERE:
                    continue
                if query.lists[which].docs != NULL:
                    if query.lists[which].scores != NULL:
                        score += query.lists[which].scores[place]
                    continue
                total += postings[place] & 255
                if has_form(&query.lists[which], window.field.forms, place):
                    exact = True
            tf = <float> min(total, 255)
            score += query.weights[2 * group + (0 if exact else 1)] * (tf / (tf + part))
        scores[i] = score


cdef int64_t _dense_conjunction(Window* window, uint32_t* out_docs, float* out_scores) noexcept nogil:
    cdef int64_t found = 0
    while next_window(window, out_docs + found):
        if out_scores != NULL:
            place_window(window)
            score_window(window, out_docs + found, out_scores + found)
        found += window.size
    return found


def unite(
    FieldReader reader not None, list words, list found, int64_t least, int64_t n_docs, bint scored
):
    """Return the documents that are in `least` of the words, one term each, and the matches, or more.

    n_docs: documents of the segment. Loops over one kind of posting each, their ends found before,
    take three quarters of the time of one loop for all kinds.
    """
    cdef Lists lists = Lists()
    cdef const Field* field = reader.postings()
    cdef const Query* query = &lists.query
    cdef int64_t total = 0, which, n
    cdef Term word
    cdef Matches matches
    cdef Room out
    cdef int64_t* at
    for word in words:
        lists.add_word(reader, word)
    for matches in found:
        lists.add_matches(matches)
    for which in range(query.n_lists):
        total += query.lists[which].last - query.lists[which].first
    out = room_for(min(total, n_docs) + 1, scored)
    at = <int64_t*> room(query.n_lists * sizeof(int64_t))
    with nogil:
        n = _disjunction(field, query, least, at, out.docs, out.scores)
    free(at)
    return out.matches(n)


cdef int64_t _disjunction(
    const Field* field, const Query* query, int64_t least, int64_t* at, uint32_t* out_docs,
    float* out_scores,
) noexcept nogil:
    cdef float sums[WINDOW]
    cdef uint16_t counts[WINDOW]
    cdef uint64_t touched[WINDOW >> 6]
    cdef int64_t found = 0, first, base, limit, reach, which, begin, end, here, slot, doc, index
    cdef int64_t form, bit
    cdef float weight, other, tf, part
    cdef uint64_t word
    cdef bint scored = out_scores != NULL
    cdef const uint32_t* postings = field.postings
    cdef const uint8_t* forms = field.forms
    cdef const uint8_t* lengths = field.lengths
    cdef const float* norm = query.norm
    cdef const float* weights = query.weights
    cdef const PostingList* lists = query.lists
    cdef const uint32_t* xdocs
    cdef int64_t n = query.n_lists
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
                if lists[which].docs != NULL:
                    first = min(first, <int64_t> lists[which].docs[at[which]])
                else:
                    first = min(first, <int64_t> (postings[at[which]] >> TF_BITS))
        if first == _BEYOND:
            return found
        base = first & ~(<int64_t> 63)
        limit = base + WINDOW
        reach = -1
        for which in range(n):
            begin = at[which]
            xdocs = lists[which].docs
            if xdocs != NULL:
                end = leap(xdocs, begin, lists[which].last, limit)
                for here in range(begin, end):
                    slot = xdocs[here] - base
                    if scored and lists[which].scores != NULL:
                        sums[slot] += lists[which].scores[here]
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


def score_merged(
    FieldReader reader not None, Lists lists not None, cnp.ndarray postings, cnp.ndarray exact, bint only,
    bint scored,
):
    """Return the documents of postings that were merged, scored as those of the first group.

    `exact`: uint8[n], which have the exact form; the others are left out where it is the `only` one
    that counts.
    """
    cdef const Field* field = reader.postings()
    cdef const uint32_t* packed = u32(postings)
    cdef const uint8_t* exact_ = u8(exact)
    cdef int64_t n = size_of(postings), found = 0, i
    cdef Room out = room_for(n, scored)
    with nogil:
        for i in range(n):
            if exact_[i] or not only:
                out.docs[found] = packed[i] >> TF_BITS
                if scored:
                    out.scores[found] = score_of(field, &lists.query, packed[i], exact_[i])
                found += 1
    return out.matches(found)


def matches_at(Matches found not None, cnp.ndarray wanted):
    """Return the matches whose place is True in `wanted`, bool[n]."""
    cdef Given read = found.read
    cdef const uint8_t* wanted_ = u8(wanted)
    cdef Room out = room_for(read.n, read.scores != NULL)
    cdef int64_t kept = 0, i
    with nogil:
        for i in range(read.n):
            keep(&read, i, out, kept)
            kept += wanted_[i]
    return out.matches(kept)


def keep_live(Matches found not None, cnp.ndarray live):
    """Return the matches that are not deleted. `live`: uint8[n_docs]."""
    cdef Given read = found.read
    cdef const uint8_t* live_ = u8(live)
    cdef Room out = room_for(read.n, read.scores != NULL)
    cdef int64_t kept = 0, i
    with nogil:
        for i in range(read.n):
            keep(&read, i, out, kept)
            kept += live_[read.docs[i]] != 0
    return out.matches(kept)


def keep_common(Matches found not None, cnp.ndarray others, bint common):
    """Return the matches that are among `others` (or, not `common`, that are not)."""
    cdef Given read = found.read
    cdef const uint32_t* others_ = u32(others)
    cdef Room out = room_for(read.n, read.scores != NULL)
    cdef int64_t kept = 0, at = 0, i, n_others = size_of(others)
    with nogil:
        for i in range(read.n):
            at = leap(others_, at, n_others, read.docs[i])
            if (at < n_others and others_[at] == read.docs[i]) == common:
                keep(&read, i, out, kept)
                kept += 1
    return out.matches(kept)


def keep_dated(Matches found not None, cnp.ndarray dates, int64_t start, int64_t end):
    """Return the matches dated in [start, end)."""
    cdef Given read = found.read
    cdef const int64_t* dates_ = i64(dates)
    cdef Room out = room_for(read.n, read.scores != NULL)
    cdef int64_t kept = 0, i
    with nogil:
        for i in range(read.n):
            keep(&read, i, out, kept)
            kept += start <= dates_[read.docs[i]] < end
    return out.matches(kept)
