"""What the cluster stores: explicit mappings, and the document made of an article.

Words are analysed by `indexer.analysis.analyser` before they are sent, by the language of each
article, and the cluster splits them at spaces: both engines therefore match the very same words, in
every language, without a plug-in. Each analysed part has two fields: ``title`` holds terms (a stem
and its language, `indexer.analysis.languages`), ``title_x`` the folded words as written (exact
matches, prefixes, wildcards). Value fields are keywords folded
for case and accents; publishers' spellings are in the stored article.
"""

from __future__ import annotations

import zlib
from base64 import b64decode
from datetime import tzinfo
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from corpus.core.article import Article
from corpus.core.fields import FACETS, PRINTED, VALUES, WEIGHTS
from corpus.core.stated_date import StatedDate, end_of, second_of
from indexer.analysis.analyser import MAX_CHUNK, PARAGRAPH_GAP, analysed, cased, fold_value, term
from indexer.analysis.languages import language_in
from indexer.segment.stored import article_from
from search.addresses import address_key

Query = dict[str, Any]
"""A query, a request or a reply of the cluster's: JSON."""

VERSION = 5
"""Of the mapping; a cluster that holds another one is refused, with the advice to reindex."""

PARTS = {name: f"{name}_text" if name in VALUES else name for name in WEIGHTS}
"""The analysed parts of an article, and their fields; each has a twin with the suffix ``_x``."""

_LONGEST_KEPT = 40
_MOST_KEPT = 1 << 17
"""Characters between two spaces whose analysis is kept for the next time they come, and of how many
such pieces it is."""

_AROUND = ".,;:()\"'!?"
"""Signs that belong to no word where they stand around one."""


def properties() -> dict[str, Any]:
    """Return the mapping of each field."""
    words = {
        "type": "text", "analyzer": "whitespace", "index_options": "positions",
        "position_increment_gap": PARAGRAPH_GAP,
    }  # fmt: skip
    keyword = {"type": "keyword"}
    made: dict[str, Any] = {}
    for part in PARTS.values():
        made[part] = words
        made[part + "_x"] = {**words, "norms": False}
    made["cased"] = made["cased_labels"] = {**words, "norms": False}
    made |= dict.fromkeys((*FACETS, "cluster", "bands"), keyword)
    made |= dict.fromkeys(("title_key", "address", "fingerprint", "root", "id"), keyword)
    instant = {"type": "long"}
    made |= dict.fromkeys(("published", "published_end", "added"), instant)
    stored = {"type": "keyword", "index": False, "doc_values": False}
    made |= dict.fromkeys(("article", "sketch"), stored)
    return made | {"precision": {"type": "byte"}, "shown": {"type": "object", "enabled": False}}


def index_body(*, shards: int, replicas: int, meta: dict[str, Any]) -> dict[str, Any]:
    """Return settings and mappings of an index; `meta` is kept in the mapping's ``_meta``."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "1s",
            "max_result_window": 10_000,
            "analysis": {"analyzer": {"whitespace": {"type": "whitespace"}}},
            "similarity": {"default": {"type": "BM25", "k1": 1.5, "b": 0.75}},
        },
        "mappings": {"dynamic": "strict", "_meta": meta, "properties": properties()},
    }


def document(article: Article, stored: bytes, timezone: str) -> dict[str, Any]:
    """Return the document of an article, whose JSON is `stored`, as far as it follows from it."""
    made: dict[str, Any] = {
        "id": article.id,
        "cluster": article.id,
        "article": stored.decode(),
        "shown": {
            name: value for name in ("title", "url", *VALUES) if (value := getattr(article, name))
        },
        "title_key": fold_value(article.title),
    }
    if article.url:
        made["address"] = address_key(article.url)
    for name, part in PARTS.items():
        if not (own := texts(article, name)):
            continue
        language = language_in(name, article.language)
        found = [_analysed(text, language) for text in own]
        if any(one.words for one in found):
            made[part + "_x"] = [one.words for one in found]
            # Words beside others come behind all: the cluster has no two words in one place.
            made[part] = [one.terms for one in found]
            made[part] += [word for one in found for word in one.beside]
        field = "cased" if name in PRINTED else "cased_labels"
        made.setdefault(field, []).extend([one.cased for one in found])
    for name in VALUES:
        if own := texts(article, name):
            made[name] = list(dict.fromkeys(map(_key, own)))
    if article.published is not None:
        made |= _dated(article.published, ZoneInfo(timezone))
        hit = StatedDate.at(made["published"], made["precision"], ZoneInfo(timezone))
        made["shown"]["published"] = hit
    return made


class _Analysed(NamedTuple):
    """A text as its fields have it, words apart by spaces, and the terms beside its own."""

    words: str
    terms: str
    cased: str
    beside: tuple[str, ...]


_key = lru_cache(1 << 12)(fold_value)
_NONE = _Analysed("", "", "", ())


class _Pieces(dict[str, _Analysed]):
    """What stands between two spaces in texts of a language, analysed once; `_NONE` has no word."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, piece: str) -> _Analysed:
        if sum(map(len, _PIECES.values())) >= _MOST_KEPT:
            for pieces in _PIECES.values():
                pieces.clear()
        found = _analysed_piece(piece, self._language)
        if len(piece) <= _LONGEST_KEPT:
            self[piece] = found
        return found


_PIECES: dict[str, _Pieces] = {}


def _analysed(text: str, language: str) -> _Analysed:
    """Return a text analysed."""
    pieces = _PIECES.get(language) or _PIECES.setdefault(language, _Pieces(language))
    found = [one for piece in text.split() if (one := pieces[piece]) is not _NONE]
    if not found:
        return _NONE
    words, terms, capitals, further = zip(*found, strict=True)
    return _Analysed(
        " ".join(words), " ".join(terms), " ".join(capitals), tuple(chain.from_iterable(further))
    )


def _analysed_piece(piece: str, language: str) -> _Analysed:
    word = piece.strip(_AROUND)
    if word.isascii() and (word.isalpha() or word.isdigit()) and len(word) <= MAX_CHUNK:
        folded = word.lower()  # nearly all
        return _Analysed(folded, term(folded, language), word, ())
    found = list(analysed(piece, language))
    if not found:
        return _NONE
    return _Analysed(
        " ".join([word.text for word, _ in found]),
        " ".join([term(word.text, language) for word, _ in found]),
        " ".join([cased(piece[word.start : word.end]) for word, _ in found]),
        tuple([term(word, language) for _, further in found for word, _ in further]),
    )


def texts(article: Article, name: str) -> list[str]:
    """Return the texts of a part of an article."""
    value = getattr(article, name)
    return [text for text in ((value,) if isinstance(value, str) else value) if text]


def stored_in(source: dict[str, Any]) -> bytes:
    """Return the JSON of the article that a document was made of, which was compressed before."""
    stored: str = source["article"]
    return stored.encode() if stored.startswith("{") else zlib.decompress(b64decode(stored))


def article_of(source: dict[str, Any]) -> Article:
    """Return the article that a document was made of."""
    return article_from(stored_in(source))


def _dated(stated: StatedDate, zone: tzinfo) -> dict[str, Any]:
    """Return when a date begins and ends, and the year, month and day that it is known to be in."""
    start = second_of(stated, zone)
    day = stated.start(zone).date().isoformat()
    known = [("year", 4), ("month", 7), ("day", 10)]
    if stated.precision:
        known = known[: 4 - stated.precision]
    return {
        "published": start,
        "published_end": end_of(stated, zone),
        "precision": int(stated.precision),
        **{name: day[:size] for name, size in known},
    }


def within(start: int | None, end: int | None) -> list[dict[str, Any]]:
    """Return the filters for dates that lie in [start, end) as a whole."""
    filters: list[dict[str, Any]] = []
    if start is not None:
        filters.append({"range": {"published": {"gte": start}}})
    if end is not None:
        filters.append({"range": {"published_end": {"lte": end}}})
    return filters
