"""What was read from which file, so that a file that has not changed is not read again.

A file is passed over when nothing can have changed: its size, times and inode are those of the last
run, it would be read by the same readers, and the archive still holds each of its articles exactly
as they were read then. The last is looked up, not assumed, so passing over gives the same archive
as reading. A file that was changed so shortly before it was read that a further change might not
show in its times is not remembered.

The file ``remembered`` of an index folder is an array file (`indexer.segment.columns`), 60 bytes a
file and 16 an article. It belongs to no generation: whatever is wrong with it, the files are read
again.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
from array import array
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import xxhash

import corpus
from corpus.core.errors import InaccessibleError, IndexBrokenError, OtherVersionError
from corpus.readers.protocol import Skip
from corpus.reading_options import reading_options
from indexer.segment.columns import ArrayFile, ArrayWriter

U64 = npt.NDArray[np.uint64]

REMEMBERED_NAME = "remembered"

MAX_SKIPS = 1000
"""A file with more than these to report is read again rather than remembered."""

_TICK_NS = 50_000_000
_COARSE_TICK_NS = 2_500_000_000
"""A file changed less than this before it was read is not remembered: times are that coarse, the
second where a file system keeps whole seconds only."""

_LIBRARIES = (
    "beautifulsoup4 charset-normalizer json-repair lxml markdown-it-py py3langid tzdata".split()
)


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells that a file has changed: bytes, nanoseconds since 1970, and the inode."""

    size: int
    modified: int
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: ids and fingerprints, uint64[n], each id once, and the skips."""

    state: FileState
    ids: U64
    fingerprints: U64
    skips: tuple[Skip, ...] = ()


def state_of(path: str, *, settled: bool = False) -> FileState | None:
    """Return a file's state, or None; with `settled` None when it changed just now."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    last = max(found.st_mtime_ns, found.st_ctime_ns)
    coarse = found.st_mtime_ns % 1_000_000_000 == found.st_ctime_ns % 1_000_000_000 == 0
    if settled and time.time_ns() - last < (_COARSE_TICK_NS if coarse else _TICK_NS):
        return None
    return FileState(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def readers_version() -> str:
    """Return a digest of everything that decides what is read from a file: code, libraries, and
    what was asked of them."""
    return f"{_code_version()} {reading_options()}"


@cache
def _code_version() -> str:
    import importlib.metadata

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


class Remembered:
    """Readings by path, in arrays. `add` is for new ones, `get` finds those that were loaded."""

    def __init__(self) -> None:
        self._roots: dict[str, int] = {}  # in order, each with its number
        self._keys = array("Q")
        self._root_numbers = array("I")
        self._states = array("q")
        self._counts = array("q")
        self._ids = array("Q")
        self._fingerprints = array("Q")
        self._skips: dict[int, tuple[Skip, ...]] = {}
        self._order: U64 | None = None
        self._starts = np.zeros(1, np.int64)
        self._sorted = np.zeros(0, np.uint64)

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self._keys)

    def add(self, path: str, root: str, reading: Reading) -> None:
        """Remember what was read from a file that `root` led to."""
        if len(reading.skips) > MAX_SKIPS or reading.state.inode >= 1 << 63:
            return
        state = reading.state
        key = _key(path)
        self._keys.append(key)
        self._root_numbers.append(self._roots.setdefault(root, len(self._roots)))
        self._states.extend((state.size, state.modified, state.changed, state.inode))
        self._counts.append(len(reading.ids))
        self._ids.frombytes(reading.ids.astype(np.uint64).tobytes())
        self._fingerprints.frombytes(reading.fingerprints.astype(np.uint64).tobytes())
        if reading.skips:
            self._skips[key] = reading.skips
        self._order = None

    def get(self, path: str) -> Reading | None:
        """Return what was read from a file, or None."""
        if self._order is None:
            keys = np.array(self._keys, np.uint64)
            self._order = np.argsort(keys).astype(np.uint64)
            self._sorted = keys[self._order]
            self._starts = np.concatenate([[0], np.cumsum(self._counts)]).astype(np.int64)
        key = _key(path)
        place = int(np.searchsorted(self._sorted, np.uint64(key)))
        if place == len(self._sorted) or int(self._sorted[place]) != key:
            return None
        return self._reading(int(self._order[place]))

    def _reading(self, row: int) -> Reading:
        start, end = int(self._starts[row]), int(self._starts[row + 1])
        return Reading(
            FileState(*self._states[4 * row : 4 * row + 4]),
            np.array(self._ids[start:end], np.uint64),
            np.array(self._fingerprints[start:end], np.uint64),
            self._skips.get(self._keys[row], ()),
        )

    def take(self, other: Remembered, *, without: Collection[str]) -> None:
        """Add another's readings, those that came from the sources `without` left out."""
        at = 0
        roots = list(other._roots)
        for row, count in enumerate(other._counts):
            root = roots[other._root_numbers[row]]
            if root not in without:
                self._keys.append(other._keys[row])
                self._root_numbers.append(self._roots.setdefault(root, len(self._roots)))
                self._states.extend(other._states[4 * row : 4 * row + 4])
                self._counts.append(count)
                self._ids.extend(other._ids[at : at + count])
                self._fingerprints.extend(other._fingerprints[at : at + count])
                if skips := other._skips.get(other._keys[row]):
                    self._skips[other._keys[row]] = skips
            at += count
        self._order = None

    def encode(self) -> bytes:
        """Return the content of the file ``remembered``."""
        head = orjson.dumps(
            {
                "readers": readers_version(),
                "roots": [_hex(root) for root in self._roots],
                "skips": [
                    [key, [[_hex(one.path), one.position, _hex(one.reason)] for one in skips]]
                    for key, skips in self._skips.items()
                ],
            }
        )
        file = io.BytesIO()
        with ArrayWriter(file) as writer:
            writer.write("head", np.frombuffer(head, np.uint8))
            writer.write("keys", np.array(self._keys, np.uint64))
            writer.write("roots", np.array(self._root_numbers, np.uint32))
            writer.write("states", np.array(self._states, np.int64))
            writer.write("counts", np.array(self._counts, np.int64))
            writer.write("ids", np.array(self._ids, np.uint64))
            writer.write("fingerprints", np.array(self._fingerprints, np.uint64))
        return file.getvalue()

    @classmethod
    def load(cls, path: Path) -> Remembered:
        """Read the file; nothing is remembered when it is not as it was written."""
        found = cls()
        try:
            file = ArrayFile.open(path)
            file.verify()
            head = orjson.loads(file["head"].tobytes())
            if head["readers"] != readers_version():
                return cls()
            found._roots = {_text(root): number for number, root in enumerate(head["roots"])}
            found._skips = {
                int(key): tuple(Skip(_text(p), int(at), _text(why)) for p, at, why in skips)
                for key, skips in head["skips"]
            }
            found._keys.frombytes(_bytes(file, "keys", np.uint64))
            found._root_numbers.frombytes(_bytes(file, "roots", np.uint32))
            found._states.frombytes(_bytes(file, "states", np.int64))
            found._counts.frombytes(_bytes(file, "counts", np.int64))
            found._ids.frombytes(_bytes(file, "ids", np.uint64))
            found._fingerprints.frombytes(_bytes(file, "fingerprints", np.uint64))
        except (IndexBrokenError, ValueError, KeyError, TypeError):
            return cls()
        return found if found._consistent() else cls()

    @staticmethod
    def is_damaged(path: Path) -> bool:
        """Say whether the file is not as it was written."""
        try:
            ArrayFile.open(path).verify()
        except (InaccessibleError, OtherVersionError):
            return False
        except IndexBrokenError:
            return True
        return False

    def _consistent(self) -> bool:
        n = len(self._keys)
        return (
            len(self._root_numbers) == len(self._counts) == n
            and len(self._states) == 4 * n
            and min(self._counts, default=0) >= 0
            and sum(self._counts) == len(self._ids) == len(self._fingerprints)
            and max(self._root_numbers, default=-1) < len(self._roots)
        )


def _key(path: str) -> int:
    return xxhash.xxh3_64_intdigest(os.fsencode(path))


def _bytes(file: ArrayFile, name: str, kind: type[np.generic]) -> bytes:
    return np.ascontiguousarray(file[name], dtype=kind).tobytes()


def _hex(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").hex()


def _text(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-8", "surrogatepass")


def last_places(ids: U64) -> npt.NDArray[np.int64]:
    """Return the places, int64[m] ascending, of the last occurrence of each id."""
    ordered = np.sort(ids)
    if not (ordered[1:] == ordered[:-1]).any():  # nearly always, and in a fifth of the memory
        return np.arange(len(ids))
    last = np.unique(ids[::-1], return_index=True)[1]
    return np.sort(len(ids) - 1 - last)
