"""Paths into records: which value of a JSON object is meant, written as a line of text.

``headline.main`` goes from object to object; ``tags[].name`` into each item of a list (and
``[][]`` into lists of lists); ``tags[type=keyword|series].webTitle`` into the items whose ``type``
is one of these, whatever its letter case (``keyword|`` takes those without any too); ``label.*``
takes the first value of an object. Paths parted by a comma and a space are alternatives: the first
that leads to anything decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"\[(?:(?P<key>[^\[\]=]+)=(?P<among>[^\[\]]+))?\]|(?P<name>[^.\[\]]+)")
_MOST = 10_000


def value_at(record: Any, paths: str) -> Any:
    """Return the value that the first fruitful path leads to: itself when there is one, a list
    when there are several; None when there is none."""
    found = values_at(record, paths)
    return found[0] if len(found) == 1 else found or None


def values_at(record: Any, paths: str) -> list[Any]:
    """Return the values that the first fruitful path leads to, without empty ones."""
    for steps in _ways(paths):
        if isinstance(record, dict) and steps[0][2] not in record and steps[0][2] not in ("", "*"):
            continue  # as nearly always, since records are looked through for many layouts
        values: Iterable[Any] = (record,)
        for key, among, name in steps:
            values = _named(values, name) if name else _items(values, key, among)
        if found := [value for value in values if value not in (None, "", [], {})]:
            return found[:_MOST]
    return []


@lru_cache(maxsize=1024)
def _ways(paths: str) -> tuple[tuple[tuple[str, frozenset[str], str], ...], ...]:
    """Return the steps of each path: a key and what it is among, or a name."""
    return tuple(
        tuple(
            (
                step["key"] or "",
                frozenset((step["among"] or "").lower().split("|")),
                step["name"] or "",
            )
            for step in _STEP.finditer(path)
        )
        for path in paths.split(", ")
    )


def _named(values: Iterable[Any], name: str) -> list[Any]:
    objects = [value for value in values if isinstance(value, dict)]
    if name == "*":
        return [next(iter(one.values()), None) for one in objects]
    return [one.get(name) for one in objects]


def _items(values: Iterable[Any], key: str, among: frozenset[str]) -> list[Any]:
    return [
        item
        for value in values
        for item in (value if isinstance(value, list) else [value])[:_MOST]
        if not key or (isinstance(item, dict) and str(item.get(key, "")).lower() in among)
    ]
