"""Reuters-21578 and the SGML files like it: 21,578 stories of 1987, as David D. Lewis marked them.

One `<REUTERS>` element an article, in Latin-1, its subject groups kept apart. `TEXT` comes in
three kinds: NORM with title, dateline and body; BRIEF with a headline marked by asterisks and a
dummy body; UNPROC, whose text was never taken apart and is so here. Another agency's file in this
layout names it in an attribute, `SOURCE="..."`; without one the agency is Reuters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Any, BinaryIO

from corpus.bylines.authors import Byline, split_byline
from corpus.compose import compose
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.stated_date import StatedDate
from corpus.dates.parsing import parse_date
from corpus.readers.protocol import NO, SURE, Skip, each, marked_elements
from corpus.text.text import clean

NAME = "reuters"

_START = re.compile(rb"<REUTERS ")
_END = re.compile(rb"</REUTERS>")
_DATE = re.compile(r"(\d{1,2}-[A-Z]{3}-\d{4})(?:\s+((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d))?")
_NUMBER = re.compile(r'NEWID="([^"<>]{1,20})"')
_SOURCE = re.compile(r'SOURCE="([^"<>]{1,80})"')
_KIND = re.compile(r'<TEXT(?:\s+TYPE="(\w+)")?\s*>')
_ENTRY = re.compile(r"<D>([^<]*)</D>")
_CONTROL = re.compile(r"&#(?:\d|[12]\d|3[01]|127);")
_CONTROL_BYTES = bytes((*range(9), *range(11, 32), 127))
_INDENTED = re.compile(r"\n(?=[ \t]{2,}\S)|\n[ \t]*\n\s*")
_SIGN_OFF = re.compile(r"\s*\n?[ \t]*(?:REUTERS?|Reuters?)[ \t.]*(?:[<>&;/\w]{0,12})?\s*$")
_DUMMY = re.compile(r"^\s*blah blah blah\.?\s*$", re.IGNORECASE)
_DATELINE_END = re.compile(
    r"[\s,]*(?:,\s*|\s)(?:O?[A-Z][a-z]{2,8}|[A-Za-z]{3,9})\.?\s+\d{1,2}\s*,?\s*(?:-+|–)?\s*$"
)
_HEADLINE_AND_TEXT = re.compile(
    r"([^a-z]{8,}?)\s+(?:(?:NEW|LOS|SAN|SAO|ST\.?|HONG|TEL|ABU|THE|PORT|CAPE|FORT|SALT LAKE|WEST"
    r"|EAST|KUALA|BUENOS|MEXICO|RIO DE|ADDIS|LA|LAS|EL|DES|BATON|SANTA|KANSAS|PANAMA|KUWAIT)"
    r"\s+)?[A-Z][A-Z'.-]+,\s+(?:[A-Z][A-Za-z.]+,\s+)?[A-Z][a-z]{2,8}\.?\s+\d{1,2}\s*-"
)
_HEADLINE_OF_TABLE = re.compile(
    r"(.{8,80}?\s-\s?(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}\.?\s?\d{1,2})\s+"
    r"(?!-)",
    re.IGNORECASE,
)
_LONG_TITLE = 120
"""Characters; longer than any headline of the agency."""
_GROUPS = (
    ("COMPANIES", "orgs"), ("TOPICS", "tags"), ("PLACES", "places"), ("PEOPLE", "people"),
    ("ORGS", "orgs"), ("EXCHANGES", "exchanges"),
)  # fmt: skip
_PROVENANCE = {
    "published": ("published", "DATE element"),
    "title": ("title", "TITLE element"),
    "body": ("body", "BODY element"),
    "source": ("source", "the format"),
    "place": ("place", "DATELINE element"),
    "agency": ("agency", "the format"),
    "authors": ("authors", "AUTHOR element"),
} | {field: (field, f"{name} element") for name, field in _GROUPS}


def sniff(head: bytes, path: str) -> float:
    """Tell the format by its elements."""
    return SURE if b"<REUTERS " in head[:4096] and b"NEWID=" in head else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield each `<REUTERS>` element that is complete as an article."""
    yield from each(marked_elements(stream, _START, _END), parse_element, origin)


def parse_element(raw: bytes, origin: Origin) -> Article:
    """Return the article that one `<REUTERS>` element (without its end tag) is.

    A story that was transmitted empty (there is one in the collection) stays an article. Raises
    `UnreadableError` when there is no text element at all.
    """
    element = raw.translate(None, _CONTROL_BYTES).decode("latin-1")
    start_tag = element[: element.find(">")]
    named = _SOURCE.search(start_tag)
    source = clean(unescape(named[1])) if named else "Reuters"
    fields: dict[str, Any] = {"source": source, "agency": source}
    if not named:
        fields["language"] = "en"  # all of the collection is; telling so takes a tenth of the time
    for name, field in _GROUPS:
        if group := _inside(element, name):
            fields[field] = _entries(group) + fields.get(field, ())
    if moment := _moment(_inside(element, "DATE")):
        fields["published"] = moment
        fields["date_source"] = "field"
    kind = _KIND.search(element)
    if kind is None:
        raise UnreadableError("it has no TEXT element")
    end = element.rfind("</TEXT>")
    text = element[kind.end() : end if end > 0 else None]
    if kind[1] == "UNPROC" or ("<TITLE>" not in text and "<BODY>" not in text):
        title, body = _taken_apart(_plain(_inside(text, "BODY") or text))
    else:
        title = clean(_plain(_inside(text, "TITLE")).strip("* \n"))
        at = text.find("</TITLE>")
        content = _inside(text, "BODY") or ("" if "<BODY>" in text else text[at + 8 :])
        body = _paragraphs(_plain(content))
    if title:
        fields["title"] = title
    if body:
        fields["body"] = body
    if place := _place(_inside(text, "DATELINE")):
        fields["place"] = place
    if author := _inside(text, "AUTHOR"):
        fields["authors"] = _byline(_plain(author)).authors
    number = _NUMBER.search(start_tag)
    provenance = tuple(_PROVENANCE[field] for field in fields if field in _PROVENANCE)
    own = f"{source if named else 'reuters-21578'}/{number[1]}" if number else ""
    bare = "place" not in fields
    return compose(
        fields, origin, provenance, own=own, language="en", may_be_empty=True, has_dateline=bare
    )


_day = lru_cache(maxsize=8192)(parse_date)


def _moment(text: str) -> StatedDate | None:
    """Return the moment of '26-FEB-1987 15:01:01.79', to the second; it names no zone.

    A time that no clock shows (the collection has a '605:12:19') leaves the day.
    """
    found = _DATE.search(text)
    day = _day(found[1]) if found else None
    return StatedDate(f"{day}T{found[2]}") if found and day and found[2] else day


def _inside(text: str, name: str) -> str:
    """Return what stands in the first element of that name, '' when there is none."""
    inside, end, _ = text.partition(f"<{name}>")[2].partition(f"</{name}>")
    return inside if end else ""


@lru_cache(maxsize=8192)
def _entries(group: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(unescape(entry)) for entry in _ENTRY.findall(group)))


def _plain(text: str) -> str:
    """Undo entities and drop control characters."""
    if "&" not in text:
        return text
    text = text.replace("&#3;", "").replace("&lt;", "<")
    return unescape(_CONTROL.sub("", text)) if "&" in text else text


def _paragraphs(text: str) -> tuple[str, ...]:
    """Split a body at its indented lines, without the agency's sign-off."""
    if _DUMMY.match(text):
        return ()
    text = text.rstrip()
    # The sign-off is looked for at the end alone: a search over all of the text takes 30 µs.
    if sign_off := _SIGN_OFF.search(text, max(0, len(text) - 40)):
        text = text[: sign_off.start()]
    return tuple(line for part in _INDENTED.split(text) if (line := clean(part).strip("* ")))


def _taken_apart(text: str) -> tuple[str, tuple[str, ...]]:
    """Return title and paragraphs of a text that has no elements.

    Its first lines are the title, up to the first that is indented; but a title ends before a
    dateline (``... BUMPER CROPS HARARE, March 3 - Zimbabwe's``), and where a table follows at the
    margin with the day (``LONDON COCOA 1300 - APR 7``) or, in what is too long for a title, with
    its first line.
    """
    pieces = _paragraphs(text.strip("\n"))
    if not pieces:
        return "", ()
    first = pieces[0]
    line = clean(text.strip("\n").partition("\n")[0]).strip("* ")
    end = len(first)
    if found := _HEADLINE_AND_TEXT.match(first) or _HEADLINE_OF_TABLE.match(first):
        end = found.end(1)
    elif len(first) > _LONG_TITLE and first.startswith(line):
        end = len(line)
    rest = first[end:].strip()
    return first[:end], ((rest, *pieces[1:]) if rest else pieces[1:])


@lru_cache(maxsize=8192)
def _place(dateline: str) -> str:
    """Return 'PORTLAND, Ore.' for '    PORTLAND, Ore., Feb 26 - '."""
    text = clean(_plain(dateline[:300]))
    return _DATELINE_END.sub("", text).rstrip("- –").rstrip(" ,")


@lru_cache(maxsize=8192)
def _byline(author: str) -> Byline:
    return split_byline(clean(author))
