"""Tags as publishers write them, made into a clean tuple of distinct ones.

Publishers separate tags by commas, semicolons, bars or lines, repeat them in other letter case,
and stuff whole sentences among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from corpus.text import clean

__all__ = ["MAX_TAG_LENGTH", "distinct", "split_tags"]

MAX_TAG_LENGTH = 100
"""Characters; what is longer is a sentence, not a tag."""

_SEPARATORS = (re.compile(r"[;|\n•]"), re.compile(r"[,،、，]"))
_EDGES = " \t#,;:|/\"'“”„«»[]"
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
        tag = clean(tag).strip(_EDGES)
        if tag.endswith(".") and not _ABBREVIATION.search(tag):
            tag = tag.rstrip("." + _EDGES)
        tag = tag.lstrip(".")
        if tag and len(tag) <= MAX_TAG_LENGTH:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


@lru_cache(maxsize=65536)
def _split(tags: str) -> tuple[str, ...]:
    for separators in _SEPARATORS:
        if separators.search(tags):
            return distinct(separators.split(tags))
    return distinct((tags,))
