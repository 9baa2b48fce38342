"""The commands that write an archive or look after it: index, reindex, check, backup and so on.

A run shows its progress on a terminal, ends with a summary of one screen (or JSON), and with a
status other than 0 when nothing could be read or something is damaged.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from corpus.commands import checked_timezone, columns_option, folders_option
from corpus.core.errors import BroadsheetError, IndexBrokenError
from corpus.core.fields import WEIGHTS
from corpus.reading_options import reading_as
from indexer.store.options import (
    Place,
    archive_options,
    index_option,
    json_option,
    open_store,
    wait_option,
)
from indexer.update import reports

if TYPE_CHECKING:
    from corpus.readers.protocol import Skip
    from indexer.store.snapshot import Settings
    from indexer.store.store import Store
    from indexer.update.update import Progress, Summary

MEMORY = 512


_language_option = click.option(
    "--language",
    metavar="CODE",
    help="The language of articles that neither their text nor their source tells, as in de"
    " [that of most articles].",
)


def _writing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the commands that read sources."""
    for add in (
        json_option,
        click.option(
            "--skipped",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write the list of everything that was not read to a file, as JSON lines.",
        ),
        click.option(
            "--memory",
            type=click.IntRange(min=64),
            default=MEMORY,
            show_default=True,
            metavar="MB",
            help="Bound the memory used for building; 150 bytes an article come on top.",
        ),
        click.option(
            "--follow-links",
            is_flag=True,
            help="Read what links in a source lead to outside of it, too.",
        ),
        click.option("--keep-all", is_flag=True, help="Take pages that are no articles, too."),
        columns_option,
        folders_option,
        wait_option,
        archive_options,
    ):
        command = add(command)
    return command


@click.command("index")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--prune", is_flag=True, help="Remove articles that are gone from these sources.")
@click.option(
    "--timezone",
    metavar="NAME",
    help="Of a new archive: where its days begin, and times that name no zone are, as in"
    " Europe/Paris [UTC].",
)
@_language_option
@_writing
def index_command(
    sources: tuple[str, ...], place: Place, prune: bool, follow_links: bool, **options: Any
) -> None:
    """Add and update articles.

    A SOURCE is a file, a folder, an archive, or - for standard input.
    """
    from indexer.update.update import update

    store = _store(place, options)
    write = partial(
        update, store, sources, prune=prune, excluded=place.folder, follow_links=follow_links
    )
    _written("Indexing", place, options, write, sources)


@click.command("reindex")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@click.option(
    "--from-index",
    metavar="FOLDER|URL",
    help="Take the articles from another archive, in a folder or on a cluster.",
)
@click.option(
    "--timezone", metavar="NAME", help="Where days begin from now on, as in Europe/Paris."
)
@_language_option
@_writing
def reindex_command(
    sources: tuple[str, ...], place: Place, from_index: str | None, follow_links: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Rebuild the archive and swap it in without downtime.

    Without SOURCE it is built from the sources that it remembers.
    """
    if from_index and sources:
        raise click.UsageError("Name sources or --from-index, not both.")
    from indexer.update.update import update, update_from_articles
    from indexer.whoosh.archive import FolderStore

    store = _store(place, options, rebuild=True)
    if from_index:
        cluster = from_index.startswith(("http://", "https://"))
        origin = open_store("opensearch", from_index) if cluster else FolderStore(from_index)
        write = partial(update_from_articles, store, origin.articles())
    else:
        named = sources or _remembered_sources(store)
        write = partial(
            update, store, named, rebuild=True, excluded=place.folder, follow_links=follow_links
        )
    _written("Reindexing", place, options, write, sources)


def _written(
    verb: str, place: Place, options: dict[str, Any], write: Callable[..., Summary],
    named: Sequence[str],
) -> None:  # fmt: skip
    """Run what writes an archive as the options of `_writing` say, and show what came of it.

    The status is 1 where a source that was named does not exist.
    """
    as_json, skipped = options["as_json"], options["skipped"]
    with (
        _skips_to(skipped) as on_skip,
        _progress(verb, as_json) as on_progress,
        reading_as(
            options["columns"],
            folders=options["section_from_folder"],
            keep_all=options["keep_all"],
        ),
    ):
        summary = write(on_skip=on_skip, on_progress=on_progress)
    reports.show_summary(summary, str(place), as_json, skipped)
    if any(source != "-" and not os.path.lexists(source) for source in named):
        raise click.exceptions.Exit(1)


@click.command("check")
@archive_options
@json_option
def check_command(place: Place, as_json: bool) -> None:
    """Verify every byte of the archive.

    The exit status is 1 when something is damaged.
    """
    from indexer.whoosh.archive import FolderStore

    embedded = place.engine == "embedded"
    store = FolderStore(place.folder) if embedded else open_store(place.engine, place.url)
    with _bar("Checking", as_json) as show:
        report = store.check(lambda share: show(f"{share:.0%}"))
    problems = [f"{problem.file}: {problem.what}" for problem in report.problems]
    _print(as_json, report, *problems, *report.notes, reports.verdict(report))
    if problems:
        sys.exit(1)


@click.command("repair")
@index_option
@wait_option
@json_option
def repair_command(index: Path, wait: float, as_json: bool) -> None:
    """Rebuild a damaged archive.

    It is made anew from what is whole of it. The exit status is 1 when an article is lost.

    The originals of what was damaged are moved to the folder's quarantine.
    """
    from indexer.care.repair import repair_archive

    with _progress("Repairing", as_json) as on_progress:
        result = repair_archive(index, wait=wait, on_progress=on_progress)
    _print(as_json, result, *result.losses, *reports.lost_articles(result.lost), result.verdict)
    if not result.complete:
        sys.exit(1)


@click.command("optimise")
@index_option
@wait_option
@json_option
def optimise_command(index: Path, wait: float, as_json: bool) -> None:
    """Merge into one segment.

    Searches are fastest then, and the archive takes the least space.
    """
    from indexer.whoosh.archive import Archive, FolderStore

    store = FolderStore(index, wait=wait)
    with _interruptible():
        generation = store.optimise()
    with Archive.open(index) as archive:
        articles = archive.snapshot().n_live
    told = f"{articles:,} articles in one segment, generation {generation}."
    _print(as_json, {"generation": generation, "articles": articles}, told)


@click.command("backup")
@click.argument("destination", type=click.Path(path_type=Path), metavar="DEST")
@index_option
@json_option
def backup_command(destination: Path, index: Path, as_json: bool) -> None:
    """Copy the archive to a new folder.

    It may be in use meanwhile.
    """
    from indexer.care.backup import back_up

    copied = back_up(index, destination)
    what = f"{copied.articles:,} articles in {reports.size_text(copied.nbytes)}"
    told = f"Generation {copied.generation}, {what}, copied to {destination} and verified."
    _print(as_json, copied, told)


@click.command("restore")
@click.argument(
    "backup", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="BACKUP"
)
@index_option
@wait_option
@json_option
def restore_command(backup: Path, index: Path, wait: float, as_json: bool) -> None:
    """Put a backup in the archive's place.

    The archive may be in use, or damaged.
    """
    from indexer.care.backup import restore

    with _interruptible():
        restored = restore(backup, index, wait=wait)
    what = f"{restored.articles:,} articles restored from {backup}"
    told = [f"{what}; they are generation {restored.generation} of {index}."]
    if restored.shelf_before:
        told.append(
            "What readers had kept until now was replaced by the backup's; it is in"
            f" {restored.shelf_before}."
        )
    _print(as_json, restored, *told)


COMMANDS: tuple[click.Command, ...] = (
    index_command,
    reindex_command,
    check_command,
    repair_command,
    optimise_command,
    backup_command,
    restore_command,
)


def _print(as_json: bool, result: object, *told: str) -> None:
    """Print what came of a command: as JSON, or line by line."""
    if as_json:
        reports.print_json(result)
    else:
        click.echo("\n".join(told))


def _store(place: Place, options: dict[str, Any], *, rebuild: bool = False) -> Store:
    if place.engine != "embedded":
        return open_store(place.engine, place.url)
    from indexer.whoosh.archive import FolderStore

    settings = _settings(place.folder, options["timezone"], options["language"])
    if rebuild and settings is not None:
        settings = replace(settings, weights=WEIGHTS)
    return FolderStore(
        place.folder, wait=options["wait"], memory=options["memory"] << 20, settings=settings
    )


def _settings(index: Path, timezone: str | None, language: str | None) -> Settings | None:
    """Return what an archive is to be made with, None where nothing was said of that."""
    if not timezone and not language:
        return None
    from corpus.text.languages import normal_code
    from indexer.store.generations import current
    from indexer.store.snapshot import Settings

    try:
        settings = current(index, any_schema=True).settings
    except IndexBrokenError:
        settings = Settings()
    if timezone:
        settings = replace(settings, timezone=checked_timezone(timezone))
    if language:
        code = normal_code(language)
        if not code:
            raise click.BadParameter(
                f"{language!r} is no language here: use a code such as en, de or fr.",
                param_hint="--language",
            )
        settings = replace(settings, language=code)
    return settings


def _remembered_sources(store: Store) -> Sequence[str]:
    """Return the sources to build from again; refuse when one of them cannot be read again."""
    sources = store.sources()
    if not sources:
        raise BroadsheetError("The archive remembers no sources: name what to build it from.")
    for source in sources:
        if source == "-":
            raise BroadsheetError(
                "Part of the archive was read from standard input, which cannot be read again:"
                " name the sources, or take the articles as they are with --from-index."
            )
        if not Path(source).exists():
            raise BroadsheetError(
                f"The source {source} is gone, and its articles would be lost: name the sources,"
                " or take the articles as they are with --from-index."
            )
    return sources


@contextmanager
def _interruptible() -> Iterator[None]:
    """End on Ctrl-C with one sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise BroadsheetError("Interrupted: the archive is as it was last committed.") from None


@contextmanager
def _bar(verb: str, as_json: bool) -> Iterator[Callable[[str], None]]:
    """Give what shows on a terminal how far a task is; end on Ctrl-C with one sentence."""
    from rich.console import Console

    console = Console(stderr=True)
    with _interruptible():
        if as_json or not console.is_terminal:
            yield lambda told: None
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        # Without a thread, so that processes may be forked.
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
            task = bar.add_task(verb, total=None)
            yield lambda told: bar.update(task, description=f"{verb} {told}", refresh=True)


@contextmanager
def _progress(verb: str, as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Show on a terminal how many articles were read, how fast, and of which file."""
    with _bar(verb, as_json) as show:

        def told(now: Progress) -> None:
            speed = now.read / max(now.seconds, 1e-9)
            count = f"{now.read:,} articles {speed:,.0f}/s, {now.skipped:,} skipped"
            show(f"{count} [dim]{_short(now.path)}[/]")

        yield told


def _short(path: str) -> str:
    """Return a file's name for the terminal, without what could be taken for markup."""
    name = path.rpartition("/")[2].replace("[", "(")
    return "".join(letter for letter in name[-40:] if letter.isprintable())


@contextmanager
def _skips_to(path: Path | None) -> Iterator[Callable[[Skip], None]]:
    """Write everything that is skipped to a file, one JSON object a line."""
    if path is None:
        yield lambda _: None
        return
    try:
        file: TextIO = path.open("w", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BroadsheetError(
            f"{path} cannot be written ({error.strerror}): name another file with --skipped."
        ) from error
    with file:

        def write(skip: Skip) -> None:
            line = {"path": skip.path, "position": skip.position, "reason": skip.reason}
            file.write(reports.to_json(line).decode("utf-8", "surrogateescape") + "\n")

        yield write
