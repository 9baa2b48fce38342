"""Words keep their language: what other languages are in an archive changes no answer.

The oracle is a plain scan: an article has a word when one of its words has the same stem in the
article's own language, or one of its names the word itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, make_id
from corpus.core.fields import WEIGHTS
from corpus.sources.walk import walk_files
from indexer.analysis.analyser import analysed, stem, term, tokenise
from indexer.analysis.stop_words import stop_words
from indexer.segment.stored import article_from
from indexer.store.snapshot import Leaf, Snapshot
from indexer.update.reading import Job, read_files
from indexer.write.invert import build_segment
from search.embedded.answering import ask
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.embedded.searcher import ArchiveSearcher
from search.request import Request

REUTERS = Path(__file__).parents[3] / "shared/corpora/reuters21578"

WORDS = {
    "en": "forest forests for beer be been opera operate her heroes die died war was the in hard",
    "fr": "forêt for fort la des opéra opérer sur bière héros était le dans on me plus",
    "de": "Forst fort Bier bei Oper Helden die der war hart im Land und Häuser Haus",
    "es": "ópera operar her héroes beber bosque la los de para en que operaciones",
    "": "forest for opera die beer helden was",
    "xx": "forest forests opera la was die",
}


def articles_of(language: str, words: str, least: int = 0) -> st.SearchStrategy[list[Article]]:
    texts = st.lists(st.sampled_from(words.split()), min_size=1, max_size=9).map(" ".join)
    return st.lists(
        st.builds(
            lambda title, body: (title, body, language), texts, texts
        ),
        min_size=least, max_size=6,
    ).map(
        lambda made: [
            Article(
                id=make_id(own=f"{language}{number}"), title=title, body=(body,), language=language
            )
            for number, (title, body, _) in enumerate(made)
        ]
    )  # fmt: skip


def reader_of(parts: Sequence[Sequence[Article]]) -> IndexView:
    leaves = [
        Leaf(build_segment(list(part), name=f"s{number}"), None, len(part))
        for number, part in enumerate(parts)
        if part
    ]
    return IndexView(Snapshot(generation=1, leaves=tuple(leaves)), PLAIN)


def total(reader: IndexView, text: str, match: str) -> int:
    request = Request(text=text, size=0, match=match, suggest=False)
    asked = ask(request, ArchiveSearcher.over(reader))
    return asked.gather(asked.compile(match)).total


def words_of(article: Article) -> list[str]:
    """Return the words of all parts that the default search looks at."""
    values = [getattr(article, name) for name in WEIGHTS]
    texts = chain.from_iterable([value] if isinstance(value, str) else value for value in values)
    return [token.text for text in texts for token in tokenise(text)]


def has(article: Article, word: str) -> bool:
    root = stem(word, article.language)
    return any(stem(other, article.language) == root for other in words_of(article))


def finds(article: Article, words: Sequence[str], match: str) -> bool:
    common = stop_words(article.language)
    kept = [word for word in words if word not in common] or list(words)
    found = [has(article, word) for word in kept]
    return all(found) if match == "all" else any(found)


@settings(max_examples=150, deadline=None)
@given(
    articles_of("en", WORDS["en"], least=1),
    st.sampled_from(sorted(WORDS)).flatmap(lambda code: articles_of(code, WORDS[code], least=1)),
    st.lists(st.sampled_from(" ".join(WORDS.values()).split()), min_size=1, max_size=3),
    st.sampled_from(("all", "any")),
)
def test_articles_in_other_languages_change_no_total_of_words_that_they_lack(
    base: list[Article], added: list[Article], words: list[str], match: str
) -> None:
    folded = [token.text for word in words for token in tokenise(word)]
    text = " ".join(words)
    expected = sum(finds(article, folded, match) for article in base)
    assert total(reader_of([base]), text, match) == expected
    others = [
        article for article in added
        if article.language != "en" and not any(has(article, word) for word in folded)
    ]  # fmt: skip
    assert total(reader_of([base, others]), text, match) == expected
    mixed = [*base, *[article for article in added if article.language != "en"]]
    expected = sum(finds(article, folded, match) for article in mixed)
    assert total(reader_of([mixed]), text, match) == expected


def terms_of(article: Article) -> set[str]:
    """Return the terms of an article: what stands beside words too, names as they are written."""
    found = set()
    for part in WEIGHTS:
        value = getattr(article, part)
        language = "" if part in ("authors", "place", "source") else article.language
        for text in [value] if isinstance(value, str) else value:
            for token, further in analysed(text, language):
                found.update(term(word, language) for word in (token.text, *dict(further)))
    return found


@pytest.mark.skipif(not REUTERS.exists(), reason="the shared corpora are not here")
def test_the_words_of_real_news_have_the_totals_of_a_plain_scan() -> None:
    """A sample of them; all words of all the shared corpora were compared once."""
    articles = [*reuters(2_000), *foreign()]
    terms = [(article.language, terms_of(article)) for article in articles]
    common = Counter(chain.from_iterable(map(set, map(words_of, articles))))
    chance = random.Random(7)
    often = sorted(word for word, count in common.items() if count >= 5 and word.isalpha())
    sample = chance.sample(often, 400)
    expected = {
        word: sum(not found.isdisjoint((word, term(word, code))) for code, found in terms)
        for word in sample
    }
    reader = reader_of([articles[:1_200], articles[1_200:]])
    wrong = {
        word: (total(reader, word, "all"), expected[word])
        for word in sample
        if total(reader, word, "all") != expected[word]
    }
    assert not wrong
    assert np.mean([expected[word] for word in sample]) > 5


def reuters(size: int) -> list[Article]:
    jobs = (Job(file, file, read=True) for file in walk_files([str(REUTERS)], lambda _: None))
    stored = (one for _, batch in read_files(jobs, 1) for one in batch.stored)
    return list(map(article_from, islice(stored, size)))


def foreign() -> list[Article]:
    """A few articles in other languages, as one finds in every archive."""
    texts = {
        "fr": "La forêt est dans le for intérieur, et les opérations sur la bière ont été longues.",
        "de": "Die Oper war im Forst, bei Bier und Brot, und die Helden sind fort.",
        "es": "La ópera y los héroes que operan para beber en el bosque.",
        "pt": "As notícias são de que os heróis foram para a floresta.",
    }
    return [
        Article(id=make_id(own=code), title=code, body=(text,), language=code)
        for code, text in texts.items()
    ]
