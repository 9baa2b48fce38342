"""Words as they are written: which matches of a phrase have its forms, and its capitals.

The index knows which forms of a word a document has, not where each stands. A document with no
other form of the phrase's words has it as written; where other forms are too, and always where
capitals count, its stored text is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from corpus.fields import PRINTED, WEIGHTS
from indexer.analysis import cased, tokenise
from search.embedded.deadline import Deadline
from search.embedded.matches import Matches, matches_at
from search.embedded.plan import Term, Written
from search.embedded.reader import LeafReader
from search.embedded.typing import U32
from search.embedded.words import rows_of

__all__ = ["as_written"]

Mask = npt.NDArray[np.bool_]

_AT_ONCE = 64


def as_written(
    leaf: LeafReader, written: Written, found: Matches, deadline: Deadline
) -> Matches:  # fmt: skip
    """Return those of the matches, which have the words in some form, that have them as written."""
    if not found.docs.size:
        return found
    kept = np.ones(found.docs.size, np.bool_)
    doubtful = np.full(found.docs.size, bool(written.cased))
    for term in written.terms:
        exact, other = _forms_of(leaf, term, found.docs)
        kept &= exact
        doubtful |= other
    places = np.flatnonzero(kept & doubtful)
    for first in range(0, places.size, _AT_ONCE):
        deadline.check()
        some = places[first : first + _AT_ONCE]
        for place, stored in zip(
            some.tolist(), leaf.segment.stored.get(found.docs[some].tolist()), strict=True
        ):
            kept[place] = any(_has(text, written) for text in _texts(stored, written))
    return matches_at(found, kept)


def _forms_of(leaf: LeafReader, term: Term, docs: U32) -> tuple[Mask, Mask]:
    """Return which documents have the term's exact form, and which may have others, bool[n]."""
    exact, other = np.zeros((2, docs.size), np.bool_)
    column = leaf.segment.text[term.lookups.field]
    if not term.numbers:
        return exact, other
    for _, first, last, form_at, bit, number, _ in rows_of((term,), leaf.number).tolist():
        if first == last:
            continue
        of_term = column.docs(first, last)
        at = np.minimum(np.searchsorted(of_term, docs), last - first - 1)
        here = np.flatnonzero(of_term[at] == docs)
        if form_at == -1:
            exact[here] = True
        elif form_at == -2:
            other[here] = True
        else:
            forms = column.forms[form_at + at[here]]
            exact[here] |= (forms & bit) != 0
            alone = form_at == column.form_starts[number]  # else there are more than eight forms
            other[here] |= (forms & ~np.uint8(bit)) != 0 if alone else True
    return exact, other


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
def _patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Return a pattern that only texts with the words side by side fit, and one that all of them
    do, in lower case and ASCII; None where words are not plain letters."""
    if not all(word.isascii() and word.isalpha() for word in words):
        return None
    surely = r"(?<![\w'&.#+-])" + r"[ ,;:()]+".join(words) + r"(?![\w'&.#+-])"
    joined = ["[.'&]?".join(word) for word in words]
    perhaps = r"(?:'\w{1,2})?\W+".join(joined)
    return re.compile(surely), re.compile(perhaps)


def _has(text: str, written: Written) -> bool:
    """Whether a text has the words side by side."""
    patterns = _patterns(written.words) if text.isascii() else None
    if patterns is not None:
        surely, perhaps = patterns
        lower = text.lower()
        if not perhaps.search(lower):
            return False
        if not written.cased and surely.search(lower):
            return True
    tokens = tokenise(text)
    words = [token.text for token in tokens]
    size = len(written.words)
    wanted = list(written.words)
    for at in range(len(words) - size + 1):
        if words[at] == wanted[0] and words[at : at + size] == wanted:
            if not written.cased:
                return True
            own = [cased(text[one.start : one.end]) for one in tokens[at : at + size]]
            if own == list(written.cased):
                return True
    return False
