"""Machine code in files: one a kernel and combination of types, loaded by LLVM's linker alone.

A file is a checksum of the rest (16 bytes), a line with the symbols that the code needs, and an
object file. It lies in ``__pycache__`` beside the kernel's source, or in the user's cache folder
where that cannot be written. What is loaded is run: so a file counts only when it belongs to the
user, to root or to the owner of the source, and nobody else may write it.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import xxhash

from corpus.kernels.identity import machine

__all__ = ["NDARRAY", "Place", "keep", "link", "load", "packed"]

SUFFIX = ".kernel"

NDARRAY = "broadsheet.ndarray"
"""The symbol for the type `numpy.ndarray`."""


class Place:
    """Where a version of a kernel is kept, and its entry's name."""

    def __init__(self, function: Any, content: str, types: str) -> None:
        code: FunctionType = function
        self.source = Path(code.__code__.co_filename)
        self.family = f"{self.source.stem}.{code.__name__}-{machine()}-"
        self.version = f"{self.family}{content[:16]}-"
        self.name = self.version + xxhash.xxh3_64_hexdigest(types.encode()) + SUFFIX
        whole = str(self.source) + self.name + content
        self.entry = "kernel_" + xxhash.xxh3_128_hexdigest(whole.encode())

    def folders(self) -> Iterator[Path]:
        """Yield where files may be, the best place first."""
        yield self.source.parent / "__pycache__"
        from platformdirs import user_cache_dir

        yield Path(user_cache_dir("broadsheet")) / "kernels"


def load(place: Place) -> Callable[..., Any] | None:
    """Return the function that is kept at a place, or None where none is that can be used."""
    for folder in place.folders():
        with suppress(OSError):
            content = _read(folder / place.name, place.source)
            if content is not None:
                return link(place, content)
    return None


def _read(path: Path, source: Path) -> bytes | None:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        owners = {0, os.geteuid(), source.stat().st_uid}
        if found.st_uid not in owners or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return None
        content = file.read()
    return content if xxhash.xxh3_128_digest(content[16:]) == content[:16] else None


def packed(code: bytes, symbols: list[str]) -> bytes:
    """Return the content of a file for an object file and the symbols that it needs."""
    rest = " ".join(symbols).encode() + b"\n" + code
    return xxhash.xxh3_128_digest(rest) + rest


def keep(place: Place, content: bytes) -> None:
    """Write a file, whole or not at all, and remove those of the kernel's earlier contents."""
    for folder in place.folders():
        path = folder / place.name
        beside = path.with_name(f"{place.name}.{os.getpid()}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
            with os.fdopen(made, "wb") as file:
                os.fchmod(made, 0o644)
                file.write(content)
            beside.replace(path)
        except OSError:
            continue
        for other in folder.glob(f"{place.family}*{SUFFIX}"):
            if not other.name.startswith(place.version):
                other.unlink(missing_ok=True)
        return


def link(place: Place, content: bytes) -> Callable[..., Any] | None:
    """Return the function of a file's content, or None when this process lacks a symbol, or the
    file was made for a source elsewhere, as in a copy of a folder."""
    from llvmlite import binding as llvm

    symbols, _, code = content[16:].partition(b"\n")
    engine = _engine()
    if not all(map(_resolved, symbols.decode().split())):
        return None
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address = engine.get_function_address(place.entry)
    return _function(place.entry, address) if address else None


def _resolved(name: str) -> bool:
    from llvmlite import binding as llvm

    if llvm.address_of_symbol(name):
        return True
    try:
        llvm.add_symbol(name, ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, name)))
    except ValueError:
        return False
    return True


@cache
def _engine() -> Any:
    """Return the linker; its code lives as long as the process."""
    from llvmlite import binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.add_symbol(NDARRAY, id(np.ndarray))
    target = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(opt=2)
    return _forever(llvm.create_mcjit_compiler(llvm.parse_assembly(""), target))


def _forever(value: Any) -> Any:
    """Return a value that is never freed.

    The interpreter frees modules in an order of its own when it ends. A function still reads its
    definition when it is freed itself, and a thread may still be running its code.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))
    return value


class _Method(ctypes.Structure):
    """`PyMethodDef`, which CPython keeps a pointer to."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("entry", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


METH_FASTCALL = 0x80
_new_function = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def _function(name: str, address: int) -> Callable[..., Any]:
    method = _forever(_Method(name.encode(), address, METH_FASTCALL, None))
    function: Callable[..., Any] = _new_function(ctypes.addressof(method), None, None)
    return function
