"""An article as JSON: the form in which the index, exports and `broadsheet inspect` hand it on.

Fields carry the names and the order of `Article`'s, all of them; moments are ISO 8601 with their
zone, to the minute of it; paragraphs stay apart. `indexer.stored` reads it back as articles;
`fields_of` reads a batch field by field, which takes 4 µs an article where making `Article`s takes
15, for those who handle each field of all articles at once.
"""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson

from corpus.article import Article

__all__ = ["article_json", "fields_of"]

_NAMES = tuple(field.name for field in dataclasses.fields(Article))
_values = itemgetter(*_NAMES)
_DEFAULTS: dict[str, Any] = orjson.loads(orjson.dumps(Article(id="")))


def article_json(article: Article) -> bytes:
    """Return an article as JSON. Lone surrogates, which JSON cannot hold, become ``?``."""
    try:
        for date in (article.published, article.updated):
            if date is not None and date.utcoffset().microseconds + date.utcoffset().seconds % 60:  # type: ignore[union-attr]
                return orjson.dumps(_plain(article))
        return orjson.dumps(article)
    except TypeError:
        return orjson.dumps(_plain(article))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles from running while JSON is decoded, which has none: looking
    through the lists of a batch again and again took as long as decoding them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _plain(article: Article) -> Any:
    """Return an article's fields, strings made encodable and odd time zones made UTC."""
    return _encodable(dataclasses.asdict(article))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {name: _encodable(part) for name, part in value.items()}
        case list() | tuple():
            return [_encodable(part) for part in value]
        case datetime():
            return value.astimezone(UTC)
        case _:
            return value


def fields_of(articles: Sequence[bytes]) -> dict[str, tuple[Any, ...]]:
    """Return the fields of articles, given as `article_json` writes them: {name: one value each}.

    Values are those of JSON: lists, dates as text. A field that was not there yet when an article
    was written has its default. Raises ValueError for what is not the JSON of an article.
    """
    with _no_collection():
        records = list(map(orjson.loads, articles))
        for at, record in enumerate(records):
            if not isinstance(record, dict) or tuple(record) != _NAMES:
                records[at] = _completed(record)
        columns = zip(*map(_values, records), strict=True) if records else ((),) * len(_NAMES)
        return dict(zip(_NAMES, columns, strict=True))


def _completed(record: Any) -> dict[str, Any]:
    """Return a record with all fields; raises ValueError when it has others, or does not begin with
    those that `indexer.stored` keeps apart."""
    if not isinstance(record, dict) or tuple(record)[:4] != _NAMES[:4] or record.keys() - _DEFAULTS:
        raise ValueError("this is not the JSON of an article")
    return _DEFAULTS | record
