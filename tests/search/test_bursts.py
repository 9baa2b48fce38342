"""Bursts by Kleinberg's automaton, against every way through it."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.comparison.bursts import GAMMA, SCALE, Burst, bursts


def cost(states: tuple[int, ...], counts: list[int], totals: list[int]) -> float:
    """Return what a way through the states costs, as the paper has it."""
    calm = sum(counts) / sum(totals)
    shares = (calm, min(SCALE * calm, 0.9999))
    whole, before = 0.0, 0
    for state, r, d in zip(states, counts, totals, strict=True):
        if state > before:
            whole += GAMMA * math.log(len(counts))
        share = shares[state]
        whole -= math.log(math.comb(d, r) * share**r * (1 - share) ** (d - r))
        before = state
    return whole


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9))
def test_no_way_through_the_states_is_cheaper(periods: list[tuple[int, int]]) -> None:
    counts, totals = [r for r, _ in periods], [r + other for r, other in periods]
    found = bursts(counts, totals)
    if not 0 < sum(counts) < sum(totals):
        assert found == ()
        return
    own = [0] * len(counts)
    for burst in found:
        assert not any(own[burst.first : burst.last + 1])
        own[burst.first : burst.last + 1] = [1] * (burst.last + 1 - burst.first)
    if sum(counts) / sum(totals) >= 0.9999:
        assert not found
        return
    best = min(cost(way, counts, totals) for way in product((0, 1), repeat=len(counts)))
    assert cost(tuple(own), counts, totals) == pytest.approx(best, abs=1e-9)


def test_a_week_of_floods_is_a_burst() -> None:
    counts = [1, 0, 1, 9, 8, 1, 0, 1]
    (found,) = bursts(counts, [20] * 8)
    assert (found.first, found.last) == (3, 4)
    assert found.weight > 0
    assert bursts([1] * 8, [20] * 8) == ()
    assert bursts([], []) == ()
    assert isinstance(found, Burst)
