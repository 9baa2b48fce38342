"""Kernels that count and mark matches agree with loops that anyone can read."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.embedded.collect.counting import count_periods, count_values, from_bits, mark, set_bits
from search.embedded.typing import U16, U32

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


def some(random: np.random.Generator, n_docs: int, share: float) -> U32:
    """Return about that share of all documents, ascending."""
    return frozen(np.flatnonzero(random.random(n_docs) < share).astype(np.uint32))


def passes_of(random: np.random.Generator, docs: U32, checked: bool) -> U16:
    size = docs.size if checked else 0
    return frozen(random.integers(0, 4, size).astype(np.uint16))


cases = st.tuples(
    st.integers(0, 1 << 32), st.sampled_from((1, 63, 64, 65, 500, 3_000)), st.booleans()
)
shares = st.sampled_from((0.0, 0.01, 0.3, 1.0))


@quick
@given(case=cases, share=shares, most=st.integers(0, 3), mapped=st.booleans())
def test_every_value_of_every_match_that_passes_is_counted(
    case: tuple[int, int, bool], share: float, most: int, mapped: bool
) -> None:
    seed, n_docs, checked = case
    random = np.random.default_rng(seed)
    docs = some(random, n_docs, share)
    sizes = random.integers(0, most + 1, n_docs)
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.uint32)
    ordinals = random.integers(0, 5, int(offsets[-1])).astype(np.uint32)
    numbers = random.permutation(9)[:5].astype(np.uint32) if mapped else np.empty(0, np.uint32)
    passes = passes_of(random, docs, checked)
    wanted = [0] * 9
    for i, doc in enumerate(docs.tolist()):
        if not checked or passes[i] & 2:
            for value in ordinals[offsets[doc] : offsets[doc + 1]].tolist():
                wanted[numbers[value] if mapped else value] += 1
    counts = np.zeros(9, np.int64)
    count_values(
        docs, passes, 2 if checked else 0, frozen(offsets), frozen(ordinals), frozen(numbers),
        counts,
    )  # fmt: skip
    assert counts.tolist() == wanted


@quick
@given(case=cases, share=shares)
def test_every_dated_match_that_passes_counts_for_its_period(
    case: tuple[int, int, bool], share: float
) -> None:
    seed, n_docs, checked = case
    random = np.random.default_rng(seed)
    docs = some(random, n_docs, share)
    days = random.integers(-1, 10, n_docs).astype(np.int32)
    periods = np.sort(random.integers(0, 4, 10)).astype(np.int32)
    passes = passes_of(random, docs, checked)
    wanted = [1, 0, 0, 0]  # counts are added to what is there
    for i, doc in enumerate(docs.tolist()):
        if (not checked or passes[i] & 1) and days[doc] >= 0:
            wanted[periods[days[doc]]] += 1
    counts = np.array([1, 0, 0, 0], np.int64)
    count_periods(docs, passes, 1 if checked else 0, frozen(days), frozen(periods), counts)
    assert counts.tolist() == wanted


@quick
@given(case=cases, share=shares, other_share=shares)
def test_matches_among_others_are_marked_and_no_other_bit_changes(
    case: tuple[int, int, bool], share: float, other_share: float
) -> None:
    seed, n_docs, on = case
    random = np.random.default_rng(seed)
    docs, others = some(random, n_docs, share), some(random, n_docs, other_share)
    passes = random.integers(0, 8, docs.size).astype(np.uint16)
    among = set(others.tolist())
    wanted = [
        (before | 2 if on else before & ~2) if doc in among else before
        for doc, before in zip(docs.tolist(), passes.tolist(), strict=True)
    ]
    mark(docs, others, 2, on, passes)
    assert passes.tolist() == wanted


@quick
@given(case=cases, share=shares)
def test_bits_that_are_set_are_read_back(case: tuple[int, int, bool], share: float) -> None:
    seed, n_docs, inverted = case
    docs = some(np.random.default_rng(seed), n_docs, share)
    bits = np.zeros((n_docs + 63) // 64, np.uint64)
    set_bits(docs, bits)
    out = np.empty(n_docs + 1, np.uint32)
    n = from_bits(bits, inverted, n_docs, out)
    wanted = set(range(n_docs)) - set(docs.tolist()) if inverted else docs.tolist()
    assert out[:n].tolist() == sorted(wanted)
