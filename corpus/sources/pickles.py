"""Pickled data read as plain values: nothing that it names is imported, called or made.

A pickle is a program for a small machine, in which some instructions import and call what the
program names. This machine has those that push values, make lists of them and remember them
(protocols 2 to 5), as `pickletools` of Python's library reads them. A class or function that
is named stays its name, and what would be made with it becomes `PickledObject`: the name, with what
it was given. Dates and the like, whose makers are known, are then read from that by `_KNOWN`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import islice
from pickletools import genops
from typing import Any

from corpus.core.errors import UnreadableError

_FAULTS = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, struct.error)
_MAX_DEPTH = 64
_INT_BITS = 64


class _Name(str):
    """The name of a class or a function."""

    __slots__ = ()


class _Pairs(list[Any]):
    """A dictionary as it comes: a key, its value, the next key, ..."""


class _Set(list[Any]):
    """A set as it comes."""


@dataclass(slots=True)
class PickledObject:
    """What the function or class of this name ('module.name') would have made of `given`.

    `state` is what would be set on it afterwards, `items` the keys and values put into it.
    """

    name: str
    given: Any = ()
    state: Any = None
    items: Any = field(default_factory=_Pairs)


def read_pickled(data: bytes, limit: int = 64 << 20, steps: int = 1 << 24) -> Any:
    """Return the value that the data begins with.

    Tuples and sets become lists. Strings, bytes, numbers of 64 bits, None, lists and dictionaries
    (with text for keys) are themselves, dates and the others of `_KNOWN` too; what else it names
    is `PickledObject`. A value that occurs twice counts twice: `limit` bounds the characters, bytes
    and values in all, `steps` the instructions (two microseconds each). Raises UnreadableError
    for all other data.
    """
    try:
        return _Plain(limit).value(_Machine(data).run(steps), 0)
    except _FAULTS as error:
        raise UnreadableError("its pickled data is damaged") from error


_ARGUMENTS = frozenset(
    "BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT BINUNICODE BINUNICODE8 SHORT_BINUNICODE BINBYTES "
    "BINBYTES8 SHORT_BINBYTES BYTEARRAY8 BINSTRING SHORT_BINSTRING".split()
)
"""Instructions that push what stands behind them."""

_MADE: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False,
    "EMPTY_LIST": list, "EMPTY_DICT": _Pairs, "EMPTY_TUPLE": tuple, "EMPTY_SET": _Set,
}  # fmt: skip


class _Machine:
    """Runs the instructions over a stack, a list of stacks below marks, and a memory."""

    def __init__(self, data: bytes) -> None:
        self._instructions = genops(data)
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memory: dict[int, Any] = {}

    def run(self, steps: int) -> Any:
        for instruction, argument, _ in islice(self._instructions, steps):
            if instruction.name == "STOP":
                return self._stack.pop()
            self._step(instruction.name, argument)
        raise ValueError("more instructions than are run")

    def _step(self, name: str, argument: Any) -> None:
        pop, push = self._stack.pop, self._stack.append
        match name:
            case "PROTO" | "FRAME":
                pass
            case "BINPUT" | "LONG_BINPUT":
                self._memory[argument] = self._stack[-1]
            case "MEMOIZE":
                self._memory[len(self._memory)] = self._stack[-1]
            case "BINGET" | "LONG_BINGET":
                push(self._memory[argument])
            case _ if name in _ARGUMENTS:
                push(bytes(argument) if isinstance(argument, bytearray) else argument)
            case _ if name in _MADE:
                push(_MADE[name]())
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                if len(self._stack) < count:
                    raise ValueError("the stack is empty")
                self._stack[-count:] = [tuple(self._stack[-count:])]
            case "MARK":
                self._below.append(self._stack)
                self._stack = []
            case "TUPLE" | "FROZENSET":
                marked = self._marked()  # which changes the stack
                self._stack.append(tuple(marked) if name == "TUPLE" else _Set(marked))
            case "APPEND":
                self._extend(list, [pop()])
            case "APPENDS":
                self._extend(list, self._marked())
            case "ADDITEMS":
                self._extend(_Set, self._marked())
            case "SETITEM":
                value, key = pop(), pop()
                self._extend(_Pairs, [key, value])
            case "SETITEMS":
                self._extend(_Pairs, self._marked())
            case "GLOBAL":
                push(_Name(argument.replace(" ", ".", 1)))
            case "STACK_GLOBAL":
                called, module = pop(), pop()
                push(_Name(f"{module}.{called}"))
            case "REDUCE" | "NEWOBJ":
                given, called = pop(), pop()
                self._make(called, given)
            case "NEWOBJ_EX":
                named, given, called = pop(), pop(), pop()
                self._make(called, (given, named))
            case "BUILD":
                state = pop()
                if not isinstance(self._stack[-1], PickledObject):
                    raise ValueError("a state without what it belongs to")
                self._stack[-1].state = state
            case _:
                raise ValueError(f"an instruction {name} that makes no plain value")

    def _marked(self) -> list[Any]:
        """Return what is above the last mark, and go on with the stack below it."""
        marked, self._stack = self._stack, self._below.pop()
        return marked

    def _extend(self, kind: type, values: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, PickledObject) and kind is _Pairs:
            target = target.items
        if not isinstance(target, list) or type(target) is not kind:
            raise ValueError("values without what they belong in")
        if kind is _Pairs and len(values) % 2:
            raise ValueError("a key without a value")
        target.extend(values)

    def _make(self, name: Any, given: Any) -> None:
        if not isinstance(name, _Name):
            raise ValueError("something made of what is no class")
        self._stack.append(PickledObject(str(name), given))


class _Plain:
    """Makes plain values of what the machine leaves, which may hold itself, within bounds."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def value(self, raw: Any, depth: int) -> Any:
        self._left -= 1 + (len(raw) if isinstance(raw, (str, bytes)) else 0)
        if self._left < 0 or depth > _MAX_DEPTH:
            raise ValueError("too large, or nested too deep")
        match raw:
            case _Name():
                return PickledObject(str(raw))
            case str():
                return raw.encode("utf-8", "replace").decode()
            case int() if raw.bit_length() > _INT_BITS:
                raise ValueError("too large a number")
            case None | int() | float() | bytes():
                return raw
            case _Pairs():
                return self._pairs(raw, depth)
            case list() | tuple():
                return [self.value(part, depth + 1) for part in raw]
            case PickledObject():
                given = self.value(raw.given, depth + 1)
                if raw.name in _KNOWN and isinstance(given, list):
                    return _KNOWN[raw.name](*given)
                state = self.value(raw.state, depth + 1)
                items = self._pairs(raw.items, depth)
                made = PickledObject(raw.name, given, state, items)
                return items if raw.name in _MAPPINGS else made
        raise TypeError(type(raw).__name__)

    def _pairs(self, raw: list[Any], depth: int) -> dict[str | bytes, Any]:
        pairs: dict[str | bytes, Any] = {}
        for key, part in zip(raw[::2], raw[1::2], strict=True):
            text = self.value(key, depth + 1)
            if isinstance(text, int):
                text = str(text)  # numbers can be chosen so that a dictionary takes for ever
            if not isinstance(text, (str, bytes)):
                raise TypeError("keys that are no text")
            pairs[text] = self.value(part, depth + 1)
        return pairs


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _datetime(raw: str | bytes, zone: object = None) -> datetime | None:
    """Return the moment of ten bytes; None in a time zone that is not known."""
    if zone is not None and not isinstance(zone, timezone):
        return None
    high, low, month, day, hour, minute, second, *micro = struct.unpack("10B", _raw(raw))
    microsecond = int.from_bytes(bytes(micro), "big")
    year = high << 8 | low
    return datetime(year, month & 127, day, hour, minute, second, microsecond, zone)


def _date(raw: str | bytes) -> date:
    high, low, month, day = struct.unpack("4B", _raw(raw))
    return date(high << 8 | low, month, day)


def _time(raw: str | bytes, *zone: object) -> time:
    hour, minute, second, *micro = struct.unpack("6B", _raw(raw))
    return time(hour & 127, minute, second, int.from_bytes(bytes(micro), "big"))


def _decimal(text: str) -> Decimal:
    if not isinstance(text, str):
        raise TypeError("a decimal of what is no text")
    return Decimal(text)  # or it raises an ArithmeticError


def _encoded(text: str, encoding: str) -> bytes:
    """Return bytes as protocol 2 has them: as the characters of the same numbers."""
    return text.encode({"latin1": "latin-1"}[encoding])


def _values(values: list[Any] | None = None) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError("a set of what is no list")
    return values


def _bytes(content: Any = b"") -> bytes:
    if not isinstance(content, bytes):
        raise TypeError("bytes of what is none")
    return content


_KNOWN: dict[str, Callable[..., Any]] = {
    "datetime.datetime": _datetime,
    "datetime.date": _date,
    "datetime.time": _time,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
    "pytz._UTC": lambda: timezone(timedelta(0)),
    "decimal.Decimal": _decimal,
    "_codecs.encode": _encoded,
}
for _module in ("builtins", "__builtin__"):
    for _maker, _kinds in ((_values, ("set", "frozenset")), (_bytes, ("bytes", "bytearray"))):
        _KNOWN |= {f"{_module}.{kind}": _maker for kind in _kinds}
_MAPPINGS = {"collections.OrderedDict", "collections.defaultdict"}
