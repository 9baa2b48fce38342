"""RSS (0.9 to 2.0, RDF) and Atom files: one article an item.

The content is taken where a feed has it whole (content:encoded, Atom content); a description that
is longer than a standfirst is the content of a feed that has no other.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from urllib.parse import urljoin

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import Locale, orders_of, parse_date
from corpus.dates.regions import language_and_region
from corpus.readers.protocol import NO, SURE, Skip
from corpus.records import xml_elements as xml
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs, plain
from corpus.text.text import clean, decode

NAME = "feed"

_MAX_LEAD = 600
_ITEMS = ("item", "entry")
_DATES = {
    "published": ("pubDate", "published", "date", "issued", "created"),
    "updated": ("updated", "modified"),
}
_IN_NUMBERS = re.compile(r"\D{0,12}\d{1,2}[/-]\d{1,2}[/-]\d{2}")
_AHEAD = 256
"""Items that wait for one whose date proves the order of day and month."""

_WHOLE = ("encoded", "full-text", "fulltext", "content", "body")
"""Elements that have the whole text: content:encoded, yandex:full-text, Atom's and others'."""


def sniff(head: bytes, path: str) -> float:
    """Tell a feed by its root element."""
    return SURE if xml.has_root(decode(head), "rss", "feed", "rdf") else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each item or entry."""
    channel = Channel()
    waiting: deque[tuple[Article, dict[str, str]]] = deque()
    orders: set[bool] = set()
    for position, element in enumerate(xml.elements(stream, *_ITEMS), start=1):
        try:
            if isinstance(element, UnreadableError):
                raise element
            if position == 1:
                channel = _of_channel(element)
            article = parse_item(element, replace(origin, position=position), channel)
        except UnreadableError as error:
            yield Skip(origin.path, position, str(error))
            continue
        numbers = {
            field: text
            for field, names in _DATES.items()
            if (text := clean(xml.child_text(element, *names))) and _IN_NUMBERS.match(text)
        }
        orders.update(*map(orders_of, numbers.values()))
        waiting.append((article, numbers))
        if not numbers or orders or len(waiting) > _AHEAD:
            while waiting:
                yield _settled(*waiting.popleft(), orders)
    while waiting:
        yield _settled(*waiting.popleft(), orders)


def _settled(article: Article, numbers: dict[str, str], orders: set[bool]) -> Article:
    """Return an article whose dates in numbers are read as the other ones of its feed prove."""
    if not numbers or len(orders) != 1:
        return article
    locale = Locale(article.language, day_first=next(iter(orders)))
    again: dict[str, Any] = {
        field: stated
        for field, text in numbers.items()
        if getattr(article, field) and (stated := parse_date(text, locale))
    }
    return replace(article, **again)


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed says for all of its items: its title, language, authors and address."""

    title: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    address: str = ""


def _of_channel(item: xml.Element) -> Channel:
    """Return what the feed says that an item is the first of."""
    channel = item.getparent()
    if channel is not None and xml.local(channel) == "rdf":
        channel = xml.first(channel, "channel")
    if channel is None:
        return Channel()
    return Channel(
        plain(_markup(xml.first(channel, "title"))),
        xml.line(xml.first(channel, "language")),
        tuple(_authors(channel)),
        web_address(clean(xml.child_text(channel, "link"))),
    )


def parse_item(item: xml.Element, origin: Origin, channel: Channel) -> Article:
    """Return the article of an item or entry of a feed."""
    found = FieldCollector()
    fields = found.fields
    link, link_from = _link(item, channel.address)
    found("url", link, link_from)
    found("title", plain(_markup(xml.first(item, "title"))), "title")
    _read_text(item, found)
    around = next(filter(None, (outer.get(xml.LANGUAGE) for outer in item.iterancestors())), "")
    said = xml.attribute(item, xml.LANGUAGE) or clean(xml.child_text(item, "language")) or around
    locale = Locale(*language_and_region(said, around, channel.language, url=link))
    for field, names in _DATES.items():
        for name in names:
            found(field, parse_date(xml.child_text(item, name), locale), name)
    if "published" not in fields and "updated" in fields:
        # Atom requires `updated` only: it is then the only day the article is known by.
        found("published", fields.pop("updated"), "updated")
        found.provenance.remove(("updated", "updated"))
    byline = split_byline(_authors(item))
    found("authors", byline.authors, "author")
    if not byline.authors and not byline.agency:
        byline = split_byline(channel.authors)
        # A desk is named here as who wrote it all, for want of anybody.
        desks = tuple(name for name in channel.authors if name and name != channel.title)
        found("authors", byline.authors or desks, "the feed's author")
    found("agency", byline.agency, "author")
    found("tags", _tags(item), "category")
    found("source", xml.line(xml.first(item, "source/title", "source")), "source")
    found("source", channel.title, "the feed's title")
    found("captions", _media(item, "description"), "media:description")
    found("credits", _media(item, "credit"), "media:credit")
    own = clean(xml.child_text(item, "guid", "id"))
    return found.article(origin, own=own, language=said or channel.language)


def _read_text(item: xml.Element, found: FieldCollector) -> None:
    """Find lead and body among content, summary and description."""
    content, paragraphs = _content(item)
    summary = xml.first(item, "summary", "description", "abstract")
    text = fragment_paragraphs(_markup(summary))
    where = xml.local(summary) if summary is not None else ""
    if paragraphs:
        found("body", paragraphs, content)
        lead = " ".join(text)
        if len(lead) <= _MAX_LEAD and not paragraphs[0].startswith(lead.rstrip(" .…[]")[:200]):
            found("lead", lead, where)
    elif len(text) > 1 or sum(map(len, text)) > _MAX_LEAD:
        found("body", text, where)
    elif text:
        found("lead", text[0], where)


def _content(item: xml.Element) -> tuple[str, tuple[str, ...]]:
    """Return the name of the element that has the whole text, and its paragraphs."""
    for name in _WHOLE:
        for element in xml.every(item, name):
            if paragraphs := fragment_paragraphs(_markup(element)):
                return xml.local(element), paragraphs
    return "", ()


def _markup(element: xml.Element | None) -> str:
    """Return what an element holds as HTML, however the feed has wrapped it."""
    if element is None:
        return ""
    return xml.inner_markup(element) if len(element) else element.text or ""


def _link(item: xml.Element, site: str) -> tuple[str, str]:
    """Return the article's address and the name of the element that gave it.

    What is relative is resolved by the `xml:base` around it, else by the feed's own address.
    """
    for link in xml.every(item, "link"):
        if link.get("rel", "alternate") == "alternate" and (
            address := _absolute(link.get("href") or link.text or "", link, site)
        ):
            return address, "link"
    guid = xml.first(item, "guid", "id")
    if guid is not None and guid.get("isPermaLink", "true") == "true":
        return web_address(guid.text or ""), "guid"
    return "", ""


def _absolute(address: str, element: xml.Element, site: str) -> str:
    base = element.base or ""
    base = base if base.startswith(("http://", "https://")) else site
    try:
        return web_address(urljoin(base, address.strip()) if address.strip() else "")
    except ValueError:
        return ""


def _authors(item: xml.Element) -> list[str]:
    names = list(map(xml.line, xml.every(item, "creator")))
    for author in xml.every(item, "author"):
        # RSS 2.0 writes 'desk@paper.example (Jane Doe)'.
        text = xml.line(xml.first(author, "name", "."))
        if "@" in text and "(" in text:
            text = text[text.index("(") + 1 :].rstrip(" )")
        names.append(text)
    return names


def _tags(item: xml.Element) -> tuple[str, ...]:
    names = [
        xml.attribute(category, "label", "term") or xml.line(category)
        for category in xml.every(item, "category")
    ]
    names += map(xml.line, xml.every(item, "subject"))
    for keywords in xml.every(item, "keywords"):
        names += xml.line(keywords).split(",")
    return distinct(plain(name) for name in names)


def _media(item: xml.Element, name: str) -> tuple[str, ...]:
    media = (one for kind in ("content", "group", "thumbnail") for one in item.iter(f"{{*}}{kind}"))
    texts = [xml.line(found) for one in media for found in xml.every(one, name)]
    return tuple(dict.fromkeys(text for text in texts if text))
