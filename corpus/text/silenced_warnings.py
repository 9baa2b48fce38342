"""The libraries that guess at dates, kept from talking to the user.

htmldate, and dateparser, which that one asks, log what they discard and warn of what
they themselves call in outdated ways. A page that they cannot read is no news to whoever runs a
command, and with ``python -W error`` such a warning would be taken for a fault of the page's.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

for _name in ("htmldate", "dateparser"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@contextmanager
def quietly() -> Iterator[None]:
    """Import or call one of them without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
