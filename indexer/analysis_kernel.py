"""The tokeniser of the indexing path: UTF-8 text in, numbers of chunks out.

The kernel finds the same chunks as the regular expression of `analysis.tokenise` and looks each
up in an open-addressing table, so Python sees a chunk only once, when it is new, and `expand`s
and stems it then. Tokenising and stemming every word in Python was 65% of the time that indexing
took; the kernel reads more than 100 MB/s on one core.
"""

# mypy: disable-error-code="return-value, assignment, arg-type, no-any-return, operator"

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.kernels import njit
from indexer.analysis import MAX_CHUNK
from indexer.analysis_characters import (
    AMPERSAND,
    APOSTROPHE,
    BREAK,
    COMMA,
    DIGIT,
    LETTER,
    MARK,
    OTHER,
    PERIOD,
    UNIGRAM,
    character_tables,
    table_size,
)

__all__ = ["BREAK_NUMBER", "ChunkTable", "chunk_end", "class_at", "decode", "run_end"]

BREAK_NUMBER = 0
"""Stands between paragraphs in the output."""

_JOINING = (MARK, APOSTROPHE, PERIOD, COMMA, AMPERSAND)
_SEED = 14695981039346656037
_PRIME = 1099511628211

_ROOM = 2 * MAX_CHUNK
"""Bytes that must be free in the pool before a chunk is read."""


@njit(cache=True, nogil=True, inline="always")
def decode(text: Any, at: int) -> tuple[int, int]:
    """Return the code point at a byte of valid UTF-8, and its size in bytes."""
    first = text[at]
    if first < 0x80:
        return np.int64(first), 1
    if first < 0xE0:
        return (np.int64(first & 0x1F) << 6) | (text[at + 1] & 0x3F), 2
    if first < 0xF0:
        return (
            (np.int64(first & 0x0F) << 12)
            | (np.int64(text[at + 1] & 0x3F) << 6)
            | (text[at + 2] & 0x3F)
        ), 3
    return (
        (np.int64(first & 0x07) << 18)
        | (np.int64(text[at + 1] & 0x3F) << 12)
        | (np.int64(text[at + 2] & 0x3F) << 6)
        | (text[at + 3] & 0x3F)
    ), 4


@njit(cache=True, nogil=True)
def class_at(text: Any, at: int, end: int, classes: Any) -> tuple[int, int]:
    """Return the class of the character at a byte and its size; OTHER of size 0 at the end."""
    if at >= end:
        return OTHER, 0
    code, size = decode(text, at)
    if code < classes.shape[0]:
        return np.int64(classes[code]), size
    if 0xE0000 <= code <= 0xE0FFF and code in (0xE0001,):
        return MARK, size
    if 0xE0020 <= code <= 0xE007F or 0xE0100 <= code <= 0xE01EF:
        return MARK, size
    return OTHER, size


@njit(cache=True, nogil=True)
def run_end(text: Any, at: int, end: int, classes: Any, kind: int) -> int:
    """Return where the run of characters of a class (and marks) that begins here ends."""
    while at < end:
        if text[at] < 128:  # most text is ASCII, and needs no decoding
            found, size = np.int64(classes[text[at]]), 1
        else:
            found, size = class_at(text, at, end, classes)
        if found != kind and found != MARK:
            break
        at += size
    return at


@njit(cache=True, nogil=True)
def _letter(text: Any, at: int, end: int, classes: Any) -> int:
    """Return where the single letter (with its marks) that begins here ends, or -1."""
    kind, size = class_at(text, at, end, classes)
    if kind != LETTER:
        return -1
    return run_end(text, at + size, end, classes, MARK)


@njit(cache=True, nogil=True)
def _initials(text: Any, at: int, end: int, classes: Any) -> int:
    """Return where initials such as ``U.S`` that begin here end, or -1."""
    reached = _letter(text, at, end, classes)
    before = -1
    count = 0
    while count < 15:
        kind, size = class_at(text, reached, end, classes)
        if kind != PERIOD:
            break
        after = _letter(text, reached + size, end, classes)
        if after < 0:
            break
        before = reached if count else -1
        reached = after
        count += 1
    if count == 0:
        return -1
    if class_at(text, reached, end, classes)[0] == LETTER:
        return before
    return reached


@njit(cache=True, nogil=True)
def _few_letters(text: Any, at: int, end: int, classes: Any) -> int:
    """Return where a run of one to three letters that begins here ends, or -1."""
    count = 0
    while count < 4:
        after = _letter(text, at, end, classes)
        if after < 0:
            break
        at = after
        count += 1
    return at if 0 < count < 4 else -1


@njit(cache=True, nogil=True)
def _ampersands(text: Any, at: int, end: int, classes: Any) -> int:
    """Return where a name such as ``AT&T`` that begins here ends, or -1."""
    reached = _few_letters(text, at, end, classes)
    if reached < 0:
        return -1
    found = -1
    for _ in range(3):
        kind, size = class_at(text, reached, end, classes)
        if kind != AMPERSAND:
            break
        reached = _few_letters(text, reached + size, end, classes)
        if reached < 0:
            break
        found = reached
    return found


@njit(cache=True, nogil=True)
def chunk_end(text: Any, at: int, end: int, classes: Any, kind: int, size: int) -> int:
    """Return where the chunk that begins here with a character of class `kind` ends."""
    if kind == UNIGRAM:
        return run_end(text, at + size, end, classes, MARK)
    reached = run_end(text, at + size, end, classes, kind)
    if kind == DIGIT:
        for _ in range(7):
            sign, width = class_at(text, reached, end, classes)
            if sign != PERIOD and sign != COMMA:
                break
            after, digit = class_at(text, reached + width, end, classes)
            if after != DIGIT:
                break
            reached = run_end(text, reached + width + digit, end, classes, DIGIT)
        return reached
    sign, width = class_at(text, reached, end, classes)
    if sign == PERIOD:
        found = _initials(text, at, end, classes)
        return found if found >= 0 else reached
    if sign == AMPERSAND:
        found = _ampersands(text, at, end, classes)
        return found if found >= 0 else reached
    for _ in range(3):
        if sign != APOSTROPHE:
            break
        after, letter = class_at(text, reached + width, end, classes)
        if after != LETTER:
            break
        reached = run_end(text, reached + width + letter, end, classes, LETTER)
        sign, width = class_at(text, reached, end, classes)
    return reached


@njit(cache=True, nogil=True)
def _fold_into(
    pool: Any, top: int, text: Any, at: int, end: int, classes: Any, folds: Any, folded: Any
) -> int:
    """Write the folded chunk to the pool; returns where it ends there."""
    limit = top + MAX_CHUNK
    while at < end:
        if text[at] < 128:
            code, size = np.int64(text[at]), 1
        else:
            code, size = decode(text, at)
            if code >= classes.shape[0]:
                at += size
                continue
        at += size
        row = np.int64(folds[code])
        length = row & 31
        if top + length > limit:
            break
        first = row >> 5
        pool[top] = folded[first]
        for byte in range(1, length):
            pool[top + byte] = folded[first + byte]
        top += length
    return top


@njit(cache=True, nogil=True)
def _hash(pool: Any, start: int, end: int) -> int:
    """Return the hash of the key pool[start:end] (FNV-1a, its low bits mixed)."""
    code = np.uint64(_SEED)
    for at in range(start, end):
        code = (code ^ np.uint64(pool[at])) * np.uint64(_PRIME)
    return code ^ (code >> np.uint64(29))


@njit(cache=True, nogil=True)
def _chunks(
    text: Any, ends: Any, languages: Any, classes: Any, folds: Any, folded: Any,
    pool: Any, keys: Any, slots: Any, state: Any, out: Any, out_ends: Any,
) -> None:  # fmt: skip
    """Number the chunks of texts that lie one after the other; goes on where `state` says.

    text: uint8[]; ends: int64[n], where each ends; languages: uint8[n], part of the key.
    state: int64[4], text that is read, byte reached, chunks written, keys known; the kernel
    returns early, with state[0] < n, when pool, keys or slots have to grow.

    Runs of ASCII letters or digits with nothing joined to them are nearly all there is: they are
    folded, hashed and looked up here, in one loop without a call, four times as fast.
    """
    part, at, written, used = state[0], state[1], state[2], state[3]
    top = keys[used + 1]
    mask = np.uint64(slots.shape[0] - 1)
    while part < ends.shape[0]:
        end = ends[part]
        while at < end:
            byte = text[at]
            size = 1
            if byte < 128:
                kind = np.int64(classes[byte])
            else:
                kind, size = class_at(text, at, end, classes)
            if kind != LETTER and kind != DIGIT and kind != UNIGRAM:
                if kind == BREAK:
                    out[written] = BREAK_NUMBER
                    written += 1
                at += size
                continue
            if top + _ROOM > pool.shape[0] or used + 3 > keys.shape[0] or 2 * used > mask:
                state[0], state[1], state[2], state[3] = part, at, written, used
                return
            pool[top] = languages[part]
            code = (np.uint64(_SEED) ^ np.uint64(languages[part])) * np.uint64(_PRIME)
            reached = top + 1
            after = at
            limit = min(end, at + MAX_CHUNK)
            while after < limit:
                byte = text[after]
                if byte >= 128 or classes[byte] != kind:
                    break
                byte = folded[folds[byte] >> 5]
                pool[reached] = byte
                code = (code ^ np.uint64(byte)) * np.uint64(_PRIME)
                reached += 1
                after += 1
            if after < end:
                byte = text[after]
                if byte >= 128 or after == limit or classes[byte] in _JOINING:
                    after = chunk_end(text, at, end, classes, kind, size)
                    reached = _fold_into(pool, top + 1, text, at, after, classes, folds, folded)
                    code = np.uint64(_SEED)
                    for place in range(top, reached):
                        code = (code ^ np.uint64(pool[place])) * np.uint64(_PRIME)
            at = after
            code ^= code >> np.uint64(29)
            slot = code & mask
            length = reached - top
            number = np.int64(0)
            while True:
                number = np.int64(slots[slot])
                if number == 0:
                    used += 1
                    number = used
                    slots[slot] = used
                    top = reached
                    keys[used + 1] = top
                    break
                first = keys[number]
                if keys[number + 1] - first == length:
                    place = 0
                    while place < length and pool[first + place] == pool[top + place]:
                        place += 1
                    if place == length:
                        break
                slot = (slot + np.uint64(1)) & mask
            out[written] = number
            written += 1
        out_ends[part] = written
        part += 1
    state[0], state[1], state[2], state[3] = part, at, written, used


@njit(cache=True, nogil=True)
def _rehash(pool: Any, keys: Any, used: int, slots: Any) -> None:
    """Enter all keys, which are distinct, into empty slots."""
    mask = np.uint64(slots.shape[0] - 1)
    for number in range(1, used + 1):
        slot = _hash(pool, keys[number], keys[number + 1]) & mask
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


class ChunkTable:
    """The distinct chunks of a corpus by language, numbered from 1 in the order they came."""

    def __init__(self) -> None:
        self._pool = np.empty(1 << 20, np.uint8)
        self._keys = np.zeros(1 << 16, np.int64)  # key k is pool[keys[k]:keys[k + 1]]
        self._slots = np.zeros(1 << 17, np.uint32)
        self._state = np.zeros(4, np.int64)
        self._tables = character_tables(128)

    def __len__(self) -> int:
        return int(self._state[3])

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self._pool.nbytes + self._keys.nbytes + self._slots.nbytes

    def keys(self, first: int) -> tuple[npt.NDArray[np.uint8], list[str]]:
        """Return the numbers from `first` on: each one's language, uint8[n], and folded chunk."""
        borders = self._keys[first : len(self) + 2]
        raw = self._pool[borders[0] : borders[-1]].copy()
        starts = borders[:-1] - borders[0]
        languages = raw[starts]
        raw[starts] = ord("\n")  # which no chunk has in it
        return languages, raw.tobytes().decode().split("\n")[1:]

    def chunk(
        self, text: bytes, ends: npt.NDArray[np.int64], languages: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
        """Return the chunks of UTF-8 texts laid one after the other, and where each text's end.

        ends: int64[n], where each text ends in `text`; languages: uint8[n], a number of the
        caller's for the language of each. Chunks: uint32[], BREAK_NUMBER between paragraphs;
        int64[n]: texts' ends among the chunks.
        """
        source = np.frombuffer(text, np.uint8)
        size = table_size(text)
        if size > len(self._tables[0]):
            self._tables = character_tables(size)
        out = np.empty(len(text), np.uint32)
        out_ends = np.empty(len(ends), np.int64)
        state = self._state
        state[:3] = 0
        while True:
            _chunks(
                source, ends, languages, *self._tables, self._pool, self._keys, self._slots,
                state, out, out_ends,
            )  # fmt: skip
            if state[0] == len(ends):
                return out[: state[2]], out_ends
            self._grow()

    def _grow(self) -> None:
        used = len(self)
        if self._keys[used + 1] + _ROOM > len(self._pool):
            self._pool = _doubled(self._pool)
        if used + 3 > len(self._keys):
            self._keys = _doubled(self._keys)
        if 2 * used >= len(self._slots):
            self._slots = np.zeros(4 * len(self._slots), np.uint32)
            _rehash(self._pool, self._keys, used, self._slots)


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    grown = np.zeros(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown
