"""Versions of one story on a cluster: the same signatures and rules as in a folder.

Each document keeps the keys and the sketch of its text (`corpus.duplicates`). A batch of new
articles asks the archive for documents that share a key, and is compared with those and with what
was sent since the last refresh, which a search does not see yet.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.core.article import Article
from corpus.duplicates.clusters import Part, cluster
from corpus.duplicates.signatures import KEYS, NO_KEY, SKETCH_BYTES, Signatures, sign
from indexer.segment.idmap import to_numbers
from search.opensearch.mapping import Query

LOOKED_AT = 10_000  # documents of the archive that one batch is compared with at most
FRESH = 50_000  # articles that are remembered beside the archive before it has to be refreshed


@dataclass(frozen=True, slots=True)
class ClusteredDocument:
    """A document of the archive that now belongs to a cluster."""

    index: str
    id: str
    cluster: str


@dataclass(frozen=True, slots=True)
class ClusteredBatch:
    """What was found for a batch: each article's cluster ("" when it stands alone), its keys and
    its sketch as they are stored, and the documents whose cluster has to be written.
    """

    clusters: list[str]
    keys: list[list[str]]
    sketches: list[str]
    joined: list[ClusteredDocument]


class Clusters:
    """Finds clusters for the batches of one writing session.

    `search` sends a search to the archive. `aliases` collects clusters that were joined to others.
    """

    def __init__(self, search: Callable[[Query], Query]) -> None:
        self._search = search
        self._fresh: list[tuple[Part, list[tuple[str, str]]]] = []
        self.aliases: dict[int, int] = {}

    @property
    def full(self) -> bool:
        """Whether the archive should be refreshed, and `refreshed` called."""
        return sum(len(known.ids) for known, _ in self._fresh) > FRESH

    def refreshed(self) -> None:
        """Forget what a search sees by now."""
        self._fresh.clear()

    def find(self, articles: Sequence[Article], places: Sequence[str]) -> ClusteredBatch:
        """Return the clusters of a batch; `places` are the indices that its articles go to."""
        signatures = sign(articles)
        ids = to_numbers([article.id for article in articles])
        replaced = {article.id for article in articles}
        stored = self._stored(signatures, replaced)
        known = [stored, *self._fresh]
        found = cluster([Part(signatures, ids)], [part for part, _ in known], self.aliases)
        self.aliases |= found.aliases
        joined = [
            ClusteredDocument(*known[part][1][number], f"{number_of:016x}")
            for part, number, number_of in found.joined
        ]
        for part, number, number_of in found.joined:
            known[part][0].clusters[number] = number_of
        members = list(zip(places, [article.id for article in articles], strict=True))
        self._fresh.append((Part(signatures, ids, found.clusters.copy()), members))
        return ClusteredBatch(
            [f"{number:016x}" if number else "" for number in found.clusters.tolist()],
            [_names(row) for row in signatures.keys],
            [b64encode(row.tobytes()).decode("ascii") for row in signatures.sketches],
            joined,
        )

    def _stored(
        self, signatures: Signatures, replaced: set[str]
    ) -> tuple[Part, list[tuple[str, str]]]:
        """Return what the archive has that shares a key with the batch."""
        wanted = sorted({name for row in signatures.keys for name in _names(row)})
        hits: list[Query] = []
        if wanted:
            body = {
                "size": LOOKED_AT,
                "query": {"constant_score": {"filter": {"terms": {"bands": wanted}}}},
                "sort": ["_doc"],
                "_source": ["bands", "sketch", "cluster"],
            }
            hits = self._search(body)["hits"]["hits"]
        hits = [hit for hit in hits if hit["_id"] not in replaced]
        count = len(hits)
        keys = np.full((count, KEYS), NO_KEY, np.uint32)
        sketches = np.zeros((count, SKETCH_BYTES), np.uint8)
        clusters: npt.NDArray[np.uint64] = np.zeros(count, np.uint64)
        for number, hit in enumerate(hits):
            source = hit["_source"]
            bands = [int(name, 16) for name in source["bands"]][:KEYS]
            keys[number, : len(bands)] = bands
            sketch = np.frombuffer(b64decode(source["sketch"]), np.uint8)
            sketches[number, : len(sketch)] = sketch[:SKETCH_BYTES]
            if source["cluster"] != hit["_id"]:
                clusters[number] = int(source["cluster"], 16)
        ids = to_numbers([hit["_id"] for hit in hits])
        known = Part(Signatures(keys, sketches), ids, clusters)
        return known, [(hit["_index"], hit["_id"]) for hit in hits]


def _names(keys: npt.NDArray[np.uint32]) -> list[str]:
    return [f"{key:08x}" for key in dict.fromkeys(keys.tolist()) if key != NO_KEY]
