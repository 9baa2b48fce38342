"""Many queries in, a table out: how many articles each finds, when they appeared, and a link.

Only articles with all words of a query count, so that the number is the one that the link shows.
A query that cannot be answered has its reason in its row, and the others go on.

Lists come as people have them: lines of text, or a column of a CSV file. A file named ``.csv`` or
``.tsv``, or one whose first line has a heading that is known, is a table: the column with that
heading holds the queries, else the first one. Everything else is one query a line. What is wrong
with a line is said of that line, and the rest is read.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from corpus.core.errors import BadRequestError
from corpus.text.text import decode
from search.answer import Note, Tally
from search.engine import Engine
from search.exports.exports import csv_line
from search.parameters import pairs, query_string
from search.query.matching import mode_of
from search.request import Request

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


class QueryLine(NamedTuple):
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


LATE = "The time for one list was up: send this line and those after it again."
"""The error of lines that a server had no time for."""

_CHUNK = 500


class Row(NamedTuple):
    """A line with what it found; `request` is the search that shows it.

    `first` and `last` are days, months or years, as well as they are known; `years` maps each year
    that has articles to its count, and articles without a known year are in none. `notes` say what
    was understood otherwise than typed, `error` why there is no count.
    """

    line: int
    query: str
    request: Request
    count: int | None = None  # type: ignore[assignment]  # in place of what tuples call so
    first: str = ""
    last: str = ""
    years: tuple[tuple[str, int], ...] = ()
    notes: tuple[Note, ...] = ()
    error: str = ""

    @property
    def note(self) -> str:
        """The notes as one text."""
        return " ".join([note.message for note in self.notes])


def request_of(query: str, base: Request, *, phrases: bool) -> Request:
    """Return the search for a line; with `phrases` its words stand together, as in a name."""
    if phrases and not query.startswith('"'):
        query = '"' + query.replace("\\", " ").replace('"', " ").strip() + '"'
    return replace(base, text=query, match=mode_of(base))


def count_lines(
    engine: Engine, lines: Sequence[QueryLine], base: Request, *, phrases: bool = False,
    by_year: bool = False, seconds: float = float("inf"),
) -> Iterator[Row]:  # fmt: skip
    """Yield a row for each line, in order; the filters and dates of `base` hold for all.

    A query that recurs is counted once. After `seconds` the remaining lines have the error `LATE`.
    """
    end = time.monotonic() + seconds
    known: dict[str, Tally | BadRequestError] = {}
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        asked = {
            line.query: request_of(line.query, base, phrases=phrases)
            for line in chunk if not line.error
        }  # fmt: skip
        new = [query for query in asked if query not in known]
        found = engine.tallies([asked[query] for query in new], "year" if by_year else "")
        for query in new:
            if time.monotonic() > end:
                break
            known[query] = next(found)
        for line in chunk:
            request = asked.get(line.query) or replace(base, text=line.query)
            match line.error or known.get(line.query, LATE):
                case Tally(total, first, last, periods, notes=notes):
                    days = str(first or "")[:10], str(last or "")[:10]
                    years = tuple((day[:4], count) for day, count in periods)
                    yield Row(line.number, line.query, request, total, *days, years, notes)
                case error:
                    yield Row(line.number, line.query, request, error=str(error))


def years_of(rows: Iterable[Row]) -> list[str]:
    """Return the years that any row has articles of, and those between."""
    found = {int(year) for row in rows for year, _ in row.years}
    return [f"{year:04d}" for year in range(min(found), max(found) + 1)] if found else []


def address_of(row: Row) -> str:
    """Return where a site shows what a row counts: ``/search?q=...``."""
    return "/search" + query_string(pairs(row.request))


def row_to_json(row: Row, site: str = "") -> dict[str, Any]:
    """Return a row as plain values; its link begins with `site`."""
    return {
        "line": row.line, "query": row.query, "count": row.count, "first": row.first or None,
        "last": row.last or None, "years": dict(row.years), "link": site + address_of(row),
        "note": row.note, "error": row.error,
    }  # fmt: skip


def as_json_lines(rows: Iterable[Row], site: str = "") -> Iterator[str]:
    """Yield rows as JSON Lines."""
    for row in rows:
        yield orjson.dumps(row_to_json(row, site)).decode() + "\n"


def as_csv(rows: Sequence[Row], site: str = "") -> Iterator[str]:
    """Yield rows as CSV (RFC 4180) with a column for each year; no cell is a formula."""
    years = years_of(rows)
    yield csv_line(["line", "query", "count", "first", "last", *years, "link", "note", "error"])
    for row in rows:
        counts = dict(row.years)
        by_year: list[Any] = ["" if row.count is None else counts.get(year, 0) for year in years]
        yield csv_line([
            row.line, row.query, "" if row.count is None else row.count, row.first, row.last,
            *by_year, site + address_of(row), row.note, row.error,
        ])  # fmt: skip


WRITERS: dict[str, Callable[[Sequence[Row], str], Iterator[str]]] = {
    "csv": as_csv, "jsonl": as_json_lines,
}  # fmt: skip
"""What rows are written as, besides tables for people."""
