"""An article as a JSON object: the form in which exports, APIs and the store hand it on.

Fields carry the names of `Article`'s, moments are ISO 8601 with their zone, empty fields are left
out, `paragraphs` never flatten: `from_dict(to_dict(article)) == article` for every article.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from corpus.article import Article, Origin
from corpus.errors import UnreadableError

__all__ = ["from_dict", "to_dict"]

_MOMENTS = frozenset(("published", "updated"))
_TEXTS = frozenset(
    ("id", "own_id", "url", "title", "lead", "date_source", "section", "topic", "source", "agency",
     "place", "language")
)  # fmt: skip
_LISTS = frozenset(
    ("body", "tags", "authors", "places", "people", "orgs", "exchanges", "captions", "credits",
     "related")
)  # fmt: skip
_NAMES = tuple(field.name for field in fields(Article))


def to_dict(article: Article) -> dict[str, Any]:
    """Return the article's JSON form: text, lists of text, and two nested objects."""
    form: dict[str, Any] = {"id": article.id}
    for name in _NAMES[1:]:
        value = getattr(article, name)
        if not value:
            continue
        if name in _MOMENTS:
            form[name] = value.isoformat()
        elif name in _LISTS:
            form[name] = list(value)
        elif name == "origin":
            if value != Origin():
                form[name] = {
                    "path": value.path,
                    "position": value.position,
                    "reader": value.reader,
                }
        elif name == "provenance":
            form[name] = [list(pair) for pair in value]
        else:
            form[name] = value
    return form


def from_dict(form: object) -> Article:
    """Return the article of a JSON form; raises `UnreadableError` when it is not one."""
    if not isinstance(form, dict) or not isinstance(form.get("id"), str):
        raise UnreadableError("it is not an exported article: an object with an id is needed")
    values: dict[str, Any] = {}
    for name, value in form.items():
        if name in _TEXTS and isinstance(value, str):
            values[name] = value
        elif name in _LISTS and _is_texts(value):
            values[name] = tuple(value)
        elif name in _MOMENTS and isinstance(value, str):
            values[name] = _moment(name, value)
        elif name == "origin" and isinstance(value, dict):
            values[name] = _origin(value)
        elif name == "provenance" and isinstance(value, list):
            values[name] = tuple(_pair(pair) for pair in value)
        else:
            raise UnreadableError(f"it is not an exported article: {name[:40]} has no such value")
    return Article(**values)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnreadableError(f"it is not an exported article: {name} is no moment with a zone")
    return moment


def _origin(form: dict[str, Any]) -> Origin:
    path, position, reader = form.get("path"), form.get("position"), form.get("reader")
    if isinstance(path, str) and isinstance(position, int) and isinstance(reader, str):
        return Origin(path, position, reader)
    raise UnreadableError("it is not an exported article: origin is incomplete")


def _pair(pair: object) -> tuple[str, str]:
    match pair:
        case [str(name), str(source)]:
            return name, source
    raise UnreadableError("it is not an exported article: provenance is no list of pairs")
