"""Bibliographies: RIS and BibTeX, as reference managers, libraries and our own pages write them.

An entry is an article with its headline, authors, outlet, day, keywords, address and abstract; the
date of access is not its date. What `search.exports.citations` writes comes back with the id that
it had.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from corpus.compose import FieldCollector, page_label, web_address
from corpus.core.article import Article, Origin
from corpus.dates.months import MONTHS
from corpus.dates.parsing import parse_date
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip, bounded_read, each
from corpus.tags import distinct
from corpus.text.text import clean, decode

NAME = "bibliography"

Entry = dict[str, list[str]]
"""The values of an entry by field of `Article`, `own` and `id` beside them."""

_MAX_FILE_BYTES = 8 * MAX_ARTICLE_BYTES
_RIS_LINE = re.compile(r"^(?P<tag>[A-Z][A-Z0-9])  ?-(?: (?P<value>.*))?$")
_RIS = dict(
    pair.split(":")
    for pair in "TI:title T1:title CT:title BT:title AU:authors A1:authors T2:source JF:source "
    "JO:source JA:source PB:publisher AB:lead N2:lead DA:published Y1:published PY:year KW:tags "
    "LA:language SE:section CY:place SP:page UR:url L2:url ID:own M3:kind".split()
)
_BIBTEX = dict(
    pair.split(":")
    for pair in "title:title author:authors journal:source journaltitle:source newspaper:source "
    "publisher:publisher howpublished:publisher organization:publisher abstract:lead "
    "date:published year:year month:month day:day keywords:tags language:language langid:language "
    "url:url pages:page section:section location:place address:place".split()
)
_ENTRY = re.compile(r"@(?P<kind>[A-Za-z]{3,30})\s*\{\s*(?P<key>[^\s,{}]{0,200})\s*,")
_FIELD = re.compile(r"\s*,?\s*(?P<name>[A-Za-z][\w-]{0,40})\s*=\s*")
_BARE = re.compile(r"[^\s,{}]+")
_HEX_ID = re.compile(r"[0-9a-f]{16}")
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a",
}  # fmt: skip
_ACCENT = re.compile(r"\\([`'^~\"=.]|[uvHckr](?=[\s{]))\s*(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))")
_SIGNS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å",
    "l": "ł", "L": "Ł", "i": "ı", "textbackslash": "\0", "textasciitilde": "~",
    "textasciicircum": "^", "textendash": "–", "textemdash": "—", "textquoteright": "’",
    "textquoteleft": "‘", "textquotedblleft": "“", "textquotedblright": "”", "ldots": "…",
}  # fmt: skip
_SIGN = re.compile(r"\\([A-Za-z]{1,18})(?:\{\}|\s+|(?![A-Za-z]))")


def sniff(head: bytes, path: str) -> float:
    """Tell RIS by its first tag, BibTeX by its first entry."""
    text = decode(head).lstrip("\ufeff \t\r\n")
    return SURE if re.match(r"TY  - |(?:%[^\n]*\n\s*)*@[A-Za-z]{3,30}\s*\{", text) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each entry."""
    text = decode(bounded_read(stream, _MAX_FILE_BYTES)).replace("\r\n", "\n").replace("\r", "\n")
    is_ris = text.lstrip("\ufeff \t\n").startswith("TY  - ")
    yield from each(_ris(text) if is_ris else _bibtex(text), _article, origin)


def _ris(text: str) -> Iterator[Entry]:
    entry: Entry = {}
    field = ""
    for line in text.split("\n"):
        found = _RIS_LINE.match(line.rstrip())
        if found is None:
            if field and line.strip():
                entry[field][-1] += "\n" + line
            continue
        tag, value = found["tag"], (found["value"] or "").strip()
        if tag == "ER":
            yield entry
            entry = {}
        field = _RIS.get(tag, "") if value else ""
        if field:
            entry.setdefault(field, []).append(value)
    if entry:
        yield entry


def _bibtex(text: str) -> Iterator[Entry]:
    at = 0
    while found := _ENTRY.search(text, at):
        at = found.end()
        if found["kind"].lower() in ("comment", "preamble", "string"):
            continue
        entry: Entry = {"own": [found["key"]]}
        while name := _FIELD.match(text, at):
            value, at = _bibtex_value(text, name.end())
            field = _BIBTEX.get(name["name"].lower(), "")
            if not field or not value.strip():
                continue
            parts = _names(value) if field == "authors" else [value]
            if field == "tags":
                parts = re.split(r"[;,]", value)
            entry.setdefault(field, []).extend(map(_unescaped, parts))
        yield entry


def _bibtex_value(text: str, at: int) -> tuple[str, int]:
    """Return a value, its outer braces or quotes taken off, and where the text goes on."""
    opening = text[at : at + 1]
    if opening not in ("{", '"'):
        bare = _BARE.match(text, at)
        return (bare[0], bare.end()) if bare else ("", at + 1)
    depth, end = 0, at
    while end < len(text):
        char = text[end]
        if char == "\\":
            end += 2
            continue
        depth += (char == "{") - (char == "}")
        end += 1
        if (opening == "{" and depth == 0) or (
            opening == '"' and char == '"' and depth == 0 and end > at + 1
        ):
            return text[at + 1 : end - 1], end
    return text[at + 1 :], end


def _names(value: str) -> list[str]:
    """Part names at the word 'and' outside of braces."""
    names, depth, start = [], 0, 0
    for found in re.finditer(r"\\.|[{}]|\sand\s", value):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth == 0 and "and" in found[0]:
            names.append(value[start : found.start()])
            start = found.end()
    return [*names, value[start:]]


def _unescaped(value: str) -> str:
    """Return a value of BibTeX as text: accents, signs and escapes undone, braces taken off."""
    if "\\" in value:
        value = _ACCENT.sub(
            lambda found: unicodedata.normalize("NFC", (found[2] or found[3]) + _ACCENTS[found[1]]),
            value,
        )
        value = _SIGN.sub(lambda found: _SIGNS.get(found[1], ""), value)
        value = re.sub(r"\\([{}])", lambda found: "\1" if found[1] == "{" else "\2", value)
        value = re.sub(r"\\([&%$#_ ])", r"\1", value)
    value = value.replace("{", "").replace("}", "")
    return value.replace("\0", "\\").replace("\1", "{").replace("\2", "}")


def _article(entry: Entry, origin: Origin) -> Article:
    found = FieldCollector()

    def one(field: str) -> str:
        return clean(next(iter(entry.get(field, ())), ""))

    found("title", one("title"), "title")
    found("lead", clean(" ".join(entry.get("lead", ()))), "abstract")
    found("published", _published(entry), "date")
    found("authors", tuple(filter(None, map(_signed, entry.get("authors", ())))), "author")
    found("source", one("source") or one("publisher"), "journal")
    found("section", one("section"), "section")
    found("page", page_label(one("page")), "pages")
    found("place", one("place"), "place")
    found("tags", distinct(entry.get("tags", ())), "keywords")
    found("url", web_address(one("url")), "url")
    own = one("own")
    article = found.article(origin, own=own, language=one("language"), has_dateline=False)
    return replace(article, id=own, own_id="") if _HEX_ID.fullmatch(own) else article


def _published(entry: Entry) -> object:
    """Return the date: as it is stated, else of year, month and day."""
    for stated in entry.get("published", ()):
        if moment := parse_date(stated.strip("/ ").replace("//", "/")):
            return moment
    year, month, day = (
        "".join(entry.get(name, ())[:1]).strip("/ ").lower() for name in ("year", "month", "day")
    )
    number = MONTHS.get(month) or (int(month) if month.isdecimal() else 0)
    parts = [year, f"{number:02d}", day.zfill(2)] if number else [year]
    return parse_date("-".join(parts if day.isdecimal() else parts[:2]))


def _signed(name: str) -> str:
    """Return 'Ada Quill' for 'Quill, Ada', 'Ada Quill Jr.' for 'Quill, Jr., Ada'."""
    parts = [part.strip() for part in clean(name).split(",")]
    return " ".join((parts[-1], *parts[:-1])) if len(parts) < 4 and all(parts) else clean(name)
