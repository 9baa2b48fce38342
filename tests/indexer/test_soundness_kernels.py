"""What holds arrays of a segment to each other finds what a slow look at each number finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.core.article import Article
from indexer.segment.segment import BLOCK, LAST, MORE
from indexer.segment.validation_kernels import blocks_agree, divide_up, place_forms, records_agree
from indexer.write.invert import build_segment
from indexer.write.invert_postings import form_runs

numbers = st.lists(st.integers(-3, 40), max_size=12)


@given(numbers, st.booleans(), st.integers(0, 40))
@settings(deadline=None)
def test_borders_divide_up_a_whole(values: list[int], ordered: bool, end: int) -> None:
    borders = [0, *sorted(values), end] if ordered else values
    expected = bool(borders) and borders[0] == 0 and borders[-1] == end
    expected = expected and sorted(borders) == borders
    assert divide_up(np.array(borders, np.int64), end) == expected


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30))))
@settings(deadline=None)
def test_forms_lie_one_after_the_other(terms: list[tuple[int, int]]) -> None:
    starts = np.cumsum([0, *(postings for postings, _ in terms)])
    form_offsets = np.cumsum([0, *(forms for _, forms in terms)])
    found = np.empty(len(terms), np.int64)
    expected, at = [], 0
    for (postings, forms), runs in zip(terms, form_runs(np.diff(form_offsets)), strict=True):
        expected.append(at if forms > 1 else -1)
        at += int(runs) * postings if forms > 1 else 0
    assert place_forms(starts, form_offsets, found) == at
    assert found.tolist() == expected


def encoded(counts: list[int], lengths: list[int]) -> tuple[Any, Any, Any, Any]:
    """Return starts, blocks, positions and block_positions of terms with so many postings.

    The postings take as many bytes as `lengths` says, over and over.
    """
    positions, block_positions, blocks = bytearray(), [0], [0]
    which = 0
    for count in counts:
        for first in range(0, count, BLOCK):
            for _ in range(min(BLOCK, count - first)):
                length = lengths[which % len(lengths)]
                which += 1
                positions += bytes((MORE | LAST | 7, MORE, 5)[i % 3] for i in range(length - 1))
                positions.append(LAST | (which & 31))
            block_positions.append(len(positions))
        blocks.append(len(block_positions) - 1)
    whole = np.frombuffer(bytes(positions), np.uint8)
    return np.cumsum([0, *counts]), np.array(blocks), whole, np.array(block_positions)


def agree(starts: Any, blocks: Any, positions: Any, block_positions: Any) -> bool:
    words = positions[: len(positions) & ~7].view(np.uint64)
    return bool(blocks_agree(starts, blocks, positions, words, block_positions))


@given(
    st.lists(st.integers(1, 3 * BLOCK), min_size=1, max_size=6),
    st.lists(st.integers(1, 70), min_size=1, max_size=5),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_blocks_of_positions_end_as_many_postings_as_they_have(
    counts: list[int], lengths: list[int], data: Any
) -> None:
    starts, blocks, positions, block_positions = encoded(counts, lengths)
    assert agree(starts, blocks, positions, block_positions)
    at = data.draw(st.integers(0, len(positions) - 1))
    changed = positions.copy()
    changed[at] = data.draw(st.integers(0, 255))
    ends = (positions[at] & (MORE | LAST)) == LAST
    assert agree(starts, blocks, changed, block_positions) == (
        ((changed[at] & (MORE | LAST)) == LAST) == ends
    )
    if len(block_positions) > 2:
        moved = block_positions.copy()
        moved[data.draw(st.integers(1, len(moved) - 2))] += 1
        assert not agree(starts, blocks, positions, np.minimum(moved, len(positions)))


def test_each_posting_of_several_forms_has_its_record() -> None:
    texts = ["run runs " * (1 + n % 4) + "running news" for n in range(300)]
    found = [Article(id=f"{n:016x}", body=(text,), language="en") for n, text in enumerate(texts)]
    field = build_segment(found).text["text"]

    def holds(records: Any, blocks: Any) -> bool:
        return bool(
            records_agree(
                field.starts, field.blocks, field.form_offsets, field.form_starts, field.forms,
                records, blocks,
            )
        )  # fmt: skip

    records, blocks = field.position_forms, field.block_position_forms
    assert len(records) > 300
    assert holds(records, blocks)
    for at in range(0, len(records), 7):
        other = records.copy()
        other[at] ^= 128  # a record more, or one less
        assert not holds(other, blocks)
    moved = blocks.copy()
    moved[np.flatnonzero(np.diff(blocks))[0] + 1] -= 1
    assert not holds(records, moved)
