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

from indexer.segment.segment import MOST_DOCS

FACTOR = 4
SMALLEST = 1000
"""Segments of fewer articles than this are all of the lowest tier."""


def fitting(live: Sequence[int], most: int = MOST_DOCS) -> list[list[int]]:
    """Return the places of segments that may become one each, as they come, of up to `most`
    articles that are live."""
    groups: list[list[int]] = []
    room = -1
    for place, count in enumerate(live):
        if count > room:
            groups.append([])
            room = most
        groups[-1].append(place)
        room -= count
    return groups


def choose_merge(
    live: Sequence[int], articles: Sequence[int], most: int = MOST_DOCS
) -> tuple[int, ...]:
    """Return the places of segments to merge into one now, ascending; () when there are none.

    `live` and `articles` are the numbers of live and of all articles of each segment, which has
    at least one that is live; `most` is how many articles a segment holds.
    """
    tiers: dict[int, list[int]] = defaultdict(list)
    for place, count in enumerate(live):
        tiers[int(math.log(max(count, SMALLEST) / SMALLEST, FACTOR) + 1e-9)].append(place)
    for _, places in sorted(tiers.items()):
        for group in fitting([live[place] for place in places], most):
            if len(group) >= FACTOR:
                return tuple([places[at] for at in group])
    return next(((place,) for place, count in enumerate(live) if 2 * count < articles[place]), ())
