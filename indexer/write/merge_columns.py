"""The part of a merge that is not postings: facets, columns, strings, stored articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from indexer.segment.arrays import U8, Strings, borders, order_of, rows, write_parts
from indexer.segment.columns import ArrayWriter, release_pages
from indexer.segment.parts import forget
from indexer.segment.segment import FacetColumn, Segment
from indexer.segment.stored import BLOCK_BYTES, CompressedArticles, StoredWriter, carried
from indexer.write.invert_columns import make_column
from indexer.write.merge_kernels import union_strings
from indexer.write.merge_strings import gather_strings, join_strings, select_strings

if TYPE_CHECKING:
    from indexer.write.merge import MergeSource

_WIDE = 16
"""Bytes an article from which on a column passes through memory: none so wide is kept narrow."""

_AT_ONCE = 1024
"""Blocks that pass through memory at a time, 2 MB or so."""


def merge_facet(writer: ArrayWriter, name: str, sources: Sequence[MergeSource]) -> None:
    """Write the merged column of a facet; values that no live document has are left out.

    Where sources spell a value differently, the spelling of the source with most uses stands.
    """
    facets = [source.segment.facets[name] for source in sources]
    data, spans = join_strings([facet.keys for facet in facets])
    bounds = borders([len(facet.keys.offsets) - 1 for facet in facets])
    numbers, firsts = union_strings(data, spans, bounds)
    ordinals = [np.empty(0, np.uint32)]
    sizes = [np.empty(0, np.int64)]
    uses = [np.empty(0, np.int64)]
    for which, (source, facet) in enumerate(zip(sources, facets, strict=True)):
        borders_ = facet.offsets.astype(np.int64)
        lengths = borders_[1:] - borders_[:-1]
        kept = facet.ordinals[np.repeat(source.live, lengths)]
        ordinals.append(numbers[bounds[which] : bounds[which + 1]][kept])
        sizes.append(lengths[source.live])
        uses.append(np.bincount(kept, minlength=len(facet.keys.offsets) - 1))
    joined = np.concatenate(ordinals)
    used = np.flatnonzero(np.bincount(joined, minlength=len(firsts)))
    renumbered = np.zeros(len(firsts), np.uint32)
    renumbered[used] = np.arange(len(used))
    best = np.lexsort((-np.concatenate(uses), numbers))
    heads = np.searchsorted(numbers[best], used)
    value_data, value_spans = join_strings([facet.values for facet in facets])
    column = make_column(
        name,
        gather_strings(value_data, value_spans, best[heads]),
        gather_strings(data, spans, firsts[used]),
        borders(np.concatenate(sizes)),
        renumbered[joined],
    )
    write_parts(writer, f"facet/{name}/", FacetColumn, column)


def merge_columns(writer: ArrayWriter, sources: Sequence[MergeSource]) -> None:
    """Write what a segment has of each document beside its words, as its rows declare it."""
    columns = rows(Segment)
    orders = {row.sorts: name for name, row in columns.items() if row.sorts}
    for name, row in columns.items():
        if row.kind is Strings:
            parts = [(getattr(source.segment, name), source.live) for source in sources]
            write_parts(writer, f"{name}/", Strings, select_strings(parts))
        elif row.is_group:
            _merge_stored(writer, sources)
        elif not row.sorts:
            pieces = (_piece(source, name) for source in sources)
            if row.width * row.kind.itemsize >= _WIDE:
                writer.stream(name, row.kind, pieces, columns=(row.width,))
                continue
            column = np.concatenate([*pieces])
            writer.write(name, column)
            if name in orders:
                writer.write(orders[name], order_of(column))


def _piece(source: MergeSource, name: str) -> npt.NDArray[Any]:
    """Return the live rows of a source's column."""
    rows: npt.NDArray[Any] = getattr(source.segment, name)
    rows = rows[source.live]
    forget(source.segment)
    return rows


def _merge_stored(writer: ArrayWriter, sources: Sequence[MergeSource]) -> None:
    """Write the stored articles; blocks are copied whole that are large enough and all live, and
    whose dictionary is worth keeping; others are compressed again."""
    stored = [source.segment.stored for source in sources]
    dictionaries, places = carried(stored)
    target = StoredWriter(dictionaries=dictionaries)
    writer.stream("stored/blocks", np.uint8, _stored(target, sources, stored, places))
    for name, array in target.index().items():
        writer.write(f"stored/{name}", array)


def _stored(
    target: StoredWriter,
    sources: Sequence[MergeSource],
    articles: Sequence[CompressedArticles],
    places: Sequence[npt.NDArray[np.int64]],
) -> Iterator[U8]:
    for source, stored, place in zip(sources, articles, places, strict=True):
        firsts = stored.firsts.astype(np.int64)
        counts = np.diff(firsts)
        dictionaries = place[stored.dictionary_of]
        whole = dictionaries > 0
        whole &= np.diff(borders(source.live)[firsts]) == counts
        whole &= np.diff(borders(stored.lengths)[firsts]) >= BLOCK_BYTES // 2
        for begin, end in _stretches(whole):
            first, last = int(firsts[begin]), int(firsts[end])
            if whole[begin]:
                copied = stored.blocks[stored.starts[begin] : stored.starts[end]].copy()
                target.add_blocks(
                    copied, np.diff(stored.starts[begin : end + 1]), stored.lengths[first:last],
                    counts[begin:end], dictionaries[begin:end],
                )  # fmt: skip
            elif source.live[first:last].any():
                text, ends = stored.block(begin)
                for at in np.flatnonzero(source.live[first:last]).tolist():
                    target.add(text[ends[at] : ends[at + 1]])
            yield from target.take()
            if whole[begin] or begin % _AT_ONCE == 0:
                release_pages(stored.blocks)
        release_pages(stored.blocks)
    target.flush()
    yield from target.take()


def _stretches(whole: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield ranges of blocks: of up to _AT_ONCE that are whole, and each of the others."""
    begin = 0
    while begin < len(whole):
        end = begin + 1
        if whole[begin]:
            others = np.flatnonzero(~whole[begin : begin + _AT_ONCE])
            end = begin + int(others[0]) if len(others) else min(begin + _AT_ONCE, len(whole))
        yield begin, end
        begin = end
