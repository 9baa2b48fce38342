"""Serving: waitress, a watch on the index, and an orderly end.

Slow and idle connections are bounded (`web.security.connections`). A thread looks for a newer
generation twice a second, so that readers see an update within a second and no request waits for
it. On SIGTERM or Ctrl-C nothing more is accepted, what is under way is answered, and the process
ends. With several workers the parent binds the socket and forks; each worker opens the
(memory-mapped) index for itself.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from flask import Flask

from corpus.core.errors import BroadsheetError
from indexer.analysis.characters import TABLE_SIZE, character_tables
from search.engine import Engine
from search.request import Request
from web.leader import PATIENCE_SECONDS, Leaders
from web.security.connections import Server, server_for
from web.site import site

_log = logging.getLogger("broadsheet.web")

_LOOK_SECONDS = 0.4
_DRAIN_SECONDS = 10.0
_COLLECTION = 20_000, 20, 50
"""Thresholds of the garbage collection: pages make many objects, and hardly any in circles."""


def bind(host: str, port: int, workers: int = 1) -> list[socket.socket]:
    """Return a listening socket for each worker, all on one address.

    The system deals connections out among them, where workers that listen to one socket may leave
    all to the first that wakes. Raises BroadsheetError where the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]

        def bound(*options: int) -> socket.socket:
            made = socket.socket(family, kind, protocol)
            for option in (socket.SO_REUSEADDR, *options):
                made.setsockopt(socket.SOL_SOCKET, option, 1)
            made.bind(address)
            return made

        listening = [bound()]  # which another server's address refuses
        if workers > 1:
            with listening.pop() as first:
                address = first.getsockname()
            listening = [bound(socket.SO_REUSEPORT) for _ in range(workers)]
        for one in listening:
            one.listen(1024)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BroadsheetError(
            f"Cannot serve on {host} port {port}: {reason}. Choose another with --host or --port."
        ) from None
    return listening


class Watch:
    """Takes up new generations of an index while it is open (a context manager)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join(timeout=2)

    def _look(self) -> None:
        said = ""
        # A large archive takes seconds to read first: beside the watch, or it would miss updates.
        asking = self._ask_ahead()
        while not self._over.wait(_LOOK_SECONDS):
            try:
                if self._engine.refresh():
                    _log.info("took up generation %d", self._engine.status().generation)
                    asking = asking or self._ask_ahead()
                said = ""
            except (BroadsheetError, OSError) as error:
                if str(error) != said:
                    _log.warning("the index cannot be refreshed: %s", error)
                    said = str(error)

    def _ask_ahead(self) -> bool:
        """Begin to read what searches need, if there is something to search; once is enough."""
        if self._engine.status().state not in ("ready", "degraded"):
            return False
        threading.Thread(target=self._ask, name="first", daemon=True).start()
        return True

    def _ask(self) -> None:
        """Ask ahead of the first reader."""
        character_tables(TABLE_SIZE)  # a tenth of a second, for the first text that is not ASCII
        try:
            self._engine.search(Request(size=1))
            gc.collect()
            gc.freeze()  # what all requests need is not looked through again
        except BroadsheetError as error:
            _log.warning("the index cannot be searched yet: %s", error)
        except Exception:
            # Whoever stops the server at once closes the engine under this thread's hands.
            if not self._over.is_set():
                raise


class _Stop(SystemExit):
    """Raised in the main thread by a signal."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stop


def serve(app: Flask, engine: Engine, bound: socket.socket, threads: int) -> None:
    """Serve until SIGTERM or Ctrl-C, then answer what is under way and close the engine."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    gc.set_threshold(*_COLLECTION)
    # A cluster is waited for, which costs nothing: then the next request is answered meanwhile.
    quick = engine.status().engine == "embedded"
    leaders = Leaders(threads, PATIENCE_SECONDS if quick else 0)
    server = server_for(app, bound, leaders, behind_proxy=site(app).config.proxies > 0)
    try:
        with Watch(engine):
            leaders.run(server)
    except (KeyboardInterrupt, _Stop):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _drain(server, leaders)
    finally:
        leaders.shutdown(timeout=2)
        bound.close()
        engine.close()


def _drain(server: Server, leaders: Leaders) -> None:
    """Accept nothing more and answer what is under way, for ten seconds at most."""
    server.accepting = False
    server.pull_trigger()
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until and any(
        channel.requests or channel.total_outbufs_len
        for channel in list(server.active_channels.values())
    ):
        time.sleep(0.02)
        leaders.look()


def serve_with_workers(work: Callable[[socket.socket], None], bound: list[socket.socket]) -> None:
    """Run `work` in a process for each socket until a signal; a worker that dies is replaced."""
    children: dict[int, socket.socket] = {}

    def start(own: socket.socket) -> None:
        pid = os.fork()
        if pid:
            children[pid] = own
            return
        status = 1
        try:
            for other in bound:
                if other is not own:
                    other.close()
            work(own)
            status = 0
        except BroadsheetError as error:
            _log.error("a worker ended: %s", error)
        finally:
            sys.stderr.flush()
            os._exit(status)

    for one in bound:
        start(one)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        while children:
            pid, status = os.wait()
            own = children.pop(pid)
            _log.error("worker %d ended with status %d", pid, status)
            time.sleep(1)
            start(own)
    except (KeyboardInterrupt, _Stop):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        for pid in children:
            os.waitpid(pid, 0)
