"""The columns of a run: dates, ids, facets, titles, stored articles, by document number."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from corpus.article import Article
from corpus.duplicates import Signatures, no_signatures, sign
from indexer.analysis import fold_value
from indexer.invert_postings import borders, pack_strings
from indexer.segment import NO_DATE, U32, FacetColumn, Segment, Strings, TextField
from indexer.segment_file import FACETS
from indexer.stored import StoredWriter, json_rest
from indexer.versions import Added

__all__ = ["ColumnCollector", "make_column"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_ID = re.compile("[0-9a-f]{16}")


class ColumnCollector:
    """Collects what is kept of each article beside its words; `pool` compresses them."""

    def __init__(self, pool: Executor | None = None) -> None:
        self.n_docs = 0
        self._facets = {name: FacetCollector(name) for name in FACETS}
        self._dates = array("q")
        self._ids = array("Q")
        self._fingerprints = array("Q")
        self._clusters = array("Q")
        self._signatures: list[Signatures] = []
        self._roots = array("L" if array("L").itemsize == 4 else "I")
        self._titles: list[str] = []
        self._urls: list[str] = []
        self._stored = StoredWriter(pool)
        self._text_bytes = 0

    @property
    def nbytes(self) -> int:
        """An estimate of the memory held."""
        return self._stored.nbytes + self._text_bytes + 370 * self.n_docs

    def add_numbers(
        self, articles: Sequence[Article], fingerprints: Sequence[int], roots: Sequence[int],
        clusters: Sequence[int],
    ) -> None:  # fmt: skip
        """Add the numbers of articles; raises ValueError, adding none, for an id that is none."""
        ids = [_id_number(article.id) for article in articles]
        self._ids.extend(ids)
        self._fingerprints.extend(fingerprints)
        self._roots.extend(roots)
        self._clusters.extend(clusters)
        self._dates.extend([_seconds(article.published) for article in articles])

    def add_texts(self, articles: Sequence[Article]) -> None:
        """Add the rest of the same articles."""
        self._signatures.append(sign(articles))
        for article in articles:
            self._titles.append(article.title)
            self._urls.append(article.url)
            self._text_bytes += len(article.title) + len(article.url)
            self._stored.add(json_rest(article))
        for name, facet in self._facets.items():
            facet.add([getattr(article, name) for article in articles])
        self.n_docs += len(articles)

    def added(self) -> Added:
        """Return what tells the articles apart, and their versions."""
        signatures = self._signatures or [no_signatures(0)]
        self._signatures = [
            Signatures(
                np.concatenate([batch.keys for batch in signatures]),
                np.concatenate([batch.sketches for batch in signatures]),
            )
        ]
        return Added(
            np.array(self._ids, np.uint64),
            np.array(self._fingerprints, np.uint64),
            self._signatures[0],
        )

    def segment(self, name: str, text: dict[str, TextField], body_starts: U32) -> Segment:
        """Return the segment of these columns and text fields."""
        dates = np.array(self._dates, np.int64)
        added = self.added()
        titles, urls = pack_strings(self._titles), pack_strings(self._urls)
        return Segment(
            name=name,
            n_docs=self.n_docs,
            text=text,
            facets={name: facet.column() for name, facet in self._facets.items()},
            dates=dates,
            by_date=np.argsort(dates, kind="stable").astype(np.uint32),
            ids=added.ids,
            by_id=np.argsort(added.ids, kind="stable").astype(np.uint32),
            clusters=np.array(self._clusters, np.uint64),
            version_keys=added.signatures.keys,
            sketches=added.signatures.sketches,
            fingerprints=added.fingerprints,
            roots=np.array(self._roots, np.uint32),
            body_starts=body_starts,
            titles=titles,
            urls=urls,
            stored=self._stored.finish(added.ids, urls, titles),
        )


def _id_number(text: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError(f"the id {text!r} is not 16 lower-case hexadecimal digits")
    return int(text, 16)


def _seconds(date: datetime | None) -> int:
    if date is None:
        return NO_DATE
    return (date - _EPOCH) // _SECOND


class FacetCollector:
    """Collects the values of one facet."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spellings: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._spelling_keys: list[int] = []
        self._flat = array("I")
        self._ends = array("q", [0])

    def add(self, rows: Sequence[str | tuple[str, ...]]) -> None:
        """Add the value or values of the next articles."""
        flat, spellings = self._flat, self._spellings
        if not any(rows):
            self._ends.extend([len(flat)] * len(rows))
            return
        for values in rows:
            if values:
                for value in (values,) if isinstance(values, str) else values:
                    spelling = spellings.get(value)
                    if spelling is None:
                        spelling = self._new(value)
                    if spelling >= 0:
                        flat.append(spelling)
            self._ends.append(len(flat))

    def _new(self, value: str) -> int:
        value_key = fold_value(value)
        if not value_key:
            self._spellings[value] = -1
            return -1
        spelling = self._spellings[value] = len(self._spelling_keys)
        self._spelling_keys.append(self._keys.setdefault(value_key, len(self._keys)))
        return spelling

    def column(self) -> FacetColumn:
        """Return the column; of several spellings of a value the most frequent one stands."""
        keys = list(self._keys)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ranks = np.empty(len(keys), np.uint32)
        ranks[order] = np.arange(len(keys))
        flat = np.array(self._flat, np.int64)
        uses = np.bincount(flat, minlength=len(self._spelling_keys)).tolist()
        best: dict[int, tuple[int, str]] = {}
        for value, spelling in self._spellings.items():
            if spelling >= 0:
                rank = int(ranks[self._spelling_keys[spelling]])
                candidate = (-uses[spelling], value)
                if rank not in best or candidate < best[rank]:
                    best[rank] = candidate
        ends = np.array(self._ends, np.int64)
        ordinals = ranks[np.array(self._spelling_keys, np.int64)[flat]]
        docs = np.repeat(np.arange(len(ends) - 1, dtype=np.uint32), np.diff(ends))
        if len(ordinals):  # a value that an article repeats counts once
            pairs = docs.astype(np.int64) * len(keys) + ordinals
            firsts = np.unique(pairs, return_index=True)[1]
            if len(firsts) < len(pairs):
                kept = np.sort(firsts)
                ordinals = ordinals[kept]
                ends = borders(np.bincount(docs[kept], minlength=len(ends) - 1))
        return make_column(
            self.name,
            pack_strings([best[rank][1] for rank in range(len(keys))]),
            pack_strings([keys[number] for number in order]),
            ends,
            ordinals,
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
