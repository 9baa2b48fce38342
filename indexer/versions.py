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

from corpus.duplicates import Clustering, Known, Signatures, cluster
from indexer.segment import U64, Segment

__all__ = ["Added", "added_to", "find_versions", "join_added"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Added:
    """What was added in a session, in order. ids, fingerprints: uint64[n]."""

    ids: U64
    fingerprints: U64
    signatures: Signatures


def added_to(segment: Segment) -> Added:
    """Return what a segment that was made in the session has of it."""
    signatures = Signatures(segment.version_keys, segment.sketches)
    return Added(segment.ids, segment.fingerprints, signatures)


def join_added(parts: Sequence[Added]) -> Added:
    """Return one after the other; there is one at least."""
    return Added(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.fingerprints for part in parts]),
        Signatures(
            np.concatenate([part.signatures.keys for part in parts]),
            np.concatenate([part.signatures.sketches for part in parts]),
        ),
    )


def find_versions(
    added: Added,
    wanted: Mask,
    archive: Sequence[tuple[Segment, Mask]],
    aliases: Mapping[int, int],
) -> Clustering:
    """Return the clusters of what was added; `wanted`, bool[n], leaves out what was replaced.

    `archive` has its segments and which of their documents are live, in order of arrival.
    """
    known = [
        Known(
            Signatures(segment.version_keys, segment.sketches), segment.ids, segment.clusters, live
        )
        for segment, live in archive
    ]
    return cluster(added.ids, added.signatures, known, aliases, wanted)
