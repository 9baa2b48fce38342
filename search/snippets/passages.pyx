"""Which passages of an article to show: dense in the query's words, whole in their sentences; and
the pieces of them that matched.

Sources are texts with their occurrences, (start, end, bits) each, see `search.snippets.words`.
"""

from libc.stdint cimport int64_t

import re

from search.answer import Piece

__all__ = ["best_passages", "opening", "pieces", "shown"]

_STOP = re.compile(
    "[.!?…。!?\x1e](?:"  # all that an end begins with, which is looked for at once
    r"(?<=[.!?…])[\"'”’»)\]]{0,3}\s+(?=[\"'“‘„«(\[¿¡]{0,2}[^\Wa-zß-ÿа-я])"
    "|(?<=[。!?])[。!?]*|(?<=\x1e))"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Capt|Maj|Rev|Hon|Jr|Sr|Inc"
    r"|Corp|Ltd|Co|Bros|No|vs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Nr|Hr|Fr|Abs|Art|Mme"
    r"|Mlle|Sra|Srta|Sig|ul|al)|\.[A-Z])\.\Z"
)

cdef enum:
    MOST_OCCURRENCES = 2_000  # in a text that are weighed against each other, the first ones
    MARGIN = 40  # code points beyond a passage in which the ends of its sentences are looked for

cdef str _JOINTS = " \t\n-"
_new = tuple.__new__


cdef class Passage:
    """Code points [start, end) of one of the sources; whether a sentence was cut at either end."""

    cdef readonly int64_t source, start, end
    cdef readonly bint cut_before, cut_after
    cdef object bits


cdef Passage _passage(
    int64_t source, int64_t start, int64_t end, object bits, bint cut_before, bint cut_after
):
    cdef Passage made = Passage.__new__(Passage)
    made.source, made.start, made.end, made.bits = source, start, end, bits
    made.cut_before, made.cut_after = cut_before, cut_after
    return made


cdef tuple _best_window(
    tuple sources, int64_t length, object everything, object seen, Passage taken
):
    """Return (source, start, end, bits) of the window with the most words not `seen`, then all,
    then closest; None without any.

    Looked at is, for each of the first occurrences of each source, the shortest window from it with
    the most distinct words, at most `length` code points long, inside a paragraph and apart from
    the passage `taken`, None for none. everything: the bits of all words that there are.
    """
    cdef int64_t number, total, first, index, start, end, begin, reached, paragraph
    cdef int64_t fresh, size, best_fresh = 0, best_size = 0, best_length = 0
    cdef list found
    cdef tuple row, best = None
    cdef str text
    cdef object bits, joined
    for number in range(len(sources)):
        text, found = sources[number]
        total = min(<int64_t> len(found), MOST_OCCURRENCES)
        for first in range(total):
            row = found[first]
            start, end, bits = row[0], row[1], row[2]
            paragraph = -1
            for index in range(first + 1, total):
                if bits == everything:
                    break
                row = found[index]
                begin, reached = row[0], row[1]
                if reached - start > length:
                    break
                joined = bits | row[2]
                if joined == bits:
                    continue
                if paragraph < 0:
                    paragraph = text.find("\x1e", start, start + length + 1)
                if 0 <= paragraph < begin:
                    break
                bits, end = joined, reached
            if taken is not None and taken.source == number and (
                start < taken.end and end > taken.start
            ):
                continue
            fresh = (bits & ~seen).bit_count()
            if fresh and fresh >= best_fresh:
                size = bits.bit_count()
                if fresh > best_fresh or size > best_size or (
                    size == best_size and start - end > best_length
                ):
                    best = number, start, end, bits
                    best_fresh, best_size, best_length = fresh, size, start - end
    return best


cdef list _stops(str text, int64_t start, int64_t end):
    """Return where sentences begin after an end of one in [start, end)."""
    cdef int64_t at
    cdef list found = []
    for stop in _STOP.finditer(text, start, end):
        at = stop.start()
        if text[at] != "." or not _ABBREVIATION.search(text, max(start, at - 6), at + 1):
            found.append(stop.end())
    return found


cdef Passage _widened(
    str text, int64_t start, int64_t end, int64_t length, int64_t source, object bits
):
    """Return the passage of whole sentences around [start, end), as many as fit."""
    cdef int64_t low = max(0, start - length - MARGIN), stop, begins, ends
    cdef int64_t high = min(<int64_t> len(text), end + length + MARGIN)
    cdef int64_t paragraph = text.rfind("\x1e", low, start), after
    cdef bint whole_before, whole_after, opens
    cdef list stops
    if paragraph >= 0:
        low = paragraph + 1
    after = text.find("\x1e", end, high)
    if after >= 0:
        high = after
    stops = _stops(text, low, high)
    begins, ends = low, high
    for stop in stops:
        if stop <= start:
            begins = stop
        elif stop >= end:
            ends = stop
            break
    opens = low == 0 or text[low - 1] == "\x1e"
    whole_before = begins > low or opens
    whole_after = ends < high or high == len(text) or text[high] == "\x1e"
    if ends - begins > length:
        low, high = _cut(text, start, end, begins, ends, length)
        return _passage(source, low, high, bits, low > begins, high < ends)
    for stop in stops:
        if stop > ends and stop - begins <= length:
            ends = stop
    if whole_after and high - begins <= length:
        ends = high
    for stop in reversed(stops):
        if stop < begins and ends - stop <= length:
            begins = stop
    if opens and low < begins and ends - low <= length:
        begins = low
    while ends > end and text[ends - 1].isspace():
        ends -= 1
    while begins < start and text[begins].isspace():
        begins += 1
    return _passage(source, begins, ends, bits, not whole_before, not whole_after)


cdef (int64_t, int64_t) _cut(
    str text, int64_t start, int64_t end, int64_t begins, int64_t ends, int64_t length
):
    """Return the middle of a sentence [begins, ends) that is too long to be shown, cut between
    words, around [start, end)."""
    cdef int64_t room = max(0, length - (end - start)), blank
    cdef int64_t before = min(start - begins, max(room // 3, room - (ends - end)))
    cdef int64_t after = min(ends - end, room - before)
    cdef int64_t low = start - before, high = end + after
    if low > begins:
        blank = text.find(" ", low, start)
        low = blank + 1 if blank >= 0 else low
    if high < ends:
        blank = text.rfind(" ", end, high)
        high = blank if blank >= 0 else high
    while high > end and text[high - 1].isspace():
        high -= 1
    while low < start and text[low].isspace():
        low += 1
    return low, high


def best_passages(tuple sources, int64_t length):
    """Return the one or two best passages of some sources, in their order; none without a match."""
    cdef object everything = 0
    cdef tuple window
    cdef int64_t number, start, end, room, low, high
    cdef Passage one, two
    for _, found in sources:
        for row in <list> found:
            everything |= (<tuple> row)[2]
    window = _best_window(sources, length * 3 // 4, everything, 0, None)
    if window is None:
        return ()
    number, start, end, bits = window
    text = sources[number][0]
    if bits == everything:
        return (_widened(text, start, end, length, number, bits),)
    one = _widened(text, start, end, max(length * 3 // 5, end - start), number, bits)
    room = length - (one.end - one.start)
    window = _best_window(sources, max(room, length // 4), everything, bits, one)
    if window is None:
        return (_widened(text, start, end, length, number, bits),)
    number, start, end, bits = window
    two = _widened(sources[number][0], start, end, max(room, end - start), number, bits)
    if two.source == one.source and two.start < one.end and one.start < two.end:
        low, high = min(one.start, two.start), max(one.end, two.end)
        return (_passage(
            one.source, low, high, one.bits | two.bits,
            one.cut_before if one.start == low else two.cut_before,
            one.cut_after if one.end == high else two.cut_after,
        ),)
    return (one, two) if (one.source, one.start) < (two.source, two.start) else (two, one)


def opening(str text, int64_t length):
    """Return the first sentences of a text, for a query that has no words to show."""
    cdef int64_t at = 0
    while at < len(text) and (text[at].isspace() or text[at] == "\x1e"):
        at += 1
    if at == len(text):
        return ()
    return (_widened(text, at, at, length, 0, 0),)


def pieces(str text, list occurrences, int64_t start, int64_t end):
    """Return [start, end) of a text in pieces; what only blanks or a hyphen part is one piece."""
    cdef list found = []
    cdef int64_t at = start, marked = -1, first, last
    cdef tuple row
    for row in occurrences:
        first, last = row[0], row[1]
        if first < at or last > end:
            continue
        if marked >= 0 and not text[at:first].strip(_JOINTS):
            found[len(found) - 1] = _new(Piece, (text[marked:last], True))
        else:
            if first > at:
                found.append(_new(Piece, (text[at:first], False)))
            marked = first
            found.append(_new(Piece, (text[first:last], True)))
        at = last
    if at < end:
        found.append(_new(Piece, (text[at:end], False)))
    return found


def shown(tuple sources, tuple passages):
    """Return the pieces of passages, an ellipsis where text was left out inside a sentence."""
    cdef list found = [], merged = []
    cdef Passage passage
    cdef str text, before
    cdef bint matched, mergeable = False
    for passage in passages:
        text, occurrences = sources[passage.source]
        before = " … " if found else "… " if passage.cut_before else ""
        if before:
            found.append((before, False))
        found.extend(pieces(text, occurrences, passage.start, passage.end))
        if passage.cut_after and passage is passages[len(passages) - 1]:
            found.append((" …", False))
    for text, matched in found:
        if mergeable and not matched:
            text = merged.pop()[0] + text
        merged.append((text, matched))
        mergeable = not matched
    return [_new(Piece, (_tidy(text), matched)) for text, matched in merged]


cdef str _tidy(str text):
    """Return text on one line, its blanks collapsed but kept at both ends."""
    if text.isprintable() and "  " not in text:
        return text
    if text.isspace():
        return " "
    words = " ".join(text.split())
    return (" " if text[0].isspace() else "") + words + (" " if text[len(text) - 1].isspace() else "")
