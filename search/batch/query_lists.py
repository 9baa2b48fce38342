"""Lists of queries as people have them: lines of text, or a column of a CSV file.

A file named ``.csv`` or ``.tsv``, or one whose first line has a heading that is known, is a table:
the column with that heading holds the queries, else the first one. Everything else is one query a
line. What is wrong with a line is said of that line, and the rest is read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.core.errors import BadRequestError
from corpus.text.text import decode

HEADINGS = frozenset((
    "query", "queries", "q", "search", "search term", "name", "names", "term", "keyword",
    "suche", "suchbegriff", "begriff", "anfrage", "namen",
    "consulta", "consultas", "búsqueda", "busqueda", "nombre", "nombres", "término", "termino",
))  # fmt: skip
"""What the column of the queries is called, in small letters."""

MISSING = "There is no query on this line."
UNCLOSED = "A quotation mark is not closed here."
"""What can be wrong with a line."""

_SAMPLE = 4_096
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_DELIMITERS = ",;\t|"
_LONGEST_RECORD = 20
"""Lines that a quoted cell may go over: a quotation mark without a partner ends with its line."""


class NoTextError(BadRequestError):
    """A file that is no text, as a picture or a spreadsheet."""


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A query and the line that it begins on, counted from 1; `error` says why it is none."""

    number: int
    query: str
    error: str = ""


def read_lines(content: bytes, name: str = "", *, column: str = "") -> list[QueryLine]:
    """Return the queries of a list; `name` is that of its file.

    `column` is the heading of the queries, where it is none of `HEADINGS`: then the list is a
    table. Raises BadRequestError when it has no such column, NoTextError for other files.
    """
    text = decode(content)
    sample = text[:_SAMPLE]
    if len(_NO_TEXT.findall(sample)) * 50 > len(sample):
        raise NoTextError(
            "This file is no text: send one query a line, or CSV with a column of them."
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n") if text.strip() else []
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    delimiter = max(_DELIMITERS, key=lines[first].count) if lines else ","
    heading = [cell.strip() for cell in _cells(lines[first], delimiter)] if lines else []
    named = [cell.casefold() for cell in heading]
    table = column or name.casefold().endswith((".csv", ".tsv"))
    if not table and not (len(heading) > 1 and HEADINGS & set(named)):
        return [
            QueryLine(number, " ".join(line.split()))
            for number, line in enumerate(lines, 1) if line.strip()
        ]  # fmt: skip
    if column and column.casefold() not in named:
        raise BadRequestError(
            f"There is no column '{column[:80]}' in the first line: it has "
            f"{', '.join(heading)[:200] or 'nothing'}."
        )
    wanted = {column.casefold()} if column else HEADINGS
    place = next((at for at, cell in enumerate(named) if cell in wanted), None)
    start = first if place is None else first + 1
    return list(_of_table(lines, start, delimiter, place or 0))


def _of_table(lines: list[str], start: int, delimiter: str, place: int) -> Iterator[QueryLine]:
    """Yield a column from a line on; records may go over several."""
    at = start
    while at < len(lines):
        begun, record = at, lines[at]
        at += 1
        if not record.strip():
            continue
        while record.count('"') % 2 and at < min(len(lines), begun + _LONGEST_RECORD):
            record += "\n" + lines[at]
            at += 1
        if record.count('"') % 2:
            at = begun + 1
            yield QueryLine(begun + 1, lines[begun].strip(), UNCLOSED)
            continue
        cells = _cells(record, delimiter)
        query = " ".join(cells[place].split()) if place < len(cells) else ""
        yield QueryLine(begun + 1, query, "" if query else MISSING)


def _cells(record: str, delimiter: str) -> list[str]:
    """Return the cells of a record, which may go over several lines."""
    parts = [part + "\n" for part in record.split("\n")]
    try:
        return next(csv.reader(parts, delimiter=delimiter), [])
    except csv.Error:  # a cell of more than 131,072 characters
        return []
