"""One committed generation as readers see it: segments, what is deleted in them, and settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from corpus.core.fields import WEIGHTS
from indexer.segment.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an archive fixes when it is made; changing any of it means to reindex.

    `weights` are those of the parts of an article in the field ``text`` (whole numbers).
    `timezone` is an IANA name: days, months and years of the archive begin there, and a clock that
    names no zone is of it. `language` is what articles are taken to be in whose language neither
    their text nor their source tells; "" stands for that of most of the archive.
    """

    timezone: str = "UTC"
    language: str = ""
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)

    @property
    def zone(self) -> tzinfo:
        """The time zone of that name."""
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)


class Leaf(NamedTuple):
    """A segment in a snapshot. `live`: bool[n_docs] or None when nothing is deleted."""

    segment: Segment
    live: npt.NDArray[np.bool_] | None
    n_live: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A generation. `aliases` maps a cluster id to the cluster that it was joined to.

    `held` keeps the generation's files in the folder for as long as the snapshot is in use.
    `identity` tells this generation from every other, of this folder and of any (`Held`).
    """

    generation: int
    leaves: tuple[Leaf, ...]
    settings: Settings = Settings()
    aliases: Mapping[int, int] = field(default_factory=dict)
    committed: datetime | None = None
    sources: tuple[str, ...] = ()
    identity: str = ""
    held: object = field(default=None, repr=False, compare=False)

    @property
    def n_live(self) -> int:
        """The number of articles that are not deleted."""
        return sum(leaf.n_live for leaf in self.leaves)


def main_language(snapshot: Snapshot) -> str:
    """Return the language of most articles, deleted ones included, "" where none is known.

    Text that Whoosh's query parser is given is analysed by it.
    """
    counts: Counter[str] = Counter()
    for leaf in snapshot.leaves:
        facet = leaf.segment.facets["language"]
        keys, offsets = facet.keys.data.tobytes(), facet.keys.offsets.tolist()
        for at, count in enumerate(np.diff(facet.value_starts).tolist()):
            counts[keys[offsets[at] : offsets[at + 1]].decode()] += count
    return max(counts, key=lambda code: (counts[code], code), default="")
