"""TREC collections: ``<DOC>`` elements with ``<DOCNO>``, a headline, a date and ``<TEXT>``.

The tagged text in which test collections of news have been handed out since 1992: SGML without a
document type, many articles a file, end tags of paragraphs left out, entities of the newspapers'
own. Elements are named as the newspapers named them (``<HEADLINE>``, ``<HEAD>``, ``<HL>``,
``<DATELINE>``, ``<DATE_TIME>``, ...). What stands in no element of a known name is text where there
is no ``<TEXT>``. The DOCNO becomes the article's own id, by which judgments call it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from html import unescape
from typing import Any, BinaryIO

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import place_in, take_dateline
from corpus.compose import compose
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.stated_date import StatedDate
from corpus.dates.parsing import dates_in, parse_date
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip
from corpus.text.text import clean, decode

NAME = "trec"

_CHUNK_BYTES = 1 << 20
_END = re.compile(rb"</DOC\s{0,8}>", re.IGNORECASE)
_START = re.compile(rb"<DOC(?:\s[^<>]{0,400})?>", re.IGNORECASE)
_NUMBERED = re.compile(
    rb"<DOC(?:\s[^<>]{0,400})?>\s{0,400}<(?:DOCNO|DOCID)>|"
    rb"<DOC\s[^<>]{0,200}\bid\s{0,4}=[^<>]{0,200}>\s{0,400}<(?:HEADLINE|DATELINE|TEXT|DOCTYPE)>",
    re.IGNORECASE,
)
_START_TAG = re.compile(
    r"\A\s*<DOC\b(?:[^<>]*?\bid\s*=\s*[\"']?(?P<own>[^\"'\s<>]+))?[^<>]*>", re.IGNORECASE
)
_DAY_IN_ID = re.compile(r"(?<!\d)(?P<day>(?:19|20)\d{6})[._-]")
_BYLINE_LINE = re.compile(r"^\s*By ([A-Z][^\n]{2,80})$", re.MULTILINE)
_PAGE_IN = re.compile(r"\bpage\s+([A-Z]?\d{1,4})", re.IGNORECASE)
_PREAMBLE = re.compile(r"^(?:Language: ?\w+)?\s*(?:Article Type: ?\w+)?$")
_ELEMENT = re.compile(r"<(?P<name>[A-Z][A-Z0-9_-]{0,30})(?:\s[^<>]{0,400})?>", re.IGNORECASE)
_END_TAG = re.compile(r"</([A-Z][A-Z0-9_-]{0,30})>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9_-]{0,30}(?:\s[^<>]{0,400})?>|<!--.{0,4000}?-->", re.S)
_BREAK = re.compile(r"</?(?:P|PARAGRAPH|BR)(?:\s[^<>]{0,40})?>", re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t]*\n")
_INDENTED = re.compile(r"\n(?=[ \t]{2,}\S)")
_TITLE = ("headline", "head", "hl", "h3", "title", "ti", "doctitle", "hl1")
_DATE = ("date_time", "date", "date1", "pubdate", "dd", "datetime")
_TEXT = ("text", "leadpara", "lp", "body", "graphic")
_FT_DATE = re.compile(r"^FT \d{1,2} [A-Z]{3} \d{2} / ")
_NUMBER = re.compile(r"(AP|WSJ|LA)(\d{6})-")
_OF_AP = re.compile(r"[A-Z ,.'-]+ \(AP\)")
_NOT_HTML = re.compile(r"&(hyph|blank);", re.IGNORECASE)
_MAX_PLACE = 60
_BYLINE = ("byline", "author", "by")
_SOURCE = ("pub", "so", "source", "journal", "newspaper")
_NESTING = ("header", "body")
"""Elements that hold the article's parts in some collections, and text or codes in others."""


def sniff(head: bytes, path: str) -> float:
    """Tell the format by its first two elements."""
    return SURE if _NUMBERED.search(head[:8192]) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield each ``<DOC>`` that is complete as an article."""
    for position, element in enumerate(_elements(stream), 1):
        if element is None:
            reason = f"an article of more than {MAX_ARTICLE_BYTES >> 20} MiB"
            yield Skip(origin.path, position, reason)
            continue
        if not element:
            yield Skip(origin.path, position, "its end is missing: the file is cut off")
            continue
        try:
            yield parse_element(decode(element), Origin(origin.path, position, origin.reader))
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))


def parse_element(markup: str, origin: Origin) -> Article:
    """Return the article that a ``<DOC>``, or the inside of one, is; raises `UnreadableError`."""
    start = _START_TAG.match(markup)
    found = _contents(markup[start.end() :] if start else markup)
    for outer in _NESTING:
        inner = _contents(" ".join(found.get(outer, ())))
        if not inner.keys().isdisjoint((*_TITLE, *_DATE, "text")):
            del found[outer]
            found = {**inner, **found, "": [*found[""], *inner[""]]}
    own = _line(found, "docno") or _line(found, "docid") or ((start and start["own"]) or "")
    fields: dict[str, Any] = {}
    provenance: list[tuple[str, str]] = []
    for name in _TITLE:
        if title := _FT_DATE.sub("", _line(found, name)):
            fields["title"] = title
            provenance.append(("title", f"{name.upper()} element"))
            break
    if day := _day_in_number(own):
        fields |= {"published": day, "date_source": "field"}
        provenance.append(("published", "DOCNO element"))
    for name in _DATE if not day else ():
        stated = _line(found, name)
        if day := parse_date(stated) or dates_in(stated)[0]:
            fields |= {"published": day, "date_source": "field"}
            provenance.append(("published", f"{name.upper()} element"))
            break
    for name in _BYLINE:
        if authors := split_byline(_line(found, name)).authors:
            fields["authors"] = authors
            provenance.append(("authors", f"{name.upper()} element"))
            break
    in_id = _DAY_IN_ID.search(own + ".")
    if "published" not in fields and in_id and (day := parse_date(in_id["day"])):
        fields |= {"published": day, "date_source": "field"}
        provenance.append(("published", "id"))
    if "authors" not in fields and (line := _BYLINE_LINE.search("\n".join(found[""]))):
        fields["authors"] = split_byline(line[1]).authors
        provenance.append(("authors", "line above the text"))
    section, _, more = _line(found, "section").partition(";")
    page = _PAGE_IN.search(f"{more} {_line(found, 'page')}")
    # 'WALL STREET JOURNAL (J)'
    sources = (_line(found, name).partition("(")[0].strip(" ,") for name in _SOURCE)
    for name, value in (
        ("source", next(filter(None, sources), "")), ("section", section.strip()),
        ("page", page[1] if page else ""), *_placed(_line(found, "dateline")),
    ):  # fmt: skip
        if value:
            fields[name] = value
            provenance.append((name, f"{name} element"))
    named = [name for name in _TEXT if name in found]
    texts = [part for name in named for part in found[name]] or [" ".join(found[""])]
    fields["body"] = tuple([line for text in texts for line in _lines(text)])
    provenance.append(("body", f"{named[0].upper()} element" if named else "text"))
    return compose(fields, origin, tuple(provenance), own=own)


def _day_in_number(number: str) -> StatedDate | None:
    """Return the day that numbers of three newspapers state: 'AP880212-0001', 'LA010189-0001'."""
    if not (found := _NUMBER.match(number)):
        return None
    first, second, third = found[2][:2], found[2][2:4], found[2][4:]
    year, month, day = (third, first, second) if found[1] == "LA" else (first, second, third)
    return parse_date(f"19{year}-{month}-{day}")


def _placed(dateline: str) -> Iterator[tuple[str, str]]:
    """Yield place and agency of a dateline that stands in an element of its own."""
    found = take_dateline(f"{dateline} \u2014 X") if dateline else None
    place = found.place if found else place_in(dateline)
    if place and len(place) <= _MAX_PLACE:
        # The Associated Press writes 'MARLOW (AP)'; elsewhere the place is written as ever.
        yield "place", place.title() if _OF_AP.fullmatch(dateline) else place
    if found and found.agency:
        yield "agency", found.agency


def _contents(markup: str) -> dict[str, list[str]]:
    """Return what stands in each outermost element by its name; '' is what stands in none."""
    found: dict[str, list[str]] = {}
    ends: dict[str, list[int]] = {}
    for tag in _END_TAG.finditer(markup):
        ends.setdefault(tag[1].lower(), []).append(tag.start())
    at = 0
    while start := _ELEMENT.search(markup, at):
        name = start["name"].lower()
        found.setdefault("", []).append(markup[at : start.start()])
        places = ends.get(name, [])
        place = bisect_left(places, start.end())
        if place == len(places):  # left open, as paragraphs are
            at = start.end()
            continue
        found.setdefault(name, []).append(markup[start.end() : places[place]])
        at = places[place] + len(name) + 3
    found.setdefault("", []).append(markup[at:])
    return found


def _plain(markup: str) -> str:
    """Return markup without tags, its entities undone."""
    markup = _NOT_HTML.sub(lambda found: "-" if found[1].lower() == "hyph" else " ", markup)
    return unescape(_TAG.sub(" ", markup))


def _line(found: dict[str, list[str]], name: str) -> str:
    """Return what stands in the elements of a name, as one line."""
    return clean(_plain(" ".join(found.get(name, ()))))


def _lines(markup: str) -> list[str]:
    """Return the paragraphs: between tags that say so, at blank lines, at indented lines."""
    text = _plain(_INDENTED.sub("\n\n", _BREAK.sub("\n\n", markup)))
    lines = (clean(part) for part in _BLANK.split(text))
    return [line for line in lines if not _PREAMBLE.match(line)]


def _elements(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield each ``<DOC>`` without its end tag: None for one too large, b"" for one without end."""
    rest = b""
    too_large = False
    while chunk := stream.read(_CHUNK_BYTES):
        rest += chunk
        at = 0
        for end in _END.finditer(rest):
            start = _START.search(rest, at, end.start())
            if too_large or (start and end.start() - start.end() > MAX_ARTICLE_BYTES):
                yield None
            elif start:
                yield rest[start.start() : end.start()]
            too_large = False
            at = end.end()
        rest = rest[at:]
        if len(rest) > MAX_ARTICLE_BYTES:
            too_large = True
            rest = rest[-64:]
    if too_large:
        yield None
    elif _START.search(rest):
        yield b""
