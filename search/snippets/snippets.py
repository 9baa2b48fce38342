"""Snippets: the best passages of an article for a query, with the words that matched.

A passage is where most distinct words of the query stand close together, widened to the sentences
around it. Where one passage lacks a word that another has, both are shown, with an ellipsis between
them. Everything is a list of pieces of text; nothing here knows of HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from corpus.core.fields import TEXTS, WEIGHTS
from search.answer import Piece
from search.query.nodes import Node
from search.snippets.passages import best_passages, opening, pieces, shown
from search.snippets.words import Occurrence, QueryWords, Text

SNIPPET_LENGTH = 260  # code points of a snippet, ellipses aside
MOST_BODY = 50_000  # code points of a body that are looked at for a snippet
BREAK = "\x1e"


Fields = Mapping[str, Any]
"""An article as it is stored, `corpus.core.wire.article_json` decoded: field to value."""


class Snippet(NamedTuple):
    """The pieces of a title (they join to the title) and of the best passages.

    `found_in` names the field that the passages are from where title, lead and body have none of
    the words: a tag, a byline, a caption.
    """

    title: tuple[Piece, ...]
    passages: tuple[Piece, ...]
    found_in: str = ""


_ELSEWHERE = tuple(name for name in WEIGHTS if name not in TEXTS)
"""Fields whose words the default search has besides title, lead and body."""


def _texts(article: Fields, most: int | None) -> list[Text]:
    """Return title, lead and body, `most` code points of that."""
    language, paragraphs = article["language"], article["body"]
    body = BREAK.join(paragraphs)
    if body.count(BREAK) >= len(paragraphs):  # a paragraph has one itself
        body = BREAK.join([paragraph.replace(BREAK, " ") for paragraph in paragraphs])
    parts = ("title", article["title"]), ("lead", article["lead"]), ("body", body[:most])
    return [Text(text, part, language) for part, text in parts]


class Highlighter:
    """Shows where the words of one query occur; made for a query, used for all of its hits.

    `languages` are those of the archive. Not safe to share between threads.
    """

    def __init__(self, node: Node, languages: Sequence[str] = ()) -> None:
        self._words = QueryWords(node, languages)

    def snippets(self, articles: Sequence[Fields]) -> list[Snippet]:
        """Return the snippet of each article."""
        texts = [text for article in articles for text in _texts(article, MOST_BODY)]
        found = self._words.find(texts)
        made = []
        for number, article in enumerate(articles):
            own = slice(3 * number, 3 * number + 3)
            elsewhere = None if any(found[own]) else self._elsewhere(article)
            snippet = _snippet(texts[own], found[own])
            made.append(snippet if elsewhere is None else snippet._replace(
                passages=elsewhere[1], found_in=elsewhere[0]
            ))  # fmt: skip
        return made

    def _elsewhere(self, article: Fields) -> tuple[str, tuple[Piece, ...]] | None:
        """Return the first field besides the text that has words of the query, and its pieces."""
        if self._words.empty:
            return None
        for name in _ELSEWHERE:
            value = article.get(name, "")  # it may have been stored before there was the field
            for text in (value,) if isinstance(value, str) else value:
                (found,) = self._words.find([Text(text, name, article["language"])])
                if found:
                    sources: Sequence[tuple[str, list[Occurrence]]] = ((text, found), ("", []))
                    passages = best_passages(sources, SNIPPET_LENGTH)
                    return name, tuple(shown(sources, passages))
        return None

    def matches(self, article: Fields) -> tuple[tuple[str, int, int], ...]:
        """Return every occurrence in an article: (part, start, end), as `Engine.matches` says."""
        in_title, in_lead, in_body = self._words.find(_texts(article, None))
        found = [("title", start, end) for start, end, _ in in_title]
        found += [("lead", start, end) for start, end, _ in in_lead]
        number, first = 0, 0
        for start, end, _ in in_body:
            while start > first + len(article["body"][number]):
                first += len(article["body"][number]) + 1
                number += 1
            found.append((f"body/{number}", start - first, end - first))
        return tuple(found)


def _snippet(texts: Sequence[Text], found: Sequence[list[Occurrence]]) -> Snippet:
    title, lead, body = (text.text for text in texts)
    heading = tuple(pieces(title, found[0], 0, len(title)))
    sources = ((lead, found[1]), (body, found[2]))
    passages = best_passages(sources, SNIPPET_LENGTH)
    if not passages:
        passages = opening(lead if lead.strip() else body, SNIPPET_LENGTH)
        sources = ((lead if lead.strip() else body, []), (body, []))
    return Snippet(heading, tuple(shown(sources, passages)))
