"""Kernels: functions over arrays that are compiled once a machine and run without a compiler.

    from corpus.kernels import njit

    @njit(cache=True, nogil=True)
    def total(values: I64) -> int: ...

numba compiles a kernel when it is first called with arguments of new types; the machine code is
kept in a file (`kept`) with an entry of its own (`compiling`). A process that finds it there calls
it without importing numba, whose import and set-up take 0.4 s; loading a kernel takes about 1 ms.
"""

from __future__ import annotations

from corpus.kernels.kernel import Kernel, compile_seconds, intrinsic, njit

__all__ = ["Kernel", "compile_seconds", "intrinsic", "njit"]
