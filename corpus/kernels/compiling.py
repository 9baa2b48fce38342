"""From a function to an object file: numba compiles it, and what it needs of numba is added.

That is an entry that Python calls (`entry`) and the few functions of numba's runtime that arrays
and lists made within a kernel need (`runtime`). LLVM links the three and drops what is not used,
numba's own wrappers among it; object files have 2 to 50 kB. Compiling takes a tenth of a second to
a few seconds, once a machine.
"""

# mypy: disable-error-code="no-untyped-call, no-any-return, call-overload"

from __future__ import annotations

from types import FunctionType
from typing import Any

import numba
from llvmlite import binding as llvm

from corpus.kernels import layout
from corpus.kernels.entry import Entry, accepted, returnable
from corpus.kernels.identity import globals_of
from corpus.kernels.kept import NDARRAY
from corpus.kernels.kernel import Kernel, intrinsic
from corpus.kernels.runtime import RUNTIME

__all__ = ["LIBRARY", "compile_entry", "dispatcher_of"]

LIBRARY = frozenset(
    "memcpy memmove memset malloc realloc free exp exp2 log log2 log10 log1p pow sqrt floor ceil"
    " expf logf powf fmod ldexp".split()
)
"""What code may need of the C library; of Python it may need what begins with ``Py``."""


def dispatcher_of(function: Any, inline: str) -> Any:
    """Return `numba.njit` of a function, the kernels that it calls being made so, too.

    numba's own cache is used only where code cannot be kept: it does not see when a kernel of
    another file changes.
    """
    names = {name: _for_numba(value) for name, value in globals_of(function).items()}
    copy = FunctionType(function.__code__, names, function.__name__)
    copy.__qualname__, copy.__module__ = function.__qualname__, function.__module__
    return numba.njit(nogil=True, inline=inline, cache=not layout.as_expected())(copy)


def _for_numba(value: Any) -> Any:
    if isinstance(value, intrinsic):
        return value.made()
    return value.dispatcher() if isinstance(value, Kernel) else value


def compile_entry(
    dispatcher: Any, arguments: tuple[Any, ...], name: str
) -> tuple[bytes, list[str]] | None:
    """Return an object file with the function `name`, and the symbols that it needs.

    dispatcher: numba's, which is made to compile for the types of the arguments. `name` has the
    form of CPython's METH_FASTCALL. None where no code can be made that runs without numba.
    """
    types = tuple(map(numba.typeof, arguments))
    if not hasattr(dispatcher, "compile") or not all(map(accepted, types)):
        return None  # without `compile`, the environment tells numba to compile nothing
    dispatcher.compile(types)
    compiled = dispatcher.overloads[types]
    if not returnable(compiled.signature.return_type):
        return None
    codegen = compiled.target_context.codegen()
    module = codegen.create_library(name).create_ir_module(name)
    Entry(module, compiled, types, name).build()
    linked = llvm.parse_assembly(str(module))
    runtime = f'target datalayout = "{module.data_layout}"\ntarget triple = "{module.triple}"\n'
    linked.link_in(llvm.parse_assembly(runtime + RUNTIME))
    linked.link_in(llvm.parse_assembly(compiled.library.get_llvm_str()))
    for one in (*linked.functions, *linked.global_variables):
        if not one.is_declaration and one.name != name:
            one.linkage = "internal"
    machine = codegen._tm  # for the processor that numba compiles for
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    passes.getModulePassManager().run(linked, passes)
    needed = [
        one.name
        for one in (*linked.functions, *linked.global_variables)
        if one.is_declaration and not one.name.startswith("llvm.")
    ]
    known = all(n.startswith(("Py", "_Py")) or n in LIBRARY or n == NDARRAY for n in needed)
    return (machine.emit_object(linked), needed) if known else None
