"""What a value of a record says, whatever its shape: a text, a number, a list, an object."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from corpus.bylines.authors import split_byline
from corpus.compose import page_label, web_address
from corpus.core.kinds import kind_of
from corpus.dates.parsing import ANYWHERE, Locale, parse_moment
from corpus.tags import distinct, split_tags
from corpus.text.markup import fragment_paragraphs, has_markup, plain
from corpus.text.text import clean, paragraphs

_TEXT_KEYS = (
    "rendered main text value name title plain content body label term tag display_name"
    " displayName original webTitle html full_name fullName $t #text _ url $oid $numberLong"
    " $numberInt $numberDouble $numberDecimal $date href id"
).split()
_PARAGRAPH_KEYS = ("text", "content", "body", "paragraph", "value", "html", "rendered", "data")
_MAX_DEPTH = 6
_MAX_ITEMS = 10_000
_MAX_LEAD = 1500


def _text(value: object, depth: int = 0) -> str:
    """Return the text of a value of any shape, '' when it has none."""
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case dict() if depth < _MAX_DEPTH:
            for key in _TEXT_KEYS:
                if (inner := value.get(key)) is not None and (text := _text(inner, depth + 1)):
                    return text
        case list() if depth < _MAX_DEPTH:
            texts = (_text(item, depth + 1) for item in value[:_MAX_ITEMS])
            return ", ".join(text for text in texts if text)
    return ""


def _texts(value: object) -> list[str]:
    """Return the texts in a list of any shape; a lone text is a list of one."""
    match value:
        case list():
            return [text for item in value[:_MAX_ITEMS] if (text := _text(item, 1))]
        case dict():
            # An object of lists ({"person": ["A"], "place": ["B"]}) or one named thing.
            if text := _text(value, 1):
                return [text]
            lists = [inner for inner in value.values() if isinstance(inner, list)]
            return [text for inner in lists for text in _texts(inner)]
        case _:
            return [text] if (text := _text(value)) else []


def _line(value: object) -> str:
    return plain(value if type(value) is str else _text(value))


def _lead(value: object) -> str:
    text = _line(value)
    return text if len(text) <= _MAX_LEAD else ""


def _body(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        parts: list[str] = []
        for item in value[:_MAX_ITEMS]:
            if isinstance(item, dict):
                texts = (item.get(key) for key in _PARAGRAPH_KEYS)
                item = next((text for text in texts if isinstance(text, str) and text), "")
            if isinstance(item, str):
                parts.extend(_body(item))
        return tuple(parts)
    text = _text(value)
    return fragment_paragraphs(text) if has_markup(text) else paragraphs(text)


def date_of(value: object, locale: Locale = ANYWHERE) -> object:
    """Return the date that a value states (see `parse_moment`), a false value for none."""
    if isinstance(value, dict) and "$date" in value:
        value = value["$date"]
        if isinstance(value, dict) and _is_digits(value.get("$numberLong")):
            value = int(value["$numberLong"])  # milliseconds, in MongoDB's extended JSON
    # Front matter in YAML and TOML holds dates as such.
    stated = value if isinstance(value, (str, int, float, date)) else _text(value)
    return parse_moment(stated, locale)


def _is_digits(text: object) -> bool:
    return isinstance(text, str) and len(text) < 20 and text.isascii() and text.isdigit()


def _url(value: object) -> str:
    if isinstance(value, str):
        return web_address(value)
    return web_address(_text(value)) if isinstance(value, (dict, list)) else ""


def _source(value: object) -> str:
    text = _line(value)
    return "" if text.startswith(("http://", "https://")) else text


def _own(value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return clean(str(value))[:500]
    return clean(_text(value))[:500] if isinstance(value, dict) else ""


def _name_in_parts(person: object) -> str:
    """Return the name of a person whose first and last names are apart, "" for any other."""
    if not isinstance(person, dict):
        return ""
    parts = {key.casefold().replace("_", ""): part for key, part in person.items()}
    given, family = (
        next((part for key in keys if isinstance(part := parts.get(key), str) and part), "")
        for keys in (("firstname", "givenname"), ("lastname", "familyname", "surname"))
    )
    return f"{given} {family}" if given and family else ""


def _byline(value: object) -> object:
    if isinstance(value, str):
        return split_byline(_listed(value) if value[:1] == "[" and value[-1:] == "]" else value)
    if isinstance(value, dict) and isinstance(value.get("person"), list):
        value = value["person"]
    names: list[str] = []
    for person in value[:_MAX_ITEMS] if isinstance(value, list) else [value]:
        name = _name_in_parts(person)
        names += [name] if name else _texts(person)
    return split_byline(names)


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return split_tags(_listed(value) if value.startswith("[") else value)
    if isinstance(value, list):
        # A number is the key of a tag in a database that is not here.
        value = [tag for tag in value if not isinstance(tag, int)]
    return split_tags(_texts(value))


def _group(value: object) -> tuple[str, ...]:
    return distinct(_texts(value)) if not isinstance(value, str) else split_tags(value)


def _lines(value: object) -> tuple[str, ...]:
    return tuple(line for text in _texts(value) if (line := plain(text)))


def _listed(text: str) -> list[str]:
    """Return the items of a list written out as text: "['A', 'B']", as tables hold them."""
    items = re.findall(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", text[:4000])
    found = [single or double for single, double in items]
    return found or [text.strip("[]")]


CONVERT: dict[str, Callable[[Any], Any]] = {
    "title": _line,
    "body": _body,
    "lead": _lead,
    "published": date_of,
    "updated": date_of,
    "section": _line,
    "kind": lambda value: kind_of((_line(value),))[0],
    "topic": _line,
    "page": lambda value: page_label(_line(value)),
    "tags": _tags,
    "authors": _byline,
    "url": _url,
    "source": _source,
    "agency": _line,
    "place": _line,
    "places": _group,
    "people": _group,
    "orgs": _group,
    "exchanges": _group,
    "language": _line,
    "captions": _lines,
    "credits": _lines,
    "related": _lines,
    "own": _own,
}
"""How the value of each field of `NAMES` is read; what is false was none."""
