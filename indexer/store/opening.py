"""From a generation that is held to the snapshot that readers use.

Opening reads the tables of contents and maps the segments; it takes milliseconds whatever their
size. What it checks is that every file is there with its committed size and that the small files
(deletions, aliases) have their checksums; a field's or a facet's arrays are verified when they are
first used, see `indexer.segment.validation`.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from indexer.segment.file import SUFFIX
from indexer.segment.segment import Segment
from indexer.segment.validation import open_guarded
from indexer.store.durable import broken, checksum, inaccessible
from indexer.store.generations import GenerationLease
from indexer.store.snapshot import Leaf, Snapshot
from indexer.store.toc import FileEntry, SegmentEntry


def open_snapshot(folder: Path, held: GenerationLease, before: Snapshot | None = None) -> Snapshot:
    """Open a generation; segments that an earlier snapshot has open are shared with it.

    Raises IndexBrokenError, naming the file and what to do; the generation is released then.
    """
    try:
        leaves = _leaves(folder, held, before)
        aliases = read_aliases(folder, held.toc.aliases)
    except BaseException:
        held.release()
        raise
    return Snapshot(
        generation=held.toc.generation,
        leaves=leaves,
        settings=held.toc.settings,
        aliases=aliases,
        committed=held.toc.committed,
        sources=held.toc.sources,
        identity=held.identity,
        held=held,
    )


def _leaves(folder: Path, held: GenerationLease, before: Snapshot | None) -> tuple[Leaf, ...]:
    known: dict[tuple[FileEntry, ...], tuple[SegmentEntry, Leaf]] = {}
    if before is not None and isinstance(before.held, GenerationLease):
        pairs = zip(before.held.toc.segments, before.leaves, strict=True)
        known = {entry.files: (entry, leaf) for entry, leaf in pairs}
    leaves = []
    for entry in held.toc.segments:
        earlier, leaf = known.get(entry.files, (None, None))
        if leaf is None or earlier != entry:
            segment = leaf.segment if leaf else _open(folder, entry, len(held.toc.sources))
            leaf = Leaf(segment, read_live(folder, entry), entry.articles - entry.n_deleted)
        leaves.append(leaf)
    return tuple(leaves)


def read_live(folder: Path, entry: SegmentEntry) -> npt.NDArray[np.bool_] | None:
    """Return which articles of a segment are not deleted, bool[n_docs], None when none is."""
    if entry.deleted is None:
        return None
    packed = np.frombuffer(read_whole(folder, entry.deleted), np.uint8)
    deleted = np.unpackbits(packed, count=entry.articles).astype(np.bool_)
    if len(packed) != (entry.articles + 7) // 8 or int(deleted.sum()) != entry.n_deleted:
        raise broken(folder / entry.deleted.name, "does not fit its segment")
    return ~deleted


def read_whole(folder: Path, file: FileEntry) -> bytes:
    """Return a file's content after checking its size and checksum."""
    path = folder / file.name
    check_size(folder, file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise inaccessible(path, error) from error
    if checksum(content) != file.checksum:
        raise broken(path, "is damaged")
    return content


def check_size(folder: Path, file: FileEntry) -> None:
    """Check that a file is there and as long as it was committed.

    Raises IndexBrokenError, and InaccessibleError when it cannot be looked at now.
    """
    path = folder / file.name
    try:
        found = path.lstat()
    except FileNotFoundError:
        raise broken(path, "is missing") from None
    except OSError as error:
        raise inaccessible(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise broken(path, "is not a plain file")
    if found.st_size != file.size:
        raise broken(path, f"has {found.st_size} bytes where {file.size} were committed")


def _open(folder: Path, entry: SegmentEntry, n_sources: int) -> Segment:
    for file in entry.files:
        check_size(folder, file)
    if [file.name for file in entry.files] != [entry.name + SUFFIX]:
        raise broken(folder / entry.files[0].name, "is not the file of its segment")
    segment = open_guarded(folder, entry.name, n_sources)
    if segment.n_docs != entry.articles:
        raise broken(folder / entry.files[0].name, "has another number of articles than listed")
    return segment


def read_aliases(folder: Path, file: FileEntry | None) -> Mapping[int, int]:
    """Return which cluster was joined to which."""
    if file is None:
        return MappingProxyType({})
    content = read_whole(folder, file)
    if len(content) % 16:
        raise broken(folder / file.name, "is no list of pairs")
    pairs = np.frombuffer(content, "<u8").reshape(-1, 2)
    return MappingProxyType(dict(zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), strict=True)))
