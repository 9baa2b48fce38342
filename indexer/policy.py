"""Which segments to merge: log-structured by size, so that each article is rewritten few times.

Segments are sorted into tiers by their number of live articles, each tier `FACTOR` times the one
below; when `FACTOR` segments have gathered in a tier they become one. An archive of n articles then
has at most ``(FACTOR - 1) * log_FACTOR(n / SMALLEST)`` segments or so, and an article is rewritten
once a tier (O'Neil et al., "The Log-Structured Merge-Tree", 1996). A segment of which more than
half is deleted is rewritten alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

__all__ = ["FACTOR", "SMALLEST", "choose_merge"]

FACTOR = 4
SMALLEST = 1000
"""Segments of fewer articles than this are all of the lowest tier."""


def choose_merge(live: Sequence[int], articles: Sequence[int]) -> tuple[int, ...]:
    """Return the places of segments to merge into one now, ascending; () when there are none.

    `live` and `articles` are the numbers of live and of all articles of each segment, which has
    at least one that is live.
    """
    tiers: dict[int, list[int]] = defaultdict(list)
    for place, count in enumerate(live):
        tiers[int(math.log(max(count, SMALLEST) / SMALLEST, FACTOR) + 1e-9)].append(place)
    for _, places in sorted(tiers.items()):
        if len(places) >= FACTOR:
            return tuple(places)
    return next(((place,) for place, count in enumerate(live) if 2 * count < articles[place]), ())
