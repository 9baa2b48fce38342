"""Which passages of an article to show: dense in the query's words, whole in their sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from search.snippets.text_search import best_window
from search.snippets.words import Occurrence

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
MOST_OCCURRENCES = 2_000
"""Occurrences in a text that are weighed against each other, the first ones."""

MARGIN = 40
"""Code points beyond the length of a passage in which the ends of its sentences are looked for."""


class Passage(NamedTuple):
    """Code points [start, end) of one of the texts; whether a sentence was cut at either end."""

    source: int
    start: int
    end: int
    bits: int
    cut_before: bool = False
    cut_after: bool = False


def _stops(text: str, start: int, end: int) -> list[int]:
    """Return where sentences begin after an end of one in [start, end)."""
    return [
        stop.end()
        for stop in _STOP.finditer(text, start, end)
        if text[stop.start()] != "."
        or not _ABBREVIATION.search(text, max(start, stop.start() - 6), stop.start() + 1)
    ]


def _widened(text: str, start: int, end: int, length: int, source: int, bits: int) -> Passage:
    """Return the passage of whole sentences around [start, end), as many as fit."""
    low, high = max(0, start - length - MARGIN), min(len(text), end + length + MARGIN)
    paragraph = text.rfind("\x1e", low, start)
    if paragraph >= 0:
        low = paragraph + 1
    after = text.find("\x1e", end, high)
    if after >= 0:
        high = after
    stops = _stops(text, low, high)
    begins = low
    ends = high
    for stop in stops:
        if stop <= start:
            begins = stop
        elif stop >= end:
            ends = stop
            break
    whole_before = begins > low or low == 0 or text[low - 1] == "\x1e"
    whole_after = ends < high or high == len(text) or text[high] == "\x1e"
    if ends - begins > length:
        low, high = _cut(text, (start, end), (begins, ends), length)
        return Passage(source, low, high, bits, low > begins, high < ends)
    for stop in [stop for stop in stops if stop > ends] + ([high] if whole_after else []):
        if stop - begins <= length:
            ends = stop
    for stop in reversed([low, *stops] if low == 0 or text[low - 1] == "\x1e" else stops):
        if stop < begins and ends - stop <= length:
            begins = stop
    while ends > end and text[ends - 1].isspace():
        ends -= 1
    while begins < start and text[begins].isspace():
        begins += 1
    return Passage(source, begins, ends, bits, not whole_before, not whole_after)


def _cut(
    text: str, match: tuple[int, int], sentence: tuple[int, int], length: int
) -> tuple[int, int]:
    """Return the middle of a sentence that is too long to be shown, cut between words."""
    (start, end), (begins, ends) = match, sentence
    room = max(0, length - (end - start))
    before = min(start - begins, max(room // 3, room - (ends - end)))
    after = min(ends - end, room - before)
    low, high = start - before, end + after
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


def _place(
    sources: Sequence[tuple[str, list[Occurrence]]], window: tuple[int, int, int, int]
) -> tuple[str, int, int, int, int]:
    """Return the text of a window, where it starts and ends there, its source and its bits."""
    number, first, last, bits = window
    text, found = sources[number]
    return text, found[first][0], found[last][1], number, bits


def best_passages(
    sources: Sequence[tuple[str, list[Occurrence]]], length: int
) -> tuple[Passage, ...]:
    """Return the one or two best passages of some texts, in their order; none without a match."""
    everything = 0
    for _, found in sources:
        for _, _, bits in found:
            everything |= bits
    first = best_window(sources, length * 3 // 4, everything, 0, None, MOST_OCCURRENCES)
    if first is None:
        return ()
    text, start, end, number, bits = _place(sources, first)
    if bits == everything:
        return (_widened(text, start, end, length, number, bits),)
    one = _widened(text, start, end, max(length * 3 // 5, end - start), number, bits)
    room = length - (one.end - one.start)
    second = best_window(
        sources, max(room, length // 4), everything, one.bits, one, MOST_OCCURRENCES
    )
    if second is None:
        return (_widened(text, start, end, length, number, bits),)
    text, start, end, number, bits = _place(sources, second)
    two = _widened(text, start, end, max(room, end - start), number, bits)
    if two.source == one.source and two.start < one.end and one.start < two.end:
        low, high = min(one.start, two.start), max(one.end, two.end)
        cut_before = one.cut_before if one.start == low else two.cut_before
        cut_after = one.cut_after if one.end == high else two.cut_after
        return (Passage(one.source, low, high, one.bits | two.bits, cut_before, cut_after),)
    return (one, two) if (one.source, one.start) < (two.source, two.start) else (two, one)


def opening(text: str, length: int) -> tuple[Passage, ...]:
    """Return the first sentences of a text, for a query that has no words to show."""
    at = 0
    while at < len(text) and (text[at].isspace() or text[at] == "\x1e"):
        at += 1
    if at == len(text):
        return ()
    return (_widened(text, at, at, length, 0, 0),)
