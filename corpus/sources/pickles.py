"""Pickled data read as plain values: nothing that it names is imported, called or made.

A pickle is a program for a small machine, in which some instructions import and call what the
program names. This machine has those that push values, make lists of them and remember them
(protocols 2 to 5, as `pickletools` of Python's library documents them). A class or function that
is named stays its name, and what would be made with it becomes `PickledObject`: the name, with what
it was given. Dates and the like, whose makers are known, are then read from that by `_KNOWN`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from corpus.core.errors import UnreadableError

__all__ = ["PickledObject", "read_pickled"]

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
    and values in all, `steps` the instructions (half a microsecond each). Raises UnreadableError
    for all other data.
    """
    try:
        return _Plain(limit).value(_Machine(data).run(steps), 0)
    except (
        LookupError, ValueError, TypeError, AttributeError, OverflowError, struct.error
    ) as error:  # fmt: skip
        raise UnreadableError("its pickled data is damaged") from error


_NUMBERS = {0x4B: (1, False), 0x4D: (2, False), 0x4A: (4, True)}
_TEXTS = {0x58: 4, 0x8C: 1, 0x8D: 8}
_BYTES = {0x42: 4, 0x43: 1, 0x8E: 8, 0x96: 8}
_BYTES_OF_PYTHON_2 = {0x55: 1, 0x54: 4}
_LONGS = {0x8A: 1, 0x8B: 4}
_CONSTANTS = {0x4E: None, 0x88: True, 0x89: False}
_EMPTY: dict[int, Callable[[], Any]] = {0x5D: list, 0x7D: _Pairs, 0x29: tuple, 0x8F: _Set}
_TUPLES = {0x85: 1, 0x86: 2, 0x87: 3}
_REMEMBER = {0x71: 1, 0x72: 4}
_RECALL = {0x68: 1, 0x6A: 4}
_IGNORED = {0x80: 1, 0x95: 8}
"""PROTO and FRAME."""


class _Machine:
    """Runs the instructions over a stack, a list of stacks below marks, and a memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memory: dict[int, Any] = {}

    def run(self, steps: int) -> Any:
        for _ in range(steps):
            code = self._number(1)
            if code == 0x2E:  # STOP
                return self._stack.pop()
            self._step(code)
        raise ValueError("more instructions than are run")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("the data ends")
        self._at += size
        return taken

    def _number(self, width: int, signed: bool = False) -> int:
        return int.from_bytes(self._take(width), "little", signed=signed)

    def _line(self) -> str:
        end = self._data.index(b"\n", self._at)
        line = self._take(end - self._at).decode()
        self._at += 1
        return line

    def _step(self, code: int) -> None:
        push = self._stack.append
        if code in _TEXTS:
            push(self._take(self._number(_TEXTS[code])).decode("utf-8", "replace"))
        elif code in _REMEMBER:
            self._memory[self._number(_REMEMBER[code])] = self._stack[-1]
        elif code == 0x94:  # MEMOIZE
            self._memory[len(self._memory)] = self._stack[-1]
        elif code in _RECALL:
            push(self._memory[self._number(_RECALL[code])])
        elif code in _NUMBERS:
            push(self._number(*_NUMBERS[code]))
        elif code in _CONSTANTS:
            push(_CONSTANTS[code])
        elif code in _BYTES:
            push(self._take(self._number(_BYTES[code])))
        elif code in _BYTES_OF_PYTHON_2:
            push(self._take(self._number(_BYTES_OF_PYTHON_2[code])).decode("latin-1"))
        elif code in _LONGS:
            push(self._number(self._number(_LONGS[code]), signed=True))
        elif code == 0x47:  # BINFLOAT
            push(struct.unpack(">d", self._take(8))[0])
        elif code in _EMPTY:
            push(_EMPTY[code]())
        elif code in _TUPLES:
            self._stack[-_TUPLES[code] :] = [self._last(_TUPLES[code])]
        elif code == 0x28:  # MARK
            self._below.append(self._stack)
            self._stack = []
        elif code in _IGNORED:
            self._take(_IGNORED[code])
        else:
            self._combine(code)

    def _last(self, count: int) -> tuple[Any, ...]:
        if len(self._stack) < count:
            raise ValueError("the stack is empty")
        return tuple(self._stack[-count:])

    def _marked(self) -> list[Any]:
        """Return what is above the last mark, and go on with the stack below it."""
        marked, self._stack = self._stack, self._below.pop()
        return marked

    def _combine(self, code: int) -> None:
        """Do one of the instructions that put values together."""
        pop = self._stack.pop
        match code:
            case 0x74:  # TUPLE
                marked = self._marked()
                self._stack.append(tuple(marked))
            case 0x91:  # FROZENSET
                members = _Set(self._marked())
                self._stack.append(members)
            case 0x61:  # APPEND
                self._extend(list, [pop()])
            case 0x65:  # APPENDS
                self._extend(list, self._marked())
            case 0x90:  # ADDITEMS
                self._extend(_Set, self._marked())
            case 0x73:  # SETITEM
                value, key = pop(), pop()
                self._extend(_Pairs, [key, value])
            case 0x75:  # SETITEMS
                self._extend(_Pairs, self._marked())
            case 0x63:  # GLOBAL
                module = self._line()
                self._stack.append(_Name(f"{module}.{self._line()}"))
            case 0x93:  # STACK_GLOBAL
                name, module = pop(), pop()
                self._stack.append(_Name(f"{module}.{name}"))
            case 0x52 | 0x81:  # REDUCE, NEWOBJ
                given, name = pop(), pop()
                self._make(name, given)
            case 0x92:  # NEWOBJ_EX
                named, given, name = pop(), pop(), pop()
                self._make(name, (given, named))
            case 0x62:  # BUILD
                state = pop()
                if not isinstance(self._stack[-1], PickledObject):
                    raise ValueError("a state without what it belongs to")
                self._stack[-1].state = state
            case _:
                raise ValueError(f"an instruction {code:#x} that makes no plain value")

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
            case None | bool() | float() | str() | bytes():
                return raw
            case int():
                if raw.bit_length() > _INT_BITS:
                    raise ValueError("too large a number")
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
                return (
                    items if raw.name in _MAPPINGS else PickledObject(raw.name, given, state, items)
                )
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
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


def _encoded(text: str, encoding: str) -> bytes:
    """Return bytes as protocol 2 has them: as the characters of the same numbers."""
    if encoding != "latin1":
        raise ValueError(encoding)
    return text.encode("latin-1")


def _values(values: list[Any] | None = None) -> list[Any]:
    if not isinstance(values, list):
        raise TypeError("a set of what is no list")
    return values


def _bytes(*given: Any) -> bytes:
    match given:
        case ():
            return b""
        case (bytes(content),):
            return content
    raise TypeError("bytes of what is none")


_KNOWN: dict[str, Callable[..., Any]] = {
    "datetime.datetime": _datetime,
    "datetime.date": _date,
    "datetime.time": _time,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
    "pytz._UTC": lambda: timezone(timedelta(0)),
    "decimal.Decimal": _decimal,
    "_codecs.encode": _encoded,
    "builtins.set": _values,
    "builtins.frozenset": _values,
    "__builtin__.set": _values,
    "__builtin__.frozenset": _values,
    "builtins.bytearray": _bytes,
    "builtins.bytes": _bytes,
    "__builtin__.bytes": _bytes,
    "__builtin__.bytearray": _bytes,
}
_MAPPINGS = {"collections.OrderedDict", "collections.defaultdict"}
