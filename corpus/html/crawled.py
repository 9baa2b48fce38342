"""The address that a crawler's path keeps: `crawl/star.example/2019/library.html`.

Crawlers save a page under the name of its host and its path (wget, HTTrack), or under its whole
address with the slashes escaped. The scheme is lost; https is as good a guess as any today.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["address_in_path"]

_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){1,5}[a-z]{2,18}$", re.IGNORECASE)
_ENDINGS = frozenset(
    "html htm xhtml shtml php asp aspx jsp txt json jsonl xml csv gz zip tar tgz bz xz warc wacz"
    " eml mbox md rss atom sgm bak old orig tmp part cache data local test".split()
)
_SEPARATORS = re.compile(r"[/\\!]")
_ESCAPED = re.compile(r"^https?(?:%3a|:|_)(?:%2f|_){2}", re.IGNORECASE)


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
