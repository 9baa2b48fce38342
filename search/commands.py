"""The commands that ask: search and export.

They print what any engine answers, the same JSON as the API with ``--json``. Nothing here knows
how an engine works.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from corpus.core.errors import BroadsheetError
from corpus.core.fields import COUNTED, LABELS, PARAMETERS, VALUES
from indexer.store.options import Place, archive_options, json_option
from search.engine import Engine, open_engine
from search.request import Request

_FILTERS = {PARAMETERS[name]: name for name in VALUES}
_OWN = ("match", "since", "until", "sort", "page", "size", "explain", "expand")
"""Options that have the names of a request's fields."""

FILE_OR_STDIN = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
"""The type of an argument or option that names a file to be read, or standard input by '-'."""

match_option = click.option(
    "--match", type=click.Choice(["auto", "all", "any"]), default="auto",
    help="How many of the words must match.",
)  # fmt: skip


def narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which articles match."""
    for name, facet in reversed(_FILTERS.items()):
        names = [f"--{name}"] if name != "lang" else ["--lang", "--language"]
        command = click.option(
            *names, f"by_{facet}", multiple=True, metavar="VALUE",
            help=f"Only articles with this {LABELS[facet].lower()}; may be repeated.",
        )(command)  # fmt: skip
    for option in (
        click.option("--not", "excluded", multiple=True, metavar="FACET=VALUE",
                     help="Leave a value out."),
        click.option("--to", "until", default="", metavar="DATE", help="Until this date."),
        click.option("--from", "since", default="", metavar="DATE", help="From this date."),
        match_option,
    ):  # fmt: skip
        command = option(command)
    return command


def _asking(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose and order articles."""
    command = click.option(
        "--sort", type=click.Choice(["relevance", "newest", "oldest", "recent", "added"]),
        default="relevance", help="The order of what is found.",
    )(narrowing(command))  # fmt: skip
    return archive_options(command)


def request_of(text: str, options: dict[str, Any], **further: Any) -> Request:
    """Return the request of a query and the options that choose, narrow and order articles."""
    own = {name: options[name] for name in _OWN if name in options}
    excluded = excluded_of(options["excluded"])
    filters = {name: options[f"by_{name}"] for name in _FILTERS.values() if options[f"by_{name}"]}
    return Request(text=text, filters=filters, excluded=excluded, **own, **further)


@contextmanager
def opened(place: Place) -> Iterator[Engine]:
    """Open the engine of an archive for a command."""
    with closing(open_engine(place.folder, engine=place.engine, url=place.url)) as engine:
        yield engine


def excluded_of(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the values that ``--not`` leaves out, by facet; raises BroadsheetError for others."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BroadsheetError(f"'--not {pair}' needs a facet and a value: --not tag=sports.")
        facet = _FILTERS.get(name, name)
        found[facet] = (*found.get(facet, ()), value)
    return found


@click.command()
@click.argument("query", default="")
@_asking
@click.option(
    "--limit", "--size", "size", type=click.IntRange(0, 1_000), default=10, help="Articles to show."
)
@click.option("--page", type=click.IntRange(1), default=1, help="Which page of them.")
@click.option("--facets", "count", is_flag=True, help="Show the most frequent values too.")
@click.option("--explain", is_flag=True, help="Break every score down.")
@click.option(
    "--expand/--no-expand", default=None,
    help="Add words of the best articles to the query; long ones with --match any have it.",
)  # fmt: skip
@click.option("--help-syntax", is_flag=True, help="Teach the query language, then end.")
@click.option(
    "--run", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the first 1,000 articles as a TREC run, by their ids here (`broadsheet evaluate "
    "--run` calls them as judgments do); '-' is standard output.",
)  # fmt: skip
@click.option(
    "--queries", type=click.Path(path_type=Path), metavar="FILE",
    help="With --run: topics in place of QUERY, as `broadsheet evaluate` reads them.",
)  # fmt: skip
@json_option
def search(
    query: str, place: Place, count: bool, help_syntax: bool, as_json: bool, **options: Any
) -> None:
    """Search the archive for QUERY."""
    if help_syntax:
        _teach(place)
        return
    counted = count or as_json
    request = request_of(query, options, facets=COUNTED if counted else (), timeline=counted)
    from search.exports.to_json import answer_to_json
    from search.terminal import show

    with opened(place) as engine:
        if options["run"] is not None:
            _write_run(engine, request, options["run"], options["queries"])
            return
        answer = engine.search(request)
    if as_json:
        click.echo(orjson.dumps(answer_to_json(answer), option=orjson.OPT_INDENT_2))
    else:
        show(answer, count)


def _teach(place: Place) -> None:
    """Print the query language, with examples from the archive where there is one."""
    from search.query.syntax_help import Subject, as_text, sections, taught

    try:
        with opened(place) as engine:
            lessons = taught(engine)
    except BroadsheetError:
        lessons = sections(Subject())
    click.echo(as_text(lessons))


def _write_run(engine: Engine, request: Request, run: Path, queries: Path | None) -> None:
    """Write the first 1,000 articles of every topic as a TREC run."""
    from search.evaluation.evaluate import document_names, rank
    from search.evaluation.files import read_topics, run_lines

    topics = [("1", request.text)]
    if queries is not None:
        topics = [(topic.id, topic.text(("title",))) for topic in read_topics(queries)]
    names: dict[str, str] = {}
    with click.open_file(str(run), "w", encoding="utf-8") as file:
        for number, text in topics:
            found = rank(engine, replace(request, text=text))
            names |= document_names(engine, [name for name, _ in found], names)
            ranking = [(names[name], value) for name, value in found]
            file.writelines(line + "\n" for line in run_lines(number, ranking))


@click.command()
@click.argument("query", default="")
@_asking
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "ris", "bib"]), default="jsonl",
    help="What to write.",
)  # fmt: skip
@click.option("--bom", is_flag=True, help="Begin CSV with a byte order mark, for Excel.")
@click.option(
    "--output", type=click.Path(dir_okay=False), default="-", metavar="FILE",
    help="Where to write; standard output unless told otherwise.",
)  # fmt: skip
def export(query: str, place: Place, form: str, bom: bool, output: str, **options: Any) -> None:
    """Write every article that QUERY finds, all of them without one."""
    from corpus.core.wire import article_json
    from search.exports.exports import written

    request = request_of(query, options, facets=(), timeline=False, collapse=False)
    count = 0
    with opened(place) as engine, click.open_file(output, "wb") as file:
        for note in engine.search(replace(request, size=0)).notes:
            click.echo(note.message, err=True)
        articles = engine.scan(request)
        lines: Iterator[str] = (f"{article_json(one).decode()}\n" for one in articles)  # whole
        if form != "jsonl":
            lines = written(form, articles, ZoneInfo(engine.status().timezone), bom=bom)
        for text in lines:
            file.write(text.encode("utf-8", "replace"))
            count += 1
    if output != "-":
        count -= (form == "csv") + (form == "csv" and bom)
        click.echo(f"{count:,} articles written to {output}.", file=sys.stderr)


COMMANDS: tuple[click.Command, ...] = (search, export)
