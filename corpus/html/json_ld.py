"""JSON-LD scripts as pages have them: strict JSON first, then repaired, then single fields.

Templates leave quotation marks and comments in, forget commas, escape the whole script as HTML.
The repair is json-repair's (https://github.com/mangiucugna/json_repair), within a size, since its
time grows with the square of it. Where it gives no object either, the fields that newspapers need
are taken from the text one by one. What comes out may be any JSON value; nothing is raised.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from json_repair import loads as repaired

MAX_REPAIRED = 48 * 1024
"""Characters of a script that is repaired as a whole: about a second for the worst."""

_DEEPEST = 60
_SEARCHED = 1 << 20
_WRAPPING = re.compile(
    r"\A[\s\ufeff;]*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)?"
    r"|(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)?[\s;]*\Z"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_ESCAPED = re.compile(r"\A[\s\[{]*(?:&quot;|&#34;|&#x22;)", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]{}]")
_STRING = r'\s*:\s*(?:\[\s*)?"((?:[^"\\\r\n]|\\.){1,1000})"'
_FIELDS = ("headline", "datePublished", "dateModified", "articleSection", "inLanguage", "url")
_OBJECTS = ("author", "publisher")
_FIELD = {name: re.compile(rf'"{name}"{_STRING}') for name in _FIELDS}
_NAME = {
    name: re.compile(rf'"{name}"\s*:\s*(?:\[\s*)?\{{[^{{}}]{{0,300}}?"name"{_STRING}')
    for name in _OBJECTS
}
_PLAIN_NAME = {name: re.compile(rf'"{name}"{_STRING}') for name in _OBJECTS}
_TYPE = re.compile(rf'"@type"{_STRING}')


def parse_json_ld(text: str, *, may_repair: bool = True) -> Any:
    """Return the value of a script; None when nothing in it can be read."""
    text = _WRAPPING.sub("", text)
    if _ESCAPED.match(text):
        text = unescape(text)
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _BAD_ESCAPE.sub(r"\\\\", text))):
        try:
            value = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            return parse_json_ld(value, may_repair=may_repair)  # JSON in a JSON string
        return value
    may_repair = may_repair and text[:1] in ("{", "[", "/")
    if may_repair and len(text) <= MAX_REPAIRED and _depth(text) <= _DEEPEST:
        try:
            value = repaired(text, skip_json_loads=True)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, (dict, list)) and value and _is_typed(value):
            return value
    return _recovered(text[:_SEARCHED]) or _first(text)


def _depth(text: str) -> int:
    """Return how deep brackets lie in each other, strings included."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _is_typed(value: dict[str, Any] | list[Any]) -> bool:
    """Tell an object of JSON-LD from what a repair makes of noise."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, dict) and ("@type" in one or "@graph" in one) for one in values)


def _first(text: str) -> Any:
    """Return the first of several objects that were put one after another."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _recovered(text: str) -> dict[str, Any] | None:
    """Return an object of the fields that can be told one by one; None when there are none."""
    kind = _TYPE.search(text)
    if kind is None:
        return None
    node: dict[str, Any] = {"@type": _plain(kind[1])}
    for name, pattern in _FIELD.items():
        if found := pattern.search(text):
            node[name] = _plain(found[1])
    for name, pattern in _NAME.items():
        if found := pattern.search(text) or _PLAIN_NAME[name].search(text):
            node[name] = {"name": _plain(found[1])}
    return node if len(node) > 1 else None


def _plain(string: str) -> str:
    try:
        return str(json.loads(f'"{string}"', strict=False))
    except ValueError:
        return string
