"""One module a format; each turns bytes into `Article` values and knows its own by content."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from typing import BinaryIO, cast

from corpus.core.errors import UnreadableError
from corpus.readers.protocol import Reader, ReaderOfSeveral, bounded_read

FORMATS = (
    "warc whoosh reuters trec xml_records mets ocr newsml nitf wordpress feed clippings "
    "clippings_html bibliography scraped mail ninjs jsonlines json html markdown csv text"
).split()
"""The modules of this package that read a format; where two are equally sure, the first reads."""

OF_SEVERAL = ("mets",)
"""Those whose documents lie in several files: each is a `ReaderOfSeveral`."""


_WRITTEN = re.compile(rb'\{"id":"[0-9a-f]{16}","url":"(?:[^"\\]|\\.)*","title":"')


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader, imported on first need."""
    modules = (importlib.import_module(f"corpus.readers.{name}") for name in FORMATS)
    return tuple(cast(Reader, module) for module in modules)


def reader_of(head: bytes, path: str) -> Reader | None:
    """Return the reader that is surest to read a document that starts with `head`, else None.

    What an archive wrote is known by its first bytes, before all readers are imported.
    """
    if _WRITTEN.match(head):
        return cast(Reader, importlib.import_module("corpus.readers.jsonlines"))
    best, most = None, 0.0
    for reader in readers():
        score = reader.sniff(head, path)
        if score > most:
            best, most = reader, score
    return best


def claimed(name: str, opened: Callable[[], BinaryIO]) -> list[str]:
    """Return the files that belong to a document of several files and are read with it, as paths
    from the folder it lies in; none where `name` is not that of such a document."""
    for module in OF_SEVERAL:
        reader = cast(ReaderOfSeveral, importlib.import_module(f"corpus.readers.{module}"))
        if reader.may_claim(name):
            try:
                with opened() as stream:
                    return reader.claims(bounded_read(stream))
            except (OSError, UnreadableError):
                return []  # reading it says why
    return []
