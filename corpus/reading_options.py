"""What a run asks of all readers, in this process and in those that it forks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class ReadingOptions(NamedTuple):
    """`keep_all` takes pages that are no articles (`corpus.html.page_kinds`) all the same.
    `columns` are the names of those of tables whose first row does not name them.
    `folders_are_sections` takes the name of the folder that a file lies in for its section."""

    keep_all: bool = False
    columns: tuple[str, ...] = ()
    folders_are_sections: bool = False


_asked = [ReadingOptions()]


def reading_options() -> ReadingOptions:
    """Return what is asked now."""
    return _asked[-1]


@contextmanager
def reading_as(
    columns: str = "", *, folders: bool = False, keep_all: bool = False
) -> Iterator[None]:
    """Ask for it until the block ends; `columns` are names by commas."""
    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    _asked.append(ReadingOptions(keep_all, names, folders))
    try:
        yield
    finally:
        _asked.pop()
