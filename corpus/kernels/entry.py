"""The entry of a kernel's machine code: from Python's arguments to numba's, and back.

It looks at the types of its arguments, reads arrays where numpy keeps their fields (`layout`), lets
go of the interpreter's lock, and calls what numba compiled. For arguments of other types than its
own it returns NotImplemented, having done nothing. A call with twelve arrays takes 0.22 µs, through
numba's dispatcher 0.72 µs.
"""

# mypy: disable-error-code="no-untyped-call, no-any-return"

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types

from corpus.kernels import layout
from corpus.kernels.kept import NDARRAY

__all__ = ["Entry", "accepted", "returnable"]

I8, I32, I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
POINTER = I8.as_pointer()

TYPE_NUMBERS = {
    numba.from_dtype(np.dtype(one)): np.dtype(one).num
    for one in ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
}
"""numpy's numbers of the types that arrays may have, by numba's type."""

ORDERS = {"C": layout.C_CONTIGUOUS, "F": layout.F_CONTIGUOUS, "A": 0}


def accepted(one: Any) -> bool:
    """Return whether an entry can take an argument of this type of numba's."""
    if isinstance(one, types.Array):
        return one.layout in ORDERS and one.aligned and one.dtype in TYPE_NUMBERS
    return one in (types.int64, types.float64, types.boolean)


def returnable(one: Any) -> bool:
    """Return whether an entry can return a value of this type: numbers, and tuples of them."""
    if isinstance(one, (types.UniTuple, types.Tuple)):
        return all(map(returnable, one.types))
    return isinstance(one, (types.Integer, types.Float, types.Boolean, types.NoneType))


class Entry:
    """Writes the function `name` into a module, for what numba compiled for `types_of`.

    Its form is that of CPython's METH_FASTCALL: (self, arguments, number of arguments).
    """

    def __init__(self, module: Any, compiled: Any, types_of: tuple[Any, ...], name: str) -> None:
        self._module, self._compiled, self._types = module, compiled, types_of
        self._context = compiled.target_context
        form = ir.FunctionType(POINTER, [POINTER, POINTER.as_pointer(), I64])
        self._function = ir.Function(module, form, name=name)
        self._builder = ir.IRBuilder(self._function.append_basic_block())
        self._refuse = self._function.append_basic_block()
        self._api = self._context.get_python_api(self._builder)

    def build(self) -> None:
        """Write the function."""
        builder, api = self._builder, self._api
        given, count = self._function.args[1:]
        self._require("==", count, I64(len(self._types)))
        objects = [builder.load(builder.gep(given, [I64(i)])) for i in range(len(self._types))]
        arguments = [self._value(*pair) for pair in zip(objects, self._types, strict=True)]
        compiled = self._compiled.fndesc
        thread = api.save_thread()
        status, value = self._context.call_conv.call_function(
            builder, self._context.declare_function(self._module, compiled),
            compiled.restype, compiled.argtypes, arguments,
        )  # fmt: skip
        api.restore_thread(thread)
        with builder.if_then(status.is_ok, likely=True):
            if compiled.restype == types.none:
                builder.ret(api.make_none())
            else:
                builder.ret(api.from_native_return(compiled.restype, value, None))
        problem = f"{compiled.qualname} failed: memory is short, or a number was divided by zero"
        api.err_set_string("PyExc_RuntimeError", problem)
        builder.ret(api.get_null_object())
        builder.position_at_end(self._refuse)
        refused = self._symbol("_Py_NotImplementedStruct")
        api.incref(refused)
        builder.ret(refused)

    def _value(self, given: Any, one: Any) -> Any:
        if isinstance(one, types.Array):
            return self._array(given, one)
        if one == types.boolean:
            return self._boolean(given)
        if one == types.float64:
            self._require(
                "==", self._field(given, layout.TYPE, POINTER), self._symbol("PyFloat_Type")
            )
            return self._api.float_as_double(given)
        return self._integer(given)

    def _array(self, given: Any, one: Any) -> Any:
        """Return numba's view of an array, which owns nothing."""
        builder, field = self._builder, self._field
        self._require("==", field(given, layout.TYPE, POINTER), self._symbol(NDARRAY))
        self._require("==", field(given, layout.DIMENSION_COUNT, I32), I32(one.ndim))
        needed = ORDERS[one.layout] | layout.ALIGNED | (layout.WRITEABLE if one.mutable else 0)
        flags = builder.and_(field(given, layout.FLAGS, I32), I32(needed))
        self._require("==", flags, I32(needed))
        kind = field(given, layout.DESCRIPTION, POINTER)
        self._require("==", field(kind, layout.TYPE_NUMBER, I32), I32(TYPE_NUMBERS[one.dtype]))
        self._require("!=", field(kind, layout.BYTE_ORDER, I8), I8(ord(">")))
        array = self._context.make_array(one)(self._context, builder)
        shape = self._numbers(field(given, layout.SHAPE, I64.as_pointer()), one.ndim)
        strides = self._numbers(field(given, layout.STRIDES, I64.as_pointer()), one.ndim)
        array.nitems = I64(1)
        for length in shape:
            array.nitems = builder.mul(array.nitems, length)
        array.data = builder.bitcast(field(given, layout.DATA, POINTER), array.data.type)
        array.itemsize = I64(self._context.get_abi_sizeof(self._context.get_data_type(one.dtype)))
        array.shape, array.strides = self._packed(shape), self._packed(strides)
        array.meminfo = ir.Constant(array.meminfo.type, None)
        array.parent = ir.Constant(array.parent.type, None)
        return array._getvalue()

    def _boolean(self, given: Any) -> Any:
        builder = self._builder
        true = builder.icmp_unsigned("==", given, self._symbol("_Py_TrueStruct"))
        false = builder.icmp_unsigned("==", given, self._symbol("_Py_FalseStruct"))
        self._require("==", builder.or_(true, false), ir.IntType(1)(1))
        return true

    def _integer(self, given: Any) -> Any:
        """Return an int that fits 64 bits with a sign; others are refused."""
        builder, api = self._builder, self._api
        self._require("==", self._field(given, layout.TYPE, POINTER), self._symbol("PyLong_Type"))
        value = api.long_as_longlong(given)
        with builder.if_then(builder.icmp_signed("==", value, I64(-1)), likely=False):
            problem = builder.icmp_unsigned("!=", api.err_occurred(), api.get_null_object())
            with builder.if_then(problem, likely=False):
                api.err_clear()
                builder.branch(self._refuse)
        return value

    def _symbol(self, name: str) -> Any:
        return self._module.globals.get(name) or ir.GlobalVariable(self._module, I8, name)

    def _require(self, relation: str, one: Any, other: Any) -> None:
        """Go on where a relation holds, refuse the arguments where it does not."""
        following = self._function.append_basic_block()
        holds = self._builder.icmp_unsigned(relation, one, other)
        self._builder.cbranch(holds, following, self._refuse)
        self._builder.position_at_end(following)

    def _field(self, start: Any, offset: int, kind: Any) -> Any:
        """Return the field of a type that lies `offset` bytes behind an address."""
        at = self._builder.gep(start, [I64(offset)])
        return self._builder.load(self._builder.bitcast(at, kind.as_pointer()))

    def _numbers(self, pointer: Any, count: int) -> list[Any]:
        return [self._builder.load(self._builder.gep(pointer, [I64(i)])) for i in range(count)]

    def _packed(self, values: list[Any]) -> Any:
        packed = ir.Constant(ir.ArrayType(I64, len(values)), ir.Undefined)
        for i, value in enumerate(values):
            packed = self._builder.insert_value(packed, value, i)
        return packed
