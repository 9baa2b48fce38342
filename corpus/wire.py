"""An article as JSON: the form in which the index, exports and `broadsheet inspect` hand it on.

Fields carry the names and the order of `Article`'s, all of them; moments are ISO 8601 with their
zone, to the minute of it; paragraphs stay apart. `indexer.stored` reads it back.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import orjson

from corpus.article import Article

__all__ = ["article_json"]


def article_json(article: Article) -> bytes:
    """Return an article as JSON. Lone surrogates, which JSON cannot hold, become ``?``."""
    try:
        for date in (article.published, article.updated):
            if date is not None and date.utcoffset().microseconds + date.utcoffset().seconds % 60:  # type: ignore[union-attr]
                return orjson.dumps(_plain(article))
        return orjson.dumps(article)
    except TypeError:
        return orjson.dumps(_plain(article))


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
