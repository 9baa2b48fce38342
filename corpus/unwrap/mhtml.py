"""MHTML (RFC 2557) to the page that it holds, with the address that it was saved from.

The date in its header is when it was saved, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError

from corpus.core.errors import UnreadableError
from corpus.text.text import decode
from corpus.unwrap import Inside

_MOST_PARTS = 2000


def unwrapped(raw: bytes) -> Iterator[Inside]:
    """Yield the page of an MHTML file: its first part in HTML."""
    try:
        message = message_from_bytes(raw.lstrip(b"\xef\xbb\xbf\r\n"))
        for number, part in enumerate(message.walk()):
            if number >= _MOST_PARTS:
                break
            if part.get_content_type() not in ("text/html", "application/xhtml+xml"):
                continue
            page = part.get_payload(decode=True)
            address = message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
            if isinstance(page, bytes):
                text = decode(page, part.get_content_charset() or "")
                mark = f"<!-- saved from url=({len(address):04d}){str(address).strip()} -->\n"
                yield Inside((mark + text).encode("utf-8", "replace"), ".html")
                return
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableError("it is a page saved as MHTML, but damaged") from error
    raise UnreadableError("it is MHTML without a page of HTML in it")
