"""``python -m indexer SOURCE...`` does the same as ``broadsheet index SOURCE...``."""

from __future__ import annotations

import sys

import click

from corpus.core.errors import BroadsheetError
from indexer.commands import index_command


def main() -> None:
    """Run the command; what a user can act on is printed without a traceback."""
    try:
        index_command(prog_name="python -m indexer")
    except BroadsheetError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
