"""Parse a page into a tree, within bounds of size and depth.

The parser is libxml2's forgiving HTML parser by way of lxml: no network, no entities of its own,
no unlimited nesting. What it cannot take is refused with `UnreadableError`, never half-read.
"""

from __future__ import annotations

import re

from lxml import etree

from corpus.core.errors import UnreadableError

MAX_CHARACTERS = 32 * 1024 * 1024
"""The most characters that one page may have."""

MAX_ATTRIBUTES = 5000
"""The most attributes that one start tag may have and keep."""

_CONTROL = bytes({*range(0x20), 0x7F} - {*b"\t\n\r"})
_LONG = 60_000
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONG},}}>")
_XHTML_PREFIX = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
_LAST_TAGS = re.compile(rb"</(?:body|html)\s*>", re.IGNORECASE)
_NO_FRAMES = re.compile(rb"<noframes", re.IGNORECASE)
_FRAMES = re.compile(rb"</?(?:frameset|frame|noframes)\b[^<>]*>", re.IGNORECASE)


def parse_tree(markup: str) -> etree._Element:
    """Return the root element of a page. Raises UnreadableError when it has none or is too long."""
    if len(markup) > MAX_CHARACTERS:
        raise UnreadableError(
            f"the page has {len(markup):,} characters, more than the {MAX_CHARACTERS:,} that one"
            " page may have; split it or leave it out"
        )
    markup = _XHTML_PREFIX.sub("", markup, count=1)
    if _may_have_long_tag(markup):
        markup = _LONG_TAG.sub(_without_attributes, markup)
    raw = markup.encode("utf-8", "replace").translate(None, _CONTROL)
    raw = _LAST_TAGS.sub(b"", raw)  # libxml2 stops there; templates go on, and browsers read on
    if _NO_FRAMES.search(raw):
        raw = _FRAMES.sub(b"", raw)  # what was written for browsers without them is the page
    # Without `huge_tree` libxml2 drops what is nested deeper than 256, and says nothing; with it,
    # deeper than 2048, which `blocks` refuses.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.LxmlError as problem:
        raise UnreadableError(f"the page cannot be parsed as HTML ({problem})") from problem
    if root is None:
        raise UnreadableError("the page is empty")
    return root


def _may_have_long_tag(markup: str) -> bool:
    """Tell whether no tag begins within some `_LONG` characters; takes a few searches a page."""
    start = 0
    while start + _LONG < len(markup):
        start = markup.rfind("<", start, start + _LONG) + 1
        if not start:
            return True
    return False


def _without_attributes(tag: re.Match[str]) -> str:
    """Return a very long start tag, bare when it has thousands of attributes.

    Older versions of libxml2 take quadratic time to look for duplicates among them. A picture
    written into the page is as long, and stays.
    """
    text = tag.group()
    return "<" + text[1:].split(None, 1)[0] + ">" if text.count("=") > MAX_ATTRIBUTES else text
