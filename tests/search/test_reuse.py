"""Runs of words that two texts share, against comparing every place with every other."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from search.example.reuse import Run, Runs

TEXTS = st.lists(st.sampled_from("abcd"), max_size=24)


def brute(own: list[str], other: list[str], least: int) -> set[tuple[int, int]]:
    """Return (start, length) of the maximal runs of `other` that `own` has."""
    inside = {tuple(own[a:b]) for a in range(len(own)) for b in range(a + 1, len(own) + 1)}
    runs = [
        (a, b) for a in range(len(other)) for b in range(a + 1, len(other) + 1)
        if tuple(other[a:b]) in inside
    ]  # fmt: skip
    return {
        (a, b - a) for a, b in runs if b - a >= least
        and not any(c <= a and b <= d and (a, b) != (c, d) for c, d in runs)
    }  # fmt: skip


@given(TEXTS, TEXTS, st.integers(1, 5))
def test_shared_runs_are_all_maximal_ones(own: list[str], other: list[str], least: int) -> None:
    found = Runs(own, least).shared(other)
    assert {(run.other, run.length) for run in found} == brute(own, other, least)
    assert len(found) == len({(run.other, run.length) for run in found})
    for run in found:
        passage = other[run.other : run.other + run.length]
        assert own[run.own : run.own + run.length] == passage
        first = next(
            at for at in range(len(own)) if own[at : at + run.length] == passage
        )  # fmt: skip
        assert run.own == first


def test_texts_that_repeat_themselves_take_no_longer() -> None:
    words = ["a"] * 20_000
    began = time.process_time()
    (run,) = Runs(words, 6).shared(words)
    assert run == Run(0, 0, 20_000)
    assert time.process_time() - began < 10  # every place against every other takes minutes
    assert Runs([], 1).shared(["a"]) == []
    assert Runs(["a"], 1).shared([]) == []
