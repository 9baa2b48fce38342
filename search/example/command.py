"""The command that asks by example: `broadsheet like`."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from corpus.core.errors import BroadsheetError
from corpus.reading import read_bytes
from indexer.store.options import Place, archive_options, json_option
from search.answer import Piece
from search.commands import FILE_OR_STDIN, opened
from search.example.like import Like, article_of, like
from search.exports.to_json import like_to_json


@click.command("like")
@click.argument("file", type=FILE_OR_STDIN)
@click.option("--size", type=click.IntRange(1, 50), default=10, help="Closest articles to show.")
@archive_options
@json_option
def like_command(file: Path, size: int, place: Place, as_json: bool) -> None:
    """Show what is like FILE, and where passages of it ran before.

    FILE is text or anything that `broadsheet index` reads, of which the first article counts; '-'
    is text on standard input.
    """
    with click.open_file(str(file), "rb") as stream:
        content = stream.read()
    found, reason = read_bytes(content, file.name)
    if str(file) == "-":
        found = article_of(content.decode("utf-8", "replace"))
    if found is None:
        raise BroadsheetError(f"{file} cannot be read: {reason}.")
    with opened(place) as engine:
        answer = like(engine, found, size)
    if as_json:
        click.echo(orjson.dumps(like_to_json(answer), option=orjson.OPT_INDENT_2))
    else:
        _show(answer)


def _show(answer: Like) -> None:
    """Print what is like a text for people."""
    for note in answer.notes:
        click.echo(f"Note: {note.message}", err=True)
    click.echo("Ran before, oldest first:" if answer.earlier else "No article shares a passage.")
    for each in answer.earlier:
        day = str(each.published or "undated")[:10]
        click.echo(f"\n{day}  {each.title}  ({each.source or each.id}; {each.words} words shared)")
        for one in each.passages:
            click.echo(f"    {one.words:>4} words: {_plain(one.theirs)}")
    click.echo("\nClosest:")
    for hit in answer.closest:
        click.echo(f"{str(hit.published or 'undated')[:10]}  {hit.title}  ({hit.source or hit.id})")


def _plain(pieces: tuple[Piece, ...]) -> str:
    return " ".join("".join([piece.text for piece in pieces if piece.match]).split())


COMMANDS: tuple[click.Command, ...] = (like_command,)
