"""Long work is done in a few turns at a time, so that it leaves threads to everyone else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from flask_babel import gettext

from web.security.connections import CONNECTION
from web.security.problems import Busy
from web.site import site


@contextmanager
def one_turn() -> Iterator[None]:
    """Take one of the turns for the request that is answered; raises Busy when there is none."""
    address, connection = request.remote_addr or "", request.environ.get(CONNECTION)
    with site().turns.one(address, connection) as taken:
        if not taken:
            raise Busy(gettext("Others are being answered. Try again in a minute."))
        yield
