"""The articles that are measured on: Reuters-21578, and as many times as many made from it.

A copy takes the sentences of all articles, shuffles them, deals them out again so that each article
has as many as before, and adds words that no article had, drawn by Zipf's law, one to twelve words
of text. So document lengths, the frequencies of words and the growth of the vocabulary stay as in
news, while no copy is a near duplicate of another. Everything is drawn from one seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import orjson

from corpus.core.article import Article, make_id
from corpus.core.stated_date import StatedDate
from corpus.core.wire import article_json

SEED = 20_240_229
NEW_WORDS = 400_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def reuters(folder: Path) -> list[Article]:
    """Return the articles of Reuters-21578, in the order of the files."""
    from corpus.reading import read as read_sources  # which no first answer waits for

    return list(read_sources([folder], lambda skip: None))


def articles(folder: Path, times: int) -> Iterator[Article]:
    """Yield `times` as many articles as there are, the first ones being the real ones."""
    real = reuters(folder)
    yield from real
    chance = random.Random(SEED)
    sentences = [_SENTENCE.split(" ".join(article.body)) for article in real]
    pool = [sentence for one in sentences for sentence in one if sentence]
    for copy in range(1, times):
        chance.shuffle(pool)
        at = 0
        for number, article in enumerate(real):
            size = len([sentence for sentence in sentences[number] if sentence])
            own = [_salted(sentence, chance) for sentence in pool[at : at + size]]
            at += size
            title = article.title.split()
            chance.shuffle(title)
            date = article.published
            yield replace(
                article,
                id=make_id(own=f"{copy}/{number}", source="copy"),
                url="",
                title=_salted(" ".join(title), chance),
                lead="",
                body=tuple(" ".join(own[i : i + 3]) for i in range(0, len(own), 3)),
                published=date and _in_year(date, 1987 + copy % 30),
            )


def _in_year(date: StatedDate, year: int) -> StatedDate:
    """Return the same date of another year, at most the 28th of its month."""
    return StatedDate(f"{year}{date[4:8]}{min(date.day.day, 28):02d}{date[10:]}")


def _salted(sentence: str, chance: random.Random) -> str:
    """Return a sentence with a new word for about every twelfth of its own."""
    words = sentence.split()
    for place in range(len(words) // 12 + (chance.random() < len(words) % 12 / 12)):
        rank = int(NEW_WORDS ** chance.random())  # Zipf with exponent 1, by inversion
        words.insert((place * 12) % (len(words) + 1), _word(rank))
    return " ".join(words)


def _word(rank: int) -> str:
    """Return the new word of a rank: syllables, so that it tokenises and stems like a word."""
    word = ""
    number = rank * 7_919 + 104_729
    for _ in range(4):
        number, rest = divmod(number, 60)
        word += "bdfgklmnprtv"[rest // 5] + "aeiou"[rest % 5]
    return word


def write(folder: Path, times: int, path: Path) -> None:
    """Write the articles as JSON Lines, unless they are there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for article in articles(folder, times):
            file.write(article_json(article) + b"\n")
    partial.rename(path)


def batches(path: Path, size: int = 256) -> Iterator[list[bytes]]:
    """Yield the articles of a file that `write` wrote, as JSON, so many at a time."""
    with path.open("rb") as file:
        while lines := [line.removesuffix(b"\n") for line in islice(file, size)]:
            yield lines


def plain(path: Path) -> Iterator[dict[str, object]]:
    """Yield the articles of a file as plain values: every engine has them by the same parser."""
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)
