"""The `inspect` command: shows how a file is read, field by field, and where each came from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import orjson

from corpus.core.fields import VALUES

if TYPE_CHECKING:
    from corpus.core.article import Article
    from corpus.readers.protocol import Skip

_SHOWN = (
    *"id own_id title lead published updated agency url".split(),
    *VALUES,
    *"captions credits related ocr_confidence".split(),
)
_WIDTH = 100


columns_option = click.option(
    "--columns",
    default="",
    metavar="NAMES",
    help="Names of the columns, by commas, of tables whose first row is an article already.",
)
folders_option = click.option(
    "--section-from-folder",
    is_flag=True,
    help="Take the name of the folder that a file lies in for its section, where it states none.",
)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--limit", "-n", default=10, show_default=True, help="Articles to show; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line instead.")
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    metavar="NAME",
    help="Of the archive: dates in the JSON without a time or a zone begin there.",
)
@click.option("--keep-all", is_flag=True, help="Take pages that are no articles, too.")
@columns_option
@folders_option
def inspect(
    files: tuple[str, ...],
    limit: int,
    as_json: bool,
    timezone: str,
    keep_all: bool,
    columns: str,
    section_from_folder: bool,
) -> None:
    """Show how files are read.

    A FILE is a file, a folder, an archive, or - for standard input.

    Every field is printed with where it was found, so that one can see why a page was read as it
    was; what cannot be read is listed with the reason. The exit status is 1 when nothing could.

    In JSON, "published" and "updated" are the instants that the archive sorts by, and "stated" has
    both as they are known: "2021-06-01" is a day, "2021-06" a month, without a time.
    """
    from corpus.readers.protocol import Passed
    from corpus.reading import read
    from corpus.reading_options import reading_as

    zone = ZoneInfo(checked_timezone(timezone))
    skips: list[Skip] = []
    articles = 0
    with reading_as(columns, folders=section_from_folder, keep_all=keep_all):
        for item in islice(read(files, skips.append), limit or None):
            articles += 1
            if as_json:
                click.echo(_filed(item, zone))
            else:
                click.echo("\n".join(describe(item)))
    for skip in skips:
        where = f"{skip.path}, article {skip.position}" if skip.position else skip.path
        how = "passed over" if isinstance(skip, Passed) else "skipped"
        if as_json:
            told = {"path": skip.path, "position": skip.position, "reason": skip.reason}
            click.echo(orjson.dumps({how.replace(" ", "_"): told}).decode())
        else:
            click.echo(f"{how} {where}: {skip.reason}", err=True)
    if not articles:
        sys.exit(1)


def checked_timezone(name: str) -> str:
    """Return an IANA name of a time zone; raises BadParameter when there is none such."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise click.BadParameter(
            f"{name!r} is no time zone: use a name such as Europe/Paris.", param_hint="--timezone"
        ) from error
    return name


def _filed(article: Article, zone: tzinfo) -> str:
    """Return an article's JSON, with its dates as instants in an archive's zone and as stated."""
    from corpus.core.wire import article_json

    record = orjson.loads(article_json(article))
    record["stated"] = {name: record[name] for name in ("published", "updated")}
    for name, stated in (("published", article.published), ("updated", article.updated)):
        if stated is not None and not stated.has_zone:
            record[name] = stated.start(zone).isoformat()
    return orjson.dumps(record).decode()


def describe(article: Article) -> Iterator[str]:
    """Yield the lines that show an article to a person at a terminal."""
    origin = article.origin
    came_from = dict(article.provenance)
    yield f"── {origin.path}, article {origin.position}, read as {origin.reader}"
    for name in _SHOWN:
        value = getattr(article, name)
        source = came_from.get(name, "")
        if not value and not source:
            continue
        if name == "published":
            source = "; ".join(filter(None, (source, article.date_source)))
        yield _line(name, _short(value) if name == "lead" else _text(value), source)
    words = sum(len(paragraph.split()) for paragraph in article.body)
    yield _line("body", f"{len(article.body)} paragraphs, {words} words", came_from.get("body", ""))
    for paragraph in article.body:
        yield f"    {_short(paragraph)}"
    yield ""


def _line(name: str, text: str, source: str) -> str:
    return f"{name:>11}  {text}" + (f"   [{source}]" if source else "")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " | ".join(map(str, value))
    return "-" if value in (None, "") else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1].rstrip() + "…"


COMMANDS: tuple[click.Command, ...] = (inspect,)
