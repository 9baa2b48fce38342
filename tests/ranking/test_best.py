"""The best k are those of sorting everything, however many there are and whatever is equal."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.core.article import Article, make_id
from indexer.segment.arrays import F32, I64, U32, U64
from indexer.segment.segment import NO_DATE
from indexer.store.snapshot import Leaf, Snapshot
from indexer.write.invert import build_segment
from search.embedded.answering import ask
from search.embedded.collect.ranking import (
    FLOOR,
    NEWEST,
    OLDEST,
    RECENT,
    RELEVANCE,
    Order,
    sort,
    top_k,
)
from search.embedded.execute.operands import Matches, Term
from search.embedded.reader import IndexView
from search.embedded.rescore.scoring import PLAIN
from search.embedded.searcher import ArchiveSearcher
from search.request import Request

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

Row = tuple[int, int, int, int]
NOW, HALF_LIFE = 1_000, 100.0


def frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def rows_of(mode: int, leaf: int, docs: U32, scores: F32, dates: I64, ids: U64) -> list[Row]:
    """Return every match as a row, worked out one by one."""
    rows = []
    for doc, score in zip(docs.tolist(), scores, strict=True):
        date = int(dates[doc])
        key = 0
        if mode in (RELEVANCE, RECENT):
            share = 0.0 if date == NO_DATE else 2.0 ** -(max(NOW - date, 0) / HALF_LIFE)
            shown = score if mode == RELEVANCE else float(score) * (FLOOR + (1.0 - FLOOR) * share)
            key = int(np.float32(shown).view(np.int32))
        shown_date = -date if mode == OLDEST and date != NO_DATE else date
        rows.append((key, shown_date, (1 << 63) - 1 - int(ids[doc]), leaf << 32 | doc))
    return rows


def best(mode: int, leaves: list[tuple[U32, F32, I64, U64]], k: int, after: I64) -> I64:
    order = Order(mode, NOW, HALF_LIFE)
    readers = [
        SimpleNamespace(number=leaf, segment=SimpleNamespace(dates=dates, ids=ids))
        for leaf, (_, _, dates, ids) in enumerate(leaves)
    ]
    matches = [Matches(docs, scores) for docs, scores, _, _ in leaves]
    found: I64 = top_k(readers, matches, order, k, after)
    return found


def archive_of(seed: int, sizes: list[int], distinct: int) -> list[tuple[U32, F32, I64, U64]]:
    """Return segments with `distinct` scores and dates, so that a low number makes ties."""
    random = np.random.default_rng(seed)
    ids = random.permutation(sum(sizes)).astype(np.uint64)
    leaves = []
    for size in sizes:
        n_docs = size + 3
        docs = np.sort(random.choice(n_docs, size, replace=False)).astype(np.uint32)
        scores = (random.integers(0, distinct, size) / 8).astype(np.float32)
        dates = random.integers(NOW - distinct, NOW + 10, n_docs)
        dates[random.random(n_docs) < 0.1] = NO_DATE
        own = np.zeros(n_docs, np.uint64)
        own[docs], ids = ids[:size], ids[size:]
        leaves.append((frozen(docs), frozen(scores), frozen(dates), frozen(own)))
    return leaves


@quick
@given(
    seed=st.integers(0, 1 << 32),
    sizes=st.lists(st.sampled_from((0, 1, 15, 16, 17, 40, 300, 2_000)), min_size=1, max_size=3),
    distinct=st.sampled_from((1, 2, 5, 1_000)),
    mode=st.sampled_from((RELEVANCE, NEWEST, OLDEST, RECENT)),
    k=st.sampled_from((0, 1, 2, 3, 11, 75, 500)),
    from_the_middle=st.booleans(),
)  # fmt: skip
def test_the_best_are_those_of_sorting_everything(
    seed: int, sizes: list[int], distinct: int, mode: int, k: int, from_the_middle: bool
) -> None:
    leaves = archive_of(seed, sizes, distinct)
    rows = [row for at, leaf in enumerate(leaves) for row in rows_of(mode, at, *leaf)]
    rows.sort(key=lambda row: row[:3], reverse=True)
    after = np.empty(0, np.int64)
    if from_the_middle and rows:
        after = np.array(rows[len(rows) // 2], np.int64)
        rows = rows[len(rows) // 2 + 1 :]
    found = best(mode, leaves, k, frozen(after))
    assert list(map(tuple, found.tolist())) == rows[:k]


@pytest.mark.parametrize("size", [0, 1, 2, 12, 13, 100, 5_000])
@pytest.mark.parametrize("shape", ["random", "ascending", "descending", "equal", "organ pipe"])
def test_rows_are_sorted_whatever_their_order_was(size: int, shape: str) -> None:
    at = np.arange(size)
    keys = {
        "random": np.random.default_rng(1).integers(0, size // 3 + 1, size),
        "ascending": at,
        "descending": -at,
        "equal": at * 0,
        "organ pipe": np.minimum(at, size - at),
    }[shape]
    rows = np.column_stack((keys, at % 3, at, at)).astype(np.int64)
    wanted = sorted(rows.tolist(), reverse=True)
    sort(rows, size)
    assert rows.tolist() == wanted


@quick
@given(
    seed=st.integers(0, 1 << 32),
    sizes=st.lists(st.sampled_from((1, 130, 700)), min_size=1, max_size=3),
    name_in=st.sampled_from((0.0, 0.02, 0.15)),
    french_in=st.sampled_from((0.0, 0.05)),
    dead=st.sampled_from((0.0, 0.3)),
    k=st.sampled_from((0, 1, 10, 75, 3_000)),
)  # fmt: skip
def test_the_best_of_a_word_of_several_lists_are_those_of_scoring_all(
    seed: int, sizes: list[int], name_in: float, french_in: float, dead: float, k: int
) -> None:
    """A word that is a name in some articles, and one of another language in others."""
    random = np.random.default_rng(seed)
    leaves = []
    for at, size in enumerate(sizes):
        articles = [
            Article(
                id=make_id(own=f"{seed} {at} {number}"),
                title="Report",
                body=(
                    " ".join(
                        random.choice(["port", "ports", "weir", "mill"], random.integers(1, 40))
                    ),
                ),
                authors=("Ann Port",) if random.random() < name_in else (),
                language="fr" if random.random() < french_in else "en",
            )
            for number in range(size)
        ]
        live = frozen(random.random(size) >= dead)
        leaf_live, n_live = (live, int(live.sum())) if dead else (None, size)
        leaves.append(Leaf(build_segment(articles, name=f"s{at}"), leaf_live, n_live))
    reader = IndexView(Snapshot(generation=1, leaves=tuple(leaves)), PLAIN)
    searcher = ArchiveSearcher.over(reader)
    word = ask(Request(text="port", suggest=False), searcher).compile("all").plan
    if not isinstance(word, Term) or not word.has_main_list:
        return
    order = Order(RELEVANCE)
    found, total = searcher.best_of_word(word, order, k)
    matches = searcher.matches(word, True)
    assert total == sum(one.docs.size for one in matches)
    wanted = top_k(reader.leaves, matches, order, k, frozen(np.empty(0, np.int64)))
    assert found.tolist() == wanted.tolist()
