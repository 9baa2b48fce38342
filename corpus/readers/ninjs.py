"""ninjs, the IPTC's News in JSON (1.x and 2.x): one item a file, or a list of them.

Records are told from other JSON by the names that the standard gives; an item that its publisher
has cancelled or withheld is skipped, and so are pictures and other items without text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from corpus.bylines.authors import split_byline
from corpus.compose import FieldCollector, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_named
from corpus.dates.parsing import is_plausible, parse_moment
from corpus.readers import json as json_reader
from corpus.readers.protocol import NO, SURE, Skip
from corpus.tags import distinct
from corpus.text.markup import fragment_paragraphs, plain
from corpus.text.text import clean, paragraphs

NAME = "ninjs"

_MARK = re.compile(rb'"versioncreated"|ninjs-schema|"\$standard"\s*:\s*\{[^}]*ninjs', re.IGNORECASE)
_STANDARD_NAMES = re.compile(
    rb'"(?:body_?(?:text|xhtml|html)|pubstatus|headlines?|representationtype|descriptions|bodies)"',
    re.IGNORECASE,
)
_BARRED = {"canceled": "cancelled", "cancelled": "cancelled", "withheld": "withheld"}
_GROUPS = (
    ("people", ("person", "people")),
    ("orgs", ("organisation", "organisations", "organization")),
    ("places", ("place", "places")),
)


def sniff(head: bytes, path: str) -> float:
    """Tell ninjs by the names of its properties."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        return NO
    return SURE if _MARK.search(head) and _STANDARD_NAMES.search(head) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each item."""
    for item in json_reader.read_records(stream, origin):
        if isinstance(item, Skip):
            yield item
            continue
        try:
            yield parse_item(*item)
        except UnreadableError as error:
            yield Skip(origin.path, item[1].position, str(error))


def parse_item(item: dict[str, Any], origin: Origin) -> Article:
    """Return the article of a ninjs item; raises `UnreadableError` when it is none."""
    status = str(item.get("pubstatus") or "").lower()
    if status in _BARRED:
        raise UnreadableError(f"it was {_BARRED[status]} by its publisher")
    kind = str(item.get("type") or "text")
    if kind not in ("text", "composite"):
        raise UnreadableError(f"it is no text but {clean(kind)[:20]}")
    found = FieldCollector()
    fields = found.fields
    found("title", plain(_text(item, "headline", "headlines", role="main")), "headline")
    body, where = _body(item)
    found("body", body, where)
    lead = plain(_text(item, "description_text", "descriptions", role="summary"))
    if not body or body[0] != lead:
        found("lead", lead, "description_text")
    elif len(body) > 1:
        found("lead", lead, "description_text")
        fields["body"] = body[1:]
    byline = split_byline(_text(item, "byline", "bylines") or _names(item.get("by")))
    found("authors", byline.authors, "byline")
    found("agency", byline.agency, "byline")
    for name in ("firstcreated", "contentcreated", "versioncreated", "contentmodified"):
        moment = parse_moment(item.get(name))
        if not moment or not is_plausible(moment):
            continue
        if "published" not in fields:
            found("published", moment, name)
        elif moment != fields["published"]:
            found("updated", moment, name)
    for field, keys in _GROUPS:
        for key in keys:
            found(field, distinct(_names(item.get(key))), key)
    subjects = item.get("subject") or item.get("subjects")
    keywords = item.get("keywords")
    found("tags", distinct([*_names(subjects), *_names(keywords)]), "subject")
    located = item.get("located")
    found("place", clean(located) if isinstance(located, str) else "", "located")
    genres = _names(item.get("genre") or item.get("genres"))
    found("section", next(iter(genres), ""), "genre")
    found("kind", next(filter(None, map(kind_named, genres)), ""), "genre")
    for key in ("provider", "infosource", "infosources", "copyrightholder"):
        names = _names(item.get(key))
        found("source", names[0] if names else "", key)
    _read_pictures(item, found)
    own = clean(str(item.get("uri") or item.get("guid") or ""))[:500]
    address = item.get("uri") if web_address(item.get("uri")) else item.get("url")
    found("url", web_address(address), "uri")
    return found.article(origin, own=own, language=str(item.get("language") or ""))


def _text(item: dict[str, Any], single: str, several: str, *, role: str = "") -> str:
    """Return a text of version 1 (one property) or 2 (a list of values by role)."""
    text = item.get(single)
    if isinstance(text, str) and text:
        return text
    values = item.get(several)
    values = [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
    values.sort(key=lambda one: one.get("role") != role)
    return next((one["value"] for one in values if isinstance(one.get("value"), str)), "")


def _body(item: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    for name in ("body_xhtml", "body_html", "body_text"):
        text = item.get(name)
        if isinstance(text, str) and text:
            made = paragraphs(text) if name == "body_text" else fragment_paragraphs(text)
            if made:
                return made, name
    bodies = item.get("bodies")
    for one in bodies if isinstance(bodies, list) else []:
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            text = one["value"]
            html = "html" in str(one.get("contenttype") or "")
            made = fragment_paragraphs(text) if html else paragraphs(text)
            if made:
                return made, "bodies"
    return (), ""


def _names(value: object) -> list[str]:
    """Return the names of the concepts in a list; of a text, itself."""
    if isinstance(value, str):
        return [name] if (name := clean(value)) else []
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return []
    names = []
    for one in value:
        given = one.get("name") or one.get("literal") if isinstance(one, dict) else one
        if isinstance(given, str) and (name := clean(given)):
            names.append(name)
    return names


def _read_pictures(item: dict[str, Any], found: FieldCollector) -> None:
    """Take captions and credits from the pictures that are associated with the item."""
    linked = item.get("associations")
    pictures = linked.values() if isinstance(linked, dict) else linked
    captions, credits = [], []
    for picture in pictures if pictures and not isinstance(pictures, str) else ():
        if isinstance(picture, dict) and picture.get("type") in ("picture", "graphic", "video"):
            caption = _text(picture, "description_text", "descriptions")
            captions.append(plain(caption))
            credit = picture.get("creditline") or picture.get("byline")
            credits.append(clean(credit) if isinstance(credit, str) else "")
    found("captions", tuple(dict.fromkeys(filter(None, captions))), "associations")
    found("credits", tuple(dict.fromkeys(filter(None, credits))), "associations")
