"""Addresses of articles, as they are pasted into the search field."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s/?#]+\.[^\s/?#]+[^\s]*\Z"
    r"|(?:[a-z\d-]+\.)+[a-z]{2,}/(?=\S*[/\d?=-])[^\s()\"]+\Z",  # without what browsers hide
    re.IGNORECASE,
)
_BEFORE = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_TRACKING = re.compile(r"(?<=[?&])(?:utm_\w+|fbclid|gclid|mc_[ce]id)=[^&]*&?", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether a text is the address of a page and nothing else."""
    return bool(_ADDRESS.match(text))


def address_key(url: str) -> str:
    """Return what two addresses of one page have in common.

    >>> address_key("http://www.Paper.example/2020/weir/?utm_source=x#top")
    'paper.example/2020/weir'
    """
    bare = _BEFORE.sub("", url.strip(), count=1).partition("#")[0]
    bare = _TRACKING.sub("", bare).rstrip("?&")
    host, slash, path = bare.partition("/")
    return (host.lower() + slash + path).rstrip("/")
