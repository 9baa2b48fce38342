"""How bytes reach the disk, so that a power cut leaves either the old state or the new one.

A new file is written under its final name, flushed to the device, and only then mentioned by
another file; a file that is replaced is written beside the old one and renamed over it. After
files appear or are renamed their folder is flushed too, since a name is the folder's to lose.
Where a device lies about `fsync`, no program can promise more than the device does.

Every step has a named fault point. ``BROADSHEET_FAULT=<name>`` kills the process there without
warning, as a power cut would, and ``<name>:2`` when it comes there for the second time. It exists
for the crash tests and costs one comparison.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import xxhash

from corpus.core.errors import BroadsheetError, InaccessibleError, IndexBrokenError

_fault, _, _passes = os.environ.get("BROADSHEET_FAULT", "").partition(":")
_passes_left = int(_passes or 1)

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space and run it again",
    errno.EDQUOT: "the quota is used up: free some space and run it again",
    errno.EFBIG: "the limit on the size of a file is reached: raise it and run it again",
    errno.EROFS: "the file system is read-only: make it writable or choose another folder",
    errno.EACCES: "permission is denied: make the folder writable or choose another",
    errno.EPERM: "permission is denied: make the folder writable or choose another",
    errno.EIO: "the disk reports an error: check the disk, then run it again",
}


_READING_ADVICE = {
    errno.EACCES: "give this user the right to read it",
    errno.EPERM: "give this user the right to read it",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close other programs, or raise the system's limit of open files",
    errno.ENOMEM: "free some memory",
    errno.EIO: "check the disk, and copy the archive to a sound one",
}


def inaccessible(path: Path | str, error: OSError) -> InaccessibleError:
    """Return the error for what the system refuses to read, which need not be damaged."""
    advice = _READING_ADVICE.get(error.errno or 0, "see to that")
    return InaccessibleError(
        f"{path} cannot be read now ({error.strerror or error}): {advice}, then try again. It may"
        " be whole."
    )


def broken(path: Path | str, what: str) -> IndexBrokenError:
    """Return the error for a damaged file, with what to do about it."""
    return IndexBrokenError(
        f"{path} {what}: run `broadsheet check` to see all that is damaged, then `broadsheet"
        " repair`, or restore a backup."
    )


def fault_point(name: str) -> None:
    """Kill this process if the environment names this point (see the module).

    The points that there are stand in the crash tests.
    """
    global _passes_left
    if name == _fault:
        _passes_left -= 1
        if not _passes_left:
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals into a BroadsheetError that says what to do."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(
            error.errno or 0, f"{error.strerror or error}: see to it and run again"
        )
        raise BroadsheetError(
            f"The archive {folder} cannot be written, {advice}. It is as it was before."
        ) from error


def checksum(content: bytes | memoryview) -> str:
    """Return the checksum that the index uses everywhere: XXH3-128 in hexadecimal.

    It finds damage, not forgery; 10 GB/s on the machine it was measured on, where zlib's CRC-32
    does 2.
    """
    return xxhash.xxh3_128_hexdigest(content)


def file_checksum(path: Path, counted: Callable[[int], None] = lambda _: None) -> str:
    """Return the checksum of a whole file, read in pieces of 4 MiB. Raises OSError.

    `counted` is given the bytes of each piece.
    """
    digest = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(1 << 22):
            digest.update(piece)
            counted(len(piece))
    return digest.hexdigest()


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and flush it to the device; on failure no file is left.

    The caller flushes the folder, once for all the files it has written. Raises OSError, also
    when the file exists.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]  # a write may be short
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def replace_file(path: Path, content: bytes, *, beside: str, renamed: str) -> None:
    """Replace a file at once, durably; `beside` and `renamed` are the fault points passed.

    Raises OSError when the old file is still there, and BroadsheetError when the new one is, but
    may not survive a power cut.
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    write_file(new, content)
    fault_point(beside)
    new.rename(path)
    fault_point(renamed)
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise BroadsheetError(
            f"{path} has its new content, but the disk did not confirm that it would survive a"
            f" power cut ({error.strerror}): check the disk."
        ) from error


def sync_file(path: Path) -> None:
    """Flush to the device what is written to a file. Raises OSError."""
    _sync(path, os.O_RDONLY | os.O_CLOEXEC)


def sync_folder(path: Path) -> None:
    """Flush to the device which names a folder has. Raises OSError."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
