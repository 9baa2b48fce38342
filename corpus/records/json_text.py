"""JSON as others write it: strict and fast first, then with the flaws that are common.

Lone surrogates, Latin-1 bytes and NaN are let through by a second, slower parser; nesting is
bounded, so that hostile input ends in an error and not in a crash.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from corpus.core.errors import UnreadableError
from corpus.text.text import decode


def parse_json(raw: bytes) -> Any:
    """Return the value that `raw` is; raises `UnreadableError` when it is no JSON."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as first:
        try:
            return json.loads(decode(raw), strict=False)
        except RecursionError:
            raise UnreadableError("it is nested too deeply") from first
        except ValueError:
            place = f"line {first.lineno}, column {first.colno}" if first.lineno else "the start"
            raise UnreadableError(f"it is no JSON: {first.msg.split(':')[0]} at {place}") from first
