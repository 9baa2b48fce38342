"""`broadsheet watch`: index what arrives, print or send what saved searches find in it."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.store.options import Place, archive_options, open_store
from search.commands import opened
from search.request import Request
from web.watch.service import alert_options, look_and_send, sender_of

if TYPE_CHECKING:
    from search.engine import Engine


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
@archive_options
def watch(
    sources: tuple[str, ...], queries: tuple[str, ...], every: float, once: bool, place: Place,
    **alerts: Any,
) -> None:  # fmt: skip
    """Index what arrives in folders, and send alerts, until Ctrl-C."""
    from indexer.update.update import update
    from indexer.whoosh.archive import FolderStore
    from web.shelf.database import Shelf

    sender = sender_of(**alerts)
    embedded = place.engine == "embedded"
    store = FolderStore(place.folder) if embedded else open_store(place.engine, place.url)
    asked = [(number, Request(text=text)) for number, text in enumerate(queries)]
    seen: int | None = None
    with suppress(IndexBrokenError), opened(place) as engine:
        seen = engine.status().arrived
    while True:
        try:
            update(store, list(sources), excluded=place.folder)
            with opened(place) as engine:
                seen = _print_new(engine, asked, seen or 0)
                written, sent = look_and_send(Shelf(place.folder), engine, sender)
            if written or sent:
                click.echo(f"{written} alerts written down, {sent} sent.")
        except BroadsheetError as error:
            if once:
                raise
            click.echo(f"Waiting: {error}", err=True)
        if once:
            return
        time.sleep(every)


def _print_new(engine: Engine, asked: list[tuple[int, Request]], seen: int) -> int:
    """Print what came after a time and is asked for; return when the last of it came."""
    from web.watch.matching import Matches
    from web.watch.outbox import CHUNK

    status = engine.status()
    last = status.arrived
    new = engine.newcomers(seen, last) if asked else iter(())
    while batch := list(islice(new, CHUNK)):
        titles = {article.id: article.title for _, article in batch}
        matches = Matches(asked, engine)
        matches.look(batch)
        for number, (count, ids) in matches.found().items():
            click.echo(f"{asked[number][1].text}: {count} new")
            for each in ids:
                click.echo(f"  {titles[each] or each}")
    return last


COMMANDS: tuple[click.Command, ...] = (watch,)
