"""The fields that the inversion makes of a run's stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.core.fields import PRINTED
from indexer.analysis.analyser import LENGTHS, encode_length
from indexer.analysis.vocabulary import Vocabulary
from indexer.analysis.word_table import sort_strings
from indexer.segment.arrays import borders
from indexer.segment.segment import BLOCK, I64, U8, U32, Strings, TextField
from indexer.write.invert_kernels import (
    count_postings,
    find_block_maxima,
    pack_position_forms,
    place_postings,
    sort_forms,
)
from indexer.write.merge_strings import chosen_strings

_BODY = 2
_FIELDS = {"text": None, "title": 0, "lead": 1}
"""Fields by name, with the only part that counts, unweighted, where there is one."""


def _ranks(order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return ranks


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a run's documents, as `invert_kernels` describes its arrays."""

    stream: U32
    part_ends: I64
    part_docs: U32
    part_kinds: U8
    weights: U8
    chunk_starts: I64
    chunk_forms: U32
    form_terms: U32


@dataclass(frozen=True, slots=True)
class _Terms:
    """Terms in byte order, the words of all forms, and the forms by term: int64[n_forms]."""

    terms: Strings
    words: Strings
    by_term: I64


@dataclass(frozen=True, slots=True)
class Layout:
    """Where what belongs to each term goes: borders, int64[n_terms + 1].

    form_starts: int64[n_terms], -1 for terms of one form; runs:
    int64[n_terms], see `form_runs`. The others are as in `TextField`.
    """

    starts: I64
    blocks: I64
    position_starts: I64
    form_offsets: I64
    form_starts: I64
    runs: I64


@dataclass(frozen=True, slots=True)
class Written:
    """Arrays of `TextField` that `invert_kernels` writes."""

    postings: U32
    positions: U8
    block_positions: I64
    forms: U8


def invert(
    parts: tuple[U32, I64, U32, U8], weights: U8, vocabulary: Vocabulary, n_docs: int
) -> tuple[dict[str, TextField], U32]:
    """Return the text fields by name, and uint32[n_docs, 3], see `Segment.part_bounds`.

    `parts` are the first four arrays of `Tokens`.
    """
    chunk_starts, chunk_forms, form_terms = vocabulary.arrays()
    _, _, part_docs, part_kinds = parts
    terms = vocabulary.terms
    term_order = sort_strings(terms.data, terms.offsets)
    ranked_terms = _ranks(term_order)[form_terms].astype(np.uint32)
    ordered = _Terms(
        chosen_strings(terms, term_order), vocabulary.words, np.argsort(ranked_terms, kind="stable")
    )
    bounds = np.zeros((n_docs, 3), np.uint32)
    fields = {}
    for name, only in _FIELDS.items():
        if only is None:
            used = weights
        else:
            used = np.zeros(len(weights), np.uint8)
            used[only] = 1
        tokens = Tokens(*parts, used, chunk_starts, chunk_forms, ranked_terms)
        fields[name], spans = _invert_field(name, tokens, ordered, n_docs)
        if only is None:
            bodies = part_kinds == _BODY
            bounds[part_docs[bodies], :2] = spans[bodies]
            printed = part_kinds < len(PRINTED)
            np.maximum.at(bounds[:, 2], part_docs[printed], spans[printed, 1])
    return fields, bounds


def _invert_field(name: str, tokens: Tokens, of: _Terms, n_docs: int) -> tuple[TextField, U32]:
    """Return a field, its terms numbered in byte order, and the positions of each part."""
    n_terms = len(of.terms.offsets) - 1
    postings, position_bytes, form_docs, weighted_lengths, spans = count_postings(
        tokens, n_terms, n_docs
    )
    order = of.by_term[form_docs[of.by_term] > 0]
    n_forms = np.bincount(tokens.form_terms[order], minlength=n_terms).astype(np.int64)
    form_offsets = borders(n_forms)
    by_name = np.empty(len(order), np.uint32)
    sort_forms(form_offsets, form_docs, of.words.data, of.words.offsets, order, by_name)
    slots = np.zeros(len(of.by_term), np.uint32)
    slots[order] = np.arange(len(order)) - form_offsets[tokens.form_terms[order]]
    runs = form_runs(n_forms)
    rows = borders(runs * postings)
    layout = Layout(
        borders(postings), borders(-(-postings // BLOCK)), borders(position_bytes), form_offsets,
        np.where(n_forms > 1, rows[:-1], -1), runs,
    )  # fmt: skip
    n_positions, n_blocks = int(layout.position_starts[-1]), int(layout.blocks[-1])
    written = Written(
        postings=np.empty(int(layout.starts[-1]), np.uint32),
        positions=np.empty(n_positions, np.uint8),
        block_positions=np.full(n_blocks + 1, n_positions, np.int64),
        forms=np.zeros(int(rows[-1]), np.uint8),
    )
    wide = np.uint8 if n_forms.max(initial=0) <= 256 else np.uint32
    position_slots = np.empty(n_positions, wide)
    place_postings(tokens, slots, layout, written, position_slots)
    position_forms, block_position_forms = pack_position_forms(
        layout, written, position_slots, by_name
    )
    del position_slots
    lengths = encode_length(weighted_lengths)
    block_tf, block_length = np.empty((2, n_blocks), np.uint8)
    find_block_maxima(
        layout.starts, layout.blocks, written.postings, lengths, block_tf, block_length
    )
    kept = np.flatnonzero(postings)
    bounds = np.append(kept, n_terms)
    field = TextField(
        name=name,
        terms=chosen_strings(of.terms, kept),
        starts=layout.starts[bounds],
        postings=written.postings,
        forms=written.forms,
        form_starts=layout.form_starts[kept],
        form_words=chosen_strings(of.words, order),
        form_offsets=form_offsets[bounds],
        blocks=layout.blocks[bounds],
        block_tf=block_tf,
        block_length=block_length,
        positions=written.positions,
        block_positions=written.block_positions,
        position_forms=position_forms,
        block_position_forms=block_position_forms,
        lengths=lengths,
        total_length=round(float(LENGTHS[lengths].sum(dtype=np.float64))),
    )
    return field, spans


def form_runs(n_forms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many bytes a posting of a term with so many forms has in `TextField.forms`."""
    return np.where(n_forms > 8, 1 + (n_forms >> 3), n_forms > 1)
