"""The language of articles too short to tell it: that of their source, else the archive's.

A headline has too few common words for its language to be told, and without one its words would
have no inflected forms. `LanguageDefaults` counts in which languages the articles of each source
are, and gives the others that of their source; else the archive's main language, which is set or is
that of nearly all of its articles. Where several languages are in question, each short text gets
the one that it is likely to be in, given how many there are of each (`corpus.text.language_mix`).
Where a language was assumed, the article's provenance says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from corpus.core.article import Article
from corpus.text.language_mix import likeliest, mix
from indexer.analysis.analyser import fold_value
from indexer.segment.segment import FacetColumn, Segment
from indexer.segment.terms import string_at

OF_SOURCE = "assumed from its source"
OF_ARCHIVE = "assumed from the archive"
_ASSUMED = (("language", OF_SOURCE), ("language", OF_ARCHIVE))

_MARKS = tuple(orjson.dumps(pair) for pair in _ASSUMED)
_LANGUAGE = b',"language":"'
_SOURCE = b',"source":"'
_TEXT = 200
_NEARLY_ALL = 0.95
"""Share of a source's or an archive's articles that decides for all others."""
_FEW = 0.2
"""Articles of a told language, for each whose language is not, that say little about the rest."""
_SAMPLE = 1_000
"""Short texts by which the languages of all of them are estimated: 0.1 s."""


class LanguageDefaults:
    """What is known of the languages of an archive's sources, and what to assume of the rest.

    `known` returns for each source (folded) how many of its articles are in each language; it is
    asked when that first matters. `main` is the archive's main language, "" where none is set.
    `assumed` counts what was assumed.
    """

    def __init__(
        self, known: Callable[[], Mapping[str, Mapping[str, int]]], main: str = ""
    ) -> None:
        self._main = main
        self._known: Callable[[], Mapping[str, Mapping[str, int]]] | None = known
        self._of_source: dict[str, Counter[str]] = {}
        self._all: Counter[str] = Counter()
        self._told: defaultdict[tuple[bytes, bytes], int] = defaultdict(int)
        self.assumed: Counter[str] = Counter()

    def told(self, stored: bytes) -> bool:
        """Count the language of an article, given as JSON; False where it has none."""
        language = _value(stored, stored.rfind(_LANGUAGE) + len(_LANGUAGE))
        if language:
            self._told[_value(stored, stored.find(_SOURCE) + len(_SOURCE)), language] += 1
        return language != b""

    def _count(self, source: str, counts: Mapping[str, int]) -> None:
        self._of_source.setdefault(source, Counter()).update(counts)
        self._all.update(counts)

    def completed(self, untold: Sequence[bytes]) -> list[bytes]:
        """Return articles that have no language with the one that is assumed."""
        if untold and self._known is not None:
            for source, counts in self._known().items():
                self._count(source, counts)
            self._known = None
        for (told, language), count in self._told.items():
            self._count(_folded(told), {language.decode(): count})
        self._told.clear()
        if not untold:
            return []
        usual = self._main or _nearly_all(self._all, len(untold) * _FEW)
        shares = {} if usual else _shares(untold, self._all)
        return [self._complete(stored, usual, shares) for stored in untold]

    def _complete(self, stored: bytes, usual: str, shares: Mapping[str, float]) -> bytes:
        source = _folded(_value(stored, stored.find(_SOURCE) + len(_SOURCE)))
        counts = self._of_source.get(source) if source else None
        language, where = usual, OF_ARCHIVE
        if counts:
            language, where = _nearly_all(counts), OF_SOURCE
            shares = shares if language else mix((), counts)
        fields = orjson.loads(stored)
        language = language or likeliest(_text(fields), shares) or _commonest(counts or self._all)
        if not language:
            return stored
        fields["language"] = language
        fields["provenance"].append(["language", where])
        self.assumed[language] += 1
        return orjson.dumps(fields)


def _value(stored: bytes, at: int) -> bytes:
    """Return what a string of an article's JSON holds that begins there, still escaped.

    JSON has the marks of `_LANGUAGE` and `_SOURCE` outside of its strings only.
    """
    return stored[at : stored.find(b'"', at)]


@lru_cache(maxsize=1 << 14)
def _folded(source: bytes) -> str:
    return fold_value(source.decode("utf-8", "replace"))


def _text(fields: Mapping[str, Any]) -> str:
    return " ".join([fields["title"], fields["lead"], *fields["body"]])[:_TEXT]


def _shares(untold: Sequence[bytes], counts: Mapping[str, int]) -> dict[str, float]:
    """Return the share of each language in articles told and untold, the latter by a sample."""
    step = -(-len(untold) // _SAMPLE)
    texts = [_text(orjson.loads(stored)) for stored in untold[::step]]
    return mix(texts, counts, scale=step)


def _nearly_all(counts: Counter[str], least: float = 0) -> str:
    """Return the language that nearly all of some articles are in, "" where they differ, or are
    fewer than `least`."""
    language, total = _commonest(counts), counts.total()
    enough = total >= least and counts[language] >= _NEARLY_ALL * total
    return language if enough else ""


def _commonest(counts: Counter[str]) -> str:
    """Return the language that counts most, "" for none; among equals always the same."""
    return max(counts, key=lambda code: (counts[code], code), default="")


def languages_by_source(
    parts: Iterable[tuple[Segment, npt.NDArray[np.bool_]]],
) -> dict[str, Counter[str]]:
    """Return for each source (folded, "" for none) how many live articles are in each language.

    Each segment comes with bool[n_docs], whether a document is live.
    """
    found: dict[str, Counter[str]] = {}
    for segment, live in parts:
        sources, languages = segment.facets["source"], segment.facets["language"]
        known = live & (np.diff(languages.offsets) > 0)
        pairs = np.stack([_first(sources)[known], _first(languages)[known]], axis=1)
        values, counts = np.unique(pairs, axis=0, return_counts=True)
        for (source, language), count in zip(values.tolist(), counts.tolist(), strict=True):
            name = string_at(sources.keys, source).decode() if source >= 0 else ""
            code = string_at(languages.keys, language).decode()
            found.setdefault(name, Counter())[code] += count
    return found


def _first(facet: FacetColumn) -> npt.NDArray[np.int64]:
    """Return the number of each document's first value, int64[n_docs], -1 for none."""
    first = np.full(len(facet.offsets) - 1, -1, np.int64)
    used = np.diff(facet.offsets) > 0
    first[used] = facet.ordinals[facet.offsets[:-1][used]]
    return first


def may_be_assumed(stored: bytes) -> bool:
    """Say whether some of these bytes may belong to an article whose language was assumed."""
    return any(mark in stored for mark in _MARKS)


def as_read(stored: bytes) -> bytes:
    """Return an article's JSON as it was read, which is what its fingerprint is of."""
    if not may_be_assumed(stored):
        return stored
    fields = orjson.loads(stored)
    told = [pair for pair in fields["provenance"] if tuple(pair) not in _ASSUMED]
    if len(told) < len(fields["provenance"]):
        fields["language"], fields["provenance"] = "", told
    return orjson.dumps(fields)


def without_assumed(article: Article) -> Article:
    """Return an article as it was read, without a language that was only assumed."""
    told = tuple([pair for pair in article.provenance if pair not in _ASSUMED])
    return article if told == article.provenance else replace(article, language="", provenance=told)
