"""Kernels that keep the best k of the matches.

A row of those kept is int64[4]: (key, date, id, place), compared from left to right, greatest best.

- key: the bits of the score, a float32 not below 0, whose order as a number is that of its bits;
  0 where the order is by date only;
- date: seconds since 1970, negated for ``oldest``; undated articles come last in either order;
- id: such that smaller ids are greater;
- place: the leaf's number << 32 | the document's number.

Ties in score are therefore broken by date, newest first, and then by id, on every path. An array of
rows is handed on from segment to segment and sorted at the end; that of `best_of_word` is a heap
with the worst row on top.
"""

from libc.math cimport pow
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, qsort
from libc.string cimport memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, larger, room, size_of, u8, u32, u64
from indexer.segment.layout cimport BLOCK, NO_DATE, TF_BITS
from search.embedded.execute.operands cimport (
    Field, FieldReader, Given, Lists, Matches, PostingList, Query, Term, has_form,
)
from search.embedded.execute.postings cimport leap, score_of, take_together

import numpy as np


cpdef enum:
    RELEVANCE = 0
    NEWEST = 1
    OLDEST = 2
    RECENT = 3
    ADDED = 4
    NUMBER = 5

cdef enum:
    SPARE = 12  # rows that are gathered beyond twice as many as are wanted
    STRIDE = 16  # matches whose scores are compared at once, without a branch for each

FLOOR = 0.25
"""The share of its score that the oldest article keeps under ``sort=recent``."""

cdef double _FLOOR = FLOOR

cdef int64_t _BEYOND = 1 << 40


cdef struct Ranked:
    int64_t key
    int64_t date
    int64_t id
    int64_t place


cdef class Order:
    """How matches are ranked: a mode, and what RECENT needs.

    NUMBER is by score and then by the number of the document, as Whoosh orders. RECENT multiplies a
    score by FLOOR + (1 - FLOOR) * 2 ** -(age / half_life), the age in seconds counted back from
    `now`; undated articles keep FLOOR.
    """

    cdef readonly int mode
    cdef readonly int64_t now
    cdef readonly double half_life

    def __init__(self, int mode, int64_t now=0, double half_life=1):
        self.mode = mode
        self.now = now
        self.half_life = half_life


cdef struct Columns:
    # What the rows of a leaf's matches are made from.
    int mode
    int64_t now
    double half_life
    const int64_t* dates
    const uint64_t* ids
    int64_t leaf


cdef class Stories:
    """The clusters of versions that matches are in, and the best row of each.

    columns: for each leaf uint32[n_docs], the cluster of each document, 0 for none; n: clusters.
    """

    cdef list _columns
    cdef cnp.ndarray _best

    def __init__(self, columns, int64_t n):
        self._columns = list(columns)
        self._best = np.full((n + 1, 4), -1, np.int64)


cdef inline Ranked* _rows(cnp.ndarray rows) except? NULL:
    return <Ranked*> i64_out(rows)


cdef inline bint _worse(const Ranked* a, const Ranked* b) noexcept nogil:
    if a.key != b.key:
        return a.key < b.key
    if a.date != b.date:
        return a.date < b.date
    return a.id < b.id


cdef inline int32_t _bits(float score) noexcept nogil:
    cdef int32_t bits
    memcpy(&bits, &score, sizeof(bits))
    return bits


cdef inline float _score(int64_t bits) noexcept nogil:
    cdef int32_t low = <int32_t> bits
    cdef float score
    memcpy(&score, &low, sizeof(score))
    return score


cdef inline double _share(int64_t date, const Columns* order) noexcept nogil:
    """Return the share of its score that an article of this date keeps under RECENT."""
    if date == NO_DATE:
        return _FLOOR
    return _FLOOR + (1.0 - _FLOOR) * pow(
        2.0, -(max(order.now - date, <int64_t> 0) / order.half_life)
    )


cdef inline Ranked _ranked(const Columns* order, uint32_t doc, float score) noexcept nogil:
    """Return the row of a document."""
    cdef Ranked row
    cdef int64_t date = order.dates[doc]
    row.key = 0
    if order.mode == NUMBER:
        row.key, row.date, row.place = _bits(score), 0, (order.leaf << 32) | doc
        row.id = ~row.place
        return row
    if order.mode == RELEVANCE:
        row.key = _bits(score)
    elif order.mode == RECENT:
        row.key = _bits(<float> (score * _share(date, order)))
    row.date = -date if order.mode == OLDEST and date != NO_DATE else date
    row.id = ~(<int64_t> (order.ids[doc] ^ (<uint64_t> 1 << 63)))
    row.place = (order.leaf << 32) | doc
    return row


cdef int64_t _push(Ranked* heap, int64_t room, int64_t size, const Ranked* row) noexcept nogil:
    """Add a row if it is among the best; return the new size."""
    cdef int64_t at, parent, child
    if size < room:
        at = size
        while at > 0:
            parent = (at - 1) >> 1
            if not _worse(row, &heap[parent]):
                break
            heap[at] = heap[parent]
            at = parent
        heap[at] = row[0]
        return size + 1
    if size == 0 or not _worse(&heap[0], row):
        return size
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _worse(&heap[child + 1], &heap[child]):
            child += 1
        if not _worse(&heap[child], row):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = row[0]
    return size


cdef inline void _swap(Ranked* rows, int64_t i, int64_t j) noexcept nogil:
    cdef Ranked kept = rows[i]
    rows[i] = rows[j]
    rows[j] = kept


cdef int64_t _parted(Ranked* rows, int64_t first, int64_t last) noexcept nogil:
    """Split rows[first:last], three or more, by the median of three; return where.

    Those before it are not worse than the row there, and those behind it not better.
    """
    cdef int64_t middle = (first + last) >> 1, end = last - 1, i, j
    cdef Ranked pivot
    if _worse(&rows[first], &rows[middle]):
        _swap(rows, first, middle)
    if _worse(&rows[middle], &rows[end]):
        _swap(rows, middle, end)
        if _worse(&rows[first], &rows[middle]):
            _swap(rows, first, middle)
    pivot = rows[middle]
    _swap(rows, first + 1, middle)
    i, j = first + 1, end
    while True:
        i += 1
        while _worse(&pivot, &rows[i]):
            i += 1
        j -= 1
        while _worse(&rows[j], &pivot):
            j -= 1
        if i >= j:
            break
        _swap(rows, i, j)
    _swap(rows, first + 1, j)
    return j


cdef void _select(Ranked* rows, int64_t size, int64_t k) noexcept nogil:
    """Bring the best k of rows[:size] to the front, in any order."""
    cdef int64_t first = 0, last = size, at
    while last - first > 2:
        at = _parted(rows, first, last)
        if at == k or at == k - 1:
            return
        if at < k:
            first = at + 1
        else:
            last = at
    if last - first == 2 and _worse(&rows[first], &rows[first + 1]):
        _swap(rows, first, first + 1)


def sort(cnp.ndarray rows, int64_t size):
    """Sort rows[:size] in place, best first."""
    cdef Ranked* rows_ = _rows(rows)
    with nogil:
        qsort(rows_, size, sizeof(Ranked), _by_rank)


cdef int _by_rank(const void* one, const void* other) noexcept nogil:
    return (
        _worse(<const Ranked*> one, <const Ranked*> other)
        - _worse(<const Ranked*> other, <const Ranked*> one)
    )


cdef Columns _columns(Order order, leaf, bint scored) except *:
    """Return how rows are made; without scores, RELEVANCE and RECENT order by date as NEWEST, and
    ADDED orders by when documents came."""
    cdef cnp.ndarray dates = leaf.arrivals if order.mode == ADDED else leaf.segment.dates
    cdef Columns read
    read.mode = order.mode if scored or order.mode in (OLDEST, NUMBER) else NEWEST
    read.now = order.now
    read.half_life = order.half_life
    read.dates = i64(dates)
    read.ids = u64(leaf.segment.ids)
    read.leaf = leaf.number
    return read


def top_k(
    leaves, list found not None, Order order not None, int64_t k, cnp.ndarray below not None,
    Stories stories=None, bint ordered=True,
):
    """Return the rows of the best k of all leaves' matches, int64[n, 4], best first if `ordered`.

    `below`: int64[4], only rows after it count, or empty: the page that follows a cursor. Of each
    of the `stories`, where there are any, only the best row counts.

    Rows are gathered until there are twice as many as wanted, then the worse half goes, and what is
    worse than all that stayed is passed over from then on: a third of the time of a heap of 75.
    """
    cdef Matches matches
    cdef Columns columns
    cdef int64_t total = 0
    cdef cnp.ndarray rows
    cdef Kept to
    for matches in found:
        total += matches.read.n
    if stories is not None:
        for leaf, matches in zip(leaves, found):
            best_per_cluster(matches, leaf, order, stories)
    to.k, to.size, to.room = k, 0, total if total <= k else min(2 * k + SPARE, total)
    to.below = <const Ranked*> i64(below) if size_of(below) else NULL
    to.clusters = NULL
    to.best = NULL
    to.rows = <Ranked*> room(to.room * sizeof(Ranked))
    try:
        for leaf, matches in zip(leaves, found if k else ()):
            if not matches.read.n:
                continue
            columns = _columns(order, leaf, matches.read.scores != NULL)
            if stories is not None:
                to.clusters = u32(stories._columns[columns.leaf])
                to.best = <const Ranked*> i64(stories._best)
            with nogil:
                _gather(&matches.read, &columns, &to)
        rows = _made(to.rows, to.size, ordered)
    finally:
        free(to.rows)
    return rows


cdef cnp.ndarray _made(Ranked* rows, int64_t size, bint ordered):
    """Return rows in an array of their own."""
    cdef cnp.npy_intp[2] shape = [size, 4]
    cdef cnp.ndarray found = cnp.PyArray_EMPTY(2, shape, cnp.NPY_INT64, 0)
    if ordered:
        with nogil:
            qsort(rows, size, sizeof(Ranked), _by_rank)
    memcpy(cnp.PyArray_DATA(found), rows, size * sizeof(Ranked))
    return found


cdef struct Kept:
    # Rows that are gathered, of which the best k stay, and which of them count.
    int64_t k
    int64_t size
    int64_t room
    Ranked* rows
    const Ranked* below  # or NULL
    const uint32_t* clusters  # or NULL
    const Ranked* best


cdef void _gather(const Given* found, const Columns* order, Kept* to) noexcept nogil:
    cdef const uint32_t* docs = found.docs
    cdef const float* scores = found.scores
    cdef const Ranked* below = to.below
    cdef const uint32_t* clusters = to.clusters
    cdef const Ranked* best = to.best
    cdef Ranked* rows = to.rows
    cdef int64_t n = found.n, k = to.k, size = to.size, room_for = to.room
    cdef Ranked worst, row
    cdef int64_t chunks = (n + STRIDE - 1) // STRIDE, chunk, start, end, step, i
    cdef bint backwards = order.mode != OLDEST
    cdef float highest, floor = -1
    worst.key = -1
    worst.date = worst.id = worst.place = 0
    if size == k:
        worst = rows[_worst(rows, k)]
        floor = _score(worst.key)
    for chunk in range(chunks):  # articles come as they are published, so the last are newest
        start = STRIDE * (chunks - 1 - chunk if backwards else chunk)
        end = start + STRIDE
        if end > n:
            end = n
        elif worst.key > 0 and scores != NULL:
            highest = scores[start]
            for i in range(STRIDE):
                highest = scores[start + i] if scores[start + i] > highest else highest
            if highest < floor:
                continue
        for step in range(end - start):
            i = end - 1 - step if backwards else start + step
            if worst.key > 0 and scores != NULL and scores[i] < floor:  # age only lowers a score
                continue
            row = _ranked(order, docs[i], scores[i] if scores != NULL else 0)
            if worst.key >= 0 and _worse(&row, &worst):
                continue
            if below != NULL and not _worse(&row, below):
                continue
            if clusters != NULL and clusters[docs[i]] and best[clusters[docs[i]]].place != row.place:
                continue
            if size == room_for:
                _select(rows, size, k)
                size = k
                worst = rows[_worst(rows, k)]
                floor = _score(worst.key)
                if _worse(&row, &worst):
                    continue
            rows[size] = row
            size += 1
    if size > k:
        _select(rows, size, k)
        size = k
    to.size = size


cdef int64_t _worst(const Ranked* rows, int64_t size) noexcept nogil:
    """Return where the worst of rows[:size] is."""
    cdef int64_t at = 0, i
    for i in range(1, size):
        if _worse(&rows[i], &rows[at]):
            at = i
    return at


cdef void best_per_cluster(Matches found, leaf, Order order, Stories stories) except *:
    """Keep the best row of each story among a leaf's matches."""
    cdef Given matches = found.read
    cdef Columns columns = _columns(order, leaf, matches.scores != NULL)
    cdef const uint32_t* clusters = u32(stories._columns[columns.leaf])
    cdef Ranked* best = _rows(stories._best)
    cdef int64_t i
    cdef uint32_t cluster
    cdef Ranked row
    with nogil:
        for i in range(matches.n):
            cluster = clusters[matches.docs[i]]
            if cluster == 0:
                continue
            row = _ranked(
                &columns, matches.docs[i], matches.scores[i] if matches.scores != NULL else 0
            )
            if best[cluster].place < 0 or _worse(&best[cluster], &row):
                best[cluster] = row


def best_of_word(leaves, Term word not None, Order order not None, int64_t k):
    """Return the best k live documents that have a word, and how many have it.

    The rows, int64[n, 4], are best first. They are taken straight from the word's postings, leaving
    out whole blocks of its longest list; `Term.has_main_list` says when that pays.

    A block is passed over when the greatest tf and the smallest length in it, taken together, do
    not reach the worst score kept (the block maxima of Ding and Suel, "Faster top-k document
    retrieval using block-max indexes", SIGIR 2011, kept as pairs). What is in the other lists is
    looked at before, one by one.
    """
    cdef int64_t total = word.postings, rare, main, which
    cdef Best best
    cdef FieldReader reader
    cdef Lists lists
    cdef cnp.ndarray live, rows
    cdef int64_t* at = <int64_t*> room(len(word.numbers) * sizeof(int64_t))
    best.size, best.k, best.floor = 0, min(k, total), -1
    best.heap, best.taken = NULL, NULL
    try:
        best.heap = <Ranked*> room(best.k * sizeof(Ranked))
        for leaf in leaves:
            reader = leaf.fields[word.lookups.field]
            lists = Lists()
            lists.add_word(reader, word)
            best.query, main, rare = &lists.query, 0, 0
            for which in range(lists.query.n_lists):
                rare += _size(&lists.query.lists[which])
                if _size(&lists.query.lists[which]) > _size(&lists.query.lists[main]):
                    main = which
            if not rare:
                continue
            rare -= _size(&lists.query.lists[main])
            best.field, live = reader.maxima(), leaf.live
            best.live = u8(live) if size_of(live) else NULL
            best.order = _columns(order, leaf, True)
            best.taken = <uint32_t*> larger(best.taken, (rare + 1) * sizeof(uint32_t))
            best.n_taken = 0
            with nogil:
                if rare:
                    total -= _take_rare(&best, main, at)
                if best.k:
                    _take_blocks(&best, &lists.query.lists[main])
        rows = _made(best.heap, best.size, True)
    finally:
        free(best.heap)
        free(best.taken)
        free(at)
    return rows, total


cdef struct Best:
    # The best rows so far, a heap, and the leaf that is looked at.
    Ranked* heap
    int64_t k
    int64_t size
    float floor  # the worst score that counts
    const Field* field
    const Query* query
    const uint8_t* live  # or NULL
    Columns order
    uint32_t* taken  # documents of the rarer lists, ascending
    int64_t n_taken


cdef inline int64_t _size(const PostingList* row) noexcept nogil:
    return row.last - row.first


cdef int64_t _take_rare(Best* best, int64_t main, int64_t* at) noexcept nogil:
    """Take the documents of all lists but the main one, with what the main one has of them; return
    how many live ones were counted more than once."""
    cdef const PostingList* lists = best.query.lists
    cdef const uint32_t* postings = best.field.postings
    cdef int64_t n = best.query.n_lists, which, doc, having, twice = 0
    cdef uint32_t packed
    cdef bint exact
    for which in range(n):
        at[which] = lists[which].first
    while True:
        doc = _BEYOND
        for which in range(n):
            if which != main and at[which] < lists[which].last:
                doc = min(doc, <int64_t> (postings[at[which]] >> TF_BITS))
        if doc == _BEYOND:
            return twice
        at[main] = leap(postings, at[main], lists[main].last, doc << TF_BITS)
        packed = take_together(best.field, best.query, at, doc, &exact, &having)
        best.taken[best.n_taken] = <uint32_t> doc
        best.n_taken += 1
        if best.live == NULL or best.live[doc]:
            twice += having - 1
            _offer(best, packed, exact)


cdef void _take_blocks(Best* best, const PostingList* row) noexcept nogil:
    """Take the documents of a list that are not taken yet, from blocks that can have one."""
    cdef const Field* field = best.field
    cdef const Query* query = best.query
    cdef float high = max(query.weights[0], query.weights[1]), tf
    cdef int64_t n_blocks = (row.last - row.first + BLOCK - 1) // BLOCK, block, start, i, next = 0
    cdef uint32_t doc
    for block in range(n_blocks):
        start = row.first + block * BLOCK
        tf = field.block_tf[row.block + block]
        if high * (tf / (tf + query.norm[field.block_length[row.block + block]])) < best.floor:
            continue
        for i in range(start, min(start + BLOCK, row.last)):
            doc = field.postings[i] >> TF_BITS
            if next < best.n_taken and best.taken[next] <= doc:
                next = leap(best.taken, next, best.n_taken, doc)
                if next < best.n_taken and best.taken[next] == doc:
                    continue
            if best.live == NULL or best.live[doc]:
                _offer(best, field.postings[i], has_form(row, field.forms, i))


cdef inline void _offer(Best* best, uint32_t packed, bint exact) noexcept nogil:
    """Add a posting's document if it is among the best."""
    cdef float score = score_of(best.field, best.query, packed, exact)
    cdef Ranked made
    if score < best.floor:
        return
    made = _ranked(&best.order, packed >> TF_BITS, score)
    best.size = _push(best.heap, best.k, best.size, &made)
    if best.size == best.k and best.size:
        best.floor = _score(best.heap[0].key)
