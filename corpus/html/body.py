"""Decide what the article's text is.

Three readings of a page are compared: our own (`container`, `furniture`), trafilatura's, and the
`articleBody` that some publishers put into their structured data. Where they agree, ours stands,
because it knows headings, quotes and lists; where ours misses most of what the others have, the
one that most agree with takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from corpus.chatter import quietly
from corpus.errors import UnreadableError
from corpus.html.agreement import confirmed, coverage, shingles
from corpus.html.blocks import Flat, flatten
from corpus.html.container import find_core
from corpus.html.declared import Declared, unescaped
from corpus.html.furniture import select
from corpus.html.phrases import DROPPED
from corpus.html.prose import size
from corpus.html.tree import parse_tree
from corpus.text import clean, paragraphs

__all__ = ["Body", "read_body"]

_MARKUP = re.compile(r"</?(?:p|br|div|a|strong|em|h\d|ul|li)\b[^<>]{0,500}>", re.IGNORECASE)

_WORD = re.compile(r"\w+")

SAID_MORE = 1.6
"""The structured data's text is taken when it is longer than ours by this factor."""

CUT_OFF = 1.15
"""The same when it also has nearly all of ours: then the page shows only the beginning."""

ENOUGH = 250
"""Characters of text from which our own reading is believed without asking trafilatura."""

ON_TOPIC = 0.3
"""The share of the headline's words below which it is asked all the same."""


@dataclass(frozen=True, slots=True)
class Body:
    """An article's text by paragraph, where it came from, and what was found around it."""

    paragraphs: tuple[str, ...] = ()
    where: str = ""
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


def read_body(
    page: Declared, *, title: str = "", lead: str = "", authors: Sequence[str] = ()
) -> Body:
    """Return the body of a page; an empty one when it has no text of an article."""
    flat = flatten(page.root)
    said = _said(page)
    own = _own(flat, title, lead, authors, said)
    own_size, said_size = _size(own.paragraphs), _size(said)
    if said_size > max(SAID_MORE * own_size, 400) or (
        said_size > CUT_OFF * own_size
        and _size(
            text for text in own.paragraphs if coverage(text, shingles((" ".join(said),))) > 0.6
        )
        > 0.8 * own_size
    ):
        return replace(own, paragraphs=said, where="schema.org")
    about = _about(title, own.paragraphs)
    if own_size >= ENOUGH and about >= ON_TOPIC:
        return own
    other = _trafilatura(page.root)
    if (own_size < ENOUGH and _size(other) > 1.5 * own_size) or (
        about < ON_TOPIC and _about(title, other) >= about + ON_TOPIC
    ):
        return replace(own, paragraphs=other, where="trafilatura")
    return own


def _about(title: str, texts: Iterable[str]) -> float:
    """Return the share of a headline's longer words that a text has; 1 when it has too few."""
    words = {word for word in _WORD.findall(title.lower()) if len(word) > 3}
    if len(words) < 3:
        return 1.0
    return len(words & set(_WORD.findall(" ".join(texts).lower()))) / len(words)


def _size(texts: Iterable[str]) -> int:
    return sum(map(size, texts))


def _own(flat: Flat, title: str, lead: str, authors: Sequence[str], said: Sequence[str]) -> Body:
    core = find_core(flat, title=title)
    if core is None:
        return Body()
    kept = select(flat, core, title=title, lead=lead, authors=authors)
    blocks = confirmed(kept.blocks, said) if said else kept.blocks
    texts = tuple(text for block in blocks if (text := clean(block.text)))
    return Body(texts, "page", kept.captions, kept.credits, kept.related, kept.above, kept.below)


def _said(page: Declared) -> tuple[str, ...]:
    """Return the structured data's articleBody as paragraphs, () when there is none."""
    value = page.value("articleBody")
    if not isinstance(value, str) or len(value) < 100:
        return ()
    if _MARKUP.search(value):
        try:
            return _without_furniture(block.text for block in flatten(parse_tree(value)).blocks)
        except UnreadableError:
            return ()
    return _without_furniture(paragraphs(unescaped(value)))


def _without_furniture(texts: Iterable[str]) -> tuple[str, ...]:
    cleaned = (clean(text) for text in texts)
    return tuple(t for t in cleaned if t and not (len(t) <= 400 and DROPPED.search(t)))


def _trafilatura(root: etree._Element) -> tuple[str, ...]:
    """Return trafilatura's reading, with the settings that measured best on news."""
    with quietly():
        from trafilatura import bare_extraction  # takes half a second, and few pages need it

        document = bare_extraction(
            root,
            favor_precision=True,
            include_comments=False,
            include_tables=False,
            with_metadata=False,
        )
    text = getattr(document, "text", None)
    return _without_furniture(paragraphs(text)) if text else ()
