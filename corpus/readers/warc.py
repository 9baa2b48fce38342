"""Web archives (WARC, ARC; inside WACZ too): the pages among their records.

A page is a response of status 200, a `resource`, or a `conversion`, which in Common Crawl's WET
files is the page's text. Its address and the moment of its capture come from the record; the
capture bounds its dates. What holds no page is counted and told in one line; what is damaged, or
coded in a way that cannot be undone, is told by itself and costs itself only.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import BinaryIO

from corpus.compose import FieldCollector
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.dates.parsing import parse_moment
from corpus.print.page_parts import PageParts
from corpus.readers import html
from corpus.readers.protocol import LIKELY, NO, SURE, Passed, Skip, counted
from corpus.sources.http_payload import Response, body_of, response_of
from corpus.sources.time_limit import progressed
from corpus.sources.warc_records import STARTS, Damage, Record, records_of
from corpus.sources.web_addresses import clean_address
from corpus.text.text import clean, decode

NAME = "warc"

_PAGES = ("text/html", "application/xhtml+xml")
_UNSURE = ("", "application/octet-stream", "text/plain", "unk", "no-type", "application/unknown")
"""Types that servers name, and crawlers put down, when they do not know."""

_FINE = (200, 203)
_REMEMBERED = 500_000
_KINDS_TOLD = 20
_WIDE = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u2e80-\u9fff\uac00-\ud7af]")
_SENTENCE_END = re.compile(r"[.!?…。！？।۔؟][\"'”’»)\]]*$")
_LEGAL = re.compile(r"©|\(c\) ?\d{4}|all rights reserved|alle rechte|tous droits|cookie", re.I)
_SHORTEST = 60


def sniff(head: bytes, path: str) -> float:
    """Tell an archive by its first record."""
    return SURE if head.startswith(STARTS) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each page; its position is the record's in the file."""
    passed: Counter[str] = Counter()
    seen: set[bytes] = set()
    parts = PageParts()
    position = pages = 0
    for record in records_of(stream):
        position += 1
        progressed()
        if isinstance(record, Damage):
            yield Skip(origin.path, position, f"a damaged record: {record.reason}")
            continue
        try:
            article = _article(record, passed, seen)
        except UnreadableError as error:
            # With the page that it is about: a position means little in a crawl.
            about = f" ({record.address[:200]})" if record.address else ""
            yield Skip(origin.path, position, f"{error}{about}")
            continue
        if article is not None:
            pages += 1
            here = replace(article, origin=replace(origin, position=position))
            yield from parts.add(here, clean_address(_web(record.address)))
    yield from parts.rest()
    passed["copy of a page in this file"] += parts.copies
    if counts := tuple((what, number) for what, number in passed.items() if number):
        told = f"records that are no page of their own: {counted(counts)}"
        if pages:
            yield Passed(origin.path, 0, told, counts)
        else:
            yield Skip(origin.path, 0, told)


def _count(passed: Counter[str], what: str) -> None:
    """Count a record that is passed over; names in files are anybody's, so they are bounded."""
    what = "".join(char if char.isprintable() else "?" for char in what)[:60]
    passed[what if what in passed or len(passed) < _KINDS_TOLD else "other record"] += 1


def _article(record: Record, passed: Counter[str], seen: set[bytes]) -> Article | None:
    """Return the article of a record; None, counted in `passed`, for one that holds no page."""
    declared = record.headers.get("content-type", "").lower()
    if record.kind == "response":
        response = response_of(record.content)
        if response.status not in (0, *_FINE):
            _count(passed, f"response of status {response.status}")
            return None
    elif record.kind in ("resource", "conversion"):
        response = Response(0, {}, record.content)
    else:
        _count(passed, f"{record.kind or 'nameless'} record")
        return None
    content_type = response.headers.get("content-type", "")
    if not response.status and not declared.startswith("application/http"):
        content_type = content_type or declared
    media = content_type.split(";")[0].strip().lower()
    is_text = record.kind == "conversion" and media == "text/plain"
    if media not in (*_PAGES, *_UNSURE):
        _count(passed, f"{record.kind} of type {media[:40]}")
        return None
    body = body_of(response)
    if not is_text and media not in _PAGES and html.sniff(body[:4096], "") < LIKELY:
        kind = f"of type {media}" if media else "without a type"
        _count(passed, f"{record.kind} {kind}")
        return None
    digest = hashlib.blake2b(
        record.address.encode("utf-8", "replace") + b"\0" + body, digest_size=8
    ).digest()
    if digest in seen:
        _count(passed, "copy of a page in this file")
        return None
    if len(seen) >= _REMEMBERED:
        seen.clear()
    seen.add(digest)
    return _parsed(record, body, content_type, is_text)


def _parsed(record: Record, body: bytes, content_type: str, is_text: bool) -> Article:
    address = clean_address(_web(record.address))
    stated = parse_moment(record.headers.get("warc-date", ""))
    captured = stated.start(UTC) if stated else None
    if is_text:
        language = record.headers.get("warc-identified-content-language", "").split(",")[0]
        return _parse_extracted(body, address, language)
    article = html.parse_page(body, url=address, captured=captured, content_type=content_type)
    if not record.headers.get("warc-truncated"):
        return article
    provenance = tuple(
        (name, f"{where}; the crawler cut the page off" if name == "body" else where)
        for name, where in article.provenance
    )
    return replace(article, provenance=provenance)


def _web(address: str) -> str:
    return address if address.lower().startswith(("http://", "https://")) else ""


def _parse_extracted(raw: bytes, url: str, language: str) -> Article:
    """Return the article of a page as WET files have it: every line of it, menus included.

    The first line is the title. Lines of menus and lists before the first sentence and behind the
    last are dropped; what stands between is kept, since nothing tells a heading from an
    advertisement there. Raises `UnreadableError` when no line is a sentence.
    """
    lines = [line for text in decode(raw).splitlines() if (line := clean(text))]
    title, rest = (lines[0], lines[1:]) if lines else ("", [])
    prose = [place for place, line in enumerate(rest) if _is_prose(line)]
    if not prose:
        raise UnreadableError("no article was found in this text: none of its lines is a sentence")
    found = FieldCollector()
    found("title", title, "first line")
    found("body", tuple(rest[prose[0] : prose[-1] + 1]), "text of the page")
    found("url", url, "given")
    return found.article(Origin(), language=language)


def _is_prose(line: str) -> bool:
    size = len(line) + 2 * len(_WIDE.findall(line))
    return size >= _SHORTEST and bool(_SENTENCE_END.search(line)) and not _LEGAL.search(line)
