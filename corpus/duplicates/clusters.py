"""From signatures to clusters: new articles joined with each other and with an archive.

Articles that share a key are compared by their sketches, and versions are joined (union-find), so
that a cluster is all that hangs together. Keys are taken in shares, as many as memory asks for: of
a share the new articles' keys go into a hash table, the archive's are read past it, 24 bytes an
article, and what has the same key is compared. So the archive needs no structure of its own and
work is linear in both: an article is compared with at most `MOST_ON_KEY` others for each key, the
first of those that came before it. As long as no key is on more articles than that, the clusters do
not depend on how articles were divided into batches.

A cluster's number is made from its first member, and stays when others join. An article of the
archive that stood alone and has a version now is named in `Clustering.joined`: its number has to be
written. Where a new article joins two clusters, the later one becomes an alias of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus.duplicates import sketches
from corpus.duplicates.signatures import KEYS, SKETCH_BYTES, U8, Signatures
from corpus.duplicates.sketches import KeyTable, join, unite

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

MOST_ON_KEY: int = sketches.MOST_ON_KEY
"""Articles compared for the sake of one key, at most; phrases of boilerplate are on thousands."""

_SHARE = 1 << 21
"""Keys that are compared at a time, about: 150 MB where all of them are on several articles."""


@dataclass(frozen=True, slots=True)
class Part:
    """Articles of an archive, or new ones: n of them, in the order of their arrival.

    ids: uint64[n]. clusters: uint64[n] in the archive, 0 where an article stands alone. live:
    bool[n], or None for all: it leaves out articles that are replaced by later ones, or removed.
    """

    signatures: Signatures
    ids: U64
    clusters: U64 = field(default_factory=lambda: np.empty(0, np.uint64))
    live: Mask | None = None


@dataclass(frozen=True, slots=True)
class Clustering:
    """What was found.

    clusters: uint64[n] of the new articles, 0 for those that stand alone. joined: the archive's
    articles that stood alone and no longer do, as (part, number in it, cluster). aliases: clusters
    to the clusters that they are part of now, all that changed and none in a chain. compared: how
    many pairs of sketches were looked at.
    """

    clusters: U64
    joined: tuple[tuple[int, int, int], ...]
    aliases: dict[int, int]
    compared: int


def cluster(
    new: Sequence[Part],
    known: Sequence[Part] = (),
    aliases: Mapping[int, int] | None = None,
    after_reading: Callable[[Part], None] = lambda _: None,
) -> Clustering:
    """Find the clusters of new articles among themselves and in an archive.

    `aliases` are the archive's so far. `after_reading` is called with a part whenever what is
    needed of it has been copied.
    """
    parts = (*known, *new)
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    n_known = int(starts[len(known)])
    n_new = int(starts[-1]) - n_known
    parents = np.arange(starts[-1], dtype=np.int32)
    n_keys = KEYS * (n_new + min(n_known, MOST_ON_KEY * n_new))
    bits = max(0, (n_keys // _SHARE).bit_length())
    compared = 0
    for share in range(1 << bits if n_new else 0):
        table = KeyTable(bits, share)
        entries = [np.empty((2, 0), np.int32)]  # nodes, and the numbers of their keys
        for number in (*range(len(known), len(parts)), *range(len(known))):
            part, start = parts[number], starts[number]
            look = table.find if number < len(known) else table.add
            entries.append(look(part.signatures.keys, part.live, start))
            after_reading(part)
        entries = entries[len(new) + 1 :] + entries[: len(new) + 1]
        nodes, numbers = np.concatenate(entries, axis=1)
        shared = np.bincount(numbers, minlength=len(table))[numbers] > 1
        nodes, numbers = nodes[shared], numbers[shared]
        words = words_of(_sketches(nodes, parts, starts, after_reading))
        compared += join(numbers, len(table), nodes, words, n_known, parents)
    return Clustering(*_named(parents, parts, starts, len(known), aliases or {}), compared)


def words_of(sketches: U8) -> U64:
    """Return sketches, uint8[..., SKETCH_BYTES], as words of 64 bits, uint64[...]: bins are
    compared sixteen at a time."""
    return np.ascontiguousarray(sketches).view("<u8")


def _sketches(
    nodes: I32, parts: Sequence[Part], starts: I64, after_reading: Callable[[Part], None]
) -> U8:
    """Return the sketches of ascending nodes, uint8[n, SKETCH_BYTES]."""
    found = np.empty((len(nodes), SKETCH_BYTES), np.uint8)
    borders = np.searchsorted(nodes, starts).tolist()
    for part, start, (first, last) in zip(parts, starts, pairwise(borders), strict=False):
        found[first:last] = part.signatures.sketches[nodes[first:last] - start]
        after_reading(part)
    return found


def _named(
    parents: I32, parts: Sequence[Part], starts: I64, n_parts: int, aliases: Mapping[int, int]
) -> tuple[U64, tuple[tuple[int, int, int], ...], dict[int, int]]:
    """Give each group of nodes its cluster's number; returns what `Clustering` begins with.

    parents: int32[n_nodes], each the number of an earlier node or the node's own. The first
    `n_parts` parts are the archive's.
    """
    n_known = starts[n_parts]
    grouped = np.flatnonzero(parents != np.arange(len(parents), dtype=np.int32))
    members = np.union1d(grouped, _united(parents, grouped, grouped)[grouped]).astype(np.int32)
    archived = members[: np.searchsorted(members, n_known)]
    of = np.searchsorted(starts, archived, "right") - 1
    places = archived - starts[of]
    standing = _standing(parts[:n_parts], of, places, aliases)
    clustered = np.flatnonzero(standing)  # few: most articles stand alone
    # The archive's members of one cluster hang together.
    _, firsts, same = np.unique(standing[clustered], return_index=True, return_inverse=True)
    roots = _united(parents, archived[clustered], archived[clustered[firsts]][same])[members]
    heads, group = np.unique(roots, return_inverse=True)
    numbers = np.zeros(len(heads), np.uint64)
    # In order of arrival: the earliest cluster in a group stands, later ones join it.
    groups, firsts = np.unique(group[clustered], return_index=True)
    numbers[groups] = standing[clustered[firsts]]
    for at in np.flatnonzero(numbers == 0).tolist():
        part = int(np.searchsorted(starts, heads[at], "right")) - 1
        place = heads[at] - starts[part]
        sketch = parts[part].signatures.sketches[place]
        numbers[at] = _number_of(int(parts[part].ids[place]), sketch)
    named = numbers[group]
    clusters = np.zeros(len(parents) - n_known, np.uint64)
    clusters[members[len(archived) :] - n_known] = named[len(archived) :]
    moved = clustered[standing[clustered] != named[clustered]]
    joined = dict(zip(standing[moved].tolist(), named[moved].tolist(), strict=True))
    alone = np.flatnonzero(standing == 0)
    return (
        clusters,
        tuple(zip(*(column[alone].tolist() for column in (of, places, named)), strict=True)),
        joined | {one: joined[into] for one, into in aliases.items() if into in joined},
    )


def _united(parents: I32, ones: I64 | I32, others: I64 | I32) -> I32:
    """Return the parents once nodes are joined: each is the first of its group."""
    unite(parents, ones.astype(np.int32), others.astype(np.int32))
    return parents


def _standing(parts: Sequence[Part], of: I64, places: I64, aliases: Mapping[int, int]) -> U64:
    """Return the clusters of articles of the archive by their parts, ascending, and places."""
    found = [np.empty(0, np.uint64)]
    for part, (first, last) in zip(
        parts, pairwise(np.searchsorted(of, range(len(parts) + 1)).tolist()), strict=True
    ):
        found.append(part.clusters[places[first:last]])
    standing = np.concatenate(found)
    if aliases:
        members = np.flatnonzero(standing)
        standing[members] = [aliases.get(one, one) for one in standing[members].tolist()]
    return standing


def _number_of(article: int, sketch: U8) -> int:
    """Return the number of the cluster that an article begins.

    Its text takes part, because an article may be replaced by another text under the same id.
    """
    from hashlib import blake2b  # loads OpenSSL, which a search does not need

    digest = blake2b(article.to_bytes(8, "little") + sketch.tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
