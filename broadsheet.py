"""The command line: one group that gathers each package's own commands.

A command's module is imported when the command is asked for, so that a short one starts quickly.
What would otherwise be an arrow against the flow (the cluster's store, for `index`) is injected
here, at the top, where everything may be known.
"""

from __future__ import annotations

import errno
import importlib
import signal
import sys

if (
    sys.argv[0].rpartition("/")[2] in ("broadsheet", "broadsheet.py")
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    # Until the imports below are done Ctrl-C ends the program, with nothing to tidy up or to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from typing import TYPE_CHECKING

import click

from corpus.core.errors import BroadsheetError, UnavailableError
from indexer.store.options import Engines

if TYPE_CHECKING:
    from indexer.store.store import Store

MODULES = {
    "corpus.commands": ("inspect",),
    "indexer.commands": (
        "index", "reindex", "check", "repair", "optimise", "backup", "restore",
    ),
    "search.commands": ("search", "export"),
    "search.batch.command": ("count",),
    "search.example.command": ("like",),
    "search.evaluation.command": ("evaluate",),
    "web.commands": ("serve", "password"),
    "web.watch.commands": ("watch",),
}  # fmt: skip
"""Each module's commands; `tests/test_project.py` holds the table to what the modules have."""


class Commands(click.Group):
    """The commands of all packages, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which a newcomer meets them."""
        return [name for names in MODULES.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that has the command."""
        for module, names in MODULES.items():
            if cmd_name in names:
                found: tuple[click.Command, ...] = importlib.import_module(module).COMMANDS
                return next(command for command in found if command.name == cmd_name)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was named; of an unknown one say what is near it."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            import difflib

            near = difflib.get_close_matches(name, self.list_commands(ctx), 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"There is no command '{name}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what stands before the command; an option of a command belongs behind it."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            named = [name for name in self.list_commands(ctx) if name in args]
            if not named:
                raise
            raise click.UsageError(
                f"{error.option_name} belongs behind the command: "
                f"broadsheet {named[0]} {error.option_name} …",
                ctx,
            ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="broadsheet", prog_name="broadsheet")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Search a pile of news articles: read them, index them, ask in a browser.

    Begin with `broadsheet index SOURCE`, then `broadsheet serve`.
    """
    ctx.obj = Engines(stores={"opensearch": _cluster_store})


def _cluster_store(url: str) -> Store:
    try:
        from search.opensearch.store import OpenSearchStore
    except ImportError as error:
        raise UnavailableError(
            "The cluster's client is not installed: run pip install 'broadsheet[opensearch]'."
        ) from error
    return OpenSearchStore(url)


def main() -> None:
    """Run the command line; what a user can act on is printed without a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        commands()
    except BroadsheetError as error:
        _fail(str(error))
    except MemoryError:
        _fail("There is not enough memory: free some, or bound what is used with --memory.")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        advice = _SYSTEM_ADVICE.get(error.errno or 0, "see to that")
        reason = error.strerror or error
        _fail(f"The system refused{where}: {reason}. Please {advice}, then try again.")
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        sys.exit(130)


_SYSTEM_ADVICE = {
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close other programs, or raise the system's limit of open files",
    errno.ENOMEM: "free some memory",
    errno.EAGAIN: "raise the limit of processes (ulimit -u)",
    errno.ENOSPC: "free some space on the disk",
}


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
