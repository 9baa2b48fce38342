"""The help page: the syntax as `search.syntax_help` teaches it, with examples that find something.

An example is shown with what it finds in the open archive; those that find nothing there are still
taught, without a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpus.errors import BroadsheetError
from search.request import Request
from web.addresses import Addresses
from web.site import site
from web.wording import number

__all__ = ["Example", "Section", "sections"]


@dataclass(frozen=True, slots=True)
class Example:
    """A query, what it means, where it leads and how much it finds."""

    query: str
    meaning: str
    url: str = ""
    total: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the help page."""

    title: str
    text: str = ""
    examples: tuple[Example, ...] = ()


def sections(*, live: bool = True) -> tuple[Section, ...]:
    """Return the help page's parts, with what the examples find when the archive is `live`."""
    return ()


def _tried(query: str, meaning: str, live: bool) -> Example:
    """Return an example, asked of the open archive."""
    if not live:
        return Example(query, meaning)
    asked = Request(text=query, size=1, facets=(), timeline=False, snippets=False)
    try:
        total = site().engine.search(asked).total
    except BroadsheetError:
        total = 0
    return Example(query, meaning, Addresses(asked).search(), number(total) if total else "")
