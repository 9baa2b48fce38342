"""Where CPython and numpy keep the fields of objects, in bytes from an object's start.

`PyObject` of a 64-bit build with the interpreter's lock, `PyArrayObject_fields` of
numpy/ndarraytypes.h, and `PyArray_Descr` there as far as it is used. `as_expected` holds the
numbers to an object of this process; where they differ, no code that relies on them is used.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

import numpy as np

__all__ = ["as_expected"]

TYPE = 8
DATA, DIMENSION_COUNT, SHAPE, STRIDES, DESCRIPTION, FLAGS = 16, 24, 32, 40, 56, 64
BYTE_ORDER, TYPE_NUMBER = 26, 28  # of the description

C_CONTIGUOUS, F_CONTIGUOUS, ALIGNED, WRITEABLE = 0x1, 0x2, 0x100, 0x400


@cache
def as_expected() -> bool:
    """Return whether arrays of this process are laid out as the numbers above say."""
    if sys.implementation.name != "cpython" or sys.byteorder != "little" or sys.maxsize < 2**63 - 1:
        return False
    if not getattr(sys, "_is_gil_enabled", lambda: True)() or hasattr(sys, "gettotalrefcount"):
        return False
    array = np.zeros((3, 5), np.uint32)[:, :4]
    array.flags.writeable = False

    def word(address: int) -> int:
        return ctypes.c_int64.from_address(address).value

    def half(address: int) -> int:
        return ctypes.c_int32.from_address(address).value

    start = id(array)
    description = word(start + DESCRIPTION)
    shape, strides = word(start + SHAPE), word(start + STRIDES)
    return (
        word(start + TYPE) == id(np.ndarray)
        and word(start + DATA) == array.__array_interface__["data"][0]
        and half(start + DIMENSION_COUNT) == 2
        and description == id(array.dtype)
        and (word(shape), word(shape + 8)) == array.shape
        and (word(strides), word(strides + 8)) == array.strides
        and half(start + FLAGS) == array.flags.num
        and half(description + TYPE_NUMBER) == array.dtype.num
        and ctypes.c_char.from_address(description + BYTE_ORDER).value in (b"=", b"<")
    )
