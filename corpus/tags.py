"""Tags as publishers write them, made into a clean tuple of distinct ones.

Publishers separate tags by commas, semicolons, bars or lines, repeat them in other letter case,
and stuff whole sentences among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from corpus.text.text import clean

MAX_TAG_LENGTH = 100
"""Characters; what is longer is a sentence, not a tag."""

_SEPARATORS = (re.compile(r"[;|\n•]"), re.compile(r"[,،、，]"))
_EDGES = " \t#,;:|/[]"
_QUOTES = "\"'“”„«»"
_INNER_QUOTE = re.compile(r"[\"“”„«»]|(?:^|(?<=\s))[‘']")
_CLOSING_FIRST = re.compile(r"[^\"“”„«»]*[^\s\"“”„«»][\"“”„«»]")
_CLOSES, _OPEN = re.compile(r"[^\[]*\]"), re.compile(r"\[[^\]]*\Z")
_ABBREVIATION = re.compile(r"(?:\b\w{1,2}\.)+\Z")


def split_tags(tags: str | Iterable[object] | None) -> tuple[str, ...]:
    """Return the tags in a string, or in a list of strings, in order and each once.

    A string is split at semicolons, bars and lines when it has any (tags may hold commas then),
    else at commas. The elements of a list are tags already, unless there is only one of them.
    """
    if tags is None:
        return ()
    if isinstance(tags, str):
        return _split(tags)
    texts = [tag for tag in tags if isinstance(tag, str)]
    if len(texts) == 1:
        return _split(texts[0])
    return distinct(texts)


def distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags trimmed, without empty or overlong ones, the first spelling of each kept."""
    found: dict[str, str] = {}
    for tag in tags:
        tag = _unquoted(clean(tag))
        if tag.endswith(".") and not _ABBREVIATION.search(tag):
            tag = tag.rstrip("." + _EDGES)
        tag = tag.lstrip(".")
        if tag and len(tag) <= MAX_TAG_LENGTH:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def _unquoted(tag: str) -> str:
    """Return a tag without what stands around it; quotation marks around a part of it stay.

    ``"Cold Snap"`` loses its marks, ``Operation "Cold Snap"`` keeps both; so do brackets, and the
    sign of ``C#``.
    """
    bare = tag.strip(_EDGES + _QUOTES)
    if bare:
        start = tag.index(bare)
        before, behind = tag[max(start - 1, 0) : start], tag[start + len(bare) :][:1]
        if before == "[" and _CLOSES.match(bare):
            bare = before + bare
        opened = behind == "]" and _OPEN.search(bare)
        if opened or (behind == "#" and "#" not in tag[:start]):
            bare += behind
    inner = _INNER_QUOTE.findall(bare)
    if not inner:
        return bare
    start = tag.index(bare)
    before = tag[start - 1 : start] if tag[start - 1 : start] in _QUOTES else ""
    behind = tag[start + len(bare) :][:1]
    behind = behind if behind in _QUOTES else ""
    if len(inner) % 2:  # the partner of one stands at an end
        return bare + behind if behind else before + bare
    closes_first = bool(_CLOSING_FIRST.match(bare))  # "Cold" and "Snap"
    return before + bare + behind if closes_first else bare


@lru_cache(maxsize=65536)
def _split(tags: str) -> tuple[str, ...]:
    for separators in _SEPARATORS:
        if separators.search(tags):
            return distinct(separators.split(tags))
    return distinct((tags,))
