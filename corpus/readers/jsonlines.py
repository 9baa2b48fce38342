"""JSON Lines: one object a line, one article an object.

A line that is no JSON, or no article, is skipped by itself. Bulk files of Elasticsearch (an action
line before each document) are read too, and lines that wrap a list of records; what `broadsheet
export` wrote comes back as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.gate import admit_written
from corpus.core.wire import WrittenArticle, exported
from corpus.readers.json import parse_json
from corpus.readers.protocol import LIKELY, LINE_TOO_LONG, NO, SURE, Skip, bounded_lines
from corpus.records.names import looks_like_article
from corpus.records.records import Item, articles, wrapped_in

NAME = "jsonl"

_ACTIONS = frozenset(("index", "create", "update", "delete"))
_BLANK = b" \t\r\n\x1e"


def sniff(head: bytes, path: str) -> float:
    """Tell lines that are an object each."""
    text = head.lstrip(b"\xef\xbb\xbf" + _BLANK)
    if not text.startswith(b"{"):
        return NO
    named = path.lower().endswith((".jsonl", ".ndjson", ".jsonlines", ".jl"))
    first, _, second = text.partition(b"\n")
    try:
        parsed = orjson.loads(first)
    except orjson.JSONDecodeError:
        return LIKELY if named else NO  # a long line, cut off in the head, or a broken one
    if named or second.lstrip(_BLANK).startswith(b"{"):
        return SURE
    return LIKELY if looks_like_article(parsed) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Item]:
    """Yield the article of each line."""
    yield from articles(_records(stream, origin))


def _records(
    stream: BinaryIO, origin: Origin
) -> Iterator[tuple[dict[str, Any], Origin] | Article | WrittenArticle | Skip]:
    """Yield the record of each line, or the article that it is as Broadsheet writes one."""
    position = 0
    for line in bounded_lines(stream):
        position += 1
        if line is None:
            yield Skip(origin.path, position, LINE_TOO_LONG)
            continue
        line = line.strip(_BLANK)
        if position == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            position -= 1
            continue
        here = Origin(origin.path, position, origin.reader)
        if written := admit_written(line, here):
            yield written
            continue
        try:
            record = parse_json(line)
            if not isinstance(record, dict):
                raise UnreadableError("it is no JSON object")
            if len(record) == 1 and not _ACTIONS.isdisjoint(record):
                position -= 1
                continue
            if article := exported(record, here):
                yield article
                continue
            inner = wrapped_in(record)
            for one in inner or [record]:
                yield one, Origin(origin.path, position, origin.reader)
                position += one is not (inner or [record])[-1]
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))
