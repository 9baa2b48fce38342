"""CSV and TSV tables: one article a row, found by the names in the first row.

The delimiter is told from the first row; quoted values may hold line ends; a row with more or
fewer values than there are columns is skipped by itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, BinaryIO

from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.wire import exported_row
from corpus.readers import protocol
from corpus.reading_options import reading_options
from corpus.records.known_tables import KnownTable, known_table
from corpus.records.names import looks_like_article
from corpus.records.records import Item, articles
from corpus.sources.streams import peeked
from corpus.text.encodings import detected
from corpus.text.text import decode

NAME = "csv"

_DELIMITERS = ",\t;|"
_ENDINGS = (".csv", ".tsv", ".tab")
_SEPARATOR = re.compile(r"sep=([,;\t|:])", re.IGNORECASE)
_ESCAPED = re.compile(r"""[^\\"]\\"(?![,;\t|\r\n"])""")
_NULL = re.compile(r"(?:(?<=^)|(?<=[,;\t|]))\\N(?=[,;\t|\r\n]|$)")
_MAX_COLUMNS = 1000
_SAMPLE_LINES = 64
_SAMPLE_BYTES = 1 << 18
_TOO_LONG = f"it has a line of more than {protocol.MAX_LINE_BYTES >> 20} MiB"


def sniff(head: bytes, path: str) -> float:
    """Tell a table by a first row that names the parts of an article."""
    start = decode(head).lstrip("\ufeff\r\n ")
    first, _, rest = (start if "\n" in start else start.replace("\r", "\n")).partition("\n")
    delimiter = _named_delimiter(first)
    first = (rest.partition("\n")[0] if delimiter else first).strip()
    named = path.lower().endswith(_ENDINGS)
    if not first or first[0] in "<{[":
        return protocol.NO
    if _known(first):
        return protocol.SURE if named else protocol.LIKELY
    if len(asked := reading_options().columns) > 1 and len(
        _columns(first, _delimiter(first))
    ) == len(asked):
        return protocol.SURE
    if len(first) > 4000:
        return protocol.NO
    columns = _columns(first, delimiter or _delimiter(first))
    if len(columns) >= 2 and looks_like_article(columns):
        return protocol.SURE if named else protocol.LIKELY
    return protocol.ENDING if named else protocol.NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Item]:
    """Yield the article of each row."""
    yield from articles(_records(stream, origin))


def _records(
    stream: BinaryIO, origin: Origin
) -> Iterator[tuple[dict[str, Any], Origin] | Article | protocol.Skip]:
    """Yield the record of each row."""
    # The csv module refuses values of more than 128 KiB unless told; bounded_lines bounds them.
    csv.field_size_limit(protocol.MAX_ARTICLE_BYTES)
    lines = _texts(stream)
    first = next(lines, "").lstrip("\ufeff")
    if delimiter := _named_delimiter(first):
        first = next(lines, "")
    delimiter = delimiter or _delimiter(first.strip())
    known = _known(first.strip("\r\n"))
    asked = reading_options().columns
    columns = list(asked) or list(known.columns if known else ())
    if columns:  # the first row is an article
        delimiter = known.delimiter if known else delimiter
        lines = chain([first], lines)
    else:
        columns = _columns(first, delimiter)
    if not looks_like_article(columns) and not known:
        raise UnreadableError(
            "its first row does not name the columns (title, text, date, …): name them with "
            "--columns, in their order"
        )
    ahead = list(islice(lines, _SAMPLE_LINES))
    # By which MySQL and Spark escape quotes; doubled ones are read besides.
    escape = "\\" if _ESCAPED.search("".join(ahead)) else None
    lines = chain(ahead, lines)
    if escape:
        lines = (_NULL.sub("", line) for line in lines)
    # What is handed out with tabs has no quotes but those of its texts.
    if known and delimiter == "\t":
        rows = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        rows = csv.reader(lines, delimiter=delimiter, escapechar=escape)
    position = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            position += 1
            yield protocol.Skip(origin.path, position, f"it is no row of a table: {error}")
            continue
        if row is None:
            return
        if not any(row):
            continue
        position += 1
        if len(row) != len(columns):
            reason = f"it has {len(row)} values where the table has {len(columns)} columns"
            yield protocol.Skip(origin.path, position, reason)
            continue
        record: dict[str, Any] = {}
        for name, value in zip(columns, row, strict=True):
            if name and not record.get(name):  # of two columns of one name the first that says any
                record[name] = value
        record = known.unpacked(record) if known and not asked else record
        here = replace(origin, position=position)
        yield exported_row(record, here) or (record, here)


def _texts(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines as text, all in the character set that the first ones are in; they may end as
    on an old Macintosh."""
    head, stream = peeked(stream, _SAMPLE_BYTES)
    text = io.TextIOWrapper(stream, _encoding(head), "replace", newline="")
    while line := text.readline(protocol.MAX_LINE_BYTES + 1):
        if len(line) > protocol.MAX_LINE_BYTES:
            raise UnreadableError(_TOO_LONG)
        # A NUL ends no value, whatever the csv module of older Pythons thinks.
        yield line.replace("\0", "")


def _encoding(sample: bytes) -> str:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start >= len(sample) - 3 else detected(sample)
    return "utf-8"


def _known(first: str) -> KnownTable | None:
    """Return the layout without names that a first row is of."""
    for delimiter in "\t,":
        row = first.split("\t") if delimiter == "\t" else _columns(first[:8000], delimiter)
        if table := known_table(row, delimiter):
            return table
    return None


def _named_delimiter(first: str) -> str:
    """Return the delimiter that Excel's first line 'sep=;' names, "" for any other line."""
    found = _SEPARATOR.fullmatch(first.strip("\r\n"))
    return found[1] if found else ""


def _delimiter(first: str) -> str:
    """Return the delimiter that parts the first row into most columns."""
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)


def _columns(first: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [name.strip() for name in row[:_MAX_COLUMNS]]
