"""Words over-used in one set of articles: the statistic by hand, and the counts by a plain scan."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from contract.articles import make_articles
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.article import Article
from corpus.core.fields import WEIGHTS
from indexer.analysis.analyser import analysed, term
from indexer.whoosh.archive import FolderStore
from search.comparison.keyness import WordCounts, log_likelihood, overused, tells
from search.embedded.engine import EmbeddedEngine
from search.request import Request

TABLES = st.tuples(
    st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)
)  # fmt: skip


def plain(a: int, b: int, without_a: int, without_b: int) -> float:
    """Return G² of a table of two by two, cell by cell."""
    total = a + b + without_a + without_b
    score = 0.0
    for observed, row, column in (
        (a, a + b, a + without_a), (b, a + b, b + without_b),
        (without_a, without_a + without_b, a + without_a),
        (without_b, without_a + without_b, b + without_b),
    ):  # fmt: skip
        if observed:
            score += observed * math.log(observed * total / (row * column))
    return max(2 * score, 0.0)


@given(st.tuples(st.integers(1, 60), st.integers(1, 60)), st.data())
def test_log_likelihood_is_that_of_its_tables(totals: tuple[int, int], data: st.DataObject) -> None:
    one, two = totals
    pairs = data.draw(st.lists(st.tuples(st.integers(0, one), st.integers(0, two)), min_size=1))
    first, second = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    found = log_likelihood(first, second, one, two)
    expected = [plain(a, b, one - a, two - b) for a, b in pairs]
    assert found.tolist() == pytest.approx(expected, abs=1e-9)


def test_words_are_listed_where_they_are_over_used() -> None:
    rows = (("kiln", 30, 1), ("weir", 1, 30), ("town", 20, 20), ("rare", 1, 0))
    first, second = overused(WordCounts(rows, (40, 40), (40, 40)), 5)
    assert [word.word for word in first] == ["kiln"]
    assert [word.word for word in second] == ["weir"]
    assert overused(WordCounts(rows, (40, 0), (40, 0)), 5) == ((), ())
    assert overused(WordCounts((), (0, 0), (0, 0)), 5) == ((), ())


@pytest.mark.parametrize("period", ["2021", "2022"])
def test_words_are_counted_as_by_a_plain_scan(tmp_path: Path, period: str) -> None:
    articles = make_articles(120)
    writer = FolderStore(tmp_path / "index").writer()
    for batch in (articles[:50], articles[50:]):
        writer.put(batch, [1] * len(batch), "made")
        writer.commit()
    writer.remove([articles[3].id, articles[70].id])
    writer.commit()
    writer.close()
    engine = EmbeddedEngine(tmp_path / "index")
    first, second = Request(since=period, until=period), Request(text="harbour", match="all")
    counts = engine.word_counts(first, second)
    expected: dict[str, list[int]] = {}
    forms: dict[str, set[str]] = {}
    for at, request in enumerate((first, second)):
        found = list(engine.scan(request))
        assert counts.totals[at] == counts.found[at] == len(found)
        for article in found:
            for one, written in terms_of(article).items():
                expected.setdefault(one, [0, 0])[at] += 1
                forms.setdefault(one, set()).update(written)
    rows = set(counts.rows)
    some = {(form, *expected[one]) for one, written in forms.items() for form in written}
    assert rows <= some
    for one, written in forms.items():
        if all(tells(form, one) for form in written):
            assert rows & {(form, *expected[one]) for form in written}
    engine.close()


def terms_of(article: Article) -> dict[str, set[str]]:
    """Return the terms of an article, those that stand beside words included, and their forms.

    Names are left out: all articles are in languages with a stemmer.
    """
    found: dict[str, set[str]] = {}
    for name in WEIGHTS.keys() - {"authors", "place", "source"}:
        value = getattr(article, name)
        for text in (value,) if isinstance(value, str) else value:
            for word, further in analysed(text, article.language):
                for one, form in ((word.text, word.text), *further):
                    found.setdefault(term(one, article.language), set()).add(form)
    return found
