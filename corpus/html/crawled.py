"""The address that a saved page keeps: in its path or in a comment.

Crawlers save a page under the name of its host and its path (`crawl/star.example/2019/library.html`
of wget and HTTrack), or under its whole address with the slashes escaped. The scheme is lost; https
is as good a guess as any today. Browsers and SingleFile note the address in a comment.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){1,5}[a-z]{2,18}$", re.IGNORECASE)
_ENDINGS = frozenset(
    "html htm xhtml shtml php asp aspx jsp txt json jsonl xml csv gz zip tar tgz bz xz warc wacz"
    " eml mbox md rss atom sgm bak old orig tmp part cache data local test".split()
)
_SEPARATORS = re.compile(r"[/\\!]")
_ESCAPED = re.compile(r"^https?(?:%3a|:|_)(?:%2f|_){2}", re.IGNORECASE)


_SAVED = re.compile(
    r"<!--\s{0,20}(?:saved from url=\(\d{1,6}\)|Page saved with SingleFile\s{1,20}url:\s{0,20})"
    r"(https?://[^\s<>]{1,2000}?)\s{0,20}(?:-->|\n)",
    re.IGNORECASE,
)
_SAVED_WITHIN = 8192


def address_in_comment(markup: str) -> str:
    """Return the address that a browser or SingleFile noted when it saved the page, "" if none."""
    found = _SAVED.search(markup, 0, _SAVED_WITHIN)
    return found[1] if found else ""


def address_in_path(path: str) -> str:
    """Return the address that a page was saved from, as far as its path tells; "" if it does not.

    `path` may have archives in it (`pages.zip!star.example/a.html`).
    """
    parts = [part for part in _SEPARATORS.split(path[-2000:]) if part not in ("", ".", "..")]
    if parts and _ESCAPED.match(parts[-1]):
        address = unquote(parts[-1])
        return address if address.startswith(("http://", "https://")) else ""
    for number, part in enumerate(parts[:-1]):
        if len(part) < 254 and _HOST.match(part) and part.rsplit(".", 1)[1].lower() not in _ENDINGS:
            rest = "/".join(parts[number + 1 :])
            return f"https://{part.lower()}/{rest.removesuffix('index.html')}"
    return ""
