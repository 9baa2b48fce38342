"""An answer as people read it on a terminal: hits, counts and, where asked for, explanations."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from corpus.core.fields import LABELS
from search.answer import Answer, Explanation, Hit, Piece

_FACETS_SHOWN = 5


def _styled(pieces: tuple[Piece, ...]) -> Text:
    return Text.assemble(*[(piece.text, "bold" if piece.match else "") for piece in pieces])


def show(answer: Answer, count: bool) -> None:
    """Print an answer for people; words that matched are bold on a terminal."""
    # What goes into a file or another program is not wrapped.
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for note in answer.notes:
        console.print(Text(f"Note: {note.message}", "yellow"))
    if answer.suggestion:
        console.print(
            Text(f"Did you mean: {answer.suggestion} ({answer.suggestion_total:,} articles)?")
        )
    articles = "article" if answer.total == 1 else "articles"
    stories = f" in {answer.stories:,} stories" if answer.stories != answer.total else ""
    partial = f", {answer.partial_total:,} with some words" if answer.partial_total else ""
    console.print(
        Text(f"{answer.total:,} {articles}{stories}{partial} ({answer.took_ms:.1f} ms)", "dim")
    )
    first = (answer.page - 1) * answer.size + 1
    parted = False
    for number, hit in enumerate(answer.hits, first):
        if hit.partial and not parted:
            console.print(Text("\nWith some of the words:", "dim"))
            parted = True
        _show_hit(console, number, hit)
    if count:
        _show_counts(console, answer)


def _show_hit(console: Console, number: int, hit: Hit) -> None:
    title = _styled(hit.title_pieces) if hit.title else Text("(no title)", "dim")
    console.print(Text(f"\n{number}. ").append_text(title))
    facts = [
        (hit.published or "")[:16].replace("T", " "),
        hit.source, hit.section, hit.topic, ", ".join(hit.tags),
        f"{hit.versions} versions" if hit.versions > 1 else "",
    ]  # fmt: skip
    console.print(Text("   " + " · ".join([fact for fact in facts if fact]), "dim"))
    if hit.snippet:
        where = f"{LABELS[hit.found_in]}: " if hit.found_in else ""
        console.print(Text("   ").append(where, "dim").append_text(_styled(hit.snippet)))
    console.print(Text(f"   {hit.url or hit.id}", "dim"))
    if hit.explanation is not None:
        _show_explanation(console, hit.explanation, 1)


def _show_explanation(console: Console, explanation: Explanation, depth: int) -> None:
    console.print(Text(f"{'   ' * depth}{explanation.value:10.4f}  {explanation.label}"))
    for part in explanation.parts:
        _show_explanation(console, part, depth + 1)


def _show_counts(console: Console, answer: Answer) -> None:
    for facet in answer.facets:
        if facet.values:
            values = [f"{one.value} ({one.count:,})" for one in facet.values[:_FACETS_SHOWN]]
            console.print(Text(f"\n{facet.name}: ", "bold").append(", ".join(values), "not bold"))
    if answer.timeline is not None and answer.timeline.bars:
        console.print(Text(f"\nby {answer.timeline.interval}:", "bold"))
        most = max(bar.count for bar in answer.timeline.bars)
        for bar in answer.timeline.bars:
            width = round(40 * bar.count / most) if most else 0
            console.print(Text(f"{bar.start:%Y-%m-%d %H:%M} {bar.count:7,} {'▇' * width}"))
