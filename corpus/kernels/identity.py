"""What a kernel's machine code depends on, as a digest: other content, other code.

That is the bytecode and constants of the function and of every kernel that it calls, in whatever
module, the global values that it reads, the machine's processor, and the versions of Python, numpy,
numba, LLVM and of what makes entries. So code that is kept can be out of date for none of these.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

if TYPE_CHECKING:
    from corpus.kernels.kernel import Kernel

__all__ = ["digest_of", "globals_of", "machine"]


MAKERS = ("compiling", "entry", "layout", "runtime")
"""The modules that code depends on."""


@cache
def machine() -> str:
    """Return the digest of what all kernels depend on."""
    import llvmlite
    from llvmlite import binding as llvm

    numba = find_spec("numba")
    assert numba is not None and numba.origin is not None
    ours = Path(__file__).parent
    parts = [
        sys.version, np.__version__, llvmlite.__version__, llvm.get_process_triple(),
        llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(),
        sorted(pair for pair in os.environ.items() if pair[0].startswith("NUMBA_")),
        (Path(numba.origin).parent / "_version.py").read_bytes(),
        [(ours / f"{name}.py").read_bytes() for name in MAKERS],
    ]  # fmt: skip
    return xxhash.xxh3_64_hexdigest(repr(parts).encode())


@cache
def digest_of(kernel: Kernel) -> str:
    """Return the digest of a kernel's content and of all that it calls.

    Raises TypeError for a global value that is no constant: what is compiled in must not change.
    """
    digest = xxhash.xxh3_128()
    seen: set[int] = set()
    waiting: list[Any] = [kernel]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        function: FunctionType = one.function
        digest.update(repr((function.__qualname__, one.inline)).encode())
        for name, value in _constants(function):
            if hasattr(value, "function"):
                digest.update(name.encode())
                waiting.append(value)
            else:
                digest.update(repr((name, value)).encode())
    return digest.hexdigest()


def codes_of(function: FunctionType) -> list[CodeType]:
    """Return the code of a function and of what is defined within it."""
    found = [function.__code__]
    for code in found:
        found += [one for one in code.co_consts if isinstance(one, CodeType)]
    return found


def globals_of(function: FunctionType) -> dict[str, Any]:
    """Return the global values that a function reads, by name."""
    names = {name for code in codes_of(function) for name in code.co_names}
    return {name: function.__globals__[name] for name in sorted(names & {*function.__globals__})}


def _constants(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the code, and the globals that it reads, as values with a telling `repr`."""
    if function.__closure__ or function.__defaults__ or function.__kwdefaults__:
        raise TypeError(f"The kernel {function.__qualname__} has a closure or default values.")
    for code in codes_of(function):
        constants = [one for one in code.co_consts if not isinstance(one, CodeType)]
        yield "", (code.co_code, constants, code.co_names, code.co_varnames)
    for name, value in globals_of(function).items():
        yield name, _telling(name, value)


def _telling(name: str, value: Any) -> Any:
    if hasattr(value, "function"):
        return value
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, (bool, int, float, str, bytes, np.generic, tuple)):
        return type(value).__qualname__, value
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, type) or callable(value):
        return value.__module__, value.__qualname__
    raise TypeError(f"A kernel cannot depend on {name}, which is no constant.")
