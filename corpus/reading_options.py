"""What a run asks of all readers, in this process and in those that it forks.

One setting: `keep_all` takes pages that are no articles (`corpus.html.page_kinds`) all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["keep_all", "keeping_all"]

_asked = [False]


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
