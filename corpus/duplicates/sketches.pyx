"""Signatures made and compared, compiled; what they are is told in `signatures`.

The constants that both sides need stand here; `signatures` and `clusters` offer those that others
use.
"""

from libc.math cimport ceil, log, pow, round
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcmp, memset

import numpy as np

cimport numpy as cnp
from corpus.core.arrays cimport (
    i32, i32_out, i64, room, rows_of, size_of, u8, u8_out, u32, u32_out, u64, zeros,
)

__all__ = [
    "EXACT", "GROWTH", "KEYS", "MIN_CONTAINMENT", "MIN_EXACT_WORDS", "MIN_NUMBERS",
    "MIN_RESEMBLANCE", "MIN_WORDS", "MOST_ON_KEY", "NUMBERS_AT", "SHINGLE", "SKETCH_BYTES",
    "KeyTable", "estimate", "is_version", "join", "sign", "unite",
]

cpdef enum:
    SHINGLE = 5
    KEYS = 6
    SKETCH_BYTES = 40
    NUMBERS_AT = 32
    MIN_WORDS = 24
    MIN_EXACT_WORDS = 8
    EXACT = 0
    MOST_ON_KEY = 32

cdef enum:
    BINS = 2 * (NUMBERS_AT - 1)
    SKETCH_WORDS = SKETCH_BYTES // 8
    NUMBERS_WORD = NUMBERS_AT // 8

GROWTH = 1.045
# The share of the shorter text's shingles that must be in the longer one: versions with a word in
# thirty changed keep 0.85 of them.
MIN_CONTAINMENT = 0.67
# The same of numbers, where both have three or more: notices of the central bank's purchases are
# alike but for amount and rate, and share 0.8 of their shingles; of their numbers, a third.
MIN_NUMBERS = 0.6
# The share of all shingles that must be in both: a note of two sentences is no version of the
# round-up that quotes it, and containment is estimated too roughly when sizes differ more.
MIN_RESEMBLANCE = 0.28

cdef double _GROWTH = GROWTH
cdef double _MIN_CONTAINMENT = MIN_CONTAINMENT
cdef double _MIN_NUMBERS = MIN_NUMBERS
cdef double _MIN_RESEMBLANCE = MIN_RESEMBLANCE
cdef double _CHANCE = 1 / 15.0  # that two different minima have the same four bits
cdef double _SIZES[256]  # `signatures.SIZES`
_SIZES[0] = 0
for _code in range(255):
    _SIZES[_code + 1] = pow(_GROWTH, _code)

cdef uint32_t _NO_KEY = 0xFFFFFFFFu
cdef uint64_t _NONE = 0xFFFFFFFFFFFFFFFFu
cdef uint64_t _NIBBLES = 0x1111111111111111u
cdef uint64_t _BYTES = 0x0101010101010101u


cdef inline uint64_t _mix(uint64_t h) noexcept nogil:
    """Return a 64-bit hash of a 64-bit number (the finaliser of Vigna's SplitMix64)."""
    h = (h ^ (h >> 30)) * <uint64_t> 0xBF58476D1CE4E5B9u
    h = (h ^ (h >> 27)) * <uint64_t> 0x94D049BB133111EBu
    return h ^ (h >> 31)


cdef int64_t _word_hashes(
    const uint8_t* text, int64_t start, int64_t end, uint64_t* words, int64_t n
) noexcept nogil:
    """Hash the words of UTF-8 text[start:end] into words[n:]; return one past the last.

    The lowest bit of a hash says whether the word begins with a digit. ASCII letters fold to lower
    case. Punctuation separates: ASCII, Latin-1 and U+2000 to U+206F, so that curly quotes and
    dashes do not make another text. A Han character or kana is a word.
    """
    cdef uint64_t prime = 0x100000001B3u, h = 0, digit = 0
    cdef bint inside = False, letter, unigram
    cdef int64_t at = start, size, more
    cdef uint8_t byte
    while at < end:
        byte = text[at]
        if byte < 0x80:
            size = 1
            letter = 97 <= byte <= 122 or 65 <= byte <= 90 or 48 <= byte <= 57
            if 65 <= byte <= 90:
                byte += 32
        else:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            letter = not (
                byte == 0xC2
                or (byte == 0xE2 and text[at + 1] <= 0x81)
                or (byte == 0xE3 and text[at + 1] == 0x80)
            )
        unigram = letter and 0xE3 <= byte <= 0xE9 and size == 3
        if inside and (unigram or not letter):
            words[n] = (_mix(h) & ~(<uint64_t> 1)) | digit
            n += 1
            inside = False
        if letter:
            if not inside:
                h = 0xCBF29CE484222325u
                digit = 48 <= byte <= 57
            h = (h ^ byte) * prime
            for more in range(1, size):
                h = (h ^ text[at + more]) * prime
            inside = True
            if unigram:
                words[n] = _mix(h) & ~(<uint64_t> 1)
                n += 1
                inside = False
        at += size
    if inside:
        words[n] = (_mix(h) & ~(<uint64_t> 1)) | digit
        n += 1
    return n


def sign(cnp.ndarray text, cnp.ndarray borders, cnp.ndarray keys, cnp.ndarray sketches):
    """Fill in the signatures of articles; see `signatures.sign_texts`."""
    cdef const uint8_t* text_ = u8(text)
    cdef const int64_t* borders_ = i64(borders)
    cdef uint32_t* keys_ = u32_out(keys)
    cdef uint8_t* sketches_ = u8_out(sketches)
    cdef int64_t n_docs = rows_of(borders), doc, n_title, n
    cdef uint64_t* words = <uint64_t*> room((size_of(text) + 1) * sizeof(uint64_t))
    with nogil:
        for doc in range(n_docs):
            n_title = _word_hashes(text_, borders_[4 * doc], borders_[4 * doc + 1], words, 0)
            n = _word_hashes(text_, borders_[4 * doc + 1], borders_[4 * doc + 2], words, n_title)
            n = _word_hashes(text_, borders_[4 * doc + 2], borders_[4 * doc + 3], words, n)
            if n - n_title >= MIN_WORDS:
                _sign_shingles(
                    words + n_title, n - n_title, keys_ + KEYS * doc, sketches_ + SKETCH_BYTES * doc
                )
            elif n - n_title >= MIN_EXACT_WORDS:
                _sign_whole(words, n, keys_ + KEYS * doc, sketches_ + SKETCH_BYTES * doc)
    free(words)


cdef void _sign_whole(
    const uint64_t* words, int64_t n, uint32_t* keys, uint8_t* sketch
) noexcept nogil:
    """Sign a short text by one hash of all its words, 312 bits in the sketch and 32 as a key."""
    cdef int64_t lane, at, byte
    cdef uint64_t h
    for lane in range(SKETCH_WORDS):
        h = lane + 1
        for at in range(n):
            h = _mix(h * 31 + words[at])
        for byte in range(8):
            sketch[8 * lane + byte] = <uint8_t> (h >> (8 * byte))
        if lane == 0:
            keys[0] = <uint32_t> min(h >> 32, <uint64_t> (_NO_KEY - 1))
    sketch[0] = EXACT


cdef void _sign_shingles(
    const uint64_t* words, int64_t n_words, uint32_t* keys, uint8_t* sketch
) noexcept nogil:
    """Sign a text by its shingles."""
    cdef uint64_t smallest[KEYS]
    cdef uint64_t minima[BINS]
    cdef int64_t n = n_words - SHINGLE + 1, at, word, slot, place, later, byte, half, bit
    cdef uint64_t h, dealt, value, key, pair, minimum
    memset(smallest, 0xFF, sizeof(smallest))
    memset(minima, 0xFF, sizeof(minima))
    for at in range(n):
        h = 0
        for word in range(SHINGLE):
            h = h * <uint64_t> 0x9E3779B97F4A7C15u + words[at + word]
        h = _mix(h)
        # A second hash deals into bins, so that sketch and keys err independently.
        dealt = _mix(h ^ <uint64_t> 0xD1B54A32D192ED03u)
        slot = ((dealt & 0xFFFFFFFFu) * BINS) >> 32
        value = dealt >> 32
        if value < minima[slot]:
            minima[slot] = value
        key = h >> 32
        if key < smallest[KEYS - 1] and key < _NO_KEY:
            place = KEYS - 1
            while place > 0 and smallest[place - 1] > key:
                place -= 1
            if place == 0 or smallest[place - 1] != key:
                later = KEYS - 1
                while later > place:
                    smallest[later] = smallest[later - 1]
                    later -= 1
                smallest[place] = key
    for place in range(KEYS):
        if smallest[place] != _NONE:
            keys[place] = <uint32_t> smallest[place]
    sketch[0] = <uint8_t> min(1 + <int64_t> round(log(n) / log(_GROWTH)), <int64_t> 255)
    for byte in range(1, NUMBERS_AT):
        pair = 0
        for half in range(2):
            minimum = minima[2 * (byte - 1) + half]
            if minimum != _NONE:  # 0 is kept for a bin that stayed empty
                pair |= (1 + minimum % 15) << (4 * half)
        sketch[byte] = <uint8_t> pair
    for at in range(n_words):
        if words[at] & 1:
            value = words[at + 1] if at + 1 < n_words else 0
            bit = _mix(words[at] * 31 + value) >> 58
            sketch[NUMBERS_AT + bit // 8] |= 1 << (bit % 8)


cdef inline uint64_t _filled(uint64_t word) noexcept nogil:
    """Return a word with the lowest bit set of each group of four that is not 0."""
    word |= word >> 2
    word |= word >> 1
    return word & _NIBBLES


cdef inline int64_t _count(uint64_t marks) noexcept nogil:
    """Return how many of the marks of `_filled` there are."""
    cdef uint64_t pairs = (marks & _BYTES) + ((marks >> 4) & _BYTES)
    return (pairs * _BYTES) >> 56


cdef inline int64_t _ones(uint64_t word) noexcept nogil:
    """Return how many bits of a word are set; a call of popcount without its instruction is slower.
    """
    cdef uint64_t fours = 0x3333333333333333u
    word -= (word >> 1) & <uint64_t> 0x5555555555555555u
    word = (word & fours) + ((word >> 2) & fours)
    word = (word + (word >> 4)) & <uint64_t> 0x0F0F0F0F0F0F0F0Fu
    return (word * _BYTES) >> 56


cdef struct Estimate:
    double resemblance
    double contained


cdef Estimate _estimate(const uint64_t* one, const uint64_t* other) noexcept nogil:
    cdef Estimate found
    cdef int64_t used = 0, both = 0, same = 0, at
    cdef uint64_t left, right, in_left, in_right
    cdef double left_size, right_size, true
    found.resemblance = found.contained = 0
    for at in range(NUMBERS_WORD):
        left, right = one[at], other[at]
        if at == 0:  # the size is none of the bins
            left &= ~(<uint64_t> 0xFF)
            right &= ~(<uint64_t> 0xFF)
        in_left, in_right = _filled(left), _filled(right)
        used += _count(in_left | in_right)
        both += _count(in_left & in_right)
        same += _count(in_left & in_right & ~_filled(left ^ right))
    if used:
        true = max((same - _CHANCE * both) / (1 - _CHANCE), 0.0)
        found.resemblance = true / used
        left_size, right_size = _SIZES[one[0] & 0xFF], _SIZES[other[0] & 0xFF]
        found.contained = min(
            found.resemblance / (1 + found.resemblance) * (left_size + right_size)
            / min(left_size, right_size),
            1.0,
        )
    return found


cdef bint _is_version(const uint64_t* one, const uint64_t* other) noexcept nogil:
    cdef Estimate found
    cdef double size
    cdef int64_t fewer
    if one[0] & 0xFF == EXACT or other[0] & 0xFF == EXACT:
        return memcmp(one, other, SKETCH_BYTES) == 0
    found = _estimate(one, other)
    if found.resemblance < _MIN_RESEMBLANCE or found.contained < _MIN_CONTAINMENT:
        return False
    # Short texts must share more: of reports of one pattern they differ in two or three words.
    size = min(_SIZES[one[0] & 0xFF], _SIZES[other[0] & 0xFF])
    if (size < 36 and found.contained < 0.88) or (size < 64 and found.contained < 0.78):
        return False
    fewer = min(_ones(one[NUMBERS_WORD]), _ones(other[NUMBERS_WORD]))
    return (
        fewer < 3 or _ones(one[NUMBERS_WORD] & other[NUMBERS_WORD]) >= _MIN_NUMBERS * fewer
    )


def estimate(cnp.ndarray one, cnp.ndarray other):
    """Return the estimated resemblance (Jaccard) and containment of two sketches, 0 to 1.

    `one`, `other`: uint64[], as `clusters.words_of` has them.
    """
    cdef Estimate found = _estimate(u64(one), u64(other))
    return found.resemblance, found.contained


def is_version(cnp.ndarray one, cnp.ndarray other):
    """Tell whether two sketches, as for `estimate`, are those of versions of one text."""
    return bool(_is_version(u64(one), u64(other)))


cdef inline uint64_t _dealt(uint32_t key) noexcept nogil:
    """Return a hash of a key: keys are the smallest of many, so their own bits are not even."""
    return key * <uint64_t> 0x9E3779B97F4A7C15u


cdef class KeyTable:
    """The keys of new articles that fall into one of ``1 << bits`` shares of all keys, numbered.

    Parts of the new articles are added first, then those of the archive are looked up. A part comes
    with keys: uint32[n, KEYS]; live: bool[n], or None for all; and the node of its first article.
    """

    cdef uint32_t* _keys
    cdef int32_t* _numbers
    cdef int32_t* _hits
    cdef int64_t _mask, _n
    cdef uint64_t _share
    cdef int _shift

    def __cinit__(self, int bits, int64_t share):
        self._shift = 63 - bits
        self._share = share
        self._mask = (1 << 12) - 1
        self._keys = <uint32_t*> room((self._mask + 1) * sizeof(uint32_t))
        self._numbers = <int32_t*> room((self._mask + 1) * sizeof(int32_t))
        memset(self._keys, 0xFF, (self._mask + 1) * sizeof(uint32_t))

    def __dealloc__(self):
        free(self._keys)
        free(self._numbers)
        free(self._hits)

    def __len__(self):
        return self._n

    cdef inline int64_t _place(self, uint64_t dealt, uint32_t key) noexcept nogil:
        """Return where a key is, or is to be."""
        cdef int64_t place = <int64_t> (dealt >> 32) & self._mask
        while self._keys[place] != _NO_KEY and self._keys[place] != key:
            place = (place + 1) & self._mask
        return place

    cdef int _grow(self) except -1:
        """Take twice the room."""
        cdef uint32_t* keys = self._keys
        cdef int32_t* numbers = self._numbers
        cdef int64_t size = self._mask + 1, at, place
        self._keys = <uint32_t*> room(2 * size * sizeof(uint32_t))
        self._numbers = <int32_t*> room(2 * size * sizeof(int32_t))
        self._mask = 2 * size - 1
        memset(self._keys, 0xFF, 2 * size * sizeof(uint32_t))
        for at in range(size):
            if keys[at] != _NO_KEY:
                place = self._place(_dealt(keys[at]), keys[at])
                self._keys[place] = keys[at]
                self._numbers[place] = numbers[at]
        free(keys)
        free(numbers)
        return 0

    def add(self, cnp.ndarray keys, cnp.ndarray live, int64_t first):
        """Return the node and the number of each key, int32[]."""
        return self._entries(keys, live, first, True)

    def find(self, cnp.ndarray keys, cnp.ndarray live, int64_t first):
        """Return the same of the keys that were added: each is found `MOST_ON_KEY` times at most.
        """
        if self._hits == NULL:
            self._hits = <int32_t*> zeros(self._n * sizeof(int32_t))
        return self._entries(keys, live, first, False)

    cdef tuple _entries(self, cnp.ndarray keys, cnp.ndarray live, int64_t first, bint adds):
        cdef int64_t n = rows_of(keys), found = 0, doc, at, place, number
        cdef const uint32_t* keys_ = u32(keys)
        cdef const uint8_t* live_ = NULL if live is None else u8(live)
        made = np.empty((2, KEYS * n), np.int32)
        cdef int32_t* nodes = i32_out(made)
        cdef int32_t* numbers = nodes + KEYS * n
        cdef uint64_t dealt
        with nogil:
            for doc in range(n):
                if live_ != NULL and not live_[doc]:
                    continue
                for at in range(KEYS * doc, KEYS * (doc + 1)):
                    if keys_[at] == _NO_KEY:
                        break
                    dealt = _dealt(keys_[at])
                    if (dealt >> 1) >> self._shift != self._share:
                        continue
                    place = self._place(dealt, keys_[at])
                    if self._keys[place] == _NO_KEY:
                        if not adds:
                            continue
                        self._keys[place] = keys_[at]
                        self._numbers[place] = <int32_t> self._n
                        self._n += 1
                        if 2 * self._n > self._mask:
                            with gil:
                                self._grow()
                            place = self._place(dealt, keys_[at])
                    number = self._numbers[place]
                    if not adds:
                        if self._hits[number] == MOST_ON_KEY:
                            continue
                        self._hits[number] += 1
                    nodes[found] = <int32_t> (first + doc)
                    numbers[found] = <int32_t> number
                    found += 1
        return made[0, :found].copy(), made[1, :found].copy()


cdef inline int32_t _root(int32_t* parents, int32_t node) noexcept nogil:
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


cdef inline void _unite(int32_t* parents, int32_t one, int32_t other) noexcept nogil:
    """Join two nodes; the root of a group is its earliest node."""
    one, other = _root(parents, one), _root(parents, other)
    if one != other:
        parents[max(one, other)] = min(one, other)


def unite(cnp.ndarray parents, cnp.ndarray ones, cnp.ndarray others):
    """Join nodes, int32[n], and write the root of each node into parents, int32[]."""
    cdef int32_t* parents_ = i32_out(parents)
    cdef const int32_t* ones_ = i32(ones)
    cdef const int32_t* others_ = i32(others)
    cdef int64_t n = size_of(ones), n_nodes = size_of(parents), at
    with nogil:
        for at in range(n):
            _unite(parents_, ones_[at], others_[at])
        for at in range(n_nodes):  # a parent comes before its children
            parents_[at] = parents_[parents_[at]]


cdef inline int64_t _same(
    const uint64_t* one, const uint64_t* bins, const uint64_t* other
) noexcept nogil:
    """Return in how many bins two sketches are the same; `bins` are those of the first in use."""
    cdef uint64_t marks = 0
    cdef int at
    for at in range(NUMBERS_WORD):
        marks += bins[at] & ~_filled(one[at] ^ other[at])
    # Four marks fit into four bits, and eight bits take the sum of two such groups.
    return (((marks & 0x0F0F0F0F0F0F0F0Fu) + ((marks >> 4) & 0x0F0F0F0F0F0F0F0Fu)) * _BYTES) >> 56


def join(
    cnp.ndarray numbers, int64_t n_numbers, cnp.ndarray nodes, cnp.ndarray sketches,
    int64_t n_known, cnp.ndarray parents,
):
    """Join the nodes that share a key and are versions; return how many pairs were compared.

    numbers, nodes: int32[n], a key's number and a node that has it, the nodes ascending; those
    from `n_known` on are new. sketches: uint64[n, 5], of the nodes. A new node is compared with the
    first `MOST_ON_KEY` that have the key, as far as they come before it. parents: int32[].
    """
    cdef const int32_t* numbers_ = i32(numbers)
    cdef const int32_t* nodes_ = i32(nodes)
    cdef const uint64_t* sketches_ = u64(sketches)
    cdef int32_t* parents_ = i32_out(parents)
    cdef int64_t n = size_of(numbers), compared = 0, at, number, start, end, other, least
    cdef int64_t* ends = NULL
    cdef int32_t* order = NULL
    cdef const uint64_t* one
    cdef uint64_t bins[NUMBERS_WORD]
    cdef int word
    try:
        ends = <int64_t*> zeros((n_numbers + 1) * sizeof(int64_t))
        order = <int32_t*> room(n * sizeof(int32_t))
        with nogil:
            for at in range(n):
                ends[numbers_[at] + 1] += 1
            for number in range(n_numbers):
                ends[number + 1] += ends[number]
            for at in range(n):
                order[ends[numbers_[at]]] = <int32_t> at
                ends[numbers_[at]] += 1
            start = 0
            for number in range(n_numbers):
                end = ends[number]
                for at in range(start + 1, end):
                    if nodes_[order[at]] < n_known:
                        continue
                    one = sketches_ + SKETCH_WORDS * order[at]
                    for word in range(NUMBERS_WORD):
                        bins[word] = _filled(one[word] & ~<uint64_t> (0xFF if word == 0 else 0))
                    least = 0
                    if one[0] & 0xFF != EXACT:  # no more is estimated than the share of the same
                        for word in range(NUMBERS_WORD):
                            least += _count(bins[word])
                        least = <int64_t> ceil(_MIN_RESEMBLANCE * least)
                    for other in range(start, min(at, start + MOST_ON_KEY)):
                        compared += 1
                        if _same(one, bins, sketches_ + SKETCH_WORDS * order[other]) < least:
                            continue
                        if _is_version(one, sketches_ + SKETCH_WORDS * order[other]):
                            _unite(parents_, nodes_[order[at]], nodes_[order[other]])
                start = end
    finally:
        free(ends)
        free(order)
    return compared
