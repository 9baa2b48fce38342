"""Choose a page's text: the set of blocks with the highest expected F1 over words.

With the chance of each block to be text, a set S is expected to score about
2 · Σ_S p·w / (Σ_S w + Σ p·w), w being the words of a block. Its maximum takes every block whose
chance is above half of that maximum (Dinkelbach 1967; Lipton et al. 2014), so the threshold follows
from the page: lower where the model is unsure of all of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.6
"""The share of the prose taken that one element must hold for the rest of its prose to be taken."""

NEVER = 0.2
"""Prose with a lower chance is not taken for where it stands."""


TAKEN = 0.8
"""The share of that threshold at which prose is taken: rules take off afterwards what is not of the
text, and what was not taken is lost."""


def expected_best(
    chance: NDArray[np.float64], words: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], float]:
    """Return which blocks to take, and the F1, 0 to 1, that is expected of them."""
    gain = chance * words
    total = float(gain.sum())
    best = 1.0
    while True:
        taken = chance > best / 2
        size = float(words[taken].sum()) + total
        found = 2 * float(gain[taken].sum()) / size if size else 0.0
        if abs(found - best) < 1e-9:
            return taken, found
        best = found


def chosen(
    chance: NDArray[np.float64], words: NDArray[np.float64], is_prose: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which blocks to take for the text, before rules take off what is not of it."""
    _, promised = expected_best(chance, words)
    return np.asarray(chance > np.where(is_prose, TAKEN, 1.0) * promised / 2, bool)


def filled(
    chance: NDArray[np.float64],
    taken: NDArray[np.bool_],
    prose: NDArray[np.float64],
    holder: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Return the blocks taken, with the prose that stands beside most of them in one element.

    `prose` is the length of each block that reads like prose, else 0; `holder` a number for what
    holds it: an element, or elements alike.
    """
    held = np.bincount(holder, np.where(taken, prose, 0.0))
    main = int(held.argmax())
    if held[main] < ALIKE * held.sum():
        return taken
    return np.asarray(taken | ((holder == main) & (prose > 0) & (chance > NEVER)), bool)
