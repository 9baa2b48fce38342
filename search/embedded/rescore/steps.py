"""A second look at the best matches: steps that add to their scores, each of them explained.

A step is a module or object with `NAME`, `applies`, `rescore` and `explain`. What it adds is never
below 0, so the matches that were not looked at stay behind those that were. Only the best `WINDOW`
of an order by relevance are looked at, so that totals and paging do not depend on the steps.
"""

from __future__ import annotations

from typing import Protocol, cast

from indexer.segment.arrays import I64
from search.embedded.collect.ranking import sort
from search.embedded.plan.plan import Compiled
from search.embedded.reader import IndexView
from search.embedded.rescore import headline, proximity


class Step(Protocol):
    """One reason for which a match is worth more than its words say."""

    NAME: str

    @staticmethod
    def applies(reader: IndexView, compiled: Compiled) -> bool:
        """Say whether a query is looked at by this step at all."""

    @staticmethod
    def rescore(reader: IndexView, compiled: Compiled, rows: I64) -> None:
        """Add to the scores of int64[n, 4] rows of `search.embedded.collect.ranking`, in place."""

    @staticmethod
    def explain(
        reader: IndexView, compiled: Compiled, place: tuple[int, int]
    ) -> list[tuple[str, float]]:
        """Return what a (leaf, document) was given, with labels for readers."""


STEPS: tuple[Step, ...] = (cast(Step, proximity), cast(Step, headline))
"""The steps, in the order in which they are taken."""


def steps_of(reader: IndexView, compiled: Compiled) -> list[Step]:
    """Return the steps that a query takes."""
    return [step for step in STEPS if step.applies(reader, compiled)]


def rescored(steps: list[Step], reader: IndexView, compiled: Compiled, rows: I64) -> None:
    """Take the steps over rows in place, and sort them again."""
    for step in steps:
        step.rescore(reader, compiled, rows)
    sort(rows, rows.shape[0])


def explained(
    reader: IndexView, compiled: Compiled, place: tuple[int, int]
) -> list[tuple[str, float]]:
    """Return what all steps gave to a (leaf, document)."""
    steps = steps_of(reader, compiled)
    return [part for step in steps for part in step.explain(reader, compiled, place)]
