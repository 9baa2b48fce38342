"""What lists of hits show of a segment: titles and dates, read from its columns.

A page reads some twenty of them, and pays for each what its bytes cost.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t

cimport numpy as cnp
from cpython.object cimport Py_TYPE
from cpython.type cimport PyType_GenericAlloc
from cpython.unicode cimport PyUnicode_DecodeUTF8

from corpus.core.arrays cimport i64, size_of, u8
from indexer.segment.layout cimport NO_DATE

from datetime import UTC, timezone, tzinfo

from corpus.core.stated_date import StatedDate


cdef int64_t _DAY = 86_400
cdef int64_t _FIRST = -62_135_596_800, _LAST = 253_402_300_799  # the years 1 to 9999
cdef int[4] _LENGTHS = [25, 10, 7, 4]  # characters of a date of each precision


cdef class Listed:
    """The titles and dates of a segment; `zone` is the archive's."""

    cdef readonly object segment, zone
    cdef list _held
    cdef const uint8_t* _titles
    cdef const int64_t* _offsets
    cdef const int64_t* _dates
    cdef const uint8_t* _precisions
    cdef int64_t _n
    cdef bint _utc

    def __init__(self, segment, zone: tzinfo) -> None:
        cdef cnp.ndarray titles = segment.titles.data, offsets = segment.titles.offsets
        cdef cnp.ndarray dates = segment.dates, precisions = segment.precisions
        self.segment, self.zone = segment, zone
        self._held = [titles, offsets, dates, precisions]
        self._titles, self._offsets = u8(titles), i64(offsets)
        self._dates, self._precisions = i64(dates), u8(precisions)
        self._n = size_of(dates)
        self._utc = zone is UTC

    cdef str title(self, int64_t doc):
        cdef int64_t start = self._offsets[doc]
        return PyUnicode_DecodeUTF8(
            <const char*> self._titles + start, self._offsets[doc + 1] - start, NULL
        )

    cdef object published(self, int64_t doc):
        """Return the date as `StatedDate.at` makes it, or None."""
        cdef int64_t second = self._dates[doc]
        cdef int precision = self._precisions[doc]
        cdef char[25] text
        if second == NO_DATE or not _FIRST <= second <= _LAST:
            return None  # only an index of Whoosh's own has other years
        if not self._utc:
            try:
                return StatedDate.at(second, precision, self.zone)
            except OverflowError:
                return None
        _write(second, text)
        return str.__new__(StatedDate, text[:_LENGTHS[precision]].decode("ascii"))


cdef void _write(int64_t second, char* text) noexcept nogil:
    """Write an instant as ISO 8601 has it in UTC, 25 characters.

    The day of the calendar is found as Hinnant describes it ("chrono-Compatible Low-Level Date
    Algorithms", civil_from_days): years begin in March, in eras of 400.
    """
    cdef int64_t rest = second % _DAY, days = second // _DAY, era, year
    cdef int64_t of_era, of_year, month, day
    if rest < 0:  # division rounds to 0 here
        rest += _DAY
        days -= 1
    days += 719_468  # to 1 March of the year 0; no date is before it
    era = days // 146_097
    of_era = days - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += era * 400 + (month <= 2)
    _two(text, year // 100)
    _two(text + 2, year % 100)
    text[4] = text[7] = b"-"
    _two(text + 5, month)
    _two(text + 8, day)
    text[10] = b"T"
    _two(text + 11, rest // 3_600)
    _two(text + 14, rest // 60 % 60)
    _two(text + 17, rest % 60)
    text[13] = text[16] = text[22] = b":"
    text[19] = b"+"
    _two(text + 20, 0)
    _two(text + 23, 0)


cdef inline void _two(char* text, int64_t number) noexcept nogil:
    text[0] = <char> (48 + number // 10)
    text[1] = <char> (48 + number % 10)


cdef inline int _set(object slot, object hit, object value) except -1:
    """Set a slot of a hit that is being made, as frozen dataclasses set it themselves."""
    return Py_TYPE(slot).tp_descr_set(slot, hit, value)


def hits_of(type made, tuple slots, list leaves, list rows, list extras):
    """Return a hit of each row of `search.embedded.collect.ranking`, as a tuple.

    made: the class; slots: its descriptors of where it is from, (leaf, document, key, extra), of
    its title, of its date, and of each part of an extra. leaves: `Listed`; extras: a tuple for each
    row, whose parts are set unless the first is empty: then they are read when they are asked for.
    """
    cdef object from_, title, date, row, hit, extra
    cdef tuple parts
    cdef list found = []
    cdef Listed leaf
    cdef int64_t place, at, part
    cdef uint32_t doc
    from_, title, date = slots[:3]
    parts = slots[3:]
    for at in range(len(rows)):
        row = rows[at]
        place = row[3]
        leaf, doc = leaves[place >> 32], <uint32_t> place
        if doc >= leaf._n:
            raise IndexError(f"there is no document {doc}")
        hit = PyType_GenericAlloc(made, 0)
        extra = extras[at]
        _set(from_, hit, (leaf, doc, row[0], extra))
        if extra[0]:
            for part in range(len(parts)):
                _set(parts[part], hit, extra[part])
        _set(title, hit, leaf.title(doc))
        _set(date, hit, leaf.published(doc))
        found.append(hit)
    return tuple(found)
