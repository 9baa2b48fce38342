"""Words of a query looked for in texts, see `search.snippets.words`, and titles that are as typed.

The tables of characters are those of `indexer.analysis.characters`. Python sees a few of a hundred
words of a text.
"""

from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free

cimport numpy as cnp
from corpus.core.arrays cimport i64, larger, rows_of, size_of, u8, u8_out
from indexer.analysis.tokenise cimport (
    BREAK, COMMA, DIGIT, LETTER, PERIOD, UNIGRAM, Char, Tables, chunk_end, class_at, decode,
    run_end, tables_of,
)

from indexer.analysis import analyser as analysis
from indexer.analysis.characters import TABLE_SIZE, character_tables

__all__ = ["FILTER_SIZE", "add_occurrence", "let_through", "locate", "same_titles"]

cpdef enum:
    FILTER_SIZE = 1 << 14  # slots of the filter over the first three bytes of words

cdef enum:
    PARAGRAPH_GAP = 8
    CERTAIN = 3
    MAX_CHUNK = 64
    MOST_SIGNS = 32  # bytes by which a title and a text of its words differ

assert (PARAGRAPH_GAP, MAX_CHUNK) == (analysis.PARAGRAPH_GAP, analysis.MAX_CHUNK)


cdef inline int64_t _slot(int64_t first, int64_t second, int64_t third) noexcept nogil:
    """Return the slot of words that begin with these bytes, 0 where they have no more.

    y counts as i after the first place: the stemmer makes *sky* of *skies*.
    """
    if second == c"y":
        second = c"i"
    if third == c"y":
        third = c"i"
    return (first * 961 + second * 31 + third) & (FILTER_SIZE - 1)


def let_through(cnp.ndarray wanted, str beginning):
    """Mark the slots of words that begin as `beginning` does, or share its stem.

    Of more than three bytes the first three count, else the first two: the stem of *dying* is
    *die*. `wanted`: uint8[FILTER_SIZE].
    """
    cdef uint8_t* wanted_ = u8_out(wanted)
    cdef bytes encoded = beginning.encode("utf-8", "replace")
    cdef const uint8_t* word_ = encoded
    cdef int64_t size = len(encoded), third
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
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables, bint joined = False
) noexcept nogil:
    """Return the slot of the chunk at [at, end), folded; without signs in it if it is `joined`."""
    cdef int64_t first = 0, second = 0, row, start, byte
    cdef Char char
    while at < end:
        char = decode(text, at)
        at += char.size
        if char.code >= tables.size or (joined and tables.classes[char.code] > UNIGRAM):
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


cdef bint _has_beginning(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables, const uint8_t* wanted
) noexcept nogil:
    """Say whether a word may begin anywhere in the chunk at [at, end) as one of the query's, with
    the signs in it or without."""
    while at < end:
        if text[at] & 0xC0 != 0x80 and (
            wanted[_beginning(text, at, end, tables)]
            or wanted[_beginning(text, at, end, tables, True)]
        ):
            return True
        at += 1
    return False


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


cdef inline bint _is_word(str chunk):
    return len(chunk) <= MAX_CHUNK and chunk.isascii() and chunk.isalpha()


cdef struct Candidate:
    int32_t position
    int32_t start
    int32_t end


def locate(
    list texts, list readings, cnp.ndarray wanted, dict exact, stem, resolve, bint judged,
    bint numbers,
):
    """Return where the words of a query stand in each text, lists in order: of (start, end, bits),
    or, if phrases are to be `judged`, (position, start, end, bits on its own, inside sequences).

    Finds the same chunks as `indexer.analysis.analyser`, and passes over all whose first three
    folded bytes do not occur in the query (`wanted`, see `let_through`); one with a joining sign
    (``l'économie``, ``U.S.``) may be several words, of which any may be meant. Positions count words from
    0 in each text, with a gap at U+001E; start and end are code points of the text.

    readings: how each text is read, `search.snippets.words.Reading`. exact: bits of forms that
    count as written, None where single words are not told at once; stem: returns the stem of a
    word in a language; resolve: returns what a chunk means in a reading, which is kept there;
    numbers: whether any may be meant.
    """
    cdef const uint8_t* wanted_ = u8(wanted)
    cdef Tables plain, full, tables
    cdef bint has_full = False
    cdef Candidate* rows = NULL
    cdef Py_ssize_t size, room_for = 0, number, i, count
    cdef int64_t start, end, place, further
    cdef const char* data
    cdef bytes encoded
    cdef str text, chunk, word
    cdef list found = [], own
    cdef tuple meant
    cdef object known, stems, language, singles, single, sequential
    cdef bint loose
    ascii_tables = character_tables(128)
    plain = tables_of(ascii_tables[0], ascii_tables[1], ascii_tables[2])
    try:
        for number in range(len(texts)):
            text, reading = texts[number], readings[number]
            known, stems, language, singles, loose, _ = reading
            encoded = None
            if text.isascii():
                data = PyUnicode_AsUTF8AndSize(text, &size)
                tables = plain
            else:
                encoded = text.encode("utf-8", "replace")
                data, size = encoded, len(encoded)
                if not has_full:
                    all_tables = character_tables(TABLE_SIZE)
                    full = tables_of(all_tables[0], all_tables[1], all_tables[2])
                    has_full = True
                tables = full
            if size > room_for:
                rows = <Candidate*> larger(rows, size * sizeof(Candidate))
                room_for = size
            count = _find(
                <const uint8_t*> data, size, loose, numbers, judged, wanted_, &tables, rows
            )
            own = []
            further = 0
            for i in range(count):
                chunk = text[rows[i].start : rows[i].end]
                meant = (<dict> known).get(chunk)
                if meant is None:
                    if exact is not None and _is_word(chunk):
                        word = chunk.lower()  # none of the query's, as nearly all are
                        if word not in exact and stem(word, language) not in stems:
                            (<dict> known)[chunk] = (0, ())
                            continue
                    meant = (<dict> known)[chunk] = resolve(chunk, reading)
                for part, first, last, single, sequential in <tuple> meant[1]:
                    single = single & singles
                    start, end = rows[i].start + <int64_t> first, rows[i].start + <int64_t> last
                    if judged:
                        if sequential or single:
                            place = rows[i].position + further + <int64_t> part
                            own.append((place, start, end, single, sequential))
                    elif single:
                        add_occurrence(own, start, end, single)
                further += meant[0]
            found.append(own)
    finally:
        free(rows)
    return found


cpdef add_occurrence(list found, int64_t start, int64_t end, bits):
    """Add (start, end, bits) to occurrences, one for each place."""
    cdef tuple before
    if found:
        before = found[len(found) - 1]
        if before[0] == start and before[1] == end:
            found[len(found) - 1] = (start, end, before[2] | bits)
            return
    found.append((start, end, bits))


cdef bint _is_number(const uint8_t* text, int64_t at, int64_t end) noexcept nogil:
    """Whether a chunk is one number in ASCII, see `indexer.analysis.analyser.is_number`."""
    cdef int64_t start = at, group
    if end - at > MAX_CHUNK:
        return False
    while at < end and c"0" <= text[at] <= c"9":
        at += 1
    if at == start:
        return False
    while at < end and text[at] == c",":
        group = at + 1
        at = group
        while at < end and c"0" <= text[at] <= c"9":
            at += 1
        if at - group != 3:
            return False
    if at + 1 < end and text[at] == c".":
        at += 1
        while at < end and c"0" <= text[at] <= c"9":
            at += 1
    return at == end


cdef int64_t _find(
    const uint8_t* text, int64_t end, bint loose, bint numbers, bint judged,
    const uint8_t* wanted, const Tables* tables, Candidate* out,
) noexcept nogil:
    """Write a row for each chunk of a text that may match, all where it is `loose`; how many.
    Where sequences are `judged`, chunks of several words count, whatever they are."""
    cdef int64_t written = 0, at = 0, position = 0, character = 0, after, plain, length
    cdef bint signed_
    cdef Char char
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
                signed_ = char.code != UNIGRAM and plain < after and (
                    judged or _has_beginning(text, at, after, tables, wanted)
                )
                length = _characters(text, at, after)
            if (signed_ or loose or wanted[_beginning(text, at, after, tables)]) and (
                numbers or not _is_number(text, at, after)
            ):
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


cdef int64_t _next_sign(const uint8_t* text, int64_t at, int64_t end) noexcept nogil:
    """Return where the first byte of a letter or digit at or after `at` stands, `end` for none.

    Signs are those of ASCII, U+00A0 to U+00BF, and U+2000 to U+207F.
    """
    while at < end:
        if text[at] == 0xC2:
            at += 2
        elif text[at] == 0xE2 and at + 1 < end and text[at + 1] & 0xFE == 0x80:
            at += 3
        elif text[at] >= 0x80 or c"0" <= text[at] <= c"9" or c"a" <= text[at] | 0x20 <= c"z":
            return at
        else:
            at += 1
    return end


def same_titles(
    cnp.ndarray rows, int64_t leaf, cnp.ndarray data, cnp.ndarray offsets, bytes typed
):
    """Return which rows are of titles that have the letters and digits of a text, and no others.

    rows: int64[n, 4], the last number ``leaf << 32 | document``, of which those of one `leaf`
    count; data, offsets: its titles as `Strings`. Letters of ASCII count in either case.
    """
    cdef const int64_t* rows_ = i64(rows)
    cdef const uint8_t* data_ = u8(data)
    cdef const int64_t* offsets_ = i64(offsets)
    cdef const uint8_t* typed_ = typed
    cdef int64_t size = len(typed), i, at, end, other, doc
    cdef uint8_t one
    cdef list found = []
    for i in range(rows_of(rows)):
        if rows_[4 * i + 3] >> 32 != leaf:
            continue
        doc = rows_[4 * i + 3] & 0xFFFFFFFF
        at, end = offsets_[doc], offsets_[doc + 1]
        if end - at - size > MOST_SIGNS or size - end + at > MOST_SIGNS:
            continue
        at, other = _next_sign(data_, at, end), _next_sign(typed_, 0, size)
        while at < end and other < size:
            one = data_[at] ^ typed_[other]
            if one and (one != 0x20 or data_[at] >= 0x80 or data_[at] <= c"9"):
                break
            at, other = _next_sign(data_, at + 1, end), _next_sign(typed_, other + 1, size)
        if at >= end and other >= size:
            found.append(i)
    return found
