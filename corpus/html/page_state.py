"""The text that a page carries in the state of its scripts, for them to show.

Pages made in the browser arrive with little markup and with their content as JSON: in a script of
that type, or given to a variable (`__NEXT_DATA__`, `__NUXT__`, `__PRELOADED_STATE__`). Of the
objects in it, that of the article is the one titled like the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

from lxml import etree

from corpus.html.blocks import normal
from corpus.records.names import NAMES, plain_key
from corpus.text.markup import fragment_paragraphs, has_markup, plain
from corpus.text.text import paragraphs

MAX_STATE = 8 * 1024 * 1024
"""Characters of one script that are read."""

_SHORTEST, _LONGEST_TITLE = 200, 1000
_MAX_NODES, _MAX_DEPTH, _MAX_STARTS = 50_000, 12, 8
_START = re.compile(r"(?:\A|=|\bparse\()\s*(?=[{\[\"'])")
_LETTERS = re.compile("[a-z]+")
_TITLES = frozenset((*NAMES["title"], "headlines"))
_BODIES = frozenset((*NAMES["body"], "contentelements", "blocks", "elements"))
_PARTS = (
    "children", "content", "blocks", "elements", "items", "nodes", "text", "value", "html", "body",
    "data",
)  # fmt: skip
_PARAGRAPHS = frozenset(("paragraph", "p", "block", "heading", "list_item", "listitem"))
"""Types of elements whose parts are runs of one paragraph."""


def state_text(root: etree._Element, title: str) -> tuple[str, ...]:
    """Return the paragraphs of the article `title` in the scripts of a page, () for none."""
    best: tuple[str, ...] = ()
    key, size = normal(title), _SHORTEST
    if len(key.split()) < 2:
        return ()
    letters = max(_LETTERS.findall(key), key=len, default="")  # JSON may escape what is not ASCII
    for script in root.iter("script"):
        text = script.text or ""
        if not _SHORTEST < len(text) <= MAX_STATE or letters not in text.lower():
            continue
        for value in _values(text):
            for record in _titled(value, key):
                found = _longest(record)
                if (length := sum(map(len, found))) > size:
                    best, size = found, length
    return best


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON in a script: all of it, what is assigned, and what is parsed from a string."""
    decoder, end = json.JSONDecoder(strict=False), 0
    for number, start in enumerate(_START.finditer(text)):
        if number >= _MAX_STARTS:
            return
        if start.end() < end:
            continue
        try:
            value, end = decoder.raw_decode(text, start.end())
            yield json.loads(value, strict=False) if isinstance(value, str) else value
        except (ValueError, RecursionError):
            continue


def _titled(value: Any, title: str) -> Iterator[dict[str, Any]]:
    """Yield the objects in a JSON value that have this title, or another object that has it."""
    waiting, count = [value], 0
    while waiting and count < _MAX_NODES:
        item = waiting.pop()
        count += 1
        if isinstance(item, dict):
            if any(_is_title(key, each, title) for key, each in item.items()):
                yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _is_title(key: str, value: Any, title: str) -> bool:
    if isinstance(value, dict):
        named = key if plain_key(key) in _TITLES else ""
        return any(
            _is_title(named or each, inner, title)
            for each, inner in value.items()
            if isinstance(inner, str)
        )
    return (
        isinstance(value, str)
        and len(value) < _LONGEST_TITLE
        and plain_key(key) in _TITLES
        and normal(plain(value)) == title
    )


def _longest(record: dict[str, Any]) -> tuple[str, ...]:
    """Return the paragraphs under that name of a text which has most."""
    return max(
        (
            fragment_paragraphs(_markup(value, 0, is_run=False))
            for key, value in record.items()
            if plain_key(key) in _BODIES
        ),
        key=lambda texts: sum(map(len, texts)),
        default=(),
    )


def _markup(value: Any, depth: int, *, is_run: bool) -> str:
    """Return a text as markup: a string, or elements with their parts in order.

    What `is_run` stands within a paragraph.
    """
    match value:
        case str():
            text = unescape(value) if "&lt;" in value else value
            if is_run or has_markup(text):
                return text
            return "".join(f"<p>{escape(line)}</p>" for line in paragraphs(unescape(text)))
        case list() if depth < _MAX_DEPTH:
            return "".join(_markup(item, depth + 1, is_run=is_run) for item in value)
        case dict() if depth < _MAX_DEPTH:
            is_one = str(value.get("type") or value.get("_type")).lower() in _PARAGRAPHS
            inner = (value[part] for part in _PARTS if part in value)
            texts = (_markup(part, depth + 1, is_run=is_run or is_one) for part in inner)
            text = next(filter(None, texts), "")
            return f"<p>{text}</p>" if is_one else text
    return ""
