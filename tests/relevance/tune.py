"""Tune ranking on the judged collections: one line for each setting that is tried.

From the project's folder, with corpora as `tests/conftest.py` finds them::

    PYTHONPATH=tests python tests/relevance/tune.py --corpora ../shared/corpora

prints the MAP of today's defaults on each collection, then for every other setting its MAP there
divided by theirs, the mean of these ratios, the least of them, and how likely as much is by chance
over all topics (paired randomisation). A setting is worth taking when the mean rises, the chance is
small and no collection falls by more than 1%. ``--only`` names groups of settings, ``--kind``
collections; all of them take some ten minutes on one core.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from relevance.judged import KINDS, collection
from relevance.measuring import Archive, archive_of, chance, fed_back_by, measure

from search.embedded.rescore.scoring import Scoring

Number = float | int

GROUPS: Mapping[str, tuple[Mapping[str, Number], ...]] = {
    "k1": tuple({"k1": value} for value in (0.9, 1.5, 1.8, 2.2)),
    "b": tuple({"b": value} for value in (0.5, 0.65, 0.85)),
    "inexact": tuple({"inexact": value} for value in (0.0, 0.05, 0.2, 0.3)),
    "proximity": tuple({"proximity": value} for value in (0.0, 0.15, 0.6)),
    "parts": (
        {"title": 2}, {"title": 3}, {"title": 6}, {"title": 8}, {"lead": 1}, {"lead": 3},
    ),
    "feedback": (
        {"LONG": 1000}, {"ARTICLES": 5}, {"ARTICLES": 20}, {"DECAY": 0.0}, {"DECAY": 1.0},
        {"DECAY": 2.0}, {"WORDS": 20}, {"WORDS": 60}, {"SHARE": 0.5}, {"SHARE": 0.9},
    ),
}  # fmt: skip
"""What is tried: parameters of `Scoring`, weights of parts, and constants of
`search.similarity.feedback`."""

_SCORING = ("k1", "b", "inexact", "proximity")


def _precisions(archive: Archive, setting: Mapping[str, Number]) -> list[float]:
    """Return the average precision of each topic."""
    scoring = Scoring(**{name: value for name, value in setting.items() if name in _SCORING})
    constants = {name: value for name, value in setting.items() if name.isupper()}
    with fed_back_by(**constants):
        found = measure(archive, scoring)
    return [values["map"] for values in found.topics.values()]


def _indexed(kind: str, corpora: Path, setting: Mapping[str, Number], plain: Archive) -> Archive:
    parts = {name: int(value) for name, value in setting.items() if name in ("title", "lead")}
    return archive_of(collection(kind, corpora), parts) if parts else plain


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


@click.command()
@click.option("--corpora", required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--only", multiple=True, type=click.Choice(list(GROUPS)))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS))
def tune(corpora: Path, only: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Print what each setting makes of each collection."""
    names = kinds or KINDS
    archives = {kind: archive_of(collection(kind, corpora)) for kind in names}
    before = {kind: _precisions(archive, {}) for kind, archive in archives.items()}
    click.echo(f"{'':20}" + " ".join(f"{kind[-9:]:>9}" for kind in names))
    click.echo(f"{'MAP':20}" + " ".join(f"{_mean(before[kind]):9.4f}" for kind in names))
    for group in only or GROUPS:
        for setting in GROUPS[group]:
            after = {
                kind: _precisions(_indexed(kind, corpora, setting, archives[kind]), setting)
                for kind in names
            }
            ratios = [_mean(after[kind]) / _mean(before[kind]) for kind in names]
            likely = chance(
                [value for kind in names for value in after[kind]],
                [value for kind in names for value in before[kind]],
            )
            label = " ".join(f"{name}={value}" for name, value in setting.items())
            click.echo(
                f"{label:20}"
                + " ".join(f"{ratio:9.3f}" for ratio in ratios)
                + f"  mean {_mean(ratios):.4f}  least {min(ratios):.3f}  chance {likely:.3f}"
            )


if __name__ == "__main__":
    tune()
