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

from libc.math cimport log1p
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport f32, i64, larger, size_of, u8, u32


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
    """The arrays of a text field of one segment, taken from its `TextField` when first needed.

    `leaf`: the number of the segment.
    """

    def __init__(self, column, int64_t leaf):
        self.column = column
        self.leaf = leaf
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
        return self.list.last - self.list.first

    @property
    def first(self):
        return self.list.first

    @property
    def last(self):
        return self.list.last

    @property
    def term(self):
        return self.list.term

    @property
    def form_at(self):
        return self.list.form_at


cdef class Lookups:
    """The words of one query in one field of one reader.

    terms: as the index has them; forms: of each the form in which it counts as exact. Once they are
    looked up (`search.embedded.plan.terms.look_up`), `rows` has for each leaf that of each word,
    and `frequencies` the number of live articles that have it. norm: float32[256], see `Lists`.
    """

    def __init__(self, str field):
        self.field = field
        self.terms, self.forms, self.rows, self.frequencies = [], [], [], []

    def add(self, str term, str form):
        """Ask for a term, and for the form in which it counts as exact; returns its number."""
        self.terms.append(term)
        self.forms.append(form)
        self.frequencies.append(0)
        return len(self.terms) - 1


cdef class Term:
    """A word: one term, or several that stand for it in different languages.

    `numbers`: into `lookups`, those that the archive has. `within` counts only positions in
    "body" or in what is "printed". `exact` asks for the exact form, `plain` counts all forms alike.
    """

    def __init__(
        self, Lookups lookups not None, list numbers not None, str label, double boost=1.0,
        str within="", bint exact=False, bint plain=False,
    ):
        self.lookups, self.numbers, self.label, self.boost = lookups, numbers, label, boost
        self.within, self.exact, self.plain = within, exact, plain

    @property
    def has_main_list(self):
        """Whether one list has most of the word's postings, all of which count: a common word that
        is a name, or a word of another language, in a few articles."""
        if not self.numbers or self.exact or self.within:
            return False
        return 4 * (self.postings - self._most()) <= self._most()

    @property
    def postings(self):
        """How many postings its terms have in live articles; one has two in some articles."""
        return sum([self.lookups.frequencies[number] for number in self.numbers])

    cdef int64_t _most(self) except -1:
        return max([self.lookups.frequencies[number] for number in self.numbers])

    def anywhere(self):
        """Return the word in any form, wherever it stands, with the same weights."""
        cdef Term made = Term(self.lookups, self.numbers, self.label, self.boost)
        made.weight, made.other = self.weight, self.other
        return made


def weigh(list words not None, int64_t n_live, double k1, double inexact):
    """Drop the terms that no live article has, of `n_live`, and set the weights of words.

    An article is in one language, so that nearly always none is counted twice for a word.
    """
    cdef Term word
    cdef list frequencies
    cdef int64_t frequency
    for word in words:
        frequencies = word.lookups.frequencies
        word.numbers = [number for number in word.numbers if frequencies[number]]
        frequency = 0
        for number in word.numbers:
            frequency += frequencies[number]
        if frequency:
            word.weight = inverse_frequency(n_live, min(frequency, n_live)) * (k1 + 1) * word.boost
            word.other = word.weight if word.plain else word.weight * (1 - inexact)


cpdef double inverse_frequency(int64_t n_live, int64_t frequency) noexcept:
    """Return the weight of a word that some of `n_live` articles have; never negative."""
    return log1p((n_live - frequency + 0.5) / (frequency + 0.5))


cpdef Lists lists_of(FieldReader reader, words):
    """Return the lists of words of one field in a segment."""
    cdef Lists lists = Lists(None)
    cdef Term word
    for word in words:
        lists.add_word(reader, word)
    return lists


def sizes_of(FieldReader reader not None, words):
    """Return how many postings each word has in a segment, those of its synonyms added up."""
    cdef Term word
    cdef Row row
    cdef list rows, sizes = []
    cdef int64_t number, size
    for word in words:
        rows = word.lookups.rows[reader.leaf]
        size = 0
        for number in word.numbers:
            row = rows[number]
            size += row.list.last - row.list.first
        sizes.append(size)
    return sizes


cdef class Lists:
    """The words of a query in a segment, which are of one field."""

    def __init__(self, norm=None):
        self._held = []
        self.query.norm = NULL
        if norm is not None:
            self._weigh(norm)

    cdef void _weigh(self, cnp.ndarray norm) except *:
        """Take what a length byte adds to a frequency, float32[256]."""
        self._held.append(norm)
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

    cdef void add_word(self, FieldReader reader, Term word) except *:
        """Add a word as a group."""
        cdef list rows = word.lookups.rows[reader.leaf]
        cdef int64_t n = len(word.numbers), i
        cdef PostingList* lists = self._group(n, word.weight, word.other)
        if self.query.norm == NULL:
            self._weigh(word.lookups.norm)
        for i in range(n):
            lists[i] = (<Row?> rows[word.numbers[i]]).list

    def add_row(self, Row row not None):
        """Add a row as a group of no weight."""
        self._group(1, 0, 0)[0] = row.list

    cdef void add_matches(self, Matches found) except *:
        """Add matches that were found before, as a group of no weight."""
        cdef PostingList* one = self._group(1, 0, 0)
        one.first, one.last = 0, found.read.n
        one.form_at, one.form_bit, one.term, one.block = -1, 0, -1, 0
        one.docs, one.scores = found.read.docs, found.read.scores
        self._held.append(found)


cdef class Matches:
    """Documents of a segment, uint32[n] ascending, and their scores, float32[n], or None for 0.

    Both are read-only: plans that share a part share its matches.
    """

    def __init__(self, cnp.ndarray docs not None, cnp.ndarray scores=None):
        self.docs, self.scores = docs, scores
        self.read.docs, self.read.n = u32(docs), size_of(docs)
        self.read.scores = NULL
        if scores is not None:
            self.read.scores = f32(scores)


cdef class Room:
    """Where a kernel writes matches."""

    cdef Matches matches(self, int64_t n):
        """Return the first `n` that were written, read-only."""
        cdef Matches found = Matches.__new__(Matches)
        found.docs = _first(self._docs, n)
        found.scores = None if self.scores == NULL else _first(self._scores, n)
        found.read.docs, found.read.scores, found.read.n = self.docs, self.scores, n
        return found


cdef cnp.ndarray _first(cnp.ndarray array, int64_t n):
    """Return the first `n` elements of an array, read-only."""
    cdef cnp.ndarray found = array[:n]
    cnp.PyArray_CLEARFLAGS(found, cnp.NPY_ARRAY_WRITEABLE)
    return found


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
