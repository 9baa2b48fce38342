"""Answers as JSON: the same for the command line's ``--json`` and the API.

Values are plain (str, int, float, bool, None, list, tuple, dict), times are ISO 8601 with their
zone. A snippet is its text; where words matched is given as [start, end) in code points, so that
whoever shows it decides how a match looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from search.answer import Answer, Facet, Hit, Piece, Status, Timeline

if TYPE_CHECKING:
    from search.example.like import Like


_PLAIN = (
    "query", "parsed", "total", "stories", "partial_total", "shown", "page", "pages", "size",
    "suggestion", "suggestion_total", "suggestion_sure", "after", "generation",
)  # fmt: skip
"""What an answer's JSON has as it is."""


def _marks(pieces: Sequence[Piece]) -> list[list[int]]:
    """Return where the pieces that match lie in the text they join to."""
    ends = list(accumulate((len(piece.text) for piece in pieces), initial=0))
    return [[*span] for piece, span in zip(pieces, pairwise(ends), strict=True) if piece.match]


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """Return an article found."""
    found: dict[str, Any] = {
        "id": hit.id,
        "title": hit.title,
        "title_marks": _marks(hit.title_pieces),
        "url": hit.url,
        "published": hit.published,
        **hit.values(),
        "score": round(hit.score, 6),
        "snippet": "".join([piece.text for piece in hit.snippet]),
        "snippet_marks": _marks(hit.snippet),
        "found_in": hit.found_in,
        "partial": hit.partial,
        "cluster": hit.cluster,
        "versions": hit.versions,
    }
    if hit.explanation is not None:
        found["explanation"] = asdict(hit.explanation)
    return found


def _values(facet: Facet) -> list[dict[str, Any]]:
    return [
        {"value": value, "count": count, "selected": selected, "excluded": excluded}
        for value, count, selected, excluded in facet.values
    ]


def facet_to_json(facet: Facet) -> dict[str, Any]:
    """Return a page of a facet; "distinct" is how many values there are."""
    return {"name": facet.name, "distinct": facet.distinct, "values": _values(facet)}


def like_to_json(found: Like) -> dict[str, Any]:
    """Return what is like a text; of each passage the words that are shared."""
    return {
        "closest": [hit_to_json(hit) for hit in found.closest],
        "earlier": [
            each._asdict()
            | {
                "passages": [
                    {"words": words, "own": _matching(own), "article": _matching(theirs)}
                    for words, own, theirs in each.passages
                ]
            }
            for each in found.earlier
        ],
        "notes": [note._asdict() for note in found.notes],
    }  # fmt: skip


def _matching(pieces: Sequence[Piece]) -> str:
    return "".join([piece.text for piece in pieces if piece.match])


def _bars(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the bars; where one ends the next begins."""
    begins = [bar.start.isoformat() for bar in timeline.bars]
    ends = [*begins[1:], *[bar.end.isoformat() for bar in timeline.bars[-1:]]]
    return [
        {"start": start, "end": end, "count": bar.count}
        for start, end, bar in zip(begins, ends, timeline.bars, strict=True)
    ]


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """Return an answer."""
    timeline = answer.timeline
    return {
        **{name: getattr(answer, name) for name in _PLAIN},
        "took_ms": round(answer.took_ms, 3),
        "hits": [hit_to_json(hit) for hit in answer.hits],
        "facets": {facet.name: _values(facet) for facet in answer.facets},
        "facet_values": {facet.name: facet.distinct for facet in answer.facets},
        "timeline": _bars(timeline) if timeline else [],
        "interval": timeline.interval if timeline else None,
        "undated": timeline.undated if timeline else 0,
        "notes": [note._asdict() for note in answer.notes],
        "chips": [chip._asdict() for chip in answer.chips],
    }


def status_to_json(status: Status) -> dict[str, Any]:
    """Return the state of an engine."""
    found: dict[str, Any] = status._asdict()
    del found["identity"]
    for name in ("updated", "first", "last"):
        found[name] = found[name] and found[name].isoformat()
    return found | {"languages": dict(status.languages)}
