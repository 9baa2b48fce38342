"""What a run and a check did, in one screen for people or in JSON for machines.

File names and reasons come from whoever made the files: what is not printable is not printed, and
what is not Unicode does not stop a report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from corpus.readers.protocol import Skip

if TYPE_CHECKING:
    from indexer.care.check import Report
    from indexer.care.salvage import LostArticle
    from indexer.update.update import Summary

SKIPS_SHOWN = 5
LOST_SHOWN = 20


def show_summary(summary: Summary, place: str, as_json: bool, skipped: Path | None) -> None:
    """Print what a run did; `skipped` is the file that all skips were written to."""
    if as_json:
        print_json(
            {
                **{name: getattr(summary, name) for name in summary.__dataclass_fields__},
                "per_second": round(summary.per_second, 1),
                "seconds": round(summary.seconds, 3),
            }
        )
        return
    click.echo(_headline(summary))
    rows = [
        ("read", summary.read, f"from {summary.files:,} files" if summary.files else ""),
        ("added", summary.added, ""),
        ("changed", summary.changed, ""),
        ("unchanged", summary.unchanged, _passed_over(summary)),
        ("duplicates", summary.duplicates, "of an id read later"),
        ("removed", summary.removed, "gone from their source"),
        ("skipped", summary.skipped, "not read"),
    ]
    for name, count, remark in rows:
        if count or name == "read":
            click.echo(f"  {name:<10} {count:>12,}  {remark}".rstrip())
    for skip in summary.skips[:SKIPS_SHOWN]:
        where = f"{skip.path}, article {skip.position}" if skip.position else skip.path
        click.echo(f"    {_printable(where)}: {_printable(skip.reason)}")
    if summary.skipped > SKIPS_SHOWN:
        more = f"all of them are in {skipped}" if skipped else "list them with --skipped FILE"
        click.echo(f"    and {summary.skipped - SKIPS_SHOWN:,} more; {more}")
    for note in summary.notes:
        click.echo(f"  {note}")
    click.echo(
        f"  {summary.seconds:.1f} s, {summary.per_second:,.0f} articles/s; {place} is at"
        f" generation {summary.generation}."
    )


def _headline(summary: Summary) -> str:
    counts = {
        "added": summary.added, "changed": summary.changed, "removed": summary.removed,
    }  # fmt: skip
    done = [f"{count:,} {what}" for what, count in counts.items() if count]
    if not done:
        return "Nothing has changed."
    first, *rest = done
    count, what = first.split()
    return ", ".join([f"{count} article{'s' if count != '1' else ''} {what}", *rest]) + "."


def _passed_over(summary: Summary) -> str:
    if not summary.passed_over:
        return ""
    return f"{summary.passed_over:,} of them in files that have not changed"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def lost_articles(lost: Sequence[LostArticle]) -> Iterator[str]:
    """Yield lines that say which articles a repair could not save."""
    named = [(one.file, text) for one in lost if (text := _named(one))]
    for file, text in named[:LOST_SHOWN]:
        yield f"lost from {file}: {_printable(text)}"
    if len(named) > LOST_SHOWN:
        yield f"lost: {len(named) - LOST_SHOWN:,} more; --json lists all of them"
    for file, count in Counter(one.file for one in lost if not _named(one)).items():
        yield f"lost from {file}: {count:,} articles of which nothing can be told"


def _named(lost: LostArticle) -> str:
    return ", ".join(part for part in (lost.title, lost.url, lost.id) if part)


def verdict(report: Report) -> str:
    """Return one sentence on what a check found."""
    if not all(problem.damaged for problem in report.problems):
        return (
            "Part of the archive cannot be read now, so nothing can be said of it: see to that, and"
            " run `broadsheet check` again."
        )
    if report.problems:
        return (
            f"{len(report.problems)} problem{'s' if len(report.problems) != 1 else ''} found: run"
            " `broadsheet repair`, or `broadsheet restore` a backup."
        )
    return (
        f"Generation {report.generation} is whole: {report.articles:,} articles,"
        f" {report.files:,} files, {size_text(report.nbytes)}, every checksum right."
    )


def size_text(nbytes: int) -> str:
    """Return a size in the unit that suits it: "42.3 MB"."""
    size = float(nbytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def to_json(value: object) -> bytes:
    """Return JSON on one line, dataclasses included."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a file name that is not Unicode
        return orjson.dumps(_clean(value))


def _clean(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {key: _clean(part) for key, part in value.items()}
        case list() | tuple():
            return [_clean(part) for part in value]
        case Skip(path, position, reason):
            return {"path": _clean(path), "position": position, "reason": _clean(reason)}
    return value


def print_json(value: object) -> None:
    """Print JSON on one line, dataclasses included."""
    click.echo(to_json(value).decode())
