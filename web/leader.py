"""Threads that take turns at a server's sockets: leader and followers.

The leader waits for requests and answers them itself. Threads of a process share one interpreter,
so handing each request to another thread, and its end back, costs more than much of what an answer
is made of. An answer that takes longer than others should wait gives the lead to the next thread,
and goes on beside it. One thread is always left to lead. (Schmidt and others, "Leader/Followers",
2000; here the lead is given late.)
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any

_log = logging.getLogger("broadsheet.web")

PATIENCE_SECONDS = 0.05
_POLL_SECONDS = 1.0
"""How long a leader waits for requests before it looks after connections."""


class Leaders:
    """What waitress calls a dispatcher of tasks; `threads` answer at a time.

    `patience` is in seconds: the time after which an answer gives the lead away, 0 for at once.
    """

    def __init__(self, threads: int, patience: float) -> None:
        self._most = threads
        self._patience = patience
        self._lead = threading.Lock()
        self._change = threading.Lock()
        self._leader = 0
        self._began: float | None = None
        self._busy = 0
        self._tasks: deque[Any] = deque()
        self._server: Any = None
        self._over = False
        self._error: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def run(self, server: Any) -> None:
        """Serve until `shutdown`, or until the calling thread is interrupted."""
        self._server = server
        for number in range(self._most + 1):
            thread = threading.Thread(target=self._take_part, name=f"web-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)
        while not self._over:
            time.sleep(PATIENCE_SECONDS)
            self.look()
        if self._error is not None:
            raise self._error

    def look(self) -> None:
        """Give the lead to the next thread where an answer takes long."""
        with self._change:
            if self._began is not None and time.monotonic() - self._began >= self._patience:
                self._give()

    def leads(self) -> bool:
        """Whether the calling thread is the leader, who sees by himself what is to be sent."""
        return self._leader == threading.get_ident()

    def add_task(self, task: Any) -> None:
        """Have a connection's next request answered."""
        self._tasks.append(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> None:
        """End the threads, within so many seconds; what waits is not answered any more."""
        self._over = True
        self._server.trigger.pull_trigger()
        until = time.monotonic() + timeout
        for thread in self._threads:
            self.look()
            thread.join(max(until - time.monotonic(), 0))
        while self._tasks:
            self._tasks.popleft().cancel()

    def _take_part(self) -> None:
        """Lead, answer, follow, until the end."""
        try:
            while not self._over:
                self._lead.acquire()
                self._leader = threading.get_ident()
                while self.leads() and not self._over:
                    if self._tasks and self._busy < self._most:
                        self._answer()
                    else:
                        self._server.tend()
                        self._server.asyncore.loop(_POLL_SECONDS, True, self._server._map, 1)
        except BaseException as error:
            self._error = error  # of the loop itself: `run` ends with it
            self._over = True
        if self.leads():
            self._leader = 0
            self._lead.release()  # to the next thread, which ends as well

    def _answer(self) -> None:
        """Answer the request that has waited for longest; another may lead in the meantime."""
        task = self._tasks.popleft()
        with self._change:
            self._began = time.monotonic()
            if not self._patience:
                self._give()
        try:
            task.service()
        except BaseException:
            _log.exception("a request ended the thread's work")
        with self._change:
            if self.leads():
                self._began = None
                return
            self._busy -= 1
        if self._tasks:
            self._server.pull_trigger()  # the leader waits for a thread

    def _give(self) -> None:
        """Give the lead away: the leader is busy with its answer from now on."""
        self._busy += 1
        self._leader = 0
        self._began = None
        self._lead.release()
