"""A kernel: a function that is called as machine code, made for the types of its arguments.

Its versions, one for each combination of types that was met, are tried in turn: each looks at the
types itself and returns NotImplemented when they are not its own. A version is loaded from its file
or compiled when it is first needed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from corpus.kernels import kept
from corpus.kernels.identity import digest_of
from corpus.kernels.layout import as_expected

__all__ = ["Kernel", "compile_seconds", "intrinsic", "njit"]

Function = TypeVar("Function", bound=Callable[..., Any])

_lock = threading.RLock()
_seconds = 0.0


def compile_seconds() -> float:
    """Return the seconds that this process has spent on loading and compiling kernels."""
    return _seconds


def njit(*, cache: bool, nogil: bool, inline: str = "never") -> Callable[[Function], Function]:
    """Make a kernel of a function, as `numba.njit` with these options would; both must be True."""
    assert cache and nogil

    def decorate(function: Function) -> Function:
        return Kernel(function, inline)  # type: ignore[return-value]

    return decorate


class intrinsic:
    """What `numba.extending.intrinsic` makes of a function, made when a kernel is compiled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.inline = ""
        self._made: Any = None

    def __call__(self, *args: Any) -> Any:
        """Refuse: an intrinsic is called by kernels only."""
        raise TypeError(f"{self.function.__qualname__} is called by kernels only.")

    def made(self) -> Any:
        """Return numba's intrinsic."""
        from numba.extending import intrinsic

        if self._made is None:
            self._made = intrinsic(self.function)
        return self._made


class Kernel:
    """A function that runs as machine code; called with positional arguments only.

    Arguments are arrays, ints, floats and bools. numpy's numbers are taken as Python's.
    """

    def __init__(self, function: Callable[..., Any], inline: str) -> None:
        self.function = function
        self.inline = inline
        self.__module__ = function.__module__
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        self._versions: tuple[Callable[..., Any], ...] = ()
        self._of_types: dict[str, Callable[..., Any]] = {}
        self._dispatcher: Any = None

    def __repr__(self) -> str:
        return f"<kernel {self.__module__}.{self.__name__}>"

    def __call__(self, *args: Any) -> Any:
        """Run the machine code for these arguments' types."""
        for version in self._versions:
            found = version(*args)
            if found is not NotImplemented:
                return found
        args = tuple(map(_plain, args))
        found = self._version(args)(*args)
        return self.dispatcher()(*args) if found is NotImplemented else found

    @property
    def unkept(self) -> bool:
        """Whether a version could not be kept, and is compiled in each process."""
        return self._dispatcher is not None and self._dispatcher in self._of_types.values()

    def dispatcher(self) -> Any:
        """Return what numba makes of the function, for compiling it."""
        from corpus.kernels.compiling import dispatcher_of

        with _lock:
            if self._dispatcher is None:
                self._dispatcher = dispatcher_of(self.function, self.inline)
            return self._dispatcher

    def _version(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        """Return the version for the types of these arguments, loading or compiling it."""
        global _seconds
        types = " ".join(map(_type_of, args))
        known = self._of_types.get(types)
        if known is not None:
            return known
        with _lock:
            known = self._of_types.get(types)
            if known is not None:
                return known
            started = time.monotonic()
            version = (self._kept(types, args) if as_expected() else None) or self.dispatcher()
            self._of_types[types] = version
            if version is not self._dispatcher:
                self._versions = (*self._versions, version)
            _seconds += time.monotonic() - started
            return version

    def _kept(self, types: str, args: tuple[Any, ...]) -> Callable[..., Any] | None:
        place = kept.Place(self.function, digest_of(self), types)
        found = kept.load(place)
        if found is None:
            from corpus.kernels.compiling import compile_entry

            made = compile_entry(self.dispatcher(), args, place.entry)
            if made is not None:
                content = kept.packed(*made)
                kept.keep(place, content)
                found = kept.link(place, content)
        return found


def _plain(argument: Any) -> Any:
    """Return numpy's numbers as Python's, and arrays of a subclass as plain ones."""
    if isinstance(argument, np.generic):
        return argument.item()
    if isinstance(argument, np.ndarray) and type(argument) is not np.ndarray:
        return argument.view(np.ndarray)
    return argument


def _type_of(argument: Any) -> str:
    """Return what numba makes one type of, e.g. ``<u4 1 C r`` for an array that is read only."""
    if isinstance(argument, np.ndarray):
        flags = argument.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        access = "w" if flags.writeable else "r"
        return f"{argument.dtype.str}{argument.ndim}{order}{access}{'' if flags.aligned else 'u'}"
    if type(argument) in (bool, int, float):
        return type(argument).__name__
    raise TypeError(f"A kernel takes arrays and numbers, no {type(argument).__qualname__}.")
