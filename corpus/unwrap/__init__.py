"""Containers of text: what lies inside Word, RTF, PDF, EPUB and MHTML files, for readers to take.

An unwrapper turns a file into one or more `Inside`: plain text whose paragraphs stand apart, or a
page of HTML. `corpus.reading` recognises these anew, so that one reader serves a clipping
service whatever it hands out. Which unwrapper takes a file is told by its first bytes.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_CONTAINER_BYTES = 256 * 1024 * 1024
"""The most that a container may measure, and the most that it may unfold to."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A document found in a container.

    `ending` tells its format as a file's name would. `known` are fields of `Article` that the
    container states, with where, for articles that do not state them: ((field, value, where), …).
    """

    content: bytes
    ending: str
    known: tuple[tuple[str, Any, str], ...] = ()


Unwrapper = Callable[[bytes], Iterator[Inside]]

_MHTML = re.compile(
    rb"^(?:Snapshot-Content-Location:|From: <?Saved by |Content-Type:\s*multipart/related\b)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER = re.compile(rb"[\s\xef\xbb\xbf]*[A-Za-z][A-Za-z-]{1,40}:[ \t]")


def unwrapper_of(head: bytes) -> Unwrapper | None:
    """Return what takes a file that starts with `head` out of its container, None for any other
    file. An unwrapper raises `UnreadableError`."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{\\rtf"):
        return _module("rtf")
    if head[:1024].find(b"%PDF-") >= 0 and not start.startswith(b"<"):
        return _module("pdf")
    if head.startswith(b"PK\x03\x04"):
        return _module("packages")
    top = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    if _HEADER.match(top) and _MHTML.search(top) and b"text/html" in head:
        return _module("mhtml")
    return None


def _module(name: str) -> Unwrapper:
    unwrapped: Unwrapper = importlib.import_module(f"corpus.unwrap.{name}").unwrapped
    return unwrapped
