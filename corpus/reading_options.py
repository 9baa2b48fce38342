"""What a run asks of all readers, in this process and in those that it forks.

`keep_all` takes pages that are no articles (`corpus.html.page_kinds`) all the same. `table_columns`
names the columns of tables whose first row does not. `folders_are_sections` takes the name of the
folder that a file lies in for its section.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_asked = [False]
_columns: list[tuple[str, ...]] = [()]
_folders = [False]


def keep_all() -> bool:
    """Tell whether pages that are no articles are taken."""
    return _asked[0]


@contextmanager
def keeping_all(asked: bool = True) -> Iterator[None]:
    """Take them, or not, until the block ends."""
    before, _asked[0] = _asked[0], asked
    try:
        yield
    finally:
        _asked[0] = before


def table_columns() -> tuple[str, ...]:
    """Return the names that were given to the columns of tables, () when none were."""
    return _columns[0]


def folders_are_sections() -> bool:
    """Tell whether the folder that a file lies in names its section."""
    return _folders[0]


@contextmanager
def reading_as(columns: str = "", *, folders: bool = False) -> Iterator[None]:
    """Take tables to have these columns (names by commas), and folders to name sections, until the
    block ends."""
    before = _columns[0], _folders[0]
    _columns[0] = tuple(name.strip() for name in columns.split(",")) if columns else ()
    _folders[0] = folders
    try:
        yield
    finally:
        _columns[0], _folders[0] = before
