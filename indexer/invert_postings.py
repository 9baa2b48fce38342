"""The fields that the inversion makes of a run's stream."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count
from operator import not_
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.fields import PRINTED
from indexer.analysis import LENGTHS, encode_length
from indexer.invert_kernels import (
    count_postings,
    find_block_maxima,
    pack_position_forms,
    place_postings,
    sort_forms,
)
from indexer.segment import BLOCK, U8, U32, Strings, TextField
from indexer.vocabulary import Vocabulary

__all__ = ["borders", "form_runs", "invert", "pack_strings"]

_BODY = 2
_FIELDS = {"text": None, "title": 0, "lead": 1}
"""Fields by name, with the only part that counts, unweighted, where there is one."""


def pack_strings(strings: Sequence[str]) -> Strings:
    """Return strings as UTF-8; lone surrogates become ``?``."""
    joined = "".join(strings)
    sizes = list(map(len, strings))
    if not joined.isascii():
        for at in compress(count(), map(not_, map(str.isascii, strings))):
            sizes[at] = len(strings[at].encode("utf-8", "replace"))
    data = np.frombuffer(joined.encode("utf-8", "replace"), np.uint8)
    return Strings(data, borders(np.array(sizes, np.int64)))


def _chosen(strings: Strings, places: npt.NDArray[np.int64]) -> Strings:
    """Return the strings at these places, int64[n]."""
    sizes = np.diff(strings.offsets)[places]
    offsets = borders(sizes)
    shifts = np.repeat(strings.offsets[places] - offsets[:-1], sizes)
    return Strings(strings.data[shifts + np.arange(offsets[-1])], offsets)


def _ranks(order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return ranks


def _sorted(strings: list[str]) -> npt.NDArray[np.int64]:
    """Return the order of strings by code points, which is that of their UTF-8 bytes."""
    return np.array(sorted(range(len(strings)), key=strings.__getitem__), np.int64)


def invert(
    stream: U32, part_ends: npt.NDArray[np.int64], part_docs: U32, part_kinds: U8,
    vocabulary: Vocabulary, n_docs: int, weights: U8,
) -> tuple[dict[str, TextField], U32]:  # fmt: skip
    """Return the text fields by name, and uint32[n_docs, 3], see `Segment.part_bounds`."""
    chunk_starts, chunk_forms, form_terms = vocabulary.arrays()
    terms = vocabulary.terms
    term_order = _sorted(terms)
    term_ranks = _ranks(term_order)
    ordered_terms = [terms[number] for number in term_order.tolist()]
    words = pack_strings(vocabulary.words)
    ranked_terms = term_ranks[form_terms].astype(np.uint32)
    by_term = np.argsort(ranked_terms, kind="stable")
    bounds = np.zeros((n_docs, 3), np.uint32)
    fields = {}
    for name, only in _FIELDS.items():
        if only is None:
            used = weights
        else:
            used = np.zeros(len(weights), np.uint8)
            used[only] = 1
        source = (stream, part_ends, part_docs, part_kinds, used, chunk_starts, chunk_forms)
        fields[name], spans = _invert_field(
            name, source, ranked_terms, ordered_terms, words, by_term, n_docs
        )  # fmt: skip
        if only is None:
            bodies = part_kinds == _BODY
            bounds[part_docs[bodies], :2] = spans[bodies]
            printed = part_kinds < len(PRINTED)
            np.maximum.at(bounds[:, 2], part_docs[printed], spans[printed, 1])
    return fields, bounds


def _invert_field(
    name: str, source: tuple[Any, ...], form_terms: U32, terms: list[str],
    words: Strings, by_term: npt.NDArray[np.int64], n_docs: int,
) -> tuple[TextField, U32]:  # fmt: skip
    """Return a field, its terms numbered in byte order, and the positions of each part.

    `words`: those of all forms; `by_term`: int64[n_forms], the forms by term.
    """
    postings = np.zeros(len(terms), np.int64)
    position_bytes = np.zeros(len(terms), np.int64)
    form_docs = np.zeros(len(by_term), np.int64)
    weighted_lengths = np.zeros(n_docs, np.int64)
    spans = np.zeros((len(source[1]), 2), np.uint32)
    count_postings(
        *source, form_terms, postings, position_bytes, form_docs, weighted_lengths, spans
    )
    starts, blocks, position_starts = (
        borders(counts) for counts in (postings, -(-postings // BLOCK), position_bytes)
    )
    order = by_term[form_docs[by_term] > 0]
    n_forms = np.bincount(form_terms[order], minlength=len(terms)).astype(np.int64)
    form_offsets = borders(n_forms)
    by_name = np.empty(len(order), np.uint32)
    sort_forms(form_offsets, form_docs, words.data, words.offsets, order, by_name)
    slots = np.zeros(len(by_term), np.uint32)
    slots[order] = np.arange(len(order)) - form_offsets[form_terms[order]]
    runs = form_runs(n_forms)
    rows = borders(runs * postings)
    form_starts = np.where(n_forms > 1, rows[:-1], -1)
    total = int(starts[-1])
    packed = np.empty(total, np.uint32)
    positions = np.empty(int(position_starts[-1]), np.uint8)
    block_positions = np.empty(int(blocks[-1]) + 1, np.int64)
    block_positions[-1] = len(positions)
    forms = np.zeros(int(rows[-1]), np.uint8)
    wide = np.uint8 if n_forms.max(initial=0) <= 256 else np.uint32
    position_slots = np.empty(len(positions), wide)
    place_postings(
        *source, form_terms, slots, starts, blocks, position_starts[:-1], form_starts, runs,
        packed, positions, block_positions, forms, position_slots,
    )  # fmt: skip
    block_position_forms = np.empty(int(blocks[-1]) + 1, np.int64)
    position_forms = pack_position_forms(
        starts, blocks, form_offsets, form_starts, forms, positions, block_positions,
        position_slots, by_name, block_position_forms,
    )  # fmt: skip
    del position_slots
    lengths = encode_length(weighted_lengths)
    block_tf = np.empty(int(blocks[-1]), np.uint8)
    block_length = np.empty(int(blocks[-1]), np.uint8)
    find_block_maxima(starts, blocks, packed, lengths, block_tf, block_length)
    kept = np.flatnonzero(postings)
    bounds = np.append(kept, len(terms))
    field = TextField(
        name=name,
        terms=pack_strings([terms[number] for number in kept.tolist()]),
        starts=starts[bounds],
        postings=packed,
        forms=forms,
        form_starts=form_starts[kept],
        form_words=_chosen(words, order),
        form_offsets=form_offsets[bounds],
        blocks=blocks[bounds],
        block_tf=block_tf,
        block_length=block_length,
        positions=positions,
        block_positions=block_positions,
        position_forms=position_forms,
        block_position_forms=block_position_forms,
        lengths=lengths,
        total_length=round(float(LENGTHS[lengths].sum(dtype=np.float64))),
    )
    return field, spans


def form_runs(n_forms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many bytes a posting of a term with so many forms has in `TextField.forms`."""
    return np.where(n_forms > 8, 1 + (n_forms >> 3), n_forms > 1)


def borders(counts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return int64[n + 1], where each of n runs of these lengths begins, and the whole length.

    `counts`: numbers of any type, or bool[n].
    """
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
