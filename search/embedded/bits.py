"""Two machine instructions that numba does not name: count trailing zeros, count ones.

A kernel that sweeps a bitset jumps from one bit that is set to the next with them.
"""

# mypy: disable-error-code="no-untyped-def, misc, untyped-decorator, no-untyped-call"

from __future__ import annotations

from corpus.kernels import intrinsic

__all__ = ["ones", "trailing_zeros"]


@intrinsic
def trailing_zeros(typing_context, word):
    """Return the number of zeros below the lowest bit set of a uint64, 64 when there is none."""
    from numba import types

    def build(context, builder, signature, arguments):
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), build


@intrinsic
def ones(typing_context, word):
    """Return the number of bits set in a uint64."""
    from numba import types

    def build(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build
