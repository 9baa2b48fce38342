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
from typing import BinaryIO

from corpus.bylines.authors import split_byline
from corpus.bylines.datelines import place_in, take_dateline
from corpus.compose import FieldCollector
from corpus.core.article import Article, Origin
from corpus.core.stated_date import StatedDate
from corpus.dates.parsing import dates_in, parse_date
from corpus.readers.protocol import NO, SURE, Skip, each, marked_elements
from corpus.text.text import clean, decode

NAME = "trec"

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
    yield from each(marked_elements(stream, _START, _END), parse_element, origin)


def parse_element(element: bytes, origin: Origin) -> Article:
    """Return the article that a ``<DOC>`` is, without its end tag; raises `UnreadableError`."""
    markup = decode(element)
    start = _START_TAG.match(markup)
    parts = _contents(markup[start.end() :] if start else markup)
    for outer in _NESTING:
        inner = _contents(" ".join(parts.get(outer, ())))
        if not inner.keys().isdisjoint((*_TITLE, *_DATE, "text")):
            del parts[outer]
            parts = {**inner, **parts, "": [*parts[""], *inner[""]]}
    own = _line(parts, "docno") or _line(parts, "docid") or ((start and start["own"]) or "")
    found = FieldCollector()
    for name in _TITLE:
        found("title", _FT_DATE.sub("", _line(parts, name)), f"{name.upper()} element")
    found("published", _day_in_number(own), "DOCNO element")
    for name in _DATE:
        stated = _line(parts, name)
        found("published", parse_date(stated) or dates_in(stated)[0], f"{name.upper()} element")
    for name in _BYLINE:
        found("authors", split_byline(_line(parts, name)).authors, f"{name.upper()} element")
    if in_id := _DAY_IN_ID.search(own + "."):
        found("published", parse_date(in_id["day"]), "id")
    if line := _BYLINE_LINE.search("\n".join(parts[""])):
        found("authors", split_byline(line[1]).authors, "line above the text")
    section, _, more = _line(parts, "section").partition(";")
    page = _PAGE_IN.search(f"{more} {_line(parts, 'page')}")
    for name in _SOURCE:  # 'WALL STREET JOURNAL (J)'
        found("source", _line(parts, name).partition("(")[0].strip(" ,"), "source element")
    found("section", section.strip(), "section element")
    found("page", page[1] if page else "", "page element")
    for name, value in _placed(_line(parts, "dateline")):
        found(name, value, f"{name} element")
    named = [name for name in _TEXT if name in parts]
    texts = [part for name in named for part in parts[name]] or [" ".join(parts[""])]
    body = tuple([line for text in texts for line in _lines(text)])
    found("body", body, f"{named[0].upper()} element" if named else "text")
    return found.article(origin, own=own)


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
