"""Stop words side by side with other words: which of them count, by the language of the article.

A word is left out for the articles in whose language it is a stop word, unless all the words are
ones there. So `die hard` asks an English article for both words and a German one for *hard* only,
and what a query finds in articles of one language does not depend on what else the archive holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from indexer.analysis.analyser import fold
from indexer.analysis.stop_words import stop_words
from search.query.nodes import Node, Word

Reading = tuple[tuple[Node, ...], tuple[str, ...]]
"""The parts that count, and the languages of the articles for which they do."""

_LONGEST = 16


@cache
def _stop_words_of(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(stop_words, languages))


def readings(parts: tuple[Node, ...], languages: Sequence[str]) -> list[Reading]:
    """Return what words side by side ask for: nearly always one reading for all `languages`."""
    codes = tuple(languages)
    known = _stop_words_of(codes)
    common: dict[int, str] = {}
    for at, part in enumerate(parts):
        if isinstance(part, Word) and not (part.exact or part.fieldname):
            text = part.text
            if len(text) <= _LONGEST:
                word = text.lower() if text.isascii() else fold(text)
                if word in known:
                    common[at] = word
    if not common:
        return [(parts, codes)]
    groups: dict[tuple[Node, ...], list[str]] = {}
    for code in codes:
        stops = stop_words(code)
        kept = tuple([part for at, part in enumerate(parts) if common.get(at) not in stops])
        groups.setdefault(kept or parts, []).append(code)
    return [(kept, tuple(of)) for kept, of in groups.items()]
