"""The format of a segment: what is declared of each array, once, and all else follows from it.

The classes that hold arrays (`segment.Segment`, `TextField`, `FacetColumn`, `Strings`,
`compressed_blocks.CompressedBlocks`) annotate each attribute with an `Array`: a row of the format.
From the rows follow how a segment is written and which shapes and types are accepted when it is
opened (`file`), what must hold of an array that is used (`validation`), and how a column is
collected and merged (`indexer.write`). An attribute whose type has rows of its own is a group: its
arrays are named after it, ``titles/data``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, Protocol, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt
import orjson

from indexer.segment.validation_kernels import divide_up

U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

Sizes = Mapping[str, int]
"""How many there are of what `Array.count` names, by that name."""

Rule = Callable[[Any, Any, Sizes], bool]
"""What must hold of an array: given it, the object that it is an attribute of, and sizes."""


def splits(name: str) -> Rule:
    """Ask that ascending borders divide up [0, sizes[name])."""
    return lambda borders, whole, sizes: bool(divide_up(borders, sizes[name]))


def below(name: str, *, times: int = 1, plus: int = 0) -> Rule:
    """Ask that numbers are not negative, and below `times` sizes[name], and `plus`."""

    def holds(numbers: npt.NDArray[Any], whole: Any, sizes: Sizes) -> bool:
        signed = numbers.dtype.kind == "i"
        return len(numbers) == 0 or (
            int(numbers.max()) < times * sizes[name] + plus and not (signed and numbers.min() < 0)
        )

    return holds


class Array(NamedTuple):
    """A row of the format.

    count: what the array has one of, "terms", or one more than that, "terms + 1": all arrays of
    their class that count the same must agree; a group has so many items, which its own rows call
    "n". width: numbers in each row, 0 for one dimension. rule: see `Rule`; what it needs of other
    arrays is verified on the way. later: earlier versions did not write it, and it is all 0 in
    their segments. sorts: the column of which this is the order. derived: it is not in the file
    but follows from others. adapted: is given what the file has. framed: it is of frames
    with checksums of their own, of which most are never read. kind: the type of the elements,
    or the class of a group; both are taken from the annotation.
    """

    count: str  # type: ignore[assignment]  # in place of what tuples call so
    width: int = 0
    rule: Rule = lambda array, whole, sizes: True
    later: bool = False
    sorts: str = ""
    derived: Callable[[Any], npt.NDArray[Any]] | None = None
    adapted: Callable[[npt.NDArray[Any]], npt.NDArray[Any]] | None = None
    framed: bool = False
    kind: Any = None

    @property
    def is_group(self) -> bool:
        """Whether the attribute is an object that has arrays."""
        return not isinstance(self.kind, np.dtype)

    def size(self, sizes: Sizes) -> int:
        """Return its length; 0 where what it counts is not known."""
        name, _, more = self.count.partition(" + ")
        return sizes.get(name, 0) + int(more or 0)

    def agrees(self, length: int, sizes: dict[str, int]) -> bool:
        """Say whether a length is that of other arrays that count the same, noted in `sizes`."""
        name, _, more = self.count.partition(" + ")
        n = length - int(more or 0)
        return n >= 0 and sizes.setdefault(name, n) == n

    def empty(self, sizes: Sizes) -> npt.NDArray[Any]:
        """Return the array as it is where nothing was written: all 0."""
        return np.zeros((self.size(sizes), *([self.width] if self.width else [])), self.kind)


@cache
def rows(kind: type) -> Mapping[str, Array]:
    """Return the rows of a class by attribute."""
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if get_origin(hint) is Annotated:
            of, row = get_args(hint)
            held = np.dtype(get_args(get_args(of)[1])[0]) if get_origin(of) is np.ndarray else of
            found[name] = row._replace(kind=held)
    return found


@dataclass(frozen=True, slots=True)
class Strings:
    """A sequence of UTF-8 strings, one after the other, and where each begins."""

    data: Annotated[U8, Array(count="bytes")]
    offsets: Annotated[I64, Array(count="n + 1", rule=splits("bytes"))]


class ArraySink(Protocol):
    """What arrays are written to, such as `columns.ArrayWriter`."""

    def write(self, name: str, array: npt.NDArray[Any]) -> None:
        """Write an array under a name."""


def write_json(sink: ArraySink, name: str, value: Any) -> None:
    """Write a value under a name, as JSON."""
    sink.write(name, np.frombuffer(orjson.dumps(value), np.uint8))


def write_parts(sink: ArraySink, prefix: str, kind: type, whole: Any) -> None:
    """Write the arrays of an object of a class that has rows, each name after `prefix`."""
    for name, row in rows(kind).items():
        if row.is_group:
            write_parts(sink, f"{prefix}{name}/", row.kind, getattr(whole, name))
        elif row.derived is None:
            sink.write(prefix + name, getattr(whole, name))


def borders(counts: npt.ArrayLike) -> I64:
    """Return int64[n + 1], where each of n runs of these lengths begins, and the whole length.

    `counts`: numbers of any type, or bool[n].
    """
    starts = np.zeros(np.size(counts) + 1, np.int64)
    np.cumsum(counts, dtype=np.int64, out=starts[1:])
    return starts


def order_of(column: npt.NDArray[Any]) -> U32:
    """Return the places of numbers in ascending order of these, equal ones as they come."""
    return np.argsort(column, kind="stable").astype(np.uint32)
