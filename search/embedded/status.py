"""The state of an archive, for people and for those who watch over it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from indexer.store.generations import POINTER_NAME
from indexer.store.lock import writing_process
from search.answer import Status
from search.embedded.fetch.hits import moment
from search.embedded.reader import IndexView


def status_of(reader: IndexView, folder: Path | None) -> Status:
    """Return the state of an archive that is open; `folder` gives its size on disk."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(reader.timezone)
    state = "ready"
    if folder is not None and not _is_there(folder):
        state = "away"
    elif not reader.n_live:
        state = "building" if folder is not None and writing_process(folder) else "empty"
    dated = reader.n_live and reader.span != (0, 0)
    return Status(
        state=state,
        engine="embedded",
        articles=reader.n_live,
        generation=reader.generation,
        identity=reader.snapshot.identity,
        updated=reader.snapshot.committed,
        bytes=_size(folder),
        languages=tuple([(code, round(share * reader.n_live)) for code, share in reader.languages]),
        sources=len(reader.snapshot.sources),
        first=moment(reader.span[0], zone) if dated else None,
        last=moment(reader.span[1], zone) if dated else None,
        timezone=reader.timezone,
        progress=1.0,
        message=_MESSAGES.get(state, ""),
    )


_MESSAGES = {
    "empty": "There are no articles yet: run `broadsheet index`.",
    "building": "There are no articles yet: run `broadsheet index`.",
    "away": "The archive's folder cannot be read: it was moved, or its disk is not there.",
}


def _is_there(folder: Path) -> bool:
    try:
        return (folder / POINTER_NAME).is_file()
    except OSError:
        return False


def broken(error: Exception) -> Status:
    """Return the state of an archive that cannot be read."""
    return Status(state="broken", engine="embedded", message=str(error))


def _size(folder: Path | None) -> int:
    if folder is None:
        return 0
    total = 0
    with suppress(OSError):  # moved away meanwhile
        for path in folder.iterdir():
            with suppress(OSError):  # removed meanwhile
                total += path.stat().st_size
    return total
