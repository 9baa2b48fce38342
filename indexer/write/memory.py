"""Memory given back to the system, so that a bound on it holds for the process and not for its
arrays only.

The allocator of the C library keeps what is freed for later, in each thread's share of it, and
once large arrays were freed it takes memory for the next ones from there too: a build of a million
articles held 500 MB that nothing was in.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def give_back() -> None:
    """Give memory that is free back to the system, where the C library can (glibc)."""
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
