"""Values as JSON: stored ones, and those of postings: how often a term occurs, and where.

Whoosh's formats keep such values as pickles. `codec` keeps what they say, as JSON; a format that is
none of Whoosh's, or bytes that its format cannot read, are kept as they are given.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from whoosh import formats
from whoosh.formats import Format

Occurrences = list[tuple[Any, ...]] | bytes
"""Where a term is in a document: its position, then its first character and its last + 1, then its
weight, as far as the format keeps them. Bytes are a value that is kept as it was given."""

_PLACES = {
    formats.Positions: "positions", formats.Characters: "characters",
    formats.PositionBoosts: "position_boosts", formats.CharacterBoosts: "character_boosts",
}  # fmt: skip
_FREQUENCY_BYTES = 4

_TAGGED: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "$bytes": (bytes, lambda value: base64.b64encode(value).decode(), base64.b64decode),
    "$datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "$date": (date, date.isoformat, date.fromisoformat),
    "$decimal": (Decimal, str, Decimal),
}


def plain(value: Any) -> Any:
    """Return a stored value as JSON can hold it; raises TypeError for what has no such form."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    for tag, (kind, told, _) in _TAGGED.items():
        if isinstance(value, kind):
            return {tag: told(value)}
    match value:
        case tuple():
            return {"$tuple": [plain(part) for part in value]}
        case list():
            return [plain(part) for part in value]
        case dict():
            return {"$dict": [[plain(key), plain(part)] for key, part in value.items()]}
    raise TypeError(f"a stored {type(value).__name__} is not kept")


def restored(value: Any) -> Any:
    """Return the stored value that `plain` made JSON of."""
    if isinstance(value, list):
        return [restored(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((tag, part),) = value.items()
    if tag == "$tuple":
        return tuple(restored(part))
    if tag == "$dict":
        return {restored(key): restored(item) for key, item in part}
    return _TAGGED[tag][2](part)


def decode_value(format_: Format, value: bytes) -> tuple[int, Occurrences]:
    """Return how often a posting's term occurs, and where, from the value Whoosh has just made."""
    kind = type(format_)
    try:
        if kind is formats.Existence and not value:
            return 1, []
        if kind is formats.Frequency:  # a field for spelling has the values of its parent's
            given = format_ if len(value) == _FREQUENCY_BYTES else formats.Positions()
            return given.decode_frequency(value), []
        places = format_.decode_as(_PLACES[kind], value)
        return len(places), [(place,) if isinstance(place, int) else place for place in places]
    except Exception:  # pickle raises what it likes
        return 1, value


def encode_value(format_: Format, count: int, occurrences: Occurrences) -> bytes:
    """Return a posting's value as its format encodes it."""
    kind = type(format_)
    if isinstance(occurrences, bytes):
        return occurrences
    if kind is formats.Existence:
        return b""
    if kind is formats.Frequency:
        return bytes(formats.pack_uint(count))
    if kind is formats.Positions:
        return bytes(format_.encode([place[0] for place in occurrences]))
    value = format_.encode(occurrences)
    return bytes(value[0] if kind is formats.CharacterBoosts else value)
