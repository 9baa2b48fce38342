"""JSON files: one article, a list of them, or an answer of a content API that wraps a list.

A list at the top is read element by element, so that memory does not grow with the file; any
other shape is parsed as a whole, within the size that one article may have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import orjson

from corpus.core.article import Origin
from corpus.core.errors import UnreadableError
from corpus.readers import protocol
from corpus.records.records import Item, articles, records_in
from corpus.text.text import decode

NAME = "json"

_BETWEEN = re.compile(r"[\s,]*")
_BLANK = b"\xef\xbb\xbf \t\r\n"
_MAX_FILE_BYTES = 8 * protocol.MAX_ARTICLE_BYTES
_CHUNK_BYTES = 1 << 18
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{},]|"', re.DOTALL)
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*+"', re.DOTALL)
_OPENING = (b"{", b"[")
_CLOSING = (b"}", b"]")


def sniff(head: bytes, path: str) -> float:
    """Tell JSON by its brackets."""
    text = head.lstrip(_BLANK)
    opening, following = text[:1], text[1:].lstrip(_BLANK)[:1]
    named = path.lower().endswith(".json")
    if opening == b"[" and following in (b"{", b"]"):
        return protocol.LIKELY
    if opening == b"{" and following in (b'"', b"}"):
        return protocol.LIKELY if named else protocol.POSSIBLE
    return protocol.ENDING if named and opening in b"{[" else protocol.NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Item]:
    """Yield the articles of the file."""
    yield from articles(read_records(stream, origin))


def parse_json(raw: bytes) -> Any:
    """Return the value that `raw` is; raises `UnreadableError` when it is no JSON.

    Lone surrogates, Latin-1 bytes and NaN are let through by a second, slower parser; nesting is
    bounded, so that hostile input ends in an error and not in a crash.
    """
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


def read_records(
    stream: BinaryIO, origin: Origin
) -> Iterator[tuple[dict[str, Any], Origin] | protocol.Skip]:
    """Yield each record of the file, with where it is, or why it is none."""
    first = b""
    while not first.strip(_BLANK) and (piece := stream.read(_CHUNK_BYTES)):
        first += piece
    if first.lstrip(_BLANK).startswith(b"["):
        yield from _elements(stream, first.lstrip(_BLANK)[1:], origin)
        return
    raw = first + protocol.bounded_read(stream, _MAX_FILE_BYTES)
    try:
        records = records_in(parse_json(raw))
    except UnreadableError:
        if not (records := _one_after_another(raw)):
            raise
    if not records:
        raise UnreadableError("it holds no JSON object")
    if len(records) == 1 and len(raw) > protocol.MAX_ARTICLE_BYTES:
        raise UnreadableError(protocol.TOO_LARGE)
    for position, record in enumerate(records, start=1):
        yield record, replace(origin, position=position)


def _one_after_another(raw: bytes) -> list[dict[str, Any]]:
    """Return objects that stand one after another without a list around them, else []."""
    decoder, at, found = json.JSONDecoder(), 0, []
    try:
        text = raw.decode("utf-8-sig")
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            if not isinstance(value, dict):
                return []
            found.append(value)
            at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return []
    return [record for value in found for record in records_in(value)]


def _elements(
    stream: BinaryIO, rest: bytes, origin: Origin
) -> Iterator[tuple[dict[str, Any], Origin] | protocol.Skip]:
    """Yield each element of the list whose opening bracket has been read."""
    yield from protocol.each(_split(stream, rest), _record, origin)


def _record(element: bytes, origin: Origin) -> tuple[dict[str, Any], Origin]:
    record = parse_json(element)
    if not isinstance(record, dict):
        raise UnreadableError("it is no JSON object")
    return record, origin


def _split(stream: BinaryIO, buffer: bytes) -> Iterator[bytes | UnreadableError]:
    """Yield the text of each element of a list, or that it is too large.

    A scan for brackets and commas outside of strings. The buffer is at least doubled when more is
    needed, so that a long string is scanned a bounded number of times.
    """
    start = at = depth = 0
    too_large = False
    while True:
        for token in _TOKEN.finditer(buffer, at):
            mark = token[0]
            if mark == b'"':
                break
            at = token.end()
            if mark in _OPENING:
                depth += 1
            elif mark in _CLOSING:
                depth -= 1
            if depth < 0 or (depth == 0 and mark == b","):
                element = buffer[start : at - 1]
                start = at
                if too_large or len(element) > protocol.MAX_ARTICLE_BYTES:
                    yield UnreadableError(protocol.TOO_LARGE)
                elif element.strip(_BLANK):
                    yield element
                too_large = False
                if depth < 0:
                    return
        if len(buffer) - start > protocol.MAX_ARTICLE_BYTES:
            too_large = True
            buffer = buffer[at:] if at > start else _after_string(stream, buffer[start:])
        else:
            buffer, at = buffer[start:], at - start
        start = 0
        at = 0 if too_large else at
        more = stream.read(max(_CHUNK_BYTES, len(buffer)))
        if not more:
            if buffer.strip(_BLANK) or too_large or depth:
                raise UnreadableError(protocol.CUT_OFF)
            return
        buffer += more


def _after_string(stream: BinaryIO, buffer: bytes) -> bytes:
    """Return what follows the string that `buffer` is in the middle of."""
    chunk = buffer[buffer.find(b'"') + 1 :]
    while True:
        if end := _STRING_END.match(chunk):
            return chunk[end.end() :]
        # A backslash at the very end escapes what the next chunk begins with.
        odd = (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
        more = stream.read(_CHUNK_BYTES)
        if not more:
            return b""
        chunk = b"\\" * odd + more
