"""One writer at a time: a lock that a dead process cannot keep.

The lock is `flock` on a file in the index folder, so the kernel gives it back when its holder
ends, however that happens. The file says who holds it, for the message to the one who waits; it
is never removed, because a lock on a removed file excludes nobody.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from corpus.core.errors import IndexLockedError

LOCK_NAME = "writer.lock"

_POLL_SECONDS = 0.05
_GLANCE_SECONDS = 0.25
"""How long to wait in any case, for somebody who only looks whether the lock is held."""

_DYING_SECONDS = 2.0
"""How long to wait for the kernel to take the lock from a holder that was just killed."""


class WriterLock:
    """The right to write to an index folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._folder = folder
        self._handle = -1

    def acquire(self, wait: float = 0.0) -> None:
        """Take the lock, waiting up to `wait` seconds for another writer to finish.

        Raises IndexLockedError, saying which process holds it and since when, and OSError when
        the folder cannot be written.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            begun = time.monotonic()
            while not _try_lock(handle):
                holder, since = _parse(os.pread(handle, 4096, 0))
                patience = max(wait, _GLANCE_SECONDS if _alive(holder) else _DYING_SECONDS)
                if time.monotonic() - begun >= patience:
                    raise IndexLockedError(
                        f"The archive {self._folder} is being written"
                        + (f" by process {holder} since {since}" if holder else "")
                        + ": let it finish, or run this again with --wait."
                    )
                time.sleep(_POLL_SECONDS)
            holder_line = json.dumps(
                {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
            )
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder_line.encode(), 0)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._handle >= 0:
            with suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = -1

    def forget(self) -> None:
        """Close the lock in a forked child, whose parent goes on holding it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def writing_process(folder: Path) -> int:
    """Return the number of the process that writes to an index folder, 0 when none does.

    Reads a small file and takes no lock, so it is in nobody's way.
    """
    try:
        content = (folder / LOCK_NAME).read_bytes()[:4096]
    except OSError:
        return 0
    holder, _ = _parse(content)
    return holder if holder and _alive(holder) else 0


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _parse(content: bytes) -> tuple[int, str]:
    """Return the holder's process number and start, (0, "") when the file does not tell."""
    try:
        holder = json.loads(content)
        since = datetime.fromisoformat(holder["since"])
        return int(holder["pid"]), since.strftime("%H:%M:%S UTC on %d %B %Y")
    except (ValueError, KeyError, TypeError, OverflowError):
        return 0, ""


def _alive(process: int) -> bool:
    if process <= 0:
        return True  # unknown: it may have the lock and not yet have said so
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
