"""Kernels that count and mark matches agree with loops that anyone can read."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.segment.arrays import U16, U32
from search.embedded.collect.counting import from_bits, mark, set_bits
from search.embedded.collect.value_counts import Slots, greatest
from search.embedded.execute.operands import Matches

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
@given(
    case=cases, share=shares, most=st.sampled_from((0, 1, 3, 40)), mapped=st.booleans(),
    size=st.sampled_from((9, 70_000)),
)  # fmt: skip
def test_every_value_of_every_match_that_passes_is_counted(
    case: tuple[int, int, bool], share: float, most: int, mapped: bool, size: int
) -> None:
    seed, n_docs, checked = case
    random = np.random.default_rng(seed)
    wanted = [0] * size
    columns, found, passes = [], [], []
    for _ in range(2):  # segments
        docs = some(random, n_docs, share)
        sizes = random.integers(0, most + 1, n_docs)
        offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.uint32)
        ordinals = random.integers(0, 5, int(offsets[-1])).astype(np.uint32)
        numbers = random.permutation(size)[:5].astype(np.uint32) if mapped else np.empty(0, "u4")
        own = passes_of(random, docs, checked)
        for i, doc in enumerate(docs.tolist()):
            if not checked or own[i] & 2:
                for value in ordinals[offsets[doc] : offsets[doc + 1]].tolist():
                    wanted[numbers[value] if mapped else value] += 1
        columns.append((frozen(offsets), frozen(ordinals), frozen(numbers)))
        found.append(Matches(docs))
        passes.append(own)
    counts = Slots(size, columns).counts(found, passes if checked else [], 2 if checked else 0)
    assert counts.tolist() == wanted
    having = sorted([(-count, value) for value, count in enumerate(wanted) if count])
    assert greatest(counts, 3) == ([(value, -count) for count, value in having[:3]], len(having))
    assert greatest(counts, 0) == ([], len(having))


@quick
@given(case=cases, share=shares)
def test_every_match_of_a_known_slot_that_passes_is_counted(
    case: tuple[int, int, bool], share: float
) -> None:
    seed, n_docs, checked = case
    random = np.random.default_rng(seed)
    docs = some(random, n_docs, share)
    periods = random.integers(0, 5, n_docs).astype(np.int32)  # 4 stands for none
    passes = passes_of(random, docs, checked)
    wanted = [0, 0, 0, 0, 0]
    for i, doc in enumerate(docs.tolist()):
        if not checked or passes[i] & 1:
            wanted[periods[doc]] += 1
    slots = Slots(4, [], [periods])
    counts = slots.counts([Matches(docs)], [passes] if checked else [], 1 if checked else 0)
    assert counts.tolist() == wanted[:4]


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
