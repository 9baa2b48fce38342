"""The commands of this package: `broadsheet serve`, `broadsheet password`."""

from __future__ import annotations

import functools
import ipaddress
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from corpus.core.errors import BroadsheetError
from indexer.store.options import engine_options, index_option
from web.config import WebConfig
from web.watch.sending import Sender
from web.watch.service import Service, alert_options, sender_of

if TYPE_CHECKING:
    from flask import Flask

    from search.engine import Engine
    from web.waiting import WaitingEngine

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@click.command(context_settings={"auto_envvar_prefix": "BROADSHEET"})
@index_option
@engine_options
@click.option(
    "--host", show_default=True, default="127.0.0.1", metavar="ADDRESS",
    help="The address to listen on; 0.0.0.0 is every one.",
)  # fmt: skip
@click.option(
    "--port", show_default=True, default=8017, type=click.IntRange(0, 65535),
    help="The port to listen on; 0 chooses a free one.",
)  # fmt: skip
@click.option(
    "--name", show_default=True, default="Broadsheet", metavar="NAME",
    help="What the archive is called on its pages.",
)  # fmt: skip
@click.option(
    "--threads", show_default=True, default=8, type=click.IntRange(1, 64),
    help="Threads of a worker.",
)  # fmt: skip
@click.option(
    "--workers", show_default=True, default=1, type=click.IntRange(1, 64),
    help="Processes; limits and metrics are of each.",
)  # fmt: skip
@click.option(
    "--hostname", "hosts", multiple=True, metavar="NAME",
    help="A host name that may be asked for; a leading dot takes in subdomains.",
)  # fmt: skip
@click.option(
    "--proxies", show_default=True, default=0, type=click.IntRange(0, 9),
    help="Reverse proxies in front whose X-Forwarded-* headers are believed.",
)  # fmt: skip
@click.option(
    "--users", type=click.Path(path_type=Path), metavar="FILE",
    help="Who may read: lines that `broadsheet password` writes.",
)  # fmt: skip
@click.option(
    "--auth-header", default="", metavar="HEADER",
    help="The header in which a proxy names whom it let in.",
)  # fmt: skip
@click.option(
    "--cors", multiple=True, metavar="ORIGIN",
    help="An origin whose scripts may read the API; * for all.",
)  # fmt: skip
@click.option(
    "--rate-limit", show_default=True, metavar="LIMIT", default=WebConfig().rate_limit,
    help="Requests of one client; '' for no limit.",
)  # fmt: skip
@alert_options
@click.option("--log-queries", is_flag=True, help="Put what is searched for into the log.")
@click.option("--sitemap", is_flag=True, help="List every article to search engines: /sitemap.xml.")
@click.option(
    "--log-requests/--no-log-requests", default=None,
    help="A line of JSON a request on standard error [unless it is a terminal].",
)  # fmt: skip
def serve(
    index: Path, engine: str, url: str, host: str, port: int, name: str, threads: int,
    workers: int, hosts: tuple[str, ...], proxies: int, users: Path | None, auth_header: str,
    cors: tuple[str, ...], rate_limit: str, log_queries: bool, sitemap: bool,
    log_requests: bool | None, **alerts: Any,
) -> None:  # fmt: skip
    """Show the archive in a browser, until Ctrl-C.

    Updates show within a second. With no index yet, the page says how to make one.
    """
    from search.engine import open_engine
    from web.app import create_app
    from web.security.access import read_users
    from web.server import bind, serve_with_workers
    from web.waiting import WaitingEngine

    if auth_header and not proxies:
        raise click.UsageError(
            "--auth-header believes a proxy: say with --proxies how many are in front."
        )
    _log_to_stderr(not sys.stderr.isatty() if log_requests is None else log_requests)
    if not hosts and not proxies and _is_loopback(host):
        # A page elsewhere could point its own name at this machine and read the archive.
        hosts = (*_LOOPBACK, host)
    config = WebConfig(
        name=name, hosts=hosts, proxies=proxies, users=read_users(users) if users else {},
        users_file=users,
        auth_header=auth_header, cors=cors, rate_limit=rate_limit, log_queries=log_queries,
        sitemap=sitemap,
        shelf=index if _has_readers(host, hosts, proxies, users, auth_header) else None,
    )  # fmt: skip
    bound = bind(host, port, workers)
    _say_where(bound[0], host, index, engine, config)
    opener = functools.partial(open_engine, index, engine=engine, url=url)
    waiting = functools.partial(
        WaitingEngine, opener, index if engine == "embedded" else None, engine
    )
    application = functools.partial(create_app, config=config)
    work = functools.partial(
        _work, waiting, application, config.shelf, threads, sender_of(**alerts)
    )
    if workers == 1:
        work(bound[0])
    else:
        serve_with_workers(work, bound)


def _work(
    waiting: Callable[[], WaitingEngine],
    application: Callable[[Engine], Flask],
    shelf: Path | None,
    threads: int,
    sender: Sender,
    listening: socket.socket,
) -> None:
    """Open the engine and serve it."""
    from web.server import serve as run

    if shelf:
        with suppress(OSError):  # the pages of the shelf will say so
            shelf.mkdir(parents=True, exist_ok=True)
    opened = cast("Engine", waiting())
    with Service(shelf, opened, sender) if shelf else nullcontext():
        run(application(opened), opened, listening, threads)


def _has_readers(
    host: str, hosts: tuple[str, ...], proxies: int, users: Path | None, auth_header: str
) -> bool:
    """Return whether it is known whose shelf a request is about: see `web.shelf.reader`."""
    alone = _is_loopback(host) and not proxies and all(map(_is_loopback, hosts))
    return bool(users or auth_header) or alone


def _is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _say_where(
    listening: socket.socket, host: str, index: Path, engine: str, config: WebConfig
) -> None:
    """Print the address to open, and what a newcomer should know."""
    port = listening.getsockname()[1]
    every = {"0.0.0.0", "::"}  # nosec B104 - only how it is shown
    shown = socket.gethostname() if host in every else host
    shown = f"[{shown}]" if ":" in shown else shown
    click.echo(f"Broadsheet is open at  http://{shown}:{port}/  (Ctrl-C ends it)")
    if engine == "embedded" and not index.exists():
        click.echo(f"There is no index yet. In another terminal:  broadsheet index --index {index}"
                   " FOLDER")  # fmt: skip
    if not _is_loopback(host) and not (config.users or config.auth_header):
        click.echo("Everyone who can reach this address can read the archive; --users closes it.")
    sys.stdout.flush()


def _log_to_stderr(requests: bool) -> None:
    """Write the log as lines of JSON; requests only when asked to."""
    from web.api.operations import JsonLines

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("broadsheet")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(logging.INFO if requests else logging.WARNING)
    # What waitress has to say is its queue's depth, which is load and nothing to act on.
    logging.getLogger("waitress").setLevel(logging.ERROR)


@click.command()
@click.argument("name")
@click.option("--stdin", is_flag=True, help="Read the password from standard input.")
def password(name: str, stdin: bool) -> None:
    """Write a reader's line for a users file.

    It lets NAME read an archive that is served with --users.
    """
    from web.security.access import hash_password

    if ":" in name or not name.strip() or any(char in name for char in "\r\n"):
        raise BroadsheetError("A name has no colon and no line end: choose another.")
    if stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(secret) < 8:
        raise BroadsheetError("The password is shorter than 8 characters: choose a longer one.")
    click.echo(f"{name}:{hash_password(secret)}")


COMMANDS: tuple[click.Command, ...] = (serve, password)
