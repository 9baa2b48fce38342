"""The JSON of articles, as `corpus.core.wire.article_json` writes it, without Python's objects.

`doubtful` tells whether articles are such JSON. It has the same names in the same order, and a kind
of value for each: one pass over its bytes compares them. It says yes only where
`corpus.core.wire.article_of` surely makes an article of them; what is rare (escapes by number, a
29 February, dates of earlier versions) is left for that to tell. It runs without the interpreter's
lock, so threads share the work. `as_written` tells of one article what `corpus.core.gate` asks, too.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memchr, memcmp, memcpy

from corpus.core.arrays cimport room

__all__ = ["Kind", "Shape", "as_written", "doubtful"]

cpdef enum Kind:
    LINE  # a string
    LIST  # a list of strings
    DATE  # the text of a `StatedDate`, or null
    NUMBER  # a number, or null
    ORIGIN  # an object of a string, a number and a string
    PAIRS  # a list of lists of two strings

cdef int[13] _DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


cdef class Shape:
    """The values of an article's JSON: what stands before each, and its kind.

    marks: (bytes, `Kind`) for each value. After the last value comes ``}``.
    """

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
                if is_article(&spans[i], shape.marks, shape.size, NULL, False):
                    spans[i].at = NULL
        return [i for i in range(n) if spans[i].at != NULL]
    finally:
        free(spans)


cdef bint is_article(
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
            is_article(&whole, shape.marks, shape.size, values, False) and _is_plain(&whole)
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
            if has_zero(eight ^ (EACH * 0x22)) | has_zero(eight ^ (EACH * 0x5C)) | (
                (eight - EACH * 0x20) & ~eight & HIGH
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
            if at[0] == c"u" and rest.lax and rest.end - at > 4 and code_of(at + 1) >= 0:
                at += 4
            elif memchr(b'"\\/bfnrt', at[0], 8) == NULL:
                return False
        at += 1
    return False


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


cdef int code_of(const uint8_t* digits) noexcept nogil:
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
