"""The command `broadsheet evaluate`: how good the ranking is, on anyone's own judgments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import click

from corpus.core.errors import BroadsheetError
from indexer.store.options import Place, archive_options, json_option
from search.commands import match_option, opened
from search.evaluation.evaluate import DEPTH, MEASURES, Evaluation, evaluate
from search.evaluation.files import PARTS, read_judgments, read_topics
from search.request import Request

_FILE = click.Path(path_type=Path)


@click.command("evaluate")
@archive_options
@click.option(
    "--queries", required=True, type=_FILE, metavar="FILE",
    help="Topics: TREC's <top> elements, 'id TAB text' lines, or JSON Lines.",
)  # fmt: skip
@click.option(
    "--judgments", required=True, type=_FILE, metavar="FILE",
    help="Which documents are relevant: 'topic 0 document grade' lines.",
)  # fmt: skip
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), default=("title",),
    show_default=True, help="What of a topic is searched for; may be repeated.",
)  # fmt: skip
@match_option
@click.option(
    "--sort", type=click.Choice(["relevance", "recent", "newest", "oldest"]), default="relevance",
    show_default=True, help="The order to be judged.",
)  # fmt: skip
@click.option(
    "--expand/--no-expand", default=None,
    help="Add words by pseudo-relevance feedback.  [default: to long topics]",
)  # fmt: skip
@click.option(
    "--depth", type=click.IntRange(1, 10_000), default=DEPTH, show_default=True,
    help="Articles ranked for a topic.",
)  # fmt: skip
@click.option(
    "--run",
    type=click.File("w", "utf-8"),
    metavar="FILE",
    help="Also write the rankings, as a TREC run.",
)
@click.option("--per-topic", is_flag=True, help="Print each topic's measures too.")
@json_option
def evaluate_ranking(
    place: Place, queries: Path, judgments: Path, run: TextIO | None, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Judge the ranking by MAP, nDCG@10, P@10, recall@100 and MRR.

    Documents are called as in your collection: by an article's id or address here, by the id that
    their source gives them, or by the name of their file.
    """
    texts = {topic.id: topic.text(options["parts"]) for topic in read_topics(queries)}
    judged = read_judgments(judgments)
    asked = Request(**{name: options[name] for name in ("match", "sort", "expand")})
    with opened(place) as engine:
        result = evaluate(engine, texts, judged, asked, options["depth"], run)
    if not result.known:
        raise BroadsheetError(
            f"None of the {result.judged} judged documents is in the archive: are its articles "
            "those of the judgments, and called alike?"
        )
    _print(result, per_topic=options["per_topic"], as_json=as_json)


def _print(result: Evaluation, *, per_topic: bool, as_json: bool) -> None:
    if as_json:
        found: dict[str, object] = {
            "measures": dict(result.overall), "topics": len(result.topics),
            "judged": result.judged, "known": result.known,
        }  # fmt: skip
        if per_topic:
            found["by_topic"] = {topic: dict(values) for topic, values in result.topics.items()}
        click.echo(json.dumps(found))
        return
    width = max([8, *map(len, result.topics)]) if per_topic else 8
    click.echo(f"{'topic':{width}} " + " ".join(f"{name:>10}" for name in MEASURES))
    if per_topic:
        for topic, values in result.topics.items():
            click.echo(f"{topic:{width}} " + _row(values))
    click.echo(f"{'all':{width}} " + _row(result.overall))
    click.echo(
        f"{len(result.topics)} topics; {result.known} of {result.judged} judged documents are in "
        "the archive."
    )


def _row(values: Mapping[str, float]) -> str:
    return " ".join(f"{values[name]:>10.4f}" for name in MEASURES)


COMMANDS: tuple[click.Command, ...] = (evaluate_ranking,)
