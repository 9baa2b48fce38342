"""The JSON of articles, as `corpus.core.wire.article_json` writes it, without Python's objects.

`doubtful` tells whether articles are such JSON. It has the same names in the same order, and a kind
of value for each: one pass over its bytes compares them. It says yes only where
`corpus.core.wire.article_of` surely makes an article of them; what is rare (escapes by number, a
29 February, dates of earlier versions) is left for that to tell. It runs without the interpreter's
lock, so threads share the work. `as_written` tells of one article what `corpus.core.gate` asks, too.
`heads` writes how articles begin.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memchr, memcmp, memcpy

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, larger, room, rows_of, size_of, u8, u64, u64_out

import numpy as np

__all__ = ["Kind", "Shape", "as_written", "doubtful", "heads", "read_columns"]

cpdef enum Kind:
    LINE  # a string
    LIST  # a list of strings
    DATE  # the text of a `StatedDate`, or null
    NUMBER  # a number, or null
    ORIGIN  # an object of a string, a number and a string
    PAIRS  # a list of lists of two strings

cdef enum:
    URL = 1
    TITLE = 2  # places of values, in the order of `Article`
    LEAD = 3
    BODY = 4

cdef int[13] _DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

cdef uint64_t _EACH = 0x0101010101010101u
cdef uint64_t _HIGH = 0x8080808080808080u

cdef const char* _DIGITS = b"0123456789abcdef"
cdef const char* _ESCAPES = b"btn.fr"  # of the bytes 8 to 13; 11 has none

cdef struct Mark:
    # What stands before a value, and the kind of the value.
    const uint8_t* text
    int64_t size
    int kind

cdef struct Span:
    const uint8_t* at
    const uint8_t* end

cdef struct Value:
    # Where a value lies, how many strings it has, and the bytes of the longest.
    const uint8_t* at
    const uint8_t* end
    int64_t strings
    int64_t longest
    bint lax  # dates and numbers are any, and strings may have escapes by number


cdef class Shape:
    """The values of an article's JSON: what stands before each, and its kind.

    marks: (bytes, `Kind`) for each value. After the last value comes ``}``.
    """

    cdef list texts  # which hold the bytes that the marks point to
    cdef Mark* marks
    cdef int64_t size

    def __cinit__(self, list marks):
        cdef int64_t i
        cdef bytes text
        self.size = len(marks)
        self.texts = [text for text, _ in marks]
        self.marks = <Mark*> room(self.size * sizeof(Mark))
        for i in range(self.size):
            text = self.texts[i]
            self.marks[i].text, self.marks[i].size = text, len(text)
            self.marks[i].kind = marks[i][1]

    def __dealloc__(self):
        free(self.marks)


def doubtful(list articles, Shape shape):
    """Return which articles, by number, may not be what is written; bytes each, valid UTF-8."""
    cdef int64_t n = len(articles), i
    cdef Span* spans = NULL
    cdef bytes text
    try:
        spans = <Span*> room(n * sizeof(Span))
        for i in range(n):
            text = articles[i]
            spans[i].at = text
            spans[i].end = spans[i].at + len(text)
        with nogil:
            for i in range(n):
                if _is_article(&spans[i], shape.marks, shape.size, NULL, False):
                    spans[i].at = NULL
        return [i for i in range(n) if spans[i].at != NULL]
    finally:
        free(spans)


cdef bint _is_article(
    const Span* article, const Mark* shape, int64_t n_marks, Value* values, bint lax
) noexcept nogil:
    """Say whether this surely is an article; `values`, or NULL, are its values."""
    cdef Value rest
    cdef int64_t i
    rest.lax = lax
    rest.at, rest.end = article.at, article.end
    for i in range(n_marks):
        if not _takes(&rest, shape[i].text, shape[i].size):
            return False
        if values != NULL:
            values[i].at = rest.at
        rest.strings = rest.longest = 0
        if not _takes_value(&rest, shape[i].kind):
            return False
        if values != NULL:
            values[i].end, values[i].strings, values[i].longest = rest.at, rest.strings, rest.longest
    return rest.end - rest.at == 1 and rest.at[0] == c"}"


def as_written(bytes article, Shape shape, tuple wanted, tuple bounds):
    """Return where some values of an article's JSON begin and end, by their numbers; None where it
    may not be the very JSON that is written of an article that the gate lets in as it is.

    Characters beyond ASCII, the URL and the years of dates are left to be looked at. bounds: the
    most bytes of text, of all else, of a value that is no text, of a title and of a lead, and the
    most of such values and of paragraphs.
    """
    cdef int64_t most_text, most_rest, most_value, most_title, most_lead, most_values
    cdef int64_t most_paragraphs, i, n_values = 0
    cdef Value* values = <Value*> room(shape.size * sizeof(Value))
    cdef Span whole
    cdef const uint8_t* begin = article
    cdef list found = []
    (
        most_text, most_rest, most_value, most_title, most_lead, most_values, most_paragraphs
    ) = bounds
    whole.at = begin
    whole.end = begin + len(article)
    try:
        if not (
            _is_article(&whole, shape.marks, shape.size, values, False) and _is_plain(&whole)
            and values[TITLE].longest <= most_title and values[LEAD].longest <= most_lead
            and values[BODY].strings <= most_paragraphs
            and values[BODY].end - values[TITLE].at <= most_text
            and whole.end - values[BODY].end <= most_rest
        ):
            return None
        for i in range(BODY + 1, shape.size):
            if shape.marks[i].kind == NUMBER and values[i].at[0] != c"n":
                return None  # a number has several spellings
            if shape.marks[i].kind != ORIGIN:
                n_values += values[i].strings
                if values[i].longest > most_value:
                    return None
        if n_values > most_values:
            return None
        for i in wanted:
            found.append(values[i].at - begin)
            found.append(values[i].end - begin)
        return found
    finally:
        free(values)


cdef bint _is_plain(const Span* text) noexcept nogil:
    """Say whether no string has a control character, and none is escaped that need not be."""
    cdef const uint8_t* at = text.at
    if memchr(at, 0x7F, text.end - at) != NULL:
        return False
    while True:
        at = <const uint8_t*> memchr(at, c"\\", text.end - at)
        if at == NULL:
            return True
        if at[1] != c'"' and at[1] != c"\\":
            return False
        at += 2


cdef bint _takes_value(Value* rest, int kind) noexcept nogil:
    if kind == LINE:
        return _takes_string(rest)
    if kind == LIST:
        return _takes_strings(rest)
    if kind == DATE:
        if _takes(rest, <const uint8_t*> b"null", 4):
            return True
        return _takes_string(rest) if rest.lax else _takes_date(rest)
    if kind == NUMBER:
        return _takes(rest, <const uint8_t*> b"null", 4) or _takes_number(rest)
    if kind == ORIGIN:
        return (
            _takes(rest, <const uint8_t*> b'{"path":', 8) and _takes_string(rest)
            and _takes(rest, <const uint8_t*> b',"position":', 12) and _takes_number(rest)
            and _takes(rest, <const uint8_t*> b',"reader":', 10) and _takes_string(rest)
            and _takes(rest, <const uint8_t*> b"}", 1)
        )
    if not _takes(rest, <const uint8_t*> b"[", 1):
        return False
    if _takes(rest, <const uint8_t*> b"]", 1):
        return True
    while True:
        if not (
            _takes(rest, <const uint8_t*> b"[", 1) and _takes_string(rest)
            and _takes(rest, <const uint8_t*> b",", 1) and _takes_string(rest)
            and _takes(rest, <const uint8_t*> b"]", 1)
        ):
            return False
        if not _takes(rest, <const uint8_t*> b",", 1):
            return _takes(rest, <const uint8_t*> b"]", 1)


cdef inline bint _takes(Value* rest, const uint8_t* text, int64_t size) noexcept nogil:
    """Go on behind these bytes, if they come next."""
    if rest.end - rest.at < size or memcmp(rest.at, text, size) != 0:
        return False
    rest.at += size
    return True


cdef bint _takes_string(Value* rest) noexcept nogil:
    cdef const uint8_t* at = rest.at
    cdef uint64_t eight
    if at >= rest.end or at[0] != c'"':
        return False
    at += 1
    while at < rest.end:
        while rest.end - at >= 8:  # no quotation mark, no backslash, no control character
            memcpy(&eight, at, 8)
            if _has_zero(eight ^ (_EACH * 0x22)) | _has_zero(eight ^ (_EACH * 0x5C)) | (
                (eight - _EACH * 0x20) & ~eight & _HIGH
            ):
                break
            at += 8
        if at[0] == c'"':
            rest.strings += 1
            rest.longest = max(rest.longest, at - rest.at - 1)
            rest.at = at + 1
            return True
        if at[0] < 0x20:
            return False
        if at[0] == c"\\":
            at += 1
            if at >= rest.end or at[0] == 0:
                return False
            if at[0] == c"u" and rest.lax and rest.end - at > 4 and _code(at + 1) >= 0:
                at += 4
            elif memchr(b'"\\/bfnrt', at[0], 8) == NULL:
                return False
        at += 1
    return False


cdef inline uint64_t _has_zero(uint64_t eight) noexcept nogil:
    """Return a number that is not 0 where one of eight bytes is 0."""
    return (eight - _EACH) & ~eight & _HIGH


cdef bint _takes_strings(Value* rest) noexcept nogil:
    if not _takes(rest, <const uint8_t*> b"[", 1):
        return False
    if _takes(rest, <const uint8_t*> b"]", 1):
        return True
    while _takes_string(rest):
        if not _takes(rest, <const uint8_t*> b",", 1):
            return _takes(rest, <const uint8_t*> b"]", 1)
    return False


cdef bint _takes_number(Value* rest) noexcept nogil:
    """Take a number without a sign and an exponent; any, where that is lax."""
    cdef const uint8_t* begin = rest.at
    if rest.lax:
        while rest.at < rest.end and (c"0" <= rest.at[0] <= c"9" or _is_of_number(rest.at[0])):
            rest.at += 1
        return rest.at > begin
    if not _takes(rest, <const uint8_t*> b"0", 1) and not _takes_digits(rest):
        return False
    return not _takes(rest, <const uint8_t*> b".", 1) or _takes_digits(rest)


cdef inline bint _is_of_number(uint8_t byte) noexcept nogil:
    return byte == c"-" or byte == c"+" or byte == c"." or byte == c"e" or byte == c"E"


cdef int _code(const uint8_t* digits) noexcept nogil:
    """Return the character of four hexadecimal digits, -1 where they are none, or half of one."""
    cdef int code = 0, i
    cdef uint8_t byte
    for i in range(4):
        byte = digits[i] | 0x20
        if c"0" <= digits[i] <= c"9":
            code = 16 * code + digits[i] - c"0"
        elif c"a" <= byte <= c"f":
            code = 16 * code + byte - c"a" + 10
        else:
            return -1
    return -1 if 0xD800 <= code < 0xE000 else code


cdef inline bint _takes_digits(Value* rest) noexcept nogil:
    cdef const uint8_t* begin = rest.at
    while rest.at < rest.end and c"0" <= rest.at[0] <= c"9":
        rest.at += 1
    return 0 < rest.at - begin <= 18


cdef inline int _digits(Value* rest, int count) noexcept nogil:
    """Take so many digits; return their number, -1 where there are fewer."""
    cdef int found = 0, i
    if rest.end - rest.at < count:
        return -1
    for i in range(count):
        if not c"0" <= rest.at[i] <= c"9":
            return -1
        found = 10 * found + rest.at[i] - c"0"
    rest.at += count
    return found


cdef bint _takes_date(Value* rest) noexcept nogil:
    cdef int month
    if not _takes(rest, <const uint8_t*> b'"', 1) or not 2 <= _digits(rest, 4) <= 9997:
        return False
    if _takes(rest, <const uint8_t*> b"-", 1):
        month = _digits(rest, 2)
        if not 1 <= month <= 12:
            return False
        if _takes(rest, <const uint8_t*> b"-", 1):
            if not 1 <= _digits(rest, 2) <= _DAYS[month]:
                return False
            if _takes(rest, <const uint8_t*> b"T", 1) and not _takes_time(rest):
                return False
    return _takes(rest, <const uint8_t*> b'"', 1)


cdef bint _takes_time(Value* rest) noexcept nogil:
    cdef bint east
    if not (
        0 <= _digits(rest, 2) < 24 and _takes(rest, <const uint8_t*> b":", 1)
        and 0 <= _digits(rest, 2) < 60 and _takes(rest, <const uint8_t*> b":", 1)
        and 0 <= _digits(rest, 2) < 60
    ):
        return False
    east = _takes(rest, <const uint8_t*> b"+", 1)
    if not east and not _takes(rest, <const uint8_t*> b"-", 1):
        return True
    if _takes(rest, <const uint8_t*> b"00:00", 5):
        return east  # which has one spelling
    return (
        0 <= _digits(rest, 2) < 24 and _takes(rest, <const uint8_t*> b":", 1)
        and 0 <= _digits(rest, 2) < 60
    )


def read_columns(list articles, Shape shape, tuple parts, tuple lines, tuple lists):
    """Return articles field by field; or, a list, the numbers of those that are written in
    another way. Raises UnicodeDecodeError, and ValueError for an id that is none.

    ids: uint64[n]. text: bytes, the `parts` (numbers of values) of one article after the other, the
    strings of a list joined by U+001E; ends: int64[n * parts], where each part ends. rests: bytes,
    the articles' JSON from their leads on; rest_sizes: int64[n]. Of URLs and titles each bytes and
    sizes, int64[n]. Of each of `lines` a list of its strings, "" for null; of each of `lists` its
    strings that are not empty, and how many each article has, int64[n].
    """
    cdef int64_t n = len(articles), n_parts = len(parts), i, k, at, total = 0, used = 0
    cdef const Value* value
    cdef Value* values = NULL
    cdef Span* spans = NULL
    cdef uint8_t* out = NULL
    cdef uint8_t* to
    cdef int64_t* part_numbers = NULL
    cdef bytes article
    cdef cnp.ndarray ids = np.empty(n, np.uint64), ends = np.empty(n * n_parts, np.int64)
    cdef cnp.ndarray rest_sizes = np.empty(n, np.int64), counts
    cdef uint64_t* ids_ = u64_out(ids)
    cdef int64_t* ends_ = i64_out(ends)
    cdef int64_t* rest_sizes_ = i64_out(rest_sizes)
    cdef int64_t* counts_
    cdef list others = [], strings = [], columns = [], facets = [], found
    cdef bytes text, rests
    try:
        spans = <Span*> room(n * sizeof(Span))
        values = <Value*> room(n * shape.size * sizeof(Value))
        part_numbers = <int64_t*> room(n_parts * sizeof(int64_t))
        for k in range(n_parts):
            part_numbers[k] = parts[k]
        for i in range(n):
            article = articles[i]
            if not _is_ascii(article):
                article.decode()
            spans[i].at = article
            spans[i].end = spans[i].at + len(article)
            total += len(article)
        with nogil:
            for i in range(n):
                if not _is_article(
                    &spans[i], shape.marks, shape.size, values + i * shape.size, True
                ):
                    with gil:
                        others.append(i)
        if others:
            return others
        out = <uint8_t*> room(total)
        for i in range(n):
            ids_[i] = _id(values + i * shape.size)
        with nogil:
            to = out
            for i in range(n):
                for k in range(n_parts):
                    to = _unquoted(values + i * shape.size + part_numbers[k], to, 0x1E)
                    ends_[n_parts * i + k] = to - out
        text = PyBytes_FromStringAndSize(<const char*> out, to - out)
        to = out
        for i in range(n):
            value = values + i * shape.size + LEAD
            at = value.at - 7 - spans[i].at  # where ``"lead":`` begins
            rest_sizes_[i] = spans[i].end - spans[i].at - at
            memcpy(to, spans[i].at + at, rest_sizes_[i])
            to += rest_sizes_[i]
        rests = PyBytes_FromStringAndSize(<const char*> out, to - out)
        for k in (URL, TITLE):
            counts = np.empty(n, np.int64)
            counts_ = i64_out(counts)
            to = out
            for i in range(n):
                at = to - out
                to = _unquoted(values + i * shape.size + k, to, 0)
                counts_[i] = to - out - at
            strings.append((PyBytes_FromStringAndSize(<const char*> out, to - out), counts))
        for k in lines:
            found = []
            for i in range(n):
                value = values + i * shape.size + k
                to = _unquoted(value, out, 0) if value.at[0] == c'"' else out
                found.append(PyUnicode_DecodeUTF8(<const char*> out, to - out, NULL))
            columns.append(found)
        for k in lists:
            found = []
            counts = np.empty(n, np.int64)
            counts_ = i64_out(counts)
            for i in range(n):
                used = len(found)
                _add_strings(values + i * shape.size + k, out, found)
                counts_[i] = len(found) - used
            facets.append((found, counts))
        return ids, text, ends, rests, rest_sizes, strings, columns, facets
    finally:
        free(part_numbers)
        free(spans)
        free(values)
        free(out)


cdef bint _is_ascii(bytes text) noexcept:
    cdef const uint8_t* at = text
    cdef const uint8_t* end = at + len(text)
    cdef uint64_t eight, high = 0
    while end - at >= 8:
        memcpy(&eight, at, 8)
        high |= eight
        at += 8
    while at < end:
        high |= <uint64_t> at[0]
        at += 1
    return not high & _HIGH


cdef uint64_t _id(const Value* values) except? 0:
    """Return the number of an id; raises ValueError where it is none, or spelled otherwise."""
    cdef uint64_t number = 0
    cdef int64_t i
    cdef uint8_t byte
    if values[0].end - values[0].at != 18:
        raise ValueError("an id is 16 lower-case hexadecimal digits")
    for i in range(1, 17):
        byte = values[0].at[i]
        if c"0" <= byte <= c"9":
            number = 16 * number + byte - c"0"
        elif c"a" <= byte <= c"f":
            number = 16 * number + byte - c"a" + 10
        else:
            raise ValueError("an id is 16 lower-case hexadecimal digits")
    return number


cdef _add_strings(const Value* value, uint8_t* scratch, list found):
    """Add the strings of a value that are not empty."""
    cdef const uint8_t* at = value.at
    cdef uint8_t* to
    while at < value.end:
        if at[0] == c'"':
            to = _copied(&at, scratch)
            if to > scratch:
                found.append(PyUnicode_DecodeUTF8(<const char*> scratch, to - scratch, NULL))
        else:
            at += 1


cdef uint8_t* _unquoted(const Value* value, uint8_t* out, uint8_t separator) noexcept nogil:
    """Write the text of a string, or of those of a list; returns the end of it."""
    cdef const uint8_t* at = value.at
    cdef bint first = True
    while at < value.end:
        if at[0] == c'"':
            if not first:
                out[0] = separator
                out += 1
            first = False
            out = _copied(&at, out)
        else:
            at += 1
    return out


cdef uint8_t* _copied(const uint8_t** string, uint8_t* out) noexcept nogil:
    """Write the text of the string that begins here, which ends, and go on behind it."""
    cdef const uint8_t* at = string[0] + 1
    cdef uint64_t eight
    cdef int code
    while True:
        while True:
            memcpy(&eight, at, 8)  # the bytes object ends with more than eight behind a string
            if _has_zero(eight ^ (_EACH * 0x22)) | _has_zero(eight ^ (_EACH * 0x5C)):
                break
            memcpy(out, &eight, 8)
            out += 8
            at += 8
        if at[0] == c'"':
            string[0] = at + 1
            return out
        if at[0] != c"\\":
            out[0] = at[0]
            out += 1
            at += 1
            continue
        code = _code(at + 2) if at[1] == c"u" else -1
        if code < 0:
            out[0] = _unescaped(at[1])
            out += 1
            at += 2
            continue
        at += 6
        if code < 0x80:
            out[0] = code
            out += 1
        elif code < 0x800:
            out[0] = 0xC0 | (code >> 6)
            out[1] = 0x80 | (code & 0x3F)
            out += 2
        else:
            out[0] = 0xE0 | (code >> 12)
            out[1] = 0x80 | ((code >> 6) & 0x3F)
            out[2] = 0x80 | (code & 0x3F)
            out += 3


cdef inline uint8_t _unescaped(uint8_t letter) noexcept nogil:
    cdef const char* found = <const char*> memchr(_ESCAPES, letter, 6)
    return letter if found == NULL else 8 + (found - _ESCAPES)


def heads(cnp.ndarray ids, urls, titles, cnp.ndarray docs):
    """Return how the JSON of articles begins, bytes each: id, URL and title, and a comma.

    ids: uint64[]; urls, titles: strings with `data`, uint8[], and `offsets`, int64[]; docs:
    int64[], numbers of articles in these. Raises IndexError for what is not there.
    """
    cdef const uint64_t* ids_ = u64(ids)
    cdef const int64_t* docs_ = i64(docs)
    cdef cnp.ndarray url_data = urls.data, url_offsets = urls.offsets
    cdef cnp.ndarray title_data = titles.data, title_offsets = titles.offsets
    cdef int64_t n = size_of(docs), n_docs = min(rows_of(ids), rows_of(url_offsets) - 1), i, k, at
    cdef int64_t capacity = 1 << 12
    cdef list found = []
    cdef Span url, title
    cdef uint8_t* out = <uint8_t*> room(capacity)
    n_docs = min(n_docs, rows_of(title_offsets) - 1)
    try:
        for i in range(n):
            if not 0 <= docs_[i] < n_docs:
                raise IndexError(f"there is no article {docs_[i]}")
            url = _string(url_data, url_offsets, docs_[i])
            title = _string(title_data, title_offsets, docs_[i])
            at = 64 + 6 * (url.end - url.at + title.end - title.at)
            if at > capacity:
                out = <uint8_t*> larger(out, at)
                capacity = at
            memcpy(out, b'{"id":"', 7)
            for k in range(16):
                out[7 + k] = _DIGITS[(ids_[docs_[i]] >> (60 - 4 * k)) & 15]
            memcpy(out + 23, b'","url":', 8)
            at = _quote(out, 31, &url)
            memcpy(out + at, b',"title":', 9)
            at = _quote(out, at + 9, &title)
            out[at] = c","
            found.append(PyBytes_FromStringAndSize(<const char*> out, at + 1))
    finally:
        free(out)
    return found


cdef Span _string(cnp.ndarray data, cnp.ndarray offsets, int64_t number) except *:
    cdef int64_t begin = i64(offsets)[number], end = i64(offsets)[number + 1]
    cdef Span found
    if not 0 <= begin <= end <= size_of(data):
        raise IndexError(f"there is no string {number}")
    found.at, found.end = u8(data) + begin, u8(data) + end
    return found


cdef int64_t _quote(uint8_t* out, int64_t at, const Span* text) noexcept nogil:
    """Write a JSON string, up to 6 bytes for one; return the place behind it."""
    cdef const uint8_t* from_ = text.at
    cdef uint8_t byte
    out[at] = c'"'
    at += 1
    while from_ < text.end:
        byte = from_[0]
        from_ += 1
        if byte >= 0x20 and byte != c'"' and byte != c"\\":
            out[at] = byte
            at += 1
            continue
        out[at] = c"\\"
        if byte >= 0x20:
            out[at + 1] = byte
            at += 2
        elif 8 <= byte <= 13 and byte != 11:
            out[at + 1] = _ESCAPES[byte - 8]
            at += 2
        else:
            memcpy(out + at + 1, b"u00", 3)
            out[at + 4] = c"0" + (byte >> 4)
            out[at + 5] = _DIGITS[byte & 15]
            at += 6
    out[at] = c'"'
    return at + 1
