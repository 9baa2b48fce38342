"""The command that counts a list of queries: `broadsheet count`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from indexer.store.options import Place, archive_options
from search.batch.batch import WRITERS, Row, count_lines, read_lines, years_of
from search.commands import FILE_OR_STDIN, narrowing, opened, request_of

_WIDEST = 10_000
"""Columns of a table: it is as wide as it needs, and the terminal wraps or scrolls it."""


@click.command()
@click.option(
    "--queries", type=FILE_OR_STDIN, required=True, metavar="FILE",
    help="One query a line, or CSV with a column of them; '-' is standard input.",
)  # fmt: skip
@click.option(
    "--column", default="", metavar="HEADING",
    help="The column of a CSV that holds the queries [query, name, term, ..., else the first].",
)  # fmt: skip
@click.option("--phrases", is_flag=True, help="The words of a line stand together, as in names.")
@click.option("--by-year", is_flag=True, help="Count each year too.")
@narrowing
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "jsonl"]), default="table",
    help="What to write.",
)  # fmt: skip
@click.option(
    "--site", default="", metavar="URL", help="Where the archive is served, for the links."
)
@click.option(
    "--output", type=click.Path(dir_okay=False), default="-", metavar="FILE",
    help="Where to write; standard output unless told otherwise.",
)  # fmt: skip
@archive_options
def count(queries: Path, place: Place, form: str, site: str, output: str, **options: Any) -> None:
    """Count the articles that each query of a list finds.

    Each row has the first and the last date too. An article counts when it has all words of a
    query, or any of them with --match any. What is wrong with a line is said in its row.
    """
    with click.open_file(str(queries), "rb") as stream:
        lines = read_lines(stream.read(), queries.name, column=options["column"])
    with opened(place) as engine:
        how = {name: options[name] for name in ("phrases", "by_year")}
        rows = list(count_lines(engine, lines, request_of("", options), **how))
    with click.open_file(output, "w", encoding="utf-8") as file:
        if form == "table":
            _print_table(rows)
        else:
            file.writelines(WRITERS[form](rows, site.rstrip("/")))
    failed = sum(bool(row.error) for row in rows)
    if failed:
        click.echo(f"{failed:,} of {len(rows):,} lines have an error.", err=True)


def _print_table(rows: list[Row]) -> None:
    """Print rows for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    years = [year for year in years_of(rows) if any(year in dict(row.years) for row in rows)]
    table = Table(box=None, pad_edge=False)
    for heading in ("query", "count", "first", "last", *years, ""):
        right = heading in ("count", *years)
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for row in rows:
        counts = dict(row.years)
        cells = ["" if row.count is None else f"{row.count:,}", row.first, row.last]
        cells += ["" if row.count is None else f"{counts.get(year, 0):,}" for year in years]
        said = row.error or row.note
        table.add_row(*map(Text, [row.query, *cells, f"line {row.line}: {said}" if said else ""]))
    Console(highlight=False, width=_WIDEST).print(table)


COMMANDS: tuple[click.Command, ...] = (count,)
