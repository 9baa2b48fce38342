"""Articles as files: CSV (RFC 4180), JSON Lines, RIS and BibTeX, for pages and the command alike.

Each is written as it is read, so that memory does not grow with the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from corpus.core.article import Article
from corpus.core.fields import VALUES
from indexer.analysis.analyser import fold_value
from search.exports.citations import bibtex, ris, safe_url
from search.exports.csv_cells import csv_line
from search.request import Request

COLUMNS = ("id", "title", "published", "updated", *VALUES, "agency", "url", "lead", "body")
"""The columns of CSV."""

FORMATS = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
}
"""Each format, which is also the ending of its files, and its media type."""

Notes = Mapping[str, tuple[str, tuple[str, ...]]]
"""Article to a reader's own note and tags."""

BOM = "\ufeff"
"""What Excel wants before CSV in UTF-8; other programs may take it for a letter."""

_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


def json_article(article: Article) -> dict[str, Any]:
    """Return an article as a JSON object; of where it was read from only the file's name."""
    return {
        "id": article.id,
        "url": safe_url(article.url),
        "title": article.title,
        "lead": article.lead,
        "body": list(article.body),
        "published": article.published,
        "updated": article.updated,
        **{name: _plain(getattr(article, name)) for name in VALUES},
        "agency": article.agency,
        "captions": list(article.captions),
        "credits": list(article.credits),
        "related": list(article.related),
        "ocr_confidence": article.ocr_confidence,
    }


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def written(
    form: str, articles: Iterable[Article], zone: ZoneInfo, root: str = "", *, bom: bool = False,
    notes: Notes | None = None,
) -> Iterator[str]:  # fmt: skip
    """Yield articles in a format of `FORMATS`, an article at a time after the heading of CSV.

    `zone` is the archive's; `root` is the address of the site, for articles without one of their
    own; with `bom` a byte order mark comes first, which is for CSV alone. With `notes` each article
    has a reader's own note and tags.
    """
    if bom and form == "csv":
        yield BOM
    yield from _WRITERS[form](articles, zone, root, notes)


_NO_NOTE: tuple[str, tuple[str, ...]] = ("", ())
_OWN = ("note", "own_tags")


def _with_note(article: Article, notes: Notes | None) -> dict[str, Any]:
    """Return an article as a JSON object, with a reader's note and tags where there are `notes`."""
    found = json_article(article)
    if notes is not None:
        note, own = notes.get(article.id, _NO_NOTE)
        found |= {"note": note, "own_tags": list(own)}
    return found


def _csv(
    articles: Iterable[Article], zone: ZoneInfo, root: str, notes: Notes | None
) -> Iterator[str]:
    """Yield CSV, values of a list parted by ``; ``, paragraphs by an empty line."""
    columns = COLUMNS if notes is None else (*COLUMNS, *_OWN)
    yield csv_line(columns)
    for article in articles:
        row = _with_note(article, notes)
        yield csv_line([_cell(name, row[name]) for name in columns])


def _cell(name: str, value: Any) -> str:
    """Return a value as the text of a cell."""
    if isinstance(value, list):
        return ("\n\n" if name == "body" else "; ").join(value)
    return value or ""


def _json_lines(
    articles: Iterable[Article], zone: ZoneInfo, root: str, notes: Notes | None
) -> Iterator[str]:
    """Yield JSON Lines that Broadsheet itself can read again."""
    for article in articles:
        yield orjson.dumps(_with_note(article, notes)).decode() + "\n"


def _ris(
    articles: Iterable[Article], zone: ZoneInfo, root: str, notes: Notes | None
) -> Iterator[str]:
    """Yield RIS records."""
    for article, link, (note, own) in _linked(articles, root, notes):
        yield ris(article, zone, link, note=note, own=own) + "\r\n"


def _bib(
    articles: Iterable[Article], zone: ZoneInfo, root: str, notes: Notes | None
) -> Iterator[str]:
    """Yield BibTeX entries."""
    for article, link, (note, own) in _linked(articles, root, notes):
        yield bibtex(article, zone, link, note=note, own=own) + "\n"


def _linked(
    articles: Iterable[Article], root: str, notes: Notes | None
) -> Iterator[tuple[Article, str, tuple[str, tuple[str, ...]]]]:
    """Yield articles with their address on the site, and a reader's note and tags."""
    for article in articles:
        link = f"{root}/article/{article.id}" if root else ""
        yield article, link, (notes or {}).get(article.id, _NO_NOTE)


_Writer = Callable[[Iterable[Article], ZoneInfo, str, Notes | None], Iterator[str]]
_WRITERS: dict[str, _Writer] = {"csv": _csv, "jsonl": _json_lines, "ris": _ris, "bib": _bib}


def file_name(request: Request, form: str, day: str) -> str:
    """Return what a file is called: what was asked for, and the day, ``bridge-inquiry-2026-11-30``.

    Letters are folded to ASCII; what has none is left out.
    """
    values = [value for chosen in request.filters.values() for value in chosen]
    words = [request.text, *values, request.since, request.until]
    said = "-".join(part for word in words if (part := _WORD.sub("-", fold_value(word)).strip("-")))
    return f"{said[:_LONGEST_NAME].strip('-') or 'broadsheet'}-{day}.{form}"
