"""Looking around without a question: tags, topics, sections, sources, authors, days.

``/browse/<parameter>`` lists a facet's values, by count or from A to Z; with ``?value=`` it is the
page about one of them: when it was in the news, what it comes with, its newest and its most typical
articles. ``/browse/calendar`` leads to the articles of a day.
"""

from __future__ import annotations

import calendar as months
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from babel.dates import get_day_names, get_month_names
from flask import Blueprint, Response, request
from flask_babel import gettext

from corpus.core.fields import BROWSED
from search.answer import Facet, FacetValue
from search.request import Request
from web.addresses import PARAMETERS, Addresses, value_query
from web.i18n.wording import facet_label, language, number, value_label
from web.security.problems import Missing
from web.site import site
from web.templating import rendered
from web.views.pages import FACET_OF
from web.views.results import FacetView, ValueView, view_facet, view_hit
from web.views.timeline import draw, spark
from web.views.values import values_page

blueprint = Blueprint("browse", __name__)

_COMPANY = ("tags", "authors", "section", "source", "places")
_OVERVIEW = 6


@dataclass(frozen=True, slots=True)
class Letter:
    """The values that begin with a letter."""

    letter: str
    values: tuple[ValueView, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: 0 stands for the days of other months in a week."""

    day: int
    count: int = 0
    shade: int = 0
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar as rows of weeks."""

    name: str
    weeks: tuple[tuple[Day, ...], ...]
    total: int
    url: str


def _everything(**changes: object) -> Request:
    """Return the request for the whole archive."""
    whole = Request(timeline=False, snippets=False)
    return replace(whole, **changes)  # type: ignore[arg-type]


@blueprint.get("/browse")
def index() -> Response:
    """Answer with the overview of what can be looked through."""
    shared = site()
    answer = shared.remembered(
        "overview",
        lambda: shared.engine.search(
            _everything(facets=(*BROWSED, "year"), facet_size=_OVERVIEW, size=1, sort="newest")
        ),
    )
    addresses = Addresses(Request(), request.script_root)
    views = [
        view_facet(facet, addresses)
        for facet in answer.facets
        if facet.distinct and facet.name != "year"
    ]
    return rendered("browse.html", views=views, addresses=addresses, years=_years())


def _years() -> tuple[FacetValue, ...]:
    """Return the archive's years, newest first."""
    shared = site()
    found = shared.remembered(
        "years", lambda: shared.engine.facet(_everything(), "year", size=400, by="value")
    )
    return tuple(sorted(found.values, key=lambda each: each.value, reverse=True))


@blueprint.get("/browse/<parameter>")
def values(parameter: str) -> Response:
    """Answer with a facet's values, or with the page about one of them."""
    facet = FACET_OF.get(parameter)
    if facet not in BROWSED:
        raise Missing(gettext("There is nothing of this name to look through."))
    value = request.args.get("value", "").strip()[:500]
    if value:
        return _about(facet, value)

    def letters_and_curves(view: FacetView, by: str) -> dict[str, Any]:
        curves = site().engine.sparklines(facet, [each.value for each in view.values])
        zone = site().zone
        return {
            "letters": _letters(view.values) if by == "value" else (),
            "sparks": {name: spark(curve, zone) for name, curve in curves.items()},
        }

    return values_page("browse_values.html", facet, _everything(), letters_and_curves)


def _letters(shown: Iterable[ValueView]) -> tuple[Letter, ...]:
    """Group values by their first letter, accents folded; what is no letter comes as '#'."""

    def letter(value: ValueView) -> str:
        first = unicodedata.normalize("NFKD", value.label[:1]).upper()[:1]
        return first if first.isalpha() else "#"

    return tuple(Letter(first, tuple(group)) for first, group in groupby(shown, key=letter))


def _about(facet: str, value: str) -> Response:
    """Answer with the page about a value of a facet."""
    shared = site()
    zone = shared.zone
    bare = Addresses(Request(), request.script_root)
    asked = _everything(
        filters={facet: (value,)}, facets=(), timeline=True, snippets=True, sort="newest", size=6
    )
    newest = shared.engine.search(asked)
    if not newest.total:
        raise Missing(gettext("No article of the archive is filed under this."))
    # The spelling of the publisher stands in the value's own facet.
    own = shared.engine.facet(asked, facet, contains=value, size=50)
    spelled = next((each.value for each in own.values if each.selected), value)
    addresses = Addresses(Request(filters={facet: (spelled,)}), request.script_root)
    beside = Addresses(Request(text=value_query(facet, spelled)), request.script_root)
    typical = shared.engine.search(
        replace(asked, text=_typical_text(value), match="any", sort="relevance", facets=(),
                timeline=False)
    )  # fmt: skip
    # A facet's counts ignore its own filter; those of a query for the value do not.
    together = shared.engine.search(
        _everything(text=value_query(facet, value), facets=_COMPANY, facet_size=13, size=1)
    )
    company = [
        view_facet(_company(found, spelled), addresses)
        for found in together.facets
        if found.name != facet or facet in ("tags", "authors", "places")
    ]
    return rendered(
        "browse_value.html",
        facet=facet,
        label=facet_label(facet),
        value=spelled,
        shown=value_label(facet, spelled),
        total=newest.total,
        drawing=draw(newest.timeline, addresses, zone) if newest.timeline else None,
        newest=[view_hit(hit, bare, zone) for hit in newest.hits],
        typical=[view_hit(hit, bare, zone) for hit in typical.hits],
        company=[view for view in company if view.values],
        addresses=addresses,
        beside=beside,
        bare=bare,
        parameters=PARAMETERS,
        zone=zone,
    )


def _typical_text(value: str) -> str:
    """Return a query that ranks the articles most about a value first: its words, as words."""
    words = "".join(char if char.isalnum() else " " for char in value).split()
    return " ".join(word.lower() for word in words[:12])


def _company(found: Facet, without: str) -> Facet:
    """Return the values that come with one, that one left out and none of them chosen."""
    kept = tuple(
        FacetValue(each.value, each.count) for each in found.values if each.value != without
    )
    return Facet(found.name, kept[:12], found.distinct)


@blueprint.get("/browse/calendar")
def calendar() -> Response:
    """Answer with the archive's years."""
    years = _years()
    greatest = max((each.count for each in years), default=1)
    return rendered(
        "calendar.html",
        years=[(each.value, number(each.count), each.count, greatest) for each in years],
        addresses=Addresses(Request(), request.script_root),
    )


@blueprint.get("/browse/calendar/<int:number_>")
def year(number_: int) -> Response:
    """Answer with the days of a year, darker where more was published."""
    shared = site()
    name = f"{number_:04d}"
    known = [each.value for each in _years()]
    if name not in known:
        raise Missing(gettext("The archive has no articles of this year."))
    found = shared.engine.facet(_everything(filters={"year": (name,)}), "day", size=366, by="value")
    counts = {each.value: each.count for each in found.values}
    at = known.index(name)
    return rendered(
        "calendar_year.html",
        year=name,
        months=_months(number_, counts),
        days=_day_names(),
        later=known[at - 1] if at else "",
        earlier=known[at + 1] if at + 1 < len(known) else "",
        total=sum(counts.values()),
        addresses=Addresses(Request(), request.script_root),
    )


def _day_names() -> list[tuple[str, str]]:
    """Return the days of a week from Monday: short and whole names."""
    short = get_day_names("narrow", locale=language())
    whole = get_day_names("wide", locale=language())
    return [(short[each], whole[each]) for each in range(7)]


def _months(number_: int, counts: dict[str, int]) -> list[Month]:
    """Return a year's months; days are shaded in four steps of the greatest count."""
    root = request.script_root
    names = get_month_names("wide", "stand-alone", locale=language())
    greatest = max(counts.values(), default=1)
    shown = []
    for month in range(1, 13):
        weeks = []
        total = 0
        for week in months.Calendar().monthdayscalendar(number_, month):
            row = []
            for day in week:
                iso = f"{number_:04d}-{month:02d}-{day:02d}"
                count = counts.get(iso, 0) if day else 0
                total += count
                if not count:
                    row.append(Day(day))
                    continue
                label = gettext(
                    "%(day)s: %(count)s",
                    day=value_label("day", date.fromisoformat(iso).isoformat()),
                    count=number(count),
                )
                shade = 1 + min(3, 4 * count // (greatest + 1))
                row.append(Day(day, count, shade, f"{root}/search?from={iso}&to={iso}", label))
            weeks.append(tuple(row))
        first = f"{number_:04d}-{month:02d}"
        url = f"{root}/search?from={first}&to={first}" if total else ""
        shown.append(Month(names[month], tuple(weeks), total, url))
    return shown
