"""What was read from which file, so that a file that has not changed is not read again.

A file is skipped when nothing can have changed: its size, times and inode are those of the last
run, it is read by the same readers, and the archive still holds each of its articles exactly as
they were read then. The last is looked up, not assumed, so that skipping gives the same archive as
reading. Files are left out here whose articles also occur in an earlier file (which one counts
depends on that other file) and those changed so shortly before they were read that a further
change might not show in their times.

The file ``remembered`` holds a head line with the checksum of the rest, one line of JSON, and two
arrays, ids and fingerprints, uint64, little-endian. It belongs to no generation: whatever is wrong
with it, the files are read again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

import corpus
from corpus.readers.protocol import Skip
from indexer.durable import checksum

__all__ = [
    "REMEMBERED_NAME",
    "FileState",
    "Reading",
    "decode",
    "encode",
    "readers_version",
    "state_of",
]

U64 = npt.NDArray[np.uint64]

MAX_SKIPS = 1000
"""A file with more than these to report is read again rather than remembered."""

REMEMBERED_NAME = "remembered"

_HEAD = b"broadsheet-remembered 1 "
_TICK_NS = 50_000_000
_COARSE_TICK_NS = 2_500_000_000
"""A file changed less than this before it was read is not remembered: times are that coarse, the
second where a file system keeps whole seconds only."""

_LIBRARIES = (
    "beautifulsoup4", "dateparser", "defusedxml", "htmldate", "lxml", "py3langid", "trafilatura",
    "tzdata", "warcio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells that a file has changed: bytes, nanoseconds since 1970, and the inode."""

    size: int
    modified: int
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: ids and fingerprints, uint64[n], in order, and what was not."""

    path: str
    state: FileState
    ids: U64
    fingerprints: U64
    skips: tuple[Skip, ...] = ()

    def same_as(self, stored: U64) -> bool:
        """Say whether the archive holds, for each of the ids, what was read from the file."""
        return bool(np.array_equal(self.fingerprints, stored))


def state_of(path: str, *, settled: bool = False) -> FileState | None:
    """Return a regular file's state, or None; with `settled` None when it changed just now."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    last = max(found.st_mtime_ns, found.st_ctime_ns)
    coarse = found.st_mtime_ns % 1_000_000_000 == found.st_ctime_ns % 1_000_000_000 == 0
    if settled and time.time_ns() - last < (_COARSE_TICK_NS if coarse else _TICK_NS):
        return None
    return FileState(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@cache
def readers_version() -> str:
    """Return a digest of everything that decides what is read from a file: code and libraries."""
    digest = hashlib.blake2b(digest_size=16)
    folder = Path(corpus.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    for name in _LIBRARIES:
        try:
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    return digest.hexdigest()


def encode(readings: Iterable[Reading]) -> bytes:
    """Return what was read, as the index folder keeps it."""
    kept = list(readings)
    head = orjson.dumps(
        {
            "readers": readers_version(),
            "files": [
                [
                    os.fsencode(one.path).hex(),
                    one.state.size,
                    one.state.modified,
                    one.state.changed,
                    one.state.inode,
                    len(one.ids),
                    [[os.fsencode(s.path).hex(), s.position, s.reason] for s in one.skips],
                ]
                for one in kept
            ],
        }
    )
    arrays = [one.ids for one in kept] + [one.fingerprints for one in kept]
    body = head + b"\n" + b"".join(array.astype("<u8").tobytes() for array in arrays)
    return _HEAD + checksum(body).encode() + b"\n" + body


def decode(content: bytes) -> Mapping[str, Reading]:
    """Return what was read by path; nothing when other readers read it or it is not in order."""
    seal, _, body = content.partition(b"\n")
    if seal != _HEAD + checksum(body).encode():
        return {}
    head, _, rest = body.partition(b"\n")
    try:
        plain = orjson.loads(head)
        if plain["readers"] != readers_version():
            return {}
        numbers = np.frombuffer(rest, "<u8").astype(np.uint64)
        total = sum(int(row[5]) for row in plain["files"])
        if len(numbers) != 2 * total:
            return {}
        found = {}
        at = 0
        for path, size, modified, changed, inode, count, skips in plain["files"]:
            name = os.fsdecode(bytes.fromhex(path))
            found[name] = Reading(
                name,
                FileState(int(size), int(modified), int(changed), int(inode)),
                numbers[at : at + count],
                numbers[total + at : total + at + count],
                tuple(Skip(os.fsdecode(bytes.fromhex(p)), int(n), str(why)) for p, n, why in skips),
            )
            at += count
    except (ValueError, KeyError, TypeError, IndexError):
        return {}
    return found
