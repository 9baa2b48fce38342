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
from corpus.dates.parsing import parse_date
from corpus.readers import json as json_reader
from corpus.readers.nitf import refuse_barred
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
    refuse_barred(str(item.get("pubstatus") or ""), str(item.get("type") or ""))
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
    found.byline(byline, "byline")
    for name in ("firstcreated", "contentcreated", "versioncreated", "contentmodified"):
        moment = parse_date(item.get(name))
        found("published", moment, name)
        found("updated", moment if moment != fields.get("published") else None, name)
    for field, keys in _GROUPS:
        for key in keys:
            found(field, distinct(_names(item.get(key))), key)
    subjects = _names(item.get("subject") or item.get("subjects"))
    found("tags", distinct([*subjects, *_names(item.get("keywords"))]), "subject")
    located = item.get("located")
    found("place", clean(located) if isinstance(located, str) else "", "located")
    for genre in _names(item.get("genre") or item.get("genres")):
        found("section", genre, "genre")
        found("kind", kind_named(genre), "genre")
    for key in ("provider", "infosource", "infosources", "copyrightholder"):
        found("source", "".join(_names(item.get(key))[:1]), key)
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
    values = _objects(item.get(several))
    values.sort(key=lambda one: one.get("role") != role)
    return next((one["value"] for one in values if isinstance(one.get("value"), str)), "")


def _body(item: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the paragraphs of the first body that has any, and where it stands."""
    given = [(item.get(name), name, name) for name in ("body_xhtml", "body_html", "body_text")]
    for one in _objects(item.get("bodies")):
        given += [(one.get("value"), str(one.get("contenttype")), "bodies")]
    for text, kind, where in given:
        if isinstance(text, str):
            divide = fragment_paragraphs if "html" in kind else paragraphs
            if made := divide(text):
                return made, where
    return (), ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


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
    captions, credits = [], []
    for picture in _objects(list(linked.values()) if isinstance(linked, dict) else linked):
        if picture.get("type") in ("picture", "graphic", "video"):
            captions.append(plain(_text(picture, "description_text", "descriptions")))
            credit = picture.get("creditline") or picture.get("byline")
            credits.append(clean(credit) if isinstance(credit, str) else "")
    found("captions", tuple(dict.fromkeys(filter(None, captions))), "associations")
    found("credits", tuple(dict.fromkeys(filter(None, credits))), "associations")
