"""Markdown to clean paragraphs: marks, links' addresses, code and pictures left out.

What CommonMark means by a text is told by markdown-it; what remains is a fragment of HTML.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from corpus.text.markup import fragment_paragraphs
from corpus.text.text import clean

_APART = re.compile(
    r"\{\{[<%](?s:.{0,500}?)[%>]\}\}|<(?:https?|mailto):[^<>\s]{1,2000}>|<!\[CDATA\["
    r"|^[ \t]{0,3}\[\^[^\[\]\s]{1,50}\]:.*$|\[\^[^\[\]\s]{1,50}\]",
    re.MULTILINE,
)
"""Shortcodes of site generators, bare addresses, footnotes and their marks."""

_PIECE = re.compile(r"(?s:.{1,10000})(?:\s|\Z)|(?s:.{10000})")
"""Marks are matched within a piece of text: longer ones could be made to take minutes."""

# Texts are indented that are no code.
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")
_MARKDOWN.add_render_rule("fence", lambda *given: "")
_MARKDOWN.add_render_rule("hardbreak", lambda *given: "\n")


def markdown_parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paragraphs, headings, quotations, list items and rows of a text, in order, and
    what its pictures are captioned: their titles, else their alternatives."""
    pieces = (piece for block in text.split("\n\n") for piece in _PIECE.findall(block))
    tokens = _MARKDOWN.parse(_APART.sub("", "\n\n".join(pieces)))
    inline = (child for token in tokens for child in token.children or ())
    pictures = [token for token in inline if token.type == "image"]
    captions = (clean(str(one.attrs.get("title") or one.content)) for one in pictures)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return fragment_paragraphs(html), tuple(dict.fromkeys(filter(None, captions)))
