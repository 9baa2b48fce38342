"""The columns of a run: dates, ids, facets, titles, stored articles, by document number."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import tzinfo
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.core.stated_date import precision_of, second_of
from corpus.core.wire import ArticleColumns
from corpus.duplicates.signatures import Signatures, no_signatures
from indexer.analysis.analyser import fold_value
from indexer.analysis.vocabulary import numbering
from indexer.segment.arrays import borders, order_of, rows
from indexer.segment.file import FACETS
from indexer.segment.segment import (
    FIRST_DATE,
    I64,
    LAST_DATE,
    NO_DATE,
    U32,
    U64,
    FacetColumn,
    Segment,
    Strings,
    TextField,
)
from indexer.segment.stored import StoredWriter
from indexer.segment.terms import pack_strings
from indexer.write.versions import Added

LINES = ("language", "published")
"""The fields of which a collector wants one string an article."""


class ColumnCollector:
    """Collects what is kept of each article beside its words.

    `zone` is the archive's; `pool` and `dictionaries` are those of `stored.StoredWriter`, which
    compresses articles.
    """

    def __init__(
        self, zone: tzinfo, pool: Executor | None = None, dictionaries: Sequence[bytes] = ()
    ) -> None:
        self.n_docs = 0
        self._zone = zone
        self._facets = {name: FacetCollector(name) for name in FACETS}
        self._numbers = {
            name: array(row.kind.char)
            for name, row in rows(Segment).items()
            if not (row.is_group or row.width or row.sorts)
        }
        self._strings: dict[str, list[tuple[bytes, I64]]] = {
            name: [] for name, row in rows(Segment).items() if row.kind is Strings
        }
        self._ids: list[U64] = []
        self._signatures: list[Signatures] = []
        self._stored = StoredWriter(pool, dictionaries)
        self._text_bytes = 0

    @property
    def dictionaries(self) -> Sequence[bytes]:
        """What stored articles are compressed with, see `stored.StoredWriter`."""
        return self._stored.dictionaries

    @property
    def nbytes(self) -> int:
        """An estimate of the memory held."""
        return self._stored.nbytes + self._text_bytes + 370 * self.n_docs

    def add(
        self, articles: ArticleColumns, fingerprints: Sequence[int], roots: Sequence[int],
        clusters: Sequence[int],
    ) -> None:  # fmt: skip
        """Add articles, with the fingerprint, the source and the cluster of each."""
        published, zone = articles.lines["published"], self._zone
        for name, numbers in (
            ("dates", [_second(text, zone) if text else NO_DATE for text in published]),
            ("precisions", [precision_of(text) if text else 0 for text in published]),
            ("fingerprints", fingerprints),
            ("roots", roots),
            ("clusters", clusters),
        ):
            self._numbers[name].extend(numbers)
        for name, (data, sizes) in (("titles", articles.titles), ("urls", articles.urls)):
            self._strings[name].append((data, sizes))
            self._text_bytes += len(data)
        self._ids.append(articles.ids)
        self._stored.add_all(articles.rests, articles.rest_sizes)
        for name, facet in self._facets.items():
            facet.add(*articles.lists[name])
        self.n_docs += len(articles.ids)

    def sign(self, signatures: Signatures) -> None:
        """Add the signatures of the next articles, which come in the same order."""
        self._signatures.append(signatures)

    def added(self) -> Added:
        """Return what tells the articles apart, and their versions."""
        signatures = self._signatures or [no_signatures(0)]
        self._signatures = [
            Signatures(
                np.concatenate([batch.keys for batch in signatures]),
                np.concatenate([batch.sketches for batch in signatures]),
            )
        ]
        self._ids = [np.concatenate([np.empty(0, np.uint64), *self._ids])]
        fingerprints = np.array(self._numbers["fingerprints"], np.uint64)
        return Added(self._ids[0], fingerprints, self._signatures[0])

    def segment(self, name: str, text: dict[str, TextField], part_bounds: U32) -> Segment:
        """Return the segment of these columns and text fields."""
        added = self.added()
        columns: dict[str, Any] = {
            name: np.array(numbers or [0] * self.n_docs, numbers.typecode)
            for name, numbers in self._numbers.items()
        }
        columns |= {name: _joined(pieces) for name, pieces in self._strings.items()}
        columns |= {
            "ids": added.ids,
            "version_keys": added.signatures.keys,
            "sketches": added.signatures.sketches,
            "part_bounds": part_bounds,
        }
        columns |= {
            name: order_of(columns[row.sorts]) for name, row in rows(Segment).items() if row.sorts
        }
        heads = {of: columns[of] for of in ("ids", "urls", "titles")}
        facets = {name: facet.column() for name, facet in self._facets.items()}
        return Segment(
            name=name, n_docs=self.n_docs, text=text, facets=facets,
            stored=self._stored.finish(**heads), **columns,
        )  # fmt: skip


def _joined(pieces: Sequence[tuple[bytes, I64]]) -> Strings:
    """Return strings that came as their bytes and sizes."""
    data = b"".join([data for data, _ in pieces])
    sizes = np.concatenate([np.empty(0, np.int64), *(sizes for _, sizes in pieces)])
    return Strings(np.frombuffer(data, np.uint8), borders(sizes))


def _second(text: str, zone: tzinfo) -> int:
    second = second_of(text, zone)
    return second if FIRST_DATE <= second <= LAST_DATE else NO_DATE


class FacetCollector:
    """Collects the values of one facet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spellings = numbering()
        self._flat: list[U32] = []
        self._counts: list[I64] = []

    def add(self, values: Sequence[str], counts: I64) -> None:
        """Add the values of the next articles, and how many each has."""
        numbers = map(self._spellings.__getitem__, values)
        self._flat.append(np.fromiter(numbers, np.uint32, len(values)))
        self._counts.append(counts)

    def column(self) -> FacetColumn:
        """Return the column; of several spellings of a value the most frequent one stands."""
        spelled = list(map(fold_value, self._spellings))
        keys = sorted(set(spelled))
        if keys[:1] == [""]:  # blank, or signs that fold to nothing: no value
            del keys[0]
        places = {key: rank for rank, key in enumerate(keys)}
        ranks = np.array([places.get(key, -1) for key in spelled], np.int64)
        none = np.empty(0, np.int64)
        flat = np.concatenate([none, *self._flat]).astype(np.int64)
        uses = np.bincount(flat, minlength=len(spelled)).tolist()
        best: dict[int, tuple[int, str]] = {}
        for (value, spelling), rank in zip(self._spellings.items(), ranks.tolist(), strict=True):
            candidate = (-uses[spelling], value)
            if rank not in best or candidate < best[rank]:
                best[rank] = candidate
        counts = np.concatenate([none, *self._counts])
        docs = np.repeat(np.arange(len(counts)), counts)
        ordinals = ranks[flat]
        docs, ordinals = docs[ordinals >= 0], ordinals[ordinals >= 0]
        ends = borders(np.bincount(docs, minlength=len(counts)))
        if len(ordinals):  # a value that an article repeats counts once
            pairs = docs * len(keys) + ordinals
            firsts = np.unique(pairs, return_index=True)[1]
            if len(firsts) < len(pairs):
                kept = np.sort(firsts)
                ordinals = ordinals[kept]
                ends = borders(np.bincount(docs[kept], minlength=len(ends) - 1))
        return make_column(
            self.name,
            pack_strings([best[rank][1] for rank in range(len(keys))]),
            pack_strings(keys),
            ends,
            ordinals.astype(np.uint32),
        )


def make_column(
    name: str, values: Strings, keys: Strings, ends: npt.NDArray[np.int64], ordinals: U32
) -> FacetColumn:
    """Return a column from its ordinals, those of document d at [ends[d], ends[d + 1])."""
    docs = np.repeat(np.arange(len(ends) - 1, dtype=np.uint32), np.diff(ends))
    uses = np.bincount(ordinals, minlength=len(keys.offsets) - 1)
    return FacetColumn(
        name=name,
        values=values,
        keys=keys,
        offsets=ends.astype(np.uint32),
        ordinals=ordinals,
        value_starts=borders(uses),
        value_docs=docs[np.argsort(ordinals, kind="stable")],
    )
