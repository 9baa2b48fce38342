"""What was typed, looked for in texts: words of a query in hits, beginnings in values and titles.

See `search.snippets.tables` and `search.suggestions.completion`. Texts are UTF-8; the tables of
characters are those of `indexer.analysis.characters`.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memcmp

cimport numpy as cnp
from corpus.core.arrays cimport (
    i64, i64_out, i32_out, rows_of, size_of, u8, u8_out, u32,
)
from indexer.analysis.tokenise cimport (
    AMPERSAND, APOSTROPHE, BREAK, COMMA, DIGIT, LETTER, MARK, PERIOD, UNIGRAM, Char, Tables,
    chunk_end, class_at, decode, run_end, tables_of,
)

from indexer.analysis import analyser as analysis
from indexer.analysis.characters import TABLE_SIZE, character_tables

__all__ = [
    "FILTER_SIZE", "allow", "common_forms", "find_candidates", "keys_with", "titles_with",
]

cpdef enum:
    FILTER_SIZE = 1 << 14  # slots of the filter over the first three bytes of words

cdef enum:
    PARAGRAPH_GAP = 8
    CERTAIN = 3

assert PARAGRAPH_GAP == analysis.PARAGRAPH_GAP


cdef inline int64_t _slot(int64_t first, int64_t second, int64_t third) noexcept nogil:
    """Return the slot of words that begin with these bytes, 0 where they have no more.

    y counts as i after the first place: the stemmer makes *sky* of *skies*.
    """
    if second == c"y":
        second = c"i"
    if third == c"y":
        third = c"i"
    return (first * 961 + second * 31 + third) & (FILTER_SIZE - 1)


def allow(cnp.ndarray wanted, cnp.ndarray word):
    """Mark the slots of words that begin as `word`, uint8[], does; see `let_through`."""
    cdef uint8_t* wanted_ = u8_out(wanted)
    cdef const uint8_t* word_ = u8(word)
    cdef int64_t size = size_of(word), third
    if size > CERTAIN:
        wanted_[_slot(word_[0], word_[1], word_[2])] = 1
    elif size >= 2:
        for third in range(256):
            wanted_[_slot(word_[0], word_[1], third)] = 1
    else:
        for third in range(size_of(wanted)):
            wanted_[third] = 1


cdef int64_t _characters(const uint8_t* text, int64_t start, int64_t end) noexcept nogil:
    """Return the number of code points in [start, end)."""
    cdef int64_t count = 0, at
    for at in range(start, end):
        count += text[at] & 0xC0 != 0x80
    return count


cdef int64_t _beginning(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return the slot of the chunk at [at, end), folded."""
    cdef int64_t first = 0, second = 0, row, start, byte
    cdef Char char
    while at < end:
        char = decode(text, at)
        at += char.size
        if char.code >= tables.size:
            continue
        row = tables.folds[char.code]
        start = row >> 5
        for byte in range(start, start + (row & 31)):
            if second:
                return _slot(first, second, tables.folded[byte])
            if first:
                second = tables.folded[byte]
            else:
                first = tables.folded[byte]
    return _slot(first, second, 0)


cdef int64_t _letters(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where a run of ASCII letters ends that no sign can join to more, else -1.

    Nearly all words of an English text are such runs.
    """
    cdef int64_t start = at
    while at < end and text[at] < 0x80 and tables.classes[text[at]] == LETTER:
        at += 1
    if at == end:
        return at
    if text[at] >= 0x80:
        return -1
    if tables.classes[text[at]] == PERIOD:  # of initials, which have one letter or two
        return at if at - start > 2 else -1
    if tables.classes[text[at]] == COMMA or tables.classes[text[at]] <= UNIGRAM:
        return at
    return at if tables.classes[text[at]] == BREAK else -1


cdef struct Candidate:
    int32_t text
    int32_t position
    int32_t start
    int32_t end


def find_candidates(
    cnp.ndarray text, cnp.ndarray ends, cnp.ndarray loose, cnp.ndarray wanted, cnp.ndarray classes,
    cnp.ndarray folds, cnp.ndarray folded, cnp.ndarray out,
):
    """Write a row (text, position, start, end) for each chunk that may match; return how many.

    text: uint8[], texts one after the other; ends: int64[n], where each ends; loose: uint8[n], 1
    where all words of a text may match; wanted: uint8[FILTER_SIZE]; out: int32[chunks, 4].
    """
    cdef const uint8_t* text_ = u8(text)
    cdef const int64_t* ends_ = i64(ends)
    cdef const uint8_t* loose_ = u8(loose)
    cdef const uint8_t* wanted_ = u8(wanted)
    cdef Tables tables = tables_of(classes, folds, folded)
    cdef Candidate* out_ = <Candidate*> i32_out(out)
    cdef int64_t n = rows_of(ends), written
    with nogil:
        written = _find(text_, ends_, n, loose_, wanted_, &tables, out_)
    return written


cdef int64_t _find(
    const uint8_t* text, const int64_t* ends, int64_t n, const uint8_t* loose,
    const uint8_t* wanted, const Tables* tables, Candidate* out,
) noexcept nogil:
    cdef int64_t written = 0, at = 0, part, end, position, character, after, plain, length
    cdef bint signed_
    cdef Char char
    for part in range(n):
        end = ends[part]
        position = 0
        character = 0
        while at < end:
            char = class_at(text, at, end, tables)
            if char.code == LETTER or char.code == DIGIT or char.code == UNIGRAM:
                after = _letters(text, at, end, tables) if char.code == LETTER else -1
                if after >= 0:
                    signed_ = False
                    length = after - at
                else:
                    after = chunk_end(text, at, end, tables, char.code, char.size)
                    plain = run_end(text, at + char.size, end, tables, char.code)
                    signed_ = char.code != UNIGRAM and plain < after
                    length = _characters(text, at, after)
                if signed_ or loose[part] or wanted[_beginning(text, at, after, tables)]:
                    out[written].text = <int32_t> part
                    out[written].position = <int32_t> position
                    out[written].start = <int32_t> character
                    out[written].end = <int32_t> (character + length)
                    written += 1
                position += 1
                character += length
                at = after
            else:
                if char.code == BREAK:
                    position += PARAGRAPH_GAP
                character += 1
                at += char.size
    return written


def keys_with(cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray typed, cnp.ndarray marks):
    """Mark folded keys: 2 where one begins with `typed`, 1 where a word of it does, else 0.

    data, offsets: the keys as `Strings`; typed: uint8[]; marks: uint8[n].
    """
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef const uint8_t* typed_ = u8(typed)
    cdef uint8_t* marks_ = u8_out(marks)
    cdef int64_t n = size_of(offsets) - 1, size = size_of(typed), number, start, at
    cdef uint8_t before
    with nogil:
        for number in range(n):
            start = offsets_[number]
            marks_[number] = 0
            for at in range(start, offsets_[number + 1] - size + 1):
                if at > start:  # inside a value words begin after a blank, ', - or /
                    before = data_[at - 1]
                    if before != c" " and before != c"'" and before != c"-" and before != c"/":
                        continue
                if memcmp(data_ + at, typed_, size) == 0:
                    marks_[number] = 2 if at == start else 1
                    break


def common_forms(
    cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray groups, cnp.ndarray starts, int64_t first,
    int64_t last, cnp.ndarray typed, cnp.ndarray out,
):
    """Write (form, frequency) of the terms [first, last) with most postings; return how many.

    The first form of a term that begins with `typed` stands for it. `out`: int64[k, 2], in no
    order.
    """
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef const int64_t* groups_ = i64(groups)
    cdef const int64_t* starts_ = i64(starts)
    cdef const uint8_t* typed_ = u8(typed)
    cdef int64_t* out_ = i64_out(out)
    cdef int64_t size = size_of(typed), room = rows_of(out), count = 0, least = 0, term, form
    cdef int64_t frequency, start, at, i
    with nogil:
        for term in range(first, last):
            frequency = starts_[term + 1] - starts_[term]
            if count == room and frequency <= out_[2 * least + 1]:
                continue
            for form in range(groups_[term], groups_[term + 1]):
                start = offsets_[form]
                if offsets_[form + 1] - start < size or memcmp(data_ + start, typed_, size):
                    continue
                if count < room:
                    at = count
                    count += 1
                else:
                    at = least
                out_[2 * at], out_[2 * at + 1] = form, frequency
                if count == room:
                    least = 0
                    for i in range(1, count):
                        if out_[2 * i + 1] < out_[2 * least + 1]:
                            least = i
                break
    return count


cdef inline bint _inside(int64_t kind) noexcept nogil:
    """Whether a sign in a word is passed over: U.S. is US."""
    return (
        kind == MARK or kind == APOSTROPHE or kind == PERIOD or kind == COMMA or kind == AMPERSAND
    )


cdef bint _begins(
    const uint8_t* text, int64_t at, int64_t end, const uint8_t* typed, int64_t size,
    const Tables* tables,
) noexcept nogil:
    """Whether the folded words from `at` on begin with `typed`, one space between words."""
    cdef int64_t matched = 0, row, byte
    cdef bint gap = False
    cdef Char char
    while at < end:
        char = class_at(text, at, end, tables)
        if char.code == LETTER or char.code == DIGIT or char.code == UNIGRAM:
            if gap:
                if typed[matched] != c" ":
                    return False
                matched += 1
                gap = False
            row = tables.folds[decode(text, at).code]
            for byte in range(row >> 5, (row >> 5) + (row & 31)):
                if matched == size or typed[matched] != tables.folded[byte]:
                    return matched == size
                matched += 1
            if matched == size:
                return True
        elif not _inside(char.code):
            gap = matched > 0
        at += char.size
    return False


def titles_with(
    cnp.ndarray docs, cnp.ndarray data, cnp.ndarray offsets, cnp.ndarray typed, cnp.ndarray out
):
    """Write (index in `docs`, byte of the title) where titles have the typed words; how many.

    docs: uint32[], in the order in which they are wanted; data, offsets: titles as `Strings`;
    typed: uint8[], folded words with one space between them, the last one begun; out: int64[k, 2].
    """
    classes, folds, folded = character_tables(TABLE_SIZE)
    cdef Tables tables = tables_of(classes, folds, folded)
    cdef const uint32_t* docs_ = u32(docs)
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef const uint8_t* typed_ = u8(typed)
    cdef int64_t* out_ = i64_out(out)
    cdef int64_t n = size_of(docs), size = size_of(typed), room = rows_of(out), count = 0, i
    cdef int64_t start, end, at
    cdef bint inside, word
    cdef Char char
    with nogil:
        for i in range(n):
            if count == room:
                break
            start, end = offsets_[docs_[i]], offsets_[docs_[i] + 1]
            at = start
            inside = False
            while at < end:
                char = class_at(data_, at, end, &tables)
                word = char.code == LETTER or char.code == DIGIT or char.code == UNIGRAM
                if word and not inside and _begins(data_, at, end, typed_, size, &tables):
                    out_[2 * count], out_[2 * count + 1] = i, at - start
                    count += 1
                    break
                inside = word and char.code != UNIGRAM
                at += char.size
    return count
