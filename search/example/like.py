"""Ask by example: the articles closest to a text, and those in which passages of it ran before.

The closest are found as `search.similarity.similar` finds articles like one. Those that share
passages are found by phrases of `WINDOW` words, cut from the text at every third word, and then
read: `search.example.reuse` compares them word by word. So a passage of eight words or more is
found wherever it stands, as long as the text has at most some 2,000 words and not too many articles
share it; where more was left out, that is said. Nothing of the text is kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from corpus.core.article import Article, make_id
from corpus.core.errors import BadRequestError
from corpus.core.stated_date import StatedDate
from corpus.text.languages import language_of
from corpus.text.text import paragraphs
from indexer.analysis.analyser import Token, tokenise
from indexer.analysis.stop_words import stop_words
from search.answer import Hit, Note, Piece, Tally
from search.engine import Engine
from search.example.reuse import Runs
from search.request import Request
from search.similarity.similar import SIMILAR_WORDS, telling_words

LEAST_RUN = 6  # words that a passage has at least: fewer are shared by chance
MOST_TEXT = 20_000  # code points of a text that are looked at
WINDOW = 6
_STEP = 3
_PHRASES = 80
"""Phrases of one query, which has at most 512 words."""

_BATCHES = 8
_CANDIDATES = 60
"""Articles that are read for each batch of phrases."""

_MOST_READ = 200_000
_SECONDS = 6.0
_SHOWN_RUNS = 3
_AROUND = 12
"""Words that are shown around a passage."""


class SharedPassage(NamedTuple):
    """A passage as it stands in the text, and in an article, each with some words around it."""

    words: int
    own: tuple[Piece, ...]
    theirs: tuple[Piece, ...]


class Earlier(NamedTuple):
    """An article that shares passages: how many words in how many runs, the longest shown."""

    id: str
    title: str
    source: str
    published: StatedDate | None
    words: int
    runs: int
    passages: tuple[SharedPassage, ...]


class Like(NamedTuple):
    """What is like a text: `closest` hits first to last, `earlier` articles oldest first."""

    closest: tuple[Hit, ...]
    earlier: tuple[Earlier, ...]
    notes: tuple[Note, ...] = ()


def article_of(text: str) -> Article:
    """Return a text that was pasted as an article without anything but its words."""
    body = paragraphs(text[: 2 * MOST_TEXT])
    language = language_of(" ".join(body)[:MOST_TEXT])
    return Article(id=make_id(content=text or "-"), body=body, language=language)


def text_of(article: Article) -> str:
    """Return what is compared of an article: its title, lead and body, a line each."""
    return "\n".join(part for part in (article.title, article.lead, *article.body) if part)


def like(engine: Engine, example: Article, size: int = 10) -> Like:
    """Return what is like an article, or a text that `article_of` made one of.

    A text without words is like nothing, which a note says.
    """
    text = text_of(example)
    notes = []
    if len(text) > MOST_TEXT:
        text = text[:MOST_TEXT]
        notes.append(Note("text-cut", "Only the beginning of the text was read: it is too long."))
    tokens = tokenise(text)
    if not tokens:
        return Like((), (), (Note("no-words", "There are no words to look for in this."),))
    end = time.monotonic() + _SECONDS
    closest = _closest(engine, example, size)
    candidates, whole = _candidates(engine, tokens, example.language, end)
    runs = Runs([token.text for token in tokens], LEAST_RUN)
    earlier = []
    for article_id in dict.fromkeys([*(hit.id for hit in closest), *candidates]):
        if time.monotonic() > end:
            whole = False
            break
        found = engine.article(article_id)
        if found is not None and (shared := _shared(runs, text, tokens, found)) is not None:
            earlier.append(shared)
    if not whole:
        notes.append(Note("passages-left", "Not all passages were looked for: shorten the text."))
    last = datetime.max.replace(tzinfo=UTC)
    earlier.sort(key=lambda one: (one.published.start(UTC) if one.published else last, one.id))
    return Like(closest, tuple(earlier), tuple(notes))


def _closest(engine: Engine, example: Article, size: int) -> tuple[Hit, ...]:
    """Return the hits that have most of what tells the example apart."""

    def frequencies(words: Sequence[str]) -> list[int]:
        asked = [Request(text=word, match="all") for word in words]
        return [tally.total if isinstance(tally, Tally) else 0 for tally in engine.tallies(asked)]

    articles = engine.status().articles
    words = telling_words(example, articles, frequencies, least=1)[:SIMILAR_WORDS]
    if not words:
        return ()
    greatest = words[0][0]
    text = " ".join(f"{word}^{max(weight / greatest, 0.001):.3f}" for weight, word in words)
    return engine.search(
        Request(
            text=text, match="any", size=size, facets=(), timeline=False, expand=False,
            suggest=False,
        )
    ).hits  # fmt: skip


def _candidates(
    engine: Engine, tokens: Sequence[Token], language: str, end: float
) -> tuple[list[str], bool]:
    """Return the ids of articles that have phrases of the text, and whether that is all of them."""
    words = [token.text for token in tokens]
    common = stop_words(language)
    windows = [words[at : at + WINDOW] for at in range(0, len(words) - WINDOW + 1, _STEP)]
    # What has stop words alone is everywhere, and nobody's.
    phrases = [
        '"' + " ".join(window) + '"'
        for window in windows
        if sum(word not in common for word in window) > 1
    ]
    phrases = list(dict.fromkeys(phrases))
    whole = len(phrases) <= _PHRASES * _BATCHES
    found: dict[str, None] = {}
    for at in range(0, min(len(phrases), _PHRASES * _BATCHES), _PHRASES):
        if time.monotonic() > end:
            return list(found), False
        asked = Request(
            text=" OR ".join(phrases[at : at + _PHRASES]), match="all", size=_CANDIDATES,
            facets=(), timeline=False, snippets=False, collapse=False, suggest=False,
        )  # fmt: skip
        try:
            answer = engine.search(asked)
        except BadRequestError:  # it takes too long
            whole = False
            continue
        whole = whole and answer.total <= _CANDIDATES
        found |= dict.fromkeys(hit.id for hit in answer.hits)
    return list(found), whole


def _shared(runs: Runs, text: str, tokens: Sequence[Token], article: Article) -> Earlier | None:
    """Return what an article shares with the text, None where it shares no passage."""
    theirs = text_of(article)[:_MOST_READ]
    their_tokens = tokenise(theirs)
    shared = runs.shared([token.text for token in their_tokens])
    if not shared:
        return None
    covered = reached = 0
    for run in shared:
        covered += run.other + run.length - max(run.other, reached)
        reached = run.other + run.length
    longest = sorted(shared, key=lambda run: (-run.length, run.other))[:_SHOWN_RUNS]
    return Earlier(
        article.id, article.title, article.source, article.published, covered, len(shared),
        tuple(
            SharedPassage(
                run.length,
                _around(text, tokens, run.own, run.length),
                _around(theirs, their_tokens, run.other, run.length),
            )
            for run in longest
        ),
    )  # fmt: skip


def _around(text: str, tokens: Sequence[Token], first: int, length: int) -> tuple[Piece, ...]:
    """Return a passage marked, with some words before and after it."""
    before, after = max(first - _AROUND, 0), min(first + length + _AROUND, len(tokens))
    start, end = tokens[first].start, tokens[first + length - 1].end
    lead = "… " if before else ""
    tail = " …" if after < len(tokens) else ""
    return (
        Piece(lead + text[tokens[before].start : start]),
        Piece(text[start:end], match=True),
        Piece(text[end : tokens[after - 1].end] + tail),
    )
