"""What numba's runtime does for arrays that a kernel makes for itself, in a few lines of its own.

Their data lies behind a header, numba's NRT_MemInfo (numba/core/runtime/nrt.h): the count of
references, a destructor and its argument, the address of the data, its size, an allocator. The
arrays that a kernel is given have no header, which numba's code takes as "not counted".
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

__all__ = ["add_runtime"]

I32, I64 = ir.IntType(32), ir.IntType(64)
POINTER = ir.IntType(8).as_pointer()

HEADER = 48
"""Bytes of an array's header: six words."""


def add_runtime(module: Any) -> None:
    """Define in a module the functions that numba's code calls for memory."""
    release = ir.FunctionType(ir.VoidType(), [POINTER])
    malloc = ir.Function(module, ir.FunctionType(POINTER, [I64]), "malloc")
    free = ir.Function(module, release, "free")
    for name, parameters in (
        ("NRT_Allocate", [I64]),
        ("NRT_MemInfo_alloc", [I64]),
        ("NRT_MemInfo_alloc_safe", [I64]),
        ("NRT_MemInfo_alloc_aligned", [I64, I32]),
        ("NRT_MemInfo_alloc_safe_aligned", [I64, I32]),
    ):
        function = ir.Function(module, ir.FunctionType(POINTER, parameters), name)
        builder = ir.IRBuilder(function.append_basic_block())
        if name == "NRT_Allocate":
            builder.ret(builder.call(malloc, function.args))
        else:
            size = function.args[0]
            alignment = builder.zext(function.args[1], I64) if len(parameters) > 1 else I64(16)
            builder.ret(_make(builder, malloc, size, alignment))
    for name in ("NRT_Free", "NRT_MemInfo_call_dtor"):
        function = ir.Function(module, release, name)
        builder = ir.IRBuilder(function.append_basic_block())
        builder.call(free, function.args)
        builder.ret_void()


def _make(builder: Any, malloc: Any, size: Any, alignment: Any) -> Any:
    """Return the address of a header with memory behind it, or NULL when there is none left."""
    header = I64(HEADER)
    made = builder.call(malloc, [builder.add(builder.add(size, alignment), header)])
    null = ir.Constant(made.type, None)
    with builder.if_then(builder.icmp_unsigned("==", made, null), likely=False):
        builder.ret(made)
    end = builder.add(builder.add(builder.ptrtoint(made, I64), I64(HEADER - 1)), alignment)
    data = builder.sub(end, builder.urem(end, alignment))
    words = builder.bitcast(made, I64.as_pointer())
    for i, word in enumerate((I64(1), I64(0), I64(0), data, size, I64(0))):
        builder.store(word, builder.gep(words, [I64(i)]))
    return made
