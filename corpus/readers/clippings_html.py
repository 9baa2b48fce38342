"""Clippings as HTML: LexisNexis, Factiva and Europresse, many articles a page.

LexisNexis's pages are its lines with tags around them, and are read as such. Factiva has a division
for each article, with a table of codes or with bare lines; Europresse has an ``article`` whose
parts are told by their classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from corpus.core.article import Article, Origin
from corpus.html.decoding import decode
from corpus.print.clipping_labels import CODES, FACTIVA_END, WEEKDAYS
from corpus.readers.clippings import Values, clipping, clippings, date_in, uncoded
from corpus.readers.protocol import MAX_ARTICLE_BYTES, NO, SURE, Skip, bounded_read, each
from corpus.text.markup import fragment_paragraphs, html_root
from corpus.text.text import clean

NAME = "clippings-html"

_NEXIS = re.compile(
    rb"<DOCFULL\b|<META TOPIC=|<A NAME=\"?DOC_ID_\d|>\s*\d+ (?:of|von|de|van) \d+ (?:DOCUMENTS?|"
    rb"DOKUMENTEN?)\s*<|>\s*(?:Dokument|Documento?) \d+ (?:von|de|di) \d+\s*<",
    re.IGNORECASE,
)
_FACTIVA = re.compile(rb"""class=["']article [a-z]{2}Article|class=["'][a-z]{2}Headline""")
_EUROPRESSE = re.compile(
    rb"DocPublicationName|titreArticle|docOcurrContainer|europresse|eureka\.cc", re.IGNORECASE
)
_MAX_FILE_BYTES = 8 * MAX_ARTICLE_BYTES
_PAGE = re.compile(r"\bpp?\. ?([A-Z]{0,3}\d{1,4})")
_COUNT = re.compile(r"(?<!\d)\d[\d.]{0,6}\s(?:mots|words|palabras|parole)\b.*", re.IGNORECASE)
_NUMBERED = re.compile(r"[·.](\d{4})(\d{2})(\d{2})[·.]")


def sniff(head: bytes, path: str) -> float:
    """Tell the pages of the services by what only they have."""
    if b"<" not in head[:400]:
        return NO
    return SURE if any(mark.search(head) for mark in (_NEXIS, _FACTIVA, _EUROPRESSE)) else NO


def read(stream: BinaryIO, origin: Origin) -> Iterator[Article | Skip]:
    """Yield the article of each clipping on the page."""
    root = html_root(decode(bounded_read(stream, _MAX_FILE_BYTES), ""))
    factiva = root.xpath("//div[starts-with(@class, 'article ') and contains(@class, 'Article')]")
    europresse = root.xpath("//article[.//*[contains(@class, 'titreArticle') or "
                            "contains(@class, 'DocPublicationName')]]")  # fmt: skip
    if not factiva and not europresse:
        yield from clippings("\n\n".join(_blocks(root)), origin)
        return
    parts = map(_factiva, factiva) if factiva else map(_europresse, europresse)
    yield from each(parts, clipping, origin)


def _blocks(element: Any) -> tuple[str, ...]:
    """Return the text of an element, block by block."""
    markup = str(etree.tostring(element, encoding="unicode", with_tail=False))
    return fragment_paragraphs(f"<div>{markup}</div>", tables=True)


def _factiva(division: Any) -> Values:
    values: Values = {}
    for row in division.iter("tr"):
        cells = [cell for cell in row if cell.tag == "td"]
        code = clean("".join(cells[0].itertext())) if len(cells) > 1 else ""
        if code in CODES:
            texts = (FACTIVA_END.sub(r"\g<own>", text) for text in _blocks(cells[1]))
            values.setdefault(CODES[code], []).extend(texts)
    if values:
        return values
    lines = list(_blocks(division))
    own = next((end["own"] for line in lines if (end := FACTIVA_END.match(line))), "")
    text = [line for line in lines if not FACTIVA_END.match(line)]
    spaced = [piece for line in text for piece in (line, "")]
    return {**uncoded(spaced), "own": [own]}


def _europresse(article: Any) -> Values:
    def parts(*classes: str) -> list[str]:
        for name in classes:
            wanted = f" {name} "
            found = article.xpath(
                ".//*[contains(concat(' ', normalize-space(@class), ' '), $wanted)]", wanted=wanted
            )
            if texts := [text for each in found[:1] for text in _blocks(each)]:
                return texts
        return []

    header = " ".join(parts("DocHeader"))
    number = "".join(parts("publiC-lblNodoc"))
    stated = _COUNT.sub("", header)
    section, _, rest = stated.partition(",")
    section = section if date_in(rest, "fr") and not WEEKDAYS.fullmatch(section.strip()) else ""
    found = _NUMBERED.search(number)
    numbered = "-".join(found.groups()) if found else ""
    page = _PAGE.search(header)
    return {
        "title": parts("titreArticle", "titreArticleVisu")[:1],
        "source": parts("DocPublicationName")[:1],
        "section": [section],
        "published": [stated if date_in(stated, "fr") else numbered],
        "page": [page[1]] if page else [],
        "lead": parts("rdp__subtitle", "sousTitreArticle"),
        "authors": parts("docAuthors", "sm-margin-bottomNews"),
        "body": parts("docOcurrContainer", "DocText"),
        "own": [number],
    }
