"""Connections that do nothing are in nobody's way: waitress with bounds on time and number.

A browser sends a request at once and reads the answer as fast as its line allows. One that takes
`REQUEST_SECONDS` over a request, or reads less than `STALL_BYTES` of a waiting answer within
`STALL_SECONDS`, is closed, which ends the export or page that a thread was writing for it. Where
there are too many connections, in all or of one address, the one that has waited longest without
a request makes room, so that someone who only holds connections open never keeps others out.
Long work finds its connection in the environment of a request (`CONNECTION`), so that one that
takes nothing of its answer can give up its turn to another at once (`web.site.Turns`).
"""

from __future__ import annotations

import resource
import socket
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from web.leader import Leaders

CONNECTION = "broadsheet.connection"
"""The key of a request's connection in its WSGI environment."""

CONNECTIONS = 500
"""Connections at a time, fewer where the system allows few open files."""

PER_ADDRESS = 100
"""Connections of one address; not bounded behind a proxy, which all come from."""

REQUEST_SECONDS = 20.0
"""From the first byte of a request to its last."""

STALL_SECONDS = 30.0
STALL_BYTES = 8_192
_IDLE_SECONDS = 60
_LOOK_SECONDS = 2
_RESERVED_FILES = 128
_SEND_BUFFER = 1 << 17
"""Bytes that the system holds for a reader: progress is seen when a third of them was read."""
_LONGEST_HEADER = 262_144
"""Bytes: an address may hold a query as long as is read (`search.query.limits.MAX_LENGTH`)."""


class _Task(WSGITask):  # type: ignore[misc]
    """A request, which knows its connection."""

    wrote_header: bool

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        environ[CONNECTION] = self.channel
        return environ

    def write(self, data: bytes) -> None:
        """Send a piece of the answer; one that is all of it goes out with its head, at once."""
        if self.wrote_header or len(data) != self.content_length or not self.has_body:
            super().write(data)
            return
        self.channel.write_soon(self.build_response_header() + data)
        self.wrote_header = True
        self.content_bytes_written = len(data)


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection, and since when it has been waited for."""

    task_class = _Task

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        now = time.monotonic()
        self.waiting_since = now
        self.request_since = 0.0
        self.sent = 0
        self.sent_at = now
        self.dropped = False
        self.progress = (now, 0)
        super().__init__(server, sock, addr, adj, map=map)
        server.make_room(self)

    @property
    def is_idle(self) -> bool:
        """Whether there is no request that came in whole, and nothing to send."""
        return not self.requests and not self.total_outbufs_len

    def received(self, data: bytes) -> bool:
        """Take in a piece of a request."""
        now = time.monotonic()
        if self.request is None:
            self.request_since = now
        accepted: bool = super().received(data)
        if self.request is None:
            self.waiting_since = now
        return accepted

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the other side takes."""
        count: int = super().send(data, do_close=do_close)
        if count:
            self.sent += count
            self.sent_at = time.monotonic()
        return count

    def stalled(self) -> float:
        """Return for how many seconds the other side has taken nothing of what waits for it."""
        return time.monotonic() - self.sent_at if self.total_outbufs_len else 0.0

    def drop(self) -> None:
        """Have the connection closed at once by the server's own thread."""
        self.dropped = True
        self.server.next_channel_cleanup = 0
        self.server.pull_trigger()

    def is_stuck(self, now: float) -> bool:
        """Whether the other side sends its request, or reads its answer, too slowly."""
        if self.request is not None and now - self.request_since > REQUEST_SECONDS:
            return True
        began, sent = self.progress
        if not self.total_outbufs_len or self.sent - sent >= STALL_BYTES:
            self.progress = (now, self.sent)
            return False
        return now - began > STALL_SECONDS


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress's server with `_Channel`s; `per_address` is 0 for no bound."""

    channel_class = _Channel
    most = CONNECTIONS
    per_address = PER_ADDRESS

    def pull_trigger(self) -> None:
        """Wake the thread that looks after the connections, unless it is the one that calls."""
        if not self.task_dispatcher.leads():
            super().pull_trigger()

    def make_room(self, newest: _Channel) -> None:
        """Close a connection when there are too many: an idle one, else the newest."""
        channels = list(self.active_channels.values())
        of_address = [one for one in channels if one.addr[0] == newest.addr[0]]
        if self.per_address and len(of_address) > self.per_address:
            _close_one(of_address, newest)
        elif len(channels) > self.most:
            _close_one(channels, newest)

    def tend(self) -> None:
        """Close connections that are stuck, where waitress closes those that are idle next.

        That is while it gathers what to wait for: the number of one closed there can be that of a
        new connection by the time that it is looked at.
        """
        if time.time() < self.next_channel_cleanup:
            return
        for channel in list(self.active_channels.values()):
            if channel.dropped or channel.is_stuck(time.monotonic()):
                channel.handle_close()


def _close_one(channels: list[_Channel], newest: _Channel) -> None:
    idle = [channel for channel in channels if channel.is_idle and channel is not newest]
    min(idle, key=lambda channel: channel.waiting_since, default=newest).handle_close()


def server_for(app: Any, bound: socket.socket, leaders: Leaders, *, behind_proxy: bool) -> Server:
    """Return a server of an application on a listening socket, which `Leaders.run` serves."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    adjustments = Adjustments(
        sockets=[bound],
        ident="",
        clear_untrusted_proxy_headers=False,
        max_request_header_size=_LONGEST_HEADER,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        connection_limit=2 * CONNECTIONS,  # ours is lower
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=_LOOK_SECONDS,
        asyncore_use_poll=True,
    )
    adjustments.socket_options = [
        (socket.SOL_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER),
    ]
    server = Server(
        app, {}, True, bound, dispatcher=leaders, adj=adjustments, bind_socket=False,
        sockinfo=(bound.family, bound.type, bound.proto, bound.getsockname()),
    )  # fmt: skip
    if files != resource.RLIM_INFINITY:
        server.most = max(16, min(CONNECTIONS, files - _RESERVED_FILES))
    if behind_proxy:
        server.per_address = 0
    return server
