"""Records (JSON objects, CSV rows) to articles, by the field names that people use.

The shapes of well-known dumps (WordPress, Guardian and NYT APIs,
Elasticsearch) are seen through: a value may be text, a number, a list, or an object that has the
text under a name of its own.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from corpus.compose import compose
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.wire import WrittenArticle
from corpus.dates.parsing import Locale, is_plausible, orders_of
from corpus.dates.regions import language_and_region
from corpus.readers.protocol import Skip
from corpus.records.joins import joined
from corpus.records.names import NAMES, looks_like_article, plain_key
from corpus.records.shapes import reshaped
from corpus.records.values import CONVERT, date_of
from corpus.text.languages import language_of

Record = dict[str, Any]
Item = Article | WrittenArticle | Skip

_WRAPPERS = frozenset("_source article doc document item node post fields record".split())
_LISTS = (
    "articles items results docs documents data hits stories news entries posts response records "
    "rows value feed list content"
).split()
_DATES = ("published", "updated")
_AHEAD = 256
_AHEAD_TEXT = 8 << 20
"""Records, and their text, that are looked at before the first of them is read."""

_NOTHING = frozenset(("", *r"nan NaN NaT None none null NULL <NA> N/A \N".split()))
"""What databases and data frames write for a value that is missing."""

_DAY_OR_MONTH = re.compile(r"\s*(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|1[0-2])[/-]\d")


def articles(items: Iterable[tuple[Record, Origin] | Item]) -> Iterator[Item]:
    """Yield the article of each record of one source, or why it is none; what is one is passed on.

    Some records after each are looked at first: their dates tell whether 3/4/2017 is in April.
    """
    waiting: deque[tuple[Record, Origin] | Item] = deque()
    orders: set[bool] = set()
    size = 0
    cut: UnreadableError | None = None

    def first() -> Item:
        nonlocal size
        item = waiting.popleft()
        if not isinstance(item, tuple):
            return item
        record, origin = item
        size -= _length(record)
        try:
            return article_of(record, origin, next(iter(orders)) if len(orders) == 1 else None)
        except UnreadableError as error:
            return Skip(origin.path, origin.position, str(error))

    try:
        for item in items:
            waiting.append(item)
            if isinstance(item, tuple):
                size += _length(item[0])
                orders.update(_orders(item[0]))
            while waiting and (
                len(waiting) >= _AHEAD or size >= _AHEAD_TEXT or not isinstance(waiting[0], tuple)
            ):
                yield first()
    except UnreadableError as error:
        cut = error
    while waiting:
        yield first()
    if cut is not None:
        raise cut


def _length(record: Record) -> int:
    return sum(len(value) for value in record.values() if isinstance(value, str))


def _orders(record: Record) -> Iterator[bool]:
    """Yield what the dates of a record in numbers prove of the order of day and month."""
    for field, _, keys in _plan(tuple(record)):
        if field in _DATES:
            for key in keys:
                if isinstance(value := record[key], str) and not value[:4].isdigit():
                    yield from orders_of(value)


def article_of(record: Record, origin: Origin, day_first: bool | None = None) -> Article:
    """Return the article that a record is; raises `UnreadableError` when it is none.

    `day_first` says what other records of its source prove of the order of day and month.
    """
    record = reshaped(record)
    if not _WRAPPERS.isdisjoint(record):
        record = _unwrapped(record)
    fields: dict[str, Any] = {}
    provenance: list[tuple[str, str]] = []
    own = language = tag = ""
    dates: dict[str, object] = {}
    for field, convert, keys in _plan(tuple(record)):
        for key in keys:
            given = record[key]
            if given is None or (type(given) is str and given.strip() in _NOTHING):
                continue
            value = convert(given)
            if not value:
                continue
            if field == "own":
                own = value
            elif field == "language":
                language, tag = value, given if isinstance(given, str) else ""
            else:
                fields[field] = value
                provenance.append((field, key))
                if field in _DATES:
                    dates[field] = given
            break
    said, region = language_and_region(tag, url=fields.get("url", ""))
    if not (said or region) and day_first is None and any(map(_is_ambiguous, dates.values())):
        said = language_of(
            fields.get("title", ""), fields.get("lead", ""), *fields.get("body", ())[:4]
        )
    if said or region or day_first is not None:
        locale = Locale(said, region, day_first)
        fields |= {field: date_of(given, locale) for field, given in dates.items()}
    _settle(fields, provenance)
    return compose(fields, origin, tuple(provenance), own=own, language=language)


def _is_ambiguous(stated: object) -> bool:
    """Whether a date may have its day or its month first, as far as it says itself."""
    return isinstance(stated, str) and _DAY_OR_MONTH.match(stated) is not None


def wrapped_in(record: Record) -> list[Record]:
    """Return the records that an object wraps when it is no article itself, else []."""
    if (known := joined(record)) is not None:
        return known
    if looks_like_article(_unwrapped(record)):
        return []
    inner = records_in(record)
    return inner if len(inner) > 1 or (inner and inner[0] is not record) else []


def records_in(parsed: object, depth: int = 0) -> list[Record]:
    """Return the records in a parsed JSON value: itself, or the list that it wraps.

    `{"articles": […]}`, `{"response": {"docs": […]}}`, `{"url": {…}, …}` and a plain list are all
    seen through; what holds no record gives [].
    """
    if depth > 4:
        return []
    if not depth and (known := joined(parsed)) is not None:
        return known
    if isinstance(parsed, list):
        return [item for item in parsed if isinstance(item, dict)]
    if not isinstance(parsed, dict):
        return []
    if rows := _split_table(parsed):
        return rows
    for key in _LISTS:
        inner = parsed.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            if looks_like_article(parsed) and not looks_like_article(inner[0]):
                continue
            return records_in(inner, depth + 1)
        if isinstance(inner, dict) and not looks_like_article(parsed):
            found = records_in(inner, depth + 1)
            if found and (len(found) > 1 or looks_like_article(_unwrapped(found[0]))):
                return found
    if not looks_like_article(_unwrapped(parsed)) and len(parsed) > 1:
        # An object of objects, keyed by address or id.
        inside = [value for value in parsed.values() if isinstance(value, dict)]
        if len(inside) == len(parsed) and looks_like_article(inside[0]):
            return inside
    return [parsed]


def _split_table(parsed: Record) -> list[Record]:
    """Return the rows of a table whose columns are named once, as pandas writes them, else []."""
    names, rows = parsed.get("columns"), parsed.get("data", parsed.get("rows"))
    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        return []
    if not isinstance(rows, list) or any(
        not isinstance(row, list) or len(row) != len(names) for row in rows
    ):
        return []
    return [dict(zip(names, row, strict=True)) for row in rows]


def _settle(fields: dict[str, Any], provenance: list[tuple[str, str]]) -> None:
    """Decide what depends on several fields: agency of the byline, dates, a lead that is all."""

    def drop(name: str) -> str:
        """Leave a field out; returns the key that it was found under."""
        del fields[name]
        key = next(key for field, key in provenance if field == name)
        provenance[:] = [pair for pair in provenance if pair[0] != name]
        return key

    if "authors" in fields:
        byline = fields["authors"]
        if byline.agency and "agency" not in fields:
            fields["agency"] = byline.agency
            provenance.append(("agency", "byline"))
        fields["authors"] = byline.authors
        if not byline.authors:
            drop("authors")
    for name in _DATES:
        stated = fields.get(name)
        if stated and not is_plausible(stated):
            provenance += [(name, f"refused: {drop(name)} is {stated[:4]}")]
    if "published" in fields:
        fields["date_source"] = "field"
    lead, body = fields.get("lead"), fields.get("body")
    if lead and body and lead.rstrip(" .…") and body[0].startswith(lead.rstrip(" .…[]")[:200]):
        drop("lead")  # an excerpt that repeats the opening is no standfirst


@lru_cache(maxsize=4096)
def _plan(keys: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]:
    """Return, for each field that a record with such keys may fill, its converter and its keys,
    the best first."""
    by_name: dict[str, str] = {}
    for key in keys:
        by_name.setdefault(plain_key(key), key)
    plan = []
    for field, names in NAMES.items():
        found = tuple(by_name[name] for name in names if name in by_name)
        if found:
            plan.append((field, CONVERT[field], found))
    return tuple(plan)


def _unwrapped(record: Record) -> Record:
    """See through `{"_source": {…}}` and the Guardian's `fields`."""
    for key in _WRAPPERS.intersection(record):
        inner = record.get(key)
        if isinstance(inner, dict) and (looks_like_article(inner) or key == "_source"):
            return {**{k: v for k, v in record.items() if k != key}, **inner}
    return record
