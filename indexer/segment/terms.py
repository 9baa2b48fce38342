"""Finding terms in a sorted list of strings, without decoding it."""

from __future__ import annotations

from bisect import bisect_left

from indexer.segment.segment import Strings

__all__ = ["first_at_least", "prefix_range", "string_at", "term_number"]


class _Bytes:
    """The strings as a sequence of bytes, for `bisect`."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings

    def __len__(self) -> int:
        return len(self._strings.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return string_at(self._strings, number)


def string_at(strings: Strings, number: int) -> bytes:
    """Return a string's UTF-8 bytes."""
    offsets = strings.offsets
    return strings.data[offsets[number] : offsets[number + 1]].tobytes()


def first_at_least(strings: Strings, text: bytes) -> int:
    """Return the number of the first string that is not before `text`, n when all are."""
    return bisect_left(_Bytes(strings), text)


def term_number(strings: Strings, text: bytes) -> int:
    """Return the number of a string, or -1 where it is not there."""
    number = first_at_least(strings, text)
    found = number < len(strings.offsets) - 1 and string_at(strings, number) == text
    return number if found else -1


def prefix_range(strings: Strings, prefix: bytes) -> tuple[int, int]:
    """Return [first, last) of the strings that begin with `prefix`."""
    first = first_at_least(strings, prefix)
    stem = prefix.rstrip(b"\xff")
    if not stem:
        return first, len(strings.offsets) - 1
    return first, first_at_least(strings, stem[:-1] + bytes((stem[-1] + 1,)))
