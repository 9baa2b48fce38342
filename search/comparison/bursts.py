"""Bursts: periods in which a subject is in the news far more than over the whole time.

Jon Kleinberg's automaton of two states for batches ("Bursty and Hierarchical Structure in
Streams", KDD 2002, section 4): of d articles of a period r are about the subject. In the calm state
the share is that of the whole time, p0 = R/D; in a burst it is s times as much. A state costs the
negative logarithm of the binomial chance of r in d; entering a burst costs gamma times ln n. The
cheapest way through the n periods says where bursts are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

SCALE = 2.0  # how many times its share a subject has in a burst, where that is below 1
GAMMA = 1.0  # what it costs to enter a burst, in units of ln n
_SURE = 0.9999


class Burst(NamedTuple):
    """Periods [first, last] of a burst; `weight` is what its state costs less than the calm one."""

    first: int
    last: int
    weight: float


def bursts(counts: Sequence[int], totals: Sequence[int]) -> tuple[Burst, ...]:
    """Return the bursts of `counts` out of `totals`, period by period, in order of time.

    There are none of a subject of which there is nothing, or nothing else.
    """
    found, every = sum(counts), sum(totals)
    if not 0 < found < every:
        return ()
    calm = found / every
    raised = min(SCALE * calm, _SURE)
    if raised <= calm:
        return ()
    # What the burst's state costs less than the calm one; the binomial coefficient cancels out.
    gains = [
        r * math.log(raised / calm) + (d - r) * math.log((1 - raised) / (1 - calm))
        for r, d in zip(counts, totals, strict=True)
    ]
    enter = GAMMA * math.log(len(counts)) if len(counts) > 1 else 0.0
    # The best sum of gains up to a period, calm and in a burst, and whether it came from a burst.
    best = 0.0, -math.inf
    came: list[tuple[bool, bool]] = []
    for gain in gains:
        calm_best, burst_best = best
        came.append((burst_best > calm_best, burst_best >= calm_best - enter))
        best = max(best), max(burst_best, calm_best - enter) + gain
    state = best[1] > best[0]
    states: list[bool] = []
    for from_burst in reversed(came):
        states.append(state)
        state = from_burst[state]
    states.reverse()
    runs = [list(run) for on, run in groupby(range(len(gains)), states.__getitem__) if on]
    return tuple(Burst(run[0], run[-1], sum(gains[run[0] : run[-1] + 1])) for run in runs)
