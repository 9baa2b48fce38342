"""Versions of one story, as a commit finds them among what was added and in the archive.

The signatures that `corpus.duplicates` compares are columns of every segment. A commit reads the
archive's keys once, gives what was added its clusters before the segment is written, and names the
archive's articles that stood alone and no longer do: segments are never changed, so those are
written anew with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from corpus.duplicates.clusters import Known, cluster
from corpus.duplicates.signatures import Signatures
from indexer.segment.columns import release_pages
from indexer.segment.segment import U64, Segment
from indexer.write.memory import give_back

Mask = npt.NDArray[np.bool_]

_PIECE = 1 << 16
"""Articles that are joined with those before them at once, at most: 10 MB of tables."""

_LEAST_PIECE = 1 << 12
_MOST_HITS = 1 << 20
"""Keys of a piece that the archive may have before the next piece is smaller: 150 MB. In a large
archive many articles have a key in common, and memory would grow with it."""


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


@dataclass(frozen=True, slots=True)
class VersionMatches:
    """clusters: uint64[n] of all that was added. `joined` and `aliases` are those of
    `corpus.duplicates.Clustering`, by the archive's segments."""

    clusters: U64
    joined: tuple[tuple[int, int, int], ...]
    aliases: dict[int, int]


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
) -> VersionMatches:
    """Return the clusters of what was added; `wanted`, bool[n], leaves out what was replaced.

    `archive` has its segments and which of their documents are live, in order of arrival. What
    was added is taken in pieces, each of which joins the archive for the next one: the hash table
    of keys, and what it finds, are as large as a piece needs, however long the session was.
    """
    known = [
        Known(
            Signatures(segment.version_keys, segment.sketches), segment.ids, segment.clusters, live
        )
        for segment, live in archive
    ]
    known_aliases = dict(aliases)
    changed: dict[int, int] = {}
    joined: list[tuple[int, int, int]] = []
    first, most = 0, _PIECE
    for whole in added:
        at = 0
        while at < len(whole.ids):
            piece = whole.part(at, at + most)
            at += most
            live = wanted[first : first + len(piece.ids)]
            first += len(piece.ids)
            found = cluster(piece.ids, piece.signatures, known, known_aliases, live, _release)
            for part, number, into in found.joined:
                if part < len(archive):
                    joined.append((part, number, into))
                    # It counts as a member from now on, in a copy of the segment's column.
                    known[part] = _with_cluster(known[part], number, into, archive[part][0])
                else:
                    known[part].clusters[number] = into
            known.append(Known(piece.signatures, piece.ids, found.clusters, live))
            give_back()
            known_aliases |= found.aliases
            changed |= found.aliases
            if found.hits > _MOST_HITS:
                most = max(most // 2, _LEAST_PIECE)
            elif found.hits < _MOST_HITS // 4:
                most = min(2 * most, _PIECE)
    clusters = [part.clusters for part in known[len(archive) :]]
    return VersionMatches(
        np.concatenate([np.empty(0, np.uint64), *clusters]), tuple(sorted(joined)), changed
    )


def _release(part: Known) -> None:
    """Give back the pages of the file that a part lies in."""
    release_pages(part.signatures.keys)


def _with_cluster(part: Known, number: int, into: int, segment: Segment) -> Known:
    if part.clusters is segment.clusters:
        part = replace(part, clusters=part.clusters.copy())
    part.clusters[number] = into
    return part
