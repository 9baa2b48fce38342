"""Every step of rescoring adds to the scores of the best, and takes nothing off any of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ranking.corpora import archives, word
from ranking.oracle import snapshot_of

from corpus.core.article import Article, make_id
from search.embedded.collect.gathering import gather
from search.embedded.collect.ranking import RELEVANCE, Order
from search.embedded.execute.matches import Deadline
from search.embedded.plan.compile import compile_query
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import Scoring, scores_of
from search.embedded.rescore.steps import STEPS, explained, rescored, steps_of
from search.query.nodes import Boost, Should, Word
from search.query.parse import parse

words = st.lists(
    st.builds(Word, word) | st.builds(Boost, st.builds(Word, word), st.sampled_from((0.001, 50.0))),
    min_size=2, max_size=5,
).map(tuple)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(archive=archives(), parts=words, match=st.sampled_from(("all", "any")),
       proximity=st.sampled_from((0.0, 0.3, 5.0)))  # fmt: skip
def test_no_step_takes_anything_off_a_score(
    archive: tuple[list[list[Article]], list[str]], parts: tuple[Word, ...], match: str,
    proximity: float,
) -> None:  # fmt: skip
    reader = IndexView(snapshot_of(*archive)[0], Scoring(proximity=proximity))
    compiled = compile_query(Should(parts), reader, match)
    gathered = gather(reader, compiled.plan, [], True, Deadline(60.0))
    rows = gathered.best(gathered.total, Order(RELEVANCE), collapse=False)
    for step in STEPS:
        if not step.applies(reader, compiled):
            continue
        before = scores_of(rows).copy()
        step.rescore(reader, compiled, rows)
        added = scores_of(rows) - before
        assert (before >= 0).all() and (added >= 0).all()
        for (*_, place), more in zip(rows.tolist(), added.tolist(), strict=True):
            given_ = step.explain(reader, compiled, (place >> 32, place & 0xFFFFFFFF))
            assert all(value >= 0 for _, value in given_)
            assert sum(value for _, value in given_) == pytest.approx(more, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Weir to be closed", "Weir closed"), ("Is the weir open?", "Weir open, weir open"),
        ("The weirs opened", "The weir is open"), ("Wehr-Öffnung und „Not“", "Wehr Öffnung Not"),
        ("Rain, and not the weir", "Not the rain and weir"), ("東京 の 雨 が", "東京の雨が大雨"),
    ],
)  # fmt: skip
def test_a_headline_as_typed_is_first(title: str, other: str) -> None:
    titles = [other, title, f"{title} weir", f"{other} {other}"]
    archive = [
        Article(id=make_id(own=str(at)), title=one, body=(f"{title} {other}.",) * at)
        for at, one in enumerate(titles)
    ]
    reader = IndexView(snapshot_of([archive], [])[0], Scoring())
    parsed = parse(title, now=datetime.now(UTC)).node
    compiled = compile_query(parsed, reader, "all")
    gathered = gather(reader, compiled.plan, [], True, Deadline(60.0))
    rows = gathered.best(gathered.total, Order(RELEVANCE), collapse=False)
    rescored(steps_of(reader, compiled), reader, compiled, rows)
    assert rows[0, 3] == 1
    labels = [label for label, _ in explained(reader, compiled, (0, 1))]
    assert "title as typed" in labels
    assert "title as typed" not in [label for label, _ in explained(reader, compiled, (0, 2))]
