"""Words as they are written: which matches of a phrase have its forms, and its capitals.

The index knows which form each position has (`written_phrases`). It does not know capitals: where
they count, the stored texts of what has the forms are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson

from corpus.core.fields import PRINTED, WEIGHTS
from indexer.analysis.analyser import cased, tokenise
from search.embedded.execute.matches import Deadline
from search.embedded.execute.operands import Matches, lists_of
from search.embedded.execute.postings import matches_at
from search.embedded.execute.written_phrases import have_phrase
from search.embedded.plan.plan import Written
from search.embedded.reader import LeafReader

_AT_ONCE = 64


def as_written(leaf: LeafReader, written: Written, found: Matches, deadline: Deadline) -> Matches:
    """Return those of the matches, which have the words in some form, that have them as written."""
    if not found.docs.size:
        return found
    field, bounds = leaf.fields[written.terms[0].lookups.field], leaf.bounds(written.within)
    lists = lists_of(field, written.terms)
    kept = have_phrase(found.docs, field, lists, written.offsets, bounds, True)
    return with_capitals(leaf, written, matches_at(found, kept), deadline)


def with_capitals(
    leaf: LeafReader, written: Written, found: Matches, deadline: Deadline
) -> Matches:
    """Return those of the matches that have the words with their capitals, where these count."""
    if not written.cased:
        return found
    kept = np.zeros(found.docs.size, np.bool_)
    for first in range(0, kept.size, _AT_ONCE):
        deadline.check()
        articles = leaf.segment.stored.get(found.docs[first : first + _AT_ONCE].tolist())
        for place, stored in enumerate(articles, first):
            kept[place] = any(_has(text, written) for text in _texts(stored, written))
    return matches_at(found, kept)


def _texts(stored: bytes, written: Written) -> Iterator[str]:
    """Yield the texts of an article in which the words may stand."""
    fields: dict[str, Any] = orjson.loads(stored)
    names: Sequence[str] = tuple(WEIGHTS)
    if written.field:
        names = (written.field,)
    elif written.within:
        names = PRINTED
    for name in names:
        value = fields.get(name, "")
        yield from (value,) if isinstance(value, str) else value


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern, in lower case, that all ASCII texts with the words side by side fit; None
    where words are not plain letters."""
    if not all(word.isascii() and word.isalpha() for word in words):
        return None
    joined = ["[.'&]?".join(word) for word in words]
    return re.compile(r"(?:'\w{1,2})?\W+".join(joined))


def _has(text: str, written: Written) -> bool:
    """Whether a text has the words side by side, with their capitals."""
    pattern = _pattern(written.words) if text.isascii() else None
    if pattern is not None and not pattern.search(text.lower()):
        return False
    tokens = tokenise(text)
    words = [token.text for token in tokens]
    size = len(written.words)
    wanted = list(written.words)
    for at in range(len(words) - size + 1):
        if words[at] == wanted[0] and words[at : at + size] == wanted:
            own = [cased(text[one.start : one.end]) for one in tokens[at : at + size]]
            if own == list(written.cased):
                return True
    return False
