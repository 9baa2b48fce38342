"""A request as the parameters of an address: the names that pages, API and command line share."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_plus

from corpus.core.fields import FACETS, PARAMETERS
from search.request import Request

_LONG = 1_000
_TO_QUOTE = re.compile(r"[\x00-\x7f]+|\W+")


def pairs(request: Request, *, paging: bool = False) -> list[tuple[str, str]]:
    """Return a request as parameters in their fixed order, defaults left out.

    With `paging` the page, its size and the cursor are among them.
    """
    found: list[tuple[str, str]] = []
    if request.text:
        found.append(("q", request.text))
    for chosen, mark in ((request.filters, ""), (request.excluded, "-")):
        for facet in sorted(chosen, key=FACETS.index) if len(chosen) > 1 else chosen:
            found += [(mark + PARAMETERS[facet], value) for value in chosen[facet]]
    for name, text, default in (
        ("from", request.since, ""),
        ("to", request.until, ""),
        ("match", request.match, "auto"),
        ("sort", request.sort, "relevance"),
    ):
        if text != default:
            found.append((name, text))
    if not request.collapse:
        found.append(("collapse", "0"))
    if request.explain:
        found.append(("explain", "1"))
    if request.expand is not None:
        found.append(("expand", "1" if request.expand else "0"))
    if request.half_life_days != 30:
        found.append(("half_life", f"{request.half_life_days:.0f}"))
    if request.size != 10:
        found.append(("size", str(request.size)))
    if paging:
        if request.after:
            found.append(("after", request.after))
        elif request.page != 1:
            found.append(("page", str(request.page)))
    return found


def query_string(parameters: list[tuple[str, str]]) -> str:
    """Return parameters as a query string, with its ``?``; "" when there are none."""
    if not parameters:
        return ""
    return "?" + "&".join([f"{name}={quoted(value)}" for name, value in parameters])


def quoted(value: str) -> str:
    """Return a value as it stands in a query string; browsers quote letters of long ones, whose
    UTF-8 takes a third of the room."""
    if len(value) <= _LONG:
        return _quoted_short(value)
    return _TO_QUOTE.sub(lambda found: quote_plus(found[0], errors="replace"), value)


@lru_cache(maxsize=16_384)
def _quoted_short(value: str) -> str:
    """Remember how short values are quoted: 5 µs, a hundred times a page, recurring."""
    return quote_plus(value, errors="replace")
