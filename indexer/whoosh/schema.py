"""The schema of an archive as Whoosh knows it, and the analyser behind its text fields.

``text`` is the default field, whose stored text is the body's; ``title`` and ``lead`` are searched
alone; every facet is a field of whole values, folded; what else an article has is stored; ``date``
is seconds since 1970 in UTC, as a number, so that no time zone and no calendar of Whoosh's comes
into play; ``id`` finds an article.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from whoosh.analysis import Analyzer, Token
from whoosh.fields import ID, KEYWORD, NUMERIC, STORED, TEXT, Schema

from corpus.core.article import Article
from indexer.analysis.analyser import analysed, fold, fold_value, term
from indexer.segment.file import FACETS, TEXTS

DATE = NUMERIC(int, bits=64, shift_step=0, sortable=True)
"""The field of publication dates: one term a distinct second."""

ADDED = NUMERIC(int, bits=64, shift_step=0)
"""The field of when articles came, which is never given: an archive writes it."""


class NewsAnalyzer(Analyzer):  # type: ignore[misc]
    """The analyser of `indexer.analysis.analyser` for Whoosh: folded words, as terms of one
    language.

    `language` may be a function, which is asked when a text is first analysed.
    """

    def __init__(self, language: str | Callable[[], str] = "") -> None:
        self._language = language

    @property
    def language(self) -> str:
        """The language whose stems are made."""
        if callable(self._language):
            self._language = self._language()
        return self._language

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, start_pos: int = 0,
        start_char: int = 0, mode: str = "", **kwargs: Any,
    ) -> Iterator[Token]:  # fmt: skip
        """Yield a token for each word; one object is used again, as Whoosh's analysers do.

        In the mode "query" texts are `QueryTerm`s. With ``tokenize=False``, as patterns are given,
        the text is one token, folded.
        """
        token = Token(positions, chars, mode=mode)
        if not kwargs.get("tokenize", True):
            token.text, token.original, token.pos = fold(value), value, 0
            token.boost, token.stopped = 1.0, False
            yield token
            return
        for position, (word, further) in enumerate(analysed(value, self.language), start_pos):
            token.original = value[word.start : word.end]
            token.boost = 1.0
            token.stopped = False
            token.pos = position
            token.startchar = start_char + word.start
            token.endchar = start_char + word.end
            if mode == "query":
                token.text = QueryTerm.of(term(word.text, self.language), word.text)
                yield token
                continue
            for text in (*[other for other, _ in further], word.text):
                token.text = term(text, self.language)
                yield token


class QueryTerm(str):
    """A term of the main language that also knows its word, which other languages have, too."""

    __slots__ = ("word",)
    word: str

    @classmethod
    def of(cls, term: str, word: str) -> QueryTerm:
        """Return the term that stands for a folded word."""
        made = cls(term)
        made.word = word
        return made


class ValueAnalyzer(Analyzer):  # type: ignore[misc]
    """A whole value of a facet, folded, is one token.

    Whoosh calls no analyser for a list of values: give it folded ones.
    """

    def __call__(self, value: str, mode: str = "", **kwargs: Any) -> Iterator[Token]:
        """Yield the token."""
        yield Token(text=fold_value(value), original=value, pos=0, boost=1.0, stopped=False)


def make_schema(language: str | Callable[[], str] = "") -> Schema:
    """Return the schema; queries given to Whoosh as text are stemmed by `language`."""
    fields: dict[str, Any] = {field.name: STORED for field in dataclasses.fields(Article)}
    fields |= {name: TEXT(NewsAnalyzer(language), stored=True) for name in TEXTS}
    fields |= {name: KEYWORD(stored=True, analyzer=ValueAnalyzer()) for name in FACETS}
    return Schema(**fields | {"id": ID(stored=True, unique=True), "date": DATE, "added": ADDED})
