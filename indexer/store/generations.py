"""The index folder: numbered generations, and one pointer that says which of them counts.

    CURRENT                      which generation counts; replaced at once
    generation-00000007.toc      its table of contents, see `indexer.store.toc`
    segment-…, deleted-…, …      the files it lists; written once, never changed
    remembered                   see `indexer.update.file_manifest`; costs time when lost
    quarantine                   what `indexer.care.repair` moved out of the way; never removed
    shelf.sqlite                 what readers keep, see `indexer.store.beside`; never removed
    writer.lock                  see `indexer.store.lock`

A commit writes and flushes new files, then the table of contents, then the pointer: the rename of
the pointer is the moment of the commit. A reader holds a shared `flock` on the table of contents
that it opened; the writer removes a generation only when it gets an exclusive one, and with it the
files that no remaining generation lists. So readers wait for nobody and nothing is pulled away
from under them, also when they are other processes, and a dead reader holds nothing.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
import weakref
from contextlib import ExitStack, suppress
from pathlib import Path

from corpus.core.errors import IndexBrokenError, OtherVersionError
from indexer.store import durable
from indexer.store import toc as contents
from indexer.store.beside import SHELF_NAMES
from indexer.store.lock import LOCK_NAME

POINTER_NAME = "CURRENT"
QUARANTINE_NAME = "quarantine"

_OURS = re.compile(
    r"CURRENT(\.new)?|remembered(\.new)?|writer\.lock|quarantine|shelf\.sqlite(-wal|-shm)?|generation-[0-9]{8,18}\.toc"
    r"|(segment|deleted|aliases)-[a-z0-9_.-]{1,100}|broadsheet-[a-z0-9_]{1,20}"
)
_NUMBERED = re.compile(r"(?:segment|deleted|aliases)-([0-9]{8,18})")
_TOC = re.compile(r"generation-([0-9]{8,18})\.toc")
_RETRIES = 100


class GenerationLease:
    """A generation that is held: its files stay until `release`, or until this is forgotten.

    `identity` is the checksum of its table of contents, which tells it from every other, also from
    one of the same number; "" for one that was made up to begin from.
    """

    def __init__(self, toc: contents.Toc, handle: int, identity: str = "") -> None:
        self.toc = toc
        self.identity = identity
        self.release = weakref.finalize(self, os.close, handle)


def is_ours(name: str) -> bool:
    """Say whether a name is one that an index folder has."""
    return _OURS.fullmatch(name) is not None


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder. Raises InaccessibleError when it cannot be listed now."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError as error:
        raise durable.inaccessible(folder, error) from error


def generations_in(folder: Path) -> list[int]:
    """Return the numbers of the generations whose tables of contents are there, ascending."""
    found = map(_TOC.fullmatch, names_in(folder))
    return sorted(int(match[1]) for match in found if match)


def highest_number(folder: Path) -> int:
    """Return the highest number that a file of an index folder has, 0 when there is none."""
    found = map(_NUMBERED.match, names_in(folder))
    return max((int(match[1]) for match in found if match), default=0)


def next_generation(folder: Path) -> int:
    """Return a generation number that was not used, as far as the folder tells."""
    numbers = [0, *generations_in(folder)]
    with suppress(IndexBrokenError):
        numbers.append(read_pointer(folder).generation)
    return max(numbers) + 1


def refuse_foreign(folder: Path) -> None:
    """Raise IndexBrokenError when a folder that is no index holds anything else."""
    foreign = sorted(name for name in names_in(folder) if not is_ours(name))
    if foreign:
        raise IndexBrokenError(
            f"{folder} is not an archive and not empty ({foreign[0]!r} is in it): choose another"
            " folder with --index."
        )


def read_pointer(folder: Path) -> contents.Pointer:
    """Return which generation counts.

    Raises IndexBrokenError, saying what to do, when the folder is missing, is not an index, or
    has lost its pointer; OtherVersionError, and InaccessibleError when it cannot be read now.
    """
    path = folder / POINTER_NAME
    try:
        return _pointer_in(_read(path, 4096), path)
    except FileNotFoundError:
        pass
    except NotADirectoryError as error:
        raise IndexBrokenError(
            f"{folder} is not a folder: name the archive's folder with --index."
        ) from error
    except OSError as error:
        raise durable.inaccessible(path, error) from error
    if not folder.is_dir():
        raise IndexBrokenError(
            f"There is no archive at {folder}: make one with `broadsheet index SOURCE`, or name"
            " another with --index."
        )
    if any(generations_in(folder)):
        raise _lost(path, "is missing")
    raise IndexBrokenError(
        f"{folder} is not an archive: make one with `broadsheet index SOURCE`, or name another"
        " with --index."
    )


def _pointer_in(content: bytes, path: Path) -> contents.Pointer:
    """Return what a pointer says. One whose version is another, but which names a table of
    contents of this version by its checksum, is damaged."""
    try:
        return contents.decode_pointer(content, path)
    except OtherVersionError:
        if not _names_a_toc(content, path):
            raise
    raise _lost(path, "is damaged")


def _lost(path: Path, what: str) -> IndexBrokenError:
    return IndexBrokenError(f"{path} {what}: run `broadsheet repair`, or restore a backup.")


def _names_a_toc(content: bytes, path: Path) -> bool:
    try:
        pointer = contents.decode_pointer(content, path, any_version=True)
        named = path.with_name(contents.toc_name(pointer.generation))
        found = _read(named, contents.MAX_TOC_BYTES)
        contents.decode_toc(found, named)
    except (OSError, IndexBrokenError):
        return False
    return durable.checksum(found) == pointer.checksum


def refuse_other_schema(folder: Path, toc: contents.Toc) -> None:
    """Raise OtherVersionError when segments were made by another version's analysis."""
    if toc.schema != contents.SCHEMA:
        raise OtherVersionError(
            f"The archive {folder} was made by another version of Broadsheet: rebuild it from what"
            f" is stored in it with `broadsheet reindex --index {folder} --from-index {folder}`, or"
            " use the version that made it."
        )


def hold(folder: Path, *, any_schema: bool = False) -> GenerationLease:
    """Open the generation that counts and hold it.

    Raises IndexBrokenError, InaccessibleError when something cannot be read now, and
    OtherVersionError; with `any_schema` segments may be of another version.
    """
    for _ in range(_RETRIES):
        pointer = read_pointer(folder)
        path = folder / contents.toc_name(pointer.generation)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            if read_pointer(folder) == pointer:
                raise _lost(path, "is missing") from None
            continue  # a newer generation was committed in between
        except OSError as error:
            raise durable.inaccessible(path, error) from error
        with ExitStack() as opened:
            opened.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if os.fstat(handle).st_nlink:
                    toc = _decoded(_read(path, contents.MAX_TOC_BYTES), path, pointer)
                    if not any_schema:
                        refuse_other_schema(folder, toc)
                    opened.pop_all()
                    return GenerationLease(toc, handle, pointer.checksum)
            except BlockingIOError:
                pass  # the writer is removing it: there is a newer one
            except OSError as error:
                raise durable.inaccessible(path, error) from error
        time.sleep(0.001)
    raise IndexBrokenError(f"{folder} changes faster than it can be opened: try again.")


def current(folder: Path, *, any_schema: bool = False) -> contents.Toc:
    """Return the table of contents that counts; raises what `hold` does."""
    held = hold(folder, any_schema=any_schema)
    held.release()
    return held.toc


def _decoded(content: bytes, path: Path, pointer: contents.Pointer) -> contents.Toc:
    """Return the table of contents that a pointer names."""
    if durable.checksum(content) != pointer.checksum:
        raise _lost(path, f"is not the one that {POINTER_NAME} names")
    try:
        toc = contents.decode_toc(content, path)
        if toc.generation != pointer.generation:
            raise IndexBrokenError("it has another number than its pointer")
    except OtherVersionError:
        raise
    except IndexBrokenError as error:
        raise OtherVersionError(
            f"{path} is as it was written, and not as this version of Broadsheet writes it: use the"
            " version that wrote it, or run `broadsheet reindex`."
        ) from error
    return toc


def commit(folder: Path, toc: contents.Toc) -> None:
    """Make a generation count, whose files are written and flushed. Raises OSError.

    Held by the one writer. When it fails, the generation before still counts.
    """
    content = contents.encode_toc(toc)
    path = folder / contents.toc_name(toc.generation)
    path.unlink(missing_ok=True)  # left by a commit that was cut short
    durable.write_file(path, content)
    durable.sync_folder(folder)
    durable.fault_point("commit.toc-written")
    durable.replace_file(
        folder / POINTER_NAME,
        contents.encode_pointer(contents.Pointer(toc.generation, durable.checksum(content))),
        beside="commit.pointer-beside",
        renamed="commit.pointer-renamed",
    )
    durable.fault_point("commit.done")


def clean(folder: Path, toc: contents.Toc) -> None:
    """Remove what neither the generation that counts nor any reader needs.

    Held by the one writer. Only names of an index folder are touched. A file that cannot be
    removed is left for the next time.
    """
    durable.fault_point("clean.begun")
    from indexer.update.file_manifest import REMEMBERED_NAME

    kept = {
        POINTER_NAME,
        LOCK_NAME,
        QUARANTINE_NAME,
        REMEMBERED_NAME,
        contents.toc_name(toc.generation),
    }
    kept |= SHELF_NAMES
    kept.update(file.name for file in toc.files())
    for number in generations_in(folder):
        if number != toc.generation:
            kept |= _remove_generation(folder / contents.toc_name(number))
    durable.fault_point("clean.toc-unlinked")
    for path in list(folder.iterdir()):
        if path.name not in kept and is_ours(path.name):
            with suppress(OSError):
                if path.is_dir() and path.name.startswith("broadsheet-"):
                    from shutil import rmtree  # loads two compressors

                    rmtree(path)
                elif path.is_symlink() or not path.is_dir():
                    path.unlink()
    durable.fault_point("clean.done")


def _remove_generation(path: Path) -> set[str]:
    """Remove an old table of contents; return the names that it keeps when a reader holds it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return set()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        try:
            toc = contents.decode_toc(_read(path, contents.MAX_TOC_BYTES), path)
        except (IndexBrokenError, OSError):
            return {path.name}  # its reader has mapped the files already
        return {path.name, *(file.name for file in toc.files())}
    except OSError:
        return {path.name}
    finally:
        os.close(handle)
    return set()


def _read(path: Path, limit: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        content = file.read(limit + 1) or b""
        while len(content) <= limit and (piece := file.read(limit + 1 - len(content))):
            content += piece
    if len(content) > limit:
        raise _lost(path, "is too large to be an index's")
    return content
