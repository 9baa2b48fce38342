"""Markdown to clean paragraphs: marks, links' addresses, code, tables and pictures left out.

Not a renderer: news needs the words, one string a paragraph or list item, headings kept.
"""

from __future__ import annotations

import re

from corpus.text.markup import plain
from corpus.text.text import clean

_FENCE = re.compile(r"[ \t]{0,3}(```|~~~)")
_RUN = re.compile(r"[ \t]{5,}")
_SHORTCODE = re.compile(r"\{\{[<%].{0,500}?[%>]\}\}", re.DOTALL)
_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]]{0,500})\](?:\([^()\s]{0,2000}(?:\s+(?P<title>\"[^\"]{0,500}\"|'[^']{0,500}'))?\s*\)|\[[^\[\]]{0,200}\])")  # fmt: skip  # noqa: E501
_LINK = re.compile(
    r"\[(?P<text>[^\[\]]{0,2000})\](?:\([^()\s]{0,2000}(?:\([^()]*\))?[^()]{0,300}\)|\[[^\[\]]{0,200}\])"
)
_AUTOLINK = re.compile(r"<(?:https?|mailto):[^<>\s]{1,2000}>")
_REFERENCE = re.compile(r"^[ \t]{0,3}\[[^\[\]\n]{1,200}\]:[ \t]*\S.*$\n?", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,50}\]")
_RULE = re.compile(
    r"^[ \t]{0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$", re.MULTILINE
)
_TABLE = re.compile(r"^[ \t]*\|.*\|[ \t]*$\n?", re.MULTILINE)
_BLOCK = re.compile(
    r"\n[ \t]*\n\s*|\n(?=[ \t]{0,12}(?:[-*+]|\d{1,3}[.)])[ \t]+\S)|\n(?=#{1,6}[ \t])"
)
_OPENING = re.compile(r"^(?:[ \t]*>[ \t]?)+|^[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+|\d{1,3}[.)][ \t]+)")
_QUOTED = re.compile(r"\n[ \t]*>[ \t]?")
_CLOSING = re.compile(r"[ \t]+#+[ \t]*$")
_UNDERLINE = re.compile(r"\n[=-]{2,}[ \t]*$")
_STRONG = re.compile(r"(\*\*\*|\*\*|__|~~)(?=\S)(.{1,120}?)(?<=\S)\1", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,120}?)(?<=\S)\*(?![\w*])")
_UNDERSCORE = re.compile(r"(?<!\w)_(?=\S)([^_\n]{1,120}?)(?<=\S)_(?!\w)")
_CODE = re.compile(r"`{1,2}([^`\n]{1,500})`{1,2}")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


def markdown_paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs, headings, quotations and list items of a text, in order."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Long runs of spaces mean nothing here, and would make the patterns below slow.
    text = _RUN.sub("    ", _without_fences(_without_comments(text)))
    for pattern in (_SHORTCODE, _REFERENCE, _TABLE, _RULE):
        text = pattern.sub("", text)
    blocks = (_plain_block(block) for block in _BLOCK.split(text.strip("\n")))
    return tuple(block for block in blocks if block)


def markdown_captions(text: str) -> tuple[str, ...]:
    """Return what the pictures in a text are captioned: their titles, else their alternatives."""
    found = []
    for image in _IMAGE.finditer(text):
        caption = clean((image["title"] or "").strip("\"'")) or clean(image["alt"])
        if caption:
            found.append(caption)
    return tuple(dict.fromkeys(found))


def _without_comments(text: str) -> str:
    """Drop `<!-- … -->`; one without an end stays."""
    kept = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join((*kept, text[at:])) if kept or at else text


def _without_fences(text: str) -> str:
    """Drop fenced code, line by line; a fence without an end runs to the end of the text."""
    if "```" not in text and "~~~" not in text:
        return text
    kept = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if fence:
            if found and found[1] == fence and not line.strip("` ~\t"):
                fence = ""
        elif found:
            fence = found[1]
        else:
            kept.append(line)
    return "\n".join(kept)


def _plain_block(block: str) -> str:
    block = _QUOTED.sub("\n", block)
    block = _UNDERLINE.sub("", _CLOSING.sub("", block))
    # A quotation may hold a list item, a list item a heading.
    while (bare := _OPENING.sub("", block, count=1)) != block:
        block = bare
    block = _IMAGE.sub("", block)
    block = _LINK.sub(r"\g<text>", block)
    block = _AUTOLINK.sub("", block)
    block = _FOOTNOTE.sub("", block)
    for pattern in (_STRONG, _STRONG):
        block = pattern.sub(r"\2", block)
    for pattern in (_EMPHASIS, _UNDERSCORE, _CODE):
        block = pattern.sub(r"\1", block)
    block = _ESCAPE.sub(r"\1", block)
    return plain(block)
