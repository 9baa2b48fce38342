"""An engine that may not be there yet: a site starts without an index and opens when there is one.

Until the real engine opens, `status` says why it does not: there is nothing yet, a first index is
being built, or what is there cannot be read. `refresh` tries again, so that the pages turn into the
archive by themselves.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.core.errors import BroadsheetError, InaccessibleError, IndexBrokenError
from indexer.store.beside import SHELF_NAMES
from indexer.store.lock import LOCK_NAME
from search.answer import Status
from search.engine import Engine


class WaitingEngine:
    """Stands for an engine until `opener` can open it, and hands everything on from then.

    `folder` is the embedded index's, None for an engine that is reached otherwise. All methods but
    `status`, `refresh` and `close` raise what `opener` raised while there is no engine.
    """

    def __init__(self, opener: Callable[[], Engine], folder: Path | None, name: str) -> None:
        self._opener = opener
        self._folder = folder
        self._name = name
        self._engine: Engine | None = None
        self._error: BroadsheetError = IndexBrokenError("The index was not opened yet.")
        self._lock = threading.Lock()
        self.refresh()

    def refresh(self) -> bool:
        """Take up the newest generation, or open the engine if it was not there before."""
        engine = self._engine
        if engine is not None:
            return engine.refresh()
        with self._lock:
            if self._engine is None:
                try:
                    self._engine = self._opener()
                except BroadsheetError as error:
                    self._error = error
                    return False
        return True

    def status(self) -> Status:
        """Return the engine's state, or why there is none."""
        engine = self._engine
        if engine is not None:
            return engine.status()
        folder = self._folder
        if folder is None:
            return Status(state="broken", engine=self._name, message=str(self._error))
        try:
            entries = [entry.name for entry in os.scandir(folder)]
        except OSError:
            entries = []
        if _is_written_to(folder / LOCK_NAME):
            return Status(state="building", engine=self._name, bytes=_size(folder))
        if not {*entries} - {LOCK_NAME} - SHELF_NAMES:
            return Status(state="empty", engine=self._name)
        if isinstance(self._error, InaccessibleError):
            return Status(state="away", engine=self._name, message=str(self._error))
        return Status(state="broken", engine=self._name, message=str(self._error))

    def __getattr__(self, name: str) -> Any:
        """Hand on what is asked of the engine; raises what `opener` raised while there is none."""
        if not hasattr(Engine, name):
            raise AttributeError(name)
        if self._engine is None:
            raise self._error
        return getattr(self._engine, name)

    def close(self) -> None:
        """Close the engine, if it was ever opened."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


def _is_written_to(lock: Path) -> bool:
    """Return whether a writer holds the index: a shared lock on its file cannot be had.

    Ours is given back at once, and is only ever tried while there is no index to serve.
    """
    try:
        handle = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _size(folder: Path) -> int:
    """Return the bytes of what was written so far, folders of generations included."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).stat().st_size
            except OSError:
                continue
    return total
