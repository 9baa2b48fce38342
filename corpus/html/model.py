"""Models of a page: boosted decision trees, as numbers.

One tells an article's blocks from the rest (`text`), one the authors from other names (`byline`).
`NAME_model.npz` holds the trees and `NAME_model.json`, its card, says what they were trained on.
A tree is evaluated without walking it, by the bit vectors of QuickScorer (Lucchese et al., SIGIR
2015): every split that a block fails strikes out the leaves on its left, and the first leaf left
over is the one that a walk would have ended in (`trees`). That gives what LightGBM predicts. No
feature may be NaN, which goes left here, and elsewhere there: what a page does not have is a number
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.html.trees import add_scores


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees: arrays of splits by trees, and of leaves by trees.

    A row goes left at a split when its `feature` is at most `threshold`; `leaves` has a bit for
    every leaf, from the left, that it can still reach when it does not. Trees with fewer splits
    are filled up with splits that everything passes.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    leaves: NDArray[np.uint32]
    value: NDArray[np.float64]

    def probabilities(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the chance, 0 to 1, of each row (float32, rows by features)."""
        score = np.zeros(len(rows))
        if len(rows):
            columns = np.ascontiguousarray(rows.T)
            add_scores(columns, self.feature, self.threshold, self.leaves, self.value, score)
        return np.asarray(1 / (1 + np.exp(-score)))


def model_path(name: str) -> Path:
    """Return where the model of this name is stored; its card is beside it, as JSON."""
    return Path(__file__).with_name(f"{name}_model.npz")


def load(path: Path, features: tuple[str, ...]) -> Trees:
    """Return the trees in a file. Raises ValueError when they were trained on other features."""
    with np.load(path, allow_pickle=False) as stored:
        if tuple(stored["features"].tolist()) != features:
            raise ValueError(f"{path.name} was trained on other features: run make train-pages")
        return Trees(stored["feature"], stored["threshold"], stored["leaves"], stored["value"])


@cache
def model(name: str, features: tuple[str, ...]) -> Trees:
    """Return the model of this name, read once."""
    return load(model_path(name), features)
