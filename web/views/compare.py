"""Searches compared: a page, a file and a path of the API; the address is the whole state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext, lazy_gettext

from corpus.core.errors import BadRequestError
from corpus.core.fields import FACETS
from search.comparison.compare import (
    MOST_SEARCHES,
    Comparison,
    FacetRow,
    Series,
    Words,
    compare,
    compare_facet,
    compare_words,
    read_span,
    searches,
)
from search.comparison.keyness import KeyWord
from search.exports.exports import csv_line
from search.request import Request
from search.timeline import PERIODS
from web.addresses import PARAMETERS, Addresses, pairs, query_string, read_choice, read_request
from web.api.api import answered
from web.api.api import blueprint as api
from web.api.parameters import arguments
from web.i18n.wording import bad_request, bar_label, decimal, facet_label, number, value_label
from web.site import site
from web.templating import rendered
from web.views.date_fields import readable
from web.views.notes import note_text
from web.views.pages import FACET_OF
from web.views.plot import DASHES, NARROW, WIDE, plot
from web.views.results import filter_chips

blueprint = Blueprint("compare", __name__)

_LONGEST = 300
"""Characters of one search: six of them and what filters them make an address."""

_LABEL = 22
_LONGEST_SPAN = 120

_PERIOD_NAMES = {
    "day": lazy_gettext("days"), "week": lazy_gettext("weeks"), "month": lazy_gettext("months"),
    "year": lazy_gettext("years"),
}  # fmt: skip
_TWO_PERIODS = lazy_gettext("Name two periods: 2017 and 2018, or 2017-03..2017-09 and 2018.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address asks for; `spans` are the two periods whose words are compared."""

    base: Request
    texts: tuple[str, ...]
    period: str
    shares: bool
    facet: str
    spans: tuple[str, str]

    def pairs(self) -> list[tuple[str, str]]:
        """Return it as parameters in a fixed order, defaults left out."""
        found = [("q", text) for text in self.texts]
        found += pairs(replace(self.base, text="", match="auto"))
        if self.base.match == "any":
            found.append(("match", "any"))
        for name, value in (
            ("by", self.period), ("show", "share" if self.shares else ""),
            ("facet", PARAMETERS.get(self.facet, "")), ("a", self.spans[0]), ("b", self.spans[1]),
        ):  # fmt: skip
            if value:
                found.append((name, value))
        return found


@dataclass(frozen=True, slots=True)
class _Cell:
    """A number that leads to its search; `burst` says that it is part of one."""

    count: str
    share: str
    url: str
    burst: bool


def _asked() -> _Asked:
    """Read the address; raises BadRequestError for what cannot be compared."""
    given = arguments() if request.path.startswith("/api/") else request.args
    texts = tuple(dict.fromkeys(" ".join(text.split()) for text in given.getlist("q")))
    for text in texts:
        if len(text) > _LONGEST:
            raise bad_request("A search to compare has at most %(most)s characters.", most=_LONGEST)
    base = replace(read_request(given, site().config), text="")
    period = read_choice(given, "by", ("", *PERIODS))
    show = read_choice(given, "show", ("", "count", "share"))
    facet = read_choice(given, "facet", ("", *FACET_OF))
    spans = tuple(given.get(name, "").strip()[:_LONGEST_SPAN] for name in ("a", "b"))
    kept = tuple(text for text in texts if text)
    if len(kept) > MOST_SEARCHES:
        raise bad_request("At most %(most)s searches are compared: drop some.", most=MOST_SEARCHES)
    return _Asked(
        base, kept, period, show == "share", FACET_OF.get(facet, ""), (spans[0], spans[1])
    )


def _words(asked: _Asked) -> Words | None:
    """Return the words of two periods, where both are named, in what the first search finds.

    Raises BadRequestError where one of them is none.
    """
    if not all(asked.spans):
        return None
    for since, until in map(read_span, asked.spans):
        _, ends = readable(replace(asked.base, since=since, until=until), site().status())
        if not (since or until) or any(end.problem for end in ends):
            raise BadRequestError(str(_TWO_PERIODS))
    of = searches(asked.base, asked.texts[:1]) or (asked.base,)
    return compare_words(site().engine, of[0], *asked.spans)


def _facet(asked: _Asked) -> tuple[FacetRow, ...]:
    found = searches(asked.base, asked.texts[:2])
    if not asked.facet or len(found) < 2:
        return ()
    return compare_facet(site().engine, found[0], found[1], asked.facet)


@blueprint.get("/compare")
def show() -> Response:
    """Answer with searches over time, side by side by a facet, and the words of two periods."""
    asked = _asked()
    base, dates = readable(asked.base, site().status())
    asked = replace(asked, base=base)
    problem = str(_TWO_PERIODS) if any(asked.spans) and not all(asked.spans) else ""
    words = None
    try:
        words = _words(asked)
    except BadRequestError as error:
        problem = str(error)
    found = compare(site().engine, asked.base, asked.texts, asked.period) if asked.texts else None
    addresses = Addresses(asked.base, request.script_root)
    state = query_string(asked.pairs())
    return rendered(
        "compare.html",
        asked=asked, dates=dates, found=found, most=MOST_SEARCHES, state=state,
        inputs=(*asked.texts, *[""] * MOST_SEARCHES)[:MOST_SEARCHES], dashes=DASHES,
        period_names=[(name, str(_PERIOD_NAMES[name])) for name in PERIODS],
        facets=[(PARAMETERS[name], facet_label(name)) for name in FACETS],
        parameter=PARAMETERS.get(asked.facet, ""),
        facet_name=facet_label(asked.facet) if asked.facet else "",
        plots=_plots(found, asked.shares) if found and found.periods else (),
        rows=_rows(found) if found else (),
        legend=_legend(found) if found else (),
        notes=_notes(found) if found else (),
        facet_rows=_facet_view(asked) if found else (),
        words=words, word_rows=_word_view(asked, words) if words else ((), ()),
        spans_problem=problem,
        chips=filter_chips(replace(asked.base, since="", until=""), addresses),
        hidden=[p for p in pairs(asked.base) if p[0] not in ("q", "from", "to", "match")],
        match=asked.base.match,
    )  # fmt: skip


def _label_of(found: Comparison, at: int) -> str:
    return bar_label(datetime.combine(found.periods[at], time(), UTC), found.period)


def _plots(found: Comparison, shares: bool) -> tuple[Any, ...]:
    labels = [_label_of(found, at) for at in range(len(found.periods))]
    lines = [
        (
            _short(each.request.text),
            [found.share(each, at) for at in range(len(labels))] if shares else each.counts,
            [(burst.first, burst.last) for burst in each.bursts],
        )
        for each in found.series
    ]
    frames = (("wide", WIDE), ("narrow", NARROW))
    return tuple([(name, plot(lines, labels, frame, shares)) for name, frame in frames])


def _short(text: str) -> str:
    return text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip() + "…"


def _legend(found: Comparison) -> list[dict[str, Any]]:
    made = []
    for at, each in enumerate(found.series):
        bursts = [
            f"{_label_of(found, burst.first)} – {_label_of(found, burst.last)}"
            if burst.last > burst.first else _label_of(found, burst.first)
            for burst in each.bursts
        ]  # fmt: skip
        made.append({
            "letter": "ABCDEF"[at], "number": at + 1, "text": each.request.text,
            "total": number(each.total),
            "url": Addresses(each.request, request.script_root).search(),
            "bursts": ", ".join(bursts),
            "undated": number(each.undated) if each.undated else "",
        })  # fmt: skip
    return made


def _rows(found: Comparison) -> list[tuple[str, str, list[_Cell]]]:
    """Return the table: each period's name, all its articles, and a cell for each search."""
    inside = [
        {at for burst in each.bursts for at in range(burst.first, burst.last + 1)}
        for each in found.series
    ]
    rows = []
    last = len(found.periods) - 1
    for at in range(len(found.periods)):
        since, until = _bounds(found, at)
        cells = []
        for each, burst in zip(found.series, inside, strict=True):
            narrowed = replace(each.request, since=since, until=until)
            # Dates of the comparison itself can cut its first and its last period short.
            whole = 0 < at < last or not (each.request.since or each.request.until)
            shown = whole and each.counts[at]
            url = Addresses(narrowed, request.script_root).search() if shown else ""
            share = f"{decimal(100 * found.share(each, at), 1)}%"
            cells.append(_Cell(number(each.counts[at]), share, url, at in burst))
        rows.append((_label_of(found, at), number(found.every[at]), cells))
    return rows


def _bounds(found: Comparison, at: int) -> tuple[str, str]:
    """Return a period as the dates of a search."""
    first = found.periods[at].isoformat()
    match found.period:
        case "year":
            return first[:4], first[:4]
        case "month":
            return first[:7], first[:7]
        case _:
            return first, found.last_day(at).isoformat()


def _notes(found: Comparison) -> list[str]:
    notes = []
    if found.wanted:
        notes.append(
            gettext(
                "The time is too long for %(wanted)s; %(period)s are shown.",
                wanted=_PERIOD_NAMES[found.wanted],
                period=_PERIOD_NAMES[found.period],
            )
        )
    for each in found.series:
        notes += [f"{each.request.text}: {note_text(note)}" for note in each.notes]
    return notes


def _facet_view(asked: _Asked) -> list[tuple[str, list[tuple[str, str]]]]:
    two = searches(asked.base, asked.texts[:2])
    rows = []
    for row in _facet(asked):
        cells = [
            (
                number(count),
                Addresses(replace(each, filters={**each.filters, asked.facet: (row.value,)}),
                          request.script_root).search() if count else "",
            )
            for each, count in zip(two, row.counts, strict=True)
        ]  # fmt: skip
        rows.append((value_label(asked.facet, row.value), cells))
    return rows


def _word_view(asked: _Asked, words: Words) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    found = []
    for own, span in zip((words.first, words.second), asked.spans, strict=True):
        since, until = read_span(span)
        rows = []
        for each in own:
            narrowed = replace(
                asked.base, text=f"({asked.texts[0]}) {each.word}" if asked.texts else each.word,
                since=since, until=until, match="all",
            )  # fmt: skip
            rows.append({
                "word": each.word, "first": number(each.first), "second": number(each.second),
                "score": decimal(each.score, 1),
                "url": Addresses(narrowed, request.script_root).search(),
            })  # fmt: skip
        found.append(rows)
    return found[0], found[1]


@blueprint.get("/compare.csv")
def as_csv() -> Response:
    """Answer with the table of a comparison as CSV; no cell is a formula."""
    asked = _asked()
    if not asked.texts:
        raise bad_request("There is nothing to compare: name a search.")
    found = compare(site().engine, asked.base, asked.texts, asked.period)
    texts = [each.request.text for each in found.series]
    lines = [csv_line([found.period, "all", *texts, *[f"{text} (share)" for text in texts]])]
    for at, day in enumerate(found.periods):
        counts = [each.counts[at] for each in found.series]
        shares = [f"{found.share(each, at):.6f}" for each in found.series]
        lines.append(csv_line([day.isoformat(), found.every[at], *counts, *shares]))
    response = Response("".join(lines).encode("utf-8", "replace"), mimetype="text/csv")
    called = f"comparison-{site().today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{called}"'
    return response


@api.route("/api/v1/compare", methods=["GET", "POST"])
def compared() -> Response:
    """Compare searches over time, by a facet, and two periods by their words."""
    asked = _asked()
    found = compare(site().engine, asked.base, asked.texts, asked.period)
    words = _words(asked)
    return answered({
        "period": found.period,
        "periods": [day.isoformat() for day in found.periods],
        "all": list(found.every),
        "series": [_series_json(found, each) for each in found.series],
        "facet": None if not asked.facet else {
            "name": asked.facet,
            "values": [{"value": row.value, "counts": list(row.counts)} for row in _facet(asked)],
        },
        "words": None if words is None else {
            "first": _words_json(words.first), "second": _words_json(words.second),
            "counted": list(words.totals), "found": list(words.found),
        },
    })  # fmt: skip


def _series_json(found: Comparison, each: Series) -> dict[str, Any]:
    return {
        "query": each.request.text, "total": each.total, "counts": list(each.counts),
        "shares": [round(found.share(each, at), 6) for at in range(len(found.periods))],
        "undated": each.undated,
        "bursts": [
            {
                "first": found.periods[burst.first].isoformat(),
                "last": found.last_day(burst.last).isoformat(), "weight": round(burst.weight, 4),
            }
            for burst in each.bursts
        ],
        "notes": [note._asdict() for note in each.notes],
    }  # fmt: skip


def _words_json(words: Sequence[KeyWord]) -> list[dict[str, Any]]:
    return [
        {"word": each.word, "first": each.first, "second": each.second,
         "log_likelihood": round(each.score, 4)}
        for each in words
    ]  # fmt: skip
