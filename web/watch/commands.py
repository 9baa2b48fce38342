"""`broadsheet watch`: index what arrives, print or send what saved searches find in it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.core.errors import BroadsheetError
from indexer.store.options import index_option
from search.request import Request
from web.watch.service import alert_options, look_and_send, sender_of

if TYPE_CHECKING:
    from indexer.store.snapshot import Snapshot

__all__ = ["COMMANDS"]


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER...")
@click.option(
    "--query",
    "queries",
    multiple=True,
    metavar="QUERY",
    help="Print what arrives and is found by this, besides what saved searches send.",
)
@click.option(
    "--every",
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    type=click.FloatRange(0.1),
    help="How often to look.",
)
@click.option("--once", is_flag=True, help="Look once, then end.")
@alert_options
@index_option
def watch(
    sources: tuple[str, ...], queries: tuple[str, ...], every: float, once: bool, index: Path,
    **alerts: Any,
) -> None:  # fmt: skip
    """Index what arrives in folders, and send alerts, until Ctrl-C."""
    from indexer.update.update import update
    from indexer.whoosh.archive import Archive, FolderStore
    from web.watch.matching import newest

    sender = sender_of(**alerts)
    asked = [(number, Request(text=text)) for number, text in enumerate(queries)]
    seen = 0
    if (index / "CURRENT").exists():
        with Archive.open(index) as archive:
            seen = newest(archive.snapshot())
    while True:
        try:
            update(FolderStore(index), list(sources), excluded=index)
            with Archive.open(index) as archive:
                seen = _print_new(archive.snapshot(), asked, seen)
                written, sent = look_and_send(archive, sender)
            if written or sent:
                click.echo(f"{written} alerts written down, {sent} sent.")
        except BroadsheetError as error:
            if once:
                raise
            click.echo(f"Waiting: {error}", err=True)
        if once:
            return
        time.sleep(every)


def _print_new(snapshot: Snapshot, asked: list[tuple[int, Request]], seen: int) -> int:
    """Print what came after a time and is asked for; return when the last of it came."""
    from web.watch.matching import matches, newcomers, newest

    for new in newcomers(snapshot, seen) if asked else ():
        titles = {article.id: article.title for article in new.articles}
        for number, (count, ids) in matches(snapshot, new, asked).items():
            click.echo(f"{asked[number][1].text}: {count} new")
            for each in ids:
                click.echo(f"  {titles[each] or each}")
    return newest(snapshot)


COMMANDS: tuple[click.Command, ...] = (watch,)
