"""One module a format; each turns bytes into `Article` values and knows its own by content."""

from __future__ import annotations

import importlib
from functools import cache
from typing import cast

from corpus.readers.protocol import Reader

__all__ = ["FORMATS", "reader_of", "readers"]

FORMATS = (
    "warc", "whoosh", "reuters", "trec", "xml_records", "mets", "ocr", "newsml", "nitf",
    "wordpress", "feed", "clippings", "clippings_html", "bibliography", "scraped", "mail", "ninjs",
    "jsonlines", "json", "html", "markdown", "csv", "text",
)  # fmt: skip
"""The modules of this package that read a format; where two are equally sure, the first reads."""


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader, imported on first need."""
    modules = (importlib.import_module(f"corpus.readers.{name}") for name in FORMATS)
    return tuple(cast(Reader, module) for module in modules)


def reader_of(head: bytes, path: str) -> Reader | None:
    """Return the reader that is surest to read a document that starts with `head`, else None."""
    best, most = None, 0.0
    for reader in readers():
        score = reader.sniff(head, path)
        if score > most:
            best, most = reader, score
    return best
