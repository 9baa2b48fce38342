"""From signatures to clusters: new articles joined with each other and with an archive.

Articles that share a key are compared by their sketches, and versions are joined (union-find), so
that a cluster is all that hangs together. The new articles' keys go into a hash table; the
archive's keys are read past it once, 24 bytes an article, so that the archive needs no structure
of its own and work is linear in both: an article is compared with at most `MOST_ON_KEY` others for
each key, in the order of arrival. As long as no key is on more articles than that, the clusters do
not depend on how articles were divided into batches.

A cluster's number is made from its first member, and stays when others join. An article of the
archive that stood alone and has a version now is named in `Clustering.joined`: its number has to be
written. Where a new article joins two clusters, the later one becomes an alias of the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus.duplicates import sketches
from corpus.duplicates.signatures import KEYS, NO_KEY, SKETCH_BYTES, U8, U32, Signatures
from corpus.duplicates.sketches import fill, find_hits, find_roots, join

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOST_ON_KEY: int = sketches.MOST_ON_KEY
"""Articles compared for the sake of one key, at most; phrases of boilerplate are on thousands."""

_STRETCH = 1 << 16


@dataclass(frozen=True, slots=True)
class Known:
    """A part of an archive: n articles, in the order of their arrival.

    ids, clusters: uint64[n], 0 where an article stands alone. live: bool[n], or None for all.
    """

    signatures: Signatures
    ids: U64
    clusters: U64
    live: Mask | None = None


@dataclass(frozen=True, slots=True)
class Clustering:
    """What was found.

    clusters: uint64[n] of the new articles, 0 for those that stand alone. joined: the archive's
    articles that stood alone and no longer do, as (part, number in it, cluster). aliases: clusters
    to the clusters that they are part of now, all that changed and none in a chain. compared: how
    many pairs of sketches were looked at; hits: how many keys of new articles the archive had: each
    takes 150 bytes of memory while they are compared.
    """

    clusters: U64
    joined: tuple[tuple[int, int, int], ...]
    aliases: dict[int, int]
    compared: int
    hits: int


def cluster(
    ids: U64,
    signatures: Signatures,
    known: Sequence[Known] = (),
    aliases: Mapping[int, int] | None = None,
    wanted: Mask | None = None,
    after_reading: Callable[[Known], None] = lambda _: None,
) -> Clustering:
    """Find the clusters of new articles among themselves and in an archive.

    ids: uint64[n]; `aliases` are the archive's so far; `wanted` (bool[n]) leaves out articles that
    are replaced by later ones, or removed again. `after_reading` is called with each part of the
    archive whenever what is needed of it has been copied.
    """
    aliases = aliases or {}
    keys = signatures.keys
    if wanted is not None and not wanted.all():
        keys = keys.copy()
        keys[~wanted] = NO_KEY
    table, slots, n_slots = _number_keys(keys)
    hits, hit_slots = _look_up(table, n_slots, known, after_reading)
    n_hits = len(hits)
    is_first = np.diff(hits, prepend=-1) != 0  # they are by part, then by number
    places, nodes = hits[is_first], np.cumsum(is_first) - 1
    del hits, is_first
    starts = np.cumsum([0, *(len(part.ids) for part in known)])
    parts = np.searchsorted(starts, places, "right") - 1
    numbers = places - starts[parts]
    n_known = len(places)
    del places
    sketches, known_ids, known_clusters = _gather(known, parts, numbers, signatures, after_reading)
    known_clusters = _resolve(known_clusters, aliases)
    parents = _join_known(known_clusters, len(ids))
    compared = join(slots, n_slots, hit_slots, nodes, words_of(sketches), n_known, parents)
    return _named(
        np.concatenate((known_ids, ids)), sketches, parents, known_clusters, aliases,
        (compared, n_hits), parts, numbers,
    )  # fmt: skip


def words_of(sketches: U8) -> U64:
    """Return sketches, uint8[..., SKETCH_BYTES], as words of 64 bits, uint64[...]: bins are
    compared sixteen at a time."""
    return np.ascontiguousarray(sketches).view("<u8")


def _look_up(
    table: _Table, n_slots: int, known: Sequence[Known], after_reading: Callable[[Known], None]
) -> tuple[I64, I64]:
    """Return the places in the archive that have a key of the table, with the key's slot."""
    counts = np.zeros(n_slots, np.int64)
    places: list[I64] = []
    found: list[I64] = []
    docs = np.empty(_STRETCH * KEYS, np.int64)
    slots = np.empty(_STRETCH * KEYS, np.int64)
    first = 0
    for part in known:
        for at in range(0, len(part.ids) if n_slots else 0, _STRETCH):
            stretch = part.signatures.keys[at : at + _STRETCH]
            live = part.live[at : at + _STRETCH] if part.live is not None else _ALL[: len(stretch)]
            n = find_hits(stretch, live, *table, counts, docs, slots)
            places.append(docs[:n] + (first + at))
            found.append(slots[:n].copy())
        after_reading(part)
        first += len(part.ids)
    empty = np.empty(0, np.int64)
    return np.concatenate((empty, *places)), np.concatenate((empty, *found))


_ALL = np.ones(_STRETCH, np.bool_)
_Table = tuple[U32, I64]


def _gather(
    known: Sequence[Known],
    parts: I64,
    numbers: I64,
    new: Signatures,
    after_reading: Callable[[Known], None],
) -> tuple[U8, U64, U64]:
    """Return sketches, ids and clusters of the archive's articles at these places, which are
    ascending; after the sketches those of the new articles. There is one copy of each."""
    n = len(parts)
    sketches = np.empty((n + len(new), SKETCH_BYTES), np.uint8)
    ids = np.empty(n, np.uint64)
    clusters = np.empty(n, np.uint64)
    borders = np.searchsorted(parts, np.arange(len(known) + 1))
    for part, (first, last) in zip(known, pairwise(borders.tolist()), strict=True):
        docs = numbers[first:last]
        sketches[first:last] = part.signatures.sketches[docs]
        ids[first:last] = part.ids[docs]
        clusters[first:last] = part.clusters[docs]
        after_reading(part)
    sketches[n:] = new.sketches
    return sketches, ids, clusters


def _resolve(clusters: U64, aliases: Mapping[int, int]) -> U64:
    if not aliases:
        return clusters
    members = np.flatnonzero(clusters)  # few: most articles stand alone
    resolved = clusters.copy()
    resolved[members] = [aliases.get(one, one) for one in clusters[members].tolist()]
    return resolved


def _join_known(clusters: U64, n_new: int) -> I64:
    """Return the parents of a forest in which the archive's members of one cluster hang together,
    int64[], each the number of an earlier node or the node's own."""
    n = len(clusters)
    parents = np.arange(n + n_new)
    members = np.flatnonzero(clusters)  # few: most articles stand alone
    _, firsts, of = np.unique(clusters[members], return_index=True, return_inverse=True)
    parents[members] = members[firsts[of]]
    return parents


def _named(
    ids: U64, sketches: U8, parents: I64, known_clusters: U64, aliases: Mapping[int, int],
    counts: tuple[int, int], parts: I64, numbers_in: I64,
) -> Clustering:  # fmt: skip
    """Give each group of nodes its cluster's number.

    The archive's nodes come first, each with its part and its number in it.
    """
    n_known = len(known_clusters)
    roots = np.empty_like(parents)
    find_roots(parents, roots)
    sizes = np.bincount(roots, minlength=len(roots))
    grouped = np.flatnonzero(sizes[roots] > 1)
    numbers: dict[int, int] = {}
    joined: dict[int, int] = {}
    for node in grouped[grouped < n_known].tolist():
        # In order of arrival: the earliest cluster in a group stands, later ones join it.
        if number := int(known_clusters[node]):
            standing = numbers.setdefault(int(roots[node]), number)
            if standing != number:
                joined[number] = standing
    clusters = np.zeros(len(ids), np.uint64)
    for node in grouped.tolist():
        root = int(roots[node])
        if root not in numbers:
            numbers[root] = _number_of(int(ids[root]), sketches[root])
        clusters[node] = numbers[root]
    alone = [node for node in grouped[grouped < n_known].tolist() if not known_clusters[node]]
    return Clustering(
        clusters=clusters[n_known:],
        joined=tuple(
            (int(parts[node]), int(numbers_in[node]), int(clusters[node])) for node in alone
        ),
        aliases=joined | {one: joined[into] for one, into in aliases.items() if into in joined},
        compared=counts[0],
        hits=counts[1],
    )


def _number_of(article: int, sketch: U8) -> int:
    """Return the number of the cluster that an article begins.

    Its text takes part, because an article may be replaced by another text under the same id.
    """
    from hashlib import blake2b  # loads OpenSSL, which a search does not need

    digest = blake2b(article.to_bytes(8, "little") + sketch.tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def _number_keys(keys: U32) -> tuple[_Table, I64, int]:
    """Return a hash table of the keys, the slot of each (int64[n, KEYS], -1 for none), and how
    many slots there are."""
    size = 1 << max(2 * keys.size - 1, 15).bit_length()
    table = (np.full(size, NO_KEY, np.uint32), np.full(size, -1, np.int64))
    slots = np.full(keys.shape, -1, np.int64)
    n_slots = fill(keys, table[0], table[1], slots)
    return table, slots, n_slots
