"""Versions of one story, as a commit finds them among what was added and in the archive.

The signatures that `corpus.duplicates` compares are columns of every segment. A commit reads the
archive's keys once, gives what was added its clusters before the segment is written, and names the
archive's articles that stood alone and no longer do: segments are never changed, so those are
written anew with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.duplicates.clusters import Clustering, Part, cluster
from corpus.duplicates.signatures import Signatures
from indexer.segment.columns import release_pages
from indexer.segment.segment import U64, Segment
from indexer.write.memory import give_back

Mask = npt.NDArray[np.bool_]

_PIECE = 1 << 16
"""Articles whose signatures are read from a file at a time: 4 MB."""


@dataclass(frozen=True, slots=True)
class Added:
    """Some of what was added in a session, in order. ids, fingerprints: uint64[n]."""

    ids: U64
    fingerprints: U64
    signatures: Signatures

    def part(self, first: int, last: int) -> Added:
        """Return the articles [first, last)."""
        piece = slice(first, last)
        signatures = Signatures(self.signatures.keys[piece], self.signatures.sketches[piece])
        return Added(self.ids[piece], self.fingerprints[piece], signatures)


def added_to(segment: Segment) -> list[Added]:
    """Return what a segment that was made in the session has of it, in pieces."""
    signatures = Signatures(segment.version_keys, segment.sketches)
    whole = Added(segment.ids, segment.fingerprints, signatures)
    return [whole.part(at, at + _PIECE) for at in range(0, segment.n_docs, _PIECE)]


def find_versions(
    added: Sequence[Added],
    wanted: Mask,
    archive: Sequence[tuple[Segment, Mask]],
    aliases: Mapping[int, int],
) -> Clustering:
    """Return the clusters of what was added; `wanted`, bool[n], leaves out what was replaced.

    `archive` has its segments and which of their documents are live, in order of arrival.
    """
    known = [
        Part(Signatures(of.version_keys, of.sketches), of.ids, of.clusters, live)
        for of, live in archive
    ]
    ends = np.cumsum([0, *(len(piece.ids) for piece in added)])
    new = [
        Part(piece.signatures, piece.ids, live=live)
        for piece, live in zip(added, np.split(wanted, ends[1:-1]), strict=True)
    ]
    found = cluster(new, known, aliases, _release)
    give_back()
    return found


def _release(part: Part) -> None:
    """Give back the pages of the file that a part lies in."""
    release_pages(part.signatures.keys)
