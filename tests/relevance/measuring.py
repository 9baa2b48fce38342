"""Ranking judged on a collection: that of the engine itself, over an index in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from unittest.mock import patch

from relevance.judged import Judged

from indexer.store.snapshot import Leaf, Settings, Snapshot
from indexer.write.invert import build_segment
from search.embedded.engine import EmbeddedEngine
from search.embedded.rescore.scoring import Scoring
from search.evaluation.evaluate import Evaluation, evaluate
from search.request import Match, Request
from search.similarity import feedback


class Archive:
    """A collection indexed in memory: what an engine is opened on."""

    def __init__(self, judged: Judged, settings: Settings) -> None:
        self.judged = judged
        segment = build_segment(judged.articles, judged.name, settings)
        leaf = Leaf(segment, None, len(judged.articles))
        self._snapshot = Snapshot(generation=1, leaves=(leaf,), settings=settings)

    def snapshot(self) -> Snapshot:
        """Return the one generation."""
        return self._snapshot

    def refresh(self) -> bool:
        """There is never a newer one."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def archive_of(judged: Judged, weights: Mapping[str, int] | None = None) -> Archive:
    """Index a collection, with the default weights of parts or others."""
    changed = {**Settings().weights, **(weights or {})}
    return Archive(judged, Settings(weights=MappingProxyType(changed)))


def measure(
    archive: Archive, scoring: Scoring | None = None, *, expand: bool | None = None,
    match: Match = "any",
) -> Evaluation:  # fmt: skip
    """Return the measures of a ranking; `expand` and `match` as in `search.request`."""
    engine = EmbeddedEngine(archive, scoring)
    judged = archive.judged
    try:
        queries = {topic.id: topic.text(("title",)) for topic in judged.topics}
        asked = Request(match=match, expand=expand)
        return evaluate(engine, queries, judged.judgments, asked)
    finally:
        engine.close()


@contextmanager
def fed_back_by(**constants: float) -> Iterator[None]:
    """Measure with other constants of `search.similarity.feedback`: ARTICLES, DECAY, WORDS, SHARE,
    LONG."""
    with patch.multiple(feedback, **{"WORDS": feedback.WORDS, **constants}):
        yield


def chance(
    one: Sequence[float], other: Sequence[float], rounds: int = 2_000, seed: int = 1
) -> float:
    """Return how likely a difference of means this large is where topics do not differ.

    Fisher's paired randomisation test, as Smucker, Allan and Carterette (CIKM 2007) advise.
    """
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    seen = abs(sum(gaps))
    draw: Callable[[], float] = random.Random(seed).random
    larger = 0
    for _ in range(rounds):
        total = sum([gap if draw() < 0.5 else -gap for gap in gaps])
        larger += abs(total) >= seen - 1e-12
    return (larger + 1) / (rounds + 1)
