"""News pages in HTML, of any site, as a browser or crawler saved them.

`parse_page` is the whole reader: bytes to text, tree, what the page declares of itself, then each
field by its own module of `corpus.html`, and the body. Every field's origin is kept in
`Article.provenance`. `corpus.readers.warc` and others that hold pages call it too.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from corpus.bylines.authors import Byline
from corpus.bylines.datelines import agency_named, take_dateline
from corpus.bylines.labels import without_labels
from corpus.compose import FieldCollector, in_field_order
from corpus.core.article import Article, Origin, make_id
from corpus.core.errors import UnreadableError
from corpus.core.kinds import kind_of
from corpus.html.body import score, text_of
from corpus.html.byline_choice import choose
from corpus.html.bylines import gather, named_in_addresses, source_above
from corpus.html.crawled import address_in_comment, address_in_path
from corpus.html.dates import moments, opening_date
from corpus.html.declared import declared
from corpus.html.decoding import decode, is_text
from corpus.html.headline import headline
from corpus.html.keywords import keywords
from corpus.html.page_kinds import no_article
from corpus.html.publisher import language, outlet, section
from corpus.html.standfirst import standfirst
from corpus.html.structured import strings
from corpus.html.tree import parse_tree
from corpus.print.page_parts import under_address
from corpus.readers.protocol import LIKELY, NO, POSSIBLE, SURE, Skip, bounded_read
from corpus.reading_options import reading_options
from corpus.sources.web_addresses import clean_address, page_number

NAME = "html"

_DOCTYPE = re.compile(rb"\A[\s\xef\xbb\xbf]*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?>.*?-->)\s*+)*+"
                      rb"<(?:!doctype\s+html|html\b)", re.IGNORECASE | re.DOTALL)  # fmt: skip
_TAGS = re.compile(rb"<(?:head|body|meta|title|div|article|p|br|table)[\s>/]", re.IGNORECASE)
_ENDINGS = (".html", ".htm", ".xhtml", ".shtml", ".php", ".asp", ".aspx", ".jsp", ".mhtml")


def sniff(head: bytes, path: str) -> float:
    """Return how surely a document is an HTML page, by its first bytes and its ending."""
    if _DOCTYPE.match(head):
        return SURE
    ending = path.lower().split("?", 1)[0].endswith(_ENDINGS)
    tags = len(_TAGS.findall(head))
    if tags >= 5 and head.lstrip()[:1] == b"<" and not head.lstrip().startswith(b"<?xml"):
        return LIKELY
    if ending and (tags or b"<" in head):
        return LIKELY
    return POSSIBLE if tags >= 3 and head.lstrip()[:1] == b"<" else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the one article of a page. Raises UnreadableError when the page holds none."""
    markup = bounded_read(stream)
    article = parse_page(markup, path=origin.path)
    fetched = clean_address(address_in_path(origin.path))
    if not page_number(fetched, article.url):
        fetched = fetched.removesuffix(".html")  # as crawlers name what has no such ending
    if fetched and page_number(fetched, article.url) > 1:
        # One of several pages of an article, each in a file: they must not take each other's place.
        article = under_address(article, fetched)
    yield replace(article, origin=replace(origin, position=1, reader=origin.reader or NAME))


def parse_page(
    markup: bytes | str,
    *,
    url: str = "",
    path: str = "",
    captured: datetime | None = None,
    content_type: str = "",
) -> Article:
    """Return the article of a page.

    `url` is where the page was fetched from, `path` the file it was saved in (both fall-backs
    for what the page does not say itself); `captured` is when it was fetched, a bound on its
    dates; `content_type` is the HTTP header. Raises UnreadableError when there is no article.
    """
    was_enabled = gc.isenabled()
    gc.disable()  # what a page is read into is in use until it is read: a collector finds nothing
    try:
        return _read_page(markup, url, path, captured, content_type)
    finally:
        if was_enabled:
            gc.enable()


def _read_page(
    markup: bytes | str, url: str, path: str, captured: datetime | None, content_type: str
) -> Article:
    if isinstance(markup, bytes) and not is_text(markup):
        raise UnreadableError("it is not text: a picture, or still compressed or encrypted")
    text = markup if isinstance(markup, str) else decode(markup, content_type)
    root = parse_tree(text)
    page = declared(root, url=url or address_in_comment(text), path=path)
    source, source_from = outlet(page)
    title, title_from = headline(page, outlet=source)
    lead, lead_from = standfirst(page, title=title)
    blocks = score(page, title=title)
    byline, byline_from = choose(
        gather(page, blocks.flat, blocks.taken, blocks.heading, outlet=source),
        [block.text for block in blocks.flat.blocks[max(0, blocks.heading) :]],
    )
    body = text_of(page, blocks, title=title, lead=lead if lead_from == "standfirst" else "")
    if not reading_options().keep_all and (what := no_article(page, body.paragraphs)):
        raise UnreadableError(f"it is no article but {what}; --keep-all takes it all the same")
    if not body.paragraphs:
        raise UnreadableError("no article was found on this page: it has no text of its own")
    if not byline.authors and not byline.agency:
        agency = next(filter(None, map(agency_named, body.above)), "")
        byline, byline_from = Byline((), agency), "byline" if agency else ""
    if not byline.authors and (named := named_in_addresses(page)):
        byline, byline_from = Byline(named, byline.agency), "address"
    if not source:
        source, source_from = source_above(body.above)
    lead, lead_from = ("", "") if lead in body.paragraphs else (lead, lead_from)
    code, code_from = language(page, *body.paragraphs[:8], lead, title)
    when = moments(
        page,
        captured=captured,
        path=path,
        language=code,
        near=blocks.near_headline(),
        around=(*body.above, *body.below, opening_date(body.paragraphs)),
        lines=[block.text for block in blocks.flat.blocks],
    )
    ran_in, ran_in_from = section(page, outlet=source, title=title)
    read = "\n".join((title, lead, *body.paragraphs))
    dateline = take_dateline(body.paragraphs[0])
    paragraphs = (dateline.rest, *body.paragraphs[1:]) if dateline else body.paragraphs
    found = FieldCollector()
    found("url", page.url, page.url_from)
    found("title", title, title_from)
    found("lead", lead, lead_from)
    found("body", paragraphs, body.where)
    found.dated(when.published, when.published_from, when.published_from)
    found("updated", when.updated, when.updated_from)
    found("section", ran_in, ran_in_from)
    found("kind", *kind_of(strings(page.value("@type")), title=title, section=ran_in))
    found("tags", *keywords(page, title=title, outlet=source, text=read))
    found("authors", without_labels(byline.authors, code), byline_from)
    found("source", source, source_from)
    if dateline:
        found("place", dateline.place, "dateline")
        found("agency", dateline.agency, "dateline")
    found("agency", byline.agency, byline_from)
    found("language", code, code_from)
    return Article(
        id=make_id(url=page.url, content="\n".join((title, *paragraphs))),
        captions=body.captions,
        credits=body.credits,
        related=body.related,
        provenance=in_field_order(tuple(pair for pair in found.provenance if pair[1])),
        **found.fields,
    )
