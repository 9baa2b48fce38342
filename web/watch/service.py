"""Looking through what is new and sending alerts, once or for as long as a server runs."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from corpus.core.article import Article
from corpus.core.errors import BroadsheetError
from search.engine import Engine
from web.shelf.database import Shelf
from web.watch.outbox import Alert, look_through, send_due
from web.watch.sending import Sender

_log = logging.getLogger("broadsheet.watch")

_LOOK_SECONDS = 2.0


def alert_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how alerts go out."""
    for option in (
        click.option("--site-url", envvar="BROADSHEET_SITE_URL", default="", metavar="URL",
                     help="Where readers reach the site: what alerts link to."),
        click.option("--smtp", envvar="BROADSHEET_SMTP", default="", metavar="HOST[:PORT]",
                     help="The mail server for alerts; BROADSHEET_SMTP_USER and"
                     " BROADSHEET_SMTP_PASSWORD sign in."),
        click.option("--mail-from", envvar="BROADSHEET_MAIL_FROM", default="", metavar="ADDRESS",
                     help="The sender of alerts by mail."),
        click.option("--private-webhooks", is_flag=True,
                     help="Let webhooks be on addresses that are not public."),
    ):  # fmt: skip
        command = option(command)
    return command


def sender_of(site_url: str, smtp: str, mail_from: str, private_webhooks: bool) -> Sender:
    """Return what sends alerts. Raises BroadsheetError when mail has no sender."""
    if smtp and "@" not in mail_from:
        raise BroadsheetError("Mail needs a sender: name one with --mail-from.")
    if smtp and not smtp.rpartition(":")[2].isdecimal() and ":" in smtp:
        raise BroadsheetError(f"--smtp takes a host, or host:port, and not {smtp}.")
    return Sender(
        root=site_url.rstrip("/"), smtp=smtp, mail_from=mail_from, private=private_webhooks,
        user=os.environ.get("BROADSHEET_SMTP_USER", ""),
        password=os.environ.get("BROADSHEET_SMTP_PASSWORD", ""),
    )  # fmt: skip


def look_and_send(shelf: Shelf, engine: Engine, sender: Sender) -> tuple[int, int]:
    """Write down what is new for saved searches, and send what is due; return how many of each.

    Raises BroadsheetError when the archive or the shelf cannot be read.
    """
    written = look_through(shelf, engine)

    def send(alert: Alert) -> None:
        found = (engine.article(each) for each in alert.articles)
        articles: list[Article] = [article for article in found if article is not None]
        sender.send(alert, articles)

    return written, send_due(shelf, send)


class Service:
    """Looks and sends beside a server, while it is open (a context manager)."""

    def __init__(self, folder: Path, engine: Engine, sender: Sender) -> None:
        self._shelf = Shelf(folder)
        self._engine = engine
        self._sender = sender
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def __enter__(self) -> Service:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        """End; what is not sent yet is sent by the next one."""
        self._over.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        said = ""
        while not self._over.wait(_LOOK_SECONDS):
            try:
                look_and_send(self._shelf, self._engine, self._sender)
                said = ""
            except (BroadsheetError, OSError) as error:
                if str(error) != said:
                    _log.warning("alerts wait: %s", error)
                    said = str(error)
