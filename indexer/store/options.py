"""Options that several packages' commands share, so that each has one name everywhere.

Where the archive is: ``--index``, ``BROADSHEET_INDEX``, else a folder of the user's. Which engine
serves it: ``--engine`` and ``--url`` with their variables. The engines that can be written to are
handed in by the command line as `Engines` in ``ctx.obj``, because the cluster's writer lives
further down the flow than `indexer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from corpus.core.errors import BroadsheetError
from indexer.store.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Engines:
    """Ways to open a Store by an engine's name; each takes the URL that the user gave."""

    stores: Mapping[str, Callable[[str], Store]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive is: a folder, or with another engine the address of its cluster."""

    folder: Path
    engine: str
    url: str

    def __str__(self) -> str:
        return str(self.folder) if self.engine == "embedded" else self.url


def default_index() -> Path:
    """Return where the archive is when the user does not say."""
    return platformdirs.user_data_path("broadsheet", appauthor=False) / "index"


index_option = click.option(
    "--index",
    type=click.Path(path_type=Path),
    envvar="BROADSHEET_INDEX",
    default=default_index,
    metavar="FOLDER",
    help="The archive's folder [BROADSHEET_INDEX; else in your data folder].",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    is_flag=False,
    flag_value=86400.0,
    default=0.0,
    metavar="SECONDS",
    help="Wait for another writer to finish, a day at most unless told otherwise.",
)


def engine_options(command: Command) -> Command:
    """Add ``--engine`` and ``--url``: strings, "embedded" and "" unless told otherwise."""
    command = click.option(
        "--url",
        envvar="BROADSHEET_URL",
        default="",
        metavar="URL",
        help="Where the cluster is, with --engine opensearch [BROADSHEET_URL].",
    )(command)
    return click.option(
        "--engine",
        type=click.Choice(["embedded", "opensearch"]),
        envvar="BROADSHEET_ENGINE",
        default="embedded",
        help="What holds the archive: a folder, or a cluster [BROADSHEET_ENGINE].",
    )(command)


def archive_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--index``, ``--engine`` and ``--url`` as the one parameter `place`."""

    @wraps(command)
    def placed(index: Path, engine: str, url: str, **options: Any) -> Any:
        return command(place=Place(index, engine, url), **options)

    return index_option(engine_options(placed))


def open_store(engine: str, url: str) -> Store:
    """Open the store of an engine that the command line handed in.

    Raises BroadsheetError when it has not, or when a URL is needed and missing.
    """
    engines = click.get_current_context().find_object(Engines) or Engines()
    if engine not in engines.stores:
        raise BroadsheetError(
            f"The engine {engine!r} is not to be had here: run this through `broadsheet`."
        )
    if not url:
        raise BroadsheetError(f"The engine {engine!r} needs --url: say where the cluster is.")
    return engines.stores[engine](url)
