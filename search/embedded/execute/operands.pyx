"""What the compiled modules of queries take and give: fields of a segment, lists of a query,
matches.

A `FieldReader` is a text field of one segment: its arrays are checked once, when a query first
needs them, and are pointers from then on. A `Row` is where the postings of a term are. `Lists` are
the words of one query in one segment, in *groups*: a group is one list, or the terms of one word in
several languages, which count as one with the sum of their frequencies. A list is postings of the
field, scored by BM25, or matches that were found before: a phrase, a filter with scores of 0.

The score of a posting is ``weight * tf / (tf + norm[length byte])``, with the BM25 of Robertson and
Zaragoza ("The Probabilistic Relevance Framework", 2009) folded into the two tables by `scoring`.
A group has two weights: of a document with the exact form that was asked for, and of any other.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport f32, i64, larger, size_of, u8, u32
from search.embedded.execute.matches import Matches


cnp.import_array()


cdef Sorted sorted_of(object strings) except *:
    """Return the checked arrays of `indexer.segment.segment.Strings`; the caller keeps them
    alive."""
    cdef Sorted found
    cdef cnp.ndarray offsets = strings.offsets
    found.data = u8(strings.data)
    found.offsets = i64(offsets)
    found.n = size_of(offsets) - 1
    return found


cdef class FieldReader:
    """The arrays of a text field of one segment, taken from its `TextField` when first needed."""

    def __init__(self, column):
        self.column = column
        self._held = []

    cdef cnp.ndarray _array(self, str name):
        """Return an array of the field, and keep it alive."""
        cdef cnp.ndarray array = getattr(self.column, name)
        self._held.append(array)
        return array

    cdef const Field* postings(self) except NULL:
        """Return the arrays with `postings`, `forms` and `lengths` among them."""
        cdef cnp.ndarray postings
        if not self._postings:
            postings = self._array("postings")
            self.arrays.n_postings = size_of(postings)
            self.arrays.postings = u32(postings)
            self.arrays.forms = u8(self._array("forms"))
            self.arrays.lengths = u8(self._array("lengths"))
            self._postings = True
        return &self.arrays

    cdef const Field* positions(self) except NULL:
        """Return the arrays of `postings`, and `positions` and `block_positions`."""
        cdef cnp.ndarray positions
        if not self._positions:
            positions = self._array("positions")
            self.arrays.n_positions = size_of(positions)
            self.arrays.positions = u8(positions)
            self.arrays.block_positions = i64(self._array("block_positions"))
            self._positions = True
        return self.postings()

    cdef const Field* records(self) except NULL:
        """Return the arrays of `positions` and `terms`, and the forms of positions."""
        if not self._records:
            self.arrays.position_forms = u8(self._array("position_forms"))
            self.arrays.block_position_forms = i64(self._array("block_position_forms"))
            self._records = True
        self.terms()
        return self.positions()

    cdef const Field* maxima(self) except NULL:
        """Return the arrays of `postings`, and `block_tf` and `block_length`."""
        if not self._maxima:
            self.arrays.block_tf = u8(self._array("block_tf"))
            self.arrays.block_length = u8(self._array("block_length"))
            self._maxima = True
        return self.postings()

    cdef const Field* terms(self) except NULL:
        """Return the arrays with those of the dictionary among them."""
        if not self._terms:
            self._held += [self.column.terms, self.column.form_words]
            self.arrays.terms = sorted_of(self.column.terms)
            self.arrays.form_words = sorted_of(self.column.form_words)
            self.arrays.starts = i64(self._array("starts"))
            self.arrays.form_starts = i64(self._array("form_starts"))
            self.arrays.form_offsets = i64(self._array("form_offsets"))
            self.arrays.blocks = i64(self._array("blocks"))
            self._terms = True
        return &self.arrays


cdef class Row:
    """Where the postings of a term are: [first, last), in blocks from `block` on.

    Whether posting i of the field has the form that was asked for: bit `form_bit` of
    ``forms[form_at + i - first]``; where form_at is -1, all have it, where it is -2, none has. A
    word that the segment does not have is the term -1 with no postings.
    """

    def __len__(self):
        return self.last - self.first


cdef class Lists:
    """The words of a query in a segment. norm: float32[256], what a length byte adds to a tf."""

    def __init__(self, norm):
        self._held = [norm]
        self.query.norm = f32(norm) if size_of(norm) else NULL

    def __dealloc__(self):
        free(self.query.lists)
        free(self.query.groups)
        free(self.query.weights)

    def __len__(self):
        return self.query.n_lists

    cdef PostingList* _group(self, int64_t n, float weight, float other) except NULL:
        """Append a group of `n` lists; return them, to be filled."""
        cdef Query* query = &self.query
        cdef int64_t first = query.n_lists, size = first + n
        if size > self._room or query.n == self._room:
            # Groups can be empty, so that there are more of them than of lists.
            self._room = 2 * max(size, query.n) + 8
            query.lists = <PostingList*> larger(
                query.lists, self._room * sizeof(PostingList)
            )
            query.groups = <int64_t*> larger(query.groups, (self._room + 1) * sizeof(int64_t))
            query.weights = <float*> larger(query.weights, 2 * self._room * sizeof(float))
        query.weights[2 * query.n] = weight
        query.weights[2 * query.n + 1] = other
        query.groups[query.n] = first
        query.n += 1
        query.n_lists = query.groups[query.n] = size
        return query.lists + first

    def add(self, list rows, list numbers, float weight, float other):
        """Add a word as a group: those of the `rows` whose `numbers` are its terms'."""
        cdef PostingList* lists = self._group(len(numbers), weight, other)
        cdef Row row
        cdef int64_t i
        for i in range(len(numbers)):
            row = rows[numbers[i]]
            lists[i].first, lists[i].last = row.first, row.last
            lists[i].form_at, lists[i].form_bit = row.form_at, row.form_bit
            lists[i].term, lists[i].block = row.term, row.block
            lists[i].docs = NULL
            lists[i].scores = NULL

    def add_matches(self, found):
        """Add matches that were found before, as a group of no weight."""
        cdef Given before = given(found)
        cdef PostingList* one = self._group(1, 0, 0)
        one.first, one.last = 0, before.n
        one.form_at, one.form_bit, one.term, one.block = -1, 0, -1, 0
        one.docs, one.scores = before.docs, before.scores
        self._held.append(found.docs)
        self._held.append(found.scores)


cdef class Room:
    """Where a kernel writes matches."""

    cdef object matches(self, int64_t n):
        """Return the first `n` that were written, read-only."""
        cdef cnp.ndarray docs = self._docs[:n]
        cdef cnp.ndarray scores
        cnp.PyArray_CLEARFLAGS(docs, cnp.NPY_ARRAY_WRITEABLE)
        if self.scores == NULL:
            return Matches(docs)
        scores = self._scores[:n]
        cnp.PyArray_CLEARFLAGS(scores, cnp.NPY_ARRAY_WRITEABLE)
        return Matches(docs, scores)


cdef Room room_for(int64_t size, bint scored):
    """Return room for `size` matches, with scores where they are `scored`."""
    cdef Room made = Room.__new__(Room)
    made._docs = new_ints(size)
    made.docs = <uint32_t*> cnp.PyArray_DATA(made._docs)
    made.scores = NULL
    if scored:
        made._scores = cnp.PyArray_EMPTY(1, <cnp.npy_intp*> &size, cnp.NPY_FLOAT32, 0)
        made.scores = <float*> cnp.PyArray_DATA(made._scores)
    return made


cdef cnp.ndarray new_ints(int64_t size):
    """Return uint32[size] that is to be written."""
    return cnp.PyArray_EMPTY(1, <cnp.npy_intp*> &size, cnp.NPY_UINT32, 0)


cdef cnp.ndarray new_bytes(int64_t size):
    """Return uint8[size] that is to be written."""
    return cnp.PyArray_EMPTY(1, <cnp.npy_intp*> &size, cnp.NPY_UINT8, 0)


cdef Given given(object found) except *:
    """Return the checked arrays of matches; the caller keeps them alive."""
    cdef Given read
    cdef cnp.ndarray docs = found.docs
    cdef object scores = found.scores
    read.docs = u32(docs)
    read.n = size_of(docs)
    read.scores = NULL
    if scores is not None:
        read.scores = f32(scores)
    return read
