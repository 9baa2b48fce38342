"""Articles as files: CSV (RFC 4180), JSON Lines, RIS and BibTeX, for pages and the command alike.

Each is written as it is read, so that memory does not grow with the result.

A spreadsheet runs what begins with ``=``, ``+``, ``-`` or ``@``. One that parts cells at
semicolons, as those of many countries do, finds cells in ours after semicolons and line ends. An
apostrophe says that text follows; `corpus.core.wire` takes it off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from corpus.core.article import Article
from corpus.core.fields import VALUES
from indexer.analysis.analyser import fold_value
from search.exports.citations import bibtex, ris, safe_url
from search.request import Request

_FORMULA = re.compile(r"((?:\A|[;\r\n])\s*)(?='*[=+\-@\t\r])")


def safe_cell(text: str) -> str:
    """Return a text as a cell, with an apostrophe before all that could be run."""
    return _FORMULA.sub(r"\1'", text)


def csv_line(cells: Iterable[Any]) -> str:
    """Return a line of CSV (RFC 4180) with its end; no text of it is a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(c) if isinstance(c, str) else c for c in cells])
    return line.getvalue()


COLUMNS = ("id", "title", "published", "updated", *VALUES, "agency", "url", "lead", "body")
"""The columns of CSV."""

_JSON = (
    "id", "url", "title", "lead", "body", "published", "updated", *VALUES, "agency", "captions",
    "credits", "related", "ocr_confidence",
)  # fmt: skip
_NO_NOTE: tuple[str, tuple[str, ...]] = ("", ())
_OWN = ("note", "own_tags")

FORMATS = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
}
"""Each format, which is also the ending of its files, and its media type."""

Notes = Mapping[str, tuple[str, tuple[str, ...]]]
"""Article to a reader's own note and tags."""

BOM = "\ufeff"  # what Excel wants before CSV in UTF-8; other programs may take it for a letter
_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


def json_article(article: Article) -> dict[str, Any]:
    """Return an article as a JSON object; of where it was read from only the file's name."""
    found = {name: getattr(article, name) for name in _JSON} | {"url": safe_url(article.url)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}


def written(
    form: str, articles: Iterable[Article], zone: ZoneInfo, root: str = "", *, bom: bool = False,
    notes: Notes | None = None,
) -> Iterator[str]:  # fmt: skip
    """Yield articles in a format of `FORMATS`, an article at a time after the heading of CSV.

    `zone` is the archive's; `root` is the address of the site, for articles without one of their
    own; with `bom` a byte order mark comes first, which is for CSV alone. With `notes` each article
    has a reader's own note and tags.
    """
    columns = COLUMNS if notes is None else (*COLUMNS, *_OWN)
    if form == "csv":
        if bom:
            yield BOM
        yield csv_line(columns)
    for article in articles:
        link = f"{root}/article/{article.id}" if root else ""
        note, own = (notes or {}).get(article.id, _NO_NOTE)
        if form == "ris":
            yield ris(article, zone, link, note=note, own=own) + "\r\n"
        elif form == "bib":
            yield bibtex(article, zone, link, note=note, own=own) + "\n"
        else:
            row = json_article(article)
            if notes is not None:
                row |= {"note": note, "own_tags": list(own)}
            if form == "csv":
                yield csv_line([_cell(name, row[name]) for name in columns])
            else:  # which Broadsheet itself can read again
                yield orjson.dumps(row).decode() + "\n"


def _cell(name: str, value: Any) -> str:
    """Return a value as a cell: a list parted by ``; ``, paragraphs by an empty line."""
    if isinstance(value, list):
        return ("\n\n" if name == "body" else "; ").join(value)
    return value or ""


def file_name(request: Request, form: str, day: str) -> str:
    """Return what a file is called: what was asked for, and the day, ``bridge-inquiry-2026-11-30``.

    Letters are folded to ASCII; what has none is left out.
    """
    values = [value for chosen in request.filters.values() for value in chosen]
    words = [request.text, *values, request.since, request.until]
    said = "-".join(part for word in words if (part := _WORD.sub("-", fold_value(word)).strip("-")))
    return f"{said[:_LONGEST_NAME].strip('-') or 'broadsheet'}-{day}.{form}"
