"""The gate that every article passes on its way in, whichever reader it comes from.

Readers say what a document means; this says what an archive can hold, show and compute with: dates
at which something can have been published, bounded fields, plain strings. Text that is too long is
cut, a value that cannot be one is left out, and both are told: in the article's provenance, and by
the sentence that `admit` returns. Nearly every article passes as it is, for about 6 µs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import orjson

from corpus.compose import in_field_order, web_address
from corpus.core.article import Article, Origin
from corpus.core.errors import UnreadableError
from corpus.core.wire import WrittenArticle, places_in
from corpus.dates.parsing import is_plausible, is_surely_plausible
from corpus.text.text import clean

MAX_TITLE = 1_000
"""Characters of a title; headlines of 300 are rare."""

MAX_LEAD = 10_000
"""Characters of a lead."""

MAX_BODY_BYTES = 750_000
"""Bytes of a text in UTF-8, about 125,000 words: no page or answer of the API grows beyond 2 MB."""

MAX_PARAGRAPHS = 5_000
"""Paragraphs of a text; what follows is part of the last one."""

MAX_VALUE = 200
"""Characters of a name: a tag, an author, a section, a source."""

MAX_VALUES = 100
"""Values of a list: tags, authors, places."""

_MAX_LIST = 4_000
_MAX_LINE = 2_000
_MAX_LINES = 20_000
_MAX_ORIGIN = 4_096
_MAX_PROVENANCE = 100

_LINES = ("captions", "credits", "related")
_OTHERS = frozenset(("id", "url", "title", "lead", "body", "language", "provenance", *_LINES))
_VALUES = tuple(f.name for f in fields(Article) if f.default == "" and f.name not in _OTHERS)
_LISTS = tuple(f.name for f in fields(Article) if f.default == () and f.name not in _OTHERS)

_ID = re.compile("[0-9a-f]{16}")
_LANGUAGE = re.compile("[a-z]{2,3}|")
_values_of = attrgetter(*_VALUES)
_lists_of = attrgetter(*_LISTS, *_LINES)

_SURELY = MAX_BODY_BYTES // 4
_BOUNDS = (_SURELY, _MAX_LIST, MAX_VALUE, MAX_TITLE, MAX_LEAD, MAX_VALUES, MAX_PARAGRAPHS)
_HEAD = re.compile(rb'\{"id":"[0-9a-f]{16}","url":"')
_WRITTEN_LANGUAGE = re.compile(rb'"(?:[a-z]{2,3})?"')


def admit_written(line: bytes, origin: Origin) -> WrittenArticle | None:
    """Return an article's JSON, read from `origin`, where it surely is what `article_json` writes
    of an article that `admit` returns as it is; None where that has to be made to tell.

    That takes 3 µs where making it takes 30: an export is read as fast as it is stored.
    """
    if not _HEAD.match(line) or not (line.isascii() or _is_printable(line)):
        return None
    places = places_in(line, _BOUNDS)
    around = _origin_json(origin.path, origin.reader)
    if places is None or around is None:
        return None
    url, url_end, _, body_end, *dates, language, language_end, place, place_end = places
    if url_end > url + 2:
        address = orjson.loads(line[url:url_end])
        if web_address(address) != address:
            return None
    for date in dates[::2]:
        if line[date] == _QUOTE and not is_surely_plausible(line[date + 1 : date + 5].decode()):
            return None
    if not _WRITTEN_LANGUAGE.fullmatch(line, language, language_end):
        return None
    before, behind = around
    stored = b"%b%b%d%b%b" % (line[:place], before, origin.position, behind, line[place_end:])
    return WrittenArticle(stored, origin.position, line[url_end + 1 : body_end])


_QUOTE = ord('"')


def _is_printable(line: bytes) -> bool:
    try:
        return line.decode().isprintable()
    except UnicodeDecodeError:
        return False


@lru_cache(maxsize=16)
def _origin_json(path: str, reader: str) -> tuple[bytes, bytes] | None:
    """Return what stands before and behind the position in the JSON of an origin."""
    if len(path) > _MAX_ORIGIN or not path.isprintable():
        return None
    before = b'{"path":%b,"position":' % orjson.dumps(path)
    return before, b',"reader":%b}' % orjson.dumps(reader)


def admit(article: Article) -> tuple[Article, str]:
    """Return an article as an archive may hold it, and what was left out of it, "" for nothing.

    Raises UnreadableError when it has no id of this project's form.
    """
    values = [*_values_of(article), *chain.from_iterable(_lists_of(article))]
    named = "".join(values)
    text = "".join((article.title, article.lead, *article.body))
    published, updated = article.published, article.updated
    if (
        named.isprintable()
        and text.isprintable()
        and len(text) <= _SURELY
        and len(article.title) <= MAX_TITLE
        and len(article.lead) <= MAX_LEAD
        and len(article.body) <= MAX_PARAGRAPHS
        and len(values) <= MAX_VALUES
        and len(named) <= _MAX_LIST
        and (len(named) <= MAX_VALUE or max(map(len, values)) <= MAX_VALUE)
        and (published is None or is_plausible(published))
        and (updated is None or is_plausible(updated))
        and (not article.url or web_address(article.url) == article.url)
        and _fits(article.provenance)
        and len(article.origin.path) <= _MAX_ORIGIN
        and _LANGUAGE.fullmatch(article.language)
        and _ID.fullmatch(article.id)
    ):
        return article, ""
    return _Bounded(article).result()


@lru_cache(maxsize=4096)
def _fits(provenance: tuple[tuple[str, str], ...]) -> bool:
    """Say whether a provenance, which many articles of a source have in common, is in bounds."""
    told = [*chain.from_iterable(provenance)]
    return (
        len(provenance) <= _MAX_PROVENANCE
        and max(map(len, told), default=0) <= MAX_VALUE
        and "".join(told).isprintable()
    )


class _Bounded:
    """One article that does not pass as it is; `changed` are its fields as they may be."""

    def __init__(self, article: Article) -> None:
        if not _ID.fullmatch(article.id):
            raise UnreadableError("its id is none of Broadsheet's")
        self.article = article
        self.changed: dict[str, Any] = {}
        self.refused: list[tuple[str, str]] = []

    def result(self) -> tuple[Article, str]:
        """Return what `admit` does."""
        article = self.article
        for name, most in (("title", MAX_TITLE), ("lead", MAX_LEAD)):
            text = clean(getattr(article, name))
            if len(text) > most:
                text = _cut(text, most)
                self._refuse(name, f"cut to {most:,} characters")
            self.changed[name] = text
        self._body()
        for name in _VALUES:
            value = clean(getattr(article, name))
            if len(value) > MAX_VALUE:
                self._refuse(name, f"longer than {MAX_VALUE} characters")
                value = ""
            self.changed[name] = value
        for name in _LISTS:
            self._list(name, MAX_VALUE, _MAX_LIST)
        for name in _LINES:
            self._list(name, _MAX_LINE, _MAX_LINES)
        for name in ("published", "updated"):
            moment = getattr(article, name)
            if moment is not None and not is_plausible(moment):
                self._refuse(name, f"{moment[:4]} is no year of publication")
                self.changed[name] = None
        if self.changed.get("published", article.published) is None:
            self.changed["date_source"] = ""
        if web_address(article.url) != article.url:
            self.changed["url"] = web_address(clean(article.url))
            if not self.changed["url"]:
                self._refuse("url", "no address of the web")
        if not _LANGUAGE.fullmatch(article.language):
            self.changed["language"] = ""
        named = {name for name, _ in self.refused}
        pairs = [(clean(name), clean(how)) for name, how in article.provenance]
        told = [pair for pair in pairs if pair[0] not in named and max(map(len, pair)) <= MAX_VALUE]
        told[_MAX_PROVENANCE // 2 :] = [(name, f"refused: {why}") for name, why in self.refused]
        self.changed["provenance"] = in_field_order(tuple(told))
        path = clean(article.origin.path)[:_MAX_ORIGIN]
        self.changed["origin"] = replace(article.origin, path=path)
        said = "; ".join(f"{name}: {why}" for name, why in self.refused)
        return replace(article, **self.changed), said and f"read, but a part was left out: {said}"

    def _refuse(self, name: str, why: str) -> None:
        self.refused.append((name, why))

    def _body(self) -> None:
        paragraphs = [line for text in self.article.body if (line := clean(text))]
        if len(paragraphs) > MAX_PARAGRAPHS:
            rest = " ".join(paragraphs[MAX_PARAGRAPHS - 1 :])
            paragraphs[MAX_PARAGRAPHS - 1 :] = [rest]
        left = MAX_BODY_BYTES
        kept = []
        for text in paragraphs:
            size = len(text.encode())
            if size > left:
                self._refuse("body", f"cut to {MAX_BODY_BYTES:,} bytes")
                if piece := text.encode()[: left - len("…".encode())].decode("utf-8", "ignore"):
                    kept.append(_cut(piece, len(piece) + 1))
                break
            left -= size
            kept.append(text)
        self.changed["body"] = tuple(kept)

    def _list(self, name: str, most: int, together: int) -> None:
        values = [line for text in getattr(self.article, name) if (line := clean(text))]
        kept = tuple(_within(values, most, together))
        if len(kept) < len(values):
            left_out = len(values) - len(kept)
            self._refuse(name, f"{left_out:,} of {len(values):,} are too many or too long")
        self.changed[name] = kept


def _within(values: list[str], most: int, together: int) -> Iterator[str]:
    """Yield the first values that are short enough, as many as there may be."""
    count = size = 0
    for value in values:
        if len(value) <= most and count < MAX_VALUES and size + len(value) <= together:
            count += 1
            size += len(value)
            yield value


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, to the end of a word where there is one, and an ellipsis."""
    piece = text[: most - 1]
    head, space, _ = piece.rpartition(" ")
    return f"{(head if space and len(head) > most // 2 else piece).rstrip()}…"
