"""Integers in as few bytes as they need, and back.

An array of integers is kept as *codes*, one a number, of 1, 2 or 4 bytes, signed or not: the
numbers themselves, or the steps from each to the next (borders of runs, dates in order of arrival,
the documents of a value). A number that its code cannot hold has the code `escape`, and stands in
full among the *exceptions*. An arithmetic series (each article has one language, hence 0, 1, 2...)
needs two numbers. Arithmetic is modulo the
type's range throughout, so that any codes widen to some array and none overflows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

MAX_NARROW = 1 << 21
"""Numbers in the longest array that is kept narrow: widening a million takes 2 ms, once a process,
and the result is memory of the process rather than pages of the file."""

_AT_ONCE = 1 << 15
"""Numbers that are widened at once: what that takes besides stays in the cache."""

SERIES = "series"
_CODES = ("|u1", "|i1", "<u2", "<i2", "<u4", "<i4")
FORMS = frozenset({SERIES, *(f"{what} {code}" for what in ("values", "steps") for code in _CODES)})
"""``series``, or ``values`` or ``steps`` and the type of the codes."""

Ints = npt.NDArray[Any]


class Narrow(NamedTuple):
    """An array in a narrow form: one of FORMS, its codes, and its exceptions of the array's own
    type. A series has no codes, and its first number and its step as exceptions."""

    form: str
    codes: Ints
    exceptions: Ints

    @property
    def nbytes(self) -> int:
        """The bytes that it takes."""
        return self.codes.nbytes + self.exceptions.nbytes


def _escape(code: np.dtype[Any]) -> int:
    bounds = np.iinfo(code)
    return int(bounds.max if bounds.min == 0 else bounds.min)


def _outside(numbers: Ints, code: np.dtype[Any]) -> npt.NDArray[np.bool_]:
    """Return which numbers, of an unsigned type that stands for either sign, a code cannot hold."""
    last = (1 << 8 * code.itemsize) - 1
    if code.kind == "i":
        numbers = numbers + numbers.dtype.type(last >> 1)
    outside: npt.NDArray[np.bool_] = numbers >= numbers.dtype.type(last)
    return outside


def narrowed(array: Ints) -> Narrow | None:
    """Return integers, of more than a byte each, in the narrowest form.

    None where no form saves an eighth, and for arrays of more than MAX_NARROW numbers.
    """
    width = array.dtype.itemsize
    if array.dtype.kind not in "iu" or width == 1 or not 1 < array.size <= MAX_NARROW:
        return None
    values = np.ascontiguousarray(array).reshape(-1).view(f"u{width}")
    steps = values.copy()
    steps[1:] -= values[:-1]
    if (steps[1:] == steps[1]).all():
        return Narrow(SERIES, np.empty(0, np.uint8), steps[:2].view(array.dtype))
    least = array.nbytes * 7 // 8
    best: tuple[str, Ints, np.dtype[Any]] | None = None
    for what, numbers in (("steps", steps), ("values", values)):
        for name in _CODES:
            code = np.dtype(name)
            room = len(numbers) * code.itemsize
            if code.itemsize < width and room < least:
                room += width * int(np.count_nonzero(_outside(numbers, code)))
                if room < least:
                    least, best = room, (f"{what} {name}", numbers, code)
    if best is None:
        return None
    form, numbers, code = best
    outside = _outside(numbers, code)
    codes = numbers.astype(code)
    codes[outside] = _escape(code)
    return Narrow(form, codes, numbers[outside].view(array.dtype))


def widened(narrow: Narrow, dtype: np.dtype[Any], count: int) -> Ints:
    """Return `count` numbers of this type. Raises ValueError where the exceptions do not fit."""
    if narrow.form == SERIES:
        first, step = narrow.exceptions.view(f"u{dtype.itemsize}")
        series = np.arange(count, dtype=f"u{dtype.itemsize}")
        series *= step
        series += first
        return series.view(dtype)
    codes, exceptions = narrow.codes, narrow.exceptions
    numbers = np.empty(count, dtype)
    escape, used = _escape(codes.dtype), 0
    for at in range(0, count, _AT_ONCE):
        part, wide = codes[at : at + _AT_ONCE], numbers[at : at + _AT_ONCE]
        wide[...] = part
        places = np.flatnonzero(part == escape)
        wide[places] = exceptions[used : used + len(places)]
        used += len(places)
    if used != len(exceptions):
        raise ValueError("the exceptions are not as many as the codes say")
    if narrow.form.startswith("steps"):
        np.cumsum(numbers, dtype=dtype, out=numbers)
    return numbers
